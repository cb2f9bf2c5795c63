"""The reserved section: what NIX holds and odML has no place for, as texts that odML carries.

A property for each kind of fact, a text for each fact, built of ``[0-9A-Za-z_:.-]`` alone: such
texts come through every reader and writer of odML. A fact about a field has a guard, what the field
would be without it: where odML was edited so that it would be something else, the edit wins.

There are facts about fields of NIX, and about fields of odML that Python's odML library damages
when it reads and writes them again (`nixschema.odml.lasting`). The latter have a guard for each
thing that may have become of the field.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from nixschema.model.extra import Space, Stored
from nixschema.odml.mapping import mapping
from nixschema.odml.overlay import decoded, encoded
from nixschema.odml_model.document import Document, Property, Section, Value
from nixschema.storage.typenames import type_of_name

_WORD = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_.-]*")
"""A text that stands for itself; others begin with a dot."""

_LONGEST_FACT = 100_000
_PORTION = 4_000_000
"""Characters of one of several values, and of all of them together."""

_TIMES, _ROOT, _DOCUMENT = "times", "root", "document"


@dataclass(slots=True)
class Facts:
    """What a reserved section says. Entities are told by their ids, in lower case."""

    times: dict[str, tuple[str, str]] = field(default_factory=dict)
    """When entities were made and changed, as NIX writes it; empty for an entity without."""
    fields: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    """Guard and value of fields of NIX, by entity."""
    saved: dict[str, dict[str, tuple[tuple[str, ...], Any]]] = field(default_factory=dict)
    """Guards, as `digest` has them, and value of fields of odML, by entity. ``values`` stands for
    the type and the values."""
    root: list[tuple[str, str]] = field(default_factory=list)
    """What stands at the root of the metadata: (``section`` or ``document``, id), and the
    (``member``, id)s of each document after it."""
    has_root: bool = False
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Sections of documents that are more than what odML says of a document."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.times or self.fields or self.saved or self.has_root or self.documents)

    def needed_for(self, entity: str) -> list[str]:
        """Fields of NIX that are not what they were without their facts.

        That the type of values is declared, where NIX only has the values, changes nothing.
        """
        fields = self.fields.get(entity.lower(), {})
        return [name for name, (_, value) in fields.items() if (name, value) != ("dtype", None)]

    def tell(self, entity: str, name: str, guard: Any, value: Any) -> None:
        """Add a fact about a field of NIX."""
        self.fields.setdefault(entity.lower(), {})[name] = (guard, value)

    def keep(self, kept: Container[str]) -> None:
        """Forget times and fields of all entities but those with these ids, in lower case."""
        self.times = {key: one for key, one in self.times.items() if key in kept}
        self.fields = {key: one for key, one in self.fields.items() if key in kept}
        self.saved = {key: one for key, one in self.saved.items() if key in kept}


def digest(value: Any) -> str:
    """A short text that tells a field from others, and ``1`` from ``1.0``."""
    return blake2b(_json(value).encode(), digest_size=12).hexdigest()


def is_reserved(section: Section) -> bool:
    """Whether a section at the root of a document is the reserved one."""
    return section.name == mapping().reserved_name and section.type == mapping().reserved_type


def section_of(facts: Facts, document: Document) -> Section:
    """The reserved section of a document."""
    made = Section(
        name=mapping().reserved_name,
        type=mapping().reserved_type,
        definition="What a NIX file holds and odML has no place for. It is read when the document "
        "becomes a NIX file again, and may be removed.",
    )
    texts: dict[str, list[Value]] = {}
    if facts.has_root:
        texts[_ROOT] = [f"{kind}:{_word(id)}" for kind, id in facts.root] or ["empty:"]
    for id, said in facts.documents.items():
        texts.setdefault(_DOCUMENT, []).append(f"{_word(id)}:{_word(said)}")
    for id, (created, updated) in facts.times.items():
        texts.setdefault(_TIMES, []).append(f"{_word(id)}:{_word(created)}:{_word(updated)}")
    for id, fields in facts.fields.items():
        for name, (guard, value) in fields.items():
            text = f"{_word(id)}:{_word(guard)}:{_word(value)}"
            texts.setdefault(f"field.{name}", []).append(text)
    for id, saved in facts.saved.items():
        for name, (guards, value) in saved.items():
            text = ":".join((_word(id), *guards, _word(value)))
            texts.setdefault(f"saved.{name}", []).append(text)
    above = uuid5(NAMESPACE_URL, f"{document.id}/{made.name}")
    made.id = str(above)
    made.properties = [
        Property(name=name, id=str(uuid5(above, name)), values=values, dtype="string")
        for kind, all in texts.items()
        for name, values in _portions(kind, all)
    ]
    return made


def _portions(kind: str, texts: list[Value]) -> Iterator[tuple[str, list[Value]]]:
    """Texts of a kind, as the values of as many properties as every reader takes.

    Of several values none may be too long, nor all of them together.
    """
    portions: list[list[Value]] = [[]]
    alone: list[list[Value]] = []
    size = 0
    for text in texts:
        length = len(str(text)) + 1
        if length > _LONGEST_FACT:
            alone.append([text])
            continue
        if size + length > _PORTION:
            portions.append([])
            size = 0
        portions[-1].append(text)
        size += length
    found = [one for one in (*portions, *alone) if one]
    for number, one in enumerate(found, 1):
        yield (kind if number == 1 else f"{kind}-{number}"), one


def facts_of(document: Document) -> tuple[Facts, list[Section]]:
    """What the reserved section of a document says, and the other sections."""
    facts = Facts()
    rest: list[Section] = []
    for section in document.sections:
        if not is_reserved(section):
            rest.append(section)
            continue
        for one in section.properties:
            for text in one.values:
                if isinstance(text, str):
                    _take(facts, one.name.partition("-")[0], text.strip().split(":"))
    return facts, rest


def _take(facts: Facts, kind: str, parts: list[str]) -> None:
    """Add a fact as it is written; one that nobody can have written is passed over."""
    try:
        words = [_read(one) for one in parts]
    except (ValueError, TypeError, RecursionError, OverflowError):
        return
    if kind == _ROOT and len(words) == 2:
        facts.has_root = True
        if isinstance(words[1], str):
            facts.root.append((parts[0], words[1].lower()))
        return
    if len(words) < 2 or not isinstance(id := words[0], str):
        return
    if kind == _DOCUMENT and len(words) == 2 and isinstance(words[1], dict):
        facts.documents[id.lower()] = words[1]
    elif kind == _TIMES and len(words) == 3:
        facts.times[id.lower()] = (words[1] or "", words[2] or "")
    elif kind.startswith("field.") and len(words) == 3:
        facts.tell(id, kind.removeprefix("field."), words[1], words[2])
    elif kind.startswith("saved.") and len(words) >= 3:
        said = facts.saved.setdefault(id.lower(), {})
        said[kind.removeprefix("saved.")] = (tuple(parts[1:-1]), words[-1])


def _word(value: Any) -> str:
    """A value as text of few characters; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    return "." + urlsafe_b64encode(_json(value).encode()).decode().rstrip("=")


