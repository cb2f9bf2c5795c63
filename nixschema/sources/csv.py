"""Columns of text files with separated values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nixschema.array import Values
from nixschema.model.refusal import did_you_mean
from nixschema.sources.converted import fitting
from nixschema.sources.outside import OutsideSource
from nixschema.sources.spec import SourceError
from nixschema.sources.table import Batch, Cursor, Dialect, Table, open_table
from nixschema.storage.files import Stamp
from nixschema.storage.selecting import block_around

_BATCH_FIELDS = 64 * 1024

_MOST_MARKS = 1024
"""How many places in the file are kept in mind."""

Columns = str | int | Sequence[str | int] | None


class CsvSource(OutsideSource):
    """One column, several columns side by side, or records of columns."""

    __slots__ = ("_last", "columns", "is_flat", "marks", "rows", "table")

    def __init__(
        self,
        table: Table,
        columns: tuple[int, ...],
        dtype: np.dtype[Any],
        rows: int,
        *,
        is_flat: bool,
        marks: Sequence[Cursor] = (),
    ) -> None:
        """Take columns of a table whose rows were counted.

        Args:
            table: the file.
            columns: numbers of the columns.
            dtype: type of the elements; a record has one field for each column.
            rows: how many there are.
            is_flat: whether there is no axis for columns.
            marks: places of some rows.
        """
        super().__init__((rows,) if is_flat else (rows, len(columns)), dtype)
        self.table = table
        self.columns = columns
        self.rows = rows
        self.is_flat = is_flat
        self.marks = tuple(marks) or (table.start,)
        self._last = table.start

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without where reading has come to."""
        facts = (self.table, self.columns, self._dtype, self.rows, self.is_flat, self.marks)
        return _source, facts

    @property
    def identity(self) -> tuple[Any, ...]:
        """The file, and what is taken of it."""
        table = self.table
        taken = (self.columns, str(self._dtype), self.is_flat)
        return ("csv", table.path, table.stamp, table.dialect, *taken)

    def read(self, selection: tuple[Any, ...]) -> Values:
        """The selected values; rows that follow those read last are found at once.

        Raises:
            StaleFileError: the file has changed since it was opened.
            SourceError: a field is not of the type.
            IndexError: there is no such place.
        """
        block = block_around(selection, self.shape)
        columns = self.columns
        if not self.is_flat:
            columns = columns[block.starts[1] : block.starts[1] + block.counts[1]]
        values = np.empty(block.counts, dtype=self._dtype)
        start, count = block.starts[0], block.counts[0]
        cursor = self._nearest(start)
        done = 0
        while done < count:
            behind = start - cursor.row
            most = behind if behind > 0 else count - done
            batch = self.table.batch(cursor, min(most, _batch_rows(self.table)))
            if not batch.rows:
                raise SourceError("the file ends before its rows do")
            cursor = batch.end
            if behind > 0:
                start_of_rest = max(0, len(batch.rows) - max(0, cursor.row - start))
                batch = Batch(batch.rows[start_of_rest:], batch.lines[start_of_rest:], batch.end)
            taken = min(len(batch.rows), count - done)
            if taken:
                part = Batch(batch.rows[:taken], batch.lines[:taken], cursor)
                values[done : done + taken] = self._parsed(part, columns)
                done += taken
        self._last = cursor
        return np.asarray(values[block.inside], dtype=self._dtype)

    def _nearest(self, row: int) -> Cursor:
        near = [mark for mark in (*self.marks, self._last) if mark.row <= row]
        return max(near)

    def _parsed(self, batch: Batch, columns: tuple[int, ...]) -> Values:
        made = np.empty(
            (len(batch.rows),) if self.is_flat else (len(batch.rows), len(columns)), self._dtype
        )
        for number, column in enumerate(columns):
            if self._dtype.names:
                field = self._dtype.names[number]
                made[field] = _parsed(batch, self.table, column, self._dtype[field])
            elif self.is_flat:
                made[...] = _parsed(batch, self.table, column, self._dtype)
            else:
                made[:, number] = _parsed(batch, self.table, column, self._dtype)
        return made


def _source(
    table: Table,
    columns: tuple[int, ...],
    dtype: np.dtype[Any],
    rows: int,
    is_flat: bool,
    marks: tuple[Cursor, ...],
) -> CsvSource:
    return CsvSource(table, columns, dtype, rows, is_flat=is_flat, marks=marks)


