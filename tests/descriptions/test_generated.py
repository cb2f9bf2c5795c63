"""Files that hypothesis draws come back from their descriptions, which all readers read alike."""

from __future__ import annotations

import io
import json
import shutil

import pytest
import yaml
from hypothesis import Phase, given, settings

from nixschema.text.yaml import read_text
from tests.descriptions.round_trip import check, convert
from tests.plain import Tree, write
from tests.strategies import trees
from tests.text.trees import same, seen


@given(tree=trees())
@settings(max_examples=8, print_blob=False, phases=[Phase.generate])
def test_files_come_back(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tree")
    write(tree, folder / "source.nix")
    check(folder / "source.nix", folder, in_hdf5=False)
    shutil.rmtree(folder)


@given(tree=trees())
@settings(max_examples=6, phases=[Phase.generate])
def test_other_readers_read_alike(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    from ruamel.yaml import YAML

    folder = tmp_path_factory.mktemp("tree")
    write(tree, folder / "source.nix")
    convert(folder / "source.nix", folder / "text.yaml")
    convert(folder / "source.nix", folder / "text.json")
    text = (folder / "text.yaml").read_bytes()
    root, problems = read_text(text)
    assert problems == []
    ours = seen(root)
    assert same(plain(yaml.load(text, yaml.CSafeLoader)), ours)
    ruamel = YAML(typ="safe", pure=True)
    assert same(plain(ruamel.load(io.BytesIO(text))), ours)
    json_text = (folder / "text.json").read_bytes()
    root, problems = read_text(json_text)
    assert problems == []
    assert same(json.loads(json_text), seen(root))
    shutil.rmtree(folder)


def plain(value: object) -> object:
    """What a reader found, as plain Python has it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value
