"""The formats a report is written in: their names, and the one way to all of them.

Importing this module is cheap: that of a format is imported when the format is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from nixschema.reports.styles import Style, plain

if TYPE_CHECKING:
    from nixschema.reports.results import Results

FORMATS: Mapping[str, str] = {
    "text": "for people",
    "concise": "one line a finding",
    "json": "everything, as one document",
    "jsonl": "everything, one line a file",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for test reports",
    "github": "annotations of a GitHub Actions step",
    "gitlab": "GitLab code quality",
    "markdown": "a comment on a pull request",
    "badge": "a badge: JSON for shields.io, or SVG in a file named `*.svg`",
}
"""Names of the formats, and what they are for."""

FORMAT_NAMES: tuple[str, ...] = tuple(FORMATS)
"""Names of the formats."""

_SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".sarif": "sarif",
    ".xml": "junit",
    ".md": "markdown",
    ".svg": "badge",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader of the report asked for; formats take what concerns them."""

    style: Style = plain
    """Colours, for text."""
    verbose: bool = False
    """Whether to show information and accepted findings too, where they are only counted."""
    everything: bool = False
    """Whether to show findings that are like others one by one, where they are folded."""
    fail_on: str = "error"
    """From which level on a finding is a failure, for formats that tell failures: a level, or
    ``never``, which leaves it at errors."""
    target: str | None = None
    """The file that is written, where it is one."""
    quiet: bool = False
    """Whether to show findings only, without the counts."""


def lines(results: Results, format_name: str, options: Options | None = None) -> Iterator[str]:
    """The lines of a report, without their ends.

    Args:
        results: what to tell.
        format_name: one of `FORMAT_NAMES`.
        options: what was asked for.
    """
    module = import_module(f"nixschema.reports.{format_name}")
    write = cast("Callable[[Results, Options], Iterator[str]]", module.lines)
    return write(results, options or Options())


def format_of(path: str) -> str | None:
    """The format that the name of a file asks for, or None."""
    return _SUFFIXES.get(os.path.splitext(path)[1].lower())
