"""``nixschema.odml``: odML in Python, as files and as the objects of Python's odML library."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from nixschema.errors import LossWarning, NotNix
from nixschema.io import load_odml
from nixschema.model import File
from nixschema.model.pending import settle_file
from nixschema.odml import bridge
from nixschema.odml.from_nix import document_of
from nixschema.odml.to_nix import sections_of
from nixschema.odml.writing import Loss, write_odml
from nixschema.odml_model.document import Document
from nixschema.recognition import text_format
from nixschema.reports.text import count_text
from nixschema.storage.load import many_objects

if TYPE_CHECKING:
    from odml.doc import BaseDocument

_TOLD = 5
"""How many losses a message tells."""


def read(path: str | os.PathLike[str]) -> File:
    """Read odML of any version, as XML, JSON or YAML, as the metadata that it becomes in NIX.

    ``file.findings`` says what is wrong with the text, each finding with its line.

    Raises:
        NotNix: it is no odML.
        OSError: it cannot be read.
    """
    name = os.fspath(path)
    if os.path.isfile(name) and text_format(name) != "odml":
        raise NotNix(f"{name} is no odML")
    return load_odml(name)


def write(file: File, path: str | os.PathLike[str], *, plain: bool = False) -> None:
    """Write the metadata of a file as odML; the file that may be there is replaced as a whole.

    Args:
        file: what holds the metadata.
        path: where to: ``.odml`` and ``.xml`` are XML, ``.json`` and ``.yaml`` what they say,
            ``.ttl`` and ``.rdf`` RDF.
        plain: leave out the section in which odML takes along what it has no place for.

    Warns:
        LossWarning: the text cannot hold something.

    Raises:
        UnknownFormat: the name says no format.
        OSError: it cannot be written.
    """
    document, unsaid = _document(file, reserved=not plain)
    lost = [f"{one.path}: {one.reason}" for one in unsaid]
    lost += [f"{one.path}: {one.reason}" for one in write_odml(document, path) if one.is_lost]
    _warn(f"{os.fspath(path)} was written", lost)


def to_document(file: File, *, plain: bool = False) -> BaseDocument:
    """The metadata of a file as an ``odml.Document`` of Python's odML library.

    Args:
        file: what holds the metadata.
        plain: leave out the section in which odML takes along what it has no place for.

    Warns:
        LossWarning: odML cannot hold something.

    Raises:
        MissingExtra: the library is not installed.
    """
    document, unsaid = _document(file, reserved=not plain)
    _warn("the document was made", [f"{one.path}: {one.reason}" for one in unsaid])
    with bridge.quiet():
        return bridge.to_document(document)


def from_document(document: BaseDocument) -> File:
    """The metadata that an ``odml.Document`` of Python's odML library becomes in NIX."""
    with bridge.quiet():
        made = bridge.from_document(document)
    with many_objects():
        return File(metadata=sections_of(made))


def _document(file: File, *, reserved: bool) -> tuple[Document, list[Loss]]:
    settle_file(file)
    with many_objects():
        document, unsaid = document_of(file, reserved=reserved)
    return document, unsaid if reserved else []  # Without it is what was asked for.


def _warn(done: str, lost: list[str]) -> None:
    if lost:
        told = "; ".join(lost[:_TOLD])
        more = f"; and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
        parts = count_text(len(lost), "part")
        warnings.warn(f"{done} without {parts}: {told}{more}", LossWarning, stacklevel=3)
