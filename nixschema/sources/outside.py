"""What sources of values have in common that lie in no HDF5 file."""

from __future__ import annotations

from typing import Any

import numpy as np

from nixschema.array import StoredType


class OutsideSource:
    """A source of values of one type that are in no HDF5 file: no chunks, no HDF5 type."""

    __slots__ = ("_dtype", "_shape")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._shape = shape
        self._dtype = dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self._dtype

    @property
    def chunks(self) -> None:
        """None: they are not stored in chunks."""
        return None

    @property
    def stored_type(self) -> StoredType | None:
        """None: there is no HDF5 type yet."""
        return None

    @property
    def is_stored(self) -> bool:
        """True: the file was seen to hold them."""
        return True

    @property
    def is_certain(self) -> bool:
        """Whether no value can turn out to be none of the type when it is read."""
        return False

    @property
    def identity(self) -> tuple[Any, ...]:
        """Nothing: what they equal is known by comparing."""
        return ()
