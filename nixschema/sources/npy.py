"""Arrays in numpy's own format, alone (`.npy`) or several in an archive (`.npz`)."""

from __future__ import annotations

import ast
import math
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.lib.format import descr_to_dtype

from nixschema.model.refusal import did_you_mean
from nixschema.sources.binary import BinarySource, plain
from nixschema.sources.content import Content, Deflated, Plain, Reader
from nixschema.sources.place import opened
from nixschema.sources.spec import SourceError
from nixschema.storage.files import Stamp

_MAGIC = b"\x93NUMPY"

_LONGEST_HEADER = 64 * 1024

MOST_AXES = 32
"""How many axes an HDF5 dataset may have."""

_LONGEST_DIRECTORY = 4 * 1024 * 1024
"""Bytes that the directory of an archive may have."""

_MOST_DEFLATED = 1032
"""How much smaller deflate can make values at best."""

_BOMB_BYTES = 1024 * 1024 * 1024
_BOMB_RATIO = 100


class Header(NamedTuple):
    """What a `.npy` file says about its values."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    size: int
    """Bytes before the values."""


def npy_source(path: str, stamp: Stamp) -> BinarySource:
    """The array in a `.npy` file.

    Raises:
        SourceError: there is none that can be read.
    """
    with opened(path, stamp) as stream:
        header = _header(stream.read)
    content = Plain(path, stamp, header.size, stamp.size - header.size)
    return _source(header, content, stamp.size)


def _source(header: Header, content: Content, size: int) -> BinarySource:
    expected = math.prod(header.shape) * header.dtype.itemsize
    if size - header.size != expected:
        raise SourceError(
            f"the header says {expected:,} bytes of values (shape {list(header.shape)}, "
            f"`{header.dtype}`); there are {size - header.size:,}",
            help="save the file again",
        )
    return BinarySource(content, header.dtype, header.shape, fortran=header.fortran)


def _header(read: Callable[[int], bytes | None]) -> Header:
    start = _exactly(read, 8)
    if not start.startswith(_MAGIC):
        raise SourceError(f"it begins with {start[:6]!r}; a `.npy` file begins with {_MAGIC!r}")
    version = start[6]
    if version not in (1, 2, 3):
        raise SourceError(f"version {version} of the `.npy` format; versions 1 to 3 are known")
    width = 2 if version == 1 else 4
    length = int.from_bytes(_exactly(read, width), "little")
    if length > _LONGEST_HEADER:
        raise SourceError(f"the header has {length:,} bytes; at most {_LONGEST_HEADER:,} are read")
    raw = _exactly(read, length)
    try:
        text = raw.decode("latin-1" if version < 3 else "utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        raise SourceError("the header cannot be understood") from None
    return _understood(told, 8 + width + length)


def _understood(told: Any, size: int) -> Header:
    if not isinstance(told, dict) or set(told) != {"descr", "fortran_order", "shape"}:
        raise SourceError("the header lacks `descr`, `fortran_order` or `shape`")
    shape, fortran = told["shape"], told["fortran_order"]
    if not isinstance(shape, tuple) or not all(type(one) is int and one >= 0 for one in shape):
        raise SourceError(f"the header says the shape `{shape!r:.100}`; expected lengths of axes")
    if len(shape) > MOST_AXES:
        raise SourceError(f"the array has {len(shape)} axes; at most {MOST_AXES} can be stored")
    if max(shape, default=0) >= 2**63:
        raise SourceError(f"the header says the shape `{shape!r:.100}`, which no array has")
    if type(fortran) is not bool:
        raise SourceError("the header says neither C nor Fortran order")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dtype = descr_to_dtype(told["descr"])
    except (TypeError, ValueError, SyntaxError, RecursionError, KeyError, IndexError):
        raise SourceError(f"the header says the type `{told['descr']!r:.100}`: none") from None
    if dtype.subdtype is not None:
        raise SourceError(f"the header says the type `{dtype}`; expected that of one element")
    plain(dtype)
    return Header(dtype, shape, fortran, size)


def _exactly(read: Callable[[int], bytes | None], count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = read(count - len(parts))
        if not part:
            raise SourceError("the file ends within its header")
        parts += part
    return parts


def npz_source(path: str, stamp: Stamp, member: str | None) -> BinarySource:
    """An array in a `.npz` archive.

    Args:
        path: the file.
        stamp: its state.
        member: name of the array; it may be left out where there is only one.

    Raises:
        SourceError: there is no such array, or none that can be read.
    """
    with opened(path, stamp) as stream:
        try:
            _check_directory(stream, stamp.size)
            with zipfile.ZipFile(stream) as archive:
                return _member(archive, path, stamp, member)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError) as error:
            raise SourceError(f"the archive is damaged: {error}") from None
        except (ValueError, struct.error, OverflowError, RuntimeError, EOFError, KeyError):
            raise SourceError("the archive is damaged: its directory makes no sense") from None


def _check_directory(stream: Any, size: int) -> None:
    """See that the directory of an archive fits into memory before it is read."""
    tail = min(size, 65536 + 22)
    stream.seek(size - tail)
    end = stream.read(tail)
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) - place < 22:
        raise SourceError("it is no `.npz` archive: there is no directory of members in it")
    length = struct.unpack_from("<L", end, place + 12)[0]
    if length == 0xFFFFFFFF:
        wide = end.rfind(b"PK\x06\x06", 0, place)
        length = struct.unpack_from("<Q", end, wide + 40)[0] if 0 <= wide <= len(end) - 56 else 0
    if length > min(size, _LONGEST_DIRECTORY):
        raise SourceError(f"the directory of the archive has {length:,} bytes, which is too much")


def _member(archive: zipfile.ZipFile, path: str, stamp: Stamp, member: str | None) -> BinarySource:
    names = [one.filename for one in archive.infolist()]
    arrays = [one.removesuffix(".npy") for one in names if one.endswith(".npy")]
    if member is None:
        if len(arrays) != 1:
            told = ", ".join(f"`{one:.60}`" for one in arrays[:10]) or "none"
            raise SourceError(
                f"the archive has {len(arrays)} arrays; which one is meant?",
                key="member",
                help=f"give `member`, one of: {told}",
            )
        member = arrays[0]
    found = [one for one in archive.infolist() if one.filename in (member + ".npy", member)]
    if not found:
        raise SourceError(
            f"the archive has no array `{member:.100}`{did_you_mean(member, arrays)}", key="member"
        )
    if len(found) > 1:
        raise SourceError(f"the archive has {len(found)} members `{member:.100}`", key="member")
    return _of_member(archive, found[0], path, stamp)


def _of_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, stamp: Stamp
) -> BinarySource:
    if info.flag_bits & 0x1:
        raise SourceError("the member is encrypted", key="member")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SourceError(
            "the member is compressed in another way than `numpy.savez_compressed` does",
            key="member",
        )
    start = _start(archive, info)
    packed, size = info.compress_size, info.file_size
    is_stored = info.compress_type == zipfile.ZIP_STORED
    if start + packed > stamp.size or (is_stored and packed != size):
        raise SourceError("the archive says more bytes of the member than are there", key="member")
    if size > _MOST_DEFLATED * (packed + 64):
        raise SourceError(
            f"the archive says that {packed:,} bytes are {size:,} when they are inflated, "
            "which cannot be",
            key="member",
        )
    if size > _BOMB_BYTES and size > _BOMB_RATIO * packed:
        raise SourceError(
            f"the member has {size:,} bytes, and only {packed:,} compressed: such archives are "
            "made to fill memory or disk",
            key="member",
            help="if the values are meant, save them as `.npy`",
        )
    content: Content
    if is_stored:
        content = Plain(path, stamp, start, size)
    else:
        content = Deflated(path, stamp, (start, packed), size)
    place = 0
    with content.opened() as read:

        def following(count: int) -> bytes:
            nonlocal place
            count = min(count, size - place)
            into = bytearray(count)
            read(place, memoryview(into))
            place += count
            return bytes(into)

        header = _header(following)
    return _source(header, After(content, header.size), size)


def _start(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Where in the file the bytes of a member begin."""
    stream = cast("BinaryIO", archive.fp)
    stream.seek(info.header_offset)
    local = stream.read(30)
    if len(local) < 30 or not local.startswith(b"PK\x03\x04"):
        raise SourceError("the archive is damaged: the member is not where it says", key="member")
    name, more = struct.unpack_from("<HH", local, 26)
    return int(info.header_offset) + 30 + int(name) + int(more)


class After(NamedTuple):
    """What follows the first bytes of a content."""

    content: Content
    skipped: int

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.content.size - self.skipped

    @property
    def identity(self) -> tuple[Any, ...]:
        """The whole, and how much of it is left out."""
        return (*self.content.identity, self.skipped)

    def opened(self) -> Any:
        """A context manager that gives a reader; see `Content`."""
        return _after(self.content, self.skipped)


@contextmanager
def _after(content: Content, skipped: int) -> Iterator[Reader]:
    with content.opened() as read:
        yield lambda start, into: read(start + skipped, into)
