"""Put a folder beside a file: all of it takes its place together with the file, or nothing does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_beside(path: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """A folder to be filled, and what puts it into its place.

    Whoever fills it makes it when he needs it. What is at its place goes when the block ends
    without an exception, and comes back when it does not.

    Args:
        path: where the folder belongs.

    Yields:
        Path of the folder until then, and a function that moves it; nothing moves where it was not
        made.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    before = target.with_name(f".{target.name}.{os.getpid()}.old")
    for stale in (temporary, before):
        shutil.rmtree(stale, ignore_errors=True)
    moved = False

    def take_place() -> None:
        nonlocal moved
        if not temporary.is_dir():
            return
        if target.exists():
            os.replace(target, before)
        os.replace(temporary, target)
        moved = True

    try:
        yield str(temporary), take_place
    except BaseException:
        if moved:
            shutil.rmtree(target, ignore_errors=True)
        if before.exists():
            os.replace(before, target)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    shutil.rmtree(before, ignore_errors=True)
