"""What is met while an odML file is read, in order."""

from __future__ import annotations

from nixschema.rules.odml import OdmlProblem

__all__ = ["MOST", "OdmlProblem", "Problems", "shown"]

MOST = 10_000
"""So many problems of one file are told."""

_SHOWN = 60


class Problems:
    """Gathers problems; tells once where there are too many."""

    def __init__(self) -> None:
        self.found: list[OdmlProblem] = []
        self._full = False
        self.unplaced: dict[int, list[int]] = {}
        """Positions of problems whose path is not known yet, by identity of what they are about."""

    @property
    def full(self) -> bool:
        """Whether no more are taken."""
        return self._full

    def tell(
        self,
        rule: str,
        message: str,
        help: str | None = None,
        *,
        line: int = 0,
        column: int = 0,
        path: str = "/",
        about: object = None,
    ) -> None:
        """Add one.

        Args:
            rule: id of the rule that tells it.
            message: what is there and what was expected.
            help: what to do.
            line: from 1.
            column: from 1.
            path: of the entity.
            about: what is known in place of the path; `place` tells the path later.
        """
        if self._full:
            return
        if len(self.found) >= MOST:
            self._full = True
            rule, help = "NIX804", "mend what is told first"
            message = f"the file has more than {MOST:,} problems; no more are told"
        if about is not None:
            self.unplaced.setdefault(id(about), []).append(len(self.found))
        self.found.append(OdmlProblem(rule, message, help, line, column, path))

    def place(self, about: object, path: str) -> None:
        """Tell the path of what some problems are about."""
        for position in self.unplaced.pop(id(about), ()):
            self.found[position] = self.found[position]._replace(path=path)


def shown(text: str) -> str:
    """A text for a message: in one line, and not long."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut.replace("`", "'"))
