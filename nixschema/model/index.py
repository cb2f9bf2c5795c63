"""An index of entities by a key of theirs, made when it is first asked and kept up from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Index(Generic[T]):
    """Finds entities by key; of several with one key the first."""

    __slots__ = ("_found", "_is_unique", "_key", "_keys")

    def __init__(self, key: Callable[[T], str]) -> None:
        """Take what gives the key of an entity; one without is not found."""
        self._key = key
        self._found: dict[str, T] | None = None
        self._keys: dict[int, str] = {}
        self._is_unique = True

    def find(self, key: str, items: Sequence[T]) -> T | None:
        """The entity of a key among all those that there are, or None."""
        if self._found is None:
            self._make(items)
        assert self._found is not None
        return self._found.get(key) if key else None

    def add(self, item: T) -> None:
        """There is one more."""
        if self._found is None:
            return
        key = self._keys[id(item)] = self._key(item)
        if key and key in self._found:
            self.clear()
        elif key:
            self._found[key] = item

    def remove(self, item: T) -> None:
        """There is one less."""
        if self._found is None:
            return
        if not self._is_unique:
            self.clear()
            return
        self._found.pop(self._keys.pop(id(item)), None)

    def change(self, item: T) -> None:
        """One has another key now."""
        self.remove(item)
        self.add(item)

    def reorder(self) -> None:
        """The first of several with one key may be another one now."""
        if not self._is_unique:
            self.clear()

    def clear(self) -> None:
        """Make it anew when it is next asked."""
        self._found = None
        self._keys = {}

    def _make(self, items: Sequence[T]) -> None:
        keys = [self._key(item) for item in items]
        self._keys = {id(item): key for item, key in zip(items, keys, strict=True)}
        pairs = list(zip(keys, items, strict=True))
        self._found = {key: item for key, item in reversed(pairs) if key}
        self._is_unique = len(self._found) == sum(map(bool, keys))
