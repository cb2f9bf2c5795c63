"""Newcomers are told what they wrote wrong, where, and what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import nixschema as nx
from nixschema.findings import Finding
from nixschema.reports.formats import FORMAT_NAMES
from nixschema.reports.report import report_schema
from tests.schema.mistakes import MISTAKES

LONGEST_HELP = 120
"""Longer ones list all keywords, and are not in the golden file."""


def told(one: Finding) -> str:
    help = f" [{one.help}]" if one.help and len(one.help) < LONGEST_HELP else ""
    return f"{one.line}:{one.column} {one.rule} {one.level}: {one.message}{help}"


def test_there_are_many() -> None:
    assert len(MISTAKES) >= 60
    assert all(one.finds for one in MISTAKES.values())


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lab.yaml").write_text(MISTAKES[name].text, encoding="utf-8")
    (report,) = nx.validate("lab.yaml").files
    assert tuple(map(told, report.findings)) == MISTAKES[name].finds
    assert report.format == "schema"
    assert not any(str(tmp_path) in one.message for one in report.findings)


@pytest.mark.parametrize("format", FORMAT_NAMES)
def test_all_reports_show_schemas(format: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("schema: our-lab\nblocks: {b: {untit: mV}}\n")
    command = [sys.executable, "-m", "nixschema", "validate", "--isolated", "--format", format]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    if format == "json":
        (report,) = json.loads(done.stdout)["files"]
        assert (report["format"], report["status"]) == ("schema", "findings")
        Draft202012Validator(report_schema()).validate(json.loads(done.stdout))
    elif format == "concise":
        sentence = "no keyword `untit` in a block"
        assert done.stdout.splitlines()[0] == f"{path}:2:14: NIX061 error: {sentence}"
    elif format != "badge":
        assert "NIX061" in done.stdout


def test_help_lists_the_keywords(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("schema: s\nblocks: {b: {data_arrays: {v: {rows: 3}}}}\n")
    (finding,) = nx.validate(path).findings
    assert finding.help is not None
    assert finding.help.startswith("it is a keyword of a data frame; there are is, optional,")
    assert finding.path == "/blocks/b/data_arrays/v/rows"


def test_all_problems_are_told(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    lines = "".join(f"  b{number}: {{untit: mV, count: x}}\n" for number in range(40))
    path.write_text(f"schema: s\nblocks:\n{lines}")
    findings = nx.validate(path).findings
    assert len(findings) == 80
    assert [one.line for one in findings] == sorted(one.line or 0 for one in findings)


def test_more_than_a_thousand_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    lines = "".join(f"  b{number}: {{untit: mV}}\n" for number in range(2000))
    path.write_text(f"schema: s\nblocks:\n{lines}")
    findings = nx.validate(path).findings
    assert len(findings) == 1001
    assert findings[-1].rule == "NIX045"
