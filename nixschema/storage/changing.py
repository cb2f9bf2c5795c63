"""A dataset of a file that is open for acquisition: values are added, or changed where they are.

Values in chunks without filters are written where they belong. A chunk that filters have made is
never changed: the one that grows stays without filters until it is full, and any other is made anew
in another place.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from h5py import h5d, h5o, h5p, h5s, h5t

from nixschema.array import Values
from nixschema.storage.chunks import Box
from nixschema.storage.datasets import DatasetState, read_box, write_box
from nixschema.storage.filtering import Filters
from nixschema.storage.keeping import Keeping
from nixschema.storage.names import name_bytes
from nixschema.storage.room import Place, Room, chunk_place
from nixschema.storage.selecting import Selection, block_around, cut, selected_shape
from nixschema.storage.types import Types, encoded

PIECE_BYTES = 32 * 1024 * 1024
"""What is added or changed at a time; a larger piece is there in parts when a process is killed."""

_TEXT_BYTES = 64

_POINTER_BYTES = 16
"""Bytes in the file of what points to a value of variable length."""

_UNCACHED = h5p.create(h5p.DATASET_ACCESS)
_UNCACHED.set_chunk_cache(1, 0, 1.0)

Start: TypeAlias = tuple[int, ...]
"""The first position of a chunk."""


class LiveDataset:
    """An open dataset that is changed; whoever calls it commits after each step."""

    def __init__(self, file_id: Any, place: str, keeping: Keeping, room: Room) -> None:
        """Open a dataset.

        Raises:
            KeyError: there is none.
            OSError: it cannot be opened.
        """
        self.id = h5d.open(file_id, name_bytes(place), dapl=_UNCACHED)
        self._place = place
        self._file_id = file_id
        self._keeping = keeping
        self._room = room
        self._plist = self.id.get_create_plist()
        layout = self._plist.get_layout()
        self.chunk: tuple[int, ...] | None = (
            self._plist.get_chunk() if layout == h5d.CHUNKED else None
        )
        self.filtered = bool(self.chunk is not None and self._plist.get_nfilters())
        self._type_id = self.id.get_type()
        self._read_type = Types().of(self._type_id)
        self.has_pointers = _has_pointers(self._type_id)
        self._old_header = keeping.signature(h5o.get_info(self.id).addr) != b"OHDR"
        self.shape: tuple[int, ...] = self.id.shape
        """Its shape, as libhdf5 would tell it."""
        self._limits = self.id.get_space().get_simple_extent_dims(True)
        self._filters: Filters | None = None

    @property
    def state(self) -> DatasetState:
        """Shape and chunks."""
        return DatasetState(self.shape, self.chunk)

    @property
    def may_be_changed(self) -> bool:
        """Whether values may be changed in place, whatever happens to the process meanwhile."""
        if self.filtered:
            return all(limit == h5s.UNLIMITED for limit in self._limits)
        return self.chunk is not None or not self.has_pointers or not self.shape

    def may_grow(self, axis: int, length: int) -> bool:
        """Whether an axis can have some length."""
        limit = self._limits[axis]
        return self.chunk is not None and (limit == h5s.UNLIMITED or length <= limit)

    # Adding values

    def pieces(self, values: Values, axis: int) -> Iterator[Values]:
        """Values to append, in parts that are added at once."""
        length = values.shape[axis]
        if not length:
            return
        row = max(1, values.size // max(1, length) * _bytes_of(values))
        step = max(1, PIECE_BYTES // row)
        if length <= step:
            yield values
            return
        for start in range(0, length, step):
            yield values[(*(slice(None),) * axis, slice(start, start + step))]

    def filtered_ends(self, axis: int) -> list[Start]:
        """The chunks that grow when values are added to an axis, and have filters applied."""
        if not self.filtered or self.chunk is None or not self.shape[axis] % self.chunk[axis]:
            return []
        return [one for one in self._row(axis, self.shape[axis]) if self._mask(one) == "some"]

    def full_ends(self, axis: int, before: int) -> list[Start]:
        """The chunks that have become full, and have no filters applied.

        Args:
            axis: the axis along which the dataset has grown.
            before: its length before.
        """
        if not self.filtered or self.chunk is None or not before % self.chunk[axis]:
            return []
        if before // self.chunk[axis] == self.shape[axis] // self.chunk[axis]:
            return []
        return [one for one in self._row(axis, before) if self._mask(one) == "none"]

    def strip(self, starts: list[Start]) -> None:
        """Take the filters off chunks."""
        self._begin()
        filters = self._its_filters()
        for start in starts:
            whole = filters.undone(*self.id.read_direct_chunk(start))
            self._put(start, filters.all_left_out, whole.tobytes())

    def filter(self, starts: list[Start]) -> None:
        """Apply the filters to chunks."""
        assert self.chunk is not None
        self._begin()
        for start in starts:
            _, data = self.id.read_direct_chunk(start)
            whole = np.frombuffer(data, self._element()).reshape(self.chunk)
            self._put(start, *self._its_filters().applied(whole))

    def extend(self, values: Values, axis: int) -> None:
        """Add values at the end of an axis."""
        self._begin()
        shape = list(self.shape)
        starts = tuple(shape[axis] if one == axis else 0 for one in range(len(shape)))
        shape[axis] += values.shape[axis]
        if not values.size:
            self._lengthen(shape)
            return
        if self.filtered:
            raw = self._raw(values)
            self._lengthen(shape)
            self._add_chunks(_box(starts, values.shape), raw, axis)
            return
        buffer = self._buffer(values)
        self._lengthen(shape)
        space = self.id.get_space()
        space.select_hyperslab(starts, values.shape)
        self.id.write(h5s.create_simple(values.shape), space, buffer, self._memory())

    def _lengthen(self, shape: list[int]) -> None:
        self.shape = tuple(shape)
        self.id.set_extent(self.shape)

    def _row(self, axis: int, position: int) -> Iterator[Start]:
        """The chunks that a position along an axis is in."""
        assert self.chunk is not None
        sizes = zip(self.shape, self.chunk, strict=True)
        grids = [range(0, length, step) for length, step in sizes]
        first = position // self.chunk[axis] * self.chunk[axis]
        yield from product(*grids[:axis], (first,), *grids[axis + 1 :])

    def _mask(self, start: Start) -> str:
        """Which filters are applied to a chunk: ``none``, ``some``, or "" where there is none."""
        info = self.id.get_chunk_info_by_coord(start)
        if info.byte_offset is None:
            return ""
        return "none" if info.filter_mask == self._its_filters().all_left_out else "some"

    def _add_chunks(self, box: Box, raw: Any, axis: int) -> None:
        """Write elements to the chunks of a region in which there were none."""
        filters = self._its_filters()
        assert self.chunk is not None
        for start, part, inner in _parts(box, self.chunk):
            place = chunk_place(self.id, start)
            # One that has filters is of a process that was killed before it was told.
            if place is not None and self._mask(start) == "none":
                self._patch(place, inner, raw[part])
                continue
            whole = np.zeros(self.chunk, self._element())
            whole[inner] = raw[part]
            if start[axis] + self.chunk[axis] <= box[axis].stop:
                self._put(start, *filters.applied(whole))
            else:
                self._put(start, filters.all_left_out, whole.tobytes())

    def _patch(self, place: Place, inner: Box, raw: Any) -> None:
        """Write elements in a chunk that has no filters applied."""
        assert self.chunk is not None
        element = self._element()
        first = np.ravel_multi_index([one.start for one in inner], self.chunk)
        last = np.ravel_multi_index([one.stop - 1 for one in inner], self.chunk)
        start = place.start + int(first) * element.itemsize
        if int(last - first) + 1 == raw.size:
            self._keeping.write_at(start, raw.tobytes())
            return
        known = self._keeping.read_at(place.start, place.size)
        whole = np.frombuffer(known, element).reshape(self.chunk).copy()
        whole[inner] = raw
        changed = whole.reshape(-1)[int(first) : int(last) + 1]
        self._keeping.write_at(start, changed.tobytes())

    # Changing values

    def parts(self, selection: Selection, values: Values) -> Iterator[tuple[Selection, Values]]:
        """A selection and its values, in parts that are changed at once.

        Raises:
            IndexError: there is no such place.
            ValueError: the values do not fit it.
        """
        shape = selected_shape(selection, self.shape)
        given = np.broadcast_to(_without_leading(values, len(shape)), shape)
        if not given.size:
            return
        most = max(1, PIECE_BYTES // _bytes_of(values))
        for part, place in cut(selection, self.shape, most):
            yield part, given[place]

    def change(self, selection: Selection, values: Values) -> None:
        """Change the selected values."""
        block = block_around(selection, self.shape)
        if 0 in block.counts or not values.size:
            return
        self._begin()
        box = _box(block.starts, block.counts)
        if self.chunk is not None and (self.filtered or self.has_pointers):
            chosen = np.zeros(block.counts, bool)
            chosen[block.inside] = True
            raw = self._raw(values)
            whole = np.zeros(block.counts, raw.dtype)
            whole[block.inside] = raw if raw.ndim else raw[()]
            self._change_chunks(box, chosen, whole)
            return
        buffer = self._buffer(values)
        if block.is_full:
            whole = np.empty(block.counts, self._read_type.dtype)
        else:
            whole = np.zeros(block.counts, self._read_type.dtype)
            read_box(self.id, box, whole, self._memory())
        whole[block.inside] = buffer if buffer.ndim else buffer[()]
        write_box(self.id, box, whole, self._memory())

    def _change_chunks(self, box: Box, chosen: Any, raw: Any) -> None:
        """Change elements in chunks, as they stand in the file.

        libhdf5 would free values of variable length that are replaced, and move others meanwhile.
        """
        assert self.chunk is not None
        for start, part, inner in _parts(box, self.chunk):
            here = chosen[part]
            if not here.any():
                continue
            place = chunk_place(self.id, start)
            mask, whole = self._elements(start, place)
            whole[inner][here] = raw[part][here]
            if not self.filtered:
                if place is None:
                    self.id.write_direct_chunk(start, whole)
                else:
                    self._patch(place, inner, whole[inner])
            elif place is not None and mask == self._its_filters().all_left_out:
                self._patch(place, inner, whole[inner])
            else:
                self._put(start, *self._its_filters().applied(whole))

    def _elements(self, start: Start, place: Place | None) -> tuple[int, Any]:
        """The elements of a chunk as they stand in the file, and which filters were left out."""
        assert self.chunk is not None
        if place is None:
            return 0, np.zeros(self.chunk, self._element())
        mask, data = self.id.read_direct_chunk(start)
        if self.filtered:
            return mask, self._its_filters().undone(mask, data)
        return mask, np.frombuffer(data, self._element()).reshape(self.chunk).copy()

    # Chunks that filters have made

    def _put(self, start: Start, mask: int, data: bytes) -> None:
        """Write a chunk to where nothing is that the file on the disk needs."""
        old = chunk_place(self.id, start)
        size = len(data)
        if old is not None and old.size == size:
            if self.id.read_direct_chunk(start) == (mask, data):
                return
            # It would stay where it is, had not another taken its place meanwhile.
            self._write_chunk(start, mask, b"\0" if size > 1 else b"\0\0", old)
            old = chunk_place(self.id, start)
        self._write_chunk(start, mask, data, old)

    def _write_chunk(self, start: Start, mask: int, data: bytes, old: Place | None) -> None:
        given = self._room.give(len(data), old)
        self.id.write_direct_chunk(start, np.frombuffer(data, np.uint8), mask)
        self._room.keep(given, len(data), old)
        # What libhdf5 remembers of the chunk is wrong now.
        self.id.close()
        self.id = h5d.open(self._file_id, name_bytes(self._place), dapl=_UNCACHED)

    # Values in memory, and as they stand in the file

    def _begin(self) -> None:
        self._keeping.old_headers = self._old_header
        # Size and filters of a chunk, then its place along each axis and in an element.
        self._keeping.key_bytes = 8 + 8 * (len(self._limits) + 1)
        if self.has_pointers:
            self._room.guard_heaps()

    def _its_filters(self) -> Filters:
        if self._filters is None:
            type_id = None if self.has_pointers else self._type_id
            self._filters = Filters(self._plist, type_id, self._element())
        return self._filters

    def _element(self) -> np.dtype[Any]:
        return np.dtype(f"V{_bytes_in_file(self._type_id)}")

    def _raw(self, values: Values) -> Any:
        """Values as they stand in the file; those of variable length are added to it."""
        buffer, element = self._buffer(values), self._element()
        memory = self._memory()
        if not self.has_pointers and memory.equal(self._type_id):
            return buffer.view(element).reshape(values.shape)
        count = values.size
        size = count * element.itemsize
        given = self._room.give(size)
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((count,))
        space = h5s.create_simple((count,))
        made = h5d.create(self._file_id, None, self._type_id, space, dcpl=plist, dapl=_UNCACHED)
        made.write(h5s.ALL, h5s.ALL, buffer.reshape(-1), memory)
        self._room.keep(given, size)
        _, data = made.read_direct_chunk((0,))
        place = chunk_place(made, (0,))
        if place is not None:
            self._room.hold(made, place)
        return np.frombuffer(data, element).reshape(values.shape)

    def _memory(self) -> Any:
        if self._read_type.memory is None:
            raise OSError(f"values of type {self._read_type.stored.text} cannot be written")
        return self._read_type.memory

    def _buffer(self, values: Values) -> Any:
        """Values as libhdf5 takes them."""
        given = encoded(values) if values.dtype.hasobject else values
        return np.ascontiguousarray(given, dtype=self._read_type.dtype).reshape(values.shape)


def _has_pointers(type_id: Any) -> bool:
    """Whether values of a type point to others, elsewhere in the file."""
    kind = type_id.get_class()
    if kind == h5t.COMPOUND:
        return any(map(_has_pointers, _members(type_id)))
    if kind == h5t.ARRAY:
        return _has_pointers(type_id.get_super())
    return bool(kind == h5t.VLEN or (kind == h5t.STRING and type_id.is_variable_str()))


def _bytes_in_file(type_id: Any) -> int:
    """Bytes of an element in the file: what points to others has other sizes in memory."""
    size: int = type_id.get_size()
    kind = type_id.get_class()
    if kind == h5t.COMPOUND:
        size += sum(_bytes_in_file(member) - member.get_size() for member in _members(type_id))
    elif kind == h5t.ARRAY:
        base = type_id.get_super()
        size = size // base.get_size() * _bytes_in_file(base)
    elif _has_pointers(type_id):
        size = _POINTER_BYTES
    return size


def _members(type_id: Any) -> Iterator[Any]:
    return (type_id.get_member_type(number) for number in range(type_id.get_nmembers()))


def _bytes_of(values: Values) -> int:
    return _TEXT_BYTES if values.dtype.hasobject else max(1, values.dtype.itemsize)


def _box(starts: tuple[int, ...], counts: tuple[int, ...]) -> Box:
    return tuple(slice(start, start + count) for start, count in zip(starts, counts, strict=True))


def _parts(box: Box, chunk: tuple[int, ...]) -> Iterator[tuple[Start, Box, Box]]:
    """The chunks that a region touches, each with its part of the region and of the chunk."""
    grids = [
        range(one.start // step * step, one.stop, step)
        for one, step in zip(box, chunk, strict=True)
    ]
    for start in product(*grids):
        part, inner = list[slice](), list[slice]()
        for first, one, step in zip(start, box, chunk, strict=True):
            low, high = max(first, one.start), min(first + step, one.stop)
            part.append(slice(low - one.start, high - one.start))
            inner.append(slice(low - first, high - first))
        yield start, tuple(part), tuple(inner)


def _without_leading(values: Values, ndim: int) -> Values:
    """Values without leading axes of length one, beyond as many axes as are selected."""
    while values.ndim > ndim and values.shape[0] == 1:
        values = values[0]
    return values
