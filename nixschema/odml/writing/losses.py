"""What a format does not hold of a document, and what Python's odML library does not read of it.

Left out is what every document with such a field comes to, whatever its value: the library drops
an exact cardinality such as ``(2, 2)``, and reads uncertainties from XML as texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

from nixschema.odml.reading.typed import number_of, typing_of
from nixschema.odml.writing import trees, xml
from nixschema.odml.writing.values import is_long, value_text
from nixschema.odml_model.document import Document, Property, Scalar, Section, Value
from nixschema.odml_model.kinds import kind_of
from nixschema.odml_model.types import ALIASES, KNOWN, TEXT_TYPES, TUPLE, plain_type

TextFormat: TypeAlias = Literal["xml", "json", "yaml"]
"""The serialisations of odML."""

Path: TypeAlias = "tuple[Path, str] | None"
"""Names from the inside out: paths are written out only for what is told."""


class Loss(NamedTuple):
    """Something that does not arrive as it is."""

    path: str
    """Of the entity, as in a NIX file: ``/metadata/subject/properties/age``."""
    field: str
    """Of the entity, such as ``unit``; nothing where it is about the entity as a whole."""
    reason: str
    """What is there, and what becomes of it."""
    is_lost: bool
    """Whether the file does not hold it; otherwise only Python's odML library reads it wrong."""


LONGEST_FIELD = 131_072
"""Characters of one of several values, of which Python's csv module reads no more."""
_LONGEST_TEXT = 10_000_000
"""Bytes of a text that libxml2 reads unless it is told to read all."""
_FORMS: dict[str, tuple[re.Pattern[str], str, Callable[[str], object]]] = {
    "date": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), "2020-01-31", date.fromisoformat),
    "time": (re.compile(r"\d\d:\d\d:\d\d", re.ASCII), "13:45:00", time.fromisoformat),
    "datetime": (
        re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII),
        "2020-01-31 13:45:00",
        datetime.fromisoformat,
    ),
}
LIBRARY_TYPES = {*KNOWN, *ALIASES} - {"integer"}
"""Names of types that Python's odML library knows."""

_DOCUMENT_TEXTS = ("id", "date", "repository")
_SECTION_TEXTS = ("id", "type", "definition", "reference", "link", "repository", "include")
_PROPERTY_TEXTS = (
    "id",
    "unit",
    "definition",
    "dependency",
    "reference",
    "value_origin",
)


def losses(document: Document, format: TextFormat) -> Iterator[Loss]:
    """All that does not arrive when a document is written, in the document's order."""
    for field in _DOCUMENT_TEXTS:
        yield from _text_field(None, field, getattr(document, field), format)
    for field in ("author", "version"):
        yield from _scalar_field(None, field, getattr(document, field), format)
    yield from _id(None, document.id)
    if document.date and not is_of_form("date", document.date):
        reason = f"`{_shown(document.date)}` is no date such as `2020-01-31`"
        yield unread(None, "date", f"{reason}: the document is not read")
    stack: list[tuple[Path, list[Section]]] = [(None, document.sections)]
    while stack:
        owner, sections = stack.pop()
        yield from _siblings(owner, "sections" if owner else "", sections, format)
        begun: list[tuple[Path, list[Section]]] = []
        for section in sections:
            path: Path = (owner, f"sections/{section.name}" if owner else section.name)
            yield from _section(path, section, format)
            begun.append((path, section.sections))
        stack.extend(one for one in reversed(begun) if one[1])


def _section(path: Path, section: Section, format: TextFormat) -> Iterator[Loss]:
    yield from _name(path, section.name, format)
    for field in _SECTION_TEXTS:
        yield from _text_field(path, field, getattr(section, field), format)
    yield from _id(path, section.id)
    if section.type is None and format == "xml":
        reason = "there is no type: `n.s.` is read, or the document is refused"
        yield unread(path, "type", reason)
    yield from _siblings(path, "properties", section.properties, format)
    for one in section.properties:
        yield from _property((path, f"properties/{one.name}"), one, format)


def _property(path: Path, one: Property, format: TextFormat) -> Iterator[Loss]:
    yield from _name(path, one.name, format)
    for field in _PROPERTY_TEXTS:
        yield from _text_field(path, field, getattr(one, field), format)
    yield from _id(path, one.id)
    yield from _uncertainty(path, one, format)
    yield from _scalar_field(path, "dependency_value", one.dependency_value, format)
    yield from _type(path, one, format)
    yield from _values(path, one, format)


