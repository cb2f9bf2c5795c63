"""Two values in words, so that a reader sees in what they differ."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

import numpy as np

from nixschema.array import Array, shape_text
from nixschema.model.display import LIST_LENGTH, TEXT_WIDTH, array_text, counted, printable
from nixschema.model.tally import Tally

NOTHING = "nothing"
"""What stands for a value that is not there."""

_LEAD = 20
"""How much of a long text is shown before the first place where it differs."""


def contrast(left: Any, right: Any) -> str:
    """Two values side by side: ``mV -> uV``."""
    if isinstance(left, str) and isinstance(right, str):
        one, two = _texts(str(left), str(right))
    else:
        one, two = value_text(left), value_text(right)
    if one == two:
        one, two = _spelled(left, one), _spelled(right, two)
    return f"{one} -> {two}"


def value_text(value: Any) -> str:
    """One value, shortened where it is long."""
    match value:
        case None:
            return NOTHING
        case str():
            return _quoted(_cut(str(value), 0))
        case bytes():
            return _quoted(_cut(value.decode("utf-8", "backslashreplace"), 0))
        case datetime():
            return value.isoformat(" ").replace("+00:00", " UTC")
        case tuple():
            return ".".join(map(str, value))
        case list():
            return _list_text(value)
        case np.ndarray() if value.ndim:
            return _list_text(value.ravel()[: LIST_LENGTH + 1].tolist(), value.size)
        case np.void() if value.dtype.names:
            return _list_text([value[name] for name in value.dtype.names])
        case np.void():
            return f"0x{value.tobytes()[:LIST_LENGTH].hex()}"
        case Array():
            return array_text(value)
    return _cut(str(value), 0)


def tally_text(tally: Tally, what: str, rtol: float = 0.0) -> str:
    """How many values differ, and the first: ``3 of 10 values differ, the first at [2]: 0 -> 1``.

    Args:
        tally: what was counted.
        what: what one value is called.
        rtol: the tolerance.
    """
    place = f"[{', '.join(map(str, tally.first))}]"
    if tally.column is not None:
        place += f" in column `{_cut(tally.column, 0)}`"
    verb = "differs" if tally.differ == 1 else "differ"
    beyond = f" by more than {rtol:g}" if rtol else ""
    largest = ""
    if tally.largest_relative is not None:
        largest = f"; the largest relative difference is {tally.largest_relative:.3g}"
    values = contrast(tally.left, tally.right)
    of = counted(tally.of, what)
    return f"{tally.differ:,} of {of} {verb}{beyond}, the first at {place}: {values}{largest}"


def type_text(array: Array) -> str:
    """The element type of an array, with the columns of records."""
    names = array.dtype.names
    if not names:
        return array.type_text
    columns = ", ".join(f"{_cut(name, 0)} {array.dtype[name]}" for name in names[:LIST_LENGTH])
    return f"records of {columns}{', …' if len(names) > LIST_LENGTH else ''}"


def shapes_text(left: Array, right: Array) -> str:
    """The shapes of two arrays side by side."""
    return f"{shape_text(left.shape)} -> {shape_text(right.shape)}"


def _list_text(values: list[Any], size: int | None = None) -> str:
    size = len(values) if size is None else size
    shown = ", ".join(value_text(value) for value in values[:LIST_LENGTH])
    return f"[{shown}, … {size:,} in all]" if size > LIST_LENGTH else f"[{shown}]"


def _texts(left: str, right: str) -> tuple[str, str]:
    """Two texts, cut so that the first place where they differ is seen."""
    start = 0
    if max(len(left), len(right)) > TEXT_WIDTH:
        start = max(0, _first_difference(left, right) - _LEAD)
    one, two = _cut(left, start), _cut(right, start)
    if _looks(one) == _looks(two):
        return ascii(left[start : start + TEXT_WIDTH]), ascii(right[start : start + TEXT_WIDTH])
    return _quoted(one), _quoted(two)


def _first_difference(left: str, right: str) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))


def _looks(text: str) -> str:
    """What texts that look alike have in common: composed letters, and the two micro signs."""
    return unicodedata.normalize("NFC", text).replace("\u03bc", "\u00b5")


def _cut(text: str, start: int) -> str:
    end = start + TEXT_WIDTH
    piece = printable(text[start:end])
    return f"{'…' if start else ''}{piece}{'…' if len(text) > end else ''}"


def _quoted(text: str) -> str:
    odd = text != text.strip() or text in ("", NOTHING)
    return f'"{text}"' if odd else text


def _spelled(value: Any, shown: str) -> str:
    """A value that shows like another: with quotes or its type."""
    if isinstance(value, str | bytes):
        return repr(value[:TEXT_WIDTH])
    return f"{shown} ({type(value).__name__})"
