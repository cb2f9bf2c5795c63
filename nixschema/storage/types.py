"""HDF5 datatypes: described for people, how their values are read, and which values get."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import h5py
import numpy as np
from h5py import h5t

from nixschema.array import StoredType

UTF8 = h5py.string_dtype("utf-8")
"""How strings of variable length appear in memory."""

_ASCII = h5py.string_dtype("ascii")

UTF8_TEXT = h5t.py_create(UTF8, logical=True)
"""Text as NIX has it: of variable length, UTF-8, null-terminated."""

BOOLEAN = h5t.py_create(np.dtype(bool), logical=True)
"""Booleans as NIX has them: an enumeration of FALSE and TRUE."""

UTF8_MEMORY = h5t.py_create(UTF8)
"""Such text in memory."""


class ReadType(NamedTuple):
    """A type as it is described, and how values of it are read."""

    stored: StoredType
    memory: Any
    """Memory type to hand to libhdf5, or None where values are never read."""
    dtype: np.dtype[Any]
    """Type of the buffer that libhdf5 fills."""
    size: int
    """Bytes of an element in memory."""
    finish: Callable[[Any], Any] | None
    """Turns what was read into what is shown, where that differs."""
    is_text: bool = False
    """Whether values are strings of variable length."""


class Types:
    """The types met in one file, each described once."""

    def __init__(self) -> None:
        self._known: dict[bytes, ReadType] = {}

    def of(self, type_id: Any) -> ReadType:
        """Describe a type."""
        encoded: bytes = type_id.encode()
        known = self._known.get(encoded)
        if known is None:
            known = self._known[encoded] = _describe(type_id, _plainest(type_id).encode())
        return known


def _plainest(type_id: Any) -> Any:
    """The same type in the oldest encoding: files of different age then agree in it."""
    kind = type_id.get_class()
    if kind == h5t.COMPOUND:
        made = h5t.create(h5t.COMPOUND, type_id.get_size())
        for number in range(type_id.get_nmembers()):
            member = _plainest(type_id.get_member_type(number))
            offset = type_id.get_member_offset(number)
            made.insert(type_id.get_member_name(number), offset, member)
        return made
    if kind == h5t.ENUM:
        made = h5t.enum_create(_plainest(type_id.get_super()))
        for number in range(type_id.get_nmembers()):
            made.enum_insert(type_id.get_member_name(number), type_id.get_member_value(number))
        return made
    if kind == h5t.ARRAY:
        return h5t.array_create(_plainest(type_id.get_super()), type_id.get_array_dims())
    if kind == h5t.VLEN:
        return h5t.vlen_create(_plainest(type_id.get_super()))
    return type_id


def _describe(type_id: Any, encoded: bytes) -> ReadType:
    kind = _KINDS.get(type_id.get_class(), "unknown")
    size = type_id.get_size()
    if kind == "string":
        return _string(type_id, encoded)
    if kind == "bitfield" and size == 1:
        return _bits(type_id, encoded)
    if kind == "reference" or type_id.detect_class(h5t.REFERENCE):
        return _opaque(type_id, encoded, kind)
    try:
        dtype = type_id.dtype
        memory = h5t.py_create(dtype)
    except (TypeError, ValueError, RuntimeError, NotImplementedError, KeyError, OverflowError):
        return _opaque(type_id, encoded, kind)
    if kind == "enum" and dtype == np.dtype(bool):
        kind = "boolean"
    text = _text(type_id, kind, dtype)
    stored = StoredType(encoded, text, kind, dtype)
    finish = decode_records if dtype.names and dtype.hasobject else None
    return ReadType(stored, memory, dtype, dtype.itemsize, finish)


def _string(type_id: Any, encoded: bytes) -> ReadType:
    ascii_only = type_id.get_cset() == h5t.CSET_ASCII
    if type_id.is_variable_str():
        dtype = _ASCII if ascii_only else UTF8
        text = "ASCII string" if ascii_only else "string"
        stored = StoredType(encoded, text, "string", np.dtype(object))
        return ReadType(stored, h5t.py_create(dtype), dtype, 64, decode_all, is_text=True)
    size = type_id.get_size()
    dtype = np.dtype(f"S{size}")
    text = f"{'ASCII ' if ascii_only else ''}string of {size} bytes"
    stored = StoredType(encoded, text, "string", dtype)
    return ReadType(stored, type_id, dtype, size, None)


def _bits(type_id: Any, encoded: bytes) -> ReadType:
    """One byte of bits: how NIX 1.0 stored booleans."""
    stored = StoredType(encoded, "bitfield8", "bitfield", np.dtype(bool))
    return ReadType(stored, type_id, np.dtype(np.uint8), 1, _as_booleans)


def _opaque(type_id: Any, encoded: bytes, kind: str) -> ReadType:
    """A type that numpy lacks: its bytes, unless they hold addresses."""
    size = max(1, type_id.get_size())
    dtype = np.dtype(f"V{size}")
    shown = np.dtype(object) if kind == "reference" else dtype
    stored = StoredType(encoded, f"{kind} of {size} bytes", kind, shown)
    memory = None if _holds_addresses(type_id) else type_id
    return ReadType(stored, memory, dtype, size, None)


def _holds_addresses(type_id: Any) -> bool:
    """Whether values in memory have pointers in them; references of HDF5 1.10 are plain bytes."""
    if type_id.get_class() == h5t.REFERENCE:
        return not (type_id.equal(h5t.STD_REF_OBJ) or type_id.equal(h5t.STD_REF_DSETREG))
    return any(type_id.detect_class(one) for one in (h5t.VLEN, h5t.REFERENCE, h5t.STRING))


def _text(type_id: Any, kind: str, dtype: np.dtype[Any]) -> str:
    if kind == "compound":
        return "complex" + str(dtype.itemsize * 8) if dtype.kind == "c" else "compound"
    if kind in ("integer", "float"):
        order = " big-endian" if type_id.get_order() == h5t.ORDER_BE and dtype.itemsize > 1 else ""
        return f"{dtype.name}{order}"
    if kind == "boolean":
        return "boolean"
    return kind


def decode_all(values: Any) -> Any:
    """Decode an array of byte strings; what is no UTF-8 keeps its odd bytes as surrogates."""
    flat = values.reshape(-1)
    decoded = np.empty(flat.shape, dtype=object)
    for position, item in enumerate(flat):
        decoded[position] = (
            item.decode("utf-8", "surrogateescape") if isinstance(item, bytes) else item or ""
        )
    return decoded.reshape(values.shape)


def decode_records(records: Any) -> Any:
    """Decode the byte strings in an array of records, in place, at any depth."""
    for name in records.dtype.names:
        column = records[name]
        if column.dtype.names:
            decode_records(column)
        elif column.dtype == object and all(isinstance(one, bytes) for one in column.flat):
            column[...] = decode_all(column)
    return records


def encoded(values: Any) -> Any:
    """Text as bytes again: the inverse of decoding, odd bytes included."""
    if values.dtype.names and values.dtype.hasobject:
        values = values.copy()
        for name in values.dtype.names:
            values[name] = encoded(values[name])
        return values
    if values.dtype != object:
        return values
    made = np.empty(values.shape, dtype=values.dtype)
    for position, item in np.ndenumerate(values):
        text = item if item is not None else ""
        made[position] = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return made


def _as_booleans(values: Any) -> Any:
    return values.astype(bool)


_KINDS = {
    h5t.INTEGER: "integer",
    h5t.FLOAT: "float",
    h5t.TIME: "time",
    h5t.STRING: "string",
    h5t.BITFIELD: "bitfield",
    h5t.OPAQUE: "opaque",
    h5t.COMPOUND: "compound",
    h5t.REFERENCE: "reference",
    h5t.ENUM: "enum",
    h5t.VLEN: "vlen",
    h5t.ARRAY: "array",
}


@lru_cache(maxsize=1024)
def _decoded(encoded_type: bytes) -> Any:
    return h5t.decode(encoded_type)


def decoded_type(stored: StoredType) -> Any:
    """The HDF5 type that was read."""
    return _decoded(stored.encoded)


def fixed_text(size: int) -> Any:
    """Text of a fixed number of bytes, UTF-8, padded with NULs."""
    made = h5t.C_S1.copy()
    made.set_size(max(1, size))
    made.set_cset(h5t.CSET_UTF8)
    made.set_strpad(h5t.STR_NULLPAD)
    return made


def file_type(dtype: np.dtype[Any]) -> Any:
    """The HDF5 type that values of a dtype have in a file; see `file_dtype`.

    Raises:
        TypeError: HDF5 has none for it.
    """
    if dtype is UTF8:
        return UTF8_TEXT
    return plain_type(dtype.str) if _is_plain(dtype) else h5t.py_create(dtype, logical=True)


def memory_type(dtype: np.dtype[Any]) -> Any:
    """The HDF5 type of values of a dtype in memory; see `file_dtype`."""
    if dtype is UTF8:
        return UTF8_MEMORY
    return plain_type(dtype.str) if _is_plain(dtype) else h5t.py_create(dtype)


def _is_plain(dtype: np.dtype[Any]) -> bool:
    """Whether a type is told by its name alone, and the same in memory and in a file."""
    return dtype.kind in "biufc" and dtype.metadata is None


@cache
def plain_type(name: str) -> Any:
    """The HDF5 type of numbers or booleans, by numpy's name."""
    return h5t.py_create(np.dtype(name), logical=True)


def file_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that values of a numpy dtype have in a file: text of any length, records packed."""
    if dtype.names is not None:
        return np.dtype([(name, file_dtype(dtype[name])) for name in dtype.names])
    if dtype.subdtype is not None:
        return np.dtype((file_dtype(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.kind in "OU" and h5py.check_string_dtype(dtype) is None:
        text: np.dtype[Any] = UTF8
        return text
    return dtype


@lru_cache(maxsize=256)
def usual_type(dtype: np.dtype[Any]) -> StoredType:
    """The type that values of a dtype get in a new file.

    Raises:
        TypeError: HDF5 has none for it.
    """
    return Types().of(file_type(file_dtype(dtype))).stored
