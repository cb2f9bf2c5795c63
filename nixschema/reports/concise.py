"""A report for editors and for grep: one line a finding."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Finding
from nixschema.reports.formats import Options
from nixschema.reports.kinds import alarming, everything
from nixschema.reports.results import Results
from nixschema.reports.wording import (
    accepted_note,
    file_name,
    file_of,
    fixable_note,
    line_and_column,
    told,
)


def lines(results: Results, options: Options) -> Iterator[str]:
    """The lines of the report; none where nothing is to tell."""
    chosen = everything if options.verbose else alarming
    for one in results.files:
        for finding in one.findings:
            if chosen(one, finding):
                yield _line(file_name(file_of(one.path, finding)), finding, options)


def _line(file: str, finding: Finding, options: Options) -> str:
    place = told(finding.path) if finding.line is None else line_and_column(finding)
    notes = fixable_note(finding)
    notes += accepted_note(finding)
    level = options.style(str(finding.level), str(finding.level))
    rule, message = told(finding.rule), told(finding.message)
    return f"{options.style(file, 'file')}:{place}: {rule} {level}: {message}{notes}"
