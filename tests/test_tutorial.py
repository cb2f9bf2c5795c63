"""The tutorial: it runs, its file is sound and the same to nixio, its figures show something."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import nixio
import numpy as np
import pytest
from matplotlib import image
from nbclient import NotebookClient

import nixschema as nx
from examples.make_notebook import NOTEBOOK, SCRIPT, notebook

FIGURES = {
    *("sine", "pupil", "temperature", "traces", "respiration", "voltage"),
    *("stimulus", "spikes"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder that the tutorial filled, and what it printed."""
    folder = tmp_path_factory.mktemp("course") / "tutorial"
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder, done.stdout.splitlines()


@pytest.fixture(scope="module")
def folder(told: tuple[Path, list[str]]) -> Path:
    return told[0]


@pytest.fixture(scope="module")
def block(folder: Path) -> nx.Block:
    return nx.read(folder / "tutorial.nix").blocks["session"]


def test_it_says_what_it_did(told: tuple[Path, list[str]]) -> None:
    lines = told[1]
    assert "sound" in lines
    assert "Mus musculus, 9 weeks" in lines
    assert [line for line in lines if line.startswith("subject describes")] == [
        "subject describes <DataArray 'voltage' (signal.membrane_voltage): float64 10000, mV>",
        "subject describes <Tag 'stimulus' (stimulus): at 200 over 600, ms, in voltage>",
    ]


def test_its_file_is_sound(folder: Path) -> None:
    findings = nx.validate(folder / "tutorial.nix").findings
    assert [(one.rule, one.level) for one in findings] == [("NIX409", "info")]  # Weeks.


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_its_figures_show_something(folder: Path, name: str) -> None:
    pixels = image.imread(folder / f"{name}.png")
    assert min(pixels.shape[:2]) > 300
    darkness = 1 - pixels[..., :3].mean(axis=2)
    assert 0.01 < (darkness > 0.2).mean() < 0.6


def test_it_leaves_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "tutorial.nix",
        *(f"{name}.png" for name in FIGURES),
    }


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Iterator[Any]:
    """The block, as nixio reads it."""
    with nixio.File.open(str(folder / "tutorial.nix"), nixio.FileMode.ReadOnly) as file:
        yield file.blocks["session"]


class TestInNixio:
    def test_it_is_valid(self, theirs: Any) -> None:
        told = theirs.file.validate()
        assert not any(told["errors"].values())
        warned = [one.name for one, warnings in told["warnings"].items() if warnings]
        assert warned == ["subject"], "nixio misses the units of properties that are text"

    def test_arrays(self, block: nx.Block, theirs: Any) -> None:
        assert [one.name for one in theirs.data_arrays] == block.data_arrays.names()
        for ours in block.data_arrays:
            array = theirs.data_arrays[ours.name]
            assert np.array_equal(array[:], ours[:])
            assert (array.label, array.unit, array.type) == (ours.label, ours.unit, ours.type)

    def test_axes(self, block: nx.Block, theirs: Any) -> None:
        for ours in block.data_arrays:
            array = theirs.data_arrays[ours.name]
            assert len(array.dimensions) == len(ours.dimensions) == ours.ndim
            for dimension, its in zip(ours.dimensions, array.dimensions, strict=True):
                assert its.label == dimension.axis_label
                if isinstance(dimension, nx.SetDimension):
                    assert list(its.labels) == dimension.axis_labels()
                    continue
                assert its.unit == dimension.axis_unit
                length = dimension.length
                if isinstance(dimension, nx.RangeDimension):
                    assert list(its.ticks) == dimension.axis().tolist()
                else:
                    assert np.allclose(its.axis(length), dimension.axis(), rtol=1e-12, atol=0)

    def test_tags(self, block: nx.Block, theirs: Any) -> None:
        ours, tag = block.tags["stimulus"], theirs.tags["stimulus"]
        assert list(tag.position) == ours.position == [200]
        assert list(tag.extent) == ours.extent == [600]
        assert list(tag.units) == ours.units == ["ms"]
        assert np.array_equal(tag.tagged_data(0)[:], ours.data())
        assert len(ours.data()) == 6000

    def test_multi_tags(self, block: nx.Block, theirs: Any) -> None:
        ours, tag = block.multi_tags["spikes"], theirs.multi_tags["spikes"]
        assert [one.name for one in tag.references] == ["voltage"]
        spikes = ours.data()
        assert len(spikes) > 10
        for number, values in enumerate(spikes):
            assert values.tolist() == [20.0]
            assert tag.tagged_data(number, 0)[:].tolist() == [20.0]

    def test_metadata(self, theirs: Any) -> None:
        section = theirs.data_arrays["voltage"].metadata
        assert section == theirs.tags["stimulus"].metadata == theirs.file.sections["subject"]
        values = {one.name: (list(one.values), one.unit) for one in section.props}
        assert values == {
            "id": (["M-17"], None),
            "species": (["Mus musculus"], None),
            "age": ([9], "weeks"),
        }
        assert [one.name for one in section.referring_data_arrays] == ["voltage"]
        assert [one.name for one in section.referring_tags] == ["stimulus"]


class TestNotebook:
    def test_it_is_the_script(self) -> None:
        assert NOTEBOOK.read_text(encoding="utf-8") == notebook(SCRIPT.read_text(encoding="utf-8"))

    def test_a_script_that_it_cannot_be_made_of(self) -> None:
        with pytest.raises(ValueError, match="import sys"):
            notebook("# %%\nimport nixschema as nx\n")

    def test_it_runs(self, tmp_path: Path, told: tuple[Path, list[str]]) -> None:
        book = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(book)
        assert all(not cell.get("outputs") for cell in book.cells)
        client = NotebookClient(
            book, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        )
        client.execute()
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        printed = "".join(output.text for output in outputs if output.output_type == "stream")
        assert printed.splitlines() == told[1]
        images = [one for one in outputs if "image/png" in one.get("data", {})]
        assert len(images) == len(FIGURES)
        assert (tmp_path / "tutorial" / "tutorial.nix").is_file()
