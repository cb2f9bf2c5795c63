"""Opening HDF5 files: for a moment, or once for many reads."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, NamedTuple, Protocol

from h5py import _objects, h5f, h5fd, h5p

from nixschema.errors import NotNix, StaleFileError
from nixschema.storage.stream import Stream
from nixschema.storage.superblock import SIGNATURE

_CACHE_BYTES = 1024 * 1024

_MOST_OPEN = 100
"""How many files are kept open at a time: a process may have no more than some hundreds."""


class Stamp(NamedTuple):
    """What tells one state of a file from another."""

    inode: int
    size: int
    time: int

    @classmethod
    def of(cls, path: str) -> Stamp:
        """The present state of a file."""
        return cls.from_status(os.stat(path))

    @classmethod
    def from_status(cls, status: os.stat_result) -> Stamp:
        """The state that a status tells."""
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


class _Open(threading.local):
    """Files that this thread keeps open."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Any, Stamp]] = {}
        self.keeping: ExitStack | None = None


_open = _Open()


class OpenFile(Protocol):
    """A file that this process has opened for many reads, or for acquisition."""

    path: str
    stamp: Stamp
    process: int

    def using(self) -> AbstractContextManager[Any]:
        """Libhdf5's id of the file, as long as no other thread uses it."""


_sessions: dict[str, list[OpenFile]] = {}
"""Files that are open until somebody closes them, by absolute path; all threads share them."""


def enter(session: OpenFile) -> None:
    """Have all reads of a file go through a session."""
    _sessions.setdefault(session.path, []).append(session)


def leave(session: OpenFile) -> None:
    """Have reads open the file again."""
    known = _sessions.get(session.path, [])
    if session in known:
        known.remove(session)
    if not known:
        _sessions.pop(session.path, None)


def sessions() -> list[Any]:
    """All sessions, those of a process that this one was forked from included."""
    return [one for known in list(_sessions.values()) for one in known]


def session_at(path: str, stamp: Stamp | None = None) -> Any:
    """The session that a file is open in, or None.

    Args:
        path: the file, absolute.
        stamp: the state that it has to be in.
    """
    for session in _sessions.get(path, ()):
        if _is_own(session) and (stamp is None or stamp == session.stamp):
            return session
    return None


def _is_own(session: OpenFile) -> bool:
    return session.process == os.getpid()


def open_hdf5(path: str) -> Any:
    """Open a file for reading and give libhdf5's id of it.

    Raises:
        CannotOpen: it is missing, no HDF5 file, damaged, or in use by a writer.
    """
    fault = file_fault(path)
    if fault is not None:
        raise fault
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_file_locking(True, True)
    _limit_cache(access)
    try:
        return h5f.open(os.fsencode(path), h5f.ACC_RDONLY, fapl=access)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise open_fault(path, error) from error


def _limit_cache(access: Any) -> None:
    """Keep no more of a file's heads in memory than needed: each is read once."""
    cache = access.get_mdc_config()
    cache.set_initial_size = True
    cache.initial_size = cache.min_size = cache.max_size = _CACHE_BYTES
    access.set_mdc_config(cache)


def has_signature(path: str) -> bool:
    """Whether a file has the signature of HDF5 at one of the places where it may stand."""
    return signature_place(path) is not None


def signature_place(path: str) -> int | None:
    """Where in a file the signature of HDF5 stands, or None."""
    size = os.path.getsize(path)
    with open(path, "rb") as stream:
        offset = 0
        while offset + len(SIGNATURE) <= size:
            stream.seek(offset)
            if stream.read(len(SIGNATURE)) == SIGNATURE:
                return offset
            offset = 512 if offset == 0 else offset * 2
    return None


@contextmanager
def kept_open(path: str) -> Iterator[Any]:
    """Keep a file open, so that the reads of many arrays in it share one opening."""
    path = os.path.abspath(path)
    session = session_at(path)
    if session is not None:
        with session.using() as file_id:
            yield file_id
        return
    if path in _open.files:
        yield _open.files[path][0]
        return
    stamp = Stamp.of(path) if os.path.exists(path) else Stamp(0, 0, 0)
    file_id = open_hdf5(path)
    _open.files[path] = (file_id, stamp)
    try:
        yield file_id
    finally:
        del _open.files[path]
        close_hdf5(file_id)


@contextmanager
def all_kept_open() -> Iterator[None]:
    """Keep each file that is opened inside open until the block ends."""
    if _open.keeping is not None:
        yield
        return
    with ExitStack() as stack:
        _open.keeping = stack
        try:
            yield
        finally:
            _open.keeping = None


