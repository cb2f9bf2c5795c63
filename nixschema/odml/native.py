"""Single fields, both ways: what NIX holds of a field of odML, and what that reads back as.

By the mapping, without overlay and without reserved section. Data of NIX are dicts of fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from nixschema.model.fields import is_uuid
from nixschema.model.section import widest
from nixschema.odml import overlay
from nixschema.odml.mapping import mapping
from nixschema.odml.writing.values import value_text
from nixschema.odml_model.document import Property, Section, Value
from nixschema.odml_model.kinds import common_kind
from nixschema.odml_model.types import plain_type

_UNHOLDABLE = re.compile("[\0\ud800-\udfff]")
"""What no text in HDF5 can have in it."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?inf|nan", re.ASCII)

_LONGEST_NAME = 10_000
_NAMELESS = "unnamed"

_ENCODED = re.compile("[/%\0]")


def native_text(value: object) -> str:
    """A text that NIX can hold; anything else written out."""
    text = value if isinstance(value, str) else value_text(value)  # type: ignore[arg-type]
    return text if text.isascii() and "\0" not in text else _UNHOLDABLE.sub("\ufffd", text)


def native_name(name: str) -> str:
    """A name that a link in HDF5 can have, percent-encoded only where it must be."""
    if not name:
        return _NAMELESS
    if name in (".", ".."):
        return name.replace(".", "%2E")
    if "/" in name or "\0" in name:
        name = _ENCODED.sub(lambda found: f"%{ord(found[0]):02X}", name)
    return native_text(name)[:_LONGEST_NAME]


def native_id(text: str | None) -> str | None:
    """A UUID, or None where the text is none."""
    return text if text is not None and len(text) <= 60 and is_uuid(text) else None


def native_number(value: object) -> float | None:
    """The number that a field means, or None."""
    if isinstance(value, str):
        text = value.strip()
        return float(text) if len(text) < 1000 and _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def section_data(section: Section) -> dict[str, Any]:
    """Texts and type of a section, as NIX has them."""
    data: dict[str, Any] = {}
    for one, nix, kind, unset in _section_rows():
        value = getattr(section, one)
        if kind == "label":
            data[nix] = native_text(value) if value else unset
        elif value is not None:
            data[nix] = native_text(value)
    return data


def property_data(one: Property) -> dict[str, Any]:
    """Values and texts of a property, as NIX has them."""
    data = values_data(one.values, one.dtype)
    for value, (_, nix, kind, _) in zip(_rows_of()(one), _property_rows(), strict=True):
        if value is None:
            continue
        if kind == "number":
            value = native_number(value)
            if value is not None:
                data[nix] = value
        else:
            data[nix] = native_text(value)
    return data


def values_data(values: list[Value], dtype: str | None) -> dict[str, Any]:
    """Values, their odML type and their type in the file, as NIX has them."""
    name = plain_type(dtype)
    types = mapping().odml_types
    if not values:
        storage = mapping().storages.get(name, "string")
        data: dict[str, Any] = {"values": []}
        if name in types:
            data["dtype"] = types[name]
        if storage != "string":
            data["storage"] = storage
        return data
    kind = common_kind(values)
    wanted = name or kind or ""
    if kind == "string":
        texts = [native_text(value) for value in values]
        return _typed(texts, wanted if mapping().storages.get(wanted) == "string" else "")
    if kind == "boolean":
        return _typed(list(values), "boolean" if wanted == "boolean" else "")
    if kind == "float":
        return _typed(list(values), "float" if wanted == "float" else "")
    if kind == "int":
        numbers = [value for value in values if isinstance(value, int)]
        if min(numbers) >= -(2**63) and max(numbers) < (2**63 if min(numbers) < 0 else 2**64):
            return _typed(numbers, "int" if wanted == "int" else "")
    elif all(type(value) in (int, float) for value in values):
        known = [native_number(value) for value in values]
        if None not in known:
            return _typed(known, "float" if wanted == "float" else "")
    return _typed([native_text(value) for value in values], "")


