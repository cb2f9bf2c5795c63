"""`nixschema convert` with folders: what is written, told and left alone, whatever happens."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
import nixschema.writing
from nixschema import cli
from tests.patches import apply
from tests.plain import write
from tests.sound import SOUND
from tests.test_checking import gone
from tests.writing.objects import differences

ROOT = Path(__file__).resolve().parents[2]
VOLTAGE = "/data/session/data_arrays/voltage"

BAD = "nix: 1.2.1\nblocks:\n  - name: b\n    type: t\n    colour: red\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], prog_name="nixschema")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "sound.nix"
    write(SOUND, path)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose values do not fit into the text of a description."""
    path = tmp_path_factory.mktemp("large") / "large.nix"
    data = nx.DataArray(name="a", type="t", data=np.arange(500.0), dimensions=[nx.SetDimension()])
    nx.write(nx.File(blocks=[nx.Block(name="b", type="t", data_arrays=[data])]), path)
    return path


@pytest.fixture
def old(sound: Path, tmp_path: Path) -> Path:
    """A folder with NIX files, and much else."""
    top = tmp_path / "old"
    for name in ("a.nix", "b.h5", "sub/c.nix", "sub/deep/d.NIX"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sound, top / name)
    for name in (".hidden.nix", ".git/x.nix", "a.data/x.nix"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sound, top / name)
    (top / "empty").mkdir()
    (top / "notes.txt").write_text("nothing of ours")
    (top / "empty" / "ci.yaml").write_text("jobs: []\n")
    with h5py.File(top / "other.h5", "w") as file:
        file["x"] = 1
    return top


