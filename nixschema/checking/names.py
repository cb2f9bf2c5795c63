"""Names of files: as reports tell them, and as lists give them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO


def readable(path: str) -> str:
    """A path as reports tell it: bytes that are no text are spelled out."""
    return path.encode("utf-8", "backslashreplace").decode()


def listed_files(stream: IO[bytes]) -> Iterator[str]:
    """The paths of a list: one a line, or parted by NUL characters. Empty lines are none.

    Raises:
        OSError: the list cannot be read.
    """
    content = stream.read()
    parts = (
        content.split(b"\0") if b"\0" in content else content.replace(b"\r\n", b"\n").split(b"\n")
    )
    for part in parts:
        if part:
            yield os.fsdecode(part)
