"""Results of earlier runs in a folder: files that have not changed since are not read again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from nixschema.checking.fingerprint import fingerprint
from nixschema.checking.job import Job, Outcome
from nixschema.checking.names import readable
from nixschema.checking.states import Seen, seen_at

_VERSION = 1

_SETTLED = 2_000_000_000
"""Nanoseconds after which a file system gives a change another time than the one before."""


class Cache:
    """A folder with one small file for each checked file and what it was checked for.

    A result holds for the same path, inode, size, time of change, program and question. The folder
    can be deleted at any time; what cannot be read in it, or written to it, is passed over.
    """

    def __init__(self, folder: str) -> None:
        """Use a folder, which is made if it is missing.

        Raises:
            OSError: it cannot be made.
        """
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        if not any(self._folder.iterdir()):  # Else it holds what is not ours to tell git about.
            tag = "Signature: 8a477f597d28d172789f06886806bc55\n"
            (self._folder / "CACHEDIR.TAG").write_text(tag, encoding="ascii")
            (self._folder / ".gitignore").write_text("*\n", encoding="ascii")

    def get(self, job: Job) -> Outcome | None:
        """What is known about a file, or None."""
        from nixschema.reports.report import FileReport

        seen = seen_at(job.path)
        if seen is None:
            return None

        try:
            record: dict[str, Any] = json.loads(self._place(job).read_text(encoding="utf-8"))
            if record["key"] != self._key(job, seen):
                return None
            told = record["report"]
            report = None if told is None else FileReport.model_validate(told)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if report is not None:
            report.path = readable(job.path)
        return Outcome(job.path, report, seen=seen, origin="cache")

    def put(self, job: Job, outcome: Outcome) -> None:
        """Keep what came of a file."""
        seen = outcome.seen
        if seen is None or outcome.origin != "checked" or outcome.bug is not None:
            return
        if not outcome.lasting or time.time_ns() - seen[2] < _SETTLED:
            return
        report = outcome.report
        if report is not None and report.status not in ("ok", "findings"):
            return
        told = None if report is None else report.model_dump(mode="python")
        place = self._place(job)
        draft = place.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError, ValueError):
            place.parent.mkdir(exist_ok=True)
            draft.write_text(
                json.dumps({"key": self._key(job, seen), "report": told}), encoding="ascii"
            )
            draft.replace(place)

    def _place(self, job: Job) -> Path:
        asked = repr((os.path.abspath(job.path), job.checks, job.named))
        name = hashlib.sha256(asked.encode("utf-8", "backslashreplace")).hexdigest()[:40]
        return self._folder / name[:2] / f"{name[2:]}.json"

    def _key(self, job: Job, seen: Seen) -> list[object]:
        return [_VERSION, os.path.abspath(job.path), *seen, fingerprint(job.checks)]
