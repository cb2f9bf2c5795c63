"""HDF5 references: pointers to objects that are values of attributes and datasets.

They hold addresses, so in another file they have to be made anew, once all objects are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from h5py import h5a, h5g, h5i, h5r, h5t

from nixschema.storage.chunks import Box
from nixschema.storage.datasets import read_box, write_box
from nixschema.storage.faults import FAULTS


def has_references(type_id: Any) -> bool:
    """Whether there are references in a type, at any depth."""
    return bool(type_id.get_class() == h5t.REFERENCE or type_id.detect_class(h5t.REFERENCE))


def copy_references(
    source: Any, made: Any, regions: Iterable[Box] = (), *, root: Any = None
) -> int:
    """Fill an attribute or dataset with references to the objects that have the same paths.

    Args:
        source: an attribute or dataset with references in its values.
        made: the new one, of the same type and shape.
        regions: which parts of a dataset to fill.
        root: the group that paths start at in the new file; its root by default.

    Returns:
        How many of them lead to what is not in the new file: they are made empty.

    Raises:
        OSError: the references cannot be read.
    """
    dtype = source.get_type().dtype
    memory = h5t.py_create(dtype)
    root = h5g.open(h5i.get_file_id(made), b"/") if root is None else root
    renewal = _Renewal(h5i.get_file_id(source), root)
    if isinstance(source, h5a.AttrID):
        values = np.zeros(source.shape, dtype=dtype)
        if values.size:
            source.read(values, mtype=memory)
            made.write(renewal.of(values), mtype=memory)
        return renewal.lost
    for box in regions:
        values = np.zeros(tuple(one.stop - one.start for one in box), dtype=dtype)
        read_box(source, box, values, memory)
        write_box(made, box, renewal.of(values), memory)
    return renewal.lost


class _Renewal:
    """Makes references to the objects of one file anew in another."""

    def __init__(self, source: Any, root: Any) -> None:
        self.lost = 0
        self._source = source
        self._root = root

    def of(self, values: Any) -> Any:
        """The same values with new references."""
        if values.dtype.names:
            for name in values.dtype.names:
                values[name] = self.of(values[name])
            return values
        if values.dtype != object:
            return values
        for position, item in np.ndenumerate(values):
            if isinstance(item, np.ndarray):
                values[position] = self.of(item)
            elif isinstance(item, h5r.Reference):
                values[position] = self._renewed(item)
        return values

    def _renewed(self, reference: Any) -> Any:
        kind = type(reference)
        if not reference:
            return kind()
        try:
            path = h5r.get_name(reference, self._source).strip(b"/") or b"."
            if kind is h5r.RegionReference:
                region = h5r.get_region(reference, self._source)
                return h5r.create(self._root, path, h5r.DATASET_REGION, region)
            return h5r.create(self._root, path, h5r.OBJECT)
        except FAULTS:
            self.lost += 1
            return kind()
