"""Which files a run saw, and what it checked them for: what it can say about those it did not see.

A run that looks at some files, or applies some rules, says nothing about the rest. Who asks whether
something is *no more* there asks this first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nixschema.discovery import SUFFIXES

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport

_VALUES_UNREADABLE = "NIX018"
"""Its message begins with the id of the rule that could not be applied."""

_MOST_UNSEEN = 1_000
_MOST_LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run knows of a file."""

    rules: frozenset[str]
    """Ids of the rules that were applied to all of it: none where it could not be read."""
    id: str | None
    """Id that the file has in NIX."""


def family_of(rule: str) -> str:
    """What a rule is applied with: by itself, or with all of its schema (``our-lab:``)."""
    schema, colon, _ = rule.partition(":")
    return schema + colon


class Coverage:
    """The files of a run and the rules that were applied to each."""

    def __init__(self, folders: Iterable[str] = ()) -> None:
        """Begin a run.

        Args:
            folders: those in which the run looks for files: what it does not note there is none of
                its files. So nothing is asked of a run that was stopped.
        """
        self._folders = {_absolute(one) for one in folders}
        self._files: dict[str, Seen] = {}
        self._rules: dict[frozenset[str], frozenset[str]] = {}
        self._unseen: dict[str, list[str] | None] = {}

    def note(self, report: FileReport, rules: Iterable[str]) -> None:
        """Note a file of the run, checked or not.

        Args:
            report: what came of it, before anything is left out.
            rules: ids of the rules that were to be applied to it.
        """
        applied = frozenset(rules) if report.status in ("ok", "findings") else frozenset()
        applied -= {one.message[:6] for one in report.findings if one.rule == _VALUES_UNREADABLE}
        applied = self._rules.setdefault(applied, applied)
        self._files[_absolute(report.path)] = Seen(applied, report.id)
        self._unseen.clear()

    def seen(self, path: str) -> Seen | None:
        """What is known of a file; None where the run did not see it."""
        return self._files.get(_absolute(path))

    def whole(
        self, folder: str, rules: Iterable[str], takes: Callable[[str], bool] | None = None
    ) -> bool:
        """Whether rules were applied to every file in a folder and the folders below.

        Args:
            folder: where to look.
            rules: ids of the rules.
            takes: which files count; all of them without.
        """
        needed = frozenset(map(family_of, rules))
        folder = _absolute(folder)
        unseen = self._unseen_in(folder)
        if unseen is None or any(takes is None or takes(one) for one in unseen):
            return False
        here = os.path.join(folder, "")
        lacking = {one for one in self._rules if not needed <= one}
        return not lacking or not any(
            seen.rules in lacking and path.startswith(here) and (takes is None or takes(path))
            for path, seen in self._files.items()
        )

    def _unseen_in(self, folder: str) -> list[str] | None:
        """Files that the run did not look at; None where they are too many to tell."""
        if folder not in self._unseen:
            found: list[str] | None = []
            for path in self._walk(folder):
                if path is None or found is None or len(found) >= _MOST_UNSEEN:
                    found = None
                    break
                found.append(path)
            self._unseen[folder] = found
        return self._unseen[folder]

    def _walk(self, folder: str) -> Iterator[str | None]:
        above = folder
        while True:
            if above in self._folders:
                return
            parent = os.path.dirname(above)
            if parent == above:
                break
            above = parent
        count = 0
        closed: list[OSError] = []
        for place, folders, names in os.walk(folder, onerror=closed.append):
            folders[:] = [
                name
                for name in folders
                if not name.startswith(".")
                and not name.endswith(".data")
                and os.path.join(place, name) not in self._folders
            ]
            count += len(names) + len(folders)
            if count > _MOST_LOOKED_AT:
                yield None
                return
            for name in names:
                if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                    path = os.path.join(place, name)
                    if path not in self._files:
                        yield path
        if closed:
            yield None


def seen_from(path: str, folder: str) -> str:
    """A file's path as seen from a folder, with slashes: ``data/a.nix``, ``../b.nix``.

    Symbolic links are followed where the file would lie outside the folder otherwise; a file on
    another drive keeps its whole path.
    """
    path, folder = _absolute(path), _absolute(folder)
    try:
        seen = os.path.relpath(path, folder)
        if seen.startswith(os.pardir):
            place, name = os.path.split(path)
            followed = os.path.relpath(
                os.path.join(os.path.realpath(place), name), os.path.realpath(folder)
            )
            if not followed.startswith(os.pardir):
                seen = followed
    except ValueError:
        seen = path
    return seen.replace(os.sep, "/")


def _absolute(path: str) -> str:
    return os.path.abspath(path)
