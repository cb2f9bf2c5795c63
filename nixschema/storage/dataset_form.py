"""How the values of a dataset are stored: in which chunks, compressed or not, written or not."""

from __future__ import annotations

import math
from typing import NamedTuple

from h5py import h5d, h5z

from nixschema.storage.chunks import chunk_shape
from nixschema.storage.datasets import DatasetSource


class DatasetForm(NamedTuple):
    """How values are stored, as far as a few words can say it."""

    chunks: tuple[int, ...] | None = None
    """Shape of a chunk, where it is not the one that a new dataset would have."""
    level: int = 0
    """Level of deflate, 0 for none."""
    is_whole: bool = True
    """Whether these words say all: no other filter, no fill value, and all values were written."""
    is_empty: bool = False
    """Whether nothing was ever written, and all values are zero."""


def dataset_form(source: object) -> DatasetForm:
    """How the values of an array are stored.

    Raises:
        OSError: the file cannot be read.
        StaleFileError: it has changed since it was read.
    """
    if not isinstance(source, DatasetSource) or source.outside:
        return DatasetForm()
    with source.opened() as dataset_id:
        plist = dataset_id.get_create_plist()
        level, has_others = 0, False
        for number in range(plist.get_nfilters()):
            code, _, values, _ = plist.get_filter(number)
            if code == h5z.FILTER_DEFLATE and not level:
                level = values[0]
            else:
                has_others = True
        shape, size = dataset_id.shape, dataset_id.get_type().get_size()
        chunks = plist.get_chunk() if plist.get_layout() == h5d.CHUNKED else None
        if chunks is not None and shape and chunks == chunk_shape(shape, size):
            chunks = None
        has_fill = plist.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED
        stored = dataset_id.get_storage_size()
        expected = math.prod(shape) * size
        is_sparse = stored < (min(expected, 1) if level else expected)
        is_odd = has_others or has_fill
        is_empty = not stored and expected > 0 and not is_odd
        return DatasetForm(chunks, level, not (is_odd or is_sparse), is_empty)
