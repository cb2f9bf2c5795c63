"""Scales: which position each element of an axis has, and which element each position.

Positions that differ from that of an element by no more than rounding are that element's: what is
computed as ``offset + i * interval``, converted from another unit or kept as float32 comes back as
index i.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from nixschema.array import Values
from nixschema.errors import OutOfBounds

IndexMode: TypeAlias = Literal["at_or_before", "before", "at_or_after", "after", "nearest"]
"""Which element is meant by a position between two of them, or at one of them."""

StopRule: TypeAlias = Literal["exclusive", "inclusive"]
"""Whether an element at the very end of a range belongs to it."""

Indices: TypeAlias = npt.NDArray[np.int64]

_ROUNDING = 4
"""How many times a float's own precision a position may be off."""

_SHARE = 1e-4
"""How much of a sampling interval a position may be off: the sum of a million intervals is."""

_FARTHEST = 2.0**62
"""Elements beyond do not exist: numbers of elements stay whole numbers of 64 bits."""


class Neighbours(NamedTuple):
    """Numbers of the elements next to positions, on a scale that goes on beyond its ends."""

    at_or_before: Indices
    before: Indices


class Ranges(NamedTuple):
    """The elements inside each of several ranges."""

    first: Indices
    """Number of the first element inside."""
    last: Indices
    """Number of the one behind the last; that of the first where none is inside."""
    outside: npt.NDArray[np.bool_]
    """All of it lies before the first or behind the last element, or it ends where no data are."""


