"""The judge of upgrades is judged: by hand, and by changes that it must notice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import h5py
import numpy as np
import pytest

from tests.plain import UTF8
from tests.reading.test_against_h5py import write_old_file
from tests.writing.format_rules import violations
from tests.writing.hdf5 import BOOLEAN, type_of
from tests.writing.objects import differences
from tests.writing.upgrading import (
    NEW_ID,
    NEW_TIME,
    Expected,
    is_old,
    upgrade_differences,
    upgraded,
)

PROPERTIES = "/metadata/subject/properties"
ARRAYS = "/data/session/data_arrays"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("old") / "old.nix"
    write_old_file(path)
    return path


@pytest.fixture(scope="module")
def present(old: Path) -> Expected:
    return upgraded(old, old.with_name("upgraded.nix"))


@pytest.fixture
def target(present: Expected, tmp_path: Path) -> Path:
    """What a writer may make of the old file."""
    path = tmp_path / "target.nix"
    shutil.copyfile(present.path, path)
    with h5py.File(path, "r+") as file:
        things = [file]
        file.visititems(lambda _, thing: things.append(thing))
        for thing in things:
            for key, text in list(thing.attrs.items()):
                if isinstance(text, str) and text in (NEW_ID, NEW_TIME):
                    new = str(uuid4()) if text == NEW_ID else "20260101T000000"
                    thing.attrs.create(key, new, dtype=UTF8)
    return path


def values(file: h5py.File, name: str) -> list[object]:
    listed: list[object] = file[f"{PROPERTIES}/{name}"][()].tolist()
    return listed


def test_an_old_file_is_told_from_a_present_one(old: Path, present: Expected) -> None:
    assert is_old(old)
    assert not is_old(present.path)


def test_old_properties_become_values(present: Expected) -> None:
    with h5py.File(present.path) as file:
        shared = file[f"{PROPERTIES}/shared"]
        assert shared[()].tolist() == [1.5, 2.5]
        assert shared.maxshape == (None,)
        assert shared.attrs["uncertainty"] == 0.25
        assert shared.attrs["reference"] == "lab book"
        assert values(file, "distinct") == [1, 2]
        assert "uncertainty" not in file[f"{PROPERTIES}/distinct"].attrs
        assert values(file, "distinct.uncertainty") == [0.25, 0.5]
        assert values(file, "distinct.reference") == [b"one", b"two"]
        assert values(file, "one of two.uncertainty") == [0.0, 0.5]
        assert values(file, "files.filename") == [b"a.png", b"b.png"]
        assert values(file, "files.encoder") == [b"base64", b""]
        assert values(file, "one file.filename") == [b"a.png", b"a.png"]
        assert values(file, "flags") == values(file, "bits") == [True, False]
        for name in ("flags", "bits"):
            assert type_of(file[f"{PROPERTIES}/{name}"].id.get_type()) == BOOLEAN
        assert np.isnan(file[f"{PROPERTIES}/not a number"].attrs["uncertainty"])
        described = dict(file[f"{PROPERTIES}/described"].attrs)
        assert {"unit": "mV", "definition": "how wide"}.items() <= described.items()
        names = [name for name in file[PROPERTIES] if name.startswith("distinct")]
        assert names == ["distinct", "distinct.reference", "distinct.uncertainty"]


def test_aliases_become_links_and_bits_booleans(present: Expected) -> None:
    with h5py.File(present.path) as file:
        for name in ("times", "values"):
            link = file[f"{ARRAYS}/{name}/dimensions/1/link"]
            assert link.attrs["index"].tolist() == [-1]
            assert link.attrs["data_object_type"] == "DataArray"
            ((key, target),) = link.items()
            assert target == file[f"{ARRAYS}/times"]
            assert target.attrs["entity_id"] == key
        assert file[f"{ARRAYS}/flags/data"][()].tolist() == [True, False, True]


def test_frames_are_where_both_libraries_look(present: Expected) -> None:
    assert violations(present.path, ["W6"]) == []
    with h5py.File(present.path) as file:
        trial = file["/data/session/groups/trial"]
        assert len(trial["data_frame"]) == len(trial["data_frames"]) == 2


def test_an_upgrade_is_no_difference(old: Path, target: Path) -> None:
    assert upgrade_differences(old, target) == []
    assert differences(old, target)


CHANGES: dict[str, Callable[[h5py.File], object]] = {
    "old version": lambda file: file.attrs.create("version", [1, 1, 0], dtype="<i4"),
    "no id": lambda file: file.attrs.pop("id"),
    "id that is none": lambda file: file.attrs.create("id", "x", dtype=UTF8),
    "no time": lambda file: file[ARRAYS]["bare"].attrs.pop("created_at"),
    "time that is none": lambda file: file.attrs.create("updated_at", "now", dtype=UTF8),
    "id of a property": lambda file: file[f"{PROPERTIES}/shared"].attrs.create(
        "entity_id", str(uuid4()), dtype=UTF8
    ),
    "time of a property": lambda file: file[f"{PROPERTIES}/shared"].attrs.create(
        "created_at", "20260101T000000", dtype=UTF8
    ),
    "unit": lambda file: file[f"{PROPERTIES}/described"].attrs.pop("unit"),
    "value": lambda file: file[f"{PROPERTIES}/shared"].__setitem__(0, 1.25),
    "uncertainty": lambda file: file[f"{PROPERTIES}/shared"].attrs.create("uncertainty", 0.5),
    "no uncertainty": lambda file: file[f"{PROPERTIES}/shared"].attrs.pop("uncertainty"),
    "uncertainties": lambda file: file[f"{PROPERTIES}/distinct.uncertainty"].__setitem__(0, 0.5),
    "no references": lambda file: file.pop(f"{PROPERTIES}/distinct.reference"),
    "no file names": lambda file: file.pop(f"{PROPERTIES}/one file.filename"),
    "flag": lambda file: file[f"{PROPERTIES}/bits"].__setitem__(0, False),
    "no link": lambda file: file.pop(f"{ARRAYS}/times/dimensions/1/link"),
    "index": lambda file: file[f"{ARRAYS}/times/dimensions/1/link"].attrs.create("index", [0]),
    "index that is no list": lambda file: file[f"{ARRAYS}/times/dimensions/1/link"].attrs.create(
        "index", -1
    ),
    "units": lambda file: file["/data/session/data_frames/one"].attrs.pop("units"),
    "frames": lambda file: file.pop("/data/session/groups/by C++/data_frames"),
    "values": lambda file: file[f"{ARRAYS}/values/data"].__setitem__((0, 0), 7.0),
}


@pytest.mark.parametrize("words", CHANGES)
def test_what_is_no_upgrade_is_a_difference(words: str, old: Path, target: Path) -> None:
    with h5py.File(target, "r+") as file:
        CHANGES[words](file)
    assert upgrade_differences(old, target)
