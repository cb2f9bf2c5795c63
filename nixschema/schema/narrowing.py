"""Whether a constraint lets through more or less than another one, keyword by keyword.

Tighter means that some value that passed may fail, looser that some value that failed may pass.
Where that cannot be told without files it may be either: two regular expressions are equal, or not
compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from enum import IntFlag
from typing import Any, NamedTuple

from nixschema.model.units import Unit
from nixschema.schema.blanks import BLANK, could_be, is_plain
from nixschema.schema.checking.quantities import quantity
from nixschema.schema.language import Clause, Constraint, Count, Leaf

_MOST_TRIED = 1_000_000
"""Pairs of a value and a pattern that are compared."""

_MOST_MATCHED = 200
"""Characters of a text that is tried with a regular expression."""


class Verdict(IntFlag):
    """What a change does to the files that pass."""

    SAME = 0
    TIGHTER = 1
    """Some that passed may fail."""
    LOOSER = 2
    """Some that failed may pass."""
    EITHER = 3

    @property
    def reversed(self) -> Verdict:
        """The same the other way round."""
        tighter = Verdict.LOOSER if self & Verdict.TIGHTER else Verdict.SAME
        looser = Verdict.TIGHTER if self & Verdict.LOOSER else Verdict.SAME
        return tighter | looser

    @property
    def word(self) -> str:
        """``tighter``, ``looser``, ``either`` or ``same``."""
        return str(self.name).lower()


def there_or_not(old: object, new: object) -> Verdict:
    """What it does that something is asked for that was not, or the other way round."""
    if old is None or new is None:
        if old is new:
            return Verdict.SAME
        return Verdict.TIGHTER if old is None else Verdict.LOOSER
    return Verdict.SAME if old == new else Verdict.EITHER


_PRESENCES = {
    ("required", "optional"): Verdict.LOOSER,
    ("optional", "required"): Verdict.TIGHTER,
    ("optional", "forbidden"): Verdict.TIGHTER,
    ("forbidden", "optional"): Verdict.LOOSER,
}


def of_presence(old: str, new: str) -> Verdict:
    """What a change of presence does."""
    return Verdict.SAME if old == new else _PRESENCES.get((old, new), Verdict.EITHER)


def of_counts(old: Count | None, new: Count | None) -> Verdict:
    """What a change of a count does; no count is any number."""
    mine, its = old or Count(0), new or Count(0)
    if mine == its:
        return Verdict.SAME
    if mine.blank is not None or its.blank is not None:
        if old is None or new is None:
            return there_or_not(old, new)
        return Verdict.EITHER
    found = Verdict.SAME
    if its.least != mine.least:
        found |= Verdict.TIGHTER if its.least > mine.least else Verdict.LOOSER
    most, other = (math.inf if one.most is None else one.most for one in (its, mine))
    if most != other:
        found |= Verdict.TIGHTER if most < other else Verdict.LOOSER
    return found


def of_order(old: object, new: object, order: Sequence[object]) -> Verdict:
    """What it does that a word is another one, of words from the loosest to the tightest."""
    mine, its = order.index(old), order.index(new)
    if mine == its:
        return Verdict.SAME
    return Verdict.TIGHTER if its > mine else Verdict.LOOSER


def of_sets(old: Sequence[Any], new: Sequence[Any]) -> Verdict:
    """What it does that more or fewer are allowed."""
    mine, its = ({repr(one) for one in listed} for listed in (old, new))
    found = Verdict.SAME if mine <= its else Verdict.TIGHTER
    return found if its <= mine else found | Verdict.LOOSER


class Step(NamedTuple):
    """What a change of one keyword does."""

    keyword: str
    verdict: Verdict


def steps(old: Constraint | None, new: Constraint | None) -> list[Step]:
    """What differs between two constraints on one value, keyword by keyword.

    Args:
        old: None where nothing is asked for.
        new: the same.
    """
    mine = flat(old)
    its = flat(new)
    found = [Step("presence", of_presence(mine.presence, its.presence))]
    if "forbidden" not in (mine.presence, its.presence):
        inside = [*_inside(mine, its)]
        whole = _whole(mine, its, inside)
        found += inside if whole is None else [Step("values", whole)]
    return [one for one in found if one.verdict]


def verdict_of(found: Sequence[Step]) -> Verdict:
    """What several changes do together."""
    whole = Verdict.SAME
    for one in found:
        whole |= one.verdict
    return whole


def flat(one: Constraint | None) -> Constraint:
    """A constraint without `all_of` that has the same level, as far as one keyword can say it."""
    if one is None:
        return Constraint.model_construct(presence="optional")
    if not one.all_of:
        return one
    left: list[Constraint] = []
    update: dict[str, Any] = {}
    for part in one.all_of:
        part = flat(part)
        said = {
            name: part.__dict__[name]
            for name, info in Constraint.model_fields.items()
            if name not in ("presence", "message", "reason", "id")
            and part.__dict__[name] != info.get_default(call_default_factory=True)
        }
        clash = [name for name in said if update.get(name, one.__dict__[name]) is not None
                 and update.get(name, one.__dict__[name]) != said[name]]  # fmt: skip
        if "level" in said or clash or part.presence == "forbidden":
            left.append(part)
        else:
            update |= said
            if part.presence == "required" and one.presence == "optional":
                pass  # Where it is missing, nothing is asked of it.
    return one.model_copy(update={**update, "all_of": left})


def _inside(old: Constraint, new: Constraint) -> Iterator[Step]:
    yield Step("fits", _of_leaves(old, new))
    if old.not_ is not None and new.not_ is not None:
        excluded = verdict_of(steps(_sure(old.not_), _sure(new.not_))).reversed
    else:
        excluded = there_or_not(old.not_, new.not_)
    yield Step("not", excluded)
    yield Step("pattern", there_or_not(old.pattern, new.pattern))
    yield Step("like", _of_units(old.like, new.like))
    yield Step("min", _of_ends(old, new, lower=True))
    yield Step("max", _of_ends(old, new, lower=False))
    yield Step("length", of_counts(old.length, new.length))
    yield Step("formerly", _of_old_spellings(old, new))
    yield Step("items", _of_items(old.items, new.items))
    for word in ("finite", "unique"):
        mine, its = bool(getattr(old, word)), bool(getattr(new, word))
        yield Step(word, of_order(mine, its, (False, True)))
    order = (False, True, "strictly")
    yield Step("ascending", of_order(old.ascending or False, new.ascending or False, order))
    for word in ("names", "ids_of", "names_of"):
        yield Step(word, _of_clauses(getattr(old, word), getattr(new, word)))
    yield Step("column_of", there_or_not(old.column_of, new.column_of))
    if old.column_of or old.ids_of or old.names_of or old.names:
        yield Step("or", of_sets(old.or_, new.or_))
    yield Step("any_of", _of_alternatives(old.any_of, new.any_of))
    yield Step("all_of", of_sets(old.all_of, new.all_of).reversed)


def _sure(one: Constraint) -> Constraint:
    return one.model_copy(update={"presence": "required"})


def _of_clauses(old: Clause | None, new: Clause | None) -> Verdict:
    from nixschema.schema.comparing import verdict_of_clauses

    if old is None or new is None:
        return there_or_not(old, new)
    return verdict_of_clauses(old, new)


def _of_items(old: list[Constraint] | None, new: list[Constraint] | None) -> Verdict:
    if old is None or new is None:
        return there_or_not(old, new)
    if len(old) != len(new):
        return Verdict.EITHER
    found = Verdict.SAME
    for mine, its in zip(old, new, strict=True):
        found |= verdict_of(steps(mine, its))
    return found


def _of_alternatives(old: list[Constraint], new: list[Constraint]) -> Verdict:
    if not old or not new:
        return there_or_not(old or None, new or None)
    return of_sets(old, new)


def _of_units(old: str | None, new: str | None) -> Verdict:
    if old is not None and new is not None and not BLANK.search(old + new):
        same = old == new or Unit(old).is_convertible_to(new)
        return Verdict.SAME if same else Verdict.EITHER
    return there_or_not(old, new)


def _of_old_spellings(old: Constraint, new: Constraint) -> Verdict:
    return of_sets(old.formerly, new.formerly)


# Values


class _Leaf(NamedTuple):
    text: Leaf
    literal: bool
    """Whether it stands for itself, wildcards and blanks too."""


def _leaves(one: Constraint) -> list[list[_Leaf]]:
    """Lists of values of which each has to have what is allowed."""
    found = []
    if one.equals is not None:
        found.append([_Leaf(one.equals, True)])
    found += [
        [_Leaf(each, not isinstance(each, str) or is_plain(each)) for each in values]
        for values in (one.fits, one.one_of)
        if values is not None
    ]
    return [each for each in found if not any(leaf.text == "any" for leaf in each)]


def _of_leaves(old: Constraint, new: Constraint) -> Verdict:
    mine, its = _leaves(old), _leaves(new)
    if mine == its:
        return Verdict.SAME
    if not mine or not its:
        return there_or_not(mine or None, its or None)
    if len(mine) > 1 or len(its) > 1:
        return Verdict.EITHER
    found = Verdict.SAME if _all_covered(mine[0], its[0]) else Verdict.TIGHTER
    return found if _all_covered(its[0], mine[0]) else found | Verdict.LOOSER


def _all_covered(narrow: Sequence[_Leaf], wide: Sequence[_Leaf]) -> bool:
    """Whether each value of one list is surely one of another."""
    equal = {(type(one.text), one) for one in wide}
    left = [one for one in narrow if (type(one.text), one) not in equal]
    patterns = [one for one in wide if not one.literal]
    if len(left) * len(patterns) > _MOST_TRIED:
        return False
    return all(any(_covers(other, one) for other in patterns) for one in left)


def _covers(wide: _Leaf, narrow: _Leaf) -> bool:
    """Whether all that is like one is like another."""
    if wide == narrow:
        return True
    if wide.literal:
        return narrow.literal and type(wide.text) is type(narrow.text) and wide.text == narrow.text
    assert isinstance(wide.text, str)
    if BLANK.search(wide.text) or not isinstance(narrow.text, str) or not narrow.literal:
        return wide.text == "*" and isinstance(narrow.text, str)
    return could_be(narrow.text, wide.text)


def _whole(old: Constraint, new: Constraint, inside: Sequence[Step]) -> Verdict | None:
    """What a change does where one constraint is a list of values that the other lets through."""
    if not any(one.verdict for one in inside) or len([one for one in inside if one.verdict]) < 2:
        return None
    if _are_fitting(old, new):
        return Verdict.LOOSER
    return Verdict.TIGHTER if _are_fitting(new, old) else None


_LISTED = frozenset(("presence", "fits", "one_of", "equals", "level", "message", "reason", "id"))
_TRIED = _LISTED | {"like", "pattern", "min", "max", "above", "below"}


def _are_fitting(listed: Constraint, other: Constraint) -> bool:
    """Whether a constraint lists values, and another one lets all of them through."""
    lists = _leaves(listed)
    if not _says_only(listed, _LISTED) or not _says_only(other, _TRIED) or len(lists) != 1:
        return False
    return all(one.literal and _passes(one.text, other) for one in lists[0])


def _says_only(one: Constraint, fields: frozenset[str]) -> bool:
    return all(
        name in fields or one.__dict__[name] == info.get_default(call_default_factory=True)
        for name, info in Constraint.model_fields.items()
    )


def _passes(value: Leaf, one: Constraint) -> bool:
    """Whether a value surely passes a constraint."""
    for leaves in _leaves(one):
        if not any(_covers(leaf, _Leaf(value, True)) for leaf in leaves):
            return False
    if one.like is not None and not (
        isinstance(value, str) and is_plain(one.like) and Unit(value).is_convertible_to(one.like)
    ):
        return False
    if one.pattern is not None and not (
        isinstance(value, str)
        and len(value) <= _MOST_MATCHED
        and re.fullmatch(one.pattern, value) is not None
    ):
        return False
    if one.min is one.max is one.above is one.below is None:
        return True
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    ends = [(_end(one, lower=True), 1), (_end(one, lower=False), -1)]
    for end, sign in ends:
        if end is None:
            continue
        if end.number is None or end.unit:
            return False
        distance = sign * (value - end.number)
        if distance < 0 or (distance == 0 and end.open):
            return False
    return True


# Ranges


class _End(NamedTuple):
    number: float | None
    """None where it is not known: a blank, or several ends that are not compared."""
    open: bool
    unit: str
    """The unit; nothing for a bare number."""
    text: str


def _end(one: Constraint, *, lower: bool) -> _End | None:
    ends = []
    for word, is_open in (
        (("min", False), ("above", True))
        if lower
        else (
            ("max", False),
            ("below", True),
        )
    ):
        leaf = getattr(one, word)
        if leaf is not None:
            ends.append(_read_end(leaf, is_open))
    if len(ends) < 2:
        return ends[0] if ends else None
    first, second = ends
    if first.number is None or second.number is None or first.unit != second.unit:
        return _End(None, False, "", f"{first.text} {second.text}")
    if first.number == second.number:
        return second
    return max(ends, key=lambda end: (end.number or 0) * (1 if lower else -1))


def _read_end(leaf: Leaf, is_open: bool) -> _End:
    if isinstance(leaf, int | float) and not isinstance(leaf, bool):
        return _End(float(leaf), is_open, "", str(leaf))
    read = quantity(leaf) if isinstance(leaf, str) and not BLANK.search(leaf) else None
    if read is None:
        return _End(None, is_open, "", str(leaf))
    return _End(float(read[0]), is_open, read[1] or "", str(leaf))


def _of_ends(old: Constraint, new: Constraint, *, lower: bool) -> Verdict:
    mine, its = _end(old, lower=lower), _end(new, lower=lower)
    if mine is None or its is None:
        return there_or_not(mine, its)
    if mine.number is None or its.number is None:
        return Verdict.SAME if mine == its else Verdict.EITHER
    number = its.number
    if mine.unit != its.unit:
        if not mine.unit or not its.unit or not Unit(its.unit).is_convertible_to(mine.unit):
            return Verdict.EITHER
        number *= Unit(its.unit).factor_to(mine.unit)
    if math.isclose(number, mine.number, rel_tol=1e-9):
        return of_order(mine.open, its.open, (False, True))
    return Verdict.TIGHTER if (number > mine.number) == lower else Verdict.LOOSER
