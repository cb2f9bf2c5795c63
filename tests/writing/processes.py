"""Work in child processes that run out of room, are interrupted or killed.

One process loads all modules and forks a child for each piece of work, so that hundreds of them
take seconds. What they do is in `WORK`, what they write in `MODELS`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
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
from nixschema import cli
from nixschema.storage import replace, stream

ROOT = Path(__file__).resolve().parents[2]

COUNT = -1
"""As a moment: count the moments and tell how many there are on stderr."""

PATIENCE = 100
"""Seconds after which a child that hangs is ended."""

AT_ONCE = 4
"""How many children run at a time."""

NOBODY = 65534
"""A user who may do nothing in particular."""


@dataclass(frozen=True)
class Job:
    """What a child does, and what is done to it."""

    work: str
    arguments: tuple[str, ...]
    limit: int | None = None
    """Bytes that a file may have."""
    moment: int | None = None
    """At which line of nixschema, counted from the first that runs, it gets the signal."""
    everywhere: bool = False
    """Whether all lines are counted; else those that put the new file in place."""
    signal: int = signal.SIGKILL
    nobody: bool = False
    """Whether it gives up being root."""


class Ended(NamedTuple):
    """How a child ended."""

    code: int
    """Exit code, or the negative number of a signal."""
    stderr: str


class Children:
    """Does jobs, each in a process of its own."""

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
        return self.all([Job(work, tuple(map(str, arguments)), **rest)])[0]

    def all(self, jobs: list[Job]) -> list[Ended]:
        """Do many things, a few of them at once."""
        stdin, stdout = self._server.stdin, self._server.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([asdict(job) for job in jobs]) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, "the process that forks is gone"
        return [Ended(*one) for one in json.loads(line)]

    def close(self) -> None:
        """End the process that forks."""
        self._server.communicate()


# Models


def few() -> nx.File:
    """A small file with something of all that a writer stores."""
    section = nx.Section(name="subject", type="x")
    section.properties.append(nx.Property(name="ages", values=[1, 2, 3], unit="y"))
    block = nx.Block(name="session", type="x", metadata=section)
    grid = nx.SampledDimension(sampling_interval=0.1, unit="s")
    for name in ("one", "two", "three"):
        array = nx.DataArray(name=name, type="x", data=np.arange(20.0), unit="mV")
        array.dimensions.append(grid.copy())
        block.data_arrays.append(array)
    tag = nx.Tag(name="tag", type="x", position=[0.5], units=["s"], references=block.data_arrays)
    block.tags.append(tag)
    return nx.File(blocks=[block], metadata=[section])


def other() -> nx.File:
    """Another small file."""
    return nx.File(blocks=[nx.Block(name="another", type="y")])


def many() -> nx.File:
    """Many small entities."""
    arrays = [
        nx.DataArray(
            name=f"array {number}",
            type="x",
            data=[1.0, 2.0],
            unit="mV",
            definition="words " * 30,
            dimensions=[nx.SampledDimension(sampling_interval=0.1)],
        )
        for number in range(100)
    ]
    return nx.File(blocks=[nx.Block(name="session", type="x", data_arrays=arrays)])


def large() -> nx.File:
    """One large array."""
    array = nx.DataArray(name="noise", type="x", data=np.arange(1_000_000.0))
    array.dimensions.append(nx.SampledDimension(sampling_interval=0.1))
    return nx.File(blocks=[nx.Block(name="session", type="x", data_arrays=[array])])


MODELS: dict[str, Callable[[], nx.File]] = {one.__name__: one for one in (few, other, many, large)}


@cache
def model(name: str) -> nx.File:
    """A model; it is made before the fork, so it is the same in all children."""
    return MODELS[name]()


# Work


def command(*arguments: str) -> None:
    """Run the command line."""
    cli.main(list(arguments), prog_name="nixschema")


def write(name: str, target: str, times: str = "1") -> None:
    """Write a model; an error is told in one line, as the command line does."""
    try:
        for _ in range(int(times)):
            nx.write(model(name), target)
    except OSError as error:
        print(f"cannot write: {error}", file=sys.stderr)
        sys.exit(3)


def rewrite(path: str) -> None:
    """Write a file onto itself, and where that fails read all values of the old one."""
    file = nx.read(path)
    try:
        nx.write(file, path, check="none")
    except OSError as error:
        print(f"cannot write: {error}", file=sys.stderr)
        if file != nx.read(path):
            print("other values are read", file=sys.stderr)
        sys.exit(3)


def edit_by_nixio(path: str, flushed: str) -> None:
    """Open a file for writing with nixio, change it, and die."""
    file = nixio.File.open(path, nixio.FileMode.ReadWrite)
    block = file.blocks[0]
    block.create_tag("new", "x", [1.0])
    block.create_data_array("newer", "x", data=np.arange(1000.0))
    block.data_arrays[0].append(np.arange(5.0))
    if flushed == "flushed":
        file._h5file.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def edit_by_h5py(path: str, flushed: str) -> None:
    """Open a file for writing with h5py, change it, and die."""
    file = h5py.File(path, "r+")
    file["added"] = np.arange(1000)
    file.attrs["added"] = "text"
    if flushed == "flushed":
        file.flush()
    os.kill(os.getpid(), signal.SIGKILL)


WORK: dict[str, Callable[..., None]] = {
    one.__name__: one for one in (command, write, rewrite, edit_by_nixio, edit_by_h5py)
}


# The process that forks


def serve() -> None:
    """Do what is asked for on stdin, a list of jobs a line."""
    with TemporaryDirectory() as folder:  # loads what is loaded late
        write("few", f"{folder}/few.nix")
        nx.convert(f"{folder}/few.nix", f"{folder}/again.nix")
    gc.freeze()
    for line in sys.stdin:
        jobs = [Job(**one) for one in json.loads(line)]
        for job in jobs:
            if job.work == "write":
                model(job.arguments[0])
        ended: list[Ended] = []
        for start in range(0, len(jobs), AT_ONCE):
            running = [_start(job) for job in jobs[start : start + AT_ONCE]]
            ended += [_ended(*one) for one in running]
        print(json.dumps(ended), flush=True)


def _start(job: Job) -> tuple[int, int]:
    """Number of the child, and where its stderr can be read."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        os.close(write_end)
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        _work(job)
    os.close(write_end)
    return child, read_end


def _work(job: Job) -> None:
    """Do a job and end, in the child."""
    import resource

    signal.alarm(PATIENCE)
    if job.nobody and os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if job.limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.limit, job.limit))
    if job.moment is not None:
        # Whoever runs the tests in the background may have them ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _count_lines(job)
    WORK[job.work](*job.arguments)
    sys.exit()


def _count_lines(job: Job) -> None:
    """Send the signal at its moment."""
    everywhere = (str(Path(nx.__file__).parent),)
    where = everywhere if job.everywhere else (replace.__file__, stream.__file__)
    numbers = count()

    def note(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(where):
            return None
        if event == "line" and next(numbers) == job.moment:
            os.kill(os.getpid(), job.signal)
        return note

    sys.settrace(note)
    if job.moment == COUNT:
        atexit.register(lambda: print(next(numbers), file=sys.stderr))


def _ended(child: int, read_end: int) -> Ended:
    with open(read_end, encoding="utf-8", errors="backslashreplace") as stream:
        told = stream.read()
    return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told)


if __name__ == "__main__":
    serve()
