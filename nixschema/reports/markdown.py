"""A report as a comment on a pull request.

What comes from the files is shown as code or with every mark of Markdown spelled out, so that a
name in a file can neither mention anybody nor break a table. It stays below the 65,536 characters
that GitHub takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.reports.formats import Options
from nixschema.reports.kinds import Census, Choice, Count, Kind, alarming, in_file, not_accepted
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results
from nixschema.reports.wording import count_text, joined, place_in_text, tidy_path, told

LONGEST = 60_000
"""Most characters; GitHub takes 65,536 of a comment."""

MOST_ROWS = 20
"""Most kinds of findings in the table, and in the list of a file."""

MOST_OF_A_KIND = 5
"""Most findings of one kind that are listed of a file."""

WIDTH = 200
"""Most letters of a name or sentence."""

_MARKS = re.compile(r"[&<>`*_\[\]|~\\@#:$!{}]")
_QUOTED = re.compile(r"`([^`]*)`")


def lines(results: Results, options: Options) -> Iterator[str]:
    """The lines of the comment."""
    chosen: Choice = not_accepted if options.verbose else alarming
    census = Census(results, chosen)
    left = LONGEST
    for line in (*_head(results), *_table(census)):
        left -= len(line) + 1
        yield line
    yield from _details(results, census, chosen, left)


def _head(results: Results) -> Iterator[str]:
    summary = results.summary
    counts = [
        f"{mark} **{count_text(number, word)}**"
        for mark, number, word in (
            ("❌", summary.error, "error"),
            ("⚠️", summary.warning, "warning"),
        )
        if number
    ]
    yield f"### nixschema: {' '.join(counts) if counts else '✅ no problems found'}"
    yield ""
    notes = [f"{count_text(summary.files, 'file')}"]
    if summary.not_checked:
        notes.append(f"{summary.not_checked:,} not checked")
    notes.append("1 entity" if summary.entities == 1 else f"{summary.entities:,} entities")
    notes.append(count_text(summary.rules, "rule"))
    if summary.info:
        notes.append(f"{count_text(summary.info, 'piece')} of information")
    by_schemas = summary.accepted_by
    notes += [f"{count:,} accepted by {told(name)}" for name, count in by_schemas.items()]
    accepted = summary.accepted - sum(by_schemas.values())
    baseline = [f"{accepted:,} accepted"] if accepted else []
    if summary.fixed:
        baseline.append(f"{summary.fixed:,} fixed")
    if baseline:
        notes.append(f"baseline: {joined(baseline)}")
    yield " · ".join(notes)


def _table(census: Census) -> Iterator[str]:
    kinds = list(census.worst_first())
    if not kinds:
        return
    yield ""
    yield "| | rule | what | where | how often |"
    yield "|---|---|---|---|---|"
    shown = 0
    left = LONGEST // 2
    for kind, count in kinds[:MOST_ROWS]:
        row = _row(kind, count)
        left -= len(row)
        if left < 0:
            break
        shown += 1
        yield row
    if len(kinds) > shown:
        yield ""
        yield f"and {count_text(len(kinds) - shown, 'other kind')} of findings"


def _row(kind: Kind, count: Count) -> str:
    finding = count.first
    assert finding is not None
    where = f"{_code(tidy_path(count.first_file))}<br>{_code(place_in_text(finding))}"
    often = f"{count.findings:,}"
    if count.files > 1:
        often += f" in {count.files:,} files"
    cells = (_MARKED[kind[1]], _plain(kind[0]), _sentence(finding.message), where, often)
    return f"| {' | '.join(cells)} |"


_MARKED = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.INFO: "💡"}


def _details(results: Results, census: Census, chosen: Choice, left: int) -> Iterator[str]:
    """The findings of each file, folded; as many files as there is room for."""
    shown = untold = 0
    for one in results.files:
        if not any(chosen(one, finding) for finding in one.findings):
            continue
        text = [] if untold else list(_of_file(one, census, chosen))
        length = sum(len(line) + 1 for line in text)
        if untold or length > left:
            untold += 1
            continue
        left -= length
        shown += 1
        yield from text
    if untold:
        yield ""
        other = "other " if shown else ""
        yield f"No room for the findings about {count_text(untold, f'{other}file')}."


def _of_file(one: FileReport, census: Census, chosen: Choice) -> Iterator[str]:
    kinds = in_file(one, census, chosen)
    if not kinds:
        return
    number = count_text(sum(map(len, kinds.values())), "finding")
    yield ""
    yield f"<details><summary>{_code(tidy_path(one.path))}: {number}</summary>"
    yield ""
    for findings in list(kinds.values())[:MOST_ROWS]:
        for finding in findings[:MOST_OF_A_KIND]:
            mark = _MARKED[finding.level]
            fixable = " (fixable)" if finding.fixable else ""
            yield (
                f"- {mark} {_plain(finding.rule)} {_code(place_in_text(finding))}: "
                f"{_sentence(finding.message)}{fixable}"
            )
        if len(findings) > MOST_OF_A_KIND:
            yield f"- and {len(findings) - MOST_OF_A_KIND:,} more like this"
        if findings[0].help:
            yield f"  - help: {_sentence(findings[0].help)}"
    if len(kinds) > MOST_ROWS:
        yield f"- and {count_text(len(kinds) - MOST_ROWS, 'other kind')} of findings"
    yield ""
    yield "</details>"


def _sentence(text: str) -> str:
    """A sentence in which names stand in backticks."""
    parts = _QUOTED.split(told(text, WIDTH))
    return "".join(
        (_code(part) if part else "&#96;&#96;") if place % 2 else _plain(part)
        for place, part in enumerate(parts)
    )


def _code(text: str) -> str:
    return f"<code>{_spelled(told(text, WIDTH))}</code>"


def _plain(text: str) -> str:
    """Text that is neither marked up nor linked: a mention is cut by a space without width."""
    spelled = _spelled(told(text, WIDTH)).replace("www.", "www&#46;")
    return re.sub(r"(&#64;|&#35;)(?=\w)", r"\1&#8203;", spelled)


def _spelled(text: str) -> str:
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)
