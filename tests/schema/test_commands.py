"""The commands about schemas: what they print, and their exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

import nixschema as nx
from nixschema import cli
from nixschema.schema.loading import load_schema, load_schema_document
from nixschema.schema.merging import merged

LAB = """\
schema: our-lab
version: "2026.1"
title: Recordings of our rig
provenance: {writer: our-rig 3.1}
recognise: {blocks: {"*": {type: our.recording}}}
namespaces: {our: closed}
metadata:
  subject:
    properties:
      age: {unit: d, values: {min: 0}, reason: "ages are counted in days"}
blocks:
  recording:
    type: our.recording
    data_arrays:
      voltage:
        type: our.trace
        unit: {like: V}
        dimensions: [{type: sampled, unit: s}]
types:
  our.recording: {is: Block}
  our.trace:
    is: DataArray
    dtype: float
    accept: {NIX502: "the rig writes its own units"}
examples:
  valid: [good.yaml]
  invalid:
    - {file: ampere.yaml, finds: our-lab:recording/voltage.unit}
"""

GOOD = """\
nix: 1.2.1
metadata:
  subject:
    type: subject
    properties: {age: {value: 90, unit: d}}
blocks:
  recording:
    type: our.recording
    data_arrays:
      voltage:
        type: our.trace
        unit: mV
        data: [0.5, 1.5]
        dimensions: [{type: sampled, sampling_interval: 0.1, unit: s}]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "ampere.yaml").write_text(GOOD.replace("mV", "mA"))
    (tmp_path / "other.yaml").write_text("nix: 1.2.1\nblocks: {b: {type: t}}\n")
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, list(arguments))


def schema(*arguments: str) -> Any:
    return run("schema", *arguments)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


# list, show, check


def test_list_has_every_document_that_is_shipped() -> None:
    done = schema("list", "--format", "json")
    assert done.exit_code == 0
    folder = Path(__file__).resolve().parents[2] / "schemas"
    shipped = {path.stem for path in folder.glob("*.yaml")}
    listed = {one["name"] for one in json.loads(done.stdout)["schemas"]}
    assert shipped <= listed
    text = schema("list")
    assert {line.split()[0] for line in text.stdout.splitlines()} == listed


def test_list_tells_installed_ones(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nixschema.schema import catalogue

    (here / "broken.yaml").write_text("schema: broken\nblok: {}\n")
    known = {"our-lab": here / "lab.yaml", "broken": here / "broken.yaml"}
    monkeypatch.setattr(catalogue, "known_schemas", lambda: known)
    monkeypatch.setattr(catalogue, "shipped_schemas", lambda: {"our-lab": here / "lab.yaml"})
    done = schema("list")
    assert done.stdout == "our-lab  2026.1  shipped  Recordings of our rig\n"
    assert done.stderr.startswith("broken of installed cannot be used: ")
    assert "NIX061" in done.stderr


def test_show(here: Path) -> None:
    done = schema("show", "lab.yaml")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "# our-lab 2026.1: Recordings of our rig",
        "# read from lab.yaml",
        "# recognises files by: block `*` of type `our.recording`",
    ]
    (here / "again.yaml").write_text(done.stdout)
    assert load_schema("again.yaml") == load_schema("lab.yaml")


UPPER = """\
schema: upper
version: "1"
extends: [./lab.yaml]
blocks:
  recording:
    data_arrays:
      voltage:
        unit: mV
        override: {dimensions: optional, reason: "the old rig has none"}
rules: [json:dumps]
"""


def test_show_layers(here: Path) -> None:
    (here / "upper.yaml").write_text(UPPER)
    done = schema("show", "upper.yaml")
    assert done.exit_code == 0
    assert "# extends our-lab 2026.1: Recordings of our rig\n" in done.stdout
    told = (
        "# upper overrides /blocks/recording/data_arrays/voltage dimensions (line 9): the old rig"
    )
    assert told in done.stdout
    assert re.search("# rule in Python upper:dumps: cannot be used: .*", done.stdout)
    documents = list(yaml.safe_load_all(done.stdout))
    assert [one["schema"] for one in documents] == ["our-lab", "upper"]
    lower = documents[0]["blocks"]["recording"]["data_arrays"]["voltage"]
    assert "dimensions" not in lower
    as_one = yaml.safe_load(schema("show", "--merged", "upper.yaml").stdout)
    voltage = as_one["blocks"]["recording"]["data_arrays"]["voltage"]
    assert voltage["unit"] == {"all_of": [{"like": "V"}, "mV"]}
    assert voltage["type"] == "our.trace"
    record = json.loads(schema("show", "--format", "json", "upper.yaml").stdout)
    assert [one["id"] for one in record["extends"]] == ["our-lab"]
    assert record["overrides"][0]["fields"] == ["dimensions"]
    assert record["merged"]["types"]["our.trace"]["is"] == "DataArray"
    assert len(record["layers"]) == 2


