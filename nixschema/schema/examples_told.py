"""What came of the examples of schemas, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nixschema.findings import Finding
from nixschema.schema.examples import Verdict
from nixschema.schema.language import Schema, SchemaDocument

Run = tuple[str, SchemaDocument, list[Verdict]]
"""A schema as the command line names it, the same loaded, and what came of its examples."""


def told_text(runs: Iterable[Run]) -> Iterator[str]:
    """Line by line: each example, why it is not as it is to be, and how many are."""
    count = good = 0
    for name, document, verdicts in runs:
        if not verdicts:
            continue
        yield _headline(name, document.schema)
        for one in verdicts:
            count += 1
            good += one.holds
            what = "passes" if one.case.finds is None else f"finds {one.case.finds}"
            yield f"  {'ok  ' if one.holds else 'FAIL'}  {one.case.file}  {what}"
            if one.fault is not None:
                line = one.case.place.line if one.case.place is not None else 0
                yield f"        {f'line {line}: ' if line else ''}{one.fault}"
            yield from (f"        {_line(each)}" for each in one.others)
        yield ""
    of = f"{count} example" if count == 1 else f"{count} examples"
    bad = count - good
    if bad:
        yield f"{bad} of {of} {'is' if bad == 1 else 'are'} not as the schema says."
    else:
        yield f"{of}, as the schema says." if count == 1 else f"{of}, all as the schemas say."


def _headline(name: str, schema: Schema) -> str:
    version = f" {schema.version}" if schema.version else ""
    if name == schema.schema_:
        return f"{name}{version}"
    return f"{name} ({schema.schema_}{version})"


def _line(finding: Finding) -> str:
    where = f"{finding.line}:{finding.column}  " if finding.line is not None else ""
    message = " ".join(finding.message.split())
    return f"also: {where}{finding.path}  {finding.rule} {finding.level}  {message}"


def told_json(runs: Iterable[Run]) -> str:
    """The same for programs."""
    schemas = [_schema_json(*run) for run in runs]
    examples = [one for schema in schemas for one in schema["examples"]]
    summary = {
        "examples": len(examples),
        "ok": sum(one["ok"] for one in examples),
        "failed": sum(not one["ok"] for one in examples),
    }
    return json.dumps({"version": 1, "schemas": schemas, "summary": summary}, indent=2)


def _schema_json(name: str, document: SchemaDocument, verdicts: list[Verdict]) -> dict[str, Any]:
    return {
        "path": name,
        "schema": document.schema.schema_,
        "version": document.schema.version,
        "examples": [
            {
                "file": one.case.file,
                "line": one.case.place.line if one.case.place is not None else None,
                "finds": one.case.finds,
                "ok": one.holds,
                "fault": one.fault,
                "found": [_finding(each) for each in one.found],
                "others": [_finding(each) for each in one.others],
            }
            for one in verdicts
        ],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "level": str(one.level),
        "path": one.path,
        "message": one.message,
        "line": one.line,
        "column": one.column,
    }
