"""Opening HDF5 files: for a moment, or once for many reads."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from h5py import _objects, h5f, h5p

from nixschema.errors import NotNix, StaleFileError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""The first bytes of an HDF5 file, or of one behind a user block."""


class Stamp(NamedTuple):
    """What tells one state of a file from another."""

    inode: int
    size: int
    time: int

    @classmethod
    def of(cls, path: str) -> Stamp:
        """The present state of a file."""
        status = os.stat(path)
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


class CannotOpen(NotNix):
    """A file cannot be opened as HDF5."""

    def __init__(self, kind: str, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.kind = kind
        """``absent``, ``folder``, ``permission``, ``not-hdf5``, ``not-nix``, ``damaged``,
        ``locked`` or ``failed``."""
        self.path = path
        self.reason = reason


_open_files: dict[str, tuple[Any, Stamp]] = {}


def open_hdf5(path: str) -> Any:
    """Open a file for reading and give libhdf5's id of it.

    Raises:
        CannotOpen: it is missing, no HDF5 file, damaged, or in use by a writer.
    """
    fault = _file_fault(path)
    if fault is not None:
        raise fault
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_file_locking(True, True)
    try:
        return h5f.open(os.fsencode(path), h5f.ACC_RDONLY, fapl=access)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise _open_fault(path, error) from error


def has_signature(path: str) -> bool:
    """Whether a file has the signature of HDF5 at one of the places where it may stand."""
    size = os.path.getsize(path)
    with open(path, "rb") as stream:
        offset = 0
        while offset + len(SIGNATURE) <= size:
            stream.seek(offset)
            if stream.read(len(SIGNATURE)) == SIGNATURE:
                return True
            offset = 512 if offset == 0 else offset * 2
    return False


@contextmanager
def kept_open(path: str) -> Iterator[Any]:
    """Keep a file open, so that the reads of many arrays in it share one opening."""
    path = os.path.abspath(path)
    if path in _open_files:
        yield _open_files[path][0]
        return
    stamp = Stamp.of(path) if os.path.exists(path) else Stamp(0, 0, 0)
    file_id = open_hdf5(path)
    _open_files[path] = (file_id, stamp)
    try:
        yield file_id
    finally:
        del _open_files[path]
        _close(file_id)


@contextmanager
def opened(path: str, stamp: Stamp) -> Iterator[Any]:
    """A file in the state that a stamp tells, for one read.

    Raises:
        StaleFileError: it has changed since, or is gone.
    """
    known = _open_files.get(path)
    if known is not None and known[1] == stamp:
        yield known[0]
        return
    try:
        now = Stamp.of(path)
    except OSError as error:
        raise StaleFileError(f"{path} is gone: {error.strerror}") from error
    if now != stamp:
        raise StaleFileError(f"{path} has changed since it was read: read it again")
    file_id = open_hdf5(path)
    try:
        yield file_id
    finally:
        _close(file_id)


def _close(file_id: Any) -> None:
    """Close a file and all that was opened through it, and tell h5py which ids that took."""
    file_id._close_open_objects(h5f.OBJ_LOCAL | ~h5f.OBJ_FILE)
    file_id.close()
    _objects.nonlocal_close()


def _file_fault(path: str) -> CannotOpen | None:
    try:
        if os.path.isdir(path):
            return CannotOpen("folder", path, "is a folder")
        if not os.path.isfile(path):
            if os.path.exists(path):
                return CannotOpen("failed", path, "is no regular file")
            what = "is a link that leads nowhere" if os.path.islink(path) else "does not exist"
            return CannotOpen("absent", path, what)
        if not has_signature(path):
            reason = "is empty" if os.path.getsize(path) == 0 else "is not an HDF5 file"
            return CannotOpen("not-hdf5", path, reason)
    except PermissionError:
        return CannotOpen("permission", path, "may not be read: permission denied")
    except OSError as error:
        return CannotOpen("failed", path, f"cannot be read: {error.strerror or error}")
    return None


def _open_fault(path: str, error: Exception) -> CannotOpen:
    code = getattr(error, "errno", None)
    text = " ".join(str(error).split())
    if code in (errno.EAGAIN, errno.EACCES) or "unable to lock file" in text:
        return CannotOpen("locked", path, "is open for writing in another program")
    if "already open for write" in text:
        reason = "is marked as open for writing: a program has it open, or died while it had"
        return CannotOpen("locked", path, reason)
    reason = "is damaged: libhdf5 cannot open it"
    if "truncated" in text:
        reason = f"is truncated: {os.path.getsize(path):,} bytes are there, and more are missing"
    elif "(" in text:
        reason += f" ({text[text.index('(') + 1 : -1]})" if text.endswith(")") else ""
    return CannotOpen("damaged", path, reason)
