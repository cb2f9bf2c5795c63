"""Tags, multi tags and features: marked points and regions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from nixschema.layout import Attribute, Members, Needed, Value
from nixschema.model.container import Container
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame
from nixschema.model.entity import DataEntity, Entity
from nixschema.model.fields import Number, Units, unset
from nixschema.model.reference import Ref, Refs
from nixschema.model.source import Source

TargetType: TypeAlias = Literal["DataArray", "DataFrame"]
"""What a feature's data are, as the file names it."""


class Feature(Entity):
    """Data that belong to a tag's points or regions, such as spike amplitudes."""

    words: ClassVar[str] = "feature"

    data: Ref[DataArray | DataFrame] = unset
    """The array or frame that holds the feature. A sound feature has it."""

    link_type: Annotated[Literal["tagged", "untagged", "indexed"] | None, Needed()] = unset
    """How the data belong: ``tagged``, the part that the tag marks; ``untagged``, all of them;
    ``indexed``, one row for each position."""

    target_type: Annotated[TargetType | None, Attribute(since=(1, 2, 0))] = unset
    """What the data are; a data array when unset."""

    @model_validator(mode="before")
    @classmethod
    def _type_of_target(cls, given: Any) -> Any:
        """Name what the data are, when they are given and it is not."""
        if isinstance(given, dict) and isinstance(given.get("data"), DataArray | DataFrame):
            return {"target_type": type(given["data"]).__name__, **given}
        return given


class BaseTag(DataEntity):
    """What tags and multi tags have in common."""

    units: Annotated[Units, Value()] = unset
    """Unit of the positions and extents for each axis, as written; blank or ``none`` for an axis
    without a unit."""

    references: Refs[DataArray] = Field(default_factory=Refs)
    """The arrays in which something is marked."""

    features: Annotated[Container[Feature], Members(by="id")] = Field(default_factory=Container)
    """Data that belong to what is marked."""

    sources: Refs[Source] = Field(default_factory=Refs)
    """Where the tag comes from."""


class Tag(BaseTag):
    """Marks one point or region in some data arrays."""

    words: ClassVar[str] = "tag"

    position: list[Number] | None = unset
    """The point, or where the region begins: one number for each axis. A sound tag has it."""

    extent: list[Number] | None = unset
    """Length of the region along each axis; a point when unset."""


class MultiTag(BaseTag):
    """Marks many points or regions in some data arrays."""

    words: ClassVar[str] = "multi tag"

    positions: Ref[DataArray] = unset
    """The points, or where the regions begin: one row for each, one column for each axis; a list
    for one axis. A sound multi tag has them."""

    extents: Ref[DataArray] = unset
    """Lengths of the regions, of the same shape; points when unset."""
