"""Files that a description names: found inside its folder, and opened safely."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from itertools import islice
from pathlib import PurePosixPath, PureWindowsPath

from nixschema.errors import StaleFileError
from nixschema.model.refusal import did_you_mean
from nixschema.sources.spec import SourceError
from nixschema.storage.files import Stamp, kept_elsewhere

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # A pipe would wait for a writer.
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
)

_MOST_NAMES = 10_000
"""How many names of a folder are looked at for one that is meant."""


def find(file: str, folder: str, *, key: str = "file", allow_outside: bool = False) -> str:
    """The path of a file that a description names, without symlinks.

    Args:
        file: what the description says, with `/` on every system.
        folder: folder of the description.
        key: the key that it says it with.
        allow_outside: whether the file may lie outside the folder.

    Raises:
        SourceError: there is no such file, it lies outside, or cannot be read.
    """
    try:
        return _found(file, folder, key, allow_outside)
    except (OSError, ValueError) as error:
        raise _refusal(file, folder, key, error) from None


def _found(file: str, folder: str, key: str, allow_outside: bool) -> str:
    if not file or "\0" in file:
        what = "has a NUL in it" if file else "is empty"
        raise SourceError(f"the path of the file {what}", rule="NIX051", key=key)
    given = PurePosixPath(file)
    if not allow_outside and (given.is_absolute() or PureWindowsPath(file).drive):
        raise SourceError(
            f"`{file:.200}` is an absolute path; expected one relative to the description",
            rule="NIX051",
            key=key,
            help="put the file beside the description, or allow it with `--allow-outside`",
        )
    home = os.path.realpath(folder or ".")
    path = os.path.realpath(os.path.join(home, *given.parts))
    if not allow_outside and os.path.commonpath([home, path]) != home:
        raise SourceError(
            f"`{file:.200}` lies outside the folder of the description",
            rule="NIX051",
            key=key,
            help="put the file beside the description, or allow it with `--allow-outside`",
        )
    status = os.stat(os.path.join(home, *given.parts))
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(
            f"`{file:.200}` is {_kind(status.st_mode)}; expected a file", rule="NIX051", key=key
        )
    with open(path, "rb"):
        pass
    if (keeper := kept_elsewhere(path)) is not None:
        raise SourceError(
            f"`{file:.200}` is a pointer of {keeper} to content elsewhere",
            rule="NIX051",
            key=key,
            help="fetch its content first",
        )
    return path


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"


def _refusal(file: str, folder: str, key: str, error: OSError | ValueError) -> SourceError:
    name = f"`{file:.200}`"
    code = getattr(error, "errno", None)
    if code == errno.ELOOP:
        return SourceError(f"{name} is a symlink that leads to itself", rule="NIX051", key=key)
    if code in (errno.EACCES, errno.EPERM):
        told = f"{name} may not be read: permission denied"
        return SourceError(told, rule="NIX051", key=key)
    if code not in (errno.ENOENT, errno.ENOTDIR):
        reason = getattr(error, "strerror", None) or str(error)
        return SourceError(f"{name} cannot be read: {reason}", rule="NIX051", key=key)
    whole = os.path.join(folder, *PurePosixPath(file).parts)
    if os.path.islink(whole):
        return SourceError(f"{name} is a symlink that leads nowhere", rule="NIX051", key=key)
    help = "paths are relative to the description"
    if "\\" in file:
        help = "write `/` between folders, on every system"
    return SourceError(
        f"there is no file {name}{did_you_mean(*_near(file, folder))}",
        rule="NIX051",
        key=key,
        help=help,
    )


def _near(file: str, folder: str) -> tuple[str, list[str]]:
    """The path, and paths of what lies where the file should."""
    parent = PurePosixPath(file).parent
    try:
        with os.scandir(os.path.join(folder, *parent.parts)) as entries:
            names = [entry.name for entry in islice(entries, _MOST_NAMES)]
    except (OSError, ValueError):
        return file, []
    return file, [str(parent / name) for name in sorted(names)]


@contextmanager
def opened(path: str, stamp: Stamp) -> Iterator[FileIO]:
    """A file in the state that a stamp tells, without a buffer.

    Raises:
        StaleFileError: it has changed since, or is gone.
        OSError: it cannot be opened.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StaleFileError(f"{path} is gone: {error.strerror}") from error
    with open(descriptor, "rb", buffering=0) as stream:
        if Stamp.from_status(os.fstat(descriptor)) != stamp:
            raise StaleFileError(f"{path} has changed since it was read: read it again")
        yield stream


def check_sum(path: str, stamp: Stamp, expected: str) -> None:
    """See that the content of a file has a checksum.

    Raises:
        SourceError: it has another.
    """
    wanted = expected.strip().lower()
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise SourceError(
            f"`{expected:.80}` is no SHA-256 checksum; expected 64 hexadecimal digits",
            rule="NIX055",
            key="sha256",
        )
    with opened(path, stamp) as stream:
        digest = hashlib.sha256()
        while block := stream.read(1024 * 1024):
            digest.update(block)
    if digest.hexdigest() != wanted:
        raise SourceError(
            f"the file has the checksum {digest.hexdigest()}; expected {wanted}",
            rule="NIX055",
            key="sha256",
            help="get the file that was meant; or change the checksum, if it is this one",
        )
