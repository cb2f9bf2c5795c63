"""What tags mark in arrays, for rules that ask: judged for many tags, and in blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nixschema.array import Array, Values
from nixschema.errors import NixError, StaleFileError
from nixschema.model import (
    Block,
    DataArray,
    DataFrame,
    DataFrameDimension,
    Dimension,
    Feature,
    MultiTag,
    RangeDimension,
    SetDimension,
    Tag,
)
from nixschema.model.scale import Neighbours, RegularScale, Scale, TickScale, rounding_of

MAX_TICKS = 1 << 20
"""More ticks than these are not taken into memory, but read in blocks."""

_KEPT_TICKS = 2 * MAX_TICKS
"""So many ticks are kept for the next tag that is judged."""

_COMPARED = 1 << 12
"""So many ticks are compared with those of other axes."""

_ROWS = 1 << 16
"""So many positions are judged at a time."""

_SIDES: tuple[Literal["right", "left"], ...] = ("right", "left")
_OTHER: dict[str, Literal["right", "left"]] = {"right": "left", "left": "right"}

_Rows: TypeAlias = npt.NDArray[np.bool_]
_FAULTS = (NixError, ValueError, TypeError, ArithmeticError, LookupError, OSError, MemoryError)


@dataclass(frozen=True, slots=True)
class Example:
    """The first of several regions that something is wrong with."""

    row: int
    """Its number, from 1."""
    axis: int
    """The axis along which it is, from 1."""
    start: float
    """Where it begins, in the unit of the axis."""
    stop: float
    """Where it ends."""
    limits: tuple[float, float]
    """Positions of the first and the last element of the axis."""
    unit: str
    """The unit of the axis, or nothing."""


@dataclass(slots=True)
class Verdict:
    """What is wrong with regions in one array."""

    count: int = 0
    """How many regions there are."""
    outside: int = 0
    """How many begin where the array has no data."""
    beyond: int = 0
    """How many others end where it has none."""
    empty: int = 0
    """How many others lie between two elements."""
    bare: int = 0
    """How many others do so as it may be: points of a multi tag, and regions between ticks."""
    first_outside: Example | None = None
    first_beyond: Example | None = None
    first_empty: Example | None = None
    first_bare: Example | None = None


class Rows(NamedTuple):
    """Some regions: where they begin and how far they reach, a row each, a column for each axis."""

    positions: Values
    extents: Values | None
    units: Sequence[str]
    """Of both, one for each axis; none at all for those of the axes."""
    several: bool
    """Whether they are of a multi tag."""


class _Along(NamedTuple):
    """How regions lie along one axis."""

    starts: Values
    stops: Values
    outside: _Rows
    beyond: _Rows
    empty: _Rows
    bare: _Rows


class StoredTicks(Scale):
    """Ticks that are too many to be taken into memory."""

    ends = False
    clips = True

    def __init__(self, ticks: Array) -> None:
        """Read them once.

        Raises:
            ValueError: they do not ascend.
        """
        self.ticks = ticks
        self.length = ticks.size
        self.gap = 0.0
        self.low = self.high = float(ticks[0])
        for _, block in ticks.blocks():
            steps = np.diff(block, prepend=self.high)
            if not np.all(steps >= 0):
                raise ValueError("ticks do not ascend")
            self.gap = max(self.gap, float(steps.max()))
            self.high = float(block[-1])

    def positions(self, indices: npt.NDArray[Any]) -> Values:
        """Positions of the first and the last element; others are not asked for."""
        return np.where(indices == 0, self.low, self.high)

    def neighbours(self, positions: Values, rounding: Values) -> Neighbours:
        """The elements next to positions: how many ticks are below, or at most there."""
        up_to, below = positions + rounding, positions - rounding
        orders = np.argsort(up_to), np.argsort(below)
        ordered = up_to[orders[0]], below[orders[1]]
        counts = np.zeros(positions.shape, np.int64), np.zeros(positions.shape, np.int64)
        for _, block in self.ticks.blocks():
            for values, count, side in zip(ordered, counts, _SIDES, strict=True):
                start, stop = np.searchsorted(values, (block[0], block[-1]), _OTHER[side])
                count[start:stop] += np.searchsorted(block, values[start:stop], side)
                count[stop:] += len(block)
        found = np.empty(positions.shape, np.int64), np.empty(positions.shape, np.int64)
        for one, order, count in zip(found, orders, counts, strict=True):
            one[order] = count - 1
        return Neighbours(*found)

    def nearest(self, positions: Values) -> npt.NDArray[np.int64]:
        """Not asked for."""
        raise NotImplementedError


class _Ruler:
    """One axis of an array, to lay regions along."""

    def __init__(self, dimension: Dimension, length: int) -> None:
        self.dimension = dimension
        self.length = length
        self.unit = dimension.axis_unit
        self.scale = _scale(dimension, length)
        low, high = self.scale.positions(np.array([0, length - 1])).tolist()
        self.limits = (float(low), float(high))
        if not math.isfinite(high - low) or (high <= low and length > 1):
            raise ValueError("the elements cannot be told apart")
        self.gap = self._largest_gap()
        self.is_events = _is_events(dimension)
        self.form = self._form()

    @property
    def ticks(self) -> int:
        """How many ticks are kept in memory."""
        return self.length if isinstance(self.scale, TickScale) else 0

    def _form(self) -> object:
        """What is equal for axes along which regions lie alike, as those of channels do."""
        scale, rest = self.scale, (self.length, self.unit, self.is_events)
        if isinstance(scale, RegularScale):
            return (scale.interval, scale.offset, *rest)
        if isinstance(scale, TickScale) and self.length <= _COMPARED:
            return (scale.ticks.tobytes(), *rest)
        return self

    def _largest_gap(self) -> float:
        """How far two neighbours are apart at most; without end where that says nothing."""
        gap = 0.0
        if isinstance(self.scale, StoredTicks):
            gap = self.scale.gap
        elif isinstance(self.scale, TickScale):
            gap = float(np.diff(self.scale.ticks).max(initial=0.0))
        return 1.001 * gap or math.inf

    def lay(self, rows: Rows, axis: int) -> _Along:
        """How regions lie along the axis; those of NaN and of negative extent are not told."""
        starts = rows.positions[:, axis].astype(np.float64)
        extents = np.zeros(len(starts))
        if rows.extents is not None:
            extents = rows.extents[:, axis].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            stops = starts + extents
        odd = ~np.isfinite(starts) | ~np.isfinite(stops) | ~(extents >= 0)
        starts, stops = np.where(odd, 0.0, starts), np.where(odd, 0.0, stops)
        unit = rows.units[axis] if axis < len(rows.units) else None
        size = np.maximum(np.abs(starts), np.abs(stops))
        rounding = rounding_of(rows.positions.dtype, size)
        if rows.extents is not None:
            rounding = np.maximum(rounding, rounding_of(rows.extents.dtype, size))
        starts, stops, rounding = (
            self.dimension.in_axis_unit(one, unit) for one in (starts, stops, rounding)
        )
        both = self.scale.neighbours(
            np.concatenate((starts, stops)), np.concatenate((rounding, rounding))
        )
        begin = Neighbours(*(one[: len(starts)] for one in both))
        end = Neighbours(*(one[len(starts) :] for one in both))
        first = np.maximum(begin.before + 1, 0)
        last = np.where(extents == 0, end.at_or_before, end.before) + 1
        outside, beyond = self._missed(starts, stops, begin, last)
        outside &= ~odd
        beyond &= ~(odd | outside)
        empty = ~odd & ~outside & ~beyond & (last <= first)
        points = extents == 0
        may_be = (points & rows.several) | self.is_events
        if not isinstance(self.scale, RegularScale):
            may_be |= ~points
        return _Along(starts, stops, outside, beyond, empty & ~may_be, empty & may_be)

    def _missed(
        self, starts: Values, stops: Values, begin: Neighbours, last: Values
    ) -> tuple[_Rows, _Rows]:
        """Which regions begin, and which end, where there are no data."""
        if self.is_events:
            nowhere = np.zeros(len(starts), np.bool_)
            return nowhere, nowhere.copy()
        if isinstance(self.scale, RegularScale):
            before = (last <= 0) | (begin.at_or_before < -1)
            return before | (begin.at_or_before >= self.length), last > self.length
        low, high = self.limits
        before = (last <= 0) | (starts < low - self.gap)
        return before | (begin.before + 1 >= self.length), stops > high + self.gap


class Marked:
    """Verdicts on what tags mark; asked for one tag, all those of its block are judged at once."""

    def __init__(self) -> None:
        self._blocks: dict[int, dict[tuple[int, int], Verdict]] = {}
        self._rulers: dict[int, list[_Ruler] | None] = {}
        self._ticks = 0
        self._last_tag: MultiTag | None = None
        self._last: dict[int, Verdict | None] = {}
        self._alike: dict[tuple[object, ...], Verdict] = {}
        self._missing_tag: MultiTag | None = None
        self._missing: tuple[int, int] | None = None

    def verdict(self, tag: Tag | MultiTag, array: DataArray) -> Verdict | None:
        """What is wrong with the regions of a tag in an array.

        Nothing is said where the tag, the array or its dimensions are broken, units do not convert,
        or there are no elements: other rules tell that.
        """
        try:
            if isinstance(tag, Tag):
                return self._of_block(tag).get((id(tag), id(array)))
            if self._last_tag is not tag:
                self._last_tag, self._last, self._alike = tag, {}, {}
            if id(array) not in self._last:
                self._last[id(array)] = self._of_multi_tag(tag, array)
            return self._last[id(array)]
        except StaleFileError:
            raise
        except _FAULTS:
            if isinstance(tag, MultiTag):
                self._last[id(array)] = None
            return None

    def _of_block(self, tag: Tag) -> dict[tuple[int, int], Verdict]:
        block = tag.block
        known = self._blocks.get(id(block)) if block is not None else None
        if known is None:
            known = self._judge_tags(list(block.tags) if isinstance(block, Block) else [tag])
            if block is not None:
                self._blocks[id(block)] = known
        return known

    def _judge_tags(self, tags: list[Tag]) -> dict[tuple[int, int], Verdict]:
        """Judge tags together that are of one form and lie in one array."""
        groups: dict[tuple[Any, ...], list[Tag]] = {}
        arrays: dict[int, DataArray] = {}
        for tag in tags:
            if not is_sound(tag):
                continue
            form = (len(tag.position or ()), bool(tag.extent), tuple(tag.units or ()))
            for array in arrays_of(tag):
                arrays[id(array)] = array
                groups.setdefault((id(array), *form), []).append(tag)
        found: dict[tuple[int, int], Verdict] = {}
        for (array_id, _, has_extent, units), members in groups.items():
            for verdict, tag in self._judge_group(arrays[array_id], members, has_extent, units):
                found[id(tag), array_id] = verdict
        return found

    def _judge_group(
        self, array: DataArray, tags: list[Tag], has_extent: bool, units: tuple[str, ...]
    ) -> Iterator[tuple[Verdict, Tag]]:
        several = iter(tags)
        while part := list(islice(several, _ROWS)):
            positions = np.array([tag.position for tag in part], np.float64)
            extents = np.array([tag.extent for tag in part], np.float64) if has_extent else None
            try:
                rulers = self._rulers_of(array)
                if rulers is None:
                    return
                laid = _lay(rulers, Rows(positions, extents, units, several=False))
            except StaleFileError:
                raise
            except _FAULTS:
                return
            wrong = np.zeros(len(part), np.bool_)
            for one in laid:
                wrong |= one.outside | one.beyond | one.empty | one.bare
            for row in np.flatnonzero(wrong).tolist():
                verdict = Verdict()
                _count(verdict, rulers, [_Along(*(x[row : row + 1] for x in one)) for one in laid])
                yield verdict, part[row]

    def _of_multi_tag(self, tag: MultiTag, array: DataArray) -> Verdict | None:
        numbers = numbers_of(tag)
        rulers = self._rulers_of(array) if numbers is not None else None
        if numbers is None or rulers is None:
            return None
        positions, extents = numbers
        units = tuple(tag.units or ())
        columns = 1 if positions.ndim == 1 else positions.shape[1]
        if units and len(units) < min(columns, len(rulers)):
            return None
        forms = tuple(one.form for one in rulers)
        if forms in self._alike:
            return self._alike[forms]
        verdict = Verdict()
        for laid in _laid(rulers, positions, extents, units):
            _count(verdict, rulers, laid)
        self._alike[forms] = verdict
        return verdict

    def nowhere(self, tag: MultiTag) -> tuple[int, int] | None:
        """How many regions of a multi tag leave all arrays that it refers to, and the first's row.

        Rows count from 1. None where there is no such region, or an array that is not judged.
        """
        if self._missing_tag is not tag:
            self._missing_tag, self._missing = tag, None
            try:
                self._missing = self._nowhere(tag)
            except StaleFileError:
                raise
            except _FAULTS:
                pass
        return self._missing

    def _nowhere(self, tag: MultiTag) -> tuple[int, int] | None:
        arrays = list(tag.references.found())
        for array in arrays:
            verdict = self.verdict(tag, array)
            if verdict is None or not verdict.outside + verdict.beyond:
                return None
        numbers = numbers_of(tag)
        axes = [one for one in map(self._rulers_of, arrays) if one is not None]
        rulers = list({tuple(axis.form for axis in one): one for one in axes}.values())
        if not rulers or numbers is None:
            return None
        units = tuple(tag.units or ())
        count, first, start = 0, 0, 0
        for parts in zip(*(_laid(one, *numbers, units) for one in rulers), strict=True):
            missed = np.logical_and.reduce(
                [np.logical_or.reduce([one.outside | one.beyond for one in laid]) for laid in parts]
            )
            if not count and missed.any():
                first = start + int(np.argmax(missed)) + 1
            count += int(np.count_nonzero(missed))
            start += len(missed)
        return (count, first) if count else None

    def _rulers_of(self, array: DataArray) -> list[_Ruler] | None:
        """The axes of an array, or None where they cannot all be told."""
        if id(array) in self._rulers:
            return self._rulers[id(array)]
        try:
            made = _rulers(array)
        except StaleFileError:
            raise
        except _FAULTS:
            made = None
        ticks = sum(one.ticks for one in made or ())
        if self._ticks + ticks > _KEPT_TICKS:
            self._rulers.clear()
            self._ticks = 0
        self._ticks += ticks
        self._rulers[id(array)] = made
        return made


def arrays_of(tag: Tag | MultiTag) -> list[DataArray]:
    """The arrays in which a tag marks something, each once: those of tagged features, too."""
    found = {id(array): array for array in tag.references.found()}
    for feature in tag.features:
        if feature.link_type == "tagged":
            target = feature_data(feature)
            if isinstance(target, DataArray):
                found.setdefault(id(target), target)
    return list(found.values())


def feature_data(feature: Feature) -> DataArray | DataFrame | None:
    """The array or frame that are a feature's data, or None."""
    reference = feature.__dict__["data"]
    target = None if reference is None else reference.resolve(feature, (DataArray, DataFrame))
    return target if isinstance(target, DataArray | DataFrame) else None


