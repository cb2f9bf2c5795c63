"""What tags mark, by hand: every situation of the format's description, and nixio's answer to it.

The files are nixio's own. Each situation is asked of a tag and of a multi tag; what nixio gives is
the same, or differs for a reason that `compared.EXPLANATIONS` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nixio
import numpy as np
import pytest

import nixschema as nx
from tests.working.compared import (
    EXPLANATIONS,
    RULES,
    Marked,
    Said,
    differing,
    explained,
    marked_in,
    said_by_definition,
    said_by_nixio,
    said_by_us,
    same_values,
)

OUTSIDE, UNITS, REFUSED = "outside", "units", "refused"

Describe = Callable[[Any, Any, int], None]
"""Adds a dimension descriptor to an array of nixio's, in a block, for an axis of a length."""

NAN, INF = float("nan"), float("inf")


def sampled(interval: float, unit: str = "", offset: float = 0.0) -> Describe:
    def describe(block: Any, array: Any, length: int) -> None:
        dimension = array.append_sampled_dimension(interval)
        if unit:
            dimension.unit = unit
        if offset:
            dimension.offset = offset

    return describe


def ticks(*positions: float, unit: str = "") -> Describe:
    def describe(block: Any, array: Any, length: int) -> None:
        dimension = array.append_range_dimension(list(positions))
        if unit:
            dimension.unit = unit

    return describe


def linked(*positions: float, unit: str = "", coefficients: tuple[float, ...] = ()) -> Describe:
    """Ticks from the second row of an array of their own."""

    def describe(block: Any, array: Any, length: int) -> None:
        values = np.array([np.zeros(len(positions)), positions])
        source = block.create_data_array("ticks", "t", data=values)
        source.append_set_dimension()
        source.append_set_dimension()
        if unit:
            source.unit = unit
        if coefficients:
            source.polynom_coefficients = coefficients
        array.append_range_dimension().link_data_array(source, [1, -1])

    return describe


def column(*positions: float, unit: str) -> Describe:
    """Ticks from the second column of a frame."""

    def describe(block: Any, array: Any, length: int) -> None:
        rows = [(number, position) for number, position in enumerate(positions)]
        frame = block.create_data_frame(
            "frame", "t", col_names=["n", "at"], col_dtypes=[nixio.DataType.Int64, float], data=rows
        )
        frame.units = ["", unit]
        array.append_range_dimension().link_data_frame(frame, 1)

    return describe


def categories(*labels: str) -> Describe:
    def describe(block: Any, array: Any, length: int) -> None:
        dimension = array.append_set_dimension()
        if labels:
            dimension.labels = list(labels)

    return describe


def undescribed(block: Any, array: Any, length: int) -> None:
    """No descriptor."""


TENTHS = sampled(0.1, "s")
LATER = sampled(0.1, "s", offset=1.0)
EARLIER = sampled(0.1, "s", offset=-0.5)
TICKS = ticks(1, 2, 4, 8, 16, unit="ms")
NAMED = categories("a", "b", "c", "d")

Expected = tuple[tuple[int, int], ...] | str


class Row(NamedTuple):
    """A situation: an array, a region, and what is due."""

    name: str
    axes: tuple[tuple[int, Describe], ...]
    position: tuple[float, ...]
    exclusive: Expected
    inclusive: Expected | None = None
    """The same when None."""
    extent: tuple[float, ...] = ()
    units: tuple[str, ...] = ()
    nixio: str = ""
    """Why both of nixio's classes give something else with the rule exclusive; not when blank."""
    multi: str | None = None
    """The same of nixio's multi tag, where the classes differ."""
    nixio_inclusive: str | None = None
    """As `nixio`, with the rule inclusive; the same when None."""
    multi_inclusive: str | None = None
    dtype: Any = float
    extent_dtype: Any = float
    listed: bool = False
    """The positions of the multi tag are a list instead of a table."""
    only: tuple[str, ...] = ("tag", "multi")

    def due(self, stop_rule: str) -> Expected:
        if stop_rule == "inclusive" and self.inclusive is not None:
            return self.inclusive
        return self.exclusive

    def reason(self, stop_rule: str, kind: str) -> str:
        reason = self.multi if kind == "multi" and self.multi is not None else self.nixio
        if stop_rule == "inclusive":
            if self.nixio_inclusive is not None:
                reason = self.nixio_inclusive
            if kind == "multi" and self.multi_inclusive is not None:
                reason = self.multi_inclusive
        return reason


def one(
    name: str,
    axis: Describe,
    length: int,
    position: float,
    exclusive: Any,
    *more: Any,
    **options: Any,
) -> Row:
    """A situation on one axis."""
    inclusive = more[0] if more else None
    edges = [
        item if item is None or isinstance(item, str) else (item,)
        for item in (exclusive, inclusive)
    ]
    if "extent" in options:
        options["extent"] = (options["extent"],)
    if "unit" in options:
        options["units"] = (options.pop("unit"),)
    return Row(name, ((length, axis),), (position,), edges[0] or "", edges[1], **options)


TOO_FAR: dict[str, Any] = {"nixio": "", "multi": "OUTSIDE"}
"""Beyond the end: nixio's tag raises, its multi tag has an invalid view."""

