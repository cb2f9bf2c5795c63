"""A NIX file beside its description: lines for what is found, and where the two differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nixschema.array import Array
from nixschema.descriptions.description import Description, read_description
from nixschema.descriptions.lines import Lines
from nixschema.findings import Finding, Level
from nixschema.layout import FieldPlace, layout_of
from nixschema.model import File, Model
from nixschema.model.contrast import contrast, value_text
from nixschema.model.differences import Difference, Ignored, differences
from nixschema.model.lookup import nearest
from nixschema.rules.container import OpenFailure
from nixschema.rules.descriptions import Fault
from nixschema.rules.runner import Runner

DIFFERENCES = "NIX134"
"""Id of the rule that file and description agree."""

VALUES = "NIX135"
"""Id of the rule that their values do; it decides whether values are read."""

SHOWN = 20
"""Most differences that are told one by one."""

HELP = "mend the one that is wrong, or convert the description again"
"""What to do about differences; said once."""


def beside_description(
    findings: list[Finding],
    file: File | None,
    path: str,
    runner: Runner,
    *,
    allow_outside: bool = False,
) -> list[Finding]:
    """The findings about a file with the lines of its description, and what that brings.

    What is wrong with the description itself comes last, and else where the two differ: of a
    description that cannot be understood as it is meant, nobody knows what it would differ in.

    Args:
        findings: what was found in the file.
        file: its content; None where it could not be read.
        path: the description, as it is told.
        runner: the rules that are applied.
        allow_outside: whether data files of the description may lie outside its folder.
    """
    try:
        description = read_description(path, allow_outside=allow_outside)
    except OSError as error:
        kind = "permission" if isinstance(error, PermissionError) else "failed"
        reason = f"cannot be read: {error.strerror or error}"
        failed = runner.check_failure(OpenFailure(kind, reason))
        return findings + [replace(one, text=_readable(path)) for one in failed]
    shown = _readable(path)
    lines = description.lines
    found = [one if file is None else _located(one, file, lines, shown) for one in findings]
    faults = [_told(one, file, runner, shown) for one in description.faults]
    found += [one for one in faults if one is not None]
    if file is None or description.file is None or _is_wrong(description):
        return found
    for fault in _differences(file, description.file, lines, runner):
        told = _told(fault, file, runner, shown)
        if told is not None:
            found.append(told)
    return found


def _located(finding: Finding, file: File, lines: Lines | None, text: str) -> Finding:
    """A finding with the line of the description that it is about, where that has one."""
    if lines is None or not lines.has(finding.path):
        return finding
    line, column = lines.of(_spelled_out(finding, file))
    return replace(finding, text=text, line=line, column=column)


_NAMED_FIRST = re.compile(r"`(\w+)`")


def _spelled_out(finding: Finding, file: File) -> str:
    """The path of a finding, with the attribute that its message begins with."""
    model = nearest(file, finding.path)
    named = _NAMED_FIRST.match(finding.message)
    field = layout_of(type(model)).get(named[1]) if named is not None else None
    if field is None or field.has_path or model.path != finding.path:
        return finding.path
    return _joined(finding.path, field.name)


def _told(fault: Fault, file: File | None, runner: Runner, text: str) -> Finding | None:
    told = runner.tell(fault, None if file is None else nearest(file, fault.path))
    if told is None or (fault.rule in (DIFFERENCES, VALUES) and not fault.line):
        return told
    return replace(told, text=text)


def _is_wrong(description: Description) -> bool:
    from nixschema.rules.rule import find_rule

    rules = [find_rule(one) for one in {fault.rule for fault in description.faults}]
    return any(one is not None and one.level is Level.ERROR for one in rules)


def _differences(
    file: File, described: File, lines: Lines | None, runner: Runner
) -> Iterator[Fault]:
    """Where a file and what is described differ: the first, and how many there are."""
    applied = {one.id for one in runner.rules}
    if not applied & {DIFFERENCES, VALUES}:
        return
    ignored: list[Ignored] = ["id", "times"]
    if VALUES not in applied:
        ignored.append("values")
    count = 0
    for one in differences(file, described, ignore=ignored, by="name"):
        rule = VALUES if _is_about_values(one, file) else DIFFERENCES
        if rule not in applied:
            continue
        count += 1
        if count <= SHOWN:
            line, column = _place(one, lines)
            yield Fault(rule, line, column, _path(one), _sentence(one), None if count > 1 else HELP)
    if count > SHOWN:
        message = f"{count:,} differences from the description; the first {SHOWN} are told"
        yield Fault(DIFFERENCES, 0, 0, "/", message, "`nixschema diff` shows them all")


def _is_about_values(difference: Difference, file: File) -> bool:
    if difference.kind not in ("changed", "unreadable") or difference.field is None:
        return False
    model: Model = nearest(file, difference.path)
    return isinstance(model.__dict__.get(difference.field), Array)


def _path(difference: Difference) -> str:
    """The path of the part that differs, as findings have it."""
    part = _part(difference)
    if part is None or not part.has_path:
        return difference.path
    return _joined(difference.path, part.name)


def _part(difference: Difference) -> FieldPlace | None:
    """The field that differs."""
    if difference.field is None:
        return None
    from nixschema.model import MODELS

    model = next((one for one in MODELS if one.__name__ == difference.entity), None)
    return None if model is None else layout_of(model).get(difference.field.partition(".")[0])


def _place(difference: Difference, lines: Lines | None) -> tuple[int, int]:
    """Line and column of the description; zeros for what it does not have."""
    if lines is None or difference.kind == "removed":
        return 0, 0
    path = difference.other_path or difference.path
    part = _part(difference)
    return lines.of(path if part is None else _joined(path, part.name))


def _joined(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}"


def _sentence(one: Difference) -> str:
    match one.kind:
        case "added":
            return f"only the description has this {one.message}"
        case "removed":
            return f"only the file has this {one.message}"
        case "unreadable":
            return f"`{one.field}` cannot be compared with the description: {one.message}"
        case "changed" if one.field is not None and one.message == contrast(one.left, one.right):
            return f"`{one.field}` {_has(one.left)}; the description {_says(one.right)}"
    what = "it" if one.field is None else f"`{one.field}`"
    return f"{what} differs from the description (file -> description): {one.message}"


def _has(value: object) -> str:
    return "is not there" if value is None else f"is `{value_text(value)}`"


def _says(value: object) -> str:
    return "has none" if value is None else f"has `{value_text(value)}`"


def _readable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


__all__ = ["beside_description"]
