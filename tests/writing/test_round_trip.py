"""What is written comes back: for files over the whole model, sound and broken, and for models.

Files are drawn by hypothesis and made by plain h5py; the broken ones are the examples of the rules.
The judge of a rewritten file is `tests.writing.objects`, which compares bit by bit and does not
know nixschema; the judge of models is their equality.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.model import Container, Extra, Model
from nixschema.model.differences import differences as told_differences
from tests.patches import patched
from tests.plain import Tree, write
from tests.sound import SOUND
from tests.strategies import everything, trees
from tests.test_rules import EXAMPLES, Example
from tests.writing.format_rules import violations
from tests.writing.objects import differences
from tests.writing.upgrading import is_old, upgrade_differences

OLD_LAYOUT = "NIX020"
"""The rule about what stands in an old layout in a file of a new version."""


def _check_rewritten(source: Path, folder: Path) -> None:
    """Nothing is lost when a file is written once, and nothing changes when it is written twice."""
    once, twice = folder / "once.nix", folder / "twice.nix"
    done = nx.convert(source, once)
    assert done.losses == []
    if is_old(source):
        assert upgrade_differences(source, once) == []
    else:
        assert differences(source, once) == []
        assert nx.read(once) == nx.read(source)
    nx.convert(once, twice)
    assert differences(once, twice) == []
    assert list(told_differences(nx.read(once), nx.read(twice), strict=True)) == []


@given(tree=trees())
@settings(max_examples=25)
def test_files_are_rewritten_whole(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tree")
    write(tree, folder / "source.nix")
    _check_rewritten(folder / "source.nix", folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("version", [[1, 2, 1], [1, 2, 0], [1, 1, 1]], ids=str)
def test_file_with_everything_is_rewritten_whole(version: list[int], tmp_path: Path) -> None:
    write({**everything(), "version": version}, tmp_path / "source.nix")
    _check_rewritten(tmp_path / "source.nix", tmp_path)


@pytest.mark.parametrize(
    "example",
    [
        one
        for one in EXAMPLES
        if not one.refer
        and OLD_LAYOUT not in (one.rule, *one.also)
        and all("at" in patch for patch in one.patch)
    ],
    ids=str,
)
def test_broken_files_are_rewritten_as_they_are(example: Example, tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    write(SOUND, source)
    with patched(source, example.patch):
        try:
            before = nx.read(source)
        except nx.NotNix:
            return
        assert nx.convert(source, target).losses == []
        if before.version is not None and before.version < (1, 2, 0):
            assert upgrade_differences(source, target) == []
        else:
            assert differences(source, target) == []
            assert nx.read(target) == before


def in_memory(file: nx.File) -> nx.File:
    """A file as if made by hand: values in memory, and nothing known of how they were stored."""
    made = file.copy(keep_id=True)
    object.__setattr__(made, "_source", None)
    for model in made.walk():
        for name, value in model.__dict__.items():
            if isinstance(value, nx.Array):
                model.__dict__[name] = nx.Array(value.read())
        _forget_forms(model.extra)
    return made


def _forget_forms(extra: Extra) -> None:
    extra.form = None
    for member in extra.members.values():
        if isinstance(member, Extra):
            _forget_forms(member)


@given(tree=trees())
@settings(max_examples=25)
def test_models_are_written_whole(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    write({**tree, "version": [1, 2, 1], "id": str(uuid4())}, folder / "source.nix")
    file = in_memory(nx.read(folder / "source.nix"))
    nx.write(file, folder / "made.nix", check="none")
    assert nx.read(folder / "made.nix") == file
    assert violations(folder / "made.nix") == []
    shutil.rmtree(folder)


def test_model_with_everything_is_written_whole(tmp_path: Path) -> None:
    write({**everything(), "version": [1, 2, 1]}, tmp_path / "source.nix")
    file = in_memory(nx.read(tmp_path / "source.nix"))
    nx.write(file, tmp_path / "made.nix", check="none")
    assert nx.read(tmp_path / "made.nix") == file
    assert violations(tmp_path / "made.nix") == []


@given(data=st.data(), tree=trees())
@settings(max_examples=25)
def test_edits_are_written(
    data: st.DataObject, tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    write({**tree, "version": [1, 2, 1]}, folder / "source.nix")
    file = nx.read(folder / "source.nix")
    for _ in range(data.draw(st.integers(1, 4))):
        _edit(data, file)
    nx.write(file, folder / "made.nix", check="none")
    assert nx.read(folder / "made.nix") == file
    shutil.rmtree(folder)


def _edit(data: st.DataObject, file: nx.File) -> None:
    """Change something that can be changed in a file: a name, a text, data, an order, a member."""
    model = data.draw(st.sampled_from(list(file.walk())), label="entity")
    choices = ["definition"] if "definition" in type(model).model_fields else []
    choices += ["name"] if "name" in type(model).model_fields else []
    choices += ["data"] if isinstance(model, nx.DataArray) else []
    choices += ["values"] if isinstance(model, nx.Property) else []
    choices += [name for name, members in _containers(model) if len(members) > 1]
    what = data.draw(st.sampled_from(choices or ["nothing"]), label="what")
    if what == "name":
        model.name = f"renamed {id(model)}"
    elif what == "definition":
        model.definition = data.draw(st.sampled_from(["", "new", None]))
    elif what == "data" and isinstance(model, nx.DataArray):
        model.data = np.arange(6).reshape((1,) * max(0, len(model.dimensions) - 1) + (6,))
    elif what == "values" and isinstance(model, nx.Property):
        values: Any = data.draw(st.sampled_from([[], ["a"], [1, 2], [0.5], [True]]))
        model.values = values
    elif what != "nothing":
        members = dict(_containers(model))[what]
        member = data.draw(st.sampled_from(list(members)), label="member")
        members.move(member, data.draw(st.integers(0, len(members) - 1)))


def _containers(model: Model) -> Iterator[tuple[str, Container[nx.Block]]]:
    for name, value in model.__dict__.items():
        if isinstance(value, Container) and name != "dimensions":
            yield name, value
