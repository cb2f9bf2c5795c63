"""NIX6xx: what keeps other readers from opening or understanding a file."""

from __future__ import annotations
