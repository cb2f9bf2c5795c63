"""The keys of a configuration: what each may hold, and what it says."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nixschema.findings import Level
from nixschema.settings.errors import SettingsError

READERS = ("nixio", "cpp", "neo")
DEPTHS = ("metadata", "full")
THRESHOLDS = (*map(str, Level), "never")
MISSING_CONTENT = (*map(str, Level), "skip")
LEVELS = tuple(map(str, Level))

_LONGEST = 100_000


class _Wrong(Exception):
    """A value of another kind: where in the key, and what was expected."""

    def __init__(self, expected: str, *steps: str, value: Any = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.steps = steps
        self.value = value


@dataclass(frozen=True, slots=True)
class Kind:
    """What values a key takes."""

    expected: str

    def parse(self, value: Any) -> Any:
        """The value as settings hold it."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The kind in JSON Schema."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Any text."""

    expected: str = "a text"

    def parse(self, value: Any) -> str:
        """The text."""
        if not isinstance(value, str) or not value or len(value) > _LONGEST or "\0" in value:
            raise _Wrong(self.expected, value=value)
        return value

    def schema(self) -> dict[str, Any]:
        """A string that is not empty."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class OneOf(Kind):
    """One of some words."""

    expected: str
    words: tuple[str, ...]

    def parse(self, value: Any) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.words:
            raise _Wrong(self.expected, value=value)
        return value

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.words)}


def one_of(words: tuple[str, ...], *, beside: str = "") -> OneOf:
    """One of some words, told so."""
    return OneOf(f"{listed(words)}{beside}", words)


