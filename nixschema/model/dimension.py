"""Dimension descriptors: what the positions along an axis mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast, overload

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from nixschema.array import Values
from nixschema.errors import OutOfBounds
from nixschema.layout import Attribute, Link, Needed, Unstored, Version
from nixschema.model.checked import Checked
from nixschema.model.entity import Entity, Model
from nixschema.model.extra import Extra
from nixschema.model.fields import (
    LOADING,
    FiniteNumber,
    Natural,
    OptionalIntegers,
    OptionalLabels,
    OptionalNumbers,
    OptionalUnit,
    PositiveNumber,
    Text,
    integers,
    unset,
)
from nixschema.model.reference import Ref
from nixschema.model.refusal import did_you_mean
from nixschema.model.scale import (
    IndexMode,
    Indices,
    RegularScale,
    Scale,
    StopRule,
    TickScale,
    is_inclusive,
    rounding_of,
)
from nixschema.model.units import Unit, UnitError

if TYPE_CHECKING:
    from nixschema.model.data_array import DataArray
    from nixschema.model.data_frame import Column, DataFrame


class Dimension(Model):
    """What the positions along one axis of a data array mean.

    An axis is asked for the position of an element and for the element at a position. Where the
    dimension belongs to an array with data, elements and positions that are not there are refused.
    """

    is_set: ClassVar[bool] = True
    """Whether elements are counted, as categories and rows are, and have no other position."""

    @property
    def number(self) -> int:
        """Number of the axis, counted from 1; 0 when it describes none yet."""
        return self._container.index(self) + 1 if self._container is not None else 0

    @property
    def key(self) -> str:
        """The number."""
        return str(self.number)

    @property
    def length(self) -> int | None:
        """Number of elements along the axis, or None where there are no data yet."""
        shape = getattr(self.owner, "shape", ())
        return int(shape[self.number - 1]) if 0 < self.number <= len(shape) else None

    @property
    def axis_unit(self) -> Unit | None:
        """Unit of the positions: the dimension's own, or that of what it is linked to."""
        return getattr(self, "unit", None)

    @property
    def axis_label(self) -> str | None:
        """What the axis is: the dimension's own label, or that of what it is linked to."""
        return getattr(self, "label", None)

    def scale(self) -> Scale:
        """The positions of the elements.

        Raises:
            ValueError: the dimension does not say them.
        """
        raise ValueError(f"{self.path}: a dimension of unknown kind has no positions")

    def axis(self, count: int | None = None, start: int = 0) -> Values:
        """The positions of elements, or their labels where they have some.

        Args:
            count: how many; up to the end of the data when None.
            start: number of the first.

        Raises:
            OutOfBounds: there are not as many.
            ValueError: the dimension does not say the positions, or how many there are.
        """
        return self.position_at(self._elements(count, start))

    @overload
    def position_at(self, index: int | np.integer[Any]) -> float: ...
    @overload
    def position_at(self, index: Values | Sequence[int]) -> Values: ...
    def position_at(self, index: Any) -> Any:
        """The position of an element, or an array of them, in the unit of the axis.

        Args:
            index: number of the element from 0; negative ones count from the end.

        Raises:
            OutOfBounds: there is no such element.
            TypeError: the number is no whole one.
            ValueError: the dimension does not say the positions.
        """
        indices = np.asarray(index)
        if not indices.size:
            indices = indices.astype(np.int64)
        try:
            positions = self.scale().position_at(indices, self.length)
        except OutOfBounds as error:
            raise OutOfBounds(f"{self.path}: {error}") from None
        return float(positions) if indices.ndim == 0 else positions

    @overload
    def index_of(
        self, position: float | str, mode: IndexMode = ..., unit: str | None = ...
    ) -> int: ...
    @overload
    def index_of(
        self,
        position: Values | Sequence[float],
        mode: IndexMode = ...,
        unit: str | None = ...,
    ) -> Indices: ...
    def index_of(
        self, position: Any, mode: IndexMode = "at_or_before", unit: str | None = None
    ) -> Any:
        """The number of the element at or next to a position, or an array of them.

        A position that is an element's but for rounding is that element's: with an offset of 1.0
        and an interval of 0.1, the position 1.1 is that of element 1.

        Args:
            position: in ``unit``; for a set dimension the number of the element, or its label.
            mode: which element is meant by a position between two of them, or at one.
            unit: unit of the position; that of the axis when None.

        Raises:
            OutOfBounds: there is no such element. On a sampled axis, one beyond the last sample is
                missing; an axis with ticks has its last tick before all later positions.
            UnitError: the unit does not convert into that of the axis.
            ValueError: the position is no finite number, or the dimension does not say positions.
        """
        if isinstance(position, str):
            return self._index_of_label(position)
        given = np.asarray(position)
        positions = self.in_axis_unit(_numbers(given), unit)
        rounding = rounding_of(given.dtype, np.abs(positions))
        try:
            found = self.scale().index_of(positions, mode, rounding, self.length)
        except OutOfBounds as error:
            raise OutOfBounds(f"{self.path}: {error}{_in(self.axis_unit)}") from None
        return int(found) if found.ndim == 0 else found

    def slice_of(
        self,
        start: float | str | None = None,
        stop: float | str | None = None,
        *,
        stop_rule: StopRule = "exclusive",
        unit: str | None = None,
    ) -> slice:
        """The elements from one position to another, as a slice; an empty one where none is there.

        Args:
            start: the position where it begins; from the first element when None.
            stop: the position where it ends; to the last element when None.
            stop_rule: whether an element at ``stop`` belongs to it.
            unit: unit of both; that of the axis when None.

        Raises:
            OutOfBounds: all of it lies outside the axis, or it ends behind a sampled one.
            UnitError: the unit does not convert into that of the axis.
            ValueError: it ends before it begins, or a position is no finite number.
        """
        begin, end = self._edge(start, unit), self._edge(stop, unit)
        if begin is not None and end is not None and begin > end:
            raise ValueError(f"{self.path}: a range from {start} to {stop} ends before it begins")
        scale = self.scale()
        found = scale.ranges(
            begin,
            end,
            inclusive=is_inclusive(stop_rule),
            rounding=max(_rounding(start, begin), _rounding(stop, end)),
            length=self.length,
        )
        if found.outside:
            asked = f"from {start} to {stop}"
            raise OutOfBounds(
                f"{self.path}: the range {asked} is outside: {scale.described()}"
                f"{_in(self.axis_unit)}"
            )
        if self.length is None and scale.length is None and end is None:
            return slice(int(found.first), None)
        return slice(int(found.first), int(found.last))

    def in_axis_unit(self, positions: Values, unit: str | None) -> Values:
        """Positions in a unit, in that of the axis.

        Args:
            positions: numbers.
            unit: their unit; None, blank or ``none`` for that of the axis.

        Raises:
            UnitError: it does not convert.
        """
        if unit is None or Unit(unit).is_blank:
            return positions
        mine = self.axis_unit
        if mine is None:
            raise UnitError(
                f"{self.path}: positions in `{unit}` on an axis without unit "
                f"({self.words} {self.number}): leave the unit out, or give the axis one"
            )
        try:
            return np.asarray(Unit(unit).convert(positions, mine))
        except UnitError as error:
            raise UnitError(f"{self.path}: {error}") from None

    def _elements(self, count: int | None, start: int) -> Indices:
        if start < 0 or (count is not None and count < 0):
            raise ValueError("an axis begins at 0 or later, and has no negative number of elements")
        if count is None:
            length = self.scale().length if self.length is None else self.length
            if length is None:
                raise ValueError(f"{self.path}: without data, say how many elements: axis(count)")
            count = max(0, length - start)
        return np.arange(start, start + count)

    def _edge(self, position: float | str | None, unit: str | None) -> Values | None:
        if position is None:
            return None
        if isinstance(position, str):
            return np.asarray(float(self._index_of_label(position)))
        given = np.asarray(position)
        if given.ndim:
            raise TypeError(f"{self.path}: a range is between two numbers, not {position!r}")
        return self.in_axis_unit(_numbers(given), unit)

    def _index_of_label(self, label: str) -> int:
        raise TypeError(f"{self.path}: a position is a number, not {label!r}")


