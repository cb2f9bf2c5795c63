"""HDF5 types from the bytes that encode them, which may come from anybody."""

from __future__ import annotations

import struct
from typing import Any

from h5py import h5t

from nixschema.array import StoredType
from nixschema.storage.types import Types

_LONGEST = 64 * 1024

_DEEPEST = 32

_FIXED, _FLOAT, _TIME, _STRING, _BITS, _OPAQUE, _COMPOUND, _REFERENCE, _ENUM, _VLEN, _ARRAY = range(
    11
)

_PROPERTIES = {_FIXED: 4, _FLOAT: 12, _TIME: 2, _STRING: 0, _BITS: 4, _REFERENCE: 0}
"""Bytes that follow the head of a type, where their number is always the same."""


def check_encoded(raw: bytes) -> None:
    """See that libhdf5 can decode bytes as a type without reading beyond them.

    It trusts such bytes, reads as far as they say, and may crash the process.

    Raises:
        ValueError: they encode no type.
    """
    if len(raw) > _LONGEST:
        raise ValueError(f"{len(raw):,} bytes; at most {_LONGEST:,} are taken")
    if raw[:2] != b"\x03\x00":
        raise ValueError("it does not begin as one")
    try:
        end = _walk(raw, 2, 0)
    except (IndexError, struct.error):
        raise ValueError("it is cut off") from None
    if end != len(raw):
        raise ValueError(f"{len(raw) - end} bytes too many")


def decoded(raw: bytes) -> Any:
    """The HDF5 type that bytes encode, as libhdf5 has it.

    Raises:
        ValueError: they encode none.
    """
    check_encoded(raw)
    try:
        return h5t.decode(raw)
    except (TypeError, RuntimeError, OSError, KeyError, MemoryError, OverflowError) as error:
        raise ValueError(str(error)) from None


def type_of(raw: bytes) -> StoredType:
    """The HDF5 type that bytes encode, of values that mean something in any file.

    Raises:
        ValueError: they encode none.
    """
    made = Types().of(decoded(raw))
    if made.memory is None or made.stored.kind == "reference":
        raise ValueError(f"values of type {made.stored.text} mean nothing outside their file")
    return made.stored


def _walk(raw: bytes, place: int, depth: int) -> int:
    """The end of a type that begins at a place."""
    if depth > _DEEPEST:
        raise ValueError("types in types without end")
    version, kind = raw[place] >> 4, raw[place] & 0xF
    bits = int.from_bytes(raw[place + 1 : place + 4], "little")
    (size,) = struct.unpack_from("<L", raw, place + 4)
    place += 8
    if version not in (1, 2, 3):
        raise ValueError(f"version {version} of encoded types is not known")
    if not size and kind != _STRING:
        raise ValueError("its elements have no bytes")
    if kind in _PROPERTIES:
        place += _PROPERTIES[kind]
    elif kind == _OPAQUE:
        place += bits & 0xFF
    elif kind == _COMPOUND:
        for _ in range(bits & 0xFFFF):
            place = _walk_member(raw, place, version, size, depth)
    elif kind == _ENUM:
        place = _walk_enum(raw, place, version, bits & 0xFFFF, depth)
    elif kind == _VLEN:
        place = _walk(raw, place, depth + 1)
    elif kind == _ARRAY:
        axes = raw[place]
        if not 0 < axes <= 32:
            raise ValueError(f"arrays of {axes} axes as elements")
        place = _walk(
            raw, place + (4 if version < 3 else 1) + axes * (8 if version < 3 else 4), depth + 1
        )
    else:
        raise ValueError(f"there is no class {kind} of types")
    if place > len(raw):
        raise IndexError
    return place


def _walk_name(raw: bytes, place: int, version: int) -> int:
    end = raw.find(b"\0", place)
    if end < 0:
        raise IndexError
    length = end + 1 - place
    return place + (-(-length // 8) * 8 if version < 3 else length)


def _walk_member(raw: bytes, place: int, version: int, whole: int, depth: int) -> int:
    place = _walk_name(raw, place, version)
    width = 4 if version < 3 else max(1, (whole.bit_length() + 7) // 8)
    if place + width > len(raw):
        raise IndexError
    if version == 1:
        if raw[place + 4]:
            raise ValueError("arrays as members in the way of the oldest files")
        width += 28
    return _walk(raw, place + width, depth + 1)


def _walk_enum(raw: bytes, place: int, version: int, count: int, depth: int) -> int:
    (size,) = struct.unpack_from("<L", raw, place + 4)
    if raw[place] & 0xF != _FIXED or not 0 < size <= 16:
        raise ValueError("an enumeration of something that is no integer")
    place = _walk(raw, place, depth + 1)
    for _ in range(count):
        place = _walk_name(raw, place, version)
    place += count * size
    if place > len(raw):
        raise IndexError
    return place
