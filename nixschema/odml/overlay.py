"""The overlay: what a field of NIX does not read back as it is in odML, each with its guard.

``{"<field>": [<what the native field reads back as>, <the value of odML>]}``, as JSON in one
attribute. The value of odML holds as long as the native field reads as it did.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from nixschema.model.extra import Extra, Stored
from nixschema.model.overlay import is_pair, overlay_pairs
from nixschema.odml.comparing import is_same
from nixschema.odml.mapping import mapping
from nixschema.storage.typenames import type_of_name

VALUES = "values"
"""The field that stands for values and their type: both have one guard."""

_CARDINALITIES = ("sec_cardinality", "prop_cardinality", "val_cardinality")
_SCALARS = ("author", "version", "uncertainty", "dependency_value")


def encoded(value: Any) -> Any:
    """A value as JSON can have it and give it back: exact, and of its type."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else {"int": hex(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [encoded(one) for one in value]}
    if isinstance(value, Mapping):
        return {key: encoded(one) for key, one in value.items()}
    return [encoded(one) for one in value]


def decoded(value: Any) -> Any:
    """The value that `encoded` made of.

    Raises:
        ValueError, TypeError: it is none of those.
    """
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        if "int" in value:
            return int(value["int"], 16)
        if "float" in value:
            return float(value["float"])
        if "tuple" in value:
            return tuple(decoded(one) for one in value["tuple"])
    return {key: decoded(one) for key, one in value.items()}


def text_of(fields: Mapping[str, tuple[Any, Any]]) -> str:
    """The overlay of an entity as text: guard and value of each field."""
    said = {name: [encoded(one) for one in pair] for name, pair in fields.items()}
    return _JSON.encode(said)


_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def put(extra: Extra, fields: Mapping[str, tuple[Any, Any]]) -> None:
    """Give an entity its overlay; none where there is nothing to say."""
    if fields:
        extra.attributes[mapping().attribute] = text_attribute(text_of(fields))


def text_attribute(text: str) -> Stored:
    """An attribute that is a text."""
    return Stored(text, _text_type())


@cache
def _text_type() -> Any:
    return type_of_name("string")


def fields_of(extra: Extra) -> dict[str, tuple[Any, Any]] | None:
    """Guard and value of each field; None where the attribute is there and is no overlay."""
    stored = extra.attributes.get(mapping().attribute)
    if stored is None:
        return {}
    said = overlay_pairs(stored.value)
    if said is None:
        return None
    try:
        return {
            name: (decoded(pair[0]), decoded(pair[1]))
            for name, pair in said.items()
            if is_pair(pair)
        }
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None


def applied(native: dict[str, Any], fields: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """What odML has: the native readings, but for those fields whose guard still holds.

    Args:
        native: what the native fields read as, by the names of odML.
        fields: guard and value of each field.
    """
    found = dict(native)
    for name, (guard, value) in fields.items():
        if name == VALUES:
            _apply_values(native, found, guard, value)
        elif name in native and is_same(native[name], guard):
            value = fitting(name, value)
            if value is not UNFIT:
                found[name] = value
    return found


def differing(read: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The overlay of an entity: guard and value of each field that odML has otherwise.

    Args:
        read: what the native fields read as, by the names of odML.
        wanted: what odML has; a field that is not in it is as it is read.
    """
    said: dict[str, tuple[Any, Any]] = {}
    if VALUES in read:
        native = (read["dtype"], read[VALUES])
        odml = (wanted.get("dtype", native[0]), wanted.get(VALUES, native[1]))
        if not (is_same(native[0], odml[0]) and is_same(native[1], odml[1])):
            said[VALUES] = values_pair(native, odml)
    for name, value in read.items():
        if name in (VALUES, "dtype") or name not in wanted:
            continue
        other = wanted[name]
        if value is not other and not is_same(value, other):
            said[name] = (value, list(other) if isinstance(other, tuple) else other)
    return said


def values_pair(
    native: tuple[str | None, list[Any]], wanted: tuple[str | None, list[Any]]
) -> tuple[Any, Any]:
    """Guard and value of values with their type; the values themselves only where they differ."""
    guard = {"dtype": native[0], "values": native[1]}
    if is_same(native[1], wanted[1]):
        return guard, {"dtype": wanted[0]}
    return guard, {"dtype": wanted[0], "values": wanted[1]}


def _apply_values(native: dict[str, Any], found: dict[str, Any], guard: Any, value: Any) -> None:
    if not (isinstance(guard, dict) and isinstance(value, dict)) or VALUES not in native:
        return
    holds = is_same(guard.get("dtype"), native["dtype"])
    if not (holds and is_same(guard.get("values"), native["values"])):
        return
    dtype, values = value.get("dtype"), value.get("values", native["values"])
    if not (dtype is None or isinstance(dtype, str)) or not isinstance(values, list):
        return
    if all(map(is_value, values)):
        found["dtype"], found["values"] = dtype, values


UNFIT = object()
"""What `fitting` makes of what is no value of a field."""


def fitting(name: str, value: Any) -> Any:
    """A value as the field has it, or `UNFIT`: an overlay may come from anywhere."""
    if name in _CARDINALITIES:
        if value is None:
            return None
        is_pair = isinstance(value, list) and len(value) == 2
        if is_pair and all(one is None or type(one) is int for one in value):
            return (value[0], value[1])
        return UNFIT
    if name == "name":
        return value if isinstance(value, str) else UNFIT
    if name in _SCALARS:
        return value if value is None or isinstance(value, str | bool | int | float) else UNFIT
    return value if value is None or isinstance(value, str) else UNFIT


def is_value(value: Any) -> bool:
    """Whether something is one value of a property."""
    if isinstance(value, tuple):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | bool | int | float)
