"""A report as JSON lines: one record a file, and the summary last.

Every line stands by itself, so it can be written as soon as a file is checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.reports.encoding import encoded
from nixschema.reports.formats import Options
from nixschema.reports.report import FileReport, Report, Summary, Tool
from nixschema.reports.results import Results


def lines(results: Results, options: Options | None = None) -> Iterator[str]:
    """The lines of the report."""
    for one in results.files:
        yield file_line(one)
    yield summary_line(results.summary, results.tool)


def file_line(one: FileReport) -> str:
    """The line about a file."""
    return encoded(one)


def summary_line(summary: Summary, tool: Tool | None = None) -> str:
    """The last line: counts over all files, and the program that checked."""
    version = Report.model_fields["version"].default
    head = f'{{"version":{version},"tool":{encoded(tool or Tool())}'
    return f'{head},"summary":{encoded(summary)}}}'
