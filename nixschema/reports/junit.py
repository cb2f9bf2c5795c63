"""A report as JUnit XML: each file is a test suite, each rule that found something a test.

A rule whose findings are at least as grave as ``--fail-on`` says is a failed test, milder findings
are what a passed test printed. What could not be read is an error, what is not here is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from nixschema.findings import Finding, Level
from nixschema.reports.formats import Options
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.wording import tidy_path, told
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


def _suite(one: FileReport, threshold: Level) -> Iterator[str]:
    name = _attribute(told(tidy_path(one.path)))
    rules: dict[str, list[Finding]] = {}
    for finding in one.findings:
        if not finding.accepted:
            rules.setdefault(finding.rule, []).append(finding)
    tests = [_test(one, rule, found, threshold) for rule, found in rules.items()]
    if not tests or one.status in ("skipped", "absent"):
        tests.insert(0, _whole(one))
    counts = {
        "tests": len(tests),
        "failures": sum(kind == "failure" for kind, _, _ in tests),
        "errors": sum(kind == "error" for kind, _, _ in tests),
        "skipped": sum(kind == "skipped" for kind, _, _ in tests),
    }
    told_counts = " ".join(f'{key}="{number}"' for key, number in counts.items())
    yield f'  <testsuite name={name} {told_counts} time="{one.seconds:.3f}">'
    for kind, test, body in tests:
        case = f'    <testcase classname={name} name={_attribute(test)} time="0.000"'
        if kind == "passed" and not body:
            yield f"{case}/>"
            continue
        yield f"{case}>"
        if kind == "passed":
            yield f"      <system-out>{_text(body)}</system-out>"
        else:
            message = _attribute(body[0])
            yield f"      <{kind} type={_attribute(test)} message={message}>{_text(body)}</{kind}>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _test(
    one: FileReport, rule: str, found: list[Finding], threshold: Level
) -> tuple[str, str, list[str]]:
    """What came of a rule, its name, and what it says."""
    if one.status == "unreadable" and rule.startswith("NIX0"):
        kind = "error"
    elif one.status == "absent":
        kind = "passed"
    else:
        failed = any(finding.level.reaches(threshold) for finding in found)
        kind = "failure" if failed else "passed"
    graver = sorted(found, key=lambda finding: -finding.level.rank)
    body = [_sentence(finding) for finding in graver[:SHOWN]]
    if len(graver) > SHOWN:
        body.append(f"and {len(graver) - SHOWN:,} more")
    helps = dict.fromkeys(told(finding.help) for finding in graver[:SHOWN] if finding.help)
    body += [f"help: {one}" for one in helps]
    known = find_rule(rule)
    return kind, told(f"{rule}: {known.title.rstrip('.')}" if known else rule), body


def _whole(one: FileReport) -> tuple[str, str, list[str]]:
    """The one test of a file about which there is nothing to say, or that was not checked."""
    if one.status == "absent":
        return "skipped", "checked", ["its content is not here"]
    if one.status == "skipped":
        return "error", "checked", ["it could not be checked"]
    return "passed", "checked", []


def _sentence(finding: Finding) -> str:
    place = told(finding.path)
    if finding.line is not None:
        place = f"line {finding.line}, {place}"
    return f"{place}: {finding.level}: {told(finding.message)}"


def _text(body: list[str]) -> str:
    return escape("\n".join(body), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(text)