def tree(folder: Path) -> set[str]:
    """All files and folders below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def in_worker(monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]) -> None:
    """Have something happen in a worker when all of a file is written but its name."""
    parent, fsync = os.getpid(), os.fsync

    def synced(descriptor: int) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
        if os.getpid() != parent and name.startswith("."):
            act(name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", synced)


# What is written


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_tree_is_kept(jobs: str, old: Path, sound: Path, tmp_path: Path) -> None:
    new = tmp_path / "far" / "new"
    done = run("convert", old, new, "--to", "nix", "-j", jobs)
    assert (done.exit_code, done.stdout) == (0, "Converted 4 files to NIX.\n")
    assert done.stderr == "2 other files passed over.\n"
    files = {"a.nix", "b.nix", "sub/c.nix", "sub/deep/d.nix"}
    assert tree(new) == {*files, "sub", "sub/deep"}
    for name in files:
        assert differences(sound, new / name) == []


def test_each_file_is_as_by_itself(old: Path, tmp_path: Path) -> None:
    """A folder of descriptions is what single conversions make of its files."""
    new, alone = tmp_path / "new", tmp_path / "alone"
    assert run("convert", old, new, "--to", "description", "--data", "files").exit_code == 0
    (alone / "sub/deep").mkdir(parents=True)
    for name in ("a.nix", "b.h5", "sub/c.nix", "sub/deep/d.NIX"):
        target = (alone / name).with_suffix(".yaml")
        assert run("convert", old / name, target, "--data", "files").exit_code == 0
    assert tree(new) == tree(alone)
    texts = list(new.rglob("*.yaml"))
    assert len(texts) == 4
    for path in texts:
        assert path.read_bytes() == (alone / path.relative_to(new)).read_bytes()


def test_there_and_back(old: Path, sound: Path, tmp_path: Path) -> None:
    new, back = tmp_path / "new", tmp_path / "back"
    assert run("convert", old, new, "--to", "description", "-j", 2).exit_code == 0
    assert run("convert", f"{new}/", f"{back}/", "--to", "nix", "-j", 2).exit_code == 0
    assert tree(back) == {"a.nix", "b.nix", "sub", "sub/c.nix", "sub/deep", "sub/deep/d.nix"}
    for path in back.rglob("*.nix"):
        assert nx.read(path) == nx.read(sound)


def test_files_older_than_the_format_are_brought_up_to_date(sound: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    write({**SOUND, "version": [1, 2, 0]}, old / "a.nix")
    for asked in ("1.2.0", "1.2.1"):
        new = tmp_path / asked
        done = run("convert", old, new, "--to", "nix", "--format-version", asked)
        assert done.exit_code == 0
        with h5py.File(new / "a.nix") as file:
            assert ".".join(map(str, file.attrs["version"])) == asked


def test_options_reach_each_file(large: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    shutil.copyfile(large, old / "a.nix")
    done = run("convert", old, tmp_path / "packed", "--to", "nix", "--compression", 4)
    assert done.exit_code == 0
    with h5py.File(tmp_path / "packed/a.nix") as file:
        assert file["/data/b/data_arrays/a/data"].compression == "gzip"
    options = ("--to", "description", "--data", "inline", "--plain")
    assert run("convert", old, tmp_path / "plain", *options).exit_code == 0
    text = (tmp_path / "plain/a.yaml").read_text()
    assert "created_at" not in text
    assert tree(tmp_path / "plain") == {"a.yaml"}


def test_data_outside_of_the_folder(large: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    text = (
        "nix: 1.2.1\nblocks:\n  - name: b\n    type: t\n    data_arrays:\n      - name: a\n"
        "        type: t\n        data: {file: ../x.npy}\n        dimensions: [set]\n"
    )
    np.save(tmp_path / "x.npy", np.arange(3.0))
    (old / "a.yaml").write_text(text)
    refused = run("convert", old, tmp_path / "new", "--to", "nix")
    assert refused.exit_code == 1
    assert "Converted 0 of 1 file to NIX. 1 failed." in refused.stdout
    assert not (tmp_path / "new").exists()
    options = ("--to", "nix", "--allow-outside")
    assert run("convert", old, tmp_path / "new", *options).exit_code == 0
    array = nx.read(tmp_path / "new/a.nix").blocks["b"].data_arrays["a"]
    assert np.asarray(array).tolist() == [0, 1, 2]


def test_links_are_files_of_their_own(sound: Path, tmp_path: Path) -> None:
    """The tree has a file for each name, wherever its content lies."""
    old = tmp_path / "old"
    old.mkdir()
    shutil.copyfile(sound, old / "a.nix")
    (old / "b.nix").symlink_to("a.nix")
    assert run("convert", old, tmp_path / "new", "--to", "nix").exit_code == 0
    assert not (tmp_path / "new/b.nix").is_symlink()
    assert differences(sound, tmp_path / "new/b.nix") == []


def test_what_git_ignores_is_left(old: Path, tmp_path: Path) -> None:
    shutil.rmtree(old / ".git")
    subprocess.run(["git", "init", "-q", str(old)], check=True)
    (old / ".gitignore").write_text("sub/deep/\n")
    assert run("convert", old, tmp_path / "new", "--to", "nix").exit_code == 0
    assert tree(tmp_path / "new") == {"a.nix", "b.nix", "sub", "sub/c.nix"}


# Which folders and names


def test_a_target_inside_of_the_source(old: Path) -> None:
    """It is not walked, so that a second run finds the same files."""
    for expected in (0, 2, 2):
        done = run("convert", old, old / "sub" / "new", "--to", "nix")
        assert done.exit_code == expected
        assert "4 files to NIX" in done.stdout
    assert tree(old / "sub/new") == {"a.nix", "b.nix", "sub", "sub/c.nix", "sub/deep"} | {
        "sub/deep/d.nix"
    }


def test_wrong_use(old: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(old)
    before = tree(tmp_path)
    for arguments, told in (
        ((old, tmp_path / "new"), "old is a folder: `--to` says what its files become"),
        ((old, old, "--to", "nix", "--force"), "is the source and the target: name another"),
        ((old, tmp_path / "link", "--to", "nix"), "is the source and the target: name another"),
        ((old, tmp_path / "file", "--to", "nix"), "file is no folder, and "),
        ((old, tmp_path / "file" / "new", "--to", "nix"), "file is no folder"),
        ((old, tmp_path / "new", "--to", "nix", "--format-version", "9"), "9"),
        ((old, tmp_path / "new", "--to", "nix", "-j", "0.5"), "a number from 1, or `auto`"),
        ((old / "empty", tmp_path / "new", "--to", "nix"), "nothing to convert: no file of ours"),
        ((old, tmp_path / "new", "--to", "nix", "--from", "odml"), "no file that is odml in"),
    ):
        done = run("convert", *arguments)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        assert told in done.stderr
    assert tree(tmp_path) == before


def test_a_source_is_not_replaced(sound: Path, tmp_path: Path) -> None:
    """Where the source lies in the target, a target may be a file that is to be read later."""
    inner = tmp_path / "sub"
    (inner / "sub").mkdir(parents=True)
    shutil.copyfile(sound, inner / "a.nix")
    shutil.copyfile(sound, inner / "sub" / "a.nix")
    done = run("convert", inner, tmp_path, "--to", "nix", "--force")
    assert done.exit_code == 2
    assert done.stderr == f"cannot write {tmp_path}/sub/a.nix: it is itself to be converted\n"
    assert tree(tmp_path) == {"sub", "sub/a.nix", "sub/sub", "sub/sub/a.nix"}


def test_files_that_would_become_the_same(sound: Path, tmp_path: Path) -> None:
    """They are refused before anything is written; what is none of ours is in nobody's way."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    for name in ("a.nix", "b.nix", "c.nix", "A.h5"):
        shutil.copyfile(sound, old / name)
    assert run("convert", old / "b.nix", old / "b.yaml").exit_code == 0
    (old / "c.yaml").write_text("jobs: []\n")
    done = run("convert", old, new, "--to", "description", "-j", 2)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"{old}/A.h5 and {old}/a.nix would become the same file, {new}/A.yaml\n"
        f"{old}/b.nix and {old}/b.yaml would become the same file, {new}/b.yaml\n"
        "nothing was converted: rename them, or take one format with `--from`\n"
    )
    assert not new.exists()
    (old / "A.h5").unlink()
    done = run("convert", old, new, "--to", "description", "--from", "nix")
    assert (done.exit_code, done.stdout) == (0, "Converted 3 files to descriptions.\n")
    assert done.stderr == "2 other files passed over.\n"
    assert tree(new) == {"a.yaml", "b.yaml", "c.yaml"}


