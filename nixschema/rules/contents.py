"""What an odML document holds, for rules that ask about more than one entity of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple, TypeVar

from nixschema.model.refusal import did_you_mean
from nixschema.odml_model.document import Document, Property, Scalar, Section, Value
from nixschema.odml_model.paths import Paths
from nixschema.odml_model.where import Where

K = TypeVar("K", bound=Hashable)

_MOST_NAMES = 1_000_000
"""So many names are looked through for similar ones."""


_LONG = 10_000
"""Bits of whole numbers that are not made texts."""

_MOST_LINKS = 10
"""So many links of links are followed for a property."""


class Held(NamedTuple):
    """A section or property, and where it is."""

    entity: Section | Property
    where: Where
    owner: Section | None
    """The section that it is in; None for those on top."""


class Contents:
    """All that is in a document, in its order; what is asked of it is found out once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.held: list[Held] = []
        """Sections and properties, owners before what they own."""
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._depths: dict[int, int] = {}
        self._properties: dict[int, dict[str, Property]] = {}
        self._values: dict[int, frozenset[tuple[str, object]]] = {}
        self._circles: dict[int, frozenset[str]] = {}
        self._names_left = _MOST_NAMES
        self._repositories: dict[int, str] = {}
        self._copies: set[int] = set()
        self._gather()

    @cached_property
    def paths(self) -> Paths:
        """Where links lead."""
        return Paths(self.document)

    def depth(self, section: Section) -> int:
        """How many sections there are down to this one, itself included."""
        return self._depths[id(section)]

    def is_within(self, section: Section, other: Section) -> bool:
        """Whether a section is another, or in it."""
        return self._first[id(other)] <= self._first[id(section)] <= self._last[id(other)]

    def twin(self, entity: Document | Section | Property) -> tuple[str, int] | None:
        """The path of the first other entity that has an entity's id, and how many there are."""
        alike = self._ids.get(entity.id or "")
        if alike is None:
            return None
        return alike[0 if id(entity) in self._copies else 1].path, len(alike) - 1

    def dependency(self, one: Property, section: Section) -> Property | None:
        """The property that one depends on: in its section, or those that are linked to."""
        seen: set[int] = set()
        here: Section | None = section
        while here is not None and id(here) not in seen and len(seen) < _MOST_LINKS:
            found = self.properties(here).get(one.dependency or "")
            if found is not None:
                return found
            seen.add(id(here))
            here = self.linked(here)
        return None

    def has_value(self, one: Property, wanted: Scalar) -> bool:
        """Whether a property has a value, which may be written as a text: XML has no other."""
        known = self._values.get(id(one))
        if known is None:
            known = self._values[id(one)] = frozenset(map(_comparable, one.values))
        return not known.isdisjoint(_meant(wanted))

    def properties(self, section: Section) -> Mapping[str, Property]:
        """The properties of a section by their names; the first of each."""
        known = self._properties.get(id(section))
        if known is None:
            known = {one.name: one for one in reversed(section.properties)}
            self._properties[id(section)] = known
        return known

    def linked(self, section: Section) -> Section | None:
        """The section that a section links to, where that is there."""
        return self.paths.target(section.link, section) if section.link else None

    def depends_on_itself(self, one: Property, section: Section) -> bool:
        """Whether the dependencies of a property lead back to it, by way of others."""
        known = self._circles.get(id(section))
        if known is None:
            others = {
                name: each.dependency
                for name, each in self.properties(section).items()
                if each.dependency and each.dependency != name
            }
            known = self._circles[id(section)] = circles(others)
        return one.name in known

    def unit(self, one: Property) -> tuple[bool, int]:
        """Whether a property is the first of its unit, and how many others have it."""
        first, count = self._units[one.unit or ""]
        return first == id(one), count - 1

    def repository(self, section: Section) -> str | None:
        """The repository of a section: its own, or that of the nearest around it."""
        return self._repositories.get(id(section), self.document.repository)

    def links_lead_back(self, section: Section) -> bool:
        """Whether links of links lead back to a section."""
        return id(section) in self._link_circles

    def at(self, path: str) -> Document | Section | Property | None:
        """The entity at a path as in a NIX file; None where names have a `/` in them."""
        _, _, *steps = path.split("/")
        if not steps:
            return self.document
        here = self.paths.inside(None).get(steps[0])
        for group, name in zip(steps[1::2], steps[2::2], strict=False):
            if here is None:
                return None
            if group == "properties":
                return self.properties(here).get(name)
            here = self.paths.inside(here).get(name)
        return here

    def did_you_mean(self, text: str, names: Iterable[str]) -> str:
        """A hint at a similar name; none any more where many names were looked through."""
        if self._names_left <= 0:
            return ""
        listed = list(names)
        self._names_left -= len(listed)
        return did_you_mean(text, listed)

    def _gather(self) -> None:
        held = self.held
        stack: list[tuple[Section, Where | None, Section | None, int]] = [
            (one, None, None, 1) for one in reversed(self.document.sections)
        ]
        open_: list[Section] = []
        while stack:
            section, above, owner, depth = stack.pop()
            while len(open_) >= depth:
                self._last[id(open_.pop())] = len(held) - 1
            open_.append(section)
            self._first[id(section)] = len(held)
            self._depths[id(section)] = depth
            repository = section.repository
            if repository is None and owner is not None:
                repository = self._repositories.get(id(owner))
            if repository is not None:
                self._repositories[id(section)] = repository
            where = Where(above, section.name, "sections")
            held.append(Held(section, where, owner))
            held += [
                Held(one, Where(where, one.name, "properties"), section)
                for one in section.properties
            ]
            stack.extend((one, where, section, depth + 1) for one in reversed(section.sections))
        for section in open_:
            self._last[id(section)] = len(held) - 1

    @cached_property
    def _ids(self) -> dict[str, list[Where]]:
        """By id, those that have it, where they are several."""
        first: dict[str, Where] = {}
        several: dict[str, list[Where]] = {}
        if self.document.id:
            first[self.document.id] = DOCUMENT
        for entity, where, _ in self.held:
            if entity.id:
                known = first.setdefault(entity.id, where)
                if known is not where:
                    alike = several.setdefault(entity.id, [known])
                    self._copies.add(id(entity))
                    alike.append(where)
        return several

    @cached_property
    def _units(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for entity, _, _ in self.held:
            if isinstance(entity, Property) and entity.unit is not None:
                first, count = found.get(entity.unit, (id(entity), 0))
                found[entity.unit] = first, count + 1
        return found

    @cached_property
    def _link_circles(self) -> frozenset[int]:
        following = {}
        for entity, _, _ in self.held:
            if isinstance(entity, Section) and (target := self.linked(entity)) is not None:
                following[id(entity)] = id(target)
        return circles(following)


class _DocumentWhere(Where):
    """The document itself."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, "", "")

    @property
    def path(self) -> str:
        """As in a NIX file."""
        return "/metadata"


DOCUMENT = _DocumentWhere()
"""Where a document is."""


_TRUTH = {
    **dict.fromkeys(("true", "1", "t"), "True"),
    **dict.fromkeys(("false", "0", "f"), "False"),
}


def _comparable(value: Value) -> tuple[str, object]:
    """A value as it compares: by its kind, numbers with numbers."""
    if isinstance(value, bool):
        return "boolean", str(value)
    if isinstance(value, int | float):
        return "number", value
    if isinstance(value, tuple):
        return "text", f"({';'.join(value)})"
    return "text", value.strip()


def _meant(wanted: Scalar) -> set[tuple[str, object]]:
    """All that a value may be which is written so."""
    if not isinstance(wanted, str):
        meant = {_comparable(wanted)}
        if not isinstance(wanted, int) or wanted.bit_length() < _LONG:
            meant.add(("text", str(wanted)))
        return meant
    text = wanted.strip()
    meant = {("text", text), ("text", "".join(text.split()))}
    if (truth := _TRUTH.get(text.lower())) is not None:
        meant.add(("boolean", truth))
    with suppress(ValueError):
        meant.add(("number", int(text) if text.lstrip("+-").isdecimal() else float(text)))
    return meant


def circles(following: Mapping[K, K]) -> frozenset[K]:
    """Of things that each lead to one other, those that are led back to."""
    found: set[K] = set()
    done: set[K] = set()
    for start in following:
        way: dict[K, None] = {}
        here = start
        while here in following and here not in done and here not in way:
            way[here] = None
            here = following[here]
        if here in way:
            names = list(way)
            found.update(names[names.index(here) :])
        done.update(way)
    return frozenset(found)
