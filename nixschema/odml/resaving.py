"""What Python's odML library makes of fields that it reads and writes again.

A model of version 1.5.4, for XML as for JSON and YAML, of all that it does not keep. Forms are
given as our own reader finds them then. Where the library writes something else each time, so many
of its turns are followed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import TypeAlias

from nixschema.odml.reading.lists import listed
from nixschema.odml.reading.typed import is_text_type, number_of
from nixschema.odml.writing.losses import LIBRARY_TYPES, LONGEST_FIELD, is_of_form
from nixschema.odml.writing.values import is_long, value_text
from nixschema.odml.writing.xml import NOT_IN_XML, REPLACEMENT
from nixschema.odml_model.document import Cardinality, Property, Scalar, Value
from nixschema.odml_model.kinds import common_kind, kind_of
from nixschema.odml_model.moments import usual_form
from nixschema.odml_model.types import TEXT_TYPES, TIME_TYPES, TUPLE, plain_type

Typed: TypeAlias = "tuple[str | None, list[Value]]"
"""A type, and values."""

_TURNS = 3
"""How often values are read and written again that are other ones each time."""
_LONG = 1_000_000
"""Characters of values of which one turn is followed: each may double their quotes."""
_NOT_IN_TUPLES = frozenset(',;()[]"\r\n')
"""What elements of tuples do not come through with."""


def in_xml(text: str) -> str:
    """A text as XML has it: without characters that XML does not have."""
    return text if text.isprintable() else NOT_IN_XML.sub(REPLACEMENT, text)


def is_kept(text: str) -> bool:
    """Whether a text outside of values surely comes through as it is."""
    return text.isprintable() and bool(text) and text[0] != " " and text[-1] != " "


def is_kept_scalar(text: str) -> bool:
    """Whether a text surely comes through where there may also be a number."""
    return is_kept(text) and not (text[0] in "+-.0123456789" and number_of(text) is not None)


def are_kept(one: Property) -> bool:
    """Whether the values of a property surely come through as they are, with their type.

    It may say no of values that do, and is fast.
    """
    dtype, values = one.dtype, one.values
    if dtype in ("int", "float", "boolean"):
        return set(map(kind_of, values)) <= {dtype}
    if dtype not in TEXT_TYPES:
        return False
    is_single = len(values) == 1
    for text in values:
        if not isinstance(text, str) or not text.isprintable() or '"' in text:
            return False
        if not text:
            if is_single:
                return False
        elif text[0] == " " or text[-1] == " " or (text[0] == "[" if is_single else "," in text):
            return False
    return True


# Fields


def scalar_forms(value: Scalar, *, is_number: bool = False) -> Iterator[Scalar | None]:
    """What becomes of a field that is a text in XML; of the uncertainty where it is a number."""
    text = in_xml(value_text(value)).strip()
    number = number_of(text)
    if number is not None:
        yield number  # In YAML, too, where the library has no quotes around `1e3`.
    if number is None or not is_number:
        yield text or None
    if not value:
        yield None  # JSON and YAML leave out what is false.


def cardinality_forms(pair: Cardinality) -> Iterator[Cardinality | None]:
    """What becomes of a cardinality."""
    yield _cardinality(pair, is_strict=True)
    yield _cardinality(pair, is_strict=False)


def _cardinality(pair: Cardinality, *, is_strict: bool) -> Cardinality | None:
    """A cardinality as XML's reader has it, or as that of JSON and YAML, which is less strict."""
    least, most = (one if one is None or one >= 0 else -1 for one in pair)
    found: Cardinality | None = None
    if -1 not in (least, most) and None not in (least, most) and (most or 0) > (least or 0):
        found = pair
    elif least is not None and least >= 0 and (most is None or (most == 0 and not is_strict)):
        found = (pair[0], None)
    elif most is not None and most >= 0 and (least is None or (least == 0 and not is_strict)):
        found = (None, pair[1])
    return found if found is not None and any(found) else None


# Types and values


