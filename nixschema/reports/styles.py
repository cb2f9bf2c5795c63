"""How a report for people is coloured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Style: TypeAlias = Callable[[str, str], str]
"""Colours a text: (text, role) -> text; roles are error, warning, info, ok, file, faint."""


def plain(text: str, role: str) -> str:
    """No colour."""
    return text
