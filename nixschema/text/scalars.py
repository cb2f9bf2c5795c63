"""What a scalar says, where a number, a truth value or a time is expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nixschema.text.nodes import Scalar


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a scalar does not say what is expected."""

    message: str
    """What is there, and what was expected."""
    help: str | None = None
    """What to do about it."""


def number_of(scalar: Scalar, *, json: bool = False) -> int | float | Reason:
    """A number of YAML 1.2's core, or a fraction such as ``1/30000``.

    Args:
        scalar: what is written.
        json: whether quoted ``.nan``, ``.inf``, ``-.inf`` and fractions count, for which JSON has
            no other form.
    """
    raise NotImplementedError


def integer_of(scalar: Scalar) -> int | Reason:
    """A whole number of YAML 1.2's core."""
    raise NotImplementedError


def boolean_of(scalar: Scalar) -> bool | Reason:
    """``true`` or ``false``."""
    raise NotImplementedError


def core_value(scalar: Scalar) -> bool | int | float | str:
    """What YAML 1.2's core takes a scalar for; plain nothing is the text ``""``."""
    raise NotImplementedError


def doubt_of(scalar: Scalar) -> Reason | None:
    """Why `core_value` may not be what is meant: ``007``, ``12e03``."""
    raise NotImplementedError


def time_of(scalar: Scalar) -> datetime | Reason:
    """A moment in ISO 8601 with its zone, as UTC, without parts of a second.

    ``20210304T120000`` is UTC.
    """
    raise NotImplementedError
