"""A NIX file: blocks of data and sections of metadata."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from nixschema.findings import Finding
from nixschema.layout import Attribute, Members, Needed, Version
from nixschema.model.block import Block
from nixschema.model.container import Container
from nixschema.model.entity import Entity
from nixschema.model.fields import Identifier, Natural, new_id
from nixschema.model.section import Section

PRESENT_VERSION: Version = (1, 2, 1)
"""The format version of new files."""

OLDEST_VERSION: Version = (1, 0, 0)
"""The oldest format version there is."""


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class File(Entity):
    """A NIX file."""

    __slots__ = ("_findings", "_source", "_stamp")

    words: ClassVar[str] = "file"
    scope: ClassVar[Literal["", "block", "file"]] = "file"

    format: Annotated[Literal["nix"], Needed()] = "nix"
    """Says that the HDF5 file is a NIX file."""

    version: Annotated[
        tuple[Natural, Natural, Natural] | None,
        BeforeValidator(_as_tuple),
        Attribute(dtype="int32"),
        Needed(),
    ] = PRESENT_VERSION
    """Version of the format: major, minor and patch number."""

    id: Annotated[Identifier, Attribute(name="id", since=(1, 2, 0)), Needed()] = Field(
        default_factory=new_id
    )
    """UUID of the file; required since version 1.2.0."""

    blocks: Annotated[Container[Block], Members(name="data")] = Field(default_factory=Container)
    """The blocks."""

    metadata: Container[Section] = Field(default_factory=Container)
    """The root sections."""

    @property
    def findings(self) -> list[Finding]:
        """What reading the file found; empty for a file made by hand."""
        return list(getattr(self, "_findings", ()))

    @property
    def source(self) -> str | None:
        """Path of the file this was read from, or None."""
        return getattr(self, "_source", None)

    @property
    def key(self) -> str:
        """The path of a file is ``/``."""
        return ""
