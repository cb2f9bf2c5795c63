"""Schemas as labs write them by hand: they load, and find just what they should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nixschema as nx

FOLDER = Path(__file__).parent / "by_hand"
SCHEMAS = sorted(FOLDER.glob("*/schema.yaml"))
FILES = sorted(one for one in FOLDER.glob("*/*.yaml") if one.name != "schema.yaml")

_FINDS = re.compile(r"# finds: (\S[^/]*?:.*?) (/.*?)(?: (info|warning|error))?$", re.MULTILINE)


def told(path: Path) -> list[tuple[str, str, str, bool]]:
    """Id, path and level of each finding, and whether it has lines."""
    report = nx.validate(path, schemas=[str(path.parent / "schema.yaml")], depth="full")
    return [
        (one.rule, one.path, str(one.level), one.line is not None and one.schema is not None)
        for one in report.findings
        if not one.rule.startswith("NIX") or one.rule.startswith("NIX0")
    ]


def test_findings_name_the_line_of_the_schema_that_asks() -> None:
    seen = 0
    for path in FILES:
        report = nx.validate(path, schemas=[str(path.parent / "schema.yaml")], depth="full")
        for one in report.findings:
            if one.schema is None or one.schema.name == "neo":
                continue
            place, _, field = one.rule.partition(":")[2].rpartition(".")
            assert one.schema.file is not None
            assert one.schema.line is not None
            line = Path(one.schema.file).read_text("utf-8").splitlines()[one.schema.line - 1]
            last = (place or field).rpartition("/")[2]
            about = {field, *last.split("."), place.rpartition("/")[2]} - {""}
            assert any(word in line for word in about), (one.rule, one.schema.line, line)
            seen += 1
    assert seen > 50


def test_there_are_schemas() -> None:
    assert len(SCHEMAS) == 6
    assert {one.parent for one in FILES} == {one.parent for one in SCHEMAS}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda one: one.parent.name)
def test_a_schema_loads_without_complaint(path: Path) -> None:
    report = nx.validate(path)
    assert [f"{one.line}: {one.rule} {one.message}" for one in report.findings] == []


@pytest.mark.parametrize("path", FILES, ids=lambda one: f"{one.parent.name}-{one.stem}")
def test_a_schema_finds_just_what_it_should(path: Path) -> None:
    wanted = _FINDS.findall(path.read_text("utf-8"))
    assert bool(wanted) is path.stem.startswith("bad")
    left = told(path)
    missing = []
    for rule, around, level in wanted:
        fitting = next(
            (
                one
                for one in left
                if one[0] == rule
                and (one[1] == around or one[1].startswith(f"{around}/"))
                and one[2] == (level or one[2])
                and one[3]
            ),
            None,
        )
        if fitting is None:
            missing.append((rule, around, level))
        else:
            left.remove(fitting)
    assert (missing, left) == ([], [])


def test_additional_and_namespaces_have_lines_of_their_own(tmp_path: Path) -> None:
    schema, file = tmp_path / "lab.yaml", tmp_path / "file.yaml"
    lines = ["schema: lab", "blocks:", "  b:", "    additional: forbid"]
    lines += ["namespaces:", "  our: closed", "additional: forbid"]
    schema.write_text("\n".join(lines), "utf-8")
    file.write_text("blocks: {b: {type: our.x, tags: {t: {type: t, position: [0]}}}, c: {type: t}}")
    report = nx.validate(file, schemas=[str(schema)], select=["lab:*"])
    told = {one.rule: one.schema.line for one in report.findings if one.schema is not None}
    assert told == {"lab:b.additional": 4, "lab:additional": 7, "lab:namespaces.our": 5}
