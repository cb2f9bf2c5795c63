"""Paths of entities that are being read, put together when a problem is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_NAME = 250
"""Characters of a name in a path; longer ones are cut."""
_STEPS = 1_000
"""Steps of a path; those in the middle of longer ones are left out."""


class Where:
    """A section or property, below what owns it."""

    __slots__ = ("_container", "_name", "_owner")

    def __init__(self, owner: Where | None, name: str, container: str) -> None:
        self._owner = owner
        self._name = name
        self._container = container

    @property
    def path(self) -> str:
        """As in a NIX file: ``/metadata/subject/sections/cell/properties/age``."""
        steps: list[str] = []
        here: Where | None = self
        while here is not None:
            steps.append(here._name if len(here._name) <= _NAME else here._name[:_NAME] + "…")
            if here._owner is not None:
                steps.append(here._container)
            here = here._owner
        steps.append("metadata")
        steps.reverse()
        if len(steps) > _STEPS:
            steps[_STEPS // 2 : -_STEPS // 2] = ["…"]
        return "/" + "/".join(steps)


class Names:
    """Gives each member of a container a name of its own."""

    def __init__(self, written: Iterable[str]) -> None:
        self._written = Counter(written)
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def give(self, name: str) -> str:
        """The name as written, for the first of that name; ``name-2`` and so on for others."""
        return self._give(name, name in self._given)

    def give_new(self, name: str) -> str:
        """A name that no member is written with."""
        return self._give(name, name in self._given or name in self._written)

    def _give(self, name: str, taken: bool) -> str:
        if not taken:
            self._given.add(name)
            return name
        number = self._next.get(name, 2)
        while (new := f"{name}-{number}") in self._given or new in self._written:
            number += 1
        self._next[name] = number + 1
        self._given.add(new)
        return new
