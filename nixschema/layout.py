"""Where a field of the model lies in HDF5.

A field's type usually says its place: a scalar is an attribute, an array a dataset, a list of
scalars a small dataset, a container of models a group of members, a reference a hard link, several
references a group of links. A `Place` in the field's annotation says it where the type does not, or
where the name on disk, or the versions that have the field, differ from the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from nixschema.findings import Level

if TYPE_CHECKING:
    from pydantic import BaseModel

Version: TypeAlias = tuple[int, int, int]
"""A version of the NIX format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field lies in the HDF5 object of its entity."""

    name: str = ""
    """Name on disk, where it is not the field's."""
    since: Version = (1, 0, 0)
    """First format version that has the field."""
    until: Version | None = None
    """Last format version that has it; None for the present one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Place):
    """An attribute of the entity's group or dataset."""

    dtype: str = ""
    """Element type of a number in the file, where it is not the widest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Place):
    """A dataset in the entity's group, left on disk until it is asked for."""

    bulk: bool = False
    """The recorded values themselves: compressed when a file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Place):
    """A small one-dimensional dataset, read as a list."""

    itself: bool = False
    """The entity is the dataset (a property), not a group that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members(Place):
    """A group with one member for each entity of a container."""

    by: Literal["name", "id", "number"] = "name"
    """What names the links of the group: the member's name, its id, or its position from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Place):
    """A child group that is one part of the entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Place):
    """A hard link to another entity."""

    by: Literal["field", "id"] = "field"
    """What names the link: the field, or the id of the entity it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links(Place):
    """A group of hard links, named by the ids of the entities they lead to."""

    also: str = ""
    """A second group of the same meaning, as another library names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(Place):
    """The members of the dataset's compound type, with their units in an attribute."""

    of: str = "data"
    """Name of the dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstored(Place):
    """Kept in memory only: how the file was read, not what it says."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Marks a field that an entity must have in a sound file, though it may be unset in memory."""

    level: Level = Level.ERROR


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field of a model with its place, its kind of value, and what hangs on it."""

    field: str
    place: Place
    targets: tuple[type[BaseModel], ...]
    """The model classes of members, parts or targets of references."""
    needed: Needed | None
    text: str
    """The type as a reader of the documentation sees it."""
    many: bool = False
    """The value is a list."""
    limits: str = ""
    """What values may be, in words, where not all of the type are allowed."""

    @property
    def name(self) -> str:
        """Name on disk."""
        return self.place.name

    @property
    def has_path(self) -> bool:
        """Whether findings about it have its own path in the file; else that of its entity."""
        match self.place:
            case Link(by="id") | Value(itself=True) | Attribute() | Columns() | Unstored():
                return False
        return True

    @property
    def is_text(self) -> bool:
        """Whether values are stored as text."""
        return self.text.endswith(("text", "Unit", "datetime", "`"))


@lru_cache(maxsize=256)
def layout_of(model: type[BaseModel]) -> Mapping[str, FieldPlace]:
    """Fields of a model class with their places, in the order of declaration."""
    model.model_rebuild()
    return {
        name: _field_place(name, info.annotation, info.metadata)
        for name, info in model.model_fields.items()
    }


def _field_place(name: str, annotation: Any, metadata: list[Any]) -> FieldPlace:
    bare, more = _strip(annotation)
    marks = [*metadata, *more]
    place = next((mark for mark in marks if isinstance(mark, Place)), None)
    if place is None:
        place = _default_place(bare)
    needed = next((mark for mark in marks if isinstance(mark, Needed)), None)
    if not place.name:
        place = replace(place, name=name)
    return FieldPlace(
        field=name,
        place=place,
        targets=_targets(bare),
        needed=needed,
        text=_text(bare),
        many=get_origin(bare) in (list, tuple),
        limits=", ".join(_limits(marks)),
    )


def _limits(marks: list[Any]) -> Iterator[str]:
    """Limits of a number or a text, from what pydantic and annotated-types call them."""
    for mark in marks:
        yield from _limits(list(getattr(mark, "metadata", ())))
        if (above := getattr(mark, "gt", None)) is not None:
            yield f"above {above:g}"
        if (least := getattr(mark, "ge", None)) is not None:
            yield f"at least {least:g}"
        if getattr(mark, "min_length", None) == 1:
            yield "not empty"
        if getattr(mark, "allow_inf_nan", None) is False:
            yield "finite"
        if isinstance(said := getattr(mark, "limit", None), str):
            yield said


def _strip(annotation: Any) -> tuple[Any, list[Any]]:
    """Take `Annotated` and `| None` off, keeping the marks."""
    marks: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            marks += more
        elif get_origin(annotation) in (Union, UnionType):
            rest = [arg for arg in get_args(annotation) if arg is not NoneType]
            if len(rest) != 1:
                return annotation, marks
            annotation = rest[0]
        else:
            return annotation, marks


def _default_place(bare: Any) -> Place:
    origin = get_origin(bare) or bare
    declared = getattr(origin, "default_place", None)
    if isinstance(declared, Place):
        return declared
    if origin is list:
        return Value()
    if _is_model(origin):
        return Member()
    return Attribute()


def _targets(bare: Any) -> tuple[type[BaseModel], ...]:
    if _is_model(bare):
        return (bare,)
    found: list[type[BaseModel]] = []
    for arg in get_args(bare):
        arg, _ = _strip(arg)
        found += [one for one in (arg, *get_args(arg)) if _is_model(one)]
    return tuple(found)


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and hasattr(candidate, "model_fields")


def _text(bare: Any) -> str:
    bare, _ = _strip(bare)
    origin = get_origin(bare)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(bare))
    if origin in (Union, UnionType):
        return " or ".join(_text(arg) for arg in get_args(bare))
    if origin is not None:
        parts = [_text(arg) for arg in get_args(bare) if arg is not Ellipsis]
        return f"{_words(origin)} of {' or '.join(dict.fromkeys(parts))}"
    return _words(bare)


def _words(kind: Any) -> str:
    described = getattr(kind, "described_as", None)
    if isinstance(described, str):
        return described
    return _TYPE_WORDS.get(kind, getattr(kind, "__name__", str(kind)))


_TYPE_WORDS: dict[Any, str] = {
    str: "text",
    float: "number",
    int: "integer",
    bool: "boolean",
    list: "list",
    tuple: "list",
}