def _siblings(
    path: Path, group: str, members: list[Section] | list[Property], format: TextFormat
) -> Iterator[Loss]:
    seen: set[str] = set()
    for one in members:
        name = one.name
        if format == "xml":
            name = xml.NOT_IN_XML.sub(xml.REPLACEMENT, name).strip()
        if name in seen:
            place = f"{group}/{one.name}" if group else one.name
            yield lost((path, place), "name", "the name is taken: readers take another, or refuse")
        seen.add(name)


def _id(path: Path, id: str | None) -> Iterator[Loss]:
    if id is None:
        return
    try:
        is_canonical = str(UUID(id)) == id
    except ValueError:
        is_canonical = False
    if not is_canonical:
        yield unread(path, "id", f"`{_shown(id)}` is no UUID in lower case: another id is read")


# Fields


def _name(path: Path, name: str, format: TextFormat) -> Iterator[Loss]:
    if name.strip() if format == "xml" else name:
        yield from _text_field(path, "name", name, format)
    else:
        yield lost(path, "name", "the name is empty: readers take the id for it")


def _text_field(path: Path, field: str, text: str | None, format: TextFormat) -> Iterator[Loss]:
    if text is None or format != "xml":
        return
    yield from _unholdable(path, field, text)
    if not text.strip():
        yield lost(path, field, "a text without characters is read as nothing")
    elif text != text.strip():
        yield lost(path, field, "blanks at the edges of the text are not read")


def _scalar_field(
    path: Path, field: str, value: Scalar | None, format: TextFormat
) -> Iterator[Loss]:
    if isinstance(value, str):
        yield from _text_field(path, field, value, format)
    elif value is None:
        return
    elif format == "xml":
        kind = "truth value" if isinstance(value, bool) else "number"
        yield lost(path, field, f"the {kind} {_told(value)} is read as a text")
    elif format == "json" and isinstance(value, float) and not math.isfinite(value):
        yield lost(path, field, f"the number {_told(value)} is read as a text")
    elif isinstance(value, int) and is_long(value):
        yield lost(path, field, "the number is too long, and is read as a text")


def _uncertainty(path: Path, one: Property, format: TextFormat) -> Iterator[Loss]:
    value = one.uncertainty
    if isinstance(value, str):
        yield from _text_field(path, "uncertainty", value, format)
        if number_of(value) is not None:
            yield lost(path, "uncertainty", f"the text `{_shown(value)}` is read as a number")
    elif isinstance(value, bool) and format == "xml":
        yield lost(path, "uncertainty", f"the truth value {_told(value)} is read as a text")
    elif isinstance(value, int) and is_long(value):
        yield lost(path, "uncertainty", "the number is too long, and is read as a text")


def _unholdable(path: Path, field: str, text: str) -> Iterator[Loss]:
    if not text.isprintable() and (found := xml.NOT_IN_XML.search(text)):
        character = f"U+{ord(found[0]):04X}"
        yield lost(path, field, f"XML has no {character}: U+FFFD is written in its place")
    if len(text) > _LONGEST_TEXT // 4 and len(text.encode(errors="replace")) > _LONGEST_TEXT:
        yield unread(path, field, "a text of more than 10 MB: the document is not read")


# Types and values


def _type(path: Path, one: Property, format: TextFormat) -> Iterator[Loss]:
    written = xml.written_type(one) if format == "xml" else trees.written_type(one)
    if written != one.dtype:
        yield lost(path, "dtype", f"`{written}` is written, of which the values are")
    else:
        yield from _text_field(path, "dtype", one.dtype, format)
    if written is None or not written.strip():
        return
    name = plain_type(written)
    if written.lower() not in LIBRARY_TYPES and not TUPLE.fullmatch(written.lower()):
        reason = f"`{_shown(written)}` is no type that is known: the values decide on another"
        yield unread(path, "dtype", reason)
    elif one.values and written != written.lower() and name not in TEXT_TYPES:
        yield unread(path, "dtype", f"`{written}` is not in lower case: values are read as texts")


