"""Findings that say the same: alike but for names, values and numbers.

A mistake of a program is in every array that it wrote. Reports for people show a few of them and
count the rest, objects and files apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nixschema.findings import Finding, Level
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.wording import told

Kind: TypeAlias = tuple[str, Level, str]
"""What findings that say the same have in common: the rule, the level and the words."""

MOST_KINDS = 5000
"""Most kinds that are told apart by their words; hostile files could make any number."""

MOST_FILES = 10_000
"""Most files of which is remembered which kinds they have."""

_VARYING = re.compile(r"`[^`]*`|\d[\d,.]*")
_PLURAL = re.compile(r"(?<=\w)s\b")

LEVELS = (Level.ERROR, Level.WARNING, Level.INFO)
"""The levels, worst first."""


def kind_of(finding: Finding) -> Kind:
    """What a finding has in common with those that say the same."""
    words = _VARYING.sub("…", told(finding.message, 500))
    return finding.rule, finding.level, _PLURAL.sub("", words)


def everything(one: FileReport, finding: Finding) -> bool:
    """Every finding is told."""
    return True


def not_accepted(one: FileReport, finding: Finding) -> bool:
    """What no baseline accepts is told."""
    return not finding.accepted


def accepted(one: FileReport, finding: Finding) -> bool:
    """What a baseline accepts is told."""
    return finding.accepted


def alarming(one: FileReport, finding: Finding) -> bool:
    """What is no information and not accepted is told, and why a file cannot be read."""
    return not finding.accepted and (finding.level is not Level.INFO or one.status == "unreadable")


Choice: TypeAlias = Callable[[FileReport, Finding], bool]
"""Which findings are told."""


@dataclass(slots=True)
class Count:
    """How often a kind of finding occurs."""

    findings: int = 0
    files: int = 0
    first_file: str = ""
    first: Finding | None = None


class Census:
    """How often each kind of finding occurs in results."""

    def __init__(self, results: Results, chosen: Choice) -> None:
        """Count the findings that are told."""
        self._counts: dict[Kind, Count] = {}
        for one in results.files:
            seen: set[Kind] = set()
            for finding in one.findings:
                if not chosen(one, finding):
                    continue
                kind = self.kind(finding)
                count = self._counts.setdefault(kind, Count())
                count.findings += 1
                if kind not in seen:
                    seen.add(kind)
                    count.files += 1
                if count.first is None:
                    count.first, count.first_file = finding, one.path

    def kind(self, finding: Finding) -> Kind:
        """The kind that a finding is counted under."""
        kind = kind_of(finding)
        if kind in self._counts or len(self._counts) < MOST_KINDS:
            return kind
        return finding.rule, finding.level, ""

    def __getitem__(self, kind: Kind) -> Count:
        return self._counts[kind]

    def worst_first(self) -> Iterator[tuple[Kind, Count]]:
        """The kinds: errors first, those in many files before those in few."""
        by_level = {level: place for place, level in enumerate(LEVELS)}
        yield from sorted(
            self._counts.items(),
            key=lambda item: (by_level[item[0][1]], -item[1].files, -item[1].findings, item[0]),
        )


def in_file(one: FileReport, census: Census, chosen: Choice) -> dict[Kind, list[Finding]]:
    """The findings about a file by their kind, in order of their first."""
    found: dict[Kind, list[Finding]] = {}
    for finding in one.findings:
        if chosen(one, finding):
            found.setdefault(census.kind(finding), []).append(finding)
    return found
