"""What the rules cost, beside reading the file that they are applied to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.running import Runs, generated, middle, number, row, seconds, spread

CHECK, LIBRARY = "check", "nixschema"

ROUNDS = 5

SHARE = 1 / 3
"""Target: at most so much of the time of reading."""

WARMING = 10


class Checking:
    """What it takes to apply all rules."""

    def __init__(self, runs: Runs, sizes: Sequence[int]) -> None:
        self.runs = runs
        self.sizes = sizes

    def measure(self, rounds: int | None) -> None:
        """Run everything."""
        small = generated("wide", WARMING)
        self.runs.warm((CHECK,), (LIBRARY,), small, small)
        for size in self.sizes:
            for turn in range(rounds or ROUNDS):
                self.runs.run(turn, CHECK, LIBRARY, size, small, generated("wide", size))

    def lines(self) -> Iterator[str]:
        """The figures as a table, the target beside them."""
        yield f"Rules, CPU time beside that of reading    target: at most {SHARE:.2f}"
        yield row("", "rounds", "reading", "rules", "ratio", "range")
        for size in self.sizes:
            ratios = self.ratios(size)
            yield row(
                f"{size:,} arrays",
                str(len(ratios)),
                *(
                    seconds(self.runs.middle(figure, CHECK, LIBRARY, size))
                    for figure in ("models", "writing")
                ),
                *(number(middle(ratios), 2), spread(ratios, 2)),
            )

    def ratios(self, size: int) -> list[float]:
        """Rules / reading."""
        mine = (LIBRARY, "writing"), (LIBRARY, "models")
        return self.runs.ratios(CHECK, size, *mine)

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {"share": {size: middle(self.ratios(size)) for size in self.sizes}}
