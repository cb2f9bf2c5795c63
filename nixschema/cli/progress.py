"""How far a run has come, on a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

_QUIET_SECONDS = 0.7
"""Runs shorter than this show nothing."""

_BETWEEN = 0.1


class Progress:
    """A bar on stderr if that is a terminal, and nothing otherwise."""

    def __init__(self, total: int, doing: str = "checking") -> None:
        """Begin a run over a number of files.

        Args:
            total: the number.
            doing: what is done with them.
        """
        self._doing = doing
        self._total = total
        self._wanted = total > 1 and sys.stderr is not None and sys.stderr.isatty()
        self._begun = self._shown = time.monotonic()
        self._done = 0
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._wanted = False

    def advance(self) -> None:
        """One more file is done."""
        self._done += 1
        now = time.monotonic()
        if not self._wanted or now - self._begun < _QUIET_SECONDS or now - self._shown < _BETWEEN:
            return
        self._shown = now
        if self._bar is None:
            self._bar = self._begin()
        self._bar.update(0, completed=self._done)
        self._bar.refresh()

    def tell(self, text: str) -> None:
        """A line on stderr, above the bar."""
        if self._bar is None:
            click.echo(text, err=True)
        else:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _begin(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        # It refreshes no bar by itself: worker processes are forked, and threads are not.
        bar = Bar(
            *(self._doing, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        bar.add_task(self._doing, total=self._total)
        bar.start()
        return bar