class Scale(ABC):
    """Positions of the elements of an axis, ascending."""

    length: int | None
    """Number of elements, or None where it is not known."""

    ends: bool
    """Whether what begins beyond the last element is outside the data. Samples, categories and rows
    are missing there; ticks are events, and that there is none after the last one is an answer."""

    clips: bool
    """Whether what ends beyond the last element ends with it: ticks, and named categories."""

    @abstractmethod
    def positions(self, indices: npt.NDArray[Any]) -> Values:
        """Positions of elements that exist."""

    @abstractmethod
    def neighbours(self, positions: Values, rounding: Values) -> Neighbours:
        """The elements next to positions.

        Args:
            positions: finite positions.
            rounding: by how much each may be off, because of how it was computed.
        """

    @abstractmethod
    def nearest(self, positions: Values) -> Indices:
        """The elements closest to positions; the earlier of two equally close."""

    def position_at(self, indices: npt.NDArray[Any], count: int | None = None) -> Values:
        """Positions of elements; negative numbers count from the end, where that is known.

        Args:
            indices: numbers of elements.
            count: number of elements that there are data for, where it is known.

        Raises:
            OutOfBounds: there is no such element.
            TypeError: an index is no whole number.
        """
        if indices.dtype.kind not in "iu":
            raise TypeError(f"an index is a whole number, not {indices.dtype}")
        if indices.dtype == np.uint64:
            indices = np.minimum(indices, np.uint64(_FARTHEST))
        wanted = indices.astype(np.int64)
        length = self._length(count)
        if length is not None:
            wanted = np.where(wanted < 0, wanted + length, wanted)
        odd = wanted < 0
        if length is not None:
            odd |= wanted >= length
        if np.any(odd):
            of_how_many = "" if length is None else f" in an axis of {length:,}"
            raise OutOfBounds(f"there is no element {indices[odd].flat[0]}{of_how_many}")
        return self.positions(wanted)

    def index_of(
        self,
        positions: Values,
        mode: IndexMode,
        rounding: float | Values = 0.0,
        count: int | None = None,
    ) -> Indices:
        """Numbers of the elements at or next to positions.

        Args:
            positions: any shape; where the scale begins later, it begins for ``at_or_after`` and
                ``after`` with the first element.
            mode: which element is meant.
            rounding: by how much positions may be off, because of how they were computed.
            count: number of elements that there are data for, where it is known.

        Raises:
            OutOfBounds: there is no such element.
            ValueError: a position is NaN or infinite, or there is no such mode.
        """
        if mode not in get_args(IndexMode):
            raise ValueError(f"a mode is one of {', '.join(get_args(IndexMode))}, not {mode!r}")
        _check_finite(positions)
        if mode == "nearest":
            found = self.nearest(positions)
        else:
            near = self.neighbours(positions, np.broadcast_to(rounding, positions.shape))
            found = near.before if mode in ("before", "at_or_after") else near.at_or_before
            if mode in ("at_or_after", "after"):
                found = np.maximum(found + 1, 0)
        if self.clips and self.length is not None and mode in ("at_or_before", "before"):
            found = np.minimum(found, self.length - 1)
        odd, length = found < 0, self._length(count)
        if length is not None:
            odd |= found >= length
        if np.any(odd):
            raise self._out_of_bounds(positions[odd].flat[0], mode, length)
        return found

    def ranges(
        self,
        starts: Values | None,
        stops: Values | None,
        *,
        inclusive: bool | npt.NDArray[np.bool_],
        rounding: float | Values = 0.0,
        length: int | None = None,
    ) -> Ranges:
        """The elements inside ranges of positions.

        Args:
            starts: where they begin; None for all at the first element.
            stops: where they end, not before they begin; None for all behind the last element.
            inclusive: whether an element at the end of a range belongs to it.
            rounding: by how much both may be off, because of how they were computed.
            length: number of elements that there are data for.

        Raises:
            ValueError: a position is NaN or infinite.
        """
        count = self.length if length is None else length
        given = starts if starts is not None else stops
        shape = () if given is None else given.shape
        first = np.zeros(shape, np.int64)
        last = np.full(shape, int(_FARTHEST) if count is None else count)
        outside = np.zeros(shape, np.bool_)
        rounding = np.broadcast_to(rounding, shape)
        if starts is not None:
            _check_finite(starts)
            begin = self.neighbours(starts, rounding)
            first = begin.before + 1
            if self.ends and count is not None:
                outside |= begin.at_or_before >= count
        if stops is not None:
            _check_finite(stops)
            end = self.neighbours(stops, rounding)
            last = np.where(inclusive, end.at_or_before, end.before) + 1
            if self.clips and self.length is not None:
                last = np.minimum(last, self.length)
            if self.ends:
                begins = end.at_or_before if starts is None else begin.at_or_before
                outside |= (last <= 0) & (begins < 0)
            if count is not None:
                outside |= last > count
        first = np.clip(first, 0, count)
        return Ranges(first, np.maximum(first, np.clip(last, 0, count)), outside)

    def _length(self, count: int | None) -> int | None:
        """Number of elements that have a position and data, where it is known."""
        return min((one for one in (self.length, count) if one is not None), default=None)

    def _out_of_bounds(self, position: float, mode: IndexMode, length: int | None) -> OutOfBounds:
        words = {"at_or_before": "at or before", "at_or_after": "at or after"}.get(mode, mode)
        where = words if mode != "nearest" else "near"
        return OutOfBounds(f"there is no element {where} {position:.12g}: {self.described(length)}")

    def described(self, count: int | None = None) -> str:
        """The extent of the axis, in words; of its first elements only, where a count is given."""
        length = self._length(count)
        if length == 0:
            return "the axis has none"
        first = f"the axis begins at {float(self.positions(np.array([0]))[0]):.12g}"
        if length is None:
            return first
        last = float(self.positions(np.array([length - 1]))[0])
        return f"{first}, and its last element is at {last:.12g}"


class RegularScale(Scale):
    """Elements at equal distances: samples, or categories and rows, which are counted."""

    ends = True

    def __init__(
        self,
        interval: float = 1.0,
        offset: float = 0.0,
        length: int | None = None,
        *,
        clips: bool = False,
    ) -> None:
        self.interval = interval
        self.offset = offset
        self.length = length
        self.clips = clips

    def positions(self, indices: npt.NDArray[Any]) -> Values:
        """Positions of elements: ``offset + i * interval``."""
        with np.errstate(over="ignore"):
            return self.offset + indices * self.interval

    def neighbours(self, positions: Values, rounding: Values) -> Neighbours:
        """The elements next to positions."""
        counted = self._counted(positions)
        near = np.rint(counted)
        there = self.positions(near)
        largest = np.maximum(np.abs(positions), np.maximum(abs(self.offset), np.abs(there)))
        off = np.maximum(_precision(largest), rounding)
        off = np.maximum(off, _SHARE * self.interval)
        with np.errstate(over="ignore"):
            exact = np.abs(positions - there) <= np.minimum(off, self.interval / 2)
        lower = np.where(exact, near, np.floor(counted)).astype(np.int64)
        return Neighbours(lower, lower - exact)

    def nearest(self, positions: Values) -> Indices:
        """The elements closest to positions."""
        return np.ceil(self._counted(positions) - 0.5).astype(np.int64)

    def _counted(self, positions: Values) -> Values:
        with np.errstate(over="ignore"):
            counted = (positions - self.offset) / self.interval
        return np.clip(counted, -_FARTHEST, _FARTHEST)


