"""Regions: the part of an array that a tag marks.

Positions and extents are in the tag's units, one for each axis; those of the axes may be others.
From the element at or after the position on all belong to a region that come before its end; at the
end itself only with the stop rule ``inclusive``. A point is the element at it. An axis for which
there is no position is whole. (NIX format; both reference libraries read regions so, but for their
errors.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from nixschema.array import BLOCK_BYTES, Array, Values
from nixschema.errors import OutOfBounds
from nixschema.model.scale import Indices, StopRule, is_inclusive, rounding_of

_SMALL_BYTES = 64 * 1024
"""A block this small is read as soon as two regions lie in it."""

_SPARE = 16
"""How many times larger than the regions in it a block may be."""

if TYPE_CHECKING:
    from nixschema.model.data_array import DataArray
    from nixschema.model.dimension import Dimension


class Region(tuple[slice, ...]):
    """A slice for each axis of an array: ``array[region]`` are the values."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of elements along each axis."""
        return tuple(one.stop - one.start for one in self)

    @property
    def is_empty(self) -> bool:
        """Whether no element lies in it."""
        return 0 in self.shape


class Marks(NamedTuple):
    """Where several regions begin, and how far they reach."""

    positions: Values
    """Numbers of shape (regions, axes)."""
    extents: Values | None
    """Numbers of the same shape; None for points."""
    units: Sequence[str]
    """Units of both, one for each axis; an axis beyond is in the unit of the array's."""


class Bounds(NamedTuple):
    """Which elements several regions hold."""

    first: Indices
    last: Indices
    outside: npt.NDArray[np.bool_]
    odd: npt.NDArray[np.bool_]


class Regions(Sequence[Region]):
    """The regions that a multi tag marks in an array, one for each position.

    ``regions[3]`` is the region of position 3; it raises `OutOfBounds` where that lies outside.
    """

    def __init__(self, array: DataArray, marks: Marks, bounds: Bounds) -> None:
        self.first = bounds.first
        """Numbers of the first elements, of shape (regions, axes)."""
        self.last = bounds.last
        """Numbers of the elements behind the last, of the same shape."""
        self.is_outside = bounds.outside
        """For each region whether it lies outside the data, ends where there are none, or is none:
        NaN, infinite or of negative extent."""
        self._odd = bounds.odd
        self._array = array
        self._marks = marks

    @property
    def is_empty(self) -> npt.NDArray[np.bool_]:
        """For each region whether no element lies in it."""
        return np.asarray((self.last <= self.first).any(axis=1))

    def __len__(self) -> int:
        """How many there are."""
        return len(self.first)

    @overload
    def __getitem__(self, position: int) -> Region: ...
    @overload
    def __getitem__(self, position: slice) -> list[Region]: ...
    def __getitem__(self, position: int | slice) -> Region | list[Region]:
        """The region of a position.

        Raises:
            OutOfBounds: it lies outside the data, or there is no such position.
        """
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise OutOfBounds(f"there is no position {position}: there are {len(self):,}")
        if self.is_outside[position]:
            raise OutOfBounds(self._why(int(position) % len(self)))
        bounds = zip(self.first[position].tolist(), self.last[position].tolist(), strict=True)
        return Region(slice(first, last) for first, last in bounds)

    def __iter__(self) -> Iterator[Region]:
        """The regions in order; see `__getitem__`."""
        return (self[position] for position in range(len(self)))

    def _why(self, row: int) -> str:
        positions, extents, units = self._marks
        count = min(positions.shape[1], self._array.ndim)
        marked = [
            _told(positions[row, axis], None if extents is None else extents[row, axis])
            + (f" {units[axis]}" if axis < len(units) and units[axis] else "")
            for axis in range(count)
        ]
        axes = [
            f"axis {one.number}: {one.scale().described()}"
            + (f" {one.axis_unit}" if one.axis_unit else "")
            for one in list(self._array.dimensions)[:count]
        ]
        where = f" of position {row}" if len(self) > 1 else ""
        if self._odd[row]:
            return (
                f"{' x '.join(marked)}{where} is no region: positions are finite numbers, "
                "and extents finite and not negative"
            )
        return (
            f"the region{where}, {' x '.join(marked)}, lies outside `{self._array.name}`: "
            f"{'; '.join(axes)}; there are data of shape {self._array.shape}"
        )


