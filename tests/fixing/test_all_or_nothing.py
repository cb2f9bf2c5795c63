"""A file that is mended is the old one or the new one at any moment, and the disk may be full."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import nixschema as nx
from nixschema.errors import StaleFileError
from nixschema.mending.copy import CannotMend
from nixschema.mending.mend import FixFailed, mend
from nixschema.rules.rule import all_rules
from nixschema.storage import cloning, replace, stream
from nixschema.storage.editing import make_edits
from nixschema.storage.edits import SetText
from tests.patches import patched
from tests.plain import write
from tests.sound import SOUND

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no forks and modes as here")

PATCH = {"at": "/data/session/data_arrays/voltage", "set": {"unit": "m V"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a unit that can be mended, and some megabytes of data."""
    path = tmp_path / "session.nix"
    write(SOUND, path)
    with h5py.File(path, "r+") as file:
        file["notes"] = np.random.default_rng(1).bytes(1) * 3_000_000
    with patched(path, [PATCH]):
        return path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unit(path: Path) -> str:
    return str(nx.read(path).blocks[0].data_arrays["voltage"].unit)


def _killed_at(path: Path, moment: int) -> int | None:
    """Mend in a child that kills itself at a moment; None when it ended before."""
    child = os.fork()
    if child == 0:
        count = 0

        def step(function: Callable[..., object]) -> Callable[..., object]:
            def stepped(*arguments: object, **named: object) -> object:
                nonlocal count
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **named)

            return stepped

        try:
            for owner, name in (
                *((stream.Stream, one) for one in ("write", "truncate", "start_from", "check")),
                *((os, one) for one in ("replace", "fsync", "fchmod", "fchown")),
                (replace, "_sync_folder"),
            ):
                setattr(owner, name, step(getattr(owner, name)))
            mend(path, all_rules())
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return moment
    assert os.WEXITSTATUS(status) == 0
    return None


def test_killed_at_any_moment_the_file_is_old_or_new(path: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.nix"
    shutil.copyfile(path, old)
    before, states, moment = _digest(path), [], 1
    while _killed_at(path, moment) is not None:
        is_old = _digest(path) == before
        assert is_old or _unit(path) == "mV"
        states.append(is_old)
        shutil.copyfile(old, path)
        moment += 1
    assert _unit(path) == "mV"
    assert len(states) > 15
    assert states == sorted(states, reverse=True)
    assert {True, False} == set(states)
    assert sorted(os.listdir(tmp_path)) == ["old.nix", "session.nix"]


def test_a_full_disk_leaves_the_old_file(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    limit = len(before) // 3

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "nixschema", "fix", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limited, check=False, timeout=60
    )
    assert done.returncode == 3, done.stderr
    assert "cannot write" in done.stderr
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["session.nix"]


def test_a_disk_that_becomes_full_while_the_copy_is_changed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    start = stream.Stream.start_from

    def start_then_fill(self: stream.Stream, source: int) -> None:
        start(self, source)

        class Full:
            name = self._raw.name

            def __getattr__(self, name: str) -> object:
                if name in ("write", "truncate"):
                    raise OSError(28, "No space left on device")
                return getattr(raw, name)

        raw, self._raw = self._raw, Full()  # type: ignore[assignment]

    monkeypatch.setattr(stream.Stream, "start_from", start_then_fill)
    with pytest.raises(OSError, match="No space left"):
        mend(path, all_rules())
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["session.nix"]


def test_changed_meanwhile_it_stays_as_it_is_now(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = make_edits

    def change(*arguments: object) -> None:
        make(*arguments)  # type: ignore[arg-type]
        with path.open("ab") as other:
            other.write(b"x")

    monkeypatch.setattr("nixschema.mending.mend.make_edits", change)
    with pytest.raises(StaleFileError, match="changed meanwhile"):
        mend(path, all_rules())
    assert path.read_bytes()[-1:] == b"x"
    assert os.listdir(path.parent) == ["session.nix"]


def test_edit_that_changes_more_than_it_says_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    make = make_edits

    def change(target: stream.Stream, edits: list[SetText]) -> None:
        node = edits[0].node
        make(target, [*edits, SetText(node, "label", "changed by mistake")])

    monkeypatch.setattr("nixschema.mending.mend.make_edits", change)
    with pytest.raises(FixFailed, match="`label` has changed"):
        mend(path, all_rules())
    assert path.read_bytes() == before


def test_mode_symlink_and_extended_attributes_are_kept(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.origin", b"rig 2")
    except OSError:
        pytest.skip("no extended attributes here")
    link = tmp_path / "link.nix"
    link.symlink_to(path.name)
    mend(link, all_rules())
    assert link.is_symlink()
    assert _unit(path) == "mV"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.getxattr(path, "user.origin") == b"rig 2"


def test_annexed_and_read_only_files_are_refused(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / ".git" / "annex" / "objects" / "1" / "session.nix"
    kept.parent.mkdir(parents=True)
    path.rename(kept)
    path.symlink_to(kept)
    before = kept.read_bytes()
    with pytest.raises(CannotMend, match=r"git annex unlock session\.nix"):
        mend(path, all_rules())
    path.unlink()
    shutil.copyfile(kept, path)
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        mend(path, all_rules())
    assert path.read_bytes() == kept.read_bytes() == before
    assert mend(path, all_rules(), dry=True).is_changed


def test_file_that_is_open_for_writing_is_refused(path: Path) -> None:
    before = path.read_bytes()
    with patched(path, [{"held": "r+"}]):
        (finding,) = mend(path, all_rules()).remaining
        assert finding.rule == "NIX004"
    with nx.open(path), pytest.raises(BlockingIOError):
        mend(path, all_rules())
    assert path.read_bytes() == before


@pytest.mark.parametrize("size", [0, 1, 5_000_001])
@pytest.mark.parametrize("ways", ["all", "no reflink", "bytes only"])
def test_clone_has_all_bytes(
    ways: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ways != "all":
        monkeypatch.setattr(cloning, "_shared", lambda *_: False)
    if ways == "bytes only":
        monkeypatch.setattr(cloning, "_copied_by_system", lambda *_: False)
    content = np.random.default_rng(size).bytes(size)
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(content)
    with one.open("rb") as source, two.open("wb") as target:
        assert cloning.clone(source.fileno(), target.fileno()) == size
    assert two.read_bytes() == content
