"""The bytes that values are read from: a part of a file, as it is or deflated."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import Any, BinaryIO, NamedTuple, Protocol

from nixschema.sources.place import opened
from nixschema.sources.spec import SourceError
from nixschema.storage.files import Stamp

_PIECE = 256 * 1024


class Reader(Protocol):
    """Reads bytes of a content that is open."""

    def __call__(self, start: int, into: memoryview) -> None:
        """Fill a buffer with what begins at a place."""


class Content(Protocol):
    """Bytes that lie in a file."""

    @property
    def size(self) -> int:
        """How many there are."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for the same bytes."""

    def opened(self) -> Any:
        """A context manager that gives a `Reader`."""


class Plain(NamedTuple):
    """A part of a file."""

    path: str
    stamp: Stamp
    start: int
    size: int

    @property
    def identity(self) -> tuple[Any, ...]:
        """The file, its state, and the part."""
        return tuple(self)

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        """Have the file open.

        Raises:
            StaleFileError: it has changed since it was read.
        """
        with opened(self.path, self.stamp) as stream:

            def read(start: int, into: memoryview) -> None:
                stream.seek(self.start + start)
                _fill(stream, into, self.path)

            yield read


def _fill(stream: FileIO | BinaryIO, into: memoryview, path: str) -> None:
    done = 0
    while done < len(into):
        # Linux reads at most two gigabytes at once.
        read = stream.readinto(into[done : done + 2**30])  # type: ignore[union-attr]
        if not read:
            raise OSError(f"{path} ends before its values do")
        done += read


class Deflated:
    """A deflated part of a file; reading on where the last reading ended costs nothing extra.

    Reading backwards takes all of it into a temporary file, once.
    """

    __slots__ = ("_at", "_inflate", "_place", "_rest", "_whole", "packed", "path", "size", "stamp")

    def __init__(self, path: str, stamp: Stamp, packed: tuple[int, int], size: int) -> None:
        """Take note of it.

        Args:
            path: the file.
            stamp: its state.
            packed: where in the file the deflated bytes are, and how many.
            size: bytes when they are inflated.
        """
        self.path = path
        self.stamp = stamp
        self.packed = packed
        self.size = size
        self._whole: BinaryIO | None = None
        self._rewind()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without what was read."""
        return Deflated, (self.path, self.stamp, self.packed, self.size)

    def __del__(self) -> None:
        """Give the temporary file up."""
        if self._whole is not None:
            self._whole.close()

    @property
    def identity(self) -> tuple[Any, ...]:
        """The file, its state, and the part."""
        return (self.path, self.stamp, self.packed, self.size)

    def _rewind(self) -> None:
        self._inflate = zlib.decompressobj(-15)
        self._rest = b""
        self._place = 0
        """Of the deflated bytes, how many were taken."""
        self._at = 0
        """Of the inflated bytes, how many were given."""

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        """Have the file open.

        Raises:
            StaleFileError: it has changed since it was read.
        """
        with opened(self.path, self.stamp) as stream:

            def read(start: int, into: memoryview) -> None:
                if self._whole is None and start < self._at:
                    self._rewind()
                    if start > _PIECE:
                        self._take_whole(stream)
                if self._whole is not None:
                    self._whole.seek(start)
                    _fill(self._whole, into, self.path)
                    return
                self._pass(stream, start - self._at)
                done = 0
                while done < len(into):
                    piece = self._next(stream, len(into) - done)
                    into[done : done + len(piece)] = piece
                    done += len(piece)

            yield read

    def _pass(self, stream: FileIO, count: int) -> None:
        while count:
            count -= len(self._next(stream, count))

    def _next(self, stream: FileIO, most: int) -> bytes:
        """Some of the bytes that follow, at least one."""
        while True:
            if not self._rest:
                stream.seek(self.packed[0] + self._place)
                self._rest = stream.read(min(_PIECE, self.packed[1] - self._place)) or b""
                self._place += len(self._rest)
            ended = not self._rest
            try:
                piece = self._inflate.decompress(self._rest, min(most, _PIECE))
            except zlib.error as error:
                raise SourceError(f"the compressed values are damaged: {error}") from None
            self._rest = self._inflate.unconsumed_tail
            if piece:
                self._at += len(piece)
                return piece
            if ended or self._inflate.eof:
                raise SourceError("the compressed values end before all are there")

    def _take_whole(self, stream: FileIO) -> None:
        whole = tempfile.TemporaryFile()  # noqa: SIM115
        while self._at < self.size:
            whole.write(self._next(stream, self.size - self._at))
        whole.flush()
        whole.seek(0, os.SEEK_SET)
        self._rewind()
        self._whole = whole
