"""What is saved in place is what writing it elsewhere gives, and costs what has changed."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from uuid import UUID

import h5py
import nixio
import numpy as np
import pytest
from h5py import h5d, h5g, h5o
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from tests.acquiring.moments import Moments
from tests.acquiring.sample import sample, write_by_nixio, write_by_us
from tests.plain import write
from tests.sound import SOUND
from tests.strategies import everything
from tests.writing.objects import differences
from tests.writing.sample import write_sample

WHEN = datetime(2021, 3, 4, tzinfo=UTC)

STAYS = (
    "it was chunked",
    "has the limits",
    "has chunks of",
    "has the filters",
    "is of type ('string', None, 0, 0), it was ('string', None, 1, 0)",
    "is of type ('integer', 8, 0, 64, 0, (0, 0), 1), it was ('float'",
)
"""How `differences` tells that something was not brought into the form that is written anew."""


def changes(one: Path, two: Path) -> list[str]:
    """What differs between a file that was written and one that was saved in place."""
    told = [line for line in differences(one, two) if not any(words in line for words in STAYS)]
    # A copy may have a list to itself that it shares when all is written anew.
    return [line for line in told if "/copy " not in line or "leads to another object" not in line]


def linked(path: Path) -> dict[int, tuple[int, int]]:
    """How many links lead to each object, as counted, and as its head says."""
    counts: dict[int, list[int]] = {}

    def follow(group: Any) -> None:
        for name in group:
            if group.links.get_info(name).type != h5py.h5l.TYPE_HARD:
                continue
            found = h5o.open(group, name)
            info = h5o.get_info(found)
            known = counts.setdefault(info.addr, [0, info.rc])
            known[0] += 1
            if known[0] == 1 and isinstance(found, h5g.GroupID):
                follow(found)

    with h5py.File(path) as file:
        follow(h5g.open(file.id, b"/"))
    return {address: (one, two) for address, (one, two) in counts.items()}


# The same edits in place and elsewhere


class Editing:
    """Edits drawn by numbers, the same for two equal files."""

    def __init__(self, file: nx.File) -> None:
        self.file = file
        self.count = 0

    def edit(self, kind: int, numbers: list[int]) -> None:
        """Do one of the edits."""
        self.count += 1
        EDITS[kind % len(EDITS)](self, chain(numbers, repeat(0)))

    def one(self, things: Any, numbers: Any) -> Any:
        """One of some things, or None."""
        known = list(things)
        return known[next(numbers) % len(known)] if known else None

    @property
    def block(self) -> nx.Block:
        return self.file.blocks[0]

    def array(self, numbers: Any) -> Any:
        return self.one([one for one in self.block.data_arrays if one.data is not None], numbers)

    def section(self, numbers: Any) -> Any:
        found = [one for one in self.file.walk() if isinstance(one, nx.Section)]
        return self.one(found, numbers)

    def id(self) -> str:
        return str(UUID(int=self.count, version=4))

    def values(self, array: Any, shape: tuple[int, ...]) -> Any:
        """Values for an array, of its type."""
        numbers = np.arange(int(np.prod(shape)), dtype="i8").reshape(shape) + self.count
        if array.dtype == object:
            return numbers.astype(str).astype(object)
        if array.dtype.kind in "biufcS":
            return (numbers % 100).astype(array.dtype)
        return np.zeros(shape, array.dtype)


def append(editing: Editing, numbers: Any) -> None:
    array = editing.array(numbers)
    if array is not None and array.data.ndim:
        axis = next(numbers) % array.data.ndim
        shape = list(array.shape)
        shape[axis] = next(numbers) % 5
        array.append(editing.values(array, tuple(shape)), axis)


def assign(editing: Editing, numbers: Any) -> None:
    array = editing.array(numbers)
    if array is not None and array.data.ndim and array.shape[0]:
        start = next(numbers) % array.shape[0]
        place = slice(start, start + 1 + next(numbers) % 3)
        array[place] = editing.values(array, np.empty(array.shape, "i1")[place].shape)


def rename(editing: Editing, numbers: Any) -> None:
    block = editing.block
    things = (*editing.file.blocks, *block.data_arrays, *block.tags, *block.sources)
    entity = editing.one((*things, *block.data_frames, *editing.file.metadata), numbers)
    entity.name = f"renamed {editing.count}"


def define(editing: Editing, numbers: Any) -> None:
    entities = [one for one in editing.file.walk() if "definition" in type(one).model_fields]
    text = [None, f"text {editing.count}"][next(numbers) % 2]
    editing.one(entities, numbers).definition = text


def remove(editing: Editing, numbers: Any) -> None:
    block = editing.block
    containers: list[Any] = [block.data_arrays, block.tags, block.multi_tags, block.sources]
    containers += [block.groups, block.data_frames, editing.file.metadata]
    number = next(numbers) % len(containers)
    container = containers[number]
    if len(container) > 1:
        position = next(numbers) % len(container)
        # What is referred to stays in the file, but not two of which one belongs to the other.
        if not list(container[position].parts()) or number < 3:
            container.pop(position)


def add_array(editing: Editing, numbers: Any) -> None:
    made = nx.DataArray(
        id=editing.id(), name=f"array {editing.count}", type="t", data=np.arange(3.0)
    )
    made.dimensions.append(nx.SampledDimension(sampling_interval=0.5, unit="s"))
    editing.block.data_arrays.insert(next(numbers) % 3, made)
    made.metadata = editing.section(numbers)
    source = editing.one(editing.block.sources, numbers)
    if source is not None:
        made.sources.append(source)


def add_tag(editing: Editing, numbers: Any) -> None:
    made = nx.Tag(id=editing.id(), name=f"tag {editing.count}", type="t", position=[1.0])
    editing.block.tags.append(made)
    array = editing.array(numbers)
    if array is not None:
        made.references.append(array)


def add_section(editing: Editing, numbers: Any) -> None:
    above = editing.section(numbers)
    made = nx.Section(id=editing.id(), name=f"section {editing.count}", type="t")
    (editing.file.metadata if above is None else above.sections).append(made)
    made.properties.append(
        nx.Property(id=editing.id(), name="p", values=[["a"], [1, 2], [0.5]][next(numbers) % 3])
    )


def move(editing: Editing, numbers: Any) -> None:
    arrays = editing.block.data_arrays
    if len(arrays):
        arrays.move(arrays[next(numbers) % len(arrays)], next(numbers) % len(arrays))


def move_away(editing: Editing, numbers: Any) -> None:
    section, target = editing.section(numbers), editing.section(numbers)
    if section is None or target is None or not len(section.properties):
        return
    moved = section.properties.pop()
    moved.name = f"moved {editing.count}"
    target.properties.append(moved)


def refer(editing: Editing, numbers: Any) -> None:
    tag, array = editing.one(editing.block.tags, numbers), editing.array(numbers)
    if tag is None or array is None:
        return
    if next(numbers) % 2 and len(tag.references):
        tag.references.clear()
    elif array not in tag.references:
        tag.references.append(array)
    tag.metadata = editing.section(numbers)


def change_values(editing: Editing, numbers: Any) -> None:
    found = [one for one in editing.file.walk() if isinstance(one, nx.Property)]
    one = editing.one(found, numbers)
    if one is not None:
        one.values = [["x", "y"], [1.5], [True, False], [editing.count]][next(numbers) % 4]


def change_frame(editing: Editing, numbers: Any) -> None:
    frame = editing.one(editing.block.data_frames, numbers)
    if frame is not None and frame.data is not None:
        frame.columns[next(numbers) % len(frame.columns)].unit = f"unit {editing.count}"
        rows = np.zeros(next(numbers) % 3, frame.data.dtype)
        for name in rows.dtype.names:
            if rows.dtype[name].hasobject:
                rows[name] = f"text {editing.count}"
        frame.data.append(rows)


def change_dimension(editing: Editing, numbers: Any) -> None:
    array = editing.array(numbers)
    found = [] if array is None else [one for one in array.dimensions if hasattr(one, "label")]
    one = editing.one(found, numbers)
    if one is not None:
        one.label = f"label {editing.count}"


def copy(editing: Editing, numbers: Any) -> None:
    array = editing.array(numbers)
    if array is not None:
        made = array.copy(keep_id=True)
        made.name, made.id = f"copy {editing.count}", editing.id()
        for one in made.walk():
            if one is not made and one.__dict__.get("id"):
                one.id = editing.id()
        editing.block.data_arrays.append(made)


EDITS: list[Callable[[Editing, Any], None]] = [
    *(append, assign, rename, define, remove, add_array, add_tag, add_section, move),
    *(move_away, refer, change_values, change_frame, change_dimension, copy),
]

WRITERS: dict[str, Callable[[Path], None]] = {
    "ours": write_by_us,
    "nixio's": write_by_nixio,
    "sound": lambda path: write(SOUND, path),
    "everything": lambda path: write(everything(types=False), path),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    paths = {name: folder / f"{number}.nix" for number, name in enumerate(WRITERS)}
    for name, path in paths.items():
        WRITERS[name](path)
        if nx.read(path).version != (1, 2, 1):
            nx.upgrade(path, path)
    return paths


def check_edits(source: Path, edits: list[tuple[int, list[int]]], folder: Path) -> None:
    """Edits in place, saved now and then, give what they give elsewhere."""
    here, there = folder / "here.nix", folder / "there.nix"
    shutil.copy(source, here)
    with mock.patch("nixschema.model.entity.now", return_value=WHEN):
        one, two = Editing(nx.open(here)), Editing(nx.read(source))
        for kind, numbers in edits:
            if kind < 0:
                save(one.file)
                assert nx.read(here) == one.file
                continue
            one.edit(kind, numbers)
            two.edit(kind, numbers)
        save(one.file)
        assert one.file == two.file
        one.file.close(save=False)
    write_anyhow(two.file, there)
    read = nx.read(here)
    assert read == one.file
    assert read == nx.read(there)
    found = changes(there, here)
    assert not found, "\n".join(found)
    with h5py.File(here) as file:
        file.visititems(lambda name, thing: None)
    for address, (count, told) in linked(here).items():
        assert count <= told, f"object at {address}"


def save(file: nx.File) -> None:
    """Save with the errors that there may be, such as references to what was removed."""
    file.save(check="none")


def write_anyhow(file: nx.File, path: Path) -> None:
    nx.write(file, path, check="none")


editing = st.tuples(st.integers(-3, 60), st.lists(st.integers(0, 7), max_size=6))


@settings(max_examples=settings().max_examples * 3 // 5)
@given(st.sampled_from(sorted(WRITERS)), st.lists(editing, max_size=12))
def test_edits_in_place_are_edits_elsewhere(
    files: dict[str, Path], name: str, edits: list[tuple[int, list[int]]]
) -> None:
    with TemporaryDirectory() as folder:
        check_edits(files[name], edits, Path(folder))


def test_each_edit_alone(files: dict[str, Path], tmp_path: Path) -> None:
    for name in files:
        for number in range(len(EDITS)):
            for numbers in ([], [5, 2, 3, 1]):
                check_edits(files[name], [(number, numbers), (-1, []), (0, [1, 0, 2])], tmp_path)


# Files with something unknown of every kind


@pytest.mark.filterwarnings("ignore::nixschema.LossWarning")
def test_what_is_unknown_stays(tmp_path: Path) -> None:
    source, here, there = (tmp_path / name for name in ("source", "here", "there"))
    write_sample(source)
    shutil.copy(source, here)
    with mock.patch("nixschema.model.entity.now", return_value=WHEN):
        with nx.open(here) as one:
            for file in (one, two := nx.read(source)):
                arrays = file.blocks[0].data_arrays
                arrays["numbers"].label = "changed"
                arrays["voltage"].name = "renamed"
            one.save(check="none")
            for file in (one, two):
                file.blocks[0].data_arrays["events"].definition = "changed"
            one.save(check="none")
        nx.write(two, there, check="none")
    found = changes(there, here)
    assert not found, "\n".join(found)


def test_attributes_of_data_that_stays(tmp_path: Path) -> None:
    """Units of a frame, and unknown attributes of an array's data."""
    path = tmp_path / "t.nix"
    write_by_us(path)
    with h5py.File(path, "r+") as file:
        data = file["data/session/data_arrays/trace/data"]
        data.attrs["a"], data.attrs["b"] = "text", [1, 2]
    with nx.open(path) as opened:
        block = opened.blocks[0]
        place = address(path, "/data/session/data_frames/trials/data")
        block.data_frames[0].columns[0].unit = "s"
        extra = block.data_arrays["trace"].extra.part("data")
        extra.attributes["c"] = extra.attributes.pop("a")
        opened.save()
        assert address(path, "/data/session/data_frames/trials/data") == place
        block.data_frames[0].columns[2].unit = "mV"
    read = nx.read(path)
    assert read == opened
    assert [one.unit for one in read.blocks[0].data_frames[0].columns] == ["s", None, "mV"]
    assert list(read.blocks[0].data_arrays["trace"].extra.part("data").attributes) == ["b", "c"]