def array_in(tag: MultiTag, name: str) -> DataArray | None:
    """The array of positions or extents of a multi tag, or None."""
    reference = tag.__dict__[name]
    target = None if reference is None else reference.resolve(tag, (DataArray,))
    return target if isinstance(target, DataArray) else None


def columns_of(tag: Tag | MultiTag) -> int | None:
    """For how many axes a tag says positions, or None where that cannot be told."""
    if isinstance(tag, Tag):
        return len(tag.position) if tag.position else None
    positions = array_in(tag, "positions")
    if positions is None or positions.data is None or positions.ndim not in (1, 2):
        return None
    return 1 if positions.ndim == 1 else positions.shape[1]


def is_sound(tag: Tag) -> bool:
    """Whether a tag says regions without contradiction."""
    position, extent, units, extra = tag.position, tag.extent, tag.units, tag.extra
    if not position or (extent and len(extent) != len(position)):
        return False
    if units and len(units) < len(position):
        return False
    return not (extra and any(extra.has(name) for name in ("position", "extent", "units")))


def numbers_of(tag: MultiTag) -> tuple[DataArray, DataArray | None] | None:
    """Positions and extents of a multi tag, or None where they are missing or contradictory."""
    if any(tag.extra.has(name) for name in ("positions", "extents", "units")):
        return None
    positions, extents = array_in(tag, "positions"), array_in(tag, "extents")
    if positions is None or not _is_table(positions):
        return None
    if tag.__dict__["extents"] is not None and (
        extents is None or not _is_table(extents) or extents.shape != positions.shape
    ):
        return None
    return positions, extents


