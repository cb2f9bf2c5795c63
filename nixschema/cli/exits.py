"""Exit codes, and how failures are told.

0 done; 1 the content stands in the way (findings, unreadable input, entity not found); 2 wrong use
(bad option, path that does not exist, nothing to check); 3 nixschema or the machine failed. The
highest wins. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import click

CONTENT, USAGE, FAILURE = 1, 2, 3

WRONG_PLACES = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
        *(errno.EINVAL, errno.ENAMETOOLONG, errno.ELOOP),
    }
)
"""Errors of a target that can never be written, whatever the machine does."""

BUG = "This is a bug in nixschema, or something is wrong with the machine."


def tell(text: str) -> None:
    """Tell something on stderr, in one line: names of files may have anything in them."""
    from nixschema.reports.wording import file_name

    click.echo(file_name(text), err=True)


def refuse(reason: str) -> NoReturn:
    """Tell what was used wrongly, and exit."""
    tell(reason)
    sys.exit(USAGE)


@contextmanager
def writing_told() -> Iterator[None]:
    """Tell in one line why a file cannot be written, and exit with the code of the reason."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        tell(f"cannot write{where}: {error.strerror or error}")
        sys.exit(USAGE if error.errno in WRONG_PLACES else FAILURE)


@contextmanager
def stdout_told() -> Iterator[None]:
    """Tell in one line why stdout cannot be written; a reader that went away is no fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        tell(f"cannot write the report: {error.strerror or error}")
        # Python writes what is left once more when it ends, and fails again.
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILURE)


@contextmanager
def failures_told(what: str) -> Iterator[None]:
    """Tell a failure in one line, and exit with its code."""
    from nixschema.errors import NixError

    try:
        yield
    except NixError as error:
        tell(str(error))
        sys.exit(CONTENT)
    except BrokenPipeError:
        raise
    except MemoryError:
        tell(f"{what}: not enough memory")
        sys.exit(FAILURE)
    except Exception as error:
        tell(f"{what}: {type(error).__name__}: {error}. {BUG}")
        if os.environ.get("NIXSCHEMA_DEBUG"):
            raise
        sys.exit(FAILURE)
