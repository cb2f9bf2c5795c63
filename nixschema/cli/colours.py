"""What a terminal shows in colour."""

from __future__ import annotations

import sys

import click


def styled(text: str, role: str) -> str:
    """A text in the colour of its role; see `nixschema.reports.text`."""
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


def echo_markdown(text: str) -> None:
    """Markdown as it is, or rendered on a terminal."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