SAMPLED = [
    one("point at a sample", TENTHS, 10, 0.3, (3, 4)),
    one("point at the first", TENTHS, 10, 0.0, (0, 1)),
    one("point at the last", TENTHS, 10, 0.9, (9, 10)),
    one("point between samples", TENTHS, 10, 0.35, (4, 4), nixio="NOTHING"),
    one("point behind the last sample", TENTHS, 10, 0.95, (10, 10), nixio="NOTHING"),
    one("point before the first", TENTHS, 10, -0.1, OUTSIDE, nixio="OUTSIDE"),
    one("point just before the first", TENTHS, 10, -0.04, OUTSIDE, nixio="OUTSIDE"),
    one("point beyond the data", TENTHS, 10, 1.0, OUTSIDE, **TOO_FAR),
    one("extent of zero", TENTHS, 10, 0.3, (3, 4), extent=0.0),
    one("extent below zero", TENTHS, 10, 0.5, OUTSIDE, extent=-0.2, nixio="NEGATIVE"),
    one("extent hardly below zero", sampled(1.0), 10, 5.0, OUTSIDE, extent=-1e-7, nixio="NEGATIVE"),
    one("range", TENTHS, 10, 0.2, (2, 5), (2, 6), extent=0.3),
    one("range off the grid", TENTHS, 10, 0.25, (3, 6), extent=0.3),
    one("range between samples", TENTHS, 10, 0.31, (4, 4), extent=0.05, nixio="NOTHING"),
    one("range of less than a sample with one in it", TENTHS, 10, 0.28, (3, 4), extent=0.05),
    one("begins beyond the data", TENTHS, 10, 2.0, OUTSIDE, extent=0.5, **TOO_FAR),
    one("ends beyond the data", TENTHS, 10, 0.5, OUTSIDE, extent=1.0, **TOO_FAR),
    one(
        "ends where the next sample would be",
        TENTHS,
        10,
        0.5,
        (5, 10),
        OUTSIDE,
        extent=0.5,
        nixio_inclusive="",
        multi_inclusive="OUTSIDE",
    ),
    one("ends at the last sample", TENTHS, 10, 0.5, (5, 9), (5, 10), extent=0.4),
    one("ends just behind the last sample", TENTHS, 10, 0.5, (5, 10), extent=0.45),
    one("begins before the first", TENTHS, 10, -0.25, (0, 3), extent=0.5),
    one("lies before the first", TENTHS, 10, -2.0, OUTSIDE, extent=0.5, nixio="OUTSIDE"),
    one(
        "ends at the first sample",
        TENTHS,
        10,
        -0.2,
        OUTSIDE,
        (0, 1),
        extent=0.2,
        nixio="OUTSIDE",
        nixio_inclusive="",
    ),
    one("is larger than the data", TENTHS, 10, -1.0, OUTSIDE, extent=5.0, **TOO_FAR),
    one("offset, 1.1", LATER, 10, 1.1, (1, 2)),
    one("offset, 1.9", LATER, 10, 1.9, (9, 10)),
    one("offset, range", LATER, 10, 1.1, (1, 9), (1, 10), extent=0.8),
    one("offset, before the first", LATER, 10, 0.3, OUTSIDE, nixio="OUTSIDE"),
    one(
        "offset, ends at the first",
        LATER,
        10,
        0.5,
        OUTSIDE,
        (0, 1),
        extent=0.5,
        nixio="OUTSIDE",
        nixio_inclusive="",
    ),
    one("offset, ends beyond", LATER, 10, 1.5, OUTSIDE, extent=1.0, **TOO_FAR),
    one("offset below zero", EARLIER, 10, -0.4, (1, 3), (1, 4), extent=0.2),
    one(
        "offset below zero, ends at zero",
        EARLIER,
        10,
        -0.3,
        (2, 5),
        (2, 6),
        extent=0.3,
        nixio="ZERO",
        nixio_inclusive="",
    ),
    one("no data", TENTHS, 0, 0.0, OUTSIDE, **TOO_FAR),
    one("within a sum's rounding", sampled(1.0), 1000, 500.00004, (500, 501)),
    one("off by more than rounding", sampled(1.0), 1000, 500.004, (501, 501), nixio="ROUGH"),
    one("just before the first by rounding", LATER, 10, 1 - 1e-15, (0, 1), nixio="EXACT"),
    one("NaN", TENTHS, 10, NAN, OUTSIDE, nixio="STRANGE"),
    one("infinite", TENTHS, 10, INF, OUTSIDE, nixio="STRANGE"),
    one("infinitely before", TENTHS, 10, -INF, OUTSIDE, nixio="STRANGE"),
    one("an extent of NaN", TENTHS, 10, 0.1, OUTSIDE, extent=NAN, nixio="STRANGE"),
    one("an infinite extent", TENTHS, 10, 0.1, OUTSIDE, extent=INF, nixio="STRANGE"),
    one("integers", sampled(1.0), 10, 3, (3, 5), (3, 6), extent=2, dtype="i4", extent_dtype="u1"),
    one(
        "float32",
        TENTHS,
        10,
        0.3,
        (3, 5),
        (3, 6),
        extent=0.2,
        dtype="f4",
        extent_dtype="f4",
        only=("multi",),
    ),
    one(
        "extent in float32",
        TENTHS,
        10,
        0.0,
        (0, 7),
        (0, 8),
        extent=0.7,
        extent_dtype="f4",
        only=("multi",),
    ),
]

