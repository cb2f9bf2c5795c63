"""Copy datasets from file to file: chunks as they are, values only where they have to be read.

A chunked dataset keeps its chunks and filters, and its chunks are copied as the bytes they are;
chunks that were never written stay unwritten. Values of variable length lie elsewhere in the file,
so they are read and written, a block at a time.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from h5py import h5a, h5d, h5i, h5o, h5t, h5z

from nixschema.storage.chunks import Box, boxes, chunk_shape, pieces
from nixschema.storage.datasets import ObjectSource, read_box, write_box
from nixschema.storage.making import (
    create_dataset,
    named_type,
    resizable,
    space_of,
)
from nixschema.storage.names import name_bytes
from nixschema.storage.reader import dataset_space
from nixschema.storage.references import copy_references, has_references
from nixschema.storage.types import BOOLEAN, UTF8_TEXT, Types


class Chunk(NamedTuple):
    """A chunk that is in the file."""

    start: tuple[int, ...]
    """Position of its first element."""
    mask: int
    """Which filters were left out."""
    size: int
    """Bytes in the file."""


class Copier:
    """Copies datasets into one file."""

    def __init__(self, check: Callable[[], None], root: Any = None) -> None:
        self._check = check
        """Raises when writing has failed, so that a full disk ends the copying."""
        self._root = root
        """The group that paths start at, where that is not the root of the file."""
        self._types = Types()
        self._references: list[tuple[Any, Any, Iterable[Box]]] = []
        self._named_types: dict[tuple[bytes, int], Any] = {}

    def copy(
        self,
        source: Any,
        parent: Any,
        name: str | None,
        *,
        compression: int | None = None,
        as_text: bool = False,
        as_booleans: bool = False,
    ) -> Any:
        """Copy a dataset without its attributes and give the new one.

        Args:
            source: the dataset.
            parent: where the new one goes.
            name: its name; None to link it later.
            compression: level of deflate; None keeps the filters.
            as_text: make text of variable length UTF-8, where all of it is.
            as_booleans: make bytes of bits booleans, where all of them are 0 or 1.

        Raises:
            OSError: it cannot be read.
        """
        type_id = self._type_for(source.get_type(), parent)
        plist = source.get_create_plist()
        space = dataset_space(source, plist)
        made_type = type_id
        if as_text and _is_ascii(type_id) and self._all(_is_utf8, source, space.shape):
            made_type = UTF8_TEXT
        elif as_booleans and _is_bits(type_id) and self._all(_is_boolean, source, space.shape):
            made_type = BOOLEAN
        if has_references(type_id):
            made = create_dataset(parent, name, type_id, space_of(space), plist)
            regions = () if _lies_outside(plist) else _written(source, space.shape, plist, None)
            self._references.append((source, made, regions if space.kind != "null" else ()))
            return made
        if _lies_outside(plist) or space.kind != "simple":
            made = create_dataset(parent, name, type_id, space_of(space), plist)
            if space.kind == "scalar" and not _lies_outside(plist):
                self._copy_values(source, made, type_id, [()])
            return made
        itemsize = type_id.get_size()
        chunked = plist.get_layout() == h5d.CHUNKED
        new_plist = growing_plist(plist, space.shape, itemsize, compression)
        made = create_dataset(parent, name, made_type, resizable(space.shape), new_plist)
        by_value = not self._is_plain(type_id) or made_type is not type_id
        if chunked and not by_value and compression is None:
            self._copy_chunks(source, made)
            return made
        written = _written(source, space.shape, plist, new_plist.get_chunk())
        filled = plist.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED
        if by_value or filled or new_plist.get_nfilters():
            self._copy_values(source, made, made_type, written)
        else:
            self._copy_slabs(source, made, type_id, written, new_plist.get_chunk())
        return made

    def copy_attribute(self, kept: ObjectSource, owner: Any, name: str) -> None:
        """Copy an attribute that is not in memory.

        Raises:
            StaleFileError: its file has changed since it was read.
            OSError: it cannot be read.
        """
        with kept.opened() as source:
            type_id = self._type_for(source.get_type(), owner)
            made = h5a.create(owner, name_bytes(name), type_id, source.get_space())
            if has_references(type_id):
                self._references.append((source, made, ()))
                return
            # These are the bytes that libhdf5 has in memory: what they point to is copied too.
            values = np.zeros(source.shape, dtype=f"V{type_id.get_size()}")
            source.read(values, mtype=type_id)
            made.write(values, mtype=type_id)

    def copy_named_type(self, kept: ObjectSource, parent: Any) -> Any:
        """Copy a datatype that is an object of its own, to be linked later.

        Raises:
            StaleFileError: its file has changed since it was read.
            OSError: it cannot be read.
        """
        with kept.opened() as source:
            return self._type_for(source, parent)

    def _type_for(self, type_id: Any, place: Any) -> Any:
        """A type in the new file: an object of its own where it was one in the old."""
        if not type_id.committed() or _is_at_home(type_id, place):
            return type_id
        key = (h5i.get_file_id(type_id).name, h5o.get_info(type_id).addr)
        made = self._named_types.get(key)
        if made is None:
            made = self._named_types[key] = named_type(place, type_id)
        return made

    def finish(self) -> int:
        """Copy the references, once all that they lead to is there.

        Returns:
            How many of them lead to what is not in the new file.
        """
        return sum(copy_references(*one, root=self._root) for one in self._references)

    def _is_plain(self, type_id: Any) -> bool:
        """Whether the bytes in a chunk are all there is."""
        return not type_id.detect_class(h5t.VLEN) and not _has_text(type_id)

    def _copy_chunks(self, source: Any, made: Any) -> None:
        buffer = bytearray()
        most = h5i.get_file_id(source).get_filesize()
        for chunk in chunks_of(source):
            if chunk.size > most:
                raise OSError(f"a chunk of {chunk.size:,} bytes is said to be in {most:,}")
            if len(buffer) < chunk.size:
                buffer = bytearray(chunk.size)
            source.read_direct_chunk(chunk.start, out=buffer)
            made.write_direct_chunk(chunk.start, memoryview(buffer)[: chunk.size], chunk.mask)
            self._check()

    def _copy_slabs(
        self, source: Any, made: Any, type_id: Any, written: Iterable[Box], chunk: tuple[int, ...]
    ) -> None:
        """Copy bytes that lie in no chunks; each whole chunk of the new dataset at once."""
        whole = np.empty(chunk, dtype=f"V{type_id.get_size()}")
        for box in written:
            shape = tuple(one.stop - one.start for one in box)
            values = whole if shape == chunk else np.empty(shape, dtype=whole.dtype)
            read_box(source, box, values, type_id)
            if values is whole:
                made.write_direct_chunk(tuple(one.start for one in box), whole)
            else:
                write_box(made, box, values, type_id)
            self._check()

    def _copy_values(self, source: Any, made: Any, type_id: Any, written: Iterable[Box]) -> None:
        """Copy values, decoded and with what they point to; filters do the rest."""
        memory, made_memory = self._memory(source.get_type()), self._memory(type_id)
        for box in pieces(written, memory.size):
            values = np.zeros(tuple(one.stop - one.start for one in box), dtype=memory.dtype)
            read_box(source, box, values, memory.type)
            write_box(made, box, values, made_memory.type)
            self._check()

    def _memory(self, type_id: Any) -> _Memory:
        read_type = self._types.of(type_id)
        if read_type.memory is None or self._is_plain(type_id):
            size = type_id.get_size()
            return _Memory(np.dtype(f"V{size}"), type_id, size)
        return _Memory(read_type.dtype, read_type.memory, read_type.size)

    def _all(self, fits: Callable[[Any], bool], source: Any, shape: tuple[int, ...]) -> bool:
        """Whether all values of a dataset pass a test."""
        memory = self._memory(source.get_type())
        for box in pieces(_written(source, shape, source.get_create_plist(), None), memory.size):
            values = np.zeros(tuple(one.stop - one.start for one in box), dtype=memory.dtype)
            read_box(source, box, values, memory.type)
            if not all(map(fits, values.reshape(-1).tolist())):
                return False
        return True


class _Memory(NamedTuple):
    """How values are held between reading and writing."""

    dtype: Any
    type: Any
    size: int
    """Bytes that an element takes, more or less."""


def chunks_of(dataset_id: Any) -> Iterator[Chunk]:
    """The chunks that are in the file."""
    rank = len(dataset_id.shape)
    numbers = array("Q")

    def note(info: Any) -> None:
        numbers.extend(info.chunk_offset)
        numbers.append(info.filter_mask)
        numbers.append(info.size)

    dataset_id.chunk_iter(note)
    step = rank + 2
    for start in range(0, len(numbers), step):
        *offset, mask, size = numbers[start : start + step]
        if all(one < length for one, length in zip(offset, dataset_id.shape, strict=True)):
            yield Chunk(tuple(offset), mask, size)


def _written(
    source: Any, shape: tuple[int, ...], plist: Any, chunk: tuple[int, ...] | None
) -> Iterator[Box]:
    """The regions that hold values: chunks that are in the file, or all of it in blocks."""
    if not shape:
        yield ()
        return
    if plist.get_layout() == h5d.CHUNKED:
        lengths = plist.get_chunk()
        for one in chunks_of(source):
            yield tuple(
                slice(start, min(start + length, end))
                for start, length, end in zip(one.start, lengths, shape, strict=True)
            )
    elif math.prod(shape) and source.get_storage_size():
        yield from boxes(shape, chunk or chunk_shape(shape, source.get_type().get_size()))


def growing_plist(
    plist: Any, shape: tuple[int, ...], itemsize: int, compression: int | None = None
) -> Any:
    """How a dataset that may grow is stored: as another one, but in chunks.

    Args:
        plist: how the other one is stored.
        shape: length of each axis.
        itemsize: bytes of an element in the file.
        compression: level of deflate, beside checksums and shuffling that are there; None keeps
            all filters.
    """
    made = plist.copy()
    if plist.get_layout() != h5d.CHUNKED:
        made.set_chunk(chunk_shape(shape, itemsize))
    made.set_alloc_time(h5d.ALLOC_TIME_INCR)
    if compression is not None:
        known = {made.get_filter(number)[0] for number in range(made.get_nfilters())}
        for filter_number in known:
            made.remove_filter(filter_number)
        if h5z.FILTER_SHUFFLE in known and compression:
            made.set_shuffle()
        if compression:
            made.set_deflate(compression)
        if h5z.FILTER_FLETCHER32 in known:
            made.set_fletcher32()
    return made


def _lies_outside(plist: Any) -> bool:
    layout = plist.get_layout()
    return bool(layout == h5d.VIRTUAL or (layout == h5d.CONTIGUOUS and plist.get_external_count()))


def _is_at_home(type_id: Any, place: Any) -> bool:
    """Whether a named type is an object of the same file as another object."""
    return bool(h5i.get_file_id(type_id) == h5i.get_file_id(place))


def _has_text(type_id: Any) -> bool:
    """Whether there are strings of variable length in a type, at any depth."""
    kind = type_id.get_class()
    if kind == h5t.STRING:
        return bool(type_id.is_variable_str())
    if kind == h5t.COMPOUND:
        return any(
            _has_text(type_id.get_member_type(number)) for number in range(type_id.get_nmembers())
        )
    return bool(kind == h5t.ARRAY and _has_text(type_id.get_super()))


def _is_ascii(type_id: Any) -> bool:
    variable = type_id.get_class() == h5t.STRING and type_id.is_variable_str()
    return bool(variable and type_id.get_cset() == h5t.CSET_ASCII)


def _is_bits(type_id: Any) -> bool:
    return bool(type_id.get_class() == h5t.BITFIELD and type_id.get_size() == 1)


def _is_boolean(raw: bytes) -> bool:
    return raw in (b"\0", b"\1")


def _is_utf8(raw: Any) -> bool:
    try:
        (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
