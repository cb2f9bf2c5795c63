"""A target is there whole or as it was, whatever happens meanwhile, and nothing is left beside it.

Disks are full, writers are killed and interrupted, targets are links or may not be written, and
several write the same one.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any
from uuid import UUID

import h5py
import nixio
import numpy as np
import pytest

import nixschema as nx
from nixschema.model import Extra, Model
from nixschema.model.extra import Foreign
from nixschema.storage.following import follow
from nixschema.storage.replace import replacing
from tests.plain import UTF8, new_group, write
from tests.reading.test_processes import recording
from tests.writing.objects import differences
from tests.writing.processes import COUNT, Children, Job
from tests.writing.sample import write_sample

if sys.platform == "win32":
    pytest.skip("no forks and modes as here", allow_module_level=True)
else:
    import fcntl

SEED = 20210304

WHEN = datetime(2021, 3, 4, tzinfo=UTC)

OLD = b"what was there before"


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


@pytest.fixture(scope="module")
def sources(children: Children, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of all models that children write."""
    folder = tmp_path_factory.mktemp("sources")
    paths = {name: folder / f"{name}.nix" for name in ("few", "other", "many", "large")}
    for name, path in paths.items():
        assert children.run("write", name, path) == (0, "")
    return paths


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder in which every user may work."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def folders(parent: Path, count: int) -> list[Path]:
    """Folders with an old file each."""
    made = [parent / str(number) for number in range(count)]
    for folder in made:
        folder.mkdir()
        (folder / "t.nix").write_bytes(OLD)
    return made


def moments_of(children: Children, work: str, *arguments: str | Path, **rest: Any) -> int:
    """How many moments there are at which a job can get a signal; the last argument is a target."""
    target = Path(arguments[-1])
    target.write_bytes(OLD)
    ended = children.run(work, *arguments, moment=COUNT, **rest)
    target.unlink()
    return int(ended.stderr)


def whole(path: Path, source: Path) -> bool:
    """Whether a file is what was to be written."""
    return nx.read(path) == nx.read(source)


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith("\n") and "Traceback" not in text


# A full disk

WAYS = ("convert", "write")
"""How a file gets to its target: from another file, or from memory."""


def job(way: str, name: str, source: Path, target: Path, **rest: Any) -> Job:
    if way == "write":
        return Job("write", (name, str(target)), **rest)
    return Job("command", ("convert", str(source), str(target), "--force"), **rest)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["many", "large"])
def test_a_full_disk_leaves_the_old_file(
    name: str, way: str, children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    whole_target = tmp_path / "whole.nix"
    assert children.all([job(way, name, sources[name], whole_target)]) == [(0, "")]
    needed = whole_target.stat().st_size
    limits = [round(number * (needed - 1) / 19) for number in range(20)]
    tried = folders(tmp_path, len(limits))
    ended = children.all(
        [
            job(way, name, sources[name], folder / "t.nix", limit=limit)
            for folder, limit in zip(tried, limits, strict=True)
        ]
    )
    for folder, limit, (code, stderr) in zip(tried, limits, ended, strict=True):
        assert (code, one_line(stderr)) == (3, True), (limit, code, stderr)
        assert "File too large" in stderr
        assert (folder / "t.nix").read_bytes() == OLD, limit
        assert names(folder) == ["t.nix"], limit
    just_fits = job(way, name, sources[name], tried[0] / "t.nix", limit=needed)
    assert children.all([just_fits]) == [(0, "")]
    assert whole(tried[0] / "t.nix", sources[name])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
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


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["many", "large"])
def test_a_disk_that_is_really_full(
    name: str, way: str, children: Children, sources: dict[str, Path], small_disk: Path
) -> None:
    target = small_disk / "t.nix"
    target.write_bytes(OLD)
    ((code, stderr),) = children.all([job(way, name, sources[name], target)])
    assert (code, one_line(stderr)) == (3, True), stderr
    assert "No space left on device" in stderr
    assert target.read_bytes() == OLD
    assert names(small_disk) == ["t.nix"]
    assert children.all([job(way, "few", sources["few"], target)]) == [(0, "")]
    assert whole(target, sources["few"])


