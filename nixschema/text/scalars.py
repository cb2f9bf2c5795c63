"""What a scalar says, where a number, a truth value or a time is expected."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from nixschema.text.nodes import Scalar

_LENGTH = 400
"""Characters of a number; the longest floats have some 340."""
_BITS = 1024
"""Whole numbers of more bits are no floats."""
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_FRACTION = re.compile(rf"({_FLOAT.pattern}) ?/ ?({_FLOAT.pattern})", re.ASCII)
_TRUTH = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OTHER_TRUTH = frozenset(("yes", "y", "on", "no", "n", "off", "1", "0", "t", "f"))
_BARE_EXPONENT = re.compile(r"[0-9]+[eE][0-9]+", re.ASCII)
_LEADING_ZEROS = re.compile(r"[-+]?0+[0-9]+", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d):?(\d\d)(?:[.,]\d+)?"
    r" ?([Zz]|[-+]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_COMPACT = re.compile(r"\d{8}T\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a scalar does not say what is expected."""

    message: str
    """What is there, and what was expected."""
    help: str | None = None
    """What to do about it."""


def number_of(scalar: Scalar, *, json: bool = False) -> int | float | Reason:
    """A number of YAML 1.2's core, or a fraction such as ``1/30000``.

    A fraction is the float that is nearest to it.

    Args:
        scalar: what is written.
        json: whether quoted ``.nan``, ``.inf``, ``-.inf`` and fractions count, for which JSON has
            no other form.
    """
    text = scalar.text
    if not scalar.plain:
        special = json and len(text) <= _LENGTH
        if not special or not (_SPECIAL.fullmatch(text) or _FRACTION.fullmatch(text)):
            return _quoted(scalar, "a number")
    if len(text) <= _LENGTH:
        if _INTEGER.fullmatch(text):
            return _integer(text)
        if _FLOAT.fullmatch(text):
            value = float(text)
            return value if math.isfinite(value) else _too_large(text)
        if special_value := _SPECIAL.fullmatch(text):
            if special_value[3]:
                return math.nan
            return -math.inf if special_value[1] == "-" else math.inf
        if fraction := _FRACTION.fullmatch(text):
            return _divided(text, fraction[1], fraction[2])
    return _no_number(scalar)


def integer_of(scalar: Scalar) -> int | Reason:
    """A whole number of YAML 1.2's core."""
    text = scalar.text
    if not scalar.plain:
        return _quoted(scalar, "a whole number")
    if len(text) <= _LENGTH and _INTEGER.fullmatch(text):
        return _integer(text)
    found = number_of(scalar)
    if isinstance(found, Reason):
        return Reason(found.message.replace("a number", "a whole number"), found.help)
    if math.isfinite(found) and found == int(found) and abs(found) < 2**53:
        return Reason(f"{_told(scalar)}, expected a whole number", f"write `{int(found)}`")
    return Reason(f"{_told(scalar)}, expected a whole number")


def boolean_of(scalar: Scalar) -> bool | Reason:
    """``true`` or ``false``."""
    found = _TRUTH.get(scalar.text) if scalar.plain else None
    if found is not None:
        return found
    expected = "expected `true` or `false`"
    if not scalar.plain and scalar.text in _TRUTH:
        return Reason(f"{_told(scalar)} between quotes, {expected}", "take the quotes away")
    help = None
    if scalar.text.lower() in _OTHER_TRUTH:
        meant = scalar.text.lower() in ("yes", "y", "on", "1", "t")
        help = f"write `{'true' if meant else 'false'}`"
    return Reason(f"{_told(scalar)}, {expected}", help)


def core_value(scalar: Scalar) -> bool | int | float | str:
    """What YAML 1.2's core takes a scalar for; plain nothing is the text as written.

    Numbers that are too large for a float, or have more than some hundred digits, are texts:
    `doubt_of` tells.
    """
    text = scalar.text
    if not scalar.plain or len(text) > _LENGTH:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else text
    found = _TRUTH.get(text)
    if found is not None:
        return found
    if special := _SPECIAL.fullmatch(text):
        return math.nan if special[3] else float(special[1] + "inf")
    return text


def doubt_of(scalar: Scalar) -> Reason | None:
    """Why `core_value` may not be what is meant: ``007``, ``12e03``, a number out of bounds."""
    text = scalar.text
    if not scalar.plain or not text[:1] or text[0] not in "+-.0123456789":
        return None
    help = "put a text between quotes, or say what it is by `dtype`"
    if len(text) > _LENGTH:
        if re.fullmatch(r"[-+]?[0-9]+", text, re.ASCII):
            return Reason(f"a number of {len(text):,} digits is read as a text", help)
        return None
    if _LEADING_ZEROS.fullmatch(text):
        return Reason(f"`{text}` begins with a zero, and is read as the number {int(text)}", help)
    if _BARE_EXPONENT.fullmatch(text):
        value = float(text)
        read = f"the number {value:g}" if math.isfinite(value) else "a text"
        return Reason(f"`{text}` is read as {read}", help)
    if _FLOAT.fullmatch(text) and not math.isfinite(float(text)):
        return Reason(f"`{_shown(text)}` is too large for a number, and is read as a text", help)
    return None


