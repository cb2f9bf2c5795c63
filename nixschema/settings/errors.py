"""What is wrong with a configuration."""

from __future__ import annotations


class SettingsError(ValueError):
    """A configuration that cannot be used: which file, where in it, and why."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        """Tell it.

        Args:
            file: the configuration's path, or what else it is: ``command line``.
            place: the key, such as ``levels.NIX215``, or line and column; empty for all of it.
            reason: what is there and what was expected.
        """
        super().__init__(file, place, reason)
        self.file = file
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        """Tell it in one line."""
        where = f": {self.place}" if self.place else ""
        return f"{self.file}{where}: {self.reason}"
