"""``nixschema fix``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixschema.cli.colours import styled
from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, WRONG_PLACES
from nixschema.cli.naming import listed

if TYPE_CHECKING:
    from nixschema.mending.mend import Mended
    from nixschema.rules.rule import Rule


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--diff", "dry", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--unsafe", is_flag=True,
    help="Do fixes too that choose a meaning, such as new ids for copies.",
)  # fmt: skip
@click.option("--select", multiple=True, metavar="RULES", help="Mend what these rules report only.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave what these rules report.")
@click.option("-v", "--verbose", is_flag=True, help="Tell information that is left too.")
def fix(
    paths: tuple[str, ...],
    dry: bool,
    unsafe: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    verbose: bool,
) -> None:
    """Mend what rules know how to mend, in NIX files and folders of them.

    Safe fixes change nothing that means anything. Each file is copied beside itself, the copy is
    changed, and takes its place: all or nothing. Files in which nothing can be mended are not
    touched.

    RULES are ids, beginnings of ids or globs, parted by commas: NIX201,NIX3,NIX?01.

    Exits with 1 when errors are left, or with --diff when something would change.
    """
    from nixschema.discovery import find, is_ours
    from nixschema.rules.rule import selected_rules

    try:
        rules = selected_rules(listed(select), listed(ignore))
    except ValueError as error:
        raise click.UsageError(f"{error}: `nixschema rule` lists them") from None
    found = find(paths)
    for path in found.missing:
        click.echo(f"{path} does not exist", err=True)
    files = [one.path for one in found.candidates if one.named or is_ours(one.path)]
    if not files:
        if not found.missing:
            click.echo(f"nothing to fix: no NIX file in {', '.join(paths)}", err=True)
        sys.exit(USAGE)
    sys.exit(max(USAGE if found.missing else 0, _fix(files, rules, dry, unsafe, verbose)))


def _fix(files: list[str], rules: list[Rule], dry: bool, unsafe: bool, verbose: bool) -> int:
    from nixschema.findings import Level
    from nixschema.mending.telling import mended_text, preview_summary, preview_text, summary_text
    from nixschema.reports.text import plain

    style = styled if sys.stdout.isatty() and "NO_COLOR" not in os.environ else plain
    code = 0
    results: list[Mended] = []
    for path in files:
        one, failed = _mended(path, rules, dry=dry, unsafe=unsafe)
        code = max(code, failed)
        if one is None:
            continue
        lines = (
            preview_text(one, style=style)
            if dry
            else mended_text(one, style=style, verbose=verbose)
        )
        for line in lines:
            click.echo(line)
        one.models = None
        results.append(one)
        errors = any(finding.level is Level.ERROR for finding in one.remaining)
        if one.is_changed if dry else errors:
            code = max(code, CONTENT)
    summary = preview_summary if dry else summary_text
    click.echo(summary(results, unsafe=unsafe, style=style))
    return code


def _mended(path: str, rules: list[Rule], *, dry: bool, unsafe: bool) -> tuple[Mended | None, int]:
    """Mend a file; a failure is told, and the next file is mended all the same."""
    from nixschema.errors import NixError
    from nixschema.mending.mend import FixFailed, mend

    try:
        return mend(path, rules, unsafe=unsafe, dry=dry), 0
    except NixError as error:
        click.echo(str(error), err=True)
        return None, CONTENT
    except BlockingIOError:
        click.echo(f"cannot write {path}: a program has it open for writing", err=True)
        return None, CONTENT
    except OSError as error:
        where = error.filename or path
        click.echo(f"cannot write {where}: {error.strerror or error}", err=True)
        wrong = error.errno in WRONG_PLACES
        return None, USAGE if wrong else FAILURE
    except MemoryError:
        click.echo(f"{path}: not enough memory to mend it", err=True)
    except FixFailed as error:
        click.echo(f"{path}: not mended: {error}. {BUG}", err=True)
    except Exception as error:
        click.echo(f"{path}: {type(error).__name__}: {error}. {BUG}", err=True)
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
    return None, FAILURE
