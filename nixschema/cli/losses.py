"""What commands that write files tell on stderr: errors of the source, and what got lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nixschema.cli.exits import tell

if TYPE_CHECKING:
    from nixschema.findings import Finding
    from nixschema.writing import Conversion

F = TypeVar("F", bound=Callable[..., Any])

SHOWN = 3
"""Findings of one kind that are told."""


def telling_options(command: F) -> F:
    """How much is told: ``--verbose`` and ``--all``."""
    every = click.option("--all", "everything", is_flag=True, help="Tell losses like others too.")
    verbose = click.option(
        "-v",
        "--verbose",
        is_flag=True,
        help="Tell information, too; in folders, each file.",
    )
    return verbose(every(command))


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells what became of a file: a few findings of each kind, and how many there are more."""

    verbose: bool = False
    """Tell information, too."""
    everything: bool = False
    """Tell all findings of a kind."""

    def conversion(self, source: str, done: Conversion) -> None:
        """Tell what got lost, and count what is wrong with the source."""
        from nixschema.findings import Level
        from nixschema.reports.wording import count_text
        from nixschema.rules.odml_losses import LOST

        shown = [one for one in done.findings if self.verbose or one.level is not Level.INFO]
        for one in self._few(source, shown):
            if one.rule in LOST:
                tell(f"{source}: lost {one.path}: {one.rule} {one.level}: {one.message}")
            else:
                tell(f"{source}:{_place(one)} {one.rule} {one.level}: {one.message}")
                if one.help:
                    tell(f"    help: {one.help}")
        counts = [
            count_text(len(found), word)
            for found, word in ((done.errors, "error"), (done.repairs, "warning"))
            if found
        ]
        if counts:
            written = ", written as found" if done.errors else ""
            told = f"{source} has {' and '.join(counts)}{written}: `nixschema validate` tells"
            click.echo(told, err=True)
        if hidden := len(done.findings) - len(shown):
            pieces = count_text(hidden, "piece")
            tell(f"{source}: {pieces} of information about the target (-v shows it)")

    def refusal(self, source: str, findings: list[Finding]) -> None:
        """Tell each error at its line, and what to do about it."""
        from nixschema.reports.text import count_text

        for one in self._few(source, findings):
            tell(f"{source}:{_place(one)} {one.rule} {one.level}: {one.message}")
            if one.help:
                tell(f"    help: {one.help}")
        tell(f"Nothing was written: {count_text(len(findings), 'error')}.")

    def _few(self, source: str, findings: list[Finding]) -> Iterator[Finding]:
        """The first findings of each kind; the number of the rest is told behind them."""
        if self.everything:
            yield from findings
            return
        kinds = list(_kinds(findings))
        number = Counter(kinds)
        done: Counter[object] = Counter()
        for one, kind in zip(findings, kinds, strict=True):
            done[kind] += 1
            most = number[kind] if number[kind] <= SHOWN + 1 else SHOWN
            if done[kind] <= most:
                yield one
            if done[kind] == most and number[kind] > most:
                rest = number[kind] - most
                tell(f"{source}: and {rest:,} more of {one.rule} like this (--all shows them)")


def _kinds(findings: Iterable[Finding]) -> Iterator[tuple[object, ...]]:
    """What findings have in common with those that say the same, whatever they name."""
    from nixschema.reports.kinds import kind_of

    for one in findings:
        yield kind_of(one)[:3]


def _place(one: Finding) -> str:
    """Where a finding is: line and column of a text, or its path."""
    from nixschema.reports.wording import line_and_column

    return f"{line_and_column(one)}:" if one.line else f" {one.path}:"
