"""What could not be written."""

from __future__ import annotations

from typing import NamedTuple


class Loss(NamedTuple):
    """Something that could not be written."""

    path: str
    """Where it is."""
    reason: str
    """Why, in words."""


class Losses(list[Loss]):
    """All that could not be written to a file."""

    def note(self, path: str, reason: object) -> None:
        """Note one more, with a sentence or an error as the reason."""
        text = " ".join(str(reason).split())[:200]
        self.append(Loss(path, text or type(reason).__name__))
