"""Results that do not fit in memory, and those of earlier runs."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from nixschema import cli
from nixschema.findings import Level
from nixschema.reports import results as module
from nixschema.reports.formats import FORMAT_NAMES, Options, lines
from nixschema.reports.report import FileReport, Report
from nixschema.reports.results import NotResults, Spool, read_results
from tests.reports.sample import TOOL, many, sample, sound
from tests.reports.test_machine_formats import RUNS_OF_ANYTHING


def saved(report: Report, path: Path) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines(report, "jsonl")), encoding="utf-8")
    return path


class TestSpool:
    @pytest.mark.parametrize("most", [0, 1, 20, 10_000])
    def test_every_report_is_the_same_from_memory_and_from_disk(
        self, monkeypatch: pytest.MonkeyPatch, most: int
    ) -> None:
        monkeypatch.setattr(module, "IN_MEMORY", most)
        report = sample()
        with Spool() as spool:
            for one in report.files:
                spool.add(one)
            results = spool.finish(rules=61, seconds=1.5, fixed=3, tool=TOOL)
            assert results.summary == report.summary
            for name in FORMAT_NAMES:
                told = list(lines(results, name))
                assert told == list(lines(report, name))

    @given(RUNS_OF_ANYTHING)
    @settings(max_examples=30, deadline=None)
    def test_readers_do_not_disturb_each_other(self, report: Report) -> None:
        with pytest.MonkeyPatch.context() as patch, Spool() as spool:
            patch.setattr(module, "IN_MEMORY", 0)
            for one in report.files:
                spool.add(one)
            files = spool.finish(rules=1).files
            assert [(one.path, other.path) for one, other in zip(files, files, strict=True)] == [
                (one.path, one.path) for one in files
            ]

    def test_memory_does_not_grow(self) -> None:
        (one,) = many(1, 300).files
        peaks = []
        for files in (12, 60):
            tracemalloc.start()
            with Spool() as spool:
                for _ in range(files):
                    spool.add(one.model_copy(deep=True))
                results = spool.finish(rules=1, tool=TOOL)
                assert sum(1 for _ in lines(results, "jsonl")) == files + 1
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < 1.2 * peaks[0]

    def test_nothing_stays_behind(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(module, "IN_MEMORY", 0)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Spool() as spool:
            spool.add(FileReport(path="a", status="ok"))
            assert list(spool.finish(rules=1).files)
        assert not list(tmp_path.iterdir())

    def test_counts(self) -> None:
        with Spool() as spool:
            for one in many(2, 6).files:
                spool.add(one)
            assert (spool.summary.error, spool.summary.warning, spool.summary.info) == (4, 4, 4)
            assert spool.summary.reaches(Level.ERROR)
            assert not Spool().summary.reaches(Level.INFO)


class TestSavedResults:
    def test_a_saved_run_is_the_run(self, tmp_path: Path) -> None:
        results = read_results(saved(many(3, 5), tmp_path / "r.jsonl"))
        assert results.complete
        assert results.note is None
        assert results.end == (tmp_path / "r.jsonl").stat().st_size
        for name in FORMAT_NAMES:
            assert list(lines(results, name)) == list(lines(many(3, 5), name))

    def test_a_document_is_taken_too(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        path.write_text(many(2, 3).to_json(), encoding="utf-8")
        results = read_results(path)
        assert results.complete
        assert list(lines(results, "jsonl")) == list(lines(many(2, 3), "jsonl"))

    @given(st.data())
    @settings(max_examples=40, deadline=None)
    def test_a_killed_run(self, data: st.DataObject) -> None:
        import tempfile

        whole = "".join(f"{line}\n" for line in lines(many(4, 2), "jsonl")).encode()
        cut = data.draw(st.integers(10, len(whole) - 2))
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            file.write(whole[:cut])
            file.flush()
            results = read_results(file.name)
            kept = whole[:cut].rpartition(b"\n")[0].count(b"\n") + (b"\n" in whole[:cut])
            if whole[cut : cut + 1] == b"\n":
                kept += 1
            assert len(list(results.files)) == results.summary.files == min(kept, 4)
            assert not results.complete
            assert results.note is not None
            assert whole[: results.end].count(b"\n") in (kept, kept - 1)

    def test_several_runs_are_one(self, tmp_path: Path) -> None:
        first, second = many(2, 3), sound()
        path = saved(first, tmp_path / "a.jsonl")
        path.write_bytes(path.read_bytes() + saved(second, tmp_path / "b.jsonl").read_bytes())
        results = read_results(path)
        assert results.complete
        assert [one.path for one in results.files] == ["0.nix", "1.nix", "a.nix"]
        assert results.summary.files == 3
        assert results.summary.error == first.summary.error
        assert results.summary.rules == 61

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "it is empty"),
            (b"nonsense\n", "line 1 is no JSON"),
            (b"nonsense", "line 1 is no JSON"),
            (b"\x89HDF\r\n\x1a\n\x00\xff\n", "line 1 is no JSON"),
            (b"{}\n", "line 1 is neither about a file nor a summary"),
            (b"[" * 100_000 + b"\n", "line 1 is no JSON"),
            (b'{"path": "a", "status": "new"}\n', "is of a version of nixschema"),
            (b'{"path": "a", "status": "ok", "seconds": 1e999}\n', "is of a version of nixschema"),
            (b'{"path": "a", "status": "ok"}\nx\n', "line 2 is no JSON"),
        ],
    )
    def test_what_holds_no_results(self, tmp_path: Path, content: bytes, reason: str) -> None:
        path = tmp_path / "r.jsonl"
        path.write_bytes(content)
        with pytest.raises(NotResults, match=reason):
            read_results(path)


class TestCommand:
    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli.main, ["report", *map(str, arguments)])

    @pytest.mark.parametrize("name", FORMAT_NAMES)
    def test_every_format(self, tmp_path: Path, name: str) -> None:
        path = saved(many(2, 3), tmp_path / "r.jsonl")
        done = self.run(path, "--format", name)
        assert done.exit_code == 0
        assert done.stdout == "".join(f"{one}\n" for one in lines(many(2, 3), name))
        assert done.stderr == ""

    def test_several_at_once(self, tmp_path: Path) -> None:
        path = saved(many(2, 3), tmp_path / "r.jsonl")
        files = {
            "a.sarif": "sarif", "b.xml": "junit", "c.svg": "badge", "d.json": "json",
            "e.md": "markdown",
        }  # fmt: skip
        outputs = [f"--output={tmp_path / name}" for name in files]
        done = self.run(path, *outputs, f"--output=gitlab={tmp_path / 'f.json'}")
        assert done.exit_code == 0
        for name, one in {**files, "f.json": "gitlab"}.items():
            told = lines(many(2, 3), one, Options(target=name))
            assert (tmp_path / name).read_text() == "".join(f"{line}\n" for line in told)

    @pytest.mark.parametrize(
        ("options", "code"),
        [((), 0), (("--fail-on", "error"), 1), (("--fail-on", "never"), 0)],
    )
    def test_exit_codes(self, tmp_path: Path, options: tuple[str, ...], code: int) -> None:
        assert self.run(saved(many(1, 3), tmp_path / "r.jsonl"), *options).exit_code == code
        assert self.run(saved(sound(), tmp_path / "s.jsonl"), *options).exit_code == 0

    def test_quiet(self, tmp_path: Path) -> None:
        path = saved(many(2, 3), tmp_path / "r.jsonl")
        loud, quiet = self.run(path), self.run(path, "--quiet")
        assert quiet.stdout.splitlines() == loud.stdout.splitlines()[:-1] != []
        assert self.run(path, "-q", "-v").exit_code == 2

    def test_all_and_verbose(self, tmp_path: Path) -> None:
        path = saved(many(1, 60), tmp_path / "r.jsonl")
        counts = [
            self.run(path, *options).stdout.count("NIX")
            for options in ((), ("--all",), ("-v", "--all"))
        ]
        assert counts == [12, 40, 60]

    @pytest.mark.parametrize(
        ("name", "content", "code", "reason"),
        [
            ("missing.jsonl", None, 2, "does not exist"),
            (".", None, 2, "is no file"),
            ("r.jsonl", "nonsense\n", 1, "holds no results: line 1 is no JSON"),
        ],
    )
    def test_wrong_files(
        self, tmp_path: Path, name: str, content: str | None, code: int, reason: str
    ) -> None:
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        done = self.run(path)
        assert (done.exit_code, done.stdout) == (code, "")
        assert reason in done.stderr
        assert done.stderr.count("\n") == 1

    def test_a_run_that_was_cut_off(self, tmp_path: Path) -> None:
        path = saved(many(3, 3), tmp_path / "r.jsonl")
        path.write_bytes(path.read_bytes()[:-300])
        done = self.run(path, "--format", "json")
        assert done.exit_code == 0
        assert "the run did not come to its end" in done.stderr
        assert json.loads(done.stdout)["summary"]["files"] == 3

    def test_the_results_are_not_written_over(self, tmp_path: Path) -> None:
        path = saved(many(1, 3), tmp_path / "r.jsonl")
        before = path.read_bytes()
        done = self.run(path, "--output", f"text={path}")
        assert done.exit_code == 2
        assert path.read_bytes() == before
