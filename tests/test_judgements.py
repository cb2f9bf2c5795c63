"""The table of what is found in real files holds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import nixschema as nx
from nixschema.findings import Level

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT.parent / "shared" / "data" / "nix"
TABLE = ROOT / "docs" / "judgements.md"

ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
COUNT = re.compile(r"(NIX\d{3}) (error|warning) x (\d+)")


def _rows() -> dict[str, tuple[str, str]]:
    """What the table says about each file: what is reported, and why."""
    return {name: (told, why) for name, _, told, why in ROW.findall(TABLE.read_text("utf-8"))}


ROWS = _rows()

needs_files = pytest.mark.skipif(not FILES.is_dir(), reason="the files are not beside the checkout")


def test_each_judgement_has_its_reason() -> None:
    assert ROWS
    for name, (told, why) in ROWS.items():
        rules = [rule for rule, _, _ in COUNT.findall(told)]
        assert bool(rules) == bool(why.strip()) == (told != "nothing"), name
        if len(rules) > 1:
            assert all(f"{rule}: " in why for rule in rules), name


@needs_files
def test_table_has_every_file() -> None:
    found = {
        path.relative_to(FILES).as_posix()
        for path in FILES.rglob("*")
        if path.suffix in (".nix", ".h5")
    }
    assert set(ROWS) == found


@needs_files
@pytest.mark.parametrize("name", ROWS)
def test_table_holds(name: str) -> None:
    told = {(rule, level): int(count) for rule, level, count in COUNT.findall(ROWS[name][0])}
    findings = nx.validate(FILES / name).findings
    found = Counter(
        (one.rule, str(one.level)) for one in findings if one.level.reaches(Level.WARNING)
    )
    assert found == told


UNREADABLE = {("nixio", "reference/cpp_written.nix"): {"NIX623"}}
"""Rules about a reader that have an error, where that reader does fail (tried with nixio 1.5.4)."""


@needs_files
@pytest.mark.parametrize("reader", ["nixio", "neo"])
@pytest.mark.parametrize("name", ROWS)
def test_what_a_reader_reads_is_no_error_to_it(reader: str, name: str) -> None:
    found = nx.validate(FILES / name, select=("NIX6",), readers=(reader,)).findings
    errors = {one.rule for one in found if one.level is Level.ERROR}
    assert errors == UNREADABLE.get((reader, name), set())
