"""Whether two odML documents are the same, and where they are not."""

from __future__ import annotations

import math

from nixschema.odml.model import Document, Property, Section

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


def equal_documents(one: Document, other: Document) -> list[str]:
    """What differs between two documents, a line for each field; nothing where they are equal.

    Order counts, and so do ids; places do not. Numbers are equal to numbers of their own type:
    ``1`` is neither ``1.0`` nor ``True``. A NaN equals another.
    """
    differences = _fields("/", one, other, DOCUMENT_FIELDS)
    stack = [("", one.sections, other.sections)]
    while stack:
        path, mine, others = stack.pop()
        differences += _members(path or "/", "sections", mine, others)
        inner = []
        for first, second in zip(mine, others, strict=False):
            below = f"{path}/{first.name}"
            differences += _section(below, first, second)
            inner.append((below, first.sections, second.sections))
        stack.extend(reversed(inner))
    return differences


def is_same(one: object, other: object) -> bool:
    """Whether two fields are the same: of one type, and equal or both NaN."""
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


def _section(path: str, one: Section, other: Section) -> list[str]:
    differences = _fields(path, one, other, SECTION_FIELDS)
    differences += _members(path, "properties", one.properties, other.properties)
    for first, second in zip(one.properties, other.properties, strict=False):
        differences += _fields(f"{path}:{first.name}", first, second, PROPERTY_FIELDS)
    return differences


def _members(
    path: str,
    field: str,
    ones: list[Section] | list[Property],
    others: list[Section] | list[Property],
) -> list[str]:
    if len(ones) == len(others):
        return []
    return [f"{path} {field}: {len(ones):,} != {len(others):,}"]


def _fields(path: str, one: object, other: object, fields: tuple[str, ...]) -> list[str]:
    return [
        f"{path} {field}: {_shown(first)} != {_shown(second)}"
        for field in fields
        if not is_same(first := getattr(one, field), second := getattr(other, field))
    ]


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
