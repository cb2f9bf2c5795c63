"""A report as SARIF 2.1.0, for code scanning.

An HDF5 path is a logical location. The physical location is the file, at its first line where it
has no lines, because GitHub shows nothing without a line. GitHub refuses more than 25,000 results
and shows 5,000; beyond that those of one kind in a file become one result with several locations,
and the mildest are left out, which the run's notifications tell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any
from urllib.parse import quote

from nixschema.findings import Finding, Level, SchemaPlace
from nixschema.reports.encoding import json_text
from nixschema.reports.fingerprints import Fingerprints
from nixschema.reports.formats import Options
from nixschema.reports.kinds import Census, accepted, everything, not_accepted
from nixschema.reports.report import FileReport, Summary
from nixschema.reports.results import Results
from nixschema.reports.wording import count_text, file_of, tidy_path, told
from nixschema.reports.worst import Told, more_like_this, worst_first
from nixschema.rules.pages import FAMILIES, page
from nixschema.rules.rule import Rule, find_rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

MOST_RESULTS = 5000
"""Most results that GitHub shows of a run."""

MOST_LOCATIONS = 20
"""Most places of a result that stands for several findings."""

MOST_NOTIFICATIONS = 1000
"""Most files of which it is told that they could not be checked."""

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}

_SEVERITIES = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "recommendation"}


def lines(results: Results, options: Options | None = None) -> Iterator[str]:
    """The lines of the document."""
    found = _count(results.summary)
    folded = Census(results, everything) if found > MOST_RESULTS else None
    marks = Fingerprints()
    rules: dict[str, int] = {}
    encoded: list[str] = []
    findings = 0
    found_first = chain(
        worst_first(results, not_accepted, folded=folded),
        worst_first(results, accepted, folded=folded) if results.summary.accepted else (),
    )
    for one in islice(found_first, MOST_RESULTS):
        findings += len(one.findings)
        number = rules.setdefault(told(one.first.rule), len(rules))
        encoded.append(json_text(_result(one, number, marks)))
    properties = {
        "rules": results.tool.rules,
        "libraries": results.tool.libraries,
        "files": results.summary.files,
        "entities": results.summary.entities,
        "seconds": results.summary.seconds,
    }
    yield "{"
    yield f'  "$schema": {json_text(SCHEMA)},'
    yield '  "version": "2.1.0",'
    yield '  "runs": [{'
    yield f'    "tool": {_indented({"driver": _driver(results, rules)})},'
    yield f'    "invocations": {_indented([_invocation(results, found - findings)])},'
    yield '    "columnKind": "unicodeCodePoints",'
    yield f'    "properties": {_indented(properties)},'
    yield '    "results": ['
    for number, text in enumerate(encoded, 1):
        yield f"      {text}{',' if number < len(encoded) else ''}"
    yield "    ]"
    yield "  }]"
    yield "}"


def _indented(value: Any) -> str:
    # no line break can be inside a text of JSON, where it is spelled `\n`
    return json_text(value, indent=2).replace("\n", "\n    ")


def _count(summary: Summary) -> int:
    return summary.error + summary.warning + summary.info + summary.accepted


def _driver(results: Results, rules: dict[str, int]) -> dict[str, Any]:
    return {
        "name": results.tool.name,
        "version": results.tool.version,
        "rules": [_rule(rule_id, find_rule(rule_id)) for rule_id in rules],
    }


def _rule(rule_id: str, known: Rule | None) -> dict[str, Any]:
    if known is None:
        schema, colon, place = rule_id.partition(":")
        if not colon:
            return {"id": rule_id}
        title = f"What the schema {schema} asks for at {place}."
        return {
            "id": rule_id,
            "shortDescription": {"text": title},
            "properties": {"tags": ["nix", "schema"]},
        }
    title = known.title.rstrip(".")
    todo = f"\n\nWhat to do: {known.help}." if known.help else ""
    reason = known.reason or f"{title}."
    return {
        "id": known.id,
        "name": _name(known.check.__name__),
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": told(" ".join(reason.split()))},
        "defaultConfiguration": {"level": _LEVELS[known.level]},
        "help": {"text": f"{title}.\n\n{reason}{todo}", "markdown": page(known)},
        "properties": {
            "tags": ["nix", FAMILIES.get(known.family, known.family).split(",")[0].split(":")[0]],
            "precision": "very-high",
            "problem.severity": _SEVERITIES[known.level],
        },
    }


def _name(function: str) -> str:
    """``one_descriptor_per_axis`` as the name of a rule: ``OneDescriptorPerAxis``."""
    return "".join(part.capitalize() for part in function.split("_"))


def _result(one: Told, rule_index: int, marks: Fingerprints) -> dict[str, Any]:
    finding = one.first
    text = told(finding.message) + more_like_this(len(one.findings))
    advice = f"\n\nHelp: {told(finding.help)}" if finding.help else ""
    mark = marks.of(one.file.path, finding)
    result: dict[str, Any] = {
        "ruleId": told(finding.rule),
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.level],
        "message": {"text": f"{told(finding.path)}: {text}{advice}"},
        "locations": [_location(one.file, each) for each in one.findings[:MOST_LOCATIONS]],
        "partialFingerprints": {"primaryLocationLineHash": mark, "nixschema/v1": mark},
    }
    if finding.text is not None:
        file = {"physicalLocation": {"artifactLocation": _artifact(one.file.path)}}
        result["relatedLocations"] = [{**file, "message": {"text": "the file"}}]
    if finding.schema is not None and finding.schema.file is not None:
        result.setdefault("relatedLocations", []).append(_of_schema(finding.schema))
    if len(one.findings) > 1:
        result["occurrenceCount"] = len(one.findings)
    if finding.baseline is not None:
        result["baselineState"] = "new" if finding.baseline == "new" else "unchanged"
    if finding.accepted:
        suppression = {"kind": "external", "status": "accepted"}
        if finding.reason:
            suppression["justification"] = told(finding.reason)
        result["suppressions"] = [suppression]
    result["properties"] = {"fixable": finding.fixable}
    if finding.entity_id:
        result["properties"]["entity_id"] = told(finding.entity_id)
    return result


def _of_schema(place: SchemaPlace) -> dict[str, Any]:
    """The place of a schema that a finding comes from."""
    region = {"startLine": max(place.line or 1, 1)}
    return {
        "physicalLocation": {"artifactLocation": _artifact(place.file or ""), "region": region},
        "message": {"text": f"the schema {told(place.name)}"},
    }


def _location(one: FileReport, finding: Finding) -> dict[str, Any]:
    region = {"startLine": max(finding.line or 1, 1)}
    if finding.column is not None:
        region["startColumn"] = max(finding.column, 1)
    path = told(finding.path)
    artifact = _artifact(file_of(one.path, finding))
    return {
        "physicalLocation": {"artifactLocation": artifact, "region": region},
        "logicalLocations": [
            {
                "name": path.rpartition("/")[2] or path,
                "fullyQualifiedName": path,
                "kind": "object",
            }
        ],
    }


def _artifact(path: str) -> dict[str, str]:
    tidy = tidy_path(path)
    if os.path.isabs(tidy):
        return {"uri": f"file://{_percent(tidy)}"}
    # the first part of a relative address must not look like a scheme
    return {"uri": _percent(tidy), "uriBaseId": "%SRCROOT%"}


def _percent(path: str) -> str:
    return quote(path.encode("utf-8", "backslashreplace"), safe="/")


def _invocation(results: Results, left_out: int) -> dict[str, Any]:
    notifications: list[dict[str, Any]] = []
    failed = False
    for one in results.files:
        failed = failed or one.status == "skipped"
        if one.status in ("ok", "findings") or len(notifications) >= MOST_NOTIFICATIONS:
            continue
        notifications.append(_notification(one))
    if left_out > 0:
        text = f"{count_text(left_out, 'finding')} left out: there are too many to show"
        notifications.append({"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notifications}


def _notification(one: FileReport) -> dict[str, Any]:
    text = {
        "absent": "its content is not here",
        "skipped": "it was not checked",
        "unreadable": "it cannot be read",
    }[one.status]
    sentence = one.findings[0].message if one.findings else text
    return {
        "level": "warning" if one.status == "absent" else "error",
        "message": {"text": f"{told(one.path)}: {told(sentence)}"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(one.path)}}],
    }
