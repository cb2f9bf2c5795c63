"""``nixschema show``."""

from __future__ import annotations

from collections.abc import Iterable

import click

from nixschema.cli.naming import named
from nixschema.cli.options import outside_option


@click.command()
@click.argument("path")
@click.argument("entity", required=False)
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Leave nothing out of a long tree.")
@outside_option
def show(
    path: str, entity: str | None, output_format: str, everything: bool, allow_outside: bool
) -> None:
    """Show the tree of a file, or one entity of it.

    ENTITY is a path in the file (/data/session/data_arrays/lfp), a short path (session/lfp,
    /subject/cell, /subject:age), or an id.
    """
    file, model = named(path, entity, allow_outside=allow_outside)
    from nixschema.reports.show import show_entity, show_json, show_tree

    if output_format == "json":
        lines: Iterable[str] = show_json(model)
    elif entity is not None and model is not file:
        lines = show_entity(model)
    else:
        lines = show_tree(model, everything=everything)
    for line in lines:
        click.echo(line)