def regions_in(array: DataArray, marks: Marks, stop_rule: StopRule = "exclusive") -> Regions:
    """The elements of an array that lie in each of several regions.

    Args:
        array: with a dimension descriptor for each axis that has positions.
        marks: the regions.
        stop_rule: whether an element at the end of a region belongs to it.

    Raises:
        UnitError: a unit does not convert into that of its axis.
        ValueError: a descriptor is missing or says no positions.
    """
    inclusive = is_inclusive(stop_rule)
    count = len(marks.positions)
    first = np.zeros((count, array.ndim), np.int64)
    last = np.tile(np.array(array.shape, np.int64), (count, 1))
    outside = np.zeros(count, np.bool_)
    no_region = np.zeros(count, np.bool_)
    for axis in range(min(array.ndim, marks.positions.shape[1])):
        starts, stops, points, odd = _edges(marks, axis)
        dimension = _descriptor(array, axis)
        unit = marks.units[axis] if axis < len(marks.units) else None
        size = np.maximum(np.abs(starts), np.abs(stops))
        rounding = rounding_of(marks.positions.dtype, size)
        if marks.extents is not None:
            rounding = np.maximum(rounding, rounding_of(marks.extents.dtype, size))
        found = dimension.scale().ranges(
            dimension.in_axis_unit(starts, unit),
            dimension.in_axis_unit(stops, unit),
            inclusive=points | inclusive,
            rounding=dimension.in_axis_unit(rounding, unit),
            length=array.shape[axis],
        )
        first[:, axis], last[:, axis] = found.first, found.last
        outside |= found.outside
        no_region |= odd
    return Regions(array, marks, Bounds(first, last, outside | no_region, no_region))


def _edges(marks: Marks, axis: int) -> tuple[Values, Values, Values, Values]:
    """Beginnings and ends along an axis, which of them are points, and which are none."""
    starts = marks.positions[:, axis].astype(np.float64)
    extents = np.zeros(len(starts))
    if marks.extents is not None:
        extents = marks.extents[:, axis].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        stops = starts + extents
    odd = ~np.isfinite(starts) | ~np.isfinite(stops) | ~(extents >= 0)
    return np.where(odd, 0, starts), np.where(odd, 0, stops), extents == 0, odd


def _descriptor(array: DataArray, axis: int) -> Dimension:
    if axis >= len(array.dimensions):
        raise ValueError(
            f"axis {axis + 1} of `{array.name}` has no dimension descriptor that says "
            "where its elements are"
        )
    return array.dimensions[axis]


def _told(position: Any, extent: Any) -> str:
    return f"{position:.12g}" if extent is None else f"{position:.12g} + {extent:.12g}"


def values_in(data: Array, regions: Regions) -> list[Values]:
    """The values of an array in several regions, read with few requests.

    Regions that lie close together are read as one block.

    Args:
        data: the values.
        regions: where they are wanted.

    Raises:
        OutOfBounds: one of the regions lies outside.
    """
    wanted = list(regions)
    found: list[Values | None] = [
        np.empty(region.shape, data.dtype) if region.is_empty else None for region in wanted
    ]
    with data.kept_open():
        for group in _groups(data, regions):
            low = regions.first[group].min(axis=0)
            high = np.maximum(regions.last[group].max(axis=0), low)
            block = data[
                tuple(slice(*edge) for edge in zip(low.tolist(), high.tolist(), strict=True))
            ]
            for number in group:
                inside = tuple(
                    slice(one.start - start, one.stop - start)
                    for one, start in zip(wanted[number], low.tolist(), strict=True)
                )
                found[number] = block[inside].copy()
    return [one for one in found if one is not None]


def _groups(data: Array, regions: Regions) -> Iterator[list[int]]:
    """Numbers of regions that are read together: those whose box is not much larger than they.

    Empty ones are in none.
    """
    itemsize = max(1, data.dtype.itemsize)
    group: list[int] = []
    low = high = np.zeros(data.ndim, np.int64)
    useful = 0
    order = np.lexsort(regions.first.T[::-1])
    for number in order[~regions.is_empty[order]].tolist():
        first, last = regions.first[number], regions.last[number]
        size = int(np.prod(last - first))
        new_low, new_high = np.minimum(low, first), np.maximum(high, last)
        box = int(np.prod(new_high - new_low)) * itemsize
        if group and box > max(_SMALL_BYTES, min(BLOCK_BYTES, _SPARE * (useful + size) * itemsize)):
            yield group
            group, useful = [], 0
        if not group:
            new_low, new_high = first, last
        group.append(number)
        low, high, useful = new_low, new_high, useful + size
    if group:
        yield group
