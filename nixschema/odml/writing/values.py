"""Values of properties as the text that odML has for them."""

from __future__ import annotations

from decimal import Decimal

from nixschema.odml_model.document import Value

LONGEST_NUMBER = 4300
"""Digits of a whole number that Python reads and writes without being told to."""

_SURELY_SHORT = 14_000
"""Bits that fit into that many digits."""


def value_text(value: Value) -> str:
    """A value as text: ``True``, ``12``, ``1e-300``, ``nan``, ``(1;2)``, or the text itself."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return int_text(value)
    if isinstance(value, float):
        return float.__repr__(value)
    return f"({';'.join(value)})"


def int_text(value: int) -> str:
    """A whole number of any size in decimal digits."""
    if value.bit_length() < _SURELY_SHORT:
        return int.__repr__(value)
    return str(Decimal(value))


def is_long(value: int) -> bool:
    """Whether a whole number has more digits than most readers take."""
    if value.bit_length() < _SURELY_SHORT:
        return False
    return len(int_text(abs(value))) > LONGEST_NUMBER
