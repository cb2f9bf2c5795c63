"""A report as JUnit XML: each file is a test suite, each rule that found something a test.

A rule whose findings are at least as grave as ``--fail-on`` says is a failed test, milder findings
are what a passed test printed. What could not be read is an error, what is not here is skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from nixschema.findings import Finding, Level
from nixschema.reports.formats import Options
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.wording import place_in_text, tidy_path, told
from nixschema.rules.rule import find_rule

SHOWN = 50
"""Findings of a rule in a file that are written out; the others are counted."""


def lines(results: Results, options: Options) -> Iterator[str]:
    """The lines of the document."""
    threshold = Level.ERROR if options.fail_on == "never" else Level(options.fail_on)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="nixschema" time="{results.summary.seconds:.3f}">'
    for one in results.files:
        yield from _suite(one, threshold)
    yield "</testsuites>"


@dataclass(frozen=True, slots=True)
class _Test:
    """What came of a rule, or of the file as a whole."""

    outcome: Literal["passed", "failure", "error", "skipped"]
    name: str
    rule: str
    body: list[str]

    def lines(self, suite: str) -> Iterator[str]:
        case = f'    <testcase classname={suite} name={quoteattr(self.name)} time="0.000"'
        if not self.body:
            yield f"{case}/>"
            return
        yield f"{case}>"
        text = escape("\n".join(self.body))
        if self.outcome == "passed":
            yield f"      <system-out>{text}</system-out>"
        else:
            about = f"type={quoteattr(self.rule)} message={quoteattr(self.body[0])}"
            yield f"      <{self.outcome} {about}>{text}</{self.outcome}>"
        yield "    </testcase>"


def _suite(one: FileReport, threshold: Level) -> Iterator[str]:
    rules: dict[str, list[Finding]] = {}
    for finding in one.findings:
        if not finding.accepted:
            rules.setdefault(finding.rule, []).append(finding)
    tests = [_of_rule(one, rule, found, threshold) for rule, found in rules.items()]
    if not tests or one.status in ("skipped", "absent"):
        tests.insert(0, _of_file(one))
    outcomes = Counter(test.outcome for test in tests)
    name = quoteattr(told(tidy_path(one.path)))
    yield (
        f'  <testsuite name={name} tests="{len(tests)}" failures="{outcomes["failure"]}" '
        f'errors="{outcomes["error"]}" skipped="{outcomes["skipped"]}" time="{one.seconds:.3f}">'
    )
    for test in tests:
        yield from test.lines(name)
    yield "  </testsuite>"


def _of_rule(one: FileReport, rule: str, found: list[Finding], threshold: Level) -> _Test:
    graver = sorted(found, key=lambda finding: -finding.level.rank)
    outcome: Literal["passed", "failure", "error"] = "passed"
    if one.status == "unreadable" and rule.startswith("NIX0"):
        outcome = "error"
    elif one.status != "absent" and graver[0].level.reaches(threshold):
        outcome = "failure"
    body = [_sentence(finding) for finding in graver[:SHOWN]]
    if len(graver) > SHOWN:
        body.append(f"and {len(graver) - SHOWN:,} more")
    helps = dict.fromkeys(told(finding.help) for finding in graver[:SHOWN] if finding.help)
    body += [f"help: {sentence}" for sentence in helps]
    known = find_rule(rule)
    name = f"{rule}: {known.title.rstrip('.')}" if known else rule
    return _Test(outcome, told(name), told(rule), body)


def _of_file(one: FileReport) -> _Test:
    """The test of a file about which there is nothing to say, or that was not checked."""
    match one.status:
        case "absent":
            return _Test("skipped", "checked", "absent", ["its content is not here"])
        case "skipped":
            return _Test("error", "checked", "skipped", ["it could not be checked"])
    return _Test("passed", "checked", "ok", [])


def _sentence(finding: Finding) -> str:
    return f"{place_in_text(finding)}: {finding.level}: {told(finding.message)}"
