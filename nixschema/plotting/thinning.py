"""Fewer elements that look the same: what does not show in a plot need not be in it.

A line of many samples is cut into columns, each narrower than a pixel. Of a column the first, the
lowest, the highest and the last sample are kept: the line through them covers what the line through
all of them does. An image of many elements is made of their means.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from nixschema.array import Values

COLUMNS = 5_000
"""In how many columns a long axis is cut."""

PIXELS = 2_000
"""Most elements of an image along an axis."""


class Line:
    """Gathers the samples of a line, all of them or those that show."""

    def __init__(self, ends: tuple[float, float], *, exact: bool) -> None:
        """Take the positions of the first and the last sample."""
        self._first, last = ends
        self._width = (last - self._first) / COLUMNS or 1.0
        self._exact = exact
        self._pieces: list[tuple[Values, Values]] = []

    def add(self, positions: Values, values: Values) -> None:
        """Add samples behind those that are there."""
        values = values.astype(np.float64)
        if not self._exact:
            columns = np.floor((positions - self._first) / self._width)
            shown = _shown(values, columns)
            positions, values = positions[shown], values[shown]
        self._pieces.append((positions, values))

    def points(self) -> tuple[Values, Values]:
        """Positions and values of the samples."""
        positions, values = zip(*self._pieces, strict=True) if self._pieces else ((), ())
        return np.concatenate([np.empty(0), *positions]), np.concatenate([np.empty(0), *values])


def _shown(values: Values, columns: Values) -> npt.NDArray[np.int64]:
    """Numbers of the first, the lowest, the highest and the last value of each column."""
    begins = np.flatnonzero(np.diff(columns, prepend=np.nan))
    finite = np.isfinite(values)
    low, high = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    shown: list[int] = []
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(values)], strict=True):
        lowest = begin + int(np.argmin(low[begin:end]))
        highest = begin + int(np.argmax(high[begin:end]))
        shown += sorted({begin, lowest, highest, end - 1})
    return np.array(shown, np.int64)


class Spots:
    """Gathers points on an axis: all of them, or one for each column where they are many."""

    def __init__(self, most: int = COLUMNS) -> None:
        self._most = most
        self._found = np.empty(0)

    def add(self, positions: Values) -> None:
        """Add points, those that are no numbers left out."""
        positions = positions.astype(np.float64)
        self._found = np.concatenate([self._found, positions[np.isfinite(positions)]])
        if len(self._found) > 20 * self._most:
            self._found = self._thinned()

    def points(self) -> Values:
        """The points, ascending."""
        return np.sort(self._found) if len(self._found) <= self._most else self._thinned()

    def _thinned(self) -> Values:
        ordered = np.sort(self._found)
        width = (ordered[-1] - ordered[0]) / self._most or 1.0
        columns = np.floor((ordered - ordered[0]) / width)
        return np.asarray(ordered[np.diff(columns, prepend=-1.0) > 0])


def merged(starts: Values, stops: Values, gap: float) -> tuple[Values, Values]:
    """Ranges joined where they overlap, or lie no farther than a gap from one another."""
    order = np.argsort(starts, kind="stable")
    starts, stops = starts[order], np.maximum.accumulate(stops[order])
    begins = np.flatnonzero(np.concatenate([[True], starts[1:] > stops[:-1] + gap]))
    ends = np.concatenate([begins[1:], [len(starts)]]) - 1
    return starts[begins], stops[ends]


def step_of(length: int) -> int:
    """How many elements along an axis make one of an image."""
    return -(-length // PIXELS)


def means(
    blocks: Iterable[tuple[list[slice], Values]],
    starts: list[int],
    shape: tuple[int, ...],
    steps: list[int],
) -> Values:
    """Means of values that lie together, those that are no finite numbers left out.

    Args:
        blocks: place and values of pieces.
        starts: numbers of the first elements along each axis.
        shape: length of each axis.
        steps: how many elements along each axis make one.
    """
    bins = tuple(-(-length // step) for length, step in zip(shape, steps, strict=True))
    totals, counts = np.zeros(bins), np.zeros(bins, np.int64)
    for place, values in blocks:
        finite = np.isfinite(values)
        total, count = np.where(finite, values, 0).astype(np.float64), finite.astype(np.int64)
        target = []
        for axis, (part, start, step) in enumerate(zip(place, starts, steps, strict=True)):
            numbers = (np.arange(part.start, part.stop) - start) // step
            begins = np.flatnonzero(np.diff(numbers, prepend=-1))
            total = np.add.reduceat(total, begins, axis)
            count = np.add.reduceat(count, begins, axis)
            target.append(slice(numbers[0], numbers[-1] + 1))
        totals[tuple(target)] += total
        counts[tuple(target)] += count
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
