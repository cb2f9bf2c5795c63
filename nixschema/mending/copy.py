"""A copy of a file that is changed, and takes its place: all of that or nothing."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nixschema.errors import NixError, StaleFileError
from nixschema.storage.files import Stamp
from nixschema.storage.replace import replacing
from nixschema.storage.stream import Signals, Stream


class CannotMend(NixError):
    """A file cannot be changed, and stays as it is."""


@contextmanager
def copy_of(source: str, stamp: Stamp, *, dry: bool = False) -> Iterator[Stream]:
    """A copy of a file's bytes that takes its place in the end.

    Args:
        source: the file; a symlink is followed.
        stamp: the state in which it was read.
        dry: the copy is thrown away.

    Raises:
        CannotMend: git-annex keeps the file.
        StaleFileError: it is in another state than it was read in.
        BlockingIOError: a program has it open for writing.
        OSError: the disk is full, it may not be written, and the like.
    """

    def confirm() -> None:
        if Stamp.of(source) != stamp:
            raise StaleFileError(f"{source} has changed meanwhile: it stays as it is now")

    if dry:
        with (
            tempfile.TemporaryDirectory(prefix="nixschema-") as folder,
            Signals() as signals,
            io.FileIO(os.path.join(folder, "copy.nix"), "x+") as raw,
        ):
            stream = Stream(raw, signals)
            _start(stream, source, confirm)
            yield stream
        return
    _refuse_kept(source)
    with replacing(source, confirm) as stream:
        _start(stream, source, confirm)
        yield stream


def _start(stream: Stream, source: str, confirm: Callable[[], None]) -> None:
    descriptor = os.open(source, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        stream.start_from(descriptor)
    finally:
        os.close(descriptor)
    confirm()


def _refuse_kept(source: str) -> None:
    """Refuse what is not to be changed, even where the system would allow it."""
    target = os.path.realpath(source)
    if f"{os.sep}annex{os.sep}objects{os.sep}" in target:
        raise CannotMend(
            f"{source} is kept by git-annex and may not be changed: "
            f"`git annex unlock {os.path.basename(source)}` first"
        )
    if not os.stat(target).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(13, "is read-only", source)
