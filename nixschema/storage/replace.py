"""Put a file in the place of another: all of it, or nothing.

What is written goes to ``.NAME.PID.tmp`` beside the target. Only when all of it is on the disk does
it take the target's name. A process that is killed leaves such a file behind; the next one that
writes the same target removes it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nixschema.storage.stream import Signals, Stream

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LONGEST_NAME = 255
"""Bytes that a file's name may have on the file systems in use."""


@contextmanager
def replacing(path: str, confirm: Callable[[], None] | None = None) -> Iterator[Stream]:
    """A stream whose content takes the place of a file when the block ends without an exception.

    Symlinks lead to the file that is replaced, which keeps its mode and, where that is allowed,
    its owner. In the main thread, signals that Python handles wait for the stream's `check`, or
    for the end.

    Args:
        path: the file.
        confirm: called last, when all is on the disk; the file stays as it is when it raises.

    Raises:
        FileNotFoundError: the folder does not exist.
        PermissionError: folder or file may not be written.
        BlockingIOError: a program has the file open for writing.
        IsADirectoryError: there is a folder of that name.
        OSError: the disk is full, the file is no regular one, or the like.
    """
    target = Path(os.path.realpath(path))
    before = _replaceable(target)
    with Signals() as signals:
        _remove_stale(target)
        raw, temporary = _create(target, 0o666 if before is None else 0o600)
        with raw:
            stream = Stream(raw, signals)
            try:
                _take_over(raw.fileno(), before)
                yield stream
                stream.check()
                _take_over(raw.fileno(), before)  # Writing may take bits from the mode.
                os.fsync(raw.fileno())
                stream.check()
                stream.status = os.fstat(raw.fileno())
                if confirm is not None:
                    confirm()
                if fcntl is None:  # Windows renames no open file.
                    raw.close()
                os.replace(temporary, target)
            except BaseException as error:
                if fcntl is None:
                    raw.close()
                temporary.unlink(missing_ok=True)
                failure, stream.failure = stream.failure, None
                if isinstance(failure, OSError) and failure.filename is None:
                    failure.filename = str(target)
                if failure is None or failure is error:
                    raise
                raise failure from error
            finally:
                _unlock(raw)
        _sync_folder(target.parent)


def remove_stale(path: str) -> None:
    """Remove what dead processes left of attempts to write a file.

    Args:
        path: the file that they were to write.
    """
    _remove_stale(Path(os.path.realpath(path)))


def has_draft(path: str, process: int) -> bool:
    """Whether a process has begun to write a file and the file has not taken its place.

    Args:
        path: the file.
        process: id of the process.
    """
    return _temporary(Path(os.path.realpath(path)), process).exists()


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
    _refuse_open(target)
    return before


def _refuse_open(target: Path) -> None:
    """Refuse to replace a file that somebody writes to: what he writes would be gone."""
    if fcntl is None:  # Windows
        return
    if not os.access(target, os.R_OK):
        return
    with target.open("rb") as stream:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(11, "is open for writing", str(target)) from None
        except OSError:
            return  # This file system has no locks.


def _create(target: Path, mode: int) -> tuple[io.FileIO, Path]:
    """A temporary file beside a target, locked: others see that it is in use."""
    number = os.getpid()
    while True:
        temporary = _temporary(target, number)
        raw = _created(temporary, mode)
        if raw is not None:
            return raw, temporary
        number += 1  # Another thread has it, or a process on another machine.


def _created(path: Path, mode: int) -> io.FileIO | None:
    """A new file, locked; None where there is one, or someone takes it for stale."""
    try:
        raw = io.FileIO(path, "x+", opener=lambda name, flags: os.open(name, flags, mode))
    except FileExistsError:
        return None
    except PermissionError:
        raise PermissionError(13, "no file may be made there", str(path.parent)) from None
    try:
        _lock(raw.fileno(), exclusive=False)
    except BlockingIOError:
        raw.close()
        return None
    except OSError:
        pass  # This file system has no locks.
    if _is_at(raw.fileno(), path):
        return raw
    raw.close()
    return None


def _temporary(target: Path, number: int) -> Path:
    end = f".{number}.tmp"
    return target.with_name(_beginning(target, len(end)) + end)


def _beginning(target: Path, room: int) -> str:
    """A dot and as much of the target's name as fits beside an ending."""
    name = target.name
    while len(os.fsencode(name)) > _LONGEST_NAME - 1 - room:
        name = name[:-1]
    return "." + name


def _remove_stale(target: Path) -> None:
    """Remove what dead processes left of earlier attempts to write the same file."""
    for found in target.parent.glob(".*.tmp"):
        number = found.name.removesuffix(".tmp").rpartition(".")[2]
        if not number.isdecimal() or found != _temporary(target, int(number)):
            continue
        with suppress(OSError):
            if fcntl is None:  # Windows removes no open file.
                found.unlink()
                continue
            with found.open("rb+") as stream:
                _lock(stream.fileno(), exclusive=True)
                if _is_at(stream.fileno(), found):
                    found.unlink()


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int, *, exclusive: bool) -> None:
    """Lock a temporary file for as long as it is open.

    Its writer shares the lock: when the file takes the target's name, others can read it at once.

    Raises:
        BlockingIOError: someone else has it.
        OSError: there are no locks.
    """
    if fcntl is not None:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)


def _unlock(raw: io.FileIO) -> None:
    """Give up the lock, which processes forked meanwhile hold too."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(raw.fileno(), fcntl.LOCK_UN)


def _take_over(descriptor: int, before: os.stat_result | None) -> None:
    """Give the new file the owner, the group and the mode of the old one, as far as is allowed."""
    if before is None or not hasattr(os, "fchown"):
        return
    for owner, group in ((-1, before.st_gid), (before.st_uid, -1)):
        with suppress(OSError):
            os.fchown(descriptor, owner, group)
    with suppress(OSError):
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
