"""A rewritten file is the file it was made from, object by object, to the bit.

The judge is `tests.writing.objects` for files of format 1.2, `tests.writing.upgrading` for older
ones, and `tests.writing.format_rules` for what every writer must keep.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import h5py
import pytest
from click.testing import CliRunner

import nixschema as nx
from nixschema.cli import main
from tests.reading.test_against_h5py import files, write_old_file
from tests.writing.format_rules import RULES, violations
from tests.writing.objects import differences
from tests.writing.sample import write_sample
from tests.writing.upgrading import is_old, upgrade_differences

ALWAYS = ("W1", "W2", "W4", "superblock")
"""Rules that hold for whatever is written, bytes that are no UTF-8 excepted."""

UPGRADED = ("W5", "W6")
"""Rules that an upgrade makes good."""


def run(*arguments: str | Path) -> None:
    """Run a command that must succeed."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.stderr


def hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lost(source: Path, target: Path) -> list[str]:
    """What a rewrite changed that it must not."""
    return (upgrade_differences if is_old(source) else differences)(source, target)


def broken(source: Path, target: Path) -> list[str]:
    """Which rules for writers a target breaks that hold for its source, or always."""
    before = {told.split()[0] for told in violations(source)} - set(ALWAYS)
    if is_old(source):
        before -= set(UPGRADED)
    return violations(target, [rule for rule in RULES if rule not in before])


class Rewritten(NamedTuple):
    """A file and what `convert` made of it."""

    source: Path
    target: Path


@pytest.fixture(scope="module", params=files("nix", "broken"))
def rewritten(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Rewritten:
    source: Path = request.param
    target = tmp_path_factory.mktemp("rewritten") / "target.nix"
    before = hashed(source)
    run("convert", source, target)
    assert hashed(source) == before
    return Rewritten(source, target)


def test_a_rewrite_loses_nothing(rewritten: Rewritten) -> None:
    found = lost(*rewritten)
    assert not found, "\n".join(found)


def test_a_rewrite_keeps_the_rules_for_writers(rewritten: Rewritten) -> None:
    found = broken(*rewritten)
    assert not found, "\n".join(found)


def test_a_rewrite_of_a_rewrite_is_the_same(rewritten: Rewritten, tmp_path: Path) -> None:
    again = tmp_path / "again.nix"
    run("convert", rewritten.target, again)
    found = differences(rewritten.target, again)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path", [one for one in files("nix") if one.values[0] is None or is_old(one.values[0])]
)
def test_an_upgrade_writes_what_convert_writes(path: Path, tmp_path: Path) -> None:
    run("upgrade", path, tmp_path / "upgraded.nix")
    found = upgrade_differences(path, tmp_path / "upgraded.nix")
    assert not found, "\n".join(found)


# Files made here


def sample(path: Path) -> None:
    write_sample(path)


def old(path: Path) -> None:
    write_old_file(path)


MADE: list[Callable[[Path], None]] = [sample, old]


def check(source: Path, target: Path) -> None:
    """Nothing is lost, and the rules for writers are kept."""
    found = [*lost(source, target), *broken(source, target)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("make", MADE)
def test_a_file_made_by_hand_is_rewritten(make: Callable[[Path], None], tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    make(source)
    run("convert", source, target)
    check(source, target)
    run("convert", target, tmp_path / "again.nix")
    check(target, tmp_path / "again.nix")


@pytest.mark.parametrize("check_", ["new", "none"])
@pytest.mark.parametrize("make", MADE)
def test_a_file_is_written_in_python(
    make: Callable[[Path], None], check_: Literal["new", "none"], tmp_path: Path
) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    make(source)
    nx.write(nx.read(source), target, check=check_)
    check(source, target)


@pytest.mark.parametrize("command", ["convert", "upgrade"])
@pytest.mark.parametrize("make", MADE)
def test_a_file_is_rewritten_in_a_process(
    make: Callable[[Path], None], command: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    make(source)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "nixschema", command, str(source), str(target)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    check(source, target)


def test_another_version_changes_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    sample(source)
    run("convert", source, target, "--format-version", "1.2.0")
    assert differences(source, target) == ["/: attribute 'version' is [1, 2, 0], it was [1, 2, 1]"]


@pytest.mark.parametrize("version", [[1, 2, 0], [1, 2, 1], [1, 2, 7], [1, 3, 0], [2, 0, 0]])
def test_a_present_version_stays(version: list[int], tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    sample(source)
    with h5py.File(source, "r+") as file:
        file.attrs.create("version", version, dtype="<i8")
    run("convert", source, target)
    check(source, target)
