"""What a rewrite may change: the closed list of section "Writing files" of the design.

Each allowance is a function that says whether something of the source may be what it is in the
target. Whatever none of them allows is a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, isnan
from typing import Any, NamedTuple, TypeAlias

from tests.writing.hdf5 import UTF8_TYPE, Attribute, Dataset, is_utf8, type_named
from tests.writing.known import DATASETS, KINDS, LIST_OF_UNITS, TEXTS, Kinds


class Thing(NamedTuple):
    """An object of the source."""

    address: int
    kinds: Kinds
    """What it is in the NIX format; nothing for what is not of the format."""


AttributeRule: TypeAlias = Callable[[Thing, str, Attribute, Attribute], bool]
DatasetRule: TypeAlias = Callable[[Thing, Dataset, Dataset], bool]
OrderRule: TypeAlias = Callable[[Thing], bool]


# Attributes


def a_text_is_utf8(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """A text of the format gets variable length, UTF-8, and a scalar space."""
    return (
        any(name in KINDS[kind].texts for kind in thing.kinds)
        and source.text is not None
        and target.text == source.text
        and target.type == UTF8_TYPE
        and target.space.kind == "scalar"
    )


def units_of_columns_are_utf8(
    thing: Thing, name: str, source: Attribute, target: Attribute
) -> bool:
    """The list of a frame's units gets variable length and UTF-8."""
    return (
        name == "units"
        and not thing.kinds.isdisjoint(LIST_OF_UNITS)
        and source.texts is not None
        and all(map(is_utf8, source.texts))
        and target.texts == source.texts
        and target.type == UTF8_TYPE
        and target.space == source.space
    )


def a_number_has_its_type(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """A number of the format gets the type that the format gives it, and a scalar space."""
    return (
        name not in ("version", "index")
        and _has_its_type(thing, name, source, target)
        and source.space.size == 1
        and target.space.kind == "scalar"
    )


def the_version_is_int32(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """The version gets the type that the format gives it."""
    return (
        name == "version"
        and _has_its_type(thing, name, source, target)
        and source.space.shape == target.space.shape == (3,)
    )


def the_index_is_int64(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """The index of a link gets the type that the format gives it; that of a column is a scalar."""
    column = "ColumnLink" in thing.kinds
    alone = column and source.space.size == 1 and target.space.kind == "scalar"
    return (
        name == "index"
        and _has_its_type(thing, name, source, target)
        and (alone or source.space == target.space)
    )


def _has_its_type(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    types = [KINDS[kind].numbers[name] for kind in thing.kinds if name in KINDS[kind].numbers]
    before, after = source.numbers, target.numbers
    return (
        target.type in map(type_named, types)
        and before is not None
        and after is not None
        and len(before) == len(after)
        and all(map(same_number, before, after))
    )


def same_number(before: Any, after: Any) -> bool:
    """Whether a number is the same in another type."""
    if isnan(before) or isnan(after):
        return isnan(before) and isnan(after)
    return bool(before == after) and (before != 0 or copysign(1, before) == copysign(1, after))


# Types of datasets


def lists_of_texts_are_utf8(thing: Thing, source: Dataset, target: Dataset) -> bool:
    """Texts of units, labels and properties get variable length and UTF-8."""
    known = not thing.kinds.isdisjoint((TEXTS, "Property"))
    return known and source.type[0] == "string" and target.type == UTF8_TYPE


def texts_of_variable_length_are_utf8(thing: Thing, source: Dataset, target: Dataset) -> bool:
    """Texts of variable length become UTF-8, whatever dataset of the format they are in."""
    known = not thing.kinds.isdisjoint(DATASETS)
    return known and source.type[:2] == ("string", None) and target.type == UTF8_TYPE


# Storage of datasets


def datasets_grow(thing: Thing, source: Dataset, target: Dataset) -> bool:
    """Datasets become chunked and resizable; the chunks and filters that there are stay."""
    if source.layout == "chunked":
        kept = (target.chunks, target.filters) == (source.chunks, source.filters)
    else:
        kept = source.layout != "virtual" and not source.outside and not target.filters
    return bool(source.space.shape) and target.resizable and kept and same_fill(source, target)


def same_fill(source: Dataset, target: Dataset) -> bool:
    """Whether what is read where nothing was written stays, where the types are the same."""
    return source.type != target.type or source.fill == target.fill


@dataclass(frozen=True)
class Allowances:
    """What may differ, as rules of which one must hold."""

    attributes: tuple[AttributeRule, ...]
    types: tuple[DatasetRule, ...]
    storage: tuple[DatasetRule, ...]
    orders: tuple[OrderRule, ...] = ()
    """Of which groups the order of links may be another."""


REWRITING = Allowances(
    attributes=(
        a_text_is_utf8,
        units_of_columns_are_utf8,
        a_number_has_its_type,
        the_version_is_int32,
        the_index_is_int64,
    ),
    types=(lists_of_texts_are_utf8, texts_of_variable_length_are_utf8),
    storage=(datasets_grow,),
)
"""What `convert` may change in a file of format 1.2. Beside these the target keeps the order of
links in groups where the source keeps none."""

NOTHING = Allowances((), (), ())
"""What a file and its copy may differ in."""
