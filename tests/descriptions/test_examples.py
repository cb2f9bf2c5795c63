"""The examples are sound, convert, come back whole, and hold for others what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import neo  # type: ignore[import-untyped]
import nixio
import numpy as np
import pytest

import nixschema as nx
from examples.make_data import write_all
from nixschema.model.differences import differences

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
COURSE = ROOT.parent / "shared/data/nix/notebooks/202108_INCF_NIX_workshop__Tutorial.nix"

NAMES = ("course", "multichannel", "neo", "relacs", "templates")


def description(name: str) -> Path:
    return EXAMPLES / name / f"{name}.yaml"


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The NIX file of each example."""
    folder = tmp_path_factory.mktemp("examples")
    made = {name: folder / f"{name}.nix" for name in NAMES}
    for name, path in made.items():
        nx.convert(description(name), path)
    return made


def test_all_are_tried() -> None:
    found = {
        path.stem
        for path in EXAMPLES.rglob("*.yaml")
        if path.relative_to(EXAMPLES).parts[0] != "lab"
    }
    assert found == set(NAMES)


def test_their_data_are_fresh(tmp_path: Path) -> None:
    write_all(tmp_path)
    made = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.*")}
    kept = {
        path.relative_to(EXAMPLES)
        for name in NAMES
        for path in (EXAMPLES / name).iterdir()
        if path.suffix != ".yaml"
    }
    assert set(made) == kept
    for name, path in made.items():
        assert path.read_bytes() == (EXAMPLES / name).read_bytes(), name


