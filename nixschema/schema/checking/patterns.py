"""Texts with wildcards and blanks in them: ``trace-*``, ``<signal>.<channel:number>``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nixschema.schema.blanks import BLANK
from nixschema.schema.checking.quantities import quantity
from nixschema.schema.checking.scope import Scope

LONGEST = 4096
"""Texts that are longer fit no pattern with wildcards or blanks."""

_TOKEN = re.compile(BLANK.pattern + "|([*?])")
_SEPARATORS = re.compile(r"([._/ -])[._/ -]+")


class Blank(NamedTuple):
    """A blank in a pattern."""

    name: str
    kind: str
    """``number``, ``text`` or nothing."""


class _Wild(NamedTuple):
    mark: str


_Token = str | Blank | _Wild


class Pattern:
    """A text with wildcards and blanks, ready to be compared with others."""

    __slots__ = ("_regular", "_tokens", "blanks", "literal", "sole", "text")

    def __init__(self, text: str) -> None:
        """Take it apart."""
        self.text = text
        tokens: list[_Token] = []
        position = 0
        for match in _TOKEN.finditer(text):
            if match.start() > position:
                tokens.append(text[position : match.start()])
            name, kind, mark = match.groups()
            tokens.append(Blank(name, kind or "") if name else _Wild(mark))
            position = match.end()
        if position < len(text):
            tokens.append(text[position:])
        self._tokens = tokens
        self.blanks = tuple(dict.fromkeys(one for one in tokens if isinstance(one, Blank)))
        """The blanks in it, each once."""
        self.literal = text if all(isinstance(one, str) for one in tokens) else None
        """The text itself, where there are neither wildcards nor blanks in it."""
        first = tokens[0] if tokens else None
        self.sole = first if len(tokens) == 1 and isinstance(first, Blank) else None
        """The blank, where it is nothing else."""
        self._regular = None if self.literal is not None else _compiled(tuple(tokens))

    @property
    def fixed(self) -> str:
        """The text without wildcards and blanks, for ids."""
        bare = "".join(one for one in self._tokens if isinstance(one, str))
        return _SEPARATORS.sub(r"\1", bare).strip("._/ -") if self._regular else self.text

    def fits(self, text: str, scope: Scope, where: str) -> bool:
        """Whether a text fits; then it fills the blanks that are open.

        Args:
            text: the text.
            scope: where the blanks are.
            where: the field that the text is of, as seen from the clause.
        """
        if self.literal is not None:
            return text == self.literal
        assert self._regular is not None
        if len(text) > LONGEST:
            return False
        if not self.blanks:
            return self._regular.fullmatch(text) is not None
        known = {one.name: filled for one in self.blanks if (filled := scope.get(one.name))}
        regular = self._regular
        if known:
            tokens = tuple(
                _spelt(known[one.name].content)
                if isinstance(one, Blank) and one.name in known
                else one
                for one in self._tokens
            )
            if all(isinstance(one, str) for one in tokens):
                return text == "".join(one for one in tokens if isinstance(one, str))
            regular = _compiled(tokens)
        match = regular.fullmatch(text)
        if match is None:
            return False
        for one in self.blanks:
            if one.name not in known:
                found = match[_group(one)]
                read = quantity(found) if one.kind == "number" else None
                scope.fill(one.name, found if read is None else read[0], None, where)
        return True

    def expected(self, scope: Scope) -> str:
        """The text with what fills its blanks."""
        parts = []
        for one in self._tokens:
            if isinstance(one, Blank):
                filled = scope.get(one.name)
                parts.append(f"<{one.name}>" if filled is None else _spelt(filled.content))
            else:
                parts.append(one if isinstance(one, str) else one.mark)
        return "".join(parts)

    def is_open(self, scope: Scope) -> bool:
        """Whether more than one text may fit: a wildcard, or a blank that nothing fills yet."""
        return any(
            scope.get(one.name) is None if isinstance(one, Blank) else isinstance(one, _Wild)
            for one in self._tokens
        )

    def bare_fits(self, text: str) -> bool:
        """Whether a text fits, whatever fills the blanks."""
        if self.literal is not None:
            return text == self.literal
        assert self._regular is not None
        start = self._tokens[0]
        if isinstance(start, str) and not text.startswith(start):
            return False
        return len(text) <= LONGEST and self._regular.fullmatch(text) is not None


def _spelt(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, float) and content.is_integer():
        return str(int(content)) if abs(content) < 1e15 else str(content)
    name = getattr(content, "name", None)
    return name if isinstance(name, str) else str(content)


def _group(blank: Blank) -> str:
    return "b" + "".join(
        letter if letter.isascii() and letter.isalnum() else f"_{ord(letter)}_"
        for letter in blank.name
    )


@lru_cache(maxsize=512)
def _compiled(tokens: tuple[_Token, ...]) -> re.Pattern[str]:
    """A regular expression that takes time in proportion to the text.

    Each blank takes as little as it can up to what follows; what it took is never tried again but
    for the last one. So nothing runs away, however many there are.
    """
    names = [one for one in tokens if isinstance(one, Blank)]
    repeats = len(names) != len(set(names))
    free = [
        number
        for number, one in enumerate(tokens)
        if isinstance(one, Blank | _Wild) and _is_free(one)
    ]
    parts: list[str] = []
    opened = False
    seen: set[str] = set()
    last = free[-1] if free else -1
    for number, one in enumerate(tokens):
        if isinstance(one, Blank | _Wild) and _is_free(one):
            if opened:
                parts.append(")")
            opened = number != last and not repeats
            if opened:
                parts.append("(?>")
        if isinstance(one, str):
            parts.append(re.escape(one))
        elif isinstance(one, _Wild):
            parts.append(".*?" if one.mark == "*" else ".")
        elif one.name in seen:
            parts.append(f"(?P={_group(one)})")
        else:
            seen.add(one.name)
            before = tokens[number - 1] if number else ""
            parts.append(f"(?P<{_group(one)}>{_body(one, before)})")
    if opened:
        parts.append(")")
    return re.compile("".join(parts), re.DOTALL)


def _is_free(one: Blank | _Wild) -> bool:
    return one.kind != "number" if isinstance(one, Blank) else one.mark == "*"


def _body(blank: Blank, before: _Token) -> str:
    if blank.kind != "number":
        return ".+?"
    after_dot = isinstance(before, str) and before.endswith(".")
    return r"[+-]?\d+" if after_dot else r"[+-]?\d+(?:\.\d+)?"
