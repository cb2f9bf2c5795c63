"""Results of a run that was interrupted: what it finished, and has not changed since."""

from __future__ import annotations

import json
import os
from typing import IO

from nixschema.checking.job import Job, Outcome
from nixschema.checking.states import seen_at, time_text


class EarlierRun:
    """Saved results, looked up by file; only where they lie in the file is kept in memory."""

    def __init__(self, path: str) -> None:
        """Look through results that ``--format jsonl`` wrote.

        Raises:
            NotResults: the file holds none.
            OSError: the file cannot be read.
        """
        from nixschema.reports.results import read_results

        if os.path.getsize(path):
            read_results(path)
        self._stream: IO[bytes] = open(path, "rb")  # noqa: SIM115
        self._offsets: dict[str, int] = {}
        offset = 0
        for line in self._stream:
            if (name := _name(line)) is not None:
                self._offsets[name] = offset
            offset += len(line)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def get(self, job: Job, digest: str) -> Outcome | None:
        """What is known about a file, or None.

        Args:
            job: the file.
            digest: what it has to have been checked for.
        """
        from nixschema.checking.names import readable
        from nixschema.reports.report import FileReport

        offset = self._offsets.get(readable(job.path))
        seen = seen_at(job.path)
        if offset is None or seen is None:
            return None
        self._stream.seek(offset)
        report = FileReport.model_validate_json(self._stream.readline())
        same = (seen[1], time_text(seen[2]), digest)
        if (report.size, report.modified, report.checks) != same:
            return None
        return Outcome(job.path, report, seen=seen, origin="earlier")


def _name(line: bytes) -> str | None:
    """The file that a whole line is about."""
    try:
        record = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    name = record.get("path") if isinstance(record, dict) else None
    return name if isinstance(name, str) else None
