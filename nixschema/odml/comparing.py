"""Whether two odML documents are the same, and where they are not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from nixschema.odml_model.document import Document, Property, Section

DOCUMENT_FIELDS = ("id", "author", "version", "date", "repository")
SECTION_FIELDS = (
    "name",
    "id",
    "type",
    "definition",
    "reference",
    "repository",
    "link",
    "include",
    "sec_cardinality",
    "prop_cardinality",
)
PROPERTY_FIELDS = (
    "name",
    "id",
    "values",
    "dtype",
    "unit",
    "uncertainty",
    "definition",
    "reference",
    "value_origin",
    "dependency",
    "dependency_value",
    "val_cardinality",
)


class Difference(NamedTuple):
    """A field that two documents do not have in common."""

    path: str
    """Of the entity in the first document, as in a NIX file."""
    field: str
    one: object
    other: object
    """Both fields; of lists of members, how many there are."""


def equal_documents(one: Document, other: Document) -> list[str]:
    """What differs between two documents, a line for each field; nothing where they are equal.

    Order counts, and so do ids; places do not. Numbers are equal to numbers of their own type:
    ``1`` is neither ``1.0`` nor ``True``. A NaN equals another.
    """
    return [
        f"{found.path} {found.field}: {_shown(found.one)} != {_shown(found.other)}"
        for found in differences(one, other)
    ]


def differences(one: Document, other: Document) -> Iterator[Difference]:
    """What differs between two documents: `equal_documents`, field by field."""
    yield from _fields("/metadata", one, other, DOCUMENT_FIELDS)
    stack = [("/metadata", one.sections, other.sections)]
    while stack:
        path, mine, others = stack.pop()
        yield from _members(path, "sections", mine, others)
        group = path if path == "/metadata" else f"{path}/sections"
        inner = []
        for first, second in zip(mine, others, strict=False):
            below = f"{group}/{first.name}"
            yield from _section(below, first, second)
            inner.append((below, first.sections, second.sections))
        stack.extend(reversed(inner))


def is_same(one: object, other: object) -> bool:
    """Whether two fields are the same: of one type, and equal or both NaN."""
    if one is other:
        return True
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return (
            isinstance(one, list) is isinstance(other, list)
            and len(one) == len(other)
            and all(map(is_same, one, other))
        )
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return type(one) is type(other) and one == other


def _section(path: str, one: Section, other: Section) -> Iterator[Difference]:
    yield from _fields(path, one, other, SECTION_FIELDS)
    yield from _members(path, "properties", one.properties, other.properties)
    for first, second in zip(one.properties, other.properties, strict=False):
        yield from _fields(f"{path}/properties/{first.name}", first, second, PROPERTY_FIELDS)


def _members(
    path: str,
    field: str,
    ones: list[Section] | list[Property],
    others: list[Section] | list[Property],
) -> Iterator[Difference]:
    if len(ones) != len(others):
        yield Difference(path, field, len(ones), len(others))


def _fields(path: str, one: object, other: object, fields: tuple[str, ...]) -> Iterator[Difference]:
    for field in fields:
        if not is_same(first := getattr(one, field), second := getattr(other, field)):
            yield Difference(path, field, first, second)


def _shown(value: object) -> str:
    if isinstance(value, list) and len(value) > 100:
        value = value[:100]
    if isinstance(value, int) and value.bit_length() > 10_000:
        return "a number of many digits"
    try:
        text = repr(value)
    except ValueError:  # Among the values is a number of many digits.
        return "values of many digits"
    return text if len(text) <= 300 else text[:299] + "…"