def _typed(values: list[Any], name: str) -> dict[str, Any]:
    dtype = mapping().odml_types.get(name)
    return {"values": values} if dtype is None else {"values": values, "dtype": dtype}


def section_reading(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a NIX section read as in odML; its link is not among them."""
    read: dict[str, Any] = {"name": data.get("name", ""), "id": data.get("id") or None}
    for field, nix, _, _ in _section_rows():
        read[field] = _text(data.get(nix))
    read |= _nothing("section")
    return read


def property_reading(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a NIX property read as in odML."""
    values = list(data.get("values") or ())
    read: dict[str, Any] = {
        "name": data.get("name", ""),
        "id": data.get("id") or None,
        "values": values,
        "dtype": _read_type(data),
    }
    for field, nix, kind, _ in _property_rows():
        value = data.get(nix)
        read[field] = value if kind == "number" else _text(value)
    read |= _nothing("property")
    return read


def property_overlay(one: Property, data: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The overlay of a property: what `overlay.differing` says, by the shortest way.

    Args:
        one: what odML has.
        data: what NIX has of it.
    """
    wanted = _fields_of()(one)
    values = one.values
    # Of one kind on both sides; else what is equal may still be of another type.
    is_plain = len({*map(type, values)}) <= 1 and type(one.uncertainty) in _FLOAT
    if (
        is_plain
        and data["values"] == values
        and _read_type(data) == one.dtype
        and tuple(map(data.get, _nix_names())) == wanted
    ):
        return {} if data["id"] == one.id else {"id": (data["id"], one.id)}
    read = property_reading(data)
    return overlay.differing(read, {name: getattr(one, name) for name in read})


_FLOAT = (float, type(None))


@cache
def _rows_of() -> Callable[[Property], tuple[Any, ...]]:
    """The fields of a property in odML that `_property_rows` tells."""
    return attrgetter(*(field for field, _, _, _ in _property_rows()))


@cache
def _fields_of() -> Callable[[Property], tuple[Any, ...]]:
    """The fields of a property in odML, but for values, their type and the id."""
    rows = [field for field, _, _, _ in _property_rows()]
    return attrgetter("name", *rows, *_nothing("property"))


@cache
def _nix_names() -> tuple[str, ...]:
    """The fields in NIX of the fields of `_fields_of`; nothing where there is none."""
    rows = [nix for _, nix, _, _ in _property_rows()]
    return ("name", *rows, *("" for _ in _nothing("property")))


def type_of_storage(storage: str) -> str:
    """The type of odML that a type in the file tells: texts are texts, whatever they look like."""
    if storage in ("string", "boolean"):
        return storage
    return "float" if "f" in storage else "int"


def _read_type(data: Mapping[str, Any]) -> str:
    """The type that the values of a NIX property read as."""
    dtype = type_of_storage(data.get("storage") or widest(data.get("values") or []))
    declared: str | None = data.get("dtype")
    return declared if declared and _basic(declared) == dtype else dtype


def _basic(dtype: str) -> str:
    """The type whose values are of one type in the file with those of another."""
    return "string" if mapping().storages.get(dtype) == "string" else dtype


def _text(value: Any) -> Any:
    return value if value is None else str(value)


@cache
def _section_rows() -> tuple[tuple[str, str, str, str], ...]:
    return _rows("section", "label", "text", "scalar")


@cache
def _property_rows() -> tuple[tuple[str, str, str, str], ...]:
    return _rows("property", "text", "scalar", "number")


@cache
def _nothing(entity: str) -> dict[str, None]:
    """Fields of odML that NIX has no place for."""
    return {one.field: None for one in mapping().of_kind(entity, "nothing")}


def _rows(entity: str, *kinds: str) -> tuple[tuple[str, str, str, str], ...]:
    fields = mapping().of_kind(entity, *kinds)
    return tuple((one.field, one.nix, one.kind, one.unset) for one in fields)
