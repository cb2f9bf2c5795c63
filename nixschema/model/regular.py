"""Regular positions: the sampling interval behind positions that were computed from one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nixschema.array import Values
from nixschema.model.scale import rounding_of

_LOOKED_AT = 4096
"""How many positions the intervals that come into question are tried on."""

_AT_ONCE = 2**20
"""How many positions are compared at a time."""

_FEW = 6
"""Digits of a decimal that is shorter than the inverse of a whole sampling rate."""

_WHOLE = 2**53
"""Whole numbers up to this one are floats as well."""

_SHARE = 1e-3
"""How much of the interval a position may be off, where rounding allows as much."""


def interval_of(positions: Values, known: float | None = None) -> float | None:
    """The interval of regular positions, or None where they are not regular.

    They are where ``positions[0] + i * interval`` gives each of them, in its type, but for
    rounding: positions computed as ``i / rate`` or converted from another unit are regular, ones
    with jitter are not. Of several such intervals it is the one that gives them most exactly, and
    of equally good ones the one with the shortest decimal, or a whole sampling rate.

    Args:
        positions: finite ascending numbers.
        known: the interval they are thought to have: taken where it does, and for a single
            position.
    """
    if len(positions) < 2:
        return known if len(positions) else None
    if not np.all(positions[1:] > positions[:-1]):
        return None
    if positions.dtype.kind in "iu":
        return _whole_interval(positions)
    count = len(positions)
    some = np.unique(np.linspace(0, count - 1, min(count, _LOOKED_AT)).astype(np.int64))
    with np.errstate(over="ignore", invalid="ignore"):
        if known is not None and _is_regular(positions, known):
            return known
        candidates = list(dict.fromkeys(_candidates(positions)))
        off = [float(np.sum(_off(positions, some, one))) for one in candidates]
        if not candidates or np.all(np.isnan(off)):
            return None
        best = candidates[int(np.nanargmin(off))]
        return best if _is_regular(positions, best) else None


def _whole_interval(positions: Values) -> float | None:
    if max(abs(int(positions[0])), abs(int(positions[-1]))) > _WHOLE:
        return None
    steps = np.diff(positions.astype(np.int64))
    return float(steps[0]) if np.all(steps == steps[0]) else None


def _candidates(positions: Values) -> Iterator[float]:
    first, last = float(positions[0]), float(positions[-1])
    mean = (last - first) / (len(positions) - 1)
    if not (np.isfinite(mean) and mean > 0):
        return
    for digits in range(1, 18):
        yield float(f"{mean:.{digits}g}")
        if digits == _FEW and 1 < 1 / mean < _WHOLE:
            yield 1 / round(1 / mean)
    yield float(positions[1]) - first


def _off(positions: Values, indices: Values, interval: float) -> Values:
    """By how much positions are off the regular ones, in their own type."""
    there = (float(positions[0]) + indices * interval).astype(positions.dtype)
    return np.abs(there.astype(np.float64) - positions[indices].astype(np.float64))


def _is_regular(positions: Values, interval: float) -> bool:
    """Whether all positions are regular, but for rounding that is small beside the interval."""
    first = abs(float(positions[0]))
    for start in range(0, len(positions), _AT_ONCE):
        indices = np.arange(start, min(start + _AT_ONCE, len(positions)))
        off = _off(positions, indices, interval)
        sizes = np.maximum(np.abs(positions[indices]), positions.dtype.type(first))
        last_digit = np.spacing(sizes).astype(np.float64)
        rounding = rounding_of(positions.dtype, sizes.astype(np.float64))
        allowed = np.minimum(rounding, np.maximum(last_digit, _SHARE * interval))
        if not np.all((off == 0) | (off <= np.minimum(allowed, interval / 2))):
            return False
    return True
