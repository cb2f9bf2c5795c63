"""Schemas over odML: what they say about metadata holds, with the lines of both texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nixschema import cli

odml = pytest.importorskip("odml")

LAB = """\
schema: our-lab
version: "1"
metadata:
  subject:
    type: our.subject
    properties:
      age: {unit: d, values: {min: 0}}
      sex: {one_of: [male, female]}
    sections:
      cell: {type: our.cell, optional: true}
blocks:
  recording: {type: our.recording}
types:
  our.subject: {is: Section}
  our.cell:
    is: Section
    properties: {depth: {unit: {like: m}}}
  our.trace: {is: DataArray, unit: mV}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path


def written(path: Path, *, age: Any = 90, unit: str = "d", depth: str = "um") -> None:
    """A file by Python's odML library."""
    document = odml.Document()
    subject = odml.Section(name="subject", type="our.subject", parent=document)
    odml.Property(name="age", values=age, unit=unit, parent=subject)
    odml.Property(name="sex", values="female", parent=subject)
    cell = odml.Section(name="cell", type="our.cell", parent=subject)
    odml.Property(name="depth", values=120.0, unit=depth, parent=cell)
    form = {".json": "JSON", ".yaml": "YAML"}.get(path.suffix, "XML")
    odml.save(document, str(path), form)


def found(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and what the schema finds."""
    options = ["validate", "--isolated", "--schema", "lab.yaml", "--format", "json"]
    done = CliRunner().invoke(cli.main, [*options, *arguments])
    findings = json.loads(done.stdout)["files"][0]["findings"]
    return done.exit_code, [one for one in findings if one["rule"].startswith("our-lab:")]


@pytest.mark.parametrize("name", ["m.odml", "m.odml.yaml", "m.odml.json"])
def test_what_holds(here: Path, name: str) -> None:
    written(here / name)
    code, findings = found(name)
    assert code == 0
    (skipped,) = findings
    assert (skipped["rule"], skipped["level"]) == ("our-lab:blocks", "info")
    assert skipped["message"] == "there are no blocks here: 2 clauses are skipped"


@pytest.mark.parametrize("name", ["m.odml", "m.odml.yaml", "m.odml.json"])
def test_what_does_not(here: Path, name: str) -> None:
    written(here / name, age=-3, unit="s", depth="mV")
    code, findings = found(name)
    assert code == 1
    told = {one["rule"]: one for one in findings}
    assert set(told) == {
        "our-lab:blocks",
        "our-lab:subject/age.unit",
        "our-lab:subject/age.values",
        "our-lab:our.cell/depth.unit",
    }
    unit = told["our-lab:subject/age.unit"]
    assert unit["path"] == "/metadata/subject/properties/age"
    assert unit["message"] == "unit is `s`, where `d` is expected"
    assert (unit["schema"]["file"], unit["schema"]["line"]) == ("lab.yaml", 7)
    depth = told["our-lab:our.cell/depth.unit"]
    assert (depth["path"], depth["schema"]["line"]) == (
        "/metadata/subject/sections/cell/properties/depth",
        17,
    )
    text = (here / name).read_text().splitlines()
    for one, value in ((unit, "s"), (depth, "mV")):
        near = "".join(text[one["line"] - 1 : one["line"] + 12])
        assert value in near
        assert one["column"] >= 1


def test_what_is_missing(here: Path) -> None:
    document = odml.Document()
    odml.Section(name="other", type="t", parent=document)
    odml.save(document, "m.odml", "XML")
    code, findings = found("m.odml")
    assert code == 1
    assert [(one["rule"], one["path"]) for one in findings if one["level"] == "error"] == [
        ("our-lab:subject", "/metadata")
    ]


def test_a_foreign_file_brings_one_finding(here: Path) -> None:
    recognising = LAB + "recognise: {metadata: {subject: {type: our.subject}}}\n"
    (here / "lab.yaml").write_text(recognising)
    document = odml.Document()
    odml.Section(name="subject", type="t", parent=document)
    odml.save(document, "m.odml", "XML")
    code, findings = found("m.odml")
    assert code == 1
    assert [one["rule"] for one in findings] == ["our-lab:recognise"]
    detected = ["schema", "detect", "--schema", "lab.yaml", "m.odml", "-q"]
    assert CliRunner().invoke(cli.main, detected).stdout == "m.odml: none\n"
    written(here / "m.odml")
    assert CliRunner().invoke(cli.main, detected).stdout == "m.odml: our-lab\n"
