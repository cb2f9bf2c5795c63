"""``nixschema report``."""

from __future__ import annotations

import os
import sys

import click

from nixschema.cli.colours import styled
from nixschema.cli.exits import CONTENT, failures_told, refuse, stdout_told, tell, writing_told
from nixschema.cli.options import report_options
from nixschema.cli.outputs import check_targets, output_of, write_report
from nixschema.reports.formats import Options, lines
from nixschema.reports.styles import plain


@click.command()
@click.argument("results_path", metavar="RESULTS.jsonl")
@report_options
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="never",
    show_default=True, help="Exit with 1 from findings of this level on.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Show information and accepted findings too.")
@click.option("-q", "--quiet", is_flag=True, help="Show findings, and nothing else.")
def report(
    results_path: str,
    report_format: str,
    outputs: tuple[str, ...],
    fail_on: str,
    everything: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Show the results of an earlier run again.

    RESULTS.jsonl is what `nixschema validate --format jsonl` wrote.
    """
    if quiet and verbose:
        raise click.UsageError("`--quiet` and `--verbose` exclude each other")
    targets = [output_of(one, report_format) for one in outputs]
    if not os.path.lexists(results_path):
        refuse(f"{results_path} does not exist")
    if not os.path.isfile(results_path):
        refuse(f"{results_path} is no file: a report reads it several times")
    for _, path in targets:
        if os.path.exists(path) and os.path.samefile(path, results_path):
            refuse(f"{path} holds the results: write to another file")
    check_targets(path for _, path in targets)
    from nixschema.findings import Level
    from nixschema.reports.results import read_results

    with failures_told(results_path):
        try:
            results = read_results(results_path)
        except OSError as error:
            tell(f"cannot read {results_path}: {error.strerror or error}")
            sys.exit(CONTENT)
        if results.note:
            tell(results.note)
        coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        style = styled if coloured else plain
        failing = fail_on if fail_on != "never" else "error"
        shown = Options(style, verbose, everything, failing, quiet=quiet)
        with stdout_told():
            for line in lines(results, report_format, shown):
                click.echo(line)
    for name, path in targets:
        asked = Options(plain, verbose, everything, failing, path)
        with writing_told():
            write_report(results, name, path, asked)
    if fail_on != "never" and results.summary.reaches(Level(fail_on)):
        sys.exit(CONTENT)
