"""HDF5 references: pointers to objects that are values of attributes and datasets.

They hold addresses, so in another file they have to be made anew, once all objects are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5i, h5r, h5t

from nixschema.storage.chunks import Box
from nixschema.storage.datasets import read_box, write_box


def has_references(type_id: Any) -> bool:
    """Whether there are references in a type, at any depth."""
    return bool(type_id.get_class() == h5t.REFERENCE or type_id.detect_class(h5t.REFERENCE))


def copy_references(source: Any, made: Any, regions: Iterable[Box] = ()) -> None:
    """Fill an attribute or dataset with references to the objects that have the same paths.

    Args:
        source: an attribute or dataset with references in its values.
        made: the new one, of the same type and shape.
        regions: which parts of a dataset to fill.

    Raises:
        OSError: the references cannot be read.
    """
    dtype = source.get_type().dtype
    memory = h5t.py_create(dtype)
    source_file, made_file = h5i.get_file_id(source), h5i.get_file_id(made)
    if isinstance(source, h5a.AttrID):
        values = np.zeros(source.shape, dtype=dtype)
        if values.size:
            source.read(values, mtype=memory)
            made.write(_renewed(values, source_file, made_file), mtype=memory)
        return
    for box in regions:
        values = np.zeros(tuple(one.stop - one.start for one in box), dtype=dtype)
        read_box(source, box, values, memory)
        write_box(made, box, _renewed(values, source_file, made_file), memory)


def _renewed(values: Any, source_file: Any, made_file: Any) -> Any:
    if values.dtype.names:
        for name in values.dtype.names:
            values[name] = _renewed(values[name], source_file, made_file)
        return values
    if values.dtype != object:
        return values
    for position, item in np.ndenumerate(values):
        if isinstance(item, np.ndarray):
            values[position] = _renewed(item, source_file, made_file)
        elif isinstance(item, h5r.RegionReference):
            values[position] = _renewed_region(item, source_file, made_file)
        elif isinstance(item, h5r.Reference):
            values[position] = _renewed_reference(item, source_file, made_file)
    return values


def _renewed_reference(reference: Any, source_file: Any, made_file: Any) -> Any:
    path = h5r.get_name(reference, source_file) if reference else None
    if path is None:
        return h5py.Reference()
    try:
        return h5r.create(made_file, path, h5r.OBJECT)
    except (OSError, RuntimeError, KeyError, ValueError):
        return h5py.Reference()


def _renewed_region(reference: Any, source_file: Any, made_file: Any) -> Any:
    path = h5r.get_name(reference, source_file) if reference else None
    if path is None:
        return h5py.RegionReference()
    try:
        region = h5r.get_region(reference, source_file)
        return h5r.create(made_file, path, h5r.DATASET_REGION, region)
    except (OSError, RuntimeError, KeyError, ValueError):
        return h5py.RegionReference()
