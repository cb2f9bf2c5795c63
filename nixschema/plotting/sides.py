"""What of an array is drawn: its values, piece by piece, and the axes they lie on."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nixschema.array import Values
from nixschema.model import Axis, DataArray, DataFrameDimension, RangeDimension, SetDimension, Unit
from nixschema.model.display import short

if TYPE_CHECKING:
    from nixschema.array import Array
    from nixschema.model import Dimension

EXACT = 50_000
"""Most elements of an axis that are drawn one by one; of more, those that show."""

_MOST_UNSTORED = 100_000_000
"""Most values that are drawn where the file has room for fewer."""

_MOST_TEXTS = 50
"""Most different texts that stand beside an axis."""


def plain(text: str) -> str:
    """A text from a file as matplotlib draws it: on one line, short, and no formula."""
    return short(text).replace("$", r"\$")


def title_of(label: str | None, unit: str | None, otherwise: str = "") -> str:
    """What stands beside an axis: label and unit, or something else where there is neither."""
    said = None if unit is None or Unit(unit).is_blank else Unit(unit)
    return plain(Axis(np.empty(0), label, said).title or otherwise)


class Side:
    """One axis of an array, as far as it is drawn."""

    def __init__(self, array: DataArray, axis: int, part: slice) -> None:
        """Take an axis by its number, counted from 0, and the elements of it that are drawn."""
        self.array = array
        self.axis = axis
        self.start: int = part.start
        self.stop: int = part.stop
        self.dimension: Dimension | None = None
        if axis < len(array.dimensions):
            self.dimension = array.dimensions[axis]

    def __len__(self) -> int:
        """Number of elements."""
        return self.stop - self.start

    @property
    def is_set(self) -> bool:
        """Whether its elements are categories or rows, which stand side by side."""
        return isinstance(self.dimension, SetDimension | DataFrameDimension)

    @property
    def is_regular(self) -> bool:
        """Whether all elements are equally far apart."""
        return not isinstance(self.dimension, RangeDimension)

    @property
    def is_events(self) -> bool:
        """Whether the positions are the values of the array itself, as those of event times are."""
        link = getattr(self.dimension, "link", None)
        return (
            isinstance(self.dimension, RangeDimension)
            and link is not None
            and link.target is self.array
        )

    @property
    def title(self) -> str:
        """Label and unit, or the number of the axis."""
        otherwise = "" if self.labels else f"axis {self.axis + 1}"
        if self.dimension is None:
            return otherwise
        return title_of(self.dimension.axis_label, self.dimension.axis_unit, otherwise)

    @property
    def heading(self) -> str:
        """What the elements are, where the descriptor says it."""
        return plain((self.dimension and self.dimension.axis_label) or "")

    @cached_property
    def labels(self) -> list[str]:
        """Names of the elements of a set; none where they are numbered only."""
        named = isinstance(self.dimension, SetDimension) and self.dimension.axis_labels()
        column = getattr(self.dimension, "column", None)
        if self.dimension is None or not self.is_set or not (named or column is not None):
            return []
        found = self.dimension.axis(len(self), self.start).tolist()
        return [plain(str(one)) for one in found]

    @property
    def names(self) -> list[str]:
        """Names of the elements of a set, or their numbers."""
        return self.labels or [str(number) for number in range(self.start, self.stop)]

    def positions(self, part: slice) -> Values:
        """Positions of elements: in the unit of the axis, or their numbers in a set.

        Raises:
            OutOfBounds, UnresolvedReference, ValueError: the descriptor does not say them.
        """
        if isinstance(self.dimension, RangeDimension) and self.array.shape[self.axis] > EXACT:
            return self._ticks_in(part)
        elements = np.arange(part.start, part.stop)
        if self.is_set or self.dimension is None or self.dimension.words == "unknown dimension":
            return elements
        return self.dimension.axis(len(elements), part.start)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Positions of the first and the last element."""
        if not len(self):
            return 0.0, 1.0
        first = self.positions(slice(self.start, self.start + 1))
        last = self.positions(slice(self.stop - 1, self.stop))
        return float(first[0]), float(last[0])

    def edges(self, step: int) -> Values:
        """Where elements that fill the axis begin and end: halfway to their neighbours.

        Args:
            step: how many of the array's elements make one.
        """
        if len(self) < 2:
            width = getattr(self.dimension, "sampling_interval", None) or 1.0
            return self.ends[0] + np.array([-0.5, 0.5]) * width
        inner = np.arange(self.start + step, self.stop, step)
        halfway = (self._at(inner - 1) + self._at(inner)) / 2
        first, second, *_ = self.positions(slice(self.start, self.start + 2))
        *_, last_but_one, last = self.positions(slice(self.stop - 2, self.stop))
        before, behind = (3 * first - second) / 2, (3 * last - last_but_one) / 2
        return np.concatenate([[before], halfway, [behind]])

    def _at(self, elements: npt.NDArray[np.int64]) -> Values:
        """Positions of some elements."""
        if len(self) <= EXACT:
            return self.positions(slice(self.start, self.stop))[elements - self.start]
        found = [self.positions(slice(one, one + 1))[0] for one in elements.tolist()]
        return np.array(found, np.float64)

    @cached_property
    def borders(self) -> tuple[float, float]:
        """From where to where the elements of the axis reach."""
        first, last = self.ends
        return (first - 0.5, last + 0.5) if self.is_set else (first, last)

    @cached_property
    def _ticks(self) -> Values | Array:
        """Ticks that are read piece by piece; those that a link leads to, as a whole."""
        dimension = self.dimension
        assert isinstance(dimension, RangeDimension)
        ticks = dimension.ticks if dimension.link is None else dimension.link.values()
        if ticks is None or len(ticks) < self.stop:
            count = 0 if ticks is None else len(ticks)
            length = self.array.shape[self.axis]
            raise ValueError(f"{dimension.path}: {count:,} ticks for {length:,} elements")
        return ticks

    def _ticks_in(self, part: slice) -> Values:
        ticks = np.asarray(self._ticks[part], np.float64)
        if not np.all(ticks[1:] >= ticks[:-1]):
            assert self.dimension is not None
            raise ValueError(f"{self.dimension.path}: ticks do not ascend")
        return ticks