def _values(path: Path, one: Property, format: TextFormat) -> Iterator[Loss]:
    """The first value of each kind of loss; the others are like it."""
    written = xml.written_type(one) if format == "xml" else trees.written_type(one)
    name = plain_type(written)
    is_blank = written is not None and not name
    is_told = is_unread_told = False
    for value in one.values:
        if not is_told and (reason := _loss_of_value(value, name, format, is_blank=is_blank)):
            yield lost(path, "values", reason)
            is_told = True
        if not is_unread_told and (reason := _why_unread(value, name)):
            yield unread(path, "values", reason)
            is_unread_told = True
    if format != "xml":
        return
    texts = [value_text(value) for value in one.values]
    for text in texts:
        yield from _unholdable(path, "values", text)
    if max(map(len, texts), default=0) > LONGEST_FIELD and xml.value_element(one)[0] == "[":
        reason = f"one of several values has more than {LONGEST_FIELD:,} characters"
        yield unread(path, "values", f"{reason}: the document is not read")


def _loss_of_value(value: Value, name: str, format: TextFormat, *, is_blank: bool) -> str | None:
    """Why a value that is written with a type is another when it is read."""
    kind = kind_of(value)
    if isinstance(value, tuple):
        if kind != name or not TUPLE.fullmatch(name):
            return f"the tuple {_told(value)} is read as a text"
        if any(";" in part or part != part.strip() for part in value):
            return f"`;` and edge blanks in elements of {_told(value)} are not read as such"
        return None
    if isinstance(value, str):
        return _loss_of_text(value, name)
    if isinstance(value, int) and is_long(value):
        return f"{_told(value)} is read as a text"
    if not name:
        is_special = isinstance(value, float) and not math.isfinite(value)
        if format == "xml" or is_blank or is_special:
            return f"{_told(value)} is read as a text"
        return None
    if kind != name:
        return f"{_told(value)} is no `{_shown(name)}`, and is read as another value"
    return None


def _loss_of_text(text: str, name: str) -> str | None:
    """Why a text is read as something else, where another type is expected."""
    if TUPLE.fullmatch(name):
        is_other = "(" in text or "[" in text
    else:
        typed = typing_of(name)
        found = None if typed is None else typed(text)
        is_other = found is not None and found != text
    return f"the text `{_shown(text)}` is read otherwise as `{name}`" if is_other else None


def _why_unread(value: Value, name: str) -> str | None:
    """Why Python's odML library reads a value otherwise, or not at all."""
    if name in ("int", "float", "boolean"):
        if isinstance(value, str):
            return f"`{_shown(value)}` is no `{name}`: the property is not read"
        if isinstance(value, int) and is_long(value):
            return "the number has more than 4,300 digits: the property is not read"
        return None
    if name in _FORMS and not (isinstance(value, str) and is_of_form(name, value)):
        if value == "":
            return f"an empty text is read as the present {name}"
        reason = f"{_told(value)} is no {name} such as `{_FORMS[name][1]}`"
        return f"{reason}: the property is not read"
    if (expected := TUPLE.fullmatch(name)) and kind_of(value) != f"{int(expected[1])}-tuple":
        return f"{_told(value)} is no `{name}`: the property is not read"
    return None


def is_of_form(name: str, text: str) -> bool:
    """Whether a text is a date or time as Python's odML library reads it."""
    form, _, parsed = _FORMS[name]
    if not form.fullmatch(text):
        return False
    try:
        parsed(text)
    except ValueError:
        return False
    return True


def lost(path: Path, field: str, reason: str) -> Loss:
    """What the file does not hold."""
    return Loss(_written(path), field, reason, True)


def unread(path: Path, field: str, reason: str) -> Loss:
    """What Python's odML library does not read as it is."""
    return Loss(_written(path), field, reason, False)


def _written(path: Path) -> str:
    parts: list[str] = []
    while path is not None:
        path, name = path
        parts.append(name)
    return "/".join(["/metadata", *reversed(parts)])


def _told(value: Value) -> str:
    if isinstance(value, int) and is_long(value):
        return "a number of more than 4,300 digits"
    return f"`{_shown(value_text(value))}`"


def _shown(text: str) -> str:
    cut = text if len(text) <= 60 else text[:59] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut.replace("`", "'"))
