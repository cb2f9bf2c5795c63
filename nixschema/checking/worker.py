"""The process that files are read in: it checks one after the other, within limits."""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nixschema.checking.job import Job, Outcome
from nixschema.checking.states import seen_at

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_MOST_FILES = 2000
"""A worker is replaced after so many files: libhdf5 keeps a little of each."""

_MOST_KEPT = 512 * 1024 * 1024
"""A worker that once took so many bytes is replaced: the system does not get all of them back."""

_LONGEST = 64 * 1024 * 1024
"""Bytes that may be said about one file: some hundred thousand findings."""

_GRACE = 5.0


MEMORY = 4 * 1024**3
"""Bytes that a worker may take where nobody says."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker says about a job."""

    outcome: Outcome
    too_much: str | None = None
    """What there was too much of: ``memory``, or findings, as in ``1,000,000 findings``."""


Check = Callable[[Job], Outcome]
"""Checks one file, in the worker's process."""


def check_job(job: Job) -> Outcome:
    """Check one file; whatever is wrong with it is a finding."""
    from nixschema import io
    from nixschema.checking.checksum import sha256
    from nixschema.discovery import is_ours

    if not job.named and not is_ours(job.path):
        return Outcome(job.path)
    before = seen_at(job.path)
    checks = job.checks
    report = io.check_file(
        job.path,
        checks.runner(),
        description=checks.description,
        allow_outside=checks.allow_outside,
        schemas=checks.schema_checks(),
    )
    if job.checks.checksum and before is not None:
        report.sha256 = sha256(job.path)
    seen = before if before == seen_at(job.path) else None
    stands_alone = report.format != "odml" or not checks.terminology
    is_file = report.format not in ("description", "schema")
    lasting = is_file and checks.description is None and stands_alone
    return Outcome(job.path, report, seen=seen, lasting=lasting)


def serve(
    connection: Connection,
    check: Check,
    memory: int,
    parent: int,
    inherited: tuple[Connection, ...] = (),
) -> None:
    """Take jobs from a connection and answer them, until it is closed.

    Args:
        connection: to the process that gives the jobs.
        check: what to do with one.
        memory: bytes that it may take beyond those of a worker that has read nothing yet; 0 for no
            limit. Only where the system can hold a process to it.
        parent: id of that process.
        inherited: what a forked process got beside: other workers' connections.
    """
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with(parent)
    if not os.environ.get("NIXSCHEMA_DEBUG"):
        _be_silent(connection.fileno())
    _limit_memory(memory)
    with suppress(EOFError, OSError):
        connection.send_bytes(b"ready")
        most = _peak() + _MOST_KEPT  # A forked process begins with what its parent holds.
        done = 0
        while True:
            job = connection.recv()
            done += 1
            _alarm(job.seconds)
            reply = _packed(job, check, most if done < _MOST_FILES else -1)
            _alarm(0)
            connection.send_bytes(reply)


def _packed(job: Job, check: Check, most: int) -> bytes:
    try:
        outcome = check(job)
        packed = pickle.dumps(Reply(outcome))
        if len(packed) > _LONGEST and outcome.report is not None:
            number = f"{len(outcome.report.findings):,} findings"
            return b"t" + pickle.dumps(Reply(Outcome(job.path), too_much=number))
    except MemoryError:
        return b"t" + pickle.dumps(Reply(Outcome(job.path), too_much="memory"))
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        packed = pickle.dumps(Reply(Outcome(job.path, bug=said, details=traceback.format_exc())))
    return (b"t" if _peak() > most else b"-") + packed


def is_tired(packed: bytes) -> bool:
    """Whether a worker that gave a reply is better replaced."""
    return packed[:1] == b"t"


def read_reply(packed: bytes) -> Reply:
    """A reply that a worker sent."""
    reply: Reply = pickle.loads(packed[1:])
    return reply


def _be_silent(needed: int) -> None:
    """Say and read nothing: what libraries print when they crash is nothing for users.

    Args:
        needed: a descriptor to leave alone; it is a low one where the program was started without
            standard streams.
    """
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard not in (needed, nowhere):
            os.dup2(nowhere, standard)
    if nowhere > 2:
        os.close(nowhere)


def _end_with(parent: int) -> None:
    """Have the system end this process when its parent ends, where it can."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)


def _alarm(seconds: float) -> None:
    """End this process some time after its limit, should the parent not be there to do it."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE if seconds else 0)


def _limit_memory(memory: int) -> None:
    if not memory or sys.platform == "win32":
        return
    import resource

    # libhdf5 and numpy take their memory as private data; address space would count the
    # libraries, and the stacks of threads that are never used.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    _, most = resource.getrlimit(kind)
    limit = _data_size() + memory
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    with suppress(OSError, ValueError, OverflowError):
        resource.setrlimit(kind, (limit, most))


def _data_size() -> int:
    with suppress(OSError, ValueError), open("/proc/self/status", encoding="ascii") as stream:
        for line in stream:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def _peak() -> int:
    """The most memory that this process ever took, in bytes."""
    if sys.platform == "win32":
        return 0
    import resource

    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
