"""Taking metadata into a large file, beside copying it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import Any

from benchmarks.running import HERE, Runs, generated, middle, number, row, seconds, spread, turned

UPDATE = "update"
OURS = ("nixschema", "nixschema, in place")
CP = ("cp", "cp, synced")

WARMING = 8_000
"""Bytes of the array that jobs warm up with."""

ROUNDS = 4
"""An even number: what the disk does varies."""

SPEED, MEMORY = 1.2, 100
"""Targets: at most so many times the time of ``cp``, and fewer MB of memory than this."""


class Updating:
    """What it takes to change one property of a file with much data."""

    def __init__(self, runs: Runs, megabytes: int) -> None:
        self.runs = runs
        self.megabytes = megabytes

    def measure(self, rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        if disk_usage(HERE).free < 4_000_000 * self.megabytes:
            self.runs.failures[UPDATE] = "there is too little room on the disk"
            return
        small = generated("chunked", WARMING)
        large: Path = generated("chunked", self.megabytes * 1024**2)
        libraries = CP + OURS
        self.runs.warm((UPDATE,), libraries, small, small)
        for turn in range(rounds or ROUNDS):
            for library in turned(libraries, turn):
                self.runs.run(turn, UPDATE, library, self.case, small, large)

    @property
    def case(self) -> str:
        """The file, as the table names it."""
        return f"{self.megabytes:,} MB"

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"Update one property in a file of {self.case}, by the clock on the wall"
        yield f"target: at most {SPEED:g} times cp, less than {MEMORY} MB"
        yield row("", "", "seconds", "/ cp", "range", "/ synced", "range", "MB")
        for library in CP + OURS:
            ratios = [self.ratios(library, one) for one in CP]
            yield row(
                library,
                "",
                seconds(self.runs.middle("wall", UPDATE, library, self.case)),
                *(text for one in ratios for text in (number(middle(one), 2), spread(one, 2))),
                number(self.runs.middle("memory", UPDATE, library, self.case)),
            )

    def ratios(self, library: str, other: str) -> list[float]:
        """By the clock on the wall, inside a round."""
        return self.runs.ratios(UPDATE, self.case, (library, "wall"), (other, "wall"))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "megabytes": self.megabytes,
            "ratios": {
                library: {other: middle(self.ratios(library, other)) for other in CP}
                for library in OURS
            },
            "memory_mb": {
                library: self.runs.middle("memory", UPDATE, library, self.case) for library in OURS
            },
        }
