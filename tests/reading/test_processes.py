"""A `File` is independent of the handle it was read through: of process, of writers, of memory.

It goes to another process and reads its arrays there; nixio may write to the file meanwhile; and an
array of 2 GB stays on disk until its values are asked for.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import h5py
import nixio
import numpy as np
import numpy.typing as npt
import pytest
from h5py import h5d, h5p, h5s, h5t

import nixschema as nx
from tests.plain import Tree, same_values, write
from tests.strategies import everything, leaf

GIGABYTE = 1024**3

MOST_MEMORY = 200 * 1024**2
"""Bytes that reading and validating may take, the interpreter and all modules included."""


def entity(name: str, number: int, **fields: object) -> Tree:
    stamp = "20210304T120000"
    given = f"aaaaaaaa-0000-4000-8000-{number:012x}"
    stamps = {"id": given, "created_at": stamp, "updated_at": stamp}
    return {"name": name, "type": "x", **stamps, **fields}


def recording() -> Tree:
    """Arrays larger than what is read along with the file, and one that is not."""
    grid = [{"dimension_type": "sample", "sampling_interval": 0.1}]
    arrays = [
        entity("numbers", 3, data=leaf("float64", [5000], [1.5, -2.0, 3.0]), dimensions=grid),
        entity("texts", 4, data=leaf("string", [3000], ["ünï", "", "x"]), dimensions=grid),
        entity("few", 5, data=leaf(">i2", [3], [1, 2, 3]), dimensions=grid),
    ]
    columns = [["time", "float64"], ["count", "uint8"]]
    frame = entity("table", 6, data=leaf(columns, [2000], [[0.5, 1], [1.5, 2]]))
    block = entity("session", 2, data_arrays=arrays, data_frames=[frame])
    section = entity("subject", 7)
    section["properties"] = [entity("ages", 8, values=leaf("int64", [2000], [1, 2]))]
    return {**entity("", 1), "version": [1, 2, 1], "blocks": [block], "metadata": [section]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(recording(), tmp_path / "recording.nix")
    return tmp_path / "recording.nix"


# Another process


def values_of(file: nx.File) -> dict[str, npt.NDArray[np.generic]]:
    """All values of a file's arrays and frames; runs in the other process."""
    return {
        model.path: model.data.read()
        for model in file.walk()
        if isinstance(model, nx.DataArray | nx.DataFrame) and model.data is not None
    }


def sent_back(file: nx.File) -> nx.File:
    """The file as the other process has it."""
    return file


@pytest.mark.parametrize("tree", [recording, everything])
def test_a_file_reads_its_arrays_in_another_process(
    tree: Callable[[], Tree], tmp_path: Path
) -> None:
    write(tree(), tmp_path / "file.nix")
    file = nx.read(tmp_path / "file.nix")
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        theirs = other.submit(values_of, file).result()
        returned = other.submit(sent_back, file).result()
    ours = values_of(file)
    assert theirs.keys() == ours.keys()
    for place, values in ours.items():
        # numpy's pickles, in which the values come back, lose the byte order
        native = values.dtype.newbyteorder("=")
        assert same_values(theirs[place].astype(native), values.astype(native)), place
    assert returned == file


def test_a_pickle_holds_no_values_of_large_arrays(path: Path) -> None:
    file = nx.read(path)
    assert len(pickle.dumps(file)) < 40_000
    part = pickle.loads(pickle.dumps(file.blocks["session"].data_arrays["numbers"]))
    assert part.owner is None
    assert part.data[:3].tolist() == [1.5, -2.0, 3.0]


def test_a_moved_file_cannot_be_read_from(path: Path) -> None:
    file = nx.read(path)
    path.rename(path.with_name("elsewhere.nix"))
    with pytest.raises(nx.StaleFileError, match="is gone"):
        file.blocks[0].data_arrays["numbers"][0]


# A writer


def test_nixio_writes_to_the_file_while_ours_lives(path: Path) -> None:
    file = nx.read(path)
    numbers = file.blocks["session"].data_arrays["numbers"]
    assert numbers.data is not None
    before = numbers.data[:10].tolist()

    writer = nixio.File.open(str(path), nixio.FileMode.ReadWrite)
    try:
        writer.blocks["session"].data_arrays["numbers"].append(np.arange(7.0))
        writer.blocks["session"].create_tag("new", "x", [1.0])
    finally:
        writer.close()

    for use in (numbers.data.read, lambda: numbers.data[:10], lambda: np.asarray(numbers)):
        with pytest.raises(nx.StaleFileError, match="has changed since it was read"):
            use()
    assert numbers.shape == (5000,)

    again = nx.read(path)
    assert again != file
    fresh = again.blocks["session"].data_arrays["numbers"]
    assert fresh.shape == (5007,)
    assert fresh[:10].tolist() == before
    assert fresh[5000:].tolist() == list(range(7))
    assert again.blocks["session"].tags.names() == ["new"]


