"""NIX1xx: single fields: missing, of the wrong type, out of range, unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from unicodedata import category

from nixschema.findings import Level
from nixschema.layout import Attribute, Columns, Link, Unstored, layout_of
from nixschema.model import (
    MODELS,
    Dimension,
    DimensionLink,
    Entity,
    File,
    Model,
    NamedEntity,
    Property,
    Section,
    TypedEntity,
)
from nixschema.model.extra import Foreign, Problem, Stored
from nixschema.model.fields import now
from nixschema.model.overlay import ATTRIBUTE, is_pair, overlay_pairs
from nixschema.rules.dimensions import fields_of_others
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Node


def _missing(model: Model, file: File, level: Level) -> Iterator[Sentence]:
    if isinstance(model, DimensionLink) and model.alias:
        return
    version = file.version or (1, 2, 1)
    for field in needed_fields(type(model)).get(level, ()):
        if field not in model.__dict__:
            continue
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


@rule("NIX101", on=Model, fix="safe", also=("nixio", "cpp"))
def missing_field(model: Model, file: File) -> Iterator[Sentence]:
    """Fields that the format requires are there.

    Ids, names, types and times are on every entity; the libraries refuse to open a file or stop
    reading where one is missing.
    """
    yield from _missing(model, file, Level.ERROR)


@rule("NIX111", on=Model, level=Level.WARNING, fix="safe")
def missing_time_of_change(model: Model, file: File) -> Iterator[Sentence]:
    """An entity tells when it was last changed.

    The C++ library tries to add the time when it opens a file, which fails when it may only read.
    nixio does so with that of the file itself, whose time is needed (NIX101).
    """
    yield from _missing(model, file, Level.WARNING)


@rule("NIX102", on=Problem, fix="safe")
def wrong_type(problem: Problem) -> Iterator[Sentence]:
    """A field is of the type that the format gives it.

    Readers expect text as text and numbers as numbers, and fail or read nonsense otherwise. The
    value is kept, beside the entity and not as its field.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX103", on=Problem, help="write the text again in UTF-8", fix="unsafe")
def not_utf8(problem: Problem) -> Iterator[Sentence]:
    """Text is UTF-8.

    NIX has text in UTF-8; other encodings cannot be told from each other, and most readers fail on
    them. The bytes are kept as they are.
    """
    yield f"`{problem.name}` has {problem.found}, which are no UTF-8"


@rule("NIX104", on=Problem, also=("nixio", "cpp"))
def out_of_range(problem: Problem) -> Iterator[Sentence]:
    """A number is within the range that its field allows.

    A sampling interval is finite and above zero, an offset is finite: positions on an axis could
    not be told otherwise.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX105", on=Problem, fix="unsafe", also=("nixio", "cpp"))
def empty_text(problem: Problem) -> Iterator[Sentence]:
    """A type is not empty.

    The type says what an entity is; programs choose by it.
    """
    yield f"`{problem.name}` is empty; expected {problem.expected}"


@rule("NIX106", on=Problem, fix="safe", also=("cpp",))
def unknown_word(problem: Problem) -> Iterator[Sentence]:
    """A field that chooses among words has one of them, in lower case as the format spells it.

    Readers compare these words exactly: another spelling is an unknown kind of thing to them.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX107", on=Problem, fix="unsafe")
def id_is_uuid(problem: Problem) -> Iterator[Sentence]:
    """An id is a UUID.

    nixio refuses to read an entity whose id is none.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX108", on=Problem, fix="safe", also=("cpp",))
def time_is_readable(problem: Problem) -> Iterator[Sentence]:
    """A time is written as `YYYYMMDDTHHMMSS`, in UTC.

    nixio reads no other form, and stops at the first that it cannot read.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX109", on=Problem, fix="unsafe")
def wrong_shape(problem: Problem) -> Iterator[Sentence]:
    """A field has the shape that the format gives it: one value, or a list.

    A unit is one text, ticks and positions are lists. Readers fail on anything else.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX110", on=Problem, fix="unsafe")
def unreadable_value(problem: Problem) -> Iterator[Sentence]:
    """The value of a field can be read.

    libhdf5 reports an error, the dataspace is empty, or the value is larger than any sound one.
    """
    yield f"`{problem.name}` cannot be read: {problem.found}; expected {problem.expected}"


@rule("NIX112", on=Problem, level=Level.WARNING, fix="safe")
def unknown_odml_type(problem: Problem) -> Iterator[Sentence]:
    """The odML type of a property is one that odML has.

    Programs that carry the property to odML cannot know what is meant.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX113", on=Node, level=Level.WARNING, reader="cpp", fix="safe")
