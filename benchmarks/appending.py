"""Appending piece by piece, beside plain h5py with a flush after each piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.running import Runs, middle, number, row, spread, turned

APPEND = "append"

OURS, PLAIN, UNCACHED = "nixschema", "h5py", "h5py, no cache"
LIBRARIES = (OURS, PLAIN, UNCACHED)

PIECES = {
    "100 values": "100x1x4000",
    "100,000 values": "100000x1x200",
    "100 x 32": "100x32x2000",
    "3,000 x 32": "3000x32x200",
}
"""Values, channels and number of pieces, by name."""

WARMING = "10x1x10"

ROUNDS = 6

SPEED = 1.5
"""Target: at most so many times h5py's time."""


class Appending:
    """What it takes to fill an empty array."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def measure(self, rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        self.runs.warm((APPEND,), LIBRARIES, WARMING, WARMING)
        for name, given in PIECES.items():
            for turn in range(rounds or ROUNDS):
                for library in turned(LIBRARIES, turn):
                    self.runs.run(turn, APPEND, library, name, WARMING, given)

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"Append pieces, CPU time, nixschema / h5py with flush    target: at most {SPEED:g}"
        yield row("", "rounds", "nixschema", "h5py", "ratio", "range", "wall", "no cache")
        for name in PIECES:
            ratios, walls = self.ratios(name, "writing", PLAIN), self.ratios(name, "wall", PLAIN)
            yield row(
                name,
                str(len(ratios)),
                *(self.microseconds(library, name) for library in (OURS, PLAIN)),
                *(number(middle(ratios), 2), spread(ratios, 2), number(middle(walls), 2)),
                number(middle(self.ratios(name, "writing", UNCACHED)), 2),
            )
        yield "(a piece, in microseconds; no cache: beside h5py that keeps no chunks in memory)"
        yield ""
        yield "Memory that appending adds, MB"
        yield row("", "", *PIECES)
        for library in (OURS, PLAIN):
            held = [self.runs.middle("memory", APPEND, library, name) for name in PIECES]
            yield row(library, "", *(number(one) for one in held))
        yield ""
        yield "Size of the file, nixschema / h5py"
        yield row("", "", *PIECES)
        yield row("", "", *(number(middle(self.sizes(name)), 2) for name in PIECES))

    def microseconds(self, library: str, name: str) -> str:
        """The time that a piece takes."""
        time = self.runs.middle("writing", APPEND, library, name)
        count = int(PIECES[name].split("x")[2])
        return number(None if time is None else 1e6 * time / count, 0)

    def ratios(self, name: str, figure: str, other: str) -> list[float]:
        """Nixschema / another."""
        return self.runs.ratios(APPEND, name, (OURS, figure), (other, figure))

    def sizes(self, name: str) -> list[float]:
        """Nixschema's file / h5py's."""
        return self.runs.ratios(APPEND, name, (OURS, "written"), (PLAIN, "written"))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "ratios": {
                other: {name: middle(self.ratios(name, "writing", other)) for name in PIECES}
                for other in (PLAIN, UNCACHED)
            },
            "size": {name: middle(self.sizes(name)) for name in PIECES},
            "memory_mb": {name: self.runs.middle("memory", APPEND, OURS, name) for name in PIECES},
        }
