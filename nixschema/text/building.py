"""Events -> nodes: anchors, merges, limits, and what the format leaves out of YAML."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from nixschema.text.events import Events
from nixschema.text.limits import Limits
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence, TextProblem


class Builder:
    """Builds the nodes of one text."""

    def __init__(
        self,
        events: Events,
        text: str,
        limits: Limits,
        problems: list[TextProblem],
        translation: Table[int, str] | None = None,
    ) -> None:
        self._next = events
        self._text = text
        self._limits = limits
        self._problems = problems
        self._translation = translation

    def document(self) -> Node | None:
        """The root of the one document, or None where a problem ends the reading."""
        raise NotImplementedError
