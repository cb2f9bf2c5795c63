"""Data files outside the folder of a description are taken only where that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema.cli import main

TEXT = """\
nix: 1.2.1
blocks:
  b:
    type: t
    data_arrays:
      a: {type: t, data: {file: ../values.npy}, dimensions: [set]}
"""


@pytest.fixture
def text(tmp_path: Path) -> Path:
    np.save(tmp_path / "values.npy", np.arange(3.0))
    path = tmp_path / "inner" / "text.yaml"
    path.parent.mkdir()
    path.write_text(TEXT, "utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_validate(text: Path) -> None:
    refused = run("validate", text)
    assert refused.exit_code == 1
    assert "NIX051 error  `../values.npy` lies outside the folder" in refused.stdout
    assert run("validate", "--allow-outside", text).exit_code == 0


def test_convert_and_compare(text: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.nix"
    assert run("convert", text, target).exit_code == 1
    assert not target.exists()
    assert run("convert", "--allow-outside", text, target).exit_code == 0
    assert nx.read(target).blocks["b"].data_arrays["a"][:].tolist() == [0.0, 1.0, 2.0]
    assert run("diff", "--ignore", "id,times", text, target).exit_code == 1
    assert run("diff", "--allow-outside", "--ignore", "id,times", text, target).exit_code == 0
    beside = ("validate", target, "--description", text)
    assert run(*beside).exit_code == 1
    assert run(*beside, "--allow-outside").exit_code == 0


def test_show(text: Path) -> None:
    assert "float64" not in run("show", text, "b/a").stdout
    assert "float64 3: 0, 1, 2" in run("show", "--allow-outside", text, "b/a").stdout
