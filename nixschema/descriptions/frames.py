"""Data frames: columns with their types and units, and rows, wherever they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nixschema.array import Array, MemorySource
from nixschema.descriptions.arrays import SPEC_KEYS, inline, opened, spec_of
from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key
from nixschema.model.data_frame import Column, columns_of, element_text
from nixschema.model.records import check_column_names, records_of
from nixschema.model.refusal import did_you_mean
from nixschema.sources import SourceError
from nixschema.sources.records import RecordsSource
from nixschema.sources.types import element_type
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

_COLUMN_KEYS = ("unit",)
_SOURCES = tuple(name for name in SPEC_KEYS if name not in ("dtype", "compression", "chunks"))


def read_columns(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Columns stand with the rows: see `finish_frame`."""
    if not isinstance(node, Mapping) and _listed(node) is None:
        message = f"`columns` is {words(node)}; expected a mapping of names"
        help = "write `columns: {onset: {unit: s}}`, a key for each column"
        reading.fault(draft, key.field, node, "NIX102", message, help)


def _listed(node: Node | None) -> Mapping | None:
    """Columns that are a list of mappings with their names, as a mapping of names."""
    if not isinstance(node, Sequence):
        return None
    items: dict[str, Node] = {}
    keys: dict[str, Scalar] = {}
    for one in node.items:
        name = one.items.get("name") if isinstance(one, Mapping) else None
        if not isinstance(one, Mapping) or not isinstance(name, Scalar) or name.text in items:
            return None
        rest = {key: value for key, value in one.items.items() if key != "name"}
        items[name.text] = Mapping(rest, one.keys, one.line, one.column)
        keys[name.text] = name
    return Mapping(items, keys, node.line, node.column)


