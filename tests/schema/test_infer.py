"""Schemas from files: they accept the files, and nothing that is otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema import cli, io
from nixschema.errors import NixError
from nixschema.findings import Finding, Level
from nixschema.schema.checking.program import Program
from nixschema.schema.inferring.inferring import Inference
from nixschema.schema.language import SchemaDocument
from nixschema.schema.loading import document_of, read_schema
from tests import strategies
from tests.plain import write
from tests.schema.building import array, file_of, section
from tests.schema.lab import session

DATA = Path(__file__).parents[3] / "shared" / "data" / "nix"
FOLDERS = sorted(one.name for one in DATA.iterdir() if one.is_dir()) if DATA.is_dir() else []


def inferred(*files: nx.File, **options: Any) -> str:
    inference = Inference()
    for one in files:
        inference.add(one)
    return inference.schema("lab", **options).text


def loaded(text: str) -> SchemaDocument:
    """A schema, which has no problem at all."""
    schema, problems = read_schema(text.encode(), "lab.yaml")
    assert not problems.found, (problems.found, text)
    assert schema is not None
    found = document_of(schema)
    assert not found.problems, (found.problems, text)
    assert found.document is not None
    return found.document


@cache
def _program(text: str) -> Program:
    return Program(loaded(text))


def errors(text: str, file: nx.File) -> list[Finding]:
    found = _program(text).check(file, depth="metadata").findings
    return [one for one in found if one.level is Level.ERROR]


@pytest.mark.skipif(not FOLDERS, reason="no sample files")
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_files_pass_their_schema(folder: str) -> None:
    files = []
    for path in sorted((DATA / folder).rglob("*")):
        if path.suffix in (".nix", ".h5"):
            try:
                files.append(io.read_any(path))
            except (NixError, OSError):
                continue
    if not files:
        pytest.skip("no file here can be read")
    for ranges in (False, True):
        text = inferred(*files, ranges=ranges)
        for one in files:
            assert errors(text, one) == []


@settings(max_examples=12)
@given(st.lists(strategies.trees(), min_size=1, max_size=3))
def test_drawn_files_pass_their_schema(
    tmp_path_factory: pytest.TempPathFactory, trees: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    files = []
    for number, tree in enumerate(trees):
        path = folder / f"{number}.nix"
        write(tree, path)
        files.append(nx.read(path))
    text = inferred(*files)
    for one in files:
        assert errors(text, one) == []


# A lab


@pytest.fixture(scope="module")
def lab() -> str:
    return inferred(*(session(number) for number in range(10)))


def test_what_a_lab_gets(lab: str) -> None:
    assert lab == (Path(__file__).parent / "examples" / "inferred.yaml").read_text()


@pytest.mark.parametrize("number", range(10, 16))
def test_other_sessions_pass(lab: str, number: int) -> None:
    assert errors(lab, session(number)) == []


def test_nothing_of_one_file_alone_is_frozen(lab: str) -> None:
    bare = re.sub(r"#.*", "", lab)
    assert not re.search(r"[0-9a-f]{8}-|2025|session-|note|trial_0|shape: \[[0-9]", bare)


def _array(file: nx.File, name: str) -> nx.DataArray:
    return file.blocks[0].data_arrays[name]


def _drop_array(file: nx.File) -> None:
    file.blocks[0].tags.clear()
    file.blocks[0].data_arrays.remove("current", unlink=True)


def _drop_section(file: nx.File) -> None:
    file.metadata["recording"].sections.clear()


def _drop_property(file: nx.File) -> None:
    file.metadata["recording"].sections["cell"].properties.remove("depth")


def _unit(file: nx.File) -> None:
    _array(file, "voltage").unit = "s"


def _unit_of_property(file: nx.File) -> None:
    file.metadata["recording"].sections["cell"].properties["depth"].unit = "mV"


def _unit_of_axis(file: nx.File) -> None:
    _array(file, "voltage").dimensions[0].unit = "mV"


def _dtype(file: nx.File) -> None:
    _array(file, "voltage").data = np.zeros(60, np.int16)


def _dtype_of_property(file: nx.File) -> None:
    file.metadata["recording"].sections["cell"].properties["depth"].values = ["deep"]


def _word(file: nx.File) -> None:
    file.metadata["recording"].sections["cell"].properties["kind"].values = ["pyramidial"]


def _type_of_array(file: nx.File) -> None:
    _array(file, "voltage").type = "rig.trase"


def _type_of_tag(file: nx.File) -> None:
    file.blocks[0].multi_tags["spikes"].type = "rig.event"


def _type_of_section(file: nx.File) -> None:
    file.metadata["recording"].type = "rig.record"


def _type_of_block(file: nx.File) -> None:
    file.blocks[0].type = "rig.sesion"


def _dimension(file: nx.File) -> None:
    _array(file, "voltage").dimensions.clear()


def _kind_of_dimension(file: nx.File) -> None:
    _array(file, "voltage").dimensions.clear()
    _array(file, "voltage").dimensions.append(nx.SetDimension())


def _label(file: nx.File) -> None:
    _array(file, "voltage").label = "current"


def _swapped(file: nx.File) -> None:
    tag = file.blocks[0].multi_tags["spikes"]
    tag.positions, tag.extents = tag.extents, tag.positions


def _reference(file: nx.File) -> None:
    tag = file.blocks[0].multi_tags["spikes"]
    tag.references = [_array(file, "spikes.sizes")]


def _feature(file: nx.File) -> None:
    file.blocks[0].multi_tags["spikes"].features[0].link_type = "tagged"


def _no_feature(file: nx.File) -> None:
    file.blocks[0].multi_tags["spikes"].features.clear()


def _other_positions(file: nx.File) -> None:
    block = file.blocks[0]
    block.multi_tags["spikes"].positions = block.data_arrays["bursts.times"]


def _short_extents(file: nx.File) -> None:
    _array(file, "spikes.lengths").data = np.zeros(1)


def _long_feature(file: nx.File) -> None:
    _array(file, "spikes.sizes").data = np.zeros(99)


def _metadata(file: nx.File) -> None:
    file.blocks[0].metadata = file.metadata["recording"].sections["cell"]


def _no_metadata(file: nx.File) -> None:
    file.blocks[0].metadata = None


def _unit_of_tag(file: nx.File) -> None:
    file.blocks[0].tags[0].units = ["mV"]


def _rank(file: nx.File) -> None:
    _array(file, "voltage").data = np.zeros((5, 5))
    _array(file, "voltage").dimensions.append(nx.SetDimension())


MUTATIONS = [
    *(_drop_array, _drop_section, _drop_property, _unit, _unit_of_property, _unit_of_axis),
    *(_dtype, _dtype_of_property, _word, _type_of_array, _type_of_tag, _type_of_section),
    *(_type_of_block, _dimension, _kind_of_dimension, _label, _swapped, _reference, _feature),
    *(_no_feature, _other_positions, _short_extents, _long_feature, _metadata, _no_metadata),
    *(_unit_of_tag, _rank),
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_what_is_otherwise_is_found(lab: str, mutate: Callable[[nx.File], None]) -> None:
    file = session(20)
    assert errors(lab, file) == []
    mutate(file)
    assert errors(lab, file)


# What is asked for


def _units(*units: str) -> Iterator[nx.File]:
    for unit in units:
        yield file_of(array(name="v", type="our.v", unit=unit))


def test_a_rare_unit_is_an_exception() -> None:
    files = [*_units(*["mV"] * 19, "A")]
    assert "unit: [mV, A]" in inferred(*files)
    text = inferred(*files, share=0.9)
    assert re.search(r"unit: mV +# always|unit: mV", text)
    assert [one.path for one in errors(text, files[-1])] == ["/data/b/data_arrays/v"]
    assert errors(text, files[0]) == []


def test_units_that_convert_are_alike() -> None:
    assert "unit: {like: mV}  # mV in 2, uV in 1" in inferred(*_units("mV", "mV", "uV"))


def test_ranges_are_comments_unless_asked_for() -> None:
    files = [
        file_of(metadata=[section("subject", "our.subject", age=(age, "d"))])
        for age in (0.12, 5.0, 19.3)
    ]
    assert "# 0.12 to 19.3" in inferred(*files)
    assert "min" not in inferred(*files)
    text = inferred(*files, ranges=True)
    assert "values: {min: 0.12, max: 20}" in text
    other = file_of(metadata=[section("subject", "our.subject", age=(500.0, "d"))])
    assert [one.path for one in errors(text, other)] == ["/metadata/subject/properties/age"]


def test_odd_names_and_types_are_taken_as_they_are() -> None:
    odd = ["a*b", "<x>", "<x", "required", "any", "null", "12", "a: b", "#c", " d ", "\n", "é", "~"]
    files = [file_of(*(array(name=one, type=one, unit=one, label=one) for one in odd))] * 3
    assert errors(inferred(*files), files[0]) == []


def test_the_order_of_things_is_that_of_the_files(lab: str) -> None:
    assert inferred(*(session(number) for number in range(10))) == lab


def test_it_grows_with_what_is_different() -> None:
    few = Inference()
    for number in range(5):
        few.add(session(number))
    many = Inference()
    for number in range(100):
        many.add(session(number % 28))
    assert len(many.schema("lab").text) < 1.5 * len(few.schema("lab").text)


def test_what_one_lists_twice_is_not_in_all() -> None:
    files = []
    for names in (["a", "a"], ["b"]):
        arrays = [array(name) for name in ("a", "b")]
        features = [nx.Feature(data=arrays["ab".index(one)], link_type="tagged") for one in names]
        tag = nx.Tag(name="t", type="our.tag", position=[0.0], features=features)
        files.append(file_of(*arrays, tags=[tag]))
    for one in files:
        assert errors(inferred(*files), one) == []


def test_deep_sections() -> None:
    top = inner = nx.Section(name="s", type="t.s")
    for _ in range(1500):
        deeper = nx.Section(name="s", type="t.s")
        inner.sections.append(deeper)
        inner = deeper
    file = nx.File(metadata=[top])
    assert errors(inferred(file), file) == []


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, ["schema", "infer", *arguments])


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for number in range(3):
        nx.write(session(number), tmp_path / "data" / f"{number}.nix", check="none")
    return tmp_path


def test_to_stdout(sessions: Path) -> None:
    done = run("data")
    assert done.exit_code == 0
    assert loaded(done.stdout).schema.schema_ == "lab"
    assert done.stderr.splitlines()[-1] == "lab is made of 3 files"


def test_to_a_file_once(sessions: Path) -> None:
    assert run("data", "-o", "our-rig.yaml").exit_code == 0
    text = (sessions / "our-rig.yaml").read_text()
    assert loaded(text).schema.schema_ == "our-rig"
    again = run("data", "-o", "our-rig.yaml")
    assert (again.exit_code, again.stderr) == (
        2, "our-rig.yaml exists: replace it with --force\n",
    )  # fmt: skip
    assert run("data", "-o", "our-rig.yaml", "--force").exit_code == 0
    assert (sessions / "our-rig.yaml").read_text() == text


def test_exceptions_are_listed(sessions: Path) -> None:
    file = session(3)
    _unit(file)
    nx.write(file, sessions / "data" / "3.nix", check="none")
    done = run("data", "--min-share", "0.7")
    assert done.exit_code == 0
    told = [one for one in done.stderr.splitlines() if one.startswith("exception")]
    assert len(told) == 1
    assert told[0].startswith("exception: data/3.nix: /data/session-")
    assert "unit is `s`, where `mV` is expected" in told[0]


def test_what_cannot_be_read_is_told(sessions: Path) -> None:
    (sessions / "data" / "bad.nix").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    done = run("data")
    assert done.exit_code == 1
    assert "left out: " in done.stderr
    assert "bad.nix" in done.stderr
    assert loaded(done.stdout)


def test_wrong_use(sessions: Path) -> None:
    assert run("nowhere").exit_code == 2
    assert run("data", "--name", "a b").exit_code == 2
    assert run("data", "--name", "NIX2").exit_code == 2
    assert run("data", "-o", "x.json").exit_code == 2
    assert run("data", "-o", "data").exit_code == 2
    assert run("data", "-o", "nowhere/x.yaml").exit_code == 2
    (sessions / "empty").mkdir()
    assert run("empty").exit_code == 2
