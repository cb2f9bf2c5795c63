"""Files that stay open until they are closed: for many reads, or to be changed in place."""

from __future__ import annotations

import atexit
import errno
import itertools
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from h5py import h5f, h5o

from nixschema.array import Values
from nixschema.errors import NixError
from nixschema.storage.changing import LiveDataset
from nixschema.storage.datasets import DatasetState
from nixschema.storage.files import (
    CannotOpen,
    Stamp,
    close_hdf5,
    enter,
    file_fault,
    leave,
    marked_fault,
    open_fault,
    open_hdf5,
    sessions,
    signature_place,
    stream_access,
)
from nixschema.storage.keeping import Keeping
from nixschema.storage.remaking import remade
from nixschema.storage.room import Room
from nixschema.storage.selecting import Selection
from nixschema.storage.stream import Signals, handled_signals

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_MOST_DATASETS = 256
"""How many datasets are kept open."""

_turns = itertools.count(1)

Tell: TypeAlias = Callable[[DatasetState], None]


def _nobody(_: DatasetState) -> None:
    """Nobody needs to know."""


class Reading:
    """A file that is kept open for many reads."""

    is_writable = False

    def __init__(self, path: str) -> None:
        """Open a file.

        Raises:
            CannotOpen: it is missing, no HDF5 file, damaged, or in use by a writer.
        """
        self.path = os.path.abspath(path)
        self.lock = threading.RLock()
        self.process = os.getpid()
        self.owner: Any = None
        """A weak reference to the models that it was opened for, or None."""
        self.stamp = Stamp.of(self.path) if os.path.exists(path) else Stamp(0, 0, 0)
        self._file_id = open_hdf5(self.path)
        enter(self)

    @contextmanager
    def using(self) -> Iterator[Any]:
        """Libhdf5's id of the file, as long as no other thread uses it."""
        with self.lock:
            yield self._file_id

    def turn(self, place: str) -> int:
        """How often values of a dataset were changed: never."""
        return 0

    def note_copy(self, source: Any) -> None:
        """Take note of a copy of an array: nothing changes under it."""

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            leave(self)
            close_hdf5(self._file_id)

    abandon = close


class Reroot:
    """What a new root group is made with."""

    def __init__(self, file_id: Any, check: Callable[[], None]) -> None:
        self.file_id = file_id
        """The file."""
        self.check = check
        """Raises when writing has failed."""
        self.root: Any = None
        """The new root group, or None to leave all as it is."""
        self.counted = False
        """Whether more links than before lead to something that is in the file already."""


