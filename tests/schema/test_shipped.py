"""The shipped schemas: their examples, real files, what neo writes, and each rule broken once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo  # type: ignore[import-untyped]
import numpy as np
import pytest
import quantities as pq  # type: ignore[import-untyped]

import nixschema as nx
from nixschema.findings import Finding, Level
from nixschema.io import read_any
from nixschema.schema.checking.program import Program
from nixschema.schema.detecting import fitting, shipped_names
from nixschema.schema.loading import load_file, load_schema_document

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
FOLDER = ROOT.parent / "shared" / "data" / "nix"
"""The folder of real files, beside the checkout where there is one."""

NAMES = ("mne", "neo", "neo-legacy", "nixtrack", "relacs", "spikeinterface")
GENERATED = sorted((FOLDER / "neo-generated").glob("*.nix"))
INTERRUPTED = {"annotations", "none_annotation", "random_block_seed4", "random_block_seed6"}
needs_files = pytest.mark.skipif(not FOLDER.is_dir(), reason="there are no sample files")


def findings(path: Path, schema: str) -> list[Finding]:
    """What is found with a schema and not accepted."""
    return [one for one in nx.validate(path, schemas=[schema]).findings if not one.accepted]


def grave(path: Path, schema: str) -> list[Finding]:
    """Errors and warnings."""
    return [one for one in findings(path, schema) if one.level is not Level.INFO]


def ids(found: list[Finding]) -> set[str]:
    """The ids of what schemas say."""
    return {one.rule for one in found if ":" in one.rule}


def test_all_are_shipped() -> None:
    assert sorted(shipped_names()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_sound(name: str) -> None:
    loaded = load_file(SCHEMAS / f"{name}.yaml", python_rules=True)
    assert loaded.problems == []
    assert loaded.document is not None
    schema = loaded.document.schema
    assert schema.version
    assert schema.provenance["writer"]
    assert schema.provenance["read from"]
    assert schema.recognise is not None


VALID = [
    (name, file) for name in NAMES for file in load_schema_document(name).schema.examples.valid
]
INVALID = [
    (name, one.file, one.finds)
    for name in NAMES
    for one in load_schema_document(name).schema.examples.invalid
]


@pytest.mark.parametrize(("name", "file"), VALID)
def test_valid_examples_pass(name: str, file: str) -> None:
    assert grave(SCHEMAS / file, name) == []


@pytest.mark.parametrize(("name", "file", "finds"), INVALID)
def test_invalid_examples_are_told(name: str, file: str, finds: str) -> None:
    found = ids(grave(SCHEMAS / file, name))
    assert finds in found
    assert len(found) <= 2


def test_every_example_is_listed() -> None:
    listed = {file for _, file in VALID} | {file for _, file, _ in INVALID}
    there = {one.relative_to(SCHEMAS).as_posix() for one in (SCHEMAS / "examples").rglob("*.yaml")}
    assert listed == there


PROGRAMS = [Program(load_schema_document(name)) for name in NAMES]


def detected(file: nx.File) -> list[str]:
    """The schemas that recognise a file."""
    return [one.name for one in fitting(file, PROGRAMS)]


@pytest.mark.parametrize(("name", "file"), VALID)
def test_examples_are_recognised(name: str, file: str) -> None:
    assert detected(read_any(SCHEMAS / file)) == [name]


# Real files


@needs_files
@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.stem)
def test_files_of_neo_pass(path: Path) -> None:
    assert grave(path, "neo") == []


@needs_files
@pytest.mark.parametrize(
    "path",
    sorted((FOLDER / "neo-generated/partial-writes").glob("*.nix")),
    ids=lambda path: path.stem,
)
def test_interrupted_writes_of_neo_are_told(path: Path) -> None:
    found = grave(path, "neo")
    if path.stem not in INTERRUPTED:
        assert found == []
        return
    assert len(found) == 1
    assert found[0].level is Level.ERROR
    assert found[0].rule.endswith(".metadata/nix_name")
    assert "interrupted write" in found[0].message


@needs_files
def test_a_misspelt_type_is_told() -> None:
    found = grave(FOLDER / "synthetic/neo_handwritten_typo.nix", "neo")
    told = [one.message for one in found if one.rule == "neo:namespaces.neo"]
    assert told == [
        "type `neo.analogsingal` is declared nowhere in `neo`: did you mean `neo.analogsignal`?"
    ]


@needs_files
def test_deviations_of_nixtrack_are_told() -> None:
    path = FOLDER / "bendalab+nixtrack/test.nix"
    found = [one for one in findings(path, "nixtrack") if ":" in one.rule]
    assert sorted((one.rule, one.level.value) for one in found) == [
        ("nixtrack:video/instance score.type", "info"),
        ("nixtrack:video/node map", "warning"),
        ("nixtrack:video/node score.type", "info"),
        ("nixtrack:video/track map/spawned_on", "warning"),
        ("nixtrack:video/tracking score.type", "info"),
    ]


@needs_files
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("spikeextractors_recording", "spikeinterface"),
        ("spikeextractors_sorting", "spikeinterface"),
        ("mne_like", "mne"),
    ],
)
def test_files_of_others_pass(file: str, name: str) -> None:
    assert grave(FOLDER / "synthetic" / f"{file}.nix", name) == []


ORIGINS = {
    "neo-generated": ["neo"],
    "bendalab+nixtrack": ["nixtrack"],
    "synthetic/mne": ["mne"],
    "synthetic/neo": ["neo"],
    "synthetic/spike": ["spikeinterface"],
}


@needs_files
def test_origins_are_detected() -> None:
    files = [one for one in FOLDER.rglob("*.*") if one.suffix in (".nix", ".h5")]
    assert len(files) > 40
    for path in files:
        name = path.relative_to(FOLDER).as_posix()
        wanted = next((one for start, one in ORIGINS.items() if name.startswith(start)), [])
        with nx.open(path, "r") as file:
            assert (name, detected(file)) == (name, wanted)


# Files that neo writes


def signal(samples: int = 20, channels: int = 2, **more: Any) -> Any:
    given = {"units": "mV", "sampling_rate": 1 * pq.kHz, **more}
    values = np.arange(samples * channels, dtype=given.pop("dtype", float))
    return neo.AnalogSignal(values.reshape(samples, channels), **given)


def uneven(**more: Any) -> Any:
    return neo.IrregularlySampledSignal([0.1, 0.5, 2] * pq.ms, np.ones((3, 2)) * pq.nA, **more)


def images(**more: Any) -> Any:
    return neo.ImageSequence(
        np.ones((3, 4, 5)), units="V", sampling_rate=10 * pq.Hz, spatial_scale=2 * pq.um, **more
    )


def event(count: int = 2, **more: Any) -> Any:
    given = {"labels": [f"l{number}" for number in range(count)], **more}
    return neo.Event(np.arange(count) * 0.1 * pq.s, **given)


def epoch(count: int = 2, **more: Any) -> Any:
    times = np.arange(count) * 0.1 * pq.s
    return neo.Epoch(times, durations=np.ones(count) * pq.ms, **more)


def train(count: int = 3, **more: Any) -> Any:
    given = {"units": "ms", "t_stop": 100, **more}
    return neo.SpikeTrain(np.arange(count) * 10.0, **given)


def waveforms(count: int) -> dict[str, Any]:
    return {
        "waveforms": np.ones((count, 2, 4)) * pq.uV,
        "sampling_rate": 30 * pq.kHz,
        "left_sweep": 0.1 * pq.ms,
    }


def segment(*objects: Any, **more: Any) -> Any:
    made = neo.Segment(**more)
    for one in objects:
        kind = type(one).__name__.lower()
        getattr(made, f"{kind}s").append(one)
    return made


def block(*segments: Any, groups: tuple[Any, ...] = (), **more: Any) -> Any:
    made = neo.Block(**more)
    made.segments.extend(segments)
    made.groups.extend(groups)
    return made


def per(count: int) -> dict[str, Any]:
    return {"array_annotations": {"x": np.arange(count), "y": [f"a{one}" for one in range(count)]}}


def annotated() -> Any:
    given = {
        "a": 1, "b": 2.5, "c": "x", "d": "", "e": True, "f": [1, 2], "g": [], "h": 3 * pq.mV,
        "i": [1, 2] * pq.s, "j": datetime.datetime(2020, 1, 2), "k": datetime.date(2020, 1, 2),
        "l": datetime.time(3), "m": np.array([]), "n": b"x", "o": "é",
    }  # fmt: skip
    objects = [signal(), uneven(), images(), event(), epoch(), train(**waveforms(3))]
    group = neo.Group()
    made = block(segment(*objects), groups=(group,))
    for one in (made, group, made.segments[0], *objects):
        one.annotate(**given)
    return made


def grouped() -> Any:
    first, other, times = signal(channels=3), uneven(), train()
    top = neo.Group([first, times, other], name="top")
    inner = neo.Group([times], name="inner")
    inner.channelviews.append(neo.ChannelView(other, [1]))
    view = neo.ChannelView(first, [0, 2])
    top.channelviews.append(view)
    top.groups.append(inner)
    inner.groups.append(neo.Group())
    beside = neo.Group()
    beside.channelviews.append(view)
    return block(segment(first, other, times, event()), groups=(top, beside))


def shared() -> Any:
    both = [signal(), event(), train(), epoch()]
    return block(segment(*both), segment(signal(), *both))


def named() -> Any:
    made = block(name="a b.1")
    for number in range(2):
        objects = [signal(), uneven(), images(), event(), epoch(), train(**waveforms(3))]
        for one in objects:
            one.name = f"{type(one).__name__} <{number}>.0"
        made.segments.append(segment(*objects, name=f"segment {number}"))
    return made


def compound() -> Any:
    return pq.CompoundUnit("1/30000*s")


MADE: dict[str, Callable[[], Any]] = {
    "nothing": block,
    "empty segment": lambda: block(segment()),
    "1/Hz": lambda: block(segment(signal(sampling_rate=2 * pq.Hz, t_start=1.5 * pq.s))),
    "ms": lambda: block(segment(signal(sampling_rate=2 / pq.ms, t_start=-3 * pq.s))),
    "minutes": lambda: block(segment(signal(t_start=1 * pq.min))),
    "hours": lambda: block(segment(signal(sampling_rate=60 / pq.hour, t_start=2 * pq.s))),
    "a third": lambda: block(segment(signal(sampling_rate=3 * pq.MHz, t_start=1 / 3 * pq.s))),
    "compound time": lambda: block(
        segment(signal(sampling_rate=1 / compound()), train(units=compound()))
    ),
    "units": lambda: block(
        *(segment(signal(units=one)) for one in ("dimensionless", "V/m**2", "degC", "mV*s"))
    ),
    "integers": lambda: block(segment(signal(dtype="i2"), signal(dtype="u1"))),
    "no samples": lambda: block(segment(signal(samples=0), uneven())),
    "no channels": lambda: block(segment(signal(channels=0), event())),
    "images": lambda: block(segment(images(), images(t_start=2 * pq.ms))),
    "events": lambda: block(segment(event(), event(0), event(labels=None), signal(), uneven())),
    "epochs": lambda: block(segment(epoch(), epoch(0), epoch(labels=["a", "é"]), signal())),
    "one duration": lambda: block(segment(neo.Epoch([1, 2] * pq.min, durations=1 * pq.s))),
    "trains": lambda: block(segment(train(), train(0), train(t_start=-5.0), train(1))),
    "endless train": lambda: block(segment(train(t_stop=np.inf))),
    "end in other units": lambda: block(
        segment(neo.SpikeTrain([0.1, 0.3], units="s", t_start=100 * pq.ms, t_stop=300 * pq.ms))
    ),
    "waveforms": lambda: block(segment(train(3, **waveforms(3)), train(0, **waveforms(0)))),
    "annotations": annotated,
    "array annotations": lambda: block(
        segment(
            signal(**per(2)), uneven(**per(2)), event(**per(2)), epoch(**per(2)), train(**per(3))
        )
    ),
    "empty array annotations": lambda: block(
        segment(event(0, array_annotations={"x": np.array([])}))
    ),
    "groups": grouped,
    "shared": shared,
    "times": lambda: block(
        segment(rec_datetime=datetime.datetime(2019, 1, 2, 3)),
        rec_datetime=datetime.datetime(2019, 1, 2),
        file_datetime=datetime.datetime(2020, 1, 2),
    ),
}


def write(path: Path, *blocks: Any, mode: str = "ow", names: bool = False) -> None:
    with neo.io.NixIO(str(path), mode) as io:
        io.write_all_blocks(list(blocks), use_obj_names=names)


@pytest.mark.parametrize("name", MADE)
def test_what_neo_writes_passes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "made.nix"
    write(path, MADE[name]())
    assert grave(path, "neo") == []


def test_names_of_objects_pass(tmp_path: Path) -> None:
    path = tmp_path / "named.nix"
    write(path, named(), names=True)
    assert grave(path, "neo") == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # neo with numpy 2.
def test_several_blocks_and_files_that_grow_pass(tmp_path: Path) -> None:
    path = tmp_path / "grown.nix"
    write(path, grouped(), grouped())
    more = grouped()
    write(path, more, mode="rw")
    more.segments.append(segment(signal()))
    write(path, more, mode="rw")
    assert grave(path, "neo") == []
    with neo.io.NixIO(str(path), "ro") as io:
        again = io.read_all_blocks()
    assert len(again) == 3
    write(tmp_path / "again.nix", *again)
    assert grave(tmp_path / "again.nix", "neo") == []


def test_an_unknown_time_of_recording_is_information(tmp_path: Path) -> None:
    path = tmp_path / "made.nix"
    write(path, MADE["1/Hz"]())
    assert "neo:recording_time_is_known" in ids(findings(path, "neo"))
    write(path, MADE["times"]())
    assert "neo:recording_time_is_known" not in ids(findings(path, "neo"))


# Each rule broken once, in an example that is sound. Where several clauses are about one thing,
# all of them say so.

N = "neo/recording.yaml"
T = "nixtrack/video.yaml"
R = "relacs/recording.yaml"
BROKEN: list[tuple[str, str, str, set[str]]] = [
    (N, "  neo: {type: neo.metadata, properties: {version: 0.14.6}}\n", "", {"neo:neo"}),
    (N, "{version: 0.14.6}", "{}", {"neo:neo.metadata/version"}),
    (N, "name: day 1, nix_name: b1}", "name: day 1}", {"neo:neo.block.metadata/nix_name"}),
    (N, "nix_name: v1", "nix_name: v2", {"neo:neo.channelview.metadata/nix_name.values"}),
    (N, "  g2: {type: neo.subgroup,", "  g2: {type: our.group,", {"neo:neo.block/own group"}),
    (N, "    metadata: /b1\n", "", {"neo:neo.block/metadata"}),
    (N, "s1: {type: neo.segment, metadata: /b1/s1", "s1: {type: neo.segment, metadata: /b1/g1",
     {"neo:neo.segment/metadata.name", "neo:neo.segment/metadata.type",
      "neo:neo.analogsignal/member_of", "neo:neo.spiketrain/member_of",
      "neo:neo.event/member_of", "neo:neo.epoch/member_of"}),
    (N, "multi_tags: [st, ev, ep]", "multi_tags: [st, ep]", {"neo:neo.event/member_of"}),
    (N, "multi_tags: [st, v1]", "multi_tags: [st]", {"neo:neo.channelview/member_of"}),
    (N, "neo_parent: g1", "neo_parent: g7", {"neo:neo.subgroup/metadata/neo_parent.values"}),
    (N, "neo_parent: g1, ", "", {"neo:neo.subgroup/metadata/neo_parent"}),
    (N, "data: [1]}", "data: [2]}", {"neo:neo.channelview/positions.values"}),
    (N, "data: [1]}", "data: [1.0]}", {"neo:neo.channelview.index.dtype"}),
    (N, "unit: 1/kHz, offset: 200.0, label: time", "unit: 1/kHz, offset: 200.0, label: t",
     {"neo:neo.analogsignal/dimensions/1.label"}),
    (N, "unit: 1/kHz, offset: 200.0", "unit: 1/kHz, offset: 201.0",
     {"neo:neo.analogsignal/metadata/t_start.values"}),
    (N, "        unit: mV\n", "", {"neo:neo.analogsignal.unit"}),
    (N, "sig.1: *channel", "sig.2: *channel",
     {"neo:neo.analogsignal/together.counting", "neo:neo.analogsignal/member_of",
      "neo:neo.channelview/positions.values"}),
    (N, "sig.1: *channel", "sig.1: {<<: *channel, unit: uV}",
     {"neo:neo.analogsignal/together.unit"}),
    (N, "sig.1: *channel", "sig.1: {<<: *channel, data: [0.0, 1.0]}",
     {"neo:neo.analogsignal/together.shape"}),
    (N, "values: [0.1, 0.2], unit: mm", "values: [0.1], unit: mm",
     {"neo:neo.analogsignal/together.size"}),
    (N, "t_stop: {value: 1.0, unit: s}", "t_stop: {value: 0.5, unit: s}",
     {"neo:neo.spiketrain/positions.values"}),
    (N, "t_start: {value: 0.0, unit: s}", "t_start: {value: 0.2, unit: s}",
     {"neo:neo.spiketrain/positions.values"}),
    (N, "[[[0.0, 1.0]], [[0.0, 2.0]]]", "[[[0.0, 1.0]]]",
     {"neo:neo.spiketrain/features/waveforms.shape"}),
    (N, "unit: ms, data: [100.0, 900.0]", "unit: mV, data: [100.0, 900.0]",
     {"neo:neo.spiketrain.times.unit", "neo:neo.spiketrain/positions.values"}),
    (N, "unit: ms, data: [50.0]", "unit: mV, data: [50.0]", {"neo:neo.epoch.durations.unit"}),
    (N, "unit: ms, data: [50.0]", "unit: ms, data: [50.0, 50.0]", {"neo:neo.epoch/extents.shape"}),
    (N, "ev.times, references: [sig.0, sig.1]", "ev.times, references: [sig.0]",
     {"neo:events_refer_to_all_signals"}),
    (N, "ev.times, references: [sig.0, sig.1]", "ev.times, references: [sig.0, sig.1, v1.index]",
     {"neo:neo.event/references"}),
    (T, "format: nix.tracking,", "format: other,", {"nixtrack:TrackingAnalysis/format.values"}),
    (T, "data: [4, 4, 5]", "data: [4, 5, 4]", {"nixtrack:video/frame.values"}),
    (T, "data: [0, 0, 0]", "data: [0, 0, 3]", {"nixtrack:video/skeleton.values"}),
    (T, "values: [head, tail]}\n          weight", "values: [head, tail]}\n          w8",
     {"nixtrack:video/node map/weight"}),
    (T, "fps: {value: 25.0, unit: Hz}", "fps: {value: 25.0, unit: kHz}",
     {"nixtrack:nix.tracking.source.video.metadata/fps.unit"}),
    (T, "references: [position]", "references: [centroid]",
     {"nixtrack:video/tracking results/references/position"}),
    (R, "relacs-nix version: 1.1", "relacs-nix version: 1.0",
     {"relacs:recording/metadata/relacs-nix version.values"}),
    (R, "type: relacs.data.sampled.V-1", "type: relacs.data.sampled.V-2",
     {"relacs:relacs.data.sampled.name", "relacs:relacs.data.sampled.label"}),
    (R, "data: [0.25, 1.75]", "data: [1.75, 0.25]", {"relacs:relacs.data.events.values"}),
    (R, "tags: [FICurve_1], ", "",
     {"relacs:relacs.repro_group/tags/repro_run", "relacs:relacs.repro_run/member_of"}),
    (R, "type: relacs.feature.amplitude", "type: relacs.feature.amplitud",
     {"relacs:namespaces.relacs"}),
]  # fmt: skip


@pytest.mark.parametrize(("example", "old", "new", "wanted"), BROKEN)
def test_each_broken_rule_is_told(
    example: str, old: str, new: str, wanted: set[str], tmp_path: Path
) -> None:
    text = (SCHEMAS / "examples" / example).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "broken.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert ids(grave(path, example.partition("/")[0])) == wanted


def test_a_foreign_file_brings_one_finding() -> None:
    for name in NAMES:
        other = "mne" if name != "mne" else "relacs"
        found = ids(grave(SCHEMAS / "examples" / other / "recording.yaml", name))
        assert found == {f"{name}:recognise"}
