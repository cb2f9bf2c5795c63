"""What is met while a schema is read, in order."""

from __future__ import annotations

from nixschema.rules.schemas import SchemaProblem

__all__ = ["MOST", "Problems", "SchemaProblem", "shown"]

MOST = 1000
"""So many problems of one schema are told."""

_SHOWN = 60


class Problems:
    """Gathers problems, up to a number."""

    def __init__(self, file: str | None = None) -> None:
        self.found: list[SchemaProblem] = []
        self.file = file
        """The file that problems are of, where it is not the one that is checked."""
        self._told: set[tuple[str, str, int, int, str]] = set()

    @property
    def full(self) -> bool:
        """Whether no more are taken."""
        return len(self.found) > MOST

    def tell(
        self, rule: str, message: str, help: str | None, line: int, column: int, path: str
    ) -> None:
        """Add one, unless the same is told already."""
        key = (rule, message, line, column, path)
        if key in self._told or self.full:
            return
        if len(self.found) == MOST:
            rule, message = "NIX045", f"the schema has more than {MOST:,} problems"
            help = "mend what is told first"
        self._told.add(key)
        self.found.append(SchemaProblem(rule, message, help, line, column, path or "/", self.file))


def shown(text: str) -> str:
    """A text for a message: in one line, and not long."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut.replace("`", "'"))
