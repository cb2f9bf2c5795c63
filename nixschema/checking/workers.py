"""Worker processes: files are handed out, and come back in order whatever happens to a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Literal

from nixschema.checking.job import Job, Outcome
from nixschema.checking.worker import MEMORY, Check, check_job, is_tired, read_reply, serve

_MOST_AHEAD = 1000
"""Files that may be done before one that takes longer."""

_GLANCE = 0.5
"""Seconds after which waiting is begun anew: a signal that comes just before it does not end it."""

_LAST_SECONDS = 5.0
"""How long a process that has closed its connection may take to end."""

_BYTES_AHEAD = 32 * 1024 * 1024
"""How much may have been said about them."""


@dataclass(slots=True)
class _Place:
    """A file's place in the order, until its outcome is handed on."""

    job: Job
    outcome: Outcome | None = None
    reply: bytes = b""
    again: bool = False

    @property
    def done(self) -> bool:
        return self.outcome is not None or bool(self.reply)


class _Worker:
    """One process, and what it does at present."""

    def __init__(self, context: Any, check: Check, memory: int, others: list[_Worker]) -> None:
        self.connection, theirs = context.Pipe()
        forked = context.get_start_method() == "fork"
        inherited = tuple(one.connection for one in (*others, self)) if forked else ()
        self.process = context.Process(
            target=serve, args=(theirs, check, memory, os.getpid(), inherited), daemon=True
        )
        with warnings.catch_warnings():
            # Python warns of threads; those of numpy's linear algebra survive a fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        theirs.close()
        self.place: _Place | None = None
        self.done = 0
        self.ready = False
        self.deadline: float | None = None

    def end(self, wait: float = 0) -> int | None:
        """End the process, after some seconds that it has for that itself; returns its exit code.

        Args:
            wait: the seconds.
        """
        if wait:
            self.process.join(wait)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()
        code: int | None = self.process.exitcode
        self.process.close()
        return code


def failed(job: Job, kind: str, reason: str) -> Outcome:
    """The outcome of a file that no worker came back from."""
    from nixschema.io import failed_report

    return Outcome(job.path, failed_report(job.path, kind, reason, job.checks.runner()))


class WorkerFailure(RuntimeError):
    """A worker process cannot be started."""


