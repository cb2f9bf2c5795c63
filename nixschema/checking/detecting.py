"""Which schemas are about a file; found out by a worker, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nixschema.checking.job import Job, Outcome

if TYPE_CHECKING:
    from nixschema.model import File
    from nixschema.schema.applying import SchemaSource
    from nixschema.schema.checking.program import Program


@dataclass(frozen=True, slots=True)
class DetectionJob(Job):
    """A file, and the schemas that may be about it."""

    schemas: tuple[SchemaSource, ...] = ()


@dataclass(slots=True)
class Detection(Outcome):
    """What was found out about a file."""

    names: tuple[str, ...] = ()
    """The schemas that recognise it, without those that another of them extends."""
    why: tuple[str, ...] = ()
    """What they recognise it by, or why none does, in sentences."""
    unreadable: bool = False
    """Whether nothing could be read from it."""
    is_ours: bool = True
    """Whether it is a file that a schema can be about."""

    @property
    def passed_over(self) -> bool:
        """Whether the file was found in a folder and is of another kind."""
        return not self.is_ours and self.bug is None


def detect_job(job: Job) -> Outcome:
    """Find out which schemas are about a file."""
    from nixschema.discovery import is_ours
    from nixschema.errors import NixError
    from nixschema.io import read_any
    from nixschema.recognition import text_format

    assert isinstance(job, DetectionJob)
    kind = text_format(job.path)
    if not job.named and (kind == "schema" or not is_ours(job.path)):
        return Detection(job.path, is_ours=False)
    if kind == "schema":
        return Detection(job.path, why=("it is a schema itself",))
    try:
        file = _metadata_of(job.path) if kind == "odml" else read_any(job.path)
    except (NixError, OSError) as error:
        return Detection(job.path, why=(str(error),), unreadable=True)
    return _detected(job, file)


def _metadata_of(path: str) -> File:
    """The sections of odML at the places that checks look for them."""
    from nixschema.errors import NotNix
    from nixschema.odml.placing import placed_file
    from nixschema.odml.reading import read_odml

    document, problems = read_odml(path)
    if document is None:
        one = problems[0]
        raise NotNix(f"{path}:{one.line}:{one.column}: {one.rule} {one.message}")
    return placed_file(document)[0]


def _detected(job: DetectionJob, file: File) -> Detection:
    from nixschema.schema.detecting import detect, fitting
    from nixschema.storage.load import many_objects

    with many_objects():
        programs = _programs(job.schemas)
        names = [one.name for one in fitting(file, programs)]
        found = detect(file, programs)
    why = [f"{one.name}: {one.why}" for one in found if one.name in names]
    if not names:
        why = [f"not {one.name}: {one.why}" for one in found]
    return Detection(job.path, names=tuple(names), why=tuple(why))


@lru_cache(maxsize=4)
def _programs(sources: tuple[SchemaSource, ...]) -> tuple[Program, ...]:
    from nixschema.schema.checking.program import Program
    from nixschema.schema.loading import load_schema_document

    return tuple(Program(load_schema_document(one.name)) for one in sources)


def failed(job: Job, kind: str, reason: str) -> Outcome:
    """The outcome of a file that no worker came back from."""
    hint = {"slow": ": `--timeout` allows more", "memory": ": `--memory` allows more"}.get(kind, "")
    return Detection(job.path, why=(f"the file {reason}{hint}",), unreadable=True)
