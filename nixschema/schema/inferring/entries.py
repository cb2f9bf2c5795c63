"""Keywords with what stands at them and the evidence for it, and how they become YAML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nixschema.text.emit import Flow, yaml_text

_REFERRED = ("positions", "extents", "metadata")
_WIDTH = 100
_LONGEST = 160


@dataclass(slots=True)
class Entry:
    """What stands at a keyword or a name."""

    value: Any
    """Plain data, or entries."""
    comment: str = ""
    """The evidence."""


@dataclass(slots=True)
class Entries:
    """A mapping, in order."""

    items: dict[str, Entry] = field(default_factory=dict)

    def put(self, key: str, value: Any, comment: str = "") -> None:
        """Say something; what is empty says nothing."""
        if isinstance(value, Entries) and not value.items:
            return
        if value is not None:
            self.items[key] = Entry(value, comment)

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.items)


def plain(value: Any) -> Any:
    """Entries as plain data, without the evidence."""
    if isinstance(value, Entries):
        return {key: plain(one.value) for key, one in value.items.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def without(entries: Entries, known: Entries) -> Entries:
    """The entries that say something else than others do at the same place."""
    left = Entries()
    for key, one in entries.items.items():
        other = known.items.get(key)
        if key == "rank" and "shape" in known.items:
            continue
        if other is None or key in ("optional", "select"):
            left.items[key] = one
        elif isinstance(one.value, Entries) and isinstance(other.value, Entries):
            if key in ("properties", "sections", "columns", "sources", *_REFERRED):
                left.put(key, without(one.value, other.value), one.comment)
            elif plain(one.value) != plain(other.value):
                left.items[key] = one
        elif plain(one.value) != plain(other.value):
            left.items[key] = one
    return left


def text_of(entries: Entries, indent: str = "") -> Iterator[str]:
    """Entries as lines of YAML with the evidence as comments."""
    for key, one in entries.items.items():
        if isinstance(one.value, Entries) and _is_long(key, one.value, indent):
            start = "".join(yaml_text({key: 0})).rstrip()
            start = start.removesuffix(" 0")
            yield from _commented(f"{indent}{start}", one.comment, indent)
            yield from text_of(one.value, f"{indent}  ")
            continue
        value = plain(one.value)
        if isinstance(value, dict | list):
            value = Flow(value)
        lines = textwrap.indent("".join(yaml_text({key: value})), indent).splitlines()
        comment = one.comment
        if isinstance(one.value, Entries):
            comment = "; ".join(_told(comment, one.value))
        if len(lines) == 1:
            yield from _commented(lines[0], comment, indent)
        else:
            if comment:
                yield f"{indent}# {comment_text(comment)}\n"
            yield from (f"{line}\n" for line in lines)


def _told(comment: str, entries: Entries) -> Iterator[str]:
    if comment:
        yield comment
    for key, one in entries.items.items():
        if one.comment:
            yield f"{key} {one.comment}"


def _is_long(key: str, entries: Entries, indent: str) -> bool:
    """Whether entries stand in lines of their own."""
    items = entries.items.values()
    if any(isinstance(one.value, Entries) for one in items):
        return True
    if sum(bool(one.comment) for one in items) > 1 or len(key) > 100:
        return True
    flow = "".join(yaml_text({key: Flow(plain(entries))}))
    return len(indent) + len(flow) > _WIDTH or flow.count("\n") > 1


def _commented(line: str, comment: str, indent: str) -> Iterator[str]:
    if not comment:
        yield f"{line}\n"
        return
    told = comment_text(comment)
    if len(line) + len(told) + 4 <= _WIDTH + 20:
        yield f"{line}  # {told}\n"
    else:
        yield f"{indent}# {told}\n"
        yield f"{line}\n"


def comment_text(text: str) -> str:
    """A text as it stands in a comment: in one line, and not too long."""
    line = "".join(one if one.isprintable() else " " for one in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
