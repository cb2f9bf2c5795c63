"""Where the documents lie that people who are no Python developers read: schemas, converters."""

from __future__ import annotations

from pathlib import Path


def documents() -> Path:
    """The folder that holds ``schemas/`` and ``converters/``, in a wheel as in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_documents"
    return installed if installed.is_dir() else package.parent
