"""Records: tables as numpy has them, one field for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nixschema.array import Array, Values, converted


def records_of(columns: Mapping[str, Any]) -> Values:
    """Records of columns by their names.

    Args:
        columns: values of each column, all of one length.

    Raises:
        TypeError: a column holds what no array can hold.
        ValueError: lengths differ, or there is no column.
    """
    check_column_names(columns)
    values = {name: _column(name, given) for name, given in columns.items()}
    lengths = {name: len(one) for name, one in values.items()}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"`{name}` has {length:,}" for name, length in lengths.items())
        raise ValueError(f"columns are of one length: {told or 'there are none'}")
    records = np.empty(next(iter(lengths.values())), [(k, one.dtype) for k, one in values.items()])
    for name, one in values.items():
        records[name] = one
    return records


def check_column_names(names: Iterable[str]) -> None:
    """Refuse names that a column cannot have in a file.

    Raises:
        TypeError: one is no text.
        ValueError: one is empty, or has a NUL or half a character in it.
    """
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the name of a column is a text, not {name!r}")
        if not name or "\0" in name:
            raise ValueError(
                f"the name of a column is not empty and has no NUL in it, not {name!r}"
            )
        name.encode()


def rows_of(rows: Any, data: Array) -> Values:
    """Records of the type of a table, from records, a tuple for a row or a list of such.

    Raises:
        TypeError, ValueError: they do not fit the columns.
    """
    rows = getattr(rows, "data", rows) if hasattr(rows, "columns") else rows
    if isinstance(rows, Array):
        rows = rows.read()
    if isinstance(rows, Mapping):
        rows = records_of(rows)
    if isinstance(rows, np.ndarray | np.void) and rows.dtype.names:
        if set(rows.dtype.names) != set(data.dtype.names or ()):
            raise ValueError(f"rows of {_names(rows.dtype)} in a table of {_names(data.dtype)}")
        return _converted(np.atleast_1d(rows), data.dtype)
    given = [rows] if isinstance(rows, tuple) else list(rows)
    wanted = len(data.dtype.names or ())
    for row in given:
        if not isinstance(row, tuple | list) or len(row) != wanted:
            raise ValueError(f"a row is a tuple of {_names(data.dtype)}, not {row!r}")
    columns = zip(data.dtype.names or (), zip(*given, strict=True), strict=False)
    return _converted(records_of(dict(columns)) if given else np.empty(0, data.dtype), data.dtype)


def _converted(records: Values, dtype: np.dtype[Any]) -> Values:
    """Records in another type of the same columns, refused where that would change values."""
    found = np.empty(records.shape, dtype)
    for name in dtype.names or ():
        found[name] = converted(records[name], dtype[name])
    return found


def _column(name: str, given: Any) -> Values:
    try:
        values = Array(given).read()
    except (TypeError, ValueError) as error:
        raise type(error)(f"column `{name}`: {error}") from None
    if values.ndim != 1 or values.dtype.names:
        raise ValueError(f"column `{name}` is a list of values, not of shape {values.shape}")
    return values


def _names(dtype: np.dtype[Any]) -> str:
    return ", ".join(f"`{name}`" for name in dtype.names or ())
