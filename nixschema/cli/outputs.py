"""Where reports go: to stdout, and to files that are written whole, or line by line."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

import click

from nixschema.cli.exits import refuse, writing_told
from nixschema.reports.formats import FORMAT_NAMES, Options, format_of, lines

if TYPE_CHECKING:
    from nixschema.reports.results import Results


def output_of(text: str, default: str) -> tuple[str, str]:
    """Format and file of an ``--output``: as it says, else as its suffix says."""
    name, equals, path = text.partition("=")
    if not text or "-" in (text, path):
        raise click.UsageError(f"`--output {text}` names no file: `--format` is for stdout")
    if equals and name in FORMAT_NAMES and path:
        return name, path
    if equals and name.isalnum() and name.islower():
        raise click.UsageError(f"`{name}` is no format: {', '.join(FORMAT_NAMES)}")
    return format_of(text) or default, text


def check_targets(paths: Iterable[str], needed: Iterable[str | None] = ()) -> None:
    """See that files can be written before an hour is spent on what belongs in them.

    Exits where one cannot, where two are the same, and where one holds what is not to be lost.

    Args:
        paths: files of reports.
        needed: files that the run reads.
    """
    others = {os.path.realpath(one): "is read by this run" for one in needed if one is not None}
    for path in paths:
        with writing_told():
            check_target(path)
        if is_special(path):
            continue
        real = os.path.realpath(path)
        if real in others:
            refuse(f"cannot write {path}: it {others[real]}")
        if _is_hdf5(path):
            refuse(f"cannot write {path}: it is an HDF5 file, and no report to be replaced")
        others[real] = "is named for two reports"


def _is_hdf5(path: str) -> bool:
    from nixschema.storage.files import has_signature

    with suppress(OSError):
        return has_signature(path)
    return False


def check_target(path: str) -> None:
    """See that a file can be written.

    Raises:
        OSError: it cannot.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        fault = errno.EISDIR
    elif not os.path.lexists(folder):
        fault = errno.ENOENT
    elif not os.path.isdir(folder):
        fault = errno.ENOTDIR
    elif not os.access(target if os.path.exists(target) else folder, os.W_OK):
        fault = errno.EACCES
    else:
        return
    raise OSError(fault, os.strerror(fault), path)


def write_report(results: Results, format_name: str, path: str, options: Options) -> None:
    """Write a report to a file: all of it, or nothing.

    Raises:
        OSError: it cannot be written.
    """
    with _target(path) as stream:
        for line in lines(results, format_name, options):
            stream.write(f"{line}\n".encode("utf-8", "backslashreplace"))


@contextmanager
def _target(path: str) -> Iterator[IO[bytes]]:
    if is_special(path):
        with open(path, "wb") as stream:
            yield stream
        return
    from nixschema.storage.replace import replacing

    with replacing(path) as new:
        yield new  # type: ignore[misc]


def is_special(path: str) -> bool:
    """Whether a path is a device or pipe, such as ``/dev/stdout``, and nothing to replace."""
    return os.path.exists(path) and not os.path.isfile(path)


class GrowingFile:
    """A file of lines, each on its way to the disk when it is added.

    What was there before stays until the first line that is new: a run that takes over what an
    earlier one wrote to the same file loses nothing if it is interrupted too.
    """

    def __init__(self, path: str) -> None:
        """Begin a file.

        Raises:
            OSError: it cannot be written.
        """
        self._target = os.path.realpath(path)
        self._draft: str | None = None
        if is_special(path):
            self._stream = open(path, "wb")  # noqa: SIM115
            return
        folder, name = os.path.split(self._target)
        self._draft = os.path.join(folder, f".{name[:200]}.{os.getpid()}.tmp")
        self._stream = open(self._draft, "wb")  # noqa: SIM115

    def add(self, line: str, *, new: bool = True) -> None:
        """Add a line.

        Args:
            line: the text.
            new: whether it is one that was not in the file before.

        Raises:
            OSError: it cannot be written.
        """
        try:
            self._stream.write(f"{line}\n".encode("utf-8", "backslashreplace"))
            if new:
                self._stream.flush()
                self.show()
        except OSError:
            with suppress(OSError):  # It would fail again with what could not be written.
                self._stream.close()
            raise

    def show(self) -> None:
        """Give the file its name.

        Raises:
            OSError: there is something of that name that cannot be replaced.
        """
        if self._draft is not None:
            self._stream.flush()
            os.replace(self._draft, self._target)
            self._draft = None

    def close(self) -> None:
        """Close the file, and take away what was not shown.

        Raises:
            OSError: the disk is full.
        """
        try:
            self._stream.close()
        finally:
            if self._draft is not None:
                with suppress(OSError):
                    os.unlink(self._draft)