def address(path: Path, place: str) -> int:
    """Where an object lies, in a file that may be open for acquisition."""
    with h5py.File(io.BytesIO(path.read_bytes()), "r") as file:
        found: int = h5o.get_info(file[place].id).addr
    return found


# What saving costs


def many(count: int) -> nx.File:
    """Many small arrays, some of which a tag refers to."""
    block = nx.Block(name="session", type="t")
    for number in range(count):
        array = nx.DataArray(name=f"array {number}", type="t", data=np.arange(10.0), unit="mV")
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, unit="s"))
        block.data_arrays.append(array)
    block.tags.append(nx.Tag(name="tag", type="t", position=[0.1], units=["s"]))
    block.tags[0].references.extend(list(block.data_arrays)[:10])
    return nx.File(blocks=[block], metadata=[nx.Section(name="s", type="t")])


def test_what_has_not_changed_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    nx.write(many(500), path)
    places = [f"/data/session/data_arrays/array {number}" for number in range(500)]
    before = [address(path, place) for place in places]
    size = path.stat().st_size
    with Moments(path) as moments, nx.open(path) as file:
        arrays = file.blocks[0].data_arrays
        arrays["array 20"].label = "changed"
        file.save()
        after = [address(path, place) for place in places]
        assert [one for one, two in zip(before, after, strict=True) if one != two] == [before[20]]
        assert all(count == told for count, told in linked_copy(path))
        grown = path.stat().st_size - size
        assert grown < size / 10
        writes = len(moments)
        file.save()
        assert len(moments) == writes
        # A tag refers to the array now: it is made anew as well, and counted.
        file.blocks[0].tags[0].references.append(arrays["array 30"])
        file.save()
        file.blocks[0].tags[0].references.clear()
        file.save()
    assert all(count <= told for count, told in linked_copy(path))
    assert nx.read(path) == file


