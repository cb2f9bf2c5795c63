"""What a dataset's filters make of its chunks, and back: in memory, apart from the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np
from h5py import h5d, h5f, h5o, h5p, h5s, h5t

from nixschema.storage.files import close_hdf5

_UNCACHED = h5p.create(h5p.DATASET_ACCESS)
_UNCACHED.set_chunk_cache(1, 0, 1.0)

_NAME = b"chunk"

_numbers = count()


class Filters:
    """The filters of a dataset."""

    def __init__(self, plist: Any, type_id: Any, element: np.dtype[Any]) -> None:
        """Take over the filters of a dataset.

        Args:
            plist: how the dataset is stored.
            type_id: type of its elements; None where they are but bytes to a filter.
            element: so many bytes as an element has in the file.
        """
        self.chunk: tuple[int, ...] = plist.get_chunk()
        self.element = element
        self._plist = plist.copy()
        self._plist.set_fill_time(h5d.FILL_TIME_NEVER)
        self._plist.set_alloc_time(h5d.ALLOC_TIME_INCR)
        encoded = (h5t.py_create(element) if type_id is None else type_id).encode()
        self._type = h5t.decode(encoded)  # A named type is at home in another file.
        self._first = (0,) * len(self.chunk)
        self.all_left_out = (1 << plist.get_nfilters()) - 1
        """The mask of a chunk that no filter is applied to."""

    def applied(self, chunk: Any) -> tuple[int, bytes]:
        """What the filters make of a chunk, and which of them were left out."""
        with _file_in_memory() as file_id:
            made = self._made(file_id)
            made.write(h5s.ALL, h5s.ALL, np.ascontiguousarray(chunk), self._type)
            mask, data = made.read_direct_chunk(self._first)
        return mask, data

    def undone(self, mask: int, data: bytes) -> Any:
        """The elements of a chunk as they are without filters."""
        if mask == self.all_left_out:
            return np.frombuffer(data, self.element).reshape(self.chunk).copy()
        elements = np.zeros(self.chunk, self.element)
        with _file_in_memory() as file_id:
            made = self._made(file_id)
            made.write_direct_chunk(self._first, np.frombuffer(data, np.uint8), mask)
            # libhdf5 forgets which filters are left out, until it opens the dataset again.
            h5o.link(made, file_id, _NAME)
            made.close()
            known = h5d.open(file_id, _NAME, dapl=_UNCACHED)
            known.read(h5s.ALL, h5s.ALL, elements, self._type)
        return elements

    def _made(self, file_id: Any) -> Any:
        """A dataset of one chunk, in which there might be more."""
        space = h5s.create_simple(self.chunk, (h5s.UNLIMITED,) * len(self.chunk))
        return h5d.create(file_id, None, self._type, space, dcpl=self._plist, dapl=_UNCACHED)


@contextmanager
def _file_in_memory() -> Iterator[Any]:
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_core(64 * 1024, False)
    access.set_libver_bounds(h5f.LIBVER_V110, h5f.LIBVER_V110)
    file_id = h5f.create(b"filters %d" % next(_numbers), h5f.ACC_TRUNC, fapl=access)
    try:
        yield file_id
    finally:
        close_hdf5(file_id)
