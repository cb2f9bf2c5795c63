"""What an odML document holds: sections of properties, each field as it was written.

Plain classes: an odML file may hold what no rule allows, and nothing of it is lost or refused here.
A field that is None is not there. Fields are named as in Python's odML library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

Value: TypeAlias = str | bool | int | float | tuple[str, ...]
"""One value of a property. Dates and times are texts as written, tuples are of texts. A value that
does not fit the type of its property is a text, too."""

Cardinality: TypeAlias = tuple[int | None, int | None]
"""How many there may be: at least and at most; None where it is open."""

Scalar: TypeAlias = str | bool | int | float
"""A field that is a text in XML, and in JSON and YAML whatever is written."""


class Placed(Protocol):
    """What stands somewhere in a text."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""
    fields: Mapping[str, Placed] = field(default_factory=dict, repr=False, compare=False)
    """Its fields, by their names, as they stand there."""

    def of(self, name: str) -> tuple[int, int]:
        """Line and column of a field; its own where the field is not there."""
        found: Placed | Place = self.fields.get(name, self)
        return found.line, found.column


NOWHERE = Place(0, 0)
"""The place of what was not read from a text."""


@dataclass(slots=True, eq=False)
class Property:
    """A named list of values of one type, with a unit."""

    name: str
    id: str | None = None
    """UUID as written; None where a file has none."""
    values: list[Value] = field(default_factory=list)
    dtype: str | None = None
    """Type of the values as written, such as ``int`` or ``2-tuple``."""
    unit: str | None = None
    uncertainty: Scalar | None = None
    """A number; a text where it is written as something else."""
    definition: str | None = None
    reference: str | None = None
    value_origin: str | None = None
    dependency: str | None = None
    """Name of another property of the section."""
    dependency_value: Scalar | None = None
    val_cardinality: Cardinality | None = None
    place: Place = NOWHERE


@dataclass(slots=True, eq=False)
class Section:
    """Properties about one subject, and sections that are parts of it."""

    name: str
    id: str | None = None
    type: str | None = None
    """None where a file has none; ``n.s.`` is what odML says for that."""
    definition: str | None = None
    reference: str | None = None
    repository: str | None = None
    link: str | None = None
    """Path of another section of the document, whose content belongs here too."""
    include: str | None = None
    """Address of another document, and ``#`` and the path of a section in it."""
    sec_cardinality: Cardinality | None = None
    prop_cardinality: Cardinality | None = None
    properties: list[Property] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    place: Place = NOWHERE


@dataclass(slots=True, eq=False)
class Document:
    """A tree of sections, with what is said about the document itself."""

    id: str | None = None
    author: Scalar | None = None
    version: Scalar | None = None
    """The user's own version of the document."""
    date: str | None = None
    repository: str | None = None
    sections: list[Section] = field(default_factory=list)
    place: Place = NOWHERE
    format_version: str | None = None
    """Version of odML that it was read from, as written."""

    def walk(self) -> Iterator[tuple[str, Section]]:
        """All sections with their paths, ``/recording/cell``; owners before what they own."""
        stack = [(f"/{one.name}", one) for one in reversed(self.sections)]
        while stack:
            path, section = stack.pop()
            yield path, section
            stack.extend((f"{path}/{one.name}", one) for one in reversed(section.sections))