def read_rows(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Rows stand with the columns: see `finish_frame`."""


def finish_frame(reading: Reading, draft: Draft) -> None:
    """Make the data of a frame of its columns and rows."""
    if not isinstance(draft.node, Mapping) or "columns" in draft.unsure:
        return
    told = draft.node.items.get("columns")
    columns = told if isinstance(told, Mapping) else _listed(told)
    rows = draft.node.items.get("rows")
    if isinstance(rows, Scalar) and rows.is_null:
        rows = None
    if columns is not None and not _is_sound(reading, draft, columns):
        return
    if columns is not None and rows is not None and _says_values(reading, draft, columns):
        return
    if isinstance(rows, Mapping):
        data = _rows_elsewhere(reading, draft, columns, rows)
    elif isinstance(rows, Sequence):
        data = _rows_here(reading, draft, columns, rows)
    elif rows is not None:
        message = f"`rows` is {words(rows)}; expected a list of rows, or where they are"
        reading.fault(draft, "data", rows, "NIX102", message)
        return
    elif columns is not None and not draft.extra.has("data"):
        data = _columns_alone(reading, draft, columns)
    else:
        draft.data["columns"] = [
            _with_unit(Column(name=name, dtype=_dtype_of(node) or ""), columns)
            for name, node in (columns.items.items() if columns is not None else ())
        ]
        return
    if data is None:
        return
    draft.data["data"] = data
    draft.data["columns"] = [_with_unit(one, columns) for one in columns_of(data)]


def _with_unit(column: Column, columns: Mapping | None) -> Column:
    node = columns.items.get(column.name) if columns is not None else None
    unit = node.items.get("unit") if isinstance(node, Mapping) else None
    if isinstance(unit, Scalar) and not unit.is_null:
        return Column(name=column.name, dtype=column.dtype, unit=unit.text)
    return column


def _is_sound(reading: Reading, draft: Draft, columns: Mapping) -> bool:
    """Whether the columns are mappings of keys that there are."""
    before = len(reading.faults)
    for name, node in columns.items.items():
        if isinstance(node, Scalar) and node.is_null:
            continue
        if not isinstance(node, Mapping):
            message = f"the column `{name}` is {words(node)}; expected `dtype`, `unit`, `values`"
            help: str | None = f"write `{name}: {{dtype: {words(node)[1:-1]}}}`"
            reading.fault(
                draft,
                "columns",
                node,
                "NIX102",
                message,
                help if isinstance(node, Scalar) else None,
            )
            continue
        if "definition" in node.items:
            here = node.keys["definition"]
            message = "no NIX file has definitions of columns"
            reading.fault(
                draft, "columns", here, "NIX131", message, "put it into the frame's definition"
            )
        for key in node.items:
            if key not in SPEC_KEYS and key not in (*_COLUMN_KEYS, "definition"):
                hint = did_you_mean(key, (*_COLUMN_KEYS, *SPEC_KEYS))
                help = None if hint else "there are `dtype`, `unit` and `values`, or `file`"
                message = f"no key `{key}` in a column{hint}"
                reading.fault(draft, "columns", node.keys[key], "NIX131", message, help)
        dtype = _dtype_of(node)
        if dtype is not None and not _is_type(dtype):
            message = f"`dtype` of the column `{name}` is `{dtype}`, which is no element type"
            help = "such as `float64`, `int16`, `bool` or `string`"
            reading.fault(draft, "columns", node.items["dtype"], "NIX054", message, help)
    return len(reading.faults) == before


def _columns_alone(reading: Reading, draft: Draft, columns: Mapping) -> Array | None:
    """A table of columns that say their values themselves."""
    found: dict[str, Array] = {}
    for name, node in columns.items.items():
        values = _column(reading, draft, name, node)
        if values is None:
            return None
        found[name] = values
    return _table(reading, draft, columns, found)


def _says_values(reading: Reading, draft: Draft, columns: Mapping) -> bool:
    """Whether a column says its values, which stand in the rows."""
    for name, node in columns.items.items():
        twice = [key for key in node.items if key in _SOURCES] if isinstance(node, Mapping) else []
        if isinstance(node, Mapping) and twice:
            message = f"the values of `{name}` stand in its `{twice[0]}` and in `rows`"
            here = node.keys[twice[0]]
            reading.fault(draft, "columns", here, "NIX133", message, "keep one of them")
            return True
    return False


def _column(reading: Reading, draft: Draft, name: str, node: Node) -> Array | None:
    if isinstance(node, Mapping) and any(key in node.items for key in _SOURCES):
        spec = spec_of(reading, draft, "columns", node, also=(*_COLUMN_KEYS, "definition"))
        return None if spec is None else opened(reading, draft, "columns", node, spec)
    return Array(np.empty(0, _numpy_type(_dtype_of(node) or "float64")))


def _dtype_of(node: Node | None) -> str | None:
    told = node.items.get("dtype") if isinstance(node, Mapping) else None
    return told.text if isinstance(told, Scalar) and not told.is_null else None


def _is_type(name: str) -> bool:
    try:
        return element_type(name)[0] is not None
    except SourceError:
        return False


def _numpy_type(name: str) -> np.dtype[Any]:
    return element_type(name)[0]


def _table(reading: Reading, draft: Draft, node: Node, columns: dict[str, Array]) -> Array | None:
    """Columns side by side; None and a fault where they are of several lengths."""
    odd = next((name for name, one in columns.items() if one.ndim != 1), None)
    if odd is not None:
        message = f"the column `{odd}` has {columns[odd].ndim} axes; expected a list of values"
        reading.fault(draft, "columns", node, "NIX053", message)
        return None
    lengths = {name: len(one) for name, one in columns.items()}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"`{name}` has {length:,}" for name, length in lengths.items())
        message = f"columns are of one length: {told}" if told else "a frame has no columns"
        reading.fault(draft, "columns", node, "NIX053", message)
        return None
    if all(isinstance(one.source, MemorySource) for one in columns.values()):
        return Array(records_of({name: one.read() for name, one in columns.items()}))
    check_column_names(columns)
    return Array(RecordsSource(columns))


def _rows_here(
    reading: Reading, draft: Draft, columns: Mapping | None, rows: Sequence
) -> Array | None:
    """A table of rows that stand in the description: lists, or mappings by column."""
    names = list(columns.items) if columns is not None else None
    if names is None:
        named = next((one for one in rows.items if isinstance(one, Mapping)), None)
        if named is None:
            message = "rows are lists, and nothing says which columns there are"
            help = "name the columns: `columns: {onset: {unit: s}}`"
            reading.fault(draft, "data", rows, "NIX133", message, help)
            return None
        names = list(named.items)
    cells: dict[str, list[Node]] = {name: [] for name in names}
    for row in rows.items:
        if not _take_row(reading, draft, row, cells):
            return None
    found: dict[str, Array] = {}
    for name, nodes in cells.items():
        dtype = _dtype_of(columns.items.get(name) if columns is not None else None)
        listed = Sequence(nodes, rows.line, rows.column)
        if not nodes:
            values = np.empty(0, _numpy_type(dtype or "float64"))
        else:
            values = inline(reading, draft, "columns", listed, dtype)
        if values is None:
            return None
        if dtype is not None and values.dtype != object:
            wanted = _numpy_type(dtype)
            made = values.astype(wanted)
            if wanted.kind in "iuf" and not np.array_equal(made, values, equal_nan=True):
                message = f"the column `{name}` has values that `{dtype}` does not hold"
                reading.fault(draft, "columns", nodes[0], "NIX054", message)
                return None
            values = made
        elif dtype is not None and _numpy_type(dtype).kind == "S":
            values = np.array([one.encode() for one in values.tolist()], _numpy_type(dtype))
        found[name] = Array(values)
    return _table(reading, draft, rows, found)


def _take_row(reading: Reading, draft: Draft, row: Node, cells: dict[str, list[Node]]) -> bool:
    if isinstance(row, Sequence):
        if len(row.items) != len(cells):
            message = f"a row of {len(row.items)} values for {len(cells)} columns"
            reading.fault(draft, "data", row, "NIX053", message)
            return False
        for one, item in zip(cells.values(), row.items, strict=True):
            one.append(item)
        return True
    if isinstance(row, Mapping):
        for name in row.items:
            if name not in cells:
                message = f"no column named `{name}`{did_you_mean(name, cells)}"
                reading.fault(draft, "data", row.keys[name], "NIX131", message)
                return False
        for name, one in cells.items():
            if name not in row.items:
                message = f"a row has no value for the column `{name}`"
                reading.fault(draft, "data", row, "NIX053", message)
                return False
            one.append(row.items[name])
        return True
    message = f"a row is {words(row)}; expected a list or a mapping by column"
    reading.fault(draft, "data", row, "NIX102", message)
    return False


def _rows_elsewhere(
    reading: Reading, draft: Draft, columns: Mapping | None, rows: Mapping
) -> Array | None:
    """A table in a file: records, or a CSV file whose header names the columns."""
    spec = spec_of(reading, draft, "data", rows)
    if spec is None:
        return None
    found = opened(reading, draft, "data", rows, spec, as_table=True)
    if found is None or columns is None:
        return found
    names = found.dtype.names or ()
    for name in columns.items:
        if name not in names:
            message = f"no column named `{name}` in `{spec.file}`{did_you_mean(name, names)}"
            reading.fault(draft, "columns", columns.keys[name], "NIX052", message)
            return None
    types = {name: _dtype_of(node) or found.dtype[name] for name, node in columns.items.items()}
    if not any(isinstance(one, str) for one in types.values()) and tuple(types) == names:
        return found
    dtype = [{name: _type_text(one)} for name, one in types.items()]
    return opened(reading, draft, "data", rows, replace(spec, dtype=dtype), as_table=True)


def _type_text(dtype: str | np.dtype[Any]) -> str:
    return dtype if isinstance(dtype, str) else element_text(dtype)
