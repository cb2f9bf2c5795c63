"""The result of checking files, as a record.

Later versions add fields and never change one; readers ignore what they do not know.
"""

from __future__ import annotations

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


def _library_versions() -> dict[str, str]:
    from nixschema.storage.libraries import library_versions

    return dict(library_versions())


class Tool(Record):
    """The program that checked."""

    name: str = "nixschema"
    """Its name."""
    version: str = Field(default_factory=_own_version)
    """Its version."""
    rules: str = Field(default_factory=_own_version)
    """Version of its rules: that of the program, or an older one that was asked for."""
    libraries: dict[str, str] = Field(default_factory=_library_versions)
    """Versions of what it reads files with: `python`, `h5py`, `hdf5`, `numpy`, `pydantic`."""


class FileReport(Record):
    """What there is to say about one file."""

    model_config = ConfigDict(allow_inf_nan=False)

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
    size: int | None = None
    """Size of the file in bytes; null where it cannot be told."""
    id: str | None = None
    """Id that the file has in NIX; null where it has none."""
    modified: str | None = None
    """When the file was changed last, in UTC, to the nanosecond; null where it cannot be told."""
    checks: str | None = None
    """Digest of what it was checked with and for: program, libraries, rules, options and settings.
    Results of equal digests can be compared."""
    sha256: str | None = None
    """SHA-256 of the file as 64 hexadecimal digits, where it was asked for."""
    seconds: float = 0.0
    """How long it took."""
    findings: list[Finding] = Field(default_factory=list)
    """What was found, in order of the file."""


class Summary(Record):
    """Counts over all files."""

    model_config = ConfigDict(allow_inf_nan=False)

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
    """Findings of level error, without those that are accepted."""
    warning: int = 0
    """Findings of level warning, without those that are accepted."""
    info: int = 0
    """Findings of level info, without those that are accepted."""
    accepted: int = 0
    """Findings that a baseline or a schema accepts: they do not count."""
    accepted_by: dict[str, int] = Field(default_factory=dict)
    """How many of them each schema accepts, by its id."""
    fixed: int | None = None
    """Findings that the baseline has and that are no more; null without a baseline."""
    seconds: float = 0.0
    """How long all of it took."""

    def add(self, one: FileReport) -> None:
        """Count a file and what was found in it."""
        self.files += 1
        if one.status in ("absent", "skipped"):
            self.not_checked += 1
        else:
            self.checked += 1
        self.entities += one.entities
        for finding in one.findings:
            if finding.accepted:
                self.accepted += 1
                if finding.baseline is None and finding.schema is not None:
                    name = finding.schema.name
                    self.accepted_by[name] = self.accepted_by.get(name, 0) + 1
            elif finding.level is Level.ERROR:
                self.error += 1
            elif finding.level is Level.WARNING:
                self.warning += 1
            else:
                self.info += 1

    def reaches(self, threshold: Level) -> bool:
        """Whether there is a finding at least as grave as ``threshold`` that is not accepted."""
        counts = {Level.ERROR: self.error, Level.WARNING: self.warning, Level.INFO: self.info}
        return any(count for level, count in counts.items() if level.reaches(threshold))


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
        summary = Summary(rules=rules)
        for one in files:
            summary.add(one)
        summary.seconds = round(sum(one.seconds for one in files), 4)
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
        """Whether there is a finding at least as grave as ``threshold`` that is not accepted."""
        return self.summary.reaches(threshold)

    def to_json(self) -> str:
        """The report as JSON, as ``schemas/report.schema.json`` describes it."""
        from nixschema.reports.json import lines

        return "\n".join(lines(self))


def report_schema() -> dict[str, Any]:
    """JSON Schema of a report."""
    schema = Report.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nixschema report",
        **{key: value for key, value in schema.items() if key != "title"},
    }
