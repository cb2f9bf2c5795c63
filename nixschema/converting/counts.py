"""What came of a folder, in numbers and in one line."""

from __future__ import annotations

from dataclasses import dataclass

from nixschema.converting.job import Converted
from nixschema.formats import Format
from nixschema.reports.wording import count_text

_NAMES: dict[Format, str] = {
    "nix": "NIX",
    "odml": "odML",
    "description": "descriptions",
    "rdf": "RDF",
}


@dataclass(slots=True)
class Counts:
    """How many files came to what."""

    made: int = 0
    """Files that were converted."""
    with_errors: int = 0
    """Those of them whose source has errors."""
    with_losses: int = 0
    """Those of them that could not take over everything."""
    replaced: int = 0
    """Those of them that took the place of another file."""
    failed: int = 0
    """Files that were not converted."""
    there: int = 0
    """Files that were not, because their target is there already."""
    passed_over: int = 0
    """Files that are none of ours."""

    @property
    def ours(self) -> int:
        """All files but those passed over."""
        return self.made + self.failed + self.there

    def add(self, one: Converted, *, was_there: bool, may_replace: bool) -> None:
        """Count a file.

        Args:
            one: what came of it.
            was_there: whether its target was there before.
            may_replace: whether that may be replaced.
        """
        if one.code == 0:
            self.made += 1
            self.with_errors += one.errors > 0
            self.with_losses += one.losses > 0
            self.replaced += was_there
        elif was_there and not may_replace:
            self.there += 1
        else:
            self.failed += 1

    def line(self, to: Format) -> str:
        """All of it in words.

        Args:
            to: what the files were converted to.
        """
        of = "" if self.made == self.ours else f"{self.made:,} of "
        whole = f"Converted {of}{count_text(self.ours, 'file')} to {_NAMES[to]}"
        notes = [
            f"{self.with_losses:,} with losses" if self.with_losses else "",
            f"{self.with_errors:,} with errors, written as found" if self.with_errors else "",
            f"{self.replaced:,} in the place of another" if self.replaced else "",
        ]
        noted = [one for one in notes if one]
        ends = [f"{whole}: {'; '.join(noted)}." if noted else f"{whole}."]
        rest = [
            f"{self.failed:,} failed" if self.failed else "",
            f"{self.there:,} already there (--force replaces)" if self.there else "",
        ]
        ends += [f"{one}." for one in rest if one]
        return " ".join(ends)
