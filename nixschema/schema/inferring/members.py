"""Which names and types the members of a container had, in all parents that were looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from nixschema.schema.inferring.evidence import Evidence

MOST_NAMES = 256
"""So many names are kept apart in a container."""

MOST_TYPES = 256
"""So many types are kept apart in a container."""

_GENERATED = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}"
    r"|[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[T_ -]?[0-9]{2}[:-]?[0-9]{2}(?:[:-]?[0-9]{2})?)?"
)
"""Ids, checksums, dates and times."""

_VARYING = re.compile(rf"(?:{_GENERATED.pattern})|[0-9]+")


class Member(NamedTuple):
    """One member of a container, or one link."""

    name: str
    type: str
    entity: Any


@dataclass(slots=True)
class Presence:
    """In how many parents something was, and how many of it there were."""

    parents: int = 0
    total: int = 0
    least: int = 0
    """The smallest number in a parent that had any."""
    most: int = 0

    def add(self, count: int) -> None:
        """Count those of one parent."""
        self.parents += 1
        self.total += count
        self.least = min(self.least, count) if self.parents > 1 else count
        self.most = max(self.most, count)


@dataclass(slots=True)
class Slot:
    """What stood at a name."""

    presence: Presence
    evidence: Evidence


@dataclass(slots=True)
class Members:
    """The members of one container."""

    make: Callable[[], Evidence]
    """Begins what is known of a member."""
    each_type: bool = False
    """Whether it is kept what the members of a type have in common."""
    parents: int = 0
    names: dict[str, Slot] = field(default_factory=dict)
    forms: dict[tuple[str, str], Slot] = field(default_factory=dict)
    """By name with numbers and ids as ``*``, and type."""
    types: dict[str, Presence] = field(default_factory=dict)
    of_types: dict[str, Evidence] = field(default_factory=dict)
    crowded: bool = False
    """Whether there were more names than are kept apart: those that come later are not."""
    left_out: bool = False
    """Whether there were more types than are kept apart."""

    def observe(self, members: Sequence[Member], file: int) -> None:
        """Take what is in one parent."""
        self.parents += 1
        of_type: dict[str, int] = {}
        of_form: dict[tuple[str, str], int] = {}
        names: set[str] = set()
        for one in members:
            of_type[one.type] = of_type.get(one.type, 0) + 1
            self._by_name(one, file, again=one.name in names)
            names.add(one.name)
            form = form_of(one.name)
            if form is not None:
                of_form[form, one.type] = of_form.get((form, one.type), 0) + 1
                if (slot := self._form((form, one.type))) is not None:
                    slot.evidence.observe(one.entity, file)
            if self.each_type:
                known = self.of_types.get(one.type)
                if known is None and len(self.of_types) < MOST_TYPES:
                    known = self.of_types[one.type] = self.make()
                if known is not None:
                    known.observe(one.entity, file)
        for type_, count in of_type.items():
            if type_ in self.types or len(self.types) < MOST_TYPES:
                self.types.setdefault(type_, Presence()).add(count)
            else:
                self.left_out = True
        for key, count in of_form.items():
            if (slot := self.forms.get(key)) is not None:
                slot.presence.add(count)

    def _by_name(self, one: Member, file: int, *, again: bool) -> None:
        """Take what stands at a name; again where a list of links has it twice."""
        slot = self.names.get(one.name)
        if slot is None:
            if self.crowded or len(one.name) > 100:
                return
            if len(self.names) >= MOST_NAMES:
                self.crowded = True
                self.names = {
                    name: slot
                    for name, slot in self.names.items()
                    if slot.presence.parents >= self.parents - 1 and self.parents > 1
                }
                return
            slot = self.names[one.name] = Slot(Presence(), self.make())
        if not again:
            slot.presence.add(1)
        slot.evidence.observe(one.entity, file)

    def _form(self, key: tuple[str, str]) -> Slot | None:
        slot = self.forms.get(key)
        if slot is None and len(self.forms) < MOST_NAMES and len(key[0]) <= 100:
            evidence = self.make()
            evidence.depth = 0
            slot = self.forms[key] = Slot(Presence(), evidence)
        return slot


def form_of(name: str) -> str | None:
    """A name with ``*`` for what looks counted or made by a machine; None where nothing does."""
    form = _VARYING.sub("*", name)
    return None if form == name else re.sub(r"\*(?:[-_.:]?\*)+", "*", form)


def looks_generated(text: str) -> bool:
    """Whether there is an id, a checksum, a date or a time in a text."""
    return _GENERATED.search(text) is not None
