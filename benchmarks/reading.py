"""Reading and validating beside nixio: speed, growth, memory, and how long it takes to start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.running import (
    Case,
    Runs,
    generated,
    last_line,
    middle,
    number,
    process,
    python,
    row,
    seconds,
    spread,
    told,
    turned,
)

JOBS = ("read", "validate")
LIBRARIES = ("nixio", "nixschema")

WARMING = 10
"""Arrays of the file with which jobs warm up."""

ROUNDS = 3
SLOW = 10_000
"""From so many arrays on nixio takes minutes, and runs in the first round only."""

LARGE = 2 * 1024**3
"""Bytes of the one array that memory is measured with."""

ONE = "one array of 2 GB"

TARGET = 3.0

HELP = "import sys; sys.argv = ['nixschema', '--help']; from nixschema.cli import main; main()"
IMPORTED = f"""
try:
    {HELP}
finally:
    print("\\nimports", *(name for name in ("numpy", "h5py") if name in sys.modules))
"""


@dataclass(frozen=True)
class Start:
    """The whole process of ``nixschema --help`` against one of Python that does nothing."""

    cpu: float
    cpu_ratio: float
    wall: float
    wall_ratio: float
    imported: list[str]
    """Which of numpy and h5py it imports."""


class Reading:
    """What reading and validating take."""

    def __init__(self, runs: Runs, sizes: Sequence[int], reference: int) -> None:
        self.runs = runs
        self.sizes = sizes
        self.cases: list[Case] = [*sizes, ONE]
        self.reference = reference
        self.start: Start | None = None

    def measure(self, rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        small = generated("wide", WARMING)
        files = {size: generated("wide", size) for size in self.sizes}
        large = generated("sparse", LARGE)
        self.runs.warm(JOBS, LIBRARIES, small, small)
        for turn in range(rounds or ROUNDS):
            for size in self.sizes:
                slow = size >= SLOW and rounds is None and turn > 0
                libraries = LIBRARIES[1:] if slow else turned(LIBRARIES, turn)
                for job in turned(JOBS, turn):
                    for library in libraries:
                        self.runs.run(turn, job, library, size, small, files[size])
        for job in JOBS:
            self.runs.run(0, job, "nixschema", ONE, small, large)
        python("-c", HELP)
        self.start = self.started(max(5, rounds or ROUNDS))

    def started(self, rounds: int) -> Start | None:
        """Measure how long it takes to start."""
        told("nixschema --help")
        done = python("-c", IMPORTED)
        if done.returncode:
            self.runs.failures["nixschema --help"] = last_line(done.stderr)
            return None
        pairs = [(process("pass"), process(HELP)) for _ in range(rounds)]
        return Start(
            cpu=median(given[0] for _, given in pairs),
            cpu_ratio=median(given[0] / bare[0] for bare, given in pairs if bare[0]),
            wall=median(given[1] for _, given in pairs),
            wall_ratio=median(given[1] / bare[1] for bare, given in pairs),
            imported=last_line(done.stdout).split()[1:],
        )

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"Read and validate, CPU time, nixio / nixschema    target: at least {TARGET:g}"
        yield row(
            *("", "arrays", "entities", "rounds", "nixio", "nixschema"),
            *("ratio", "range", "whole", "wall"),
        )
        for job in JOBS:
            for size in self.sizes:
                yield self.speed(job, size)
        yield "(whole: the ratio for the whole process, imports included)"
        yield ""
        yield f"CPU time per array, relative to {self.reference:,} arrays    target: 1.0 (linear)"
        yield row("", "", *(f"{size:,}" for size in self.sizes))
        for job in JOBS:
            for library in reversed(LIBRARIES):
                growths = [
                    self.runs.growth(job, library, "cpu", size, self.reference)
                    for size in self.sizes
                ]
                yield row(job, library, *(number(growth, 2) for growth in growths))
        yield ""
        yield "Memory that the job adds, MB          target: next to nothing for 2 GB in one array"
        yield row("", "", *(f"{size:,}" for size in self.sizes), "2 GB in one")
        for job in JOBS:
            for library in reversed(LIBRARIES):
                held = [self.runs.middle("memory", job, library, case) for case in self.cases]
                yield row(job, library, *(number(one) for one in held))
        for job in JOBS:
            per_array = [self.memory_of_1000(job, size) for size in self.sizes]
            yield row(job, "per 1,000", *(number(one) for one in per_array))
        yield ""
        yield "Whole process of nixschema --help beside one of Python that does nothing"
        if self.start is not None:
            yield f"  CPU {self.start.cpu:.3f} s, {self.start.cpu_ratio:.1f} times"
            yield f"  wall {self.start.wall:.3f} s, {self.start.wall_ratio:.1f} times"
            named = " and ".join(self.start.imported) or "neither numpy nor h5py"
            yield f"  imports {named}    target: neither numpy nor h5py"

    def ratios(self, figure: str, job: str, size: int) -> list[float]:
        """Nixio / nixschema."""
        return self.runs.ratios(job, size, ("nixio", figure), ("nixschema", figure))

    def speed(self, job: str, size: int) -> str:
        """One line about the speed of a job."""
        ratios = self.ratios("cpu", job, size)
        return row(
            job,
            f"{size:,}",
            self.runs.found(job, LIBRARIES, size),
            str(len(ratios)),
            *(seconds(self.runs.middle("cpu", job, one, size)) for one in LIBRARIES),
            number(middle(ratios)),
            spread(ratios),
            *(number(middle(self.ratios(figure, job, size))) for figure in ("whole", "wall")),
        )

    def memory_of_1000(self, job: str, arrays: int) -> float | None:
        """MB that a job of nixschema's adds for every 1,000 arrays."""
        held = self.runs.middle("memory", job, "nixschema", arrays)
        return None if held is None else held * 1000 / arrays

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "ratios": {
                job: {size: middle(self.ratios("cpu", job, size)) for size in self.sizes}
                for job in JOBS
            },
            "growth": {
                job: {
                    size: self.runs.growth(job, "nixschema", "cpu", size, self.reference)
                    for size in self.sizes
                }
                for job in JOBS
            },
            "memory_mb": {
                job: {
                    case: self.runs.middle("memory", job, "nixschema", case) for case in self.cases
                }
                for job in JOBS
            },
            "start": None if self.start is None else asdict(self.start),
        }