def test_what_cannot_be_shown(here: Path) -> None:
    (here / "wrong.yaml").write_text("schema: wrong\nblok: {}\n")
    for command in ("show", "docs", "test"):
        assert schema(command, "nope").exit_code == 2
        assert "`nope`" in schema(command, "nope").stderr
        done = schema(command, "wrong.yaml")
        assert done.exit_code == 1
        assert "wrong.yaml:2:1: NIX061" in done.stderr
        assert done.stdout == ""


def test_check_says_what_validate_says(here: Path) -> None:
    (here / "wrong.yaml").write_text("schema: wrong\nblok: {}\n")
    done = schema("check", "lab.yaml", "wrong.yaml", "--isolated")
    assert done.exit_code == 1
    assert done.stdout == run("validate", "lab.yaml", "wrong.yaml", "--isolated").stdout
    assert "2:1" in done.stdout
    assert schema("check", "lab.yaml").exit_code == 0
    other = schema("check", "good.yaml", "lab.yaml")
    assert other.exit_code == 1
    assert "good.yaml is no schema" in other.stderr
    assert schema("check", "nope").exit_code == 2
    assert schema("check", ".").exit_code == 2


# test


def test_examples_that_are_as_they_are_to_be(here: Path) -> None:
    done = schema("test", "lab.yaml")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "lab.yaml (our-lab 2026.1)",
        "  ok    good.yaml  passes",
        "  ok    ampere.yaml  finds our-lab:recording/voltage.unit",
        "",
        "2 examples, all as the schemas say.",
    ]


def test_examples_that_are_not(here: Path) -> None:
    more = LAB.replace("valid: [good.yaml]", "valid: [good.yaml, ampere.yaml, gone.yaml]") + (
        "    - {file: good.yaml, finds: our-lab:recording/voltage.units}\n"
        "    - {file: both.yaml, finds: our-lab:recording/voltage.unit}\n"
    )
    (here / "lab.yaml").write_text(more)
    (here / "both.yaml").write_text(GOOD.replace("mV", "mA").replace("unit: d", "unit: s"))
    done = schema("test", "lab.yaml")
    assert done.exit_code == 1
    line = "        line {}: {}"
    told = [one for one in done.stdout.splitlines() if "also:" not in one]
    assert told == [
        "lab.yaml (our-lab 2026.1)",
        "  ok    good.yaml  passes",
        "  FAIL  ampere.yaml  passes",
        line.format(26, "it is to pass, and brings `our-lab:recording/voltage.unit`"),
        "  FAIL  gone.yaml  passes",
        line.format(26, "there is no such file"),
        "  ok    ampere.yaml  finds our-lab:recording/voltage.unit",
        "  FAIL  good.yaml  finds our-lab:recording/voltage.units",
        line.format(29, "`our-lab:recording/voltage.units` is not found; it brings nothing"),
        "  FAIL  both.yaml  finds our-lab:recording/voltage.unit",
        line.format(30, "it brings `our-lab:subject/age.unit` as well"),
        "",
        "4 of 6 examples are not as the schema says.",
    ]
    also = [one.strip() for one in done.stdout.splitlines() if "also:" in one]
    assert also[-1] == (
        "also: 5:35  /metadata/subject/properties/age  our-lab:subject/age.unit error  "
        "unit is `s`, where `d` is expected"
    )
    record = json.loads(schema("test", "--format", "json", "lab.yaml").stdout)
    assert record["summary"] == {"examples": 6, "ok": 2, "failed": 4}
    named = more + "    - {file: both.yaml, finds: our-lab:subject/age.unit}\n"
    (here / "lab.yaml").write_text(named)
    assert (
        "ok    both.yaml  finds our-lab:recording/voltage.unit" in schema("test", "lab.yaml").stdout
    )


def test_examples_of_every_format(here: Path) -> None:
    nx.write(nx.load_description("good.yaml"), "good.nix", check="none")
    (here / "meta.odml").write_text(
        '<?xml version="1.0"?><odML version="1.1"><section><name>subject</name><type>subject</type>'
        "<property><name>age</name><value>[90]</value><unit>s</unit><type>int</type></property>"
        "</section></odML>"
    )
    text = changed(LAB, "valid: [good.yaml]", "valid: [good.nix, sub/good.yaml]")
    text = re.sub("recognise: .*\n", "", text)
    (here / "sub").mkdir()
    (here / "sub" / "good.yaml").write_text(GOOD)
    (here / "lab.yaml").write_text(
        text + "    - {file: meta.odml, finds: our-lab:subject/age.unit}\n"
    )
    done = schema("test", str(here / "lab.yaml"), "-j", "2")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.endswith("4 examples, all as the schemas say.\n")