class Session:
    """A file that is changed in place; nobody else can open it meanwhile.

    What a method has changed is on the disk when it returns. When it raises, or when the process is
    killed, the file is as it was before; of what is changed in parts (`PIECE_BYTES`), some may be
    there.
    """

    is_writable = True

    def __init__(self, path: str) -> None:
        """Open a file and lock it.

        Raises:
            CannotOpen: it is missing, no HDF5 file, damaged, or in use.
            PermissionError: it may not be written.
            NixError: it is stored in a way that cannot be changed in place.
        """
        self.path = os.path.abspath(path)
        self.lock = threading.RLock()
        self.process = os.getpid()
        self.owner: Any = None
        """A weak reference to the models that it was opened for, or None."""
        self.refers = False
        """Whether there are HDF5 references, which lead to objects as they are."""
        self._users = 0
        self._datasets: dict[str, LiveDataset] = {}
        self._turns: dict[str, int] = {}
        self._copies: dict[str, weakref.WeakSet[Any]] = {}
        fault = file_fault(self.path)
        if fault is not None:
            raise fault
        self._descriptor = _opened(self.path)
        try:
            _lock(self._descriptor, self.path)
            self._keeping = Keeping(self._descriptor, signature_place(self.path) or 0)
            if self._keeping.is_marked:
                raise marked_fault(self.path)
            with Signals():
                self._open()
            try:
                self._refuse_kept_space()
            except BaseException:
                self._drop()
                raise
        except BaseException:
            os.close(self._descriptor)
            raise
        self.stamp = self._new_stamp()
        enter(self)

    @property
    def file_id(self) -> Any:
        """Libhdf5's id of the file.

        Raises:
            NixError: it could not be opened again after a failure.
        """
        if self._file_id is None:
            raise NixError(f"{self.path} could not be opened again after a failure: close it")
        return self._file_id

    def turn(self, place: str) -> int:
        """How often values of a dataset were changed, other than by adding to them."""
        return self._turns.get(place, 0)

    def note_copy(self, source: Any) -> None:
        """Take note of a copy of an array, which is to stay as it is."""
        self._copies.setdefault(source.place, weakref.WeakSet()).add(source)

    def append(self, place: str, values: Values, axis: int, tell: Tell = _nobody) -> None:
        """Add values at the end of an axis of a dataset.

        Args:
            place: path of the dataset.
            values: of its type, and of its shape but for the length of the axis.
            axis: number of the axis.
            tell: is told of each state that is on the disk.

        Raises:
            OSError: the disk is full, and the like.
        """
        with self.using():
            dataset = self._dataset(place)
            if not dataset.may_grow(axis, dataset.shape[axis] + values.shape[axis]):
                dataset = self._remade(place)
            for piece in dataset.pieces(values, axis):
                if starts := dataset.filtered_ends(axis):
                    with self.changing():
                        dataset.strip(starts)
                before = dataset.shape[axis]
                with self.changing():
                    dataset.extend(piece, axis)
                tell(dataset.state)
                if starts := dataset.full_ends(axis, before):
                    with self.changing():
                        dataset.filter(starts)

    def write(self, place: str, selection: Selection, values: Values, tell: Tell = _nobody) -> None:
        """Change the selected values of a dataset; see `append`.

        Raises:
            IndexError: there is no such place.
            ValueError: the values do not fit the selection.
            OSError: see `append`.
        """
        with self.using():
            dataset = self._dataset(place)
            if not dataset.may_be_changed:
                dataset = self._remade(place)
            parts = dataset.parts(selection, values)
            for copy in self._copies.pop(place, ()):
                copy.keep()
            self._turns[place] = self.turn(place) + 1
            for part, given in parts:
                tell(dataset.state)
                with self.changing():
                    dataset.change(part, given)

    @contextmanager
    def using(self) -> Iterator[Any]:
        """Libhdf5's id of the file, as long as no other thread uses it.

        Signals that Python handles wait meanwhile.

        Raises:
            OSError: the file cannot be read.
        """
        with self.lock:
            if self._users:
                yield self.file_id
                return
            with Signals(self._handled):
                self._users += 1
                try:
                    yield self.file_id
                    self._keeping.check()
                except BaseException as error:
                    if self._keeping.failure is not None:
                        self._roll_back(error)
                    raise
                finally:
                    self._users -= 1

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """Change the file: all of it is on the disk at the end, or nothing after an exception."""
        with self.using() as file_id:
            try:
                yield file_id
                self._flush()
                self._keeping.commit()
                self._room.settle()
            except BaseException as error:
                self._roll_back(error)

    @contextmanager
    def rerooting(self) -> Iterator[Reroot]:
        """Make a new root group, which takes the place of the present one at the end.

        What is made meanwhile is new, and nothing else changes: so the file is the former one until
        a single write to the disk makes it the new one.
        """
        with self.using(), Signals():
            try:
                self._reopen()
                reroot = Reroot(self.file_id, self._keeping.check)
                yield reroot
                if reroot.root is not None:
                    self._flush()
                    address = h5o.get_info(reroot.root).addr
                    self._keeping.commit_root(address, counted=reroot.counted)
            except BaseException as error:
                self._roll_back(error)
            self._drop()
            self._open()
            if reroot.root is not None:
                self.stamp = self._new_stamp()
                self._turns.clear()
                self._copies.clear()

    def sync(self) -> None:
        """Have all that was written survive a crash of the machine too."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file as the disk has it; `stamp` tells its state then."""
        with self.lock, Signals():
            leave(self)
            try:
                with suppress(OSError, NixError):  # All is on the disk already.
                    self._finish()
                    self._keeping.trim()
                os.fsync(self._descriptor)
                self.stamp = Stamp.from_status(os.fstat(self._descriptor))
            finally:
                _unlock(self._descriptor)
                os.close(self._descriptor)

    def abandon(self) -> None:
        """Close the file as the disk has it."""
        leave(self)
        self._drop()
        if self.process == os.getpid():
            _unlock(self._descriptor)
        os.close(self._descriptor)

    def _open(self) -> None:
        self._file_id: Any = None
        self._handled = handled_signals()
        access = stream_access(self._keeping, h5f.LIBVER_V110)
        try:
            self._file_id = h5f.open(os.fsencode(self.path), h5f.ACC_RDWR, fapl=access)
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise open_fault(self.path, error) from error
        self._room = Room(self._file_id, self._keeping)

    def _refuse_kept_space(self) -> None:
        """Refuse files with a list of what is free in them: a killed process leaves it wrong."""
        strategy, persists, _ = self._file_id.get_create_plist().get_file_space_strategy()
        if persists or strategy == h5f.FSPACE_STRATEGY_PAGE:
            raise NixError(
                f"{self.path} keeps a list of its free space and cannot be changed in place: "
                "write it again with nixschema.write"
            )

    def _dataset(self, place: str) -> LiveDataset:
        known = self._datasets.pop(place, None)
        if known is None:
            known = LiveDataset(self.file_id, place, self._keeping, self._room)
            if len(self._datasets) >= _MOST_DATASETS:
                del self._datasets[next(iter(self._datasets))]
        self._datasets[place] = known
        return known

    def _remade(self, place: str) -> LiveDataset:
        """Make a dataset one that can grow, and be changed, in all places that link to it."""
        if self.refers:
            raise NixError(
                f"{place} in {self.path} has no room to grow, and there are HDF5 references in "
                "the file: write it again with nixschema.write"
            )
        kept = self.stamp, dict(self._turns), dict(self._copies)
        with self.rerooting() as reroot:
            reroot.root = remade(reroot.file_id, place, reroot.check)
        self.stamp, self._turns, self._copies = kept  # All else is as it was.
        return self._dataset(place)

    def _flush(self) -> None:
        self._keeping.check()
        self._keeping.writing_data = False
        h5f.flush(self._file_id)
        self._keeping.writing_data = True

    def _roll_back(self, error: BaseException) -> None:
        """Go back to what the disk has, and raise what was the cause."""
        failure = self._keeping.failure
        self._drop()
        with suppress(OSError):
            self._keeping.trim()
        with suppress(NixError):
            self._open()
        if isinstance(failure, OSError) and failure.filename is None:
            failure.filename = self.path
        if failure is None or failure is error:
            raise error
        raise failure from error

    def _reopen(self) -> None:
        """Open the file anew, so that libhdf5 knows of no free space in it."""
        self._finish()
        self._open()

    def _finish(self) -> None:
        """Have libhdf5 close the file, and bring to the disk what it has to say then."""
        file_id = self.file_id
        self._let_go()
        self._keeping.writing_data = False
        try:
            close_hdf5(file_id)
            self._keeping.commit()
        finally:
            self._keeping.forget()

    def _drop(self) -> None:
        """Have libhdf5 close the file, and forget all that is not on the disk."""
        file_id = self._file_id
        self._keeping.released = True
        self._let_go()
        if file_id is not None:
            close_hdf5(file_id)
        self._keeping.forget()

    def _let_go(self) -> None:
        self._file_id = None
        self._datasets.clear()
        self._room = Room(None, self._keeping)

    def _new_stamp(self) -> Stamp:
        """A state that is no other file's: this one changes while it is open."""
        status = os.fstat(self._descriptor)
        return Stamp(status.st_ino, status.st_size, -next(_turns))


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise PermissionError(error.errno, "may not be written", path) from None
        raise


def _lock(descriptor: int, path: str) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if _is_open_here(path):
            reason = "is open in this program already: close it first"
        else:
            reason = "is open in another program"
        raise CannotOpen("locked", path, reason) from None
    except OSError:
        return  # This file system has no locks.


def _unlock(descriptor: int) -> None:
    """Give up the lock, which processes forked meanwhile hold too."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _is_open_here(path: str) -> bool:
    for session in sessions():
        with suppress(OSError):
            if session.process == os.getpid() and os.path.samefile(session.path, path):
                return True
    return False


def _abandon_all() -> None:
    """Close what nobody closed: at the end libhdf5 would, when there is no Python any more."""
    for session in sessions():
        with suppress(Exception):
            session.abandon()


atexit.register(_abandon_all)
