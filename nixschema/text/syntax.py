"""Errors of a YAML parser in the words of those who write the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from yaml.error import MarkedYAMLError

from nixschema.text.nodes import TextProblem

_MISSING_SPACE = re.compile(r"""\s*(?:- +)*([^\s:"'#\[\]{},][^:"'#\[\]{},]*):([^\s:/][^:]*)$""")
_KEY = re.compile(r"\s*(?:- +)*(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#\[{\"'][^#]*?)\s*:(?:\s|$)")
_SHOWN = 40
_KEY_LENGTH = 1024
_SEEN = 1000
"""So much of a line, and so many lines above, are looked at."""


@dataclass(frozen=True, slots=True)
class _Error:
    """A parser's error, with the text around."""

    problem: str
    context: str
    line: int
    """From 1, where the parser stopped."""
    column: int
    began: tuple[int, int]
    """Line and column where what it was reading began, or where it stopped."""
    lines: list[str]
    last: Any
    """The event before, where it is a scalar."""
    inside: tuple[int, int] | None = None
    """Line and column of the collection that was being read."""

    @property
    def here(self) -> str:
        """The line where it stopped, around the place."""
        return self.at(self.line)

    @property
    def character(self) -> str:
        line = self.lines[self.line - 1] if self.line <= len(self.lines) else ""
        return line[self.column - 1 : self.column]

    @property
    def before(self) -> str:
        """The line up to there."""
        return self.here[: self.column - 1]

    @property
    def begins_line(self) -> bool:
        return not self.before.strip(" ")

    def at(self, line: int) -> str:
        """A line, without its end where it is a long one."""
        return self.lines[line - 1][:_SEEN] if 0 < line <= len(self.lines) else ""

    def above(self, line: int) -> int:
        """The next line above that says something, or 0."""
        for number in range(line - 1, max(line - _SEEN, 0), -1):
            if self.at(number).strip() and not self.at(number).lstrip().startswith("#"):
                return number
        return 0


_Told: TypeAlias = tuple[str, str | None, int, int]
"""Message, help, line, column."""


def syntax_problem(
    error: MarkedYAMLError, text: str, last: Any = None, inside: tuple[int, int] | None = None
) -> TextProblem:
    """What is wrong, where, and what to do.

    Args:
        error: what the parser raised.
        text: the whole text.
        last: the event before, where it is a scalar.
        inside: line and column of the collection that was being read.
    """
    mark = error.problem_mark or error.context_mark or getattr(last, "end_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    start = error.context_mark
    began = (start.line + 1, start.column + 1) if start else (line, column)
    problem, context = str(error.problem or ""), str(error.context or "")
    known = _Error(problem, context, line, column, began, text.splitlines(), last, inside)
    told = next(
        (
            answer
            for pattern, tell in _TELLERS
            if pattern.search(f"{context}: {problem}") and (answer := tell(known)) is not None
        ),
        None,
    )
    message, help, line, column = told or _otherwise(known)
    message, help = _printable(message), help and _printable(help)
    rule = "NIX042"
    if "tag handle" in problem:
        rule = "NIX044"
    elif "nesting" in problem or "depth" in problem:
        rule = "NIX045"
    return TextProblem(rule, message, help, line, column)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def _otherwise(error: _Error) -> _Told:
    said = " ".join(error.problem.split()) or "it cannot be read"
    return f"the text is no YAML: {said}", None, error.line, error.column


def _unexpected_character(error: _Error) -> _Told | None:
    where = error.line, error.column
    character = error.character
    if character == "\t":
        return _tab(error)
    if character not in ("%", "@", "`"):
        return None
    return (
        f"a text begins with `{character}`"
        if character != "`"
        else "a text begins with a backtick",
        f"put it between quotes{_example(error)}",
        *where,
    )


def _tab(error: _Error) -> _Told:
    line = error.here
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent and not line[: error.column - 1].strip():
        column = indent.index("\t") + 1
        return "the line is indented with a tab", "indent with spaces", error.line, column
    return "a tab stands where a space is expected", "write a space", error.line, error.column


def _example(error: _Error) -> str:
    """The text at the error between quotes, where that is safe to tell."""
    value = _value(error.here[error.column - 1 :])
    key = error.before.strip()
    if key.startswith(("{", "[", "- {", "- [")) or re.search(r":\s+[\[{]", key):
        value = re.split(r"[,\]}]", value, maxsplit=1)[0].rstrip()
        key = re.split(r"[,\[{]", key)[-1].strip()
    if (
        not value.isprintable()
        or not value
        or len(value) + len(key) > _SHOWN
        or re.search(r"[\[\]{},\"\\`]", key + value)
    ):
        return ""
    return f': `{key} "{value}"`' if key else f': `"{value}"`'


def _value(text: str) -> str:
    """The rest of a line without its comment."""
    return text.split(" #", 1)[0].strip()


def _reference(error: _Error) -> _Told:
    line, column = error.began
    sign = error.at(line)[column - 1 : column] or "*"
    what = {"*": "a text begins with `*`", "&": "a text begins with `&`"}.get(sign)
    at_sign = _Error("", "", line, column, (line, column), error.lines, None)
    return (
        what or "a name is expected here",
        f"put it between quotes{_example(at_sign)}",
        line,
        column,
    )


def _tag(error: _Error) -> _Told:
    line, column = error.began
    return (
        "`!` begins a tag, expected a value without one",
        "take it away; put a text that begins with `!` between quotes",
        line,
        column,
    )


def _second_colon(error: _Error) -> _Told | None:
    """A colon where no key can be."""
    if missing := _missing_space(error, error.above(error.line)):
        return missing
    if error.column > _KEY_LENGTH and not _KEY.match(error.here):
        return _long_key(error.line, _indent(error.here) + 1)
    key = _KEY.match(error.before)
    if key is not None and error.before[key.end() :].strip():
        name = key[0].strip().removesuffix(":").strip()
        value = _value(error.here[key.end() :])
        example = ""
        if len(name) + len(value) <= _SHOWN and not re.search(r"[`\"\\]", name + value):
            example = f': `{name}: "{value}"`'
        return (
            "a second `: ` stands in the value of a key",
            f"quote the value{example}, or put keys below it into other lines",
            error.line,
            error.column,
        )
    if key is not None or not error.before.strip():
        return (
            "a text begins with `: `",
            "write one colon only, or put the text between quotes",
            error.line,
            error.column,
        )
    above = error.above(error.line)
    if not above:
        return None
    if not _KEY.match(error.at(above)):
        return _lacks_colon(error, above)
    return _deeper(error, above)


def _deeper(error: _Error, above: int) -> _Told:
    mine, others = _indent(error.here), _indent(error.at(above))
    if mine > others:
        item = re.match(r"\s*((?:- +)+)", error.at(above))
        expected = others + (len(item[1]) if item else 0)
        return (
            f"the line is indented by {_spaces(mine)}, and line {above:,} above it has a value "
            "already",
            f"{_indent_by([expected])} like the key above, or take the value there away",
            error.line,
            mine + 1,
        )
    return (
        "a key stands where none is expected",
        "look for a quote or bracket that is not closed in the lines above",
        error.line,
        mine + 1,
    )


def _lacks_colon(error: _Error, line: int) -> _Told:
    given = error.at(line)
    column = _indent(given) + 1
    text = _shown(given.strip().removeprefix("- ").strip())
    return (
        f"`{text}` stands where a key is expected, and has no colon",
        "write `key: value`; text that goes on in another line is indented deeper than its key",
        line,
        column,
    )


def _missing_space(error: _Error, line: int) -> _Told | None:
    given = error.at(line)
    if not line or _KEY.match(given):
        return None
    found = _MISSING_SPACE.match(given.rstrip())
    if found is None:
        return None
    name, value = _shown(found[1]), _shown(found[2])
    return (
        f"a space is missing after the colon of `{name}:{value}`",
        f"write `{name}: {value}`",
        line,
        found.end(1) + 1,
    )


def _no_colon(error: _Error) -> _Told:
    line, column = error.began
    given = error.at(line)
    if missing := _missing_space(error, line):
        return missing
    if (error.line == line and error.column - column > _KEY_LENGTH) or len(given) > _KEY_LENGTH:
        return _long_key(line, column)
    if given[column - 1 : column] in ('"', "'"):
        return _open_quote(error) if error.line != line else _lacks_colon(error, line)
    return _lacks_colon(error, line)


def _long_key(line: int, column: int) -> _Told:
    return (
        f"a key is longer than {_KEY_LENGTH:,} characters, or lacks its colon",
        "write `? ` before a long key, and the colon in the next line",
        line,
        column,
    )


def _no_key(error: _Error) -> _Told | None:
    """Something in a block mapping or list that is no part of it."""
    where = error.line, error.column
    if error.character in ("]", "}"):
        return f"`{error.character}` closes nothing", "take it away, or open a bracket", *where
    if not error.begins_line:
        return _after_value(error)
    if missing := _missing_space(error, error.above(error.line)):
        return missing
    if error.character == ":":
        return "a key is missing", "write a key before the colon", *where
    dash = re.match(r"-(\s|$)", error.here[error.column - 1 :])
    if error.column == error.began[1]:
        if dash:
            return (
                f"a list item (`- `) stands among the keys that begin in line {error.began[0]:,}",
                "indent the list deeper than the key that it belongs to",
                *where,
            )
        return (
            f"a key stands among the list items (`- `) that begin in line {error.began[0]:,}",
            "indent it deeper than the item that it belongs to, or take it out of the list",
            *where,
        )
    fitting = _fitting(error)
    what = "the list item" if dash else "the line"
    above = error.above(error.line)
    if error.column - 1 in fitting and above and not _KEY.match(error.at(above)):
        return _lacks_colon(error, above)
    return (
        f"{what} is indented by {_spaces(error.column - 1)}, which fits no line above",
        f"{_indent_by(fitting)}, like what it belongs to",
        *where,
    )


def _fitting(error: _Error) -> list[int]:
    """Indentations that a line could have: those of the collections around it."""
    found: set[int] = set()
    line, lowest = error.line, 1 << 30
    while lowest > 0 and (line := error.above(line)):
        given = error.at(line)
        indent = _indent(given)
        if indent < lowest:
            item = re.match(r"\s*((?:- +)+)(?=.*:(\s|$))", given)
            if item is not None and indent + len(item[1]) < lowest:
                found.add(indent + len(item[1]))
            lowest = indent
            found.add(indent)
            if len(found) > _LEVELS:
                break
    near = sorted(found, key=lambda one: (abs(one - error.column + 1), one))
    return sorted(near[:2]) or [0]


_LEVELS = 100


def _after_value(error: _Error) -> _Told | None:
    last = error.last
    if last is not None and last.style in ('"', "'") and last.end_mark.line == error.line - 1:
        quote = last.style
        if last.start_mark.line != last.end_mark.line:
            start = last.start_mark.line + 1, last.start_mark.column + 1
            return (
                f"the quote (`{quote}`) is closed in line {error.line:,} only, and text follows",
                "close it where its text ends",
                *start,
            )
        twice = "`''` stands for `'`" if quote == "'" else '`\\"` stands for `"`'
        return (
            f"text goes on after the closing quote (`{quote}`)",
            f"put all of it between quotes; between them {twice}",
            error.line,
            error.column,
        )
    if re.search(r"(^|\s)\*\S+\s+$", error.before):
        return (
            "text goes on after an alias (`*name`)",
            "put a text that begins with `*` between quotes",
            error.line,
            error.column,
        )
    return (
        "text goes on after the end of a value",
        "put a text with brackets, quotes or `&` at its beginning between quotes",
        error.line,
        error.column,
    )


def _in_brackets(error: _Error) -> _Told:
    """Something in brackets that is not separated, or brackets that are not closed."""
    line, column = error.began
    opening = error.at(line)[column - 1 : column]
    closing = "}" if opening == "{" else "]"
    ended = error.line > len(error.lines) or (
        error.line == len(error.lines) and not error.here[error.column - 1 :].strip()
    )
    if ended or (error.line > line and (error.character == ":" or _KEY.match(error.here))):
        return _not_closed(opening, line, column)
    if error.character in ("]", "}"):
        return (
            f"`{error.character}` closes what `{opening}` opens in line {line:,}",
            f"close it with `{closing}`",
            error.line,
            error.column,
        )
    where = "" if error.line == line else f" that begins in line {line:,}"
    inside = f"the list{where}" if opening == "[" else f"the mapping{where}"
    if error.character == ":":
        return (
            f"a second `: ` stands in an item of {inside}",
            "separate items with commas; put a text with `: ` in it between quotes",
            error.line,
            error.column,
        )
    return (
        f"`,` or `{closing}` is missing in {inside}",
        f"separate items with commas, and close it with `{closing}`",
        error.line,
        error.column,
    )


def _not_closed(opening: str, line: int, column: int) -> _Told:
    closing = "}" if opening == "{" else "]"
    return f"the `{opening}` is not closed", f"close it with `{closing}`", line, column


def _colon_in_brackets(error: _Error) -> _Told:
    return (
        "a colon within brackets has no space behind it",
        "write a space after the colon of a key, or put the text between quotes",
        error.line,
        error.column,
    )


def _open_quote(error: _Error) -> _Told:
    line, column = error.began
    quote = error.at(line)[column - 1 : column] or '"'
    return (
        f"the quote (`{quote}`) is not closed",
        f"close it with `{quote}` where its text ends",
        line,
        column,
    )


def _escape(error: _Error) -> _Told:
    column = error.here.rfind("\\", 0, error.column) + 1 or error.column
    sequence = error.here[column - 1 : column + 1]
    if "unknown" in error.problem:
        message = f"`{sequence}` is no escape"
    elif "hexadecimal" in error.problem or "hexdecimal" in error.problem:
        message = f"the escape `{sequence}` lacks digits"
    else:
        message = f"the escape `{sequence}` names no character"
    help = "write `\\\\` for a backslash, or put the text between single quotes (`'`)"
    return message, help, error.line, column


def _block(error: _Error) -> _Told | None:
    if "scalar" not in error.context:
        return None
    line, column = error.began
    sign = error.at(line)[column - 1 : column]
    return (
        f"text stands behind `{sign}`, which begins a block of lines",
        f"begin the block in the next line, or put a text that begins with `{sign}` between quotes",
        line,
        column,
    )


def _item_after_key(error: _Error) -> _Told:
    return (
        "a list item (`- `) stands in the line of its key",
        "begin the list in the next line, or write it as `[a, b]`",
        error.line,
        error.column,
    )


def _question(error: _Error) -> _Told:
    return (
        "a text begins with `? `",
        f"put it between quotes{_example(error)}",
        error.line,
        error.column,
    )


def _after_document(error: _Error) -> _Told | None:
    if error.character == "%":
        return _directive(error)
    if missing := _missing_space(error, error.above(error.line)):
        return missing
    return (
        "text stands behind the end of the document",
        "a document is one mapping: look at the indentation, and for a missing colon above",
        error.line,
        error.column,
    )


def _directive(error: _Error) -> _Told:
    return (
        "`%` at the beginning of a line begins a directive, and this is none that is known",
        "take the line away",
        error.line,
        1,
    )


def _other_version(error: _Error) -> _Told:
    help = "take the line that begins with `%YAML` away"
    return "the text is for another version of YAML", help, error.line, error.column


def _no_content(error: _Error) -> _Told | None:
    if not error.character:
        line, column = error.inside or (1, 1)
        opening = error.at(line)[column - 1 : column]
        if opening in ("[", "{"):
            return _not_closed(opening, line, column)
        line = error.above(len(error.lines) + 1) or 1
        return (
            "the text ends where a value is expected",
            "write a value, and close what is open: brackets and quotes",
            line,
            len(error.at(line).rstrip()) + 1,
        )
    if error.character == ":":
        return "a key is missing", "write a key before the colon", error.line, error.column
    if error.character in ("]", "}", ","):
        found = f"`{error.character}` stands"
    else:
        found = "something else stands"
    return f"{found} where a value is expected", "write a value", error.line, error.column


def _deep(error: _Error) -> _Told:
    return "too many levels are nested here", "nest less deeply", error.line, error.column


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indent_by(choices: list[int]) -> str:
    if choices == [0]:
        return "begin it in the first column"
    numbers = " or ".join(map(str, choices))
    return f"indent it by {numbers} {'space' if choices == [1] else 'spaces'}"


def _spaces(number: int) -> str:
    return "1 space" if number == 1 else f"{number:,} spaces"


def _shown(text: str) -> str:
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut.replace("`", "'"))


_TELLERS: list[tuple[re.Pattern[str], Callable[[_Error], _Told | None]]] = [
    (re.compile(pattern), tell)
    for pattern, tell in (
        ("scanning a directive", _directive),
        ("cannot start any token", _unexpected_character),
        ("tab character", _tab),
        ("alphabetic or numeric", _reference),
        ("values are not allowed", _second_colon),
        ("keys are not allowed", _question),
        ("entries are not allowed", _item_after_key),
        ("could not find expected ':'", _no_colon),
        (r"expected ',' or '[\]}]'", _in_brackets),
        ("unexpected (end of stream|document (indicator|separator))", _open_quote),
        ("unknown escape|hexa?decimal|Unicode character escape|chr\\(\\) arg", _escape),
        ("comment or (a )?line break|indentation indicator", _block),
        ("expected key|<block end>|'-' indicator", _no_key),
        ("document start", _after_document),
        ("unexpected ':'", _colon_in_brackets),
        ("directive", _directive),
        ("incompatible YAML", _other_version),
        ("node content", _no_content),
        ("nesting|depth", _deep),
        (r"\btag\b", _tag),
    )
]
