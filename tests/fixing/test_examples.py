"""The invalid examples of all rules, mended: what changes, and what is left.

`changes.yaml` has what changes in each file, as an independent judge tells it; see
`tests.fixing.record`.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import pytest
import yaml

import nixschema as nx
from nixschema.findings import Finding, Level
from nixschema.fixing.fix import fixes_of, mended_rules
from nixschema.model.differences import differences
from nixschema.rules.rule import all_rules
from tests.fixing.record import CHANGES, MENDABLE, mended
from tests.patches import patched
from tests.plain import write
from tests.sound import SOUND
from tests.test_rules import Example

REVEALED = {
    "NIX103-a unit of a fixed length in Latin-1": {"NIX504"},
    "NIX703-another link, of a block, a property, a source": {"NIX715"},
}
"""Rules that find something once another thing is mended, by example. It was there before."""


@cache
def recorded() -> dict[str, dict[str, list[str]]]:
    loaded: Any = yaml.safe_load(CHANGES.read_text("utf-8"))
    return dict(loaded)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "session.nix"
    write(SOUND, path)
    return path


def _findings(path: Path) -> list[Finding]:
    return list(nx.validate(path, depth="metadata").findings)


def _keys(findings: list[Finding]) -> set[tuple[str, str, str]]:
    return {(one.rule, one.path, one.message) for one in findings}


def _state(path: Path) -> tuple[bytes, int, int]:
    status = path.stat()
    return path.read_bytes(), status.st_ino, status.st_mtime_ns


CHANGED = [
    pytest.param(example, kind, id=f"{kind}-{example}")
    for example in MENDABLE
    for kind in recorded().get(str(example), ())
]
UNCHANGED = [
    one
    for one in MENDABLE
    if str(one) not in recorded() and {one.rule, *one.also} & mended_rules().keys()
]


@pytest.mark.parametrize(("example", "kind"), CHANGED)
def test_example_is_mended(example: Example, kind: str, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    with patched(path, example.patch):
        done, changes = mended(path, unsafe=kind == "unsafe")
        assert changes == recorded()[str(example)][kind]
        before, after = _findings(tmp_path / "before.nix"), done.remaining
        assert _keys(after) == _keys(_findings(path))
        assert _keys(done.fixed) <= _keys(before) - _keys(after)
        assert done.fixed
        new = {one.rule for one in after if one.level is not Level.INFO} - {
            one.rule for one in before
        }
        assert new <= REVEALED.get(str(example), set())
        assert not [one for one in after if _is_fixable(one, kind)]
        state = _state(path)
        assert not mended(path, unsafe=kind == "unsafe")[0].is_changed
        assert _state(path) == state


@pytest.mark.parametrize("example", UNCHANGED, ids=str)
def test_example_that_cannot_be_mended_is_not_touched(
    example: Example, sound: Path, tmp_path: Path
) -> None:
    """Where something is changed, it has to be recorded: see `tests.fixing.record`."""
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    with patched(path, example.patch):
        state = _state(path)
        done, _ = mended(path, unsafe=True)
        assert not done.is_changed
        assert _state(path) == state
        assert not [one for one in done.remaining if one.fixable]


def _is_fixable(finding: Finding, kind: str) -> bool:
    """Whether a finding says that it can be mended, and of its rule's fixes all may be done."""
    known = {one.safety for one in fixes_of(finding.rule)}
    return finding.fixable and (kind == "unsafe" or known == {"safe"})


def test_record_is_of_examples_that_are_there() -> None:
    assert recorded().keys() <= {str(one) for one in MENDABLE}


def test_each_rule_with_a_fix_has_an_example_that_it_mends() -> None:
    mended_examples = {name.split("-")[0] for name in recorded()}
    assert set(mended_rules()) <= mended_examples


def test_rules_say_whether_they_have_a_fix() -> None:
    said = {one.id: one.fix for one in all_rules() if one.fix is not None}
    assert said == mended_rules()


def test_values_are_the_same_bytes_in_the_same_place(sound: Path, tmp_path: Path) -> None:
    """The data of arrays are not even moved."""
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    patch = {"at": "/data/session/data_arrays/voltage", "set": {"unit": "m V"}}

    def chunks() -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        with h5py.File(path, "r") as file:
            for name, array in file["data/session/data_arrays"].items():
                data = array["data"].id
                infos = [data.get_chunk_info(i) for i in range(data.get_num_chunks())]
                found[name] = [(one.byte_offset, one.size) for one in infos]
        return found

    with patched(path, [patch]):
        before, content = chunks(), path.read_bytes()
        done, _ = mended(path, unsafe=False)
    assert [one.rule for one in done.fixed] == ["NIX504"]
    assert chunks() == before
    after = path.read_bytes()
    for offset, size in [one for known in before.values() for one in known]:
        assert after[offset : offset + size] == content[offset : offset + size]


def test_models_differ_in_what_is_mended_only(sound: Path, tmp_path: Path) -> None:
    path, before = tmp_path / "session.nix", tmp_path / "before.nix"
    shutil.copyfile(sound, path)
    patch = {"at": "/data/session/data_arrays/voltage", "set": {"unit": "m V"}}
    with patched(path, [patch]):
        mended(path, unsafe=False)
    (told,) = differences(nx.read(before), nx.read(path), strict=True)
    assert (told.path, told.field, told.left, told.right) == (
        "/data/session/data_arrays/voltage",
        "unit",
        "m V",
        "mV",
    )


def test_order_is_kept_from_then_on(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    patch = {"at": "/data/session", "unordered": "data_arrays"}
    with patched(path, [patch]):
        with h5py.File(path, "r") as file:
            before = list(file["data/session"])
        done, _ = mended(path, unsafe=False)
    assert [one.rule for one in done.fixed] == ["NIX013"]
    with h5py.File(path, "r+") as file:
        group = file["data/session/data_arrays"]
        names = list(group)
        assert names == sorted(names)
        group["a first name"] = group[names[0]]
        assert list(group) == [*names, "a first name"]
        del group["a first name"]
        assert list(file["data/session"]) == before


def test_file_is_as_it_was_where_nothing_can_be_mended(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    path.chmod(0o444)
    before = _state(path)
    sound_one, _ = mended(path, unsafe=False)
    errors = [one for one in sound_one.remaining if one.level is not Level.INFO]
    assert not sound_one.is_changed
    assert errors == []
    assert _state(path) == before
    assert os.listdir(tmp_path).count("session.nix") == 1
