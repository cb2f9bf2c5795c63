"""``nixschema convert`` and ``nixschema upgrade``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from nixschema.cli.exits import failures_told, refuse, writing_told

if TYPE_CHECKING:
    from nixschema.writing import Conversion

NIX_SUFFIXES = (".nix", ".h5")
"""How names of NIX files end."""


@click.command()
@click.argument("source")
@click.argument("target")
@click.option(
    "--format-version", metavar="VERSION",
    help="Version of the NIX format: 1.2.1, which nixio edits, or 1.2.0, which the C++ library "
    "does. By default that of the source, and 1.2.1 for older ones.",
)  # fmt: skip
@click.option(
    "--compression", type=click.IntRange(0, 9), metavar="LEVEL",
    help="Compress the data of arrays and frames by deflate, or with 0 not at all. By default they "
    "stay as they are.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the target where it exists.")
@click.option(
    "--strict", is_flag=True,
    help="Write nothing where the source has errors, or anything would be lost.",
)  # fmt: skip
def convert(
    source: str,
    target: str,
    format_version: str | None,
    compression: int | None,
    force: bool,
    strict: bool,
) -> None:
    """Write a NIX file again, and lose nothing.

    Errors of the source are written as they are and counted. Files older than version 1.2.0 are
    brought up to date. TARGET is complete when it appears: it is written beside its place first.
    """
    _check_paths(source, target, force)
    from nixschema.storage.versions import version_of

    if format_version is not None:
        try:
            version_of(format_version)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    from nixschema.writing import convert as convert_file

    _convert(
        source,
        lambda: convert_file(
            source, target, format_version=format_version, compression=compression, strict=strict
        ),
    )


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--force", is_flag=True, help="Replace the target where it exists.")
@click.option(
    "--strict", is_flag=True,
    help="Write nothing where the source has errors, or anything would be lost.",
)  # fmt: skip
def upgrade(source: str, target: str, force: bool, strict: bool) -> None:
    """Write a file of an older version of the NIX format in the present one.

    Ids, times, uncertainties, references, file names and checksums of old properties are kept.
    """
    _check_paths(source, target, force)
    from nixschema.writing import upgrade as upgrade_file

    _convert(source, lambda: upgrade_file(source, target, strict=strict))


def _check_paths(source: str, target: str, force: bool) -> None:
    """Refuse paths that no file can be read from or written to."""
    if not os.path.lexists(source):
        refuse(f"{source} does not exist")
    if os.path.isdir(source):
        refuse(f"{source} is a folder: name a file")
    suffix = os.path.splitext(target)[1].lower()
    if suffix not in NIX_SUFFIXES:
        endings = " or ".join(NIX_SUFFIXES)
        raise click.UsageError(f"{target} cannot be written: names of NIX files end in {endings}")
    if os.path.lexists(target) and not force:
        refuse(f"{target} exists: replace it with --force")


def _convert(source: str, write: Callable[[], Conversion]) -> None:
    """Write a file, and tell on stderr what came with it or got lost."""
    from nixschema.reports.text import count_text

    with failures_told(source), writing_told():
        done = write()
    for path, reason in done.losses:
        click.echo(f"{source}: lost {path}: {reason}", err=True)
    if done.errors:
        count = count_text(len(done.errors), "error")
        click.echo(f"{source} has {count}, written as found: `nixschema validate` tells", err=True)
