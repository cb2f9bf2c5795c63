"""What a baseline accepts, what it calls new and fixed, and what it is silent about."""

from __future__ import annotations

import json
import os
import random
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nixschema as nx
from nixschema.baseline import HEADER, Baseline, BaselineError, Entry, fingerprint
from nixschema.coverage import Coverage, seen_from
from nixschema.findings import Finding, Level
from nixschema.io import check_file
from nixschema.reports.report import FileReport
from nixschema.rules.container import UnreadableValues, unreadable_values
from nixschema.rules.rule import all_rules
from nixschema.rules.runner import Runner

RULES = ("NIX201", "NIX202", "NIX301")


def uuid(number: int) -> str:
    return str(UUID(int=number))


def finding(rule: str = "NIX201", entity: int | None = 1, **more: Any) -> Finding:
    name = f"e{entity}"
    given = {
        "level": Level.ERROR,
        "path": f"/data/b/data_arrays/{name}",
        "message": "`3` dimension descriptors for `2` axes",
        "entity_id": None if entity is None else uuid(entity),
        "facts": ("2", "3"),
    }
    return Finding(rule=rule, **{**given, **more})


def report(path: str, *findings: Finding, status: str | None = None, id: int = 0) -> FileReport:
    return FileReport.model_validate(
        {
            "path": path,
            "status": status or ("findings" if findings else "ok"),
            "findings": list(findings),
            "id": uuid(1000 + (id or hash_of(path))),
        }
    )


def hash_of(path: str) -> int:
    return sum(map(ord, os.path.basename(path)))


class Run:
    """What the command does with the files of a run."""

    def __init__(
        self,
        baseline: Baseline,
        reports: Iterable[FileReport],
        *,
        folders: Iterable[str] = (".",),
        rules: Iterable[str] = RULES,
    ) -> None:
        self.baseline = baseline
        self.coverage = Coverage(folders)
        self.judged: list[FileReport] = []
        for one in reports:
            self.coverage.note(one, rules)
            self.judged.append(baseline.judge(one))

    @property
    def findings(self) -> list[Finding]:
        return [one for report in self.judged for one in report.findings]

    @property
    def states(self) -> list[str | None]:
        return [one.baseline for one in self.findings]

    @property
    def fixed(self) -> list[tuple[str, str]]:
        return [(one.file, one.rule) for one in self.baseline.fixed(self.coverage)]

    def write(self, *, prune: bool = False) -> bytes:
        self.baseline.write(self.coverage, prune=prune)
        return Path(self.baseline.path).read_bytes()


