"""Mistakes that newcomers make are told once, at their place, with what to do about them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema.cli import main
from tests.descriptions.mistakes import MISTAKES, SOUND, Mistake


def run(*arguments: str | Path) -> Result:
    """Run a command; what it raises beside its exit is raised."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data files that the mistakes name."""
    made = tmp_path_factory.mktemp("mistakes")
    np.save(made / "trace.npy", np.arange(3.0))
    (made / "t.csv").write_text("time,voltage,word\n0,1,a\n1,2,b\n2,3,c\n")
    (made / "t.raw").write_bytes(b"123")
    return made


def test_nothing_is_wrong_with_the_sound_description(tmp_path: Path) -> None:
    path = tmp_path / "sound.yaml"
    path.write_text(SOUND)
    done = run("validate", "--fail-on", "warning", path)
    assert done.exit_code == 0, done.output
    assert run("convert", path, tmp_path / "sound.nix").exit_code == 0


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_once(what: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake = MISTAKES[what]
    monkeypatch.chdir(folder)
    Path("session.yaml").write_text(mistake.text)
    report = nx.validate("session.yaml")
    told = [
        f"{one.line}:{one.column}: {one.rule} {one.level}: {one.message}"
        for one in report.findings
        if one.level != "info"
    ]
    assert told == [mistake.said]
    assert [one.help for one in report.findings if one.level != "info"] == [mistake.help]


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_where_it_is(what: str) -> None:
    mistake = MISTAKES[what]
    line, column = map(int, mistake.said.split(":")[:2])
    lines = mistake.text.split("\n")
    assert 1 <= column <= len(lines[line - 1]) + 1
    first = SOUND[: SOUND.index(mistake.sound)].count("\n") + 1
    last = first + max(mistake.written.count("\n"), 1)
    if is_left_out(mistake):
        assert re.match(r" *(- )?(\w+:|\{)", lines[line - 1])
        assert line <= first
    else:
        assert first <= line <= last


def is_left_out(mistake: Mistake) -> bool:
    """Whether something is not there, which is told at what lacks it or has too much."""
    return any(
        word in mistake.said
        for word in ("is missing", "there is no `data`", "dimension descriptors")
    )


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_makes_no_file(what: str, folder: Path, tmp_path: Path) -> None:
    mistake = MISTAKES[what]
    path = folder / "session.yaml"
    path.write_text(mistake.text)
    before = sorted(folder.iterdir())
    done = run("convert", path, tmp_path / "session.nix")
    is_error = " error: " in mistake.said
    assert done.exit_code == int(is_error), done.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ([] if is_error else ["session.nix"])
    assert sorted(folder.iterdir()) == before
    if is_error:
        assert f"session.yaml:{mistake.said}" in done.output
        assert (mistake.help or "") in done.output


def test_concise_output_is_one_line_a_mistake(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    mistake = MISTAKES["a data file that is not there"]
    Path("session.yaml").write_text(mistake.text)
    done = run("validate", "--format", "concise", "session.yaml")
    assert done.stdout == f"session.yaml:{mistake.said}\n"
    assert done.exit_code == 1


def test_text_output_tells_place_entity_and_help(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("session.yaml").write_text(MISTAKES["a misspelt key of an array"].text)
    done = run("validate", "session.yaml")
    assert done.stdout.splitlines()[:2] == [
        "session.yaml",
        "  18:9  /data/session/data_arrays/voltage/lable  NIX131 error  "
        "no key `lable` in a data array: did you mean `label`?",
    ]


def test_mistakes_that_have_nothing_to_do_with_each_other_are_all_told(tmp_path: Path) -> None:
    """What one leaves open does not hide the others."""
    chosen = [
        "a misspelt key of an array",
        "an interval below nothing",
        "a row that is too long",
        "a reference to nothing",
        "a group without type",
        "a text as a number",
    ]
    text = SOUND
    for what in chosen:
        mistake = MISTAKES[what]
        assert text.count(mistake.sound) > 0
        text = text.replace(mistake.sound, mistake.written, 1)
    path = tmp_path / "session.yaml"
    path.write_text(text)
    told = [
        f"{one.line}:{one.column}: {one.rule} {one.level}: {one.message}"
        for one in nx.validate(path).findings
        if one.level == "error"
    ]
    assert sorted(told) == sorted(MISTAKES[what].said for what in chosen)
