"""Bytes -> text: UTF-8 without control characters."""

from __future__ import annotations

import re
from itertools import islice

from nixschema.text.nodes import TextProblem

_BOM = b"\xef\xbb\xbf"
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_ALLOWED_ASCII = bytes([9, 10, 13, *range(32, 127)])
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_REPLACEMENT = "\ufffd"
_MOST = 1000
"""Of more forbidden characters the text is none."""
_OTHERS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_AS_UTF8 = "save the file as UTF-8"


def decoded(data: bytes) -> tuple[str | None, list[TextProblem]]:
    """The text of some bytes, without a byte order mark, and what is wrong with it.

    What is not allowed is replaced, so that places stay and the rest can be read. There is no
    text where the bytes are none: another encoding, or binary data.
    """
    data = data.removeprefix(_BOM)
    if found := _other_encoding(data):
        return None, [_problem(found, _AS_UTF8, 1, 1)]
    if data.isascii() and not data.translate(None, _ALLOWED_ASCII):
        return data.decode("ascii"), []
    text, problems = _from_utf8(data)
    wrong = [one.start() for one in islice(_FORBIDDEN.finditer(text), _MOST + 1)]
    if not wrong:
        return text, problems
    problems.append(_control_characters(text, wrong))
    if len(wrong) > _MOST or "\0" in text:
        return None, problems
    return _FORBIDDEN.sub(_REPLACEMENT, text), problems


def place_of(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character."""
    line, start = 1, 0
    for one in _BREAK.finditer(text, 0, index):
        line, start = line + 1, one.end()
    return line, index - start + 1


def _from_utf8(data: bytes) -> tuple[str, list[TextProblem]]:
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        before = data[: error.start].decode("utf-8")
        wrong = data[error.start]
        sentence = f"the byte 0x{wrong:02X} is not UTF-8"
        guess = bytes([wrong]).decode("latin-1")
        help = (
            f"{_AS_UTF8} (in Latin-1 this byte is `{guess}`)" if guess.isprintable() else _AS_UTF8
        )
        return text, [_problem(sentence, help, *place_of(before, len(before)))]


def _other_encoding(data: bytes) -> str | None:
    for mark, name in _OTHERS:
        if data.startswith(mark):
            return f"the text is {name}, expected UTF-8"
    start = data[:64]
    for zeros, rest in ((start[::2], start[1::2]), (start[1::2], start[::2])):
        if len(zeros) > 1 and not any(zeros) and all(rest):
            return "the text is UTF-16, expected UTF-8"
    return None


def _control_characters(text: str, wrong: list[int]) -> TextProblem:
    name = f"U+{ord(text[wrong[0]]):04X}"
    more = f", and {len(wrong) - 1:,} more in the text" if len(wrong) > 1 else ""
    if len(wrong) > _MOST:
        more = f", and more than {_MOST - 1:,} more in the text"
    return _problem(
        f"the character `{name}` is not allowed in text{more}",
        'take it away, or write it as an escape between double quotes, such as `"\\x01"`',
        *place_of(text, wrong[0]),
    )


def _problem(message: str, help: str, line: int, column: int) -> TextProblem:
    return TextProblem("NIX041", message, help, line, column)
