"""Values of properties: read by their odML type or their type in the file, or by their look."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from nixschema.descriptions.drafts import DOUBT, Draft, Reading, words
from nixschema.descriptions.keys import Key, keys_of
from nixschema.descriptions.mistakes import and_more, meant
from nixschema.model import Property
from nixschema.model.section import PropertyValue, storage_holds, widest
from nixschema.odml.native import native_text
from nixschema.odml.reading.typed import typing_of
from nixschema.odml_model.types import TUPLE
from nixschema.text.emit import Flow
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, boolean_of, core_value, doubt_of, integer_of, number_of


def is_tuple_type(dtype: str) -> bool:
    """Whether a type is of tuples; it is so in odML alone, NIX has texts for them."""
    found = TUPLE.fullmatch(dtype)
    return found is not None and len(found[1]) < 7


def tuple_type(draft: Draft) -> str:
    """The type of tuples that the values of a property are said to have, or nothing."""
    dtype = _word(draft, "dtype")
    return dtype if is_tuple_type(dtype) else ""


def read_short(reading: Reading, draft: Draft) -> None:
    """The values of a property that is nothing but its values."""
    node = draft.node
    if not (isinstance(node, Scalar) and node.is_null):
        _take(reading, draft, node)


def is_nested(reading: Reading, draft: Draft) -> bool:
    """Whether a property is a mapping of keys that no property has, which is told."""
    keys = list(draft.node.items) if isinstance(draft.node, Mapping) else []
    if not keys or not keys_of(Property).keys().isdisjoint(keys):
        return False
    if any(meant(name, list(keys_of(Property))) for name in keys):
        return False
    message = f"the property is a mapping of {and_more(keys)}; expected `value` or `values`"
    help = "values do not nest: make a section of it, with these as its properties"
    reading.fault(draft, "", draft.node, "NIX102", message, help)
    return True


def read_value(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """The one value of a property."""
    if isinstance(draft.node, Mapping) and "values" in draft.node.items:
        other = draft.node.keys["value"]
        message = "a property has `value` or `values`, not both"
        reading.fault(draft, "values", other, "NIX133", message, "keep one of them")
        return
    if isinstance(node, Sequence):
        message = "`value` is a list; expected one value"
        reading.fault(draft, "values", node, "NIX102", message, "write `values` for several")
        return
    _take(reading, draft, node)


def read_values(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """The values of a property."""
    _take(reading, draft, node)


def _take(reading: Reading, draft: Draft, node: Node) -> None:
    items = node.items if isinstance(node, Sequence) else [node]
    scalars: list[Scalar] = []
    for item in items:
        if not isinstance(item, Scalar):
            message = f"a value is {words(item)}; expected texts, numbers or booleans"
            help = "values do not nest: make several properties of it, or a section"
            reading.fault(draft, "values", item, "NIX102", message, help)
            return
        scalars.append(item)
    read = _reader(reading, draft)
    values: list[Any] = []
    for scalar in scalars:
        value = read(scalar)
        if isinstance(value, Reason):
            reading.refuse(draft, "values", scalar, value)
            return
        values.append(value)
    if read is core_value:
        _doubt(reading, draft, scalars)
    storage = _word(draft, "storage")
    if tuple_type(draft):
        draft.odml["values"] = values
        values = [native_text(value) for value in values]
    kinds = set(map(type, values))
    if kinds == {int, float}:
        values = [float(one) for one in values]
    elif len(kinds) > 1:
        texts = [one for one, value in zip(scalars, values, strict=True) if type(value) is str]
        odd = texts[0] if 2 * len(texts) <= len(values) else _first_other(scalars, values)
        message = f"{words(odd)} beside values of another kind; expected values of one kind"
        help = "quote all values that are texts, or say the `dtype`"
        reading.fault(draft, "values", odd, "NIX102", message, help)
        return
    if storage and values and not _holds(storage, values):
        message = f"`storage` is `{storage}`, which does not hold the values"
        reading.fault(draft, "storage", node, "NIX104", message)
        return
    draft.data["values"] = values


def _holds(storage: str, values: list[PropertyValue]) -> bool:
    try:
        return storage_holds(storage, values)
    except TypeError:  # There is no such type.
        return False


def _doubt(reading: Reading, draft: Draft, scalars: list[Scalar]) -> None:
    """Tell the first value that may not be what it looks like."""
    for scalar in scalars:
        doubt = doubt_of(scalar)
        if doubt is not None:
            reading.fault(draft, "values", scalar, DOUBT, doubt.message, doubt.help)
            return


def finish_property(draft: Draft) -> None:
    """Say the type in the file only where it is not the widest for the values."""
    if dtype := tuple_type(draft):
        draft.data.pop("dtype", None)
        draft.odml["dtype"] = dtype
    values = draft.data.get("values", [])
    storage = draft.data.pop("storage", None)
    if storage is None and not values:
        storage = _STORAGE_OF_EMPTY.get(draft.data.get("dtype", ""))
    if storage is not None and storage != widest(values):
        draft.data["storage"] = storage


_STORAGE_OF_EMPTY = {"int": "int64", "float": "float64", "boolean": "boolean"}
"""Types in the file that an odML type says where there are no values."""

_PYTHON_TYPES = {"int": int, "float": float, "boolean": bool}


def values_tree(values: list[PropertyValue]) -> Any:
    """The values of a property as a tree: the one there is, or a list."""
    if len(values) == 1:
        return values[0]
    texts = [one for one in values if isinstance(one, str)]
    is_short = sum(map(len, texts)) <= _LONGEST_LINE and not any("\n" in one for one in texts)
    return Flow(list(values)) if is_short else list(values)


_LONGEST_LINE = 300


def is_sayable_in_json(value: object) -> bool:
    """Whether JSON has a word for a value: it has none for numbers that are not finite."""
    return not isinstance(value, float) or math.isfinite(value)


def needed_storage(model: Property, *, is_json: bool = False) -> str:
    """The type in the file, where neither the values nor their odML type tell it; else nothing."""
    if is_json and not model.dtype and not all(map(is_sayable_in_json, model.values)):
        return model.element_type
    values, dtype = model.values, model.dtype or ""
    if not values:
        usual = _STORAGE_OF_EMPTY.get(dtype, "string")
    else:
        read = _PYTHON_TYPES.get(dtype, str if dtype else type(values[0]))
        usual = widest(values) if type(values[0]) is read else ""
    return "" if usual == model.element_type else model.element_type


def _first_other(scalars: list[Scalar], values: list[Any]) -> Scalar:
    return next(one for one, value in zip(scalars, values, strict=True) if type(value) is not str)


def _reader(reading: Reading, draft: Draft) -> Callable[[Scalar], Any]:
    """What reads one value."""
    dtype = _word(draft, "dtype")
    if is_tuple_type(dtype):
        return _tuple_reader(dtype)
    wanted = _word(draft, "storage").lstrip("<>") or dtype
    if wanted in ("boolean",):
        return boolean_of
    if re.fullmatch(r"u?int(8|16|32|64)?|[iu][1248]", wanted):
        return integer_of
    if re.fullmatch(r"float(16|32|64)?|f[248]", wanted):
        return lambda scalar: number_of(scalar, json=reading.is_json)
    if wanted:
        return lambda scalar: scalar.text
    return core_value


def _tuple_reader(dtype: str) -> Callable[[Scalar], Any]:
    typing = typing_of(dtype)
    assert typing is not None

    def read(scalar: Scalar) -> Any:
        found = typing(scalar.text)
        if found is not None:
            return found
        number = dtype.partition("-")[0]
        help = "write it as `(1;2)`, with `;` between the elements"
        return Reason(f"{words(scalar)}, expected a tuple of {number}", help)

    return read


def _word(draft: Draft, key: str) -> str:
    node = draft.node.items.get(key) if isinstance(draft.node, Mapping) else None
    return node.text if isinstance(node, Scalar) and not node.is_null else ""
