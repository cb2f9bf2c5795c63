"""Values into files beside a description."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any, cast

import numpy as np
from numpy.lib.format import descr_to_dtype, dtype_to_descr, write_array_header_2_0

from nixschema.array import Array
from nixschema.sources.spec import DataSpec
from nixschema.storage.alone import PLACE, write_alone
from nixschema.storage.replace import replacing
from nixschema.storage.typenames import same_type_anew


def written_values(array: Array, path: str, folder: str | None, *, exact: bool) -> DataSpec:
    """Write the values of an array; see `nixschema.sources.write_values`."""
    home = os.path.dirname(path) if folder is None else folder
    if not exact and _is_npy(array):
        _write_npy(array, path + ".npy")
        return DataSpec(file=_relative(path + ".npy", home))
    write_alone(array, path + ".h5")
    return DataSpec(file=_relative(path + ".h5", home), dataset=PLACE)


def _relative(path: str, folder: str) -> str:
    return PurePath(os.path.relpath(path, folder or ".")).as_posix()


def _is_npy(array: Array) -> bool:
    """Whether numpy's format says the type exactly."""
    dtype = array.dtype
    return not dtype.hasobject and _same_again(dtype) and same_type_anew(array)


def _same_again(dtype: np.dtype[Any]) -> bool:
    if _has_metadata(dtype):
        return False
    if not repr(dtype_to_descr(dtype)).isascii():
        return False  # Names in headers are of ISO 8859-1, or of a version few readers know.
    again = descr_to_dtype(dtype_to_descr(dtype))
    return bool(again == dtype and again.itemsize == dtype.itemsize)


def _has_metadata(dtype: np.dtype[Any]) -> bool:
    if dtype.names:
        return any(_has_metadata(dtype[name]) for name in dtype.names)
    return dtype.metadata is not None or dtype.base.metadata is not None


def _write_npy(array: Array, path: str) -> None:
    dtype = array.dtype
    with replacing(path) as stream, array.kept_open():
        head: dict[str, Any] = {
            "descr": dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": array.shape,
        }
        write_array_header_2_0(cast("Any", stream), head)
        for _, part in array.blocks():
            plain = np.require(part, dtype, ["C"]).reshape(-1)
            stream.write(plain.view(np.uint8).data)
            stream.check()
