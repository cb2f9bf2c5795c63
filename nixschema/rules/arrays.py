"""NIX2xx: data arrays, data frames and their dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nixschema.array import Array
from nixschema.findings import Level
from nixschema.model import (
    DataArray,
    DataFrame,
    DataFrameDimension,
    Dimension,
    DimensionLink,
    Model,
    RangeDimension,
    Reference,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.extra import Problem
from nixschema.rules.rule import Sentence, at, rule


@rule("NIX201", on=DataArray)
def one_descriptor_per_axis(array: DataArray) -> Iterator[Sentence]:
    """A data array has one dimension descriptor for each axis of its data.

    Readers take axis i from descriptor i; a missing one leaves its axis without unit and scale, a
    surplus one means nothing.
    """
    if array.data is None:
        return
    found, axes = len(array.dimensions), array.data.ndim
    if found != axes:
        words = "descriptor" if found == 1 else "descriptors"
        yield at(
            f"{found} dimension {words} for {axes} {'axis' if axes == 1 else 'axes'}",
            help=(
                "remove the surplus descriptors"
                if found > axes
                else "give each axis a descriptor: sampled, range or set"
            ),
        )


@rule("NIX202", on=RangeDimension)
def ticks_fit_axis(dimension: RangeDimension) -> Iterator[Sentence]:
    """A range dimension has a tick for each element along its axis.

    The tick of an element is its position; elements without one cannot be found, surplus ticks
    belong to nothing.
    """
    length = axis_length(dimension)
    if dimension.ticks is not None and length is not None and dimension.ticks.size != length:
        yield at("ticks", f"{dimension.ticks.size:,} ticks for {length:,} elements")


@rule("NIX203", on=SetDimension)
def labels_fit_axis(dimension: SetDimension) -> Iterator[Sentence]:
    """A set dimension has a label for each element along its axis, or none at all.

    With another number of labels it cannot be told which one belongs to which element.
    """
    length = axis_length(dimension)
    if dimension.labels and length is not None and len(dimension.labels) != length:
        yield at("labels", f"{len(dimension.labels):,} labels for {length:,} elements")


@rule("NIX204", on=RangeDimension, cost="values")
def ticks_ascend(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension ascend.

    Readers search ticks by halving, which finds the wrong place where they do not ascend; NaN has
    no place in any order.
    """
    if dimension.ticks is None or not dimension.ticks.is_stored:
        return
    place, fault = _first_disorder(dimension.ticks)
    if fault:
        yield at("ticks", f"tick {place:,} {fault}")