def written(path: Path | str, *reports: FileReport) -> bytes:
    return Run(Baseline.read(path, recording=True, missing_ok=True), reports).write()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def place(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


NAME = "known.jsonl"

FINDINGS = st.builds(
    finding,
    st.sampled_from(RULES),
    st.sampled_from([None, 1, 2]),
    facts=st.sampled_from([(), ("1",), ("1", "2")]),
    part=st.sampled_from(["", "dimensions/1"]),
    level=st.sampled_from([Level.ERROR, Level.WARNING]),
)
REPORTS = st.lists(st.lists(FINDINGS, max_size=5), max_size=4).map(
    lambda found: [report(f"d{number}/a.nix", *one) for number, one in enumerate(found)]
)


class TestTheFile:
    def test_one_finding_a_line(self) -> None:
        text = written(
            NAME,
            report("b.nix", finding("NIX301", None, path="/", facts=()), id=7),
            report("data/a.nix", finding(message="µ\n\udc80"), finding("NIX202", 2), id=8),
        ).decode()
        assert text == (
            '{"nixschema-baseline": 1}\n'
            '{"rule": "NIX201", "file": "data/a.nix", "path": "/data/b/data_arrays/e1", '
            '"level": "error", "message": "µ\\n\\udc80", '
            '"entity_id": "00000000-0000-0000-0000-000000000001", '
            '"file_id": "00000000-0000-0000-0000-0000000003f0", '
            '"fingerprint": "66dcba6a8a8ff86d"}\n'
            '{"rule": "NIX202", "file": "data/a.nix", "path": "/data/b/data_arrays/e2", '
            '"level": "error", "message": "`3` dimension descriptors for `2` axes", '
            '"entity_id": "00000000-0000-0000-0000-000000000002", '
            '"file_id": "00000000-0000-0000-0000-0000000003f0", '
            '"fingerprint": "66dcba6a8a8ff86d"}\n'
            '{"rule": "NIX301", "file": "b.nix", "path": "/", '
            '"level": "error", "message": "`3` dimension descriptors for `2` axes", '
            '"file_id": "00000000-0000-0000-0000-0000000003ef", '
            '"fingerprint": "2bcd6e25adce29a7"}\n'
        )

    @given(REPORTS, st.randoms(use_true_random=False))
    def test_the_same_whatever_the_order(
        self, reports: list[FileReport], order: random.Random
    ) -> None:
        shuffled = [
            one.model_copy(update={"findings": order.sample(one.findings, len(one.findings))})
            for one in reports
        ]
        order.shuffle(shuffled)
        run = Run(Baseline(NAME, recording=True), reports)
        other = Run(Baseline(NAME, recording=True), shuffled)
        assert run.baseline.written(run.coverage) == other.baseline.written(other.coverage)

    def test_nothing_is_written_where_nothing_changed(self) -> None:
        reports = [report("a.nix", finding(), finding("NIX202", None))]
        text = written(NAME, *reports)
        before = os.stat(NAME)
        run = Run(Baseline.read(NAME, recording=True), reports)
        assert not run.baseline.write(run.coverage)
        assert not run.baseline.write(run.coverage, prune=True)
        assert os.stat(NAME).st_mtime_ns == before.st_mtime_ns
        assert Path(NAME).read_bytes() == text
        assert [one for one in os.listdir() if one != NAME] == []

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "known.jsonl: is empty: a baseline begins with its version"),
            (
                b'{"version": 1}\n',
                'known.jsonl:1: is no baseline: its first line is not `{"nixschema-baseline": 1}`',
            ),
            (b"\x89HDF\r\n", "known.jsonl:1: is not UTF-8"),
            (b"[]\n", "known.jsonl:1: is no JSON object"),
            (
                b'{"nixschema-baseline": 2}\n',
                "known.jsonl:1: is a baseline of another version than 1: a newer nixschema may "
                "read it",
            ),
            (HEADER + b"\n\n{}\n", "known.jsonl:3: has no `rule`"),
            (HEADER + b'\n{"rule": 3}\n', "known.jsonl:2: `rule` is no text"),
            (HEADER + b"\n{'rule': 3}\n", "known.jsonl:2: is no JSON"),
            (HEADER + b"\n" + b"[" * 100_000, "known.jsonl:2: is no JSON"),
            (HEADER + b"\n" + b"9" * 5_000, "known.jsonl:2: is no JSON"),
            (HEADER + b"\n" + b" " * 2_000_000, "known.jsonl:2: is longer than 1 MiB"),
            (
                HEADER + b"\n<<<<<<< HEAD\n",
                "known.jsonl:2: is a mark of a merge conflict: keep the lines of both sides, "
                "without the marks",
            ),
        ],
    )
    def test_what_is_no_baseline(self, content: bytes, message: str) -> None:
        Path(NAME).write_bytes(content)
        with pytest.raises(BaselineError) as told:
            Baseline.read(NAME)
        assert str(told.value) == message

    def test_where_there_is_none(self) -> None:
        with pytest.raises(BaselineError, match="does not exist: `--write-baseline` makes it"):
            Baseline.read(NAME)
        with pytest.raises(BaselineError, match="is no regular file"):
            Baseline.read(".")
        assert len(Baseline.read(NAME, missing_ok=True)) == 0

    @given(st.binary(max_size=60))
    def test_any_bytes_are_read_or_refused(self, content: bytes) -> None:
        with suppress(BaselineError):
            assert len(Baseline(NAME, [HEADER, *content.split(b"\n")])) == 0


