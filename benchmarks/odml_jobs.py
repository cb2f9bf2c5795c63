"""Reading odML, and making NIX files of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told


def nixschema_odml() -> Job:
    """Read a document, with the line of each entity and all that is wrong with it."""
    from nixschema.odml.reading import read_odml

    def read(path: str, _: str) -> Callable[[], Told]:
        document, problems = read_odml(path)
        assert document is not None
        assert problems == []
        return dict

    return read


def python_odml() -> Job:
    """Load a document with Python's odML library."""
    import odml

    def load(path: str, _: str) -> Callable[[], Told]:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            odml.load(path, show_warnings=False)
        return dict

    return load


def nixschema_carry() -> Job:
    """Make a NIX file of a document; it is on the disk then."""
    import nixschema

    def carry(path: str, target: str) -> Callable[[], Told]:
        nixschema.write(nixschema.odml.read(path), target, check="none")
        return dict

    return carry


def nixodmlconverter_carry() -> Job:
    """Make a NIX file of a document, as nixodmlconverter does for its command."""
    import odml
    from nixodmlconverter.convert import nixwrite

    def carry(path: str, target: str) -> Callable[[], Told]:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            nixwrite(odml.load(path, show_warnings=False), target, mode="overwrite")
        return dict

    return carry
