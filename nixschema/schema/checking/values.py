"""What the values of arrays and columns must be; they are read in blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from nixschema.array import Array, Values
from nixschema.errors import NixError, StaleFileError
from nixschema.model import DataArray
from nixschema.model.calibration import calibrate
from nixschema.schema.checking.constraints import ConstraintCheck
from nixschema.schema.checking.outcome import Outcome
from nixschema.schema.checking.quantities import shown
from nixschema.schema.checking.run import ColumnView
from nixschema.schema.checking.scope import Scope

MOST_COMPARED = 4_000_000
"""So many distinct values are remembered to find out whether all are different."""

_FAULTS = (NixError, OSError, ValueError, TypeError, KeyError, MemoryError, ArithmeticError)


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
            scope.later.append(lambda: self._read(data, unit, entity, steps, scope, out))

    def _read(
        self,
        data: Array,
        unit: str | None,
        entity: Any,
        steps: tuple[str, ...],
        scope: Scope,
        out: Outcome,
    ) -> None:
        try:
            with np.errstate(all="ignore"):
                sentence = self.fault(data, unit, entity, scope)
        except StaleFileError:
            raise
        except _FAULTS:
            return  # That they cannot be read is told by the generic rules.
        if sentence is not None:
            out.add(self.check.asked, entity, steps, sentence)
        for one in self.all_of:
            one._read(data, unit, entity, steps, scope, out)
        if self.any_of:
            trials = []
            for one in self.any_of:
                trials.append(trial := Outcome())
                one._read(data, unit, entity, steps, scope.trial(), trial)
                if trial.holds:
                    return
            out.keep(min(trials, key=lambda one: len(one.hits)))

    @property
    def _is_idle(self) -> bool:
        check = self.check
        return not (
            self.finite or self.ascending or self.unique or check.limits or check._judges_items
        )

    def fault(self, data: Array, unit: str | None, entity: Any, scope: Scope) -> str | None:
        """The first thing that is wrong; None where nothing is."""
        if self._is_idle:
            return None
        seen = _Seen()
        with data.kept_open():
            for selection, block in data.blocks():
                scope.run.spend(1 + block.size // 4096)
                values = _meant(block, entity)
                start = selection[0].start if selection else 0
                sentence = self._in_block(values, unit, entity, scope, seen, start or 0)
                if sentence is not None:
                    return sentence
        seen.tell(scope, entity, self.check.subject)
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
        self._is_full = False

    def tell(self, scope: Scope, entity: Any, subject: str) -> None:
        """Say that not all values were compared with each other."""
        if self._is_full:
            told = f"{subject} have more than {MOST_COMPARED:,} different ones"
            held = entity.frame if isinstance(entity, ColumnView) else entity
            key = ("unique", id(held), subject)
            scope.run.limits[key] = (held, f"{told}: not all are compared with each other")

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
        if values.dtype.kind in "iufb":
            distinct, counts = np.unique(values, return_counts=True)
            if (counts > 1).any():
                return distinct[int(np.argmax(counts > 1))].item()
            items = distinct.tolist()
        else:
            items = values.reshape(-1).tolist()
        if len(self._known) > MOST_COMPARED:
            self._is_full = True
            return None
        for one in items:
            if one in self._known:
                return one
            self._known.add(one)
        return None


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
        if rows is None or not scope.run.reads_values or not rows.is_stored:
            return

        def read() -> None:
            seen = _Seen()
            try:
                for selection, block in rows.blocks():
                    start = selection[0].start or 0
                    values = np.asarray(block[view.name])
                    with np.errstate(all="ignore"):
                        sentence = self.check._in_block(values, view.unit, view, scope, seen, start)
                    if sentence is not None:
                        out.add(self.check.check.asked, view, (), sentence)
                        return
                seen.tell(scope, view, f"column `{view.name}`: {self.check.check.subject}")
            except StaleFileError:
                raise
            except (*_FAULTS, IndexError):
                return

        scope.later.append(read)
