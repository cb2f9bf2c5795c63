"""Links and includes -> what they lead to: missing sections and properties are copied in.

A section that links takes over what the other has and it has not: sections and properties, by
name, definition and reference, and of properties that both have, the fields and values that its own
lacks. Targets are complete before anything is taken from them. What leads round in a circle, or
nowhere, stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID, uuid5

from nixschema.odml.including import Includes
from nixschema.odml.problems import shown
from nixschema.odml_model.document import Document, Place, Property, Section
from nixschema.odml_model.paths import Paths

Field: TypeAlias = Literal["link", "include"]

MOST = 250_000
"""So many entities, values and pieces of 64 characters are gone through for copies, at most."""

TOLD = 10_000
"""So many links that stay are told."""

_OF_SECTION = ("definition", "reference")
_OF_PROPERTY = ("unit", "uncertainty", "definition", "reference", "value_origin")


class Unresolved(NamedTuple):
    """A link or include that stays as it is."""

    path: str
    """Of its section, as in a NIX file: ``/metadata/subject/sections/cell``."""
    field: Field
    message: str
    """What is there, and why it stays."""
    help: str | None
    place: Place
    """Of its section, in the text."""


@dataclass(slots=True)
class _Home:
    """A document that sections belong to."""

    location: str
    paths: Paths
    is_own: bool
    """Whether it is the one whose links are resolved."""


class _Edge(NamedTuple):
    field: Field
    target: Section


class _TooMuch(Exception):
    """There is more to copy than anybody means."""


def resolve(
    document: Document,
    source: str,
    *,
    allow_outside: bool = False,
    fetch: bool = False,
    most: int = MOST,
) -> list[Unresolved]:
    """Resolve all links and includes of a document that can be.

    Args:
        document: changed in place.
        source: path of its file; files in the same folder may be included.
        allow_outside: whether other files of the machine may be, too.
        fetch: whether documents are fetched from the network.
        most: how many entities and values are gone through.

    Returns:
        Those that stay, with the reason, in order of the document.
    """
    return _Resolving(document, Includes(source, allow_outside, fetch), most).run()


class _Resolving:
    def __init__(self, document: Document, includes: Includes, most: int) -> None:
        self.document = document
        self.includes = includes
        self.room = most
        self.is_full = False
        self.left: list[Unresolved] = []
        self.homes: dict[int, _Home] = {}
        self.sections: dict[int, Section] = {}
        self.edges: dict[int, list[_Edge]] = {}
        self._documents: dict[str, _Home] = {}

    def run(self) -> list[Unresolved]:
        home = _Home(self.includes.source, Paths(self.document), True)
        self._documents[self.includes.holds(self.document)] = home
        self._discover(home)
        for circle in self._ordered():
            for one in circle.values():
                for edge in self.edges.get(id(one), ()):
                    if id(edge.target) in circle:
                        self._leave(one, edge.field, "leads round in a circle", "break the circle")
                    else:
                        self._merge(one, edge)
        self.left.sort(key=lambda one: (one.place.line == 0, one.place.line, one.place.column))
        return self.left

    # Which sections there are, and where they lead

    def _discover(self, home: _Home) -> None:
        waiting = [(one, home) for one in reversed(self.document.sections)]
        while waiting:
            one, here = waiting.pop()
            if id(one) in self.homes:
                continue
            self.homes[id(one)] = here
            self.sections[id(one)] = one
            for edge, there in self._edges_of(one, here):
                self.edges.setdefault(id(one), []).append(edge)
                waiting.append((edge.target, there))
            waiting.extend((inner, here) for inner in reversed(one.sections))

    def _edges_of(self, one: Section, home: _Home) -> Iterator[tuple[_Edge, _Home]]:
        if one.link is not None:
            target = home.paths.target(one.link, one)
            if target is not None:
                yield _Edge("link", target), home
            else:
                help = "give the path of a section of this document, such as `/subject/cell`"
                self._leave(one, "link", "leads to no section", help)
        if one.include is not None:
            found = self._included(one, home, one.include)
            if found is not None:
                yield _Edge("include", found[0]), found[1]

    def _included(self, one: Section, home: _Home, include: str) -> tuple[Section, _Home] | None:
        address, _, path = include.partition("#")
        if not address.strip():
            self._leave(one, "include", "names no document", "write `file.odml#/path/of/section`")
            return None
        found = self.includes.document(address.strip(), home.location)
        if found.document is None:
            self._leave(one, "include", found.reason, found.help)
            return None
        there = self._documents.get(found.location)
        if there is None:
            there = _Home(found.location, Paths(found.document), False)
            self._documents[found.location] = there
        sections = found.document.sections
        if not path.strip("/"):
            target = sections[0] if sections else None
        else:
            start = sections[0] if sections else one
            target = there.paths.target(f"/{path.strip('/')}", start)
        if target is None:
            self._leave(one, "include", "leads to no section of the document", None)
            return None
        return target, there

    # Targets before what leads to them

    def _ordered(self) -> Iterator[dict[int, Section]]:
        """Sections that lead to each other, together; after those that they lead to."""
        number: dict[int, int] = {}
        lowest: dict[int, int] = {}
        open_: dict[int, Section] = {}
        way: list[tuple[Section, Iterator[Section]]] = []
        for root in self.sections.values():
            if id(root) in number:
                continue
            way.append((root, self._next(root)))
            number[id(root)] = lowest[id(root)] = len(number)
            open_[id(root)] = root
            while way:
                one, following = way[-1]
                inner = next(following, None)
                if inner is None:
                    way.pop()
                    if way:
                        above = id(way[-1][0])
                        lowest[above] = min(lowest[above], lowest[id(one)])
                    if lowest[id(one)] == number[id(one)]:
                        yield _taken_from(open_, one)
                elif id(inner) not in number:
                    number[id(inner)] = lowest[id(inner)] = len(number)
                    open_[id(inner)] = inner
                    way.append((inner, self._next(inner)))
                elif id(inner) in open_:
                    lowest[id(one)] = min(lowest[id(one)], number[id(inner)])

    def _next(self, one: Section) -> Iterator[Section]:
        yield from list(one.sections)
        for edge in self.edges.get(id(one), ()):
            yield edge.target

    # Copies

    def _merge(self, mine: Section, edge: _Edge) -> None:
        """Take all that is missing from a target, or nothing."""
        if self.is_full:
            self._leave_for_size(mine, edge.field)
            return
        adding = _Adding(self)
        try:
            adding.plan(mine, edge.target)
        except _TooMuch:
            self.is_full = True
            self._leave_for_size(mine, edge.field)
            return
        adding.apply()
        setattr(mine, edge.field, None)

    def spend(self, cost: int) -> None:
        """Count what is gone through.

        Raises:
            _TooMuch: it is more than may be.
        """
        self.room -= cost
        if self.room < 0:
            raise _TooMuch

    def _leave_for_size(self, one: Section, field: Field) -> None:
        self._leave(one, field, "stays: all links together stand for too many entities", None)

    def _leave(self, one: Section, field: Field, reason: str, help: str | None) -> None:
        if len(self.left) >= TOLD:
            return
        home = self.homes[id(one)]
        text = shown(getattr(one, field) or "")
        where = "" if home.is_own else f" in `{shown(home.location)}`"
        path = "/sections/".join(["/metadata", *home.paths.names(one)]).replace(
            "/metadata/sections/", "/metadata/", 1
        )
        place = one.place if home.is_own else Place(0, 0)
        message = f"the {field} `{text}`{where} {reason}"
        self.left.append(Unresolved(path, field, message, help, place))

    def rest_of_link(self, one: Section) -> tuple[str | None, str | None]:
        """Link and include of a copy, of those that stay."""
        home = self.homes.get(id(one))
        if home is None or (one.link is None and one.include is None):
            return one.link, one.include
        link, include = one.link, one.include
        if link is not None and not home.is_own:
            link = None
        elif link is not None and not link.startswith("/"):
            target = home.paths.target(link, one)
            link = home.paths.path(target) if target is not None else link
        if include is not None and not home.is_own and "://" not in include:
            include = None
        return link, include


class _Adding:
    """What one section takes from another, gathered before anything is changed."""

    def __init__(self, resolving: _Resolving) -> None:
        self.resolving = resolving
        self.sections: list[tuple[list[Section], Section]] = []
        self.properties: list[tuple[list[Property], Property]] = []
        self.fields: list[tuple[Section | Property, str, object]] = []

    def plan(self, mine: Section, theirs: Section) -> None:
        spend = self.resolving.spend
        stack = [(mine, theirs)]
        while stack:
            mine, theirs = stack.pop()
            spend(1 + len(mine.properties) + len(mine.sections))
            self._fill(mine, theirs, _OF_SECTION)
            known = {one.name: one for one in reversed(mine.properties)}
            for one in theirs.properties:
                have = known.get(one.name)
                if have is None:
                    copy = self._property(one, mine.id)
                    known[one.name] = copy
                    self.properties.append((mine.properties, copy))
                else:
                    spend(1)
                    self._fill(have, one, _OF_PROPERTY)
                    if not have.values and one.values:
                        spend(_weight(one))
                        self.fields.append((have, "values", one.values))
                        if have.dtype is None or not have.dtype.strip():
                            self.fields.append((have, "dtype", one.dtype))
            inner = {one.name: one for one in reversed(mine.sections)}
            for section in theirs.sections:
                own = inner.get(section.name)
                if own is not None:
                    stack.append((own, section))
                    continue
                made = self._section(section, mine.id)
                inner[section.name] = made
                self.sections.append((mine.sections, made))

    def apply(self) -> None:
        for entity, field, value in self.fields:
            setattr(entity, field, value)
        for properties, one in self.properties:
            properties.append(one)
        for sections, made in self.sections:
            sections.append(made)

    def _fill(
        self, mine: Section | Property, theirs: Section | Property, fields: tuple[str, ...]
    ) -> None:
        for field in fields:
            if getattr(mine, field) is None and (value := getattr(theirs, field)) is not None:
                self.resolving.spend(1 + _length(value))
                self.fields.append((mine, field, value))

    def _section(self, theirs: Section, owner: str | None) -> Section:
        root = self._bare(theirs, owner)
        stack = [(root, theirs)]
        while stack:
            made, other = stack.pop()
            made.properties = [self._property(one, made.id) for one in other.properties]
            for one in other.sections:
                inner = self._bare(one, made.id)
                made.sections.append(inner)
                stack.append((inner, one))
        return root

    def _bare(self, theirs: Section, owner: str | None) -> Section:
        texts = (theirs.name, theirs.type, theirs.definition, theirs.reference, theirs.repository)
        self.resolving.spend(1 + sum(map(_length, texts)))
        link, include = self.resolving.rest_of_link(theirs)
        return replace(
            theirs,
            id=_id(owner, theirs.id or theirs.name),
            link=link,
            include=include,
            properties=[],
            sections=[],
        )

    def _property(self, theirs: Property, owner: str | None) -> Property:
        self.resolving.spend(_weight(theirs))
        return replace(theirs, id=_id(owner, theirs.id or theirs.name))


def _taken_from(open_: dict[int, Section], last: Section) -> dict[int, Section]:
    """All sections that were opened last, up to one of them."""
    found: dict[int, Section] = {}
    while id(last) not in found:
        key, one = open_.popitem()
        found[key] = one
    return found


def _weight(one: Property) -> int:
    texts = (one.name, one.unit, one.definition, one.reference, one.value_origin)
    return 1 + len(one.values) + sum(map(_length, (*texts, *one.values)))


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value) // 64
    if isinstance(value, tuple):
        return sum(1 + len(part) // 64 for part in value)
    return 0


def _id(owner: str | None, of: str) -> str | None:
    """The id of a copy, the same whenever it is made again; none where its owner has none."""
    try:
        return str(uuid5(UUID(owner or ""), of))
    except ValueError:
        return None
