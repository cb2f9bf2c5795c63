"""A file that is updated is the old one or the new one at any moment."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import nixschema as nx
from nixschema.odml_model.document import Document, Property, Section
from nixschema.storage import replace, stream
from nixschema.updating.update import update
from tests.updating.sample import saved, written

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no forks and modes as here")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return written(tmp_path / "session.nix")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    age = Property("age", values=["old"], dtype="string")
    subject = Section("subject", type="subject", properties=[age])
    return saved(Document(sections=[subject, Section("new", type="t")]), tmp_path / "a.odml")


def killed_at(source: Path, target: Path, moment: int) -> bool:
    """Update in a child that kills itself at a moment; False when it ended before."""
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
                *((stream.Stream, one) for one in ("write", "truncate", "start_from")),
                *((os, one) for one in ("replace", "fsync")),
                (replace, "_sync_folder"),
            ):
                setattr(owner, name, step(getattr(owner, name)))
            update(source, target)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def test_killed_at_any_moment_the_file_is_old_or_new(
    target: Path, source: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copyfile(target, tmp_path / "old.nix"))
    before, states, moment = old.read_bytes(), list[bool](), 1
    while killed_at(source, target, moment):
        is_old = target.read_bytes() == before
        assert is_old or "new" in nx.read(target).metadata
        states.append(is_old)
        shutil.copyfile(old, target)
        moment += 1
    assert nx.read(target).metadata["subject"].properties["age"].values == ["old"]
    assert len(states) > 10
    assert states == sorted(states, reverse=True)
    assert set(states) == {True, False}
    assert sorted(os.listdir(tmp_path)) == ["a.odml", "old.nix", "session.nix"]


def test_a_full_disk_leaves_the_old_file(target: Path, source: Path, tmp_path: Path) -> None:
    before = target.read_bytes()

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, len(before) + 100))

    command = [sys.executable, "-m", "nixschema", "convert", str(source), str(target), "--update"]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limited, check=False, timeout=60
    )
    assert done.returncode == 3, done.stderr
    assert "cannot write" in done.stderr
    assert target.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["a.odml", "session.nix"]
