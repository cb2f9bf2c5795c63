"""The commands as a user meets them: what they print, where, and with which exit code."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema import cli, io
from nixschema.reports.formats import FORMAT_NAMES
from nixschema.rules.rule import all_rules, selected_rules
from tests.plain import write
from tests.reading.test_hostile import TREE

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], prog_name="nixschema")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A sound file."""
    path = tmp_path / "sound.nix"
    write(TREE, path)
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A file with an error, a warning and a piece of information."""
    path = tmp_path / "faulty.nix"
    write(TREE, path)
    with h5py.File(path, "r+") as file:
        array = file["/data/b/data_arrays/a"]
        array.attrs["unit"] = 3
        array.attrs["mine"] = 1
        del array.attrs["updated_at"]
    return path


@pytest.fixture
def locked(sound: Path) -> Iterator[Path]:
    """A file that another program has open for writing."""
    code = "import h5py, sys; f = h5py.File(sys.argv[1], 'r+'); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(sound)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        yield sound
        writer.communicate("\n")


class TestValidate:
    def test_a_sound_file(self, sound: Path) -> None:
        done = run("validate", sound)
        assert done.exit_code == 0
        rules = len(selected_rules())
        assert done.stdout == f"No problems found in 1 file (3 entities, {rules} rules).\n"
        assert done.stderr == ""

    def test_findings(self, faulty: Path) -> None:
        done = run("validate", faulty)
        assert done.exit_code == 1
        lines = done.stdout.splitlines()
        assert lines[0] == str(faulty)
        array = "/data/b/data_arrays/a"
        assert f"  {array}  NIX102 error  `unit` is int64 `3`; expected a text" in lines
        assert any(
            line.startswith(f"  {array}  NIX111 warning  `updated_at` is missing") for line in lines
        )
        assert "NIX120" not in done.stdout
        assert lines[-1].startswith("Found 1 error and 1 warning in 1 file (3 entities, ")
        assert lines[-1].endswith(" information (-v shows it).")
        assert (
            "NIX120 info  the attribute `mine` is none of NIX's"
            in run("validate", "-v", faulty).stdout
        )

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ((), 1),
            (("--fail-on", "never"), 0),
            (("--ignore", "NIX102"), 0),
            (("--ignore", "NIX102", "--fail-on", "warning"), 1),
            (("--ignore", "NIX102,NIX111", "--fail-on", "warning"), 0),
            (("--ignore", "NIX102,NIX111", "--fail-on", "info"), 1),
            (("--select", "NIX2"), 0),
            (("--select", "NIX?02"), 1),
            (("--select", "nix102", "--select", "NIX7"), 1),
        ],
    )
    def test_which_findings_fail(self, faulty: Path, options: tuple[str, ...], code: int) -> None:
        assert run("validate", faulty, *options).exit_code == code

    @pytest.mark.parametrize(
        "arguments",
        [
            ("validate",),
            ("validate", "x", "--select", "NIX999"),
            ("validate", "x", "--format", "nonsense"),
            ("validate", "x", "--output", "nonsense=y"),
            ("validate", "no such file"),
            ("rule", "NIX999"),
            ("show", "no such file"),
            ("nonsense",),
            ("--nonsense",),
        ],
    )
    def test_wrong_use(self, arguments: tuple[str, ...]) -> None:
        done = run(*arguments)
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr

    def test_a_missing_path_does_not_hide_the_others(self, sound: Path) -> None:
        done = run("validate", "missing.nix", sound)
        assert done.exit_code == 2
        assert "missing.nix does not exist" in done.stderr
        assert "No problems found in 1 file" in done.stdout

    def test_values_are_left_out_on_request(self, sound: Path) -> None:
        with h5py.File(sound, "r+") as file:
            dimension = file["/data/b/data_arrays/a/dimensions/1"]
            dimension.attrs["dimension_type"] = "range"
            dimension.create_dataset("ticks", data=[3.0, 2.0, 1.0, 0.0], maxshape=(None,))
        assert "NIX204" in run("validate", sound).stdout
        assert run("validate", "--depth", "metadata", sound).exit_code == 0

    def test_json_follows_its_schema(self, faulty: Path, sound: Path) -> None:
        done = run("validate", "--format", "json", faulty, sound)
        report = json.loads(done.stdout)
        schema = json.loads((ROOT / "schemas" / "report.schema.json").read_text())
        jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
        assert [one["status"] for one in report["files"]] == ["findings", "ok"]
        first = report["files"][0]
        assert (first["format"], first["format_version"], first["entities"]) == ("nix", "1.2.1", 3)
        found = next(one for one in first["findings"] if one["rule"] == "NIX102")
        assert found == {
            "rule": "NIX102",
            "level": "error",
            "path": "/data/b/data_arrays/a",
            "message": "`unit` is int64 `3`; expected a text",
            "help": None,
            "fixable": False,
            "fix": None,
            "line": None,
            "column": None,
            "text": None,
            "entity_id": "00000000-0000-4000-8000-000000000002",
            "entity_type": "t",
            "part": "",
            "facts": ["3", "unit"],
            "accepted": False,
            "baseline": None,
            "schema": None,
            "reason": None,
        }
        summary = report["summary"]
        assert (summary["error"], summary["warning"]) == (1, 1)
        assert summary["info"] == sum(one["level"] == "info" for one in first["findings"]) > 0

    def test_reports_to_files(self, faulty: Path, tmp_path: Path) -> None:
        done = run(
            *("validate", faulty, "--output", tmp_path / "a.json"),
            *("--output", f"text={tmp_path / 'b'}", "--output", tmp_path / "c"),
        )
        assert done.exit_code == 1
        assert json.loads((tmp_path / "a.json").read_text())["version"] == 1
        assert (tmp_path / "b").read_text() == (tmp_path / "c").read_text() == done.stdout
        done = run("validate", faulty, "--output", tmp_path / "no" / "folder.json")
        assert done.exit_code == 2
        assert "cannot write" in done.stderr

    def test_a_failure_of_the_program(
        self, sound: Path, faulty: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A bug is told, the other files are checked, and the exit code is 3."""

        def checked(path: str, *given: Any, **options: Any) -> Any:
            if path == str(sound):
                raise RuntimeError("something unforeseen")
            return check_file(path, *given, **options)

        check_file = io.check_file
        monkeypatch.setattr(io, "check_file", checked)
        done = run("validate", sound, faulty)
        assert done.exit_code == 3
        assert "something unforeseen. This is a bug" in done.stderr
        assert "NIX102" in done.stdout


