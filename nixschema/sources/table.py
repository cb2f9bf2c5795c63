"""Rows of text files with separated values, read in batches from any row on."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TextIO

from nixschema.sources.place import opened
from nixschema.sources.spec import SourceError
from nixschema.storage.files import Stamp

_LONGEST = 4 * 1024 * 1024
"""Characters that a row may have."""

_BATCH_CHARACTERS = 1024 * 1024

_MOST_BLANK = 100_000
"""How many empty lines may follow each other in a file of one column."""

_NO_TEXT = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is to be understood."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    header: bool = True
    skip_rows: int = 0
    comment: str = ""
    missing: frozenset[str] = frozenset()


class Cursor(NamedTuple):
    """A place between two rows."""

    row: int
    """How many rows are before it, the header not counted."""
    place: int
    """Where to go on reading, as the text layer knows it."""
    line: int
    """How many lines are before it."""


class Batch(NamedTuple):
    """Some rows that follow each other."""

    rows: list[list[str]]
    lines: list[int]
    """The line that each row begins at, from 1."""
    end: Cursor


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows, all with the same number of fields."""

    path: str
    stamp: Stamp
    dialect: Dialect
    names: tuple[str, ...]
    """Names of the columns; none where there is no header."""
    width: int
    """Number of columns."""
    start: Cursor
    """Before the first row."""

    def batch(self, cursor: Cursor, most: int) -> Batch:
        """Rows from a place on, at most so many; none at the end.

        Raises:
            StaleFileError: the file has changed since it was opened.
            SourceError: a row has another number of fields, or is none.
        """
        with _lines(self.path, self.stamp, self.dialect, cursor) as lines:
            rows, numbers, blank = list[list[str]](), list[int](), list[int]()
            characters = 0
            while len(rows) < most and characters < _BATCH_CHARACTERS:
                row = lines.row()
                if row is None:
                    break
                if not row or (len(row) == 1 < self.width and not row[0].strip()):
                    if self.width == 1:
                        blank.append(lines.begun)
                    if len(blank) > _MOST_BLANK:
                        raise SourceError(f"more than {_MOST_BLANK:,} empty lines", line=blank[0])
                    continue
                if self.width == 1 and blank:
                    # Between others, an empty line is a row with an empty field.
                    rows += [[""] for _ in blank]
                    numbers += blank
                blank.clear()
                if len(row) != self.width:
                    self._refuse_width(len(row), lines.begun)
                rows.append(row)
                numbers.append(lines.begun)
                characters += lines.characters
            return Batch(rows, numbers, lines.cursor(cursor.row + len(rows)))

    def _refuse_width(self, found: int, line: int) -> None:
        what = "the header" if self.names else "the first row"
        raise SourceError(
            f"{found} field{'s' * (found != 1)} in a row; expected {self.width}, as in {what}",
            line=line,
            help="check `delimiter`, `skip_rows` and `comment`, and quote fields that have a "
            "delimiter in them",
        )


def open_table(path: str, stamp: Stamp, dialect: Dialect) -> Table:
    """Find the columns of a file, and where its rows begin.

    Raises:
        SourceError: it is empty, or not of the encoding.
    """
    check_encoding(dialect.encoding)
    with _lines(path, stamp, dialect, None) as lines:
        for number in range(dialect.skip_rows):
            if not lines.skip():
                raise SourceError(
                    f"the file has {number} line{'s' * (number != 1)}; expected more than the "
                    f"{dialect.skip_rows} that are skipped",
                    key="skip_rows",
                )
        start = lines.cursor(0)
        row = lines.row()
        while row is not None and (not row or row == [""]):
            start = lines.cursor(0)
            row = lines.row()
        if row is None:
            if dialect.header:
                raise SourceError(
                    "the file has no rows; expected a header", help="or say `header: false`"
                )
            return Table(path, stamp, dialect, (), 1, start)
        if dialect.header:
            names = tuple(one.strip() for one in row)
            return Table(path, stamp, dialect, names, len(row), lines.cursor(0))
        return Table(path, stamp, dialect, (), len(row), start)


def check_encoding(name: str) -> None:
    """See that there is an encoding of a name.

    Raises:
        SourceError: there is none.
    """
    try:
        known = codecs.lookup(name)
        is_text = known._is_text_encoding and known.name not in _NO_TEXT
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise SourceError(
            f"there is no encoding `{name:.60}`",
            key="encoding",
            help="encodings are `utf-8`, `latin-1`, `cp1252`, `utf-16` and the like",
        )


class _Lines:
    """The lines of a file that is open, for the parser of rows."""

    def __init__(self, stream: TextIO, dialect: Dialect, line: int) -> None:
        self._stream = stream
        self._comment = dialect.comment
        self._inside = False
        self.line = line
        self.begun = line
        """The line at which the row begins."""
        self.characters = 0
        """Of the row."""
        self._reader = csv.reader(self, delimiter=dialect.delimiter, strict=True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            text = self._stream.readline(_LONGEST + 1)
            if not text:
                raise StopIteration
            self.line += 1
            if not self._inside:
                self.begun, self.characters = self.line, 0
                if self._comment and text.lstrip(" \t").startswith(self._comment):
                    continue
                self._inside = True
            self.characters += len(text)
            if self.characters > _LONGEST:
                raise SourceError(
                    f"a row of more than {_LONGEST:,} characters",
                    line=self.begun,
                    help="a quote that is opened is to be closed",
                )
            if "\0" in text:
                raise SourceError("there is a NUL, which no text has", line=self.line)
            return text

    def row(self) -> list[str] | None:
        """The next row, or None at the end."""
        self._inside = False
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise SourceError(
                f"the row cannot be taken apart: {error}",
                line=self.begun,
                help="a quote that is opened is to be closed; within quotes it is doubled",
            ) from None

    def skip(self) -> bool:
        """Pass over a line; whether there was one."""
        text = self._stream.readline(_LONGEST)
        self.line += not text or text.endswith(("\n", "\r")) or len(text) < _LONGEST
        return bool(text)

    def cursor(self, row: int) -> Cursor:
        """The place after the last row, so many rows behind the first."""
        return Cursor(row, self._stream.tell(), self.line)


@contextmanager
def _lines(path: str, stamp: Stamp, dialect: Dialect, cursor: Cursor | None) -> Iterator[_Lines]:
    try:
        with opened(path, stamp) as raw:
            reader = io.BufferedReader(raw)
            with io.TextIOWrapper(reader, dialect.encoding, newline="") as stream:
                if cursor is not None:
                    stream.seek(cursor.place)
                yield _Lines(stream, dialect, cursor.line if cursor else 0)
    except UnicodeError as error:
        raise SourceError(
            f"the text is no {dialect.encoding.removesuffix('-sig')}"
            f": {getattr(error, 'reason', error)}",
            key="encoding",
            line=_odd_line(path, stamp, dialect.encoding),
            help="give its `encoding`, such as `latin-1` or `cp1252`",
        ) from None


def _odd_line(path: str, stamp: Stamp, encoding: str) -> int | None:
    """The first line that is not of an encoding, where lines can be told in it."""
    if not codecs.lookup(encoding).name.startswith(("utf-8", "ascii", "cp", "iso8859")):
        return None
    with opened(path, stamp) as raw, io.BufferedReader(raw) as stream:
        number = 0
        while text := stream.readline(_LONGEST):
            number += 1
            try:
                text.decode(encoding)
            except UnicodeError:
                return number
    return None
