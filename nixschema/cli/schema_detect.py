"""``nixschema schema detect``: which schema a file is about."""

from __future__ import annotations

import sys
from typing import Any

import click

from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, stdout_told, tell
from nixschema.cli.limits import limit_options


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--schema", "names", multiple=True, metavar="NAME|FILE",
    help="Try this schema; may be given several times.  [default: all that are shipped or "
    "installed]",
)  # fmt: skip
@limit_options("Look at N files at a time; auto is as many as there are processors.")
@click.option("-q", "--quiet", is_flag=True, help="Do not tell why.")
def detect(
    paths: tuple[str, ...],
    names: tuple[str, ...],
    quiet: bool,
    jobs: int,
    timeout: float | None,
    memory: int | None,
) -> None:
    """Tell which schema recognises each file: `FILE: NAME`, or `FILE: none`.

    Of schemas that extend each other the upper one is told; of several others all, parted by
    commas. Why goes to stderr. Folders are walked as `validate` does.

    Exits with 1 where a file cannot be read, and with 2 where there is none.
    """
    from nixschema.checking.detecting import Detection, DetectionJob, detect_job, failed
    from nixschema.checking.job import SECONDS
    from nixschema.checking.names import readable
    from nixschema.checking.worker import MEMORY
    from nixschema.checking.workers import WorkerFailure, Workers
    from nixschema.cli.stopping import stopped_quietly
    from nixschema.discovery import find
    from nixschema.reports.wording import file_name

    sources = _sources(names)
    found, code, done = find(paths), 0, 0
    for path in found.missing:
        tell(f"{readable(path)} does not exist")
        code = max(code, USAGE)
    for error in found.closed:
        tell(f"cannot look into {readable(str(error.filename))}: {error.strerror}")
        code = max(code, CONTENT)
    seconds = SECONDS if timeout is None else timeout
    work: Any = (
        (DetectionJob(one.path, named=one.named, seconds=seconds, schemas=sources), None)
        for one in found.candidates
    )
    size = MEMORY if memory is None else memory
    with (
        stopped_quietly(lambda: done, "looked at"),
        Workers(jobs, size, check=detect_job, doing="look at", failed=failed) as workers,
    ):
        try:
            for job, outcome in workers.run(work):
                if outcome.passed_over:
                    continue
                done += 1
                name = file_name(readable(job.path))
                if not isinstance(outcome, Detection):
                    tell(f"{name}: {outcome.bug}. {BUG}")
                    code = max(code, FAILURE)
                    continue
                if outcome.unreadable:
                    code = max(code, CONTENT)
                with stdout_told():
                    click.echo(f"{name}: {', '.join(outcome.names) or 'none'}")
                if not quiet or outcome.unreadable:
                    for sentence in outcome.why:
                        tell(f"{name}: {sentence}")
        except WorkerFailure as failure:
            tell(f"{failure}. {BUG}")
            code = max(code, FAILURE)
    if not done and not code:
        tell("nothing to look at: no NIX file, description or odML file")
        code = USAGE
    sys.exit(code)


def _sources(names: tuple[str, ...]) -> tuple[Any, ...]:
    """The schemas to try; exits where one cannot be used."""
    from nixschema.cli.exits import refuse
    from nixschema.errors import NixError
    from nixschema.schema.applying import AUTO, source_of
    from nixschema.schema.detecting import known_names

    wanted = [one for one in names if one != AUTO]
    if not wanted or AUTO in names:
        wanted += known_names()
    if not wanted:
        refuse("no schemas are shipped or installed: name one with `--schema`")
    try:
        return tuple(source_of(one) for one in dict.fromkeys(wanted))
    except (NixError, OSError) as error:
        refuse(str(error))
