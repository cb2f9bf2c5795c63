"""``nixschema validate FILE --description TEXT``: lines of the text, and where the two differ."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema.cli import main
from nixschema.descriptions.comparing import SHOWN

TEXT = """\
nix: 1.2.1
metadata:
  subject:
    type: odml.subject
    properties:
      species: Mus musculus
      legs: [4, 5]
blocks:
  session:
    type: nix.session
    metadata: /subject
    data_arrays:
      voltage:
        type: nix.sampled
        unit: mV
        data: {file: trace.npy}
        dimensions:
          - {type: sampled, sampling_interval: 0.1, unit: s}
      events:
        type: nix.events
        unit: s
        data: [0.1, 0.2]
        dimensions:
          - {type: range, link: events}
    tags:
      stimulus:
        type: nix.epoch
        position: [0.1]
        extent: [0.2]
        units: [s]
        references: [voltage]
"""
VOLTAGE = "/data/session/data_arrays/voltage"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a description, and the file that was made from it."""
    monkeypatch.chdir(tmp_path)
    np.save("trace.npy", np.arange(10.0))
    Path("session.yaml").write_text(TEXT, encoding="utf-8")
    nx.convert("session.yaml", "session.nix")
    return tmp_path


def change(*pairs: tuple[str, str], path: str = "session.yaml") -> None:
    text = Path(path).read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    Path(path).write_text(text, encoding="utf-8")


def told(*arguments: object) -> list[dict[str, Any]]:
    """The findings about the file that are no information."""
    done = run("session.nix", "--description", "session.yaml", "--format", "json", *arguments)
    (report,) = json.loads(done.stdout)["files"]
    assert report["path"] == "session.nix"
    assert report["format"] == "nix"
    return [one for one in report["findings"] if one["level"] != "info"]


def line_of(beginning: str) -> int:
    lines = Path("session.yaml").read_text(encoding="utf-8").splitlines()
    (number,) = [place for place, line in enumerate(lines, 1) if line.strip().startswith(beginning)]
    return number


