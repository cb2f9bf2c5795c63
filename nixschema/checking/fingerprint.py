"""What a result depends on beside the file: the program, its libraries, and what was asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import nixschema


def fingerprint(*asked: object) -> str:
    """A short text that is another one for another program, or when something else was asked for.

    Args:
        asked: what was asked for, as things whose `repr` tells all of it.
    """
    told = "\0".join((_program(), *map(repr, asked)))
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]


@cache
def _program() -> str:
    """A digest of the code and of the versions of what it reads files with."""
    from nixschema.reports.report import Tool

    digest = hashlib.sha256(Tool().model_dump_json().encode())
    folder = Path(nixschema.__file__).parent
    for source in sorted(folder.rglob("*.py")):
        digest.update(source.relative_to(folder).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()
