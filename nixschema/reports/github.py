"""A report as annotations of a GitHub Actions step.

GitHub shows ten annotations of each level in a step and drops the others without a word. So the
worst come first, findings of one kind are one annotation, and the last line counts what is not
shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.reports.formats import Options
from nixschema.reports.kinds import LEVELS, Census, Choice, Kind, alarming, not_accepted
from nixschema.reports.results import Results
from nixschema.reports.wording import count_text, file_of, joined, tidy_path, told
from nixschema.reports.worst import Told, more_like_this, worst_first

SHOWN = 10
"""Annotations of one level that GitHub shows in a step."""

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def lines(results: Results, options: Options) -> Iterator[str]:
    """The workflow commands, errors first, and a line about what they do not show."""
    chosen: Choice = not_accepted if options.verbose else alarming
    census = Census(results, chosen)
    shown = dict.fromkeys(LEVELS, 0)
    for one, elsewhere in _annotations(results, census, chosen):
        shown[one.first.level] += 1
        yield _command(one, elsewhere)
    yield _summary(results, shown)


def _annotations(results: Results, census: Census, chosen: Choice) -> Iterator[tuple[Told, int]]:
    """What is shown, and in how many other files there is more of it.

    Of each level one of every kind comes first, then those of other files.
    """
    firsts: dict[Level, list[tuple[Told, int]]] = {level: [] for level in LEVELS}
    others: dict[Level, list[tuple[Told, int]]] = {level: [] for level in LEVELS}
    seen: set[Kind] = set()
    for one in worst_first(results, chosen, folded=census):
        kind = census.kind(one.first)
        level = one.first.level
        if kind not in seen and len(firsts[level]) < SHOWN:
            seen.add(kind)
            firsts[level].append((one, census[kind].files - 1))
        elif kind in seen and len(others[level]) < SHOWN:
            others[level].append((one, 0))
    for level in LEVELS:
        yield from (firsts[level] + others[level])[:SHOWN]


def _command(one: Told, elsewhere: int) -> str:
    finding = one.first
    properties = {"file": told(tidy_path(file_of(one.file.path, finding)))}
    if finding.line is not None:
        properties["line"] = str(finding.line)
        if finding.column is not None:
            properties["col"] = str(finding.column)
    properties["title"] = told(f"{finding.rule}: {finding.path}", 250)
    parts = [told(finding.message) + more_like_this(len(one.findings))]
    if elsewhere:
        parts.append(f"Also in {count_text(elsewhere, 'other file')}.")
    if finding.help:
        parts.append(f"Help: {told(finding.help)}")
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {named}::{_data(chr(10).join(parts))}"


def _summary(results: Results, shown: dict[Level, int]) -> str:
    summary = results.summary
    files = count_text(summary.files, "file")
    found = {Level.ERROR: summary.error, Level.WARNING: summary.warning, Level.INFO: summary.info}
    words = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "piece"}
    counts = [
        count_text(number, words[level]) + (" of information" if level is Level.INFO else "")
        for level, number in found.items()
        if number
    ]
    if not counts:
        return f"nixschema: no problems found in {files}."
    above = count_text(sum(shown.values()), "annotation")
    return f"nixschema: {joined(counts)} in {files}; {above} above, worst first."


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