class TestWhatIsKnownAgain:
    @given(REPORTS)
    def test_all_that_was_written(self, reports: list[FileReport]) -> None:
        first = Run(Baseline(NAME, recording=True), reports)
        assert set(first.states) <= {"new"}
        lines = first.baseline.written(first.coverage).splitlines()
        again = Run(Baseline(NAME, lines), reports)
        assert set(again.states) <= {"kept"}
        assert all(one.accepted for one in again.findings)
        assert again.fixed == []

    @given(REPORTS, st.randoms(use_true_random=False))
    def test_after_entities_and_files_were_renamed_and_reordered(
        self, reports: list[FileReport], order: random.Random
    ) -> None:
        first = Run(Baseline(NAME, recording=True), reports)
        lines = first.baseline.written(first.coverage).splitlines()
        changed = [
            one.model_copy(
                update={
                    "path": f"moved/{number}.nix",
                    "findings": [
                        replace(each, path=f"/data/renamed/{each.path}", message="Other words")
                        for each in order.sample(one.findings, len(one.findings))
                        if each.entity_id is not None
                    ],
                }
            )
            for number, one in enumerate(order.sample(reports, len(reports)))
        ]
        assert set(Run(Baseline(NAME, lines), changed).states) <= {"kept"}

    @pytest.mark.parametrize(
        "changed",
        [
            finding("NIX202"),
            finding(entity=2),
            finding(facts=("2", "4")),
            finding(part="dimensions/1"),
            finding(entity=None),
        ],
    )
    def test_not_what_states_something_else(self, changed: Finding) -> None:
        written(NAME, report("a.nix", finding()))
        run = Run(Baseline.read(NAME), [report("a.nix", changed)])
        assert run.states == ["new"]
        assert not run.findings[0].accepted

    def test_without_an_entity_by_file_and_path(self) -> None:
        bare = finding(entity=None, path="/metadata")
        written(NAME, report("data/a.nix", bare))
        run = Run(
            Baseline.read(NAME),
            [
                report("data/b.nix", bare),
                report("data/a.nix", replace(bare, path="/data"), replace(bare, message="new")),
            ],
        )
        assert run.states == ["new", "new", "kept"]

    def test_the_same_from_any_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        place("lab/data/a.nix")
        written("lab/known.jsonl", report("lab/data/a.nix", finding(entity=None)))
        monkeypatch.chdir("lab/data")
        found = report("a.nix", finding(entity=None))
        assert Run(Baseline.read("../known.jsonl"), [found]).states == ["kept"]

    def test_copies_are_counted(self) -> None:
        written(NAME, report("a.nix", finding()), report("copy.nix", finding()))
        run = Run(
            Baseline.read(NAME),
            [report("x.nix", finding()), report("a.nix", finding(), finding())],
        )
        assert run.states == ["kept", "kept", "new"]

    def test_information_is_neither_taken_in_nor_new(self) -> None:
        told = report("a.nix", finding(level=Level.INFO))
        assert written(NAME, told) == HEADER + b"\n"
        assert Run(Baseline.read(NAME), [told]).states == [None]
        run = Run(Baseline.read(NAME, least=Level.INFO, recording=True), [told])
        assert run.states == ["new"]
        run.write()
        assert Run(Baseline.read(NAME), [told]).states == ["kept"]

    def test_what_is_not_here_is_not_accepted(self) -> None:
        absent = report("a.nix", finding("NIX006", None), status="absent")
        assert written(NAME, absent) == HEADER + b"\n"
        assert Run(Baseline.read(NAME), [absent]).findings == absent.findings

    @given(REPORTS, REPORTS)
    def test_baselines_merged_by_lines_accept_what_either_does(
        self, ours: list[FileReport], theirs: list[FileReport]
    ) -> None:
        texts = []
        for one in (ours, theirs):
            run = Run(Baseline(NAME, recording=True), one)
            texts.append(run.baseline.written(run.coverage).splitlines())
        merged = sorted(set(texts[0]) | set(texts[1]))
        for one in (ours, theirs):
            run = Run(Baseline(NAME, merged), one)
            # A union drops lines that are equal in all they say, also those of one side.
            counts = Counter(
                (found.rule, found.entity_id, found.path, found.part, found.facts)
                for found in run.findings
            )
            if max(counts.values(), default=1) == 1:
                assert set(run.states) <= {"kept"}
        both = Baseline(NAME, [*texts[0], *texts[1]])
        assert set(Run(both, [*ours, *theirs]).states) <= {"kept"}


