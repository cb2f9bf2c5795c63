"""The command line: arguments in, functions called, exit code out.

Exit codes: 0 done; 1 the content stands in the way (findings, unreadable input, entity not found);
2 wrong use (bad option, path that does not exist, nothing to check); 3 nixschema or the machine
failed. The highest wins. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nixschema.reports.report import FileReport, Report
    from nixschema.rules.runner import Runner

CONTENT, USAGE, FAILURE = 1, 2, 3

REPORT_FORMATS = ("text", "json")

BUG = "This is a bug in nixschema, or something is wrong with the machine."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nixschema", message="nixschema %(version)s")
def main() -> None:
    """Read NIX files, check them, and show what they hold."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@main.command()
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
        runner = Runner(selected_rules(_listed(select), _listed(ignore)), depth=depth)
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


@main.command()
@click.argument("path")
@click.argument("entity", required=False)
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Leave nothing out of a long tree.")
def show(path: str, entity: str | None, output_format: str, everything: bool) -> None:
    """Show the tree of a file, or one entity of it.

    ENTITY is a path in the file (/data/session/data_arrays/lfp), a short path (session/lfp,
    /subject/cell, /subject:age), or an id.
    """
    if not os.path.lexists(path):
        click.echo(f"{path} does not exist", err=True)
        sys.exit(USAGE)
    if os.path.isdir(path):
        click.echo(f"{path} is a folder: name a file", err=True)
        sys.exit(USAGE)
    from nixschema.errors import NotNix
    from nixschema.io import read
    from nixschema.model.lookup import find_entity, similar_names
    from nixschema.reports.show import show_entity, show_json, show_tree

    try:
        file = read(path)
    except NotNix as error:
        click.echo(str(error), err=True)
        sys.exit(CONTENT)
    model = find_entity(file, entity) if entity is not None else file
    if model is None:
        similar = similar_names(file, entity or "")
        hint = f": did you mean {' or '.join(f'`{one}`' for one in similar)}?" if similar else ""
        click.echo(f"{path} has no entity `{entity}`{hint}", err=True)
        sys.exit(CONTENT)
    if output_format == "json":
        lines: Iterable[str] = show_json(model)
    elif entity is not None and model is not file:
        lines = show_entity(model)
    else:
        lines = show_tree(model, everything=everything)
    for line in lines:
        click.echo(line)


@main.command()
@click.argument("rule_id", required=False, metavar="[ID]")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="json is the registry, for programs.",
)  # fmt: skip
def rule(rule_id: str | None, output_format: str) -> None:
    """List the rules, or show the page of one."""
    import json

    from nixschema.rules.pages import page, registry
    from nixschema.rules.rule import all_rules, fits

    rules = all_rules()
    if rule_id is not None:
        rules = [one for one in rules if fits(rule_id, one.id)]
        if not rules:
            raise click.UsageError(f"no rule fits `{rule_id}`: `nixschema rule` lists them")
    if output_format == "json":
        click.echo(json.dumps(registry(rules), indent=2))
    elif rule_id is not None and len(rules) == 1:
        _echo_markdown(page(rules[0]))
    else:
        for one in rules:
            click.echo(f"{one.id}  {one.level:7}  {one.title}")


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


def _listed(patterns: tuple[str, ...]) -> list[str]:
    return [one.strip() for pattern in patterns for one in pattern.split(",") if one.strip()]


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
    for line in text_report(report, style=_style if coloured else plain, verbose=verbose):
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


def _style(text: str, role: str) -> str:
    match role:
        case "error":
            return click.style(text, fg="red", bold=True)
        case "warning":
            return click.style(text, fg="yellow", bold=True)
        case "info" | "ok":
            return click.style(text, fg="green")
        case "file":
            return click.style(text, bold=True)
    return click.style(text, dim=True)


def _echo_markdown(text: str) -> None:
    """Markdown as it is, or rendered on a terminal."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
