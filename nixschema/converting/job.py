"""One file of a folder to convert, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nixschema.checking.job import Job, Outcome
from nixschema.formats import Format


@dataclass(frozen=True, slots=True)
class ConversionJob(Job):
    """A file to convert."""

    target: str = ""
    """The file that it becomes."""
    beside: str | None = None
    """The folder that is written together with that, if any."""
    was_there: bool = False
    """Whether either of them is there already."""
    from_: Format | None = None
    """The format that files have to have to be converted; any of ours without."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """How it is converted: the parameters of the command."""
    said: frozenset[str] = frozenset()
    """Which of them somebody gave."""


@dataclass(slots=True)
class Converted(Outcome):
    """What came of a file that is ours."""

    told: tuple[str, ...] = ()
    """What the conversion said, line by line."""
    code: int = 0
    """The exit code that it ended with; 0 where the target was written."""
    names_file: bool = True
    """Whether what was said is about the file, and not about options alone."""
    errors: int = 0
    """How many errors the source has, which the target has too."""
    losses: int = 0
    """How many parts of the source the target could not take over."""


def is_taken(job: Job) -> bool:
    """Whether a file that was found in a folder is one to convert."""
    from nixschema.discovery import is_ours
    from nixschema.recognition import text_format

    if not is_ours(job.path):
        return False
    wanted = job.from_ if isinstance(job, ConversionJob) else None
    kind = text_format(job.path)
    return kind != "schema" and wanted in (None, kind or "nix")


def recognise(job: Job) -> Outcome:
    """See whether a file is one to convert; one that is not is passed over."""
    return Converted(job.path) if is_taken(job) else Outcome(job.path)


def failed(job: Job, kind: str, reason: str) -> Outcome:
    """The outcome of a file that no process came back from: its content stands in the way."""
    from nixschema.checking.names import readable

    hint = {"slow": ": `--timeout` allows more", "memory": ": `--memory` allows more"}.get(kind, "")
    return Converted(job.path, told=(f"{readable(job.path)}: {reason}{hint}",), code=1)
