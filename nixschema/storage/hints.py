"""Hints to libhdf5 about the size of objects, which h5py does not pass on.

They change how much room is set aside in the head of an object, and nothing else: without them
small files are a fifth larger.
"""

from __future__ import annotations

import ctypes
from typing import Any

from h5py import _objects, defs


def expect_links(plist: Any, count: int, name_length: int) -> None:
    """Set aside room for so many links of a new group."""
    _call("H5Pset_est_link_info", plist, count, name_length)


def expect_no_attributes(plist: Any) -> None:
    """Set aside no room for attributes of a new dataset."""
    _call("H5Pset_dset_no_attrs_hint", plist, 1)


def _call(name: str, plist: Any, *values: int) -> None:
    """Call a function of the library that h5py is linked with, where it can be found."""
    with _objects.phil:
        function = getattr(library(), name, None)
        if function is not None:
            function.argtypes = [ctypes.c_int64, *[ctypes.c_uint for _ in values]]
            function(plist.id, *values)


def library() -> ctypes.PyDLL | None:
    """The library that h5py is linked with, where it can be found."""
    try:
        return ctypes.PyDLL(defs.__file__)
    except OSError:
        return None
