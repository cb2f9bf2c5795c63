"""The command line: arguments in, functions called, exit code out. One module a command."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from nixschema.cli.convert import convert, upgrade
from nixschema.cli.diff import diff
from nixschema.cli.exits import stdout_told
from nixschema.cli.fix import fix
from nixschema.cli.new import new
from nixschema.cli.plot import plot
from nixschema.cli.report import report
from nixschema.cli.rule import rule
from nixschema.cli.schema import schema
from nixschema.cli.show import show
from nixschema.cli.validate import validate

_FULL = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT})


class _Commands(click.Group):
    """The commands; that stdout cannot be written is told in one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.errno not in _FULL or error.filename is not None:
                raise
            with stdout_told():
                raise


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="nixschema", message="nixschema %(version)s")
def main() -> None:
    """Check NIX files, show, draw and compare what they hold, and write them again."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


for command in (validate, fix, show, diff, plot, report, rule, convert, upgrade, new, schema):
    main.add_command(command)
