"""Element types as texts: numpy's name where that says all, else the type as HDF5 encodes it."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

import numpy as np
from h5py import h5t

from nixschema.array import Array, StoredType
from nixschema.storage.encoding import decoded
from nixschema.storage.types import BOOLEAN, UTF8_TEXT, Types, usual_type

ENCODED = "hdf5:"
"""What a type begins with that no name says; its encoding in base64 follows."""


@lru_cache(maxsize=256)
def type_name(stored: StoredType) -> str:
    """The text of a type; `type_of_name` gives the same type for it."""
    for name in (stored.text, stored.dtype.name, stored.dtype.str.lstrip("|")):
        try:
            if type_of_name("bool" if name == "boolean" else name).encoded == stored.encoded:
                return "bool" if name == "boolean" else name
        except ValueError:
            continue
    return encoded_name(stored)


def encoded_name(stored: StoredType) -> str:
    """The text of a type that no name says."""
    return ENCODED + base64.b64encode(stored.encoded).decode("ascii")


@lru_cache(maxsize=256)
def type_of_name(text: str) -> StoredType:
    """The type that a text says.

    Raises:
        ValueError: it says none.
    """
    return Types().of(_type_id(text)).stored


def type_in_file(array: Array) -> StoredType:
    """The type that values have in their file, or get in a new one.

    Raises:
        TypeError: HDF5 has none for them.
    """
    return array.stored_type or usual_type(array.dtype)


def same_type_anew(array: Array) -> bool:
    """Whether values of an array's dtype, made anew, get the type that they have now."""
    stored = array.stored_type
    if stored is None:
        return True
    try:
        return usual_type(array.dtype) == stored
    except (TypeError, ValueError, NotImplementedError):
        return False


def _type_id(text: str) -> object:
    if text == "string":
        return UTF8_TEXT
    if text == "bool":
        return BOOLEAN
    if text.startswith(ENCODED):
        return decoded(encoding_of(text))
    try:
        dtype = np.dtype(text)
        if dtype.hasobject or dtype.kind in "UMm":
            raise TypeError(text)
        return h5t.py_create(dtype, logical=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{text[:60]}` is no element type") from error


def encoding_of(text: str) -> bytes:
    """The encoding that a text says, which begins with `ENCODED`.

    Raises:
        ValueError: it is no base64.
    """
    try:
        return base64.b64decode(text.removeprefix(ENCODED), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"`{text[:60]}` is no base64") from None
