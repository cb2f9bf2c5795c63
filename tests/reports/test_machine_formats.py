"""Formats for programs: what each consumer needs, at any size and with any content."""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixschema.findings import Finding, Level
from nixschema.reports.formats import FORMAT_NAMES, Options, format_of, lines
from nixschema.reports.report import FileReport, Report
from nixschema.rules.rule import all_rules
from tests.reports.sample import RUNS, empty, finding, many, sample, sound

ROOT = Path(__file__).resolve().parents[2]


def written(report: Report, name: str, options: Options | None = None) -> str:
    return "".join(f"{line}\n" for line in lines(report, name, options))


def findings(report: Report) -> list[tuple[FileReport, Finding]]:
    return [(one, each) for one in report.files for each in one.findings]


TEXTS = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(
    ["]]>", "::error::x", "##[error]x", "\x00", "\x1b[31m", "a\nb", "\r", "\udcff", "|", "@all"]
)
"""Names and sentences as the worst file has them."""

FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from(["NIX201", "NIX111", "lab:a/b.c"]) | TEXTS,
    level=st.sampled_from(Level),
    path=TEXTS.map("/{}".format),
    message=TEXTS,
    help=st.none() | TEXTS,
    line=st.none() | st.integers(1, 10**6),
    text=st.none() | TEXTS.map("x{}".format),
    entity_id=st.none() | TEXTS,
    facts=st.lists(TEXTS, max_size=2).map(tuple),
    accepted=st.booleans(),
    baseline=st.sampled_from([None, "new", "kept"]),
)
RUNS_OF_ANYTHING = st.lists(
    st.builds(
        FileReport,
        path=TEXTS.map("x{}".format),
        status=st.sampled_from(["ok", "findings", "unreadable", "absent", "skipped"]),
        findings=st.lists(FINDINGS, max_size=6),
    ),
    max_size=4,
).map(lambda files: Report.of(files, rules=3))


