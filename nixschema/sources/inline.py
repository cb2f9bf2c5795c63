"""Values that are written in the description itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from nixschema.array import MemorySource, StoredType, Values
from nixschema.sources.binary import plain
from nixschema.sources.converted import Converted, fitting
from nixschema.sources.spec import SourceError

_DEEPEST = 32


def inline_source(
    values: Any, dtype: np.dtype[Any] | None, stored: StoredType | None
) -> MemorySource | Converted:
    """Values in memory, of the type that is asked for, or of the one that they all have.

    Args:
        values: nested lists of equal length, a single value, or an array.
        dtype: the type; for records, values are lists or mappings of fields.
        stored: the HDF5 type, where numpy's does not say it.

    Raises:
        SourceError: they are of different kinds or lengths, or do not fit the type.
    """
    made = MemorySource(_values(values, dtype))
    return made if stored is None else Converted(made, stored.dtype, stored)


def _values(values: Any, dtype: np.dtype[Any] | None) -> Values:
    if isinstance(values, np.ndarray):
        # What the description says as text is text, and no pickled object.
        is_text = values.dtype == object
        given = values if is_text else values.astype(plain(values.dtype), copy=False)
        return given if dtype is None else fitting(given, dtype, inline=True)
    fields = dtype.names if dtype is not None else None
    flat = list[Any]()
    shape = _flatten(values, flat, fields is not None)
    if fields and dtype is not None:
        made = np.empty(len(flat), dtype=dtype)
        _fill_records(made, flat, shape)
        return made.reshape(shape)
    return _as_array(flat, shape, dtype)


def _flatten(values: Any, flat: list[Any], has_records: bool) -> tuple[int, ...]:
    """All values one behind the other, and the shape they have.

    Raises:
        SourceError: there are lists of different lengths beside each other.
    """
    shape = list[int]()
    level = values
    while isinstance(level, list | tuple):
        if has_records and not _is_list_of_rows(level):
            break
        if len(shape) == _DEEPEST:
            raise SourceError(
                f"lists in lists, more than {_DEEPEST} deep", rule="NIX053", key="values"
            )
        shape.append(len(level))
        if not level:
            break
        level = level[0]
    layer = [values]
    for depth, length in enumerate(shape):
        following = list[Any]()
        for number, one in enumerate(layer):
            if not isinstance(one, list | tuple) or len(one) != length:
                found = f"{len(one)} values" if isinstance(one, list | tuple) else "one value"
                raise SourceError(
                    f"{found} in a list; expected {length}, as in the first one beside it",
                    rule="NIX053",
                    key="values",
                    place=_place(number, shape[:depth]),
                )
            following += one
        layer = following
    for number, one in enumerate(layer):
        if isinstance(one, list | tuple) and not has_records:
            raise SourceError(
                "a list beside single values: rows of different length make no array",
                rule="NIX053",
                key="values",
                place=_place(number, shape),
            )
    flat += layer
    return tuple(shape)


def _is_list_of_rows(level: list[Any] | tuple[Any, ...]) -> bool:
    return not level or isinstance(level[0], list | tuple | dict)


def _place(number: int, shape: list[int] | tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(one) for one in np.unravel_index(number, shape)) if shape else ()


_WORDS = {"text": "text", "bool": "a boolean", "int": "a number", "float": "a number"}


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int"
    if isinstance(value, float | np.floating):
        return "float"
    return "complex" if isinstance(value, complex | np.complexfloating) else ""


_KIND_OF_TYPE = {"O": "text", "S": "text", "b": "bool", "i": "int", "u": "int", "f": "float"}


def _as_array(flat: list[Any], shape: tuple[int, ...], dtype: np.dtype[Any] | None) -> Values:
    kinds = {kind: type_ for type_ in {*map(type, flat)} if (kind := _kind_of_type(type_)) != ""}
    known = set(kinds)
    if any(_kind_of_type(type_) == "" for type_ in {*map(type, flat)}):
        number = next(place for place, one in enumerate(flat) if not _kind(one))
        told = "an empty value" if flat[number] is None else f"`{flat[number]!s:.60}`"
        raise SourceError(
            f"{told} among the values; expected a number, a boolean or text",
            rule="NIX054",
            key="values",
            help="write `.nan` for a missing number" if flat[number] is None else None,
            place=_place(number, shape),
        )
    numbers = {"int", "float", "complex"}
    if len(known) > 1 and not known <= numbers:
        first = _kind(flat[0])
        same = numbers if first in numbers else {first}
        number = next(place for place, one in enumerate(flat) if _kind(one) not in same)
        raise SourceError(
            f"`{flat[number]!s:.60}` is {_WORDS.get(_kind(flat[number]), 'a number')}; expected "
            f"{_WORDS.get(first, 'a number')}, as the first value is",
            rule="NIX054",
            key="values",
            help="quote text, or say `dtype: string` if all of it is text",
            place=_place(number, shape),
        )
    given = _made(flat, known, dtype).reshape(shape)
    if dtype is None or not given.size:
        return given if dtype is None else given.astype(dtype)
    return fitting(given, dtype, inline=True)


def _kind_of_type(type_: type) -> str:
    for known, kind in (
        (str, "text"),
        (bool | np.bool_, "bool"),
        (int | np.integer, "int"),
        (float | np.floating, "float"),
        (complex | np.complexfloating, "complex"),
    ):
        if issubclass(type_, known):
            return kind
    return ""


def _made(flat: list[Any], kinds: set[str], dtype: np.dtype[Any] | None) -> Values:
    if kinds == {"text"}:
        made = np.empty(len(flat), dtype=object)
        made[:] = flat
        return made
    if kinds == {"bool"}:
        return np.array(flat, dtype=bool)
    if kinds == {"int"}:
        is_large = dtype is not None and dtype.kind == "u" and dtype.itemsize == 8
        for name in ("u8", "i8") if is_large else ("i8", "u8"):
            try:
                return np.array(flat, dtype=name)
            except OverflowError:
                continue
        number = next(
            place for place, one in enumerate(flat) if not -(2**63) <= one < 2**64 or one < 0
        )
        raise SourceError(
            f"`{flat[number]!s:.60}` does not fit among integers of 64 bits",
            rule="NIX054",
            key="values",
            help="write it with a decimal point",
            place=(number,),
        )
    if "complex" in kinds:
        return np.array(flat, dtype=complex)
    try:
        return np.array(flat, dtype=np.float64)
    except OverflowError:
        raise SourceError(
            "an integer that is larger than any number", rule="NIX054", key="values"
        ) from None


def _fill_records(made: Values, flat: list[Any], shape: tuple[int, ...]) -> None:
    names = made.dtype.names or ()
    for number, row in enumerate(flat):
        place = _place(number, shape)
        if isinstance(row, dict):
            odd = next((name for name in row if name not in names), None)
            lacking = next((name for name in names if name not in row), None)
            if odd is not None or lacking is not None:
                told = f"an unknown column `{odd!s:.60}`" if odd is not None else ""
                told = told or f"no value for column `{lacking}`"
                raise SourceError(
                    f"{told} in a row; expected {', '.join(f'`{name}`' for name in names[:20])}",
                    rule="NIX054",
                    key="values",
                    place=place,
                )
            row = [row[name] for name in names]
        if not isinstance(row, list | tuple) or len(row) != len(names):
            found = f"{len(row)} values" if isinstance(row, list | tuple) else "a single value"
            raise SourceError(
                f"{found} in a row; expected {len(names)}, one for each column",
                rule="NIX053",
                key="values",
                place=place,
            )
        for name, value in zip(names, row, strict=True):
            field = made.dtype[name]
            try:
                made[name][number] = _values(value, field.base)
            except SourceError as error:
                raise SourceError(
                    f"column `{name:.60}`: {error.message}",
                    rule=error.rule,
                    key="values",
                    help=error.help,
                    place=(*place, names.index(name)),
                ) from None
            except ValueError:
                raise SourceError(
                    f"column `{name:.60}`: values of another shape",
                    rule="NIX053",
                    key="values",
                    place=place,
                ) from None