class TestWhatIsFixed:
    @pytest.fixture(autouse=True)
    def _baseline(self) -> None:
        place("data/a.nix", "data/b.nix")
        written(
            NAME,
            report("data/a.nix", finding(), finding("NIX202", None), finding("NIX301", 3)),
            report("data/b.nix", finding(entity=2)),
        )

    def test_what_a_whole_run_does_not_find(self) -> None:
        run = Run(
            Baseline.read(NAME),
            [report("data/a.nix", finding("NIX301", 3)), report("data/b.nix", finding(entity=4))],
        )
        assert run.states == ["kept", "new"]
        assert run.fixed == [
            ("data/a.nix", "NIX201"),
            ("data/b.nix", "NIX201"),
            ("data/a.nix", "NIX202"),
        ]

    def test_only_in_the_files_of_the_run(self) -> None:
        run = Run(Baseline.read(NAME), [report("data/b.nix")], folders=[])
        assert run.fixed == [("data/b.nix", "NIX201")]
        run = Run(Baseline.read(NAME), [], folders=[])
        assert run.fixed == []

    def test_only_by_the_rules_of_the_run(self) -> None:
        sound = [report("data/a.nix"), report("data/b.nix")]
        run = Run(Baseline.read(NAME), sound, rules=["NIX201"])
        assert run.fixed == [("data/a.nix", "NIX201"), ("data/b.nix", "NIX201")]

    @pytest.mark.parametrize("status", ["unreadable", "absent", "skipped"])
    def test_not_in_what_could_not_be_checked(self, status: str) -> None:
        run = Run(Baseline.read(NAME), [report("data/a.nix", status=status), report("data/b.nix")])
        assert run.fixed == [("data/b.nix", "NIX201")]

    def test_not_where_a_rule_could_not_read_the_values(self) -> None:
        sentences = list(unreadable_values(UnreadableValues("NIX201", "a chunk is damaged")))
        broken = finding("NIX018", 5, message=str(sentences[0]))
        run = Run(Baseline.read(NAME), [report("data/a.nix", broken), report("data/b.nix")])
        assert run.fixed == [
            ("data/b.nix", "NIX201"),
            ("data/a.nix", "NIX202"),
            ("data/a.nix", "NIX301"),
        ]

    def test_not_where_settings_ignore_it(self) -> None:
        baseline = Baseline.read(NAME)
        coverage = Coverage(["."])
        for one in (report("data/a.nix"), report("data/b.nix")):
            coverage.note(one, RULES)
        baseline.judge(report("data/a.nix"), [finding(), finding("NIX202", None)])
        baseline.judge(report("data/b.nix"), [finding(entity=2)])
        assert [one.rule for one in baseline.fixed(coverage)] == ["NIX301"]

    def test_not_in_a_file_that_was_renamed_out_of_the_run(self) -> None:
        """Another file has its name now, and the entity may be in the one that was not visited."""
        os.rename("data/a.nix", "data/c.nix")
        os.rename("data/b.nix", "data/a.nix")
        run = Run(Baseline.read(NAME), [report("data/a.nix", id=hash_of("b.nix"))], folders=[])
        # Where there is no entity, file and path are all that is known.
        assert run.fixed == [("data/a.nix", "NIX202")]

    def test_a_file_that_is_gone_needs_a_whole_run(self) -> None:
        os.unlink("data/b.nix")
        kept = report("data/a.nix", finding(), finding("NIX202", None), finding("NIX301", 3))
        place("other/c.nix")
        assert Run(Baseline.read(NAME), [kept], folders=["data"]).fixed == []
        with_other = [kept, report("other/c.nix")]
        fixed = [("data/b.nix", "NIX201")]
        assert Run(Baseline.read(NAME), with_other, folders=["data"]).fixed == fixed
        assert Run(Baseline.read(NAME), with_other, folders=["."]).fixed == fixed
        other = [kept, report("other/c.nix", status="unreadable")]
        assert Run(Baseline.read(NAME), other, folders=["."]).fixed == []

    def test_not_in_a_file_that_the_run_left_out(self) -> None:
        """It is there, in a folder that was looked at, and excluded or ignored by git."""
        kept = report("data/a.nix", finding(), finding("NIX202", None), finding("NIX301", 3))
        assert Run(Baseline.read(NAME), [kept], folders=["."]).fixed == []

    def test_of_copies_that_which_was_visited(self) -> None:
        written(
            NAME, report("data/a.nix", finding(entity=9)), report("data/b.nix", finding(entity=9))
        )
        run = Run(Baseline.read(NAME), [report("data/a.nix")], folders=[])
        assert run.fixed == [("data/a.nix", "NIX201")]
        run = Run(Baseline.read(NAME), [report("data/a.nix", finding(entity=9))], folders=[])
        assert run.fixed == []
        os.rename("data/b.nix", "data/c.nix")
        moved = [report("data/a.nix"), report("data/c.nix", finding(entity=9))]
        run = Run(Baseline.read(NAME), moved, folders=[])
        assert run.fixed == [("data/a.nix", "NIX201")]

    def test_writing_keeps_what_was_not_checked(self) -> None:
        before = Path(NAME).read_bytes().splitlines()
        run = Run(
            Baseline.read(NAME, recording=True),
            [report("data/b.nix", finding(entity=5))],
            folders=[],
        )
        after = run.write().splitlines()
        assert [one for one in before if one not in after] == [
            one for one in before if b"b.nix" in one
        ]
        assert [json.loads(one)["entity_id"] for one in after if one not in before] == [uuid(5)]

    def test_pruning_takes_away_what_is_fixed_and_takes_nothing_in(self) -> None:
        before = Path(NAME).read_bytes().splitlines()
        run = Run(
            Baseline.read(NAME, recording=True),
            [
                report("data/a.nix", finding(), finding(entity=7)),
                report("data/b.nix", finding(entity=2)),
            ],
        )
        after = run.write(prune=True).splitlines()
        assert after == [one for one in before if b"NIX202" not in one and b"NIX301" not in one]

    @given(REPORTS, st.data())
    def test_a_run_over_some_files_says_nothing_about_the_others(
        self, reports: list[FileReport], data: st.DataObject
    ) -> None:
        first = Run(Baseline(NAME, recording=True), reports)
        lines = first.baseline.written(first.coverage).splitlines()
        some = data.draw(st.lists(st.sampled_from(reports), unique_by=id)) if reports else []
        rules = data.draw(st.sets(st.sampled_from(RULES)))
        now = [
            one.model_copy(
                update={
                    "findings": [
                        each
                        for each in one.findings
                        if each.rule in rules and data.draw(st.booleans())
                    ]
                }
            )
            for one in some
        ]
        place(*(one.path for one in reports))
        run = Run(Baseline(NAME, lines, recording=True), now, folders=[], rules=rules)
        visited = {one.path for one in some}
        assert all(file in visited and rule in rules for file, rule in run.fixed)
        left = [json.loads(line) for line in run.baseline.written(run.coverage).splitlines()[1:]]
        before = [json.loads(line) for line in lines[1:]]
        spared = [one for one in before if one["file"] not in visited or one["rule"] not in rules]
        assert len(left) + len(run.fixed) == len(before) + run.states.count("new")
        if not now:
            assert left == spared == before