UNITS_ROWS = [
    one("no unit, the axis has one", TENTHS, 10, 0.3, (3, 4)),
    one("no unit anywhere", sampled(0.1), 10, 0.3, (3, 4)),
    one("the same unit", TENTHS, 10, 0.3, (3, 4), unit="s"),
    one("ms on s", TENTHS, 10, 200.0, (2, 5), (2, 6), extent=300.0, unit="ms"),
    one("us on s", TENTHS, 10, 2e5, (2, 5), (2, 6), extent=3e5, unit="us"),
    one("s on ms", sampled(100.0, "ms"), 10, 0.2, (2, 5), (2, 6), extent=0.3, unit="s"),
    one("s on ms, with offset", sampled(100.0, "ms", 1000.0), 10, 1.2, (2, 3), unit="s"),
    one("ms on us", sampled(100.0, "us"), 10, 0.3, (3, 4), unit="ms", nixio="PREFIXES"),
    one(
        "us on ms, range",
        sampled(0.1, "ms"),
        10,
        200.0,
        (2, 5),
        (2, 6),
        extent=300.0,
        unit="us",
        nixio="PREFIXES",
    ),
    one("us on ms", sampled(0.1, "ms"), 10, 300.0, (3, 4), unit="us", nixio="PREFIXES"),
    one("us on ms, beyond", sampled(0.1, "ms"), 10, 3000.0, OUTSIDE, unit="us", **TOO_FAR),
    one("mV on uV", sampled(100.0, "uV"), 10, 0.3, (3, 4), unit="mV", nixio="PREFIXES"),
    one("mm^2 on m^2", sampled(0.1, "m^2"), 10, 3e5, (3, 4), unit="mm^2"),
    one("mmol on mol", sampled(0.1, "mol"), 10, 300.0, (3, 4), unit="mmol", nixio="SPELLING"),
    one("l on L", sampled(0.1, "L"), 10, 0.3, (3, 4), unit="l", nixio="SPELLING"),
    one("V/s on mV/s", sampled(100.0, "mV/s"), 10, 0.3, (3, 4), unit="V/s", nixio="SPELLING"),
    one("blank on s", TENTHS, 10, 0.3, (3, 4), unit="", nixio="BLANK"),
    one("none on s", TENTHS, 10, 0.3, (3, 4), unit="none", nixio="BLANK"),
    one("blank on no unit", sampled(0.1), 10, 0.3, (3, 4), unit="", nixio="BLANK"),
    one("none on ticks", TICKS, 5, 4.0, (2, 3), unit="none", nixio="BLANK"),
    one("s on no unit", sampled(0.1), 10, 0.3, UNITS, unit="s"),
    one("s on ticks without unit", ticks(1, 2), 2, 1.0, UNITS, unit="s"),
    one("mV on s", TENTHS, 10, 0.3, UNITS, unit="mV"),
    one("a word on s", TENTHS, 10, 0.3, UNITS, unit="seconds"),
    one("s on a set", categories(), 4, 2.0, UNITS, unit="s"),
    one("s on a set with labels", NAMED, 4, 2.0, UNITS, unit="s"),
    one("none on a set", categories(), 4, 2.0, (2, 3), unit="none"),
    one("blank on a set", NAMED, 4, 2.0, (2, 3), unit=""),
]