@contextmanager
def opened(path: str, stamp: Stamp) -> Iterator[Any]:
    """A file in the state that a stamp tells, for one read.

    Raises:
        StaleFileError: it has changed since, or is gone.
    """
    known = _open.files.get(path)
    if known is not None and known[1] == stamp:
        yield known[0]
        return
    session = session_at(path, stamp)
    if session is not None:
        with session.using() as file_id:
            yield file_id
        return
    try:
        now = Stamp.of(path)
    except OSError as error:
        raise StaleFileError(f"{path} is gone: {error.strerror}") from error
    if now != stamp:
        raise StaleFileError(f"{path} has changed since it was read: read it again")
    session = session_at(path)
    if session is not None:
        with session.using() as file_id:
            yield file_id
        return
    if _open.keeping is not None and known is None and len(_open.files) < _MOST_OPEN:
        yield _open.keeping.enter_context(kept_open(path))
        return
    file_id = open_hdf5(path)
    try:
        yield file_id
    finally:
        close_hdf5(file_id)


@contextmanager
def created(stream: Stream, ahead: Callable[[], object] | None = None) -> Iterator[Any]:
    """A new HDF5 file, written to a stream, that keeps the order of links in its root.

    It is created with a superblock of version 2 and then filled with the compact objects of HDF5
    1.10: smaller than either alone, read by all libraries, and open to editing after the editor
    before was killed, which superblock 3 is not.

    Args:
        stream: where it goes.
        ahead: called when the file is there and empty, to write to the stream by itself.

    Raises:
        OSError: the stream could not be written.
    """
    creation = h5p.create(h5p.FILE_CREATE)
    creation.set_link_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    access = stream_access(stream, h5f.LIBVER_V18)
    h5f.create(b"nix", h5f.ACC_TRUNC, fcpl=creation, fapl=access).close()
    stream.check()
    if ahead is not None:
        ahead()
    file_id = h5f.open(b"nix", h5f.ACC_RDWR, fapl=stream_access(stream, h5f.LIBVER_V110))
    try:
        yield file_id
    finally:
        close_hdf5(file_id)
    stream.check()


def stream_access(stream: Any, oldest: int) -> Any:
    """How libhdf5 opens a file object, to write objects of HDF5 1.10 or older ones."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fileobj_driver(h5fd.fileobj_driver, stream)
    access.set_libver_bounds(oldest, h5f.LIBVER_V110)
    return access


def close_hdf5(file_id: Any) -> None:
    """Close a file and all that was opened through it, and tell h5py which ids that took."""
    file_id._close_open_objects(h5f.OBJ_LOCAL | ~h5f.OBJ_FILE)
    file_id.close()
    _objects.nonlocal_close()


def file_fault(path: str) -> CannotOpen | None:
    """Why a file cannot be opened as HDF5, as far as that can be told without libhdf5."""
    try:
        if os.path.isdir(path):
            return CannotOpen("folder", path, "is a folder")
        if not os.path.isfile(path):
            if os.path.exists(path):
                return CannotOpen("failed", path, "is no regular file")
            what = "is a link that leads nowhere" if os.path.islink(path) else "does not exist"
            return CannotOpen("absent", path, what)
        if not has_signature(path):
            if (keeper := kept_elsewhere(path)) is not None:
                return CannotOpen("absent", path, f"is a pointer of {keeper} to content elsewhere")
            reason = "is empty" if os.path.getsize(path) == 0 else "is not an HDF5 file"
            return CannotOpen("not-hdf5", path, reason)
    except PermissionError:
        return CannotOpen("permission", path, "may not be read: permission denied")
    except OSError as error:
        return CannotOpen("failed", path, f"cannot be read: {error.strerror or error}")
    return None


_LONGEST_POINTER = 32 * 1024
"""Size of the largest file that git-annex takes for a pointer."""


def kept_elsewhere(path: str) -> str | None:
    """What keeps the content of a file that is only a pointer: ``git-annex``, ``Git LFS``."""
    if os.path.getsize(path) > _LONGEST_POINTER:
        return None
    with open(path, "rb") as stream:
        start = stream.read(1024)
    if start.startswith(b"version https://git-lfs.github.com/spec/") and b"\noid " in start:
        return "Git LFS"
    first = start.split(b"\n", 1)[0]
    if first.startswith((b"/annex/objects/", b"\\annex\\objects\\")) and b"\0" not in start:
        return "git-annex"
    return None


def marked_fault(path: str) -> CannotOpen:
    """Why a file is not opened that says that it is open."""
    reason = "is marked as open for writing: a program has it open, or died while it had"
    return CannotOpen("locked", path, reason)


def open_fault(path: str, error: Exception) -> CannotOpen:
    """What an error of libhdf5's on opening a file means."""
    code = getattr(error, "errno", None)
    text = " ".join(str(error).split())
    if code in (errno.EAGAIN, errno.EACCES) or "unable to lock file" in text:
        return CannotOpen("locked", path, "is open for writing in another program")
    if "already open for write" in text:
        return marked_fault(path)
    reason = "is damaged: libhdf5 cannot open it"
    if "truncated" in text:
        reason = f"is truncated: {os.path.getsize(path):,} bytes are there, and more are missing"
    elif "(" in text:
        reason += f" ({text[text.index('(') + 1 : -1]})" if text.endswith(")") else ""
    return CannotOpen("damaged", path, reason)
