"""Copy a file's bytes as cheaply as its file system can: without copying where it shares blocks."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

if sys.platform == "linux":
    from fcntl import ioctl

_FICLONE = 0x40049409
"""Number of the request of Linux that lets a file share all blocks of another."""

_PIECE = 64 * 1024 * 1024

_NOT_HERE = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})


def clone(source: int, target: int) -> int:
    """Fill an empty file with the bytes of another.

    Args:
        source: descriptor of a file open for reading.
        target: descriptor of an empty file open for writing.

    Returns:
        How many bytes there are.

    Raises:
        OSError: the disk is full, and the like.
    """
    size = os.fstat(source).st_size
    if not _shared(source, target) and not _copied_by_system(source, target, size):
        _copied(source, target)
    return os.fstat(target).st_size


def _shared(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        ioctl(target, _FICLONE, source)
    except OSError:
        return False  # This file system shares no blocks, or not between these two files.
    return True


def _copied_by_system(source: int, target: int, size: int) -> bool:
    if not hasattr(os, "copy_file_range"):
        return False
    done = 0
    while done < size:
        try:
            count = os.copy_file_range(source, target, min(_PIECE, size - done), done, done)
        except OSError as error:
            if error.errno in _NOT_HERE and done == 0:
                return False
            raise
        if count == 0:
            return done > 0  # It has become shorter meanwhile; or this system cannot tell.
        done += count
    return True


def _copied(source: int, target: int) -> None:
    os.lseek(source, 0, os.SEEK_SET)
    os.lseek(target, 0, os.SEEK_SET)
    while piece := os.read(source, 1024 * 1024):
        view = memoryview(piece)
        while view:
            view = view[os.write(target, view) :]


def take_over_attributes(source: int, target: int) -> None:
    """Give a file the extended attributes of another, as far as is allowed."""
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))
