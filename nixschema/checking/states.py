"""What tells whether a file has changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TypeAlias

Seen: TypeAlias = tuple[int, int, int]
"""State of a file: inode, size, time of the last change in nanoseconds."""


def seen_at(path: str) -> Seen | None:
    """The present state of a file; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def time_text(nanoseconds: int) -> str | None:
    """A time since 1970 as text: ``2024-02-29T12:00:00.000000001Z``."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
