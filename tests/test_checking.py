"""Runs over many files: worker processes, their limits, and what is known from earlier runs."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import h5py
import pytest
from click.testing import CliRunner, Result

from nixschema import cli, discovery, io
from nixschema.checking import worker, workers
from nixschema.checking.cache import Cache
from nixschema.checking.job import Checks, Job, Outcome
from nixschema.checking.names import listed_files
from nixschema.checking.states import time_text
from nixschema.checking.workers import WorkerFailure, Workers
from nixschema.cli.outputs import GrowingFile
from nixschema.reports.formats import FORMAT_NAMES
from nixschema.reports.report import FileReport
from nixschema.rules.rule import selected_rules
from nixschema.rules.runner import Runner
from tests.plain import write
from tests.reading.test_hostile import TREE
from tests.worker_targets import act

ROOT = Path(__file__).resolve().parent.parent
SPACE = 512 * 1024 * 1024

ENDS = {
    "hang-1": ("NIX008", "the file takes longer than 0.4 seconds to check"),
    "segv-1": ("NIX007", "the file crashes the process that reads it: it is ended by SIGSEGV"),
    "abort-1": ("NIX007", "the file crashes the process that reads it: it is ended by SIGABRT"),
    "kill-1": (
        "NIX007",
        "the file crashes the process that reads it: it is ended by SIGKILL, as the system does "
        "when memory runs out",
    ),
    "exit-1": ("NIX007", "the file crashes the process that reads it: it ends with exit code 3"),
    "memory-1": ("NIX009", "the file takes more than 512 MiB of memory"),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], prog_name="nixschema")


def jobs(*names: str, seconds: float = 30) -> Iterator[tuple[Job, Outcome | None]]:
    return ((Job(name, seconds=seconds), None) for name in names)


def told(outcome: Outcome) -> tuple[str, str]:
    """Rule and message of the only finding."""
    assert outcome.report is not None
    assert outcome.report.status == "unreadable"
    (finding,) = outcome.report.findings
    assert (finding.level, finding.path) == ("error", "/")
    return finding.rule, finding.message


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    return True


def gone(process: int, seconds: float = 10) -> bool:
    """Whether a process ends within some time."""
    end = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class TestWorkers:
    @pytest.mark.parametrize("method", ["fork", "spawn"])
    @pytest.mark.parametrize("count", [1, 3])
    def test_no_file_stops_the_run(self, method: Literal["fork", "spawn"], count: int) -> None:
        """Whatever becomes of a worker is told of its file, and the order is that of the jobs."""
        names = [*itertools.chain.from_iterable(zip("abcdef", ENDS, strict=True)), "bug-1", "g"]
        with Workers(count, SPACE, check=act, method=method) as pool:
            found = list(pool.run(jobs(*names, seconds=0.4)))
        assert [job.path for job, _ in found] == names
        for job, outcome in found:
            assert outcome.path == job.path
            if job.path in ENDS:
                assert told(outcome) == ENDS[job.path]
            elif job.path == "bug-1":
                assert outcome.bug == "KeyError: 'of ours'"
                assert "worker_targets" in outcome.details
            else:
                assert outcome.bug is not None
                assert outcome.bug.isdigit()

    def test_one_worker_is_used_again(self) -> None:
        with Workers(check=act) as pool:
            processes = {outcome.bug for _, outcome in pool.run(jobs(*"abcdef"))}
            again = {outcome.bug for _, outcome in pool.run(jobs("g"))}
        assert processes == again
        assert len(processes) == 1
        assert str(os.getpid()) not in processes
        assert gone(int(processes.pop() or 0), 0)

    def test_what_the_parent_holds_tires_no_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nixschema.checking.worker._MOST_KEPT", 32 * 1024 * 1024)
        with Workers(check=act) as pool:
            assert len({outcome.bug for _, outcome in pool.run(jobs(*"abc"))}) == 1

    def test_several_work_at_a_time(self) -> None:
        with Workers(3, check=act) as pool:
            start = time.monotonic()
            found = list(pool.run(jobs("slow-1", "slow-2", "slow-3")))
            assert time.monotonic() - start < 1.4
        assert len({outcome.bug for _, outcome in found}) == 3

    def test_no_worker_without_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "_Worker", None)
        known = [(Job(name), Outcome(name)) for name in "abc"]
        with Workers(2, check=act) as pool:
            assert list(pool.run(known)) == known
            assert list(pool.run([])) == []

    def test_what_is_known_stays_in_its_place(self) -> None:
        def mixed() -> Iterator[tuple[Job, Outcome | None]]:
            for name in ("slow-1", "b", "slow-2", "d", "e"):
                yield Job(name), Outcome(name) if len(name) == 1 else None

        with Workers(2, check=act) as pool:
            assert [job.path for job, _ in pool.run(mixed())] == [job.path for job, _ in mixed()]

    def test_a_worn_worker_is_not_the_files_fault(self) -> None:
        """Whoever dies after it has read other files may have died of those."""
        with Workers(check=act) as pool:
            found = dict(pool.run(jobs("a", "worn-1", "b", "segv-1", "c")))
        outcomes = {job.path: outcome for job, outcome in found.items()}
        assert outcomes["worn-1"].bug is not None
        assert outcomes["worn-1"].bug != outcomes["a"].bug
        assert told(outcomes["segv-1"])[0] == "NIX007"

    @pytest.mark.parametrize(("limit", "value"), [("_MOST_AHEAD", 5), ("_BYTES_AHEAD", 1)])
    def test_a_slow_file_does_not_fill_the_memory(
        self, limit: str, value: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only so many files are done before one that takes its time."""
        monkeypatch.setattr(workers, limit, value)
        taken: list[str] = []

        def noted() -> Iterator[tuple[Job, Outcome | None]]:
            for name in ("slow-1", *map(str, range(50))):
                taken.append(name)
                yield Job(name), None

        with Workers(2, check=act) as pool:
            found = pool.run(noted())
            next(found)
            assert len(taken) <= 7
            assert len(list(found)) == 50

    def test_a_worker_is_replaced_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker, "_MOST_FILES", 3)
        with Workers(check=act) as pool:
            processes = [outcome.bug for _, outcome in pool.run(jobs(*map(str, range(7))))]
        assert [len(list(group)) for _, group in itertools.groupby(processes)] == [3, 3, 1]

    def test_a_long_answer(self) -> None:
        with Workers(check=act) as pool:
            ((_, outcome),) = pool.run(jobs("many-1"))
        assert outcome.bug == "x" * 10_000_000

    def test_workers_that_do_not_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "serve", lambda *_: os._exit(5))
        with Workers(check=act) as pool, pytest.raises(WorkerFailure, match="exit code 5"):
            list(pool.run(jobs("a")))

    def test_a_run_that_is_left(self) -> None:
        """Who stops asking leaves no worker behind, busy or not."""
        with Workers(2, check=act) as pool:
            found = pool.run(jobs("a", "b", "hang-1", "hang-2"))
            processes = {next(found)[1].bug, next(found)[1].bug}
        assert all(gone(int(one or 0), 0) for one in processes)

    @pytest.mark.parametrize("what", ["idle", "hang-1", "loop-1"])
    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_a_killed_parent(self, what: str, method: str, tmp_path: Path) -> None:
        """Workers end with the process that started them, even in the midst of a file."""
        code = (
            "import sys, time\n"
            "from nixschema.checking.job import Job\n"
            "from nixschema.checking.workers import Workers\n"
            "from tests.worker_targets import act\n"
            "if __name__ == '__main__':\n"
            "    with Workers(2, check=act, method=sys.argv[1]) as pool:\n"
            "        for _ in pool.run((Job(one), None) for one in sys.argv[2:]):\n"
            "            print('done', flush=True)\n"
            "        time.sleep(60)\n"
        )
        notes = [tmp_path / "note-1", tmp_path / "note-2"]
        script = tmp_path / "parent.py"
        script.write_text(code)
        names = [*map(str, notes), *([what] if what != "idle" else [])]
        with subprocess.Popen(
            [sys.executable, str(script), method, *names],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as parent:
            assert parent.stdout is not None
            assert [parent.stdout.readline() for _ in notes] == [b"done\n"] * 2
            processes = {int(note.read_text()) for note in notes}
            time.sleep(0.1)
            assert any(map(is_alive, processes))
            parent.kill()
        assert all(map(gone, processes))


def _hook(act: Callable[[str], None]) -> Callable[..., FileReport]:
    """`check_file` with something that happens before it to files of some names."""
    check_file = io.check_file

    def checked(path: str, *given: Any, **options: Any) -> FileReport:
        act(Path(path).stem)
        return check_file(path, *given, **options)

    return checked


def _fate(stem: str) -> None:
    match stem:
        case "hang":
            time.sleep(60)
        case "crash":
            signal.raise_signal(signal.SIGSEGV)
        case "bug":
            raise RuntimeError("something unforeseen")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with sound files, and some that are not."""
    top = tmp_path / "top"
    top.mkdir()
    write(TREE, top / "a.nix")
    for name in ("b", "c", "d", "e"):
        shutil.copyfile(top / "a.nix", top / f"{name}.nix")
    os.truncate(top / "b.nix", 3000)
    (top / "d.nix").write_bytes(b"no HDF5\0" * 100)
    (top / "f.nix").symlink_to(top / "nowhere")
    old = time.time() - 100
    for path in top.glob("[a-e].nix"):
        os.utime(path, (old, old))
    return top


def without_times(text: str) -> str:
    """A report without how long things took."""
    import re

    text = re.sub(r'("seconds": ?)[\d.e-]+', r"\1 0", text)
    return re.sub(r' (time|timestamp)="[^"]*"', "", text)


class TestRuns:
    @pytest.mark.parametrize("name", FORMAT_NAMES)
    def test_jobs_change_nothing(
        self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Any number of workers tells the same, byte for byte, on stdout and on stderr."""
        for fate in ("crash", "bug"):
            shutil.copyfile(folder / "a.nix", folder / f"{fate}.nix")
        (folder / "x.h5").write_text("other")
        monkeypatch.setattr(io, "check_file", _hook(_fate))
        one, two = (run("validate", "-v", "--format", name, "-j", j, folder) for j in (1, 3))
        assert without_times(one.stdout) == without_times(two.stdout)
        assert one.stdout
        assert one.stderr == two.stderr
        assert one.exit_code == two.exit_code == 3
        assert "bug.nix: RuntimeError: something unforeseen. This is a bug" in one.stderr

    def test_crash_and_hang(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for fate in ("crash", "hang"):
            shutil.copyfile(folder / "a.nix", folder / f"{fate}.nix")
        monkeypatch.setattr(io, "check_file", _hook(_fate))
        paths = [folder / f"{name}.nix" for name in ("a", "crash", "hang", "c")]
        done = run("validate", "--format", "json", "--timeout", "0.5", *paths)
        assert (done.exit_code, done.stderr) == (1, "")
        files = json.loads(done.stdout)["files"]
        assert [one["status"] for one in files] == ["ok", "unreadable", "unreadable", "ok"]
        assert [one["findings"][0]["rule"] for one in files[1:3]] == ["NIX007", "NIX008"]
        assert [one["size"] for one in files[1:3]] == [files[0]["size"]] * 2

    def test_memory(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fill(stem: str) -> None:
            bytearray(2**28)

        monkeypatch.setattr(io, "check_file", _hook(fill))
        path = folder / "a.nix"
        done = run("validate", "--memory", "100M", path)
        assert done.exit_code == 1
        assert "NIX009 error  the file takes more than 100 MiB of memory" in done.stdout
        assert run("validate", "--memory", "1G", path).exit_code == 0

    def test_more_findings_than_can_be_told(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "_LONGEST", 1000)
        with h5py.File(folder / "a.nix", "r+") as file:
            for number in range(200):
                file.attrs[f"mine{number}"] = 1
        done = run("validate", "--select", "NIX0,NIX120", folder / "a.nix", folder / "c.nix")
        assert done.exit_code == 1
        assert "NIX009 error  the file has 200 findings, too many to be told" in done.stdout
        assert "Found 1 error in 1 of 2 files" in done.stdout

    @pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
    def test_stopped(self, sent: signal.Signals, folder: Path, tmp_path: Path) -> None:
        """A run ends at once, without a traceback, and leaves no process; what is done is kept."""
        code = (
            "import signal, sys, time\n"
            # What is started in the background of a shell ignores Ctrl-C.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from nixschema import cli, io\n"
            "check_file = io.check_file\n"
            "def checked(path, *given, **options):\n"
            "    if 'e.nix' in path:\n"
            "        time.sleep(600)\n"
            "    return check_file(path, *given, **options)\n"
            "io.check_file = checked\n"
            "cli.main(sys.argv[1:])\n"
        )
        target, whole = tmp_path / "results.jsonl", tmp_path / "whole.json"
        files = [folder / "a.nix", folder / "c.nix", folder / "e.nix"]
        outputs = ("--output", target, "--output", whole)
        with subprocess.Popen(
            [sys.executable, "-c", code, "validate", "--format", "jsonl", *files, *outputs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(2)]
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.killpg(process.pid, sent)
            out, err = process.communicate(timeout=100)
        assert process.returncode == (130 if sent is signal.SIGINT else 143)
        assert out == b""
        assert err == b"stopped: 2 files were checked\n"
        assert children
        assert all(gone(int(child)) for child in children)
        assert target.read_bytes().splitlines(keepends=True) == lines
        assert not whole.exists()
        assert {path.name for path in tmp_path.iterdir()} == {"top", "results.jsonl"}

    def test_a_reader_that_goes_away(self, folder: Path) -> None:
        for name in ("text", "jsonl"):
            command = f'"{sys.executable}" -m nixschema validate --format {name} "{folder}" | true'
            done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
            assert done.stderr == b""

    @pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
    def test_without_standard_streams(self, closed: str, folder: Path) -> None:
        command = f'"{sys.executable}" -m nixschema validate "{folder}/a.nix" {closed}'
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(b"No problems found") == (">&- " not in closed)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
    @pytest.mark.parametrize("name", ["text", "jsonl"])
    def test_a_full_disk(self, name: str, folder: Path) -> None:
        command = [sys.executable, "-m", "nixschema", "validate", "--format", name, str(folder)]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 3
        assert done.stderr == b"cannot write the report: No space left on device\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
    @pytest.mark.parametrize(
        "command",
        [
            ("validate", "--output", "jsonl=/dev/full"),
            ("validate", "--output", "json=/dev/full"),
            ("fix", "--diff"),
        ],
    )
    def test_a_full_disk_elsewhere(self, command: tuple[str, ...], folder: Path) -> None:
        full = "w" if command[0] == "fix" else "r"
        with open("/dev/full", full) as stdout:
            done = subprocess.run(
                [sys.executable, "-m", "nixschema", *command, str(folder)],
                stdout=stdout if full == "w" else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == 3
        assert re.fullmatch(rb"cannot write.*: No space left on device\n", done.stderr)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
    @pytest.mark.parametrize("command", ["rule", "rule NIX201", "validate --help", "report"])
    def test_a_full_disk_for_other_commands(self, command: str, tmp_path: Path) -> None:
        results = tmp_path / "results.jsonl"
        results.write_text('{"path":"a.nix","status":"ok","findings":[]}\n')
        arguments = [*command.split(), *([str(results)] if command == "report" else [])]
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "nixschema", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == 3
        last = done.stderr.splitlines()[-1]
        assert last == b"cannot write the report: No space left on device"
        assert b"Traceback" not in done.stderr

    def test_progress_is_for_terminals(self, folder: Path) -> None:
        """On a terminal stderr has a bar, which is gone at the end; stdout is as ever."""
        pty = pytest.importorskip("pty")
        code = (
            "import sys\n"
            "from nixschema import cli\n"
            "from nixschema.cli import progress\n"
            "progress._QUIET_SECONDS = progress._BETWEEN = 0\n"
            "cli.main(sys.argv[1:])\n"
        )
        ours, theirs = pty.openpty()
        done = subprocess.run(
            [sys.executable, "-c", code, "validate", str(folder)],
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=False,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        with suppress(OSError):
            while piece := os.read(ours, 65536):
                shown += piece
        os.close(ours)
        assert b"checking" in shown
        assert b"6/6" in shown
        assert done.stdout.decode() == run("validate", folder).stdout


class TestCache:
    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], list[str]]:
        """Names of the files that were read since it was asked last."""
        log = tmp_path / "read.log"

        def note(stem: str) -> None:
            with log.open("a") as stream:
                stream.write(f"{stem}\n")

        def told() -> list[str]:
            names = log.read_text().split() if log.exists() else []
            log.unlink(missing_ok=True)
            return sorted(names)

        monkeypatch.setattr(io, "check_file", _hook(note))
        return told

    def test_unchanged_files_are_not_read_again(
        self, folder: Path, tmp_path: Path, read: Callable[[], list[str]]
    ) -> None:
        cache = tmp_path / "new" / "cache"
        command = ("validate", "--format", "json", "--cache", cache, folder)
        first = run(*command)
        assert read() == ["a", "b", "c", "d", "e", "f"]
        again = run(*command)
        assert read() == ["b", "d", "f"], "what cannot be read is tried again"
        assert without_times(first.stdout) == without_times(again.stdout)
        assert first.exit_code == again.exit_code == 1
        with (folder / "a.nix").open("r+b") as stream:
            stream.seek(2000)
            stream.write(b"\0")
        run(*command)
        assert read() == ["a", "b", "d", "f"]

    @pytest.mark.parametrize(
        "options", [("--depth", "metadata"), ("--select", "NIX1"), ("--reader", "cpp")]
    )
    def test_another_question_is_asked_anew(
        self,
        options: tuple[str, ...],
        folder: Path,
        tmp_path: Path,
        read: Callable[[], list[str]],
    ) -> None:
        command = ("validate", "--cache", tmp_path / "cache", folder / "a.nix")
        run(*command)
        run(*command, *options)
        assert read() == ["a", "a"]
        run(*command)
        run(*command, *options)
        assert read() == []

    def test_what_is_damaged_is_no_result(
        self, folder: Path, tmp_path: Path, read: Callable[[], list[str]]
    ) -> None:
        command = ("validate", "--cache", tmp_path / "cache", folder / "a.nix")
        for content in (b"", b"{", b"[]", b"{}", b'{"key": 1, "report": {}}', b"\xff"):
            run(*command)
            read()
            (entry,) = (tmp_path / "cache").glob("*/*.json")
            entry.write_bytes(content)
            assert run(*command).exit_code == 0
            assert read() == ["a"]

    def test_a_file_that_was_just_written(self, folder: Path, tmp_path: Path) -> None:
        """Its next change may come within the same tick of the clock."""
        cache = Cache(str(tmp_path / "cache"))
        job = Job(str(folder / "a.nix"), Checks())
        os.utime(job.path)
        cache.put(job, worker.check_job(job))
        assert cache.get(job) is None

    def test_what_was_passed_over_is_known(self, tmp_path: Path) -> None:
        path = tmp_path / "other.h5"
        path.write_text("other")
        os.utime(path, (0, 0))
        cache = Cache(str(tmp_path / "cache"))
        job = Job(str(path), named=False)
        outcome = worker.check_job(job)
        assert outcome.passed_over
        cache.put(job, outcome)
        assert cache.get(Job(str(path))) is None

    def test_a_file_is_told_as_it_is_named_now(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = tmp_path / "cache"
        for place, name in ((folder, "a.nix"), (tmp_path, "top/a.nix")):
            monkeypatch.chdir(place)
            done = run("validate", "--format", "json", "--cache", cache, name)
            assert json.loads(done.stdout)["files"][0]["path"] == name

    def test_a_folder_that_holds_something_else(self, folder: Path, tmp_path: Path) -> None:
        """What git ignores there is not ours to say."""
        cache = tmp_path / "repository"
        cache.mkdir()
        (cache / ".gitignore").write_text("drafts\n")
        run("validate", "--cache", cache, folder / "a.nix")
        assert (cache / ".gitignore").read_text() == "drafts\n"
        run("validate", "--cache", tmp_path / "new", folder / "a.nix")
        assert (tmp_path / "new" / ".gitignore").read_text() == "*\n"

    def test_a_folder_that_cannot_be(self, folder: Path) -> None:
        done = run("validate", "--cache", folder / "a.nix" / "cache", folder)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "as a cache" in done.stderr


class TestResuming:
    def results(self, folder: Path, path: Path, *options: object) -> list[str]:
        command = ("validate", "--format", "jsonl", *options, folder)
        path.write_text(run(*command).stdout)
        return path.read_text().splitlines(keepends=True)

    def test_what_is_done_is_taken_over(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "results.jsonl"
        lines = self.results(folder, path)
        path.write_text("".join(lines[:3]) + lines[3][:40])
        log = tmp_path / "read.log"

        def note(stem: str) -> None:
            with log.open("a") as stream:
                stream.write(f"{stem}\n")

        monkeypatch.setattr(io, "check_file", _hook(note))
        os.utime(folder / "c.nix", (0, 0))
        done = run("validate", "--format", "json", "--resume", path, folder)
        assert log.read_text().split() == ["c", "d", "e", "f"]
        files = json.loads(done.stdout)["files"]
        before = [json.loads(line) for line in lines[:-1]]
        for one in (*files, *before):
            del one["seconds"], one["modified"]
        assert files == before
        log.unlink()
        run("validate", "--select", "NIX1", "--resume", path, folder)
        assert log.read_text().split() == ["a", "b", "c", "d", "e", "f"]

    def test_the_same_file_again(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Results may be continued in their own file."""
        path = tmp_path / "results.jsonl"
        lines = self.results(folder, path)
        path.write_text("".join(lines[:2]))
        run("validate", "--resume", path, "--output", path, folder)
        again = path.read_text().splitlines(keepends=True)
        assert again[:2] == lines[:2]
        assert [json.loads(one).get("path") for one in again] == [
            json.loads(one).get("path") for one in lines
        ]
        assert list(tmp_path.glob(".*")) == []

    def test_an_empty_file_is_a_run_that_did_nothing(self, folder: Path, tmp_path: Path) -> None:
        path = tmp_path / "results.jsonl"
        path.touch()
        done = run("validate", "--resume", path, folder / "a.nix")
        assert done.exit_code == 0

    @pytest.mark.parametrize("content", [None, "no results\n", "[1]\n[2]\n"])
    def test_what_are_no_results(self, content: str | None, folder: Path, tmp_path: Path) -> None:
        path = tmp_path / "results.jsonl"
        if content is not None:
            path.write_text(content)
        done = run("validate", "--resume", path, folder)
        assert (done.exit_code, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
        assert str(path) in done.stderr


class TestGrowingFile:
    def test_what_was_there_stays_until_there_is_more(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text("before\n")
        file = GrowingFile(str(path))
        file.add("known", new=False)
        assert path.read_text() == "before\n"
        file.add("new")
        assert path.read_text() == "known\nnew\n"
        file.add("known", new=False)
        file.close()
        assert path.read_text() == "known\nnew\nknown\n"

    def test_what_never_came(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text("before\n")
        GrowingFile(str(path)).close()
        assert [one.name for one in tmp_path.iterdir()] == ["a.jsonl"]
        assert path.read_text() == "before\n"


class TestContentElsewhere:
    POINTERS: Any = {
        "git-annex": b"/annex/objects/SHA256E-s94822--0123456789abcdef.nix\n",
        "Git LFS": (
            b"version https://git-lfs.github.com/spec/v1\n"
            b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
            b"size 12345\n"
        ),
    }

    @pytest.mark.parametrize("keeper", POINTERS)
    def test_pointers(self, keeper: str, tmp_path: Path) -> None:
        path = tmp_path / "one.nix"
        path.write_bytes(self.POINTERS[keeper])
        (report,) = io.validate(path).files
        (finding,) = report.findings
        assert (report.status, finding.rule) == ("absent", "NIX006")
        assert finding.message == (
            f"the file's content is not present: a pointer of {keeper} to content elsewhere"
        )
        assert discovery.is_ours(str(path)), "found in a folder, it is none to pass over"

    @pytest.mark.parametrize(
        "content",
        [
            b"see /annex/objects/SHA256E-s94822--0123456789abcdef.nix\n",
            b"version https://git-lfs.github.com/spec/v1\n",
            POINTERS["git-annex"] + b"x" * 40_000,
        ],
    )
    def test_what_only_looks_so(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "one.nix"
        path.write_bytes(content)
        assert [one.rule for one in io.validate(path).findings] == ["NIX001"]

    @pytest.mark.parametrize(
        ("policy", "code", "level"),
        [
            (None, 1, "error"),
            ("error", 1, "error"),
            ("warning", 0, "warning"),
            ("info", 0, "info"),
            ("skip", 0, None),
        ],
    )
    def test_policies(self, policy: str | None, code: int, level: str | None, folder: Path) -> None:
        options = () if policy is None else ("--missing-content", policy)
        done = run("validate", "--format", "json", *options, folder / "a.nix", folder / "f.nix")
        report = json.loads(done.stdout)
        assert done.exit_code == code
        assert report["files"][1]["status"] == "absent"
        assert [one["level"] for one in report["files"][1]["findings"]] == [level][: bool(level)]
        assert report["summary"]["not_checked"] == 1

    def test_when_all_of_it_is_elsewhere(self, folder: Path) -> None:
        """Nobody is told that all is well where nothing was checked."""
        options = ("validate", "--missing-content", "skip", folder / "f.nix")
        done = run(*options)
        assert done.exit_code == 2
        assert done.stderr == "nothing was checked: no file's content is here\n"
        assert run(*options, "--allow-empty").exit_code == 0


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", []),
        (b"a.nix\nb c.nix\n\n d\n", ["a.nix", "b c.nix", " d"]),
        (b"a.nix\r\nb.nix", ["a.nix", "b.nix"]),
        (b"a\nb\0c\0\0", ["a\nb", "c"]),
        (b"\xff.nix\n", [os.fsdecode(b"\xff.nix")]),
    ],
)
def test_lists_of_files(content: bytes, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    with path.open("rb") as stream:
        assert list(listed_files(stream)) == names


def test_times_keep_their_nanoseconds() -> None:
    assert time_text(1_709_208_000_000_000_001) == "2024-02-29T12:00:00.000000001Z"
    assert time_text(-1) == "1969-12-31T23:59:59.999999999Z"
    assert time_text(10**30) is None


def test_rules_of_a_job() -> None:
    assert [one.id for one in Checks(("NIX201", "NIX001")).runner().rules] == ["NIX001", "NIX201"]
    assert Checks().runner().rules == Runner(selected_rules()).rules