def text_is_scalar(node: Node) -> Iterator[Sentence]:
    """A text of the format is a scalar attribute, not a list of one.

    The C++ library reads scalars only, and does not get the field. nixio hands out a list, on which
    its validator stops. nixschema reads both.
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


@rule("NIX114", on=Entity, level=Level.WARNING)
def changed_after_it_was_made(entity: Entity) -> Iterator[Sentence]:
    """An entity was not changed before it was made.

    Times are in UTC, but nixio writes the time of the place and calls it UTC, while the C++ library
    writes UTC: where both have edited a file, differences of up to 14 hours mean nothing and are
    not reported.
    """
    made, changed = entity.created_at, entity.updated_at
    if made is None or changed is None or changed == _ZERO:
        return
    if made - changed > _TIME_ZONES:
        yield at(
            "updated_at", f"last changed at `{_iso(changed)}`, before it was made (`{_iso(made)}`)"
        )


@rule("NIX115", on=Entity, level=Level.WARNING)
def times_are_past(entity: Entity) -> Iterator[Sentence]:
    """Times are not in the future.

    The clock of the computer was wrong, or the times were set by hand. Up to 14 hours ahead are not
    reported: nixio writes the time of the place and calls it UTC.
    """
    latest = now() + _TIME_ZONES
    for field in ("created_at", "updated_at"):
        time = getattr(entity, field)
        if time is not None and time > latest:
            yield at(field, f"`{field}` is `{_iso(time)}`, which is in the future")


@rule("NIX116", on=Entity, level=Level.WARNING, also=("nixio", "cpp"))
def times_are_set(entity: Entity) -> Iterator[Sentence]:
    """A time is not the zero of the clock.

    `19700101T000000` is what a program writes that has no time. Both validators take it for a
    missing one.
    """
    for field in ("created_at", "updated_at"):
        if getattr(entity, field) == _ZERO:
            yield at(field, f"`{field}` is `{_iso(_ZERO)}`, the zero of the clock")


_TIME_ZONES = timedelta(hours=14)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


@rule("NIX117", on=TypedEntity, level=Level.WARNING, fix="unsafe")
def types_are_plain(entity: TypedEntity) -> Iterator[Sentence]:
    """A type has no blanks around it and no invisible characters in it.

    Programs choose entities by comparing the type exactly: one with a blank at its end looks right,
    and is never found.
    """
    if entity.type and (fault := odd_letters(entity.type)) is not None:
        yield at("type", f"the type `{entity.type[:60]}` {fault}")


def odd_letters(text: str) -> str | None:
    """What cannot be seen in a text, or None."""
    if not text.strip():
        return "is blank"
    if text != text.strip():
        return "begins or ends with a blank"
    for letter in text:
        if not letter.isprintable() and category(letter) in ("Cc", "Cf", "Zl", "Zp"):
            return f"has the invisible character U+{ord(letter):04X} in it"
    return None


@rule(
    "NIX118", on=(NamedEntity, Dimension), level=Level.INFO, help="remove the attribute, or fill it"
)
def texts_say_something(model: NamedEntity | Dimension) -> Iterator[Sentence]:
    """A definition or label that is there says something.

    What has none has no such attribute. An empty one means the same to readers; the C++ library
    refuses to write one.
    """
    for field in ("definition", "label"):
        text = model.__dict__.get(field)
        if isinstance(text, str) and not text.strip():
            yield at(field, f"`{field}` is empty")


@rule("NIX123", on=Stored, level=Level.WARNING, fix="unsafe")
def misspelt_attribute(stored: Stored, name: str, model: Model | None) -> Iterator[Sentence]:
    """An attribute that is nearly one of the format's is spelt as the format has it.

    Readers do not know `Unit` or `lable`, and take the field as unset. An attribute of any other
    name is merely unknown.
    """
    if (meant := _nearly(name, model, are_attributes=True)) is not None:
        yield f"the attribute `{name}` is none of NIX's: did you mean `{meant}`?"


@rule("NIX124", on=Foreign, level=Level.WARNING, fix="unsafe")
def misspelt_object(foreign: Foreign, name: str, model: Model | None) -> Iterator[Sentence]:
    """An object whose name is nearly one of the format's is spelt as the format has it.

    Readers do not know `data_array` or `Ticks`, and find nothing in its place. An object of any
    other name is merely unknown.
    """
    if (meant := _nearly(name, model, are_attributes=False)) is not None:
        yield f"`{name}` is none of NIX's objects: did you mean `{meant}`?"


_SHORTEST = 4
"""Shorter names are near to too many others."""

_LONGEST = 40
"""No name of the format is nearly as long."""


def _nearly(name: str, model: Model | None, *, are_attributes: bool) -> str | None:
    """The field that a name differs from by capitals, dashes or one letter, or None."""
    if model is None or not _SHORTEST <= len(name) <= _LONGEST:
        return None
    return _near_name(name, type(model), are_attributes)


@lru_cache(maxsize=4096)
def _near_name(name: str, model: type[Model], are_attributes: bool) -> str | None:
    known = _names_of(model, are_attributes=are_attributes)
    plain = name.casefold().replace("-", "_").replace(" ", "_").strip("_")
    if plain != name and plain in known:
        return plain
    long_enough = (one for one in known if len(one) >= _SHORTEST and one != name)
    return next((one for one in long_enough if _one_apart(plain, one)), None)


@cache
def _names_of(model: type[Model], *, are_attributes: bool) -> tuple[str, ...]:
    """Names of the attributes of an entity, or of its groups, datasets and links."""
    return tuple(
        field.name
        for field in layout_of(model).values()
        if isinstance(field.place, Attribute | Columns) is are_attributes
        and not isinstance(field.place, Unstored)
        and not (isinstance(field.place, Link) and field.place.by == "id")
    )


def _one_apart(one: str, other: str) -> bool:
    """Whether two words differ by one letter more, less, another, or two that are swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = (letter == its for letter, its in zip(one, other, strict=False))
    start = next(
        (place for place, is_same in enumerate(same) if not is_same), min(len(one), len(other))
    )
    left, right = one[start:], other[start:]
    if left[1:] == right or left == right[1:] or left[1:] == right[1:]:
        return True
    return left[:2] == right[1::-1] and left[2:] == right[2:]


