"""One run of ``nixschema validate``: files are checked, judged, told and counted."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from nixschema.baseline import Baseline, BaselineError
from nixschema.checking.cache import Cache
from nixschema.checking.earlier import EarlierRun
from nixschema.checking.fingerprint import fingerprint
from nixschema.checking.job import SECONDS, Checks, Job, Outcome
from nixschema.checking.names import readable
from nixschema.checking.run import Run
from nixschema.checking.worker import MEMORY
from nixschema.checking.workers import WorkerFailure, Workers
from nixschema.cli.colours import styled
from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, refuse, stdout_told, writing_told
from nixschema.cli.naming import listed
from nixschema.cli.outputs import GrowingFile, write_report
from nixschema.cli.progress import Progress
from nixschema.cli.schemas import NamedSchemas, schema_ids
from nixschema.coverage import Coverage
from nixschema.descriptions.comparing import DIFFERENCES, VALUES
from nixschema.discovery import Candidate, Found, find
from nixschema.errors import NixError
from nixschema.findings import Finding, Level
from nixschema.recognition import text_format
from nixschema.reports.formats import Options, lines
from nixschema.reports.jsonl import file_line, summary_line
from nixschema.reports.report import FileReport
from nixschema.reports.results import Results, Spool
from nixschema.reports.styles import plain
from nixschema.reports.wording import file_name
from nixschema.rules.odml_terms import COMPARING
from nixschema.settings import Configuration, Settings, SettingsError

if TYPE_CHECKING:
    from nixschema.reports.report import Summary
    from nixschema.schema.applying import SchemaSource


class Validation:
    """A run, from the paths that were named to the exit code."""

    def __init__(
        self,
        paths: Sequence[str],
        targets: Sequence[tuple[str, str]],
        options: Mapping[str, Any],
    ) -> None:
        """Prepare a run.

        Args:
            paths: files and folders.
            targets: format and file of each report that is written beside the one on stdout.
            options: the other options of the command, by their names.
        """
        self.done = 0
        """How many files were checked."""
        self._paths = paths
        self._targets = targets
        self._options = options
        self._code = 0
        self._rules: set[str] = set()
        self._schemas = NamedSchemas(not (options["isolated"] or options["no_python_rules"]))
        self._checks: dict[tuple[int, tuple[SchemaSource, ...]], Checks] = {}
        self._digests: dict[tuple[int, tuple[SchemaSource, ...]], str] = {}
        self._passed_over = 0
        self._errors_told = 0
        self._baselines: dict[str, Baseline] = {}
        self._configuration = self._configured()
        self._coverage = Coverage(path for path in paths if os.path.isdir(path))
        self._progress = Progress(0)
        self._quiet = bool(options["quiet"])

    def run(self) -> int:
        """Check the files and write the reports; returns the exit code."""
        given = self._options
        left_out = self._configuration.excludes if given["force_exclude"] else None
        found = find(self._paths, self._configuration.takes, left_out)
        self._spare(found.candidates)
        if given["description"] is not None:
            self._check_description(given["description"], found)
        if found.closed:
            self._coverage = Coverage()
        for error in found.closed:
            self._tell(f"cannot look into {_told(str(error.filename))}: {error.strerror}", CONTENT)
        for path in found.missing:
            self._tell(f"{_told(path)} does not exist", USAGE)
        start = time.perf_counter()
        with ExitStack() as stack:
            spool = stack.enter_context(Spool())
            growing = self._growing(stack)
            run = self._prepared(stack)
            self._progress = stack.enter_context(
                Progress(0 if self._quiet else len(found.candidates))
            )
            try:
                for job, outcome in run.over(self._jobs(found.candidates)):
                    self._take(job, outcome, spool, growing)
            except WorkerFailure as failure:
                self._tell(f"{failure}. {BUG}", FAILURE)
            self._progress.close()
            if not self._is_something(spool.summary, bool(found.missing)):
                return max(self._code, USAGE)
            results = spool.finish(
                rules=len(self._rules) + (self._schemas.size if self._schemas else 0),
                seconds=time.perf_counter() - start,
                fixed=self._fixed(),
            )
            for file in growing:
                with writing_told():
                    file.add(summary_line(results.summary, results.tool))
            self._write(results)
        self._write_baselines()
        self._tell_what_else()
        return self._code

    def _spare(self, candidates: list[Candidate]) -> None:
        """Refuse to write a report in the place of a file that is to be checked."""
        targets = {os.path.realpath(path): path for _, path in self._targets}
        files = targets and {os.path.realpath(one.path) for one in candidates}
        for real, path in targets.items():
            if real in files:
                refuse(f"cannot write {_told(path)}: it is to be checked")

    def _check_description(self, path: str, found: Found) -> None:
        """Refuse a description of anything but one NIX file."""
        if not os.path.lexists(path):
            refuse(f"{_told(path)} does not exist")
        if text_format(path) != "description":
            refuse(f"{_told(path)} is no description")
        named = [one.path for one in found.candidates] + found.missing
        if len(self._paths) != 1 or any(os.path.isdir(one) for one in self._paths):
            refuse("`--description` is about one NIX file: name that, and no other")
        if any(text_format(one) is not None for one in named):
            refuse(f"{_told(named[0])} is a text itself: `--description` is about NIX files")

    def _configured(self) -> Configuration:
        given = self._options
        command_line = {
            "select": listed(given["select"]),
            "ignore": listed(given["ignore"]),
            "preview": given["preview"],
            "depth": given["depth"],
            "readers": given["readers"],
            "fail-on": given["fail_on"],
            "missing-content": given["missing_content"],
            "timeout": given["timeout"],
            "baseline": given["baseline"],
            "terminology": given["terminology"],
            "schemas": given["schemas"],
            "require-schema": given["require_schema"],
        }
        try:
            return Configuration(command_line, given["isolated"], given["config"])
        except SettingsError as error:
            raise click.UsageError(str(error)) from None

    def _prepared(self, stack: ExitStack) -> Run:
        """The workers, and what is known from before."""
        given = self._options
        memory = MEMORY if given["memory"] is None else given["memory"]
        run = Run(stack.enter_context(Workers(given["jobs"], memory)))
        try:
            if given["cache"] is not None:
                run.cache = Cache(given["cache"])
        except OSError as error:
            refuse(f"cannot use {given['cache']} as a cache: {error.strerror or error}")
        try:
            if given["resume"] is not None:
                run.earlier = EarlierRun(given["resume"])
                stack.callback(run.earlier.close)
        except OSError as error:
            refuse(f"cannot read {given['resume']}: {error.strerror or error}")
        except NixError as error:
            refuse(str(error))
        if run.earlier is not None or self._is_line_by_line():
            run.digest = self._digest
        return run

    def _is_line_by_line(self) -> bool:
        formats = [self._options["report_format"], *(name for name, _ in self._targets)]
        return "jsonl" in formats

    def _jobs(self, candidates: list[Candidate]) -> Iterator[Job]:
        """What is to be done; a file without usable settings is told and left out."""
        for candidate in candidates:
            settings = self._settings(candidate.path)
            if settings is None:
                continue
            seconds = SECONDS if settings.timeout is None else settings.timeout
            checks = self._checks_of(settings, candidate.path)
            if checks is not None:
                yield Job(candidate.path, checks, candidate.named, seconds)

    def _settings(self, path: str) -> Settings | None:
        try:
            return self._configuration.for_file(path)
        except SettingsError:
            for error in self._configuration.errors[self._errors_told :]:
                self._tell(str(error), USAGE)
            self._errors_told = len(self._configuration.errors)
            return None

    def _checks_of(self, settings: Settings, path: str) -> Checks | None:
        """What a file is checked for; None where a schema of its configuration cannot be used."""
        sources = self._schemas.sources(settings.schemas_of(path))
        for sentence in self._schemas.news():
            self._tell(sentence, USAGE)
        if sources is None:
            return None
        known = self._checks.get((id(settings), sources))
        if known is None:
            rules = settings.applied()
            self._rules |= rules
            known = Checks(
                tuple(sorted(rules)),
                settings.readers,
                self._options["checksum"],
                self._options["description"],
                self._options["allow_outside"],
                settings.terminology,
                sources,
                settings.require_schema,
                self._schemas.applies_python,
                settings.depth,
            )
            self._checks[id(settings), sources] = known
            for sentence in self._schemas.left_out(sources, settings):
                self._tell(sentence)
        return known

    def _digest(self, job: Job) -> str:
        settings = self._configuration.for_file(job.path)
        key = (id(settings), job.checks.schemas)
        known = self._digests.get(key)
        if known is None:
            known = fingerprint(job.checks, replace(settings, source=None))
            self._digests[key] = known
        return known

    def _take(self, job: Job, outcome: Outcome, spool: Spool, growing: list[GrowingFile]) -> None:
        """Judge what came of a file, and keep it."""
        self._progress.advance()
        if outcome.passed_over:
            self._passed_over += 1
            if self._options["verbose"]:
                self._tell(f"passed over: {_told(job.path)}")
            return
        report = outcome.report
        if report is None:
            self._tell(f"{_told(job.path)}: {outcome.bug}. {BUG}", FAILURE)
            if os.environ.get("NIXSCHEMA_DEBUG"):
                self._tell(outcome.details)
            report = FileReport(path=readable(job.path), status="skipped")
        report = self._judged(report, job, outcome.origin == "earlier")
        if self._fails(report, job.path):
            self._code = max(self._code, CONTENT)
        self.done += 1
        with writing_told():
            spool.add(report)
            line = file_line(report) if growing or self._is_on_stdout("jsonl") else ""
            for file in growing:
                file.add(line, new=outcome.origin != "earlier")
        if self._is_on_stdout("jsonl"):
            with stdout_told():
                click.echo(line)

    def _judged(self, report: FileReport, job: Job, is_judged: bool) -> FileReport:
        """What is told of a file: by its settings, and against its baseline.

        Of a file that an earlier run told about, what was ignored there is not known: nothing is
        said to be no more in it.
        """
        settings = self._configuration.for_file(job.path)
        ignored: list[Finding] = []
        if not is_judged:
            report = with_missing_content(report, settings.missing_content)
            report, ignored = settings.parted(report)
        self._coverage.note(report, () if is_judged else _applied(job.checks))
        baseline = self._baseline_of(settings)
        return report if baseline is None else baseline.judge(report, ignored)

    def _fails(self, report: FileReport, path: str) -> bool:
        if self._options["write_baseline"] is not None:
            return False
        fail_on = self._configuration.for_file(path).fail_on
        return fail_on != "never" and any(
            one.level.reaches(Level(fail_on)) for one in report.findings if not one.accepted
        )

    def _baseline_of(self, settings: Settings) -> Baseline | None:
        """The baseline of the files of a configuration; read when the first of them is met."""
        written = self._options["write_baseline"]
        path = settings.baseline if written is None else written
        if path is None:
            return None
        known = self._baselines.get(path)
        if known is None:
            least = Level.INFO if settings.fail_on == "info" else Level.WARNING
            recording = written is not None
            try:
                known = Baseline.read(path, least=least, recording=recording, missing_ok=recording)
            except BaselineError as error:
                refuse(str(error))
            self._baselines[path] = known
        return known

    def _fixed(self) -> int | None:
        if not self._baselines:
            return None
        return sum(len(one.fixed(self._coverage)) for one in self._baselines.values())

    def _write_baselines(self) -> None:
        """Write what the run says about the baselines, where that was asked for."""
        prune = self._options["prune_baseline"]
        if not prune and self._options["write_baseline"] is None:
            return
        if not self._baselines:
            self._tell("no baseline to prune: name it with `--baseline`", USAGE)
        for baseline in self._baselines.values():
            with self._writing_told():
                baseline.write(self._coverage, prune=prune)

    def _is_on_stdout(self, name: str) -> bool:
        return bool(self._options["report_format"] == name)

    def _growing(self, stack: ExitStack) -> list[GrowingFile]:
        files = []
        for name, path in self._targets:
            if name == "jsonl":
                with writing_told():
                    files.append(file := GrowingFile(path))
                stack.callback(self._close, file)
        return files

    def _close(self, file: GrowingFile) -> None:
        with self._writing_told():
            file.close()

    def _is_something(self, summary: Summary, told: bool) -> bool:
        """Whether anything was checked, or nobody minds."""
        if self._options["allow_empty"]:
            return True
        if summary.checked:
            if not self._rules and not self._schemas:
                self._tell("nothing was checked: none of the rules is left", USAGE)
            return True
        if summary.files:
            skipped = not (summary.error or summary.warning or summary.info or self._code)
            if skipped:
                self._tell("nothing was checked: no file's content is here", USAGE)
            return True
        if not told and not self._code:
            where = ", ".join(map(_told, self._paths[:10]))
            self._tell(
                f"nothing to check: no NIX file, description or odML file in {where or 'the list'}",
                USAGE,
            )
        return False

    def _write(self, results: Results) -> None:
        given = self._options
        failing = given["fail_on"] if given["fail_on"] in ("warning", "info") else "error"
        terminal = sys.stdout is not None and sys.stdout.isatty()
        coloured = terminal and "NO_COLOR" not in os.environ
        shown = Options(
            styled if coloured else plain,
            given["verbose"],
            given["everything"],
            failing,
            quiet=self._quiet,
        )
        with stdout_told():
            if self._is_on_stdout("jsonl"):
                click.echo(summary_line(results.summary, results.tool))
            else:
                for line in lines(results, given["report_format"], shown):
                    click.echo(line)
        for name, path in self._targets:
            if name != "jsonl":
                with self._writing_told():
                    asked = replace(shown, style=plain, target=path, quiet=False)
                    write_report(results, name, path, asked)

    @contextmanager
    def _writing_told(self) -> Iterator[None]:
        """Tell why a report cannot be written; the others are written all the same."""
        try:
            with writing_told():
                yield
        except SystemExit as end:
            self._code = max(self._code, int(end.code or 0))

    def _tell_what_else(self) -> None:
        if self._quiet:
            return
        if self._passed_over and self._is_on_stdout("text") and not self._options["verbose"]:
            count = self._passed_over
            self._tell(f"{count:,} other file{'s' if count > 1 else ''} passed over.")
        for unused in self._configuration.unused_ignores(self._coverage):
            self._tell(str(unused))

    def _tell(self, text: str, code: int = 0) -> None:
        self._progress.tell(text)
        self._code = max(self._code, code)


def _applied(checks: Checks) -> set[str]:
    """The rules that would have said something: some compare with what was not given."""
    rules = set(checks.rules or ())
    if not checks.terminology:
        rules -= COMPARING
    if checks.depth == "full":  # Else those about values had no say.
        rules |= {f"{one}:" for one in schema_ids(checks.schemas)}
    return rules if checks.description is not None else rules - {DIFFERENCES, VALUES}


def with_missing_content(report: FileReport, policy: str) -> FileReport:
    """What is told of a file whose content is elsewhere: as grave as asked, or nothing."""
    if report.status != "absent":
        return report
    findings = [replace(one, level=Level(policy)) for one in report.findings if policy != "skip"]
    return report.model_copy(update={"findings": findings})


def _told(path: str) -> str:
    """A path as a terminal can show it."""
    return file_name(readable(path))
