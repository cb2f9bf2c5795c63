"""Values of two arrays or lists, counted where they differ; arrays are read in blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nixschema.array import Array, Values

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many values differ, and the first of them."""

    differ: int
    """How many values differ."""
    of: int
    """How many were compared."""
    first: tuple[int, ...]
    """Index of the first that differs, counted from 0, in order of the axes."""
    left: Any
    """The value there on the left."""
    right: Any
    """The value there on the right."""
    column: str | None = None
    """The column in which the first differs, for records."""
    largest_relative: float | None = None
    """Largest relative difference of two finite numbers, where a tolerance was given."""


class Unreadable(Exception):
    """Values cannot be read, and so not be compared."""

    @classmethod
    def of(cls, error: Exception) -> Unreadable:
        """From the error of a read."""
        why = " ".join(str(error.args[-1] if error.args else error).split())
        where = "; ".join(getattr(error, "__notes__", ()))
        return cls(f"values cannot be read: {why[:200]}{f' ({where})' if where else ''}")


class _Verdict(NamedTuple):
    mask: Mask
    largest: float | None = None


def alike(left: Array, right: Array) -> bool:
    """Whether elements are of one type as numpy has it, order of bytes and kind of text aside."""
    return left.is_text == right.is_text and _bare(left.dtype) == _bare(right.dtype)


def _bare(dtype: np.dtype[Any]) -> Any:
    if dtype.names:
        return [(name, _bare(dtype[name])) for name in dtype.names]
    if dtype.subdtype is not None:
        return _bare(dtype.subdtype[0]), dtype.subdtype[1]
    return "text" if dtype.kind in "OSU" else dtype.newbyteorder("=")


def tally_arrays(left: Array, right: Array, rtol: float = 0.0) -> Tally | None:
    """What differs between the values of two arrays of one shape; None where nothing does.

    NaN equals NaN. Values of types that do not compare, such as texts and numbers, are passed over,
    and so are columns that only one of two arrays of records has.

    Raises:
        Unreadable: values cannot be read.
        StaleFileError: a file has changed since it was read.
    """
    identity = left.source.identity
    if left.source is right.source or (identity and identity == right.source.identity):
        return None
    found: Tally | None = None
    for cut in left.cuts():
        one, two = _read(left, cut), _read(right, cut)
        verdict = _compared(one, two, rtol)
        if verdict is None:
            return None
        if verdict.mask.any():
            found = _added(found, _of_block(one, two, verdict, cut, left.size, rtol))
    return found


def _read(array: Array, cut: tuple[slice, ...]) -> Values:
    try:
        return np.atleast_1d(array[cut])
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise Unreadable.of(error) from error


def tally_lists(left: list[Any], right: list[Any], rtol: float = 0.0) -> Tally | None:
    """What differs between the items of two lists, as far as both go; None where nothing does."""
    places = [
        position
        for position, (one, two) in enumerate(zip(left, right, strict=False))
        if not same_item(one, two, rtol)
    ]
    if not places:
        return None
    first = places[0]
    largest = None
    if rtol:
        known = [relative(left[place], right[place]) for place in places]
        largest = max((one for one in known if one is not None), default=None)
    of = min(len(left), len(right))
    return Tally(len(places), of, (first,), left[first], right[first], None, largest)


def same_item(one: Any, two: Any, rtol: float = 0.0) -> bool:
    """Whether two items of lists are the same: of one type, or numbers within the tolerance."""
    if rtol and (between := relative(one, two)) is not None:
        return between <= rtol
    return type(one) is type(two) and bool(one == two or (one != one and two != two))


def same_values_within(one: Any, two: Any, rtol: float) -> bool:
    """Whether values of one shape are the same, numbers within the tolerance."""
    verdict = _compared(one, two, rtol)
    return verdict is not None and not verdict.mask.any()


def relative(one: Any, two: Any) -> float | None:
    """The difference of two finite numbers in relation to the larger; None for all else."""
    if not (_is_number(one) and _is_number(two)):
        return None
    largest = max(abs(one), abs(two))
    try:
        return abs(one - two) / largest if largest else 0.0
    except OverflowError:
        return math.inf


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _of_block(
    left: Values, right: Values, verdict: _Verdict, cut: tuple[slice, ...], size: int, rtol: float
) -> Tally:
    inside = np.unravel_index(int(verdict.mask.argmax()), verdict.mask.shape)
    first = tuple(
        int(position) + part.start for position, part in zip(inside, cut, strict=bool(cut))
    )
    one, two = left[inside], right[inside]
    column = None
    for name in _common(left.dtype, right.dtype):
        found = _compared(left[inside][name], right[inside][name], rtol)
        if found is not None and found.mask.any():
            one, two, column = one[name], two[name], name
            break
    count = int(np.count_nonzero(verdict.mask))
    return Tally(count, size, first, one, two, column, verdict.largest)


