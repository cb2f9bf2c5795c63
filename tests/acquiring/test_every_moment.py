"""Killed between any two writes, a file opens, and has all that was told to be in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import nixio
import numpy as np
import pytest

import nixschema as nx
from nixschema.storage.sessions import Session
from tests.acquiring.moments import Moments
from tests.acquiring.sample import write_by_nixio, write_by_us

NEW, OLD = ("v110", "v110"), ("earliest", "v110")

TEXT = h5py.string_dtype()

RECORD = np.dtype([("time", "f8"), ("label", TEXT), ("good", "?")])


class Case(NamedTuple):
    """A dataset, and how it grows."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...] | None
    steps: int
    longest: int
    bounds: tuple[str, str]
    axis: int = 0
    dtype: Any = "f8"
    options: dict[str, Any] = {}
    userblock: int = 0


CASES = {
    "extensible array": Case((0,), (16,), 200, 37, NEW),
    "large extensible array": Case((0,), (2,), 120, 23, NEW),
    "b-tree 1": Case((0,), (16,), 200, 37, OLD),
    "large b-tree 1": Case((0,), (2,), 120, 23, OLD),
    "b-tree 2": Case((0, 4), (8, 2), 200, 11, NEW),
    "large b-tree 2": Case((0, 3), (2, 1), 60, 11, NEW),
    "b-tree 1 of two axes": Case((0, 4), (8, 2), 200, 11, OLD),
    "second axis": Case((3, 0), (2, 5), 100, 11, NEW, axis=1),
    "second axis, b-tree 1": Case((3, 0), (2, 5), 100, 11, OLD, axis=1),
    "three axes": Case((2, 0, 3), (1, 4, 2), 60, 7, NEW, axis=1),
    "marked while open": Case((0, 4), (8, 2), 60, 11, ("latest", "latest")),
    "booleans": Case((0,), (16,), 60, 11, NEW, dtype="?"),
    "deflate": Case((0,), (500,), 100, 101, NEW, options={"compression": 4}),
    "deflate, b-tree 1": Case((0,), (500,), 100, 101, OLD, options={"compression": 4}),
    "shuffle alone": Case((0,), (500,), 60, 101, NEW, options={"shuffle": True}),
    "checksum": Case((0,), (500,), 60, 101, OLD, options={"fletcher32": True}),
    "deflate, two axes": Case(
        (0, 6), (50, 4), 80, 31, NEW, options={"compression": 1, "shuffle": True}
    ),
    "deflate, second axis": Case((5, 0), (2, 40), 60, 31, OLD, axis=1, options={"compression": 1}),
    "text": Case((0,), (64,), 80, 31, NEW, dtype=TEXT),
    "text, b-tree 1": Case((0,), (64,), 80, 31, OLD, dtype=TEXT),
    "text, deflate": Case((0,), (64,), 60, 31, NEW, dtype=TEXT, options={"compression": 4}),
    "records": Case((0,), (40,), 60, 31, NEW, dtype=RECORD),
    "records, deflate": Case((0,), (40,), 60, 31, OLD, dtype=RECORD, options={"compression": 6}),
    "contiguous": Case((50,), None, 15, 31, NEW),
    "contiguous, old": Case((50,), None, 15, 31, OLD),
    "contiguous text": Case((50,), None, 15, 31, NEW, dtype=TEXT),
    "user block": Case((0, 4), (8, 2), 60, 11, NEW, userblock=1024),
    "user block, deflate": Case(
        (0,), (100,), 60, 31, OLD, options={"compression": 4}, userblock=512
    ),
}