def _json(value: Any) -> str:
    return json.dumps(encoded(value), separators=(",", ":"), allow_nan=False)


def _read(word: str) -> Any:
    if not word:
        return None
    if not word.startswith("."):
        return word
    coded = word[1:]
    try:
        said = urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    except binascii.Error:
        raise ValueError(word) from None
    return decoded(json.loads(said))


def is_canonical(id: str | None) -> bool:
    """Whether every library of odML keeps an id as it is, but for the case of its letters."""
    if not id:
        return False
    try:
        return str(UUID(id)) == id.lower()
    except ValueError:
        return False


def attribute_word(stored: Stored) -> Any:
    """An attribute as a fact has it: its type and value; None where that does not tell it all."""
    kind, value = stored.type, stored.value
    if kind is None or stored.space != Space("scalar"):
        return None
    if not isinstance(value, str | bool | int | float):
        return None
    said = {"type": kind.text, "value": value}
    return said if attribute_of(said) == stored else None


def attribute_of(said: Any) -> Stored | None:
    """The attribute that a fact tells, or None."""
    if not isinstance(said, dict) or not isinstance(name := said.get("type"), str):
        return None
    value = said.get("value")
    if not isinstance(value, str | bool | int | float):
        return None
    try:
        return Stored(value, type_of_name(name))
    except (ValueError, TypeError):
        return None
