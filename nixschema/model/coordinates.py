"""Coordinates: the axes of an array as xarray and pandas have them, both ways.

A coordinate is the positions or labels of the elements of an axis. Its attributes say what they do
not: whether an axis is sampled, and its exact interval and offset. Where the attributes do not fit
the positions (any more), the positions count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nixschema.array import Values
from nixschema.model.attrs import UNITS, Attrs
from nixschema.model.dimension import (
    AnyDimension,
    DataFrameDimension,
    Dimension,
    RangeDimension,
    SampledDimension,
    SetDimension,
)
from nixschema.model.regular import interval_of
from nixschema.model.scale import RegularScale

if TYPE_CHECKING:
    from nixschema.model.data_array import DataArray

KIND = "nix_dimension_type"
INTERVAL = "nix_sampling_interval"
OFFSET = "nix_offset"
DTYPE = "nix_dtype"

_TIMES = ("s", "ms", "us", "ns", "ps", "fs", "as")


@dataclass(frozen=True, slots=True, eq=False)
class Coordinate:
    """The elements of an axis."""

    values: Values | None = None
    """Positions, or labels as objects; None where the elements are only counted."""

    label: str | None = None
    """What the axis is, such as ``time``."""

    attrs: dict[str, Any] = field(default_factory=dict)
    """The unit of the positions, and what else is known of the axis."""


def coordinates_of(array: DataArray) -> list[Coordinate]:
    """The coordinate of each axis of an array.

    A link is followed: the coordinate has the ticks or labels it leads to. An axis without a
    descriptor, or with one of unknown kind, has no positions.

    Raises:
        UnresolvedReference, ValueError: a dimension does not say its positions, or has not as many
            as the axis has elements.
    """
    dimensions = list(array.dimensions)[: array.ndim]
    coordinates = [_coordinate(one, array.shape[at]) for at, one in enumerate(dimensions)]
    return coordinates + [Coordinate()] * (array.ndim - len(coordinates))


def _coordinate(dimension: Dimension, length: int) -> Coordinate:
    attrs: dict[str, Any] = {}
    values: Values | None = None
    if dimension.axis_unit is not None:
        attrs[UNITS] = str(dimension.axis_unit)
    match dimension:
        case SampledDimension():
            values = dimension.axis(length)
            attrs |= {KIND: "sample", INTERVAL: dimension.sampling_interval}
            if dimension.offset is not None:
                attrs[OFFSET] = dimension.offset
        case RangeDimension():
            ticks = _ticks(dimension)
            values = for_index(ticks)
            attrs[KIND] = "range"
            if values.dtype != ticks.dtype:
                attrs[DTYPE] = ticks.dtype.str
        case SetDimension():
            labels = dimension.axis_labels()
            if labels or (dimension.labels is not None and not length):
                values = np.array(labels, object)
        case DataFrameDimension() if dimension.column is not None:
            values = dimension.axis()
            values = decoded(values, dimension.path) if values.dtype.kind == "S" else values
    if values is not None and len(values) != length:
        raise ValueError(
            f"{dimension.path}: {len(values):,} positions or labels for {length:,} elements"
        )
    return Coordinate(values, dimension.axis_label, attrs)


def _ticks(dimension: RangeDimension) -> Values:
    if dimension.link is not None:
        return dimension.link.values()
    if dimension.ticks is None:
        raise ValueError(f"{dimension.path}: there are neither ticks nor a link to some")
    return dimension.ticks.read()


def for_index(values: Values) -> Values:
    """Numbers in a type in which pandas can look them up: native, and float32 for float16."""
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    return native.astype(np.float32) if native.dtype == np.float16 else native


def decoded(values: Values, place: str) -> Values:
    """Text of fixed length, as objects.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return np.array([one.decode() for one in values.tolist()], object)
    except UnicodeDecodeError as error:
        raise ValueError(f"{place}: text that is not UTF-8 ({error.object[:20]!r})") from None