def linked_copy(path: Path) -> list[tuple[int, int]]:
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    return list(linked(copy).values())


def test_bulk_data_is_never_copied(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    file = sample()
    file.blocks[0].data_arrays["trace"].data = np.zeros(1_000_000)
    nx.write(file, path)
    size = path.stat().st_size
    with nx.open(path) as opened:
        block = opened.blocks[0]
        block.name = "renamed"
        block.data_arrays["trace"].name = "moved"
        block.data_arrays["moved"].definition = "changed"
        twin = nx.Block(name="other", type="t")
        opened.blocks.append(twin)
        moved = block.data_arrays["moved"]
        block.data_arrays.remove(moved)
        block.tags[0].references.clear()
        twin.data_arrays.append(moved)
        opened.save()
        assert path.stat().st_size < size + 50_000
        moved.append([1.0])
    assert nx.read(path) == opened
    assert opened.blocks["other"].data_arrays["moved"].shape == (1_000_001,)


# What is refused


def test_new_errors_are_refused_and_old_ones_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    with h5py.File(path, "r+") as file:
        del file["data/session/data_arrays/words"].attrs["type"]
    with nx.open(path) as opened:
        arrays = opened.blocks[0].data_arrays
        arrays["flags"].definition = "changed"
        opened.save()
        before = path.read_bytes()
        arrays["flags"].dimensions.clear()
        with pytest.raises(nx.CheckFailed, match="0 dimension descriptors for 1 axis"):
            opened.save()
        with pytest.raises(nx.CheckFailed):
            opened.close()
        assert path.read_bytes() == before
        assert opened.is_open
        opened.save(check="none")
        opened.blocks[0].tags[0].references.append(sample().blocks[0].data_arrays["words"])
        with pytest.raises(nx.CheckFailed):
            opened.save()
        with pytest.warns(nx.LossWarning, match="was written without 1 part"):
            opened.save(check="none")
        opened.blocks[0].tags[0].references.clear()
    assert "dimensions" not in str(opened.findings)


def test_a_block_that_ends_with_errors_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    file = nx.open(path)

    def work() -> None:
        with file:
            file.blocks[0].data_arrays["trace"].append([1.0])
            file.blocks[0].data_arrays["flags"].dimensions.clear()

    with pytest.raises(nx.CheckFailed):
        work()
    assert not file.is_open
    assert nx.read(path).blocks[0].data_arrays["trace"].shape == (1,)
    nixio.File.open(str(path), nixio.FileMode.ReadWrite).close()


def test_removed_arrays_are_stale_and_not_others(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    with nx.open(path) as file:
        arrays = file.blocks[0].data_arrays
        arrays["channels"].append(np.ones((2000, 4), int))
        removed = arrays["channels"]
        arrays.remove(removed)
        made = nx.DataArray(name="channels", type="t", data=np.zeros((2000, 4), "i2"))
        made.dimensions.extend([nx.SetDimension(), nx.SetDimension()])
        arrays.append(made)
        file.save()
        with pytest.raises(nx.StaleFileError):
            removed[:]
        assert not made[:].any()


def test_references_to_what_was_removed_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    with nx.open(path) as file:
        trace = file.blocks[0].data_arrays["trace"]
        trace.append(np.arange(1000.0))
        file.blocks[0].data_arrays.remove(trace)
        for number in range(3):
            file.metadata[0].definition = f"changed {number}"
            file.save(check="none")
            assert trace[-1] == 999
    assert nx.read(path) == file


def test_h5py_sees_what_was_saved(tmp_path: Path) -> None:
    """A superblock of each kind, and a root that has many links and attributes."""
    for bounds in (("earliest", "v110"), ("v108", "v110"), ("latest", "latest")):
        path = tmp_path / "t.nix"
        write_by_us(tmp_path / "plain.nix")
        with (
            h5py.File(tmp_path / "plain.nix") as source,
            h5py.File(path, "w", libver=bounds) as target,
        ):
            for name in source:
                source.copy(name, target)
            for name, value in source.attrs.items():
                target.attrs[name] = value
            for number in range(100):
                target.create_group(f"unknown {number}")
                target.attrs[f"unknown {number}"] = number
        with nx.open(path) as opened:
            opened.blocks[0].definition = "changed"
            del opened.extra.members["unknown 7"]
        with h5py.File(path) as file:
            assert file["data/session"].attrs["definition"] == "changed"
            assert len(file) == 101
            assert len([name for name in file.attrs if name.startswith("unknown")]) == 100
            assert isinstance(file["data/session/data_arrays/trace/data"].id, h5d.DatasetID)
        assert nx.read(path) == opened
        with nx.open(path) as again:
            again.blocks[0].data_arrays["trace"].append([1.0])
            again.blocks[0].definition = "changed again"
        assert nx.read(path) == again
