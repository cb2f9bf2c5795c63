"""The shape of chunks in new datasets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

CHUNK_BYTES = 1024 * 1024
"""An array below this is one chunk; the chunks of a larger one are about as large."""

_EMPTY_AXIS = 1024
"""Elements along an axis that has none yet, as far as they fit into `_EMPTY_BYTES`."""

_EMPTY_BYTES = 64 * 1024


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """The chunk of a new dataset: all of it, or about a megabyte of what is adjacent in it.

    Args:
        shape: length of each axis, at least one.
        itemsize: bytes of an element in the file.
    """
    limit = CHUNK_BYTES
    chunk = list(shape)
    if 0 in chunk:
        limit = _EMPTY_BYTES
        chunk = [length or _EMPTY_AXIS for length in chunk]
    for axis in range(len(chunk)):
        if math.prod(chunk) * itemsize <= limit:
            break
        rest = math.prod(chunk[axis + 1 :]) * itemsize
        chunk[axis] = max(1, min(chunk[axis], limit // max(1, rest)))
    return tuple(chunk)


def boxes(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """The regions that chunks cover of an array: a slice for each axis."""
    starts = [range(0, length, step) for length, step in zip(shape, chunk, strict=True)]
    for corner in product(*starts):
        yield tuple(
            slice(start, min(start + step, length))
            for start, step, length in zip(corner, chunk, shape, strict=True)
        )
