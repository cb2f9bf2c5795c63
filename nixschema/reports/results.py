"""What a run found, in memory, in a temporary file, or saved: reports are made from any of them.

A run over ten thousand files holds more findings than fit in memory. `Spool` takes them as they
come, and `read_results` reads them from the file that ``--format jsonl`` wrote; both hand them out
file by file, as often as a report needs them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from pydantic import ValidationError

from nixschema.errors import NixError
from nixschema.reports.encoding import encoded
from nixschema.reports.report import FileReport, Report, Summary, Tool

IN_MEMORY = 2000
"""Most files and findings together that stay in memory."""

LONGEST_LINE = 2**30
"""Most bytes of a line of saved results: millions of findings about one file."""


class Results(Protocol):
    """What there is to say about files: a `Report`, what a `Spool` holds, or a saved run."""

    @property
    def tool(self) -> Tool:
        """The program that checked."""

    @property
    def files(self) -> Iterable[FileReport]:
        """The files in their order, as often as they are asked for."""

    @property
    def summary(self) -> Summary:
        """Counts over all files."""


class NotResults(NixError):
    """A file holds no results of a run."""


class Spool:
    """Reports of files, kept while a run goes on.

    The first ones stay in memory; the rest is written to a temporary file without a name, which
    is gone when the spool is closed or the program ends, however that happens.

    ```
    with Spool() as spool:
        for path in paths:
            spool.add(check_file(path, runner))
        results = spool.finish(rules=len(runner.rules))
        ...  # results are usable until here
    ```
    """

    def __init__(self) -> None:
        """Begin with no files."""
        self._summary = Summary()
        self._kept: list[FileReport] = []
        self._weight = 0
        self._rest: IO[bytes] | None = None

    def __enter__(self) -> Spool:
        """Nothing to open yet."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Forget everything."""
        self.close()

    def close(self) -> None:
        """Forget everything, and give back the room on disk."""
        self._kept = []
        if self._rest is not None:
            self._rest.close()

    @property
    def summary(self) -> Summary:
        """Counts over the files so far."""
        return self._summary

    def add(self, one: FileReport) -> None:
        """Keep the report of a file.

        Raises:
            OSError: the folder for temporary files is full.
        """
        self._summary.add(one)
        self._weight += 1 + len(one.findings)
        if self._rest is None and self._weight <= IN_MEMORY:
            self._kept.append(one)
            return
        if self._rest is None:
            self._rest = tempfile.TemporaryFile(prefix="nixschema-")  # noqa: SIM115
        self._rest.seek(0, os.SEEK_END)
        self._rest.write(encoded(one).encode() + b"\n")

    def finish(
        self,
        *,
        rules: int,
        seconds: float | None = None,
        fixed: int | None = None,
        tool: Tool | None = None,
    ) -> Results:
        """What was found, to make reports from; usable until the spool is closed.

        Args:
            rules: how many rules were applied.
            seconds: how long all of it took.
            fixed: how many findings of the baseline are no more, where there is a baseline.
            tool: the program that checked, where something about it is not as usual.
        """
        self._summary.rules = rules
        self._summary.fixed = fixed
        if seconds is not None:
            self._summary.seconds = round(seconds, 4)
        return _Spooled(tool or Tool(), self._summary, _SpooledFiles(self._kept, self._rest))


@dataclass(frozen=True, slots=True)
class _SpooledFiles:
    kept: list[FileReport]
    rest: IO[bytes] | None

    def __iter__(self) -> Iterator[FileReport]:
        yield from self.kept
        if self.rest is None:
            return
        position = 0
        while True:
            self.rest.seek(position)  # another reader may have moved on
            line = self.rest.readline()
            position += len(line)
            if not line:
                return
            yield FileReport.model_validate_json(line)


@dataclass(frozen=True, slots=True)
class _Spooled:
    tool: Tool
    summary: Summary
    files: Iterable[FileReport]


