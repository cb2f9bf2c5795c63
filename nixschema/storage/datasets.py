"""Datasets of HDF5 files as sources of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from typing import Any, NamedTuple

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s

from nixschema.array import StoredType, Values
from nixschema.errors import StaleFileError
from nixschema.model.refusal import did_you_mean
from nixschema.storage.chunks import Box
from nixschema.storage.files import Stamp, kept_open, opened, session_at
from nixschema.storage.names import name_bytes, name_text
from nixschema.storage.selecting import block_around
from nixschema.storage.types import ReadType, Types

_MOST_COMPRESSED = 1032
"""How much smaller deflate can make values at best."""


class DatasetSource:
    """A dataset of an HDF5 file; the file is opened for each read.

    One that belongs to a file that is open for acquisition is live: values may be changed, and
    appended, where they are. Its copies are not.
    """

    __slots__ = (
        *("_chunks", "_shape", "_shared", "_turn", "_type"),
        *("__weakref__", "live", "outside", "path", "place", "stamp", "values"),
    )

    def __init__(
        self,
        path: str,
        stamp: Stamp,
        shape: tuple[int, ...],
        stored_type: StoredType,
        *,
        chunks: tuple[int, ...] | None = None,
        values: Values | None = None,
        outside: str = "",
    ) -> None:
        self.path = path
        """The file, absolute."""
        self.place = ""
        """Path of the dataset in the file; set by whoever keeps the array."""
        self.outside = outside
        """The other file that holds the values, or nothing."""
        self.stamp = stamp
        """State of the file."""
        self.live = False
        """Whether it belongs to a file that is open for acquisition."""
        self._shared = False
        self._turn = 0
        self._shape = shape
        self._type = stored_type
        self._chunks = chunks
        self.values = values
        """The values, where they are few enough to be kept."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self._shape

    @property
    def shared(self) -> bool:
        """Whether it stands for more than one array: a copy of one gets a source of its own."""
        return self._shared or self.live

    @shared.setter
    def shared(self, shared: bool) -> None:
        self._shared = shared
        self.live = False
        session = session_at(self.path, self.stamp)
        if session is not None:
            self._turn = session.turn(self.place)
            session.note_copy(self)

    @property
    def is_linked(self) -> bool:
        """Whether several hard links lead to the dataset."""
        return self._shared

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements as read."""
        return self._type.dtype

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Shape of a chunk, where it is stored in chunks."""
        return self._chunks

    @property
    def stored_type(self) -> StoredType:
        """Exact HDF5 type."""
        return self._type

    @property
    def is_stored(self) -> bool:
        """Whether the file has room for all values, however well they are compressed."""
        if self.live:
            return True
        itemsize = max(1, self._type.dtype.itemsize)
        return math.prod(self._shape) * itemsize <= _MOST_COMPRESSED * self.stamp.size

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The dataset, open for as long as the block lasts.

        Raises:
            StaleFileError: the file has changed since it was read.
        """
        with opened(self.path, self.stamp) as file_id:
            if not self.is_current:
                raise StaleFileError(f"{self.place} in {self.path} has changed since it was copied")
            yield h5o.open(file_id, name_bytes(self.place))

    def kept_open(self) -> AbstractContextManager[Any]:
        """Keep the file open for many reads, as long as a block lasts."""
        if self.values is not None or self.outside:
            return nullcontext()
        return kept_open(self.path)

    @property
    def is_current(self) -> bool:
        """Whether nobody has changed the values in a session since this was copied."""
        if self.live:
            return True
        session = session_at(self.path, self.stamp)
        return session is None or bool(session.turn(self.place) == self._turn)

    @property
    def identity(self) -> tuple[Any, ...]:
        """File, place in it and state of the file; or what holds values that lie outside."""
        if self.outside:
            return ("outside", self.outside)
        return (self.path, self.place, self.stamp)

    def _read_part(self, dataset_id: Any, selection: tuple[Any, ...]) -> Values:
        """The selected values of a dataset that has grown since."""
        block = block_around(selection, self._shape)
        places = (
            slice(start, start + count)
            for start, count in zip(block.starts, block.counts, strict=True)
        )
        return np.asarray(read_selection(dataset_id, tuple(places))[block.inside])

    @classmethod
    def found(cls, path: str, stamp: Stamp, place: str) -> DatasetSource:
        """A dataset of a file.

        Raises:
            KeyError: there is none.
            OSError: it cannot be opened.
        """
        with opened(path, stamp) as file_id:
            dataset_id = h5d.open(file_id, name_bytes(place))
            made = cls(
                path,
                stamp,
                dataset_id.shape,
                Types().of(dataset_id.get_type()).stored,
                chunks=_chunks(dataset_id),
            )
        made.place = place
        return made

    @classmethod
    def within(cls, path: str, stamp: Stamp, place: str) -> DatasetSource:
        """A dataset of any HDF5 file that has all its values in that file, and can be read.

        Raises:
            NotNix: the file is no HDF5 file, damaged, or in use.
            KeyError: there is no such dataset; the message says what there is.
            OSError: it leads into another file, or cannot be read.
        """
        with opened(path, stamp) as file_id:
            own = _own_path(file_id, place)
            found = h5o.open(file_id, name_bytes(own))
            if not is_dataset(found):
                raise KeyError(f"`{place}` is no dataset")
            plist, space = found.get_create_plist(), found.get_space()
            if plist.get_layout() == h5d.VIRTUAL or plist.get_external_count():
                raise OSError("its values lie in other datasets or files")
            if space.get_simple_extent_type() not in (h5s.SIMPLE, h5s.SCALAR):
                raise OSError("it has no values, and no shape")
            read_type = Types().of(found.get_type())
            if read_type.memory is None or read_type.stored.kind == "reference":
                raise OSError(f"values of type {read_type.stored.text} mean nothing elsewhere")
            made = cls(path, stamp, found.shape, read_type.stored, chunks=_chunks(found))
        made.place = own
        return made

    def moved(self, path: str, stamp: Stamp, place: str) -> DatasetSource:
        """The same values in another file, which has a dataset of them.

        Raises:
            OSError: it has none.
        """
        with opened(path, stamp) as file_id:
            dataset_id = h5o.open(file_id, name_bytes(place))
            made = DatasetSource(
                path,
                stamp,
                self._shape,
                Types().of(dataset_id.get_type()).stored,
                chunks=_chunks(dataset_id),
                values=self.values,
                outside=self.outside,
            )
        made.place, made.shared = place, self._shared
        return made

    @property
    def is_writable(self) -> bool:
        """Whether values may be changed now, in the file."""
        if not self.live or self.outside:
            return False
        session = session_at(self.path, self.stamp)
        return session is not None and session.is_writable

    def write(self, selection: tuple[Any, ...], values: Values) -> None:
        """Change the selected values; they are on the disk when this returns.

        Raises:
            IndexError: there is no such place.
            ValueError: the values do not fit it.
            OSError: the disk is full, or the values lie where they cannot be changed.
        """
        self._change("write", selection, values)

    def append(self, values: Values, axis: int) -> None:
        """Add values at the end of an axis; they are on the disk when this returns.

        Raises:
            OSError: the disk is full.
        """
        self._change("append", values, axis)

    def _change(self, how: str, *given: Any) -> None:
        session = session_at(self.path, self.stamp)
        if session is None:
            raise StaleFileError(f"{self.path} is not open any more")
        try:
            getattr(session, how)(self.place, *given, self._take_over)
        except (OSError, RuntimeError, KeyError) as error:
            error.add_note(f"while writing {self.place} in {self.path}")
            raise

    def _take_over(self, state: DatasetState) -> None:
        """Take note of what has become of the dataset."""
        self._shape, self._chunks = state
        self.values = None

    def keep(self) -> None:
        """Take all values into memory, because they are about to change in the file.

        Raises:
            OSError: they cannot be read.
        """
        if self.is_current and not self.live and self.values is None:
            self.values = self.read(())

    def settle(self, stamp: Stamp, place: str, *, live: bool) -> None:
        """Belong to the file in another state, in which the dataset may have another place."""
        self.stamp, self.place, self.live = stamp, place, live

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values.

        Raises:
            StaleFileError: the file has changed since it was read.
            OSError: the values cannot be read, or lie in another file.
        """
        if self.values is not None:
            return np.array(self.values[selection], dtype=self._type.dtype)
        if self.outside:
            error = OSError(f"values lie outside the file: `{self.outside[:200]}`")
            error.add_note(f"while reading {self.place} in {self.path}")
            raise error
        try:
            with self.opened() as dataset_id:
                if dataset_id.shape != self._shape:
                    return self._read_part(dataset_id, selection)
                return read_selection(dataset_id, selection)
        except (OSError, RuntimeError, KeyError) as error:
            error.add_note(f"while reading {self.place} in {self.path}")
            raise