def test_no_handle_is_left_open(path: Path) -> None:
    file = nx.read(path)
    values_of(file)
    assert nx.read(path) == file
    with h5py.File(path, "r+", locking=True) as writer:
        writer["added"] = np.arange(1000)
    with pytest.raises(nx.StaleFileError):
        values_of(file)


def test_a_copy_of_a_stale_file_is_stale(path: Path) -> None:
    file = nx.read(path)
    twin, pickled = file.copy(keep_id=True), pickle.dumps(file)
    with h5py.File(path, "r+") as writer:
        writer["added"] = np.arange(1000)
    for stale in (file, twin, pickle.loads(pickled)):
        with pytest.raises(nx.StaleFileError):
            values_of(stale)


# Memory

CHILD = """
import json, sys

def peak():
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    except OSError:
        import resource
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

import nixschema as nx

{work}
print(json.dumps([peak(), told]))
"""
"""Linux counts into `ru_maxrss` what a process took before `exec`: the memory of pytest. The peak
of the memory it has now is another number."""

READ = """
array = nx.read(sys.argv[1]).blocks[0].data_arrays["large"].data
told = [list(array.shape), str(array.dtype), float(array[-3:].sum())]
"""

VALIDATE = """
report = nx.validate(sys.argv[1])
told = [str(finding) for finding in report.findings if finding.level == "error"]
"""


def in_child(work: str, path: Path) -> tuple[int, list[object]]:
    """Do the work in a process of its own; the most memory it took, and what it told."""
    code = CHILD.replace("{work}", work)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    peak, told = json.loads(done.stdout)
    return peak, told


def contiguous(parent: h5py.Group, count: int) -> None:
    """In one piece that takes its place in the file at once, as a hole where there are holes."""
    creation = h5p.create(h5p.DATASET_CREATE)
    creation.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    creation.set_fill_time(h5d.FILL_TIME_NEVER)
    space = h5s.create_simple((count,))
    h5d.create(parent.id, b"data", h5t.IEEE_F64LE, space, dcpl=creation)


def late(parent: h5py.Group, count: int) -> None:
    """In one piece that takes its place when it is first written to."""
    parent.create_dataset("data", shape=(count,), dtype="<f8")


def chunked(parent: h5py.Group, count: int) -> None:
    """In chunks of which only the last is there."""
    options = {"chunks": (128 * 1024,), "maxshape": (None,)}
    data = parent.create_dataset("data", shape=(count,), dtype="<f8", **options)
    data[-3:] = [1.0, 2.0, 3.0]


@pytest.fixture(scope="module", params=[contiguous, late, chunked])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an array of 2 GB, which takes next to no room on disk.

    In one of them the array holds positions: rules read all of them.
    """
    make: Callable[[h5py.Group, int], None] = request.param
    path = tmp_path_factory.mktemp("large") / f"{make.__name__}.nix"
    grid = [{"dimension_type": "sample", "sampling_interval": 0.1}]
    block = entity("session", 2)
    block["data_arrays"] = [entity("large", 3, data=leaf("float64", [0], [0.0]), dimensions=grid)]
    if make is contiguous:
        block["multi_tags"] = [entity("marks", 4, positions=block["data_arrays"][0]["id"])]
    write({**entity("", 1), "version": [1, 2, 1], "blocks": [block], "metadata": []}, path)
    with h5py.File(path, "r+") as file:
        group = file["data/session/data_arrays/large"]
        del group["data"]
        make(group, 2 * GIGABYTE // 8)
    if make is contiguous:
        assert path.stat().st_size > 2 * GIGABYTE
    return path


def test_reading_a_file_with_a_large_array_takes_little_memory(large: Path) -> None:
    peak, told = in_child(READ, large)
    assert told == [[2 * GIGABYTE // 8], "float64", 6.0 if large.stem == "chunked" else 0.0]
    assert peak < MOST_MEMORY


def test_validating_a_file_with_a_large_array_takes_little_memory(large: Path) -> None:
    peak, told = in_child(VALIDATE, large)
    assert told == []
    assert peak < MOST_MEMORY
