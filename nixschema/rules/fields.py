"""NIX1xx: single fields: missing, of the wrong type, out of range, unknown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from nixschema.findings import Level
from nixschema.layout import Attribute, layout_of
from nixschema.model import MODELS, DimensionLink, File, Model
from nixschema.model.extra import Foreign, Problem, Stored
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Node


def _missing(model: Model, file: File, level: Level) -> Iterator[Sentence]:
    if isinstance(model, DimensionLink) and model.alias:
        return
    version = file.version or (1, 2, 1)
    for field in needed_fields(type(model)).get(level, ()):
        place = layout_of(type(model))[field].place
        value = model.__dict__[field]
        absent = (
            value is None
            or value == ""
            or (field == "name" and "name" not in model.model_fields_set)
        )
        if absent and version >= place.since and not model.extra.has(place.name):
            yield at(field, f"`{place.name}` is missing")


_NEEDED: dict[type[Model], dict[Level, list[str]]] = {}


def needed_fields(model: type[Model]) -> dict[Level, list[str]]:
    """The fields that a model must have, by how grave it is when they are missing."""
    known = _NEEDED.get(model)
    if known is None:
        known = _NEEDED[model] = {}
        for name, field in layout_of(model).items():
            if field.needed is not None:
                known.setdefault(field.needed.level, []).append(name)
    return known


@rule("NIX101", on=Model)
def missing_field(model: Model, file: File) -> Iterator[Sentence]:
    """Fields that the format requires are there.

    Ids, names, types and times are on every entity; the libraries refuse to open a file or stop
    reading where one is missing.
    """
    yield from _missing(model, file, Level.ERROR)


@rule("NIX111", on=Model, level=Level.WARNING)
def missing_time_of_change(model: Model, file: File) -> Iterator[Sentence]:
    """An entity tells when it was last changed.

    The C++ library tries to add the time when it opens a file, which fails when it may only read.
    """
    yield from _missing(model, file, Level.WARNING)


@rule("NIX102", on=Problem)
def wrong_type(problem: Problem) -> Iterator[Sentence]:
    """A field is of the type that the format gives it.

    Readers expect text as text and numbers as numbers, and fail or read nonsense otherwise. The
    value is kept, beside the entity and not as its field.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX103", on=Problem, help="write the text again in UTF-8")
def not_utf8(problem: Problem) -> Iterator[Sentence]:
    """Text is UTF-8.

    NIX has text in UTF-8; other encodings cannot be told from each other, and most readers fail on
    them. The bytes are kept as they are.
    """
    yield f"`{problem.name}` has {problem.found}, which are no UTF-8"


@rule("NIX104", on=Problem)
def out_of_range(problem: Problem) -> Iterator[Sentence]:
    """A number is within the range that its field allows.

    A sampling interval is finite and above zero, an offset is finite: positions on an axis could
    not be told otherwise.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX105", on=Problem)
def empty_text(problem: Problem) -> Iterator[Sentence]:
    """A type is not empty.

    The type says what an entity is; programs choose by it.
    """
    yield f"`{problem.name}` is empty; expected {problem.expected}"


@rule("NIX106", on=Problem)
def unknown_word(problem: Problem) -> Iterator[Sentence]:
    """A field that chooses among words has one of them, in lower case as the format spells it.

    Readers compare these words exactly: another spelling is an unknown kind of thing to them.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX107", on=Problem)
def id_is_uuid(problem: Problem) -> Iterator[Sentence]:
    """An id is a UUID.

    nixio refuses to read an entity whose id is none.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX108", on=Problem)
def time_is_readable(problem: Problem) -> Iterator[Sentence]:
    """A time is written as `YYYYMMDDTHHMMSS`, in UTC.

    nixio reads no other form, and stops at the first that it cannot read.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX109", on=Problem)
def wrong_shape(problem: Problem) -> Iterator[Sentence]:
    """A field has the shape that the format gives it: one value, or a list.

    A unit is one text, ticks and positions are lists. Readers fail on anything else.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX110", on=Problem)
def unreadable_value(problem: Problem) -> Iterator[Sentence]:
    """The value of a field can be read.

    libhdf5 reports an error, the dataspace is empty, or the value is larger than any sound one.
    """
    yield f"`{problem.name}` cannot be read: {problem.found}; expected {problem.expected}"


@rule("NIX112", on=Problem, level=Level.WARNING)
def unknown_odml_type(problem: Problem) -> Iterator[Sentence]:
    """The odML type of a property is one that odML has.

    Programs that carry the property to odML cannot know what is meant.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX113", on=Node, level=Level.INFO)
def text_is_scalar(node: Node) -> Iterator[Sentence]:
    """A text of the format is a scalar attribute, not a list of one.

    The C++ library reads scalars only.
    """
    for name, attribute in node.attributes.items():
        if attribute.space.kind == "simple" and name in text_attributes():
            kind = attribute.type.kind if attribute.type is not None else ""
            if kind == "string" and attribute.space.shape == (1,):
                yield f"`{name}` is a list of one text; expected a single text"


@cache
def text_attributes() -> frozenset[str]:
    """Names of all attributes of the format that hold a single text."""
    return frozenset(
        field.name
        for model in MODELS
        for field in layout_of(model).values()
        if isinstance(field.place, Attribute) and not field.many
    )


@rule("NIX120", on=Stored, level=Level.INFO)
def unknown_attribute(stored: Stored, name: str) -> Iterator[Sentence]:
    """An attribute is one that the format knows.

    Programs may add their own, and they are kept; a misspelt name hides among them.
    """
    yield f"the attribute `{name}` is none of NIX's"


@rule("NIX121", on=Foreign, level=Level.INFO)
def unknown_object(foreign: Foreign, name: str) -> Iterator[Sentence]:
    """An object is one that the format knows.

    Programs may add their own groups and datasets, and they are kept.
    """
    yield f"`{name}` is none of NIX's objects"


@rule("NIX122", on=Problem)
def wrong_kind_of_object(problem: Problem) -> Iterator[Sentence]:
    """Groups and datasets stand where the format has them.

    Where a dataset stands for a group, or a group for a dataset, readers fail.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"
