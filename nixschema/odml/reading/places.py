"""Names of entities that are being read: each has one of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


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
