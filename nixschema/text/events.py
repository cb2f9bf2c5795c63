"""Text -> events of YAML, by libyaml where PyYAML has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Events: TypeAlias = Callable[[], Any]
"""Gives the next event, and raises `yaml.YAMLError` where the text is none."""


def events_of(text: str) -> tuple[Events, Mapping[int, str] | None]:
    """The events of a text, and how scalars between quotes are to be translated."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    return CParser(text.encode("utf-8")).get_event, None
