"""Dimension descriptors: what the positions along an axis mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from nixschema.layout import Attribute, Link, Needed, Unstored, Version
from nixschema.model.entity import Entity, Model
from nixschema.model.extra import Extra
from nixschema.model.fields import (
    LOADING,
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

    index: Annotated[list[Integer] | None, Attribute()] = unset
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

    @property
    def target(self) -> DataArray | DataFrame | None:
        """The array or frame.

        Raises:
            UnresolvedReference: the link points nowhere.
        """
        return self.array if self.__dict__["array"] is not None else self.data_frame


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

    column: Annotated[Natural | None, Attribute(name="column_index", dtype="uint32")] = unset
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
    if info.context is LOADING:
        return
    if getattr(dimension, field) is not None and dimension.link is not None:
        raise PydanticCustomError(
            "one_of",
            "a dimension has {field} or a link, not both",
            {"field": field},
        )