def kept_form(one: Property) -> Typed:
    """The type and values of a property in a form that the library reads.

    They are as they are wherever it can be. Dates and times get their usual form. Values that do
    not fit their type, and those that no value of its type can say, become texts.
    """
    dtype, values = one.dtype, one.values
    name = plain_type(dtype)
    kind = common_kind(values)
    if not values:
        return dtype, values
    if name in TIME_TYPES:
        usual = [_usual(name, value) for value in values]
        known: list[Value] = [text for text in usual if text is not None]
        return (name, known) if len(known) == len(values) else _as_texts(values)
    if name == "float" and kind != "float":
        numbers = [_float(value) for value in values]
        floats: list[Value] = [number for number in numbers if number is not None]
        return (name, floats) if len(floats) == len(values) else _as_texts(values)
    if name in ("int", "float", "boolean") or TUPLE.fullmatch(name):
        if kind != name or not all(map(_is_readable, values)):
            return _as_texts(values)
        return (dtype if dtype == "bool" else name), values
    if name not in TEXT_TYPES and kind != "string":
        if kind is None or not all(map(_is_readable, values)):
            return _as_texts(values)
        return kind, values
    texts = [one if isinstance(one, str) else value_text(one) for one in values]
    if len(texts) == 1 and len(texts[0]) > LONGEST_FIELD:
        texts = [texts[0].strip()]  # Between quotes it would not be read.
    return dtype, list(texts)


def values_forms(one: Property) -> Iterator[Typed]:
    """What becomes of the type and values of a property, which are in their kept form."""
    dtype, values = one.dtype, one.values
    stripped = (in_xml(dtype).strip() or None) if dtype is not None else None
    if not values:
        yield stripped, values
        for known in (_known(stripped), _known(dtype)):
            yield known, values
        return
    if not is_text_type(dtype):
        return
    exact = [value if isinstance(value, str) else value_text(value) for value in values]
    texts = [in_xml(text) for text in exact]
    yield stripped, list(texts)
    yield from _turns(_known(stripped) or _inferred(texts), texts)
    if texts != exact or stripped != dtype:
        yield _known(dtype) or _inferred(exact), list(exact)


def _turns(dtype: str, texts: list[str]) -> Iterator[Typed]:
    """Texts of a type, as they are after one turn, and after another."""
    for _ in range(_TURNS if sum(map(len, texts)) < _LONG else 1):
        yield dtype, list(texts)
        row = _row(texts)
        yield dtype, list(listed(row).items)
        read = _read(row)
        if read is None or read == texts:
            return
        texts = read
    yield dtype, list(texts)


def _row(texts: list[str]) -> str:
    """Several values as the library writes them: a row of which the outer quotes are lost."""
    stream = StringIO()
    csv.writer(stream).writerow([text.strip() for text in texts])
    row = stream.getvalue().strip().strip('"')
    return f"[{row}]" if len(texts) > 1 else row


def _read(row: str) -> list[str] | None:
    """The values that the library reads; None where it reads no document at all."""
    if not row.strip():
        return []
    if row[0] != "[" or row[-1] != "]":
        return [row]
    if len(row) < 3:
        return []
    try:
        rows = list(csv.reader(StringIO(row[1:-1])))  # The first counts, all must be rows.
    except csv.Error:
        return None
    return rows[0]


def _known(dtype: str | None) -> str | None:
    """A type that the library knows; None for others, which it drops."""
    low = (dtype or "").lower()
    return dtype if low in LIBRARY_TYPES or TUPLE.fullmatch(low) else None


def _inferred(texts: list[str]) -> str:
    return "text" if "\n" in texts[0] else "string"


def _usual(name: str, value: Value) -> str | None:
    found = usual_form(name, value) if isinstance(value, str) else None
    if name == "datetime" and found is not None and found < "1":
        return None  # From YAML, the library reads years of three digits, and refuses them.
    return found if found is not None and is_of_form(name, found) else None


def _float(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _is_readable(value: Value) -> bool:
    if isinstance(value, tuple):
        return not any(
            part != part.strip() or _NOT_IN_TUPLES.intersection(part) or part != in_xml(part)
            for part in value
        )
    return isinstance(value, bool | float) or not (isinstance(value, int) and is_long(value))


def _as_texts(values: list[Value]) -> Typed:
    return "string", [value_text(value) for value in values]
