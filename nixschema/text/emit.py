"""Plain trees -> YAML and JSON text that readers of YAML 1.1 and 1.2 understand alike.

Layout and quotes are our own: the emitters of PyYAML write no lone surrogates and escape what lies
beyond 16 bits, and quote only what their own version of YAML takes for something else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 100
"""Columns after which collections within brackets go on in another line."""

_STEP = "  "
_KEY_LENGTH = 500
"""Characters of a key that stands in one line with its value; readers give up at 1,024."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A list or dict that is written within brackets, and all that is in it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that is written as it is, without quotes: a fraction. JSON has it with quotes."""

    text: str


def yaml_text(tree: Any, head: Sequence[str] = ()) -> Iterator[str]:
    """A tree as YAML, line by line, each with its end.

    Args:
        tree: dicts with text as keys, lists, texts, numbers, booleans, None, `Flow` and `Plain`.
        head: lines of a comment that stand above it.

    Raises:
        TypeError: the tree holds something else.
    """
    for line in head:
        yield f"# {line}\n" if line else "#\n"
    if not _is_block(tree):
        yield from _scalar_lines("", tree, "")
        return
    stack: list[tuple[str, bool, Iterator[Any]]] = [_opened(tree, "")]
    begun = ""
    """What stands in the line already: the dashes of lists that begin in it."""
    while stack:
        indent, is_mapping, members = stack[-1]
        member = next(members, _END)
        if member is _END:
            stack.pop()
            continue
        start, begun = begun or indent, ""
        if is_mapping:
            key, value = member
            shown = _key(key)
            if len(shown) > _KEY_LENGTH:
                yield f"{start}? {shown}\n"
                start, shown = indent, ""
            start += f"{shown}:"
            if _is_block(value):
                yield f"{start}\n"
        else:
            value = member
            start += "-"
            if _is_block(value):
                begun = f"{start} "
        if _is_block(value):
            stack.append(_opened(value, indent + _STEP))
        else:
            yield from _scalar_lines(f"{start} ", value, indent)


def json_text(tree: Any) -> Iterator[str]:
    """A tree as JSON, line by line, each with its end.

    What is not finite is a text, as `number_of` reads it: ``".nan"``, ``".inf"``, ``"-.inf"``.
    Characters that YAML does not have are escapes.

    Raises:
        TypeError: the tree holds something else than `yaml_text` takes.
    """
    if not _is_block(tree):
        yield from _filled("", _flow_pieces(tree, _json_scalar, _json_key), "")
        return
    stack = [_opened(tree, _STEP)]
    yield "{\n" if isinstance(tree, dict) else "[\n"
    line = ""
    """The line before, which may need a comma."""
    while stack:
        indent, is_mapping, members = stack[-1]
        member = next(members, _END)
        if member is _END:
            stack.pop()
            if line:
                yield f"{line}\n"
            line = f"{indent[len(_STEP) :]}{'}' if is_mapping else ']'}"
            continue
        if line:
            yield f"{line},\n"
        start, value = indent, member
        if is_mapping:
            key, value = member
            start += _json_key(key)
        if _is_block(value):
            yield f"{start}{'{' if isinstance(value, dict) else '['}\n"
            stack.append(_opened(value, indent + _STEP))
            line = ""
        else:
            pieces = _flow_pieces(value, _json_scalar, _json_key)
            line = "".join(_filled(start, pieces, indent + _STEP)).removesuffix("\n")
    yield f"{line}\n"


_END: Any = object()


def _is_block(value: Any) -> bool:
    return isinstance(value, dict | list | tuple) and len(value) > 0


def _opened(value: Any, indent: str) -> tuple[str, bool, Iterator[Any]]:
    if isinstance(value, dict):
        return indent, True, iter(value.items())
    return indent, False, iter(value)


def _scalar_lines(start: str, value: Any, indent: str) -> Iterator[str]:
    """The lines of a value that is no block collection, behind what begins its line."""
    if isinstance(value, Flow | dict | list | tuple):
        yield from _filled(start, _flow_pieces(value, _flow_scalar, _flow_key), indent + _STEP)
    elif isinstance(value, str) and (header := _block_header(value)):
        yield f"{start}{header}\n"
        for line in value.split("\n")[: -1 if value.endswith("\n") else None]:
            yield f"{indent}{_STEP}{line}\n" if line else "\n"
    else:
        yield f"{start}{_scalar(value)}\n"


def _filled(start: str, pieces: Iterator[str], indent: str) -> Iterator[str]:
    """Pieces in as few lines as fit."""
    line = start
    fresh = True
    for piece in pieces:
        if fresh:
            line += piece
        elif len(line) + 1 + len(piece) > WIDTH:
            yield f"{line}\n"
            line = indent + piece
        else:
            line += f" {piece}"
        fresh = False
    yield f"{line}\n"


