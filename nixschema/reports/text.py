"""A report for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nixschema.findings import Finding, Level
from nixschema.model.display import printable
from nixschema.reports.report import FileReport, Report

Style = Callable[[str, str], str]
"""Colours a text: (text, role) -> text; roles are error, warning, info, file, faint."""


def plain(text: str, role: str) -> str:
    """No colour."""
    return text


def text_report(report: Report, *, style: Style = plain, verbose: bool = False) -> Iterator[str]:
    """Lines of a report.

    Args:
        report: what to tell.
        style: colours.
        verbose: tell information too, and not only count it.
    """
    for one in report.files:
        shown = [
            finding
            for finding in one.findings
            if verbose or finding.level is not Level.INFO or one.status == "unreadable"
        ]
        if shown:
            yield style(printable(one.path), "file")
            for finding in shown:
                yield from _lines(finding, style)
            yield ""
    yield _summary(report, style, verbose)


def _lines(finding: Finding, style: Style) -> Iterator[str]:
    fixable = " [fixable]" if finding.fixable else ""
    level = style(str(finding.level), str(finding.level))
    path = printable(finding.path)
    yield f"  {path}  {finding.rule} {level}  {finding.message}{fixable}"
    if finding.help:
        yield style(f"      help: {finding.help}", "faint")


def _summary(report: Report, style: Style, verbose: bool) -> str:
    summary = report.summary
    grave = {Level.ERROR: summary.error, Level.WARNING: summary.warning}
    counts = [
        style(count_text(number, str(level)), str(level))
        for level, number in grave.items()
        if number
    ]
    checked = _checked(report)
    told = (
        f"{count_text(summary.info, 'piece')} of information{'' if verbose else ' (-v shows it)'}"
        if summary.info
        else ""
    )
    if not counts:
        end = f"; {told}" if told else ""
        return f"{style('No problems found', 'ok')} in {checked}{end}."
    affected = sum(_is_affected(one) for one in report.files)
    where = f"{affected:,} of {checked}" if summary.files > 1 else checked
    end = f" {told[:1].upper()}{told[1:]}." if told else ""
    fixable = sum(finding.fixable for finding in report.findings)
    fix = f" {fixable:,} fixable with `nixschema fix`." if fixable else ""
    return f"Found {' and '.join(counts)} in {where}.{fix}{end}"


def _is_affected(one: FileReport) -> bool:
    return any(finding.level is not Level.INFO for finding in one.findings)


def _checked(report: Report) -> str:
    summary = report.summary
    files = count_text(summary.files, "file")
    absent = f", {summary.not_checked:,} not checked" if summary.not_checked else ""
    entities = "1 entity" if summary.entities == 1 else f"{summary.entities:,} entities"
    return f"{files}{absent} ({entities}, {count_text(summary.rules, 'rule')})"


def count_text(number: int, word: str) -> str:
    """``1 error``, ``2,000 errors``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
