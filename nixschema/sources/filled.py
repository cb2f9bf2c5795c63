"""Arrays of one value, to be filled later."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nixschema.array import StoredType, Storing, Values
from nixschema.sources.converted import fitting
from nixschema.sources.outside import OutsideSource
from nixschema.sources.spec import SourceError
from nixschema.storage.selecting import selected_shape

_MOST_WRITTEN = 1024 * 1024
"""Bytes up to which an array is written; a larger one is left to be filled."""

_MOST_JUDGED = 256 * 1024 * 1024
"""Bytes up to which it is worth looking at values that are all the same."""

_MOST_BYTES = 2**62


class Filled(OutsideSource):
    """An array of one value."""

    __slots__ = ("_fill", "_stored", "storing")

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        fill: Any = None,
        stored: StoredType | None = None,
    ) -> None:
        """Take note of it.

        Args:
            shape: length of each axis.
            dtype: type of the elements.
            fill: what each one is; zero, or the empty text, where it is None.
            stored: the HDF5 type, where numpy's does not say it.

        Raises:
            SourceError: the value does not fit the type.
        """
        super().__init__(shape, dtype)
        self._stored = stored
        self._fill = _element(fill, dtype)
        size = math.prod(shape) * max(1, dtype.itemsize)
        if size > _MOST_BYTES:
            raise SourceError(
                f"an array of {size:,} bytes; no file can hold so many",
                rule="NIX053",
                key="shape",
            )
        is_left = size > _MOST_WRITTEN and not dtype.hasobject and stored is None
        is_zero = not dtype.hasobject and not any(self._fill.tobytes())
        self.storing = Storing(fill=self._fill[()] if is_left and not is_zero else None)
        if size > _MOST_JUDGED and not is_left:
            raise SourceError(
                f"an array of {size:,} bytes, all of the same value, and not numbers; "
                f"expected at most {_MOST_JUDGED:,}",
                rule="NIX053",
                key="shape",
            )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the order of bytes."""
        return Filled, (self._shape, self._dtype, self._fill, self._stored)

    @property
    def stored_type(self) -> StoredType | None:
        """The HDF5 type that was asked for."""
        return self._stored

    @property
    def is_stored(self) -> bool:
        """Whether it is no larger than what one may want to look through."""
        return math.prod(self._shape) * max(1, self._dtype.itemsize) <= _MOST_JUDGED

    @property
    def is_certain(self) -> bool:
        """True: all values are the one that was judged."""
        return True

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values, all the same."""
        values = np.empty(selected_shape(selection, self._shape), dtype=self._dtype)
        values[...] = self._fill
        return values


def _element(fill: Any, dtype: np.dtype[Any]) -> Values:
    made = np.zeros((), dtype=dtype)
    if fill is None:
        if dtype.kind == "O":
            made[()] = ""
        for name in dtype.names or ():
            made[name] = _element(None, dtype[name].base)
        return made
    if isinstance(fill, np.ndarray) and fill.dtype == dtype:
        return fill
    given = np.asarray(fill, dtype=object if isinstance(fill, str) else None)
    if given.ndim or (given.dtype == object) != isinstance(fill, str):
        raise SourceError(f"`{fill!r:.60}` is no value", rule="NIX054", key="fill")
    try:
        return fitting(given, dtype)
    except SourceError as error:
        raise SourceError(error.message, rule="NIX054", key="fill", help=error.help) from None
