"""Text -> events of YAML, by libyaml where PyYAML has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import Any

import yaml
from yaml.events import ScalarEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

_SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)"
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U0000([0-9a-fA-F]{4})")
_STANDING_IN = (range(0xE000, 0xF900), range(0x3400, 0xA000), range(0xAC00, 0xD7A0))
"""Characters that may stand for surrogates: those for private use first."""


def events_of(text: str, *, libyaml: bool = True) -> Callable[[], Any]:
    """Gives the next event of a text each time; raises `yaml.YAMLError` where it is no YAML.

    Args:
        text: has no control characters.
        libyaml: whether it is used where PyYAML has it.
    """
    if "\\u" in text and _SURROGATES.search(text):
        return _with_surrogates(text, libyaml)
    return _parser(text, libyaml)


def _parser(text: str, libyaml: bool) -> Callable[[], Any]:
    if libyaml and yaml.__with_libyaml__:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]

        get: Callable[[], Any] = CParser(text.encode("utf-8")).get_event
        return get
    return _PlainParser(text).get_event


class _PlainParser(Reader, Scanner, Parser):
    """PyYAML's own parser, with spaces where libyaml has them."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_flow_scalar(self, style: Any) -> Any:
        """A text between quotes."""
        start = self.get_mark()
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError):
            problem = "found invalid Unicode character escape code"
            place = "while scanning a quoted scalar", start
            raise ScannerError(*place, problem, self.get_mark()) from None

    def scan_to_next_token(self) -> None:
        """Pass over spaces, line breaks and comments, and over tabs that indent nothing."""
        while True:
            while self.peek() == " " or (
                self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)
            ):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in "\0\r\n\x85\u2028\u2029":
                    self.forward()
            if not self.scan_line_break():  # type: ignore[no-untyped-call]
                return
            if not self.flow_level:
                self.allow_simple_key = True


def _with_surrogates(text: str, libyaml: bool) -> Callable[[], Any]:
    """Events of a text with escapes of surrogates, which libyaml refuses.

    JSON writes what lies beyond 16 bits as two of them. Each escape is written as that of another
    character, as long as the first, and put back in the events: places stay as they are.
    """
    used = set(text) | {chr(int(a or b, 16)) for a, b in _ESCAPE.findall(text)}
    free = (chr(code) for code in chain(*_STANDING_IN) if chr(code) not in used)
    spelled: dict[str, str] = {}
    means: dict[int, str] = {}

    def stand_in(escape: str, character: str) -> str:
        other = next(free, None)
        if other is None:
            return escape
        means[ord(other)] = character
        new = f"\\u{ord(other):04X}"
        spelled[new] = escape
        return new

    known: dict[str, str] = {}

    def replaced(match: re.Match[str]) -> str:
        before, escapes = match.groups()
        if escapes not in known:
            first, second = escapes[:6], escapes[6:]
            codes = b"".join(int(one[2:], 16).to_bytes(2, "big") for one in (first, second) if one)
            character = codes.decode("utf-16-be", "surrogatepass")
            known[escapes] = stand_in(first, character) + (second and stand_in(second, ""))
        return before + known[escapes]

    get = _parser(_SURROGATES.sub(replaced, text), libyaml)
    new_escape = re.compile(r"\\u[0-9A-F]{4}")

    def next_event() -> Any:
        event = get()
        if event.__class__ is ScalarEvent:
            if event.style == '"':
                event.value = event.value.translate(means)
            else:
                event.value = new_escape.sub(
                    lambda match: spelled.get(match[0], match[0]), event.value
                )
        return event

    return next_event
