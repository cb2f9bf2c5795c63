"""How much of a text is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that keep time and memory bounded."""

    size: int = 64 * 1024 * 1024
    """Bytes of a file."""
    nodes: int = 5_000_000
    """Scalars, sequences and mappings that are written down; each takes some 200 bytes."""
    depth: int = 2_500
    """Levels of nesting; sections nest two levels each."""
    repeated: int = 1_000_000
    """Nodes that aliases repeat, all together; each 64 characters of a text count as one more."""
    problems: int = 10_000
    """Problems that are told; reading ends when there are more."""


LIMITS = Limits()
"""The usual ones."""
