"""`nixschema fix` as users see it: what it says, and with which code it exits."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nixschema.cli import main
from tests.patches import Patch, patched
from tests.plain import write
from tests.sound import SOUND

VOLTAGE = "/data/session/data_arrays/voltage"
SPELT: Patch = {"at": VOLTAGE, "set": {"unit": "m V"}}
FIXED: Patch = {"at": VOLTAGE, "set": {"label": {"fixed": "potential"}}}
COPIED: Patch = {"at": "/data/session/data_arrays", "copy": {"copied": VOLTAGE}}
WRONG: Patch = {"at": VOLTAGE, "set": {"unit": {"int64": 3}}}


def fix(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["fix", *map(str, arguments)])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(path: Path, *patches: Patch) -> Path:
    write(SOUND, path)
    with patched(path, list(patches)):
        return path


def test_what_was_fixed_and_what_is_left(here: Path) -> None:
    made(here / "session.nix", SPELT)
    done = fix("session.nix")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        f"session.nix\n  {VOLTAGE}  NIX504 fixed  `unit` is `m V`\n\nFixed 1 finding in 1 file.\n"
    )
    again = fix("session.nix")
    assert (again.exit_code, again.stdout) == (0, "Nothing to fix in 1 file.\n")


def test_diff_shows_and_changes_nothing(here: Path) -> None:
    path = made(here / "session.nix", SPELT, FIXED)
    before = path.read_bytes(), path.stat().st_mtime_ns
    done = fix("--diff", "session.nix")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout == (
        "session.nix -> session.nix (fixed)\n"
        f"  {VOLTAGE}\n"
        "      unit  m V -> mV\n"
        f"  {VOLTAGE}\n"
        "      stored otherwise  `label` is stored anew, as a text of variable length in UTF-8\n"
        "\n"
        "Would fix 2 findings in 1 file.\n"
    )
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert fix("session.nix").exit_code == 0
    nothing = fix("--diff", "session.nix")
    assert (nothing.exit_code, nothing.stdout) == (0, "Nothing would change in 1 file.\n")


def test_errors_that_are_left_exit_with_1(here: Path) -> None:
    made(here / "session.nix", WRONG)
    done = fix("session.nix")
    assert done.exit_code == 1
    assert f"  {VOLTAGE}  NIX102 error  " in done.stdout
    assert done.stdout.endswith("Nothing to fix in 1 file; 1 error left.\n")


def test_unsafe_fixes_are_done_when_asked_for(here: Path) -> None:
    made(here / "session.nix", COPIED)
    done = fix("session.nix")
    assert done.exit_code == 1
    assert "more can be mended with --unsafe" in done.stdout
    done = fix("--unsafe", "session.nix")
    assert "NIX702 fixed" in done.stdout
    assert "--unsafe" not in done.stdout


def test_rules_are_chosen(here: Path) -> None:
    made(here / "session.nix", SPELT, FIXED)
    assert "NIX504" not in fix("--ignore", "NIX5", "session.nix").stdout
    done = fix("--select", "NIX504", "session.nix")
    assert "Fixed 1 finding" in done.stdout
    wrong = fix("--select", "NIX999", "session.nix")
    assert wrong.exit_code == 2
    assert "no rule fits `NIX999`" in wrong.stderr


def test_folders_are_walked(here: Path) -> None:
    (here / "data").mkdir()
    made(here / "data" / "a.nix", SPELT)
    made(here / "data" / "b.nix")
    done = fix("data")
    assert done.exit_code == 0
    assert done.stdout.endswith("Fixed 1 finding in 1 of 2 files.\n")
    empty = here / "empty"
    empty.mkdir()
    assert fix("empty").exit_code == 2
    missing = fix("data", "nowhere")
    assert missing.exit_code == 2
    assert missing.stderr == "nowhere does not exist\n"


@pytest.mark.parametrize(
    ("content", "rule"), [(b"not HDF5", "NIX001"), (b"\x89HDF\r\n\x1a\n" + b"\0" * 90, "NIX002")]
)
def test_file_that_is_none_is_told(content: bytes, rule: str, here: Path) -> None:
    (here / "session.nix").write_bytes(content)
    done = fix("session.nix")
    assert done.exit_code == 1
    assert f"{rule} error" in done.stdout
    assert (here / "session.nix").read_bytes() == content


def test_damaged_file_is_mended_or_left_alone(here: Path) -> None:
    """Whatever is damaged: never a traceback, and never half of something."""
    path = made(here / "session.nix", SPELT)
    content = path.read_bytes()
    for place in range(100, len(content), len(content) // 20):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        done = fix("--unsafe", "session.nix")
        assert done.exit_code in (0, 1), (place, done.output)
        assert not done.exception or isinstance(done.exception, SystemExit)
        assert [one.name for one in here.iterdir()] == ["session.nix"]


def test_read_only_file_is_told(here: Path) -> None:
    made(here / "session.nix", SPELT).chmod(0o444)
    done = fix("session.nix")
    assert done.exit_code == 2
    assert done.stderr == "cannot write session.nix: is read-only\n"


def test_what_the_configuration_leaves_out_stays(here: Path) -> None:
    """What is ignored is not mended, and what is excluded is not touched."""
    path, excluded = made(here / "session.nix", SPELT), made(here / "old.nix", SPELT)
    before = path.read_bytes(), excluded.read_bytes()
    (here / "nixschema.toml").write_text(
        'exclude = ["old.nix"]\nignore = ["NIX504@/data/session/data_arrays"]\n'
    )
    assert fix(".").stdout == "Nothing to fix in 1 file.\n"
    assert fix("--diff", ".").exit_code == 0
    assert fix("--force-exclude", "old.nix").exit_code == 2
    assert fix("--force-exclude", "--allow-empty", "old.nix").exit_code == 0
    assert (path.read_bytes(), excluded.read_bytes()) == before
    (here / "none.toml").write_text("")
    assert "NIX504 fixed" in fix("--config", "none.toml", "old.nix").stdout
    assert "NIX504 fixed" in fix("--isolated", "session.nix").stdout


def test_levels_of_the_configuration_count(here: Path) -> None:
    made(here / "session.nix", WRONG)
    assert fix("session.nix").exit_code == 1
    (here / "nixschema.toml").write_text('[levels]\nNIX102 = "warning"\n')
    done = fix("session.nix")
    assert (done.exit_code, "NIX102 warning" in done.stdout) == (0, True)


HOSTILE = "x\n::error::\x1b[31m"


@pytest.mark.parametrize("options", [(), ("--unsafe",), ("--diff",), ("-v",)])
def test_names_are_no_commands(options: tuple[str, ...], here: Path) -> None:
    """Neither to a terminal nor to a CI system that reads the output."""
    made(
        here / f"{HOSTILE}.nix",
        {"at": "/data/session/data_arrays", "copy": {HOSTILE: VOLTAGE}},
        {"at": f"/data/session/data_arrays/{HOSTILE}", "set": {"unit": HOSTILE, "type": HOSTILE}},
        SPELT,
    )
    for done in (fix(*options, "."), fix(*options, f"::no {HOSTILE}")):
        assert not {"\x1b", "\x07"} & set(done.output)
        assert not [line for line in done.output.splitlines() if line.lstrip().startswith("::")]


def test_wrong_configuration_is_told_once(here: Path) -> None:
    made(here / "one.nix", SPELT)
    made(here / "two.nix", SPELT)
    (here / "nixschema.toml").write_text("selct = 1")
    done = fix(".")
    assert done.exit_code == 2
    assert done.stderr == "nixschema.toml: selct: unknown key: did you mean `select`?\n"
    assert fix("--config", "no.toml", ".").exit_code == 2


def test_every_option_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "fixing.md").read_text()
    for option in main.commands["fix"].params:
        for name in option.opts:
            assert not name.startswith("--") or f"{name}" in text, name
