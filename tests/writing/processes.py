"""Work in child processes that are limited, interrupted or killed.

One process loads all modules and forks a child for each piece of work, so that hundreds of them
take seconds. What is done is named in `WORK`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NamedTuple

import h5py
import nixio
import numpy as np

import nixschema as nx
from nixschema import cli, writing
from nixschema.storage import replace

ROOT = Path(__file__).resolve().parents[2]

COUNT = -1
"""As a moment: count the moments and tell their number on stderr."""

PATIENCE = 60
"""Seconds after which a child that hangs is ended."""


@dataclass(frozen=True)
class Job:
    """What a child does, and what is done to it."""

    work: str
    arguments: tuple[str, ...]
    limit: int | None = None
    """Bytes that a file may have."""
    moment: int | None = None
    """The number of the line of nixschema's writing code at which it gets the signal."""
    signal: int = signal.SIGKILL
    only: str = ""
    """The one module of which lines are counted; by default those of all of `nixschema`."""
    after: float | None = None
    """Seconds after which it gets the signal."""


class Ended(NamedTuple):
    """How a child ended."""

    code: int
    """Exit code, or the negative number of a signal."""
    stderr: str


class Children:
    """Runs jobs, each in a process of its own."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.writing.processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            # Python warns of forks where there are threads
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def run(self, work: str, *arguments: str | Path, **rest: Any) -> Ended:
        """Do one thing; see `Job`."""
        return self.together([Job(work, tuple(map(str, arguments)), **rest)])[0]

    def together(self, jobs: list[Job]) -> list[Ended]:
        """Do several things at once."""
        stdin, stdout = self._server.stdin, self._server.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([asdict(job) for job in jobs]) + "\n")
        stdin.flush()
        return [Ended(*one) for one in json.loads(stdout.readline())]

    def close(self) -> None:
        """End the server."""
        self._server.communicate()


# Models


def few() -> nx.File:
    """A small file with something of everything that a writer stores."""
    file = nx.File()
    block = nx.Block(name="session", type="x")
    file.blocks.append(block)
    section = nx.Section(name="subject", type="x")
    file.metadata.append(section)
    section.properties.append(nx.Property(name="ages", values=[1, 2, 3], unit="y"))
    block.metadata = section  # type: ignore[assignment]
    for number in range(3):
        array = nx.DataArray(name=f"array {number}", type="x", data=np.arange(20.0), unit="mV")
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, unit="s"))
        block.data_arrays.append(array)
    tag = nx.Tag(name="tag", type="x", position=[0.5], units=["s"])
    block.tags.append(tag)
    tag.references.append(block.data_arrays[0])
    return file


def other() -> nx.File:
    """Another small file."""
    file = few()
    file.blocks[0].name = "another"
    file.blocks[0].data_arrays.pop()
    return file


def many() -> nx.File:
    """Many small entities: more than libhdf5 holds back until the file is closed."""
    file = nx.File()
    block = nx.Block(name="session", type="x")
    file.blocks.append(block)
    block.data_arrays.extend(
        nx.DataArray(
            name=f"array {number}",
            type="x",
            data=[1.0, 2.0],
            unit="mV",
            definition="words " * 30,
            dimensions=[nx.SampledDimension(sampling_interval=0.1)],
        )
        for number in range(int(os.environ.get("MANY", "400")))
    )
    return file


def large() -> nx.File:
    """One large array."""
    file = nx.File()
    block = nx.Block(name="session", type="x")
    file.blocks.append(block)
    array = nx.DataArray(name="noise", type="x", data=np.arange(1_000_000.0))
    array.dimensions.append(nx.SampledDimension(sampling_interval=0.1))
    block.data_arrays.append(array)
    return file


MODELS: dict[str, Callable[[], nx.File]] = {one.__name__: one for one in (few, other, many, large)}


@cache
def model(name: str) -> nx.File:
    """A model; the process that forks has it, so no child needs to make it."""
    return MODELS[name]()


# Work


def command(*arguments: str) -> None:
    """Run the command line."""
    cli.main(list(arguments), prog_name="nixschema")


def write(name: str, target: str, times: str = "1") -> None:
    """Write a model, once or several times; what cannot be done is told in one line."""
    try:
        for _ in range(int(times)):
            nx.write(model(name), target)
    except (OSError, nx.NixError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(3)


WORK: dict[str, Callable[..., None]] = {one.__name__: one for one in (command, write)}


# The process that forks


def serve() -> None:
    """Do what is asked for on stdin, a list of jobs a line."""
    with TemporaryDirectory() as folder:
        write("few", f"{folder}/few.nix")
        nx.convert(f"{folder}/few.nix", f"{folder}/again.nix")
    for line in sys.stdin:
        jobs = [Job(**one) for one in json.loads(line)]
        for job in jobs:
            if job.work == "write":
                model(job.arguments[0])
        started = [(job, *_start(job)) for job in jobs]
        print(json.dumps([_ended(*one) for one in started]), flush=True)


def _start(job: Job) -> tuple[int, int]:
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(start, 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        _work(job)
    os.close(start)
    return child, end


def _work(job: Job) -> None:
    import resource

    signal.alarm(PATIENCE)
    if job.limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.limit, job.limit))
    if job.moment is not None:
        _count_lines(job)
    WORK[job.work](*job.arguments)
    sys.exit()


def _count_lines(job: Job) -> None:
    part = job.only or str(Path(nx.__file__).parent)
    numbers = count()

    def note(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(part):
            return None
        if event == "line" and next(numbers) == job.moment:
            os.kill(os.getpid(), job.signal)
        return note

    sys.settrace(note)
    if job.moment == COUNT:
        import atexit

        atexit.register(lambda: print(next(numbers), file=sys.stderr))


def _ended(job: Job, child: int, end: int) -> Ended:
    if job.after is not None:
        time.sleep(job.after)
        os.kill(child, job.signal)
    with open(end, encoding="utf-8", errors="backslashreplace") as stream:
        told = stream.read()
    return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told)


if __name__ == "__main__":
    serve()