def time_of(scalar: Scalar) -> datetime | Reason:
    """A moment in ISO 8601 with its zone, as UTC, without parts of a second.

    ``20210304T120000``, as NIX files have it, is UTC.
    """
    text = scalar.text
    help = "write it as `2021-03-04T12:00:00Z`"
    found = _TIME.fullmatch(text) if len(text) <= _LENGTH else None
    if found is None:
        return Reason(f"{_told(scalar)}, expected a time with date and zone", help)
    zone = found[7]
    if zone is None and not _COMPACT.fullmatch(text):
        return Reason(
            f"{_told(scalar)} has no zone", "put `Z` behind it for UTC, or the offset: `+01:00`"
        )
    try:
        local = datetime(*(int(found[part]) for part in range(1, 7)), tzinfo=UTC)  # type: ignore[misc,arg-type]
        return local - _offset(zone)
    except (ValueError, OverflowError):
        return Reason(f"{_told(scalar)} is no time that there is", help)


def missing_space(scalar: Scalar) -> str | None:
    """What to do about ``unit:mV``, a text where a mapping or a key is expected."""
    name, colon, value = scalar.text.partition(":")
    if scalar.plain and colon and name.strip() and value[:1].strip() and "/" not in value[:2]:
        return f"write a space after the colon: `{_shown(name)}: {_shown(value)}`"
    return None


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def _integer(text: str) -> int | Reason:
    value = int(text, 0) if text[:2] in ("0x", "0o") else int(text)
    return value if value.bit_length() < _BITS else _too_large(text)


def _divided(text: str, above: str, below: str) -> float | Reason:
    """The float nearest to a fraction of two decimal numbers."""
    for part in (above, below):
        exponent = re.search(r"[eE]([-+]?[0-9]+)$", part)
        if exponent and abs(int(exponent[1])) > _LENGTH:
            return _too_large(text)
    divisor = Fraction(below)
    if not divisor:
        return Reason(f"`{_shown(text)}` divides by zero, expected a number")
    try:
        return float(Fraction(above) / divisor)
    except OverflowError:
        return _too_large(text)


def _too_large(text: str) -> Reason:
    return Reason(f"`{_shown(text)}` is too large for a number", "write `.inf` for infinity")


def _quoted(scalar: Scalar, expected: str) -> Reason:
    bare = Scalar(scalar.text, True)
    help = None if isinstance(number_of(bare), Reason) else "take the quotes away"
    return Reason(f"the text {_told(scalar)}, expected {expected}", help)


def _no_number(scalar: Scalar) -> Reason:
    if scalar.is_null:
        return Reason("nothing is there, expected a number")
    if len(scalar.text) > _LENGTH:
        return Reason(f"a text of {len(scalar.text):,} characters, expected a number")
    return Reason(f"{_told(scalar)}, expected a number", _mended(scalar.text.strip()))


_UNIT = re.compile(rf"({_FLOAT.pattern}) *([^\s\d.,:;/_'+-]\S{{0,11}})", re.ASCII)
_WORDS = {"nan": ".nan", "inf": ".inf", "infinity": ".inf"}


def _mended(text: str) -> str | None:
    """What to do about a text that is meant as a number."""
    sign = text[0] if text[:1] in ("-", "+") else ""
    word = _WORDS.get(text.lower().lstrip("+-"))
    if word is not None:
        return f"write `{'-' if sign == '-' and word == '.inf' else ''}{word}`"
    if re.fullmatch(r"[-+]?[0-9]{1,3}(,[0-9]{3}){2,}(\.[0-9]*)?", text):
        return f"write it without commas: `{text.replace(',', '')}`"
    if re.fullmatch(r"[-+]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+", text):
        return f"write it without dots, and with a decimal point: `{_english(text)}`"
    if re.fullmatch(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}", text):
        thousands, fraction = text.replace(",", ""), text.replace(",", ".")
        return f"write it without a comma: `{thousands}`, or `{fraction}` if it is a decimal comma"
    if re.fullmatch(r"[-+]?[0-9]*,[0-9]+([eE][-+]?[0-9]+)?", text):
        return f"write the decimal comma as a point: `{text.replace(',', '.')}`"
    if re.fullmatch(r"[-+]?[0-9][0-9_' ]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?", text):
        return f"write it without separators: `{re.sub('[_ ' + chr(39) + ']', '', text)}`"
    if re.fullmatch(r"0[bB][01]+", text):
        return f"write it as `{int(text, 2)}`"
    if re.fullmatch(r"[-+]?[0-9.]+ ?%", text):
        return "write it without the percent sign"
    if found := _UNIT.fullmatch(text):
        return (
            f"write the number alone: `{found[1]}`; "
            f"its unit `{_shown(found[2])}` has a field of its own"
        )
    return None


def _english(text: str) -> str:
    return text.replace(".", "").replace(",", ".")


def _told(scalar: Scalar) -> str:
    if scalar.is_null:
        return "nothing is there"
    if not scalar.text:
        return 'nothing between quotes (`""`)'
    return f"`{_shown(scalar.text)}`"


def _shown(text: str) -> str:
    cut = text if len(text) <= 60 else text[:59] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut.replace("`", "'"))
