"""Descriptions beside NIX files in ``validate`` and ``fix``: folders, what is kept, known again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema.cli import main

ID = "5a1e7c9e-9f10-4a7e-8a52-0d8f6b1c2d3e"
TEXT = """\
blocks:
  session:
    type: nix.session
    data_arrays:
      voltage:
        type: nix.sampled
        data: {file: trace.npy}
        dimensions: [set, set]
      current:
        type: nix.raw
        unit: q Q
        data: [1]
        dimensions: [set]
"""
VOLTAGE = "/data/session/data_arrays/voltage"
CURRENT = "/data/session/data_arrays/current"


def run(command: str, *arguments: object) -> Result:
    return CliRunner().invoke(main, [command, *map(str, arguments)])


def told(*arguments: object) -> list[dict[str, Any]]:
    """The findings about all files that are no information."""
    files = json.loads(run("validate", *arguments, "--format", "json").stdout)["files"]
    return [each for one in files for each in one["findings"] if each["level"] != "info"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a description in it that has an error and a warning."""
    monkeypatch.chdir(tmp_path)
    np.save("trace.npy", np.arange(3.0))
    Path("session.yaml").write_text(TEXT, encoding="utf-8")
    for name in os.listdir():
        os.utime(name, (1e9, 1e9))
    return tmp_path


def change(old: str, new: str) -> None:
    text = Path("session.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    Path("session.yaml").write_text(text.replace(old, new), encoding="utf-8")
    os.utime("session.yaml", (1e9, 1e9))


def test_what_is_told(here: Path) -> None:
    done = run("validate", "session.yaml")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "session.yaml"
    assert f"  8:9  {VOLTAGE}  NIX201 error  2 dimension descriptors for 1 axis" in lines
    assert any(line.startswith(f"  11:9  {CURRENT}  NIX50") for line in lines)
    (report,) = json.loads(run("validate", "session.yaml", "--format", "json").stdout)["files"]
    shown = {key: report[key] for key in ("format", "status", "entities", "id", "checks")}
    size = os.path.getsize("session.yaml")
    assert shown == {
        "format": "description",
        "status": "findings",
        "entities": 4,
        "id": None,
        "checks": None,
    }
    assert report["size"] == size


def test_paths_are_those_of_the_nix_file(here: Path) -> None:
    """So that what is ignored or accepted of one is so of the other."""
    nx.convert("session.yaml", "session.nix", allow_errors=True)
    places = [
        {(one["rule"], one["path"], one["entity_type"]) for one in told(name)}
        for name in ("session.yaml", "session.nix")
    ]
    assert places[0] == places[1]
    change("unit: q Q", "unit: [1]")
    (fault,) = (one for one in told("session.yaml") if one["rule"] == "NIX102")
    assert (fault["path"], fault["line"]) == (CURRENT, 11)


def test_what_is_ignored(here: Path) -> None:
    both = told("session.yaml")
    assert len(both) == 2
    assert told("session.yaml", "--ignore", f"NIX201@{VOLTAGE}") == both[1:]
    assert told("session.yaml", "--ignore", "NIX5@type:nix.raw") == both[:1]
    assert told("session.yaml", "--select", "NIX5") == both[1:]


def test_what_is_accepted_is_known_again(here: Path) -> None:
    run("validate", "session.yaml", "--write-baseline", "base")
    change("blocks:\n", "# a comment\nblocks:\n")
    kept = told("session.yaml", "--baseline", "base")
    assert [(one["accepted"], one["line"]) for one in kept] == [(True, 9), (True, 12)]
    change("      voltage:", "      other:")
    again = told("session.yaml", "--baseline", "base")
    assert [one["accepted"] for one in again] == [False, True]


def test_an_id_in_the_text_outlives_another_name(here: Path) -> None:
    change("      voltage:\n", f"      voltage:\n        id: {ID}\n")
    run("validate", "session.yaml", "--write-baseline", "base")
    change("      voltage:", "      other:")
    assert all(one["accepted"] for one in told("session.yaml", "--baseline", "base"))
    assert {one["entity_id"] for one in told("session.yaml")} == {ID, None}


def test_reports_of_the_same_text_are_the_same(here: Path) -> None:
    """Ids that the text does not have are others each time, and told nowhere."""
    for name in ("gitlab", "concise", "github", "markdown"):
        one, two = (run("validate", "session.yaml", "--format", name).stdout for _ in range(2))
        assert one == two


def test_results_do_not_outlive_the_data_files(here: Path) -> None:
    change("[set, set]", "[set]")
    assert len(told("session.yaml", "--cache", "cache", "--output", "r.jsonl")) == 1
    np.save("trace.npy", np.zeros((3, 3)))
    assert len(told("session.yaml", "--cache", "cache")) == 2
    assert len(told("session.yaml", "--resume", "r.jsonl")) == 2


def test_values_are_read_on_request_only(here: Path) -> None:
    change("dimensions: [set, set]", "dimensions: [{ticks: {file: trace.npy}}]")
    np.save("trace.npy", np.array([2.0, 1.0, 0.0]))
    assert "NIX204" in {one["rule"] for one in told("session.yaml")}
    assert "NIX204" not in {one["rule"] for one in told("session.yaml", "--depth", "metadata")}


def test_descriptions_in_folders(here: Path) -> None:
    for folder in ("sub", "session.data", ".hidden"):
        Path(folder).mkdir()
        Path(folder, "a.json").write_text('{"nix": "1.2.1"}\n', encoding="utf-8")
    Path("compose.yaml").write_text("services: {}\n", encoding="utf-8")
    Path("odml.yaml").write_text("Document: {}\nmetadata: {}\n", encoding="utf-8")
    done = run("validate", ".", "-v", "--format", "json", "-j", 2, "--checksum")
    files = json.loads(done.stdout)["files"]
    names = [os.path.normpath(one["path"]) for one in files]
    assert names == ["odml.yaml", "session.yaml", os.path.join("sub", "a.json")]
    assert [one["format"] for one in files] == ["odml", "description", "description"]
    assert all(len(one["sha256"]) == 64 for one in files)
    assert [line.rpartition("/")[2] for line in done.stderr.splitlines()] == ["compose.yaml"]
    Path("nixschema.toml").write_text('exclude = ["*.yaml"]\n', encoding="utf-8")
    files = json.loads(run("validate", ".", "--format", "json").stdout)["files"]
    assert [os.path.normpath(one["path"]) for one in files] == [os.path.join("sub", "a.json")]


def test_fix_leaves_descriptions_alone(here: Path) -> None:
    before = Path("session.yaml").read_bytes()
    done = run("fix", "session.yaml")
    said = "session.yaml is a text, and left as it is: only NIX files are mended\n"
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", said)
    done = run("fix", ".")
    assert (done.exit_code, done.stderr) == (2, "nothing to fix: no NIX file in .\n")
    assert run("fix", ".", "--allow-empty").exit_code == 0
    nx.convert("session.yaml", "session.nix", allow_errors=True)
    done = run("fix", "session.yaml", ".")
    assert (done.exit_code, done.stderr) == (2, said)
    assert "session.nix" in done.stdout
    assert "session.yaml" not in done.stdout
    assert Path("session.yaml").read_bytes() == before
