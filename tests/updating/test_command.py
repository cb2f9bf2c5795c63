"""``nixschema convert SOURCE TARGET --update``: what it says, and how it exits."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import pytest
from click.testing import CliRunner, Result

from nixschema.cli import main
from nixschema.odml_model.document import Document, Property, Section
from tests.updating.sample import odml_of, saved, written


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "session.nix")
    age = Property("age", values=[4], dtype="int", unit="d")
    subject = Section("subject", type="subject", definition="A mouse.", properties=[age])
    saved(Document(sections=[subject, Section("room", type="place")]), tmp_path / "meta.odml")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["convert", *arguments])


def test_the_difference_is_shown_and_nothing_written(folder: Path) -> None:
    content = (folder / "session.nix").read_bytes()
    done = run("meta.odml", "session.nix", "--update", "--diff")
    assert done.exit_code == 1
    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", done.stdout) == (
        "session.nix -> session.nix (updated)\n"
        "  /metadata/subject\n"
        "      updated_at  TIME UTC -> TIME UTC\n"
        "      definition  nothing -> A mouse.\n"
        "  /metadata/subject/properties/age\n"
        "      updated_at  TIME UTC -> TIME UTC\n"
        "      values      [3] -> [4]\n"
        "      dtype       nothing -> int\n"
        "  /metadata/room  added: section\n"
        "\n"
        "Found 6 differences in 3 entities (11 and 12 compared).\n"
    )
    assert (folder / "session.nix").read_bytes() == content


def test_it_is_done_in_silence_and_once(folder: Path) -> None:
    done = run("meta.odml", "session.nix", "--update")
    assert (done.exit_code, done.output) == (0, "")
    with h5py.File(folder / "session.nix") as file:
        assert file["metadata/subject/properties/age"][0] == 4
    for options in ((), ("--diff",), ("--in-place",)):
        done = run("meta.odml", "session.nix", "--update", *options)
        assert (done.exit_code, done.output) == (0, "Nothing to update in session.nix.\n")


def test_what_stays_and_what_is_left_out_is_told(folder: Path) -> None:
    done = run("meta.odml", "session.nix", "--update", "--replace")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr == (
        "meta.odml: /metadata/subject/sections/cell stays: an entity links to it\n"
        "meta.odml: /metadata/rig/sections/amplifier stays: an entity links to it\n"
    )
    saved(Document(author="Ada", sections=[Section("x", type="t")]), folder / "x.odml")
    done = run("x.odml", "session.nix", "--update", "--into", "/rig", "--as", "y", "--new-ids")
    assert done.exit_code == 0
    assert done.stderr == "x.odml: `odML author`: not taken over, as only a section is taken in\n"
    rig = odml_of(folder / "session.nix").sections[1]
    assert [one.name for one in rig.sections] == ["amplifier", "y"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("meta.odml", "none.nix", "--update"), 2, "none.nix does not exist"),
        (("none.odml", "session.nix", "--update"), 2, "none.odml does not exist"),
        (("meta.odml", ".", "--update"), 2, ". is a folder: name a file"),
        (("session.nix", "meta.odml", "--update"), 2, "meta.odml is a text (odml): only NIX files"),
        (("meta.odml", "x.nix", "--replace"), 2, "`--replace` goes with `--update`"),
        (("meta.odml", "x.nix", "--diff"), 2, "`--diff` goes with `--update`"),
        (("meta.odml", "x.nix", "--as", "a"), 2, "`--as` goes with `--update`"),
        (("meta.odml", "session.nix", "--update", "--as", "a/b"), 2, "`a/b` cannot be the name"),
        (("meta.odml", "session.nix", "--update", "--diff", "--in-place"), 2, "changes nothing"),
        (("meta.odml", "session.nix", "--update", "--as", "a"), 1, "the source has 2"),
        (("meta.odml", "session.nix", "--update", "--into", "/x"), 1, "has no section `/x`"),
        (("bad.odml", "session.nix", "--update"), 1, "bad.odml:1:"),
        (("meta.odml", "bad.nix", "--update"), 1, "bad.nix"),
        (("meta.odml", "old.nix", "--update"), 1, "upgrade it first"),
    ],
)
def test_what_cannot_be_done_is_refused(
    folder: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    (folder / "bad.odml").write_text('<odML version="1.1"><section>')
    (folder / "bad.nix").write_bytes((folder / "session.nix").read_bytes()[:2000])
    with h5py.File(written(folder / "old.nix"), "r+") as file:
        file.attrs["version"] = (1, 1, 0)
    content = (folder / "session.nix").read_bytes()
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert told in done.stderr
    assert done.stdout == ""
    assert (folder / "session.nix").read_bytes() == content


def test_a_target_that_is_open_elsewhere_is_refused(folder: Path) -> None:
    with h5py.File(folder / "session.nix", "r+"):
        done = run("meta.odml", "session.nix", "--update")
    assert done.exit_code == 1
    assert done.stderr == "cannot write session.nix: a program has it open for writing\n"
