"""Numbers with units, compared as quantities."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from nixschema.model.display import short
from nixschema.model.units import Unit, UnitError

TOLERANCE = 1e-9
"""By what share two numbers that are the same may differ."""

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)\s*(\D.{0,255})?")


def is_number(content: Any) -> bool:
    """Whether it is a number, and no boolean."""
    return isinstance(content, int | float) and not isinstance(content, bool)


@lru_cache(maxsize=4096)
def quantity(text: str) -> tuple[float | int, str | None] | None:
    """A text such as ``0.1 ms`` as number and unit; None where it is none."""
    if len(text) > 300 or (match := _QUANTITY.fullmatch(text)) is None:
        return None
    number, unit = match[1], match[2]
    whole = number.lstrip("+-").isdigit()
    return (int(number) if whole else float(number)), unit.strip() if unit else None


@lru_cache(maxsize=4096)
def factor(unit: str | None, other: str | None) -> float | None:
    """What a number in a unit is multiplied by to be in another; None where it does not convert.

    A number without a unit is in whatever unit it is compared in.
    """
    if unit is None or other is None or unit == other:
        return 1.0
    if Unit(unit).is_blank or Unit(other).is_blank:
        return 1.0
    number, unit = _multiple(unit)
    divisor, other = _multiple(other)
    try:
        return (1.0 if unit == other else Unit(unit).factor_to(other)) * number / divisor
    except UnitError:
        return None


_MULTIPLE = re.compile(r"\(?([\d.]{1,20}(?:e[+-]?\d{1,3})?)(?:/([\d.]{1,20}))?\*([^()]{1,100})\)?")
_TIMES = {"min": 60.0, "h": 3600.0, "hr": 3600.0, "d": 86400.0}


def _multiple(unit: str) -> tuple[float, str]:
    """Number and unit of a unit with a number in it, ``1/30000*s``, or of a long time, ``min``."""
    if unit.strip() in _TIMES:
        return _TIMES[unit.strip()], "s"
    match = _MULTIPLE.fullmatch(unit.strip())
    if match is None:
        return 1.0, unit
    try:
        number = float(match[1]) / float(match[2] or 1)
    except (ValueError, ZeroDivisionError):
        return 1.0, unit
    return (number, match[3]) if number > 0 and math.isfinite(number) else (1.0, unit)


def is_like(unit: str, other: str) -> bool:
    """Whether a unit converts to another."""
    return not Unit(unit).is_blank and factor(unit, other) is not None


def converted(number: float | int, unit: str | None, other: str | None) -> float | int | None:
    """A number in another unit; None where it does not convert."""
    by = factor(unit, other)
    if by is None:
        return None
    if by == 1.0:
        return number
    try:
        return number * by if by >= 1.0 else number / (factor(other, unit) or 1.0)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def same_number(one: float | int, two: float | int) -> bool:
    """Whether two numbers are the same but for rounding."""
    if one == two:
        return True
    if isinstance(one, int) and isinstance(two, int):
        return False
    try:
        return math.isclose(one, two, rel_tol=TOLERANCE) or (one != one and two != two)
    except OverflowError:
        return False


def same(one: Any, unit: str | None, two: Any, other: str | None) -> bool:
    """Whether two contents agree: texts, quantities, booleans, lists or entities."""
    if one is two and not is_number(one):
        return True
    if isinstance(one, tuple) or isinstance(two, tuple):
        mine = one if isinstance(one, tuple) else (one,)
        theirs = two if isinstance(two, tuple) else (two,)
        return len(mine) == len(theirs) and all(
            same(left, unit, right, other) for left, right in zip(mine, theirs, strict=True)
        )
    if isinstance(one, bool) or isinstance(two, bool):
        return type(one) is type(two) and one == two
    if isinstance(one, str) and isinstance(two, str):
        return one == two
    if isinstance(one, str) and is_number(two):
        one, unit = _read(one, unit)
    elif isinstance(two, str) and is_number(one):
        two, other = _read(two, other)
    if not (is_number(one) and is_number(two)):
        return False
    number = converted(two, other, unit)
    return number is not None and same_number(one, number)


def _read(text: str, unit: str | None) -> tuple[Any, str | None]:
    read = quantity(text)
    return (None, unit) if read is None else (read[0], read[1] or unit)


def shown(content: Any, unit: str | None = None) -> str:
    """A content in a sentence, in backticks but for plain numbers."""
    if isinstance(content, bool):
        return f"`{str(content).lower()}`"
    if isinstance(content, int):
        text = str(content) if abs(content) < 10**30 else "a huge number"
        return f"{text} {unit}" if unit else text
    if isinstance(content, float):
        return f"{content:.12g} {unit}" if unit else f"{content:.12g}"
    if isinstance(content, tuple | list):
        told = ", ".join(shown(one) for one in content[:6])
        return f"{told}, … {len(content):,} in all" if len(content) > 6 else told or "nothing"
    words = getattr(type(content), "words", "")
    if words:
        return f"the {words} `{short(str(getattr(content, 'name', '')), 60)}`"
    return f"`{short(str(content)[:1000], 60)}`"