def values(random: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Any:
    """Some values, as an array on disk would read."""
    numbers = random.random(shape)
    if dtype == TEXT:
        texts = np.empty(shape, object)
        texts[...] = [f"{number:.3f}" * random.integers(0, 9) for number in numbers]
        return texts
    if dtype == RECORD:
        records = np.zeros(shape, [("time", "f8"), ("label", object), ("good", "?")])
        records["time"], records["good"] = numbers, numbers > 0.5
        records["label"] = values(random, shape, TEXT)
        return records
    return numbers > 0.5 if dtype == "?" else numbers.round(3)


def known(file: h5py.File) -> Any:
    """All values of a dataset, decoded."""
    dataset = file["group/data"]
    if dataset.dtype == object:
        return dataset.asstr()[()]
    found = dataset[()]
    if found.dtype.names:
        shown = found.astype([("time", "f8"), ("label", object), ("good", "?")])
        shown["label"] = [label.decode() for label in found["label"]]
        return shown
    return found


def create(path: Path, case: Case) -> None:
    options = {"maxshape": case.chunks and (None,) * len(case.shape), **case.options}
    with h5py.File(path, "w", libver=case.bounds, userblock_size=case.userblock) as file:
        made = file.create_dataset(
            "group/data", case.shape, case.dtype, chunks=case.chunks, **options
        )
        made.attrs["unit"] = "mV"
        file["again"] = made
        if case.shape == (50,):
            made[...] = values(np.random.default_rng(2), case.shape, case.dtype)


class Told(NamedTuple):
    """What is in the file: all of some values, those excepted that are just being changed."""

    values: Any
    changing: slice = slice(0, 0)

    def faults(self, found: Any) -> str:
        if found.ndim != self.values.ndim:
            return f"{found.ndim} axes"
        part = found[tuple(slice(0, length) for length in self.values.shape)]
        if part.shape != self.values.shape:
            return f"{found.shape} of {self.values.shape}"
        same = part == self.values
        same[self.changing] = True
        return "" if np.all(same) else f"other values at {np.argwhere(~same)[:5].tolist()}"


@pytest.mark.parametrize("name", CASES)
def test_each_write_leaves_a_whole_file(name: str, tmp_path: Path) -> None:
    case, path = CASES[name], tmp_path / "t.h5"
    create(path, case)
    random = np.random.default_rng(1)
    with h5py.File(path) as file:
        expected = known(file)
    with Moments(path) as moments:
        session = Session(str(path))
        moments.tell(Told(expected))
        for step in range(case.steps):
            shape = list(expected.shape)
            shape[case.axis] = step % case.longest
            piece = values(random, tuple(shape), case.dtype)
            session.append("/group/data", piece, case.axis)
            expected = np.concatenate([expected, piece], case.axis)
            moments.tell(Told(expected))
            if step % 3 == 2 and len(expected):
                start = int(random.integers(0, len(expected)))
                place = slice(start, start + int(random.integers(1, 50)))
                moments.tell(Told(expected, place))
                expected = expected.copy()
                expected[place] = values(random, expected[place].shape, case.dtype)
                session.write("/group/data", (place,), expected[place])
                moments.tell(Told(expected))
        session.close()
    assert len(moments) > case.steps
    for moment in moments:
        with h5py.File(io.BytesIO(moment.content), "r") as file:
            found = known(file)
            assert file["group/data"] == file["again"]
            assert file["again"].attrs["unit"] == "mV"
        if moment.told is not None:
            assert not moment.told.faults(found), (moment.last, moment.told.faults(found))
    assert found.shape == expected.shape


@pytest.mark.parametrize("bounds", [NEW, OLD])
def test_each_write_leaves_a_large_tree_whole(bounds: tuple[str, str], tmp_path: Path) -> None:
    """Trees of several levels, of which a part only is read each time."""
    path, length = tmp_path / "t.h5", 6_000
    with h5py.File(path, "w", libver=bounds) as file:
        made = file.create_dataset("data", (length, 2), "u2", chunks=(1, 2), maxshape=(None, None))
        made[...] = np.arange(length)[:, None]
    with Moments(path) as moments:
        session = Session(str(path))
        for _ in range(90):
            piece = np.full((3, 2), length, "u2")
            session.append("/data", piece, 0)
            length += 3
            moments.tell(length)
        session.write("/data", (slice(0, 6_000, 500),), np.ones((12, 2), "u2"))
        session.close()
    for moment in moments:
        with h5py.File(io.BytesIO(moment.content), "r") as file:
            data = file["data"]
            assert len(data) >= (moment.told or 6_000)
            assert data.id.get_num_chunks() >= (moment.told or 6_000), moment.last
            assert (data[1:6_000:83, 0] == np.arange(1, 6_000, 83)).all()
            rows = data[6_000 : moment.told or 6_000, 1]
            assert (rows == 6_000 + np.arange(len(rows)) // 3 * 3).all(), moment.last


# NIX files


def session_of_a_file(path: Path, moments: Moments) -> Iterator[None]:
    """Data, metadata, entities: everything that can be done to a file."""
    with nx.open(path) as file:
        block = file.blocks[0]
        trace, channels = block.data_arrays["trace"], block.data_arrays["channels"]

        def tell() -> None:
            told = {name: block.data_arrays[name][:] for name in kept}
            moments.tell((told, list(block.data_arrays.names()), trace.unit))

        kept = ["trace", "channels", "words"]
        for number in range(30):
            trace.append(np.arange(number, dtype=float))
            channels.append(np.full((3, 4), number, "i2"))
            block.data_arrays["words"].append([f"word {number}"] * (number % 3))
            tell()
            if number % 10 == 9:
                file.save()
                tell()
                yield
        block.data_arrays["channels"].name = "traces"
        kept[1] = "traces"
        trace.unit = "mV"
        file.save()
        tell()
        yield
        block.data_frames["trials"].append([(1.5, "again", True)])
        made = nx.DataArray(name="made", type="t", data=np.arange(5))
        made.dimensions.append(nx.SampledDimension(sampling_interval=0.1, unit="ms"))
        block.data_arrays.append(made)
        block.tags["tag"].references.append(made)
        del file.metadata[0].properties[0]
        file.save()
        kept.append("made")
        tell()
        made.append([5, 6])
        tell()
    moments.tell((moments, None, None))


@pytest.mark.parametrize("write", [write_by_us, write_by_nixio])
def test_a_nix_file_is_whole_at_every_moment(write: Callable[[Path], None], tmp_path: Path) -> None:
    path, other = tmp_path / "t.nix", tmp_path / "other.nix"
    write(path)
    with Moments(path) as moments:
        for _ in session_of_a_file(path, moments):
            pass
    count = 0
    for number, moment in enumerate(moments):
        if moment.told is None or moment.told[1] is None:
            continue
        told, names, unit = moment.told
        if number % 7 and moment.last[-8:-4] not in ("\\x89HDF"):
            with h5py.File(io.BytesIO(moment.content), "r") as plain:
                assert set(plain["data"]) == {"session"}
            continue
        other.write_bytes(moment.content)
        count += 1
        file = nx.read(other)
        assert not file.findings
        arrays = file.blocks["session"].data_arrays
        for name, expected in told.items():
            # The next one may be on the disk already, before it was told.
            name = name if name in arrays else {"channels": "traces"}[name]
            assert np.array_equal(arrays[name][: len(expected)], expected)
        assert set(names) <= {*arrays.names(), "channels"}
        assert arrays["trace"].unit in (unit, "mV")
        assert not [one for one in nx.validate(file).findings if one.level.value == "error"]
        if count % 5 == 0:
            read = nixio.File.open(str(other), nixio.FileMode.ReadOnly)
            assert len(read.blocks[0].data_arrays) == len(arrays)
            assert not any(read.validate()["errors"].values())
            read.close()
    assert count > 30
