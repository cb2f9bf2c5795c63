"""Selections of an array as numpy has them, and the smallest block around each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Selection: TypeAlias = tuple[Any, ...]
"""An index, a slice or a list of indices for each axis; fewer leave the others whole."""


class Block(NamedTuple):
    """The smallest block around a selection."""

    starts: tuple[int, ...]
    counts: tuple[int, ...]
    inside: Selection
    """What is selected in the block."""

    @property
    def is_full(self) -> bool:
        """Whether all of the block is selected."""
        return all(
            item == (slice(None, None, 1) if isinstance(item, slice) else 0)
            for item in self.inside
            if not isinstance(item, np.ndarray)
        ) and not any(isinstance(item, np.ndarray) for item in self.inside)


def block_around(selection: Selection, shape: tuple[int, ...]) -> Block:
    """The smallest block around a selection, as far as it is told by axis, else all of the array.

    Raises:
        IndexError: there is no such place.
    """
    items = _by_axis(selection, shape)
    if items is None:
        return Block((0,) * len(shape), shape, selection)
    starts, counts, inside = list[int](), list[int](), list[Any]()
    for item, length in zip(items, shape, strict=True):
        start, count, within = _along(item, length)
        starts.append(start)
        counts.append(count)
        inside.append(within)
    return Block(tuple(starts), tuple(counts), tuple(inside))


def cut(
    selection: Selection, shape: tuple[int, ...], most: int
) -> Iterator[tuple[Selection, tuple[Any, ...]]]:
    """A selection in parts of so many elements, each with its place in what is selected.

    Selections by lists of indices stay in one part.
    """
    items = _by_axis(selection, shape)
    if items is None or not all(isinstance(item, slice | int | np.integer) for item in items):
        yield selection, (...,)
        return
    lengths = [
        len(range(*item.indices(length))) if isinstance(item, slice) else 1
        for item, length in zip(items, shape, strict=True)
    ]
    axis = next((number for number, length in enumerate(lengths) if length > 1), None)
    if axis is None:
        yield selection, (...,)
        return
    before = sum(isinstance(item, slice) for item in items[:axis])
    step = max(1, most // math.prod(lengths[axis + 1 :]))
    places = range(*items[axis].indices(shape[axis]))
    for start in range(0, lengths[axis], step):
        part = places[start : start + step]
        stop = part.stop if part.stop >= 0 else None
        chosen = (*items[:axis], slice(part.start, stop, part.step), *items[axis + 1 :])
        yield chosen, (*(slice(None),) * before, slice(start, start + step))


def selected_shape(selection: Selection, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of what is selected."""
    none = np.broadcast_to(np.empty((), np.int8), shape)
    return np.shape(none[selection])


def _by_axis(selection: Selection, shape: tuple[int, ...]) -> list[Any] | None:
    """An index, slice or list of indices for each axis, or None where it is told otherwise."""
    items = list(selection)
    whole = [position for position, item in enumerate(items) if item is Ellipsis]
    if len(whole) > 1:
        raise IndexError("an index can only have a single ellipsis")
    for position in whole:
        items[position : position + 1] = [slice(None)] * (len(shape) - len(items) + 1)
    if len(items) > len(shape):
        raise IndexError(f"{len(items)} indices for {len(shape)} axes")
    items += [slice(None)] * (len(shape) - len(items))
    for position, item in enumerate(items):
        if isinstance(item, slice | int | np.integer) and not isinstance(item, bool):
            continue
        indices = np.asarray(item)
        if item is None or indices.ndim != 1 or indices.dtype.kind not in "iub":
            return None
        items[position] = indices
    return items


def _along(item: Any, length: int) -> tuple[int, int, Any]:
    """Start, length and selection inside, along one axis."""
    if isinstance(item, slice):
        places = range(*item.indices(length))
        if not places:
            return 0, 0, slice(None, None, 1)
        low, high = min(places[0], places[-1]), max(places[0], places[-1])
        if places.step > 0:
            return low, high - low + 1, slice(None, None, places.step)
        return low, high - low + 1, slice(None, None, places.step)
    if isinstance(item, int | np.integer):
        position = int(item) + (length if item < 0 else 0)
        if not 0 <= position < length:
            raise IndexError(f"index {item} is out of range for an axis of {length}")
        return position, 1, 0
    indices = np.asarray(item)
    if indices.dtype.kind == "b":
        if len(indices) != length:
            raise IndexError(f"{len(indices)} booleans for an axis of {length}")
        indices = np.flatnonzero(indices)
    indices = np.where(indices < 0, indices + length, indices)
    if indices.size and (indices.min() < 0 or indices.max() >= length):
        raise IndexError(f"an index is out of range for an axis of {length}")
    if not indices.size:
        return 0, 0, indices.astype(int)
    low = int(indices.min())
    return low, int(indices.max()) - low + 1, indices - low
