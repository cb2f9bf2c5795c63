"""A report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nixschema.findings import Finding, Level
from nixschema.reports.formats import Options
from nixschema.reports.kinds import Census, Choice, Kind, alarming, everything
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.styles import Style, plain
from nixschema.reports.wording import (
    accepted_note,
    count_text,
    file_name,
    fixable_note,
    joined,
    line_and_column,
    told,
)

__all__ = ["Style", "count_text", "lines", "plain"]

SHOWN = 3
"""Findings of one kind that are shown of a file, and files in which one kind is shown."""


def lines(results: Results, options: Options) -> Iterator[str]:
    """The lines of the report."""
    yield from _Text(results, options).lines()


class _Text:
    """What is known while the lines are written."""

    def __init__(self, results: Results, options: Options) -> None:
        self._results = results
        self._options = options
        self._style = options.style
        self._chosen: Choice = everything if options.verbose else alarming
        self._census = None if options.everything else Census(results, self._chosen)
        self._files_shown: Counter[Kind] = Counter()
        self._affected = self._fixable = self._unsafe = self._folded = 0

    def lines(self) -> Iterator[str]:
        for one in self._results.files:
            self._count(one)
            shown = list(self._of_file(one))
            if shown:
                yield self._style(file_name(one.path), "file")
                yield from shown
                yield ""
        if not self._options.quiet:
            yield self._summary()

    def _count(self, one: FileReport) -> None:
        counting = [finding for finding in one.findings if not finding.accepted]
        self._affected += any(finding.level is not Level.INFO for finding in counting)
        fixable = [
            finding for finding in counting if finding.fixable and self._chosen(one, finding)
        ]
        unsafe = sum(finding.fix == "unsafe" for finding in fixable)
        self._unsafe += unsafe
        self._fixable += len(fixable) - unsafe

    def _of_file(self, one: FileReport) -> Iterator[str]:
        found = [finding for finding in one.findings if self._chosen(one, finding)]
        census = self._census
        if census is None:
            for finding in found:
                yield from self._finding(finding)
            return
        kinds = [census.kind(finding) for finding in found]
        here = Counter(kinds)
        hidden = {kind for kind in here if self._is_told_elsewhere(kind, census)}
        self._files_shown.update(set(here) - hidden)
        self._folded += sum(here[kind] for kind in hidden)
        done: Counter[Kind] = Counter()
        advice: set[tuple[Kind, str | None]] = set()
        for finding, kind in zip(found, kinds, strict=True):
            if kind in hidden:
                continue
            done[kind] += 1
            most = here[kind] if here[kind] <= SHOWN + 1 else SHOWN
            if done[kind] <= most:
                yield from self._finding(finding, advised=(kind, finding.help) in advice)
                advice.add((kind, finding.help))
            if done[kind] == most:
                yield from self._more(kind, here[kind] - most, census)

    def _is_told_elsewhere(self, kind: Kind, census: Census) -> bool:
        return census[kind].files > SHOWN + 1 and self._files_shown[kind] >= SHOWN

    def _more(self, kind: Kind, here: int, census: Census) -> Iterator[str]:
        if here:
            self._folded += here
            yield self._style(f"      and {here:,} more like this in this file", "faint")
        files = census[kind].files
        if files > SHOWN + 1 and self._files_shown[kind] == SHOWN:
            rest = count_text(files - SHOWN, "other file")
            yield self._style(f"      … and in {rest}", "faint")

    def _finding(self, finding: Finding, *, advised: bool = False) -> Iterator[str]:
        notes = fixable_note(finding)
        notes += accepted_note(finding)
        level = self._style(str(finding.level), str(finding.level))
        rule, path, message = told(finding.rule), told(finding.path), told(finding.message)
        where = [] if finding.text is None else [file_name(finding.text)]
        where += [] if finding.line is None else [line_and_column(finding)]
        if where:
            path = f"{':'.join(where)}  {path}"
        yield f"  {path}  {rule} {level}  {message}{notes}"
        if finding.help and not advised:
            yield self._style(f"      help: {told(finding.help)}", "faint")
        if finding.schema is not None and not advised:
            says = "accepted by" if finding.accepted and finding.reason else "schema"
            yield self._style(f"      {says}: {told(str(finding.schema))}", "faint")

    def _summary(self) -> str:
        summary = self._results.summary
        verbose = self._options.verbose
        grave = {Level.ERROR: summary.error, Level.WARNING: summary.warning}
        counts = [
            self._style(count_text(number, str(level)), str(level))
            for level, number in grave.items()
            if number
        ]
        checked = self._checked()
        information = (
            f"{count_text(summary.info, 'piece')} of information"
            f"{'' if verbose else ' (-v shows it)'}"
            if summary.info
            else ""
        )
        if not counts:
            end = f"; {information}" if information else ""
            found = f"{self._style('No problems found', 'ok')} in {checked}{end}."
        else:
            where = f"{self._affected:,} of {checked}" if summary.files > 1 else checked
            found = f"Found {' and '.join(counts)} in {where}."
        more = [
            self._mendable(),
            f"{information[:1].upper()}{information[1:]}" if counts else "",
            self._by_schemas(),
            self._against_baseline(),
            f"{self._folded:,} like others not shown (--all shows them)" if self._folded else "",
        ]
        return " ".join([found, *(f"{one}." for one in more if one)])

    def _mendable(self) -> str:
        if not self._unsafe:
            return f"{self._fixable:,} fixable with `nixschema fix`" if self._fixable else ""
        if not self._fixable:
            return f"{self._unsafe:,} fixable with `nixschema fix --unsafe`"
        safe = f"{self._fixable:,} fixable with `nixschema fix`"
        return f"{safe}, {self._unsafe:,} more with `--unsafe`"

    def _by_schemas(self) -> str:
        counts = self._results.summary.accepted_by
        return joined([f"{count:,} accepted by {told(name)}" for name, count in counts.items()])

    def _against_baseline(self) -> str:
        summary = self._results.summary
        accepted = summary.accepted - sum(summary.accepted_by.values())
        parts = [f"{accepted:,} accepted"] if accepted else []
        if summary.fixed:
            parts.append(f"{summary.fixed:,} fixed")
        return f"Baseline: {joined(parts)}" if parts else ""

    def _checked(self) -> str:
        summary = self._results.summary
        files = count_text(summary.files, "file")
        absent = f", {summary.not_checked:,} not checked" if summary.not_checked else ""
        entities = "1 entity" if summary.entities == 1 else f"{summary.entities:,} entities"
        return f"{files}{absent} ({entities}, {count_text(summary.rules, 'rule')})"