def _own_path(file_id: Any, place: str) -> str:
    """The path of an object by hard links alone.

    Raises:
        KeyError: there is no such object.
        OSError: a link leads into another file.
    """
    done: list[str] = []
    steps = [step for step in reversed(place.split("/")) if step not in ("", ".")]
    links = _MOST_SOFT_LINKS
    while steps:
        parent = h5o.open(file_id, name_bytes("/" + "/".join(done)))
        step = steps.pop()
        name = name_bytes(step)
        if not isinstance(parent, h5g.GroupID) or not parent.links.exists(name):
            where = "/" + "/".join(done)
            raise KeyError(f"there is no `{step}` in `{where}`{_near(parent, step)}")
        kind = parent.links.get_info(name).type
        if kind == h5l.TYPE_HARD:
            done.append(step)
        elif kind == h5l.TYPE_SOFT and links:
            links -= 1
            target = name_text(parent.links.get_val(name))
            if target.startswith("/"):
                done.clear()
            steps += [one for one in reversed(target.split("/")) if one not in ("", ".")]
        else:
            what = "leads in a circle" if kind == h5l.TYPE_SOFT else "leads into another file"
            raise OSError(f"the link `{step}` {what}")
    return "/" + "/".join(done)


_MOST_SOFT_LINKS = 40

_MOST_COMPARED = 1000


