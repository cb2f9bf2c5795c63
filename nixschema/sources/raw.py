"""Raw binary files: values and nothing else, perhaps after a header of known length."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nixschema.sources.binary import BinarySource, plain
from nixschema.sources.content import Plain
from nixschema.sources.spec import SourceError
from nixschema.storage.files import Stamp


def raw_source(
    path: str,
    stamp: Stamp,
    dtype: np.dtype[Any],
    shape: tuple[int, ...] | None,
    *,
    fortran: bool = False,
    offset: int = 0,
) -> BinarySource:
    """The array in a raw file.

    Args:
        path: the file.
        stamp: its state.
        dtype: type of the elements.
        shape: length of each axis, one of them perhaps -1; all on one axis where it is None.
        fortran: whether the first axis runs fastest.
        offset: bytes before the values.

    Raises:
        SourceError: the file has another length.
    """
    plain(dtype)
    if offset > stamp.size:
        raise SourceError(
            f"the file has {stamp.size:,} bytes; expected more than the offset of {offset:,}",
            rule="NIX053",
            key="offset",
        )
    size = stamp.size - offset
    wanted = (-1,) if shape is None else shape
    known = math.prod(one for one in wanted if one >= 0) * dtype.itemsize
    behind = f" after the first {offset:,}" if offset else ""
    if -1 not in wanted:
        if known != size:
            raise SourceError(
                f"the file has {size:,} bytes{behind}; expected {known:,}: {list(wanted)} of "
                f"`{dtype}`, {dtype.itemsize} bytes each",
                rule="NIX053",
                key="shape",
                help="check dtype, shape and offset; `-1` stands for the one length that the file "
                "tells",
            )
        length = 0
    elif not known or size % known:
        per = f"{known:,}: `{dtype}` by {[one for one in wanted if one >= 0]}" if known else "0"
        raise SourceError(
            f"the file has {size:,} bytes{behind}, which is no multiple of {per}",
            rule="NIX053",
            key="shape" if shape is not None else "dtype",
            help="check dtype, shape and offset",
        )
    else:
        length = size // known
    whole = tuple(length if one < 0 else one for one in wanted)
    return BinarySource(Plain(path, stamp, offset, size), dtype, whole, fortran=fortran)
