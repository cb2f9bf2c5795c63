"""Dimension descriptors: what the positions along an axis mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nixschema.layout import Attribute, Link, Needed, Unstored, Version
from nixschema.model.entity import Entity, Model
from nixschema.model.extra import Extra
from nixschema.model.fields import (
    FiniteNumber,
    Integer,
    Natural,
    OptionalNumbers,
    OptionalUnit,
    PositiveNumber,
    Text,
    unset,
)
from nixschema.model.reference import Ref

if TYPE_CHECKING:
    from nixschema.model.data_array import DataArray
    from nixschema.model.data_frame import DataFrame


class Dimension(Model):
    """What the positions along one axis of a data array mean."""

    @property
    def number(self) -> int:
        """Number of the axis, counted from 1; 0 when it describes none yet."""
        return self._container.index(self) + 1 if self._container is not None else 0

    @property
    def key(self) -> str:
        """The number."""
        return str(self.number)


class SampledDimension(Dimension):
    """An axis sampled at regular intervals."""

    words: ClassVar[str] = "sampled dimension"

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


class DimensionLink(Entity):
    """Takes the ticks or labels of an axis from an array or a column of a frame."""

    words: ClassVar[str] = "dimension link"
    since: ClassVar[Version] = (1, 2, 0)

    data_object_type: Annotated[Literal["DataArray", "DataFrame"] | None, Needed()] = unset
    """What is linked to, as the file names it."""

    index: Annotated[list[Integer] | None, Attribute(), Needed()] = unset
    """For an array: one index for each of its axes, -1 for the axis taken. For a frame: the number
    of the column."""

    target: Annotated[Ref[DataArray | DataFrame], Link(by="id")] = unset
    """The array or frame."""

    alias: Annotated[bool, Unstored()] = False
    """Stored in the old way, as a bare link in the dimension (an alias dimension)."""

    @model_validator(mode="before")
    @classmethod
    def _by_kind(cls, data: Any) -> Any:
        """Accept ``array=`` or ``data_frame=`` with ``index=`` or ``column=`` as well."""
        if not isinstance(data, dict) or "target" in data:
            return data
        given = dict(data)
        for field, kind in (("array", "DataArray"), ("data_frame", "DataFrame")):
            if field in given:
                given["target"] = given.pop(field)
                given.setdefault("data_object_type", kind)
        if "column" in given:
            given["index"] = given.pop("column")
        if isinstance(given.get("index"), int):
            given["index"] = [given["index"]]
        if given.get("data_object_type") == "DataArray":
            given.setdefault("index", [-1])
        return given

    @property
    def array(self) -> DataArray | None:
        """The array linked to, or None where it is a frame."""
        from nixschema.model.data_array import DataArray

        target = self.target
        return target if isinstance(target, DataArray) else None

    @property
    def data_frame(self) -> DataFrame | None:
        """The frame linked to, or None where it is an array."""
        from nixschema.model.data_frame import DataFrame

        target = self.target
        return target if isinstance(target, DataFrame) else None

    @property
    def column(self) -> int | None:
        """Number of the frame's column, from 0, or None where an array is linked to."""
        if self.data_object_type == "DataFrame" and self.index:
            return self.index[0]
        return None


class RangeDimension(Dimension):
    """An axis with a position of its own for each element."""

    words: ClassVar[str] = "range dimension"

    dimension_type: Annotated[Literal["range"], Needed()] = "range"
    """Kind of dimension, as the file names it."""

    ticks: OptionalNumbers = unset
    """Positions of the elements, ascending, in ``unit``; or else a ``link``."""

    unit: OptionalUnit = unset
    """Unit of the ticks, as written; with a link it is that of what is linked to."""

    label: Text | None = unset
    """What the axis is, such as ``time``; with a link it is that of what is linked to."""

    link: DimensionLink | None = unset
    """Where the ticks are taken from, instead of ``ticks``."""

    @model_validator(mode="after")
    def _ticks_or_link(self, info: Any) -> RangeDimension:
        _one_of(info, self, "ticks")
        return self


class SetDimension(Dimension):
    """An axis of categories, such as channels or conditions."""

    words: ClassVar[str] = "set dimension"

    dimension_type: Annotated[Literal["set"], Needed()] = "set"
    """Kind of dimension, as the file names it."""

    labels: list[Text] | None = unset
    """Names of the elements, as many as the axis has, or none; or else a ``link``."""

    label: Annotated[Text | None, Attribute(since=(1, 2, 1))] = unset
    """What the axis is, such as ``channel``."""

    link: DimensionLink | None = unset
    """Where the labels are taken from, instead of ``labels``."""

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

    column: Annotated[Natural | None, Attribute(name="column_index")] = unset
    """Number of the column, from 0; unset for the frame as a whole."""


class UnknownDimension(Dimension):
    """A descriptor that cannot be read, or is missing: keeps the number of its axis."""

    words: ClassVar[str] = "unknown dimension"

    extra: Annotated[Extra, Unstored()] = Field(default_factory=Extra, repr=False)
    """All that the file has of it."""

    missing: Annotated[bool, Unstored()] = False
    """The file has no descriptor of this number at all."""


AnyDimension = (
    SampledDimension | RangeDimension | SetDimension | DataFrameDimension | UnknownDimension
)
"""Any dimension descriptor."""


def _one_of(info: Any, dimension: RangeDimension | SetDimension, field: str) -> None:
    from nixschema.model.fields import LOADING

    if info.context is LOADING:
        return
    if getattr(dimension, field) is not None and dimension.link is not None:
        raise PydanticCustomError(
            "one_of",
            "a dimension has {field} or a link, not both",
            {"field": field},
        )
