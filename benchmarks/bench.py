"""Speed and memory of nixschema beside nixio's, as ratios taken in one run.

    make bench ARGS="--sizes 100,1000 --rounds 5 --json bench.json"

Every job runs in a process of its own. This one imports the standard library only: what a process
holds counts into the peak memory of those it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

HERE = Path(__file__).resolve().parent
CACHE = HERE / ".cache"

JOBS = ("read", "validate")
LIBRARIES = ("nixio", "nixschema")
SIZES = (100, 1_000, 10_000)
REFERENCE = 1_000
ROUNDS = 3
SLOW = 10_000
"""From so many arrays on nixio takes minutes, and runs in the first round only."""

LARGE = 2 * 1024**3
"""Bytes of the one array that memory is measured with."""

SMALL = 10
"""Arrays of the file with which jobs warm up."""

TARGET = 3.0

HELP = "import sys; sys.argv = ['nixschema', '--help']; from nixschema.cli import main; main()"
IMPORTED = f"""
try:
    {HELP}
finally:
    print("\\nimports", *(name for name in ("numpy", "h5py") if name in sys.modules))
"""


@dataclass(frozen=True)
class Run:
    """One job, done once in a fresh process."""

    round: int
    job: str
    library: str
    arrays: int
    """Number of arrays; 0 for the file with one large array."""
    cpu: float
    """CPU seconds of the job, once all is imported and built."""
    whole: float
    """CPU seconds of a process that does nothing but the job, imports included."""
    memory: float | None
    """MB by which the job raised the peak of the process."""
    entities: int | None
    """How many entities were read."""


@dataclass(frozen=True)
class Start:
    """The whole process of ``nixschema --help`` against one of Python that does nothing."""

    cpu: float
    cpu_ratio: float
    wall: float
    wall_ratio: float
    imported: list[str]
    """Which of numpy and h5py it imports."""


class Bench:
    """What was measured."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.start: Start | None = None
        self.failures: dict[str, str] = {}
        """Why a job gave no figure, by what it was."""

    def measure(self, sizes: Sequence[int], rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        files = {size: generated("wide", size) for size in (SMALL, *sizes)}
        large = generated("sparse", LARGE)
        self.warm(files[SMALL])
        for number in range(rounds or ROUNDS):
            for size in sizes:
                slow = size >= SLOW and rounds is None and number > 0
                libraries = LIBRARIES[1:] if slow else turned(LIBRARIES, number)
                for job in turned(JOBS, number):
                    for library in libraries:
                        self.run(number, job, library, size, files[SMALL], files[size])
        for job in JOBS:
            self.run(0, job, "nixschema", 0, files[SMALL], large)
        self.start = self.started(max(5, rounds or ROUNDS))

    def warm(self, small: Path) -> None:
        """Have Python keep the compiled modules, as it does for installed packages."""
        for job in JOBS:
            for library in LIBRARIES:
                python(str(HERE / "jobs.py"), job, library, str(small), str(small))
        python("-c", HELP)

    def run(
        self, number: int, job: str, library: str, arrays: int, small: Path, path: Path
    ) -> None:
        """Do one job, once."""
        what = f"{library}: {job} {f'{arrays:,} arrays' if arrays else 'one large array'}"
        if what in self.failures:
            return
        told(f"round {number + 1}: {what}")
        done = python(str(HERE / "jobs.py"), job, library, str(small), str(path))
        if done.returncode:
            self.failures[what] = f"{last_line(done.stderr)} (exit code {done.returncode})"
            return
        self.runs.append(Run(number, job, library, arrays, **json.loads(done.stdout)))

    def started(self, rounds: int) -> Start | None:
        """Measure how long it takes to start."""
        told("nixschema --help")
        done = python("-c", IMPORTED)
        if done.returncode:
            self.failures["nixschema --help"] = last_line(done.stderr)
            return None
        pairs = [(process("pass"), process(HELP)) for _ in range(rounds)]
        return Start(
            cpu=median(given[0] for _, given in pairs),
            cpu_ratio=median(given[0] / bare[0] for bare, given in pairs if bare[0]),
            wall=median(given[1] for _, given in pairs),
            wall_ratio=median(given[1] / bare[1] for bare, given in pairs),
            imported=last_line(done.stdout).split()[1:],
        )

    def values(self, figure: str, job: str, library: str, arrays: int) -> dict[int, Any]:
        """A figure of all runs of a job, by round."""
        return {
            run.round: getattr(run, figure)
            for run in self.runs
            if (run.job, run.library, run.arrays) == (job, library, arrays)
        }

    def ratios(self, figure: str, job: str, arrays: int) -> list[float]:
        """Nixio / nixschema, in each round that has both."""
        ours = self.values(figure, job, "nixschema", arrays)
        theirs = self.values(figure, job, "nixio", arrays)
        return [theirs[number] / ours[number] for number in theirs if number in ours]

    def growth(self, job: str, library: str, arrays: int, reference: int) -> float | None:
        """CPU time per array relative to that of another size; 1 where it grows linearly."""
        here = self.values("cpu", job, library, arrays)
        there = self.values("cpu", job, library, reference)
        return middle(
            here[number] / arrays / (there[number] / reference)
            for number in here
            if number in there
        )

    def lines(self, sizes: Sequence[int]) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"CPU time, nixio / nixschema                      target: at least {TARGET:g}"
        yield row(
            "", "arrays", "entities", "rounds", "nixio", "nixschema", "ratio", "range", "whole"
        )
        for job in JOBS:
            for size in sizes:
                yield self.speed(job, size)
        yield "(whole: the ratio for the whole process, imports included)"
        yield ""
        reference = REFERENCE if REFERENCE in sizes else min(sizes)
        yield f"CPU time per array, relative to {reference:,} arrays    target: 1.0 (linear)"
        yield row("", "", *(f"{size:,}" for size in sizes))
        for job in JOBS:
            for library in reversed(LIBRARIES):
                growths = [self.growth(job, library, size, reference) for size in sizes]
                yield row(job, library, *(number(growth, 2) for growth in growths))
        yield ""
        yield "Memory that the job adds, MB          target: next to nothing for 2 GB in one array"
        yield row("", "", *(f"{size:,}" for size in sizes), "2 GB in one")
        for job in JOBS:
            for library in reversed(LIBRARIES):
                held = [self.memory(job, library, size) for size in (*sizes, 0)]
                yield row(job, library, *(number(one) for one in held))
        for job in JOBS:
            per_array = [self.memory_of_1000(job, size) for size in sizes]
            yield row(job, "per 1,000", *(number(one) for one in per_array))
        yield ""
        yield "Whole process of nixschema --help beside one of Python that does nothing"
        if self.start is not None:
            start = self.start
            yield f"  CPU {start.cpu:.3f} s, {start.cpu_ratio:.1f} times"
            yield f"  wall {start.wall:.3f} s, {start.wall_ratio:.1f} times"
            named = " and ".join(start.imported) or "neither numpy nor h5py"
            yield f"  imports {named}    target: neither numpy nor h5py"
        for what, why in self.failures.items():
            yield f"No figure for {what}: {why}"

    def speed(self, job: str, size: int) -> str:
        """One line about the speed of a job."""
        ratios = self.ratios("cpu", job, size)
        times = [middle(self.values("cpu", job, one, size).values()) for one in LIBRARIES]
        return row(
            job,
            f"{size:,}",
            self.entities(job, size),
            str(len(ratios)),
            *(f"{number(time, 2)} s" for time in times),
            number(middle(ratios)),
            f"{min(ratios):.1f}–{max(ratios):.1f}" if ratios else "",
            number(middle(self.ratios("whole", job, size))),
        )

    def entities(self, job: str, size: int) -> str:
        """How many entities a job reads; all that were counted, where the libraries differ."""
        counted = {
            found
            for library in LIBRARIES
            for found in self.values("entities", job, library, size).values()
            if found is not None
        }
        return " or ".join(f"{found:,}" for found in sorted(counted))

    def memory(self, job: str, library: str, arrays: int) -> float | None:
        """MB that a job adds."""
        held = self.values("memory", job, library, arrays).values()
        return middle(one for one in held if one is not None)

    def memory_of_1000(self, job: str, arrays: int) -> float | None:
        """MB that a job of nixschema's adds for every 1,000 arrays."""
        held = self.memory(job, "nixschema", arrays)
        return None if held is None else held * 1000 / arrays

    def document(self, sizes: Sequence[int]) -> dict[str, Any]:
        """Everything, for other programs."""
        reference = REFERENCE if REFERENCE in sizes else min(sizes)
        names = ("nixschema", "nixio", "h5py", "numpy", "pydantic")
        return {
            "versions": {"python": platform.python_version()}
            | {one: version(one) for one in names},
            "ratios": {
                job: {size: middle(self.ratios("cpu", job, size)) for size in sizes} for job in JOBS
            },
            "growth": {
                job: {size: self.growth(job, "nixschema", size, reference) for size in sizes}
                for job in JOBS
            },
            "memory_mb": {
                job: {size: self.memory(job, "nixschema", size) for size in (*sizes, 0)}
                for job in JOBS
            },
            "start": None if self.start is None else asdict(self.start),
            "failures": self.failures,
            "runs": [asdict(run) for run in self.runs],
        }


def generated(kind: str, size: int) -> Path:
    """A file to measure with, made where it is not there yet; files of an older maker go."""
    maker = HERE / "generate.py"
    mark = sha256(maker.read_bytes()).hexdigest()[:8]
    path = CACHE / f"{kind}-{size}-{mark}.nix"
    if not path.exists():
        told(f"making {path.name}")
        CACHE.mkdir(exist_ok=True)
        for old in CACHE.glob("*.nix*"):
            if mark not in old.name:
                old.unlink()
        subprocess.run([sys.executable, str(maker), kind, str(size), str(path)], check=True)
    return path


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with compiled modules kept in the cache, whatever the environment says."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(CACHE / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def process(code: str) -> tuple[float, float]:
    """CPU and wall clock seconds of a process of Python, from its start to its end."""
    before, start = children_cpu(), perf_counter()
    python("-c", code)
    wall = perf_counter() - start
    return children_cpu() - before, wall


def children_cpu() -> float:
    """CPU seconds of all processes started so far and finished."""
    try:
        import resource
    except ImportError:
        times = os.times()
        return times.children_user + times.children_system
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def turned(items: Sequence[str], times: int) -> list[str]:
    """The items, beginning with another one each time."""
    first = times % len(items)
    return [*items[first:], *items[:first]]


def middle(values: Iterable[float]) -> float | None:
    """The median, where there is any value."""
    given = list(values)
    return median(given) if given else None


def number(value: float | None, digits: int = 1) -> str:
    """A number for the table."""
    return "-" if value is None else f"{value:,.{digits}f}"


def row(first: str, second: str, *cells: str) -> str:
    """One line of a table."""
    return f"{first:9}{second:>10}" + "".join(f"{cell:>12}" for cell in cells)


def last_line(text: str) -> str:
    """The last line of what a process said."""
    return (text.strip().splitlines() or [""])[-1]


def told(what: str) -> None:
    """Tell whoever watches what is being done."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


def sizes_of(text: str) -> list[int]:
    """Numbers of arrays from ``100,1000``."""
    sizes = sorted({int(part) for part in text.replace("_", "").split(",")})
    if any(size <= 0 or size % 10 for size in sizes):
        raise argparse.ArgumentTypeError("numbers of arrays are multiples of 10")
    return sizes


def positive(text: str) -> int:
    """A number from 1."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def main() -> None:
    """Measure and print; never judges."""
    parser = argparse.ArgumentParser(description="Speed and memory of nixschema beside nixio's.")
    parser.add_argument(
        "--sizes", type=sizes_of, default=list(SIZES), help="numbers of arrays: 100,1000,10000"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        help=f"how often all is run; {ROUNDS}, and nixio once from {SLOW:,} arrays on",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    given = parser.parse_args()
    bench = Bench()
    bench.measure(given.sizes, given.rounds)
    told("")
    print("\n".join(bench.lines(given.sizes)))
    if given.json is not None:
        given.json.write_text(json.dumps(bench.document(given.sizes), indent=2) + "\n")


if __name__ == "__main__":
    main()
