"""Findings that say the same, or nearly.

A mistake of a program is in every array that it wrote. Reports for people show a few of them and
count the rest, objects and files apart. Findings are alike when their words are, whatever the
numbers. What they name in backticks tells them apart as long as that is few things, such as the
fields that are missing; the names of a thousand arrays do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from nixschema.findings import Finding, Level
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.wording import told

Kind: TypeAlias = tuple[str, Level, str, str]
"""What findings that say the same have in common: the rule, the level, the words, and what they
name where that tells them apart."""

MOST_VARIANTS = 8
"""Most findings of the same words that are told apart by what they name."""

MOST_KINDS = 5000
"""Most kinds that are told apart by their words; hostile files could make any number."""

MOST_FILES = 10_000
"""Most files of which is remembered which kinds they have."""

_QUOTED = re.compile(r"`[^`]*`")
_NUMBER = re.compile(r"\d[\d,.]*")
_PLURAL = re.compile(r"(?<=\w)s\b")

LEVELS = (Level.ERROR, Level.WARNING, Level.INFO)
"""The levels, worst first."""


def kind_of(finding: Finding) -> Kind:
    """What a finding has in common with those that say the same of the same things."""
    message = told(finding.message, 500)
    words = _PLURAL.sub("", _NUMBER.sub("…", _QUOTED.sub("`", message)))
    return finding.rule, finding.level, words, " ".join(_QUOTED.findall(message))


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

    def add(self, one: FileReport, finding: Finding, *, new: bool) -> None:
        """Count a finding; ``new`` is whether it is the first of its kind in its file."""
        self.findings += 1
        self.files += new
        if self.first is None:
            self.first, self.first_file = finding, one.path


@dataclass(slots=True)
class _Words:
    """Findings of the same words: all of them, and by what they name while that is few things."""

    whole: Count = field(default_factory=Count)
    variants: dict[str, Count] | None = field(default_factory=dict)


class Census:
    """How often each kind of finding occurs in results."""

    def __init__(self, results: Results, chosen: Choice) -> None:
        """Count the findings that are told."""
        self._words: dict[Kind, _Words] = {}
        for one in results.files:
            seen: set[Kind] = set()
            for finding in one.findings:
                if chosen(one, finding):
                    self._add(one, finding, seen)

    def _add(self, one: FileReport, finding: Finding, seen: set[Kind]) -> None:
        *_, names = kind = kind_of(finding)
        kind = self._known(finding, kind)
        counted = self._words.setdefault(kind, _Words())
        counted.whole.add(one, finding, new=kind not in seen)
        seen.add(kind)
        if counted.variants is None:
            return
        if len(counted.variants) >= MOST_VARIANTS and names not in counted.variants:
            counted.variants = None
            return
        variant = (*kind[:3], names or " ")
        counted.variants.setdefault(names, Count()).add(one, finding, new=variant not in seen)
        seen.add(variant)

    def _known(self, finding: Finding, kind: Kind) -> Kind:
        """The words that a finding is counted under, whatever it names."""
        kind = (*kind[:3], "")
        if kind in self._words or len(self._words) < MOST_KINDS:
            return kind
        return finding.rule, finding.level, "", ""

    def kind(self, finding: Finding) -> Kind:
        """The kind that a finding is counted under."""
        *_, names = kind = kind_of(finding)
        kind = self._known(finding, kind)
        return kind if self._words[kind].variants is None else (*kind[:3], names)

    def __getitem__(self, kind: Kind) -> Count:
        counted = self._words[(*kind[:3], "")]
        return counted.whole if counted.variants is None else counted.variants[kind[3]]

    def worst_first(self) -> Iterator[tuple[Kind, Count]]:
        """The kinds: errors first, those in many files before those in few."""
        by_level = {level: place for place, level in enumerate(LEVELS)}
        counts: list[tuple[Kind, Count]] = []
        for kind, counted in self._words.items():
            if counted.variants is None:
                counts.append((kind, counted.whole))
            else:
                counts += (((*kind[:3], names), one) for names, one in counted.variants.items())
        yield from sorted(
            counts,
            key=lambda item: (by_level[item[0][1]], -item[1].files, -item[1].findings, item[0]),
        )


def in_file(one: FileReport, census: Census, chosen: Choice) -> dict[Kind, list[Finding]]:
    """The findings about a file by their kind, in order of their first."""
    found: dict[Kind, list[Finding]] = {}
    for finding in one.findings:
        if chosen(one, finding):
            found.setdefault(census.kind(finding), []).append(finding)
    return found
