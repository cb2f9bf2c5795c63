"""Lists that stay what their field allows, also when they are changed in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, SupportsIndex, TypeAlias, TypeVar

T = TypeVar("T")

Check: TypeAlias = Callable[[Any], list[T]]
"""Gives the values of a list as the field has them, or raises."""


class Checked(list[T], Generic[T]):
    """A list whose values are checked whenever it is changed; refused changes change nothing."""

    __slots__ = ("_check",)

    def __init__(self, values: Iterable[Any], check: Check[T]) -> None:
        """Take values that were checked already, and what checks others.

        Args:
            values: the values.
            check: gives a list of values as they are kept; raises `TypeError` or `ValueError`.
        """
        super().__init__(values)
        self._check = check

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Pickle values and check."""
        return Checked, (list(self), self._check)

    def copy(self) -> Checked[T]:
        """The same values, checked alike."""
        return Checked(self, self._check)

    def append(self, value: Any, /) -> None:
        """Add a value."""
        self[:] = [*self, value]

    def insert(self, position: SupportsIndex, value: Any, /) -> None:
        """Add a value before a position."""
        changed = list(self)
        changed.insert(position, value)
        self[:] = changed

    def extend(self, values: Iterable[Any], /) -> None:
        """Add several values."""
        self[:] = [*self, *values]

    def __iadd__(self, values: Iterable[Any], /) -> Any:  # type: ignore[misc]
        """Add several values."""
        self.extend(values)
        return self

    def __setitem__(self, key: Any, value: Any, /) -> None:
        """Change values."""
        changed: list[Any] = list(self)
        changed[key] = value
        super().__setitem__(slice(None), self._check(changed))