@rule("NIX215", on=RangeDimension, cost="values", level=Level.INFO)
def ticks_differ(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension differ from each other.

    Two elements at one position are allowed, as for events at the same time; a reader that looks
    for the position finds one of them.
    """
    if dimension.ticks is None or not dimension.ticks.is_stored:
        return
    if (place := _first_doubled(dimension.ticks)) is None:
        return
    yield at("ticks", f"ticks {place:,} and {place + 1:,} are equal")


@rule("NIX205", on=Problem)
def descriptors_are_numbered(problem: Problem) -> Iterator[Sentence]:
    """Dimension descriptors are numbered from 1.

    The number says which axis a descriptor is for; no reader finds one of another name.
    """
    yield f"{problem.found}; expected {problem.expected}"


@rule("NIX206", on=DataArray)
def array_has_data(array: DataArray) -> Iterator[Sentence]:
    """A data array has data.

    nixio leaves an array without data behind when writing fails; reading it raises.
    """
    if array.data is None and not array.extra.has("data"):
        yield at("data", "there is no `data`")


@rule("NIX207", on=UnknownDimension)
def descriptor_is_readable(dimension: UnknownDimension) -> Iterator[Sentence]:
    """Each dimension descriptor says of which kind it is, and none is missing in between.

    A descriptor that cannot be read keeps its place: the second one never describes the first axis.
    """
    if dimension.missing:
        yield f"descriptor {dimension.number} is missing, though later ones are there"
        return
    said = dimension.extra.attributes.get("dimension_type")
    if said is None:
        yield "`dimension_type` is missing"
    else:
        kinds = "`sample`, `range`, `set` or `data_frame`"
        yield f"`dimension_type` is `{str(said.value)[:60]}`; expected {kinds}"


@rule("NIX208", on=Problem, level=Level.WARNING)
def units_fit_columns(problem: Problem) -> Iterator[Sentence]:
    """A data frame has one unit for each column, or none, and says the same in both places.

    nixio keeps the units on the frame, the C++ library on its data; a list of another length cannot
    be assigned to columns.
    """
    yield f"`{problem.name}` has {problem.found}; expected {problem.expected}"


@rule("NIX209", on=RangeDimension)
def range_has_ticks(dimension: RangeDimension) -> Iterator[Sentence]:
    """A range dimension has ticks, or a link to where they are.

    Without them nothing is known about the positions along the axis.
    """
    extra = dimension.extra
    if (
        dimension.ticks is None
        and dimension.link is None
        and not (extra.has("ticks") or extra.has("link"))
    ):
        yield at("ticks", "there are no `ticks` and no `link`")


@rule("NIX210", on=DimensionLink)
def link_index_fits_target(link: DimensionLink) -> Iterator[Sentence]:
    """A dimension link names one axis of an array, or one column of a frame.

    For an array the index has a number for each axis, exactly one of them -1 for the axis that is
    taken; for a frame it is the number of a column.
    """
    target, index = _target(link), link.index
    if link.data_object_type not in (None, type(target).__name__):
        return
    if isinstance(target, DataArray):
        shape = target.shape
        if target.data is None:
            return
        if index is None:
            if not link.extra.has("index"):
                yield "there is no `index` to say which axis is taken"
        elif len(index) != len(shape) or index.count(-1) != 1:
            yield f"index {index} for an array of {len(shape)} axes: one -1 among as many numbers"
        elif any(not (-1 <= place < length) for place, length in zip(index, shape, strict=True)):
            yield f"index {index} is outside the array's shape {list(shape)}"
    elif isinstance(target, DataFrame) and target.columns:
        columns = len(target.columns)
        if index is not None:
            yield f"index {index} for a frame: the number of a column was expected"
        elif link.column is None:
            if not link.extra.has("index"):
                yield "there is no `index` to say which column is taken"
        elif link.column >= columns:
            yield f"column {link.column} of a frame of {columns} columns, counted from 0"


@rule("NIX211", on=(RangeDimension, SetDimension, DataFrameDimension), level=Level.WARNING)
def linked_ticks_fit_axis(
    dimension: RangeDimension | SetDimension | DataFrameDimension,
) -> Iterator[Sentence]:
    """What a dimension links to is as long as its axis.

    The linked values are the ticks or labels of the axis, one for each element.
    """
    length = axis_length(dimension)
    if isinstance(dimension, DataFrameDimension):
        frame = _frame(dimension)
        if frame is not None and length is not None and frame.row_count != length:
            yield at("data_frame", f"{frame.row_count:,} rows for {length:,} elements")
        return
    link = dimension.link
    if link is None or length is None or (found := linked_length(link)) is None:
        return
    if found != length:
        words = "ticks" if isinstance(dimension, RangeDimension) else "labels"
        yield at("link", f"{found:,} linked {words} for {length:,} elements")


@rule("NIX212", on=DataFrameDimension)
def frame_dimension_has_frame(dimension: DataFrameDimension) -> Iterator[Sentence]:
    """A data frame dimension has a data frame.

    The rows of the frame describe the elements along the axis.
    """
    if dimension.__dict__["data_frame"] is None and not dimension.extra.has("data_frame"):
        yield at("data_frame", "there is no `data_frame`")
    frame, column = _frame(dimension), dimension.column
    if frame is not None and column is not None and column >= len(frame.columns):
        columns = len(frame.columns)
        yield f"column {column} of a frame of {columns} columns, counted from 0"


@rule("NIX213", on=DataFrame)
def frame_has_data(frame: DataFrame) -> Iterator[Sentence]:
    """A data frame has data.

    Names and types of its columns are those of its data: without them there are no columns.
    """
    if frame.data is None and not frame.extra.has("data"):
        yield at("data", "there is no `data`")


@rule("NIX214", on=(RangeDimension, SetDimension))
def ticks_or_link(dimension: RangeDimension | SetDimension) -> Iterator[Sentence]:
    """A dimension has ticks or labels of its own, or a link to them, not both.

    Readers differ in which they take.
    """
    name = "ticks" if isinstance(dimension, RangeDimension) else "labels"
    if dimension.link is not None and dimension.__dict__[name] is not None:
        yield f"both `{name}` and a `link`"


@rule("NIX216", on=DimensionLink)
def link_has_target(link: DimensionLink) -> Iterator[Sentence]:
    """A dimension link leads to an array or a frame.

    Deleting the array in nixio leaves a link without a target behind; reading its ticks raises.
    """
    foreign = any(name not in ("link",) for name in link.extra.members)
    if link.__dict__["array"] is None and link.__dict__["data_frame"] is None and not foreign:
        yield "the link leads to nothing"


@rule("NIX217", on=DimensionLink)
def link_says_kind_of_target(link: DimensionLink) -> Iterator[Sentence]:
    """A dimension link says rightly whether it leads to an array or a frame.

    Readers look for what it says, and do not find it.
    """
    target = _target(link)
    if target is not None and link.data_object_type not in (None, type(target).__name__):
        found = type(target).words
        yield f"`data_object_type` is `{link.data_object_type}`, but it leads to a {found}"


def axis_length(dimension: Dimension) -> int | None:
    """Length of the axis that a dimension describes, where there is one."""
    array = dimension.owner
    number = dimension.number
    if not isinstance(array, DataArray) or array.data is None:
        return None
    return array.shape[number - 1] if 0 < number <= len(array.shape) else None


def linked_length(link: DimensionLink) -> int | None:
    """How many ticks or labels a link leads to, where that can be told."""
    target, index = _target(link), link.index
    if isinstance(target, DataFrame):
        return target.row_count if target.data is not None else None
    if isinstance(target, DataArray) and index is not None and index.count(-1) == 1:
        return target.shape[index.index(-1)] if len(index) == len(target.shape) else None
    return None


def _frame(dimension: DataFrameDimension) -> DataFrame | None:
    reference = dimension.__dict__["data_frame"]
    target = None if reference is None else reference.resolve(dimension, (DataFrame,))
    return target if isinstance(target, DataFrame) and target.data is not None else None


def _target(link: DimensionLink) -> Model | None:
    reference: Reference | None = link.__dict__["array"] or link.__dict__["data_frame"]
    return None if reference is None else reference.resolve(link, (DataArray, DataFrame))


def _first_disorder(ticks: Array) -> tuple[int, str]:
    """Position and fault of the first tick that is NaN or below the one before, or ""."""
    last: object = None
    start = 0
    for _, block in ticks.blocks():
        nan = np.isnan(block) if block.dtype.kind == "f" else np.zeros(len(block), dtype=bool)
        steps_back = np.zeros(len(block), dtype=bool)
        steps_back[1:] = block[1:] < block[:-1]
        if last is not None:
            steps_back[0] = bool(block[0] < last)
        wrong = nan | steps_back
        if wrong.any():
            place = int(np.argmax(wrong))
            if nan[place]:
                return start + place + 1, "is NaN"
            before = block[place - 1] if place else last
            return (
                start + place + 1,
                f"({block[place]:.15g}) is below the one before ({before:.15g})",
            )
        last = block[-1]
        start += len(block)
    return 0, ""


def _first_doubled(ticks: Array) -> int | None:
    last: object = None
    start = 0
    for _, block in ticks.blocks():
        if last is not None and bool(block[0] == last):
            return start
        same = block[1:] == block[:-1]
        if same.any():
            return start + int(np.argmax(same)) + 1
        last = block[-1]
        start += len(block)
    return None
