"""Constraints that no file can fulfil: within one place of a schema, and between its layers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from nixschema.model.units import Unit
from nixschema.schema.blanks import could_be, is_plain
from nixschema.schema.language import (
    Clause,
    Constraint,
    Count,
    Place,
    Said,
    Schema,
)
from nixschema.schema.problems import Problems, shown
from nixschema.schema.type_words import are_compatible
from nixschema.schema.walking import Steps, parts_of, path_of, walk

_MOST_TYPES = 200_000
"""Pairs of a type and a pattern that are looked at."""

_MOST_MATCHED = 1000
"""Characters of a text that patterns are tried on."""

_MOST_COMPARED = 30
"""So many constraints on one place are compared with each other."""

_ASIDE = frozenset(("any_of", "when", "select", "not_", "override", "recognise", "examples"))
"""Fields whose parts need not hold."""

_BY_POSITION = frozenset(("items", "dimensions"))
"""Lists whose items belong together by their position."""

_QUANTITY = re.compile(r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) ?(\S.*)?")


def tell_contradictions(layers: tuple[Schema, ...], problems: dict[str, Problems]) -> None:
    """Say which constraints of all layers contradict each other.

    Args:
        layers: all of them.
        problems: those of each file; the last layer's are at its id as well.
    """
    together = _by_place(layers)
    for steps, found in together.items():
        clauses = [one for one in found if isinstance(one, Clause)][:_MOST_COMPARED]
        constraints = [one for one in found if isinstance(one, Constraint)][:_MOST_COMPARED]
        for sentence, place in _of_constraints(constraints):
            _tell(problems, "NIX066", sentence, place, steps)
        for sentence, place in _of_clauses(clauses, steps):
            _tell(problems, "NIX066", sentence, place, steps)
    for layer in layers:
        for steps, one in walk(layer):
            if isinstance(one, Clause) and one.select is not None:
                _tell_select(one, steps, problems)
            elif isinstance(one, Constraint | Clause) and _ASIDE.intersection(map(str, steps)):
                _tell_aside(one, steps, problems)


def _tell(
    problems: dict[str, Problems], rule: str, sentence: str, place: Place | None, steps: Steps
) -> None:
    where = problems.get((place.file if place else None) or "") or problems[""]
    line, column = (place.line, place.column) if place else (0, 0)
    help = None
    if " in line " in sentence or "lower layer" in sentence:
        help = "to loosen what a lower layer asks for, write `override`"
    where.tell(rule, sentence, help, line, column, path_of(steps))


def _tell_select(clause: Clause, steps: Steps, problems: dict[str, Problems]) -> None:
    """Say that a clause selects nothing."""
    select = clause.select
    assert select is not None
    why = ""
    place = select.place()
    if select.presence == "forbidden":
        why = "what is forbidden is not there to be selected"
    for field in ("name", "type"):
        mine, its = getattr(clause, field), getattr(select, field)
        if isinstance(mine, Constraint) and isinstance(its, Constraint):
            found = next(_of_constraints([its, mine]), None)
            if found is not None:
                why = f"its `{field}` is never what the clause then asks for"
    kind = select.type
    if len(steps) == 2 and steps[0] == "types" and kind is not None and kind.fits:
        texts = [one for one in kind.fits if isinstance(one, str) and is_plain(one)]
        if len(texts) == len(kind.fits) and not any(could_be(t, str(steps[1])) for t in texts):
            why = f"no entity of type `{shown(str(steps[1]))}` is of type `{shown(texts[0])}`"
    for _, part in walk(select):
        if isinstance(part, Constraint):
            found = next(_of_constraints([part]), None)
            if found is not None:
                why = found[0]
    if why:
        sentence = f"`select` selects nothing: {why}"
        _tell(problems, "NIX069", sentence, place, (*steps, "select"))


def _tell_aside(one: Said, steps: Steps, problems: dict[str, Problems]) -> None:
    """Say what contradicts itself within an alternative or a condition."""
    if "select" in steps or "override" in steps:
        return
    if isinstance(one, Constraint):
        for sentence, place in _of_constraints([one]):
            _tell(problems, "NIX066", sentence, place, steps)
    elif isinstance(one, Clause):
        for sentence, place in _of_clauses([one], steps):
            _tell(problems, "NIX066", sentence, place, steps)


# What stands at one place


def _by_place(layers: tuple[Schema, ...]) -> dict[Steps, list[Said]]:
    """All that must hold at a place, of all layers."""
    found: dict[Steps, list[Said]] = {}
    plain = list(dict.fromkeys(key for one in layers for key in one.types if is_plain(key)))
    room = _MOST_TYPES
    for layer in layers:
        for key, clause in layer.types.items():
            for steps, part in _holding(clause, ("types", key)):
                found.setdefault(steps, []).append(part)
            if not is_plain(key) and room > 0:
                room -= len(plain)
                for other in plain:
                    if could_be(other, key):
                        for steps, part in _holding(clause, ("types", other)):
                            room -= 1
                            found.setdefault(steps, []).append(part)
        for field in ("metadata", "blocks"):
            for key, clause in getattr(layer, field).items():
                for steps, part in _holding(clause, (field, key)):
                    found.setdefault(steps, []).append(part)
    for steps, parts in list(found.items()):
        for one in parts:
            room -= _with_type(one, steps, layers, found) if room > 0 else 0
    return found


def _with_type(
    said: Said, steps: Steps, layers: tuple[Schema, ...], found: dict[Steps, list[Said]]
) -> int:
    """Put what an entity of a type looks like to what is asked of one that has that type.

    Returns:
        How many parts were put.
    """
    kind = said.type if isinstance(said, Clause) else None
    if kind is None or kind.fits is None or len(kind.fits) != 1 or steps[0] == "types":
        return 0
    count = 0
    for layer in layers:
        clause = layer.types.get(str(kind.fits[0]))
        for more, part in _holding(clause, steps) if clause is not None else ():
            if isinstance(part, Constraint):
                found.setdefault(more, []).insert(0, part)
                count += 1
    return count


def _holding(said: Said, at: Steps) -> Iterator[tuple[Steps, Said]]:
    """Parts that must hold together with those of other layers, by their places."""
    stack: list[tuple[Steps, Said]] = [(at, said)]
    while stack:
        steps, one = stack.pop()
        yield steps, one
        for more, part in parts_of(one):
            field = str(more[0])
            if field in _ASIDE:
                continue
            if field == "all_of":
                stack.append((steps, part))
            elif len(more) == 1 or _is_keyed(more) or field in _BY_POSITION:
                stack.append((steps + more, part))
            else:
                # Clauses of a list have no key by which another layer could mean the same.
                stack.append(((*steps, *more, id(part)), part))


def _is_keyed(more: Steps) -> bool:
    return len(more) == 2 and isinstance(more[1], str)


def _place(said: Said, *fields: str) -> Place | None:
    for field in fields:
        if field in said._places:
            return said._places[field]
    return said.place()


def _elsewhere(first: Said, second: Said) -> str:
    """Where a contradicting one stands, as the end of a sentence."""
    here, there = second.place(), first.place()
    if there is None or here is None or not there.line:
        return f" in `{there.schema}`" if there and there.schema else ""
    if there.file == here.file:
        return f" in line {there.line}" if there.line != here.line else ""
    return f" in line {there.line} of `{there.schema}`"


# Clauses


def _of_clauses(clauses: list[Clause], steps: Steps) -> Iterator[tuple[str, Place | None]]:
    key = str(steps[-1]) if steps else ""
    in_types = steps[:1] == ("types",) and len(steps) == 2
    name = shown(key)
    for first, second in combinations(clauses, 2):
        words = {first.presence, second.presence}
        if "forbidden" in words and "required" in words and not in_types:
            where = _elsewhere(first, second)
            sentence = f"`{name}` is {second.presence}, and {first.presence}{where}"
            yield sentence, _place(second, "presence")
            break
        if first.count is not None and second.count is not None:
            least = max(first.count.least, second.count.least)
            most = [one.most for one in (first.count, second.count) if one.most is not None]
            if most and least > min(most):
                told = f"{_count(second.count)}, and {_count(first.count)}"
                where = _elsewhere(first, second)
                yield f"`{name}` is there {told} times{where}", _place(second, "count")
        if first.is_ is not None and second.is_ is not None and first.is_ != second.is_:
            where = _elsewhere(first, second)
            yield f"`is` is `{second.is_}`, and `{first.is_}`{where}", _place(second, "is_", "is")
    for one in clauses:
        named = len(steps) > 1 and isinstance(steps[-1], str) and steps[-2] in _CONTAINERS
        named = named and one.select is None and is_plain(key)
        if named and one.count is not None and one.count.least > 1:
            told = f"`{name}` is one name, of which there can be no {one.count.least}"
            yield told, _place(one, "count")
        if one.count is not None and one.presence == "forbidden" and one.count.least > 0:
            sentence = f"`{name}` is forbidden, and there {_count(one.count)} times"
            yield sentence, _place(one, "count")
    yield from _of_axes(clauses)


_CONTAINERS = frozenset(
    (
        *("metadata", "blocks", "data_arrays", "data_frames", "tags", "multi_tags", "groups"),
        *("sources", "sections", "properties", "columns"),
    )
)


def _count(count: Count) -> str:
    if count.blank:
        return f"`{count.blank}`"
    if count.most is None:
        return f"`{count.least}..`"
    return f"`{count.least}`" if count.least == count.most else f"`{count.least}..{count.most}`"


def _of_axes(clauses: list[Clause]) -> Iterator[tuple[str, Place | None]]:
    """Ranks, shapes and dimensions that are not of the same number of axes."""
    said: list[tuple[str, int, Clause]] = []
    for one in clauses:
        if one.rank is not None and one.rank.fits and len(one.rank.fits) == 1:
            rank = one.rank.fits[0]
            if isinstance(rank, int):
                said.append(("rank", rank, one))
        if one.shape is not None and one.shape.items is not None:
            said.append(("shape", len(one.shape.items), one))
        if isinstance(one.dimensions, list) and all(
            each.presence == "required" for each in one.dimensions
        ):
            said.append(("dimensions", len(one.dimensions), one))
    for (field, axes, first), (other, others, second) in combinations(said, 2):
        if axes != others and not field == other == "shape":
            where = _elsewhere(first, second) if first is not second else ""
            beside = "" if field == other else f"`{field}` "
            told = f"`{other}` is of {_axes(others)}, and {beside}of {_axes(axes)}{where}"
            yield told, _place(second, other)
            return


def _axes(number: int) -> str:
    return "1 axis" if number == 1 else f"{number} axes"


# Constraints


def _of_constraints(constraints: list[Constraint]) -> Iterator[tuple[str, Place | None]]:
    """Sentences about constraints that cannot hold together, each with its place."""
    for one in constraints:
        yield from _of_one(one)
    for first, second in combinations(constraints, 2):
        if sentence := _of_two(first, second):
            yield f"{sentence}{_elsewhere(first, second)}", second.place()
            return


def _of_one(one: Constraint) -> Iterator[tuple[str, Place | None]]:
    low, high = _range(one)
    if low is not None and high is not None and _empty(low, high):
        place = _place(one, high.word)
        yield f"no value is {low.told} and {high.told}", place
    allowed = _allowed(one)
    if allowed is not None and allowed and not any(_fits(value, one) for value in allowed):
        value = shown(str(allowed[0]))
        other = _refusing(allowed[0], one)
        yield f"`{value}` contradicts `{other}` beside it", _place(one, other)
    if one.items is not None and one.length is not None and not _within(one.items, one.length):
        told = f"{_count_of(one.items)} beside a `length` of {_count(one.length)}"
        yield told, _place(one, "length")


def _of_two(first: Constraint, second: Constraint) -> str | None:
    words = {first.presence, second.presence}
    if "forbidden" in words:
        if "required" in words:
            return f"it is {second.presence}, and {first.presence}"
        return None
    mine, its = _allowed(second), _allowed(first)
    if mine and its is not None:
        if not any(_agree(one, other) for one in mine for other in its):
            return f"it is {_listed(mine)}, and {_listed(its)}"
    elif mine:
        if not any(_fits(one, first) for one in mine):
            return f"it is {_listed(mine)}, which contradicts `{_refusing(mine[0], first)}`"
    elif its and not any(_fits(one, second) for one in its):
        return f"`{_refusing(its[0], second)}` contradicts {_listed(its)}"
    (low, high), (other_low, other_high) = _range(second), _range(first)
    if low is not None and other_high is not None and _empty(low, other_high):
        return f"it is {low.told}, and {other_high.told}"
    if high is not None and other_low is not None and _empty(other_low, high):
        return f"it is {high.told}, and {other_low.told}"
    if first.like and second.like and not _converts(first.like, second.like):
        return f"it is like `{second.like}`, and like `{first.like}`"
    if first.length is not None and second.length is not None:
        ends = [one.most for one in (first.length, second.length) if one.most is not None]
        if ends and max(first.length.least, second.length.least) > min(ends):
            return f"its length is {_count(second.length)}, and {_count(first.length)}"
    ours, theirs = second.items, first.items
    if ours is not None and theirs is not None and len(ours) != len(theirs):
        return f"it has {_count_of(ours)}, and {len(theirs)}"
    for one, other in ((first, second), (second, first)):
        items, length = one.items, other.length
        if items is not None and length is not None and not _within(items, length):
            return f"it has {_count_of(items)}, and a length of {_count(length)}"
    return None


def _count_of(items: list[Constraint]) -> str:
    return "1 item" if len(items) == 1 else f"{len(items)} items"


def _within(items: list[Constraint], length: Count) -> bool:
    most = length.most is None or len(items) <= length.most
    return len(items) >= length.least and most


def _listed(values: list[Any]) -> str:
    told = ", ".join(f"`{shown(str(one))}`" for one in values[:3])
    return f"{told} and {len(values) - 3} more" if len(values) > 3 else told


def _allowed(one: Constraint) -> list[Any] | None:
    """The values that a constraint allows, where they can be listed; None otherwise."""
    if one.equals is not None:
        return [one.equals]
    for values in (one.fits, one.one_of):
        if values is not None:
            plain = not any(isinstance(each, str) and not is_plain(each) for each in values)
            return [*values, *one.formerly] if plain else None
    return None


def _fits(value: Any, one: Constraint) -> bool:
    """Whether a value may pass a constraint, as far as that can be told without a file."""
    return _refusing(value, one) == ""


def _refusing(value: Any, one: Constraint) -> str:
    """The keyword that refuses a value, or nothing."""
    for word, values in (("fits", one.fits), ("one_of", one.one_of)):
        if values is not None and not any(_may_be(value, each) for each in values):
            return word
    if one.equals is not None and not _agree(value, one.equals):
        return "equals"
    refused = _allowed(one.not_) if one.not_ is not None else None
    if refused and any(_same(value, each) for each in refused):
        return "not"
    if isinstance(value, str) and len(value) <= _MOST_MATCHED:
        if one.pattern is not None and not re.fullmatch(one.pattern, value):
            return "pattern"
        if one.like is not None and not _converts(value, one.like):
            return "like"
    number = _number(value)
    if number is not None:
        limit = _Limit("", *number, False, "")
        low, high = _range(one)
        if low is not None and low.unit == limit.unit and _empty(low, limit):
            return low.word
        if high is not None and high.unit == limit.unit and _empty(limit, high):
            return high.word
    return ""


def _may_be(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and not is_plain(wanted):
        return not isinstance(value, str) or could_be(value, wanted)
    return _agree(value, wanted)


def _agree(value: Any, other: Any) -> bool:
    """Whether both may hold of one value: they are the same, or a type and a word for such."""
    if isinstance(value, str) and isinstance(other, str) and are_compatible(value, other):
        return True
    return _same(value, other)


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, bool) != isinstance(other, bool):
        return str(value).lower() == str(other).lower()
    if value == other:
        return True
    mine, its = _number(value), _number(other)
    return mine is not None and mine == its


class _Limit(NamedTuple):
    """The end of a range."""

    word: str
    value: float
    unit: str
    """What it is counted in; nothing for a bare number."""
    open: bool
    told: str


def _range(one: Constraint) -> tuple[_Limit | None, _Limit | None]:
    """The higher of the lower ends, and the lower of the upper ones."""
    lows = [_limit("min", one.min, False), _limit("above", one.above, True)]
    highs = [_limit("max", one.max, False), _limit("below", one.below, True)]
    low = max((each for each in lows if each), key=lambda each: each.value, default=None)
    high = min((each for each in highs if each), key=lambda each: each.value, default=None)
    return low, high


def _limit(word: str, value: Any, is_open: bool) -> _Limit | None:
    number = _number(value)
    if number is None:
        return None
    return _Limit(word, *number, is_open, f"{_IN_WORDS[word]} `{value}`")


_IN_WORDS = {"min": "at least", "above": "above", "max": "at most", "below": "below"}


def _empty(low: _Limit, high: _Limit) -> bool:
    if low.unit != high.unit:
        return bool(low.unit and high.unit)
    return low.value > high.value or (low.value == high.value and (low.open or high.open))


def _number(value: Any) -> tuple[float, str] | None:
    """A number, or a quantity in base units with what they measure."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value), ""
    found = _QUANTITY.fullmatch(value)
    if found is None or not found[2]:
        return None
    for base in ("s", "V", "A", "Hz", "m", "g", "K", "Ohm", "S", "F", "Pa", "l", "mol", "%"):
        if _converts(found[2], base):
            try:
                return float(found[1]) * Unit(found[2]).factor_to(base), base
            except ValueError:
                return None
    return None


def _converts(unit: str, other: str) -> bool:
    if "<" in unit or "<" in other:
        return True
    return Unit(unit).is_convertible_to(other)
