"""Packages that only some functions need: imported when they are called, missed in plain words."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from nixschema.errors import MissingExtra


def needed(package: str, extra: str) -> ModuleType:
    """Import a package that comes with an extra of nixschema.

    Args:
        package: its name, such as ``matplotlib.pyplot``.
        extra: the extra it comes with, such as ``plot``.

    Raises:
        MissingExtra: it is not installed. One that is and fails raises its own error.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        root = package.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != root:
            raise
        message = f"{root} is not installed: pip install 'nixschema[{extra}]'"
        raise MissingExtra(message, name=root) from None
