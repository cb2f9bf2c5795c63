"""NIX2xx: dimension descriptors: ticks, labels, intervals, and links to where these are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np

from nixschema.array import Array, Values
from nixschema.errors import NixError
from nixschema.findings import Level
from nixschema.layout import layout_of
from nixschema.model import (
    DataArray,
    DataFrame,
    DataFrameDimension,
    Dimension,
    DimensionLink,
    Model,
    RangeDimension,
    Reference,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.extra import Foreign, Problem
from nixschema.model.fields import is_uuid
from nixschema.model.units import Unit
from nixschema.rules.arrays import MANY
from nixschema.rules.rule import Sentence, at, rule

KINDS: tuple[type[Dimension], ...] = (
    SampledDimension,
    RangeDimension,
    SetDimension,
    DataFrameDimension,
)

PIECE = 2**18
"""How many linked ticks are read at a time."""


@rule("NIX202", on=RangeDimension, also=("nixio", "cpp"))
def ticks_fit_axis(dimension: RangeDimension) -> Iterator[Sentence]:
    """A range dimension has a tick for each element along its axis.

    The tick of an element is its position; elements without one cannot be found, surplus ticks
    belong to nothing.
    """
    length = axis_length(dimension)
    if dimension.ticks is not None and length is not None and dimension.ticks.size != length:
        yield at("ticks", f"{dimension.ticks.size:,} ticks for {length:,} elements")


@rule("NIX203", on=SetDimension, also=("nixio", "cpp"))
def labels_fit_axis(dimension: SetDimension) -> Iterator[Sentence]:
    """A set dimension has a label for each element along its axis, or none at all.

    With another number of labels it cannot be told which one belongs to which element.
    """
    length = axis_length(dimension)
    if dimension.labels and length is not None and len(dimension.labels) != length:
        yield at("labels", f"{len(dimension.labels):,} labels for {length:,} elements")


@rule("NIX204", on=RangeDimension, cost="values", also=("nixio", "cpp"))
def ticks_ascend(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension ascend.

    Readers search ticks by halving, which finds the wrong place where they do not ascend; NaN has
    no place in any order.
    """
    if dimension.ticks is None or not dimension.ticks.is_stored:
        return
    place, fault = _first_disorder(_pieces(dimension.ticks))
    if fault:
        yield at("ticks", f"tick {place:,} {fault}")


