"""An odML document as it is written: which fields stand where, unjudged.

XML, JSON and YAML are read to this; from here on they take one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nixschema.text.nodes import Node

Kind: TypeAlias = Literal["document", "section", "property", "value"]


class Raw:
    """A document, section or property, or a value with fields of its own (odML 1.0)."""

    __slots__ = ("column", "fields", "kind", "line", "properties", "sections", "values")

    def __init__(self, kind: Kind, line: int, column: int) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        self.fields: dict[str, Node] = {}
        """By name of the field, as in `nixschema.odml_model.document`."""
        self.values: list[Node | Raw] = []
        """Of a property: texts, and values with fields. Of such a value: its text, if any."""
        self.properties: list[Raw] = []
        self.sections: list[Raw] = []


@dataclass(slots=True)
class Written:
    """A document and how it is written."""

    document: Raw
    version: str | None
    """``1.0``, ``1.1``, or another as written; None where none is."""
    format: Literal["xml", "json", "yaml"]
