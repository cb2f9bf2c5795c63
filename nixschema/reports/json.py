"""A report as one JSON document, as ``schemas/report.schema.json`` describes it.

It is written file by file, so that reports of any size take little memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.reports.encoding import encoded
from nixschema.reports.formats import Options
from nixschema.reports.report import Record, Report
from nixschema.reports.results import Results


def lines(results: Results, options: Options | None = None) -> Iterator[str]:
    """The lines of the document."""
    yield "{"
    yield f'  "version": {Report.model_fields["version"].default},'
    yield f'  "tool": {_piece(results.tool, 2)},'
    before = '  "files": ['
    files = 0
    for files, one in enumerate(results.files, 1):
        yield before if files == 1 else f"{before},"
        before = f"    {_piece(one, 4)}"
    yield from (before, "  ],") if files else (f"{before}],",)
    yield f'  "summary": {_piece(results.summary, 2)}'
    yield "}"


def _piece(record: Record, column: int) -> str:
    # no line break can be inside a text of JSON, where it is spelled `\n`
    return encoded(record, indent=2).replace("\n", "\n" + " " * column)
