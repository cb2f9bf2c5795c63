"""Documents as the text of a format, and as files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from nixschema.errors import UnknownFormat
from nixschema.odml.writing.losses import Loss, losses
from nixschema.odml.writing.rdf import rdf_losses, rdf_text
from nixschema.odml.writing.trees import document_tree
from nixschema.odml.writing.xml import xml_text
from nixschema.odml_model.document import Document
from nixschema.storage.replace import replacing
from nixschema.text.emit import json_text, yaml_text

Format: TypeAlias = Literal["xml", "json", "yaml", "turtle", "rdf"]
"""How a document is written down: ``turtle`` and ``rdf`` (as XML) are RDF."""

_CHUNK = 1 << 20
"""Characters that are written at once."""

_SUFFIXES: dict[str, Format] = {
    "": "xml",
    ".odml": "xml",
    ".xml": "xml",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".ttl": "turtle",
    ".rdf": "rdf",
}


def write_odml(
    document: Document, path: str | os.PathLike[str], *, format: Format | None = None
) -> list[Loss]:
    """Write a document to a file, or leave the file as it is.

    Args:
        document: what is written.
        path: the file; its suffix says the format.
        format: the format, whatever the suffix.

    Returns:
        What the file does not hold, and what Python's odML library will not read of it.

    Raises:
        UnknownFormat: the suffix is none of those of odML.
        NixError: RDF is written of sections nested more than 200 deep.
        MissingExtra: RDF is written and a package is missing.
        OSError: the file cannot be written.
    """
    chosen = format or format_of(path)
    write_text(document, path, chosen)
    return losses_of(document, chosen)


def write_text(document: Document, path: str | os.PathLike[str], format: Format) -> None:
    """Write a document to a file, and ask nothing of it; see `write_odml`."""
    with replacing(os.fspath(path)) as stream:
        for chunk in _chunks(odml_text(document, format)):
            stream.write(memoryview(chunk))


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that a file of that name is written in.

    Raises:
        UnknownFormat: the suffix is none of those of odML.
    """
    suffix = Path(path).suffix.lower()
    found = _SUFFIXES.get(suffix)
    if found is None:
        known = ", ".join(f"`{one}`" for one in _SUFFIXES if one)
        raise UnknownFormat(f"`{suffix}` is no suffix of odML files: {known} are")
    return found


def odml_text(document: Document, format: Format) -> Iterator[str]:
    """A document as text, piece by piece; to be encoded as UTF-8."""
    if format == "xml":
        return xml_text(document)
    if format == "json":
        return json_text(document_tree(document, json=True))
    if format == "yaml":
        return yaml_text(document_tree(document, json=False))
    return iter((rdf_text(document, format),))


def losses_of(document: Document, format: Format) -> list[Loss]:
    """What does not arrive when a document is written in a format."""
    if format == "turtle" or format == "rdf":
        return list(rdf_losses(document))
    return list(losses(document, format))


def _chunks(pieces: Iterator[str]) -> Iterator[bytes]:
    """Text as UTF-8, in pieces that are worth a call of the system."""
    gathered: list[str] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size > _CHUNK:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()
