"""``nixschema schema diff``: what is tighter and what is looser."""

from __future__ import annotations

import sys

import click

from nixschema.cli.exits import CONTENT, stdout_told


@click.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
def diff(old: str, new: str, output_format: str) -> None:
    """Tell what differs between two schemas, or two versions of one, clause by clause.

    A and B are names or files. A change is tighter where some file that passed A may fail B, looser
    where some file that failed may pass, `either` where it may be both, and a note where no file is
    judged in another way: versions, texts, reasons, examples. The last line says whether files that
    pass A may fail B.

    Exits with 0 where both ask for the same, and with 1 where they differ.
    """
    from nixschema.cli.schema_named import loaded
    from nixschema.schema.comparing import compared
    from nixschema.schema.comparing_told import diff_json, diff_text, is_different

    documents = loaded(old), loaded(new)
    changes = compared(*documents)
    with stdout_told():
        if output_format == "json":
            click.echo(diff_json(changes, documents, (old, new)))
        else:
            for line in diff_text(changes, documents):
                click.echo(line)
    sys.exit(CONTENT if is_different(changes) else 0)