def dimension_of(
    values: Values | None, label: str | None, attrs: Attrs, place: str
) -> AnyDimension:
    """The dimension that a coordinate describes.

    Regular numbers are sampled, other ascending ones ticks, texts labels; differences of time are
    numbers in the largest of ``s``, ``ms``, ``us`` … in which all are whole. Without values the
    elements are only counted.

    Args:
        values: the coordinate, one-dimensional.
        label: what the axis is.
        attrs: attributes of the coordinate; what is understood is taken out.
        place: what the coordinate is, in words.

    Raises:
        ValueError: it does not ascend, or holds dates, missing values or anything else that no axis
            of NIX has; the message says what to do.
    """
    if values is None:
        return SetDimension(label=label)
    if values.dtype.kind in "OUT":
        return SetDimension(label=label, labels=texts(values, place))
    if values.dtype.kind not in "iufmM":
        raise ValueError(
            f"{place} holds {values.dtype}, neither numbers nor text: "
            "make text of it to keep it as labels"
        )
    if values.dtype.kind == "M":
        raise ValueError(
            f"{place} holds dates, and axes of NIX have numbers: subtract the first date from it, "
            "and keep that one in the metadata"
        )
    unit = attrs.text(UNITS)
    _check_ascending(values, place)
    if values.dtype.kind == "m":
        values, unit = _counted(values, place)
    return _numbered(values, label, unit, attrs)


def texts(values: Values, place: str) -> list[str]:
    """A list of texts.

    Raises:
        ValueError: something else is among them.
    """
    found: list[Any] = values.tolist()
    for row, item in enumerate(found):
        if not isinstance(item, str):
            raise ValueError(
                f"{place} has {item!r:.40} at {row:,} among text or other objects: give it text "
                "throughout, or numbers (`fillna`, `astype`)"
            )
    return found


def _check_ascending(values: Values, place: str) -> None:
    missing = np.isnat(values) if values.dtype.kind == "m" else np.isnan(values)
    if np.any(missing):
        row = int(np.flatnonzero(missing)[0])
        raise ValueError(f"{place} has {values[row]} at {row:,}: an element has a position or none")
    falls = np.flatnonzero(values[1:] < values[:-1])
    if falls.size:
        row = int(falls[0]) + 1
        raise ValueError(
            f"{place} does not ascend ({values[row]} at {row:,} follows {values[row - 1]}), as "
            "axes of NIX do: sort by it first (`sortby`, `sort_index`), or make text of it to keep "
            "it as labels"
        )


def _counted(values: Values, place: str) -> tuple[Values, str]:
    """Differences of time as whole numbers, and their unit."""
    for unit in _TIMES:
        counted = values.astype(f"m8[{unit}]")
        if np.array_equal(counted, values):
            return counted.astype(np.int64), unit
    raise ValueError(f"{place} holds differences of time in {values.dtype}: make numbers of them")


def _numbered(
    values: Values, label: str | None, unit: str | None, attrs: Attrs
) -> SampledDimension | RangeDimension:
    kind, dtype = attrs.text(KIND), attrs.text(DTYPE)
    interval, offset = attrs.number(INTERVAL), attrs.number(OFFSET)
    if kind == "range":
        return RangeDimension(ticks=_as_stored(values, dtype), unit=unit, label=label)
    if interval is not None and not 0 < interval < math.inf:
        interval = None
    if interval is not None:
        positions = RegularScale(interval, offset or 0.0).positions(np.arange(len(values)))
        if np.array_equal(positions, values):
            return SampledDimension(
                sampling_interval=interval, offset=offset, unit=unit, label=label
            )
    found = interval_of(values, interval)
    if found is None:
        return RangeDimension(ticks=_as_stored(values, dtype), unit=unit, label=label)
    first = float(values[0]) or None
    return SampledDimension(sampling_interval=found, offset=first, unit=unit, label=label)


def _as_stored(ticks: Values, dtype: str | None) -> Values:
    """Ticks in the type they had, where that changes none of them."""
    if dtype is None:
        return ticks
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            stored = ticks.astype(dtype)
    except TypeError:
        return ticks
    return stored if np.array_equal(stored, ticks) else ticks
