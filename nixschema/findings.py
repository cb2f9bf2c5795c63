"""What a rule says about one place: a level, a path, a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    line: int | None = None
    """Line in a text file, counted from 1."""
    column: int | None = None
    """Column in a text file, counted from 1."""
    entity_id: str | None = None
    """Id of the entity the finding is about, where it has one."""

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.path}: {self.rule} {self.level}: {self.message}"
