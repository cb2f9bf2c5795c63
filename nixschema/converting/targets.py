"""Which file of a folder becomes which of another: the tree stays, the endings are the format's."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from nixschema.formats import ALL_SUFFIXES, IN_FOLDERS, Format

_ENDINGS = sorted((*ALL_SUFFIXES, ".hdf5"), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the files of a folder go that is converted."""

    source: str
    """The folder that is read."""
    target: str
    """The folder that is written."""
    to: Format
    """The format that the files are written in."""

    def of(self, path: str) -> str:
        """The file that a file of the source folder becomes."""
        inside = os.path.relpath(path, self.source)
        return os.path.join(self.target, f"{without_ending(inside)}{IN_FOLDERS[self.to]}")

    def beside(self, target: str) -> str | None:
        """The folder that is written together with a file, if the format has one."""
        return f"{os.path.splitext(target)[0]}.data" if self.to == "description" else None

    def clashes(self, paths: Iterable[str]) -> list[list[str]]:
        """The files that would become one and the same, on some system or other.

        Args:
            paths: files of the source folder.

        Returns:
            Such files, those of one target together.
        """
        first: dict[str, str] = {}
        several: dict[str, list[str]] = {}
        for path in paths:
            key = _folded(self.of(path))
            other = first.setdefault(key, path)
            if other != path:
                several.setdefault(key, [other]).append(path)
        return list(several.values())


def without_ending(name: str) -> str:
    """The name of a file without the ending that tells its format."""
    folder, base = os.path.split(name)
    for ending in _ENDINGS:
        if base.lower().endswith(ending) and len(base) > len(ending):
            return os.path.join(folder, base[: -len(ending)])
    return name


def _folded(path: str) -> str:
    """A path as systems compare it that tell no capitals, and spell accents in one way."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
