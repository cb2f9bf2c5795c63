"""What a text is made of: scalars, sequences and mappings, each with its line and column.

Lines and columns count from 1, columns in characters. Nodes are compared by identity: an alias
gives the very node that its anchor marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
"""Plain texts that stand for nothing."""


class Scalar:
    """A text, as written."""

    __slots__ = ("column", "line", "plain", "text")

    def __init__(self, text: str, plain: bool = False, line: int = 1, column: int = 1) -> None:
        self.text = text
        """Without quotes, escapes resolved, folded lines joined."""
        self.plain = plain
        """Whether it is written without quotes, and not as a block."""
        self.line = line
        self.column = column

    @property
    def is_null(self) -> bool:
        """Whether it stands for nothing: missing, ``~`` or ``null``, without quotes."""
        return self.plain and self.text in NULLS

    def __repr__(self) -> str:
        """Tell its text and place."""
        shown = self.text if len(self.text) <= 40 else self.text[:39] + "…"
        return f"Scalar({shown!r}, {self.plain}, {self.line}, {self.column})"


class Sequence:
    """A list of nodes."""

    __slots__ = ("column", "items", "line")

    def __init__(self, items: list[Node], line: int = 1, column: int = 1) -> None:
        self.items = items
        self.line = line
        self.column = column

    def __repr__(self) -> str:
        """Tell its length and place."""
        return f"Sequence({len(self.items)} items, {self.line}, {self.column})"


class Mapping:
    """Nodes by key, in the order in which they are written; merged ones come first."""

    __slots__ = ("column", "items", "keys", "line")

    def __init__(
        self, items: dict[str, Node], keys: dict[str, Scalar], line: int = 1, column: int = 1
    ) -> None:
        self.items = items
        """The values."""
        self.keys = keys
        """The keys as written, each with its place."""
        self.line = line
        self.column = column

    def __repr__(self) -> str:
        """Tell its length and place."""
        return f"Mapping({len(self.items)} items, {self.line}, {self.column})"


Node: TypeAlias = Scalar | Sequence | Mapping
"""One part of a text."""


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What is wrong with a text, and where."""

    rule: str
    """The rule that reports it."""
    message: str
    """What is there, and what was expected."""
    help: str | None
    """What to do about it."""
    line: int
    column: int