@pytest.mark.parametrize("name", NAMES)
def test_they_are_sound(name: str, converted: dict[str, Path]) -> None:
    for path in (description(name), converted[name]):
        findings = nx.validate(path).findings
        assert [one for one in findings if str(one.level) != "info"] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_they_come_back(name: str, suffix: str, converted: dict[str, Path], tmp_path: Path) -> None:
    text, again = tmp_path / f"again.{suffix}", tmp_path / "again.nix"
    nx.convert(converted[name], text)
    nx.convert(text, again)
    left, right = nx.read(converted[name]), nx.read(again)
    assert list(differences(left, right, strict=True)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_leads_to_the_schema(name: str) -> None:
    first = description(name).read_text("utf-8").splitlines()[0]
    _, _, path = first.partition("# yaml-language-server: $schema=")
    assert (EXAMPLES / name / path).resolve() == ROOT / "schemas" / "nix.schema.json"


def test_the_course_file_is_that_of_the_course() -> None:
    if not COURSE.exists():
        pytest.skip("the shared NIX files are not part of the repository")
    ours, theirs = nx.load_description(description("course")), nx.read(COURSE)
    unlike = [
        (one.path.removeprefix("/data/"), one.field)
        for one in differences(theirs, ours, only="metadata", ignore=("id", "times"), by="name")
    ]
    assert unlike == [
        ("basic_examples/data_arrays/data_regular/dimensions/2", None),  # More than axes.
        ("basic_examples/data_arrays/data_irregular/dimensions/1", "ticks"),
        ("basic_examples/data_arrays/data_irregular/dimensions/2", None),
        ("basic_examples/data_arrays/data_event/dimensions/2", None),
        ("basic_examples/data_arrays/data_multi_dimension/dimensions/3", None),
        ("tag_examples/data_arrays/membrane_voltage_A", "data.dtype"),  # As the amplifier counts.
        ("tag_examples/data_arrays/membrane_voltage_A", "polynom_coefficients"),
        ("tag_examples/data_arrays/spike_times_A", "unit"),
        ("tag_examples/data_arrays/spike_times_A/dimensions/2", None),
    ]


def _course(file: nixio.File) -> None:
    block = file.blocks["tag_examples"]
    voltage = block.data_arrays["membrane_voltage_A"]
    spikes = block.multi_tags["tag_A"]
    assert (voltage.shape, voltage.unit) == ((10_000,), "mV")
    assert spikes.positions.shape == (40,)
    at = [voltage.dimensions[0].index_of(time) for time in spikes.positions[:]]
    assert min(voltage[:][at]) > 0.9 > np.median(voltage[:])
    age = voltage.metadata.sections["subject"].props["age"]
    assert (age.values, age.unit) == (("4",), "weeks")
    irregular = file.blocks["basic_examples"].data_arrays["data_irregular"]
    ticks = np.array(irregular.dimensions[0].ticks)
    assert np.allclose(irregular[:], np.sin(10 * np.pi * ticks), atol=1e-4)


def _multichannel(file: nixio.File) -> None:
    block = file.blocks["session"]
    counts = np.fromfile(EXAMPLES / "multichannel" / "amplifier.raw", "<i2", offset=64)
    field = block.data_arrays["field"]
    assert np.allclose(field[:], 0.195 * counts.reshape(2000, 8))
    assert field.dimensions[1].labels[7] == "ch7"
    assert [one.name for one in field.sources] == ["probe", "tip"]
    assert np.allclose(block.data_arrays["preview"][:], field[:1000, ::2])
    lines = (EXAMPLES / "multichannel" / "sensors.csv").read_text("latin-1").splitlines()[2:]
    cells = [line.replace(",", ".").split(";") for line in lines]
    warm = block.data_arrays["temperature"]
    assert np.allclose(warm.dimensions[0].ticks, [float(row[0]) for row in cells])
    assert np.allclose(warm[:], [float(row[1]) + 273.15 for row in cells])
    breath = block.data_arrays["respiration"][:]
    assert np.flatnonzero(np.isnan(breath)).tolist() == [7, 8]
    trials = block.data_frames["trials"]
    assert trials.column_names == ("onset", "duration", "stimulus", "correct")
    assert trials.read_rows([1])[0].tolist() == (0.35, 0.1, "noise", True)
    stimuli = block.multi_tags["stimuli"]
    assert np.allclose(stimuli.positions[:], [row[0] for row in trials.read_rows(range(7))])


def _relacs(file: nixio.File) -> None:
    block = file.blocks["2021-11-11-aa"]
    assert block.metadata.props["relacs-nix version"].values == (1.1,)
    assert block.data_arrays["V-1"].shape == block.data_arrays["EOD"].shape == (5000,)
    assert block.data_arrays["V-1"].dtype == np.float32
    stimulus = block.multi_tags["stimulus_1"]
    assert stimulus.positions[:].tolist() == [[0.5], [0.7], [0.9]]
    features = {one.data.name: one for one in stimulus.features}
    runs = features["stimulus_1_repro_tag_id"].data[:]
    assert {block.tags["FICurve_1"].id} == set(runs.ravel())
    assert block.tags["FICurve_1"].extent == ()
    assert all(str(one.link_type) == "LinkType.Indexed" for one in features.values())


def _neo(file: nixio.File) -> None:
    assert file.blocks["cell 7"].groups["sweep 1"].type == "neo.segment"


def _templates(file: nixio.File) -> None:
    first, second = file.sections["M-17"], file.sections["M-18"]
    assert first["born"] == "2024-03-01"
    assert [one.name for one in first.props] == ["species", "strain", "weight", "id", "born"]
    assert (first["weight"], first.props["weight"].unit) == (22.1, "g")
    assert (second["strain"], second["weight"]) == ("BALB/c", 24.5)
    monday = file.sections["monday"]
    assert monday.link.name == "rig"
    assert (monday["gain"], monday.props["gain"].uncertainty) == (50, 0.1)
    assert file.blocks["monday"].metadata.name == "monday"


@pytest.mark.parametrize("look", [_course, _multichannel, _relacs, _neo, _templates])
def test_nixio_finds_what_they_say(
    look: Callable[[nixio.File], None], converted: dict[str, Path]
) -> None:
    name = look.__name__.removeprefix("_")
    with nixio.File.open(str(converted[name]), nixio.FileMode.ReadOnly) as file:
        look(file)


def test_neo_reads_its_own(converted: dict[str, Path]) -> None:
    with neo.io.NixIO(str(converted["neo"]), "ro") as reader:
        [block] = reader.read_all_blocks()
    assert (block.name, block.annotations["species"]) == ("cell 7", "rat")
    [segment] = block.segments
    [signal] = segment.analogsignals
    with np.load(EXAMPLES / "neo" / "sweep.npz") as values:
        assert np.allclose(signal.magnitude.T, values["signal"])
        [train] = segment.spiketrains
        assert np.allclose(train.waveforms.magnitude, values["waveforms"])
    assert str(signal.sampling_period) == "0.1 ms"
    assert signal.array_annotations["electrode"].tolist() == ["tip", "shaft"]
    assert train.magnitude.tolist() == [3.2, 21.7, 24.1, 61.0, 66.6]
    assert (float(train.t_stop), float(train.left_sweep)) == (100.0, 0.5)
    [event], [epoch] = segment.events, segment.epochs
    assert event.labels.tolist() == ["left", "right"]
    assert epoch.durations.magnitude.tolist() == [10.0, 10.0]
