"""Files that are open for acquisition: what they take, who sees it, and what is refused."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import nixio
import numpy as np
import pytest

import nixschema as nx
from nixschema.array import MemorySource
from tests.acquiring.sample import sample, write_by_nixio, write_by_us

WRITERS = [write_by_us, write_by_nixio]


@pytest.fixture(params=WRITERS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    request.param(tmp_path / "t.nix")
    return tmp_path / "t.nix"


def arrays_of(file: nx.File) -> Any:
    return file.blocks["session"].data_arrays


def plain(path: Path, name: str) -> Any:
    """The values of an array, by h5py; the file may be open for acquisition."""
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    with h5py.File(copy) as file:
        data = file[f"data/session/data_arrays/{name}/data"]
        return data.asstr()[()] if data.dtype == object else data[()]


# Values


def test_values_are_on_the_disk_when_append_returns(path: Path) -> None:
    with nx.open(path, "r+") as file:
        trace, channels = arrays_of(file)["trace"], arrays_of(file)["channels"]
        trace.append([1, 2.5])
        assert plain(path, "trace").tolist() == [1, 2.5]
        trace.data.append(np.float32(3.5).reshape(1))
        channels.append([[1, 2, 3, 4], [5, 6, 7, 8]])
        channels.append([9, 10, 11, 12])
        assert plain(path, "trace").tolist() == [1, 2.5, 3.5]
        assert plain(path, "channels").tolist() == np.arange(1, 13).reshape(3, 4).tolist()
        assert (trace.shape, channels.shape, len(channels)) == ((3,), (3, 4), 3)
        channels.append([[0, 0]] * 3, axis=1)
        assert plain(path, "channels").shape == channels.shape == (3, 6)
    assert nx.read(path) == file


def test_assigned_values_are_on_the_disk(path: Path) -> None:
    with nx.open(path) as file:
        channels = arrays_of(file)["channels"]
        channels.append(np.zeros((20, 4), int))
        expected = np.zeros((20, 4), "i2")
        for key, values in [
            (slice(3, 7), 1),
            ((slice(None), 2), np.arange(20)),
            ((slice(None, None, 3), slice(1, 3)), [[7, 8]]),
            ((-1, -1), 9),
            (([1, 5, 6], 0), [1, 2, 3]),
            (np.arange(20) % 7 == 0, 4),
            ((slice(15, 10, -2), slice(0, 2)), [[1, 2], [3, 4], [5, 6]]),
            ((..., 3), 5),
            (slice(4, 4), 6),
            ((slice(2, 4), [3, 0]), [[1, 2], [3, 4]]),
        ]:
            channels[key] = values
            expected[key] = values
            assert np.array_equal(plain(path, "channels"), expected), key
            assert np.array_equal(channels, expected)
        with pytest.raises(IndexError):
            channels[20] = 1
        with pytest.raises(ValueError, match="broadcast"):
            channels[:3] = [1, 2, 3]
        with pytest.raises(ValueError, match="70000"):
            channels[0] = 70_000
        assert np.array_equal(plain(path, "channels"), expected)


def test_text_booleans_and_records(path: Path) -> None:
    with nx.open(path) as file:
        words, flags = arrays_of(file)["words"], arrays_of(file)["flags"]
        words.append(["µ", "", "long " * 500])
        words[1] = "changed"
        words[2:4] = ["x", "y"]
        flags.append([False, True])
        flags[0] = False
        frame: Any = file.blocks[0].data_frames["trials"]
        frame.append([(1.5, "second", False), (2.5, "third", True)])
        rows = frame.data[:1]
        rows["label"] = "changed"
        frame.data[0] = rows[0]
        frame.data[2:] = rows
        assert plain(path, "words").tolist() == ["a", "changed", "x", "y"]
        assert plain(path, "flags").tolist() == [False, False, False, True]
    assert nx.read(path) == file
    read = nixio.File.open(str(path), nixio.FileMode.ReadOnly)
    table = read.blocks[0].data_frames[0]
    assert [row[1] for row in table.read_rows([0, 1, 2])] == ["changed", "second", "changed"]
    assert list(read.blocks[0].data_arrays["words"][:]) == ["a", "changed", "x", "y"]
    read.close()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("dtype", ["<f4", ">i4", ">f8", "u1", "f2", "c8", "S5", "V3", "?"])
def test_types_of_all_kinds(dtype: str, write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write(path)
    values = np.arange(12).astype("S5" if dtype in ("S5", "V3") else dtype).view()
    values = values.astype(dtype) if dtype != "V3" else np.array([b"abc", b"def"] * 6, "V3")
    options: list[dict[str, Any]] = [{}, {"compression": 4}, {"shuffle": True}]
    with h5py.File(path, "r+") as file:
        for number, more in enumerate(options):
            file["data/session/data_arrays"].copy("trace", f"array {number}")
            array = file[f"data/session/data_arrays/{f'array {number}'}"]
            array.attrs["name"] = f"array {number}"
            del array["data"]
            array.create_dataset("data", data=values, chunks=(5,), maxshape=(None,), **more)
    with nx.open(path) as opened:
        for number in range(len(options)):
            array = arrays_of(opened)[f"array {number}"].data
            for start in (0, 3, 7):
                array.append(values[start : start + 4])
            array[2:4] = values[5:7]
            expected = np.concatenate([values, values[:4], values[3:7], values[7:11]])
            expected[2:4] = values[5:7]
            assert array.dtype == values.dtype
            assert array.read().tolist() == expected.tolist()
            assert plain(path, f"array {number}").tolist() == expected.tolist()


def test_what_cannot_grow_is_stored_anew_once(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        array = file["data/session/data_arrays/trace"]
        del array["data"]
        array["data"] = np.arange(1000.0)
        array["data"].attrs["unknown"] = "kept"
    with nx.open(path) as opened:
        trace = arrays_of(opened)["trace"]
        assert trace.data.chunks is None
        trace.append([1.0])
        assert trace.data.chunks is not None
        size = path.stat().st_size
        trace.append([2.0])
        assert path.stat().st_size == size
        assert trace.shape == (1002,)
    assert nx.read(path) == opened
    with h5py.File(path) as file:
        array = file["data/session/data_arrays/trace"]
        assert file["data/session/tags/tag/references"][array.attrs["entity_id"]] == array
        assert array["data"].maxshape == (None,)
        assert array["data"].attrs["unknown"] == "kept"
        assert array["data"][-3:].tolist() == [999, 1, 2]


def test_what_cannot_grow_stays_where_references_lead(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        array = file["data/session/data_arrays/trace"]
        del array["data"]
        array["data"] = np.arange(10.0)
        file["data/session/data_arrays/channels"].attrs["dataset"] = array["data"].ref
    with nx.open(path) as opened:
        with pytest.raises(nx.NixError, match=r"no room to grow.*write it again"):
            arrays_of(opened)["trace"].append([1.0])
        arrays_of(opened)["words"].append(["b"])
        arrays_of(opened)["trace"].unit = "mV"
        opened.blocks[0].definition = "changed"
    with h5py.File(path) as file:
        arrays = file["data/session/data_arrays"]
        assert file[arrays["channels"].attrs["dataset"]] == arrays["trace/data"]


def test_a_dataset_with_several_links_grows_for_all(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        arrays = file["data/session/data_arrays"]
        arrays["words"]["polynom_coefficients"] = arrays["trace"]["data"]
        del arrays["words"]["polynom_coefficients"]
        del arrays["flags"]["data"]
        arrays["flags"]["data"] = arrays["trace"]["data"]
    with nx.open(path) as opened:
        one, two = arrays_of(opened)["trace"], arrays_of(opened)["flags"]
        one.append([1.0, 2.0])
        assert two.shape == (2,)
        two.append([3.0])
        assert one[:].tolist() == [1, 2, 3]
        one.unit = "mV"
        opened.save(check="none")
        two.append([4.0])
        assert one[:].tolist() == [1, 2, 3, 4]
        third = nx.DataArray(name="third", type="t", data=one.data)
        third.dimensions.append(nx.SetDimension())
        arrays_of(opened).append(third)
        opened.save(check="none")
        third.append([5.0])
        assert one.shape == two.shape == (5,)
    with h5py.File(path) as file:
        arrays = file["data/session/data_arrays"]
        assert arrays["flags/data"] == arrays["trace/data"] == arrays["third/data"]
        assert h5py.h5o.get_info(arrays["flags/data"].id).rc >= 3
    assert nx.read(path) == opened


def test_large_pieces_are_appended_in_parts(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("nixschema.storage.changing.PIECE_BYTES", 1000)
    write_by_us(tmp_path / "t.nix")
    with nx.open(tmp_path / "t.nix") as file:
        channels = arrays_of(file)["channels"]
        values = np.arange(4000, dtype="i2").reshape(1000, 4)
        channels.append(values)
        channels[100:900:3, 1:3] = -values[100:900:3, 1:3]
        values[100:900:3, 1:3] *= -1
        assert np.array_equal(channels, values)
    assert np.array_equal(plain(tmp_path / "t.nix", "channels"), values)


def test_memory_is_bounded(tmp_path: Path) -> None:
    code = f"""
