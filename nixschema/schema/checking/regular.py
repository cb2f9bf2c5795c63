"""Regular expressions of schemas, on texts of files: neither may make the other run away.

Expressions whose repetitions cannot multiply are left to Python. Others are followed state by
state, which takes time in proportion to text and expression.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

_PYTHON_LONGEST = 2000
_LONGEST = 20_000
_MOST_STATES = 20_000


class Unsupported(ValueError):
    """A regular expression that cannot be followed in bounded time."""


@lru_cache(maxsize=1024)
def regular(pattern: str) -> Regular:
    """A regular expression, ready to be compared with whole texts.

    Raises:
        Unsupported: it is none, or one that might run away.
    """
    return Regular(pattern)


class Regular:
    """A regular expression on the whole text."""

    def __init__(self, pattern: str) -> None:
        """Take it apart.

        Raises:
            Unsupported: it is none, or one that might run away.
        """
        try:
            self._python = re.compile(pattern)
            parsed: Any = import_module("re._parser").parse(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise Unsupported(f"`{pattern}` is no regular expression: {error}") from None
        self._machine: _Machine | None = None
        self._repeats = 0
        self._safe = self._is_tame(parsed, 0) and self._repeats <= 2
        if not self._safe:
            self._machine = _Machine(parsed, bool(parsed.state.flags & re.IGNORECASE))

    def fits(self, text: str) -> bool:
        """Whether the whole text fits; one of more than 20,000 letters does not."""
        if len(text) > (_PYTHON_LONGEST if self._safe and self._repeats > 1 else _LONGEST):
            return False
        if self._machine is None:
            return self._python.fullmatch(text) is not None
        return self._machine.fits(text)

    def _is_tame(self, items: Any, depth: int) -> bool:
        for kind, value in items:
            name = str(kind)
            if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                low, high, body = value
                if high - low > 1:
                    self._repeats += 1
                if depth or (high > 1 and any(str(one) == "BRANCH" for one, _ in body)):
                    return False
                if not self._is_tame(body, depth + (high > 1)):
                    return False
            elif name == "BRANCH":
                if depth or not all(self._is_tame(one, depth) for one in value[1]):
                    return False
            elif name == "SUBPATTERN":
                if not self._is_tame(value[-1], depth):
                    return False
            elif name in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
                continue
            else:
                return False
        return True


class _Machine:
    """States that are followed all at once; an edge without letters costs nothing."""

    def __init__(self, parsed: Any, ignore_case: bool) -> None:
        self._edges: list[list[tuple[re.Pattern[str] | None, int]]] = [[]]
        self._flags = re.IGNORECASE if ignore_case else 0
        self._last = self._add(parsed, 0)

    def fits(self, text: str) -> bool:
        if len(text) * len(self._edges) > 4_000_000:
            return False
        states = self._closed({0})
        for letter in text:
            states = self._closed(
                {
                    target
                    for state in states
                    for accepts, target in self._edges[state]
                    if accepts is not None and accepts.match(letter)
                }
            )
            if not states:
                return False
        return self._last in states

    def _closed(self, states: set[int]) -> set[int]:
        stack = list(states)
        while stack:
            for accepts, target in self._edges[stack.pop()]:
                if accepts is None and target not in states:
                    states.add(target)
                    stack.append(target)
        return states

    def _new(self) -> int:
        if len(self._edges) >= _MOST_STATES:
            raise Unsupported("the regular expression is too large")
        self._edges.append([])
        return len(self._edges) - 1

    def _add(self, items: Any, start: int) -> int:
        here = start
        for kind, value in items:
            here = self._one(str(kind), value, here)
        return here

    def _one(self, name: str, value: Any, start: int) -> int:
        if name in ("LITERAL", "NOT_LITERAL"):
            spelt = re.escape(chr(value))
            return self._letter(spelt if name == "LITERAL" else f"[^{spelt}]", start)
        if name == "ANY":
            return self._letter(".", start)
        if name == "IN":
            return self._letter(_set_text(value), start)
        if name == "SUBPATTERN":
            return self._add(value[-1], start)
        if name == "BRANCH":
            end = self._new()
            for one in value[1]:
                self._edges[self._add(one, start)].append((None, end))
            return end
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, body = value
            return self._repeat(low, high, body, start)
        if name == "AT" and str(value) in ("AT_BEGINNING_STRING", "AT_END_STRING"):
            return start
        raise Unsupported(
            "the regular expression has parts that cannot be followed in bounded time: "
            "look-arounds, back references or borders inside repetitions"
        )

    def _repeat(self, low: int, high: int, body: Any, start: int) -> int:
        here = start
        for _ in range(low):
            here = self._add(body, here)
        if high > _MOST_STATES:
            loop = self._new()
            self._edges[here].append((None, loop))
            self._edges[self._add(body, loop)].append((None, loop))
            return loop
        end = self._new()
        self._edges[here].append((None, end))
        for _ in range(high - low):
            here = self._add(body, here)
            self._edges[here].append((None, end))
        return end

    def _letter(self, spelt: str, start: int) -> int:
        end = self._new()
        self._edges[start].append((re.compile(spelt, self._flags), end))
        return end


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _set_text(items: Any) -> str:
    parts = []
    for kind, value in items:
        match str(kind):
            case "NEGATE":
                parts.append("^")
            case "LITERAL":
                parts.append(re.escape(chr(value)))
            case "RANGE":
                parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
            case _:
                parts.append(_CATEGORIES[str(value)])
    return f"[{''.join(parts)}]"
