"""``nixschema convert`` and ``nixschema upgrade``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from nixschema.cli.exits import CONTENT, failures_told, refuse, writing_told
from nixschema.cli.limits import limit_options
from nixschema.cli.losses import Telling, telling_options
from nixschema.cli.update import split, update_file, update_options
from nixschema.formats import ALL_SUFFIXES, SUFFIXES, Format, format_of_name

if TYPE_CHECKING:
    from nixschema.descriptions.placing import Data
    from nixschema.writing import Conversion

SOURCES = ("nix", "description", "odml")
"""Formats that are read."""


@click.command()
@click.argument("source")
@click.argument("target")
@click.option(
    "--to", "to", type=click.Choice(list(SUFFIXES)),
    help="Format of TARGET. By default its name says it: .nix and .h5 are NIX; .yaml, .yml and "
    ".json are descriptions; .odml, .xml, .odml.yaml and .odml.json are odML; .ttl and .rdf are "
    "RDF.",
)  # fmt: skip
@click.option(
    "--from", "from_", type=click.Choice(SOURCES),
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
    help="Write a description without ids, times, defaults, and how values are stored; or odML "
    "without the section nix_roundtrip, which holds what only NIX has a place for.",
)  # fmt: skip
@click.option(
    "--section", metavar="PATH",
    help="Take only this section, as the root; leave out all else, data too.",
)  # fmt: skip
@click.option(
    "--exclude", multiple=True, metavar="PATH",
    help="Leave out a section or property; may be given several times.",
)  # fmt: skip
@click.option(
    "--resolve", is_flag=True,
    help="Take into sections of odML what their links and includes lead to.",
)  # fmt: skip
@click.option("--fetch", is_flag=True, help="With --resolve, fetch documents from the network.")
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
@click.option(
    "--allow-outside", is_flag=True,
    help="Take data files of descriptions, and with --resolve documents that odML includes, from "
    "outside their folders.",
)  # fmt: skip
@limit_options("Convert N files of a folder at a time; auto is as many as there are processors.",
               "In folders: ")  # fmt: skip
@update_options
@telling_options
@click.pass_context
def convert(
    context: click.Context,
    /,
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
    section: str | None,
    exclude: tuple[str, ...],
    resolve: bool,
    fetch: bool,
    allow_outside: bool,
    verbose: bool,
    everything: bool,
    **others: Any,
) -> Conversion:
    """Make NIX, descriptions and odML of each other, and lose nothing; or make RDF of them.

    A description is a NIX file as YAML or JSON text. odML is metadata, as XML, JSON or YAML, of
    version 1.1 or 1.0; version 1.1 is written. Errors of NIX and odML are written as they are and
    counted; a description with errors makes no file. NIX files older than version 1.2.0 are brought
    up to date. TARGET is complete when it appears: it is written beside its place first.

    Where SOURCE is a folder, TARGET is one too, and --to says what all files become. The tree is
    kept, a bad file does not stop the others, and what is converted is told in one line.

    With --update TARGET is a NIX file that is there, and SOURCE odML, a description or another NIX
    file, whose metadata are taken in: sections are matched by id where type and name agree, else by
    path; what they say is taken over, and all else stays.
    """
    if (options := split(context, others)) is not None:
        update_file(source, target, from_=from_, allow_outside=allow_outside, options=options)
    if os.path.isdir(source):
        _check_version(format_version)
        _convert_folder(source, target, to)
    kind = _check_paths(source, target, force, to)
    _check_options(context, source, target, kind)
    _check_version(format_version)
    from nixschema.writing import convert as convert_file

    return _convert(
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
            section=section,
            exclude=exclude,
            resolve=resolve,
            fetch=fetch,
        ),
        Telling(verbose, everything),
    )


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--force", is_flag=True, help="Replace the target where it exists.")
@click.option(
    "--strict", is_flag=True,
    help="Write nothing where the source has errors, or anything would be lost.",
)  # fmt: skip
@telling_options
def upgrade(
    source: str, target: str, force: bool, strict: bool, verbose: bool, everything: bool
) -> None:
    """Write a file of an older version of the NIX format, or odML 1.0, in the present one.

    Ids, times, uncertainties, references, file names and checksums of old properties are kept. Of
    odML 1.0, what its values have each for themselves is kept in properties beside.
    """
    _check_source(source)
    from nixschema.recognition import text_format

    kind: Format = "odml" if text_format(source) == "odml" else "nix"
    _check_ending(target, kind)
    _check_paths(source, target, force, kind)
    from nixschema.writing import upgrade as upgrade_file

    _convert(
        source,
        lambda: upgrade_file(source, target, strict=strict),
        Telling(verbose, everything),
    )


def _check_ending(target: str, kind: Format) -> None:
    """Refuse the name of a target that is upgraded, where it is one of another format."""
    if format_of_name(target) == kind:
        return
    if kind == "odml" and format_of_name(target) == "description":
        return  # What comes of odML is odML, whatever YAML and JSON are elsewhere.
    *known, last = SUFFIXES[kind]
    endings, word = f"{', '.join(known)} or {last}", "NIX" if kind == "nix" else "odML"
    raise click.UsageError(f"{target} cannot be written: names of {word} files end in {endings}")


def _check_version(format_version: str | None) -> None:
    """Refuse a version that no file is written in."""
    from nixschema.storage.versions import version_of

    if format_version is not None:
        try:
            version_of(format_version)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def _convert_folder(source: str, target: str, to: Format | None) -> NoReturn:
    """Convert all files of a folder, and exit."""
    if to is None:
        raise click.UsageError(f"{source} is a folder: `--to` says what its files become")
    from nixschema.cli.convert_folder import FolderConversion
    from nixschema.cli.stopping import stopped_quietly

    context = click.get_current_context()
    said = [
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    run = FolderConversion(source, target, to, context.params, said)
    with stopped_quietly(lambda: run.counts.made, "converted"):
        code = run.run()
    sys.exit(code)


def _check_paths(source: str, target: str, force: bool, to: Format | None) -> Format:
    """Refuse paths that no file can be read from or written to; the target's format."""
    _check_source(source)
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


def _check_source(source: str) -> None:
    if not os.path.lexists(source):
        refuse(f"{source} does not exist")
    if os.path.isdir(source):
        refuse(f"{source} is a folder: name a file")


def _check_options(context: click.Context, source: str, target: str, kind: Format) -> None:
    """Refuse options that make no sense for the formats of source and target."""
    from nixschema.carrying.options import misuse
    from nixschema.carrying.targets import serialisation
    from nixschema.errors import UnknownFormat
    from nixschema.recognition import source_format

    given = {
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    with failures_told(source):
        came = context.params["from_"] or source_format(source)
    if (reason := misuse(came, kind, given)) is not None:
        raise click.UsageError(reason)
    if kind == "odml" or kind == "rdf":
        try:
            serialisation(target, kind)
        except UnknownFormat as error:
            raise click.UsageError(str(error)) from None


def _convert(source: str, write: Callable[[], Conversion], telling: Telling) -> Conversion:
    """Write a file, and tell on stderr what came with it or got lost."""
    from nixschema.errors import CheckFailed

    with failures_told(source), writing_told():
        try:
            done = write()
        except CheckFailed as failure:
            if not any(one.line for one in failure.findings):
                raise
            telling.refusal(source, failure.findings)
            raise SystemExit(CONTENT) from None
    telling.conversion(source, done)
    return done
