"""What is too much to be looked at is told, and ignores that match nothing are."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from nixschema import cli
from tests.schema.test_commands import GOOD, LAB


def test_ignores_of_schemas_that_match_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "lab.yaml").write_text(LAB)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bad.yaml").write_text(GOOD.replace("mV", "mA"))
    (tmp_path / "nixschema.toml").write_text(
        'schemas = ["schemas/lab.yaml"]\n'
        'exclude = ["schemas"]\n'
        'ignore = ["our-lab:recording/voltage.unit", "our-lab:subject/age.unit", "other:x"]\n'
    )
    done = CliRunner().invoke(cli.main, ["validate", "."])
    assert done.exit_code == 0, done.output
    lines = [one for one in done.stderr.splitlines() if "ignore" in one]
    assert len(lines) == 1
    assert "our-lab:subject/age.unit" in lines[0]
