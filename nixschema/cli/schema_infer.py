"""``nixschema schema infer``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from nixschema.cli.exits import (
    CONTENT,
    USAGE,
    failures_told,
    refuse,
    stdout_told,
    tell,
    writing_told,
)

if TYPE_CHECKING:
    from nixschema.model import File

_MOST_TOLD = 20
_ID = re.compile(r"(?!(?i:NIX)[0-9])[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@click.option("-o", "--output", metavar="FILE", help="Write the schema to a file.")
@click.option("--force", is_flag=True, help="Replace the file where it exists.")
@click.option(
    "--name", metavar="ID", help="The id of the schema.  [default: the name of the file, or lab]"
)
@click.option(
    "--min-share", type=click.FloatRange(0.5, 1), default=1.0, show_default=True, metavar="PART",
    help="Ask of all files for what holds in this part of them; the others are exceptions.",
)  # fmt: skip
@click.option(
    "--ranges", is_flag=True,
    help="Ask that numbers of the metadata are in the range in which they are, with some room.",
)  # fmt: skip
def infer(
    paths: tuple[str, ...],
    output: str | None,
    force: bool,
    name: str | None,
    min_share: float,
    ranges: bool,
) -> None:
    """Write a schema that existing files follow.

    FILES are NIX files, descriptions, odML, and folders of them. What all of them have is asked
    for, what some have is optional; comments say how often it was met. Ids, times and sizes are
    never asked for, nor are values of arrays read. The files are checked with the schema at last,
    and those that do not pass are listed as exceptions.
    """
    from nixschema.discovery import find, is_ours
    from nixschema.schema.inferring.inferring import Inference

    name = name or _named_by(output)
    if not _ID.fullmatch(name):
        raise click.UsageError(f"`{name}` is no id of a schema: write `--name our-lab`")
    if output is not None:
        if os.path.isdir(output):
            refuse(f"{output} is a folder: name a file")
        if os.path.lexists(output) and not force:
            refuse(f"{output} exists: replace it with --force")
        if not output.lower().endswith((".yaml", ".yml")):
            raise click.UsageError(f"{output}: schemas with comments are YAML, and end in .yaml")
    found = find(paths)
    for one in found.missing:
        tell(f"{one} does not exist")
    for error in found.closed:
        tell(f"cannot look into {error.filename}: {error.strerror}")
    if found.missing or found.closed:
        sys.exit(USAGE)
    inference = Inference()
    read: list[str] = []
    unreadable = 0
    for candidate in found.candidates:
        if not candidate.named and not is_ours(candidate.path):
            continue
        file = _file(candidate.path, candidate.named)
        if file is None:
            unreadable += _counts(candidate.path, candidate.named)
            continue
        read.append(candidate.path)
        with failures_told(candidate.path):
            inference.add(file)
    if not read:
        tell("there is no file to learn from")
        sys.exit(CONTENT if unreadable else USAGE)
    with failures_told("schema infer"):
        inferred = inference.schema(name, share=min_share, ranges=ranges)
        exceptions = _exceptions(inferred.text, name, read)
    if output is None:
        with stdout_told():
            click.echo(inferred.text, nl=False)
    else:
        _write(output, inferred.text)
    for one in inferred.left_out:
        tell(f"left out: {one}")
    for one in exceptions:
        tell(one)
    count = len(read)
    tell(f"{name} is made of {count:,} file{'' if count == 1 else 's'}")
    if unreadable:
        sys.exit(CONTENT)


def _named_by(output: str | None) -> str:
    """An id for a schema, of the name of its file."""
    stem = os.path.splitext(os.path.basename(output or ""))[0]
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "lab"


def _counts(path: str, named: bool) -> bool:
    """Whether it is a fault that nothing can be read from a file: schemas in folders are passed."""
    from nixschema.recognition import text_format

    return named or text_format(path) != "schema"


def _file(path: str, named: bool) -> File | None:
    """What a file holds; None, told, where it cannot be read."""
    from nixschema.errors import NixError
    from nixschema.io import read_any

    with _gently(path):
        try:
            return read_any(path)
        except (NixError, OSError) as error:
            if _counts(path, named):
                tell(f"left out: {error}" if path in str(error) else f"left out: {path}: {error}")
            return None
    return None


@contextmanager
def _gently(path: str) -> Iterator[None]:
    """Tell what nobody expects in one line."""
    with failures_told(path):
        yield


def _exceptions(text: str, name: str, paths: list[str]) -> list[str]:
    """The files that the schema made of them does not accept, and why."""
    from nixschema.findings import Level
    from nixschema.schema.checking.program import Program
    from nixschema.schema.loading import document_of, read_schema

    schema, problems = read_schema(text.encode(), name)
    loaded = None if schema is None else document_of(schema)
    for wrong in (*problems.found, *(loaded.problems if loaded is not None else ())):
        raise RuntimeError(f"the schema made has a problem in line {wrong.line}: {wrong.message}")
    assert loaded is not None
    assert loaded.document is not None
    program = Program(loaded.document)
    told = []
    different = 0
    for path in paths:
        file = _file(path, False)
        if file is None:
            continue
        findings = [
            one
            for one in program.check(file, depth="metadata", metadata_only=not file.blocks).findings
            if one.level is Level.ERROR
        ]
        if not findings:
            continue
        different += 1
        if different <= _MOST_TOLD:
            first, more = findings[0], len(findings) - 1
            also = f" (and {more:,} more)" if more else ""
            told.append(f"exception: {path}: {first.path}: {first.message}{also}")
    if different > _MOST_TOLD:
        told.append(f"exceptions: {different - _MOST_TOLD:,} more files")
    return told


def _write(path: str, text: str) -> None:
    from nixschema.storage.replace import replacing

    with failures_told(path), writing_told(), replacing(path) as stream:
        stream.write(memoryview(text.encode("utf-8", "surrogatepass")))