def _added(known: Tally | None, more: Tally) -> Tally:
    """The count of both; blocks may come in another order than their first values."""
    if known is None:
        return more
    first = more if more.first < known.first else known
    largest = [one for one in (known.largest_relative, more.largest_relative) if one is not None]
    return Tally(
        known.differ + more.differ,
        known.of,
        first.first,
        first.left,
        first.right,
        first.column,
        max(largest, default=None),
    )


def _common(left: np.dtype[Any], right: np.dtype[Any]) -> list[str]:
    """The columns that both have."""
    return [name for name in left.names or () if name in (right.names or ())]


def _compared(left: Any, right: Any, rtol: float) -> _Verdict | None:
    """Where two blocks of one shape differ; None where their types do not compare."""
    left, right = np.asarray(left), np.asarray(right)
    kinds = {left.dtype.kind, right.dtype.kind}
    if left.dtype.names and right.dtype.names:
        return _compared_records(left, right, rtol)
    if left.shape != right.shape:
        return None
    if kinds <= set("biufc"):
        return _compared_numbers(left, right, rtol)
    if kinds <= set("OSU"):
        return _compared_objects(left, right, rtol)
    if kinds == {"V"} and left.dtype == right.dtype and not left.dtype.names:
        return _Verdict((_bytes(left) != _bytes(right)).any(axis=-1))
    return None


def _bytes(values: Values) -> Values:
    """The bytes of each value, along one more axis."""
    return np.frombuffer(values.tobytes(), np.uint8).reshape(*values.shape, values.dtype.itemsize)


def _compared_records(left: Values, right: Values, rtol: float) -> _Verdict | None:
    mask: Mask = np.zeros(left.shape, bool)
    largest: list[float] = []
    for name in _common(left.dtype, right.dtype):
        verdict = _compared(left[name], right[name], rtol)
        if verdict is not None:
            inner = tuple(range(left.ndim, verdict.mask.ndim))
            mask |= verdict.mask.any(axis=inner)
            largest += [verdict.largest] if verdict.largest is not None else []
    return _Verdict(mask, max(largest, default=None))


def _compared_numbers(left: Values, right: Values, rtol: float) -> _Verdict:
    mask: Mask = np.asarray(left != right)
    if mask.any() and {left.dtype.kind, right.dtype.kind} & set("fc"):
        mask = mask & ~(np.isnan(left) & np.isnan(right))
    if not rtol or not mask.any() or "b" in (left.dtype.kind, right.dtype.kind):
        return _Verdict(mask)
    between = _relative(left[mask], right[mask])
    far = np.zeros_like(mask)
    far[mask] = ~(between <= rtol)
    finite = between[np.isfinite(between) & ~(between <= rtol)]
    return _Verdict(far, float(finite.max()) if finite.size else None)


def _relative(left: Values, right: Values) -> Values:
    """Relative differences; infinite where a number is not finite."""
    wide = np.result_type(left, right, np.float64)
    one, two = left.astype(wide), right.astype(wide)
    with np.errstate(all="ignore"):
        between = np.asarray(np.abs(one - two) / np.maximum(np.abs(one), np.abs(two)))
    between[~(np.isfinite(one) & np.isfinite(two))] = np.inf
    return between


def _compared_objects(left: Values, right: Values, rtol: float) -> _Verdict:
    if left.dtype.kind == right.dtype.kind != "O":
        return _Verdict(np.asarray(left != right))
    pairs = zip(left.ravel(), right.ravel(), strict=True)
    found = np.fromiter((not _same_object(a, b, rtol) for a, b in pairs), bool, left.size)
    return _Verdict(found.reshape(left.shape))


def _same_object(one: Any, two: Any, rtol: float) -> bool:
    """Whether two texts, or two lists of values of any length, are the same."""
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        if one.shape != two.shape or (one.dtype != two.dtype and not rtol):
            return False
        return same_values_within(one, two, rtol)
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return False
    return bool(_text(one) == _text(two))


def _text(value: Any) -> Any:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