@dataclass(frozen=True, slots=True)
class SavedResults:
    """The results of an earlier run, read from its file."""

    tool: Tool
    summary: Summary
    files: Iterable[FileReport]
    complete: bool
    """Whether the run came to its end: its summary is there."""
    end: int
    """Where the last complete line ends, in bytes from the start; a run that goes on cuts the file
    there and writes on."""
    note: str | None
    """What is missing, in words; None where nothing is."""


def read_results(path: str | os.PathLike[str]) -> SavedResults:
    """Results that ``nixschema validate --format jsonl`` wrote.

    The file is read once for the counts, and again for each report; it is never held in memory.
    Several files joined together are read as one run. What ``--format json`` wrote is taken too.

    Raises:
        NotResults: the file holds none.
        OSError: the file cannot be read.
    """
    path = os.fspath(path)
    whole = _whole_report(path)
    if whole is not None:
        size = os.path.getsize(path)
        return SavedResults(whole.tool, whole.summary, whole.files, True, size, None)
    summary = Summary()
    tool: Tool | None = None
    complete = False
    end = 0
    note = None
    for number, line, position in _lines(path):
        record = _record(line)
        if isinstance(record, FileReport):
            summary.add(record)
            complete = False
        elif record is not None:
            tool, last = record
            _take_over(summary, last)
            complete = True
        elif not line.endswith(b"\n") and (number > 1 or line.startswith(b'{"path":')):
            note = f"{path}: line {number} is cut off"
            break
        elif line.strip():
            raise NotResults(f"{path} holds no results: line {number} {_fault(line)}")
        end = position
    if not end and note is None:
        raise NotResults(f"{path} holds no results: it is empty")
    if not complete:
        note = "; ".join(
            part for part in (note, f"{path}: the run did not come to its end") if part
        )
    files = _SavedFiles(path, end)
    known = tool or Tool(version="unknown", rules="unknown", libraries={})
    return SavedResults(known, summary, files, complete, end, note)


@dataclass(frozen=True, slots=True)
class _SavedFiles:
    path: str
    end: int

    def __iter__(self) -> Iterator[FileReport]:
        for number, line, position in _lines(self.path):
            if position > self.end:
                return
            record = _record(line)
            if isinstance(record, FileReport):
                yield record
            elif record is None and line.strip():
                raise NotResults(f"{self.path} holds no results: line {number} {_fault(line)}")


def _lines(path: str) -> Iterator[tuple[int, bytes, int]]:
    """Number, text and end of each line."""
    position = 0
    with open(path, "rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), 1):
            position += len(line)
            if len(line) == LONGEST_LINE:
                raise NotResults(f"{path} holds no results: line {number} does not end")
            yield number, line, position


def _record(line: bytes) -> FileReport | tuple[Tool, Summary] | None:
    """What a line is: about a file, or the end of a run."""
    try:
        return FileReport.model_validate_json(line)
    except ValidationError:
        try:
            last = Report.model_validate_json(line)
        except ValidationError:
            return None
        return (last.tool, last.summary) if "summary" in last.model_fields_set else None


def _take_over(summary: Summary, last: Summary) -> None:
    """Keep of a run's summary what its files do not say."""
    summary.rules = max(summary.rules, last.rules)
    summary.seconds = round(summary.seconds + last.seconds, 4)
    if last.fixed is not None:
        summary.fixed = (summary.fixed or 0) + last.fixed


def _fault(line: bytes) -> str:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return "is no JSON"
    if isinstance(record, dict) and "status" in record and "path" in record:
        return "is of a version of nixschema that this one cannot read"
    return "is neither about a file nor a summary"


def _whole_report(path: str) -> Report | None:
    """The report, where all of the file is one JSON document."""
    with open(path, "rb") as stream:
        if stream.readline(3) not in (b"{\n", b"{\r\n"):
            return None
        stream.seek(0)
        try:
            return Report.model_validate_json(stream.read(LONGEST_LINE))
        except ValidationError:
            return None
