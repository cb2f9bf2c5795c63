"""Words that differ from others by one letter, as misspelt ones do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LONGEST = 100
"""Longer words are not compared."""

_MOST = 5_000
"""So many words are remembered."""

_SHORTEST = 5
"""Parts of fewer letters are short names that merely differ: ``our.on`` and ``our.off``."""

_PARTS = re.compile(r"[._ -]")
_DIGITS = re.compile(r"\d+")


class Near:
    """Words, found by what has one letter too many, too few, another, or two in the wrong order."""

    def __init__(self, words: Iterable[str]) -> None:
        """Remember them."""
        self._words: dict[str, str] = {}
        for number, word in enumerate(words):
            if number >= _MOST:
                break
            if len(word) <= _LONGEST:
                for one in _without_one(word):
                    self._words.setdefault(one, word)

    def of(self, text: str) -> str | None:
        """The word that a text is but for one letter; None where there is none."""
        if len(text) > _LONGEST:
            return None
        for one in _without_one(text):
            word = self._words.get(one)
            if word is not None and _is_misspelt(text, word):
                return word
        return None


def _without_one(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _is_misspelt(text: str, word: str) -> bool:
    """Whether two words differ in one part alone, by a letter, and not by a number."""
    if _DIGITS.sub("0", text) == _DIGITS.sub("0", word):
        return False
    mine, its = _PARTS.split(text), _PARTS.split(word)
    if len(mine) != len(its):
        return False
    pairs = [(one, two) for one, two in zip(mine, its, strict=True) if one != two]
    return len(pairs) == 1 and min(map(len, pairs[0])) >= _SHORTEST and _one_apart(*pairs[0])


def _one_apart(one: str, two: str) -> bool:
    if len(one) > len(two):
        one, two = two, one
    start = next((n for n in range(len(one)) if one[n] != two[n]), len(one))
    if len(one) < len(two):
        return one[start:] == two[start + 1 :]
    if one[start + 1 :] == two[start + 1 :]:
        return True
    swapped = one[start : start + 2][::-1]
    return swapped == two[start : start + 2] and one[start + 2 :] == two[start + 2 :]
