"""The mapping between odML and NIX, as ``converters/odml.yaml`` has it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from nixschema.documents import documents
from nixschema.text.nodes import Mapping as Keys
from nixschema.text.nodes import Node, Scalar, Sequence
from nixschema.text.yaml import read_text

Plain: TypeAlias = "str | list[Any] | dict[str, Any]"


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """How NIX holds a field of odML."""

    field: str
    """Name in odML."""
    nix: str
    """Name in NIX: of a field, or of the property of a document's section; else nothing."""
    kind: str
    """How, in the words of the mapping: ``text``, ``name``, ``values`` …"""
    unset: str
    """What NIX has where odML has nothing."""


@dataclass(frozen=True, slots=True)
class OdmlMapping:
    """All that the mapping says."""

    document: tuple[FieldMapping, ...]
    section: tuple[FieldMapping, ...]
    property: tuple[FieldMapping, ...]
    document_name: str
    document_type: str
    attribute: str
    """Name of the attribute of the overlay."""
    reserved_name: str
    reserved_type: str
    odml_types: dict[str, str]
    """Types that NIX has for those of odML."""
    storages: dict[str, str]
    """Types in the file of values of those of odML."""

    def of_kind(self, entity: str, *kinds: str) -> tuple[FieldMapping, ...]:
        """The fields of an entity that are held in one of some ways."""
        fields: tuple[FieldMapping, ...] = getattr(self, entity)
        return tuple(one for one in fields if one.kind in kinds)

    def is_document(self, name: str, type: str | None) -> bool:
        """Whether a section of this name and type is a document."""
        return type == self.document_type and name.startswith(self.document_name)


@cache
def mapping() -> OdmlMapping:
    """The mapping, read once."""
    said: Any = mapping_document()
    return OdmlMapping(
        document=_fields(said["document"]["fields"]),
        section=_fields(said["section"]["fields"]),
        property=_fields(said["property"]["fields"]),
        document_name=said["document"]["name"],
        document_type=said["document"]["type"],
        attribute=said["overlay"]["attribute"],
        reserved_name=said["reserved"]["name"],
        reserved_type=said["reserved"]["type"],
        odml_types={
            name: one["odml_type"] for name, one in said["types"].items() if "odml_type" in one
        },
        storages={name: one["storage"] for name, one in said["types"].items()},
    )


def mapping_document() -> Plain:
    """The document as it is written: texts, lists and mappings of them."""
    path = documents() / "converters" / "odml.yaml"
    root, problems = read_text(path.read_bytes())
    if root is None or problems:
        raise ValueError(f"{path} is damaged: {problems[0].message if problems else 'it is empty'}")
    return _plain(root)


def _fields(said: dict[str, dict[str, str]]) -> tuple[FieldMapping, ...]:
    return tuple(
        FieldMapping(name, one.get("nix", ""), one["as"], one.get("unset", ""))
        for name, one in said.items()
    )


def _plain(node: Node) -> Plain:
    """A document of a few levels, that we wrote ourselves."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_plain(one) for one in node.items]
    assert isinstance(node, Keys)
    return {key: _plain(one) for key, one in node.items.items()}
