"""What a rule says about one place: a level, a path, a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Level(StrEnum):
    """How grave a finding is.

    ``error``: the file breaks the format, or readers fail or read it wrong. ``warning``: readable,
    but ambiguous or bad practice. ``info``: worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for information, 1 for a warning, 2 for an error."""
        return _RANKS[self]

    def reaches(self, threshold: Level) -> bool:
        """Whether this level is at least as grave as ``threshold``."""
        return self.rank >= threshold.rank


_RANKS = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


_FACT = re.compile(r"`([^`]*)`|(?<![\w.])(-?\d[\d,]*(?:\.\d+)?)")


def facts_of(sentence: str) -> tuple[str, ...]:
    """What stands in backticks in a sentence, and its numbers, in order of the alphabet."""
    return tuple(sorted(quoted or number for quoted, number in _FACT.findall(sentence)))


@dataclass(frozen=True, slots=True)
class SchemaPlace:
    """The place in a lab's schema that asks for something, or accepts it."""

    name: str
    """Id of the schema."""
    version: str | None = None
    """Its version."""
    file: str | None = None
    """Its file; None where it was made in Python."""
    line: int | None = None
    """Line in that file, counted from 1."""

    def __str__(self) -> str:
        """Tell it in a few words: ``our-lab 2026.1, our-lab.yaml:12``."""
        name = self.name if self.version is None else f"{self.name} {self.version}"
        if self.file is None:
            return name
        return f"{name}, {self.file}" + (f":{self.line}" if self.line else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's statement about one place of a file."""

    rule: str
    """Id of the rule, such as ``NIX201``."""
    level: Level
    """How grave it is."""
    path: str
    """Path in the NIX file, such as ``/data/session/data_arrays/lfp``."""
    message: str
    """What is there and what was expected."""
    help: str | None = None
    """What to do about it."""
    fixable: bool = False
    """Whether nixschema knows how to mend it."""
    fix: Literal["safe", "unsafe"] | None = None
    """Whether that changes nothing that means anything, or chooses a meaning (``fix --unsafe``)."""
    line: int | None = None
    """Line in a text file, counted from 1."""
    column: int | None = None
    """Column in a text file, counted from 1."""
    text: str | None = None
    """The text that line and column are of, where it is not the file itself: its description."""
    entity_id: str | None = None
    """Id of the entity the finding is about, or of the nearest around it that has one."""
    entity_type: str | None = None
    """Type of that entity, such as ``nix.sampled``."""
    part: str = ""
    """Which part of that entity: the end of the path, such as ``dimensions/1/ticks``."""
    facts: tuple[str, ...] = ()
    """What the message states, without its words: names, values, numbers. It stays the same where
    only the wording changes."""
    accepted: bool = False
    """Whether a baseline or a schema accepts it: it is told, and does not count."""
    baseline: Literal["new", "kept"] | None = None
    """Whether a baseline has it, where there is one."""
    schema: SchemaPlace | None = None
    """The place of the schema that asks for it, or that accepts it."""
    reason: str | None = None
    """Why a schema accepts it."""

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.path}: {self.rule} {self.level}: {self.message}"