def _batch_rows(table: Table) -> int:
    return max(1, _BATCH_FIELDS // table.width)


def csv_source(
    path: str,
    stamp: Stamp,
    dialect: Dialect,
    *,
    column: str | int | None = None,
    columns: Sequence[str | int] | str | None = None,
    dtype: np.dtype[Any] | None = None,
    as_records: bool = False,
) -> CsvSource:
    """Columns of a CSV file; all of it is read once, to count the rows and see what they hold.

    Args:
        path: the file.
        stamp: its state.
        dialect: how it is to be understood.
        column: one column, by name or number.
        columns: several side by side, or ``all``.
        dtype: type of the elements, where it is not to be told by looking. That of records takes
            columns by name.
        as_records: make records of all columns, each of its own type.

    Raises:
        SourceError: there are no such columns, or rows that are none of numbers or text.
    """
    table = open_table(path, stamp, dialect)
    if dtype is not None and dtype.names:
        chosen = _of_records(table, dtype)
    elif as_records:
        chosen = tuple(range(table.width))
    elif columns is not None:
        chosen = _several(table, columns)
    else:
        chosen = (_only(table) if column is None else _number(table, column, "column"),)
    survey = _Survey(table, chosen, dtype)
    survey.run()
    is_flat = as_records or columns is None
    return CsvSource(
        table, chosen, survey.dtype(as_records), survey.rows, is_flat=is_flat, marks=survey.marks
    )


def _only(table: Table) -> int:
    if table.width != 1:
        told = ", ".join(f"`{name:.40}`" for name in table.names[:10])
        raise SourceError(
            f"the file has {table.width} columns; which one is meant?",
            key="column",
            help=f"give `column`{f', one of: {told}' if told else ''}; or `columns: all`",
        )
    return 0


def _several(table: Table, columns: Sequence[str | int] | str) -> tuple[int, ...]:
    if isinstance(columns, str):
        if columns != "all":
            raise SourceError(
                f"`columns: {columns:.60}`; expected a list of columns, or `all`",
                key="columns",
                help="one column is asked for with `column`",
            )
        return tuple(range(table.width))
    return tuple(_number(table, one, "columns") for one in columns)


def _of_records(table: Table, dtype: np.dtype[Any]) -> tuple[int, ...]:
    names = dtype.names or ()
    if table.names:
        return tuple(_number(table, name, "dtype") for name in names)
    if len(names) != table.width:
        raise SourceError(
            f"the file has {table.width} columns, and no header; expected {len(names)}, one for "
            "each column of the type",
            key="dtype",
        )
    return tuple(range(table.width))


def _number(table: Table, column: str | int, key: str) -> int:
    """The number of a column, from 0."""
    if isinstance(column, int):
        if not 0 <= column < table.width:
            raise SourceError(
                f"there is no column {column}; the file has {table.width}, counted from 0", key=key
            )
        return column
    if not table.names:
        raise SourceError(
            f"there is no column `{column:.60}`: the file has no header",
            key=key,
            help="count columns from 0, or leave out `header: false`",
        )
    places = [place for place, name in enumerate(table.names) if name == column.strip()]
    if not places:
        told = ", ".join(f"`{name:.40}`" for name in table.names[:10])
        help = f"its columns are {told}"
        if len(table.names) == 1 and table.dialect.delimiter not in table.names[0]:
            help += "; check `delimiter`"
        raise SourceError(
            f"there is no column `{column:.60}`{did_you_mean(column, table.names)}",
            key=key,
            help=help,
        )
    if len(places) > 1:
        raise SourceError(
            f"{len(places)} columns are named `{column:.60}`: {places}",
            key=key,
            help="give the number of the one that is meant",
        )
    return places[0]


@dataclass(slots=True)
class _Seen:
    """What was seen of a column."""

    kind: str = ""
    """``int``, ``float``, ``bool``, ``text``, or nothing yet."""
    missing: int = 0
    """The first line with a missing value, or 0."""


class _Survey:
    """Reads all rows once."""

    def __init__(self, table: Table, columns: tuple[int, ...], dtype: np.dtype[Any] | None) -> None:
        self._table = table
        self._columns = columns
        self._given = dtype
        self._seen = {column: _Seen() for column in columns}
        self.rows = 0
        self.marks = [table.start]
        self._apart = 1

    def run(self) -> None:
        """Read."""
        cursor = self._table.start
        most = _batch_rows(self._table)
        number = 0
        while (batch := self._table.batch(cursor, most)).rows:
            for place, column in enumerate(self._columns):
                if self._given is None:
                    self._look(batch, column)
                else:
                    names = self._given.names
                    _parsed(
                        batch,
                        self._table,
                        column,
                        self._given[names[place]] if names else self._given,
                    )
            cursor = batch.end
            number += 1
            if number % self._apart == 0:
                self.marks.append(cursor)
            if len(self.marks) > _MOST_MARKS:
                del self.marks[1::2]
                self._apart *= 2
        self.rows = cursor.row

    def _look(self, batch: Batch, column: int) -> None:
        seen = self._seen[column]
        dialect = self._table.dialect
        fields = [row[column] for row in batch.rows]
        present = fields
        if dialect.missing:
            present = [field for field in fields if field.strip() not in dialect.missing]
            if len(present) < len(fields) and not seen.missing:
                gap = next(
                    place for place, one in enumerate(fields) if one.strip() in dialect.missing
                )
                seen.missing = batch.lines[gap]
        if seen.kind == "text" or not present:
            return
        first = seen.kind or _kind_of(present[:1], dialect)
        if first == "text":
            seen.kind = "text"
            return
        kind = _kind_of(present, dialect)
        numbers = {"int", "float"}
        if kind == "int" and first == "int" and seen.kind != "float":
            self._refuse_large(fields, batch, column)
        if kind == first or ({kind, first} <= numbers):
            seen.kind = "float" if "float" in (kind, first) else kind
            return
        same = numbers if first in numbers else {first}
        place = next(
            place
            for place, one in enumerate(fields)
            if (not dialect.missing or one.strip() not in dialect.missing)
            and _kind_of([one], dialect) not in same
        )
        raise _odd_field(fields[place], self._table, column, batch.lines[place], first)

    def _refuse_large(self, fields: list[str], batch: Batch, column: int) -> None:
        """Refuse integers that no type holds which is taken by itself."""
        dialect = self._table.dialect
        for field, line in zip(fields, batch.lines, strict=True):
            if len(field) > _SURELY_SMALL and field.strip() not in dialect.missing:
                [number] = _numbers([field], int, dialect)
                if not -(2**63) <= number < 2**63:
                    raise SourceError(
                        f"`{field.strip():.60}` in column {_name(self._table, column)} is too "
                        "large for an integer of 64 bits",
                        rule="NIX054",
                        line=line,
                        help="give `dtype: uint64`, or `dtype: float64`",
                    )

    def dtype(self, as_records: bool) -> np.dtype[Any]:
        """Type of the elements.

        Raises:
            SourceError: there is none for all columns.
        """
        if self._given is not None:
            return self._given
        if as_records:
            return self._records()
        kinds = {one.kind or "float" for one in self._seen.values()}
        if kinds == {"int", "float"}:
            kinds = {"float"}
        if len(kinds) > 1:
            texts = [number for number, one in self._seen.items() if one.kind == "text"]
            told = _name(self._table, texts[0]) if texts else ""
            raise SourceError(
                f"columns of different kinds make no array: {', '.join(sorted(kinds))}"
                + (f" (column {told} is text)" if told else ""),
                rule="NIX054",
                key="columns",
                help="leave some out, or give `dtype: string`",
            )
        for number, one in self._seen.items():
            if kinds & {"int", "bool"}:
                self._refuse_missing(number, one)
        return _DTYPES[kinds.pop() if kinds else "float"]

    def _records(self) -> np.dtype[Any]:
        names = self._table.names or tuple(f"column {one}" for one in self._columns)
        fields: dict[str, np.dtype[Any]] = {}
        for number, name in zip(self._columns, names, strict=True):
            if not name or name in fields:
                told = f"two columns are named `{name:.60}`" if name else "a column has no name"
                raise SourceError(told, line=self._table.start.line)
            seen = self._seen[number]
            if seen.kind in ("int", "bool"):
                self._refuse_missing(number, seen)
            fields[name] = _DTYPES[seen.kind or "float"]
        return np.dtype(list(fields.items()))

    def _refuse_missing(self, column: int, seen: _Seen) -> None:
        if seen.missing:
            kind = "integers" if seen.kind == "int" else "booleans"
            raise SourceError(
                f"a missing value in column {_name(self._table, column)} of {kind}",
                rule="NIX054",
                line=seen.missing,
                help="give `dtype: float64`, in which it is NaN" if seen.kind == "int" else None,
            )


_DTYPES: dict[str, np.dtype[Any]] = {
    "int": np.dtype(np.int64),
    "float": np.dtype(np.float64),
    "bool": np.dtype(bool),
    "text": np.dtype(object),
}

_TRUTH = {"true": True, "false": False}

_SURELY_SMALL = 18
"""Digits that fit into 64 bits, whatever they are."""


def _kind_of(fields: list[str], dialect: Dialect) -> str:
    if fields[0].strip().lower() in _TRUTH:
        is_truth = all(one.strip().lower() in _TRUTH for one in fields)
        return "bool" if is_truth else "text"
    try:
        _numbers(fields, int, dialect)
    except ValueError:
        pass
    else:
        return "int"
    try:
        _numbers(fields, float, dialect)
    except ValueError:
        return "text"
    return "float"


def _numbers(fields: list[str], convert: Callable[[str], Any], dialect: Dialect) -> list[Any]:
    """Numbers that fields are.

    Raises:
        ValueError: one is none.
    """
    joined = "\n".join(fields)
    if "_" in joined or not joined.isascii():
        raise ValueError
    if dialect.decimal != ".":
        if "." in joined:
            raise ValueError
        made = joined.replace(dialect.decimal, ".").split("\n")
        if len(made) != len(fields):
            raise ValueError
        fields = made
    return list(map(convert, fields))


def _parsed(batch: Batch, table: Table, column: int, dtype: np.dtype[Any]) -> Values:
    """The values of a column in some rows.

    Raises:
        SourceError: a field is none of the type.
    """
    dialect = table.dialect
    fields = [row[column] for row in batch.rows]
    if dtype.kind in "OS":
        values = np.empty(len(fields), dtype=object)
        values[:] = fields
    else:
        if dialect.missing and dtype.kind in "fc":
            fields = ["nan" if one.strip() in dialect.missing else one for one in fields]
        values = _as_numbers(fields, batch, table, column, dtype)
    try:
        return fitting(values, dtype, inline=True)
    except SourceError as error:
        line = batch.lines[error.place[0]] if error.place else None
        told = error.message
        if error.place:
            told = f"`{fields[error.place[0]]:.60}` in column {_name(table, column)} does not fit"
            told = f"{told} `{dtype}`"
        raise SourceError(told, rule="NIX054", key=error.key, help=error.help, line=line) from None


def _as_numbers(
    fields: list[str], batch: Batch, table: Table, column: int, dtype: np.dtype[Any]
) -> Values:
    dialect = table.dialect
    if dtype.kind == "b":
        known = {**_TRUTH, "1": True, "0": False}
        truth = [known.get(one.strip().lower()) for one in fields]
        if None in truth:
            place = truth.index(None)
            raise _odd_field(fields[place], table, column, batch.lines[place], "bool")
        return np.array(truth, dtype=bool)
    tries: list[tuple[Callable[[str], Any], str]] = [(float, "f8")]
    if dtype.kind in "iu":
        tries.insert(0, (int, "u8" if dtype.kind == "u" else "i8"))
    elif dtype.kind == "c":
        tries.insert(0, (complex, "c16"))
    elif dtype.kind != "f":
        raise SourceError(f"text cannot become `{dtype}`", rule="NIX054", key="dtype")
    for convert, name in tries:
        try:
            return np.array(_numbers(fields, convert, dialect), dtype=name)
        except (ValueError, OverflowError):
            continue
    for field, line in zip(fields, batch.lines, strict=True):
        try:
            np.array(_numbers([field], tries[0][0], dialect), dtype=tries[0][1])
        except (ValueError, OverflowError):
            kind = "int" if dtype.kind in "iu" else "float"
            raise _odd_field(field, table, column, line, kind) from None
    raise AssertionError


def _name(table: Table, column: int) -> str:
    return f"`{table.names[column]:.60}`" if table.names else str(column)


def _odd_field(field: str, table: Table, column: int, line: int, kind: str) -> SourceError:
    dialect = table.dialect
    what = "true or false" if kind == "bool" else "a number"
    text = field.strip()
    told = f"`{text:.60}`" if text else "an empty field"
    help = f"give `missing: [{text or chr(34) * 2:.30}]` if it stands for a missing value"
    help += ", or `dtype: string` if the column is text"
    if text in dialect.missing:
        told, help = f"the missing value {told}", "give `dtype: float64`, in which it is NaN"
    elif kind != "bool" and dialect.decimal == "." and "," in text and _is_comma_number(text):
        help = 'say `decimal: ","` for numbers with a comma'
    elif kind == "int" and _is_number(text, dialect):
        what = "an integer of 64 bits"
        help = "give `dtype: float64`"
    return SourceError(
        f"{told} in column {_name(table, column)}; expected {what}",
        rule="NIX054",
        line=line,
        help=help,
    )


def _is_comma_number(text: str) -> bool:
    return _is_number(text.replace(",", ".", 1), Dialect())


def _is_number(text: str, dialect: Dialect) -> bool:
    try:
        _numbers([text], float, dialect)
    except ValueError:
        return False
    return True
