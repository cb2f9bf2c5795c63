"""What Python's odML library reads, and where that is not what our reader reads."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nixschema.odml_model.document import Document, Property, Section, Value

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import odml
    from odml.tools.odmlparser import ODMLReader

DOCUMENT_FIELDS = ("author", "version", "repository", "date", "id")
SECTION_FIELDS = ("id", "name", "type", "definition", "reference", "repository", "link", "include")
PROPERTY_FIELDS = (
    *("id", "name", "dtype", "unit", "uncertainty", "definition", "reference", "value_origin"),
    *("dependency", "dependency_value"),
)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """The library prints what it meets."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            yield


def read_by_library(path: Path, form: str) -> tuple[Any, list[str]]:
    """The document as the library reads it, and its warnings."""
    with silence():
        if form == "XML":
            from odml.tools.xmlparser import XMLReader

            reader: Any = XMLReader(ignore_errors=True, show_warnings=False)
            with path.open("rb") as file:
                return reader.from_file(file), reader.warnings
        reader = ODMLReader(form, show_warnings=False)
        return reader.from_file(str(path)), list(getattr(reader, "warnings", []))


def differences(ours: Document, theirs: Any) -> Iterator[str]:
    """Where both differ: what is ours, and what the library's is."""
    yield from _fields("/", DOCUMENT_FIELDS, ours, theirs)
    waiting = [("", ours.sections, list(theirs.sections))]
    while waiting:
        path, mine, others = waiting.pop()
        if len(mine) != len(others):
            yield f"{path}: {len(mine)} sections, {len(others)} in the library"
            continue
        for section, other in zip(mine, others, strict=True):
            here = f"{path}/{section.name}"
            yield from _section(here, section, other)
            waiting.append((here, section.sections, list(other.sections)))


def _section(here: str, section: Section, other: Any) -> Iterator[str]:
    yield from _fields(here, SECTION_FIELDS, section, other)
    yield from _cardinalities(here, ("sec_cardinality", "prop_cardinality"), section, other)
    if len(section.properties) != len(other.properties):
        yield f"{here}: {len(section.properties)} properties, {len(other.properties)}"
        return
    for one, their in zip(section.properties, other.properties, strict=True):
        yield from _property(f"{here}:{one.name}", one, their)


def _property(here: str, one: Property, their: Any) -> Iterator[str]:
    yield from _fields(here, PROPERTY_FIELDS, one, their)
    yield from _cardinalities(here, ("val_cardinality",), one, their)
    expected = [_plain(value) for value in their.values]
    found = [_plain(value) for value in one.values]
    if found != expected:
        yield f"{here}: values {found!r}, {expected!r} in the library"


def _plain(value: Value | Any) -> object:
    if isinstance(value, float) and math.isnan(value):
        return "not a number"
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _fields(here: str, names: tuple[str, ...], mine: Any, other: Any) -> Iterator[str]:
    for name in names:
        found, expected = getattr(mine, name), getattr(other, name)
        if name == "id" and found is None:
            continue  # The library makes one.
        if name == "type" and found is None and expected == "n.s.":
            continue
        if name == "dtype" and found is None:
            continue  # The library goes by the values.
        if name == "name" and expected == other.id and found == "unnamed":
            continue
        if name == "date" and expected is not None:
            expected = expected.isoformat()
        if name == "uncertainty" and isinstance(expected, str) and isinstance(found, float | int):
            expected = type(found)(expected)
        found = None if found == "" else found
        expected = None if expected == "" else expected
        if (found, type(found)) != (expected, type(expected)):
            yield f"{here}: {name} {found!r}, {expected!r} in the library"


def _cardinalities(here: str, names: tuple[str, ...], mine: Any, other: Any) -> Iterator[str]:
    for name in names:
        found, expected = getattr(mine, name), getattr(other, name)
        if found is not None and found[0] is not None and found[0] == found[1]:
            continue  # The library loses exact ones.
        if found != expected:
            yield f"{here}: {name} {found}, {expected} in the library"


__all__ = ["differences", "odml", "read_by_library", "silence"]