class TickScale(Scale):
    """Elements with a position of their own."""

    ends = False
    clips = True

    def __init__(self, ticks: Values) -> None:
        """Take the ticks.

        Raises:
            ValueError: they are not ascending, or NaN is among them.
        """
        self.ticks = np.asarray(ticks, np.float64)
        self.length = len(self.ticks)
        for odd in np.flatnonzero(np.isnan(self.ticks))[:1]:
            raise ValueError(f"tick {odd} is NaN")
        for odd in np.flatnonzero(self.ticks[1:] < self.ticks[:-1])[:1] + 1:
            fall = f"tick {odd} is {self.ticks[odd]:.12g}, after {self.ticks[odd - 1]:.12g}"
            raise ValueError(f"ticks do not ascend: {fall}")

    def positions(self, indices: npt.NDArray[Any]) -> Values:
        """Positions of elements: the ticks."""
        return np.asarray(self.ticks[indices])

    def neighbours(self, positions: Values, rounding: Values) -> Neighbours:
        """The elements next to positions."""
        if not self.length:
            none = np.full(positions.shape, -1)
            return Neighbours(none, none)
        meant = self._snapped(positions, rounding)
        at_or_before = np.searchsorted(self.ticks, meant, "right") - 1
        return Neighbours(at_or_before, np.searchsorted(self.ticks, meant, "left") - 1)

    def nearest(self, positions: Values) -> Indices:
        """The elements closest to positions; the first of equal ticks."""
        right = np.searchsorted(self.ticks, positions, "left")
        if not self.length:
            return right - 1
        left, right = np.maximum(right - 1, 0), np.minimum(right, len(self.ticks) - 1)
        with np.errstate(over="ignore"):
            closer = positions - self.ticks[left] <= self.ticks[right] - positions
        nearest = np.where(closer, self.ticks[left], self.ticks[right])
        return np.asarray(np.searchsorted(self.ticks, nearest, "left"))

    def _snapped(self, positions: Values, rounding: Values) -> Values:
        """Positions, those that are a tick's but for rounding replaced by the tick's."""
        nearest = self.ticks[self.nearest(positions)]
        off = np.maximum(_precision(np.maximum(np.abs(positions), np.abs(nearest))), rounding)
        with np.errstate(over="ignore"):
            same = (np.abs(positions - nearest) <= off) & np.isfinite(nearest)
        return np.where(same, nearest, positions)


def is_inclusive(stop_rule: StopRule) -> bool:
    """Whether an element at the end of a range belongs to it.

    Raises:
        ValueError: there is no such rule.
    """
    if stop_rule not in get_args(StopRule):
        raise ValueError(f"a stop rule is exclusive or inclusive, not {stop_rule!r}")
    return stop_rule == "inclusive"


def _precision(size: Values) -> Values:
    """By how much the sum and the product of a few floats of a size may be off."""
    precision: Values = _ROUNDING * np.finfo(np.float64).eps * size
    return precision


def rounding_of(dtype: np.dtype[Any], size: Values) -> Values:
    """By how much positions of a size may be off that are kept in a type."""
    if dtype.kind != "f" or dtype.itemsize >= 8:
        return _precision(size)
    return np.asarray(_ROUNDING * float(np.finfo(dtype).eps) * size)


def _check_finite(positions: Values) -> None:
    odd = ~np.isfinite(positions)
    if np.any(odd):
        raise ValueError(f"{positions[odd].flat[0]} is no position on an axis")
