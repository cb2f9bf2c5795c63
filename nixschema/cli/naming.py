"""What a command line names: an entity of a file, or rules."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixschema.cli.exits import CONTENT, refuse

if TYPE_CHECKING:
    from nixschema.model import File
    from nixschema.model.entity import Model


def named(path: str, entity: str | None, *, allow_outside: bool = False) -> tuple[File, Model]:
    """A file, and the entity in it that the command line names; the file itself without one."""
    if not os.path.lexists(path):
        refuse(f"{path} does not exist")
    if os.path.isdir(path):
        refuse(f"{path} is a folder: name a file")
    from nixschema.errors import NotNix
    from nixschema.io import read_any
    from nixschema.model.lookup import find_entity, similar_names

    try:
        file = read_any(path, allow_outside=allow_outside)
    except NotNix as error:
        click.echo(str(error), err=True)
        sys.exit(CONTENT)
    model = find_entity(file, entity) if entity is not None else file
    if model is None:
        similar = similar_names(file, entity or "")
        hint = f": did you mean {' or '.join(f'`{one}`' for one in similar)}?" if similar else ""
        click.echo(f"{path} has no entity `{entity}`{hint}", err=True)
        sys.exit(CONTENT)
    return file, model


def listed(patterns: tuple[str, ...]) -> list[str]:
    """Patterns that are parted by commas, one by one."""
    return [one.strip() for pattern in patterns for one in pattern.split(",") if one.strip()]
