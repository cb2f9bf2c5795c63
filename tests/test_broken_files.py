"""What is wrong with a file is found, at its place, and nothing is made up about the rest.

The table of the folder of broken files says what is wrong with each and where. Defects of our own
are made in the sound file of `tests.sound`: each entity loses or gains something, and is told.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.findings import Finding, Level
from tests.plain import UTF8, write
from tests.sound import SOUND

BROKEN = Path(__file__).resolve().parents[2] / "shared" / "data" / "broken"
"""The folder of broken files, beside the checkout where there is one."""

MOST_ELSEWHERE = 3
"""So many errors and warnings may be about places that a defect did not touch."""


@dataclass(frozen=True)
class Row:
    """A file with one defect."""

    file: str
    expect: str
    at: str

    def __str__(self) -> str:
        return self.file


def _rows() -> list[Row]:
    index = BROKEN / "INDEX.tsv"
    if not index.is_file():
        return []
    with index.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Row(one["file"], one["expect"], one["at"]) for one in table]


ROWS = _rows()

needs_files = pytest.mark.skipif(not ROWS, reason="the broken files are not beside the checkout")


def _is_around(one: str, other: str) -> bool:
    """Whether a path is another one, or holds it."""
    return one in ("/", other) or other.startswith(f"{one}/")


def _is_at(finding: Finding, places: str) -> bool:
    """Whether a finding is at one of the places, around it or in it."""
    return any(
        _is_around(finding.path, place) or _is_around(place, finding.path)
        for place in places.split("|")
    )


def _of_level(findings: list[Finding], level: Level) -> list[Finding]:
    return [one for one in findings if one.level.reaches(level)]


@needs_files
@pytest.mark.parametrize("row", [one for one in ROWS if one.expect != "none"], ids=str)
def test_defect_is_found_at_its_place(row: Row) -> None:
    findings = nx.validate(BROKEN / row.file).findings
    here = [one for one in _of_level(findings, Level(row.expect)) if _is_at(one, row.at)]
    assert here, f"nothing of level {row.expect} at {row.at}: {findings}"


@needs_files
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_nothing_is_made_up_about_the_rest(row: Row) -> None:
    findings = _of_level(nx.validate(BROKEN / row.file).findings, Level.WARNING)
    elsewhere = [one for one in findings if row.at == "/" or not _is_at(one, row.at)]
    if row.at == "/":
        elsewhere = [one for one in elsewhere if one.path != "/"]
    assert len(elsewhere) <= MOST_ELSEWHERE, "\n".join(map(str, elsewhere))


@needs_files
def test_unmodified_file_is_sound() -> None:
    findings = nx.validate(BROKEN / "00_unmodified.nix").findings
    assert _of_level(findings, Level.WARNING) == []


# Defects of our own: anything, anywhere

NEEDED = {"entity_id", "name", "type", "created_at", "dimension_type", "link_type"}
TEXTS = (
    *("entity_id", "name", "type", "definition", "unit", "label", "created_at", "updated_at"),
    *("dimension_type", "link_type", "target_type", "odml_type", "data_object_type"),
)


def _entities(file: h5py.File) -> list[str]:
    """Paths of all objects with an id or a kind of dimension, each by its first path."""
    found: list[str] = []

    def note(name: str, thing: h5py.Group | h5py.Dataset) -> None:
        if "entity_id" in thing.attrs or "dimension_type" in thing.attrs:
            found.append(f"/{name}")

    file.visititems(note)
    return sorted(found)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound file, written once."""
    path = tmp_path_factory.mktemp("sound") / "session.nix"
    write(SOUND, path)
    return path


@pytest.fixture(scope="module")
def places(sound: Path) -> list[str]:
    """All its entities and dimensions."""
    with h5py.File(sound, "r") as file:
        return _entities(file)


class _Copy:
    """A copy of the sound file to break, removed afterwards."""

    def __init__(self, sound: Path) -> None:
        self.path = sound.with_name("broken.nix")
        self.path.write_bytes(sound.read_bytes())

    def findings(self) -> list[Finding]:
        return nx.validate(self.path).findings


def _address(file: h5py.File, path: str) -> int:
    return int(h5py.h5o.get_info(file[path].id).addr)


