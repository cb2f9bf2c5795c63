"""Sections nested 5,000 deep, and sources 1,000 deep, are handled like any others.

Whatever walks through a file must do so without recursion, and in time that grows with the number
of entities and not with its square.
"""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

import nixschema as nx
from nixschema.cli import main
from nixschema.model import Model
from tests.plain import UTF8, new_file, new_group

TIME = "20210304T120000"


@dataclass(frozen=True)
class Case:
    """A file with one kind of entity nested deep."""

    kind: str
    depth: int
    path: Path

    def outermost(self, file: nx.File) -> nx.Section | nx.Source:
        return file.metadata[0] if self.kind == "sections" else file.blocks[0].sources[0]

    def deepest(self, file: nx.File) -> nx.Section | nx.Source:
        here = self.outermost(file)
        for _ in range(self.depth - 1):
            here = getattr(here, self.kind)[0]
        return here


DEPTHS = {"sections": 5000, "sources": 1000}


@pytest.fixture(scope="module", params=list(DEPTHS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    kind: str = request.param
    made = Case(kind, DEPTHS[kind], tmp_path_factory.mktemp("depth") / f"{kind}.nix")
    _write(made)
    return made


@pytest.fixture(scope="module")
def file(case: Case) -> nx.File:
    return nx.read(case.path)


def test_all_levels_are_read(case: Case, file: nx.File) -> None:
    count = sum(isinstance(model, nx.Section | nx.Source) for model in file.walk())
    deepest = case.deepest(file)
    # the sources' file has a section beside
    assert count == case.depth + (case.kind == "sources")
    assert len(getattr(deepest, case.kind)) == 0
    assert deepest.name == "n"
    assert deepest.definition == "the deepest"
    assert deepest.file is file
    assert deepest.root is file
    assert deepest.path.count("/n") == case.depth
    assert not [finding for finding in file.findings if finding.level == "error"]


def test_references_lead_into_the_depth_and_out_of_it(case: Case, file: nx.File) -> None:
    deepest = case.deepest(file)
    block = file.blocks[0]
    if isinstance(deepest, nx.Section):
        assert block.metadata is deepest
        assert deepest.link is case.outermost(file)
        assert deepest.properties["numbers"].values == list(range(1000))
    else:
        assert block.data_arrays[0].sources[0] is deepest
        assert deepest.metadata is file.metadata[0]
    assert np.array_equal(block.data_arrays[0][990:], np.arange(990, 1000))


def test_two_readings_are_equal(case: Case, file: nx.File) -> None:
    again = nx.read(case.path)
    assert again == file
    assert case.outermost(again) == case.outermost(file)
    assert file.equals(again, values=False)


def test_a_difference_at_the_bottom_is_one(case: Case, file: nx.File) -> None:
    other = nx.read(case.path)
    case.deepest(other).definition = "another"
    assert other != file
    assert case.outermost(other) != case.outermost(file)
    case.deepest(other).definition = "the deepest"
    case.deepest(other).updated_at = case.deepest(file).updated_at
    assert other == file


def test_prints(case: Case, file: nx.File) -> None:
    for model in (file, case.outermost(file), case.deepest(file)):
        for text in (repr(model), str(model), model._repr_html_()):
            assert 0 < len(text) < 100_000
    lines = [repr(model) for model in file.walk()]
    assert max(map(len, lines)) < 1000
    assert "\n" not in "".join(lines)
    assert 0 < len(repr(file.metadata)) < 1000


def test_validates(case: Case) -> None:
    report = nx.validate(case.path)
    assert not [finding for finding in report.findings if finding.level == "error"]


def test_checking_makes_no_path_for_each_level(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.nix"
    shutil.copy(case.path, broken)
    with h5py.File(broken, "r+") as file:
        del file["data/b"].attrs["updated_at"]
        file["data/b/data_arrays/a"].attrs["unit"] = np.bytes_("mV")
    asked: list[Model] = []
    made = Model.path.fget  # type: ignore[attr-defined]

    def path(model: Model) -> str:
        asked.append(model)
        return str(made(model))

    monkeypatch.setattr(Model, "path", property(path))
    findings = nx.validate(broken).findings
    assert {"/", "/data/b"} <= {one.path for one in findings if one.fixable and one.entity_id}
    assert 0 < len(asked) < 100


def test_shows(case: Case) -> None:
    text = CliRunner().invoke(main, ["show", str(case.path)])
    assert text.exit_code == 0
    assert "deeper levels" in text.stdout
    everything = CliRunner().invoke(main, ["show", "--format", "json", str(case.path)])
    entities = json.loads(everything.stdout)["entities"]
    assert len(entities) > case.depth


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_pickles(case: Case, file: nx.File, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(file, protocol))
    assert again == file
    assert case.deepest(again) == case.deepest(file)
    assert case.deepest(again).file is again
    outermost = case.outermost(file)
    part = pickle.loads(pickle.dumps(outermost, protocol))
    assert part.owner is None
    assert type(part) is type(outermost)
    assert sum(1 for _ in part.walk()) == sum(1 for _ in outermost.walk())


def _kept(model: Any) -> Any:
    return model.copy(keep_id=True)


@pytest.mark.parametrize("copier", [copy.deepcopy, copy.copy, _kept])
def test_copies(case: Case, file: nx.File, copier: Callable[[Any], Any]) -> None:
    again = copier(file)
    assert again == file
    assert case.deepest(again) is not case.deepest(file)
    assert case.deepest(again).file is again
    part = copier(case.outermost(file))
    assert part == case.outermost(file)
    assert part.owner is None


def test_copies_with_ids_of_their_own(case: Case, file: nx.File) -> None:
    again = file.copy()
    assert again != file
    pairs = zip(file.walk(), again.walk(), strict=True)
    assert not any(
        one.id == two.id
        for one, two in pairs
        if isinstance(one, nx.Section | nx.Source) and isinstance(two, nx.Section | nx.Source)
    )


def test_a_deep_model_built_by_hand(case: Case) -> None:
    kind = nx.Section if case.kind == "sections" else nx.Source
    outermost = here = kind(name="n", type="t")
    for _ in range(case.depth - 1):
        inner = kind(name="n", type="t")
        getattr(here, case.kind).append(inner)
        here = inner
    assert sum(1 for _ in outermost.walk()) == case.depth
    assert copy.deepcopy(outermost) == outermost
    assert here.root is outermost


# Writing: each level is opened relative to the one above, so that the cost stays linear


def _write(case: Case) -> None:
    with new_file(case.path) as file:
        file.attrs.create("version", [1, 2, 1], dtype="<i4")
        for key, text in (("format", "nix"), ("id", _id(0)), *_stamps()):
            file.attrs.create(key, text, dtype=UTF8)
        data, metadata = new_group(file, "data"), new_group(file, "metadata")
        block = _entity(new_group(data, "b"), "b", 1)
        array = _entity(new_group(new_group(block, "data_arrays"), "a"), "a", 2)
        array.create_dataset("data", data=np.arange(1000.0), chunks=True, maxshape=(None,))
        dimension = new_group(new_group(array, "dimensions"), "1")
        dimension.attrs.create("dimension_type", "set", dtype=UTF8)
        outermost = deepest = block
        parent = metadata if case.kind == "sections" else new_group(block, "sources")
        for level in range(case.depth):
            deepest = _entity(new_group(parent, "n"), "n", 10 + level)
            outermost = deepest if level == 0 else outermost
            if level < case.depth - 1:
                parent = new_group(deepest, case.kind)
        deepest.attrs.create("definition", "the deepest", dtype=UTF8)
        if case.kind == "sections":
            block["metadata"] = deepest
            deepest["link"] = outermost
            numbers = new_group(deepest, "properties").create_dataset(
                "numbers", data=np.arange(1000), chunks=True, maxshape=(None,)
            )
            for key, text in (("name", "numbers"), ("entity_id", _id(3)), *_stamps()):
                numbers.attrs.create(key, text, dtype=UTF8)
        else:
            new_group(array, "sources")[_id(10 + case.depth - 1)] = deepest
            deepest["metadata"] = _entity(new_group(metadata, "s"), "s", 4)


def _entity(group: h5py.Group, name: str, number: int) -> h5py.Group:
    given = (("entity_id", _id(number)), ("name", name), ("type", "t"), *_stamps())
    for key, text in given:
        group.attrs.create(key, text, dtype=UTF8)
    return group


def _id(number: int) -> str:
    return str(UUID(int=number, version=4))


def _stamps() -> tuple[tuple[str, str], ...]:
    return ("created_at", TIME), ("updated_at", TIME)