def _near(parent: Any, name: str) -> str:
    if not isinstance(parent, h5g.GroupID):
        return ""
    return did_you_mean(name, map(name_text, islice(parent, _MOST_COMPARED)))


class DatasetState(NamedTuple):
    """What changes of a dataset when it grows."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...] | None


class ObjectSource(NamedTuple):
    """An object in a file, for one that is copied from there."""

    path: str
    """The file, absolute."""
    stamp: Stamp
    place: str
    """Path of the object."""
    attribute: str | None = None
    """Name of the attribute of the object that is meant, or None for the object itself."""

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The object or attribute, open for as long as the block lasts.

        Raises:
            StaleFileError: the file has changed since it was read.
        """
        with opened(self.path, self.stamp) as file_id:
            found = h5o.open(file_id, name_bytes(self.place))
            if self.attribute is not None:
                found = h5a.open(found, name_bytes(self.attribute))
            yield found


def read_whole(dataset_id: Any, shape: tuple[int, ...], read_type: ReadType) -> Values:
    """All values of a small dataset.

    Raises:
        OSError: libhdf5 cannot read them, or they are of a type that cannot be read.
    """
    if read_type.memory is None:
        raise OSError(f"values of type {read_type.stored.text} cannot be read")
    values = np.zeros(shape, dtype=read_type.dtype)
    if values.size:
        dataset_id.read(h5s.ALL, h5s.ALL, values, read_type.memory)
    return read_type.finish(values) if read_type.finish is not None else values


def read_box(dataset_id: Any, box: Box, values: Any, memory: Any) -> None:
    """Read a region of a dataset into a buffer of its shape."""
    dataset_id.read(_space(values.shape), _selected(dataset_id, box), values, memory)


def write_box(dataset_id: Any, box: Box, values: Any, memory: Any) -> None:
    """Write a region of a dataset from a buffer of its shape."""
    dataset_id.write(_space(values.shape), _selected(dataset_id, box), values, memory)


def _space(shape: tuple[int, ...]) -> Any:
    return h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)


def _selected(dataset_id: Any, box: Box) -> Any:
    space = dataset_id.get_space()
    if box:
        starts = tuple(one.start for one in box)
        space.select_hyperslab(starts, tuple(one.stop - one.start for one in box))
    return space


def read_selection(dataset_id: Any, selection: tuple[Any, ...]) -> Values:
    """The selected values of an open dataset."""
    read_type = Types().of(dataset_id.get_type())
    if read_type.memory is None:
        raise OSError(f"values of type {read_type.stored.text} cannot be read")
    if read_type.stored.kind in ("bitfield", "string") or read_type.dtype.kind == "V":
        return _read_block(dataset_id, selection, read_type)
    values = np.asarray(h5py.Dataset(dataset_id)[selection])
    return read_type.finish(values) if read_type.finish is not None else values


def _read_block(dataset_id: Any, selection: tuple[Any, ...], read_type: Any) -> Values:
    """Read the smallest block around a selection by libhdf5, and select in it by numpy."""
    shape = dataset_id.shape
    starts, counts, inside = _bounding_block(selection, shape)
    values = np.zeros(counts, dtype=read_type.dtype)
    if values.size:
        space = dataset_id.get_space()
        if shape:
            space.select_hyperslab(tuple(starts), tuple(counts))
        memory = h5s.create_simple(tuple(counts)) if shape else h5s.create(h5s.SCALAR)
        dataset_id.read(memory, space, values, read_type.memory)
    if read_type.finish is not None:
        values = read_type.finish(values)
    return np.asarray(values[inside], dtype=read_type.stored.dtype)


def _bounding_block(
    selection: tuple[Any, ...], shape: tuple[int, ...]
) -> tuple[list[int], list[int], tuple[Any, ...]]:
    """Start and length along each axis of a block, and what to select inside it."""
    if any(not isinstance(item, slice | int | np.integer) for item in selection):
        return [0] * len(shape), list(shape), selection
    if len(selection) > len(shape):
        raise IndexError(f"{len(selection)} indices for {len(shape)} axes")
    starts, counts, inside = [0] * len(shape), list(shape), list(selection)
    for axis, item in enumerate(selection):
        if isinstance(item, slice):
            start, stop, step = item.indices(shape[axis])
            if step < 0:
                continue
            starts[axis], counts[axis] = start, max(0, stop - start)
            inside[axis] = slice(None, None, step)
        else:
            position = int(item) + (shape[axis] if item < 0 else 0)
            if not 0 <= position < shape[axis]:
                raise IndexError(f"index {item} is out of range for axis of {shape[axis]}")
            starts[axis], counts[axis], inside[axis] = position, 1, 0
    return starts, counts, tuple(inside)


def _chunks(dataset_id: Any) -> tuple[int, ...] | None:
    plist = dataset_id.get_create_plist()
    chunks: tuple[int, ...] = plist.get_chunk() if plist.get_layout() == h5d.CHUNKED else ()
    return chunks or None


def is_dataset(object_id: Any) -> bool:
    """Whether an opened HDF5 object is a dataset."""
    return isinstance(object_id, h5d.DatasetID)
