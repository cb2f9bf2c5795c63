"""Values that lie in a file as they are in memory, one behind the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nixschema.array import Values
from nixschema.sources.content import Content, Plain, Reader
from nixschema.sources.outside import OutsideSource
from nixschema.sources.spec import SourceError
from nixschema.storage.selecting import block_around

_SPAN_BYTES = 4 * 1024 * 1024
"""How much of a file is read at once to pick values out of it."""

_GAP_BYTES = 64 * 1024
"""Gaps above this are not read."""


class BinarySource(OutsideSource):
    """An array of values of one type that follow each other in C or Fortran order."""

    __slots__ = ("content", "fortran", "raw_dtype")

    def __init__(
        self,
        content: Content,
        raw_dtype: np.dtype[Any],
        shape: tuple[int, ...],
        *,
        fortran: bool = False,
    ) -> None:
        super().__init__(shape, plain(raw_dtype))
        self.content = content
        self.raw_dtype = raw_dtype
        """The type as it is in the file."""
        self.fortran = fortran
        """Whether the first axis runs fastest."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the order of bytes."""
        return _source, (self.content, self.raw_dtype, self._shape, self.fortran)

    @property
    def is_certain(self) -> bool:
        """Whether the bytes are the values: not compressed, and no texts."""
        return isinstance(self.content, Plain) and not self._dtype.hasobject

    @property
    def identity(self) -> tuple[Any, ...]:
        """The bytes, and what is made of them."""
        return (*self.content.identity, str(self.raw_dtype.descr), self._shape, self.fortran)

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values; no more is read than what lies between them.

        Raises:
            StaleFileError: the file has changed since it was opened.
            SourceError: the file does not hold them.
            IndexError: there is no such place.
        """
        block = block_around(selection, self._shape)
        starts, counts, shape = block.starts, block.counts, self._shape
        if self.fortran:
            starts, counts, shape = starts[::-1], counts[::-1], shape[::-1]
        values = np.empty(counts, dtype=self.raw_dtype)
        if values.size:
            with self.content.opened() as read:
                _read_block(read, values, starts, shape)
        if self.fortran:
            values = values.T
        try:
            return np.asarray(values[block.inside], dtype=self._dtype)
        except (ValueError, SystemError) as error:
            raise SourceError(f"values are no text: {error}", rule="NIX054") from None


def _source(
    content: Content, raw_dtype: np.dtype[Any], shape: tuple[int, ...], fortran: bool
) -> BinarySource:
    return BinarySource(content, raw_dtype, shape, fortran=fortran)


def _read_block(
    read: Reader, values: Values, starts: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    """Fill an array with a block of a larger one that lies in a file in C order."""
    itemsize = values.dtype.itemsize
    strides = [math.prod(shape[axis + 1 :]) * itemsize for axis in range(len(shape))]
    first = sum(one * two for one, two in zip(starts, strides, strict=True))
    waiting: list[Iterator[tuple[Values, int]]] = [iter([(values, first)])]
    while waiting:
        following = next(waiting[-1], None)
        if following is None:
            waiting.pop()
            continue
        part, start = following
        extent = itemsize + sum(
            (count - 1) * stride for count, stride in zip(part.shape, strides, strict=True)
        )
        if extent == part.nbytes and part.flags.c_contiguous:
            read(start, part.reshape(-1).view(np.uint8).data)
            continue
        axis = next(number for number, count in enumerate(part.shape) if count > 1)
        within = extent - (part.shape[axis] - 1) * strides[axis]
        is_dense = strides[axis] - within <= _GAP_BYTES
        if extent <= _SPAN_BYTES and is_dense:
            span = np.empty(extent, dtype=np.uint8)
            read(start, span.data)
            part[...] = np.ndarray(part.shape, part.dtype, span.data, 0, tuple(strides))
        else:
            step = max(1, (_SPAN_BYTES - within) // strides[axis]) if is_dense else 1
            waiting.append(_parts(part, start, axis, strides[axis], step))


def _parts(
    values: Values, start: int, axis: int, stride: int, step: int
) -> Iterator[tuple[Values, int]]:
    """Parts of a block along an axis, with their places in the file."""
    before = (slice(None),) * axis
    for first in range(0, values.shape[axis], step):
        yield values[(*before, slice(first, first + step))], start + first * stride


def plain(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """A dtype as NIX keeps it: text of any length, records without gaps.

    Raises:
        SourceError: NIX has nothing for it.
    """
    if dtype.names:
        return np.dtype([(name, plain(dtype[name])) for name in dtype.names])
    if dtype.subdtype is not None:
        return np.dtype((plain(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.hasobject:
        raise SourceError(
            "the values are pickled Python objects, which may run any program when they are read",
            help="save them as numbers, or as text of a fixed length",
        )
    if dtype.kind in "Mm":
        raise SourceError(
            "the values are dates or durations, which NIX does not have in arrays",
            rule="NIX054",
            help="save them as numbers, with a unit",
        )
    if not dtype.itemsize:
        raise SourceError(f"values of type `{dtype}` have no bytes")
    return np.dtype(object) if dtype.kind == "U" else dtype
