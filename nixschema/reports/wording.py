"""Words and places in reports: on one line, bounded, and harmless to a terminal."""

from __future__ import annotations

import os

from nixschema.findings import Finding
from nixschema.model.display import printable

LONGEST = 1000
"""Most letters of a text that is shown."""


def told(text: str, width: int = LONGEST) -> str:
    """A text on one line: control characters are spelled out, and the end of long ones is cut."""
    line = printable(text[: width + 1])
    return line if len(line) <= width else f"{line[: width - 1]}…"


def file_name(path: str) -> str:
    """The name of a file at the start of a line, where a CI system looks for commands."""
    name = told(path)
    return f"./{name}" if name.lstrip().startswith(("::", "##")) else name


def fixable_note(finding: Finding) -> str:
    """What is said behind a finding that can be mended; nothing of others."""
    if not finding.fixable:
        return ""
    return " [fixable with --unsafe]" if finding.fix == "unsafe" else " [fixable]"


def accepted_note(finding: Finding) -> str:
    """What is said behind a finding that is accepted, and why; nothing of others."""
    if not finding.accepted:
        return ""
    return f" [accepted: {told(finding.reason)}]" if finding.reason else " [accepted]"


def line_and_column(finding: Finding) -> str:
    """Where in a text file a finding is: ``12:5``, or ``12`` without a column."""
    return f"{finding.line}" if finding.column is None else f"{finding.line}:{finding.column}"


def file_of(file: str, finding: Finding) -> str:
    """The file that people look into because of a finding: the text that it is about, if any."""
    return file if finding.text is None else finding.text


def place_in_text(finding: Finding) -> str:
    """Where a finding is, in words: its path, behind the line of a text, and the text if needed."""
    place = told(finding.path)
    if finding.line is not None:
        place = f"line {finding.line}, {place}"
    return place if finding.text is None else f"{told(tidy_path(finding.text))} {place}"


def tidy_path(path: str) -> str:
    """A path as CI systems match it: with ``/``, relative to the current folder where inside."""
    path = os.path.normpath(path)
    if os.path.isabs(path):
        here = os.path.join(os.getcwd(), "")
        if path.startswith(here):
            path = path[len(here) :]
    return path.replace(os.sep, "/")


def count_text(number: int, word: str) -> str:
    """``1 error``, ``2,000 errors``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def joined(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])