@dataclass(frozen=True, slots=True)
class YesNo(Kind):
    """True or false."""

    expected: str = "`true` or `false`"

    def parse(self, value: Any) -> bool:
        """The truth value."""
        if not isinstance(value, bool):
            raise _Wrong(self.expected, value=value)
        return value

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Seconds(Kind):
    """A time."""

    expected: str = "a number of seconds, or 0 for no limit"

    def parse(self, value: Any) -> float:
        """The time in seconds."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e9:
            raise _Wrong(self.expected, value=value)
        return float(value)

    def schema(self) -> dict[str, Any]:
        """A number that is not negative."""
        return {"type": "number", "minimum": 0, "maximum": 1e9}


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """Several values of a kind."""

    expected: str
    inner: Kind

    def parse(self, value: Any) -> tuple[Any, ...]:
        """The values."""
        if not isinstance(value, list | tuple):
            raise _Wrong(self.expected, value=value)
        parsed: list[Any] = []
        for number, one in enumerate(value, start=1):
            try:
                parsed.append(self.inner.parse(one))
            except _Wrong as wrong:
                raise _Wrong(wrong.expected, str(number), *wrong.steps, value=wrong.value) from None
        return tuple(parsed)

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.inner.schema()}


@dataclass(frozen=True, slots=True)
class TableOf(Kind):
    """A table with keys of the user's and values of a kind."""

    expected: str
    inner: Kind

    def parse(self, value: Any) -> tuple[tuple[str, Any], ...]:
        """Keys and values."""
        if not isinstance(value, Mapping):
            raise _Wrong(self.expected, value=value)
        parsed: list[tuple[str, Any]] = []
        for name, one in value.items():
            try:
                parsed.append((name, self.inner.parse(one)))
            except _Wrong as wrong:
                raise _Wrong(wrong.expected, name, *wrong.steps, value=wrong.value) from None
        return tuple(parsed)

    def schema(self) -> dict[str, Any]:
        """An object."""
        return {"type": "object", "additionalProperties": self.inner.schema()}


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    kind: Kind
    says: str
    """What it says, in a sentence."""


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words in backticks: ```a`, `b` or `c```."""
    *most, end = [f"`{one}`" for one in words]
    return f"{', '.join(most)} {last} {end}" if most else end


_RULES = ListOf('a list of rules, such as `["NIX201", "NIX3"]`', Text("a rule, such as `NIX201`"))
_GLOBS = ListOf('a list of patterns of files, such as `["legacy/**"]`', Text("a pattern of files"))

_SCHEMAS = ListOf(
    'a list of schemas, such as `["neo", "our-lab.yaml"]`', Text("the name or path of a schema")
)

KEYS: dict[str, Key] = {
    "extend": Key(
        Text("the path of another configuration"),
        "Another configuration, as seen from this one's folder: what is not set here is taken "
        "from there.",
    ),
    "select": Key(_RULES, "The rules to apply; all but previews when it is not set."),
    "extend-select": Key(_RULES, "Rules to apply beside those, such as previews."),
    "ignore": Key(_RULES, "Findings that are not told, by rule and by place."),
    "extend-ignore": Key(_RULES, "Beside those of the configuration that is extended."),
    "per-file-ignores": Key(
        TableOf('a table such as `{ "legacy/**" = ["NIX012"] }`', _RULES),
        "Findings that are not told of some files: patterns of files, and what `ignore` takes.",
    ),
    "levels": Key(
        TableOf(
            'a table such as `{ NIX215 = "warning" }`',
            one_of(LEVELS, beside=" (`ignore` leaves findings out)"),
        ),
        "Other levels than the rules have by themselves; the longest pattern that fits is used.",
    ),
    "rules": Key(
        Text('a version of nixschema as a text, such as `"0.1"`'),
        "Version of nixschema whose rules are applied: later ones bring no new findings.",
    ),
    "preview": Key(YesNo(), "Whether rules in preview are applied too."),
    "depth": Key(
        one_of(DEPTHS), "With `metadata`, rules that read the values of arrays are left out."
    ),
    "readers": Key(
        ListOf(f"a list of {listed(READERS, 'and')}", one_of(READERS)),
        "Libraries that must be able to read the files.",
    ),
    "fail-on": Key(one_of(THRESHOLDS), "The command exits with 1 from findings of this level on."),
    "baseline": Key(Text("the path of a baseline"), "The baseline with accepted findings."),
    "terminology": Key(
        ListOf('a list of folders, such as `["terms"]`', Text("the path of a folder")),
        "Folders of odML terminologies and templates that odML files are compared with.",
    ),
    "schemas": Key(
        _SCHEMAS,
        "The labs' schemas that files are checked with: names of shipped ones, paths as seen from "
        "this configuration's folder, or `auto` for the shipped ones that recognise a file.",
    ),
    "per-file-schemas": Key(
        TableOf('a table such as `{ "legacy/**" = ["neo-legacy"] }`', _SCHEMAS),
        "Schemas of some files only: patterns of files, and what `schemas` takes.",
    ),
    "require-schema": Key(YesNo(), "Whether it is an error where no schema is about a file."),
    "include": Key(_GLOBS, "The files that are looked at in folders; all when it is not set."),
    "exclude": Key(_GLOBS, "Files and folders that are not looked at."),
    "extend-exclude": Key(_GLOBS, "Beside those of the configuration that is extended."),
    "timeout": Key(Seconds(), "Seconds that a file may take."),
    "missing-content": Key(
        one_of(MISSING_CONTENT),
        "How grave it is that a file's content is elsewhere (git-annex, git LFS); `skip` does not "
        "tell it.",
    ),
}


def parsed(table: Mapping[str, Any], file: str, prefix: str = "") -> dict[str, Any]:
    """The values of a configuration by their keys.

    Args:
        table: as TOML has it.
        file: how to call the configuration in messages.
        prefix: what stands before its keys in the file.

    Raises:
        SettingsError: a key is unknown, or its value is of another kind.
    """
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = KEYS.get(name)
        if key is None:
            near = difflib.get_close_matches(name[:100].replace("_", "-").lower(), KEYS, 1)
            hint = f": did you mean `{near[0]}`?" if near else ""
            raise SettingsError(file, prefix + shown(name), f"unknown key{hint}")
        try:
            values[name] = key.kind.parse(value)
        except _Wrong as wrong:
            place = ".".join(map(shown, (name, *wrong.steps)))
            reason = f"{_told(wrong.value)}, where {wrong.expected} was expected"
            raise SettingsError(file, prefix + place, reason) from None
    return values


def shown(name: str) -> str:
    """A key as TOML has it, no longer than a line."""
    text = clipped(name)
    return text if text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'


def clipped(text: str) -> str:
    """A text on one line, no longer than that."""
    from nixschema.model.display import printable

    return printable(text if len(text) <= 60 else f"{text[:60]}…")


def _told(value: Any) -> str:
    """A value in a message."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{clipped(value)}"`'
        case int() if abs(value) >= 10**18:
            return "a huge number"
        case int() | float():
            return f"`{value}`"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a table"
    return f"a {type(value).__name__}"


def settings_schema() -> dict[str, Any]:
    """JSON Schema of ``nixschema.toml``, and of ``[tool.nixschema]``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nixschema configuration",
        "type": "object",
        "properties": {
            name: {"description": key.says, **key.kind.schema()} for name, key in KEYS.items()
        },
        "additionalProperties": False,
    }