TICK_ROWS = [
    one("ticks, at one", TICKS, 5, 4.0, (2, 3)),
    one("ticks, at the last", TICKS, 5, 16.0, (4, 5)),
    one("ticks, between", TICKS, 5, 5.0, (3, 3), nixio="NOTHING"),
    one("ticks, before the first", TICKS, 5, 0.5, (0, 0), nixio="NOTHING"),
    one("ticks, behind the last", TICKS, 5, 20.0, (5, 5), nixio="NOTHING"),
    one("ticks, range", TICKS, 5, 2.0, (1, 3), (1, 4), extent=6.0),
    one("ticks, range off them", TICKS, 5, 1.5, (1, 3), extent=5.0),
    one("ticks, range between", TICKS, 5, 4.5, (3, 3), extent=1.0, nixio="NOTHING"),
    one("ticks, ends behind the last", TICKS, 5, 4.0, (2, 5), extent=100.0),
    one("ticks, ends at the last", TICKS, 5, 4.0, (2, 4), (2, 5), extent=12.0),
    one("ticks, begins behind the last", TICKS, 5, 20.0, (5, 5), extent=5.0, nixio="NOTHING"),
    one("ticks, begins before", TICKS, 5, 0.0, (0, 1), (0, 2), extent=2.0),
    one("ticks, lies before", TICKS, 5, -5.0, (0, 0), extent=1.0, nixio="NOTHING"),
    one("ticks, all", TICKS, 5, -5.0, (0, 5), extent=100.0),
    one("ticks, extent of zero", TICKS, 5, 4.0, (2, 3), extent=0.0),
    one("ticks, extent below zero", TICKS, 5, 4.0, OUTSIDE, extent=-1.0, nixio="NEGATIVE"),
    one("ticks, s on ms", TICKS, 5, 0.002, (1, 3), (1, 4), extent=0.006, unit="s"),
    one(
        "ticks, us on ms",
        TICKS,
        5,
        2000.0,
        (1, 3),
        (1, 4),
        extent=6000.0,
        unit="us",
        nixio="PREFIXES",
    ),
    one("ticks, ms on s", ticks(0.1, 0.2, 0.3, unit="s"), 3, 100.0, (0, 1), unit="ms"),
    one("equal ticks, point", ticks(1, 2, 2, 2, 3), 5, 2.0, (1, 4)),
    one("equal ticks, range", ticks(1, 2, 2, 2, 3), 5, 1.0, (0, 1), (0, 4), extent=1.0),
    one(
        "ticks, 0.1 + 0.2",
        ticks(0.1, 0.2, 0.3),
        3,
        0.1,
        (0, 2),
        (0, 3),
        extent=0.2,
        nixio="EXACT",
        nixio_inclusive="",
    ),
    one(
        "ticks, float32",
        ticks(0.1, 0.2, 0.3),
        3,
        0.1,
        (0, 1),
        dtype="f4",
        nixio="NARROW",
        only=("multi",),
    ),
    one(
        "ticks, extent in float32",
        ticks(0.1, 0.2, 0.3),
        3,
        0.0,
        (0, 2),
        (0, 3),
        extent=0.3,
        extent_dtype="f4",
        nixio="NARROW",
        nixio_inclusive="",
        only=("multi",),
    ),
    one("ticks, NaN", TICKS, 5, NAN, OUTSIDE, nixio="STRANGE"),
    one("ticks, infinite", TICKS, 5, INF, OUTSIDE, nixio="STRANGE"),
    one("fewer ticks than data", TICKS, 8, 4.0, (2, 5), extent=100.0),
    one("more ticks than data", TICKS, 3, 8.0, OUTSIDE, **TOO_FAR),
    one("more ticks than data, across the end", TICKS, 3, 2.0, OUTSIDE, extent=20.0, **TOO_FAR),
    one("linked ticks", linked(1, 2, 4, unit="ms"), 3, 0.002, (1, 2), unit="s"),
    one(
        *(
            "linked ticks with a calibration",
            linked(1, 2, 4, coefficients=(0.0, 10.0)),
            3,
            20.0,
            (1, 2),
        ),
        nixio="UNCALIBRATED",
    ),
    one("ticks of a frame", column(1, 2, 4, unit="ms"), 3, 0.002, (1, 2), unit="s"),
]

SET_ROWS = [
    one("set, point", categories(), 4, 2.0, (2, 3)),
    one("set, between", categories(), 4, 1.5, (2, 2), nixio="NOTHING"),
    one("set, between the last and the next", categories(), 4, 3.5, (4, 4), nixio="NOTHING"),
    one("set, before", categories(), 4, -1.0, OUTSIDE, nixio="OUTSIDE"),
    one("set, beyond", categories(), 4, 4.0, OUTSIDE, **TOO_FAR),
    one("set, range", categories(), 4, 1.0, (1, 3), (1, 4), extent=2.0),
    one("set, range off the elements", categories(), 4, 0.5, (1, 3), extent=2.0),
    one(
        "set, ends at the next",
        categories(),
        4,
        2.0,
        (2, 4),
        OUTSIDE,
        extent=2.0,
        nixio_inclusive="",
        multi_inclusive="OUTSIDE",
    ),
    one("set, ends beyond", categories(), 4, 2.0, OUTSIDE, extent=5.0, **TOO_FAR),
    one("set, extent below zero", categories(), 4, 2.0, OUTSIDE, extent=-1.0, nixio="NEGATIVE"),
    one(
        "set, ends at the first",
        categories(),
        4,
        -1.0,
        OUTSIDE,
        (0, 1),
        extent=1.0,
        nixio="OUTSIDE",
        nixio_inclusive="",
    ),
    one("set, off by more than rounding", categories(), 40, 30.0002, (31, 31), nixio="ROUGH"),
    one("set, just before", categories(), 4, 2.99999, (3, 4), nixio="EXACT"),
    one("labels, point", NAMED, 4, 2.0, (2, 3)),
    one("labels, between", NAMED, 4, 1.5, (2, 2), nixio="NOTHING"),
    one("labels, range", NAMED, 4, 1.0, (1, 3), (1, 4), extent=2.0),
    one("labels, ends beyond", NAMED, 4, 2.0, (2, 4), extent=10.0),
    one("labels, begins beyond", NAMED, 4, 5.0, OUTSIDE, extent=1.0, nixio="OUTSIDE"),
    one("labels, begins behind the last", NAMED, 4, 3.5, (4, 4), nixio="NOTHING"),
    one("fewer labels than data", NAMED, 6, 2.0, (2, 4), extent=10.0),
    one("more labels than data", NAMED, 2, 1.0, OUTSIDE, extent=2.0, **TOO_FAR),
]

SPACE = ((10, TENTHS), (4, categories()), (5, TICKS))
FLAT = ((10, TENTHS), (4, categories()))
HALF = ((10, TENTHS), (4, undescribed))

