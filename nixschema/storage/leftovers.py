"""What is left beside a file by a process that was ended while it wrote it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from nixschema.storage.beside import clear_beside
from nixschema.storage.replace import has_draft, remove_stale


def clear(path: str, process: int, *, folder: str | None = None, was_there: bool) -> None:
    """Take away what a process has left that was ended while it wrote a file.

    File and folder are then both those of before, or both the new ones.

    Args:
        path: the file.
        process: id of the process, which is gone.
        folder: the folder beside the file that takes its place together with it, if any.
        was_there: whether there was a file or a folder of that name before.
    """
    with suppress(OSError):
        is_complete = not has_draft(path, process)
        if folder is not None:
            clear_beside(folder, process, is_complete=is_complete)
            if not was_there and not os.path.lexists(path):
                shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        remove_stale(path)
