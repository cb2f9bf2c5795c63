"""What the values of arrays and columns must be; they are read in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from nixschema.array import Array, Values
from nixschema.errors import NixError, StaleFileError
from nixschema.model import DataArray
from nixschema.model.calibration import calibrate
from nixschema.schema.checking.constraints import MOST_ITEMS, ConstraintCheck
from nixschema.schema.checking.outcome import Outcome
from nixschema.schema.checking.quantities import shown
from nixschema.schema.checking.run import ColumnView
from nixschema.schema.checking.scope import Scope

MOST_COMPARED = 4_000_000
"""So many texts are remembered to find out whether all are different."""

MOST_CHARACTERS = 100_000_000
"""So many characters they may have."""

MOST_NUMBERS = 16_000_000
"""So many numbers are remembered; of more it is found out if they ascend, and all differ."""

_FAULTS = (NixError, OSError, ValueError, TypeError, LookupError, MemoryError, ArithmeticError)


@dataclass(slots=True, eq=False)
class ValuesCheck:
    """A constraint on each of many values, taken apart."""

    check: ConstraintCheck
    """What is compared value by value, and the range."""
    finite: bool = False
    ascending: bool | Literal["strictly"] = False
    unique: bool = False
    all_of: list[ValuesCheck] = field(default_factory=list)
    any_of: list[ValuesCheck] = field(default_factory=list)

    def compare(
        self,
        data: Any,
        unit: str | None,
        entity: Any,
        steps: tuple[str, ...],
        scope: Scope,
        out: Outcome,
    ) -> None:
        """Look at values, once all blanks are filled.

        Args:
            data: the array, or None.
            unit: unit of the values.
            entity: what has them.
            steps: the field.
            scope: the blanks.
            out: takes what does not hold.
        """
        if data is None:
            if self.check.presence == "required":
                out.add(self.check.asked, entity, steps, f"no {self.check.subject}")
            return
        if self.check.presence == "forbidden":
            out.add(self.check.asked, entity, steps, f"{self.check.subject}, and none are allowed")
            return
        if self.check.length is not None:
            self.check._compare_length(data.size, scope, out, entity, steps)
        if scope.run.reads_values and data.is_stored:
            stored = _Stored(data, unit, entity, steps)
            if self.check.blank is not None:
                scope.filling.append(lambda: self._fill(stored, scope, out))
            scope.later.append(lambda: self._read(stored, scope, out))

    def _fill(self, stored: _Stored, scope: Scope, out: Outcome) -> None:
        """Fill a blank with all the values, or compare with what fills it."""
        if stored.data.size > MOST_ITEMS:
            _pass_over(stored, "blanks take", MOST_ITEMS, scope)
            return
        values: list[Any] = []
        try:
            for _, block in stored.blocks():
                scope.run.spend(1 + block.size // 16)
                values += map(_text, block.reshape(-1).tolist())
        except StaleFileError:
            raise
        except _FAULTS:
            return
        check, entity = self.check, stored.entity
        check._compare_blank(values, stored.unit, scope, out, entity, stored.steps)

    def _read(self, stored: _Stored, scope: Scope, out: Outcome) -> None:
        try:
            with np.errstate(all="ignore"):
                sentence = self.fault(stored, scope)
        except StaleFileError:
            raise
        except _FAULTS:
            return  # That they cannot be read is told by the generic rules.
        if sentence is not None:
            out.add(self.check.asked, stored.entity, stored.steps, sentence)
        for one in self.all_of:
            one._all(stored, scope, out)
        if self.any_of:
            trials = []
            for one in self.any_of:
                trials.append(trial := Outcome(one.check.asked.level))
                inner = scope.trial()
                one._all(stored, inner, trial)
                if trial.holds:
                    inner.commit()
                    return
            out.keep(min(trials, key=lambda one: len(one.hits)))

    def _all(self, stored: _Stored, scope: Scope, out: Outcome) -> None:
        if self.check.blank is not None:
            self._fill(stored, scope, out)
        self._read(stored, scope, out)

    @property
    def _is_idle(self) -> bool:
        check = self.check
        return not (
            self.finite or self.ascending or self.unique or check.limits or check._judges_items
        )

    def fault(self, stored: _Stored, scope: Scope) -> str | None:
        """The first thing that is wrong; None where nothing is."""
        if self._is_idle:
            return None
        seen = _Seen()
        if self.unique and stored.data.size > MOST_NUMBERS and _ascends(stored, scope):
            seen.is_full = True  # All differ: there is nothing to remember.
        elif self.unique:
            seen.passes_over = lambda most: _pass_over(stored, "`unique` compares", most, scope)
        for start, values in stored.blocks():
            scope.run.spend(1 + values.size // 4096)
            sentence = self._in_block(values, stored.unit, stored.entity, scope, seen, start)
            if sentence is not None:
                return sentence
        return None

    def _in_block(
        self, values: Values, unit: str | None, entity: Any, scope: Scope, seen: _Seen, start: int
    ) -> str | None:
        numeric = values.dtype.kind in "iuf"
        subject = self.check.subject
        if self.finite and values.dtype.kind in "fc":
            odd = ~np.isfinite(values)
            if odd.any():
                place = start + int(np.argmax(odd.reshape(len(odd), -1).any(axis=1))) + 1
                return f"{subject} have NaN or an infinite number in row {place:,}"
        if self.ascending and numeric and (fault := seen.descends(values, self.ascending, start)):
            return f"{subject} do not ascend{fault}"
        if self.check.limits and numeric and values.size:
            for limit in self.check.limits:
                lowest = limit.word in ("min", "above")
                found = (
                    np.fmin.reduce(values, axis=None)
                    if lowest
                    else np.fmax.reduce(values, axis=None)
                )
                number = found.item()
                if number == number and not limit.passes(number, unit, scope):
                    told = limit.expected(scope)
                    return f"{subject} reach {shown(number, unit)}, where {told} is expected"
        if self.unique and (double := seen.double(values)) is not None:
            return f"{subject} have {shown(double)} more than once"
        if self.check._judges_items:
            return self._items(values, unit, entity, scope)
        return None

    def _items(self, values: Values, unit: str | None, entity: Any, scope: Scope) -> str | None:
        distinct = _distinct(values)
        scope.run.spend(len(distinct))
        limits, self.check.limits = self.check.limits, []
        try:
            for one in distinct:
                if not self.check._item(one, unit, scope, entity):
                    subject, expected = self.check.subject, self.check.expected(scope)
                    return f"{subject} have {shown(one, unit)}, where {expected} is expected"
        finally:
            self.check.limits = limits
        return None


class _Seen:
    """What earlier blocks had."""

    def __init__(self) -> None:
        self._last: Any = None
        self._known: set[Any] = set()
        self._runs: list[Values] = []
        self._room = MOST_CHARACTERS
        self.is_full = False
        """Whether no more values are compared."""
        self.passes_over: Callable[[int], None] = lambda most: None
        """Told when it is full, after so many."""

    def descends(self, values: Values, how: bool | str, start: int) -> str | None:
        """Where values do not ascend; None where they do."""
        flat = values.reshape(-1) if values.size == len(values) else values
        if not len(flat):
            return None
        strictly = how == "strictly"
        later, earlier = flat[1:], flat[:-1]
        wrong = (later <= earlier) if strictly else (later < earlier)
        if flat.ndim == 1 and self._last is not None:
            first = flat[0] <= self._last if strictly else flat[0] < self._last
            if first:
                return f" at row {start + 1:,}"
        if wrong.any():
            row = int(np.argmax(wrong.reshape(len(wrong), -1).any(axis=1)))
            return f" at row {start + row + 2:,}"
        if flat.ndim == 1:
            self._last = flat[-1]
        return None

    def double(self, values: Values) -> Any:
        """A value that was there before; None where there is none, or there are too many."""
        if self.is_full:
            return None
        if values.dtype.kind in "iufb":
            return self._double_number(values.reshape(-1))
        for one in values.reshape(-1).tolist():
            if one in self._known:
                return _text(one)
            self._room -= len(one) if isinstance(one, str | bytes) else 1
            if len(self._known) >= MOST_COMPARED or self._room < 0:
                self._fill_up(len(self._known))
                return None
            self._known.add(one)
        return None

    def _double_number(self, values: Values) -> Any:
        """The same for numbers: sorted runs, each less than half as long as the one before."""
        values = np.sort(values)
        while True:
            same = values[1:] == values[:-1]
            if same.any():
                return values[int(np.argmax(same))].item()
            if not self._runs or len(self._runs[-1]) > 2 * len(values):
                break
            values = np.sort(np.concatenate([self._runs.pop(), values]))
        for run in self._runs:
            at = np.searchsorted(run, values)
            there = run[np.minimum(at, len(run) - 1)] == values
            if there.any():
                return values[int(np.argmax(there))].item()
        self._runs.append(values)
        count = sum(map(len, self._runs))
        if count >= MOST_NUMBERS:
            self._fill_up(count)
        return None

    def _fill_up(self, count: int) -> None:
        self.is_full = True
        self._runs.clear()
        self._known.clear()
        self.passes_over(count)


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """Values of an array or of a column, to be read in blocks."""

    data: Array
    unit: str | None
    entity: Any
    steps: tuple[str, ...]
    """The field, for findings."""

    def blocks(self) -> Iterator[tuple[int, Values]]:
        """The blocks: row of the first, and the values as they are meant."""
        entity = self.entity
        with self.data.kept_open():
            for selection, block in self.data.blocks():
                start = selection[0].start if selection else 0
                is_column = isinstance(entity, ColumnView)
                values = np.asarray(block[entity.name]) if is_column else _meant(block, entity)
                yield start or 0, values


def _ascends(stored: _Stored, scope: Scope) -> bool:
    """Whether each number is greater than the one before."""
    seen = _Seen()
    for start, values in stored.blocks():
        scope.run.spend(1 + values.size // 4096)
        if values.dtype.kind not in "iuf" or values.size != len(values):
            return False
        if values.dtype.kind == "f" and np.isnan(values).any():
            return False
        if seen.descends(values, "strictly", start):
            return False
    return True


def _pass_over(stored: _Stored, what: str, most: int, scope: Scope) -> None:
    """Note that there are too many values to be compared."""
    entity = stored.entity
    frame = getattr(entity, "frame", entity)
    told = f"{shown(entity)} has {stored.data.size:,} values: {what} {most:,} at most"
    scope.run.passed_over.setdefault(told, frame)


def _distinct(values: Values) -> list[Any]:
    if values.dtype.kind in "iufb":
        found: list[Any] = np.unique(values).tolist()
        return found
    return list(dict.fromkeys(_text(one) for one in values.reshape(-1).tolist()))


def _text(one: Any) -> Any:
    return one.decode("utf-8", "replace") if isinstance(one, bytes) else one


def _meant(block: Values, entity: Any) -> Values:
    """Values as they are meant: calibrated where the array says how."""
    if not isinstance(entity, DataArray) or block.dtype.kind not in "iuf":
        return block
    coefficients = entity.__dict__.get("polynom_coefficients")
    if coefficients is None and not entity.__dict__.get("expansion_origin"):
        return block
    if coefficients is not None and coefficients.size > 1000:
        raise ValueError("too many coefficients")
    return np.asarray(calibrate(block, coefficients, entity.__dict__.get("expansion_origin")))


@dataclass(slots=True, eq=False)
class ValuesStep:
    """What the values of an array or a column must be."""

    check: ValuesCheck

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Look at them."""
        if isinstance(entity, ColumnView):
            self._column(entity, scope, out)
            return
        if "data" in entity.__dict__:
            unit = entity.__dict__.get("unit")
            data = entity.__dict__["data"]
            self.check.compare(data, unit, entity, ("data",), scope, out)

    def _column(self, view: ColumnView, scope: Scope, out: Outcome) -> None:
        rows = view.frame.__dict__.get("data")
        if rows is not None:
            self.check.compare(rows, view.unit, view, (), scope, out)
