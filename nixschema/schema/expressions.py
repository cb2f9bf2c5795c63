"""Regular expressions that are safe to try on any text: they take no endless time."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from typing import Any

LONGEST = 1000
"""Characters of an expression."""

_MANY = 32
"""A repetition of more is like one without end."""

_CHAINED = 2
"""So many repetitions may stand one behind the other that take the same characters."""


def wrong_expression(pattern: str) -> tuple[str, str | None] | None:
    """What is wrong with a regular expression, and what to do; None where it is sound."""
    if len(pattern) > LONGEST:
        message = f"a regular expression of {len(pattern):,} characters"
        return f"{message}; at most {LONGEST:,} are tried", "split it up by `any_of`"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
            tree = import_module("re._parser").parse(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        why = " ".join(str(error).split())
        return f"no regular expression: {why}", None
    slow = _slow(list(tree), inside=False, depth=0)
    if slow is not None:
        return f"{slow}, which may take endless time", "write it without"
    return None


_Node = Any


def _slow(items: list[_Node], *, inside: bool, depth: int) -> str | None:
    """Why a sequence may be slow, or None.

    Args:
        items: what is matched, one after the other.
        inside: whether that is repeated.
        depth: of nesting.
    """
    if depth > 50:
        return "groups are nested more than 50 deep"
    chain: list[frozenset[int]] = []
    for operation, value in items:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = value
            many = int(most) > _MANY
            if inside and int(least) < int(most) and not _told_apart(items, value):
                return "a repetition is repeated"
            if (int(most) > 1000 and int(most) != _without_end()) or int(least) > 1000:
                return "more than 1,000 repetitions are counted"
            found = _slow(list(body), inside=inside or many, depth=depth + 1)
            if found:
                return found
            if many:
                taken = _characters(list(body))
                chain = [one for one in chain if one & taken] + [taken]
                if len(chain) > _CHAINED:
                    return "several repetitions take the same characters"
            elif int(least) > 0:
                _broken_by(chain, _characters(list(body)))
        elif name == "BRANCH":
            branches = [list(one) for one in value[1]]
            if inside and _overlap([_first(one) for one in branches]):
                return "alternatives that begin alike are repeated"
            for one in branches:
                if found := _slow(one, inside=inside, depth=depth + 1):
                    return found
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            body = list(value[-1] if name == "SUBPATTERN" else value)
            if found := _slow(body, inside=inside, depth=depth + 1):
                return found
        elif name in ("GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"):
            return "it refers to a group, or looks ahead or back"
        elif name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            _broken_by(chain, _characters([(operation, value)]))
    return None


def _told_apart(items: list[_Node], repetition: _Node) -> bool:
    """Whether what must stand beside a repetition tells where it ends: ``_`` in ``(_[a-z]+)*``."""
    taken = _characters(list(repetition[2]))
    for operation, value in items:
        if value is repetition or str(operation) == "AT":
            continue
        is_repeat = "REPEAT" in str(operation)
        if is_repeat and int(value[0]) == 0:
            continue
        if not _characters([(operation, value)]) & taken:
            return True
    return False


def _broken_by(chain: list[frozenset[int]], characters: frozenset[int]) -> None:
    """Leave those repetitions that what must stand between does not end."""
    chain[:] = [one for one in chain if one & characters]


def _without_end() -> int:
    return int(import_module("re._constants").MAXREPEAT)


_BEYOND = 256

_ALL = frozenset(range(_BEYOND + 1))
"""Characters, all beyond the first 256 as one."""


def _characters(items: list[_Node]) -> frozenset[int]:
    """The characters that something may take."""
    found: set[int] = set()
    for operation, value in items:
        match str(operation):
            case "LITERAL":
                found.add(min(int(value), 256))
            case "NOT_LITERAL":
                found |= _ALL - ({int(value)} if int(value) < _BEYOND else set())
            case "IN":
                found |= _in_class(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                found |= _characters(list(value[2]))
            case "SUBPATTERN":
                found |= _characters(list(value[-1]))
            case "BRANCH":
                for one in value[1]:
                    found |= _characters(list(one))
            case "AT":
                pass
            case _:
                return _ALL
    return frozenset(found)


def _in_class(items: list[_Node]) -> set[int]:
    found: set[int] = set()
    negated = False
    for operation, value in items:
        match str(operation):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.add(min(int(value), 256))
            case "RANGE":
                found.update(range(min(value[0], 256), min(value[1], 256) + 1))
            case "CATEGORY":
                found |= _CATEGORIES.get(str(value), _ALL)
            case _:
                return set(_ALL)
    return set(_ALL) - (found - {256}) if negated else found


def _category(pattern: str, beyond: bool) -> frozenset[int]:
    within = {code for code in range(256) if re.fullmatch(pattern, chr(code))}
    return frozenset(within | {256} if beyond else within)


_CATEGORIES = {
    "CATEGORY_DIGIT": _category(r"\d", True),
    "CATEGORY_NOT_DIGIT": _category(r"\D", True),
    "CATEGORY_SPACE": _category(r"\s", True),
    "CATEGORY_NOT_SPACE": _category(r"\S", True),
    "CATEGORY_WORD": _category(r"\w", True),
    "CATEGORY_NOT_WORD": _category(r"\W", True),
}


def _first(items: list[_Node]) -> frozenset[int]:
    """The characters that something may begin with; all where it may be nothing."""
    for operation, value in items:
        name = str(operation)
        if name == "AT":
            continue
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and int(value[0]) == 0:
            return _ALL
        return _characters([(operation, value)])
    return _ALL


def _overlap(sets: list[frozenset[int]]) -> bool:
    seen: set[int] = set()
    for one in sets:
        if seen & one:
            return True
        seen |= one
    return False