@rule("NIX120", on=Stored, level=Level.INFO)
def unknown_attribute(stored: Stored, name: str, model: Model | None) -> Iterator[Sentence]:
    """An attribute is one that the format knows.

    Programs may add their own, and they are kept; a misspelt name hides among them. What neo marks
    its array annotations with is known, and so is what nixschema keeps of odML.
    """
    if name == "type" and isinstance(stored.value, str) and stored.value == "ARRAYANNOTATION":
        return
    if name == ATTRIBUTE and isinstance(model, Section | Property):
        return
    if _nearly(name, model, are_attributes=True) is None and name not in _of_others(model):
        yield f"the attribute `{name}` is none of NIX's"


@rule("NIX125", on=Stored, level=Level.WARNING)
def overlay_is_readable(stored: Stored, name: str, model: Model | None) -> Iterator[Sentence]:
    """The attribute `odml` of a section or property says what odML has where NIX cannot hold it.

    It is JSON: for each field of odML a list of what NIX reads instead, and the value. What is not
    so is passed over when the metadata become odML, and NIX's own fields are taken.
    """
    if name != ATTRIBUTE or not isinstance(model, Section | Property):
        return
    help = "remove the attribute, or convert the odML document again"
    said = overlay_pairs(stored.value)
    if said is None:
        yield at("the attribute `odml` is no JSON mapping of fields", help=help)
        return
    odd = [field for field, one in said.items() if not is_pair(one)]
    if odd:
        message = f"the attribute `odml` does not say for `{odd[0][:40]}` what NIX reads instead"
        yield at(message, help=help)


@rule("NIX121", on=Foreign, level=Level.INFO)
def unknown_object(foreign: Foreign, name: str, model: Model | None) -> Iterator[Sentence]:
    """An object is one that the format knows.

    Programs may add their own groups and datasets, and they are kept.
    """
    if _nearly(name, model, are_attributes=False) is None and name not in _of_others(model):
        yield f"`{name}` is none of NIX's objects"


def _of_others(model: Model | None) -> Mapping[str, str]:
    """Fields of other kinds of dimension, which NIX235 tells."""
    return {} if model is None else fields_of_others(type(model))


@rule("NIX122", on=Problem)
def wrong_kind_of_object(problem: Problem) -> Iterator[Sentence]:
    """Groups and datasets stand where the format has them.

    Where a dataset stands for a group, or a group for a dataset, readers fail.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"
