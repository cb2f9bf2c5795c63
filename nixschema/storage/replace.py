"""Put a file in the place of another: all of it, or nothing.

What is written goes to ``.NAME.PID.tmp`` beside the target. Only when all of it is on the disk does
it take the target's name. A process that is killed leaves such a file behind; the next one that
writes the same target removes it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LONGEST_NAME = 255
"""Bytes that a file's name may have on the file systems in use."""


class Stream:
    """A file that libhdf5 writes to, and that takes note of the first write that fails.

    libhdf5 crashes the interpreter when it cannot write what it holds while it closes a file. So
    after a failure all further writes seem to succeed; whoever closed the file then asks for
    `failure`.
    """

    def __init__(self, raw: io.FileIO) -> None:
        self.failure: BaseException | None = None
        """The first error of a write, or None."""
        self._raw = raw
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
        self._raw.seek(self._position)
        filled = 0
        while filled < len(view) and (count := self._raw.readinto(view[filled:])):
            filled += count
        view[filled:] = bytes(len(view) - filled)
        self._position += len(view)
        return len(view)

    def write(self, data: memoryview) -> int:
        """Write all of it, or take note that it could not be written."""
        view = memoryview(data).cast("B")
        if self.failure is None:
            try:
                self._raw.seek(self._position)
                written = 0
                while written < len(view):
                    written += self._raw.write(view[written:]) or 0
            except BaseException as error:
                self.failure = error
        self._position += len(view)
        self._end = max(self._end, self._position)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._end = self._position if size is None else size
        if self.failure is None:
            try:
                self._raw.truncate(self._end)
            except BaseException as error:
                self.failure = error
        return self._end

    def flush(self) -> None:
        """Nothing: writes are not held back."""

    def check(self) -> None:
        """Raise the first failure, if there was one."""
        if self.failure is not None:
            raise self.failure


@contextmanager
def replacing(path: str) -> Iterator[Stream]:
    """A stream whose content takes the place of a file when the block ends without an exception.

    Symlinks lead to the file that is replaced, which keeps its mode and, where that is allowed,
    its owner.

    Raises:
        FileNotFoundError: the folder does not exist.
        PermissionError: folder or file may not be written.
        IsADirectoryError: there is a folder of that name.
        OSError: the disk is full, the file is no regular one, or the like.
    """
    target = Path(os.path.realpath(path))
    before = _replaceable(target)
    _remove_stale(target)
    temporary = _temporary(target, os.getpid())
    with io.FileIO(temporary, "x+") as raw:
        try:
            _lock(raw.fileno())
            stream = Stream(raw)
            yield stream
            stream.check()
            if before is not None:
                _take_over(raw.fileno(), before)
            os.fsync(raw.fileno())
            raw.close()
            os.replace(temporary, target)
        except BaseException:
            raw.close()
            temporary.unlink(missing_ok=True)
            raise
    _sync_folder(target.parent)


def _replaceable(target: Path) -> os.stat_result | None:
    """What is known of the present file, or None where there is none."""
    try:
        before = target.stat()
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileNotFoundError(2, "there is no such folder", str(target.parent)) from None
        return None
    if stat.S_ISDIR(before.st_mode):
        raise IsADirectoryError(21, "is a folder", str(target))
    if not stat.S_ISREG(before.st_mode):
        raise OSError(22, "is no regular file", str(target))
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "may not be written", str(target))
    return before


def _temporary(target: Path, process: int) -> Path:
    end = f".{process}.tmp"
    return target.with_name(_beginning(target, len(end)) + end)


def _beginning(target: Path, room: int) -> str:
    """A dot and as much of the target's name as fits beside an ending."""
    name = os.fsencode(target.name)[: _LONGEST_NAME - 1 - room]
    return "." + name.decode("utf-8", "ignore")


def _remove_stale(target: Path) -> None:
    """Remove what dead processes left of earlier attempts to write the same file."""
    for found in target.parent.glob(".*.tmp"):
        process = found.name.removesuffix(".tmp").rpartition(".")[2]
        if not process.isdecimal() or found != _temporary(target, int(process)):
            continue
        with suppress(OSError), found.open("rb+") as stream:
            _lock(stream.fileno())
            found.unlink()


def _lock(descriptor: int) -> None:
    """Lock a temporary file for as long as it is open, as a sign that it is in use.

    Raises:
        OSError: another process, or another thread, has it.
    """
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _take_over(descriptor: int, before: os.stat_result) -> None:
    """Give the new file the owner and mode of the old one."""
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too, where folders can be synced."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
