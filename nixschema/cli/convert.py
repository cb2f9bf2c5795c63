"""``nixschema convert`` and ``nixschema upgrade``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from nixschema.cli.exits import CONTENT, failures_told, refuse, tell, writing_told
from nixschema.cli.options import outside_option
from nixschema.cli.update import split, update_file, update_options
from nixschema.formats import ALL_SUFFIXES, SUFFIXES, Format, format_of_name

if TYPE_CHECKING:
    from nixschema.descriptions.placing import Data
    from nixschema.findings import Finding
    from nixschema.writing import Conversion


@click.command()
@click.argument("source")
@click.argument("target")
@click.option(
    "--to", "to", type=click.Choice(list(SUFFIXES)),
    help="Format of TARGET. By default its name says it: .nix and .h5 are NIX; .yaml, .yml and "
    ".json are descriptions.",
)  # fmt: skip
@click.option(
    "--from", "from_", type=click.Choice(list(SUFFIXES)),
    help="Format of SOURCE. By default its content says it.",
)  # fmt: skip
@click.option(
    "--data", type=click.Choice(["auto", "inline", "files", "none"]), default="auto",
    show_default=True,
    help="Where the values go when a description is written: few into the text and others into "
    "files beside it; all into the text; all into files; or nowhere, as they stay in SOURCE.",
)  # fmt: skip
@click.option(
    "--plain", is_flag=True,
    help="Write a description without ids, times, defaults, and how values are stored.",
)  # fmt: skip
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
@click.option(
    "--allow-errors", is_flag=True, help="Write a description that has errors, as far as it goes."
)
@outside_option
@update_options
def convert(
    source: str,
    target: str,
    to: Format | None,
    from_: Format | None,
    data: Data,
    plain: bool,
    format_version: str | None,
    compression: int | None,
    force: bool,
    strict: bool,
    allow_errors: bool,
    allow_outside: bool,
    **updating: Any,
) -> None:
    """Make a NIX file of a description, or a description of a NIX file, and lose nothing.

    A description is a NIX file as YAML or JSON text. Errors of a NIX file are written as they are
    and counted; a description with errors makes no file. Files older than version 1.2.0 are brought
    up to date. TARGET is complete when it appears: it is written beside its place first.

    With --update TARGET is a NIX file that is there, and SOURCE odML, a description or another NIX
    file, whose metadata are taken in: sections are matched by id where name and type agree, else by
    path; what they say is taken over, and all else stays.
    """
    if (options := split(updating)) is not None:
        update_file(source, target, from_=from_, allow_outside=allow_outside, options=options)
    kind = _check_paths(source, target, force, to)
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
            source,
            target,
            to=kind,
            from_=from_,
            format_version=format_version,
            compression=compression,
            data=data,
            plain=plain,
            strict=strict,
            allow_errors=allow_errors,
            allow_outside=allow_outside,
        ),
        is_description=kind == "description",
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
    if format_of_name(target) != "nix":
        endings = " or ".join(SUFFIXES["nix"])
        raise click.UsageError(f"{target} cannot be written: names of NIX files end in {endings}")
    _check_paths(source, target, force, "nix")
    from nixschema.writing import upgrade as upgrade_file

    _convert(source, lambda: upgrade_file(source, target, strict=strict))


def _check_paths(source: str, target: str, force: bool, to: Format | None) -> Format:
    """Refuse paths that no file can be read from or written to; the target's format."""
    if not os.path.lexists(source):
        refuse(f"{source} does not exist")
    if os.path.isdir(source):
        refuse(f"{source} is a folder: name a file")
    kind = to or format_of_name(target)
    if kind is None:
        endings = ", ".join(ALL_SUFFIXES)
        raise click.UsageError(f"{target} cannot be written: `--to`, or a name with {endings}")
    if os.path.lexists(target) and not force:
        refuse(f"{target} exists: replace it with --force")
    folder = f"{os.path.splitext(target)[0]}.data"
    if kind == "description" and os.path.lexists(folder) and not force:
        refuse(f"{folder} exists: replace it with --force")
    return kind


def _convert(source: str, write: Callable[[], Conversion], *, is_description: bool = False) -> None:
    """Write a file, and tell on stderr what came with it or got lost."""
    from nixschema.errors import CheckFailed
    from nixschema.reports.text import count_text

    with failures_told(source), writing_told():
        try:
            done = write()
        except CheckFailed as failure:
            if not any(one.line for one in failure.findings):
                raise
            _tell_errors(source, failure.findings)
            raise SystemExit(CONTENT) from None
    for path, reason in done.losses:
        rule = " NIX901 warning:" if is_description else ""
        tell(f"{source}: lost {path}:{rule} {reason}")
    if done.errors:
        count = count_text(len(done.errors), "error")
        click.echo(f"{source} has {count}, written as found: `nixschema validate` tells", err=True)


def _tell_errors(source: str, findings: list[Finding]) -> None:
    """Tell each error at its line, and what to do about it."""
    from nixschema.reports.text import count_text

    for one in findings:
        tell(f"{source}:{one.line}:{one.column}: {one.rule} {one.level}: {one.message}")
        if one.help:
            tell(f"    help: {one.help}")
    tell(f"Nothing was written: {count_text(len(findings), 'error')}.")
