"""All that is wrong with a description: as a text, and as the file that it describes."""

from __future__ import annotations

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
        found += runner.check(file, origin=description.lines)
    kinds = {(one.rule, one.entity_id) for one in found}
    found = [one for one in found if (_FOLLOWS.get(one.rule, ""), one.entity_id) not in kinds]
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0))


_FOLLOWS = {"NIX307": "NIX314"}
"""Rules that say nothing new of an entity that another rule speaks of."""
