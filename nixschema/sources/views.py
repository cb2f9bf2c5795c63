"""Arrays made of other arrays without reading them: parts, other orders of axes, wishes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from nixschema.array import Source, StoredType, Storing, Values
from nixschema.storage.selecting import block_around


class View:
    """The values of another source, as they are."""

    __slots__ = ("inner",)

    def __init__(self, inner: Source) -> None:
        self.inner = inner

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.inner.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self.inner.dtype

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """None: what is stored in chunks is seen in another way."""
        return None

    @property
    def stored_type(self) -> StoredType | None:
        """Exact HDF5 type, where it comes from HDF5."""
        return self.inner.stored_type

    @property
    def is_stored(self) -> bool:
        """Whether all values can be there."""
        return self.inner.is_stored

    @property
    def is_certain(self) -> bool:
        """Whether what is seen is certain, which looking in another way does not change."""
        return getattr(self.inner, "is_certain", False)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is seen, and how."""
        identity = self.inner.identity
        return (*identity, *self._how()) if identity else ()

    def _how(self) -> tuple[Any, ...]:
        return ()

    def kept_open(self) -> AbstractContextManager[Any]:
        """Keep the file open for many reads, as long as a block lasts."""
        keep = getattr(self.inner, "kept_open", nullcontext)
        held: AbstractContextManager[Any] = keep()
        return held

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values."""
        return self.inner.read(selection)


class Part(View):
    """A slice or one index of each axis."""

    __slots__ = ("items",)

    def __init__(self, inner: Source, items: tuple[range | int, ...]) -> None:
        """Take a part.

        Args:
            inner: the whole.
            items: for each axis the indices that are taken, or one, which takes the axis away.
        """
        super().__init__(inner)
        self.items = items

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis that is left."""
        return tuple(len(item) for item in self.items if isinstance(item, range))

    def _how(self) -> tuple[Any, ...]:
        return ("part", self.items)

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values."""
        block = block_around(selection, self.shape)
        left = iter(zip(block.starts, block.counts, strict=True))
        chosen: list[Any] = []
        backwards: list[slice] = []
        for item in self.items:
            if not isinstance(item, range):
                chosen.append(item)
                continue
            start, count = next(left)
            places = item[start : start + count]
            is_backwards = places.step < 0 and len(places) > 0
            if is_backwards:
                places = places[::-1]
            chosen.append(slice(places.start, places.stop, places.step) if places else slice(0, 0))
            backwards.append(slice(None, None, -1 if is_backwards else 1))
        values = self.inner.read(tuple(chosen))
        if any(one.step == -1 for one in backwards):
            values = values[tuple(backwards)]
        return np.asarray(values[block.inside], dtype=self.dtype)


class Transposed(View):
    """The axes in another order."""

    __slots__ = ("axes",)

    def __init__(self, inner: Source, axes: tuple[int, ...]) -> None:
        super().__init__(inner)
        self.axes = axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        shape = self.inner.shape
        return tuple(shape[axis] for axis in self.axes)

    def _how(self) -> tuple[Any, ...]:
        return ("transposed", self.axes)

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values."""
        block = block_around(selection, self.shape)
        chosen: list[slice] = [slice(None)] * len(self.axes)
        for axis, start, count in zip(self.axes, block.starts, block.counts, strict=True):
            chosen[axis] = slice(start, start + count)
        values = self.inner.read(tuple(chosen)).transpose(self.axes)
        return np.asarray(values[block.inside], dtype=self.dtype)


class Stored(View):
    """Values with a wish how they are stored."""

    __slots__ = ("storing",)

    def __init__(self, inner: Source, storing: Storing) -> None:
        super().__init__(inner)
        self.storing = storing
