"""The first block of an HDF5 file: where the file ends, and where its root group is.

It lies at the start of the file, or behind a user block at a multiple of 512 bytes, and is smaller
than that: one write of it is never cut by the border of a memory page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nixschema.errors import NotNix
from nixschema.storage.checksum import checksum, sealed

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""The first bytes of an HDF5 file, or of one behind a user block."""

MOST_BYTES = 256
"""So many bytes hold any superblock, as far as it is of interest here."""

_WIDTH = 8
"""Bytes of an address; all libraries in use write such files."""

_MARK_PLACE = 11

_MARKED_VERSION = 3
"""From this version on a file says that somebody has it open for writing."""


@dataclass(frozen=True, slots=True)
class Superblock:
    """A superblock of any version."""

    raw: bytes
    version: int
    end_place: int
    """Where in it the end of the file stands."""
    root_place: int
    """Where in it the address of the root group stands."""

    @classmethod
    def parsed(cls, data: bytes) -> Superblock:
        """The superblock at the start of some bytes.

        Raises:
            NotNix: it is of a kind that is not known.
        """
        version = data[8] if data[:8] == SIGNATURE and len(data) >= 48 else -1
        widths = {0: data[13:15], 1: data[13:15], 2: data[9:11], 3: data[9:11]}.get(version)
        if widths != bytes((_WIDTH, _WIDTH)):
            raise NotNix("its superblock is of an unknown kind")
        if version >= 2:
            return cls(bytes(data[:48]), version, 28, 36)
        # Version 1 has four bytes more before the addresses; the root is an entry of a group.
        more = 4 * version
        return cls(bytes(data[: 96 + more]), version, 40 + more, 64 + more)

    @property
    def is_sound(self) -> bool:
        """Whether its checksum fits, where it has one."""
        if self.version < 2:
            return True
        return int.from_bytes(self.raw[-4:], "little") == checksum(self.raw[:-4])

    @property
    def is_marked(self) -> bool:
        """Whether somebody has the file open for writing, or had when he died."""
        return self.version >= _MARKED_VERSION and bool(self.raw[_MARK_PLACE])

    @property
    def end(self) -> int:
        """The end of what is in use in the file."""
        return self._number(self.end_place)

    @property
    def root(self) -> int:
        """Address of the root group's header."""
        return self._number(self.root_place)

    def ending(self, end: int) -> Superblock:
        """The same with another end."""
        return self._with(self.end_place, end.to_bytes(_WIDTH, "little"))

    def rooted(self, root: int) -> Superblock:
        """The same with another root group; the old kind forgets what it knew of the former."""
        address = root.to_bytes(_WIDTH, "little")
        return self._with(self.root_place, address if self.version >= 2 else address + bytes(24))

    def unmarked(self) -> Superblock:
        """The same without the mark that somebody has the file open for writing."""
        return self if self.version < _MARKED_VERSION else self._with(_MARK_PLACE, b"\0")

    def _number(self, place: int) -> int:
        return int.from_bytes(self.raw[place : place + _WIDTH], "little")

    def _with(self, place: int, value: bytes) -> Superblock:
        raw = bytearray(self.raw)
        raw[place : place + len(value)] = value
        return replace(self, raw=sealed(raw) if self.version >= 2 else bytes(raw))
