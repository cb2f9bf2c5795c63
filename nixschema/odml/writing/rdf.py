"""Documents -> RDF, by the exporter of Python's odML library."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal, TypeAlias
from urllib.parse import quote
from uuid import UUID

from nixschema.errors import NixError
from nixschema.odml.bridge import quiet, to_document
from nixschema.odml.writing.losses import Loss, Path, lost
from nixschema.odml.writing.values import int_text, is_long, value_text
from nixschema.odml.writing.xml import NOT_IN_XML, REPLACEMENT
from nixschema.odml_model.document import Document, Property, Section

RdfFormat: TypeAlias = Literal["turtle", "rdf"]
"""Turtle, and RDF as XML."""

_DEEPEST = 200
"""Levels of sections; the exporter calls itself for each, and Python ends that."""
_SERIALISATIONS = {"turtle": "turtle", "rdf": "xml"}
_NO_ADDRESS = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
_UNMAPPED_SECTION = ("link", "include", "sec_cardinality", "prop_cardinality")
_UNMAPPED_PROPERTY = ("dependency", "dependency_value", "val_cardinality")


def rdf_text(document: Document, format: RdfFormat) -> str:
    """A document as RDF. Links and includes are left alone: nothing is fetched.

    Raises:
        NixError: sections lie more than 200 deep.
        MissingExtra: the library, or rdflib, is not installed.
    """
    made = to_document(document)
    _prepare(made)
    with quiet(), _without_log():
        writer = import_module("odml.tools.rdf_converter").RDFWriter(made)
        graph = writer.convert_to_rdf()
        # The exporter says `None` for the name of the file that a document was read from.
        graph.remove((None, import_module("odml.format").Format.namespace().hasFileName, None))
        return str(graph.serialize(format=_SERIALISATIONS[format]))


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep rdflib from logging, with a traceback, each value that does not fit its type."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def rdf_losses(document: Document) -> Iterator[Loss]:
    """What RDF does not hold of a document."""
    if document.sections:
        yield lost(None, "", "RDF does not keep the order of sections and properties")
    for field in ("id", "author", "version", "date", "repository"):
        yield from _field(None, field, getattr(document, field))
    stack: list[tuple[Path, Section]] = [
        ((None, one.name), one) for one in reversed(document.sections)
    ]
    while stack:
        path, section = stack.pop()
        for field in ("id", "name", "type", "definition", "reference", "repository"):
            yield from _field(path, field, getattr(section, field))
        yield from _unmapped(path, section, _UNMAPPED_SECTION)
        for one in section.properties:
            yield from _property((path, f"properties/{one.name}"), one)
        stack.extend(((path, f"sections/{one.name}"), one) for one in reversed(section.sections))


def _property(path: Path, one: Property) -> Iterator[Loss]:
    fields = ("id", "name", "dtype", "unit", "uncertainty", "definition", "reference")
    for field in (*fields, "value_origin"):
        yield from _field(path, field, getattr(one, field))
    yield from _unmapped(path, one, _UNMAPPED_PROPERTY)
    if any(NOT_IN_XML.search(value_text(value)) for value in one.values):
        yield lost(path, "values", "RDF has no control characters: U+FFFD is written")


def _unmapped(path: Path, owner: Section | Property, fields: tuple[str, ...]) -> Iterator[Loss]:
    for field in fields:
        if getattr(owner, field) is not None:
            yield lost(path, field, f"odML's RDF has no `{field}`")


def _field(path: Path, field: str, value: object) -> Iterator[Loss]:
    if value is None:
        return
    if not value:
        yield lost(path, field, "zero, false and empty texts are left out")
    elif field == "id" and not _is_id(str(value)):
        yield lost(path, field, "the id is no UUID: another is written")
    elif field == "repository" and _NO_ADDRESS.search(str(value)):
        yield lost(path, field, "the address has characters that are written as `%` and digits")
    elif isinstance(value, str) and NOT_IN_XML.search(value):
        yield lost(path, field, "RDF has no control characters: U+FFFD is written")


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _prepare(document: Any) -> None:
    """Take from a document of the library what its exporter stumbles over."""
    _clean(document)
    level = list(document._sections)
    depth = 1
    while level:
        if depth > _DEEPEST:
            raise NixError(f"sections lie more than {_DEEPEST} deep, which RDF is not written for")
        below = []
        for section in level:
            section._link = section._include = None
            _clean(section)
            for one in section._props:
                _clean(one)
                one._values = [_literal(value) for value in one._values]
            below.extend(section._sections)
        level, depth = below, depth + 1


def _clean(entity: Any) -> None:
    if not _is_id(entity._id):
        entity.new_id()
    if getattr(entity, "_repository", None):
        address = _NO_ADDRESS.sub(REPLACEMENT, entity._repository)
        if address != entity._repository:
            entity._repository = quote(
                entity._repository, safe="!#$%&'()*+,-./:;=?@[]_~", errors="replace"
            )
    for name, value in list(vars(entity).items()):
        if isinstance(value, str | int) and not isinstance(value, bool):
            setattr(entity, name, _literal(value))


def _literal(value: Any) -> Any:
    """A value that rdflib can write: tuples are texts, as odML has them elsewhere."""
    if isinstance(value, list):
        value = f"({';'.join(value)})"
    if isinstance(value, int) and is_long(value):
        return int_text(value)
    return NOT_IN_XML.sub(REPLACEMENT, value) if isinstance(value, str) else value
