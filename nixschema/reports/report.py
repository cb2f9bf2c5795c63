"""The result of checking files, as a record.

Later versions add fields and never change one; readers ignore what they do not know.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from nixschema.findings import Finding, Level

Status: TypeAlias = Literal["ok", "findings", "unreadable", "absent", "skipped"]
"""What came of a file."""


@cache
def _own_version() -> str:
    return version("nixschema")


class Record(BaseModel):
    """What all records of a report share: their docstrings are their descriptions."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Tool(Record):
    """The program that checked."""

    name: str = "nixschema"
    """Its name."""
    version: str = Field(default_factory=_own_version)
    """Its version."""


class FileReport(Record):
    """What there is to say about one file."""

    path: str
    """The file as it was named or found."""
    status: Status
    """`ok`: nothing found. `findings`: something found. `unreadable`: the file could not be read.
    `absent`: its content is not here. `skipped`: not checked."""
    format: str | None = None
    """Format of the content, such as `nix`; null where it cannot be told."""
    format_version: str | None = None
    """Version of the format."""
    entities: int = 0
    """How many entities were checked."""
    seconds: float = 0.0
    """How long it took."""
    findings: list[Finding] = Field(default_factory=list)
    """What was found, in order of the file."""


class Summary(Record):
    """Counts over all files."""

    files: int = 0
    """Files named or found."""
    checked: int = 0
    """Files that were checked."""
    not_checked: int = 0
    """Files that were not, because they are absent or were skipped."""
    entities: int = 0
    """Entities checked."""
    rules: int = 0
    """Rules applied."""
    error: int = 0
    """Findings of level error."""
    warning: int = 0
    """Findings of level warning."""
    info: int = 0
    """Findings of level info."""


class Report(Record):
    """The result of checking one or more files."""

    version: Literal[1] = 1
    """Version of this layout."""
    tool: Tool = Field(default_factory=Tool)
    """The program that checked."""
    files: list[FileReport] = Field(default_factory=list)
    """The files, in the order in which they were named or found."""
    summary: Summary = Field(default_factory=Summary)
    """Counts over all files."""

    @classmethod
    def of(cls, files: list[FileReport], *, rules: int) -> Report:
        """Gather the reports of files, and count."""
        levels = [finding.level for one in files for finding in one.findings]
        not_checked = sum(one.status in ("absent", "skipped") for one in files)
        summary = Summary(
            files=len(files),
            checked=len(files) - not_checked,
            not_checked=not_checked,
            entities=sum(one.entities for one in files),
            rules=rules,
            error=levels.count(Level.ERROR),
            warning=levels.count(Level.WARNING),
            info=levels.count(Level.INFO),
        )
        return cls(files=files, summary=summary)

    @property
    def findings(self) -> list[Finding]:
        """The findings about all files."""
        return [finding for one in self.files for finding in one.findings]

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return self.summary.error == 0

    def reaches(self, threshold: Level) -> bool:
        """Whether there is a finding at least as grave as ``threshold``."""
        return any(finding.level.reaches(threshold) for finding in self.findings)

    def to_json(self) -> str:
        """The report as JSON, as ``schemas/report.schema.json`` describes it."""
        return json.dumps(self.model_dump(mode="python"), indent=2, ensure_ascii=False)


def report_schema() -> dict[str, Any]:
    """JSON Schema of a report."""
    schema = Report.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nixschema report",
        **{key: value for key, value in schema.items() if key != "title"},
    }
