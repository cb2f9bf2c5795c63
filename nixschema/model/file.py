"""A NIX file: blocks of data and sections of metadata."""

from __future__ import annotations

from types import TracebackType
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, TypeAlias

from pydantic import BeforeValidator, Field

from nixschema.errors import NixError
from nixschema.findings import Finding
from nixschema.layout import Attribute, Members, Needed, Version
from nixschema.model.block import Block
from nixschema.model.container import Container
from nixschema.model.entity import Entity
from nixschema.model.fields import Identifier, Natural, Timestamp, new_id, now
from nixschema.model.section import Section

PRESENT_VERSION: Version = (1, 2, 1)
"""The format version of new files."""

OLDEST_VERSION: Version = (1, 0, 0)
"""The oldest format version there is."""


Check: TypeAlias = Literal["new", "all", "none"]
"""Which errors keep a file from being written; see `nixschema.write`."""


class OpenFile(Protocol):
    """What keeps a file open."""

    is_writable: bool

    def save(self, file: File, check: Check) -> None:
        """Write what has changed."""

    def close(self, file: File) -> None:
        """Close the file as the disk has it."""


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class File(Entity):
    """A NIX file.

    One from `nixschema.open` stays open until `close`, or for the length of a ``with`` block.
    """

    __slots__ = ("_findings", "_open", "_source", "_stamp", "_unsaid")

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

    updated_at: Annotated[Timestamp | None, Needed()] = Field(default_factory=now)
    """When it was last changed, in UTC."""

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
    def is_open(self) -> bool:
        """Whether this is from `nixschema.open` and was not closed since."""
        return getattr(self, "_open", None) is not None

    def save(self, *, check: Check = "new") -> None:
        """Write all changes to the open file: all of them, or none.

        Values that are appended or assigned to an array in the file are there already. What is new
        lies in the file from now on.

        Args:
            check: ``new`` refuses errors that the file does not have yet, ``all`` every error,
                ``none`` writes whatever a file can hold.

        Warns:
            LossWarning: ``check`` is ``none``, and something could not be written.

        Raises:
            NixError: the file is not open, or open for reading only.
            CheckFailed: there are errors, or something cannot be written; nothing is.
            OSError: the disk is full, and the like; nothing is written.
        """
        self._opened().save(self, check)

    def close(self, *, save: bool = True) -> None:
        """Close the open file; its arrays can still be read, as those of one that was read.

        Args:
            save: write all changes first. A file that cannot be saved stays open.

        Raises:
            NixError: the file is not open.
            CheckFailed, OSError: see `save`.
        """
        opened = self._opened()
        if save and opened.is_writable:
            opened.save(self, "new")
        object.__setattr__(self, "_open", None)
        opened.close(self)

    def __enter__(self) -> Self:
        """Keep the file open for a block."""
        self._opened()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, saved first unless the block has ended with an exception."""
        if not self.is_open:
            return
        try:
            self.close(save=kind is None)
        finally:
            if self.is_open:
                self.close(save=False)

    def _opened(self) -> OpenFile:
        opened: OpenFile | None = getattr(self, "_open", None)
        if opened is None:
            raise NixError("the file is not open: nixschema.open opens files")
        return opened

    @property
    def key(self) -> str:
        """The path of a file is ``/``."""
        return ""
