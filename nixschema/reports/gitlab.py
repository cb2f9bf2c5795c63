"""A report for GitLab's code quality: a list of issues, as its CodeClimate parser takes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from nixschema.findings import Level
from nixschema.reports.encoding import json_text
from nixschema.reports.fingerprints import Fingerprints
from nixschema.reports.formats import Options
from nixschema.reports.kinds import Census, not_accepted
from nixschema.reports.results import Results
from nixschema.reports.wording import file_of, tidy_path, told
from nixschema.reports.worst import Told, more_like_this, worst_first

MOST = 5000
"""Most issues: beyond, those of one kind in a file become one, and the mildest are left out."""

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.INFO: "info"}


def lines(results: Results, options: Options | None = None) -> Iterator[str]:
    """The lines of the document: one an issue, worst first."""
    summary = results.summary
    many = summary.error + summary.warning + summary.info > MOST
    folded = Census(results, not_accepted) if many else None
    marks = Fingerprints()
    before = "["
    issues = islice(worst_first(results, not_accepted, folded=folded), MOST)
    for number, one in enumerate(issues, 1):
        yield before if number == 1 else f"{before},"
        before = f"  {json_text(_issue(one, marks))}"
    if before == "[":
        yield "[]"
    else:
        yield before
        yield "]"


def _issue(one: Told, marks: Fingerprints) -> dict[str, Any]:
    finding = one.first
    more = more_like_this(len(one.findings))
    return {
        "description": f"{told(finding.path)}: {told(finding.message)}{more}",
        "check_name": told(finding.rule),
        "fingerprint": marks.of(one.file.path, finding),
        "severity": _SEVERITIES[finding.level],
        "location": {
            "path": told(tidy_path(file_of(one.file.path, finding))),
            "lines": {"begin": max(finding.line or 1, 1)},
        },
    }