AXES_ROWS = [
    Row(
        "3-D, one number", SPACE, (0.2,), ((2, 5), (0, 4), (0, 5)), None, (0.3,), listed=True
    )._replace(inclusive=((2, 6), (0, 4), (0, 5))),
    Row("3-D, two numbers", SPACE, (0.2, 1.0), ((2, 3), (1, 2), (0, 5))),
    Row(
        "3-D, three numbers",
        SPACE,
        (0.2, 1.0, 2.0),
        *(((2, 5), (1, 3), (1, 3)), ((2, 6), (1, 4), (1, 4)), (0.3, 2.0, 6.0)),
    ),
    Row("3-D, surplus numbers", SPACE, (0.2, 1.0, 2.0, 77.0), ((2, 3), (1, 2), (1, 2))),
    Row(
        "3-D, a point in one axis",
        SPACE,
        (0.2, 1.0, 2.0),
        *(((2, 5), (1, 2), (1, 3)), ((2, 6), (1, 2), (1, 4)), (0.3, 0.0, 6.0)),
    ),
    Row(
        "3-D, nothing in one axis",
        SPACE,
        (0.2, 1.0, 3.0),
        exclusive=((2, 3), (1, 2), (2, 2)),
        nixio="NOTHING",
    ),
    Row("3-D, outside in one axis", SPACE, (0.2, 9.0, 4.0), OUTSIDE, nixio="", multi="OUTSIDE"),
    Row("3-D, units", SPACE, (200.0, 1.0, 0.002), ((2, 3), (1, 2), (1, 2)), units=("ms", "", "s")),
    Row("2-D, a list of positions", FLAT, (0.2,), ((2, 3), (0, 4)), listed=True),
    Row(
        "fewer units than axes",
        FLAT,
        (200.0, 1.0),
        ((2, 3), (1, 2)),
        units=("ms",),
        nixio="FEW_UNITS",
    ),
    Row("a unit for the only position", FLAT, (200.0,), ((2, 3), (0, 4)), units=("ms",)),
    Row("one descriptor of two", HALF, (0.2,), ((2, 3), (0, 4)), nixio="UNDESCRIBED"),
    Row("a position without descriptor", HALF, (0.2, 1.0), REFUSED, nixio="UNDESCRIBED"),
    Row(
        "no descriptor at all",
        ((10, undescribed), (4, undescribed)),
        (0.2,),
        REFUSED,
        nixio="",
        multi="UNDESCRIBED",
    ),
    Row("extents of another length", FLAT, (0.2, 1.0), REFUSED, extent=(0.3,)),
    Row(
        "no position",
        FLAT,
        (),
        REFUSED,
        nixio="NO_POSITION",
        only=("tag",),
    ),
]

ROWS = SAMPLED + UNITS_ROWS + TICK_ROWS + SET_ROWS + AXES_ROWS


class Both(NamedTuple):
    """A file with the tag of a row and a multi tag of the same."""

    theirs: Any
    ours: nx.File

    def tag(self, kind: str) -> tuple[Any, Any, list[int]]:
        """The tag of a kind by us and by nixio, and the number of the position where it has one."""
        block = self.ours.blocks[0]
        if kind == "tag":
            return block.tags["tag"], self.theirs.tags["tag"], []
        return block.multi_tags["multi"], self.theirs.multi_tags["multi"], [1]


def written(row: Row, path: Path) -> None:
    """Write the array of a row, with a tag and a multi tag that mark the region."""
    with nixio.File(str(path), nixio.FileMode.Overwrite) as file:
        block = file.create_block("session", "recording")
        shape = tuple(length for length, _ in row.axes)
        values = np.arange(np.prod(shape), dtype=float).reshape(shape)
        array = block.create_data_array("values", "t", data=values)
        array.polynom_coefficients = [1.0, 2.0]
        for length, describe in row.axes:
            describe(block, array, length)
        tag = block.create_tag("tag", "t", list(row.position))
        if row.extent:
            tag.extent = list(row.extent)
        if row.position:
            _write_multi_tag(row, block)
        for one in (tag, *block.multi_tags):
            one.references.append(array)
            if row.units:
                one.units = list(row.units)
            one.create_feature(array, "tagged")


def _write_multi_tag(row: Row, block: Any) -> None:
    # Before it is a region without any doubt, and one behind it.
    rows = np.array([row.position] * 3, row.dtype)
    positions = rows[:, 0] if row.listed else rows
    starts = block.create_data_array("positions", "t", data=positions)
    multi = block.create_multi_tag("multi", "t", starts)
    if row.extent:
        lengths = np.array([row.extent] * 3, row.extent_dtype)
        lengths = lengths[:, 0] if row.listed else lengths
        multi.extents = block.create_data_array("extents", "t", data=lengths)


def test_names_of_rows_differ() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))


@pytest.fixture
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    path = tmp_path / "row.nix"
    written(request.param, path)
    with nixio.File(str(path), nixio.FileMode.ReadOnly) as theirs:
        yield Both(theirs.blocks[0], nx.read(path))