import resource
import numpy as np, nixschema as nx
file = nx.File(blocks=[nx.Block(name="b", type="t")])
array = nx.DataArray(name="a", type="t", data=np.zeros((0, 32)))
array.dimensions.extend([nx.SampledDimension(sampling_interval=1.0), nx.SetDimension()])
file.blocks[0].data_arrays.append(array)
nx.write(file, {str(tmp_path / "t.nix")!r})
piece = np.ones((40_000, 32))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with nx.open({str(tmp_path / "t.nix")!r}) as file:
    array = file.blocks[0].data_arrays[0]
    array.append(piece)
    before = peak()
    for _ in range(50):
        array.append(piece)
    array[:] = 2
    print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 150, "500 MB were written"
    with h5py.File(tmp_path / "t.nix") as file:
        assert (file["data/b/data_arrays/a/data"][::100_000] == 2).all()


# Who sees it


def test_new_arrays_are_in_memory_until_they_are_saved(path: Path) -> None:
    with nx.open(path) as file:
        made: Any = nx.DataArray(name="made", type="t", data=[1.0], dimensions=[nx.SetDimension()])
        arrays_of(file).append(made)
        made.append([2.0])
        assert isinstance(made.data.source, MemorySource)
        file.save()
        assert not isinstance(made.data.source, MemorySource)
        made.append([3.0])
        assert plain(path, "made").tolist() == [1, 2, 3]
    assert made[:].tolist() == [1, 2, 3]


