"""Every state that a file on the disk goes through while it is changed.

A process may be killed between any two writes to the disk, and what is there then is what the next
one finds. So all writes are noted, and the file is made again as it was after each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from nixschema.storage import keeping


class Moment(NamedTuple):
    """The file after a write."""

    content: bytes
    told: Any
    """What was said to be in it last, before this write began."""
    last: str
    """The write, in words."""


class Moments:
    """Notes all writes to one file while it is open."""

    def __init__(self, path: Path) -> None:
        self._start = path.read_bytes()
        self._steps: list[tuple[str, int, Any]] = []

    def __enter__(self) -> Self:
        self._write, self._truncate = keeping._write_at, keeping._truncate

        def write(descriptor: int, data: Any, start: int) -> int:
            self._steps.append(("write", start, bytes(data)))
            return self._write(descriptor, data, start)

        def truncate(descriptor: int, size: int) -> None:
            self._steps.append(("length", size, None))
            self._truncate(descriptor, size)

        keeping._write_at, keeping._truncate = write, truncate
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        keeping._write_at, keeping._truncate = self._write, self._truncate

    def tell(self, what: Any) -> None:
        """Say what is in the file from now on, whatever happens."""
        self._steps.append(("told", 0, what))

    def __len__(self) -> int:
        return sum(kind != "told" for kind, _, _ in self._steps)

    def __iter__(self) -> Iterator[Moment]:
        content = bytearray(self._start)
        told: Any = None
        yield Moment(bytes(content), told, "opened")
        for kind, place, value in self._steps:
            if kind == "told":
                told = value
                continue
            if kind == "length":
                del content[place:]
                content.extend(bytes(place - len(content)))
                yield Moment(bytes(content), told, f"{place} bytes long")
                continue
            content.extend(bytes(max(0, place - len(content))))
            content[place : place + len(value)] = value
            words = f"{len(value)} bytes at {place}, {value[:4]!r}"
            yield Moment(bytes(content), told, words)
