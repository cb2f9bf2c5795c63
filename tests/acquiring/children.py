"""Work in child processes that are killed, interrupted or run out of room."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import nixschema as nx

PATIENCE = 100
"""Seconds after which a child that hangs is ended."""

Tell = Callable[[str], None]


class Ended(NamedTuple):
    """How a child ended."""

    code: int
    """Exit code, or the negative number of a signal."""
    told: str
    """What it has told until then."""


class Child:
    """A process that does some work; forked, so that it starts at once."""

    def __init__(self, work: Callable[[Tell], None]) -> None:
        self._read, write = os.pipe()
        self.number = os.fork()
        if not self.number:
            _work(work, write)
        os.close(write)

    def wait_for(self, size: int) -> None:
        """Wait until so many bytes were told."""
        while size > 0 and (told := os.read(self._read, size)):
            size -= len(told)
            self._told = getattr(self, "_told", "") + told.decode()

    def ended(self) -> Ended:
        """Wait for the end."""
        told = getattr(self, "_told", "")
        with open(self._read, encoding="utf-8", errors="backslashreplace") as stream:
            told += stream.read()
        return Ended(os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1]), told)

    def kill(self) -> None:
        """Kill it."""
        os.kill(self.number, signal.SIGKILL)


def run(work: Callable[[Tell], None]) -> Ended:
    """Do some work in a child."""
    return Child(work).ended()


def _work(work: Callable[[Tell], None], write: int) -> None:
    code = 1
    try:
        signal.alarm(PATIENCE)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work(lambda text: void(os.write(write, text.encode())))
        code = 0
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:
        os.write(write, traceback.format_exc().encode())
    finally:
        sys.settrace(None)
        os._exit(code)


def void(_: Any) -> None:
    """Nothing."""


def interrupting(moment: int) -> Callable[[], int]:
    """Interrupt this process at a line of nixschema, counted from the next that runs.

    Returns:
        Tells how many lines have run.
    """
    where = str(Path(nx.__file__).parent)
    numbers, seen = count(), [0]

    def note(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(where):
            return None
        if event == "line":
            seen[0] = next(numbers)
            if seen[0] == moment:
                os.kill(os.getpid(), signal.SIGINT)
        return note

    sys.settrace(note)
    return lambda: seen[0]