def _flow_pieces(tree: Any, scalar: Any, key_text: Any) -> Iterator[str]:
    """A tree within brackets, in pieces between which a line may end."""
    value = _bare(tree)
    if not isinstance(value, dict | list | tuple):
        yield scalar(value)
        return
    closing = {True: "}", False: "]"}
    stack = [_opened(value, "")]
    piece = "{" if isinstance(value, dict) else "["
    first = True
    while stack:
        _, is_mapping, members = stack[-1]
        member = next(members, _END)
        if member is _END:
            stack.pop()
            piece += closing[is_mapping]
            first = False
            continue
        if not first:
            yield f"{piece},"
            piece = ""
        if is_mapping:
            key, member = member
            piece += key_text(key)
        member = _bare(member)
        if isinstance(member, dict | list | tuple):
            stack.append(_opened(member, ""))
            piece += "{" if isinstance(member, dict) else "["
            first = True
        else:
            piece += scalar(member)
            first = False
    yield piece


def _bare(value: Any) -> Any:
    while isinstance(value, Flow):
        value = value.value
    return value


# Scalars of YAML


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value, flow=False)
    return _other(value)


def _flow_scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value, flow=True)
    return _other(value)


def _key(key: Any) -> str:
    return _text(_checked_key(key), flow=False)


def _flow_key(key: Any) -> str:
    shown = _text(_checked_key(key), flow=True)
    return f"{shown}: " if len(shown) <= _KEY_LENGTH else f"? {shown} : "


def _checked_key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is a text, not a {type(key).__name__}")
    return key


def _other(value: Any) -> str:
    """Anything but a text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Plain):
        return value.text
    raise TypeError(f"{type(value).__name__} has no form in YAML")


def _float(value: float) -> str:
    """The shortest text that is this float in YAML 1.1 and 1.2: with a dot and a sign."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, e, exponent = float.__repr__(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{e}{exponent}" if e else mantissa


_OTHERWISE_READ = re.compile(
    r"""[-+._0-9][0-9_.,:eE+-]*              # numbers, versions, dates, times, sexagesimal numbers
    |[-+]?0[xXoObB][0-9a-fA-F_]*
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt\s].*  # timestamps
    |[-+]?\.(?:inf|nan)
    |y|yes|n|no|true|false|on|off|null|~|=|<<""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
"""Whatever a reader of YAML 1.1 or 1.2 takes for something else than a text, and some more."""
_NO_BEGINNING = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NOT_PLAIN = re.compile(r":(?:\s|$)|\s#")
_NOT_PLAIN_IN_FLOW = re.compile(r"[,\[\]{}:?]|\s#")


def _text(text: str, *, flow: bool) -> str:
    text = str.__str__(text)
    if not text:
        return '""'
    if not text.isprintable():
        return _double_quoted(text)
    if (
        text[0] in _NO_BEGINNING
        or text[0] == " "
        or text[-1] == " "
        or text.startswith(("---", "..."))
        or (_NOT_PLAIN_IN_FLOW if flow else _NOT_PLAIN).search(text)
        or _OTHERWISE_READ.fullmatch(text)
    ):
        if "\\" in text or '"' in text:
            return "'" + text.replace("'", "''") + "'"
        return f'"{text}"'
    return text


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\0": "\\0",
}


def _double_quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if known := _ESCAPES.get(character):
        return known
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _block_header(text: str) -> str:
    """What begins a text that is written as a block of lines, or nothing where it is not exact."""
    if "\n" not in text or not text.strip("\n "):
        return ""
    lines = text.split("\n")
    if any(not line.isprintable() and not _printable_but_tabs(line) for line in lines):
        return ""
    if any(line and not line.strip(" \t") for line in lines):
        return ""
    first = next(line for line in lines if line)
    if first[0] in " \t":
        return ""
    if not text.endswith("\n"):
        return "|-"
    return "|" if lines[-2] else "|+"


def _printable_but_tabs(line: str) -> bool:
    return line.replace("\t", "").isprintable()


# Scalars of JSON


def _json_scalar(value: Any) -> str:
    if isinstance(value, str):
        return _json_quoted(str.__str__(value))
    if isinstance(value, Plain):
        return _json_quoted(value.text)
    if isinstance(value, float) and not math.isfinite(value):
        return f'"{_float(value)}"'
    return _other(value)


def _json_key(key: Any) -> str:
    return f"{_json_quoted(str.__str__(_checked_key(key)))}: "


def _json_quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_json_escaped, text)) + '"'


def _json_escaped(character: str) -> str:
    if known := _JSON_ESCAPES.get(character):
        return known
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04X}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}"


_JSON_ESCAPES = {**_ESCAPES, "\0": "\\u0000"}