@rule("NIX230", on=RangeDimension, cost="values")
def ticks_are_finite(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension are finite.

    Infinity is no place on an axis. Where ticks ascend, only the first and the last can be
    infinite; ticks that do not ascend, and NaN, are told by NIX204.
    """
    ticks = dimension.ticks
    if ticks is None or not ticks.size or ticks.dtype.kind != "f" or not ticks.is_stored:
        return
    try:
        ends = {place: float(ticks[place]) for place in (0, ticks.size - 1)}
    except OSError:
        return  # NIX204 reads them all, and tells.
    for place, tick in ends.items():
        if math.isinf(tick):
            yield at("ticks", f"tick {place + 1:,} is {tick}")


@rule("NIX215", on=RangeDimension, cost="values", level=Level.INFO, also=("nixio",))
def ticks_differ(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension differ from each other.

    Two elements at one position are allowed, as for events at the same time; a reader that looks
    for the position finds one of them. Both libraries write such ticks, and the C++ library accepts
    them; nixio's validator calls them an error.
    """
    if dimension.ticks is None or not dimension.ticks.is_stored:
        return
    if (place := _first_doubled(_pieces(dimension.ticks))) is None:
        return
    yield at("ticks", f"ticks {place:,} and {place + 1:,} are equal")


@rule("NIX205", on=Problem, also=("nixio", "cpp"))
def descriptors_are_numbered(problem: Problem) -> Iterator[Sentence]:
    """Dimension descriptors are numbered from 1.

    The number says which axis a descriptor is for; no reader finds one of another name.
    """
    yield f"{problem.found}; expected {problem.expected}"


@rule("NIX207", on=UnknownDimension, fix="safe")
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


@rule("NIX209", on=RangeDimension, also=("nixio", "cpp"))
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


@rule(
    "NIX211",
    on=(RangeDimension, SetDimension, DataFrameDimension),
    level=Level.WARNING,
    also=("cpp",),
)
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
    """A dimension link leads to an array or a frame, and to one only.

    Deleting the array in nixio leaves a link without a target behind; reading its ticks raises.
    Where there are several, readers differ in which they take.
    """
    others = [name for name in link.extra.members if is_uuid(name)]
    if link.__dict__["array"] is None and link.__dict__["data_frame"] is None:
        if not link.extra.members:
            yield "the link leads to nothing"
    elif others:
        yield f"the link leads to `{others[0]}` as well"


@rule("NIX217", on=DimensionLink, fix="safe")
def link_says_kind_of_target(link: DimensionLink) -> Iterator[Sentence]:
    """A dimension link says rightly whether it leads to an array or a frame.

    Readers look for what it says, and do not find it.
    """
    target = _target(link)
    if target is not None and link.data_object_type not in (None, type(target).__name__):
        found = type(target).words
        yield f"`data_object_type` is `{link.data_object_type}`, but it leads to a {found}"


@rule("NIX231", on=RangeDimension)
def linked_ticks_are_numbers(dimension: RangeDimension) -> Iterator[Sentence]:
    """Ticks that a range dimension is linked to are numbers.

    Text and records have no order and no distance; as labels of a set dimension they are fine.
    """
    source = _linked(dimension.link)
    if source is not None and source.dtype.kind not in "iuf":
        what = f"column `{source.column}`" if source.column is not None else "array"
        yield at(
            "link",
            f"the {what} that is linked to for ticks holds {source.type_text}; expected numbers",
            help="link to numbers, or make it a set dimension",
        )


@rule("NIX232", on=RangeDimension, cost="values")
def linked_ticks_ascend(dimension: RangeDimension) -> Iterator[Sentence]:
    """Ticks that a range dimension is linked to ascend, and are finite.

    What is said of a dimension's own ticks (NIX204, NIX230) is true of these. Those of an array
    with a calibration are taken as they are meant; one that is not finite is another rule's matter
    (NIX104, NIX225).
    """
    source = _linked(dimension.link)
    if source is None or source.dtype.kind not in "iuf" or not source.stored:
        return
    if not source.is_calibration_finite():
        return
    length = axis_length(dimension)
    if length is not None and length != source.length:
        return
    place, fault = _first_disorder(source.pieces())
    if not fault and (source.dtype.kind == "f" or source.calibrated) and source.length:
        for end in (0, source.length - 1):
            if math.isinf(tick := float(source.value(end))):
                place, fault = end + 1, f"is {tick}"
                break
    if fault:
        yield at("link", f"tick {place:,} of those linked to {fault}")


@rule("NIX233", on=(RangeDimension, SetDimension), level=Level.INFO)
def linked_values_are_not_calibrated(
    dimension: RangeDimension | SetDimension,
) -> Iterator[Sentence]:
    """A dimension takes its ticks from an array without calibration.

    Readers differ: nixio and the C++ library take linked ticks as they are stored, nixschema as
    they are meant. Nothing is wrong with the file, so it is only told.
    """
    source = _linked(dimension.link)
    if source is not None and source.calibrated:
        yield at(
            "link",
            "the array that is linked to has a calibration, which some readers do not apply",
            help="store the ticks as they are meant",
        )


@rule("NIX234", on=RangeDimension, level=Level.WARNING)
def linked_unit_is_own(dimension: RangeDimension) -> Iterator[Sentence]:
    """A range dimension that is linked says the same unit as what it is linked to, or none.

    Readers take the unit of what is linked to: another one is lost, or means that the ticks are
    not what was meant.
    """
    source = _linked(dimension.link)
    own = dimension.unit
    if source is None or own is None or own.is_blank:
        return
    if source.unit is None or source.unit.canonical != own.canonical:
        found = "has none" if source.unit is None else f"has `{source.unit}`"
        yield at("unit", f"`unit` is `{own}`, but what the dimension is linked to {found}")


@rule("NIX235", on=KINDS, level=Level.WARNING)
def fields_are_of_kind(dimension: Dimension) -> Iterator[Sentence]:
    """A descriptor has only what its kind of dimension has.

    Ticks of a sampled dimension or a sampling interval of a range dimension are read by nobody:
    either they are left over, or `dimension_type` is wrong. For a set dimension it is an error
    (NIX238).
    """
    kind = type(dimension)
    for name, others in fields_of_others(kind).items():
        if _has_foreign(dimension, name) and (kind, name) not in _SCALES:
            yield f"a {kind.words} with `{name}`, which only a {others} has"


@rule("NIX238", on=SetDimension, help="correct `dimension_type`, or remove what is left over")
def set_has_no_scale(dimension: SetDimension) -> Iterator[Sentence]:
    """A set dimension has neither ticks nor a sampling interval.

    These give the elements positions, which those of a set dimension do not have: readers number
    the elements, and find other ones than were meant.
    """
    for name in ("sampling_interval", "ticks"):
        if _has_foreign(dimension, name):
            yield f"`dimension_type` is `set`, but there is a scale: `{name}`"


_SCALES = frozenset(((SetDimension, "sampling_interval"), (SetDimension, "ticks")))


def _has_foreign(dimension: Dimension, name: str) -> bool:
    """Whether there is an attribute or object of a name that is none of this kind of dimension."""
    extra = dimension.extra
    return name in extra.attributes or isinstance(extra.members.get(name), Foreign)


@rule("NIX236", on=SampledDimension, level=Level.WARNING)
def positions_can_be_told_apart(dimension: SampledDimension) -> Iterator[Sentence]:
    """Positions of neighbouring samples are different numbers.

    A float has about sixteen digits: with an offset that is larger than the interval by more, or
    an interval that leads beyond the largest float, positions cannot be told from each other.
    """
    interval, offset = dimension.sampling_interval, dimension.offset or 0.0
    length = axis_length(dimension)
    if interval is None or length is None or length < 2:
        return
    last = offset + (length - 1) * interval
    if not math.isfinite(last):
        yield f"the last of {length:,} samples is beyond the largest float"
    elif math.ulp(max(abs(offset), abs(last))) > interval:
        yield (
            f"samples {interval:g} apart cannot be told from each other "
            f"at {max(abs(offset), abs(last)):g}"
        )


@rule("NIX237", on=SetDimension, level=Level.INFO)
def labels_differ(dimension: SetDimension) -> Iterator[Sentence]:
    """The labels of a set dimension differ from each other, and none is empty.

    Who looks for a label finds the first element that has it. Programs also use labels for kinds of
    elements, such as the kind of each event, where they repeat: this is only told.
    """
    labels = dimension.labels or ()
    counted = Counter(labels)
    if empty := counted.pop("", 0):
        yield at("labels", f"{empty:,} of {len(labels):,} labels {_are(empty)} empty")
    repeated = [(label, number) for label, number in counted.items() if number > 1]
    if repeated:
        label, number = repeated[0]
        rest = len(repeated) - 1
        more = f", and {rest:,} more {'labels are' if rest > 1 else 'label is'} repeated"
        shown = label if len(label) <= 60 else f"{label[:59]}…"
        yield at("labels", f"{number:,} elements are labelled `{shown}`{more if rest else ''}")


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


class _Linked:
    """The vector that a link takes from an array, or a column of a frame."""

    def __init__(self, data: Array, unit: Unit | None, length: int) -> None:
        self.data = data
        self.unit = unit
        self.length = length
        self.column: str | None = None
        self.dtype: np.dtype[Any] = data.dtype
        self.type_text = data.type_text
        self.array: DataArray | None = None
        """The array, where it has a calibration."""
        self.stored = data.is_stored
        self._index: tuple[int, ...] = ()

    @classmethod
    def of_array(cls, array: DataArray, index: list[int]) -> _Linked | None:
        """What an index takes of an array, where it takes a vector."""
        data, shape = array.data, array.shape
        if data is None or len(index) != len(shape) or index.count(-1) != 1:
            return None
        if any(not -1 <= place < length for place, length in zip(index, shape, strict=True)):
            return None
        made = cls(data, array.unit, shape[index.index(-1)])
        coefficients = array.polynom_coefficients
        if array.expansion_origin or (coefficients is not None and coefficients.size):
            made.array = array
        made._index = tuple(index)
        return made

    @classmethod
    def of_frame(cls, frame: DataFrame, number: int | None) -> _Linked | None:
        """A column of a frame."""
        if frame.data is None or number is None or number >= len(frame.columns):
            return None
        column = frame.columns[number]
        made = cls(frame.data, column.unit, frame.row_count)
        made.column, made.type_text = column.name, column.dtype
        made.dtype = frame.data.dtype[column.name]
        return made

    @property
    def calibrated(self) -> bool:
        """Whether the values mean others than those that are stored."""
        return self.array is not None

    def is_calibration_finite(self) -> bool:
        """Whether the calibration, if there is one, can be applied and makes no value NaN."""
        if self.array is None:
            return True
        powers = self.array.polynom_coefficients
        if powers is not None and powers.size > MANY:
            return False
        try:
            return bool(np.isfinite(self.array.calibration(np.zeros(1))).all())
        except (NixError, TypeError, ValueError):
            return False

    def pieces(self) -> Iterator[Values]:
        """The values as they are meant, some at a time."""
        if self.column is not None:
            for _, block in self.data.blocks():
                yield block[self.column]
            return
        for start in range(0, self.length, PIECE):
            yield self._read(slice(start, min(start + PIECE, self.length)))

    def value(self, place: int) -> Any:
        """One of the values."""
        if self.column is not None:
            return self.data[place][self.column]
        return self._read(slice(place, place + 1))[0]

    def _read(self, part: slice) -> Values:
        key = tuple(part if place == -1 else place for place in self._index)
        values = np.asarray(self.data[key])
        return values if self.array is None else self.array.calibration(values)


def _linked(link: DimensionLink | None) -> _Linked | None:
    """What a link takes, where it does take something."""
    if link is None:
        return None
    target = _target(link)
    if link.data_object_type not in (None, type(target).__name__):
        return None
    if isinstance(target, DataArray):
        return _Linked.of_array(target, list(link.index or ()))
    return _Linked.of_frame(target, link.column) if isinstance(target, DataFrame) else None


@cache
def fields_of_others(kind: type[Model]) -> dict[str, str]:
    """Names of what only other kinds of dimension have, with the first kind that has it.

    Of what is no dimension there are none.
    """
    if kind not in KINDS:
        return {}
    own = {one.name for one in layout_of(kind).values()}
    return {
        one.name: other.words
        for other in reversed(KINDS)
        for one in layout_of(other).values()
        if one.name not in (*own, "label")
    }


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _pieces(array: Array) -> Iterator[Values]:
    return (block for _, block in array.blocks())


def _first_disorder(pieces: Iterable[Values]) -> tuple[int, str]:
    """Position and fault of the first tick that is NaN or below the one before, or ""."""
    last: object = None
    start = 0
    for block in pieces:
        if not len(block):
            continue
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


def _first_doubled(pieces: Iterable[Values]) -> int | None:
    """Position of the first tick that equals the one behind it."""
    last: object = None
    start = 0
    for block in pieces:
        if last is not None and bool(block[0] == last):
            return start
        same = block[1:] == block[:-1]
        if same.any():
            return start + int(np.argmax(same)) + 1
        last = block[-1]
        start += len(block)
    return None
