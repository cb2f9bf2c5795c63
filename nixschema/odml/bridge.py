"""odML documents <-> the objects of Python's odML library.

The library's constructors and setters alter what they are given, print, download repositories, and
compare each member of a list with all others. None of them is called here.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime, time
from importlib import import_module
from typing import Any
from uuid import uuid4

from nixschema.errors import MissingExtra
from nixschema.odml_model.document import Cardinality, Document, Property, Scalar, Section, Value
from nixschema.odml_model.kinds import common_kind
from nixschema.odml_model.types import TUPLE, plain_type

_UNTYPED = "n.s."
"""The type of sections of which none is known."""
_NUMBER = re.compile(r"[-+]?(?:(?:\.\d+|\d+\.?\d*)(?:e[-+]?\d+)?|inf)|nan", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,4000}", re.ASCII)


def to_document(document: Document) -> Any:
    """An ``odml.Document`` with all that a document holds, as it is.

    Dates, times and tuples are what they are in that library; a value that does not fit its type
    stays a text. What its objects cannot be without is added: ids; ``n.s.`` for sections without
    type; and the type of the values of properties that have values and no type.

    Raises:
        MissingExtra: the library, or rdflib, which it needs, is not installed.
    """
    library = _library()
    made = _blank(library.Document)
    made._id = document.id or str(uuid4())
    made._author = document.author
    made._version = document.version
    made._repository = document.repository
    made._date = _moment("date", document.date)
    made._origin_file_name = None
    made._sections = library.SmartList(library.Section)
    stack = [(document.sections, made)]
    while stack:
        sections, owner = stack.pop()
        for section in sections:
            new = _library_section(section, owner, library)
            list.append(owner._sections, new)
            stack.append((section.sections, new))
    return made


def from_document(document: Any) -> Document:
    """All that an ``odml.Document`` holds, as it is.

    Dates and times become texts in the form of odML. An uncertainty that is a number in a text,
    as the library reads it from XML, becomes a number.
    """
    made = Document(
        id=_text(document._id),
        author=_scalar(document._author),
        version=_scalar(document._version),
        date=_text(document._date),
        repository=_text(document._repository),
    )
    stack = [(document._sections, made.sections)]
    while stack:
        sections, owned = stack.pop()
        for section in list.__iter__(sections):
            new = _section(section)
            owned.append(new)
            stack.append((section._sections, new.sections))
    return made


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow what Python's odML library prints and warns of while the block runs."""
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _Library:
    """The classes of Python's odML library."""

    def __init__(self) -> None:
        formatting = warnings.formatwarning
        try:
            with quiet():
                self.Document: Any = import_module("odml.doc").BaseDocument
                self.Section: Any = import_module("odml.section").BaseSection
                self.Property: Any = import_module("odml.property").BaseProperty
                self.SmartList: Any = import_module("odml.base").SmartList
        except ModuleNotFoundError as error:
            name = error.name or "odml"
            raise MissingExtra(f"{name} is not installed: pip install {name}", name=name) from None
        finally:
            warnings.formatwarning = formatting  # The library puts its own in the place.


def _library() -> _Library:
    return _Library()


def _blank(kind: Any) -> Any:
    return kind.__new__(kind)


def _library_section(section: Section, owner: Any, library: _Library) -> Any:
    made = _blank(library.Section)
    made._id = section.id or str(uuid4())
    made._parent = owner
    made._name = section.name
    made.type = _UNTYPED if section.type is None else section.type
    made._definition = section.definition
    made._reference = section.reference
    made._repository = section.repository
    made._link = section.link
    made._include = section.include
    made._sec_cardinality = section.sec_cardinality
    made._prop_cardinality = section.prop_cardinality
    made._sections = library.SmartList(library.Section)
    made._props = library.SmartList(library.Property)
    for one in section.properties:
        list.append(made._props, _library_property(one, made, library))
    return made


def _library_property(one: Property, owner: Any, library: _Library) -> Any:
    made = _blank(library.Property)
    made._id = one.id or str(uuid4())
    made._parent = owner
    made._name = one.name
    made._dtype = one.dtype
    if one.dtype is None and one.values:
        made._dtype = common_kind(one.values) or "string"
    name = plain_type(made._dtype)
    made._values = [_library_value(value, name) for value in one.values]
    made._unit = one.unit
    made._uncertainty = one.uncertainty
    made._definition = one.definition
    made._reference = one.reference
    made._value_origin = one.value_origin
    made._dependency = one.dependency
    made._dependency_value = one.dependency_value
    made._val_cardinality = one.val_cardinality
    return made


def _library_value(value: Value, name: str) -> Any:
    if isinstance(value, tuple):
        return list(value) if TUPLE.fullmatch(name) else f"({';'.join(value)})"
    return _moment(name, value)


_MOMENTS: dict[str, Any] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _moment(name: str, value: Any) -> Any:
    """A date or time of the text that says it; anything else as it is."""
    if name not in _MOMENTS or not isinstance(value, str):
        return value
    try:
        found = _MOMENTS[name](value)
    except ValueError:
        return value
    return found if str(found) == value else value


def _section(section: Any) -> Section:
    return Section(
        name=_text(section._name) or "",
        id=_text(section._id),
        type=_text(section.type),
        definition=_text(section._definition),
        reference=_text(section._reference),
        repository=_text(section._repository),
        link=_text(section._link),
        include=_text(section._include),
        sec_cardinality=_cardinality(section._sec_cardinality),
        prop_cardinality=_cardinality(section._prop_cardinality),
        properties=[_property(one) for one in list.__iter__(section._props)],
    )


def _property(one: Any) -> Property:
    return Property(
        name=_text(one._name) or "",
        id=_text(one._id),
        values=[_value(value) for value in one._values],
        dtype=_text(one._dtype),
        unit=_text(one._unit),
        uncertainty=_number(_scalar(one._uncertainty)),
        definition=_text(one._definition),
        reference=_text(one._reference),
        value_origin=_text(one._value_origin),
        dependency=_text(one._dependency),
        dependency_value=_scalar(one._dependency_value),
        val_cardinality=_cardinality(one._val_cardinality),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    """A number of numpy as Python's own; anything else as it is."""
    if isinstance(value, str | date | time):
        return value
    if hasattr(value, "item") and hasattr(value, "dtype"):
        return value.item()
    return value


def _scalar(value: Any) -> Scalar | None:
    value = _plain(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _number(value: Scalar | None) -> Scalar | None:
    if not isinstance(value, str):
        return value
    if _WHOLE.fullmatch(value):
        return int(value)
    return float(value) if len(value) <= 400 and _NUMBER.fullmatch(value) else value


def _value(value: Any) -> Value:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    found = _scalar(value)
    return "" if found is None else found


def _cardinality(value: Any) -> Cardinality | None:
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[1]
    return None
