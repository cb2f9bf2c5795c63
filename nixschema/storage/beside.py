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
    temporary, before = _places(target, os.getpid())
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


def clear_beside(path: str, process: int, *, is_complete: bool) -> None:
    """Put in order what a process left that has ended while it made a folder.

    Args:
        path: where the folder belongs.
        process: id of the process.
        is_complete: whether the file that the folder lies beside had taken its place.

    Raises:
        OSError: what was there before cannot be put back.
    """
    target = Path(path)
    temporary, before = _places(target, process)
    shutil.rmtree(temporary, ignore_errors=True)
    if before.exists() and not is_complete:
        shutil.rmtree(target, ignore_errors=True)
        os.replace(before, target)
    shutil.rmtree(before, ignore_errors=True)


def _places(target: Path, process: int) -> tuple[Path, Path]:
    """Where a process makes a folder, and where it puts the one that was there before."""
    stem = f".{target.name}.{process}"
    return target.with_name(f"{stem}.tmp"), target.with_name(f"{stem}.old")
