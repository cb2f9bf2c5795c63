"""The commands as a user meets them: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
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

from nixschema import cli, io
from nixschema.rules.rule import all_rules
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
        rules = len(all_rules())
        assert done.stdout == f"No problems found in 1 file (3 entities, {rules} rules).\n"
        assert done.stderr == ""

    def test_findings(self, faulty: Path) -> None:
        done = run("validate", faulty)
        assert done.exit_code == 1
        lines = done.stdout.splitlines()
        assert lines[0] == str(faulty)
        array = "/data/b/data_arrays/a"
        assert f"  {array}  NIX102 error  `unit` is int64 `3`; expected a text" in lines
        assert f"  {array}  NIX111 warning  `updated_at` is missing" in lines
        assert "NIX120" not in done.stdout
        assert lines[-1].startswith("Found 1 error and 1 warning in 1 file (3 entities, ")
        assert lines[-1].endswith("1 piece of information (-v shows it).")
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
            "line": None,
            "column": None,
            "entity_id": "00000000-0000-4000-8000-000000000002",
            "entity_type": "t",
            "part": "",
            "facts": ["3", "unit"],
            "accepted": False,
            "baseline": None,
        }
        summary = report["summary"]
        assert (summary["error"], summary["warning"], summary["info"]) == (1, 1, 1)

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

        def checked(path: str, runner: Any) -> Any:
            if path == str(sound):
                raise RuntimeError("something unforeseen")
            return check_file(path, runner)

        check_file = io.check_file
        monkeypatch.setattr(io, "check_file", checked)
        done = run("validate", sound, faulty)
        assert done.exit_code == 3
        assert "something unforeseen. This is a bug" in done.stderr
        assert "NIX102" in done.stdout


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

    def test_a_folder_without_ours(self, tmp_path: Path) -> None:
        done = run("validate", tmp_path)
        assert done.exit_code == 2
        assert "nothing to check: no NIX file in" in done.stderr

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
        assert run("rule", "nix201").stdout == (ROOT / "docs/rules/NIX201.md").read_text()

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
