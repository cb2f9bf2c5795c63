"""Runs that somebody ends: by Ctrl-C, or by a signal of the system."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes of a run that was stopped by Ctrl-C, or by the system."""


class _Terminated(BaseException):
    """The system asks this process to end."""


@contextmanager
def stopped_quietly(done: Callable[[], int], what: str) -> Iterator[None]:
    """Tell in one line that a run was stopped, and end with its code.

    Args:
        done: how many files are done.
        what: what was done with them, such as ``checked``.
    """

    def stop(*_: object) -> None:
        raise _Terminated

    with suppress(ValueError):  # Only the main thread may.
        signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (KeyboardInterrupt, _Terminated) as stopped:
        number = done()
        files = "1 file was" if number == 1 else f"{number:,} files were"
        click.echo(f"stopped: {files} {what}", err=True)
        sys.exit(INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else TERMINATED)
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
