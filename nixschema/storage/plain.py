"""Plain values of attributes and small datasets for the fields they are for.

Each function gives the value, or the `Problem` that keeps it from being one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nixschema.array import Array, shape_text
from nixschema.layout import FieldPlace
from nixschema.model.extra import Problem
from nixschema.model.section import STORAGE_TYPES
from nixschema.model.units import Unit
from nixschema.storage.tree import Node, NodeAttribute
from nixschema.storage.words import dataset_words, value_words

LARGEST_LIST = 10_000_000
"""Longer lists of labels, units, positions or property values are left in the file."""


def attribute_value(attribute: NodeAttribute, one: FieldPlace) -> Any:
    """The plain value of an attribute for a field, or why there is none."""
    if attribute.fault:
        return Problem("NIX110", one.name, attribute.fault, "a value that can be read")
    value = attribute.value
    if value is None:
        return Problem("NIX110", one.name, "an empty dataspace", "a value")
    if attribute.type is not None and attribute.type.kind not in _PLAIN_KINDS:
        return Problem("NIX102", one.name, value_words(attribute), _KINDS.get(one.text, one.text))
    if isinstance(value, np.ndarray):
        if one.many and value.ndim <= 1 and value.dtype.kind in "iufb":
            return value.reshape(-1).tolist()
        if value.size != 1:
            found = f"an array of {shape_text(value.shape)} values"
            return Problem("NIX109", one.name, found, "a single value")
        value = value.reshape(-1)[0]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str) and not is_utf8(value):
            value = value.encode("utf-8", "surrogateescape")
        if isinstance(value, bytes):
            value = _decoded(value)
    if isinstance(value, bytes) and attribute.type is not None and attribute.type.kind == "string":
        return Problem("NIX103", one.name, f"the bytes {value[:40]!r}", "text in UTF-8")
    if not isinstance(value, str | int | float):
        return Problem("NIX102", one.name, value_words(attribute), _KINDS.get(one.text, one.text))
    if one.text == "number" and not _fits_float(value):
        return Problem("NIX104", one.name, value_words(attribute), "a number of 64 bits or less")
    return [value] if one.many else value


def _fits_float(value: Any) -> bool:
    return not isinstance(value, int) or int(float(value)) == value


_PLAIN_KINDS = ("string", "integer", "float", "boolean")
"""Types of attributes that a field may have."""

_KINDS = {
    "text": "a text",
    "Unit": "a text",
    "number": "a number",
    "datetime": "a time as `20210304T120000`",
    "integer": "a whole number",
}


def unit_texts(attribute: NodeAttribute, columns: int, name: str) -> list[str] | Problem:
    """Units of a frame's columns as texts."""
    value = attribute.value
    expected = f"one unit for each of {columns} columns"
    if attribute.fault or value is None:
        return Problem("NIX110", name, attribute.fault or "an empty dataspace", expected)
    if attribute.type is None or attribute.type.kind != "string":
        return Problem("NIX102", name, value_words(attribute), expected)
    values = list(value.reshape(-1)) if isinstance(value, np.ndarray) else [value]
    texts = [_decoded(bytes(item)) if isinstance(item, bytes) else item for item in values]
    if not all(isinstance(text, str) and is_utf8(text) for text in texts):
        return Problem("NIX103", name, "bytes", "text in UTF-8")
    if len(texts) != columns and not isinstance(value, np.ndarray):
        return Problem("NIX109", name, value_words(attribute), expected)
    if len(texts) != columns:
        return Problem("NIX208", name, f"{len(texts)} units", expected)
    return [str(text) for text in texts]


def array_value(one: FieldPlace, node: Node) -> Array | Problem:
    """The array of a dataset, left on disk."""
    if node.data is None:
        found = node.fault or "an empty dataspace"
        return Problem("NIX110", one.name, found, "values that can be read")
    return placed(node, node.data)


def placed(node: Node, data: Array) -> Array:
    """A dataset's array, told where it lies."""
    source: Any = data.source
    if hasattr(source, "place"):
        source.place = source.place or node.path
        source.shared = node.shared
    return data


def list_value(one: FieldPlace, node: Node) -> list[Any] | Problem:
    """The values of a small dataset as plain Python values, or why there are none."""
    expected = "a list of texts" if one.is_text else "a list of numbers"
    if one.field == "values":
        expected = "a list of texts, booleans or numbers"
    data = node.data
    if data is None or node.fault:
        return Problem("NIX110", one.name, node.fault or "an empty dataspace", expected)
    if data.ndim != 1:
        return Problem("NIX109", one.name, dataset_words(node), expected)
    if not _fits(one, node):
        return Problem("NIX102", one.name, dataset_words(node), expected)
    if data.size > LARGEST_LIST:
        return Problem("NIX110", one.name, f"{data.size:,} values", f"at most {LARGEST_LIST:,}")
    try:
        values = placed(node, data).read().tolist()
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        found = " ".join(str(error).split())[:200]
        return Problem("NIX110", one.name, found, "values that can be read")
    if values and isinstance(values[0], bytes):
        values = [_decoded(value) for value in values]
    if values and isinstance(values[0], str | bytes):
        for number, value in enumerate(values):
            if isinstance(value, bytes) or not is_utf8(value):
                found = f"bytes in value {number + 1}"
                return Problem("NIX103", one.name, found, "text in UTF-8")
        if one.text.endswith("Unit"):
            return [Unit(value) for value in values]
    return list(values)


def storage_name(node: Node) -> str | None:
    """Name of a property's element type."""
    data = node.data
    assert data is not None
    kind = _element_kind(node)
    if kind == "string":
        return "string"
    if kind in ("boolean", "bitfield"):
        return "boolean"
    if data.dtype.byteorder == ">":
        return data.dtype.str
    return data.dtype.name if data.dtype.name in STORAGE_TYPES else None


def _fits(one: FieldPlace, node: Node) -> bool:
    kind = _element_kind(node)
    if one.field == "values":
        return kind in ("string", "boolean", "bitfield") or _is_plain_number(node)
    return kind == "string" if one.is_text else _is_plain_number(node)


def _is_plain_number(node: Node) -> bool:
    assert node.data is not None
    dtype = node.data.dtype
    plain = _element_kind(node) in ("integer", "float")
    return plain and dtype.kind in "iuf" and dtype.itemsize <= 8


def _element_kind(node: Node) -> str:
    """Class of a dataset's elements; values made from an old layout have no type of their own."""
    if node.type is not None:
        return node.type.kind
    return "string" if node.data is None or node.data.dtype == object else "float"


def _decoded(raw: bytes) -> str | bytes:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def is_utf8(text: str) -> bool:
    """Whether a text that was read has no bytes in it that are no UTF-8."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
