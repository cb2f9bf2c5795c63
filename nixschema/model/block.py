"""Blocks: a recording or an analysis with all its data."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nixschema.model.container import Container
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import DataFrame
from nixschema.model.entity import DataEntity
from nixschema.model.group import Group
from nixschema.model.source import Source
from nixschema.model.tag import MultiTag, Tag


class Block(DataEntity):
    """A recording session or an analysis: all data that refer to each other."""

    words: ClassVar[str] = "block"
    scope: ClassVar[Literal["", "block", "file"]] = "block"

    data_arrays: Container[DataArray] = Field(default_factory=Container)
    """The data arrays."""

    data_frames: Container[DataFrame] = Field(default_factory=Container)
    """The data frames."""

    tags: Container[Tag] = Field(default_factory=Container)
    """The tags."""

    multi_tags: Container[MultiTag] = Field(default_factory=Container)
    """The multi tags."""

    groups: Container[Group] = Field(default_factory=Container)
    """The groups."""

    sources: Container[Source] = Field(default_factory=Container)
    """The sources, each with its parts."""
