"""``nixschema schema``: what there is to do with schemas of labs."""

from __future__ import annotations

import sys

import click

from nixschema.cli.exits import CONTENT, USAGE, stdout_told, tell
from nixschema.cli.options import configuration_options, report_options
from nixschema.cli.schema_detect import detect
from nixschema.cli.schema_diff import diff
from nixschema.cli.schema_infer import infer
from nixschema.cli.schema_json import schema_json
from nixschema.cli.schema_named import known_hint, loaded
from nixschema.cli.schema_test import test


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def schema() -> None:
    """Work with schemas: what the files of a lab, a tool or an archive must contain.

    NAME is a schema that comes with nixschema or with an installed package, FILE one of your own.
    """


schema.add_command(test)
schema.add_command(detect)
schema.add_command(diff)
schema.add_command(infer)
schema.add_command(schema_json)

_FORMAT = click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip


@schema.command("list")
@_FORMAT
def list_(output_format: str) -> None:
    """List the schemas that a name is enough for: id, version, where from, title."""
    from nixschema.schema.catalogue import catalogue

    found = catalogue()
    usable = [(one, one.document.schema) for one in found if one.document is not None]
    with stdout_told():
        if output_format == "json":
            from nixschema.schema.showing import list_json

            click.echo(list_json([one for one, _ in usable]))
        elif usable:
            rows = [
                (one.name, about.version or "-", one.origin, about.title or "")
                for one, about in usable
            ]
            widths = [max(len(row[column]) for row in rows) for column in range(3)]
            for row in rows:
                padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
                click.echo("  ".join([*padded, row[3]]).rstrip())
    for one in found:
        if one.fault is not None:
            tell(f"{one.name} of {one.origin} cannot be used: {one.fault}")
    if not found:
        tell("no schemas are shipped or installed")


@schema.command()
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "--merged", is_flag=True, help="Show one schema that says what all layers say together."
)
@_FORMAT
def show(name: str, merged: bool, output_format: str) -> None:
    """Show a schema: what it recognises files by, its rules, and all its layers as YAML.

    The layers are the schemas that it extends, the lowest first, as they count: what an upper one
    overrides is gone, and each override is listed with its reason.
    """
    from nixschema.schema.showing import show_json, show_text

    document = loaded(name)
    with stdout_told():
        if output_format == "json":
            click.echo(show_json(document))
        else:
            for line in show_text(document, merged=merged):
                click.echo(line, nl=False)


@schema.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|NAME...")
@report_options
@configuration_options
@click.option("-v", "--verbose", is_flag=True, help="Show information too.")
@click.option("-q", "--quiet", is_flag=True, help="Tell findings, and nothing else.")
@click.pass_context
def check(
    context: click.Context,
    /,
    names: tuple[str, ...],
    outputs: tuple[str, ...],
    **options: object,
) -> None:
    """Check schemas themselves: every problem with its line, as `validate` does.

    Exits with 1 where a schema has errors, or a file is no schema.
    """
    import os

    from nixschema.cli.validate import validate
    from nixschema.recognition import text_format
    from nixschema.schema.finding import find_schema

    paths, code = [], 0
    for name in names:
        path = name
        if not os.path.lexists(name):
            found = find_schema(name)
            if found is None:
                tell(f"there is no schema `{name}`{known_hint()}")
                code = max(code, USAGE)
                continue
            path = str(found)
        elif os.path.isdir(name):
            tell(f"{name} is a folder: name the schemas in it")
            code = max(code, USAGE)
            continue
        if text_format(path) != "schema":
            tell(f"{path} is no schema: it has no `schema` at its top")
            code = max(code, CONTENT)
            continue
        paths.append(path)
    if paths:
        try:
            context.invoke(validate, paths=tuple(paths), outputs=outputs, jobs=1, **options)
        except SystemExit as end:
            code = max(code, int(end.code or 0))
    sys.exit(code)


@schema.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("--no-python-rules", is_flag=True, help="Leave out rules that are Python.")
def docs(name: str, no_python_rules: bool) -> None:
    """Write the page of a schema, as Markdown: what it asks for, in words and tables.

    Its examples are tried, and the page says what they bring.
    """
    from nixschema.cli.colours import echo_markdown
    from nixschema.cli.schema_test import tried
    from nixschema.schema.pages import page

    document = loaded(name)
    verdicts = list(tried(name, document, python_rules=not no_python_rules))
    with stdout_told():
        echo_markdown(page(document, verdicts))
