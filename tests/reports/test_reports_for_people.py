"""Text, concise lines and Markdown: what is folded, what is counted, what is left as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from nixschema.findings import Level
from nixschema.reports.formats import Options, lines
from nixschema.reports.report import FileReport, Report
from tests.reports.sample import finding, many, sample, sound
from tests.reports.test_machine_formats import RUNS_OF_ANYTHING


def written(
    report: Report, name: str, *, verbose: bool = False, everything: bool = False
) -> list[str]:
    return list(lines(report, name, Options(verbose=verbose, everything=everything)))


def same(files: int, each: int, *, accepted: bool = False) -> Report:
    """Files that all have the same finding so many times."""
    return Report.of(
        [
            FileReport(
                path=f"{number}.nix",
                status="findings",
                entities=1,
                findings=[
                    finding("NIX201", Level.ERROR, f"/{place}", "is odd", accepted=accepted)
                    for place in range(each)
                ],
            )
            for number in range(files)
        ],
        rules=1,
    )


class TestText:
    def test_as_in_the_readme(self) -> None:
        report = Report.of(
            [
                FileReport(
                    path="data/session.nix",
                    status="findings",
                    entities=1480,
                    findings=[
                        finding(
                            *("NIX201", Level.ERROR, "/data/session/data_arrays/lfp"),
                            "2 dimension descriptors for 1 axis",
                            help="remove the surplus descriptor, or `nixschema fix`",
                            fixable=True,
                        ),
                        finding("NIX701", Level.ERROR, "/data/session", "no data array"),
                    ],
                ),
                *(FileReport(path=f"{number}", status="ok") for number in range(11)),
            ],
            rules=61,
        )
        assert written(report, "text") == [
            "data/session.nix",
            "  /data/session/data_arrays/lfp  NIX201 error  2 dimension descriptors for 1 axis"
            " [fixable]",
            "      help: remove the surplus descriptor, or `nixschema fix`",
            "  /data/session  NIX701 error  no data array",
            "",
            "Found 2 errors in 1 of 12 files (1,480 entities, 61 rules)."
            " 1 fixable with `nixschema fix`.",
        ]

    @pytest.mark.parametrize(("each", "shown"), [(1, 1), (3, 3), (4, 4), (5, 3), (41, 3)])
    def test_equal_findings_in_a_file(self, each: int, shown: int) -> None:
        report = same(1, each)
        folded = written(report, "text")
        assert sum("NIX201" in line for line in folded) == shown
        note = f"      and {each - shown} more like this in this file"
        assert (note in folded) == (each > shown)
        assert ("--all" in folded[-1]) == (each > shown)
        every = written(report, "text", everything=True)
        assert sum("NIX201" in line for line in every) == each
        assert not any("like this" in line or "--all" in line for line in every)

    @pytest.mark.parametrize(("files", "shown"), [(1, 1), (4, 4), (5, 3), (14, 3)])
    def test_equal_findings_in_many_files(self, files: int, shown: int) -> None:
        report = same(files, 2)
        folded = written(report, "text")
        assert [line for line in folded if line.endswith(".nix")] == [
            f"{number}.nix" for number in range(shown)
        ]
        assert (f"      … and in {files - shown} other files" in folded) == (files > shown)
        assert folded[-1].startswith(f"Found {2 * files} errors in ")
        assert (f" {2 * (files - shown)} like others not shown" in folded[-1]) == (files > shown)
        assert sum("NIX201" in one for one in written(report, "text", everything=True)) == 2 * files

    def test_few_names_tell_findings_apart_and_many_do_not(self) -> None:
        def run(names: int, times: int) -> list[str]:
            found = [
                finding("NIX101", Level.ERROR, f"/{number}", f"`n{name}` is missing")
                for name in range(names)
                for number in range(times)
            ]
            files = [FileReport(path="a.nix", status="findings", findings=found)]
            told = written(Report.of(files, rules=1), "text")
            return [line for line in told if "NIX101" in line or "more like this" in line]

        few = run(2, 10)
        assert sum("`n0` is missing" in line for line in few) == 3
        assert sum("`n1` is missing" in line for line in few) == 3
        assert few.count("      and 7 more like this in this file") == 2
        assert run(1000, 1)[3:] == ["      and 997 more like this in this file"]

    def test_what_is_not_alike_is_never_folded(self) -> None:
        words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        report = Report.of(
            [
                FileReport(
                    path="a.nix",
                    status="findings",
                    findings=[finding("NIX201", Level.ERROR, "/", word) for word in words],
                )
            ],
            rules=1,
        )
        assert written(report, "text") == written(report, "text", everything=True)

    def test_accepted_findings_are_counted(self) -> None:
        report = same(1, 2, accepted=True)
        report.summary.fixed = 3
        assert report.ok
        assert written(report, "text") == [
            "No problems found in 1 file (1 entity, 1 rule). Baseline: 2 accepted and 3 fixed."
        ]
        assert sum("[accepted]" in one for one in written(report, "text", verbose=True)) == 2

    def test_information_is_counted(self) -> None:
        report = many(1, 1)
        assert written(report, "text") == [
            "No problems found in 1 file (1 entity, 61 rules);"
            " 1 piece of information (-v shows it)."
        ]
        assert "NIX120 info" in "".join(written(report, "text", verbose=True))

    def test_a_line_of_a_build_log_is_no_command(self) -> None:
        report = Report.of(
            [
                FileReport(path=path, status="findings", findings=same(1, 1).files[0].findings)
                for path in ("::error::a", " ::warning::b", "##[error]c")
            ],
            rules=1,
        )
        for name in ("text", "concise"):
            told = written(report, name)
            assert not any(line.lstrip().startswith(("::", "##")) for line in told)


class TestConcise:
    def test_a_finding_is_a_line(self) -> None:
        told = written(sample(), "concise")
        assert told[0] == (
            "data/session.nix:/data/session/data_arrays/lfp: NIX201 error: "
            "2 dimension descriptors for 1 axis [fixable]"
        )
        assert (
            "session.yaml:12:5: our-lab:recording/voltage.unit error: "
            "unit is `V`; expected `mV`" in told
        )
        assert len(told) == sample().summary.error + sample().summary.warning
        assert len(written(sample(), "concise", verbose=True)) == len(sample().findings)
        assert written(sound(), "concise") == []


ALLOWED = {
    *("h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "code"),
    *("details", "summary", "ul", "li"),
}


class TestMarkdown:
    def html(self, report: Report) -> str:
        text = "\n".join(written(report, "markdown", verbose=True))
        return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    def test_the_table_has_a_row_for_each_kind(self) -> None:
        rows = re.findall(r"<tr>.*?</tr>", self.html(sample()), re.DOTALL)
        assert len(rows) == 1 + 12
        assert all(row.count("<td>") == 5 for row in rows[1:])
        assert "<td>8 in 8 files</td>" in rows[7]
        assert [re.findall(r"<td>(.+?)</td>", row)[0] for row in rows[1:]] == [
            *["❌"] * 6, *["⚠️"] * 5, "💡",
        ]  # fmt: skip

    @given(RUNS_OF_ANYTHING)
    @settings(max_examples=60, deadline=None)
    def test_no_content_is_marked_up(self, report: Report) -> None:
        html = self.html(report)
        assert set(re.findall(r"</?(\w+)", html)) <= ALLOWED
        assert "<a" not in html
        assert html.count("<details>") == html.count("</details>")
        for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)[1:]:
            assert row.count("<td>") == 5
        outside = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
        assert not re.search(r"[@#]\w", outside)

    @pytest.mark.parametrize(("files", "each"), [(1, 5000), (3000, 3), (100, 100)])
    def test_it_fits_into_a_comment(self, files: int, each: int) -> None:
        text = "\n".join(written(many(files, each), "markdown"))
        assert len(text) < 65_536
        if files > 1000:
            assert re.search(r"No room for the findings about [\d,]+ other files\.$", text)

    def test_hostile_names_fit_too(self) -> None:
        name = "`|@" * 30_000
        report = Report.of(
            [
                FileReport(
                    path=f"{number}{name}",
                    status="findings",
                    findings=[
                        finding(f"R{rule}", Level.ERROR, name, f"{name} {rule}", help=name)
                        for rule in range(100)
                    ],
                )
                for number in range(3)
            ],
            rules=1,
        )
        text = "\n".join(written(report, "markdown"))
        assert len(text) < 65_536
        assert text.count("<details>") == text.count("</details>")
