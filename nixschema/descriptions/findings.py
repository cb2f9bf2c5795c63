"""All that is wrong with a description: as a text, and as the file that it describes."""

from __future__ import annotations

from dataclasses import replace

from nixschema.descriptions.description import Description
from nixschema.findings import Finding
from nixschema.model.lookup import nearest
from nixschema.rules.runner import Runner


def findings_about(description: Description, runner: Runner) -> list[Finding]:
    """What rules say about a description, each with its line and column, in order of the text."""
    file = description.file
    found: list[Finding] = []
    for fault in description.faults:
        model = None if file is None else nearest(file, fault.path)
        told = runner.tell(fault, model)
        if told is not None:
            found.append(told)
    if file is not None:
        found += [located(one, description) for one in runner.check(file)]
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0))


def located(finding: Finding, description: Description) -> Finding:
    """A finding with the line and column of what it is about; no program mends a text."""
    if description.lines is None:
        return finding
    line, column = description.lines.of(finding.path)
    return replace(finding, line=line, column=column, fixable=False, fix=None)
