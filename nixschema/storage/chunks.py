"""The shape of chunks in new datasets, and the regions that they cover."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TypeAlias

CHUNK_BYTES = 1024 * 1024
"""An array below this is one chunk; the chunks of a larger one are about as large."""

PIECE_BYTES = 32 * 1024 * 1024
"""Values that are decoded are held in pieces of at most about so many bytes."""

_EMPTY_AXIS = 8192
"""Elements along an axis that has none yet, as far as they fit into `_EMPTY_BYTES`."""

_EMPTY_BYTES = 64 * 1024

Box: TypeAlias = tuple[slice, ...]
"""A region of an array: a slice for each axis."""


def chunk_shape(shape: tuple[int, ...], itemsize: int, limit: int = CHUNK_BYTES) -> tuple[int, ...]:
    """The chunk of a new dataset: all of it, or about a megabyte of what is adjacent in it.

    Args:
        shape: length of each axis, at least one.
        itemsize: bytes of an element in the file.
        limit: bytes that it may have.
    """
    if math.prod(shape) * itemsize <= limit and 0 not in shape:
        return shape
    chunk = list(shape)
    if 0 in chunk:
        limit = min(limit, _EMPTY_BYTES)
        chunk = [length or _EMPTY_AXIS for length in chunk]
    for axis in range(len(chunk)):
        if math.prod(chunk) * itemsize <= limit:
            break
        rest = math.prod(chunk[axis + 1 :]) * itemsize
        chunk[axis] = max(1, min(chunk[axis], limit // max(1, rest)))
    return tuple(chunk)


def boxes(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[Box]:
    """The regions that chunks cover of an array."""
    starts = [range(0, length, step) for length, step in zip(shape, chunk, strict=True)]
    for corner in product(*starts):
        yield tuple(
            slice(start, min(start + step, length))
            for start, step, length in zip(corner, chunk, shape, strict=True)
        )


def pieces(regions: Iterable[Box], itemsize: int) -> Iterator[Box]:
    """Regions again, those in parts that are too large to be held in memory."""
    for region in regions:
        shape = tuple(one.stop - one.start for one in region)
        if math.prod(shape) * itemsize <= PIECE_BYTES:
            yield region
            continue
        for inner in boxes(shape, chunk_shape(shape, itemsize, PIECE_BYTES)):
            yield tuple(
                slice(outer.start + one.start, outer.start + one.stop)
                for outer, one in zip(region, inner, strict=True)
            )
