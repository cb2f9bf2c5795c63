"""Constraints on one value, ready to be compared with many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nixschema.schema.checking.outcome import Asked, Outcome
from nixschema.schema.checking.patterns import Pattern
from nixschema.schema.checking.quantities import (
    converted,
    is_like,
    is_number,
    quantity,
    same,
    shown,
)
from nixschema.schema.checking.regular import Regular
from nixschema.schema.checking.scope import Scope, agree
from nixschema.schema.language import Count, Leaf, Presence

MOST_ITEMS = 100_000
"""So many values of a list are judged at most."""

Lookup = Callable[[Scope, Any], "set[Any] | None"]
"""What is allowed where an entity names others: found by scope and entity."""

_ITEM = {
    "shape": "the length of axis {}",
    "labels": "label {}",
    "units": "unit {}",
    "position": "position {}",
    "extent": "extent {}",
    "polynom_coefficients": "coefficient {}",
    "ticks": "tick {}",
}
"""How items of a field are called."""


class LeafCheck:
    """One text, number or boolean that a value may be."""

    __slots__ = ("any", "leaf", "number", "pattern", "unit")

    def __init__(self, leaf: Leaf, *, literal: bool = False) -> None:
        self.leaf = leaf
        self.pattern: Pattern | None = None
        self.number: int | float | None = None
        self.unit: str | None = None
        self.any = leaf == "any" and not literal
        if isinstance(leaf, str):
            self.pattern = None if literal else Pattern(leaf)
            read = quantity(leaf)
            if read is not None:
                self.number, self.unit = read
        elif is_number(leaf):
            self.number = leaf

    def fits(self, content: Any, unit: str | None, scope: Scope, where: str) -> bool:
        """Whether a value is this."""
        if self.pattern is not None and self.pattern.sole is not None:
            return agree(scope, *self.pattern.sole, content, unit, where) is None
        if isinstance(content, str):
            if self.pattern is not None:
                names = getattr(content, "words", (content,))  # A type goes by several.
                return any(self.pattern.fits(one, scope, where) for one in names)
            return isinstance(self.leaf, str) and content == self.leaf
        if isinstance(content, bool):
            return content is self.leaf or (
                isinstance(self.leaf, str) and self.leaf == str(content).lower()
            )
        if is_number(content):
            if self.number is not None:
                return same(self.number, self.unit, content, unit)
            if self.pattern is not None and not self.pattern.blanks:
                return self.pattern.fits(_spelt(content), scope, where)
        return False

    def expected(self, scope: Scope) -> str:
        """What it is, in a sentence."""
        if self.pattern is not None and self.pattern.literal is None:
            return shown(self.pattern.expected(scope))
        return shown(self.leaf)


def _spelt(content: Any) -> str:
    if isinstance(content, float) and content.is_integer() and abs(content) < 1e15:
        return str(int(content))
    return str(content)


@dataclass(slots=True, eq=False)
class Limit:
    """One end of a range."""

    word: str
    """``min``, ``max``, ``above`` or ``below``."""
    number: float | int | None
    unit: str | None
    blank: str | None

    def value(self, scope: Scope) -> tuple[Any, str | None] | None:
        """Number and unit; None while nothing fills its blank."""
        if self.blank is None:
            return (self.number, self.unit)
        filled = scope.get(self.blank)
        if filled is None or not is_number(filled.content):
            return None
        return filled.content, filled.unit

    def passes(self, content: Any, unit: str | None, scope: Scope) -> bool:
        """Whether a number is on the right side; one without an end to compare with is."""
        end = self.value(scope)
        if end is None:
            return True
        number = converted(end[0], end[1], unit)
        if number is None or content != content:
            return False
        if (
            self.word in ("min", "max")
            and math.isfinite(number)
            and same(content, None, number, None)
        ):
            return True
        match self.word:
            case "min" | "above":
                return bool(content > number)
            case _:
                return bool(content < number)

    def expected(self, scope: Scope) -> str:
        """What it is, in a sentence."""
        words = {"min": "at least", "max": "at most", "above": "above", "below": "below"}
        end = self.value(scope)
        told = f"`<{self.blank}>`" if end is None else shown(*end)
        return f"{words[self.word]} {told}"


@dataclass(slots=True, eq=False)
class ConstraintCheck:
    """A constraint, taken apart."""

    asked: Asked
    subject: str
    """What it is about, in a sentence: ``unit``."""
    where: str
    """The field, as seen from the clause."""
    presence: Presence = "required"
    leaves: list[LeafCheck] = field(default_factory=list)
    blank: tuple[str, str] | None = None
    """Name and kind of the blank, where it is nothing else."""
    items: list[ConstraintCheck] | None = None
    equals: LeafCheck | None = None
    one_of: list[LeafCheck] = field(default_factory=list)
    excluded: ConstraintCheck | None = None
    pattern: Regular | None = None
    pattern_text: str = ""
    like: str | None = None
    limits: list[Limit] = field(default_factory=list)
    length: Count | None = None
    formerly: tuple[str, ...] = ()
    old: Asked | None = None
    lookup: Lookup | None = None
    lookup_words: str = ""
    allowed: list[LeafCheck] = field(default_factory=list)
    any_of: list[ConstraintCheck] = field(default_factory=list)
    all_of: list[ConstraintCheck] = field(default_factory=list)
    is_bare: bool = False
    """Whether it asks for nothing but that the value is there."""

    def run(
        self,
        value: Any,
        unit: str | Sequence[str | None] | None,
        scope: Scope,
        out: Outcome,
        entity: Any,
        steps: tuple[str, ...],
    ) -> None:
        """Compare a value.

        Args:
            value: text, number, boolean, or a list of them; None where it is missing.
            unit: its unit; a list with one for each item where they differ.
            scope: the blanks.
            out: takes what does not hold.
            entity: the entity that has it.
            steps: the field.
        """
        if value is None or value == "" or (isinstance(value, list | tuple) and not value):
            self._absent(value, scope, out, entity, steps)
            return
        if self.presence == "forbidden":
            out.add(
                self.asked,
                entity,
                steps,
                f"{self.subject} is {_told(value, unit)}, and none is allowed",
            )
            return
        if self.is_bare:
            return
        if self.formerly:
            only = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
            if isinstance(only, str) and only in self.formerly:
                self._old_spelling(only, scope, out, entity, steps)
                return
        if self.limits and any(
            one.blank is not None and scope.get(one.blank) is None for one in self.limits
        ):
            scope.later.append(lambda: self._compare(value, unit, scope, out, entity, steps))
            return
        self._compare(value, unit, scope, out, entity, steps)

    def _old_spelling(
        self, text: str, scope: Scope, out: Outcome, entity: Any, steps: tuple[str, ...]
    ) -> None:
        assert self.old is not None
        expected = self.expected(scope)
        now = f": now it is {expected}" if expected else ""
        out.add(self.old, entity, steps, f"{self.subject} {shown(text)} is an old spelling{now}")

    def _absent(
        self, value: Any, scope: Scope, out: Outcome, entity: Any, steps: tuple[str, ...]
    ) -> None:
        if (
            self.length is not None
            and self.length.blank is not None
            and value is not None
            and self.presence == "required"
        ):
            self._compare_length(0, scope, out, entity, steps)
        elif self.presence == "required" and (self.length is None or self.length.least > 0):
            wanted = self.expected(scope)
            told = f", where {wanted} is expected" if wanted else ""
            out.add(self.asked, entity, steps, f"no {self.subject}{told}")

    def _compare(
        self,
        value: Any,
        unit: str | Sequence[str | None] | None,
        scope: Scope,
        out: Outcome,
        entity: Any,
        steps: tuple[str, ...],
    ) -> None:
        many = isinstance(value, list | tuple)
        if self.length is not None:
            self._compare_length(len(value) if many else 1, scope, out, entity, steps)
        if self.items is not None:
            self._compare_items(value if many else [value], unit, scope, out, entity, steps)
        if self.blank is not None:
            self._compare_blank(value, unit, scope, out, entity, steps)
        if self._judges_items:
            values = value if many else (value,)
            scope.run.spend(1 + len(values) // 16)
            if len(values) > MOST_ITEMS and entity is not None:
                told = (
                    f"{self.subject} has {len(values):,} items, of which {MOST_ITEMS:,} are checked"
                )
                scope.run.limits["items", id(entity), steps] = (entity, told)
            for number, one in enumerate(values[:MOST_ITEMS]):
                its = unit if isinstance(unit, str | None) else unit[number : number + 1] or None
                if its is not None and not isinstance(its, str):
                    its = its[0]
                if not self._item(one, its, scope, entity):
                    out.add(
                        self.asked,
                        entity,
                        steps,
                        f"{self.subject} is {shown(one, its)}, where "
                        f"{self.expected(scope)} is expected",
                    )
                    break
        for each in self.all_of:
            each.run(value, unit, scope, out, entity, steps)
        if self.any_of:
            self._alternatives(value, unit, scope, out, entity, steps)

    @property
    def _judges_items(self) -> bool:
        return bool(
            self.leaves
            or self.equals
            or self.one_of
            or self.excluded
            or self.pattern
            or self.pattern_text
            or self.like is not None
            or self.limits
            or self.lookup
        )

    def _item(self, content: Any, unit: str | None, scope: Scope, entity: Any) -> bool:
        """Whether one value is as it must be."""
        where = self.where
        if self.leaves and not any(
            one.any or one.fits(content, unit, scope, where) for one in self.leaves
        ):
            return False
        if self.equals is not None and not self.equals.fits(content, unit, scope, where):
            return False
        if self.one_of and not any(one.fits(content, unit, scope, where) for one in self.one_of):
            return False
        if self.pattern_text and (
            self.pattern is None or not isinstance(content, str) or not self.pattern.fits(content)
        ):
            return False
        if self.like is not None and not (isinstance(content, str) and is_like(content, self.like)):
            return False
        for limit in self.limits:
            if not is_number(content) or not limit.passes(content, unit, scope):
                return False
        if self.excluded is not None:
            trial = Outcome()
            self.excluded.run(content, unit, scope.trial(), trial, None, ())
            if trial.holds:
                return False
        if self.lookup is not None and not any(
            one.fits(content, unit, scope, where) for one in self.allowed
        ):
            known = self.lookup(scope, entity)
            if known is not None and content not in known:
                return False
        return True

    def _compare_items(
        self,
        values: Sequence[Any],
        unit: str | Sequence[str | None] | None,
        scope: Scope,
        out: Outcome,
        entity: Any,
        steps: tuple[str, ...],
    ) -> None:
        assert self.items is not None
        if len(values) != len(self.items):
            there = "1 item" if len(values) == 1 else f"{len(values):,} items"
            if self.subject == "shape":
                there = "1 axis" if len(values) == 1 else f"{len(values):,} axes"
            out.add(
                self.asked,
                entity,
                steps,
                f"{self.subject} has {there}, where {len(self.items):,} "
                f"{'is' if len(self.items) == 1 else 'are'} expected: {_told(values, None)}",
            )
            return
        for number, (one, check) in enumerate(zip(values, self.items, strict=True)):
            its = (
                unit
                if isinstance(unit, str | None)
                else (unit[number] if number < len(unit) else None)
            )
            check.run(one, its, scope, out, entity, steps)

    def _compare_blank(
        self,
        value: Any,
        unit: str | Sequence[str | None] | None,
        scope: Scope,
        out: Outcome,
        entity: Any,
        steps: tuple[str, ...],
    ) -> None:
        assert self.blank is not None
        if isinstance(value, list | tuple):
            value = value[0] if len(value) == 1 else tuple(value)
        its = unit if isinstance(unit, str | None) else (unit[0] if unit else None)
        sentence = agree(scope, *self.blank, value, its, self.where)
        if sentence is not None:
            out.add(self.asked, entity, steps, sentence)

    def _compare_length(
        self, found: int, scope: Scope, out: Outcome, entity: Any, steps: tuple[str, ...]
    ) -> None:
        assert self.length is not None
        sentence = count_fault(self.length, found, scope, self.where)
        if sentence is not None:
            out.add(self.asked, entity, steps, f"{self.subject}: {sentence}")

    def _alternatives(
        self,
        value: Any,
        unit: str | Sequence[str | None] | None,
        scope: Scope,
        out: Outcome,
        entity: Any,
        steps: tuple[str, ...],
    ) -> None:
        nearest: Outcome | None = None
        for one in self.any_of:
            trial, inner = Outcome(), scope.trial()
            one.run(value, unit, inner, trial, entity, steps)
            inner.finish()
            if trial.holds:
                inner.commit()
                out.keep(trial)
                return
            if nearest is None or len(trial.hits) < len(nearest.hits):
                nearest = trial
        if nearest is not None:
            out.keep(nearest)

    def expected(self, scope: Scope) -> str:
        """What it must be, in a sentence; nothing where it only must be there."""
        parts = []
        leaves = self.leaves or self.one_of or ([self.equals] if self.equals else [])
        if leaves:
            parts.append(_either([one.expected(scope) for one in leaves]))
        elif self.blank is not None:
            filled = scope.get(self.blank[0])
            parts.append(
                f"`<{self.blank[0]}>`" if filled is None else shown(filled.content, filled.unit)
            )
        if self.like is not None:
            parts.append(f"a unit like `{self.like}`")
        if self.pattern_text:
            parts.append(f"a text that fits {shown(self.pattern_text)}")
        parts += [one.expected(scope) for one in self.limits]
        if self.excluded is not None:
            parts.append(f"anything but {self.excluded.expected(scope)}")
        if self.lookup_words:
            parts.append(self.lookup_words)
        if self.items is not None and not parts:
            parts.append(", ".join(one.expected(scope) or "any" for one in self.items))
        if self.any_of and not parts:
            parts.append(_either([one.expected(scope) for one in self.any_of]))
        return " and ".join(one for one in parts if one)


def item_subject(name: str, number: int) -> str:
    """How an item of a field is called."""
    return _ITEM.get(name, "item {} of " + name).format(number)


def count_fault(count: Count, found: int, scope: Scope, where: str) -> str | None:
    """What is wrong with a number of things; None where nothing is."""
    if count.blank is not None:
        return agree(scope, count.blank.strip("<>").partition(":")[0], "", found, None, where)
    if found < count.least or (count.most is not None and found > count.most):
        return f"{found:,} found, where {count_words(count)} expected"
    return None


def count_words(count: Count) -> str:
    """A count in a sentence: ``1 is``, ``2 to 8 are``."""
    if count.most is None:
        return f"at least {count.least:,} {'is' if count.least == 1 else 'are'}"
    if count.least == count.most:
        return f"{count.least:,} {'is' if count.least == 1 else 'are'}"
    if not count.least:
        return f"at most {count.most:,} {'is' if count.most == 1 else 'are'}"
    return f"{count.least:,} to {count.most:,} are"


def _either(words: list[str]) -> str:
    kept = list(dict.fromkeys(one for one in words if one))
    if len(kept) > 8:
        kept = [*kept[:7], f"{len(kept) - 7:,} others"]
    return kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} or {kept[-1]}" if kept else ""


def _told(value: Any, unit: str | Sequence[str | None] | None) -> str:
    return shown(value, unit if isinstance(unit, str) else None)