def asked(both: Both, kind: str, stop_rule: Any) -> tuple[Said, Said, Marked]:
    """What nixio and we say of a region, and the region in plain numbers."""
    tag, twin, at = both.tag(kind)
    array = both.ours.blocks[0].data_arrays["values"]
    ours = said_by_us(
        lambda: tag.region("values", *at, stop_rule=stop_rule),
        lambda: tag.data(array, *at, stop_rule=stop_rule, calibrated=True),
    )
    theirs = said_by_nixio(lambda: twin.tagged_data(*at, 0, RULES[stop_rule]))
    return theirs, ours, marked_in(tag, array)(at[0] if at else None, stop_rule)


@pytest.mark.parametrize(
    ("both", "row"), [(row, row) for row in ROWS], ids=[row.name for row in ROWS], indirect=["both"]
)
def test_a_region(both: Both, row: Row) -> None:
    for kind in row.only:
        for stop_rule in RULES:
            theirs, ours, marked = asked(both, kind, stop_rule)
            check_by_hand(row, stop_rule, ours)
            if row.due(stop_rule) != REFUSED and all(one is not undescribed for _, one in row.axes):
                said = said_by_definition(marked)
                assert (said.kind, said.region) == (ours.kind, ours.region)
            reason = row.reason(stop_rule, kind)
            if not reason:
                assert not differing(theirs, ours), theirs
            else:
                assert differing(theirs, ours), f"nixio says the same as we: {theirs}"
                assert explained(marked, theirs, ours) == reason, theirs
            check_feature(both, kind, stop_rule, ours, reason, marked)


def check_by_hand(row: Row, stop_rule: str, ours: Said) -> None:
    """What we say is what the row says."""
    due = row.due(stop_rule)
    if isinstance(due, str):
        assert ours.kind == due, ours
        assert ours.error
        return
    shape = tuple(length for length, _ in row.axes)
    values = np.arange(np.prod(shape), dtype=float).reshape(shape) * 2 + 1
    cut = values[tuple(slice(*edge) for edge in due)]
    assert ours.region == due, ours
    assert same_values(ours.values, cut)
    assert (ours.kind == "empty") == (cut.size == 0)


def check_feature(
    both: Both, kind: str, stop_rule: Any, region: Said, reason: str, marked: Marked
) -> None:
    """A tagged feature of the same array is the same region; and what nixio makes of it."""
    tag, twin, at = both.tag(kind)
    feature = tag.features[0]
    ours = said_by_us(
        lambda: tag.region("values", *at, stop_rule=stop_rule),
        lambda: feature.data_for(*at, stop_rule=stop_rule, calibrated=True),
    )
    assert (ours.kind, ours.region) == (region.kind, region.region)
    if region.values is not None:
        assert same_values(ours.values, region.values)
    else:
        with pytest.raises((nx.OutOfBounds, ValueError)):
            feature.data_for(*at, stop_rule=stop_rule)
    theirs = said_by_nixio(lambda: twin.feature_data(*at, 0, RULES[stop_rule]))
    marked = marked._replace(feature=True)
    if reason == "OUTSIDE":
        assert theirs.kind == "outside"
    elif reason == "NOTHING":
        assert theirs.kind == "outside"
        assert explained(marked, theirs, ours) == "NOTHING_OF_A_FEATURE"
    elif not reason and marked.sound:
        assert not differing(theirs, ours), theirs


def test_every_explanation_is_needed() -> None:
    told = {row.reason(stop_rule, kind) for row in ROWS for stop_rule in RULES for kind in row.only}
    assert {*told, "NOTHING_OF_A_FEATURE", "FRAMES"} - {""} == set(EXPLANATIONS)


# Features


@pytest.fixture
def features(tmp_path: Path) -> Iterator[Both]:
    """A tag and a multi tag of three positions with every kind of feature."""
    path = tmp_path / "features.nix"
    with nixio.File(str(path), nixio.FileMode.Overwrite) as file:
        block = file.create_block("session", "recording")
        array = block.create_data_array("values", "t", data=np.arange(10.0))
        array.append_sampled_dimension(0.1)
        rows = block.create_data_array("rows", "t", data=np.arange(20).reshape(5, 2, 2))
        rows.polynom_coefficients = [0.5, 2.0]
        few = block.create_data_array("few", "t", data=[7.0, 8.0])
        names, types = ["n", "name"], [nixio.DataType.Int64, str]
        frame = block.create_data_frame(
            "frame", "t", col_names=names, col_dtypes=types, data=[(i, f"r{i}") for i in range(5)]
        )
        starts = block.create_data_array("starts", "t", data=[0.1, 0.35, 0.9])
        tag = block.create_tag("tag", "t", [0.1])
        multi = block.create_multi_tag("multi", "t", starts)
        for one in (tag, multi):
            one.references.append(array)
            for data in (rows, few, frame):
                one.create_feature(data, "untagged")
                one.create_feature(data, "indexed")
    with nixio.File(str(path), nixio.FileMode.ReadOnly) as theirs:
        yield Both(theirs.blocks[0], nx.read(path))


UNTAGGED, INDEXED = (0, 2, 4), (1, 3, 5)
"""Numbers of the features, of an array, of a short array and of a frame."""


