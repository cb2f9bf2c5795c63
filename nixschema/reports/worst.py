"""The gravest findings first, in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nixschema.findings import Finding
from nixschema.reports.kinds import LEVELS, Census, Choice, in_file
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, or several of one kind in one file."""

    file: FileReport
    findings: list[Finding]

    @property
    def first(self) -> Finding:
        """The first of them."""
        return self.findings[0]


def worst_first(
    results: Results, chosen: Choice, *, folded: Census | None = None
) -> Iterator[Told]:
    """Findings by their level, errors first; each level in order of the files.

    The results are read once for each level, so that nothing has to be kept for sorting.

    Args:
        results: where to find them.
        chosen: which are told.
        folded: where it is given, findings of one kind in one file come together.
    """
    for level in LEVELS:
        for one in results.files:
            if folded is not None:
                for kind, findings in in_file(one, folded, chosen).items():
                    if kind[1] is level:
                        yield Told(one, findings)
            else:
                for finding in one.findings:
                    if finding.level is level and chosen(one, finding):
                        yield Told(one, [finding])


def more_like_this(count: int) -> str:
    """What follows the first of several findings of a kind."""
    return f" (and {count - 1:,} more like this in this file)" if count > 1 else ""
