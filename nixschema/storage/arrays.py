"""Arrays as datasets: from memory, or copied from the file they are in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from h5py import h5s

from nixschema.array import Array
from nixschema.storage import making
from nixschema.storage.chunks import boxes
from nixschema.storage.copying import Copier
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.types import file_dtype, file_type, memory_type

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
    dtype = file_dtype(array.dtype)
    type_id = file_type(dtype)
    plist = making.new_plist(array.shape, type_id.get_size(), compression or 0)
    made = making.dataset(parent, name, type_id, array.shape, plist)
    if array.size:
        _fill(made, array, dtype, type_id, plist, check)
    return made


def _fill(
    made: Any,
    array: Array,
    dtype: np.dtype[Any],
    type_id: Any,
    plist: Any,
    check: Callable[[], None],
) -> None:
    memory = memory_type(dtype)
    chunk = plist.get_chunk()
    if chunk == array.shape:
        values = np.ascontiguousarray(array.source.read(()), dtype=dtype)
        made.write(h5s.ALL, h5s.ALL, values, memory)
        return
    raw = memory.equal(type_id) and not plist.get_nfilters()
    space = made.get_space()
    for box in boxes(array.shape, chunk):
        part = np.ascontiguousarray(array.source.read(box), dtype=dtype)
        start = tuple(one.start for one in box)
        if raw and part.shape == chunk:
            made.write_direct_chunk(start, part)
        else:
            space.select_hyperslab(start, part.shape)
            made.write(h5s.create_simple(part.shape), space, part, memory)
        check()