@pytest.mark.parametrize("number", [*UNTAGGED, *INDEXED])
def test_all_of_a_feature_belongs_to_a_tag(features: Both, number: int) -> None:
    tag, twin, _ = features.tag("tag")
    feature = tag.features[number]
    stored = feature.data.data.read()
    assert same_values(feature.data_for(), stored)
    meant = feature.data_for(calibrated=True)
    assert same_values(meant, stored * 2 + 0.5 if feature.data.name == "rows" else stored)
    assert same_values(twin.feature_data(number)[:], meant)


@pytest.mark.parametrize("number", UNTAGGED)
@pytest.mark.parametrize("position", [None, 0, 2])
def test_an_untagged_feature_belongs_whole_to_every_position(
    features: Both, number: int, position: int | None
) -> None:
    multi, twin, _ = features.tag("multi")
    values = multi.features[number].data_for(position, calibrated=True)
    assert len(values) == len(multi.features[number].data)
    assert same_values(twin.feature_data(position or 0, number)[:], values)


@pytest.mark.parametrize("position", [0, 1, 2, -1])
def test_an_indexed_feature_is_a_row(features: Both, position: int) -> None:
    multi, twin, _ = features.tag("multi")
    rows, frame = multi.features[1], multi.features[5]
    row = position % 3
    stored = np.arange(20).reshape(5, 2, 2)[row : row + 1]
    assert same_values(rows.data_for(position), stored)
    assert same_values(rows.data_for(position, calibrated=True), stored * 2 + 0.5)
    assert same_values(twin.feature_data(row, 1)[:], stored * 2 + 0.5)
    record = frame.data_for(position)
    assert record.tolist() == [(row, f"r{row}")]
    assert same_values(twin.feature_data(row, 5)[:], record)


def test_a_row_that_is_not_there_is_out_of_bounds(features: Both) -> None:
    multi, twin, _ = features.tag("multi")
    assert multi.features[3].data_for(1).tolist() == [8.0]
    with pytest.raises(nx.OutOfBounds, match="no row 2 in 2 of"):
        multi.features[3].data_for(2)
    assert said_by_nixio(lambda: twin.feature_data(2, 3)).kind == "outside"
    for number in (*UNTAGGED, *INDEXED):
        with pytest.raises(nx.OutOfBounds, match="has 3 positions, and none of number 3"):
            multi.features[number].data_for(3)
    # The data have a row 3: nixio gives it, though there is no such position; C++ does not.
    assert twin.feature_data(3, 1)[:].shape == (1, 2, 2)


@pytest.mark.parametrize("number", INDEXED)
def test_an_indexed_feature_of_a_multi_tag_asks_for_the_position(
    features: Both, number: int
) -> None:
    multi, _, _ = features.tag("multi")
    with pytest.raises(ValueError, match=r"say for which position: data_for\(position\)"):
        multi.features[number].data_for()


def test_a_frame_is_not_tagged(features: Both) -> None:
    tag, _, _ = features.tag("tag")
    feature = nx.Feature(data=features.ours.blocks[0].data_frames[0], link_type="tagged")
    tag.features.append(feature)
    with pytest.raises(ValueError, match="the rows of a frame have no positions to be tagged"):
        feature.data_for()


def test_a_feature_without_tag_or_data() -> None:
    feature = nx.Feature(data=nx.DataArray(name="a", type="t", data=[1.0]), link_type="untagged")
    with pytest.raises(ValueError, match="belongs to no tag"):
        feature.data_for()
    tag = nx.Tag(name="tag", type="t", position=[0.0], features=[nx.Feature(link_type="untagged")])
    with pytest.raises(ValueError, match="the feature has no data"):
        tag.features[0].data_for()


# References and positions


def test_which_array_is_meant(features: Both) -> None:
    tag, twin, _ = features.tag("tag")
    multi, multi_twin, _ = features.tag("multi")
    array = features.ours.blocks[0].data_arrays["values"]
    expected = nx.Region([slice(1, 2)])
    for key in (None, "values", 0, array, array.id):
        assert tag.region(key) == expected
        assert tag.data(key).tolist() == [1.0]
    keys: tuple[Any, ...] = (None, "values", array, array.id)
    for key in keys:
        assert multi.region(key, 0) == multi.region(0, key) == multi.regions(key)[0] == expected
        assert multi.data(key, 0).tolist() == multi.data(0, key).tolist() == [1.0]
    assert multi.data(0).tolist() == multi.data(position=0).tolist() == [1.0]
    unclear: tuple[tuple[Any, Any], ...] = ((0, 0), (array, "values"), (array, None))
    for one, two in unclear:
        with pytest.raises(TypeError, match=r"the number of a position|for which position"):
            multi.region(one, two)
    with pytest.raises(KeyError, match="nothing"):
        tag.region("nothing")
    with pytest.raises(KeyError):
        twin.tagged_data("nothing")
    with pytest.raises(IndexError):
        tag.region(1)
    with pytest.raises(nixio.exceptions.OutOfBounds):
        twin.tagged_data(1)
    for position in (3, -4, 10**12):
        with pytest.raises(nx.OutOfBounds, match=f"none of number {position}$"):
            multi.region(array, position)
    with pytest.raises(nixio.exceptions.OutOfBounds):
        multi_twin.tagged_data(3, 0)
    assert multi.region(array, -1) == nx.Region([slice(9, 10)])


