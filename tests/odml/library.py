"""Python's odML library as a judge: silent, and as it reads files."""

from __future__ import annotations

from typing import Any

from nixschema.odml.bridge import from_document, quiet
from nixschema.odml_model.document import Document

with quiet():
    import odml
    from odml.tools.odmlparser import ODMLReader
    from odml.tools.xmlparser import XMLWriter

__all__ = ["ODMLReader", "XMLWriter", "odml", "read"]


def read(text: str, format: str) -> Document:
    """What the library reads from a text; it refuses what it has any error about."""
    reader: Any = ODMLReader(format.upper(), show_warnings=False)
    with quiet():
        found = reader.from_string(text.encode() if format == "xml" else text)
    return from_document(found)
