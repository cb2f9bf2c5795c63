"""What checking with a schema costs, beside reading the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.running import Runs, generated, middle, number, row, seconds, spread

SCHEMA, LIBRARY = "schema", "nixschema"

ROUNDS = 5

SHARE = 0.5
"""Target: at most so much of the time of reading."""

WARMING = 10


class Schemas:
    """What it takes to check files with a schema of a hundred clauses."""

    def __init__(self, runs: Runs, sizes: Sequence[int]) -> None:
        self.runs = runs
        self.sizes = sizes

    def measure(self, rounds: int | None) -> None:
        """Run everything."""
        small = generated("wide", WARMING)
        self.runs.warm((SCHEMA,), (LIBRARY,), small, small)
        for size in self.sizes:
            for turn in range(rounds or ROUNDS):
                self.runs.run(turn, SCHEMA, LIBRARY, size, small, generated("wide", size))

    def lines(self) -> Iterator[str]:
        """The figures as a table, the target beside them."""
        yield f"A schema of 100 clauses, CPU time beside that of reading    target: {SHARE:.2f}"
        yield row("", "rounds", "reading", "schema", "ratio", "range")
        for size in self.sizes:
            ratios = self.ratios(size)
            yield row(
                f"{size:,} arrays",
                str(len(ratios)),
                *(
                    seconds(self.runs.middle(figure, SCHEMA, LIBRARY, size))
                    for figure in ("models", "writing")
                ),
                *(number(middle(ratios), 2), spread(ratios, 2)),
            )

    def ratios(self, size: int) -> list[float]:
        """Checking / reading."""
        mine = (LIBRARY, "writing"), (LIBRARY, "models")
        return self.runs.ratios(SCHEMA, size, *mine)

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {"share": {size: middle(self.ratios(size)) for size in self.sizes}}
