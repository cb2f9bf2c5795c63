"""New entities of a file: what another file has, without members and links."""

from __future__ import annotations

from typing import Any, TypeVar

from nixschema.layout import layout_of
from nixschema.model import Container, Property, Section
from nixschema.model.extra import Extra
from nixschema.model.fields import LOADING
from nixschema.odml import overlay
from nixschema.odml.mapping import mapping
from nixschema.odml.reserved import attribute_word

T = TypeVar("T", Section, Property)

_NOT_TAKEN = ("id", "link", "properties", "sections", "extra")


def made_of(model: T, id: str, name: str, time: Any) -> tuple[T, list[str]]:
    """An entity like another, and names of what it does not take over.

    Args:
        model: the other.
        id: of the new one; with another id it is another thing, which is made now.
        name: of the new one.
        time: now.
    """
    kind = type(model)
    data: dict[str, Any] = {
        field: value
        for field, value in model.__dict__.items()
        if field not in _NOT_TAKEN and value is not None
    }
    data |= {"id": id, "name": name, "extra": Extra()}
    if "unit" in data:
        data["unit"] = str(data["unit"])
    if id != model.id:
        data |= {"created_at": time, "updated_at": time}
    for field in ("created_at", "updated_at"):
        data.setdefault(field, None)
    made = kind.model_validate(data, context=LOADING)
    said = dict(overlay.fields_of(model.extra) or {})
    said.pop("link", None)
    if id != model.id:
        said.pop("id", None)
    if name != model.name:
        said.pop("name", None)
    overlay.put(made.extra, said)
    left = list(model.extra.members)
    fields = {one.name for one in layout_of(kind).values()}
    for attribute, stored in model.extra.attributes.items():
        if attribute == mapping().attribute:
            continue
        if attribute in fields or attribute_word(stored) is None:
            left.append(attribute)
        else:
            made.extra.attributes[attribute] = stored
    return made, left


def free_name(name: str, members: Container[Any]) -> str:
    """A name that no member has: the one given, or that with a number."""
    number = 1
    free = name
    while members.by_name(free) is not None:
        number += 1
        free = f"{name}-{number}"
    return free
