"""``nixschema convert`` with folders: each file as by itself, in a process with limits."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, redirect_stderr, suppress
from itertools import combinations
from typing import Any, cast

import click
from click.core import ParameterSource

from nixschema.checking.job import SECONDS, Job, Outcome
from nixschema.checking.names import readable
from nixschema.checking.worker import MEMORY
from nixschema.checking.workers import WorkerFailure, Workers
from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, refuse, stdout_told, writing_told
from nixschema.cli.progress import Progress
from nixschema.converting.counts import Counts
from nixschema.converting.job import ConversionJob, Converted, failed, is_taken, recognise
from nixschema.converting.targets import Targets
from nixschema.discovery import walk
from nixschema.formats import Format
from nixschema.reports.wording import file_name
from nixschema.storage.leftovers import clear

_OF_FOLDERS = frozenset({"jobs", "timeout", "memory"})
"""Parameters of the command that mean nothing for one file."""

_OF_SOURCES = {
    "allow_errors": ("allow_errors",),
    "allow_outside": ("allow_outside",),
    "resolve": ("resolve", "fetch"),
}
"""Flags that are about sources of some format, and count in a folder for those: the flag, and what
makes no sense without it."""

_MOST_LINES = 1000
"""Lines that are told of one file."""

_MOST_CLASHES = 10
"""Targets that are told where files would become the same."""


class FolderConversion:
    """A run, from the folders that were named to the exit code."""

    def __init__(
        self,
        source: str,
        target: str,
        to: Format,
        given: Mapping[str, Any],
        said: Iterable[str] = (),
    ) -> None:
        """Prepare a run.

        Args:
            source: the folder that is read.
            target: the folder that is written.
            to: the format of all its files.
            given: the parameters of the command, by their names.
            said: which of them somebody gave, and are no defaults.
        """
        self.counts = Counts()
        """What came of the files so far."""
        self._targets = Targets(source, target, to)
        self._given = given
        self._said = frozenset(said) - _OF_FOLDERS
        self._code = 0
        self._missing: dict[str, None] = {}
        self._usage_told: set[str] = set()
        self._progress = Progress(0)

    def run(self) -> int:
        """Convert the files, tell what came of them, and return the exit code."""
        targets = self._targets
        self._check_folders()
        closed: list[OSError] = []
        paths = walk(targets.source, None, closed, apart=targets.target)
        for error in closed:
            self._tell(f"cannot look into {_told(str(error.filename))}: {error.strerror}", CONTENT)
        self._refuse_clashes(paths)
        self._spare_sources(paths)
        with ExitStack() as stack:
            stack.callback(self._remove_empty)
            pool = stack.enter_context(self._workers(convert_one, "convert"))
            self._progress = stack.enter_context(Progress(len(paths), "converting"))
            try:
                for job, outcome in pool.run((job, None) for job in self._jobs(paths)):
                    self._take(job, outcome)
            except WorkerFailure as failure:
                self._tell(f"{failure}. {BUG}", FAILURE)
            self._progress.close()
        self._tell_what_came()
        return self._code

    def _check_folders(self) -> None:
        """Refuse folders that files cannot be taken from, or put into."""
        source, target = self._targets.source, self._targets.target
        if os.path.realpath(source) == os.path.realpath(target):
            refuse(f"{source} is the source and the target: name another folder")
        if os.path.lexists(target) and not os.path.isdir(target):
            refuse(f"{target} is no folder, and {source} is one")
        place = target
        while place and not os.path.lexists(place):
            place = os.path.dirname(place)
        if not os.path.isdir(place or "."):
            refuse(f"{target} cannot be made: {place} is no folder")
        if not os.access(place or ".", os.W_OK):
            refuse(f"{place or target} may not be written")

    def _refuse_clashes(self, paths: list[str]) -> None:
        """Refuse files that would become the same one, before anything is written."""
        named = [path for group in self._targets.clashes(paths) for path in group]
        if not named:
            return
        with self._workers(recognise, "read") as pool:
            found = pool.run((self._job(path), None) for path in named)
            taken = [job.path for job, outcome in found if isinstance(outcome, Converted)]
        groups = self._targets.clashes(taken)
        for group in groups[:_MOST_CLASHES]:
            names = f"{', '.join(map(_told, group[:-1]))} and {_told(group[-1])}"
            self._tell(f"{names} would become the same file, {_told(self._targets.of(group[0]))}")
        if len(groups) > _MOST_CLASHES:
            self._tell(f"and {len(groups) - _MOST_CLASHES:,} more like these")
        if groups:
            refuse("nothing was converted: rename them, or take one format with `--from`")

    def _spare_sources(self, paths: list[str]) -> None:
        """Refuse to put a file in the place of one that is to be read."""
        sources: set[str] | None = None
        for path in paths:
            target = self._targets.of(path)
            if not os.path.lexists(target):
                continue
            if sources is None:
                sources = set(map(os.path.realpath, paths))
            if os.path.realpath(target) in sources:
                refuse(f"cannot write {target}: it is itself to be converted")

    def _workers(self, do: Any, doing: str) -> Workers:
        given = self._given
        memory = MEMORY if given["memory"] is None else given["memory"]
        return Workers(
            given["jobs"], memory, check=do, doing=doing, failed=failed, ended=_clear_after
        )

    def _jobs(self, paths: list[str]) -> Iterator[ConversionJob]:
        for path in paths:
            job = self._job(path)
            self._note_missing(os.path.dirname(job.target))
            yield job

    def _job(self, path: str) -> ConversionJob:
        target = self._targets.of(path)
        beside = self._targets.beside(target)
        return ConversionJob(
            path,
            named=False,
            seconds=SECONDS if self._given["timeout"] is None else self._given["timeout"],
            target=target,
            beside=beside,
            was_there=any(os.path.lexists(one) for one in (target, beside) if one is not None),
            from_=self._given["from_"],
            options={**self._given, "source": path, "target": target},
            said=self._said,
        )

    def _note_missing(self, folder: str) -> None:
        """Note which folders are made for a file."""
        while folder and folder not in self._missing and not os.path.lexists(folder):
            self._missing[folder] = None
            folder = os.path.dirname(folder)

    def _remove_empty(self) -> None:
        """Remove the folders that were made for files that then were not."""
        for folder in sorted(self._missing, key=len, reverse=True):
            with suppress(OSError):
                os.rmdir(folder)

    def _take(self, job: Job, outcome: Outcome) -> None:
        """Count what came of a file, and tell what there is to tell."""
        assert isinstance(job, ConversionJob)
        self._progress.advance()
        verbose = self._given["verbose"]
        if isinstance(outcome, Converted):
            self._code = max(self._code, outcome.code)
            force = bool(self._given["force"])
            before = self.counts.there
            self.counts.add(outcome, was_there=job.was_there, may_replace=force)
            is_there = self.counts.there > before
            if verbose or outcome.losses or (outcome.code and not is_there):
                self._tell_lines(outcome)
            if verbose and not outcome.code:
                done = "replaced" if job.was_there else "wrote"
                self._tell(f"{done} {_told(job.target)}")
        elif outcome.bug is not None:
            self.counts.failed += 1
            self._tell(f"{_told(job.path)}: {outcome.bug}. {BUG}", FAILURE)
            if os.environ.get("NIXSCHEMA_DEBUG"):
                self._tell(outcome.details)
        else:
            self.counts.passed_over += 1
            if verbose:
                self._tell(f"passed over: {_told(job.path)}")

    def _tell_lines(self, outcome: Converted) -> None:
        """Tell what a conversion said; what is wrong with the options, once for all files."""
        for line in outcome.told:
            if outcome.code == USAGE and not outcome.names_file:
                if line in self._usage_told:
                    continue
                self._usage_told.add(line)
            self._tell(line)

    def _tell_what_came(self) -> None:
        counts = self.counts
        if not counts.ours:
            if not self._code:
                where = _told(self._targets.source)
                kind = self._given["from_"]
                what = f"that is {kind}" if kind else "of ours"
                self._tell(f"nothing to convert: no file {what} in {where}", USAGE)
            return
        with stdout_told():
            click.echo(counts.line(self._targets.to))
        if counts.passed_over and not self._given["verbose"]:
            number = counts.passed_over
            self._tell(f"{number:,} other file{'s' if number > 1 else ''} passed over.")

    def _tell(self, text: str, code: int = 0) -> None:
        self._progress.tell(text)
        self._code = max(self._code, code)


def convert_one(job: Job) -> Outcome:
    """Convert a file by the command itself: what it says and the code it ends with are kept."""
    from nixschema.cli.convert import convert

    assert isinstance(job, ConversionJob)
    if not is_taken(job):
        return Outcome(job.path)
    result = Converted(job.path)
    said = io.StringIO()
    with redirect_stderr(said):
        try:
            with writing_told():
                os.makedirs(os.path.dirname(job.target) or ".", exist_ok=True)
            done = _done(convert, job)
            result.errors, result.losses = len(done.errors), len(done.losses)
        except click.ClickException as error:
            click.echo(error.format_message(), err=True)
            result.code, result.names_file = error.exit_code, False
        except SystemExit as end:
            if isinstance(end.__context__, MemoryError):
                raise end.__context__ from None
            result.code = end.code if isinstance(end.code, int) else FAILURE
    lines = said.getvalue().splitlines()
    if len(lines) > _MOST_LINES:
        more = f"{readable(job.path)}: {len(lines) - _MOST_LINES:,} more lines like these"
        lines = [*lines[:_MOST_LINES], more]
    result.told = tuple(lines)
    return result


def _done(command: click.Command, job: ConversionJob) -> Any:
    """What the command comes to when it is given this file alone.

    Flags that make no sense for its format are left out, as few as can be.

    Raises:
        click.UsageError: the options make no sense however few are left out.
    """
    flags = [those for name, those in _OF_SOURCES.items() if name in job.said]
    refusal: click.UsageError | None = None
    for number in range(len(flags) + 1):
        for left_out in combinations(flags, number):
            try:
                return _invoke(command, job, {name for those in left_out for name in those})
            except click.UsageError as error:
                refusal = refusal or error
    assert refusal is not None
    raise refusal


def _invoke(command: click.Command, job: ConversionJob, left_out: set[str]) -> Any:
    params = {**job.options, **{name: False for name in job.options if name in left_out}}
    context = click.Context(command, info_name=command.name)
    context.params = params
    for name in job.said - left_out:
        context.set_parameter_source(name, ParameterSource.COMMANDLINE)
    return context.invoke(cast("Any", command.callback), **params)


def _clear_after(job: Job, process: int) -> None:
    """Take away what a process left that was ended in the midst of a conversion."""
    if isinstance(job, ConversionJob):
        clear(job.target, process, folder=job.beside, was_there=job.was_there)


def _told(path: str) -> str:
    """A path as a terminal can show it."""
    return file_name(readable(path))
