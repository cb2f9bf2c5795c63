"""What has returned stays in the file: killed, interrupted, or without room on the disk."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import nixio
import numpy as np
import pytest

import nixschema as nx
from tests.acquiring.children import Child, Tell, interrupting, run
from tests.acquiring.sample import write_by_nixio, write_by_us

if sys.platform == "win32":
    pytest.skip("no forks and limits as here", allow_module_level=True)
else:
    import resource

PIECES = 1_000

SEED = 20210304


def appended(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """One of many pieces."""
    return np.arange(number, number + 100, dtype=float)


def check(path: Path, least: int) -> int:
    """A file that was appended to has at least so many pieces, and is sound; tell how many."""
    with h5py.File(path) as plain:
        values = plain["data/session/data_arrays/trace/data"][()]
        rows = plain["data/session/data_arrays/channels/data"][()]
    assert len(values) % 100 == 0
    pieces = len(values) // 100
    assert pieces >= least
    assert len(rows) in (pieces, pieces - 1)
    assert len(rows) >= least
    assert (values.reshape(-1, 100) == np.array([appended(n) for n in range(pieces)])).all()
    assert (rows == np.arange(len(rows))[:, None]).all()
    file = nx.read(path)
    assert not file.findings
    assert np.array_equal(file.blocks[0].data_arrays["trace"], values)
    assert not [one for one in nx.validate(path).findings if one.level.value == "error"]
    read = nixio.File.open(str(path), nixio.FileMode.ReadOnly)
    assert read.blocks[0].data_arrays["trace"].shape == values.shape
    assert not any(read.validate()["errors"].values())
    read.close()
    return pieces


def acquire(path: Path, tell: Tell) -> None:
    """Append many pieces, and tell of each that has returned."""
    with nx.open(path) as file:
        arrays = file.blocks[0].data_arrays
        for number in range(PIECES):
            arrays["trace"].append(appended(number))
            arrays["channels"].append(np.full((1, 4), number, "i2"))
            tell(".")


@pytest.mark.parametrize("write", [write_by_us, write_by_nixio])
def test_a_killed_process_loses_nothing_that_returned(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "t.nix"
    chance = random.Random(SEED)
    found = []
    for _ in range(12):
        write(path)
        child = Child(lambda tell: acquire(path, tell))
        child.wait_for(chance.randrange(PIECES))
        time.sleep(chance.random() / 1_000)
        child.kill()
        ended = child.ended()
        assert ended.code == -9
        found.append(check(path, ended.told.count(".")))
        path.unlink()
    assert len(set(found)) > 9


def test_a_killed_session_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    child = Child(lambda tell: acquire(path, tell))
    child.wait_for(300)
    child.kill()
    child.ended()
    pieces = check(path, 300)
    with nx.open(path) as file:
        arrays = file.blocks[0].data_arrays
        for number in range(len(arrays["channels"]), pieces):
            arrays["channels"].append(np.full((1, 4), number, "i2"))
        for number in range(pieces, pieces + 50):
            arrays["trace"].append(appended(number))
            arrays["channels"].append(np.full((1, 4), number, "i2"))
    assert check(path, pieces + 50) == pieces + 50


# A full disk


def fill(arrays: Any, tell: Tell) -> None:
    """Append until that fails."""
    for number in range(PIECES):
        arrays["trace"].append(appended(number))
        arrays["channels"].append(np.full((1, 4), number, "i2"))
        tell(".")


def test_a_full_disk_is_told_and_keeps_what_returned(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    for room in (0, 100, 900, 5_000, 20_000, 100_000):
        write_by_us(path)
        size = path.stat().st_size

        def work(tell: Tell, limit: int = size + room, room: int = room) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            file = nx.open(path)
            arrays = file.blocks[0].data_arrays
            with pytest.raises(OSError, match="too large") as caught:
                fill(arrays, tell)
            assert caught.value.filename == str(path)
            number = len(arrays["channels"])
            file.metadata[0].definition = "not saved: " + "x" * room
            with pytest.raises(OSError, match="too large"):
                file.save()
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            # There is room again, and the session goes on.
            for array, values in (
                ("trace", appended(number)),
                ("channels", np.full((1, 4), number, "i2")),
            ):
                if len(arrays[array]) <= number * len(values):
                    arrays[array].append(values)
            file.close()
            tell("+")

        ended = run(work)
        assert ended.code == 0, ended.told
        assert check(path, ended.told.count(".") + 1) == ended.told.count(".") + 1
        assert nx.read(path).metadata[0].definition == "not saved: " + "x" * room
        path.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount`")
    if done.returncode:
        pytest.skip(f"may not mount a small disk: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    path = small_disk / "t.nix"
    write_by_us(path)

    def work(tell: Tell) -> None:
        with nx.open(path) as file, pytest.raises(OSError, match="No space left"):
            fill(file.blocks[0].data_arrays, tell)

    ended = run(work)
    assert ended.code == 0, ended.told
    check(path, ended.told.count("."))


# Ctrl-C


def interrupted(path: Path, moment: int, tell: Tell) -> None:
    """Append and save, and get Ctrl-C meanwhile."""
    file = nx.open(path)
    arrays = file.blocks[0].data_arrays
    seen = interrupting(moment)
    try:
        for number in range(3):
            arrays["trace"].append(appended(number))
            tell(".")
            arrays["channels"].append(np.full((1, 4), number, "i2"))
            file.metadata[0].definition = f"changed {number}"
            file.save(check="none")
        tell(f"{seen()} lines")
    except KeyboardInterrupt:
        sys.settrace(None)
        # The session goes on as if nothing had been.
        arrays["trace"].append(appended(len(arrays["trace"]) // 100))
        rows = len(arrays["channels"])
        arrays["channels"].append(np.full((1, 4), rows, "i2"))
        file.metadata[0].definition = "after all"
        file.save()
        assert nx.read(path) == file
        tell("!")
    finally:
        sys.settrace(None)
        file.close(save=False)


def test_ctrl_c_waits_until_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    empty = path.read_bytes()
    whole = run(lambda tell: interrupted(path, -1, tell))
    assert whole.code == 0, whole.told
    lines = int(whole.told.removeprefix("...").removesuffix(" lines"))
    assert lines > 3_000
    stops = 0
    for moment in random.Random(SEED).sample(range(lines), 30):
        path.write_bytes(empty)
        ended = run(lambda tell, moment=moment: interrupted(path, moment, tell))  # type: ignore[misc]
        assert ended.code == 0, (moment, ended.told)
        stops += "!" in ended.told
        if "!" in ended.told:
            check(path, ended.told.count("."))
        definition = nx.read(path).metadata[0].definition
        assert definition == ("after all" if "!" in ended.told else "changed 2")
    assert stops > 24


# The end of a program


@pytest.mark.parametrize("end", ["", "raise ValueError", "import os; os.fork()", "del file"])
def test_a_file_that_nobody_closes_is_whole(end: str, tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    write_by_us(path)
    code = f"""
import nixschema as nx, numpy as np
file = nx.open({str(path)!r})
for number in range(5):
    file.blocks[0].data_arrays["trace"].append(np.arange(number, number + 100.0))
    file.blocks[0].data_arrays["channels"].append(np.full((1, 4), number, "i2"))
file.metadata[0].definition = "not saved"
{end}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if "raise" in end else 0), done.stderr
    assert "Segmentation" not in done.stderr
    assert check(path, 5) == 5
    assert nx.read(path).metadata[0].definition is None
