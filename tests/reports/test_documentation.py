"""The examples of `docs/reports.md` are what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from nixschema import cli
from nixschema.reports.formats import FORMAT_NAMES, lines
from tests.reports.sample import documented

PAGE = (Path(__file__).resolve().parents[2] / "docs/reports.md").read_text(encoding="utf-8")

EXAMPLES = re.findall(r"^```console\n\$ nixschema (report .*?)\n(.*?)^```", PAGE, re.M | re.S)


def test_every_format_has_an_example() -> None:
    assert {one for command, _ in EXAMPLES for one in re.findall(r"--format (\w+)", command)} == {
        name for name in FORMAT_NAMES if name != "text"
    }


@pytest.mark.parametrize(("command", "expected"), EXAMPLES, ids=[one for one, _ in EXAMPLES])
def test_an_example(
    command: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "".join(f"{line}\n" for line in lines(documented(), "jsonl"))
    Path("results.jsonl").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(cli.main, command.split())
    assert done.exit_code == 0
    pattern = re.escape(expected).replace(re.escape("...\n"), r"(?:.*\n)*")
    pattern = pattern.replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, done.stdout), done.stdout