def test_no_reference_and_several() -> None:
    arrays = [nx.DataArray(name=name, type="t", data=[1.0]) for name in "ab"]
    tag = nx.Tag(name="tag", type="t", position=[0.0])
    with pytest.raises(ValueError, match="refers to 0 arrays: say in which one"):
        tag.region()
    nx.Block(name="b", type="t", data_arrays=arrays, tags=[tag])
    tag.references.extend(arrays)
    with pytest.raises(ValueError, match="refers to 2 arrays: say in which one"):
        tag.region()


def test_positions_are_calibrated(tmp_path: Path) -> None:
    path = tmp_path / "calibrated.nix"
    with nixio.File(str(path), nixio.FileMode.Overwrite) as file:
        block = file.create_block("session", "recording")
        array = block.create_data_array("values", "t", data=np.arange(10.0))
        array.append_sampled_dimension(0.1)
        starts = block.create_data_array("starts", "t", data=np.array([10, 30], "i4"))
        lengths = block.create_data_array("lengths", "t", data=np.array([2, 3], "u2"))
        starts.polynom_coefficients = [0.0, 0.1]
        starts.expansion_origin = 9.0
        lengths.polynom_coefficients = [0.0, 0.1]
        multi = block.create_multi_tag("multi", "t", starts)
        multi.extents = lengths
        multi.references.append(array)
    multi = nx.read(path).blocks[0].multi_tags[0]
    assert multi.region(position=0) == nx.Region([slice(1, 3)])
    with pytest.raises(nx.OutOfBounds):
        multi.region(position=1)
    with nixio.File(str(path), nixio.FileMode.ReadOnly) as theirs:
        twin = theirs.blocks[0].multi_tags[0]
        assert twin.tagged_data(0, 0)[:].tolist() == multi.data(None, 0).tolist() == [1.0, 2.0]
        assert not twin.tagged_data(1, 0).valid


# Frames that describe an axis


def framed(path: Path, position: float, extent: float | None = None) -> Any:
    """The tag of a file with rows of a frame along an axis of five, as C++ writes them."""
    data = np.array([(i, i / 2) for i in range(5)], [("n", "i8"), ("at", "f8")])
    frame = nx.DataFrame(name="frame", type="t", data=data)
    block = nx.Block(name="session", type="recording", data_frames=[frame])
    array = nx.DataArray(name="values", type="t", data=np.arange(5.0))
    block.data_arrays.append(array)
    array.dimensions.append(nx.DataFrameDimension(data_frame=frame, column=1))
    extents = None if extent is None else [extent]
    tag = nx.Tag(name="tag", type="t", position=[position], extent=extents, references=[array])
    block.tags.append(tag)
    nx.write(nx.File(blocks=[block]), path, check="none")
    return nx.read(path).blocks[0].tags[0]


@pytest.mark.parametrize(
    ("position", "extent", "exclusive", "inclusive"),
    [
        (2.0, None, (2, 3), (2, 3)),
        (2.5, None, (3, 3), (3, 3)),
        (1.0, 2.0, (1, 3), (1, 4)),
        (0.5, 1.0, (1, 2), (1, 2)),
        (-1.0, None, OUTSIDE, OUTSIDE),
        (5.0, None, OUTSIDE, OUTSIDE),
        (2.0, 3.0, (2, 5), OUTSIDE),
        (2.0, 9.0, OUTSIDE, OUTSIDE),
        (2.0, -1.0, OUTSIDE, OUTSIDE),
    ],
)
def test_rows_of_a_frame_are_counted(
    position: float, extent: float | None, exclusive: Any, inclusive: Any, tmp_path: Path
) -> None:
    path = tmp_path / "frame.nix"
    tag = framed(path, position, extent)
    with nixio.File(str(path), nixio.FileMode.ReadOnly) as theirs:
        for stop_rule, due in (("exclusive", exclusive), ("inclusive", inclusive)):
            ours = said_by_us(
                lambda: tag.region(stop_rule=stop_rule),  # noqa: B023
                lambda: tag.data(stop_rule=stop_rule),  # noqa: B023
            )
            if due == OUTSIDE:
                assert ours.kind == OUTSIDE
            else:
                assert ours.region == (due,)
                assert ours.values.tolist() == list(range(*due))
            view = said_by_nixio(lambda: theirs.blocks[0].tags[0].tagged_data(0))
            marked = marked_in(tag, tag.references[0])(None, stop_rule)
            assert "not a valid DimensionType" in view.error
            assert explained(marked._replace(extent=None), view, ours) == "FRAMES"


def test_a_frame_says_values_and_label_of_an_axis(tmp_path: Path) -> None:
    tag = framed(tmp_path / "frame.nix", 1.0)
    dimension = tag.references[0].dimensions[0]
    assert dimension.axis().tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert dimension.axis(2, 3).tolist() == [1.5, 2.0]
    assert (dimension.axis_label, dimension.axis_unit) == ("at", None)
    assert dimension.position_at(3) == 3.0
    with pytest.raises(nx.UnitError, match="positions in `ms` on an axis without unit"):
        dimension.index_of(1.0, unit="ms")
