"""The example of a lab's schema: what it takes, what it refuses, as text and as NIX."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import nixschema as nx

LAB = Path(__file__).resolve().parents[2] / "examples" / "lab"
SCHEMA = LAB / "our-lab.yaml"
EXAMPLES = yaml.safe_load(SCHEMA.read_text("utf-8"))["examples"]
INVALID = {one["file"]: one["finds"] for one in EXAMPLES["invalid"]}


def grave(report: nx.Report) -> set[str]:
    return {one.rule for one in report.findings if one.level == "error"}


def test_all_files_are_examples() -> None:
    files = {path.relative_to(LAB).as_posix() for path in LAB.glob("*/*.yaml")}
    assert files == {*EXAMPLES["valid"], *INVALID}


@pytest.mark.parametrize("name", EXAMPLES["valid"])
def test_good(name: str, tmp_path: Path) -> None:
    assert nx.validate(LAB / name, schemas=[SCHEMA]).ok
    nx.convert(LAB / name, tmp_path / "made.nix")
    assert nx.validate(tmp_path / "made.nix", schemas=[SCHEMA]).ok


@pytest.mark.parametrize("name", INVALID)
def test_bad_for_the_lab_alone(name: str, tmp_path: Path) -> None:
    assert nx.validate(LAB / name).ok
    assert grave(nx.validate(LAB / name, schemas=[SCHEMA])) == {INVALID[name]}
    nx.convert(LAB / name, tmp_path / "made.nix")
    assert grave(nx.validate(tmp_path / "made.nix", schemas=[SCHEMA])) == {INVALID[name]}


def test_a_recording_of_another_lab_brings_one_finding() -> None:
    other = LAB.parent / "relacs" / "relacs.yaml"
    found = [one for one in nx.validate(other, schemas=[SCHEMA]).findings if one.schema]
    assert [one.rule for one in found] == ["our-lab:recognise"]
