"""What entities of one kind have in common, gathered one after the other.

No more is kept than a schema could say: it grows with what is different, not with the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from nixschema.model import Feature, Property
from nixschema.schema.checking.dimensions import content_of_dimension
from nixschema.schema.checking.fields import UNKNOWN, content_of, members_of
from nixschema.schema.checking.run import linked
from nixschema.schema.inferring.members import Member, Members
from nixschema.schema.inferring.tally import Agreement, Span, Tally

DEPTH = 12
"""So many levels of sections and sources are described within each other."""

KINDS_OF_VALUES = ("boolean", "integer", "float", "string")

_FIELDS: dict[str, tuple[str, ...]] = {
    "DataArray": ("unit", "label", "rank"),
    "Property": ("unit",),
    "Column": ("unit",),
    "Feature": ("link_type",),
}

_CONTAINERS: dict[str, dict[str, str]] = {
    "File": {"metadata": "Section", "blocks": "Block"},
    "Block": {
        "data_arrays": "DataArray",
        "data_frames": "DataFrame",
        "tags": "Tag",
        "multi_tags": "MultiTag",
        "groups": "Group",
        "sources": "Source",
    },
    "Section": {"properties": "Property", "sections": "Section"},
    "Source": {"sources": "Source"},
    "DataFrame": {"columns": "Column"},
}
"""What is in an entity of each kind."""

_LINKS: dict[str, tuple[str, ...]] = {
    "DataArray": ("sources",),
    "DataFrame": ("sources",),
    "Tag": ("references", "features", "sources"),
    "MultiTag": ("references", "features", "sources"),
    "Group": ("data_arrays", "data_frames", "tags", "multi_tags", "sources"),
}
_MOST_READ = 1000
"""Of so many values of a property each is looked at."""

MOST_AXES = 32


class Evidence:
    """What some entities of a kind have in common."""

    __slots__ = (
        *("agreements", "axes", "count", "depth", "dtypes", "features", "fields", "files"),
        *("kind", "last_file", "linked", "links", "members", "numbers", "suffixes", "texts"),
        "units",
    )

    def __init__(self, kind: str, depth: int = DEPTH) -> None:
        """Begin.

        Args:
            kind: class of the entities; ``Dimension``, ``Column`` and ``Link`` beside them.
            depth: levels of members that are looked at; none leaves containers of entities out.
        """
        self.kind = kind
        self.depth = depth
        self.count = 0
        self.files = 0
        """How many files they were in."""
        self.last_file = -1
        self.fields: dict[str, Tally] = {}
        self.dtypes = Tally()
        """Names of types of values, as they are stored."""
        self.texts = Tally()
        """Values of properties that are texts, each."""
        self.numbers = Span()
        """Values of properties and sampling intervals that are numbers."""
        self.axes: dict[int, Evidence] = {}
        """The dimension of each axis."""
        self.units: dict[int, Tally] = {}
        """The units of tags, by axis."""
        self.linked: dict[str, Evidence] = {}
        """By ``metadata``, ``positions``, ``extents``, ``data``: what they refer to."""
        self.suffixes: dict[str, Tally] = {}
        """What the name of something linked has after the name of the entity."""
        self.agreements: dict[str, Agreement] = {}
        """By part: whether it is as long as the positions."""
        self.links: dict[str, Members] = {}
        self.members: dict[str, Members] = {}

    def observe(self, entity: Any, file: int) -> None:
        """Take one entity.

        Args:
            entity: the entity.
            file: number of the file that it is in; they come in order.
        """
        self.count += 1
        if file != self.last_file:
            self.files += 1
            self.last_file = file
        if self.kind == "Link":
            self._tally("type", _type(entity))
            return
        if self.kind == "Dimension":
            self._dimension(entity)
            return
        if "type" in getattr(entity, "__dict__", ()) and not isinstance(entity, Property):
            self._tally("type", _type(entity))
        for name in _FIELDS.get(self.kind, ()):
            content, _ = content_of(entity, name)
            if content is not UNKNOWN:
                self._tally(name, content)
        if self.kind in ("DataArray", "Property", "Column"):
            self._dtype(entity)
        match self.kind:
            case "Property":
                self._values(entity)
            case "DataArray":
                self._axes(entity)
            case "Tag" | "MultiTag":
                self._tag(entity)
            case "Feature":
                self._linked("data", entity, None, file)
        if "metadata" in getattr(entity, "__dict__", ()) and self.kind != "File":
            self._linked("metadata", entity, _name(entity), file)
        for name in _LINKS.get(self.kind, ()):
            self._links(name, entity, file)
        if self.depth > 0 or self.kind == "DataFrame":
            for name, kind in _CONTAINERS.get(self.kind, {}).items():
                self._contained(name, kind, entity, file)

    def tally(self, field: str) -> Tally:
        """What a field held; nothing where nobody asked."""
        return self.fields.get(field) or Tally()

    def _tally(self, field: str, value: Any) -> None:
        self.fields.setdefault(field, Tally()).add(value)

    def _dtype(self, entity: Any) -> None:
        content, _ = content_of(entity, "dtype")
        if content is None or content is UNKNOWN:
            self._tally("dtype", None)
            return
        words = getattr(content, "words", (str(content),))
        kind = next((one for one in words if one in KINDS_OF_VALUES), None)
        self._tally("dtype", kind or f"={words[0]}")
        self.dtypes.add(words[0])

    def _values(self, entity: Any) -> None:
        content, _ = content_of(entity, "values")
        if content is UNKNOWN or content is None:
            return
        self._tally("values", tuple(content[:1]) or None)
        for one in content[:_MOST_READ]:
            if isinstance(one, bool):
                continue
            if isinstance(one, int | float):
                self.numbers.add(float(one) if abs(one) < 1e300 else float("nan"))
            elif isinstance(one, str):
                self.texts.add(one)

    def _axes(self, entity: Any) -> None:
        dimensions = list(entity.__dict__.get("dimensions") or ())
        self._tally("dimensions", len(dimensions))
        for number, one in enumerate(dimensions[:MOST_AXES]):
            if number not in self.axes:
                self.axes[number] = Evidence("Dimension")
            self.axes[number].observe(one, self.last_file)

    def _dimension(self, dimension: Any) -> None:
        for name in ("type", "unit", "label", "link", "labels"):
            content, _ = content_of_dimension(dimension, name)
            if content is UNKNOWN:
                continue
            if isinstance(content, list):
                content = tuple(content) if len(content) <= 16 else ("",) * 17
            self._tally(name, content)
        content, _ = content_of_dimension(dimension, "sampling_interval")
        if isinstance(content, int | float):
            self.numbers.add(float(content))

    def _tag(self, entity: Any) -> None:
        units, _ = content_of(entity, "units")
        found = units if isinstance(units, list) else []
        self._tally("units", len(found))
        for number, one in enumerate(found[:MOST_AXES]):
            self.units.setdefault(number, Tally()).add(one)
        if self.kind == "Tag":
            for name in ("position", "extent"):
                content, _ = content_of(entity, name)
                self._tally(name, (content is not UNKNOWN and bool(content)) or None)
            return
        name = _name(entity)
        positions = self._linked("positions", entity, name, self.last_file)
        extents = self._linked("extents", entity, name, self.last_file)
        if positions is None:
            return
        if extents is not None:
            self._compare("extents", positions, extents)
        for feature in list(entity.__dict__.get("features") or ()):
            for target in linked(feature, "data"):
                if str(feature.__dict__.get("link_type")) == "indexed":
                    self._compare(f"feature {_type(target)}", positions, target)

    def _compare(self, part: str, positions: Any, other: Any) -> None:
        one, another = _length(positions), _length(other)
        if one is not None:
            self.agreements.setdefault(part, Agreement()).add(one, another)

    def _linked(self, field: str, entity: Any, name: str | None, file: int) -> Any:
        """What a field refers to; None where it refers to nothing."""
        target = next(iter(linked(entity, field)), None)
        evidence = self.linked.get(field)
        if evidence is None:
            evidence = self.linked[field] = Evidence("Link")
        if target is None:
            return None
        evidence.observe(target, file)
        evidence._tally("name", _name(target))
        if field != "metadata":
            rank, _ = content_of(target, "rank")
            evidence._tally("rank", rank if isinstance(rank, int) else None)
        if name:
            its = _name(target)
            after = f"={its[len(name) :]}" if its.startswith(name) else None
            self.suffixes.setdefault(field, Tally()).add(after)
            self.agreements.setdefault(f"name {field}", Agreement()).add(name, name)
        return target

    def _links(self, field: str, entity: Any, file: int) -> None:
        if field == "features":
            members = [
                Member(_name(target), _type(target), one)
                for one in entity.__dict__.get("features") or ()
                if isinstance(one, Feature)
                for target in linked(one, "data")
            ]
            kind = "Feature"
        else:
            members = [Member(_name(one), _type(one), one) for one in linked(entity, field)]
            kind = "Link"
        known = self.links.get(field)
        if known is None:
            make = partial(Evidence, kind, 0)
            known = self.links[field] = Members(make, each_type=kind == "Feature")
        known.observe(members, file)

    def _contained(self, name: str, kind: str, entity: Any, file: int) -> None:
        known = self.members.get(name)
        if known is None:
            make = partial(Evidence, kind, self.depth - 1)
            known = self.members[name] = Members(make, each_type=kind == "Block")
        found = members_of(entity, name)
        known.observe([Member(_name(one), _type(one), one) for one in found or ()], file)


def walk(file: Any) -> Iterator[Any]:
    """All entities of a file that have a type."""
    for one in file.walk():
        if "type" in one.__dict__ and type(one).__name__ in TYPED:
            yield one


TYPED = ("Block", "Group", "DataArray", "DataFrame", "Tag", "MultiTag", "Source", "Section")
"""Kinds of entity that have a type."""


def _name(entity: Any) -> str:
    found = entity.name if not hasattr(entity, "__dict__") else entity.__dict__.get("name")
    return found if isinstance(found, str) else ""


def _type(entity: Any) -> str:
    found = getattr(entity, "__dict__", {}).get("type")
    return found if isinstance(found, str) else ""


def _length(entity: Any) -> int | None:
    data = entity.__dict__.get("data")
    shape = getattr(data, "shape", None)
    return int(shape[0]) if shape else None
