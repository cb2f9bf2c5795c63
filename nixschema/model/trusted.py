"""Entities made of fields that are known to be sound, without validation."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from nixschema.model.container import Container
from nixschema.model.entity import Model, member_fields

M = TypeVar("M", bound=Model)


def trusted(kind: type[M], fields: dict[str, Any]) -> M:
    """An entity as validation with the context `LOADING` makes it, in a fraction of the time.

    Nothing is looked at: all values are just what validation would leave, units `Unit`s and values
    a `Checked` list. Containers belong to nobody, and neither do their members.

    Args:
        kind: class of the entity.
        fields: its fields; those whose defaults are made anew for each entity are among them.
    """
    made: M = kind.__new__(kind)
    put = object.__setattr__
    values = {**_defaults(kind), **fields}
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", set(fields))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    put(made, "_owner", None)
    put(made, "_container", None)
    put(made, "_pending", None)
    put(made, "_place", "")
    for name in member_fields(kind):
        values[name]._bind(made, name, loaded=True)
    return made


def container_of(members: list[Any]) -> Container[Any]:
    """A container of members that belong to nobody, and whose names are known to differ."""
    made: Container[Any] = Container()
    made._load(members)
    return made


@cache
def _defaults(kind: type[Model]) -> dict[str, Any]:
    """The fields of a class in their order, with their defaults."""
    return {name: one.get_default() for name, one in kind.model_fields.items()}


@cache
def made_anew(kind: type[Model]) -> frozenset[str]:
    """The fields that `trusted` has to be given."""
    fields = kind.model_fields.items()
    return frozenset(
        name for name, one in fields if one.default_factory is not None or one.is_required()
    )
