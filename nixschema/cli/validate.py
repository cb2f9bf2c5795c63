"""``nixschema validate``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from nixschema.cli.colours import styled
from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE
from nixschema.cli.naming import listed

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport, Report
    from nixschema.rules.runner import Runner

REPORT_FORMATS = ("text", "json")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format", "report_format", type=click.Choice(REPORT_FORMATS), default="text",
    show_default=True, help="How to write the report.",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, metavar="[FORMAT=]FILE",
    help="Also write the report to a file; may be given several times.",
)  # fmt: skip
@click.option("--select", multiple=True, metavar="RULES", help="Apply these rules only.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error",
    show_default=True, help="Exit with 1 from findings of this level on.",
)  # fmt: skip
@click.option(
    "--depth", type=click.Choice(["metadata", "full"]), default="full", show_default=True,
    help="With metadata, leave out rules that read values of arrays.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Tell information and passed-over files too.")
def validate(
    paths: tuple[str, ...],
    report_format: str,
    outputs: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    depth: str,
    verbose: bool,
) -> None:
    """Check NIX files, and folders of them.

    RULES are ids, beginnings of ids or globs, parted by commas: NIX201,NIX3,NIX?01.
    """
    targets = [_output(one, report_format) for one in outputs]
    from nixschema.discovery import find
    from nixschema.findings import Level
    from nixschema.reports.report import Report
    from nixschema.rules.rule import selected_rules
    from nixschema.rules.runner import Runner

    try:
        runner = Runner(selected_rules(listed(select), listed(ignore)), depth=depth)
    except ValueError as error:
        raise click.UsageError(f"{error}: `nixschema rule` lists them") from None
    found = find(paths)
    for path in found.missing:
        click.echo(f"{path} does not exist", err=True)
    if verbose:
        for path in found.passed_over:
            click.echo(f"passed over: {path}", err=True)
    if not found.files:
        if not found.missing:
            click.echo(f"nothing to check: no NIX file in {', '.join(paths)}", err=True)
        sys.exit(USAGE)
    code = USAGE if found.missing else 0
    files: list[FileReport] = []
    for path in found.files:
        one, failed = _checked(path, runner)
        files.append(one)
        code = max(code, failed)
    report = Report.of(files, rules=len(runner.rules))
    _write(report, report_format, None, verbose)
    if found.passed_over and report_format == "text" and not verbose:
        count = len(found.passed_over)
        click.echo(f"{count:,} other file{'s' if count > 1 else ''} passed over.", err=True)
    for target_format, target in targets:
        code = max(code, _write_file(report, target_format, target, verbose))
    if fail_on != "never" and report.reaches(Level(fail_on)):
        code = max(code, CONTENT)
    sys.exit(code)


def _checked(path: str, runner: Runner) -> tuple[FileReport, int]:
    """Check a file; a failure of the program is told, and the next file is checked all the same."""
    from nixschema.io import check_file
    from nixschema.reports.report import FileReport

    try:
        return check_file(path, runner), 0
    except MemoryError:
        click.echo(f"{path}: not enough memory to check it", err=True)
    except Exception as error:
        click.echo(f"{path}: {type(error).__name__}: {error}. {BUG}", err=True)
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
    return FileReport(path=path, status="skipped"), FAILURE


def _output(text: str, default: str) -> tuple[str, str]:
    """Format and file of an ``--output``."""
    name, equals, path = text.partition("=")
    if equals and name in REPORT_FORMATS and path:
        return name, path
    if equals and name.isalnum() and name.islower():
        raise click.UsageError(f"`{name}` is no format: {', '.join(REPORT_FORMATS)}")
    suffix = os.path.splitext(text)[1].lstrip(".")
    return (suffix if suffix in REPORT_FORMATS else default), text


def _write(report: Report, report_format: str, stream: Any, verbose: bool) -> None:
    if report_format == "json":
        click.echo(report.to_json(), file=stream)
        return
    from nixschema.reports.text import plain, text_report

    coloured = stream is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in text_report(report, style=styled if coloured else plain, verbose=verbose):
        click.echo(line, file=stream)


def _write_file(report: Report, report_format: str, path: str, verbose: bool) -> int:
    try:
        with open(path, "w", encoding="utf-8") as stream:
            _write(report, report_format, stream, verbose)
    except OSError as error:
        click.echo(f"cannot write {path}: {error.strerror or error}", err=True)
        return (
            USAGE
            if isinstance(error, PermissionError | IsADirectoryError | FileNotFoundError)
            else FAILURE
        )
    return 0