def test_a_full_disk_leaves_a_file_that_is_written_onto_itself(
    children: Children, tmp_path: Path
) -> None:
    rich(tmp_path / "t.nix")
    before = (tmp_path / "t.nix").read_bytes()
    for limit in (0, len(before) // 4, len(before) // 2):
        code, stderr = children.run("rewrite", tmp_path / "t.nix", limit=limit)
        assert (code, one_line(stderr)) == (3, True), stderr
        assert (tmp_path / "t.nix").read_bytes() == before
        assert names(tmp_path) == ["t.nix"]


def test_the_error_tells_the_file(tmp_path: Path) -> None:
    target = tmp_path / "t.nix"
    with pytest.raises(OSError, match=re.escape(str(target))), replacing(str(target)) as stream:
        stream.failure = OSError(28, "No space left on device")
    assert names(tmp_path) == []


def test_after_a_failure_a_stream_seems_to_work(tmp_path: Path) -> None:
    replacement = replacing(str(tmp_path / "t.nix"))
    stream = replacement.__enter__()
    stream.write(memoryview(b"abcd"))
    stream.failure = OSError(5, "gone")
    stream.write(memoryview(b"efgh"))
    assert stream.seek(0, os.SEEK_END) == 8
    stream.seek(2)
    buffer = bytearray(4)
    assert stream.readinto(memoryview(buffer)) == 4
    assert buffer == b"cd\0\0"
    assert stream.truncate(100) == 100
    assert stream.seek(0, os.SEEK_END) == 100
    with pytest.raises(OSError, match="gone"):
        replacement.__exit__(None, None, None)
    assert names(tmp_path) == []


# Killed


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    total = moments_of(children, "write", "few", tmp_path / "t.nix")
    moments = random.Random(SEED).sample(range(total), 50) + list(range(total - 40, total, 3))
    tried = folders(tmp_path, len(moments))
    jobs = [
        Job("write", ("few", str(folder / "t.nix")), moment=moment)
        for folder, moment in zip(tried, moments, strict=True)
    ]
    assert {one.code for one in children.all(jobs)} <= {0, -signal.SIGKILL}
    old, new, left = 0, 0, 0
    for folder in tried:
        if (folder / "t.nix").read_bytes() == OLD:
            old += 1
        else:
            assert whole(folder / "t.nix", sources["few"])
            new += 1
        others = [name for name in names(folder) if name != "t.nix"]
        assert all(re.fullmatch(r"\.t\.nix\.\d+\.tmp", name) for name in others)
        assert len(others) <= 1
        left += len(others)
        nx.convert(sources["other"], folder / "t.nix")
        assert names(folder) == ["t.nix"]
    assert old > 40
    assert new > 2
    assert left > 30


def test_a_temporary_file_in_use_stays(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "t.nix"
    with replacing(str(target)) as stream:
        stream.write(memoryview(b"live"))
        (mine,) = names(tmp_path)
        assert children.run("write", "few", target) == (0, "")
        nx.convert(sources["few"], target)  # in the same process too
        assert names(tmp_path) == [mine, "t.nix"]
        assert whole(target, sources["few"])
    assert names(tmp_path) == ["t.nix"]
    assert target.read_bytes() == b"live"


@pytest.mark.parametrize(
    "name",
    [
        *("t.nix.123.tmp", ".t.nix.tmp", ".t.nix.x.tmp", ".t.nix.0123.tmp", ".t.nix.-1.tmp"),
        *(".t.nix.١٢.tmp", ".t.nix.123.tmp.tmp", ".t.nix.123", ".t.nix..tmp", ".x.tmp", ".tmp"),
        *(".other.nix.123.tmp", ".tt.nix.123.tmp", ".t.nix.nix.123.tmp", ".T.nix.12.5.tmp"),
    ],
)
def test_files_of_others_stay(name: str, sources: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(OLD)
    (tmp_path / ".t.nix.123.tmp").write_bytes(OLD)
    (tmp_path / ".t.nix.7.tmp").mkdir()
    nx.convert(sources["few"], tmp_path / "t.nix")
    assert names(tmp_path) == sorted([name, ".t.nix.7.tmp", "t.nix"])
    assert (tmp_path / name).read_bytes() == OLD


ODD_NAMES = {
    "long": "x" * 251 + ".nix",
    "long, in bytes": "µ" * 125 + "x.nix",
    "long, in bytes, shifted": "x" + "µ" * 125 + ".nix",
    "a line break": "two\nlines.nix",
    "a line break alone": "\n.nix",
    "no UTF-8": os.fsdecode(b"\xff\xfe.nix"),
    "long, no UTF-8": os.fsdecode(b"\xff" * 251 + b".nix"),
    "hidden": ".nix",
    "three dots": "...hidden.nix",
    "a space": " .nix",
    "a pattern": "*?[a].nix",
    "a home": "~.nix",
    "an option": "-x.nix",
    "a backslash": "\\.nix",
    "another's temporary file": "x.123.tmp.nix",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_any_name_will_do(
    name: str, children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / name
    try:
        target.write_bytes(OLD)
    except OSError:
        pytest.skip("no name for a file here")
    code, _ = children.run("write", "few", target, moment=500)
    assert code == -signal.SIGKILL
    assert target.read_bytes() == OLD
    assert len(names(tmp_path)) == 2
    nx.convert(sources["few"], target)
    assert names(tmp_path) == [name]
    file = nx.read(target)
    assert file == nx.read(sources["few"])
    nx.write(file, target)
    assert names(tmp_path) == [name]
    assert file == nx.read(sources["few"])


def test_a_file_system_without_locks(
    sources: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", flock)
    left = tmp_path / f".t.nix.{os.getpid()}.tmp"
    left.write_bytes(OLD)
    nx.convert(sources["few"], tmp_path / "t.nix")
    assert names(tmp_path) == [left.name, "t.nix"]
    assert left.read_bytes() == OLD
    assert whole(tmp_path / "t.nix", sources["few"])


def test_no_lock_stays_where_another_process_has_the_file(tmp_path: Path) -> None:
    with replacing(str(tmp_path / "t.nix")) as stream:
        forked = os.dup(stream._raw.fileno())
    try:
        with (tmp_path / "t.nix").open("rb+") as editor:
            fcntl.flock(editor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(forked)


# Links and modes


def relative(folder: Path) -> Path:
    (folder / "link.nix").symlink_to("inner/t.nix")
    return folder / "link.nix"


def chain(folder: Path) -> Path:
    (folder / "middle.nix").symlink_to(folder / "inner" / "t.nix")
    (folder / "link.nix").symlink_to("middle.nix")
    return folder / "link.nix"


def through_a_folder(folder: Path) -> Path:
    (folder / "other").symlink_to("inner", target_is_directory=True)
    return folder / "other" / "t.nix"


LINKS: list[Callable[[Path], Path]] = [relative, chain, through_a_folder]


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("make", LINKS)
def test_a_link_is_followed(
    make: Callable[[Path], Path], there: bool, sources: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    if there:
        (tmp_path / "inner" / "t.nix").write_bytes(OLD)
    link = make(tmp_path)
    before = {path: os.readlink(path) for path in tmp_path.iterdir() if path.is_symlink()}
    nx.convert(sources["few"], link)
    after = {path: os.readlink(path) for path in tmp_path.iterdir() if path.is_symlink()}
    assert after == before
    target = tmp_path / "inner" / "t.nix"
    assert names(target.parent) == ["t.nix"]
    assert not target.is_symlink()
    assert whole(target, sources["few"])
    assert set(names(tmp_path)) == {"inner", *(path.name for path in before)}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("nobody", [False, True])
@pytest.mark.parametrize("mode", [0o640, 0o600, 0o666, 0o755, 0o2750, 0o6755, 0o1644])
def test_the_mode_of_a_target_is_kept(
    mode: int, nobody: bool, children: Children, public: Path
) -> None:
    target = public / "t.nix"
    assert children.run("write", "other", target, nobody=nobody) == (0, "")
    target.chmod(mode)
    if mode_of(target) != mode:
        pytest.skip("no such mode here")
    owner = target.stat().st_uid
    assert children.run("write", "few", target, nobody=nobody) == (0, "")
    assert mode_of(target) == mode
    assert target.stat().st_uid == owner
    assert len(nx.read(target).blocks[0].data_arrays) == 3


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077])
def test_a_new_file_has_the_usual_mode(
    umask: int, sources: dict[str, Path], tmp_path: Path
) -> None:
    before = os.umask(umask)
    try:
        nx.convert(sources["few"], tmp_path / "t.nix")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "t.nix") == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_nobody_else_sees_what_is_being_written(mode: int, tmp_path: Path) -> None:
    target = tmp_path / "t.nix"
    target.write_bytes(OLD)
    target.chmod(mode)
    with replacing(str(target)):
        (temporary,) = [path for path in tmp_path.iterdir() if path != target]
        assert mode_of(temporary) == mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_owner_and_group_are_kept(sources: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "t.nix"
    target.write_bytes(OLD)
    os.chown(target, 1234, 2345)
    target.chmod(0o4750)
    nx.convert(sources["few"], target)
    status = target.stat()
    assert (status.st_uid, status.st_gid, mode_of(target)) == (1234, 2345, 0o4750)


# Targets that cannot be written


def read_only(folder: Path) -> Path:
    (folder / "t.nix").write_bytes(OLD)
    (folder / "t.nix").chmod(0o444)
    return folder / "t.nix"


def in_a_closed_folder(folder: Path) -> Path:
    (folder / "closed").mkdir()
    (folder / "closed" / "t.nix").write_bytes(OLD)
    (folder / "closed" / "t.nix").chmod(0o666)
    (folder / "closed").chmod(0o555)
    return folder / "closed" / "t.nix"


def new_in_a_closed_folder(folder: Path) -> Path:
    return in_a_closed_folder(folder).with_name("new.nix")


def in_a_hidden_folder(folder: Path) -> Path:
    path = in_a_closed_folder(folder)
    path.parent.chmod(0o600)
    return path


def in_a_missing_folder(folder: Path) -> Path:
    return folder / "missing" / "t.nix"


def in_a_file(folder: Path) -> Path:
    (folder / "file").write_bytes(OLD)
    return folder / "file" / "t.nix"


def a_folder(folder: Path) -> Path:
    (folder / "t.nix").mkdir()
    return folder / "t.nix"


def a_fifo(folder: Path) -> Path:
    os.mkfifo(folder / "t.nix")
    return folder / "t.nix"


def a_socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(folder / "t.nix"))  # paths of sockets are short
    return folder / "t.nix"


def too_long(folder: Path) -> Path:
    return folder / ("x" * 252 + ".nix")


def in_a_lost_folder(folder: Path) -> Path:
    (folder / "t.nix").symlink_to("missing/t.nix")
    return folder / "t.nix"


def in_a_circle(folder: Path) -> Path:
    (folder / "t.nix").symlink_to("u.nix")
    (folder / "u.nix").symlink_to("t.nix")
    return folder / "t.nix"


REFUSED: list[Callable[[Path], Path]] = [
    *(read_only, in_a_closed_folder, new_in_a_closed_folder, in_a_hidden_folder),
    *(in_a_missing_folder, in_a_lost_folder, in_a_file, a_folder),
]

ODD: list[Callable[[Path], Path]] = [a_fifo, a_socket, too_long, in_a_circle]


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path)] = (status.st_mode, content)
    return found


@pytest.mark.parametrize(
    ("make", "way"),
    [
        *product(REFUSED, WAYS),
        *product(ODD, WAYS),
    ],
)
def test_a_target_that_cannot_be_written_is_refused(
    make: Callable[[Path], Path],
    way: str,
    children: Children,
    sources: dict[str, Path],
    public: Path,
) -> None:
    source = public / "source.nix"
    source.write_bytes(sources["few"].read_bytes())
    source.chmod(0o444)
    target = make(public)
    before = state(public)
    ((code, stderr),) = children.all([job(way, "few", source, target, nobody=True)])
    for path in public.iterdir():
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    assert (code, one_line(stderr)) == (2 if way == "convert" else 3, True), (code, stderr)
    assert ".tmp" not in stderr
    after = state(public)
    assert {path: one[1] for path, one in after.items()} == {
        **{path: one[1] for path, one in before.items()},
        **{path: one[1] for path, one in after.items() if path.startswith(str(public / "closed"))},
    }
    if "closed" in str(target):
        assert names(target.parent) == ["t.nix"]
        assert (target.parent / "t.nix").read_bytes() == OLD


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("file", 0o200), ("folder", 0o333)],
)
def test_what_cannot_be_read_can_be_replaced(
    kind: str, mode: int, children: Children, sources: dict[str, Path], public: Path
) -> None:
    target = public / "t.nix"
    assert children.run("write", "other", target, nobody=True) == (0, "")
    (target if kind == "file" else public).chmod(mode)
    assert children.run("write", "few", target, nobody=True) == (0, "")
    public.chmod(0o777)
    target.chmod(0o600)
    assert names(public) == ["t.nix"]
    assert whole(target, sources["few"])


# An editor that was killed


@pytest.mark.parametrize("flushed", ["flushed", "not flushed"])
@pytest.mark.parametrize("editor", ["edit_by_nixio", "edit_by_h5py"])
@pytest.mark.parametrize("name", ["few", "many", "large"])
def test_a_file_whose_editor_was_killed_can_be_read(
    name: str,
    editor: str,
    flushed: str,
    children: Children,
    sources: dict[str, Path],
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.nix"
    path.write_bytes(sources[name].read_bytes())
    assert children.run(editor, path, flushed).code == -signal.SIGKILL
    before, after = nx.read(sources[name]), nx.read(path)
    assert after.id == before.id
    for array in before.blocks[0].data_arrays:
        found = after.blocks[0].data_arrays[array.name]
        assert found[: len(array)].tolist() == array[:].tolist()
    is_new = "new" in after.blocks[0].tags.names()
    assert is_new == (editor == "edit_by_nixio" and flushed == "flushed")
    if is_new:
        assert after.blocks[0].data_arrays["newer"][-3:].tolist() == [997.0, 998.0, 999.0]
    for mode in (nixio.FileMode.ReadOnly, nixio.FileMode.ReadWrite):
        theirs = nixio.File.open(str(path), mode)
        try:
            assert len(theirs.blocks[0].data_arrays) == len(after.blocks[0].data_arrays)
        finally:
            theirs.close()
    nx.convert(path, tmp_path / "mended.nix")
    assert whole(tmp_path / "mended.nix", path)


# Written onto itself


def rich(path: Path) -> None:
    """Write a file with everything that is read only when it is asked for."""
    tree = recording()
    arrays = tree["blocks"][0]["data_arrays"]
    ticks = {"dtype": "float64", "shape": [3000], "values": list(np.arange(3000.0))}
    arrays[1]["dimensions"] = [{"dimension_type": "range", "ticks": ticks}]
    write(tree, path)
    with h5py.File(path, "r+", libver=("v108", "v110")) as file:
        arrays = ("data/session/data_arrays/few", "data/session/data_arrays/texts")
        for number, place in enumerate(("/", "data/session", *arrays)):
            unknown = new_group(file[place], "unknown")
            unknown["numbers"] = np.arange(5000.0) + number
            unknown.create_dataset("texts", data=["a", "µ"] * 2000, dtype=UTF8)
            unknown["again"] = unknown["numbers"]
            unknown["array"] = file["data/session/data_arrays/numbers"]
            unknown.attrs["large"] = np.arange(20000.0) + number
            file[place].attrs["large"] = np.arange(30000.0) + number


def sample(path: Path) -> None:
    write_sample(path)


def values_of(file: nx.File) -> dict[str, str]:
    """All values of a file that are read when they are asked for, by their place."""
    found: dict[str, str] = {}
    for model in file.walk():
        for field, value in vars(model).items():
            if isinstance(value, nx.Array):
                found[f"{model.path}:{field}"] = _read(value)
        found.update(_unknown_values(model, model.extra, ""))
    return found


def _unknown_values(model: Model, extra: Extra, inside: str) -> Iterator[tuple[str, str]]:
    for name, member in extra.members.items():
        if isinstance(member, Extra):
            yield from _unknown_values(model, member, f"{inside}/{name}")
        elif isinstance(member, Foreign):
            for number, thing in enumerate(member.objects):
                source: Any = thing.data.source if thing.data is not None else None
                if thing.data is not None and not source.outside:
                    place = f"{model.path}{inside}/{name}#{number}"
                    yield place, _read(thing.data)


def _read(array: nx.Array) -> str:
    try:
        return repr(array.read().tolist())
    except OSError:
        return "cannot be read"


def directly(path: Path) -> str:
    return str(path)


def by_a_link(path: Path) -> str:
    link = path.with_name("link.nix")
    if not link.is_symlink():
        link.symlink_to(path.name)
    return str(link)


def by_a_relative_path(path: Path) -> str:
    return os.path.relpath(path)


def by_a_detour(path: Path) -> str:
    return f"{path.parent}/../{path.parent.name}/./{path.name}"


@pytest.mark.parametrize(
    ("origin", "to"),
    [
        *((directly, directly), (directly, by_a_link), (by_a_link, directly)),
        *((by_a_link, by_a_link), (by_a_relative_path, by_a_detour)),
        (by_a_detour, by_a_relative_path),
    ],
)
def test_a_file_is_written_onto_itself(
    origin: Callable[[Path], str], to: Callable[[Path], str], tmp_path: Path
) -> None:
    path, copy = tmp_path / "t.nix", tmp_path / "copy.nix"
    rich(path)
    copy.write_bytes(path.read_bytes())
    file, before = nx.read(origin(path)), nx.read(copy)
    wanted = values_of(before)
    for _ in range(3):
        nx.write(file, to(path), check="none")
        assert values_of(file) == wanted
        assert file == before
        assert differences(copy, path) == []
    assert set(names(tmp_path)) <= {"copy.nix", "link.nix", "t.nix"}


@pytest.mark.parametrize("make", [rich, sample])
@pytest.mark.parametrize(
    "options", [{}, {"compression": 4}, {"compression": 0}, {"format_version": "1.2.0"}], ids=str
)
def test_a_file_is_written_onto_itself_otherwise(
    options: dict[str, Any], make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "t.nix"
    make(path)
    file = nx.read(path)
    wanted = values_of(file)
    for _ in range(3):
        nx.write(file, path, check="none", **options)
        assert values_of(file) == wanted
        assert values_of(nx.read(path)) == wanted


def test_values_of_lists_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    rich(path)
    file = nx.read(path)
    ages = file.metadata["subject"].properties["ages"]
    wanted = list(ages.values)
    for _ in range(3):
        nx.write(file, path, check="none")
        assert ages.values == wanted
        assert nx.read(path).metadata["subject"].properties["ages"].values == wanted


def test_other_readers_of_a_file_find_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    rich(path)
    file, another = nx.read(path), nx.read(path)
    nx.write(file, path, check="none")
    with pytest.raises(nx.StaleFileError, match="has changed since it was read"):
        another.blocks[0].data_arrays["numbers"][0]
    before = path.read_bytes()
    elsewhere = tmp_path / "elsewhere.nix"
    for target in (path, elsewhere):
        with pytest.raises(nx.StaleFileError, match="has changed since it was read"):
            nx.write(another, target, check="none")
    assert path.read_bytes() == before
    assert names(tmp_path) == ["t.nix"]
    assert len(file.blocks[0].data_arrays["numbers"][:]) == 5000


@pytest.mark.parametrize("there", [True, False])
def test_a_source_that_is_gone(there: bool, tmp_path: Path) -> None:
    source, target = tmp_path / "s.nix", tmp_path / "t.nix"
    rich(source)
    if there:
        target.write_bytes(OLD)
    file = nx.read(source)
    source.unlink()
    with pytest.raises(nx.StaleFileError, match="is gone"):
        nx.write(file, target, check="none")
    assert names(tmp_path) == (["t.nix"] if there else [])
    if there:
        assert target.read_bytes() == OLD
    with pytest.raises(nx.StaleFileError, match="is gone"):
        nx.write(file, source, check="none")
    assert not source.exists()


def test_a_file_written_elsewhere_stays_where_it_is(tmp_path: Path) -> None:
    path, target = tmp_path / "t.nix", tmp_path / "copy.nix"
    rich(path)
    file = nx.read(path)
    wanted = values_of(file)
    nx.write(file, target, check="none")
    target.unlink()
    assert values_of(file) == wanted


def test_another_writer_is_not_taken_for_oneself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, another = tmp_path / "t.nix", tmp_path / "another.nix"
    rich(path)
    rich(another)
    with h5py.File(another, "r+") as theirs:
        theirs["data/session/data_arrays/numbers/data"][:] = 7.0
    file = nx.read(path)

    def overtaken(*arguments: Any) -> None:
        another.replace(path)
        follow(*arguments)

    monkeypatch.setattr("nixschema.writing.follow", overtaken)
    nx.write(file, path, check="none")
    with pytest.raises(nx.StaleFileError):
        file.blocks[0].data_arrays["numbers"][0]


# Changed, and written onto itself


def renamed(file: nx.File) -> None:
    file.blocks["session"].name = "another"


def renamed_inside(file: nx.File) -> None:
    file.blocks["session"].data_arrays["few"].name = "fewer"
    file.blocks["session"].data_arrays["numbers"].name = "more"


def swapped(file: nx.File) -> None:
    arrays = file.blocks["session"].data_arrays
    few, texts = arrays["few"], arrays["texts"]
    few.name = "other"
    texts.name = "few"
    few.name = "texts"


def moved(file: nx.File) -> None:
    arrays = file.blocks["session"].data_arrays
    few = arrays["few"]
    arrays.remove(few)
    new_id = str(UUID(int=7))
    block = nx.Block(name="new", type="x", id=new_id, created_at=WHEN, updated_at=WHEN)
    file.blocks.append(block)
    block.data_arrays.append(few)


def reordered(file: nx.File) -> None:
    arrays = file.blocks["session"].data_arrays
    first = arrays[0]
    arrays.remove(first)
    arrays.append(first)


def emptied(file: nx.File) -> None:
    arrays = file.blocks["session"].data_arrays
    arrays.remove(arrays["texts"])


@pytest.mark.parametrize(
    "change",
    [
        *(renamed, renamed_inside, swapped, moved, reordered, emptied),
    ],
)
def test_a_changed_file_is_written_onto_itself(
    change: Callable[[nx.File], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nixschema.model.entity.now", lambda: WHEN)
    path, copy = tmp_path / "t.nix", tmp_path / "copy.nix"
    rich(path)
    copy.write_bytes(path.read_bytes())
    file, before = nx.read(path), nx.read(copy)
    change(file)
    change(before)
    wanted = values_of(before)
    for _ in range(3):
        nx.write(file, path, check="none")
        assert values_of(file) == wanted
        assert values_of(nx.read(path)) == wanted
        assert file == nx.read(path)
    nx.write(before, tmp_path / "elsewhere.nix", check="none")
    assert differences(tmp_path / "elsewhere.nix", path) == []


def test_an_array_that_was_taken_out_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    rich(path)
    file = nx.read(path)
    arrays = file.blocks["session"].data_arrays
    texts = arrays["texts"]
    arrays.remove(texts)
    nx.write(file, path, check="none")
    with pytest.raises(nx.StaleFileError):
        texts[:]


def test_arrays_of_another_file_stay_there(tmp_path: Path) -> None:
    path, another = tmp_path / "t.nix", tmp_path / "another.nix"
    rich(path)
    rich(another)
    file = nx.read(path)
    numbers = nx.read(another).blocks["session"].data_arrays["numbers"]
    more = numbers.copy()
    more.name = "more"
    file.blocks["session"].data_arrays.append(more)
    wanted = numbers[:].tolist()
    for _ in range(2):
        nx.write(file, path, check="none")
        assert file.blocks["session"].data_arrays["more"][:].tolist() == wanted
    another.unlink()
    assert nx.read(path).blocks["session"].data_arrays["more"][:].tolist() == wanted


# Interrupted


def interrupted(
    children: Children, jobs: list[Job], tried: list[Path], codes: set[int]
) -> Iterator[bytes]:
    """What is at the targets; nothing is beside them, and no job crashed."""
    for folder, given, (code, stderr) in zip(tried, jobs, children.all(jobs), strict=True):
        assert code in codes, (given.moment, code, stderr)
        assert names(folder) == ["t.nix"], (given.moment, stderr)
        yield (folder / "t.nix").read_bytes()


@pytest.mark.parametrize("everywhere", [True, False])
def test_an_interrupted_writer_leaves_the_old_file(
    everywhere: bool, children: Children, tmp_path: Path
) -> None:
    target = tmp_path / "t.nix"
    total = moments_of(children, "write", "few", target, everywhere=everywhere)
    moments = random.Random(SEED).sample(range(total * 8 // 10), 40)
    tried = folders(tmp_path, len(moments))
    jobs = [
        Job(
            "write",
            ("few", str(folder / "t.nix")),
            moment=moment,
            everywhere=everywhere,
            signal=signal.SIGINT,
        )
        for folder, moment in zip(tried, moments, strict=True)
    ]
    assert set(interrupted(children, jobs, tried, {-signal.SIGINT})) == {OLD}


def test_a_writer_interrupted_at_the_end_is_done_or_not(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    total = moments_of(children, "write", "few", tmp_path / "t.nix")
    moments = range(total - 45, total, 2)
    tried = folders(tmp_path, len(moments))
    jobs = [
        Job("write", ("few", str(folder / "t.nix")), moment=moment, signal=signal.SIGINT)
        for folder, moment in zip(tried, moments, strict=True)
    ]
    found = list(interrupted(children, jobs, tried, {0, -signal.SIGINT}))
    assert OLD in found
    for folder, content in zip(tried, found, strict=True):
        assert content == OLD or whole(folder / "t.nix", sources["few"])
    assert found[-1] != OLD


def test_an_interrupted_conversion(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    arguments = ("convert", sources["few"], "--force")
    total = moments_of(children, "command", *arguments, tmp_path / "t.nix")
    moments = random.Random(SEED).sample(range(total * 8 // 10), 10)
    tried = folders(tmp_path, len(moments))
    jobs = [
        job("convert", "few", sources["few"], folder / "t.nix", moment=moment, signal=signal.SIGINT)
        for folder, moment in zip(tried, moments, strict=True)
    ]
    assert set(interrupted(children, jobs, tried, {1})) == {OLD}


class Stop(Exception):
    pass


def stop(number: int, frame: FrameType | None) -> None:
    raise Stop


@pytest.fixture
def handled() -> Iterator[None]:
    """A signal whose handler raises."""
    before = signal.signal(signal.SIGUSR1, stop)
    yield
    assert signal.getsignal(signal.SIGUSR1) is stop
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("handled")
@pytest.mark.parametrize("checked", [True, False])
def test_signals_wait_until_it_is_safe_to_raise(checked: bool, tmp_path: Path) -> None:
    target = tmp_path / "t.nix"
    target.write_bytes(OLD)
    passed: list[str] = []

    def replace() -> None:
        with replacing(str(target)) as stream:
            signal.raise_signal(signal.SIGUSR1)
            stream.write(memoryview(b"new"))
            passed.append("written")
            if checked:
                stream.check()
            passed.append("at the end")

    with pytest.raises(Stop):
        replace()
    assert passed == (["written"] if checked else ["written", "at the end"])
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["t.nix"]


@pytest.mark.usefixtures("handled")
def test_a_signal_is_not_lost_where_writing_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(str(tmp_path / "t.nix")):
            signal.raise_signal(signal.SIGUSR1)
            raise ValueError

    with pytest.raises(Stop) as raised:
        fail()
    assert isinstance(raised.value.__context__, ValueError)
    assert names(tmp_path) == []


# Two writers at once

ROUNDS = 15


def test_two_processes_write_the_same_file(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "t.nix"
    jobs = [Job("write", (name, str(target), str(ROUNDS))) for name in ("few", "other") * 2]
    assert children.all(jobs) == [(0, "")] * 4
    assert names(tmp_path) == ["t.nix"]
    assert any(whole(target, sources[name]) for name in ("few", "other"))


def test_threads_write_the_same_file(sources: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "t.nix"
    start = threading.Barrier(3)

    def write_often(name: str) -> None:
        file = nx.read(sources[name])
        start.wait(60)
        for _ in range(ROUNDS):
            nx.write(file, target)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write_often, name) for name in ("few", "other", "few")]:
            done.result(60)
    assert names(tmp_path) == ["t.nix"]
    assert any(whole(target, sources[name]) for name in ("few", "other"))


def test_readers_find_the_old_file_or_the_new_one(
    children: Children, sources: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "t.nix"
    target.write_bytes(sources["other"].read_bytes())
    old, new = nx.read(sources["other"]), nx.read(sources["few"])
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(children.run, "write", "few", target, "40")
        read = 0
        while not done.done() or not read:
            found = nx.read(target)
            assert found.id in (old.id, new.id)
            assert found.findings == []
            read += 1
        assert done.result() == (0, "")
    assert whole(target, sources["few"])
