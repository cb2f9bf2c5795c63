"""Taking one property into a large file, beside copying that file by ``cp``.

Each job gets a copy of the file first, while no clock runs, and the disk has all of it by then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told

METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<odML version="1.1"><section><name>subject</name><type>subject</type>
<property><name>age</name><type>int</type><value>7</value></property></section></odML>
"""


def cp_copy(synced: bool = False) -> Job:
    """Copy the file by the system's command."""

    def copy(target: str) -> None:
        copied = f"{target}.copy"
        subprocess.run(["cp", "--reflink=auto", target, copied], check=True)
        if synced:
            descriptor = os.open(copied, os.O_RDWR)
            os.fsync(descriptor)
            os.close(descriptor)

    return _timed(copy)


def cp_copy_synced() -> Job:
    """The same, and have the disk have it."""
    return cp_copy(synced=True)


def nixschema_update() -> Job:
    """Take in the metadata; the file is on the disk then."""
    import nixschema

    return _timed(lambda target: _changed(nixschema.update(f"{target}.odml", target).is_changed))


def nixschema_update_in_place() -> Job:
    """Take in the metadata without a copy."""
    import nixschema

    return _timed(
        lambda target: _changed(
            nixschema.update(f"{target}.odml", target, in_place=True).is_changed
        )
    )


def _changed(is_changed: bool) -> None:
    assert is_changed


def _timed(work: Callable[[str], None]) -> Job:
    def job(given: str, target: str) -> Callable[[], Told]:
        shutil.copyfile(given, target)
        Path(f"{target}.odml").write_text(METADATA)
        os.sync()
        clock, start = perf_counter(), process_time()
        work(target)
        taken: Told = {"cpu": process_time() - start, "wall": perf_counter() - clock}
        for end in (".odml", ".copy"):
            Path(f"{target}{end}").unlink(missing_ok=True)
        return lambda: taken

    return job