def _is_table(array: DataArray) -> bool:
    data = array.data
    return data is not None and data.is_numeric and data.ndim in (1, 2) and data.is_stored


def _rulers(array: DataArray) -> list[_Ruler] | None:
    if not array.size or len(array.dimensions) != array.ndim:
        return None
    pairs = zip(array.dimensions, array.shape, strict=True)
    return [_Ruler(dimension, length) for dimension, length in pairs]


def _scale(dimension: Dimension, length: int) -> Scale:
    """Positions of the elements of an axis.

    Raises:
        ValueError: they cannot be told.
    """
    if dimension.extra and dimension.extra.has("unit"):
        raise ValueError("the unit cannot be read")
    if isinstance(dimension, SetDimension | DataFrameDimension):
        return RegularScale(length=length)
    if not isinstance(dimension, RangeDimension):
        return dimension.scale()
    dimension.check_readable("ticks", "link")
    if dimension.link is not None:
        target = dimension.link.target
        data = None if target is None else target.data
        if data is None or not data.is_stored or length > MAX_TICKS:
            raise ValueError("the ticks cannot be read")
    elif dimension.ticks is None or dimension.ticks.size != length:
        raise ValueError("the ticks do not fit")
    elif not dimension.ticks.is_stored:
        raise ValueError("the ticks are not there")
    elif length > MAX_TICKS:
        return StoredTicks(dimension.ticks)
    scale = dimension.scale()
    if scale.length != length:
        raise ValueError("the ticks do not fit")
    return scale