class SampledDimension(Dimension):
    """An axis sampled at regular intervals."""

    words: ClassVar[str] = "sampled dimension"
    is_set: ClassVar[bool] = False

    dimension_type: Annotated[Literal["sample"], Needed()] = "sample"
    """Kind of dimension, as the file names it."""

    sampling_interval: Annotated[PositiveNumber | None, Needed()] = unset
    """Distance between two positions, in ``unit``; finite and above zero."""

    offset: FiniteNumber | None = unset
    """Position of the first element, in ``unit``; zero when unset."""

    unit: OptionalUnit = unset
    """Unit of the positions, as written."""

    label: Text | None = unset
    """What the axis is, such as ``time``."""

    def scale(self) -> Scale:
        """Positions at regular intervals."""
        self.check_readable("sampling_interval", "offset")
        if self.sampling_interval is None:
            raise ValueError(f"{self.path}: there is no sampling interval")
        return RegularScale(self.sampling_interval, self.offset or 0.0, self.length)


class DimensionLink(Entity):
    """Takes the ticks or labels of an axis from an array or a column of a frame."""

    words: ClassVar[str] = "dimension link"
    only_refers: ClassVar[bool] = True
    since: ClassVar[Version] = (1, 2, 0)

    data_object_type: Annotated[Literal["DataArray", "DataFrame"] | None, Needed()] = unset
    """What is linked to, as the file names it."""

    index: Annotated[OptionalIntegers, Attribute()] = unset
    """For an array: a number for each of its axes, -1 for the axis that is taken."""

    column: Annotated[Natural | None, Attribute(name="index")] = unset
    """For a frame: number of the column, from 0."""

    array: Annotated[Ref[DataArray], Link(by="id")] = unset
    """The array linked to."""

    data_frame: Annotated[Ref[DataFrame], Link(by="id")] = unset
    """The frame linked to."""

    alias: Annotated[bool, Unstored(until=(1, 2, 0))] = False
    """Stored in the old way, as a bare link in the dimension (an alias dimension)."""

    @model_validator(mode="before")
    @classmethod
    def _index_or_column(cls, data: Any, info: ValidationInfo) -> Any:
        """One attribute is an index for arrays and the number of a column for frames."""
        if not isinstance(data, dict):
            return data
        given = dict(data)
        if info.context is LOADING:
            index = given.get("index")
            frame = given.get("data_object_type") == "DataFrame"
            if frame and isinstance(index, list) and len(index) == 1 and index[0] != -1:
                given["column"] = given.pop("index")[0]
            return given
        kind = "DataFrame" if given.get("data_frame") is not None else "DataArray"
        given.setdefault("data_object_type", kind)
        if kind == "DataArray":
            given.setdefault("index", [-1])
        return given

    @model_validator(mode="after")
    def _array_or_frame(self, info: ValidationInfo) -> DimensionLink:
        both = self.__dict__["array"] is not None and self.__dict__["data_frame"] is not None
        if both and info.context is not LOADING:
            raise PydanticCustomError("one_of", "a link leads to an array or to a frame", {})
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign a field; a link leads to an array or to a frame, not to both."""
        if value is None or name not in ("array", "data_frame"):
            super().__setattr__(name, value)
            return
        before = dict(self.__dict__)
        is_array = name == "array"
        self.__dict__["data_frame" if is_array else "array"] = None
        self.__dict__["data_object_type"] = "DataArray" if is_array else "DataFrame"
        if is_array:
            self.__dict__["column"] = None
        self.__dict__["index"] = (self.index or _along_the_only_axis()) if is_array else None
        try:
            super().__setattr__(name, value)
        except BaseException:
            object.__setattr__(self, "__dict__", before)
            raise

    @property
    def target(self) -> DataArray | DataFrame | None:
        """The array or frame.

        Raises:
            UnresolvedReference: the link points nowhere.
        """
        return self.array if self.__dict__["array"] is not None else self.data_frame

    @property
    def unit(self) -> Unit | None:
        """Unit of what is taken."""
        target = self.target
        column = self._column_of(target)
        return getattr(column if column is not None else target, "unit", None)

    @property
    def label(self) -> str | None:
        """Label of the array, or name of the column, that is taken."""
        target = self.target
        column = self._column_of(target)
        return column.name if column is not None else getattr(target, "label", None)

    def values(self) -> Values:
        """What is taken: a vector of the array, calibrated, or a column of the frame.

        Raises:
            UnresolvedReference: the link points nowhere.
            ValueError: the target has no such vector or column.
        """
        target = self.target
        column = self._column_of(target)
        if column is not None:
            return np.asarray(target[column.name])  # type: ignore[index]
        shape: tuple[int, ...] = getattr(target, "shape", ())
        index: list[int] = list(self.index or ())
        fits = len(index) == len(shape) and sorted(index)[:1] == [-1] and index.count(-1) == 1
        if not fits or any(at >= length for at, length in zip(index, shape, strict=True)):
            raise ValueError(f"{self.path}: index {index} takes no vector of {target!r}")
        whole = tuple(slice(None) if at == -1 else at for at in index)
        return np.asarray(target.calibrated(whole))  # type: ignore[union-attr]

    def _column_of(self, target: DataArray | DataFrame | None) -> Column | None:
        if target is None:
            raise ValueError(f"{self.path}: the link has no target")
        columns = getattr(target, "columns", None)
        if columns is None:
            return None
        if self.column is None or self.column >= len(columns):
            raise ValueError(f"{self.path}: column {self.column} is not in {target!r}")
        return cast("Column", columns[self.column])


def _along_the_only_axis() -> Any:
    return Checked([-1], integers)


def _as_link(value: Any, info: ValidationInfo) -> Any:
    """What is linked to by hand stands for the link."""
    if info.context is LOADING or isinstance(value, DimensionLink | None):
        return value
    is_array = getattr(type(value), "words", "") == "data array"
    return DimensionLink(array=value) if is_array or isinstance(value, str) else value


if TYPE_CHECKING:

    class OptionalLink:
        """A link or None; takes the array that is linked to, too, or its name."""

        def __get__(self, instance: object, owner: object = None) -> DimensionLink | None: ...
        def __set__(
            self, instance: object, value: DimensionLink | DataArray | str | None
        ) -> None: ...

else:
    OptionalLink = Annotated[DimensionLink | None, BeforeValidator(_as_link)]


class RangeDimension(Dimension):
    """An axis with a position of its own for each element."""

    words: ClassVar[str] = "range dimension"
    is_set: ClassVar[bool] = False

    dimension_type: Annotated[Literal["range"], Needed()] = "range"
    """Kind of dimension, as the file names it."""

    ticks: OptionalNumbers = unset
    """Positions of the elements, ascending, in ``unit``; or else a ``link``."""

    unit: OptionalUnit = unset
    """Unit of the ticks, as written; with a link it is that of what is linked to."""

    label: Text | None = unset
    """What the axis is, such as ``time``; with a link it is that of what is linked to."""

    link: OptionalLink = unset
    """Where the ticks are taken from, instead of ``ticks``."""

    @property
    def axis_unit(self) -> Unit | None:
        """Unit of the ticks, or of what they are taken from."""
        return self.unit if self.link is None else self.link.unit

    @property
    def axis_label(self) -> str | None:
        """What the axis is, or what its ticks are taken from."""
        return self.label if self.link is None else self.link.label

    def scale(self) -> Scale:
        """Positions of their own: the ticks."""
        self.check_readable("ticks", "link")
        if self.link is not None:
            ticks = self.link.values()
            if ticks.dtype.kind not in "iuf":
                raise ValueError(f"{self.path}: ticks are numbers, and {ticks.dtype} is linked to")
        elif self.ticks is None:
            raise ValueError(f"{self.path}: there are neither ticks nor a link to some")
        else:
            ticks = self.ticks.read()
        try:
            return TickScale(ticks)
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None

    @model_validator(mode="after")
    def _ticks_or_link(self, info: Any) -> RangeDimension:
        _one_of(info, self, "ticks")
        return self


class SetDimension(Dimension):
    """An axis of categories, such as channels or conditions."""

    words: ClassVar[str] = "set dimension"

    dimension_type: Annotated[Literal["set"], Needed()] = "set"
    """Kind of dimension, as the file names it."""

    labels: OptionalLabels = unset
    """Names of the elements, as many as the axis has, or none; or else a ``link``."""

    label: Annotated[Text | None, Attribute(since=(1, 2, 1))] = unset
    """What the axis is, such as ``channel``."""

    link: OptionalLink = unset
    """Where the labels are taken from, instead of ``labels``."""

    @property
    def axis_label(self) -> str | None:
        """What the axis is, or what its labels are taken from."""
        return self.label if self.link is None or self.label is not None else self.link.label

    def axis_labels(self) -> list[str]:
        """Names of the elements, those that a link leads to included; none where there are none.

        Raises:
            UnresolvedReference: the link points nowhere.
            ValueError: what is linked to has no such vector or column.
        """
        if self.link is None:
            return list(self.labels or ())
        return [str(one) for one in self.link.values().tolist()]

    def scale(self) -> Scale:
        """Positions are the numbers of the elements."""
        labels = self.axis_labels()
        return RegularScale(length=len(labels) or self.length, clips=bool(labels))

    def axis(self, count: int | None = None, start: int = 0) -> Values:
        """The labels of elements, or their numbers where they have none; see `Dimension.axis`."""
        elements = self._elements(count, start)
        numbers = self.position_at(elements).astype(np.int64)
        labels = self.axis_labels()
        return np.array(labels, object)[numbers] if labels else numbers

    def _index_of_label(self, label: str) -> int:
        labels = self.axis_labels()[: self.length]
        if label not in labels:
            hint = did_you_mean(label, labels)
            raise OutOfBounds(f"{self.path}: no element is labelled `{label}`{hint}")
        return labels.index(label)

    @model_validator(mode="after")
    def _labels_or_link(self, info: Any) -> SetDimension:
        _one_of(info, self, "labels")
        return self


class DataFrameDimension(Dimension):
    """An axis described by the rows of a data frame; only the C++ library writes it."""

    words: ClassVar[str] = "data frame dimension"
    since: ClassVar[Version] = (1, 2, 0)

    dimension_type: Annotated[Literal["data_frame"], Needed()] = "data_frame"
    """Kind of dimension, as the file names it."""

    data_frame: Ref[DataFrame] = unset
    """The frame, with as many rows as the axis has elements."""

    column: Annotated[Natural | None, Attribute(name="column_index", dtype="uint32")] = unset
    """Number of the column, from 0; unset for the frame as a whole."""

    @property
    def axis_unit(self) -> Unit | None:
        """None: positions are the numbers of rows."""
        return None

    @property
    def axis_label(self) -> str | None:
        """Name of the column, or of the frame."""
        frame, column = self.data_frame, self._column()
        return column.name if column is not None else getattr(frame, "name", None)

    def scale(self) -> Scale:
        """Positions are the numbers of the rows."""
        frame = self.data_frame
        return RegularScale(length=self.length if frame is None else frame.row_count)

    def axis(self, count: int | None = None, start: int = 0) -> Values:
        """The values of the column, or the numbers of the rows; see `Dimension.axis`."""
        frame, column = self.data_frame, self._column()
        numbers = self.position_at(self._elements(count, start)).astype(np.int64)
        if frame is None or column is None:
            return numbers
        return np.asarray(frame[column.name])[numbers]

    def _column(self) -> Column | None:
        frame = self.data_frame
        if frame is None or self.column is None:
            return None
        if self.column >= len(frame.columns):
            raise ValueError(f"{self.path}: there is no column {self.column} in {frame!r}")
        return frame.columns[self.column]


class UnknownDimension(Dimension):
    """A descriptor that cannot be read, or is missing: keeps the number of its axis."""

    words: ClassVar[str] = "unknown dimension"

    extra: Annotated[Extra, Unstored()] = Field(default_factory=Extra, repr=False)
    """All that the file has of it."""

    missing: Annotated[bool, Unstored()] = False
    """The file has no descriptor of this number at all."""

    def axis(self, count: int | None = None, start: int = 0) -> Values:
        """The numbers of elements; see `Dimension.axis`."""
        count = max(0, (self.length or 0) - start) if count is None else count
        return np.arange(start, start + count)


AnyDimension = (
    SampledDimension | RangeDimension | SetDimension | DataFrameDimension | UnknownDimension
)
"""Any dimension descriptor."""


def _numbers(given: npt.NDArray[Any]) -> Values:
    if given.dtype.kind not in "iuf":
        raise TypeError(f"a position is a number, not {given.dtype}")
    return given.astype(np.float64)


def _rounding(given: Any, position: Values | None) -> float:
    """By how much one end of a range may be off."""
    if position is None or isinstance(given, str):
        return 0.0
    return float(rounding_of(np.asarray(given).dtype, np.abs(position)))


def _in(unit: Unit | None) -> str:
    return f" {unit}" if unit else ""


def _one_of(info: Any, dimension: RangeDimension | SetDimension, field: str) -> None:
    if info.context is LOADING:
        return
    if getattr(dimension, field) is not None and dimension.link is not None:
        raise PydanticCustomError(
            "one_of",
            "a dimension has {field} or a link, not both",
            {"field": field},
        )