@given(RUNS_OF_ANYTHING, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_content_breaks_a_format(report: Report, verbose: bool, everything: bool) -> None:
    options = Options(verbose=verbose, everything=everything)
    for name in FORMAT_NAMES:
        text = written(report, name, options)
        text.encode()  # no halves of characters
        if name in ("json", "sarif", "gitlab", "badge"):
            json.loads(text)
        elif name == "jsonl":
            assert [json.loads(line) for line in text.split("\n")[:-1]]
        elif name == "junit":
            ElementTree.fromstring(text)
        else:
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", text)


class TestJson:
    @pytest.mark.parametrize("run", RUNS)
    def test_it_follows_its_schema_and_is_what_json_writes(self, run: str) -> None:
        text = written(RUNS[run](), "json")
        document = json.loads(text)
        schema = json.loads((ROOT / "schemas/report.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
        assert text == json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def test_it_holds_everything(self) -> None:
        report = sample()
        report.files[-1].findings.pop()  # half a character is spelled out
        document = json.loads(written(report, "json"))
        told = [
            (one["path"], each["rule"], each["path"], each["message"], each["accepted"])
            for one in document["files"]
            for each in one["findings"]
        ]
        assert told == [
            (one.path, each.rule, each.path, each.message, each.accepted)
            for one, each in findings(report)
        ]
        assert set(document["tool"]["libraries"]) == {"python", "h5py", "hdf5", "numpy", "pydantic"}

    def test_lines_are_the_same_records(self) -> None:
        document = json.loads(written(sample(), "json"))
        *files, last = map(json.loads, written(sample(), "jsonl").splitlines())
        assert files == document["files"]
        assert last == {key: document[key] for key in ("version", "tool", "summary")}


class TestSarif:
    def run(self, report: Report) -> dict[str, Any]:
        document = json.loads(written(report, "sarif"))
        assert document["version"] == "2.1.0"
        (run,) = document["runs"]
        assert isinstance(run, dict)
        return run

    def test_every_finding_is_a_result(self) -> None:
        report = sample()
        run = self.run(report)
        rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
        levels = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
        told = [
            (
                one["ruleId"],
                one["level"],
                one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
                unquote(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]),
                one["locations"][0]["physicalLocation"]["region"]["startLine"],
            )
            for one in run["results"]
        ]
        plain = [
            (each.rule, levels[each.level], each.path, one.path, each.line or 1)
            for one, each in findings(report)
            if one is not report.files[-1]  # whose names are spelled out
        ]
        assert not set(plain) - set(told)
        assert len(told) == len(findings(report))
        assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
        shown = [one["level"] for one in run["results"] if "suppressions" not in one]
        order = [list(levels.values()).index(one) for one in shown]
        assert order == sorted(order)

    def test_the_baseline_is_told(self) -> None:
        results = self.run(sample())["results"]
        accepted = [one for one in results if "suppressions" in one]
        assert [one["ruleId"] for one in accepted] == ["NIX111"]
        assert accepted[0]["suppressions"] == [{"kind": "external", "status": "accepted"}]
        assert accepted[0]["baselineState"] == "unchanged"
        assert {one.get("baselineState") for one in results} == {"new", "unchanged", None}

    def test_what_was_not_checked_is_a_notification(self) -> None:
        (invocation,) = self.run(sample())["invocations"]
        told = [
            (
                one["level"],
                one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            )
            for one in invocation["toolExecutionNotifications"]
        ]
        assert told == [
            ("error", "damaged.nix"),
            ("warning", "annexed.nix"),
            ("error", "crashed.nix"),
        ]
        assert invocation["executionSuccessful"] is False
        assert self.run(sound())["invocations"][0]["executionSuccessful"] is True

    def test_addresses(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        paths = [f"{tmp_path}/in here.nix", "/out/side#1.nix", "./a%2Fb.nix", "c:d.nix"]
        report = Report.of(
            [FileReport(path=one, status="findings", findings=[INFO]) for one in paths], rules=1
        )
        told = [
            one["locations"][0]["physicalLocation"]["artifactLocation"]
            for one in self.run(report)["results"]
        ]
        assert [one["uri"] for one in told] == [
            *("in%20here.nix", "file:///out/side%231.nix", "a%252Fb.nix", "c%3Ad.nix")
        ]
        assert ["uriBaseId" in one for one in told] == [True, False, True, True]

    def test_it_stays_below_the_limits_of_github(self) -> None:
        report = many(60, 501)
        text = written(report, "sarif")
        run = json.loads(text)["runs"][0]
        total = len(findings(report))
        assert total > 25_000
        assert len(run["results"]) <= 5000
        assert all(len(one["locations"]) <= 100 for one in run["results"])
        assert sum(one.get("occurrenceCount", 1) for one in run["results"]) == total
        assert len(gzip.compress(text.encode())) < 10 * 2**20

    def test_what_is_left_out_is_told(self) -> None:
        report = many(5001, 2)
        run = self.run(report)
        assert len(run["results"]) == 5000
        assert {one["level"] for one in run["results"]} == {"warning"}
        notes = run["invocations"][0]["toolExecutionNotifications"]
        assert [one["message"]["text"].split(":")[0] for one in notes] == [
            "5,002 findings left out"
        ]

    def test_every_rule_has_its_texts(self) -> None:
        rules = all_rules()
        report = Report.of(
            [
                FileReport(
                    path="a.nix",
                    status="findings",
                    findings=[replace(INFO, rule=one.id) for one in rules],
                )
            ],
            rules=len(rules),
        )
        told = self.run(report)["tool"]["driver"]["rules"]
        assert [one["id"] for one in told] == [one.id for one in rules]
        for one in told:
            assert one["help"]["text"]
            assert one["help"]["markdown"].startswith(f"# {one['id']}")
            assert 0 < len(one["fullDescription"]["text"]) <= 1024
            assert 0 < len(one["shortDescription"]["text"]) <= 1024
            assert len(one["properties"]["tags"]) <= 10


INFO = finding("NIX120", Level.INFO, "/data/b", "one thing")


class TestFingerprints:
    def marks(self, report: Report, name: str) -> list[str]:
        document = json.loads(written(report, name))
        if name == "gitlab":
            return [one["fingerprint"] for one in document]
        return [
            one["partialFingerprints"]["primaryLocationLineHash"]
            for one in document["runs"][0]["results"]
        ]

    @pytest.mark.parametrize("name", ["sarif", "gitlab"])
    def test_each_occurs_once(self, name: str) -> None:
        report = sample()
        report.files += sample().files  # copies of files, with the same ids
        report = Report.of(report.files, rules=1)
        marks = self.marks(report, name)
        assert len(set(marks)) == len(marks) > 100

    @pytest.mark.parametrize("name", ["sarif", "gitlab"])
    def test_they_outlive_other_words_and_another_place(self, name: str) -> None:
        before, after = sample(), sample()
        session = after.files[1]
        session.path = "moved/elsewhere.nix"
        session.findings = [
            replace(one, message=f"now: {one.message}", help="else", path=f"/other{one.path}")
            for one in reversed(session.findings)
        ]
        assert sorted(self.marks(before, name)) == sorted(self.marks(after, name))

    @pytest.mark.parametrize("change", [{"rule": "NIX121"}, {"facts": ("2",)}, {"part": "ticks"}])
    def test_they_tell_findings_apart(self, change: dict[str, Any]) -> None:
        one = replace(INFO, entity_id="e", facts=("1",))
        marks = [
            self.marks(
                Report.of([FileReport(path="a", status="findings", findings=[each])], rules=1),
                "gitlab",
            )
            for each in (one, replace(one, **change))
        ]
        assert marks[0] != marks[1]


class TestGitlab:
    def test_issues(self) -> None:
        issues = json.loads(written(sample(), "gitlab"))
        assert len(issues) == sum(not each.accepted for _, each in findings(sample()))
        for one in issues:
            assert set(one) == {
                *("description", "check_name", "fingerprint", "severity", "location")
            }
            assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
            assert type(one["location"]["lines"]["begin"]) is int
            assert not one["location"]["path"].startswith("./")
        assert json.loads(written(empty(), "gitlab")) == []

    def test_many_become_fewer(self) -> None:
        issues = json.loads(written(many(20, 600), "gitlab"))
        assert len(issues) == 120  # six kinds in each file
        assert "(and 99 more like this in this file)" in issues[0]["description"]


class TestJunit:
    def suites(self, report: Report, **options: Any) -> dict[str, ElementTree.Element]:
        root = ElementTree.fromstring(written(report, "junit", Options(**options)))
        assert root.tag == "testsuites"
        return {one.get("name", ""): one for one in root}

    def outcomes(self, report: Report, **options: Any) -> dict[str, list[str]]:
        found = {}
        for name, suite in self.suites(report, **options).items():
            kinds = [next((child.tag for child in case), "passed") for case in suite]
            for attribute, tag in (
                *(("failures", "failure"), ("errors", "error")),
                ("skipped", "skipped"),
            ):
                assert int(suite.get(attribute, "")) == kinds.count(tag)
            assert int(suite.get("tests", "")) == len(kinds)
            found[name] = kinds
        return found

    def test_outcomes(self) -> None:
        outcomes = self.outcomes(sample())
        assert outcomes["data/sound.nix"] == ["passed"]
        assert outcomes["data/session.nix"] == ["failure", "failure", "system-out"]
        assert outcomes["damaged.nix"] == ["error"]
        assert outcomes["annexed.nix"] == ["skipped", "system-out"]
        assert outcomes["crashed.nix"] == ["error"]
        assert len(outcomes) == len(sample().files)

    @pytest.mark.parametrize(
        ("fail_on", "failed"), [("error", 4), ("never", 4), ("warning", 14), ("info", 15)]
    )
    def test_what_fails(self, fail_on: str, failed: int) -> None:
        kinds = [one for each in self.outcomes(sample(), fail_on=fail_on).values() for one in each]
        assert kinds.count("failure") == failed

    def test_only_what_consumers_know(self) -> None:
        known = {
            "testsuites": {"name", "time"},
            "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
            "testcase": {"classname", "name", "time"},
            "failure": {"type", "message"},
            "error": {"type", "message"},
            "skipped": {"type", "message"},
            "system-out": set(),
        }
        root = ElementTree.fromstring(written(sample(), "junit"))
        for one in root.iter():
            assert set(one.attrib) == known[one.tag]
            assert re.fullmatch(r"\d+\.\d{3}", one.get("time", "0.000"))

    def test_the_names_of_tests_are_different(self) -> None:
        for suite in self.suites(sample()).values():
            names = [one.get("name") for one in suite]
            assert len(set(names)) == len(names)


class TestGithub:
    def commands(self, report: Report, **options: Any) -> list[tuple[str, dict[str, str], str]]:
        """What the runner reads out of the lines."""
        found = []
        *commands, last = written(report, "github", Options(**options)).splitlines()
        assert last.startswith("nixschema: ")
        for line in commands:
            match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
            assert match, line
            properties = dict(one.split("=", 1) for one in match[2].split(","))
            found.append((match[1], properties, unescaped(match[3])))
        return found

    def test_ten_of_a_level_and_the_worst_first(self) -> None:
        commands = self.commands(many(30, 30), verbose=True)
        assert [one for one, _, _ in commands] == ["error"] * 10 + ["warning"] * 10 + [
            "notice"
        ] * 10

    def test_one_of_each_kind_comes_first(self) -> None:
        commands = self.commands(sample())
        titles = [unescaped(one["title"]) for level, one, _ in commands if level == "warning"]
        assert [one.split(":")[0] for one in titles] == [
            *("NIX111", "NIX006", "NIX502", "NIX105", "NIX105"),
            *["NIX111"] * 5,
        ]
        messages = [text for level, _, text in commands if level == "error"]
        assert any("(and 39 more like this in this file)" in one for one in messages)
        assert any("Also in 7 other files." in text for _, _, text in commands)

    def test_places_in_text_files(self) -> None:
        places = {
            one["file"]: (one.get("line"), one.get("col")) for _, one, _ in self.commands(sample())
        }
        assert places["data/session.nix"] == (None, None)
        assert places["session.yaml"] == ("40", None)

    def test_nothing_to_tell(self) -> None:
        assert written(sound(), "github") == "nixschema: no problems found in 1 file.\n"


def unescaped(text: str) -> str:
    for code, letter in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, letter)
    return text


class TestBadge:
    @pytest.mark.parametrize(
        ("report", "message", "colour"),
        [
            (sample, "45 errors", "red"),
            (sound, "valid", "brightgreen"),
            (empty, "not checked", "lightgrey"),
            (lambda: many(1, 2), "1 warning", "yellow"),
            (lambda: many(1, 1), "valid", "brightgreen"),
        ],
    )
    def test_json_and_image(self, report: Any, message: str, colour: str) -> None:
        badge = json.loads(written(report(), "badge"))
        assert badge.pop("isError", False) == (colour == "red")
        assert badge == {
            "schemaVersion": 1, "label": "NIX", "message": message, "color": colour,
        }  # fmt: skip
        image = ElementTree.fromstring(written(report(), "badge", Options(target="x/Badge.SVG")))
        assert image.get("aria-label") == f"NIX: {message}"
        texts = [one.text for one in image.iter("{http://www.w3.org/2000/svg}text")]
        assert texts == ["NIX", message]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", "json"), ("a.jsonl", "jsonl"), ("a.SARIF", "sarif"), ("a.xml", "junit"),
        ("b/a.md", "markdown"), ("a.svg", "badge"), ("a.txt", "text"), ("a", None),
        ("json", None), ("a.nix", None),
    ],
)  # fmt: skip
def test_the_format_of_a_name(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


def test_the_names_of_formats_cost_nothing() -> None:
    import subprocess
    import sys

    code = (
        "import sys, nixschema.reports.formats; "
        "print([one for one in ('pydantic', 'numpy', 'h5py', 'rich') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout == "[]\n"