def test_a_file_as_it_was_made(here: Path) -> None:
    done = run("session.nix", "--description", "session.yaml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("No problems found in 1 file (")


def test_ids_times_and_comments_are_no_difference(here: Path) -> None:
    Path("session.nix").unlink()
    nx.convert("session.yaml", "session.nix")  # again, with new ids
    change(("nix: 1.2.1\n", "# a comment\nid: 6c1c0f5e-0a0a-4b5c-8d7e-000000000000\n"))
    change(("data: [0.1, 0.2]", "data: {values: [0.1, 1/5], dtype: float64}"))
    assert told() == []


def test_findings_have_the_lines_of_the_description(here: Path) -> None:
    with h5py.File("session.nix", "r+") as file:
        del file[VOLTAGE]["dimensions/1"].attrs["sampling_interval"]
        del file["data/session/tags/stimulus/position"]
        file["data/session"].create_dataset("stray", data=[1])
    found = told("--ignore", "NIX134", "--fail-on", "never")
    places = {(one["rule"], one["path"]): (one["text"], one["line"]) for one in found}
    assert places["NIX101", f"{VOLTAGE}/dimensions/1"] == (
        "session.yaml",
        line_of("- {type: sampled"),
    )
    assert {text for text, _ in places.values()} == {"session.yaml"}
    tag = [line for (_, path), (_, line) in places.items() if path.startswith("/data/session/tags")]
    assert tag
    assert set(tag) <= {line_of("stimulus:"), line_of("position:")}


def test_findings_about_attributes_have_their_lines(here: Path) -> None:
    with h5py.File("session.nix", "r+") as file:
        file[VOLTAGE].attrs["unit"] = 3
        file["metadata/subject"].attrs["type"] = ""
        del file["data/session/data_arrays/events"].attrs["type"]
    found = {one["path"]: one for one in told("--ignore", "NIX134")}
    lines = {path: (one["line"], one["column"]) for path, one in found.items()}
    assert lines == {
        VOLTAGE: (line_of("unit: mV"), 9),
        "/metadata/subject": (line_of("type: odml.subject"), 5),
        "/data/session/data_arrays/events": (line_of("type: nix.events"), 9),
    }


def test_what_is_only_in_the_file_has_no_line(here: Path) -> None:
    file = nx.read("session.nix")
    file.blocks[0].data_arrays.append(nx.DataArray(name="other", type="x", data=[1.0], unit="xyz"))
    nx.write(file, "session.nix", check="none")
    found = told()
    other = [one for one in found if one["path"] == "/data/session/data_arrays/other"]
    assert {one["rule"] for one in other} >= {"NIX134", "NIX201"}
    assert {(one["text"], one["line"], one["column"]) for one in other} == {(None, None, None)}
    assert [one["message"] for one in other if one["rule"] == "NIX134"] == [
        "only the file has this data array"
    ]


def _unit() -> None:
    change(("unit: mV", "unit: uV"))


def _no_unit() -> None:
    change(("        unit: mV\n", ""))


def _values() -> None:
    np.save("trace.npy", np.r_[np.arange(9.0), 90])


def _shape() -> None:
    np.save("trace.npy", np.arange(11.0))


def _only_in_text() -> None:
    change(("      species:", "      age: 3\n      species:"))


def _list() -> None:
    change(("[4, 5]", "[4, 6]"))


def _reference() -> None:
    change(("references: [voltage]", "references: [voltage, events]"))


@pytest.mark.parametrize(
    ("act", "rule", "line", "path", "message"),
    [
        (_unit, "NIX134", "unit: uV", VOLTAGE, "`unit` is `mV`; the description has `uV`"),
        (_no_unit, "NIX134", "voltage:", VOLTAGE, "`unit` is `mV`; the description has none"),
        (
            _values, "NIX135", "data: {", f"{VOLTAGE}/data",
            "`data` differs from the description (file -> description): 1 of 10 values differs, "
            "the first at [9]: 9.0 -> 90.0",
        ),
        (
            _shape, "NIX134", "data: {", f"{VOLTAGE}/data",
            "`data.shape` differs from the description (file -> description): 10 -> 11",
        ),
        (
            _only_in_text, "NIX134", "age:", "/metadata/subject/properties/age",
            "only the description has this property",
        ),
        (
            _list, "NIX134", "legs:", "/metadata/subject/properties/legs",
            "`values` is `[4, 5]`; the description has `[4, 6]`",
        ),
        (
            _reference, "NIX134", "references:", "/data/session/tags/stimulus/references",
            "`references` differs from the description (file -> description): with events",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_told_at_its_line(
    here: Path, act: Callable[[], None], rule: str, line: str, path: str, message: str
) -> None:
    act()
    done = run("session.nix", "--description", "session.yaml", "--fail-on", "warning")
    assert done.exit_code == 1
    assert run("session.nix", "--description", "session.yaml").exit_code == 0
    found = told()
    first = next(one for one in found if one["rule"] in ("NIX134", "NIX135"))
    assert (first["rule"], first["level"], first["message"]) == (rule, "warning", message)
    assert (first["path"], first["text"], first["line"]) == (path, "session.yaml", line_of(line))


def test_values_are_not_compared_where_they_are_not_read(here: Path) -> None:
    _values()
    assert told("--depth", "metadata") == []
    assert told("--ignore", "NIX135") == []
    assert [one["rule"] for one in told("--select", "NIX135")] == ["NIX135"]


def test_many_differences_are_counted(here: Path) -> None:
    more = "".join(f"      p{number}: {number}\n" for number in range(SHOWN + 5))
    change(("      species:", f"{more}      species:"))
    found = told()
    assert [one["rule"] for one in found] == ["NIX134"] * (SHOWN + 1)
    assert found[-1]["message"] == "25 differences from the description; the first 20 are told"
    assert (found[-1]["path"], found[-1]["line"]) == ("/", None)


def test_mistakes_in_the_description_are_told_instead_of_differences(here: Path) -> None:
    change(("unit: mV", "unti: mV"), ("[4, 5]", "[4, 6]"))
    done = run("session.nix", "--description", "session.yaml", "--format", "concise")
    assert done.exit_code == 1
    assert done.stdout == (
        "session.yaml:15:9: NIX131 error: no key `unti` in a data array: did you mean `unit`?\n"
    )


def test_a_description_that_is_no_yaml(here: Path) -> None:
    Path("session.yaml").write_text("blocks: [\n", encoding="utf-8")
    (found,) = told()
    assert (found["rule"], found["text"], found["line"]) == ("NIX042", "session.yaml", 1)


def test_a_file_that_cannot_be_read(here: Path) -> None:
    Path("session.nix").write_bytes(b"other")
    done = run("session.nix", "--description", "session.yaml", "--format", "concise")
    assert done.exit_code == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["session.nix"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_description_that_may_not_be_read(here: Path) -> None:
    os.chmod("session.yaml", 0)
    done = run("session.nix", "--description", "session.yaml", "--format", "concise")
    assert done.exit_code == 1
    assert done.stdout.startswith("session.yaml:/: NIX00")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("session.nix", "--description", "none.yaml"), "none.yaml does not exist\n"),
        (("session.nix", "--description", "trace.npy"), "trace.npy is no description\n"),
        (("session.nix", "--description", "session.nix"), "session.nix is no description\n"),
        (
            ("session.nix", "copy.nix", "--description", "session.yaml"),
            "`--description` is about one NIX file: name that, and no other\n",
        ),
        (
            (".", "--description", "session.yaml"),
            "`--description` is about one NIX file: name that, and no other\n",
        ),
        (
            ("session.yaml", "--description", "session.yaml"),
            "session.yaml is a text itself: `--description` is about NIX files\n",
        ),
        (
            ("session.nix", "--description", "session.yaml", "--output", "session.yaml"),
            "cannot write session.yaml: it is read by this run\n",
        ),
        (("none.nix", "--description", "session.yaml"), "none.nix does not exist\n"),
    ],
)
def test_wrong_use(here: Path, arguments: tuple[str, ...], said: str) -> None:
    shutil.copy("session.nix", "copy.nix")
    done = run(*arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", said)
    assert Path("session.yaml").read_text(encoding="utf-8") == TEXT


def test_nothing_is_kept_of_it(here: Path) -> None:
    """Description and data files may change while the file does not."""
    for name in os.listdir():
        os.utime(name, (1e9, 1e9))
    assert told("--cache", "cache") == []
    assert told("--cache", "cache", "--output", "results.jsonl") == []
    os.utime("session.yaml", (1e9, 1e9))
    _unit()
    assert len(told("--cache", "cache")) == 1
    assert len(told("--resume", "results.jsonl")) == 1


def test_options_that_it_goes_with(here: Path) -> None:
    _unit()
    Path("nixschema.toml").write_text('ignore = ["NIX134"]\n', encoding="utf-8")
    assert told() == []
    (found,) = told("--isolated")
    assert told("--isolated", "-j", "2") == [found]
    run("session.nix", "--description", "session.yaml", "--isolated", "--write-baseline", "base")
    (kept,) = told("--isolated", "--baseline", "base")
    assert kept["accepted"]
    _unit_again = told("--isolated", "--ignore", "NIX134@/data/*/data_arrays/voltage")
    assert _unit_again == []


def test_the_example_in_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "validate.md").read_text(encoding="utf-8")
    _, _, example = page.partition("$ nixschema validate session.nix --description session.yaml\n")
    shown, _, _ = example.partition("```")
    monkeypatch.chdir(tmp_path)
    text = (
        "blocks:\n  session:\n    type: nix.session\n    data_arrays:\n"
        "      # four channels\n      voltage:\n        type: nix.sampled\n        unit: mV\n"
        "        data: [[1, 2], [3, 4]]\n        dimensions: [set, set]\n"
    )
    Path("session.yaml").write_text(text, encoding="utf-8")
    nx.convert("session.yaml", "session.nix")
    with h5py.File("session.nix", "r+") as file:
        del file[VOLTAGE]["dimensions/2"]
    change(("mV", "uV"), ("[set, set]", "[set]"))
    done = run("session.nix", "--description", "session.yaml")
    assert re.sub(r"[\d,]+ (rules|entities)", r"… \1", done.stdout) == re.sub(
        r"[\d,]+ (rules|entities)", r"… \1", shown
    )


def test_without_the_description_nothing_about_it_is_fixed(here: Path) -> None:
    _unit()
    run("session.nix", "--description", "session.yaml", "--write-baseline", "base")
    before = Path("base").read_bytes()
    done = run("session.nix", "--baseline", "base", "--prune-baseline")
    assert "fixed" not in done.stdout
    assert Path("base").read_bytes() == before
    change(("unit: uV", "unit: mV"))
    done = run(
        *("session.nix", "--description", "session.yaml", "--baseline", "base", "--prune-baseline")
    )
    assert "Baseline: 1 fixed" in done.stdout
    assert Path("base").read_bytes() != before
