"""Each of the rules for writers is noticed where it is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from tests.plain import ASCII, UTF8, write
from tests.sound import SOUND, id_of
from tests.writing.format_rules import RULES, violations
from tests.writing.sample import AGE, EVENTS, FRAME, LFP, SESSION, SPECIES, SUBJECT, TAG, VOLTAGE

Change = Callable[[h5py.File], object]

GROUP = f"{SESSION}/groups/trial_1"
FEATURE = f"{TAG}/features/{id_of('stimulus_events')}"
LINK = f"{SESSION}/data_arrays/linked/dimensions/1/link"


def attribute(place: str, name: str, value: object, dtype: object = None) -> Change:
    return lambda file: file[place].attrs.create(name, value, dtype=dtype)


def without(place: str, name: str) -> Change:
    return lambda file: file[place].attrs.pop(name)


def unlinked(place: str) -> Change:
    return lambda file: file.pop(place)


def moved(place: str, name: str) -> Change:
    return lambda file: file[place].parent.move(place.rpartition("/")[2], name)


def soft(place: str) -> Change:
    def change(file: h5py.File) -> None:
        file.move(place, "/elsewhere")
        file[place] = h5py.SoftLink("/elsewhere")

    return change


def dataset(place: str, values: object, dtype: object = None, **options: object) -> Change:
    def change(file: h5py.File) -> None:
        texts = dict(file[place].attrs)
        del file[place]
        made = file.create_dataset(place, data=values, dtype=dtype, **options)
        for key, text in texts.items():
            made.attrs.create(key, text, dtype=UTF8 if isinstance(text, str) else None)

    return change


BREAKS: list[tuple[str, Change]] = [
    ("W1", attribute(VOLTAGE, "unit", "mV", ASCII)),
    ("W1", attribute(VOLTAGE, "unit", b"mV", "S2")),
    ("W1", attribute(VOLTAGE, "unit", ["mV"], UTF8)),
    ("W1", attribute("/", "format", "nix", ASCII)),
    ("W1", attribute(FEATURE, "created_at", "20210304T120000", ASCII)),
    ("W1", attribute(LINK, "data_object_type", "DataArray", ASCII)),
    ("W1", attribute(AGE, "unit", "s", ASCII)),
    ("W1", attribute(FRAME, "units", ["", "s", "", ""], ASCII)),
    ("W1", dataset(f"{TAG}/units", ["ms"], ASCII, chunks=(1,), maxshape=(None,))),
    ("W1", dataset(f"{TAG}/units", [b"ms"], "S2", chunks=(1,), maxshape=(None,))),
    ("W1", dataset(SPECIES, ["Mus"], ASCII, chunks=(1,), maxshape=(None,))),
    ("W1", dataset(f"{EVENTS}/data", ["a"] * 4, ASCII, chunks=(4,), maxshape=(None,))),
    ("W2", lambda file: file.create_group("new")),
    ("W2", lambda file: file[VOLTAGE].create_group("new").create_group("newer")),
    ("W3", moved(VOLTAGE, "other")),
    ("W3", moved(SUBJECT, "other")),
    ("W3", moved(AGE, "other")),
    ("W3", moved(FEATURE, "other")),
    ("W3", moved(f"{TAG}/references/{id_of('voltage')}", "voltage")),
    ("W3", moved(f"{LINK}/{id_of('events')}", "events")),
    ("W3", soft(VOLTAGE)),
    ("W3", soft(f"{TAG}/metadata")),
    ("W3", soft(f"{TAG}/references/{id_of('voltage')}")),
    ("W4", dataset(f"{VOLTAGE}/data", [0.0] * 10)),
    ("W4", dataset(f"{LFP}/data", [[0.0]], chunks=(1, 1), maxshape=(None, 3))),
    ("W4", dataset(f"{TAG}/position", [0.6])),
    ("W4", dataset(AGE, [12.5])),
    ("W5", attribute("/", "version", [1, 2, 1], "<i8")),
    ("W5", attribute("/", "version", [1, 2], "<i4")),
    ("W5", attribute("/", "id", "x", UTF8)),
    ("W5", without("/", "created_at")),
    ("W5", without(VOLTAGE, "updated_at")),
    ("W5", without(AGE, "created_at")),
    ("W5", without(FEATURE, "created_at")),
    ("W5", without(LINK, "updated_at")),
    ("W5", attribute(TAG, "created_at", "yesterday", UTF8)),
    ("W6", without(FRAME, "units")),
    ("W6", without(f"{FRAME}/data", "units")),
    ("W6", attribute(FRAME, "units", ["", "ms", "", ""], UTF8)),
    ("W6", unlinked(f"{GROUP}/data_frame")),
    ("W6", unlinked(f"{GROUP}/data_frames/{id_of('trials')}")),
    ("W7", unlinked(f"{VOLTAGE}/data")),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(SOUND, tmp_path / "sound.nix")
    return tmp_path / "sound.nix"


def test_a_sound_file_breaks_no_rule(path: Path) -> None:
    assert violations(path) == []


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_a_rule_is_noticed_where_it_is_broken(rule: str, change: Change, path: Path) -> None:
    with h5py.File(path, "r+") as file:
        change(file)
    assert violations(path, [rule])
    others = [one for one in RULES if one not in (rule, "W2", "W3")]
    assert violations(path, others) == []


def test_an_old_superblock_is_noticed(tmp_path: Path) -> None:
    for bounds, version in ((("earliest", "v108"), 0), (("v110", "v110"), 3)):
        path = tmp_path / f"{version}.nix"
        h5py.File(path, "w", libver=bounds).close()
        assert violations(path, ["superblock"]) == [f"superblock version {version}"]


def test_every_rule_is_broken_once() -> None:
    assert {rule for rule, _ in BREAKS} | {"superblock"} == set(RULES)
