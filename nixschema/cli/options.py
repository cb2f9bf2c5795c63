"""Options that several commands have, each in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from nixschema.reports.formats import FORMAT_NAMES

F = TypeVar("F", bound=Callable[..., Any])


def report_options(command: F) -> F:
    """How results are shown, and where: ``--format``, ``--output`` and ``--all``."""
    return _with(
        command,
        click.option(
            "--format", "report_format", type=click.Choice(FORMAT_NAMES), default="text",
            show_default=True, help="How to write the report.",
        ),
        click.option(
            "--output", "outputs", multiple=True, metavar="[FORMAT=]FILE",
            help="Also write the report to a file; may be given several times.",
        ),
        click.option(
            "--all", "everything", is_flag=True, help="Show findings that are like others too."
        ),
    )  # fmt: skip


def outside_option(command: F) -> F:
    """Whether data files of descriptions may lie anywhere: ``--allow-outside``."""
    return _with(
        command,
        click.option(
            "--allow-outside", is_flag=True,
            help="Take data files of descriptions from outside their folders.",
        ),
    )  # fmt: skip


def configuration_options(command: F) -> F:
    """Which configuration counts: ``--config``, ``--isolated`` and ``--force-exclude``."""
    return _with(
        command,
        click.option("--config", metavar="FILE", help="Use this configuration for all files."),
        click.option("--isolated", is_flag=True, help="Read no configuration."),
        click.option(
            "--force-exclude", is_flag=True,
            help="Leave out what a configuration excludes even where it is named.",
        ),
    )  # fmt: skip


def _with(command: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        command = option(command)
    return command
