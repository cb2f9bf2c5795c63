"""Values that fulfil constraints, for drafts: texts, numbers, sizes; blanks are filled once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from nixschema.model.units import Unit
from nixschema.schema.blanks import BLANK, could_be, is_blank, is_plain
from nixschema.schema.checking.quantities import converted, quantity
from nixschema.schema.language import Constraint, Leaf

Scope = dict[str, Any]
"""What blanks are filled with, by their words."""

Asked = tuple[Constraint, Scope]
"""A constraint, and the blanks that it shares."""


def flattened(asked: Iterable[Asked]) -> list[Asked]:
    """Constraints with what they have in `all_of`, and with the first of their `any_of`."""
    found: list[Asked] = []
    stack = list(asked)[::-1]
    while stack:
        one, scope = stack.pop()
        found.append((one, scope))
        stack += [(part, scope) for part in reversed(one.all_of)]
        stack += [(part, scope) for part in one.any_of[:1]]
    return found


def word_of(blank: str) -> str:
    """The word of a blank with its brackets."""
    found = BLANK.search(blank)
    return found[1] if found is not None else blank


def expanded(text: str, scope: Scope) -> str:
    """A pattern as a text: blanks as they are filled, or filled with their words; no wildcards."""

    def fill(found: re.Match[str]) -> str:
        default = "0" if found[2] == "number" else found[1]
        return str(scope.setdefault(found[1], default))

    return BLANK.sub(fill, text).replace("*", "1").replace("?", "1")


def unify(pattern: str, text: str, scope: Scope) -> bool:
    """Fill the blanks of a pattern by a text that it stands for; False where it does not."""
    names: list[str] = []
    parts, at = [], 0
    for found in BLANK.finditer(pattern):
        parts.append(_wild(pattern[at : found.start()]))
        last = found.end() == len(pattern)
        if found[1] in scope and not isinstance(scope[found[1]], dict):
            parts.append(re.escape(str(scope[found[1]])))
        else:
            names.append(found[1])
            digits = found[2] == "number"
            parts.append(r"(\d{1,9})" if digits else "(.{1,400})" if last else "(.{1,400}?)")
        at = found.end()
    parts.append(_wild(pattern[at:]))
    if len(names) > 3 or len(text) > 400:
        return False
    match = re.fullmatch("".join(parts), text, re.DOTALL)
    if match is None:
        return False
    scope.update(zip(names, match.groups(), strict=True))
    return True


def _wild(text: str) -> str:
    return "".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in text)


# Texts


def text_for(asked: Sequence[Asked], default: str, known: Iterable[str] = ()) -> tuple[str, bool]:
    """A text that fulfils constraints, and whether it was invented.

    Args:
        asked: the constraints.
        default: what is taken where nothing is said.
        known: texts to try where a pattern is asked for.
    """
    every = flattened(asked)
    for text, invented in _candidates(every, default, known):
        if all(_may_be(text, one, scope) for one, scope in every):
            for one, scope in every:
                _fill(one, text, scope)
            return text, invented
    return default, True


def _candidates(
    every: Sequence[Asked], default: str, known: Iterable[str]
) -> Iterator[tuple[str, bool]]:
    leaves = [(leaf, scope) for one, scope in every for leaf in leaves_of(one)]
    for leaf, _ in leaves:
        if is_plain(str(leaf)):
            yield str(leaf), False
    for one, _ in every:
        if one.equals is not None:
            yield str(one.equals), False
    for leaf, scope in leaves:
        if is_blank(str(leaf)) and isinstance(scope.get(word_of(str(leaf))), str | int | float):
            yield str(scope[word_of(str(leaf))]), False
    patterns = [(str(leaf), scope) for leaf, scope in leaves if not is_plain(str(leaf))]
    for text in known:
        if patterns:
            yield text, False
    for pattern, scope in sorted(patterns, key=lambda one: is_blank(one[0])):
        yield expanded(pattern, dict(scope)), True
    for one, _ in every:
        if one.like is not None:
            yield one.like, False
        if one.pattern is not None and (sample := sample_of(one.pattern)) is not None:
            yield sample, True
    yield default, True
    yield "x", True


def leaves_of(one: Constraint) -> list[Leaf]:
    """What it may be by `fits` and `one_of`, without `any`."""
    return [leaf for leaf in (*(one.fits or ()), *(one.one_of or ())) if leaf != "any"]


def _may_be(text: str, one: Constraint, scope: Scope) -> bool:
    for values in (one.fits, one.one_of):
        if values is not None and not any(
            leaf == "any" or _is_like(text, leaf, scope) for leaf in values
        ):
            return False
    if one.equals is not None and str(one.equals) != text:
        return False
    if one.like is not None and not ("<" in one.like or Unit(text).is_convertible_to(one.like)):
        return False
    if one.pattern is not None and re.fullmatch(one.pattern, text[:400]) is None:
        return False
    return not (
        one.not_ is not None
        and (one.not_.fits or one.not_.one_of or one.not_.equals is not None or one.not_.pattern)
        and _may_be(text, one.not_, scope)
    )


def _is_like(text: str, leaf: Leaf, scope: Scope) -> bool:
    pattern = str(leaf)
    if is_plain(pattern):
        return pattern == text
    return could_be(text, pattern) and unify(pattern, text, dict(scope))


def _fill(one: Constraint, text: str, scope: Scope) -> None:
    for leaf in leaves_of(one):
        if not is_plain(str(leaf)) and unify(str(leaf), text, scope):
            return


def sample_of(pattern: str) -> str | None:
    """A short text that a regular expression fits, or None."""
    try:
        text = _sampled(list(import_module("re._parser").parse(pattern)))
    except (re.error, OverflowError, RecursionError, ValueError):
        return None
    return text if re.fullmatch(pattern, text) else None


def _sampled(items: list[Any]) -> str:
    text = ""
    for operation, value in items:
        match str(operation):
            case "LITERAL":
                text += chr(value)
            case "ANY":
                text += "x"
            case "IN":
                text += _one_of_class(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                text += _sampled(list(value[2])) * min(max(int(value[0]), 0), 50)
            case "SUBPATTERN":
                text += _sampled(list(value[-1]))
            case "BRANCH":
                text += _sampled(list(value[1][0]))
            case "NOT_LITERAL":
                text += "x" if value != ord("x") else "y"
    return text


def _one_of_class(items: list[Any]) -> str:
    if str(items[0][0]) == "NEGATE":
        taken = {chr(value) for operation, value in items if str(operation) == "LITERAL"}
        return next(one for one in "x1_ y-." if one not in taken)
    operation, value = items[0]
    match str(operation):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
    return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " "}.get(str(value), "x")


# Numbers


def number_for(
    asked: Sequence[Asked], unit: str | None, *, whole: bool = False, default: float = 1
) -> tuple[Any, bool]:
    """A number that fulfils constraints, and whether it was invented.

    Args:
        asked: the constraints.
        unit: the unit that it is in.
        whole: whether it is an integer.
        default: what is taken where it fits.
    """
    every = flattened(asked)
    low, high = -math.inf, math.inf
    fixed: list[Any] = []
    for one, scope in every:
        for leaf in (*leaves_of(one), *((one.equals,) if one.equals is not None else ())):
            number = _number(leaf, unit, scope)
            if number is not None:
                fixed.append(number)
        for word in ("min", "above"):
            end = _number(getattr(one, word), unit, scope)
            if end is not None:
                low = max(low, math.nextafter(end, math.inf) if word == "above" else end)
        for word in ("max", "below"):
            end = _number(getattr(one, word), unit, scope)
            if end is not None:
                high = min(high, math.nextafter(end, -math.inf) if word == "below" else end)
    if fixed:
        value, invented = fixed[0], False
    else:
        value, invented = _between(low, high, default, whole), True
    for one, scope in every:
        for leaf in leaves_of(one):
            if isinstance(leaf, str) and is_blank(leaf):
                scope.setdefault(word_of(leaf), (value, unit))
    return value, invented


def _number(leaf: Leaf | None, unit: str | None, scope: Scope) -> Any:
    if isinstance(leaf, bool) or leaf is None:
        return None
    if isinstance(leaf, int | float):
        return leaf
    if is_blank(leaf):
        filled = scope.get(word_of(leaf))
        if isinstance(filled, tuple) and len(filled) == 2:
            return converted(filled[0], filled[1], unit)
        return filled if isinstance(filled, int | float) else None
    read = quantity(leaf) if is_plain(leaf) else None
    return None if read is None else converted(read[0], read[1], unit)


def _between(low: float, high: float, default: float, whole: bool) -> float:
    if whole:
        value: float = int(default)
        least = math.ceil(low) if math.isfinite(low) else None
        most = math.floor(high) if math.isfinite(high) else None
        if least is not None and value < least:
            value = least
        if most is not None and value > most:
            value = most
        return value
    if low <= default <= high:
        return default
    if math.isfinite(low) and math.isfinite(high):
        middle = low + (high - low) / 2
        return float(f"{middle:.6g}") if low <= float(f"{middle:.6g}") <= high else middle
    if math.isfinite(low):
        return math.ceil(low) + 1
    if high <= 0:
        return math.floor(high) - 1
    rounded = float(f"{high:.6g}")
    return rounded if rounded <= high else high / 2


def size_for(asked: Sequence[Asked], default: int) -> int:
    """A length that fulfils constraints; blanks are filled with it."""
    every = flattened(asked)
    for one, scope in every:
        for leaf in leaves_of(one):
            text = str(leaf)
            if isinstance(leaf, int):
                default = leaf
            elif is_blank(text) and isinstance(scope.get(word_of(text)), int | str):
                filled = str(scope[word_of(text)])
                default = int(filled) if filled.isdigit() else default
        if isinstance(one.min, int):
            default = max(default, one.min)
        if isinstance(one.max, int):
            default = min(default, one.max)
    for one, scope in every:
        for leaf in leaves_of(one):
            if isinstance(leaf, str) and is_blank(leaf):
                scope[word_of(leaf)] = default
    return default
