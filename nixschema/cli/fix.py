"""``nixschema fix``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixschema.cli.colours import styled
from nixschema.cli.exits import BUG, CONTENT, FAILURE, USAGE, WRONG_PLACES, tell
from nixschema.cli.naming import listed
from nixschema.cli.options import configuration_options

if TYPE_CHECKING:
    from nixschema.mending.mend import Mended
    from nixschema.settings import Configuration, Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--diff", "dry", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--unsafe", is_flag=True,
    help="Do fixes too that choose a meaning, such as new ids for copies.",
)  # fmt: skip
@click.option("--select", multiple=True, metavar="RULES", help="Mend what these rules report only.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave what these rules report.")
@configuration_options
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where there is nothing to fix.")
@click.option("-v", "--verbose", is_flag=True, help="Tell information that is left too.")
def fix(
    paths: tuple[str, ...],
    dry: bool,
    unsafe: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: str | None,
    isolated: bool,
    force_exclude: bool,
    allow_empty: bool,
    verbose: bool,
) -> None:
    """Mend what rules know how to mend, in NIX files and folders of them, not in descriptions.

    Safe fixes change nothing that means anything. Each file is copied beside itself, the copy is
    changed, and takes its place: all or nothing. Files in which nothing can be mended are not
    touched. What the configuration ignores or excludes is left as it is.

    RULES are ids, beginnings of ids or globs, parted by commas: NIX201,NIX3,NIX?01.

    Exits with 1 when errors are left, or with --diff when something would change.
    """
    from nixschema.discovery import find, is_ours
    from nixschema.recognition import text_format
    from nixschema.settings import Configuration, SettingsError

    if isolated and config is not None:
        raise click.UsageError("`--isolated` reads no configuration, and `--config` names one")
    command_line = {"select": listed(select), "ignore": listed(ignore)}
    try:
        configuration = Configuration(command_line, isolated, config)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    found = find(paths, configuration.takes, configuration.excludes if force_exclude else None)
    for path in found.missing:
        tell(f"{path} does not exist")
    for one in found.closed:
        tell(f"cannot look into {one.filename}: {one.strerror}")
    texts = {one.path for one in found.candidates if text_format(one.path) is not None}
    named = [one.path for one in found.candidates if one.named and one.path in texts]
    for path in named:
        tell(f"{path} is a text, and left as it is: only NIX files are mended")
    files = [
        one.path
        for one in found.candidates
        if one.path not in texts and (one.named or is_ours(one.path))
    ]
    wrong = [*found.missing, *named]
    if not files:
        if not wrong and allow_empty:
            sys.exit(0)
        if not wrong:
            tell(f"nothing to fix: no NIX file in {', '.join(paths)}")
        sys.exit(USAGE)
    told = USAGE if wrong else CONTENT if found.closed else 0
    sys.exit(max(told, _fix(files, configuration, dry, unsafe, verbose)))


def _fix(
    files: list[str], configuration: Configuration, dry: bool, unsafe: bool, verbose: bool
) -> int:
    from nixschema.findings import Level
    from nixschema.mending.telling import mended_text, preview_summary, preview_text, summary_text
    from nixschema.reports.text import plain

    style = styled if sys.stdout.isatty() and "NO_COLOR" not in os.environ else plain
    code = 0
    results: list[Mended] = []
    wrong: set[str] = set()
    for path in files:
        settings = _settings(path, configuration, wrong)
        if settings is None:
            code = max(code, USAGE)
            continue
        one, failed = _mended(path, settings, dry=dry, unsafe=unsafe)
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


def _settings(path: str, configuration: Configuration, told: set[str]) -> Settings | None:
    """The settings of a file; what is wrong with them is told once."""
    from nixschema.settings import SettingsError

    try:
        return configuration.for_file(path)
    except SettingsError as error:
        if str(error) not in told:
            told.add(str(error))
            tell(str(error))
        return None


def _mended(path: str, settings: Settings, *, dry: bool, unsafe: bool) -> tuple[Mended | None, int]:
    """Mend a file; a failure is told, and the next file is mended all the same."""
    from nixschema.checking.names import readable
    from nixschema.errors import NixError
    from nixschema.findings import Finding
    from nixschema.mending.mend import FixFailed, mend
    from nixschema.reports.report import FileReport

    def told(findings: list[Finding]) -> list[Finding]:
        report = FileReport(path=readable(path), status="findings", findings=findings)
        return settings.judge(report).findings

    try:
        return mend(path, settings.chosen(), unsafe=unsafe, dry=dry, told=told), 0
    except NixError as error:
        tell(str(error))
        return None, CONTENT
    except BlockingIOError:
        tell(f"cannot write {path}: a program has it open for writing")
        return None, CONTENT
    except OSError as error:
        where = error.filename or path
        tell(f"cannot write {where}: {error.strerror or error}")
        wrong = error.errno in WRONG_PLACES
        return None, USAGE if wrong else FAILURE
    except MemoryError:
        tell(f"{path}: not enough memory to mend it")
    except FixFailed as error:
        tell(f"{path}: not mended: {error}. {BUG}")
    except Exception as error:
        tell(f"{path}: {type(error).__name__}: {error}. {BUG}")
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
    return None, FAILURE
