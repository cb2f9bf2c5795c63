"""``nixschema convert SOURCE TARGET --update``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from click.core import ParameterSource

from nixschema.cli.colours import styled
from nixschema.cli.exits import CONTENT, failures_told, refuse, tell, writing_told

if TYPE_CHECKING:
    from nixschema.formats import Format
    from nixschema.updating.update import Updated

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--update", is_flag=True,
        help="Take the metadata of SOURCE into the NIX file TARGET, whose data stay as they are.",
    ),
    click.option(
        "--replace", is_flag=True,
        help="With --update, remove metadata that SOURCE does not have, but for sections that data "
        "link to.",
    ),
    click.option(
        "--into", metavar="SECTION",
        help="With --update, put the root sections of SOURCE below this section of TARGET.",
    ),
    click.option(
        "--as", "as_", metavar="NAME",
        help="With --update, give the only root section of SOURCE this name.",
    ),
    click.option(
        "--new-ids", is_flag=True,
        help="With --update, give what is new ids of its own, as for a template that is taken in "
        "more than once.",
    ),
    click.option(
        "--diff", "dry", is_flag=True,
        help="With --update, show what would change, and change nothing.",
    ),
    click.option(
        "--in-place", is_flag=True,
        help="With --update, change TARGET itself and make no copy first.",
    ),
)  # fmt: skip

_NEEDED = ("replace", "into", "as_", "new_ids", "dry", "in_place")
_OTHERS = ("update", "source", "target", "from_", "allow_outside")
"""What else an update takes."""


def update_options(command: F) -> F:
    """The options of ``--update``, which the command gets as keywords."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def split(context: click.Context, given: dict[str, Any]) -> dict[str, Any] | None:
    """The options for `update_file`, or None without ``--update``.

    Args:
        context: of the command, which knows what was given.
        given: what the options of `update_options` are.

    Raises:
        UsageError: there are some of its options without ``--update``, or others with it.
    """
    options = {name: given[name] for name in _NEEDED}
    said = [
        one
        for one in context.command.params
        if context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
    ]
    for one in said:
        if given["update"] and one.name not in (*_NEEDED, *_OTHERS):
            raise click.UsageError(f"`{one.opts[-1]}` does not go with `--update`")
        if not given["update"] and one.name in _NEEDED:
            raise click.UsageError(f"`{one.opts[-1]}` goes with `--update`")
    return options if given["update"] else None


def update_file(
    source: str,
    target: str,
    *,
    from_: Format | None,
    allow_outside: bool,
    options: dict[str, Any],
) -> NoReturn:
    """Update a file, tell what became of it, and exit."""
    for path in (source, target):
        if not os.path.lexists(path):
            refuse(f"{path} does not exist")
        if os.path.isdir(path):
            refuse(f"{path} is a folder: name a file")
    name = options["as_"]
    if name is not None and (not name or "/" in name or name in (".", "..")):
        raise click.UsageError(f"`{name}` cannot be the name of a section")
    if options["dry"] and options["in_place"]:
        raise click.UsageError("`--diff` changes nothing, and `--in-place` says how to")
    from nixschema.recognition import text_format

    if (kind := text_format(target)) is not None:
        refuse(f"{target} is a text ({kind}): only NIX files are updated")
    from nixschema.mending.mend import FixFailed
    from nixschema.updating.update import update

    with failures_told(f"{source}, {target}"), writing_told():
        try:
            done = update(source, target, from_=from_, allow_outside=allow_outside, **options)
        except BlockingIOError:
            tell(f"cannot write {target}: a program has it open for writing")
            sys.exit(CONTENT)
        except FixFailed as error:
            raise RuntimeError(str(error)) from error
        for note in done.notes:
            tell(f"{source}: {note}")
        for line in _lines(done, target, dry=options["dry"]):
            click.echo(line)
    sys.exit(CONTENT if options["dry"] and done.is_changed else 0)


def _lines(done: Updated, target: str, *, dry: bool) -> Iterable[str]:
    from nixschema.reports.diff import diff_text
    from nixschema.reports.text import plain
    from nixschema.reports.wording import file_name

    if not done.is_changed:
        yield f"Nothing to update in {file_name(target)}."
    elif dry and done.models is not None:
        style = styled if sys.stdout.isatty() and "NO_COLOR" not in os.environ else plain
        names = (target, f"{target} (updated)")
        yield from diff_text(done.differences, done.models, names, style=style)
