"""Attributes of entities: the fields that are one, and those that no field claims."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

from h5py import h5a

from nixschema.layout import Attribute, layout_of
from nixschema.model import Model
from nixschema.model.extra import Stored
from nixschema.model.fields import time_as_text
from nixschema.storage import making
from nixschema.storage.copying import Copier
from nixschema.storage.datasets import ObjectSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.names import name_bytes
from nixschema.storage.plan import plan_of


class _Written(NamedTuple):
    """A field that is an attribute, and how its values are written."""

    field: str
    name: str
    raw: bytes
    kind: str
    """``time``, ``text`` or the type of a number."""


@cache
def written_attributes(model: type[Model]) -> tuple[_Written, ...]:
    """The fields of a class that are attributes, in the order in which they are written."""
    return tuple(
        _Written(one.field, one.name, one.name.encode(), _kind(one.text, one.is_text, one.place))
        for one in layout_of(model).values()
        if isinstance(one.place, Attribute)
    )


def _kind(text: str, is_text: bool, place: Attribute) -> str:
    if text == "datetime":
        return "time"
    if is_text:
        return "text"
    return place.dtype or ("int64" if text.endswith("integer") else "float64")


def write_attributes(
    model: Model, fields: Mapping[str, Any], owner: Any, copier: Copier
) -> list[tuple[str, str]]:
    """Write the attributes of an entity.

    Args:
        model: the entity.
        fields: its values.
        owner: its HDF5 object.
        copier: copies what is not in memory.

    Returns:
        Names of attributes that could not be written, each with the reason.
    """
    kind = type(model)
    absent = plan_of(kind).absent
    written: set[str] = set()
    lost: list[tuple[str, str]] = []
    for field, name, raw, how in written_attributes(kind):
        value = fields[field]
        if value is None or (value == "" and field in absent):
            continue
        if field == "name" and "name" not in model.__pydantic_fields_set__:
            continue
        written.add(name)
        try:
            _write(model, name, raw, how, value, owner)
        except FAULTS as error:
            lost.append((name, str(error)))
    if model.extra.attributes:
        lost += write_leftover_attributes(model.extra.attributes, owner, copier, written)
    return lost


def rewrite_attributes(model: Model, names: Collection[str], owner: Any, copier: Copier) -> None:
    """Write some attributes of an entity anew, and remove those that it has no longer.

    Args:
        model: the entity.
        names: names of the attributes.
        owner: its HDF5 object.
        copier: copies what is not in memory.

    Raises:
        ValueError: one of them cannot be written.
    """
    fields = {name: (field, how) for field, name, _, how in written_attributes(type(model))}
    for name in names:
        raw = name_bytes(name)
        if h5a.exists(owner, raw):
            h5a.delete(owner, raw)
        field, how = fields.get(name, ("", ""))
        value = model.__dict__.get(field)
        if value is not None:
            _write(model, name, raw, how, value, owner)
        elif (stored := model.extra.attributes.get(name)) is not None:
            lost = write_leftover_attributes({name: stored}, owner, copier)
            if lost:
                raise ValueError(f"{model.path}: `{name}` cannot be written: {lost[0][1]}")


def _write(model: Model, name: str, raw: bytes, how: str, value: Any, owner: Any) -> None:
    form = model.extra.form
    if how == "time":
        making.text_attribute(owner, raw, time_as_text(value))
    elif how != "text":
        if form is not None and name in form.scalars and isinstance(value, list):
            value = value[0] if len(value) == 1 else value
        making.number_attribute(owner, raw, value, how)
    elif form is not None and name in form.texts and form.texts[name].value == value:
        making.stored_attribute(owner, name, form.texts[name])
    else:
        making.text_attribute(owner, raw, value)


def write_leftover_attributes(
    attributes: Mapping[str, Stored],
    owner: Any,
    copier: Copier,
    written: set[str] | frozenset[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Write attributes of the remainder, those excepted that a field has written."""
    lost: list[tuple[str, str]] = []
    for name, stored in attributes.items():
        if name in written:
            continue
        try:
            if isinstance(stored.source, ObjectSource):
                copier.copy_attribute(stored.source, owner, name)
            else:
                making.stored_attribute(owner, name, stored)
        except FAULTS as error:
            lost.append((name, " ".join(str(error).split())[:200]))
    return lost
