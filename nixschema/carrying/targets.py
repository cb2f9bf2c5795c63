"""Documents as files: in which serialisation, and what that does not hold."""

from __future__ import annotations

import os
from typing import Literal

from nixschema.errors import UnknownFormat
from nixschema.odml.writing import Format, losses_of
from nixschema.odml_model.document import Document
from nixschema.rules.odml_losses import ConversionLoss

_ODML: dict[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_OF_RDF = (".ttl", ".rdf")
_RDF: dict[str, Format] = {".ttl": "turtle"}


def serialisation(path: str, kind: Literal["odml", "rdf"]) -> Format:
    """The serialisation that a file of a name is written in; XML unless its ending says another.

    Raises:
        UnknownFormat: the ending is one of a serialisation that the format does not have.
    """
    suffix = os.path.splitext(path)[1].lower()
    if kind == "odml":
        if suffix in _OF_RDF:
            raise UnknownFormat(f"{path} cannot be written as odML: `{suffix}` is RDF")
        return _ODML.get(suffix, "xml")
    if suffix in _ODML:
        raise UnknownFormat(f"{path} cannot be written as RDF: names end in .ttl or .rdf")
    return _RDF.get(suffix, "rdf")


def losses_in(document: Document, format: Format) -> list[ConversionLoss]:
    """What does not arrive when a document is written in a serialisation."""
    lost = "NIX853" if format in ("turtle", "rdf") else "NIX851"
    found = []
    for loss in losses_of(document, format):
        path = f"{loss.path}/{loss.field}" if loss.field else loss.path
        found.append(ConversionLoss(lost if loss.is_lost else "NIX852", path, loss.reason))
    return found
