"""``nixschema schema``: commands about schemas of labs."""

from __future__ import annotations

import click

from nixschema.cli.schema_infer import infer


@click.group()
def schema() -> None:
    """Make schemas of labs, and what editors need of them."""


for command in (infer,):
    schema.add_command(command)
