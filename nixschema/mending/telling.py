"""What was mended, for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from nixschema.findings import Finding, Level
from nixschema.mending.mend import Mended
from nixschema.model.display import printable
from nixschema.reports.diff import diff_text
from nixschema.reports.text import Style, count_text, plain
from nixschema.reports.wording import file_name, told

_TOLD = 50
"""How many changes of the storage alone are told one by one."""


def mended_text(one: Mended, *, style: Style = plain, verbose: bool = False) -> Iterator[str]:
    """Lines that tell what was mended in a file, and what is left of errors and warnings.

    Args:
        one: what became of the file.
        style: colours.
        verbose: tell information that is left too.
    """
    left = [finding for finding in one.remaining if verbose or finding.level is not Level.INFO]
    if one.fixed or left:
        yield style(file_name(one.path), "file")
    for finding in one.fixed:
        yield _line(finding, style("fixed", "ok"))
    for finding in left:
        yield _line(finding, style(str(finding.level), str(finding.level)))
    if one.fixed or left:
        yield ""


def _line(finding: Finding, state: str) -> str:
    return f"  {told(finding.path)}  {finding.rule} {state}  {told(finding.message)}"


def summary_text(results: list[Mended], *, unsafe: bool, style: Style = plain) -> str:
    """One line about all files."""
    fixed = sum(len(one.fixed) for one in results)
    changed = sum(one.is_changed for one in results)
    files = count_text(len(results), "file")
    left = [finding for one in results for finding in one.remaining]
    counts = []
    for level in (Level.ERROR, Level.WARNING):
        number = sum(finding.level is level for finding in left)
        if number:
            counts.append(style(count_text(number, str(level)), str(level)))
    where = files if len(results) == 1 else f"{changed:,} of {files}"
    done = (
        f"Fixed {count_text(fixed, 'finding')} in {where}"
        if changed
        else f"Nothing to fix in {files}"
    )
    rest = f"; {' and '.join(counts)} left" if counts else ""
    more = sum(one.unsafe for one in results)
    hint = f" {more:,} more can be mended with --unsafe." if more and not unsafe else ""
    return f"{style(done, 'ok')}{rest}.{hint}"


def preview_text(one: Mended, *, style: Style = plain) -> Iterator[str]:
    """Lines that tell what mending would change in a file: the differences, then the storage.

    Args:
        one: what would become of the file.
        style: colours.
    """
    if not one.is_changed or one.models is None:
        return
    names = (one.path, f"{one.path} (fixed)")
    lines = list(diff_text(one.differences, one.models, names, style=style))
    if one.differences:
        yield from lines[:-2]
    else:
        yield style(file_name(f"{names[0]} -> {names[1]}"), "file")
    shown = {(difference.path, difference.field) for difference in one.differences}
    hidden = [change for change in one.changes if not _is_told(change, shown)]
    for path, changes in groupby(hidden[:_TOLD], key=itemgetter(0)):
        yield f"  {printable(path)}"
        for _, words in changes:
            yield f"      {style('stored otherwise', 'faint')}  {printable(words)}"
    if len(hidden) > _TOLD:
        yield f"  and {len(hidden) - _TOLD:,} more changes of how things are stored"
    yield ""


def _is_told(change: tuple[str, str], told: set[tuple[str, str | None]]) -> bool:
    """Whether a change shows in the models: the field that it names differs there."""
    path, words = change
    named = words.split("`")[1] if "`" in words else ""
    names = {"id": "id", "entity_id": "id"}
    return any(
        (place == path or place.startswith(f"{path}/") or path.startswith(f"{place}/"))
        and (one is None or one.split(".")[0] in (named, names.get(named, named)) or named in one)
        for place, one in told
    )


def preview_summary(results: list[Mended], *, unsafe: bool, style: Style = plain) -> str:
    """One line about what would be mended in all files."""
    fixed = sum(len(one.fixed) for one in results)
    changed = sum(one.is_changed for one in results)
    files = count_text(len(results), "file")
    if not changed:
        return f"{style('Nothing would change', 'ok')} in {files}."
    where = files if len(results) == 1 else f"{changed:,} of {files}"
    more = sum(one.unsafe for one in results)
    hint = f" {more:,} more can be mended with --unsafe." if more and not unsafe else ""
    return f"Would fix {style(count_text(fixed, 'finding'), 'warning')} in {where}.{hint}"