def _told(findings: list[Finding], path: str, file: Path) -> list[Finding]:
    """The findings at an object, by whichever path they name it, or in it."""
    told = []
    with h5py.File(file, "r") as tree:
        wanted = _address(tree, path)
        for one in findings:
            names = one.path.strip("/").split("/")
            heads = ("/" + "/".join(names[:end]) for end in range(1, len(names) + 1))
            if any(head in tree and _address(tree, head) == wanted for head in heads):
                told.append(one)
    return told


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_needed_text_that_is_gone_is_an_error(
    data: st.DataObject, sound: Path, places: list[str]
) -> None:
    place = data.draw(st.sampled_from(places))
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        here = sorted(NEEDED & set(file[place].attrs))
        lost = data.draw(st.sampled_from(here))
        del file[place].attrs[lost]
    errors = _of_level(copy.findings(), Level.ERROR)
    assert _told(errors, place, copy.path), f"{lost} of {place}"


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_text_that_is_something_else_is_an_error(
    data: st.DataObject, sound: Path, places: list[str]
) -> None:
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(
        st.sampled_from(
            [3, 2.5, True, np.array([1, 2]), np.array([["a"]], dtype="S1"), np.bytes_(b"caf\xe9")]
        )
    )
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        attribute = data.draw(st.sampled_from(sorted(set(TEXTS) & set(file[place].attrs))))
        if isinstance(wrong, np.ndarray) and wrong.dtype.kind == "S":
            texts = np.array(["a", "b"], dtype=object)
            file[place].attrs.create(attribute, texts, dtype=UTF8)
        else:
            file[place].attrs[attribute] = wrong
    errors = _of_level(copy.findings(), Level.ERROR)
    assert _told(errors, place, copy.path), f"{attribute} of {place} is {wrong!r}"


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_number_that_is_text_is_an_error(
    data: st.DataObject, sound: Path, places: list[str]
) -> None:
    numbers = ("sampling_interval", "offset", "expansion_origin", "uncertainty", "column_index")
    with h5py.File(sound, "r") as file:
        having = [
            (place, name) for place in places for name in numbers if name in file[place].attrs
        ]
    place, name = data.draw(st.sampled_from(having))
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        file[place].attrs.create(name, data.draw(st.sampled_from(["", "x", "1.0"])), dtype=UTF8)
    assert _told(_of_level(copy.findings(), Level.ERROR), place, copy.path), f"{name} of {place}"


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_dataset_that_is_a_group_is_an_error(data: st.DataObject, sound: Path) -> None:
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        datasets: list[str] = []

        def note(name: str, thing: h5py.Group | h5py.Dataset) -> None:
            if isinstance(thing, h5py.Dataset):
                datasets.append(f"/{name}")

        file.visititems(note)
        place = data.draw(st.sampled_from(sorted(datasets)))
        del file[place]
        file.create_group(place)
    holder = place.rpartition("/")[0]
    assert _told(_of_level(copy.findings(), Level.ERROR), holder, copy.path), place


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_two_ids_that_are_one_are_an_error(
    data: st.DataObject, sound: Path, places: list[str]
) -> None:
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        having = [place for place in places if "entity_id" in file[place].attrs]
        one, other = data.draw(
            st.lists(st.sampled_from(having), min_size=2, max_size=2, unique=True)
        )
        file[one].attrs.create("entity_id", file[other].attrs["entity_id"], dtype=UTF8)
    rules = {finding.rule for finding in _of_level(copy.findings(), Level.ERROR)}
    assert "NIX702" in rules


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_soft_link_to_nothing_is_an_error(data: st.DataObject, sound: Path) -> None:
    copy = _Copy(sound)
    with h5py.File(copy.path, "r+") as file:
        groups = ["/data", "/metadata", *_containers(file)]
        place = data.draw(st.sampled_from(groups))
        file[place]["lost"] = h5py.SoftLink("/data/nowhere")
    assert _told(_of_level(copy.findings(), Level.ERROR), place, copy.path), place


def _containers(file: h5py.File) -> Iterator[str]:
    names = ("data_arrays", "tags", "multi_tags", "groups", "sources", "references", "sections")
    found: list[str] = []
    file.visit(found.append)
    yield from sorted(f"/{one}" for one in found if one.rpartition("/")[2] in names)
