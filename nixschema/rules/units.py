"""NIX5xx: units."""

from __future__ import annotations
