"""``nixschema diff``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from nixschema.cli.colours import styled
from nixschema.cli.exits import CONTENT, USAGE, failures_told
from nixschema.cli.naming import listed
from nixschema.cli.options import outside_option

if TYPE_CHECKING:
    from nixschema.model import File
    from nixschema.model.differences import Difference


@click.command()
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option(
    "--only", type=click.Choice(["metadata", "data"]),
    help="metadata: all but the values of arrays and the rows of frames. data: their shape, type "
    "and values.",
)  # fmt: skip
@click.option(
    "--ignore", multiple=True, metavar="WHAT",
    help="Leave out id, times (created_at, updated_at) or values (of all arrays: their shape and "
    "type still count); several are parted by commas.",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(["id", "name"]), default="id", show_default=True,
    help="Pair entities by id, and by path what has none of its own; or by path only.",
)  # fmt: skip
@click.option(
    "--rtol", type=float, default=0.0, metavar="FLOAT",
    help="Numbers are equal up to this relative difference.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Compare everything that a file holds.")
@outside_option
def diff(
    left: str,
    right: str,
    output_format: str,
    only: str | None,
    ignore: tuple[str, ...],
    by: str,
    rtol: float,
    strict: bool,
    allow_outside: bool,
) -> None:
    """Tell what differs between two files, by entity.

    Compared are all fields, what references lead to, which entities there are, and shape, type and
    values of arrays. Renamed and moved entities are told as such. Not compared, unless with
    --strict: the order of members and of references, the order of bytes and other ways to store the
    same values, names of links, and the remainder (what the file holds beside NIX).

    Exits with 0 when nothing differs, and with 1 when something does.
    """
    from contextlib import ExitStack
    from itertools import chain

    from nixschema.io import read_any
    from nixschema.model.differences import differences
    from nixschema.recognition import text_format
    from nixschema.storage.files import kept_open

    left_out = listed(ignore)
    if unknown := [one for one in left_out if one not in ("id", "times", "values")]:
        raise click.UsageError(f"`{unknown[0]}` cannot be ignored: id, times and values can")
    if not 0 <= rtol < 1:
        raise click.UsageError(f"--rtol is at least 0 and below 1, not {rtol}")
    for path in (left, right):
        if not os.path.lexists(path) or os.path.isdir(path):
            lacks = "is a folder: name a file" if os.path.isdir(path) else "does not exist"
            click.echo(f"{path} {lacks}", err=True)
            sys.exit(USAGE)
    limits = [f"only {only}"] if only else []
    limits += [f"without {' and '.join(dict.fromkeys(left_out))}"] if left_out else []
    limits += [f"up to {rtol:g}"] if rtol else []
    limits += ["strictly"] if strict else []
    options: Any = {"only": only, "ignore": left_out, "by": by, "rtol": rtol, "strict": strict}
    with failures_told(f"{left}, {right}"), ExitStack() as stack:
        for path in (left, right):
            if text_format(path) is None:
                stack.enter_context(kept_open(path))
        files = (
            read_any(left, allow_outside=allow_outside),
            read_any(right, allow_outside=allow_outside),
        )
        found = differences(*files, **options)
        first = next(found, None)
        found = chain((first,), found) if first is not None else found
        _write_diff(found, files, (left, right), output_format, ", ".join(limits))
    sys.exit(0 if first is None else CONTENT)


def _write_diff(
    found: Iterable[Difference],
    files: tuple[File, File],
    paths: tuple[str, str],
    output_format: str,
    limits: str,
) -> None:
    from nixschema.reports.diff import diff_json, diff_text
    from nixschema.reports.text import plain

    if output_format == "json":
        click.echo(diff_json(found, files, paths))
        return
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    style = styled if coloured else plain
    for line in diff_text(found, files, paths, limits=limits, style=style):
        click.echo(line)
