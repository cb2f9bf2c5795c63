"""The command line: arguments in, functions called, exit code out.

Exit codes: 0 done; 1 the content stands in the way (findings, unreadable input, entity not found);
2 wrong use (bad option, path that does not exist, nothing to check); 3 nixschema or the machine
failed. The highest wins. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from nixschema.model import File
    from nixschema.model.differences import Difference
    from nixschema.model.entity import Model
    from nixschema.reports.report import FileReport, Report
    from nixschema.rules.runner import Runner
    from nixschema.writing import Conversion

CONTENT, USAGE, FAILURE = 1, 2, 3

REPORT_FORMATS = ("text", "json")

NIX_SUFFIXES = (".nix", ".h5")
"""How names of NIX files end."""

FIGURE_SUFFIXES = (".png", ".svg", ".pdf")
"""How names of figures end."""

MOST_PIXELS = 100_000_000
"""Most pixels of a figure."""

LONGEST_SIDE = 65_535
"""Most pixels along a side of a figure."""

WRONG_PLACES = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
        *(errno.EINVAL, errno.ENAMETOOLONG, errno.ELOOP),
    }
)
"""Errors of a target that can never be written, whatever the machine does."""

BUG = "This is a bug in nixschema, or something is wrong with the machine."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nixschema", message="nixschema %(version)s")
def main() -> None:
    """Check NIX files, show, draw and compare what they hold, and write them again."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format", "report_format", type=click.Choice(REPORT_FORMATS), default="text",
    show_default=True, help="How to write the report.",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, metavar="[FORMAT=]FILE",
    help="Also write the report to a file; may be given several times.",
)  # fmt: skip
@click.option("--select", multiple=True, metavar="RULES", help="Apply these rules only.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error",
    show_default=True, help="Exit with 1 from findings of this level on.",
)  # fmt: skip
@click.option(
    "--depth", type=click.Choice(["metadata", "full"]), default="full", show_default=True,
    help="With metadata, leave out rules that read values of arrays.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Tell information and passed-over files too.")
def validate(
    paths: tuple[str, ...],
    report_format: str,
    outputs: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    depth: str,
    verbose: bool,
) -> None:
    """Check NIX files, and folders of them.

    RULES are ids, beginnings of ids or globs, parted by commas: NIX201,NIX3,NIX?01.
    """
    targets = [_output(one, report_format) for one in outputs]
    from nixschema.discovery import find
    from nixschema.findings import Level
    from nixschema.reports.report import Report
    from nixschema.rules.rule import selected_rules
    from nixschema.rules.runner import Runner

    try:
        runner = Runner(selected_rules(_listed(select), _listed(ignore)), depth=depth)
    except ValueError as error:
        raise click.UsageError(f"{error}: `nixschema rule` lists them") from None
    found = find(paths)
    for path in found.missing:
        click.echo(f"{path} does not exist", err=True)
    if verbose:
        for path in found.passed_over:
            click.echo(f"passed over: {path}", err=True)
    if not found.files:
        if not found.missing:
            click.echo(f"nothing to check: no NIX file in {', '.join(paths)}", err=True)
        sys.exit(USAGE)
    code = USAGE if found.missing else 0
    files: list[FileReport] = []
    for path in found.files:
        one, failed = _checked(path, runner)
        files.append(one)
        code = max(code, failed)
    report = Report.of(files, rules=len(runner.rules))
    _write(report, report_format, None, verbose)
    if found.passed_over and report_format == "text" and not verbose:
        count = len(found.passed_over)
        click.echo(f"{count:,} other file{'s' if count > 1 else ''} passed over.", err=True)
    for target_format, target in targets:
        code = max(code, _write_file(report, target_format, target, verbose))
    if fail_on != "never" and report.reaches(Level(fail_on)):
        code = max(code, CONTENT)
    sys.exit(code)


@main.command()
@click.argument("path")
@click.argument("entity", required=False)
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="How to write it.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Leave nothing out of a long tree.")
def show(path: str, entity: str | None, output_format: str, everything: bool) -> None:
    """Show the tree of a file, or one entity of it.

    ENTITY is a path in the file (/data/session/data_arrays/lfp), a short path (session/lfp,
    /subject/cell, /subject:age), or an id.
    """
    file, model = _named(path, entity)
    from nixschema.reports.show import show_entity, show_json, show_tree

    if output_format == "json":
        lines: Iterable[str] = show_json(model)
    elif entity is not None and model is not file:
        lines = show_entity(model)
    else:
        lines = show_tree(model, everything=everything)
    for line in lines:
        click.echo(line)


