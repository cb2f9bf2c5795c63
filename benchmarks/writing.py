"""Making files beside nixio: speed, growth, memory, and how large the files are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.running import Case, Runs, middle, number, row, seconds, spread, turned

CREATE, SMALL = "create", "small"

UNCHECKED, CHECKED = "nixschema", "nixschema, checked"
OURS = (UNCHECKED, CHECKED)
LIBRARIES = ("nixio", *OURS)

WARMING = "10"
"""Arrays that jobs warm up with."""

SMALL_ARRAYS = 1_000
"""Arrays of ten numbers in the files whose sizes are compared."""

ROUNDS = 3
SLOW = 10_000
"""From so many arrays on nixio takes half an hour, and runs in a round of its own, the last."""

SPEED, SIZE = 4.0, 0.5
"""Targets: so many times as fast as nixio, and such a part of the size of its files."""

FIGURES = (("build, write", "cpu"), ("write", "writing"))
"""What is measured of nixschema: with and without the time it takes to build the models."""


class Writing:
    """What making files takes."""

    def __init__(self, runs: Runs, sizes: Sequence[int], reference: int) -> None:
        self.runs = runs
        self.sizes = sizes
        self.reference = reference

    def measure(self, rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        self.runs.warm((CREATE,), LIBRARIES, WARMING, WARMING)
        slow = [size for size in self.sizes if size >= SLOW and rounds is None]
        for library in ("nixio", UNCHECKED):
            self.runs.run(0, SMALL, library, SMALL_ARRAYS, WARMING, str(SMALL_ARRAYS))
        for turn in range(rounds or ROUNDS):
            for size in self.sizes:
                for library in turned(OURS if size in slow else LIBRARIES, turn):
                    self.create(turn, library, size)
        for size in slow:
            for library in reversed(LIBRARIES):
                self.create(ROUNDS, library, size)

    def create(self, turn: int, library: str, size: int) -> None:
        """Have a library make a file."""
        self.runs.run(turn, CREATE, library, size, WARMING, str(size))

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"Make a file, CPU time, nixio / nixschema    target: at least {SPEED:g}"
        yield row(
            *("", "arrays", "attrs+links", "rounds", "nixio", "nixschema"),
            *("ratio", "range", "wall"),
        )
        for library in OURS:
            for what, figure in FIGURES:
                for size in self.sizes:
                    yield self.speed(library, what, figure, size)
        yield "(write: without the time it takes to build the models; nixio has all in its time)"
        yield ""
        yield "CPU time per array, ms                      target: the same for all sizes"
        yield row("", "", *(f"{size:,}" for size in self.sizes))
        for library, what, figure in self.figures():
            yield self.per_array(library, what, figure)
        yield ""
        yield "Memory that the job adds, MB"
        yield row("", "", *(f"{size:,}" for size in self.sizes))
        for library in (*OURS, "nixio"):
            held = [self.runs.middle("memory", CREATE, library, size) for size in self.sizes]
            yield row(library, "", *(number(one) for one in held))
        yield ""
        yield f"Size of the file, nixschema / nixio    target: at most {SIZE:g}"
        yield row("", "arrays", "nixio", "nixschema", "ratio")
        yield self.size("ten numbers each", SMALL, SMALL_ARRAYS)
        yield self.size("as above", CREATE, self.reference)

    def figures(self) -> Iterator[tuple[str, str, str]]:
        """What has a time: library, what it does, and the figure that tells it."""
        for library in OURS:
            for what, figure in FIGURES:
                yield library, what, figure
        yield "nixio", "", "cpu"

    def ratios(self, library: str, figure: str, size: int) -> list[float]:
        """Nixio / nixschema; nixio's is the time for all of it."""
        whole = "wall" if figure == "wall" else "cpu"
        return self.runs.ratios(CREATE, size, ("nixio", whole), (library, figure))

    def speed(self, library: str, what: str, figure: str, size: int) -> str:
        """One line about the speed of making a file."""
        ratios = self.ratios(library, figure, size)
        walls = self.ratios(library, "wall", size) if figure == "cpu" else []
        return row(
            f"{what}{library.removeprefix(UNCHECKED)}",
            f"{size:,}",
            self.runs.found(CREATE, LIBRARIES, size),
            str(len(ratios)),
            seconds(self.runs.middle("cpu", CREATE, "nixio", size)),
            seconds(self.runs.middle(figure, CREATE, library, size)),
            number(middle(ratios)),
            spread(ratios),
            number(middle(walls)),
        )

    def per_array(self, library: str, what: str, figure: str) -> str:
        """One line about how the time for an array grows."""
        times = [self.runs.middle(figure, CREATE, library, size) for size in self.sizes]
        cells = [
            number(None if time is None else 1000 * time / size, 2)
            for time, size in zip(times, self.sizes, strict=True)
        ]
        name = f"{what}{library.removeprefix(UNCHECKED)}" if what else library
        return row(name, "", *cells)

    def size(self, what: str, job: str, case: Case) -> str:
        """One line about the size of a file."""
        sizes = [self.runs.middle("written", job, one, case) for one in ("nixio", UNCHECKED)]
        return row(
            what,
            f"{case:,}",
            *(number(None if one is None else one / 1e6, 2) + " MB" for one in sizes),
            number(middle(self.size_ratios(job, case)), 2),
        )

    def size_ratios(self, job: str, case: Case) -> list[float]:
        """Nixschema's file / nixio's."""
        return self.runs.ratios(job, case, (UNCHECKED, "written"), ("nixio", "written"))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "ratios": {
                library: {
                    what: {size: middle(self.ratios(library, figure, size)) for size in self.sizes}
                    for what, figure in FIGURES
                }
                for library in OURS
            },
            "growth": {
                f"{library}: {what or 'all'}": {
                    size: self.runs.growth(CREATE, library, figure, size, self.reference)
                    for size in self.sizes
                }
                for library, what, figure in self.figures()
            },
            "size": {
                "small": middle(self.size_ratios(SMALL, SMALL_ARRAYS)),
                "wide": middle(self.size_ratios(CREATE, self.reference)),
            },
        }