# What is there already


def test_what_is_there_stays(old: Path, tmp_path: Path) -> None:
    """A run that is taken up again writes what is not there yet."""
    new = tmp_path / "new"
    assert run("convert", old, new, "--to", "description").exit_code == 0
    (new / "a.yaml").write_text("mine")
    shutil.rmtree(new / "sub")
    done = run("convert", old, new, "--to", "description")
    assert done.exit_code == 2
    assert done.stdout == (
        "Converted 2 of 4 files to descriptions. 2 already there (--force replaces).\n"
    )
    assert done.stderr == "2 other files passed over.\n"
    assert (new / "a.yaml").read_text() == "mine"
    assert tree(new / "sub") == {"c.yaml", "deep", "deep/d.yaml"}
    done = run("convert", old, new, "--to", "description", "-v")
    assert f"{new}/a.yaml exists: replace it with --force\n" in done.stderr
    done = run("convert", old, new, "--to", "description", "--force", "-v")
    assert done.exit_code == 0
    assert done.stdout == "Converted 4 files to descriptions: 4 in the place of another.\n"
    assert f"replaced {new}/a.yaml\n" in done.stderr
    assert (new / "a.yaml").read_text() != "mine"


def test_data_that_is_there_stays(large: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shutil.copyfile(large, old / "a.nix")
    (new / "a.data").mkdir(parents=True)
    (new / "a.data" / "mine").write_text("mine")
    done = run("convert", old, new, "--to", "description")
    assert done.exit_code == 2
    assert tree(new) == {"a.data", "a.data/mine"}
    assert run("convert", old, new, "--to", "description", "--force").exit_code == 0
    assert tree(new) == {"a.data", "a.data/b", "a.data/b/a.npy", "a.yaml"}


# Bad files among good ones


@pytest.fixture
def mixed(old: Path, sound: Path) -> Path:
    """A folder with sound files, and some that are not."""
    (old / "b.h5").rename(old / "b.nix")
    (old / "bad.yaml").write_text(BAD)
    (old / "cut.nix").write_bytes(sound.read_bytes()[:3000])
    (old / "gone.nix").symlink_to("nowhere")
    with h5py.File(old / "b.nix", "r+") as file:
        apply(file, {"at": VOLTAGE, "set": {"unit": {"int64": 3}}})
    with h5py.File(old / "sub/c.nix", "r+") as file:
        del file[VOLTAGE]["data"]
        data = file[VOLTAGE].create_dataset("data", (10,), "f8", chunks=(5,), compression="gzip")
        data[...] = np.arange(10.0)
        data.id.write_direct_chunk((5,), b"no deflate", 0)
    return old


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_report(
    jobs: str, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is told as its own conversion tells it, in the order of the files."""
    monkeypatch.chdir(tmp_path)
    expected = []
    for name in ("bad.yaml", "cut.nix", "gone.nix", "sub/c.nix"):
        alone = run("convert", f"old/{name}", "alone.nix", "--compression", 0, "--force")
        assert alone.stderr
        expected.append(alone.stderr)
    options = ("--to", "nix", "--compression", 0)
    done = run("convert", "old", "new", *options, "-j", jobs)
    assert done.exit_code == 1
    assert done.stdout == (
        "Converted 4 of 7 files to NIX: 1 with losses; 1 with errors, written as found. 3 failed.\n"
    )
    assert done.stderr == "".join(expected) + "2 other files passed over.\n"
    golden = re.sub(r"(/data: ).*", r"\1…", done.stderr.replace(f"{tmp_path}/", ""))
    assert golden == (
        "old/bad.yaml:5:5: NIX131 error: no key `colour` in a block\n"
        "    help: there are name, type, definition, metadata, id, created_at, updated_at, "
        "data_arrays, data_frames, tags, multi_tags, groups, sources\n"
        "Nothing was written: 1 error.\n"
        "old/cut.nix: is truncated: 3,000 bytes are there, and more are missing\n"
        "old/gone.nix: is a link that leads nowhere\n"
        f"old/sub/c.nix: lost {VOLTAGE}/data: …\n"
        "2 other files passed over.\n"
    )
    assert tree(tmp_path / "new") == {"a.nix", "b.nix", "sub", "sub/c.nix", "sub/deep"} | {
        "sub/deep/d.nix"
    }


def test_the_report_at_length(mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("convert", "old", "new", "--to", "nix", "-v")
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert "old/b.nix has 1 error, written as found: `nixschema validate` tells" in lines
    assert "passed over: old/other.h5" in lines
    assert "wrote new/sub/deep/d.nix" in lines
    assert [line for line in lines if line.startswith("wrote ")] == [
        f"wrote new/{name}" for name in ("a.nix", "b.nix", "sub/c.nix", "sub/deep/d.nix")
    ]


def test_strict(mixed: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    done = run("convert", mixed, new, "--to", "nix", "--compression", 0, "--strict")
    assert done.exit_code == 1
    assert "Converted 2 of 7 files to NIX. 5 failed." in done.stdout
    assert tree(new) == {"a.nix", "sub", "sub/deep", "sub/deep/d.nix"}


def test_errors_can_be_allowed(mixed: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert run("convert", mixed, new, "--to", "nix", "--allow-errors").exit_code == 1
    assert (new / "bad.nix").exists()


def test_what_all_files_share_is_told_once(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise click.UsageError("`--plain` is for descriptions")

    monkeypatch.setattr(import_module("nixschema.cli.convert"), "_check_paths", refuse)
    done = run("convert", old, tmp_path / "new", "--to", "nix")
    assert done.exit_code == 2
    assert done.stdout == "Converted 0 of 4 files to NIX. 4 failed.\n"
    assert done.stderr == "`--plain` is for descriptions\n2 other files passed over.\n"


def test_flags_count_for_the_sources_that_they_are_about(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be refused for one file does not keep a folder from being converted."""
    command = import_module("nixschema.cli.convert")
    check = command._check_version

    def refusing(version: str | None) -> None:
        given = click.get_current_context().params
        if Path(given["source"]).suffix == ".nix" and given["allow_errors"]:
            raise click.UsageError("`--allow-errors` is for descriptions")
        check(version)

    monkeypatch.setattr(command, "_check_version", refusing)
    new = tmp_path / "new"
    done = run("convert", mixed, new, "--to", "nix", "--allow-errors", "--allow-outside")
    assert done.exit_code == 1
    assert "allow-errors" not in done.stderr
    assert "Converted 5 of 7 files to NIX" in done.stdout
    assert {"a.nix", "bad.nix"} < tree(new)


def test_a_bug_is_of_one_file(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    convert = nixschema.writing.convert

    def unforeseen(source: str, *given: Any, **options: Any) -> Any:
        if source.endswith("b.h5"):
            raise KeyError("of ours")
        return convert(source, *given, **options)

    monkeypatch.setattr(nixschema.writing, "convert", unforeseen)
    done = run("convert", old, tmp_path / "new", "--to", "nix")
    assert done.exit_code == 3
    assert done.stdout == "Converted 3 of 4 files to NIX. 1 failed.\n"
    assert f"{old}/b.h5: KeyError: 'of ours'. This is a bug in nixschema" in done.stderr


def test_many_lines_of_one_file(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def talking(*_: object) -> None:
        if Path(click.get_current_context().params["source"]).is_file():
            for number in range(5000):
                click.echo(f"line {number}", err=True)

    monkeypatch.setattr(import_module("nixschema.cli.convert"), "_check_version", talking)
    done = run("convert", old / "sub" / "deep", tmp_path / "new", "--to", "nix", "-v")
    lines = done.stderr.splitlines()
    assert len(lines) == 1002
    assert lines[-2] == f"{old}/sub/deep/d.NIX: 4,000 more lines like these"


# Limits, crashes and interruptions


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what a descriptor is of")
class TestProcesses:
    @pytest.mark.parametrize(("to", "jobs"), [("nix", "1"), ("description", "2")])
    def test_crash_and_hang(
        self, to: str, jobs: str, large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file is told, nothing is left of it, and the next ones are converted."""
        old, new = tmp_path / "old", tmp_path / "new"
        for name in ("a", "crash", "deep/hang", "z"):
            (old / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(large, old / f"{name}.nix")

        def act(name: str) -> None:
            if name.startswith(".crash"):
                signal.raise_signal(signal.SIGSEGV)
            if name.startswith(".hang"):
                time.sleep(60)

        in_worker(monkeypatch, act)
        done = run("convert", old, new, "--to", to, "--timeout", 0.7, "-j", jobs)
        assert done.exit_code == 1
        assert "Converted 2 of 4 files to " in done.stdout
        assert done.stderr == (
            f"{old}/crash.nix: crashes the process that reads it: it is ended by SIGSEGV\n"
            f"{old}/deep/hang.nix: takes longer than 0.7 seconds to convert: "
            "`--timeout` allows more\n"
        )
        data = {"a.data", "a.data/b", "a.data/b/a.npy", "z.data", "z.data/b", "z.data/b/a.npy"}
        assert tree(new) == ({"a.nix", "z.nix"} if to == "nix" else {"a.yaml", "z.yaml"} | data)

    def test_memory(self, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def act(name: str) -> None:
            if "b.nix" in name:
                bytearray(2**29)

        in_worker(monkeypatch, act)
        done = run("convert", old, tmp_path / "new", "--to", "nix", "--memory", "200M")
        assert done.exit_code == 1
        told = f"{old}/b.h5: takes more than 200 MiB of memory: `--memory` allows more\n"
        assert done.stderr.startswith(told)
        assert "Converted 3 of 4 files to NIX. 1 failed." in done.stdout
        assert not any(".tmp" in name for name in tree(tmp_path / "new"))

    @pytest.mark.parametrize("was_there", [False, True])
    def test_killed_at_any_moment(
        self, was_there: bool, large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Text and data are then both there, or both as before."""
        old, new = tmp_path / "old", tmp_path / "new"
        old.mkdir()
        shutil.copyfile(large, old / "a.nix")
        assert run("convert", old, tmp_path / "whole", "--to", "description").exit_code == 0
        whole = tree(tmp_path / "whole")
        parent, count, fatal = os.getpid(), 0, 0

        def deadly(do: Callable[..., Any]) -> Callable[..., Any]:
            def done(*given: Any, **options: Any) -> Any:
                nonlocal count
                if os.getpid() != parent:
                    count += 1
                    if count == fatal:
                        os.kill(os.getpid(), signal.SIGKILL)
                return do(*given, **options)

            return done

        for name in ("replace", "fsync", "mkdir", "unlink", "rmdir"):
            monkeypatch.setattr(os, name, deadly(getattr(os, name)))
        ends = []
        for fatal in range(1, 100):
            shutil.rmtree(new, ignore_errors=True)
            if was_there:
                (new / "a.data").mkdir(parents=True)
                (new / "a.data" / "mine").write_text("mine")
                (new / "a.yaml").write_text("mine")
            before = tree(new)
            if run("convert", old, new, "--to", "description", "--force").exit_code == 0:
                break
            after = tree(new)
            ends.append(after == whole)
            assert after in (whole, before), f"moment {fatal}"
            if was_there:
                assert ((new / "a.yaml").read_text() == "mine") == (after == before)
        assert set(ends) == {False, True}
        assert len(ends) > 5

    @pytest.mark.parametrize(
        ("sent", "to"), [(signal.SIGINT, "description"), (signal.SIGTERM, "nix")]
    )
    def test_stopped(self, sent: signal.Signals, to: str, large: Path, tmp_path: Path) -> None:
        """A run ends at once, leaves nothing half-written, and can be taken up again."""
        old, new = tmp_path / "old", tmp_path / "new"
        for name in ("a.nix", "sub/hang-1.nix", "sub/hang-2.nix", "z.nix"):
            (old / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(large, old / name)
        code = (
            "import os, signal, sys, time\n"
            # What is started in the background of a shell ignores Ctrl-C.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from nixschema import cli\n"
            "fsync = os.fsync\n"
            "def synced(descriptor):\n"
            "    fsync(descriptor)\n"
            "    if 'hang' in os.readlink(f'/proc/self/fd/{descriptor}'):\n"
            "        time.sleep(60)\n"
            "os.fsync = synced\n"
            "cli.main(sys.argv[1:])\n"
        )
        arguments = ("convert", str(old), str(new), "--to", to, "-j", "2")
        with subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            end = time.monotonic() + 30
            while len(list(new.glob("sub/.hang-[12].*.tmp"))) < 2:
                assert time.monotonic() < end
                time.sleep(0.02)
            time.sleep(0.2)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.killpg(process.pid, sent)
            out, err = process.communicate(timeout=60)
        assert process.returncode == (130 if sent is signal.SIGINT else 143)
        assert (out, err) == (b"", b"stopped: 2 files were converted\n")
        assert len(children) == 2
        assert all(gone(int(child)) for child in children)
        data = {f"{name}.data{end}" for name in "az" for end in ("", "/b", "/b/a.npy")}
        assert tree(new) == ({"a.nix", "z.nix"} if to == "nix" else {"a.yaml", "z.yaml"} | data)
        done = run("convert", old, new, "--to", to)
        assert done.exit_code == 2
        assert "Converted 2 of 4 files to " in done.stdout
        assert "2 already there" in done.stdout