class Workers:
    """Processes that check files, or do something else with them, each as long as it is well."""

    def __init__(
        self,
        count: int = 1,
        memory: int = MEMORY,
        *,
        check: Check = check_job,
        doing: str = "check",
        failed: Callable[[Job, str, str], Outcome] = failed,
        ended: Callable[[Job, int], None] | None = None,
        method: Literal["fork", "spawn"] | None = None,
    ) -> None:
        """Describe the processes; they are started when there is something to do.

        Args:
            count: how many files are checked at a time.
            memory: bytes that each process may take for a file, where the system can hold it to
                that; 0 for no limit.
            check: what is done with a file; a function of a module, so that a process finds it.
            doing: the verb for that.
            failed: makes the outcome of a file that no worker came back from, of its job, the kind
                of failure (``slow``, ``memory`` or ``crashed``) and the end of a sentence on it.
            ended: called when a process has ended in the midst of a file, with its job and the id
                of the process.
            method: how processes are started: ``fork``, or ``spawn``, which works everywhere.
        """
        self._count = max(1, count)
        self._memory = memory
        self._check = check
        self._doing = doing
        self._failed = failed
        self._ended = ended
        self._method = method
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes at once."""
        while self._workers:
            self._end_worker(self._workers.pop())

    def run(self, jobs: Iterable[tuple[Job, Outcome | None]]) -> Iterator[tuple[Job, Outcome]]:
        """Check files; outcomes come in the order of the jobs.

        Args:
            jobs: what to do, and what came of it where that is known already. They are taken as
                they are needed.

        Raises:
            WorkerFailure: no process can be started.
        """
        waiting: deque[_Place] = deque()
        coming = iter(jobs)
        following = next(coming, None)
        while following is not None or waiting:
            if waiting and waiting[0].done:
                place = waiting.popleft()
                yield place.job, self._outcome(place)
            elif following is not None and self._takes(following, waiting):
                following = next(coming, None)
            else:
                self._wait()

    def _takes(self, pair: tuple[Job, Outcome | None], waiting: deque[_Place]) -> bool:
        """Begin with a job, if there is room for its outcome and a worker for what is unknown."""
        if not self._may_go_on(waiting):
            return False
        place = _Place(*pair)
        if place.outcome is None:
            worker = self._free()
            if worker is None:
                return False
            self._give(worker, place)
        waiting.append(place)
        return True

    def _may_go_on(self, waiting: deque[_Place]) -> bool:
        if len(waiting) < self._count:
            return True
        held = sum(len(place.reply) for place in waiting)
        return len(waiting) < _MOST_AHEAD and held < _BYTES_AHEAD

    def _free(self) -> _Worker | None:
        for worker in self._workers:
            if worker.place is None:
                return worker
        return self._start() if len(self._workers) < self._count else None

    def _start(self) -> _Worker:
        try:
            worker = _Worker(self._context(), self._check, self._memory, self._workers)
        except OSError as error:
            raise WorkerFailure(f"cannot start a process: {error.strerror or error}") from error
        self._workers.append(worker)
        return worker

    def _context(self) -> Any:
        """Forking takes milliseconds and spawning half a second, but threads do not survive it."""
        method = self._method
        if method is None:
            forks = sys.platform == "linux" and threading.active_count() == 1
            method = "fork" if forks else "spawn"
        return multiprocessing.get_context(method)

    def _give(self, worker: _Worker, place: _Place) -> None:
        worker.place = place
        worker.deadline = None
        if worker.ready:
            self._count_down(worker)
        try:
            worker.connection.send(place.job)
        except OSError:
            self._lost(worker)

    def _count_down(self, worker: _Worker) -> None:
        place = worker.place
        if place is not None and place.job.seconds:
            worker.deadline = time.monotonic() + place.job.seconds

    def _wait(self) -> None:
        """Take what workers say, and look after those that say nothing any more."""
        busy = [one for one in self._workers if one.place is not None]
        deadlines = [one.deadline for one in busy if one.deadline is not None]
        left = min([_GLANCE, *(one - time.monotonic() for one in deadlines)])
        heard = set(map(id, wait([one.connection for one in busy], max(0.0, left))))
        now = time.monotonic()
        for worker in busy:
            if id(worker.connection) in heard:
                self._hear(worker)
            elif worker.deadline is not None and worker.deadline <= now:
                self._stop(worker)

    def _hear(self, worker: _Worker) -> None:
        try:
            said = worker.connection.recv_bytes()
        except (EOFError, OSError):
            self._lost(worker)
            return
        if not worker.ready:
            worker.ready = True
            self._count_down(worker)
            return
        place, worker.place, worker.deadline = worker.place, None, None
        assert place is not None
        worker.done += 1
        place.reply = said
        if is_tired(said):
            self._workers.remove(worker)
            worker.end()

    def _stop(self, worker: _Worker) -> None:
        """End a worker that takes too long."""
        place = self._dismissed(worker)
        self._end_worker(worker, place)
        limit = place.job.seconds
        seconds = f"{limit:g} second{'' if limit == 1 else 's'}"
        reason = f"takes longer than {seconds} to {self._doing}"
        place.outcome = self._failed(place.job, "slow", reason)

    def _end_worker(
        self, worker: _Worker, place: _Place | None = None, wait: float = 0
    ) -> int | None:
        """End a worker, and see to what it leaves of the file that it was busy with.

        Args:
            worker: the worker.
            place: what it was busy with, where it is not any more.
            wait: how many seconds it may take to end by itself.
        """
        process, place = worker.process.pid, place or worker.place
        code = worker.end(wait)
        if place is not None and self._ended is not None:
            self._ended(place.job, process)
        return code

    def _lost(self, worker: _Worker) -> None:
        """See what came of a worker that is gone.

        A file is to blame when a fresh worker dies of it: one that has read others may have died of
        what those left behind.
        """
        place = self._dismissed(worker)
        code = self._end_worker(worker, place, _LAST_SECONDS)
        if not worker.ready:
            raise WorkerFailure(f"a worker process does not start (exit code {code})")
        if worker.done and not place.again:
            place.again = True
            self._give(self._start(), place)
        else:
            place.outcome = self._failed(
                place.job, "crashed", f"crashes the process that reads it: {_end(code)}"
            )

    def _dismissed(self, worker: _Worker) -> _Place:
        place, worker.place = worker.place, None
        self._workers.remove(worker)
        assert place is not None
        return place

    def _outcome(self, place: _Place) -> Outcome:
        if place.outcome is not None:
            return place.outcome
        reply = read_reply(place.reply)
        if reply.too_much == "memory":
            return self._failed(place.job, "memory", f"takes more than {_bytes(self._memory)}")
        if reply.too_much is not None:
            reason = f"has {reply.too_much}, too many to be told"
            return self._failed(place.job, "memory", reason)
        return reply.outcome


def _end(code: int | None) -> str:
    """How a process ended, from its exit code."""
    if code is None or code >= 0:
        return f"it ends with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"it is ended by {name}{hint}"


def _bytes(number: int) -> str:
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if number >= size:
            return f"{number / size:.4g} {unit} of memory"
    return "the memory that there is"
