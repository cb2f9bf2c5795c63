"""``nixschema new``."""

from __future__ import annotations

import os

import click

from nixschema.cli.exits import failures_told, refuse, tell, writing_told
from nixschema.formats import SUFFIXES, format_of_name

SCHEMA = "nix.schema.json"
"""The JSON Schema that new descriptions name: editors look for it beside them."""

FOR_EDITORS = (SCHEMA, "schema.schema.json")
"""JSON Schemas by which editors explain descriptions, and schemas of labs."""


@click.command()
@click.argument("target")
@click.option("--force", is_flag=True, help="Replace the target where it exists.")
@click.option("--no-schema", is_flag=True, help=f"Put no {SCHEMA} beside the description.")
@click.option(
    "--schema", "lab", metavar="NAME|FILE",
    help="Write all that a schema requires, with placeholders.",
)  # fmt: skip
def new(target: str, force: bool, no_schema: bool, lab: str | None) -> None:
    """Write a description to start from.

    TARGET ends in .yaml or .yml, and has comments that explain it, or in .json, which has no
    comments. It holds one of everything, and validates and converts as it stands. Beside it,
    nix.schema.json is written where there is none yet: editors complete and explain keys by it.
    With --schema it holds what a schema of a lab requires instead, and tells which values are
    placeholders.
    The TARGET nix.schema.json is that schema alone, for descriptions that are there already;
    schema.schema.json is the one for schemas of labs.
    """
    folder, name = os.path.split(target)
    if format_of_name(name) != "description":
        endings = ", ".join(SUFFIXES["description"])
        raise click.UsageError(f"{target} is no description: their names end in {endings}")
    if os.path.isdir(target):
        refuse(f"{target} is a folder: name a file")
    if os.path.lexists(target) and not force:
        refuse(f"{target} exists: replace it with --force")
    if name in FOR_EDITORS:
        if lab is not None:
            raise click.UsageError(f"{name} is the same with every schema of a lab")
        _write(target, _schema(name))
        return
    as_json = name.lower().endswith(".json")
    _write(target, _text(lab, as_json=as_json).encode())
    if as_json:
        tell(f"{target} has no comments, as JSON has none: those of a .yaml file explain it")
    beside = os.path.join(folder, SCHEMA)
    if not no_schema and not os.path.lexists(beside):
        _write(beside, _schema(SCHEMA))


def _text(lab: str | None, *, as_json: bool) -> str:
    if lab is None:
        from nixschema.descriptions.starter import starter_text

        return starter_text(as_json=as_json)
    from nixschema.cli.schema_named import loaded
    from nixschema.schema.drafted import draft_text

    return draft_text(loaded(lab), lab, as_json=as_json)


def _schema(name: str) -> bytes:
    from nixschema.documents import documents

    return (documents() / "schemas" / name).read_bytes()


def _write(path: str, text: bytes) -> None:
    from nixschema.storage.replace import replacing

    with failures_told(path), writing_told(), replacing(path) as stream:
        stream.write(memoryview(text))
