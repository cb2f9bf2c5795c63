"""Regions by the definition of the format, in exact arithmetic, without any code of the library.

Floats are taken for the numbers they are, units convert by exact powers of ten, and a position is
that of an element where it is no more than `SHARE` of an interval away, or a few times the
precision of the float it is kept in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import nixschema as nx

FLOAT = np.dtype(float)
EPS = float(np.finfo(float).eps)

SHARE = Fraction(1, 10_000)
"""By how much of an interval a position may be off: that of a sum of a million intervals is."""

TIMES = 4
"""By how many times its precision."""


class Outside(Exception):
    """A region lies outside the data, or is none."""


def is_blank(unit: str) -> bool:
    """Whether a unit says that there is none."""
    return unit.strip() in ("", "none")


class Axis(NamedTuple):
    """An axis of an array in plain numbers: at regular intervals, or with ticks."""

    length: int
    """Number of elements of the data."""
    interval: float | None = None
    offset: float = 0.0
    ticks: npt.NDArray[np.float64] | None = None
    named: int | None = None
    """Number of labels."""
    unit: str | None = None
    counts: bool = False
    """Whether elements are counted: sets and rows."""
    calibrated_ticks: bool = False

    def converted(self, position: float, unit: str | None) -> Fraction:
        """The position in the unit of the axis, exactly."""
        if unit is None or is_blank(unit):
            return Fraction(position)
        if self.unit is None:
            raise nx.UnitError(f"{unit} on an axis without unit")
        factor = nx.Unit(unit).factor_to(self.unit)
        return Fraction(position) * Fraction(10) ** round(math.log10(factor))

    def counted(self, position: float, unit: str | None) -> Fraction:
        """The position in elements from the first; on ticks the position itself."""
        exact = self.converted(position, unit)
        if self.interval is None:
            return exact
        return (exact - Fraction(self.offset)) / Fraction(self.interval)

    def snapped(self, position: float, unit: str | None, dtype: np.dtype[Any] = FLOAT) -> Fraction:
        """The same, but the element's own where it differs by rounding only."""
        exact, counted = self.converted(position, unit), self.counted(position, unit)
        eps = Fraction(float(np.finfo(dtype).eps if dtype.kind == "f" else EPS))
        off = TIMES * eps * abs(exact)
        if self.ticks is not None:
            if not len(self.ticks):
                return counted
            near = min(map(Fraction, self._near(float(exact))), key=lambda one: abs(one - exact))
            off = max(off, TIMES * Fraction(EPS) * abs(near))
            return near if abs(near - exact) <= off else counted
        assert self.interval is not None
        near = Fraction(round(counted))
        sizes = (abs(exact), abs(Fraction(self.offset)))
        off = max(off, TIMES * Fraction(EPS) * max(sizes))
        off = max(off / Fraction(self.interval), SHARE)
        return near if abs(near - counted) <= off else counted

    def _near(self, position: float) -> list[float]:
        assert self.ticks is not None
        at = int(np.searchsorted(self.ticks, position))
        return [float(one) for one in self.ticks[max(0, at - 1) : at + 2]] or [self.ticks[-1]]

    def below(self, place: Fraction, *, included: bool) -> int:
        """How many elements are before a place, or at it as well; on regular axes without end."""
        if self.ticks is None:
            return math.floor(place) + 1 if included else math.ceil(place)
        # Between two floats none is missed: a place that is no tick's lies strictly between two.
        found = sum(map(int, self.ticks < float(place)))
        while found < len(self.ticks) and (
            Fraction(self.ticks[found]) < place
            or (included and Fraction(self.ticks[found]) == place)
        ):
            found += 1
        return found


def axis_of(dimension: nx.Dimension, length: int) -> Axis:
    """An axis of ours in plain numbers, from the fields alone."""
    if isinstance(dimension, nx.SampledDimension):
        assert dimension.sampling_interval is not None
        return Axis(
            length, dimension.sampling_interval, dimension.offset or 0.0, unit=dimension.unit
        )
    if isinstance(dimension, nx.RangeDimension):
        if dimension.link is None:
            assert dimension.ticks is not None
            return Axis(length, ticks=dimension.ticks.read(), unit=dimension.unit)
        link, array, frame = dimension.link, dimension.link.array, dimension.link.data_frame
        if array is not None:
            place = [slice(None) if one == -1 else one for one in link.index or ()]
            ticks = meant(array)[tuple(place)].astype(float)
            calibrated = array.polynom_coefficients is not None or bool(array.expansion_origin)
            return Axis(length, ticks=ticks, unit=array.unit, calibrated_ticks=calibrated)
        assert frame is not None
        assert frame.data is not None
        column = frame.columns[link.column or 0]
        return Axis(length, ticks=frame.data.read()[column.name].astype(float), unit=column.unit)
    if isinstance(dimension, nx.SetDimension):
        assert dimension.link is None
        return Axis(length, 1.0, named=len(dimension.labels or ()) or None, counts=True)
    assert isinstance(dimension, nx.DataFrameDimension)
    return Axis(length, 1.0, counts=True)


def meant(array: Any) -> npt.NDArray[Any]:
    """The values of an array with their calibration, as the format defines it."""
    values: npt.NDArray[Any] = array.data.read()
    coefficients = array.polynom_coefficients
    if coefficients is None and not array.expansion_origin:
        return values
    values = values.astype(float) - (array.expansion_origin or 0.0)
    if coefficients is None:
        return values
    return np.asarray(sum(c * values**i for i, c in enumerate(coefficients.read().tolist())))


def by_definition(
    axes: Sequence[Axis],
    position: Sequence[float],
    extent: Sequence[float] | None,
    units: Sequence[str],
    stop_rule: str,
    dtype: np.dtype[Any] = FLOAT,
) -> list[tuple[int, int]]:
    """The elements that lie in a region: number of the first, and of the one behind the last.

    Raises:
        Outside: it lies outside the data, or is none.
        nx.UnitError: a unit does not convert.
    """
    region, outside = [], False
    for number, axis in enumerate(axes):
        if number >= len(position):
            region.append((0, axis.length))
            continue
        unit = units[number] if number < len(units) else None
        start, length = position[number], extent[number] if extent else 0.0
        if not math.isfinite(start) or not math.isfinite(start + length) or length < 0:
            axis.converted(0.0, unit)
            outside = True
            region.append((0, 0))
            continue
        stop = start + length
        inclusive = stop_rule == "inclusive" or length == 0
        begin, end = axis.snapped(start, unit, dtype), axis.snapped(stop, unit, dtype)
        first, last = axis.below(begin, included=False), axis.below(end, included=inclusive)
        if axis.ticks is None:
            # Samples are missing before the first and behind the last; after ticks are no more.
            if axis.named is not None:
                last = min(last, axis.named)
            outside |= last <= 0 and axis.below(begin, included=True) <= 0
            outside |= axis.below(begin, included=True) > axis.length
        outside |= last > axis.length
        first, last = max(first, 0), max(last, 0)
        region.append((min(first, axis.length), max(min(first, axis.length), last)))
    if outside:
        raise Outside
    return region