def _is_events(dimension: Dimension) -> bool:
    """Whether the elements are events, whose times are the data: there is none after the last."""
    link = dimension.link if isinstance(dimension, RangeDimension) else None
    return link is not None and link.target is dimension.owner


def _lay(rulers: list[_Ruler], rows: Rows) -> list[_Along]:
    return [ruler.lay(rows, axis) for axis, ruler in enumerate(rulers[: rows.positions.shape[1]])]


def _laid(
    rulers: list[_Ruler], positions: DataArray, extents: DataArray | None, units: Sequence[str]
) -> Iterator[list[_Along]]:
    """How the regions of a multi tag lie in an array, some at a time."""
    for start in range(0, len(positions), _ROWS):
        cut = (slice(start, start + _ROWS), slice(0, len(rulers)))[: positions.ndim]
        rows = Rows(_table(positions.calibrated(cut)), None, units, several=True)
        if extents is not None:
            rows = rows._replace(extents=_table(extents.calibrated(cut)))
        yield _lay(rulers, rows)


def _count(verdict: Verdict, rulers: list[_Ruler], laid: list[_Along]) -> None:
    """Add some regions to a verdict."""
    if not laid:
        return
    none = np.zeros(len(laid[0].starts), np.bool_)
    taken = none.copy()
    for kind in ("outside", "beyond", "empty", "bare"):
        wrong = none.copy()
        for one in laid:
            wrong |= getattr(one, kind)
        wrong &= ~taken
        taken |= wrong
        number = int(np.count_nonzero(wrong))
        if number and getattr(verdict, f"first_{kind}") is None:
            row = int(np.argmax(wrong))
            axis = next(at for at, one in enumerate(laid) if getattr(one, kind)[row])
            example = Example(
                row=verdict.count + row + 1,
                axis=axis + 1,
                start=float(laid[axis].starts[row]),
                stop=float(laid[axis].stops[row]),
                limits=rulers[axis].limits,
                unit=rulers[axis].unit or "",
            )
            setattr(verdict, f"first_{kind}", example)
        setattr(verdict, kind, getattr(verdict, kind) + number)
    verdict.count += len(none)


def _table(numbers: Values) -> Values:
    return numbers[:, np.newaxis] if numbers.ndim == 1 else numbers