def test_a_schema_without_examples(here: Path) -> None:
    (here / "lab.yaml").write_text(LAB[: LAB.index("examples:")])
    done = schema("test", "lab.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "lab.yaml has no examples\n"


# detect


def test_detect(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "broken.nix").write_bytes(b"\x89HDF\r\n\x1a\n")
    done = schema("detect", "--schema", "lab.yaml", "good.yaml", "other.yaml", "lab.yaml")
    assert done.exit_code == 0
    assert done.stdout == "good.yaml: our-lab\nother.yaml: none\nlab.yaml: none\n"
    assert done.stderr.splitlines() == [
        "good.yaml: our-lab: block `*` of type `our.recording`",
        "other.yaml: not our-lab: no block of type `our.recording`",
        "lab.yaml: it is a schema itself",
    ]
    done = schema("detect", "--schema", "lab.yaml", ".", "-q")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "./ampere.yaml: our-lab",
        "./good.yaml: our-lab",
        "./other.yaml: none",
        "./sub/broken.nix: none",
    ]
    assert len(done.stderr.splitlines()) == 1
    assert schema("detect", "--schema", "lab.yaml", "gone.nix").exit_code == 2
    assert schema("detect", "--schema", "nope", "good.yaml").exit_code == 2


# diff


def differing(here: Path, new: str, *options: str) -> Any:
    (here / "new.yaml").write_text(new)
    return schema("diff", "lab.yaml", "new.yaml", *options)


def test_diff(here: Path) -> None:
    new = changed(LAB, "unit: {like: V}", "unit: mV")
    new = changed(new, "values: {min: 0}", "values: {min: -1}")
    new = changed(
        new,
        "  our.recording: {is: Block}\n",
        "  our.recording: {is: Block}\n  our.new: {is: Tag}\n",
    )
    new = changed(new, '"2026.1"', '"2026.2"')
    done = differing(here, new)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "/",
        '  note     version: "2026.1" -> "2026.2"',
        "/metadata/subject/properties/age",
        "  looser   values: {min: 0} -> {min: -1}",
        "/blocks/recording/data_arrays/voltage",
        "  tighter  unit: {like: V} -> mV",
        "/types/our.new",
        "  looser   new: {is: Tag}",
        "",
        "1 tighter, 2 looser.",
        "Breaking: files that pass our-lab 2026.1 may fail our-lab 2026.2, by 1 change.",
    ]
    record = json.loads(differing(here, new, "--format", "json").stdout)
    assert record["summary"] == {
        "tighter": 1, "looser": 2, "either": 0, "note": 1, "breaking": True,
    }  # fmt: skip
    unit = next(one for one in record["changes"] if one["keyword"] == "unit")
    assert unit["keywords"] == ["values"]
    assert unit["old_place"] == {"schema": "our-lab", "file": "lab.yaml", "line": 17}


def test_notes_are_no_difference(here: Path) -> None:
    done = differing(here, changed(LAB, "ages are counted", "an age is counted"))
    assert done.exit_code == 0
    assert done.stdout.endswith("\nour-lab 2026.1 asks for the same as our-lab 2026.1.\n")
    same = differing(here, LAB)
    assert (same.exit_code, same.stdout) == (
        0,
        "our-lab 2026.1 asks for the same as our-lab 2026.1.\n",
    )


def test_layers_are_compared_as_one(here: Path) -> None:
    (here / "upper.yaml").write_text("schema: our-lab\nextends: [./lab.yaml]\n")
    done = schema("diff", "lab.yaml", "upper.yaml")
    assert done.exit_code == 0
    assert done.stdout.endswith("our-lab asks for the same as our-lab 2026.1.\n")


# docs, new


def test_docs(here: Path) -> None:
    done = schema("docs", "lab.yaml")
    assert done.exit_code == 0
    assert done.stdout == (Path(__file__).parent / "examples" / "our-lab.md").read_text()


def test_new(here: Path) -> None:
    assert run("new", "session.yaml", "--schema", "lab.yaml").exit_code == 0
    done = run("validate", "--isolated", "--schema", "lab.yaml", "session.yaml")
    assert done.exit_code == 0, done.stdout
    assert "No problems found" in done.stdout
    text = (here / "session.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=nix.schema.json\n")
    assert "      # ages are counted in days\n" in text or "# age: at least 0\n" in text
    assert run("new", "session.json", "--schema", "lab.yaml").exit_code == 0
    assert (
        run(
            "diff", "--by", "name", "--ignore", "id,times", "session.json", "session.yaml"
        ).exit_code
        == 0
    )
    assert run("new", "session.yaml", "--schema", "lab.yaml").exit_code == 2
    assert run("new", "x.yaml", "--schema", "nope").exit_code == 2
    assert not (here / "x.yaml").exists()
    file = nx.load_description("session.yaml")
    assert file.blocks["recording"].data_arrays["voltage"].dtype == np.float64


def test_merged_layers_ask_for_what_the_layers_ask_for(here: Path) -> None:
    (here / "upper.yaml").write_text(UPPER.replace("rules: [json:dumps]\n", ""))
    document = load_schema_document("upper.yaml")
    whole = merged(document)
    for name in ("good.yaml", "ampere.yaml", "other.yaml"):
        file = nx.load_description(name)
        layered = nx.validate(file, schemas=[document])
        as_one = nx.validate(file, schemas=[whole])
        assert {one.message for one in layered.findings} == {one.message for one in as_one.findings}
