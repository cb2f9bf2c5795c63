"""What a field held in many entities: counted, and never more of it kept than is worth telling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

MOST_VALUES = 64
"""So many different values of a field are kept apart."""

LONGEST = 200
"""Longer texts are not kept: they are counted as other values."""


@dataclass(slots=True)
class Tally:
    """The values of a field."""

    total: int = 0
    """How many entities were asked."""
    there: int = 0
    """How many had a value."""
    values: Counter[Hashable] = field(default_factory=Counter)
    """How often each value was met; those that came after too many others are left out."""
    complete: bool = True
    """Whether all values are among `values`."""

    def add(self, value: Any) -> None:
        """Count what one entity holds; None and nothing are no value."""
        self.total += 1
        if value is None or value in ("", ()):
            return
        self.there += 1
        if isinstance(value, str) and len(value) > LONGEST:
            self.complete = False
        elif value in self.values or len(self.values) < MOST_VALUES:
            self.values[value] += 1
        else:
            self.complete = False

    def share(self) -> float:
        """The part of the entities that had a value."""
        return self.there / self.total if self.total else 0.0

    def usual(self, least: float) -> list[Any]:
        """The values that are enough for a part of those that there were, most frequent first.

        Args:
            least: the part that they must make up; 1 for all.
        """
        found: list[Any] = []
        left = self.there * least
        if not self.complete and least >= 1:
            return []
        for value, count in self.values.most_common():
            if left <= 1e-9:
                break
            found.append(value)
            left -= count
        return found if left <= 1e-9 else []


@dataclass(slots=True)
class Span:
    """The range of numbers."""

    count: int = 0
    least: float = 0.0
    most: float = 0.0
    odd: bool = False
    """Whether there was something that is in no range: NaN, or infinite."""

    def add(self, number: float) -> None:
        """Take one."""
        if number - number != 0:
            self.odd = True
            return
        self.least = min(self.least, number) if self.count else number
        self.most = max(self.most, number) if self.count else number
        self.count += 1


@dataclass(slots=True)
class Agreement:
    """Whether two things were the same, in each entity that had both."""

    both: int = 0
    same: int = 0
    different: set[Hashable] = field(default_factory=set)
    """Some of the values that they had: what never differs proves nothing."""

    def add(self, one: Hashable, other: Hashable) -> None:
        """Compare them in one entity."""
        self.both += 1
        self.same += one == other
        if len(self.different) < 3:
            self.different.add(one)

    def holds(self, entities: int, instances: int = 3) -> bool:
        """Whether they were the same in all entities, which differed among each other."""
        return self.both == self.same == entities >= instances and len(self.different) > 1