@main.command()
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--format", "output_format", type=click.Choice(REPORT_FORMATS), default="text",
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
def diff(
    left: str,
    right: str,
    output_format: str,
    only: str | None,
    ignore: tuple[str, ...],
    by: str,
    rtol: float,
    strict: bool,
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

    from nixschema.io import read
    from nixschema.model.differences import differences
    from nixschema.storage.files import kept_open

    left_out = _listed(ignore)
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
    with _failures_told(f"{left}, {right}"), ExitStack() as stack:
        for path in (left, right):
            stack.enter_context(kept_open(path))
        files = read(left), read(right)
        found = differences(*files, **options)
        first = next(found, None)
        found = chain((first,), found) if first is not None else found
        _write_diff(found, files, (left, right), output_format, ", ".join(limits))
    sys.exit(0 if first is None else CONTENT)


@main.command()
@click.argument("path", metavar="FILE")
@click.argument("entity")
@click.option(
    "-o", "--output", "target", required=True, metavar="FIGURE",
    help="The image to write; its name ends in .png, .svg or .pdf.",
)  # fmt: skip
@click.option(
    "--size", metavar="WxH",
    help="Width and height in inches. By default 8x4.5, and higher for several arrays.",
)  # fmt: skip
@click.option(
    "--dpi", type=click.IntRange(10, 2400), default=150, show_default=True, metavar="N",
    help="Pixels to the inch.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the figure where it exists.")
def plot(path: str, entity: str, target: str, size: str | None, dpi: int, force: bool) -> None:
    """Draw a data array, a data frame, or what a tag marks in the arrays it refers to.

    ENTITY is a path in the file (/data/session/data_arrays/lfp), a short path (session/lfp), or an
    id. Labels and units are the file's. Needs matplotlib: pip install 'nixschema[plot]'
    """
    suffix = os.path.splitext(target)[1].lower()
    if suffix not in FIGURE_SUFFIXES:
        endings = ", ".join(FIGURE_SUFFIXES)
        raise click.UsageError(f"{target} cannot be written: names of figures end in {endings}")
    inches = None if size is None else _inches(size, dpi)
    if os.path.lexists(target) and not force:
        _refuse(f"{target} exists: replace it with --force")
    _, model = _named(path, entity)
    with _failures_told(path):
        image = _drawn(model, inches, dpi, suffix[1:])
        with _writing_told():
            from nixschema.storage.replace import replacing

            with replacing(target) as stream:
                stream.write(image)


def _inches(size: str, dpi: int) -> tuple[float, float]:
    """Width and height from a text such as ``8x4.5``.

    Raises:
        UsageError: it is none, or out of range.
    """
    try:
        width, height = (float(one) for one in size.lower().split("x"))
    except ValueError:
        raise click.UsageError(f"--size is like 8x4.5, in inches, not {size}") from None
    if not (0.5 <= width <= 200 and 0.5 <= height <= 200):
        raise click.UsageError(f"--size is from 0.5 to 200 inches each way, not {size}")
    _check_pixels(width, height, dpi)
    return width, height


def _check_pixels(width: float, height: float, dpi: int) -> None:
    """Refuse a figure that is too large for memory, or for matplotlib."""
    if width * height * dpi * dpi > MOST_PIXELS or max(width, height) * dpi > LONGEST_SIDE:
        _refuse(f"a figure of {width:g}x{height:g} inches at {dpi} dpi is too large")


def _drawn(model: Model, inches: tuple[float, float] | None, dpi: int, suffix: str) -> memoryview:
    """The image of an entity."""
    import io
    import warnings

    from nixschema.errors import MissingExtra, NixError
    from nixschema.extras import needed
    from nixschema.plotting import DRAWN, size_for
    from nixschema.plotting import plot as draw

    if not isinstance(model, DRAWN):
        kinds = "data arrays, data frames, tags and multi tags"
        click.echo(f"{model!r} cannot be drawn: {kinds} can", err=True)
        sys.exit(CONTENT)
    image = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Letters that the font lacks, and the like.
        try:
            figure = needed("matplotlib.figure", "plot").Figure(layout="constrained")
            panels = draw(model, figure=figure)
        except MissingExtra as error:
            _refuse(str(error))
        except (NixError, ValueError) as error:
            click.echo(str(error), err=True)
            sys.exit(CONTENT)
        inches = inches or size_for(len(panels) if isinstance(panels, list) else 1)
        _check_pixels(*inches, dpi)
        figure.set_size_inches(inches)
        figure.savefig(image, format=suffix, dpi=dpi)
    return image.getbuffer()


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
    style = _style if coloured else plain
    for line in diff_text(found, files, paths, limits=limits, style=style):
        click.echo(line)


@main.command()
@click.argument("rule_id", required=False, metavar="[ID]")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="json is the registry, for programs.",
)  # fmt: skip
def rule(rule_id: str | None, output_format: str) -> None:
    """List the rules, or show the page of one."""
    import json

    from nixschema.rules.pages import page, registry
    from nixschema.rules.rule import all_rules, fits

    rules = all_rules()
    if rule_id is not None:
        rules = [one for one in rules if fits(rule_id, one.id)]
        if not rules:
            raise click.UsageError(f"no rule fits `{rule_id}`: `nixschema rule` lists them")
    if output_format == "json":
        click.echo(json.dumps(registry(rules), indent=2))
    elif rule_id is not None and len(rules) == 1:
        _echo_markdown(page(rules[0]))
    else:
        for one in rules:
            click.echo(f"{one.id}  {one.level:7}  {one.title}")


