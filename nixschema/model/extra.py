"""The remainder: what a file holds and no field of the model claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from pydantic_core import core_schema

from nixschema.array import Array, Source, StoredType, same_values


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something in a file is not the field that its name claims to be."""

    rule: str
    """The rule that reports it."""
    name: str
    """Name on disk of the field, attribute, link or dataset."""
    found: str
    """What is there, in words."""
    expected: str
    """What was expected, in words."""


class Space(NamedTuple):
    """An HDF5 dataspace."""

    kind: str
    """``scalar``, ``simple`` or ``null``."""
    shape: tuple[int, ...] = ()
    """Length of each axis."""
    maxshape: tuple[int | None, ...] = ()
    """Largest length of each axis, None where it is unlimited."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An attribute as the file has it."""

    value: Any
    """The value: text, number, boolean, bytes or numpy array; None where it cannot be read."""
    type: StoredType | None = None
    """Its HDF5 type."""
    space: Space = Space("scalar")
    """Its HDF5 dataspace."""
    problem: Problem | None = field(default=None, compare=False)
    """Why it is not the field of its name; None for an attribute that no field is named after."""
    source: Any = field(default=None, compare=False)
    """Where the attribute lies, for one whose value is not in memory."""

    def __eq__(self, other: object) -> bool:
        """Same type, space and value; NaN equals NaN."""
        if not isinstance(other, Stored):
            return NotImplemented
        return (
            self.type == other.type and self.space == other.space and _same(self.value, other.value)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class ForeignLink:
    """A link inside an unknown object, or an unknown link."""

    kind: str
    """``hard`` (to an object of the unknown part), ``entity`` (a hard link to something
    that is kept elsewhere), ``soft``, ``external`` or ``other``."""
    target: Any
    """Number of the object for ``hard``, path for ``entity`` and ``soft``, (file, path) for
    ``external``."""
    entity: Any = None
    """The model that an ``entity`` link leads to, or into: the link follows when it is renamed."""
    part: str = ""
    """Path from there to what the link leads to."""

    def relinked(self, entities: Mapping[int, Any]) -> ForeignLink:
        """The same link to the copy of its entity, or by path where there is none."""
        made = entities.get(id(self.entity))
        return self.by_path() if made is None else replace(self, entity=made)

    def __eq__(self, other: object) -> bool:
        """Whether both lead to the same: the same entity, as ids tell, or the same path."""
        if not isinstance(other, ForeignLink):
            return NotImplemented
        return self.kind == other.kind and (
            self.target == other.target or (self._to() is not None and self._to() == other._to())
        )

    __hash__ = None  # type: ignore[assignment]

    def _to(self) -> tuple[str, str] | None:
        entity_id = getattr(self.entity, "id", "")
        return (entity_id, self.part) if entity_id else None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the path only: the model is pickled where it belongs."""
        known = self.by_path()
        return ForeignLink, (known.kind, known.target)

    def by_path(self) -> ForeignLink:
        """The same link by the path that its entity has now, for a copy of the file."""
        if self.entity is None:
            return self
        path: str = self.entity.path
        return ForeignLink(self.kind, f"{path.rstrip('/')}/{self.part}" if self.part else path)


@dataclass(slots=True)
class ForeignObject:
    """One HDF5 object that the model does not know."""

    kind: str
    """``group``, ``dataset``, ``datatype`` or ``unreadable``."""
    attributes: dict[str, Stored] = field(default_factory=dict)
    links: dict[str, ForeignLink] = field(default_factory=dict)
    data: Array | None = None
    type: StoredType | None = None
    source: Any = None
    """Where a named datatype lies in its file."""


@dataclass(slots=True)
class Foreign:
    """A link that no field claims, with all that hangs on it."""

    link: ForeignLink
    """How the owner links to it; a hard link leads to the first of ``objects``."""
    objects: list[ForeignObject] = field(default_factory=list)
    """What lies behind the link and belongs to nothing else; the first is the nearest."""
    path: str = ""
    """Where it lies in its file."""
    problem: Problem | None = field(default=None, compare=False)
    """Why it is not what its name or place claims; None for what is merely unknown."""

    def relinked(self, entities: Mapping[int, Any]) -> Foreign:
        """The same for a copy, with links to what was copied with it.

        Args:
            entities: copies by the identity of the originals; other links go by path.
        """
        objects = [
            replace(one, links={name: link.relinked(entities) for name, link in one.links.items()})
            for one in self.objects
        ]
        return replace(self, link=self.link.relinked(entities), objects=objects)

    def __eq__(self, other: object) -> bool:
        """Same link and equal objects behind it, arrays compared in blocks."""
        if not isinstance(other, Foreign):
            return NotImplemented
        return (
            self.link == other.link
            and len(self.objects) == len(other.objects)
            and all(
                _same_object(one, two) for one, two in zip(self.objects, other.objects, strict=True)
            )
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(slots=True)
class Form:
    """How a file stores an entity, as far as it would be written otherwise.

    It says nothing about what the entity is, so it is neither compared nor shown; a rewrite keeps
    it as far as it still fits.
    """

    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the links of a group in their order, by the group's name; the entity's own is ""."""
    soft: dict[tuple[str, str], str] = field(default_factory=dict)
    """Paths of soft links, by the names of group and link."""
    datasets: dict[str, Source] = field(default_factory=dict)
    """Datasets whose values are read as lists, by name."""
    columns: dict[str, bool] | None = None
    """Which objects have the units of columns, by name ("" is the entity's own), and whether they
    have more than blanks."""
    scalars: frozenset[str] = frozenset()
    """Names of attributes that are a single value where a list is meant."""
    texts: dict[str, Stored] = field(default_factory=dict)
    """Attributes whose text cannot be of variable length: it has a NUL in it."""

    def copy(self) -> Form:
        """The same, sharing nothing that can change."""
        return replace(
            self,
            links=dict(self.links),
            soft=dict(self.soft),
            datasets=dict(self.datasets),
            texts=dict(self.texts),
        )


class Extra:
    """What belongs to an entity, or to a part of it, and no field claims.

    ``attributes`` holds unknown attributes and those whose value does not fit their field.
    ``members`` holds unknown objects and links (`Foreign`), and what is unclaimed of known parts
    (`Extra`): the attributes of a container's group or of a dataset. An attribute yields to the
    field of its name once that is set.
    """

    __slots__ = ("attributes", "form", "link", "members")

    attributes: dict[str, Stored]
    members: dict[str, Member]
    link: str | None
    """Name of the link that leads to the entity, where it is not the usual one."""
    form: Form | None
    """How the file stores the entity, where that is not how it would be written anew."""

    def __init__(
        self,
        attributes: dict[str, Stored] | None = None,
        members: dict[str, Member] | None = None,
        link: str | None = None,
        form: Form | None = None,
    ) -> None:
        self.attributes = attributes if attributes is not None else {}
        self.members = members if members is not None else {}
        self.link = link
        self.form = form

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.attributes or self.members or self.link is not None)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same; the form does not matter."""
        if not isinstance(other, Extra):
            return NotImplemented
        return (
            self.link == other.link
            and self.attributes == other.attributes
            and list(self.attributes) == list(other.attributes)
            and self.members == other.members
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Tell how much there is."""
        return f"<Extra: {len(self.attributes)} attributes, {len(self.members)} members>"

    def formed(self) -> Form:
        """The form, made when there is none yet."""
        if self.form is None:
            self.form = Form()
        return self.form

    def part(self, name: str) -> Extra:
        """What is unclaimed of a known part, made when there is none yet."""
        known = self.members.get(name)
        if not isinstance(known, Extra):
            known = self.members[name] = Extra()
        return known

    def has(self, name: str) -> bool:
        """Whether something that is not a sound field stands where the field of that name would."""
        return name in self.attributes or isinstance(self.members.get(name), Foreign)

    def yield_to(self, name: str) -> None:
        """Drop what stands where a field would: the field of that name is set now."""
        self.attributes.pop(name, None)
        if isinstance(self.members.get(name), Foreign):
            del self.members[name]

    def walk(self, path: str) -> Iterator[tuple[str, str, Stored | Foreign]]:
        """Everything inside, as (path of the object it hangs on, name, thing)."""
        stack = [(path, self)]
        while stack:
            place, extra = stack.pop()
            for name, stored in extra.attributes.items():
                yield place, name, stored
            for name, member in extra.members.items():
                if isinstance(member, Extra):
                    stack.append((f"{place.rstrip('/')}/{name}", member))
                else:
                    yield place, name, member

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Accepted as an instance only."""
        return core_schema.is_instance_schema(cls)


Member: TypeAlias = Extra | Foreign


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        left, right = np.asarray(one), np.asarray(two)
        return left.dtype == right.dtype and same_values(left, right)
    if isinstance(one, float) and isinstance(two, float):
        return one == two or (one != one and two != two)
    return bool(one == two)


def _same_object(one: ForeignObject, two: ForeignObject) -> bool:
    if (one.kind, one.type, one.attributes, one.links) != (
        two.kind,
        two.type,
        two.attributes,
        two.links,
    ) or list(one.links) != list(two.links):
        return False
    if one.data is None or two.data is None:
        return one.data is two.data
    return one.data.equals(two.data)
