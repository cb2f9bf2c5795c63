"""A file that libhdf5 writes to, made so that no failure and no signal crashes the interpreter."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from nixschema.storage.cloning import clone, take_over_attributes

_NUMBERS = tuple(map(int, signal.valid_signals()))

# What `signal` itself calls; it looks for names of numbers, which takes longer than all else.
_handler_of: Callable[[int], Any] = import_module("_signal").getsignal
_handle: Callable[[int, Any], Any] = import_module("_signal").signal


def handled_signals() -> list[int]:
    """Numbers of the signals that Python handles now."""
    return [number for number in _NUMBERS if callable(_handler_of(number))]


class Signals:
    """Signals that Python handles wait while a file is written.

    A handler may raise, as that of Ctrl-C does, and may run wherever Python code runs: in the
    methods of `Stream` too, out of which no exception may come.
    """

    def __init__(self, numbers: Iterable[int] = _NUMBERS) -> None:
        """Prepare.

        Args:
            numbers: those that may have a handler; to look at all takes a while.
        """
        self._numbers = numbers
        self._handlers: dict[int, Any] = {}
        self._waiting: list[int] = []

    def __enter__(self) -> Signals:
        if threading.current_thread() is not threading.main_thread():
            return self  # Handlers run in the main thread only.
        try:
            for number in self._numbers:
                handler = _handler_of(number)
                if callable(handler):
                    self._handlers[number] = handler
                    _handle(number, self._note)
        except ValueError:  # No handlers run in this interpreter.
            self._handlers.clear()
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()
        self.handle()

    def handle(self) -> None:
        """Handle those that came."""
        while self._waiting:
            number = self._waiting.pop(0)
            self._handlers[number](number, None)

    def _note(self, number: int, _: object) -> None:
        self._waiting.append(number)

    def _restore(self) -> None:
        for number, handler in self._handlers.items():
            _handle(number, handler)


class Stream:
    """A file that libhdf5 writes to, and that takes note of the first access that fails.

    libhdf5 crashes the interpreter when it cannot write what it holds while it closes a file. So
    after a failure all further writes seem to succeed; whoever closed the file then calls `check`.
    """

    def __init__(self, raw: io.FileIO, signals: Signals) -> None:
        self.failure: BaseException | None = None
        """The first error, or None."""
        self.status: os.stat_result | None = None
        """Status of the file once it is complete."""
        self._raw = raw
        self._signals = signals
        self._end = 0
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; the end is where it would be had all writes succeeded."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._end}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer; what was never written reads as zeros."""
        view = memoryview(buffer).cast("B")
        filled = 0
        try:
            self._raw.seek(self._position)
            while filled < len(view) and (more := self._raw.readinto(view[filled:])):
                filled += more
        except BaseException as error:
            self._fail(error)
        view[filled:] = bytes(len(view) - filled)
        self._position += len(view)
        return len(view)

    def write(self, data: memoryview) -> int:
        """Write all of it, or take note that it could not be written."""
        view = memoryview(data)
        size = len(view)
        if self.failure is None:
            try:
                self._raw.seek(self._position)
                written = self._raw.write(view) or 0
                while written < size:
                    written += self._raw.write(view[written:]) or 0
            except BaseException as error:
                self._fail(error)
        self._position += size
        self._end = max(self._end, self._position)
        return size

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._end = self._position if size is None else size
        if self.failure is None:
            try:
                self._raw.truncate(self._end)
            except BaseException as error:
                self._fail(error)
        return self._end

    @property
    def path(self) -> str:
        """Where the file lies."""
        return str(self._raw.name)

    def start_from(self, source: int) -> None:
        """Take over all bytes and extended attributes of another file.

        Args:
            source: its descriptor, open for reading.

        Raises:
            OSError: the disk is full, and the like.
        """
        try:
            self._end = clone(source, self._raw.fileno())
            take_over_attributes(source, self._raw.fileno())
        except BaseException as error:
            self._fail(error)
            raise

    def flush(self) -> None:
        """Nothing: writes are not held back."""

    def check(self) -> None:
        """Raise the first failure, if there was one, and handle signals that came meanwhile."""
        if self.failure is not None:
            raise self.failure
        self._signals.handle()

    def _fail(self, error: BaseException) -> None:
        """Note a failure, without the frames: they hold what libhdf5 holds this stream by."""
        self.failure = self.failure or error.with_traceback(None)