@main.command()
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


@main.command()
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
        _refuse(f"{source} does not exist")
    if os.path.isdir(source):
        _refuse(f"{source} is a folder: name a file")
    suffix = os.path.splitext(target)[1].lower()
    if suffix not in NIX_SUFFIXES:
        endings = " or ".join(NIX_SUFFIXES)
        raise click.UsageError(f"{target} cannot be written: names of NIX files end in {endings}")
    if os.path.lexists(target) and not force:
        _refuse(f"{target} exists: replace it with --force")


def _named(path: str, entity: str | None) -> tuple[File, Model]:
    """A file, and the entity in it that the command line names; the file itself without one."""
    if not os.path.lexists(path):
        _refuse(f"{path} does not exist")
    if os.path.isdir(path):
        _refuse(f"{path} is a folder: name a file")
    from nixschema.errors import NotNix
    from nixschema.io import read
    from nixschema.model.lookup import find_entity, similar_names

    try:
        file = read(path)
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


def _refuse(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    sys.exit(USAGE)


def _convert(source: str, write: Callable[[], Conversion]) -> None:
    """Write a file, and tell on stderr what came with it or got lost."""
    from nixschema.reports.text import count_text

    with _failures_told(source), _writing_told():
        done = write()
    for path, reason in done.losses:
        click.echo(f"{source}: lost {path}: {reason}", err=True)
    if done.errors:
        count = count_text(len(done.errors), "error")
        click.echo(f"{source} has {count}, written as found: `nixschema validate` tells", err=True)


@contextmanager
def _writing_told() -> Iterator[None]:
    """Tell in one line why a file cannot be written, and exit with the code of the reason."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        click.echo(f"cannot write{where}: {error.strerror or error}", err=True)
        sys.exit(USAGE if error.errno in WRONG_PLACES else FAILURE)


@contextmanager
def _failures_told(what: str) -> Iterator[None]:
    """Tell a failure in one line, and exit with its code."""
    from nixschema.errors import NixError

    try:
        yield
    except NixError as error:
        click.echo(str(error), err=True)
        sys.exit(CONTENT)
    except BrokenPipeError:
        raise
    except MemoryError:
        click.echo(f"{what}: not enough memory", err=True)
        sys.exit(FAILURE)
    except Exception as error:
        click.echo(f"{what}: {type(error).__name__}: {error}. {BUG}", err=True)
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
        sys.exit(FAILURE)


def _checked(path: str, runner: Runner) -> tuple[FileReport, int]:
    """Check a file; a failure of the program is told, and the next file is checked all the same."""
    from nixschema.io import check_file
    from nixschema.reports.report import FileReport

    try:
        return check_file(path, runner), 0
    except MemoryError:
        click.echo(f"{path}: not enough memory to check it", err=True)
    except Exception as error:
        click.echo(f"{path}: {type(error).__name__}: {error}. {BUG}", err=True)
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
    return FileReport(path=path, status="skipped"), FAILURE


def _listed(patterns: tuple[str, ...]) -> list[str]:
    return [one.strip() for pattern in patterns for one in pattern.split(",") if one.strip()]


def _output(text: str, default: str) -> tuple[str, str]:
    """Format and file of an ``--output``."""
    name, equals, path = text.partition("=")
    if equals and name in REPORT_FORMATS and path:
        return name, path
    if equals and name.isalnum() and name.islower():
        raise click.UsageError(f"`{name}` is no format: {', '.join(REPORT_FORMATS)}")
    suffix = os.path.splitext(text)[1].lstrip(".")
    return (suffix if suffix in REPORT_FORMATS else default), text


def _write(report: Report, report_format: str, stream: Any, verbose: bool) -> None:
    if report_format == "json":
        click.echo(report.to_json(), file=stream)
        return
    from nixschema.reports.text import plain, text_report

    coloured = stream is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in text_report(report, style=_style if coloured else plain, verbose=verbose):
        click.echo(line, file=stream)


def _write_file(report: Report, report_format: str, path: str, verbose: bool) -> int:
    try:
        with open(path, "w", encoding="utf-8") as stream:
            _write(report, report_format, stream, verbose)
    except OSError as error:
        click.echo(f"cannot write {path}: {error.strerror or error}", err=True)
        return (
            USAGE
            if isinstance(error, PermissionError | IsADirectoryError | FileNotFoundError)
            else FAILURE
        )
    return 0


def _style(text: str, role: str) -> str:
    match role:
        case "error":
            return click.style(text, fg="red", bold=True)
        case "warning":
            return click.style(text, fg="yellow", bold=True)
        case "info" | "ok":
            return click.style(text, fg="green")
        case "file":
            return click.style(text, bold=True)
    return click.style(text, dim=True)


def _echo_markdown(text: str) -> None:
    """Markdown as it is, or rendered on a terminal."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
