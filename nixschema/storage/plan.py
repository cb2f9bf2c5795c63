"""The fields of a model class, sorted by kind of place and by name on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from nixschema.layout import (
    Attribute,
    Columns,
    Dataset,
    FieldPlace,
    Link,
    Links,
    Member,
    Members,
    Value,
    layout_of,
)
from nixschema.model import Model

_UNSET_WHEN_ABSENT: dict[str, Any] = {
    "id": "",
    "type": "",
    "created_at": None,
    "updated_at": None,
    "dimension_type": None,
    "format": None,
    "version": None,
}
"""What a field with a default for new entities has where a file lacks it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields of a class, by kind of place and name on disk."""

    attributes: dict[str, FieldPlace]
    datasets: dict[str, FieldPlace]
    groups: dict[str, FieldPlace]
    parts: dict[str, FieldPlace]
    links: dict[str, FieldPlace]
    links_by_id: tuple[FieldPlace, ...]
    link_groups: dict[str, FieldPlace]
    repeated: frozenset[str]
    """Names of groups that repeat others in the way of another library."""
    columns: FieldPlace | None
    itself: bool
    children: tuple[FieldPlace, ...]
    """Fields that are links of the entity's group, in the order in which they are written."""
    rank: dict[str, int]
    """Order in which the links of an entity are written, by name."""
    absent: dict[str, Any]


@cache
def plan_of(model: type[Model]) -> Plan:
    """The plan of a class."""
    fields = list(layout_of(model).values())
    chosen: dict[type, dict[str, FieldPlace]] = {}
    for one in fields:
        chosen.setdefault(type(one.place), {})[one.name] = one
    values = chosen.get(Value, {})
    links = [one for one in fields if isinstance(one.place, Link)]
    groups = dict(chosen.get(Links, {}))
    for one in list(groups.values()):
        if isinstance(one.place, Links) and one.place.also:
            groups[one.place.also] = one
    by_id = [one for one in links if isinstance(one.place, Link) and one.place.by == "id"]
    return Plan(
        attributes={one.name: one for one in reversed(fields) if isinstance(one.place, Attribute)},
        datasets={
            **chosen.get(Dataset, {}),
            **{name: one for name, one in values.items() if not _is_itself(one)},
        },
        groups=chosen.get(Members, {}),
        parts=chosen.get(Member, {}),
        links={one.name: one for one in links if one not in by_id},
        links_by_id=tuple(by_id),
        link_groups=groups,
        repeated=frozenset(name for name, one in groups.items() if name != one.name),
        columns=next(iter(chosen.get(Columns, {}).values()), None),
        itself=any(_is_itself(one) for one in values.values()),
        children=tuple(_children(fields)),
        rank={name: number for number, name in enumerate(_link_order(fields))},
        absent={
            name: value for name, value in _UNSET_WHEN_ABSENT.items() if name in layout_of(model)
        },
    )


def _link_order(fields: list[FieldPlace]) -> Iterator[str]:
    """Names of an entity's children: its own parts first, then links to what others own."""
    for one in _children(fields):
        yield one.name
        if isinstance(one.place, Links) and one.place.also:
            yield one.place.also


def _children(fields: list[FieldPlace]) -> Iterator[FieldPlace]:
    for kinds in ((Dataset, Value, Members, Member), (Links,), (Link,)):
        yield from (one for one in fields if isinstance(one.place, kinds))


def _is_itself(one: FieldPlace) -> bool:
    return isinstance(one.place, Value) and one.place.itself