class Part:
    """The values of an array that are drawn."""

    def __init__(self, array: DataArray, key: Any = (), *, calibrated: bool = True) -> None:
        """Take a part of an array.

        Args:
            array: the array.
            key: an index or a slice for each axis; an axis with an index is not drawn.
            calibrated: the values meant instead of those stored.

        Raises:
            IndexError: there is no such element or axis.
            ValueError: there are no data, or data of a kind that has no place in a plot.
        """
        data = array.data
        if data is None:
            raise ValueError(f"{array!r} has no data")
        self.array = array
        self.data = data
        self.is_text = data.is_text
        self.is_boolean = data.dtype.kind == "b"
        if not (data.is_numeric or self.is_text or self.is_boolean):
            raise ValueError(f"{array!r} cannot be drawn: its values are {data.type_text}")
        if data.size > _MOST_UNSTORED and not data.is_stored:
            raise ValueError(f"{array!r} cannot be drawn: its values are not in the file")
        self.calibrated = calibrated and not self.is_text
        self.ranges, kept = _ranges(key, data.shape)
        self.sides = [Side(array, axis, self.ranges[axis]) for axis in kept]
        self._kept = kept
        self._codes: dict[str, int] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis that is drawn."""
        return tuple(map(len, self.sides))

    @property
    def is_empty(self) -> bool:
        """Whether there are no values."""
        return any(one.start >= one.stop for one in self.ranges)

    @property
    def is_drawn_exactly(self) -> bool:
        """Whether the axes are so short that each element is drawn."""
        return all(length <= EXACT for length in self.shape)

    @property
    def title(self) -> str:
        """What the values are, or the array's name, with their unit."""
        array = self.array
        is_changed = bool(array.polynom_coefficients is not None or array.expansion_origin)
        if is_changed and not self.calibrated:
            return plain(f"{array.label or array.name} (as stored)")
        return title_of(array.label or array.name, array.unit)

    @property
    def texts(self) -> list[str]:
        """What the numbers stand for that values which are no numbers were given."""
        if self.is_boolean:
            return ["False", "True"]
        return [plain(one) for one in self._codes]

    def blocks(self) -> Iterator[tuple[list[slice], Values]]:
        """The values piece by piece, in order of the first axis.

        Yields:
            The place of a piece (a slice for each axis that is drawn), and its values: numbers or
            booleans.

        Raises:
            ValueError: there are too many different texts.
        """
        with self.data.kept_open():
            for cut in self.data.cuts():
                inside = tuple(map(_overlap, cut, self.ranges))
                if all(one.start < one.stop for one in inside):
                    lengths = [inside[axis].stop - inside[axis].start for axis in self._kept]
                    values = self._meant(np.asarray(self.data[inside]))
                    yield [inside[axis] for axis in self._kept], values.reshape(lengths)

    def _meant(self, stored: Values) -> Values:
        if self.is_text:
            return self._coded(stored)
        return self.array.calibration(stored) if self.calibrated else stored

    def _coded(self, stored: Values) -> Values:
        codes = self._codes
        found = [
            codes.setdefault(one if isinstance(one, str) else _decoded(one), len(codes))
            for one in stored.ravel().tolist()
        ]
        if len(codes) > _MOST_TEXTS:
            raise ValueError(
                f"{self.array!r} cannot be drawn: it has more than {_MOST_TEXTS} different texts"
            )
        return np.array(found, np.int64)


def _decoded(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _overlap(one: slice, other: slice) -> slice:
    return slice(max(one.start, other.start), min(one.stop, other.stop))


def _ranges(key: Any, shape: tuple[int, ...]) -> tuple[tuple[slice, ...], list[int]]:
    """A slice for each axis, and the numbers of those that are not taken by an index.

    Raises:
        IndexError: there is no such element or axis.
        ValueError: a slice skips elements.
    """
    keys = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        keys[at : at + 1] = [slice(None)] * (len(shape) - len(keys) + 1)
    if len(keys) > len(shape):
        raise IndexError(f"{len(keys)} indices for an array of {len(shape)} axes")
    ranges = [slice(0, length) for length in shape]
    kept = list(range(len(shape)))
    for axis, one in enumerate(keys):
        length = shape[axis]
        if isinstance(one, slice):
            start, stop, step = one.indices(length)
            if step != 1:
                raise ValueError("a part that is drawn has all its elements: leave out the step")
            ranges[axis] = slice(start, max(start, stop))
            continue
        index = operator.index(one)
        if not -length <= index < length:
            raise IndexError(f"there is no element {index} in axis {axis + 1} of {length:,}")
        ranges[axis] = slice(index % length, index % length + 1)
        kept.remove(axis)
    return tuple(ranges), kept