@given(st.lists(st.text(max_size=4), max_size=4), st.text(max_size=4))
def test_facts_and_part_do_not_run_into_each_other(facts: list[str], part: str) -> None:
    one = finding(facts=tuple(facts), part=part)
    assert fingerprint(one) == fingerprint(replace(one, message="x", path="/", level=Level.INFO))
    assert fingerprint(one) != fingerprint(replace(one, facts=(*facts, "")))
    assert fingerprint(one) != fingerprint(replace(one, part="x", facts=(part, *facts)))


def test_files_as_seen_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert seen_from("real/a.nix", "real") == "a.nix"
    assert seen_from("link/a.nix", ".") == "link/a.nix"
    assert seen_from("real/a.nix", "link") == "a.nix"
    assert seen_from("a.nix", "real") == "../a.nix"


def test_memory_does_not_grow_with_the_files() -> None:
    entries = [
        Entry("NIX201", f"d/{number}.nix", "/data/b", "error", "m" * 80, uuid(number), None, "0")
        for number in range(2_000)
    ]
    baseline = Baseline(NAME, [one.line for one in entries])
    coverage = Coverage(["."])

    def check(numbers: range) -> None:
        for number in numbers:
            one = report(
                f"d/{number}.nix", *(finding(entity=None, path=f"/{n}") for n in range(50))
            )
            coverage.note(one, RULES)
            baseline.judge(one)

    check(range(50))
    tracemalloc.start()
    check(range(50, 550))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 500 * 1_000


def test_a_file_whose_entities_were_renamed_and_reordered() -> None:
    """Real findings of a real file: ids and facts are what the rules and the runner make them."""
    arrays = [
        nx.DataArray(name=name, type="t", data=np.zeros((2, 3)), dimensions=[nx.SetDimension()])
        for name in ("one", "two")
    ]
    file = nx.File(blocks=[nx.Block(name="session", type="t", data_arrays=arrays)])
    nx.write(file, "a.nix", check="none")

    def found(path: str) -> FileReport:
        return check_file(path, Runner(all_rules()))

    rules = {one.id for one in all_rules()}
    first = Run(Baseline(NAME, recording=True), [found("a.nix")], rules=rules)
    assert first.states.count("new") >= 2
    first.write()

    block = file.blocks["session"]
    block.name = "renamed"
    block.data_arrays["one"].name = "zero"
    block.data_arrays.move("two", 0)
    nx.write(file, "b.nix", check="none")
    os.unlink("a.nix")
    again = Run(Baseline.read(NAME, recording=True), [found("b.nix")], rules=rules)
    assert "new" not in again.states
    assert again.states.count("kept") == first.states.count("new")
    assert again.fixed == []

    block.data_arrays["zero"].dimensions.append(nx.SetDimension())
    again.write()
    nx.write(file, "b.nix", check="none")
    mended = Run(Baseline.read(NAME), [found("b.nix")], rules=rules, folders=[])
    assert set(mended.states) <= {"kept", None}
    assert mended.fixed == [("b.nix", "NIX201")]
