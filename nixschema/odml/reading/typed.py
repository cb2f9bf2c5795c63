"""What a text says as a value of a certain type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from nixschema.odml_model.document import Value
from nixschema.odml_model.types import KNOWN, TEXT_TYPES, TUPLE, plain_type
from nixschema.text.nodes import Scalar

DIGITS = 4300
"""Whole numbers of more digits are texts: Python takes too long for them."""

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|inf|infinity|nan)",
    re.ASCII | re.IGNORECASE,
)
_TRUTH = {
    **dict.fromkeys(("true", "1", "t"), True),
    **dict.fromkeys(("false", "0", "f"), False),
}
_YAML_TRUTH = {
    **dict.fromkeys(("yes", "on"), True),
    **dict.fromkeys(("no", "off"), False),
}
_YAML_FLOATS = {".nan": "nan", ".inf": "inf", "-.inf": "-inf", "+.inf": "inf"}
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,][0-9]+)?)?"
    r"(?: ?(?:Z|z|[-+][0-9]{2}(?::?[0-9]{2})?))?",
    re.ASCII,
)

Typing = Callable[[str], Value | None]
"""Gives the value that a text says, or None where it does not fit."""


@lru_cache(256)
def typing_of(dtype: str | None) -> Typing | None:
    """How texts become values of a type; None for types of texts."""
    name = plain_type(dtype)
    found = _TYPINGS.get(name)
    if found is not None:
        return found
    several = TUPLE.fullmatch(name)
    if several is not None and len(several[1]) < 7:
        return _tuple_of(int(several[1]))
    return None


@lru_cache(256)
def is_text_type(dtype: str | None) -> bool:
    """Whether values of a type are any texts: those of types that are not known are, too."""
    name = plain_type(dtype)
    return name in TEXT_TYPES or (name not in KNOWN and not TUPLE.fullmatch(name))


@lru_cache(256)
def is_known(dtype: str | None) -> bool:
    """Whether odML has a type of this name."""
    name = plain_type(dtype)
    return name in KNOWN or TUPLE.fullmatch(name) is not None


@lru_cache(256)
def is_tuple(dtype: str | None) -> bool:
    """Whether values of a type are tuples."""
    return TUPLE.fullmatch(plain_type(dtype)) is not None


def number_of(text: str) -> int | float | None:
    """The number that a text is, or None."""
    text = text.strip()
    if len(text) <= DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        return float_of(text)
    return None


def bare_value(scalar: Scalar, *, yaml: bool) -> Value:
    """What a scalar of JSON or YAML is without a type: by how it is written."""
    text = scalar.text
    if not scalar.plain:
        return text
    low = text.lower()
    if low in ("true", "false"):
        return low == "true"
    if yaml and low in _YAML_TRUTH:
        return _YAML_TRUTH[low]
    if yaml and low in _YAML_FLOATS:
        return float(_YAML_FLOATS[low])
    if not yaml and text in ("NaN", "Infinity", "-Infinity"):
        return float(text)
    if text[:1] in "+-.0123456789" and text[-1:].isalnum() | (text[-1:] == "."):
        found = number_of(text)
        if found is not None and low.lstrip("+-") not in ("inf", "infinity", "nan"):
            return found
    return text


def plain_text(scalar: Scalar, *, yaml: bool) -> str:
    """The text of a scalar, with YAML's special numbers and truth values as XML has them."""
    if yaml and scalar.plain:
        low = scalar.text.lower()
        if low in _YAML_FLOATS:
            return _YAML_FLOATS[low]
        if low in _YAML_TRUTH:
            return str(_YAML_TRUTH[low])
    return scalar.text


def is_date(text: str) -> bool:
    """Whether a text is a date that there is."""
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def float_of(text: str) -> float | None:
    """The float that a text is nearest to; None where it is none, or too large for one."""
    text = text.strip()
    if not _FLOAT.fullmatch(text):
        return None
    value = float(text)
    if math.isinf(value) and "i" not in text.lower():
        return None
    return value


def _int(text: str) -> int | None:
    text = text.strip()
    if len(text) <= DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        value = float_of(text)
        if value is not None and abs(value) < 2**53 and value == int(value):
            return int(value)
    return None


def _boolean(text: str) -> bool | None:
    return _TRUTH.get(text.strip().lower()) if len(text) < 100 else None


def _date(text: str) -> str | None:
    text = text.strip()
    return text if is_date(text) else None


def _time(text: str) -> str | None:
    text = text.strip()
    return text if _is_time(text) else None


def _datetime(text: str) -> str | None:
    text = text.strip()
    day, blank, time = text.partition("T" if "T" in text else " ")
    return text if blank and is_date(day) and _is_time(time.strip()) else None


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    try:
        datetime(2000, 1, 1, int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        return False
    return True


def _tuple_of(number: int) -> Typing:
    def tuple_of(text: str) -> tuple[str, ...] | None:
        text = text.strip()
        if text[:1] != "(" or text[-1:] != ")" or len(text) < 2:
            return None
        elements = tuple(one.strip() for one in text[1:-1].split(";"))
        return elements if len(elements) == number else None

    return tuple_of


_TYPINGS: dict[str, Typing] = {
    "int": _int,
    "float": float_of,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
}
