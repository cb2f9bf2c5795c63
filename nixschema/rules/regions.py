"""NIX3xx: what tags mark in the arrays they refer to."""

from __future__ import annotations