class TestOptionsOfValidate:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def files(self, *arguments: object) -> list[str]:
        """Names of the files that a run is about."""
        done = run("validate", "--format", "json", *arguments)
        return [Path(one["path"]).name for one in json.loads(done.stdout)["files"]]

    def test_every_option_is_documented(self) -> None:
        text = (ROOT / "docs" / "validate.md").read_text()
        for option in cli.main.commands["validate"].params:
            for name in option.opts:
                assert not name.startswith("-") or f"`{name}" in text, name

    def test_a_list_of_files(self, here: Path, sound: Path, faulty: Path) -> None:
        (here / "list").write_text("sound.nix\n\nfaulty.nix\n")
        assert self.files("--files-from", "list") == ["sound.nix", "faulty.nix"]
        assert self.files("faulty.nix", "--files-from", "list") == ["faulty.nix", "sound.nix"]
        done = CliRunner().invoke(
            cli.main, ["validate", "--files-from", "-"], input="sound.nix\0no.nix\0"
        )
        assert done.exit_code == 2
        assert done.stderr == "no.nix does not exist\n"
        assert "No problems found in 1 file" in done.stdout
        done = run("validate", "--files-from", "no list")
        assert (done.exit_code, done.stderr) == (
            2,
            "cannot read no list: No such file or directory\n",
        )

    @pytest.mark.parametrize("content", ["", "folder\n"])
    def test_nothing_to_check(self, here: Path, content: str) -> None:
        (here / "folder").mkdir()
        (here / "folder" / "other.h5").write_text("other")
        (here / "list").write_text(content)
        done = run("validate", "--files-from", "list", "--output", "a.json")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("nothing to check: no NIX file, description or odML file in ")
        assert not (here / "a.json").exists()
        done = run("validate", "--files-from", "list", "--output", "a.json", "--allow-empty")
        assert done.exit_code == 0
        assert json.loads((here / "a.json").read_text())["summary"]["files"] == 0

    def test_readers(self, sound: Path) -> None:
        """What keeps a reader out is information until that reader is asked for."""
        with h5py.File(sound, "r+") as file:
            group = h5py.Group(h5py.h5g.create(file["/data/b"].id, b"unordered"))
            for name in "xy":
                group.create_group(name)
        shown = ("validate", "-v", "--select", "NIX013", sound)
        assert "NIX013 info" in run(*shown).stdout
        assert "NIX013 info" in run(*shown, "--reader", "cpp").stdout
        assert "NIX013 warning" in run(*shown, "--reader", "cpp", "--reader", "nixio").stdout

    def test_previews(self, sound: Path) -> None:
        for options in ((), ("--preview",)):
            number = len(selected_rules(preview=bool(options)))
            assert f"{number} rules" in run("validate", sound, *options).stdout

    def test_checksums(self, sound: Path) -> None:
        def told(*options: str) -> Any:
            done = run("validate", "--format", "json", sound, *options)
            return json.loads(done.stdout)["files"][0]

        assert told()["sha256"] is None
        assert told("--checksum")["sha256"] == hashlib.sha256(sound.read_bytes()).hexdigest()
        assert told()["size"] == sound.stat().st_size
        assert told()["id"] == "00000000-0000-4000-8000-000000000000"

    @pytest.mark.parametrize("number", ["1", "2", "0", "auto"])
    def test_jobs(self, number: str, sound: Path, faulty: Path) -> None:
        assert self.files("-j", number, sound, faulty) == ["sound.nix", "faulty.nix"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("-j", "-1"), "a number from 1, or `auto`, and not `-1`"),
            (("-j", "two"), "and not `two`"),
            (("--timeout", "-1"), "-1"),
            (("--timeout", "soon"), "soon"),
            (("--memory", "much"), "a size such as `500M` or `4G`, and not `much`"),
            (("--memory", "9" * 400), "a size such as"),
            (("--reader", "matlab"), "matlab"),
            (("--fail-on", "all"), "all"),
            (("--depth", "deep"), "deep"),
            (("--missing-content", "fetch"), "fetch"),
            (("--select", "NIX999"), "no rule fits `NIX999`: `nixschema rule` lists them"),
            (("--ignore", "NIX201@voltage"), "voltage"),
            (("--output", "no/folder/a.json"), "cannot write no/folder/a.json"),
            (("--output", "."), "cannot write ."),
            (("--baseline", "no.jsonl"), "no.jsonl: does not exist: `--write-baseline` makes it"),
            (("--output", "-"), "names no file: `--format` is for stdout"),
            (("--output", "json=-"), "names no file"),
            (("--output", ""), "names no file"),
            (("--output", "a.json", "--output", "sarif=./a.json"), "is named for two reports"),
            (("--output", "json=sound.nix"), "sound.nix: it is an HDF5 file, and no report"),
            (("--output", "a.jsonl", "--write-baseline", "a.jsonl"), "a.jsonl: it is read by this"),
            (("--resume", "a.jsonl", "--output", "json=a.jsonl"), "a.jsonl: it is read by this"),
            (("--write-baseline", "no/a.jsonl"), "cannot write no/a.jsonl"),
            (("--write-baseline", "a", "--prune-baseline"), "give one"),
            (("--write-baseline", "a", "--baseline", "b"), "name different files"),
            (("--cache", ""), "`--cache` names no folder"),
            (("--quiet", "--verbose"), "exclude each other"),
            (("--isolated", "--config", "a.toml"), "`--isolated` reads no configuration"),
            (("--config", "a.toml"), "a.toml: cannot be read: No such file or directory"),
        ],
    )
    def test_wrong_use(
        self, options: tuple[str, ...], message: str, here: Path, sound: Path
    ) -> None:
        done = run("validate", sound, *options)
        assert (done.exit_code, done.stdout) == (2, "")
        assert message in " ".join(done.stderr.split())
        assert [one.name for one in here.iterdir()] == ["sound.nix"]

    @pytest.mark.parametrize("name", FORMAT_NAMES)
    def test_every_format_to_a_file(self, name: str, here: Path, faulty: Path) -> None:
        def timeless(text: str) -> str:
            text = re.sub(r'("seconds": ?)[\d.e-]+', "", text)
            return re.sub(r' (time|timestamp)="[^"]*"', "", text)

        (here / "report").write_text("before")
        done = run("validate", faulty, "--format", name, "--output", f"{name}=report")
        assert done.exit_code == 1
        assert timeless((here / "report").read_text()) == timeless(done.stdout) != ""

    def test_no_report_in_the_place_of_what_is_to_be_checked(self, here: Path) -> None:
        text = here / "package.nix"
        text.write_text("{ pkgs }: pkgs.hello\n")
        for options in ((".", "--output", "json=package.nix"), ("package.nix", "--output", text)):
            done = run("validate", *options, "--format", "json")
            assert (done.exit_code, done.stdout) == (2, "")
            assert "it is to be checked" in done.stderr
        assert text.read_text() == "{ pkgs }: pkgs.hello\n"

    def test_no_rule_is_left(self, sound: Path) -> None:
        options = ("--select", "NIX202", "--ignore", "NIX2")
        done = run("validate", sound, *options)
        assert done.exit_code == 2
        assert done.stderr == "nothing was checked: none of the rules is left\n"
        assert run("validate", sound, *options, "--allow-empty").exit_code == 0

    @pytest.mark.parametrize("size", ["9" * 25 + "T", "0"])
    def test_as_much_memory_as_there_is(self, size: str, sound: Path) -> None:
        assert run("validate", sound, "--memory", size).exit_code == 0

    def test_quiet(self, here: Path, sound: Path, faulty: Path) -> None:
        """Findings, and what went wrong."""
        (here / "nixschema.toml").write_text('ignore = ["NIX201@/data/none"]')
        h5py.File(here / "other.h5", "w").close()
        assert run("validate", "-q", sound).output == ""
        loud, quiet = run("validate", "."), run("validate", "-q", ".")
        assert "1 other file passed over" in loud.stderr
        assert "matches nothing" in loud.stderr
        assert (quiet.exit_code, quiet.stderr) == (1, "")
        assert quiet.stdout.splitlines() == loud.stdout.splitlines()[:-1]
        assert run("validate", "-q", "no.nix").stderr == "no.nix does not exist\n"
        formats = ("-q", "--format", "concise")
        assert (
            run("validate", *formats, faulty).stdout == run("validate", *formats[1:], faulty).stdout
        )

    def test_a_named_configuration(self, here: Path, sound: Path, faulty: Path) -> None:
        (here / "nixschema.toml").write_text("wrong")
        (here / "ci").mkdir()
        for name, table in (("lab.toml", ""), ("pyproject.toml", "[tool.nixschema]\n")):
            path = here / "ci" / name
            path.write_text(f'{table}ignore = ["NIX102"]')
            assert run("validate", "--config", path, ".").exit_code == 0
        path.write_text("")
        done = run("validate", "--config", path, ".")
        assert (done.exit_code, "has no `[tool.nixschema]`" in done.stderr) == (2, True)

    def test_what_is_excluded_even_if_it_is_named(self, here: Path, sound: Path) -> None:
        (here / "nixschema.toml").write_text('exclude = ["sound.nix"]\ninclude = ["none"]')
        write(TREE, here / "other.nix")
        assert self.files("sound.nix", "other.nix") == ["sound.nix", "other.nix"]
        assert self.files("sound.nix", "other.nix", "--force-exclude") == ["other.nix"]
        assert run("validate", "sound.nix", "--force-exclude").exit_code == 2
        assert run("validate", "sound.nix", "--force-exclude", "--allow-empty").exit_code == 0

    def test_several_outputs(self, here: Path, faulty: Path) -> None:
        names = ("a.json", "b.sarif", "c.xml", "d.md", "e.jsonl", "f.svg", "g.txt")
        run("validate", faulty, *(part for name in names for part in ("--output", name)))
        starts = [(here / name).read_text()[:9] for name in names]
        assert starts[0] == '{\n  "versi'[:9]
        assert all(starts)
        assert {one.name for one in here.iterdir()} == {"faulty.nix", *names}

    def test_an_output_that_is_a_pipe(self, faulty: Path) -> None:
        command = [sys.executable, "-m", "nixschema", "validate", "--format", "json", str(faulty)]
        done = subprocess.run(
            [*command, "--output", "concise=/dev/stderr"], capture_output=True, check=False
        )
        assert done.returncode == 1
        assert json.loads(done.stdout)["summary"]["error"] == 1
        line = (
            f"{faulty}:/data/b/data_arrays/a: NIX102 error: `unit` is int64 `3`; expected a text\n"
        )
        assert line.encode() in done.stderr

    def test_a_failure_leaves_the_old_report(
        self, here: Path, faulty: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from nixschema.reports import markdown

        def failing(*_: object) -> Iterator[str]:
            yield "half of it"
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(markdown, "lines", failing)
        (here / "a.md").write_text("before")
        done = run("validate", faulty, "--output", "a.md", "--output", "b.json")
        assert done.exit_code == 3
        assert "cannot write" in done.stderr
        assert (here / "a.md").read_text() == "before"
        assert (here / "b.json").exists()

    def test_all_shows_what_is_folded(self, sound: Path) -> None:
        with h5py.File(sound, "r+") as file:
            for number in range(9):
                file["/data/b/data_arrays/a"].attrs[f"mine{number}"] = 1
        told = run("validate", "-v", "--select", "NIX120", sound).stdout
        assert "more like this in this file" in told
        everything = run("validate", "-v", "--select", "NIX120", "--all", sound).stdout
        assert everything.count("NIX120") == 9

    def test_configuration(self, here: Path, faulty: Path) -> None:
        (here / "nixschema.toml").write_text('ignore = ["NIX102"]\nfail-on = "warning"\n')
        assert run("validate", faulty).exit_code == 1
        assert "NIX102" not in run("validate", faulty).stdout
        assert run("validate", "--fail-on", "error", faulty).exit_code == 0
        assert "NIX102" in run("validate", "--isolated", faulty).stdout

    def test_a_wrong_configuration(self, here: Path, sound: Path, faulty: Path) -> None:
        """It is told once; files of other configurations are checked."""
        for name in ("good", "bad"):
            (here / name).mkdir()
            for one in ("a", "b"):
                shutil.copyfile(sound, here / name / f"{one}.nix")
        (here / "bad" / "nixschema.toml").write_text("nonsense = 1\n")
        done = run("validate", "bad", "good")
        assert done.exit_code == 2
        assert done.stderr == "bad/nixschema.toml: nonsense: unknown key\n"
        assert "No problems found in 2 files" in done.stdout

    def test_unused_ignores(self, here: Path, sound: Path) -> None:
        (here / "nixschema.toml").write_text('ignore = ["NIX102"]\n')
        done = run("validate", ".")
        assert (done.exit_code, done.stderr) == (
            0,
            "nixschema.toml: ignore: `NIX102` matches nothing\n",
        )

    def test_folders_by_configuration(self, here: Path, sound: Path) -> None:
        (here / "raw").mkdir()
        shutil.copyfile(sound, here / "raw" / "a.nix")
        (here / "nixschema.toml").write_text('exclude = ["raw/**"]\n')
        assert self.files(".") == ["sound.nix"]
        assert self.files("raw/a.nix") == ["a.nix"], "a file that is named is checked"

    def test_baseline(self, here: Path, faulty: Path) -> None:
        done = run("validate", faulty, "--write-baseline", "accepted.jsonl")
        assert done.exit_code == 0
        lines = (here / "accepted.jsonl").read_text().splitlines()
        accepted = ("validate", faulty, "--baseline", "accepted.jsonl")
        done = run(*accepted)
        assert done.exit_code == 0
        assert "Baseline: 2 accepted" in done.stdout
        with h5py.File(faulty, "r+") as file:
            file["/data/b/data_arrays/a"].attrs["unit"] = "mV"
            file["/data/b/data_arrays/a"].attrs["label"] = 3
        done = run(*accepted)
        assert done.exit_code == 1
        assert "NIX102" in done.stdout
        assert "Baseline: 1 accepted and 1 fixed" in done.stdout
        assert (here / "accepted.jsonl").read_text().splitlines() == lines
        assert run(*accepted, "--prune-baseline").exit_code == 1
        assert len((here / "accepted.jsonl").read_text().splitlines()) == len(lines) - 1
        done = run("validate", faulty, "--prune-baseline")
        assert done.exit_code == 2
        assert done.stderr == "no baseline to prune: name it with `--baseline`\n"

    def test_what_was_not_checked_is_not_fixed(self, here: Path, sound: Path) -> None:
        with h5py.File(sound, "r+") as file:
            dimension = file["/data/b/data_arrays/a/dimensions/1"]
            dimension.attrs["dimension_type"] = "range"
            dimension.create_dataset("ticks", data=[3.0, 2.0, 1.0, 0.0], maxshape=(None,))
        run("validate", sound, "--write-baseline", "accepted.jsonl")
        before = (here / "accepted.jsonl").read_text()
        assert "NIX204" in before
        options = ("--baseline", "accepted.jsonl", "--depth", "metadata", "--prune-baseline")
        done = run("validate", sound, "--format", "json", *options)
        assert json.loads(done.stdout)["summary"]["fixed"] == 0
        assert (here / "accepted.jsonl").read_text() == before

    def test_the_highest_code_wins(
        self, faulty: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run("validate", faulty, "missing.nix").exit_code == 2

        def checked(path: str, *given: Any, **options: Any) -> Any:
            raise RuntimeError("something unforeseen")

        monkeypatch.setattr(io, "check_file", checked)
        assert run("validate", faulty, "missing.nix").exit_code == 3


class TestBadInput:
    """A file that exists and cannot be read is a finding."""

    def found(self, path: Path) -> tuple[str, str, str]:
        """Rule, message and status of the only finding; `show` must tell it in one line too."""
        done = run("validate", "--format", "json", path)
        assert done.exit_code == 1
        report = json.loads(done.stdout)
        (one,) = report["files"]
        (finding,) = one["findings"]
        shown = run("show", path)
        assert (shown.exit_code, shown.stdout) == (1, "")
        assert len(shown.stderr.splitlines()) == 1
        return finding["rule"], finding["message"], one["status"]

    def test_another_format(self, tmp_path: Path) -> None:
        path = tmp_path / "text.nix"
        path.write_text("no HDF5\n" * 100)
        assert self.found(path) == ("NIX001", "the file is not an HDF5 file", "unreadable")

    def test_an_empty_file(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.nix"
        path.touch()
        assert self.found(path) == ("NIX001", "the file is empty", "unreadable")

    @pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
    def test_a_truncated_file(self, sound: Path, part: float) -> None:
        size = sound.stat().st_size
        os.truncate(sound, int(size * part))
        rule, message, status = self.found(sound)
        assert (rule, status) == ("NIX002", "unreadable")
        assert "truncated" in message

    def test_hdf5_that_is_no_nix(self, tmp_path: Path) -> None:
        path = tmp_path / "other.h5"
        with h5py.File(path, "w") as file:
            file["x"] = [1]
        assert self.found(path)[0] == "NIX003"

    def test_a_file_in_use(self, locked: Path) -> None:
        assert self.found(locked) == (
            "NIX004",
            "the file is open for writing in another program",
            "unreadable",
        )

    def test_content_that_is_not_here(self, tmp_path: Path) -> None:
        path = tmp_path / "annexed.nix"
        path.symlink_to(tmp_path / "not here")
        rule, _, status = self.found(path)
        assert (rule, status) == ("NIX006", "absent")

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe.nix"
        os.mkfifo(path)
        assert self.found(path)[0] == "NIX005"

    def test_bytes_overwritten(self, sound: Path) -> None:
        """Wherever bytes are wrong: findings or none, but no traceback, crash or hang."""
        code = (
            "import sys, nixschema as nx\n"
            "path = sys.argv[1]\n"
            "content = open(path, 'rb').read()\n"
            "for place in range(0, len(content), len(content) // 200):\n"
            "    with open(path, 'wb') as stream:\n"
            "        stream.write(content[:place] + b'\\xff\\xff' + content[place + 2 :])\n"
            "    nx.validate(path)\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, str(sound)],
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()


class TestFolders:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder with files of all kinds."""
        top = tmp_path / "top"
        for place in ("", "deep/er", ".hidden", "session.data"):
            (top / place).mkdir(parents=True, exist_ok=True)
            write(TREE, top / place / "one.nix")
        write(TREE, top / "two.h5")
        with h5py.File(top / "other.h5", "w") as file:
            file["x"] = [1]
        (top / "package.nix").write_text("{ pkgs }: pkgs.hello\n")
        (top / "notes.txt").write_text("notes")
        (top / "broken.nix").write_bytes((top / "one.nix").read_bytes()[:2000])
        return top

    def test_what_is_ours_is_taken(self, folder: Path) -> None:
        done = run("validate", "--format", "json", "-v", folder)
        paths = [Path(one["path"]).relative_to(folder) for one in json.loads(done.stdout)["files"]]
        assert list(map(str, paths)) == ["broken.nix", "one.nix", "two.h5", "deep/er/one.nix"]
        assert [line for line in done.stderr.splitlines() if "passed over" in line] == [
            f"passed over: {folder / 'other.h5'}",
            f"passed over: {folder / 'package.nix'}",
        ]
        assert done.exit_code == 1
        assert "2 other files passed over." in run("validate", folder).stderr

    def test_each_file_once(self, folder: Path) -> None:
        done = run("validate", "--format", "json", folder / "one.nix", folder / "deep", folder)
        assert json.loads(done.stdout)["summary"]["files"] == 4

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
    @pytest.mark.parametrize("command", ["validate", "fix"])
    def test_pipes_are_passed_over(self, command: str, tmp_path: Path) -> None:
        """Nobody waits for what never comes."""
        os.mkfifo(tmp_path / "pipe.nix")
        options = ("--timeout", "5") if command == "validate" else ()
        done = run(command, tmp_path, *options)
        assert (done.exit_code, done.stdout) == (2, "")

    def test_a_folder_that_may_not_be_looked_into(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told, and what was accepted in it is not called fixed."""
        (folder / "broken.nix").unlink()
        with h5py.File(folder / "deep" / "er" / "one.nix", "r+") as file:
            file["/data/b/data_arrays/a"].attrs["unit"] = 3
        baseline = folder / "baseline.jsonl"
        run("validate", folder, "--write-baseline", baseline)
        before = baseline.read_bytes()
        scandir = os.scandir

        def closed(path: str = ".") -> Any:
            if str(path).endswith("deep"):
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", closed)
        done = run("validate", folder, "--baseline", baseline, "--prune-baseline")
        assert done.exit_code == 1
        assert f"cannot look into {folder / 'deep'}: Permission denied\n" in done.stderr
        assert "fixed" not in done.stdout
        assert baseline.read_bytes() == before
        assert before.count(b"NIX102") == 1
        assert "cannot look into" in run("fix", "--diff", folder).stderr

    def test_a_folder_without_ours(self, tmp_path: Path) -> None:
        done = run("validate", tmp_path)
        assert done.exit_code == 2
        assert "nothing to check: no NIX file, description or odML file in" in done.stderr

    @pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
    def test_what_git_ignores_is_not_walked(self, folder: Path) -> None:
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        (folder / ".gitignore").write_text("deep/\nbroken.nix\n")
        done = run("validate", "--format", "json", folder)
        assert json.loads(done.stdout)["summary"]["files"] == 2


class TestShow:
    def test_a_tree(self, sound: Path) -> None:
        assert run("show", sound).stdout.splitlines() == [
            "file: NIX 1.2.1, 1 block, 0 sections",
            "└── block b (t): 1 data array",
            "    └── data array a (t): float64 4",
            "        └── set dimension 1",
        ]

    @pytest.mark.parametrize(
        "entity", ["/data/b/data_arrays/a", "b/a", "00000000-0000-4000-8000-000000000002"]
    )
    def test_an_entity(self, sound: Path, entity: str) -> None:
        lines = run("show", sound, entity).stdout.splitlines()
        assert lines[0] == "data array a (t)"
        assert "  data        float64 4: 1, 2, 3, 4" in lines
        assert "  created_at  2020-01-01 00:00:00 UTC" in lines
        assert lines[-1] == "└── set dimension 1"

    def test_the_columns_of_a_frame(self, tmp_path: Path) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"onset": [0.5], "kind": ["noise"]})
        frame.column("onset").unit = "s"
        path = tmp_path / "frame.nix"
        nx.write(nx.File(blocks=[nx.Block(name="b", type="t", data_frames=[frame])]), path)
        lines = run("show", path, "b/f").stdout.splitlines()
        assert "  columns     onset (float64, s), kind (string)" in lines

    def test_an_entity_that_is_not_there(self, sound: Path) -> None:
        done = run("show", sound, "/data/b/data_arrays/aa")
        assert done.exit_code == 1
        assert done.stderr.endswith(
            "no entity `/data/b/data_arrays/aa`: did you mean `/data/b/data_arrays/a`?\n"
        )

    def test_json(self, sound: Path) -> None:
        shown = json.loads(run("show", "--format", "json", sound).stdout)
        assert shown["format_version"] == "1.2.1"
        assert [one["kind"] for one in shown["entities"]] == [
            *("File", "Block", "DataArray", "SetDimension"),
        ]
        assert shown["entities"][2]["data"] == {"dtype": "float64", "shape": [4]}
        one = json.loads(run("show", "--format", "json", sound, "b/a").stdout)
        assert [entity["path"] for entity in one["entities"]] == [
            "/data/b/data_arrays/a",
            "/data/b/data_arrays/a/dimensions/1",
        ]

    def test_a_folder(self, tmp_path: Path) -> None:
        done = run("show", tmp_path)
        assert done.exit_code == 2
        assert "is a folder: name a file" in done.stderr


class TestPlot:
    WAVES = "block name/waveforms"

    @pytest.fixture
    def waves(self, tmp_path: Path) -> Path:
        return Path(shutil.copy(EXAMPLES / "waveforms.nix", tmp_path))

    @pytest.mark.parametrize(
        ("suffix", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".PDF", b"%PDF")]
    )
    def test_a_figure(self, waves: Path, suffix: str, begins: bytes) -> None:
        target = waves.with_name(f"figure{suffix}")
        done = run("plot", waves, self.WAVES, "-o", target)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
        assert target.read_bytes().startswith(begins)
        if suffix == ".svg":
            assert all(f"<!-- {text} -->" in target.read_text() for text in ("sin", "time (s)"))

    def test_other_names_of_the_entity(self, waves: Path) -> None:
        array = io.read(waves).blocks[0].data_arrays[0]
        for number, entity in enumerate((array.path, array.id)):
            assert run("plot", waves, entity, "-o", waves.with_name(f"{number}.png")).exit_code == 0

    def test_size(self, waves: Path) -> None:
        target = waves.with_name("figure.png")
        assert run(
            *("plot", waves, self.WAVES, "-o", target), *("--size", "5x3", "--dpi", 100)
        ).exit_code == 0  # fmt: skip
        assert struct.unpack(">II", target.read_bytes()[16:24]) == (500, 300)

    def test_an_entity_that_is_not_there(self, waves: Path) -> None:
        done = run("plot", waves, "block name/waveform", "-o", waves.with_name("a.png"))
        assert done.exit_code == 1
        assert done.stderr.endswith(
            "no entity `block name/waveform`: "
            "did you mean `/data/block name/data_arrays/waveforms`?\n"
        )

    @pytest.mark.parametrize(
        ("entity", "message"),
        [
            ("block name", "data arrays, data frames, tags and multi tags can"),
            ("cube", "along one axis or two"),
        ],
    )
    def test_what_cannot_be_drawn(self, waves: Path, entity: str, message: str) -> None:
        if entity == "cube":
            with h5py.File(waves, "r+") as file:
                array = file["/data/block name/data_arrays/waveforms"]
                del array["data"], array["dimensions"]
                array["data"] = np.zeros((2, 2, 2))
            entity = self.WAVES
        done = run("plot", waves, entity, "-o", waves.with_name("a.png"))
        assert (done.exit_code, done.stdout) == (1, "")
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert list(waves.parent.iterdir()) == [waves]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("-o", "figure.bmp"), "names of figures end in .png, .svg, .pdf"),
            (("-o", "figure.png", "--size", "8"), "--size is like 8x4.5"),
            (("-o", "figure.png", "--size", "0x4"), "from 0.5 to 200 inches"),
            (("-o", "figure.png", "--size", "nanx4"), "from 0.5 to 200 inches"),
            (("-o", "figure.png", "--size", "200x200", "--dpi", "2400"), "too large"),
            (("-o", "figure.png", "--size", "0.5x200", "--dpi", "600"), "too large"),
            (("-o", "figure.png", "--dpi", "2400"), "a figure of 8x4.5 inches at 2400 dpi"),
            (("-o", "no/folder/figure.png"), "cannot write"),
            ((), "Missing option"),
        ],
    )
    def test_wrong_use(self, waves: Path, arguments: tuple[str, ...], message: str) -> None:
        done = run("plot", waves, self.WAVES, *arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert message in done.stderr

    def test_a_figure_is_replaced_on_request(self, waves: Path) -> None:
        target = waves.with_name("figure.png")
        target.write_text("mine")
        done = run("plot", waves, self.WAVES, "-o", target)
        assert (done.exit_code, target.read_text()) == (2, "mine")
        assert "replace it with --force" in done.stderr
        assert run("plot", waves, self.WAVES, "-o", target, "--force").exit_code == 0
        assert target.read_bytes().startswith(b"\x89PNG")

    def test_a_failure_leaves_the_old_figure(
        self, waves: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*_: object, **__: object) -> None:
            raise RuntimeError("something unforeseen")

        target = waves.with_name("figure.png")
        target.write_text("mine")
        monkeypatch.setattr("matplotlib.figure.Figure.savefig", failing)
        done = run("plot", waves, self.WAVES, "-o", target, "--force")
        assert done.exit_code == 3
        assert target.read_text() == "mine"
        assert {path.name for path in waves.parent.iterdir()} == {"waveforms.nix", "figure.png"}

    def test_without_matplotlib(self, waves: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        done = run("plot", waves, self.WAVES, "-o", waves.with_name("a.png"))
        assert done.exit_code == 2
        assert done.stderr.splitlines() == [
            "matplotlib is not installed: pip install 'nixschema[plot]'"
        ]

    def test_files_that_cannot_be_read(self, tmp_path: Path) -> None:
        target = tmp_path / "a.png"
        assert run("plot", tmp_path / "missing.nix", "a", "-o", target).exit_code == 2
        assert run("plot", tmp_path, "a", "-o", target).exit_code == 2
        (tmp_path / "text.nix").write_text("no HDF5")
        assert run("plot", tmp_path / "text.nix", "a", "-o", target).exit_code == 1


class TestRule:
    def test_the_list(self) -> None:
        lines = run("rule").stdout.splitlines()
        assert len(lines) == len(all_rules())
        assert lines[0] == "NIX001  error    A NIX file is an HDF5 file."

    def test_a_page(self) -> None:
        """The page of the documentation has the same, and examples after it."""
        page = (ROOT / "docs/rules/NIX201.md").read_text()
        assert run("rule", "nix201").stdout == page.partition("\n## What it finds")[0]

    def test_the_registry(self) -> None:
        registry = json.loads(run("rule", "--format", "json").stdout)
        assert [one["id"] for one in registry] == [one.id for one in all_rules()]
        assert all(one["title"] and one["reason"] for one in registry)


class TestStart:
    def test_version(self) -> None:
        assert run("--version").stdout == "nixschema 0.1.0\n"

    def test_help_imports_nothing_heavy(self) -> None:
        code = (
            "import sys\n"
            "from nixschema.cli import main\n"
            "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
            "heavy = {'numpy', 'h5py', 'pydantic', 'rich', 'lxml', 'odml', 'yaml', 'matplotlib'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert b"validate" in done.stdout

    def test_a_reader_that_goes_away(self, sound: Path) -> None:
        command = f'"{sys.executable}" -m nixschema show "{EXAMPLES / "waveforms.nix"}" | true'
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
