"""The element types that a description can name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nixschema.array import StoredType
from nixschema.model.refusal import did_you_mean
from nixschema.sources.spec import SourceError
from nixschema.storage.encoding import type_of
from nixschema.storage.typenames import ENCODED, encoding_of

_CODE = re.compile(
    r"[<>=|]?([biufc](1|2|4|8|16|32)|[SV][1-9][0-9]{0,8})"
    r"|float(96|128)|complex(192|256)"
)

_NAMED = frozenset(
    (
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128", "bool"),
    )
)

_TEXT = frozenset(("string", "str", "text"))

_DEEPEST = 16

_MOST_BYTES = 256 * 1024 * 1024
"""Bytes that an element may have."""


def element_type(given: Any) -> tuple[np.dtype[Any], StoredType | None]:
    """The type that a description names.

    Args:
        given: a name, or a list of ``{name: type}`` for records.

    Returns:
        How values appear in memory, and the HDF5 type where it is one that numpy lacks.

    Raises:
        SourceError: there is none of the name.
    """
    if isinstance(given, str) and given.startswith(ENCODED):
        stored = _decoded(given)
        return stored.dtype, stored
    if isinstance(given, np.dtype):
        return given, None
    dtype = _dtype(given, 0)
    if dtype.itemsize > _MOST_BYTES:
        raise _refusal(f"an element of {dtype.itemsize:,} bytes; at most {_MOST_BYTES:,} are taken")
    return dtype, None


def _decoded(given: str) -> StoredType:
    try:
        return type_of(encoding_of(given))
    except ValueError as error:
        raise _refusal(f"`{given:.60}` is no HDF5 type: {error}") from None


def _dtype(given: Any, depth: int) -> np.dtype[Any]:
    if depth > _DEEPEST:
        raise _refusal(f"records in records, more than {_DEEPEST} deep")
    if isinstance(given, str):
        return _named(given)
    if isinstance(given, dict):
        given = [{name: inner} for name, inner in given.items()]
    if not isinstance(given, list | tuple) or not given:
        raise _refusal(f"`{given!r:.60}` is no type; expected a name such as `float64`")
    fields: dict[str, np.dtype[Any]] = {}
    for one in given:
        if not isinstance(one, dict) or len(one) != 1:
            raise _refusal(f"`{one!r:.60}` is no column; expected `name: type`")
        [(name, inner)] = one.items()
        if not isinstance(name, str) or not name or "\0" in name:
            raise _refusal(f"`{name!r:.60}` is no name of a column")
        if name in fields:
            raise _refusal(f"two columns are named `{name:.60}`")
        fields[name] = _dtype(inner, depth + 1)
    return np.dtype(list(fields.items()))


def _named(name: str) -> np.dtype[Any]:
    if name in _TEXT:
        return np.dtype(object)
    if name in _NAMED or _CODE.fullmatch(name):
        try:
            return np.dtype(name)
        except TypeError:
            pass
    help = "types are `float64`, `int16`, `bool`, `string`, `<i2`, `S8` and the like"
    if name in ("int", "float", "double"):
        help = f"say how many bits: `{'int64' if name == 'int' else 'float64'}`"
    raise SourceError(
        f"there is no type `{name:.60}`{did_you_mean(name, sorted(_NAMED | _TEXT))}",
        rule="NIX054",
        key="dtype",
        help=help,
    )


def _refusal(message: str) -> SourceError:
    return SourceError(message, rule="NIX054", key="dtype")
