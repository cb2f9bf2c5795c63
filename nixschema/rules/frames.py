"""NIX2xx: data frames."""

from __future__ import annotations
