"""``nixschema schema json``."""

from __future__ import annotations

import os

import click

from nixschema.cli.exits import failures_told, refuse, stdout_told, tell, writing_told


@click.command(name="json")
@click.argument("schema_name", metavar="NAME|FILE")
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
@click.option("--force", is_flag=True, help="Replace the file where it exists.")
def schema_json(schema_name: str, output: str | None, force: bool) -> None:
    """Write the JSON Schema of descriptions under a schema.

    Editors complete and explain descriptions by it: the names, types, units and values of the lab.
    It refuses what is surely wrong, and nothing that `validate --schema` takes.
    """
    if output is not None:
        if os.path.isdir(output):
            refuse(f"{output} is a folder: name a file")
        if os.path.lexists(output) and not force:
            refuse(f"{output} exists: replace it with --force")
    text = _text(schema_name)
    if output is None:
        with stdout_told():
            click.echo(text, nl=False)
        return
    from nixschema.storage.replace import replacing

    with failures_told(output), writing_told(), replacing(output) as stream:
        stream.write(memoryview(text.encode()))
    name = os.path.basename(output)
    tell(f"descriptions beside it begin with: # yaml-language-server: $schema={name}")


def _text(name: str) -> str:
    import json

    from nixschema.completing.document import description_schema_under
    from nixschema.schema.finding import find_schema, is_path
    from nixschema.schema.loading import load_schema_document

    if not os.path.isfile(name) and (is_path(name) or find_schema(name) is None):
        refuse(f"there is no schema {name}")
    with failures_told(name):
        document = load_schema_document(name)
        return json.dumps(description_schema_under(document), indent=1, ensure_ascii=True) + "\n"
    return ""