def test_nobody_else_can_open_the_file(path: Path) -> None:
    with nx.open(path) as file:
        with pytest.raises(OSError, match="lock"):
            h5py.File(path)
        with pytest.raises(OSError, match="lock"):
            nixio.File.open(str(path), nixio.FileMode.ReadOnly)
        with pytest.raises(nx.NotNix, match="is open in this program already: close it first"):
            nx.open(path)
        code = f"import nixschema as nx; nx.open({str(path)!r})"
        for mode in (code, code.replace("nx.open", "nx.read")):
            done = subprocess.run(
                [sys.executable, "-c", mode], capture_output=True, text=True, check=False
            )
            assert "is open" in done.stderr.splitlines()[-1]
            assert "another program" in done.stderr.splitlines()[-1]
        assert file.is_open
    with nx.open(path), pytest.raises(nx.NotNix):
        nx.open(path)


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_that_is_read_elsewhere_is_in_use(mode: str, path: Path) -> None:
    with (
        h5py.File(path, mode),
        pytest.raises(nx.NotNix, match="is open in another program"),
    ):
        nx.open(path)
    nx.open(path).close()


def test_the_same_process_reads_what_is_on_the_disk(path: Path) -> None:
    before = nx.read(path)
    with nx.open(path) as file:
        assert before == file
        arrays_of(file)["trace"].append([1.0])
        arrays_of(file)["trace"].unit = "mV"
        read = nx.read(path)
        assert arrays_of(read)["trace"][:].tolist() == [1.0]
        assert arrays_of(read)["trace"].unit is None
        arrays_of(before)["words"].data.source.values = None
        with pytest.raises(nx.StaleFileError):
            arrays_of(before)["words"][:]
        arrays_of(file)["trace"].append([2.0])
        arrays_of(read)["trace"].data.source.values = None
        with pytest.raises(nx.StaleFileError):
            arrays_of(read)["trace"][:]
        assert nx.validate(path).ok
        nx.write(file, path.with_suffix(".other.nix"))
    assert nx.read(path.with_suffix(".other.nix")) == file


def test_a_file_that_is_open_is_not_replaced(path: Path) -> None:
    other = nx.read(path)
    with nx.open(path) as file:
        arrays_of(file)["trace"].append([1.0])
        for one in (nx.read(path), file):
            with pytest.raises((OSError, nx.StaleFileError)):
                nx.write(one, path)
        nx.write(sample(), path.parent / "other.nix")
        done = subprocess.run(
            [sys.executable, "-c", f"import nixschema as nx; nx.convert('other.nix', '{path}')"],
            capture_output=True,
            text=True,
            check=False,
            cwd=path.parent,
        )
        assert "is open for writing" in done.stderr.splitlines()[-1]
        arrays_of(file)["trace"].append([2.0])
    assert nx.read(path) == file
    assert arrays_of(other)["words"][:].tolist() == ["a"]


