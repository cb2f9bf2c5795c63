"""Events -> nodes: anchors, merges, limits, and what the format leaves out of YAML."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from nixschema.text.limits import Limits
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence, TextProblem
from nixschema.text.syntax import syntax_problem

Events: TypeAlias = Callable[[], Any]
"""Gives the next event; raises `yaml.YAMLError` where the text is no YAML."""

_MERGE = "<<"
_CHARACTERS = 64
"""So many characters of a repeated text count as one node."""


class Builder:
    """Builds the nodes of one text."""

    def __init__(
        self,
        events: Events,
        text: str,
        limits: Limits,
        problems: list[TextProblem],
        tags: Collection[str] = (),
    ) -> None:
        self._next = events
        self._text = text
        self._limits = limits
        self._problems = problems
        self._tags = tags
        """Those that are passed over."""
        self._anchors: dict[str, Node] = {}
        self._sizes: dict[int, int] = {}
        """Of finished nodes with an anchor, by identity: nodes in them, repeated ones included."""
        self._unfinished: set[int] = set()
        """Collections with an anchor that are being read."""
        self._merges: dict[int, tuple[Scalar, Node]] = {}
        """What mappings that are being read merge, by identity."""
        self._repeated = 0
        self._last: Any = None
        """The event before an error, where it is a scalar."""
        self._opened: Mapping | Sequence | None = None
        """The collection that is being read."""

    def document(self) -> Node | None:
        """The root of the one document, or None where a problem ends the reading."""
        try:
            return self._document()
        except _Ended:
            pass
        except MarkedYAMLError as error:
            self._tell_syntax(error)
        except YAMLError as error:
            self._tell_syntax(MarkedYAMLError(problem=str(error)[:200]))
        return None

    def _tell_syntax(self, error: MarkedYAMLError) -> None:
        """Tell where the parser stopped, unless what is told already made it stop."""
        opened = self._opened
        inside = (opened.line, opened.column) if opened is not None else None
        found = syntax_problem(error, self._text, self._last, inside)
        told = self._problems[-1] if self._problems else None
        if told is None or (told.rule, told.line) != (found.rule, found.line):
            self._problems.append(found)

    def _document(self) -> Node:
        self._next()  # the stream begins
        if self._next().__class__ is StreamEndEvent:
            return Scalar("", True)
        event = self._next()
        root = self._started(event)
        if not isinstance(root, Scalar):
            self._fill(root)
        self._next()  # the document ends
        event = self._next()
        if event.__class__ is DocumentStartEvent:
            self._tell(
                "NIX044",
                event.start_mark,
                "a second document begins here (`---`), expected one in a text",
                "put it into a file of its own",
            )
            raise _Ended
        return root

    def _fill(self, opened: Mapping | Sequence) -> None:
        """Read a collection, and all in it."""
        get = self._next
        most, deepest = self._limits.nodes, self._limits.depth
        stack: list[Mapping | Sequence] = []
        mark: Any
        count = 1
        while True:
            self._opened = opened
            child: Mapping | Sequence | None = None
            value: Node
            if isinstance(opened, Mapping):
                items, keys = opened.items, opened.keys
                while True:
                    event = get()
                    if event.__class__ is ScalarEvent:
                        mark = event.start_mark
                        text = event.value
                        key = Scalar(text, not event.style, mark.line + 1, mark.column + 1)
                        if event.anchor is not None or event.tag is not None:
                            self._marked(key, event)
                        wanted = text not in items and (
                            (text != _MERGE and text != "") or not key.plain
                        )
                    elif event.__class__ is MappingEndEvent:
                        break
                    else:
                        key, wanted = self._key(event), False
                        text = key.text
                    if not wanted:
                        wanted = self._is_wanted(opened, key, event)
                    event = get()
                    if event.__class__ is ScalarEvent:
                        mark = event.start_mark
                        written = event.value
                        plain = not event.style
                        if plain and not written:
                            value = Scalar(written, True, key.line, key.column)
                        else:
                            value = Scalar(written, plain, mark.line + 1, mark.column + 1)
                        if event.anchor is not None or event.tag is not None:
                            self._marked(value, event)
                        self._last = event
                    elif event.__class__ is AliasEvent:
                        value = self._alias(event)
                    else:
                        value = child = self._collection(event)
                    if wanted:
                        items[text] = value
                        keys[text] = key
                    elif self._merges.get(id(opened), _NONE)[0] is key:
                        self._merges[id(opened)] = key, value
                    count += 2
                    if child is not None:
                        break
                    if count > most:
                        self._too_many(event)
            else:
                append = opened.items.append
                while True:
                    event = get()
                    if event.__class__ is ScalarEvent:
                        mark = event.start_mark
                        value = Scalar(event.value, not event.style, mark.line + 1, mark.column + 1)
                        if event.anchor is not None or event.tag is not None:
                            self._marked(value, event)
                        self._last = event
                    elif event.__class__ is SequenceEndEvent:
                        break
                    elif event.__class__ is AliasEvent:
                        value = self._alias(event)
                    else:
                        value = child = self._collection(event)
                    append(value)
                    count += 1
                    if child is not None:
                        break
                    if count > most:
                        self._too_many(event)
            if child is not None:
                stack.append(opened)
                opened = child
                if len(stack) >= deepest:
                    self._too_deep(event)
                if count > most:
                    self._too_many(event)
                continue
            self._last = None
            if self._merges:
                self._merge(opened, event)
            if self._unfinished:
                self._finish(opened)
            if not stack:
                return
            opened = stack.pop()

    def _started(self, event: Any) -> Node:
        if isinstance(event, CollectionStartEvent):
            return self._collection(event)
        if event.__class__ is AliasEvent:
            return self._alias(event)
        mark: Any = event.start_mark
        scalar = Scalar(event.value, not event.style, mark.line + 1, mark.column + 1)
        if event.anchor is not None or event.tag is not None:
            self._marked(scalar, event)
        self._last = event
        return scalar

    def _collection(self, event: Any) -> Mapping | Sequence:
        """A collection that begins, still empty."""
        mark: Any = event.start_mark
        made: Mapping | Sequence
        if event.__class__ is MappingStartEvent:
            made = Mapping({}, {}, mark.line + 1, mark.column + 1)
        else:
            made = Sequence([], mark.line + 1, mark.column + 1)
        self._last = None
        if event.anchor is not None or event.tag is not None:
            self._marked(made, event)
        return made

    def _marked(self, node: Node, event: Any) -> None:
        """Take note of an anchor and a tag."""
        if event.tag is not None and event.tag not in self._tags:
            self._tell("NIX044", event.start_mark, *_about_tag(event.tag))
        if event.anchor is None:
            return
        self._anchors[event.anchor] = node
        if isinstance(node, Scalar):
            self._sizes[id(node)] = _size(node)
        else:
            self._unfinished.add(id(node))

    def _finish(self, node: Mapping | Sequence) -> None:
        if id(node) not in self._unfinished:
            return
        self._unfinished.remove(id(node))
        size, waiting = 1, [node]
        while waiting:
            one = waiting.pop()
            members = one.items if isinstance(one, Sequence) else one.items.values()
            for member in members:
                known = self._sizes.get(id(member))
                if known is not None:
                    size += known
                elif isinstance(member, Scalar):
                    size += _size(member)
                else:
                    size += 1
                    waiting.append(member)
        self._sizes[id(node)] = size

    def _alias(self, event: Any) -> Node:
        mark = event.start_mark
        self._last = None
        node = self._anchors.get(event.anchor)
        if node is None:
            self._tell(
                "NIX042",
                mark,
                f"`*{event.anchor}` repeats what `&{event.anchor}` marks, and nothing is marked so",
                "mark it above, or put a text that begins with `*` between quotes",
            )
        elif id(node) in self._unfinished:
            self._tell(
                "NIX044",
                mark,
                f"`*{event.anchor}` stands inside of what it repeats",
                "write what is meant; a text does not contain itself",
            )
        else:
            self._repeat(self._sizes[id(node)], mark)
            return node
        return Scalar("", True, mark.line + 1, mark.column + 1)

    def _repeat(self, size: int, mark: Any) -> None:
        self._repeated += size
        if self._repeated > self._limits.repeated:
            most = self._limits.repeated
            self._tell(
                "NIX045",
                mark,
                f"aliases repeat more than {most:,} values and keys",
                "write with fewer aliases (`*name`)",
            )
            raise _Ended

    def _key(self, event: Any) -> Scalar:
        """A key that is an alias or a collection; the latter is passed over."""
        mark = event.start_mark
        is_mapping = event.__class__ is MappingStartEvent
        if event.__class__ is AliasEvent:
            node = self._alias(event)
            if isinstance(node, Scalar):
                return Scalar(node.text, node.plain, mark.line + 1, mark.column + 1)
            is_mapping = isinstance(node, Mapping)
        depth = int(isinstance(event, CollectionStartEvent))
        count = 0
        while depth:
            inside = self._next()
            count += 1
            depth += isinstance(inside, CollectionStartEvent)
            depth -= isinstance(inside, CollectionEndEvent)
            if depth > self._limits.depth:
                self._too_deep(inside)
            if count > self._limits.nodes:
                self._too_many(inside)
        what = "mapping" if is_mapping else "list"
        self._tell(
            "NIX044",
            mark,
            f"the key is a {what}, expected a text",
            "put a text that begins with `{`, `[` or `*` between quotes",
        )
        return Scalar("", True, mark.line + 1, mark.column + 1)

    def _is_wanted(self, mapping: Mapping | Sequence, key: Scalar, event: Any) -> bool:
        """Whether a key that is no ordinary one gets its value; tells what is wrong with it."""
        assert isinstance(mapping, Mapping)
        mark = event.start_mark
        merged = self._merges.get(id(mapping), _NONE)[0]
        first = mapping.keys.get(key.text)
        if key.plain and not key.text:
            if event.__class__ is ScalarEvent:
                self._tell("NIX044", mark, "a key is missing", "write a key before the colon")
            return False
        if key.plain and key.text == _MERGE:
            if merged is None:
                self._merges[id(mapping)] = key, key
                return False
            first = merged
        if first is None:
            return True
        self._tell(
            "NIX043",
            mark,
            f"the key `{_shown(key.text)}` is there twice, the first in line {first.line:,}",
            "write `<<: [*a, *b]` to merge several mappings"
            if first is merged
            else "keep one of them, or give the other another name",
        )
        return False

    def _merge(self, mapping: Mapping | Sequence, event: Any) -> None:
        """Put what a finished mapping merges before its own keys."""
        key, value = self._merges.pop(id(mapping), _NONE)
        if key is None or value is None or not isinstance(mapping, Mapping):
            return
        given = value.items if isinstance(value, Sequence) else [value]
        items: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for one in given:
            if isinstance(one, Mapping):
                self._repeat(len(one.items), event.start_mark)
                for name, node in one.items.items():
                    items.setdefault(name, node)
                    keys.setdefault(name, one.keys[name])
            elif not (isinstance(one, Scalar) and one.is_null):
                self._tell_at(
                    *("NIX044", one.line, one.column),
                    "`<<` merges mappings, and this is none",
                    "name a mapping (`<<: *name`), or put the key between quotes",
                )
        items |= mapping.items
        keys |= mapping.keys
        mapping.items.clear()
        mapping.keys.clear()
        mapping.items.update(items)
        mapping.keys.update(keys)

    def _too_deep(self, event: Any) -> None:
        self._tell(
            "NIX045",
            event.start_mark,
            f"more than {self._limits.depth:,} levels are nested here",
            "nest less deeply",
        )
        raise _Ended

    def _too_many(self, event: Any) -> None:
        self._tell(
            "NIX045",
            event.start_mark,
            f"the text has more than {self._limits.nodes:,} values and keys",
            "keep large data in files of their own, and name them in the text",
        )
        raise _Ended

    def _tell(self, rule: str, mark: Any, message: str, help: str) -> None:
        self._tell_at(rule, mark.line + 1, mark.column + 1, message, help)

    def _tell_at(self, rule: str, line: int, column: int, message: str, help: str) -> None:
        if len(self._problems) >= self._limits.problems and rule != "NIX045":
            rule, help = "NIX045", "mend what is told first"
            message = f"the text has more than {self._limits.problems:,} problems"
            self._problems.append(TextProblem(rule, message, help, line, column))
            raise _Ended
        self._problems.append(TextProblem(rule, message, help, line, column))


class _Ended(Exception):
    """Reading ends: what is wrong has been told."""


_NONE: tuple[Any, Any] = None, None


def _size(scalar: Scalar) -> int:
    return 1 + len(scalar.text) // _CHARACTERS


def _about_tag(tag: str) -> tuple[str, str]:
    name = _shown(tag.replace("tag:yaml.org,2002:", "!!"))
    name = name if name.startswith("!") else f"!<{name}>"
    help = "take it away; put a text that begins with `!` between quotes"
    return f"`{name}` is a tag, expected a value without one", help


def _shown(text: str) -> str:
    """A text for a message: in one line, and not long."""
    cut = text if len(text) <= 60 else text[:59] + "…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut)
