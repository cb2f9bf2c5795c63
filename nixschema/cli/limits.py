"""How many files are worked on at a time, and what each may take: options of several commands."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def limit_options(about_jobs: str, about_limits: str = "") -> Callable[[F], F]:
    """``--jobs``, ``--timeout`` and ``--memory``.

    Args:
        about_jobs: help for the number of files.
        about_limits: what is said before the help for time and memory.
    """

    def with_them(command: F) -> F:
        command = click.option(
            "--memory", metavar="SIZE", callback=_bytes,
            help=f"{about_limits}Memory that a file may take, such as 500M; 0 is no limit.  "
            "[default: 4G]",
        )(command)  # fmt: skip
        command = click.option(
            "--timeout", type=click.FloatRange(0, 1e9), metavar="SECONDS",
            help=f"{about_limits}Time that a file may take; 0 is no limit.  [default: 300]",
        )(command)  # fmt: skip
        return click.option(
            "-j", "--jobs", "jobs", default="1", show_default=True, metavar="N", callback=_jobs,
            help=about_jobs,
        )(command)  # fmt: skip

    return with_them


def _jobs(context: click.Context, parameter: click.Parameter, value: str) -> int:
    if value in ("auto", "0"):
        return cores()
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 1 <= number <= 1000:
        raise click.BadParameter(f"a number from 1, or `auto`, and not `{value}`")
    return number


def _bytes(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", value.strip(), re.IGNORECASE)
    if match is None or len(value) > 30:
        raise click.BadParameter(f"a size such as `500M` or `4G`, and not `{value}`")
    return int(float(match[1]) * 1024 ** " KMGT".index(match[2].upper() or " "))


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