def test_one_thread_appends_while_another_reads(path: Path) -> None:
    faults: list[Any] = []
    with nx.open(path) as file:
        channels = arrays_of(file)["channels"]
        ended = threading.Event()

        def acquire() -> None:
            try:
                for number in range(300):
                    channels.append(np.full((7, 4), number, "i2"))
            except BaseException as error:
                faults.append(error)
            ended.set()

        thread = threading.Thread(target=acquire)
        thread.start()
        reads = 0
        while not ended.is_set():
            values = channels[:]
            faults += [] if (values == np.arange(len(values))[:, None] // 7).all() else [values]
            reads += 1
        thread.join()
        assert not faults
        assert reads
        assert channels.shape == (2100, 4)


def read_in_child(array: Any, answer: Any) -> None:
    try:
        answer.put(array[:].tolist())
    except nx.NixError as error:
        answer.put(type(error).__name__)


def test_a_forked_process_does_not_change_the_file(path: Path) -> None:
    with nx.open(path) as file:
        trace = arrays_of(file)["trace"]
        trace.append([1.0])
        forking: Any = multiprocessing.get_context("fork")
        answer = forking.Queue()
        child = forking.Process(target=read_in_child, args=(trace, answer))
        child.start()
        assert answer.get(timeout=30) == "StaleFileError"
        child.join()
        trace.append([2.0])
        with pytest.raises(nx.NotNix):
            nx.open(path)
    assert nx.read(path) == file


def test_copies_are_apart(path: Path) -> None:
    with nx.open(path) as file:
        trace, words = arrays_of(file)["trace"], arrays_of(file)["words"]
        trace.append(np.arange(5.0))
        twin = trace.copy()
        twin.name = "twin"
        trace.append([5.0])
        assert twin[:].tolist() == [0, 1, 2, 3, 4]
        arrays_of(file).append(twin)
        other = words.copy()
        other.name = "other"
        arrays_of(file).append(other)
        file.save()
        assert twin[:].tolist() == [0, 1, 2, 3, 4]
        twin.append([9.0])
        other.append(["z"])
        assert trace.shape == twin.shape == (6,)
        assert words[:].tolist() == ["a"]
        late = trace.copy()
        late.name = "late"
        trace[0] = 7
        assert late[:].tolist() == [0, 1, 2, 3, 4, 5]
        arrays_of(file).append(late)
    assert nx.read(path) == file


def test_a_file_can_be_used_when_it_is_closed(path: Path) -> None:
    file = nx.open(path)
    trace = arrays_of(file)["trace"]
    trace.append([1.0])
    file.close()
    assert not file.is_open
    assert trace[:].tolist() == [1.0]
    assert pickle.loads(pickle.dumps(file)) == file == nx.read(path)
    trace.append([2.0])
    assert isinstance(trace.data.source, MemorySource)
    assert plain(path, "trace").tolist() == [1.0]
    nx.write(file, path)
    assert plain(path, "trace").tolist() == [1.0, 2.0]
    for closed in (file.save, file.close, file.__enter__):
        with pytest.raises(nx.NixError, match=r"the file is not open: nixschema\.open opens"):
            closed()


def test_an_exception_keeps_what_had_returned(path: Path) -> None:
    file = nx.open(path)

    def work() -> None:
        with file:
            arrays_of(file)["trace"].append([1.0])
            arrays_of(file)["trace"].unit = "mV"
            arrays_of(file).remove("words")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert not file.is_open
    read = nx.read(path)
    assert arrays_of(read)["trace"][:].tolist() == [1.0]
    assert arrays_of(read)["trace"].unit is None
    assert "words" in arrays_of(read)


def test_a_file_that_nobody_has_any_more_can_be_opened_again(path: Path) -> None:
    import gc

    arrays_of(nx.open(path))["trace"].append([1.0])
    gc.collect()
    with nx.open(path) as file:
        assert arrays_of(file)["trace"][:].tolist() == [1.0]


# Reading


def test_a_file_that_is_open_for_reading(path: Path) -> None:
    before = path.read_bytes()
    with nx.open(path, "r") as file, nx.open(path, "r") as other:
        assert arrays_of(file)["words"][:].tolist() == ["a"]
        assert file == other == nx.read(path)
        with pytest.raises(nx.NixError, match="open for reading"):
            file.save()
        arrays_of(file)["trace"].append([1.0])
        with pytest.raises(nx.NotNix, match="open in this program already"):
            nx.open(path)
    assert path.read_bytes() == before
    assert nx.read(path).blocks[0].data_arrays["trace"].shape == (0,)


# What is refused


def refused(path: Path, words: str, kind: type[Exception] = nx.NixError) -> None:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(kind, match=re.escape(words)):
        nx.open(path)
    if before is not None:
        assert path.read_bytes() == before


def test_other_modes(path: Path) -> None:
    for mode in ("w", "a", "r+b", ""):
        with pytest.raises(ValueError, match=r"nixschema\.write makes new files"):
            nx.open(path, mode)  # type: ignore[arg-type]


def test_what_is_no_nix_file(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    refused(path, "does not exist", nx.NotNix)
    refused(tmp_path, "is a folder", nx.NotNix)
    path.write_bytes(b"")
    refused(path, "is empty", nx.NotNix)
    path.write_text("text")
    refused(path, "is not an HDF5 file", nx.NotNix)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    refused(path, "is HDF5, but not a NIX file", nx.NotNix)


def test_damaged_files(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:2000])
    refused(path, "is truncated", nx.NotNix)
    path.write_bytes(whole[:9] + b"\xff" * 60 + whole[69:])
    refused(path, "its superblock is of an unknown kind", nx.NotNix)
    path.write_bytes(whole[:200] + b"\xff" * 60 + whole[260:])
    with pytest.raises(nx.NixError):
        nx.open(path)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ((1, 1, 1), "is of format version 1.1.1: upgrade it first, with `nixschema upgrade"),
        ((1, 2, 2), "is of format version 1.2.2, and 1.2.1 is the latest"),
        ((2, 0, 0), "is of format version 2.0.0"),
        (None, "does not say which version"),
    ],
)
def test_other_versions(version: Any, words: str, path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["version"]
        if version is not None:
            file.attrs["version"] = np.array(version, "i4")
    refused(path, words)


def test_bytes_behind_the_end_do_not_matter(path: Path) -> None:
    """What a process has left that was killed, or anybody."""
    with path.open("ab") as stream:
        stream.write(b"GCOL" * 5000)
    with nx.open(path) as file:
        for number in range(20):
            arrays_of(file)["words"].append([f"{number}" * 100])
            arrays_of(file)["trace"].append(np.arange(1000.0))
        assert plain(path, "words").tolist() == arrays_of(file)["words"][:].tolist()
        arrays_of(file)["trace"].unit = "mV"
    assert nx.read(path) == file


def test_files_with_a_list_of_free_space(tmp_path: Path) -> None:
    write_by_us(tmp_path / "plain.nix")
    path = tmp_path / "t.nix"
    with (
        h5py.File(tmp_path / "plain.nix") as source,
        h5py.File(path, "w", fs_strategy="fsm", fs_persist=True) as target,
    ):
        for name in source:
            source.copy(name, target)
        for name, value in source.attrs.items():
            target.attrs[name] = value
    refused(path, "keeps a list of its free space")


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everything")
def test_files_that_may_not_be_written(path: Path) -> None:
    path.chmod(0o444)
    refused(path, "may not be written", PermissionError)


def test_nobody_may_not_write(path: Path) -> None:
    if os.name != "posix" or os.getuid() != 0:
        pytest.skip("needs root to become somebody else")
    path.chmod(0o444)
    for folder in (path.parent, *path.parent.parents):
        if folder.stat().st_uid == 0 and folder != Path("/") and "pytest" in str(folder):
            folder.chmod(0o755)
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setuid(65534)
            try:
                nx.open(path)
            except PermissionError as error:
                code = 0 if "may not be written" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_that_is_marked_as_open(tmp_path: Path) -> None:
    """An editor that was killed has left its mark."""
    path = tmp_path / "t.nix"
    nx.write(sample(), path)
    with h5py.File(tmp_path / "latest.nix", "w", libver="latest") as target:
        with h5py.File(path) as source:
            for name in source:
                source.copy(name, target)
            for name, value in source.attrs.items():
                target.attrs[name] = value
        target.swmr_mode = True
        shutil.copy(tmp_path / "latest.nix", path)
    refused(path, "is marked as open for writing", nx.NotNix)


def test_a_broken_file_may_be_opened(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["data/session/data_arrays/flags/data"]
        del file["data/session/data_arrays/words"].attrs["type"]
    with nx.open(path) as opened:
        assert opened.blocks[0].data_arrays["flags"].data is None
        arrays_of(opened)["trace"].append([1.0])
        arrays_of(opened)["trace"].unit = "mV"
    assert nx.read(path) == opened


def test_what_is_not_in_the_file_is_taken_into_memory(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        array = file["data/session/data_arrays/trace"]
        del array["data"]
        array.create_dataset("data", (4,), "f8", external=[("elsewhere.raw", 0, 32)])
    with nx.open(path) as opened, pytest.raises(OSError, match="values lie outside the file"):
        arrays_of(opened)["trace"].append([1.0])
