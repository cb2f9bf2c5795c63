"""Texts of schemas as regular expressions that Python and JavaScript read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from nixschema.model.units import PREFIXES, UNITS, Unit

_TOKEN = re.compile(r"<([^\W\d][\w-]*)(?::(number|text))?>|([*?])")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_ANY = r"[\s\S]"


def escaped(text: str) -> str:
    """A text that stands for itself in a regular expression."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def expression(text: str) -> str:
    """A text with wildcards and blanks as a regular expression, without its ends."""
    parts = []
    position = 0
    for found in _TOKEN.finditer(text):
        parts.append(escaped(text[position : found.start()]))
        _, narrowed, wildcard = found.groups()
        if wildcard:
            parts.append(_ANY if wildcard == "?" else f"{_ANY}*")
        else:
            parts.append(r"[+-]?\d+(?:\.\d+)?" if narrowed == "number" else f"{_ANY}+")
        position = found.end()
    parts.append(escaped(text[position:]))
    return "".join(parts)


def is_literal(text: str) -> bool:
    """Whether there are neither wildcards nor blanks in a text."""
    return _TOKEN.search(text) is None


def is_certain(text: str) -> bool:
    """Whether the regular expression fits what the pattern does, and nothing else.

    With several wildcards or blanks a pattern takes less than a regular expression may.
    """
    return sum(1 for _ in _TOKEN.finditer(text)) <= 1


def whole(expressions: Iterable[str]) -> str:
    """A regular expression for a text that is one of several as a whole."""
    return f"^(?:{'|'.join(dict.fromkeys(expressions))})$"


@lru_cache(maxsize=64)
def unlike(unit: str) -> str:
    """A regular expression for texts that may be units that convert to one.

    Those are refused that are one unit with a prefix and convert to something else; what is put
    together of several is not looked at.
    """
    others: dict[tuple[str, ...], list[str]] = {}
    for symbol in UNITS:
        prefixes = tuple(
            prefix
            for prefix in ("", *PREFIXES)
            if not Unit(prefix + symbol).is_convertible_to(unit)
        )
        if prefixes:
            others.setdefault(prefixes, []).append(symbol)
    parts = []
    for prefixes, symbols in others.items():
        before = f"(?:{'|'.join(one for one in prefixes if one)})" if any(prefixes) else ""
        optional = "?" if "" in prefixes and before else ""
        parts.append(f"{before}{optional}(?:{'|'.join(map(escaped, symbols))})")
    return rf"^(?!(?:{'|'.join(parts)})$)"


def examples_like(unit: str) -> list[str]:
    """The unit and those that people write for it: ``V``, ``mV``, ``uV``."""
    parts = Unit(unit).parts
    if len(parts) != 1 or parts[0].power != 1:
        return [unit]
    symbol = parts[0].symbol
    if symbol == "%":
        return [unit]
    return list(dict.fromkeys([unit, symbol, f"m{symbol}", f"u{symbol}"]))
