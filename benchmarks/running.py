"""Runs jobs in processes of their own, keeps what they took, and takes ratios inside a round.

It imports the standard library only: what a process holds counts into the peak memory of those it
starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from statistics import median
from time import perf_counter
from typing import Any

HERE = Path(__file__).resolve().parent
CACHE = HERE / ".cache"
TARGETS = CACHE / "targets"
"""Where jobs write; what they wrote is removed after each of them."""

Case = int | str
"""What a job is done with: a number of arrays, or how one large array is stored."""


@dataclass(frozen=True)
class Run:
    """One job, done once in a fresh process."""

    round: int
    job: str
    library: str
    case: Case
    cpu: float
    """CPU seconds of the job, once all is imported and built."""
    wall: float
    """The same by the clock on the wall."""
    whole: float
    """CPU seconds of a process that does nothing but the job, imports included."""
    memory: float | None
    """MB by which the job raised the peak of the process."""
    found: int | None = None
    """How much there was: entities that were read, attributes and links that were written."""
    models: float = 0.0
    """CPU seconds of these that making the models took, before they were written."""
    written: int | None = None
    """Bytes of the file that was written."""

    @property
    def writing(self) -> float:
        """CPU seconds of writing models that are there already."""
        return self.cpu - self.models


class Runs:
    """All that was measured."""

    def __init__(self, patience: float) -> None:
        self.runs: list[Run] = []
        self.failures: dict[str, str] = {}
        """Why a job gave no figure, by what it was."""
        self.interpreters: dict[str, str] = {}
        """What runs the jobs of a library that is not installed here."""
        self.patience = patience
        """Seconds after which a job is given up."""

    def run(
        self, number: int, job: str, library: str, case: Case, small: str | Path, given: str | Path
    ) -> None:
        """Do one job, once.

        Args:
            number: of the round.
            job: what to do.
            library: what does it.
            case: what it is done with, as the table names it.
            small: what it is done with first, so that all is imported and built.
            given: what it is done with then.
        """
        what = f"{library}: {job} {case_text(case)}"
        if what in self.failures:
            return
        told(f"round {number + 1}: {what}")
        try:
            interpreter = self.interpreters.get(library)
            taken = done(job, library, small, given, self.patience, interpreter)
        except subprocess.TimeoutExpired:
            self.failures[what] = f"given up after {self.patience / 60:g} minutes"
        except subprocess.CalledProcessError as error:
            self.failures[what] = f"{last_line(error.stderr)} (exit code {error.returncode})"
        else:
            self.runs.append(Run(number, job, library, case, **taken))

    def warm(
        self,
        jobs: Iterable[str],
        libraries: Iterable[str],
        small: str | Path,
        given: str | Path,
    ) -> None:
        """Do jobs for no figures: Python keeps the compiled modules, as of what is installed."""
        for job in jobs:
            for library in libraries:
                told(f"warming up: {library}: {job}")
                with suppress(subprocess.CalledProcessError):
                    done(job, library, small, given, None, self.interpreters.get(library))

    def values(self, figure: str, job: str, library: str, case: Case) -> dict[int, Any]:
        """A figure of all runs of a job, by round."""
        return {
            run.round: getattr(run, figure)
            for run in self.runs
            if (run.job, run.library, run.case) == (job, library, case)
        }

    def middle(self, figure: str, job: str, library: str, case: Case) -> float | None:
        """The median of a figure, where there is any."""
        return middle(
            value for value in self.values(figure, job, library, case).values() if value is not None
        )

    def ratios(
        self,
        job: str,
        case: Case,
        above: tuple[str, str],
        below: tuple[str, str],
    ) -> list[float]:
        """A library's figure / that of another one, in each round that has both.

        Args:
            job: what was done.
            case: what with.
            above: the library and the figure above the line.
            below: those below it.
        """
        upper = self.values(above[1], job, above[0], case)
        lower = self.values(below[1], job, below[0], case)
        return [upper[number] / lower[number] for number in upper if number in lower]

    def growth(
        self, job: str, library: str, figure: str, arrays: int, reference: int
    ) -> float | None:
        """Time per array relative to that of another size; 1 where it grows linearly."""
        here = self.values(figure, job, library, arrays)
        there = self.values(figure, job, library, reference)
        return middle(
            here[number] / arrays / (there[number] / reference)
            for number in here
            if number in there
        )

    def found(self, job: str, libraries: Iterable[str], case: Case) -> str:
        """How much there was; all that was counted, where the libraries differ."""
        counted = {
            found
            for library in libraries
            for found in self.values("found", job, library, case).values()
            if found is not None
        }
        return " or ".join(f"{found:,}" for found in sorted(counted))


def done(
    job: str,
    library: str,
    small: str | Path,
    given: str | Path,
    patience: float | None = None,
    interpreter: str | None = None,
) -> dict[str, Any]:
    """Do a job in a process of its own and tell what it took.

    Raises:
        TimeoutExpired: it takes too long.
        CalledProcessError: it failed.
    """
    TARGETS.mkdir(parents=True, exist_ok=True)
    try:
        ended = python(
            "-m",
            "benchmarks.jobs",
            *(job, library, str(small), str(given), str(TARGETS / "target.nix")),
            patience=patience,
            interpreter=interpreter,
        )
    finally:
        rmtree(TARGETS)
    ended.check_returncode()
    taken: dict[str, Any] = json.loads(ended.stdout)
    return taken


def generated(kind: str, size: int) -> Path:
    """A file to measure with, made where it is not there yet; files of an older maker go."""
    makers = (HERE / "generate.py", HERE / "content.py")
    mark = sha256(b"".join(maker.read_bytes() for maker in makers)).hexdigest()[:8]
    path = CACHE / f"{kind}-{size}-{mark}.nix"
    if not path.exists():
        told(f"making {path.name}")
        CACHE.mkdir(exist_ok=True)
        for old in CACHE.glob("*.nix*"):
            if mark not in old.name:
                old.unlink()
        made = python("-m", "benchmarks.generate", kind, str(size), str(path))
        if made.returncode:
            sys.exit(f"{path.name} could not be made: {last_line(made.stderr)}")
    return path


def python(
    *arguments: str, patience: float | None = None, interpreter: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with compiled modules kept in the cache, whatever the environment says."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(CACHE / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [interpreter or sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=HERE.parent,
        timeout=patience,
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


def seconds(value: float | None) -> str:
    """A time for the table."""
    return "-" if value is None else f"{value:,.2f} s"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """From the least to the greatest."""
    return f"{min(values):.{digits}f}–{max(values):.{digits}f}" if values else ""


def case_text(case: Case) -> str:
    """What a job is done with, in words."""
    return f"{case:,} arrays" if isinstance(case, int) else case


def row(first: str, second: str, *cells: str) -> str:
    """One line of a table."""
    return f"{first:22}{second:>10}" + "".join(f"{cell:>12}" for cell in cells)


def last_line(text: str) -> str:
    """The last line of what a process said."""
    return (text.strip().splitlines() or [""])[-1]


def told(what: str) -> None:
    """Tell whoever watches what is being done."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)
