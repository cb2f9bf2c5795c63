"""Sources: where data come from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nixschema.model.container import Container
from nixschema.model.entity import DataEntity


class Source(DataEntity):
    """Where data come from: an animal, a cell, an electrode, a stimulus; sources nest."""

    words: ClassVar[str] = "source"

    sources: Container[Source] = Field(default_factory=Container)
    """Sources that are parts of this one."""
