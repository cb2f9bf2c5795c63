"""All that is wrong with a description: as a text, and as the file that it describes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from nixschema.descriptions.description import Description
from nixschema.descriptions.guidance import EXAMPLES
from nixschema.descriptions.keys import key_of_field
from nixschema.findings import Finding
from nixschema.model import File
from nixschema.model.lookup import nearest
from nixschema.rules.origin import Origin
from nixschema.rules.runner import Runner

More: TypeAlias = Callable[[list[Finding], File, Origin | None], list[Finding]]
"""The findings with what else there is to say about the file that a text describes."""


def findings_about(
    description: Description, runner: Runner, more: More | None = None
) -> list[Finding]:
    """What rules say about a description, each with its line and column, in order of the text."""
    file = description.file
    found: list[Finding] = []
    for fault in description.faults:
        model = None if file is None else nearest(file, fault.path)
        told = runner.tell(fault, model)
        if told is not None:
            found.append(told)
    if file is not None:
        found += [_with_example(one, file) for one in runner.check(file, origin=description.lines)]
    kinds = {(one.rule, one.entity_id) for one in found}
    found = [one for one in found if (_FOLLOWS.get(one.rule, ""), one.entity_id) not in kinds]
    if more is not None and file is not None:
        found = more(found, file, description.lines)
    found = [_with_lasting_id(one, description) for one in found]
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0))


def _with_lasting_id(finding: Finding, description: Description) -> Finding:
    """A finding without the id of its entity, where that does not stand in the text.

    Such an id is a new one each time the text is read, by which nothing is known again.
    """
    lines = description.lines
    if finding.entity_id is None or (lines is not None and finding.entity_id in lines.ids):
        return finding
    return replace(finding, entity_id=None)


def _with_example(finding: Finding, file: File) -> Finding:
    """A finding about a field that is missing, with what people write there as its help."""
    if finding.rule != "NIX101" or finding.help is not None or len(finding.facts) != 1:
        return finding
    kind = type(nearest(file, finding.path))
    key = key_of_field(kind, finding.facts[0])
    examples = EXAMPLES.get((kind.__name__, key.name), ()) if key is not None else ()
    if key is None or not examples:
        return finding
    return replace(finding, help=f"such as `{key.name}: {examples[0]}`")


_FOLLOWS = {"NIX307": "NIX314"}
"""Rules that say nothing new of an entity that another rule speaks of."""
