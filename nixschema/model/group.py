"""Groups: entities of a block that belong together."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nixschema.layout import Links
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame
from nixschema.model.entity import DataEntity
from nixschema.model.reference import Refs
from nixschema.model.source import Source
from nixschema.model.tag import MultiTag, Tag


class Group(DataEntity):
    """Entities of a block that belong together, such as those of one trial."""

    words: ClassVar[str] = "group"

    data_arrays: Refs[DataArray] = Field(default_factory=Refs)
    """The data arrays of the group."""

    data_frames: Annotated[Refs[DataFrame], Links(also="data_frame", since=(1, 1, 1))] = Field(
        default_factory=Refs
    )
    """The data frames of the group; the C++ library names the place ``data_frame``."""

    tags: Refs[Tag] = Field(default_factory=Refs)
    """The tags of the group."""

    multi_tags: Refs[MultiTag] = Field(default_factory=Refs)
    """The multi tags of the group."""

    sources: Refs[Source] = Field(default_factory=Refs)
    """Where the group comes from."""
