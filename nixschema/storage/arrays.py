"""Arrays as datasets: from memory, or copied from the file they are in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from h5py import h5s

from nixschema.array import Array, Source, Storing, Values
from nixschema.storage import making
from nixschema.storage.chunks import CHUNK_BYTES, boxes
from nixschema.storage.copying import Copier
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.types import (
    UTF8_TEXT,
    Types,
    decoded_type,
    encoded,
    file_dtype,
    file_type,
    memory_type,
)

Spot = tuple[Any, ...]
"""A dataset of a file in one state."""


def spot(array: Array) -> Spot | None:
    """The dataset that several links of a file lead to, or None where it is only this array's."""
    source = array.source
    if isinstance(source, DatasetSource) and source.shared:
        return (source.path, source.place, source.stamp)
    return None


def write_array(
    parent: Any,
    name: str | None,
    array: Array,
    copier: Copier,
    check: Callable[[], None],
    *,
    compression: int | None = None,
    as_text: bool = True,
    as_booleans: bool = False,
) -> Any:
    """Write an array as a dataset and give it.

    Args:
        parent: where it goes.
        name: its name; None to link it later.
        array: the values.
        copier: copies from files.
        check: raises when writing has failed.
        compression: level of deflate; None for none, or what the array has in its file.
        as_text: make text of variable length UTF-8.
        as_booleans: make bits booleans.

    Raises:
        StaleFileError: the file of the array has changed since it was read.
        OSError: it cannot be read.
        TypeError: HDF5 has no type for the values.
    """
    source = array.source
    if isinstance(source, DatasetSource) and (source.is_current or source.values is None):
        with source.opened() as dataset_id:
            # One that was copied before its original grew has the first part of it.
            if source.outside or dataset_id.shape == source.shape:
                return copier.copy(
                    dataset_id,
                    parent,
                    name,
                    compression=compression,
                    as_text=as_text,
                    as_booleans=as_booleans,
                )
    storing = getattr(source, "storing", None) or Storing()
    if storing.compression is not None:
        compression = storing.compression
    form = _form_of(source, as_text=as_text)
    itemsize = form.file.get_size()
    plist = making.new_plist(array.shape, itemsize, compression or 0, storing.chunks)
    if storing.fill is not None and plist is not None:
        plist = making.filled_plist(plist, storing.fill, form.dtype)
    made = making.dataset(parent, name, form.file, array.shape, plist)
    if array.size and storing.fill is None:
        _fill(made, array, form, plist, check)
    return made


class _Form(NamedTuple):
    """How values appear in a file, and how they are handed over."""

    file: Any
    memory: Any
    dtype: np.dtype[Any]
    prepare: Callable[[Values], Values]


def _form_of(source: Source, *, as_text: bool) -> _Form:
    """The form that values of a source get.

    Raises:
        TypeError: HDF5 has no type for them, or they mean nothing in another file.
    """
    stored = source.stored_type
    if stored is None or isinstance(source, DatasetSource):
        dtype = file_dtype(source.dtype)
        return _Form(file_type(dtype), memory_type(dtype), dtype, _as_is)
    type_id = decoded_type(stored)
    read_type = Types().of(type_id)
    if read_type.memory is None or stored.kind == "reference":
        raise TypeError(f"values of type {stored.text} mean nothing in another file")
    if as_text and read_type.is_text:
        type_id = UTF8_TEXT if _is_unicode(source) else type_id
    return _Form(type_id, read_type.memory, read_type.dtype, encoded)


def _as_is(values: Values) -> Values:
    return values


def _is_unicode(source: Source) -> bool:
    """Whether there is no byte in texts that is no Unicode."""
    return all(
        not any("\udc80" <= one <= "\udcff" for one in text)
        for _, part in Array(source).blocks()
        for text in part.flat
        if not text.isascii()
    )


def _fill(
    made: Any,
    array: Array,
    form: _Form,
    plist: Any,
    check: Callable[[], None],
) -> None:
    def taken(selection: tuple[Any, ...]) -> Values:
        values = form.prepare(array.source.read(selection))
        return np.require(values, form.dtype, ["C"])

    chunk = plist.get_chunk() if plist is not None else ()
    if chunk == array.shape:
        made.write(h5s.ALL, h5s.ALL, taken(()), form.memory)
        return
    raw = form.memory.equal(form.file) and not plist.get_nfilters()
    space = made.get_space()
    for box in boxes(array.shape, _piece(array.shape, chunk, form.file.get_size())):
        part = taken(box)
        start = tuple(one.start for one in box)
        if raw and part.shape == chunk:
            made.write_direct_chunk(start, part)
        else:
            space.select_hyperslab(start, part.shape)
            made.write(h5s.create_simple(part.shape), space, part, form.memory)
        check()


def _piece(shape: tuple[int, ...], chunk: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """What is read at once: whole chunks, as many as are about as large as a usual one."""
    piece = list(chunk)
    for axis in reversed(range(len(shape))):
        room = CHUNK_BYTES // max(1, math.prod(piece) * itemsize)
        if room < 2:
            break
        needed = -(-shape[axis] // chunk[axis])
        piece[axis] = chunk[axis] * min(room, needed)
    return tuple(piece)
