"""What holds of live models at any time, and whether an edit has changed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import nixschema as nx
from nixschema.model import Container, Model, Reference, Refs


def check_places(roots: Iterable[Model]) -> None:
    """Every part is in one place only, and knows it; nothing is looked up, nor an index made."""
    known: dict[int, Model] = {}
    for root in roots:
        assert root.owner is None
        assert root._container is None
        for one in root.walk():
            assert id(one) not in known, f"{one!r} is in two places"
            known[id(one)] = one
            assert one.root is root
            assert one.file is (root if isinstance(root, nx.File) else None)
            assert one.path.startswith("/" if root is one else root.path.rstrip("/"))
            repr(one)
            _check_fields(one)


def _check_fields(one: Model) -> None:
    for field, value in one.__dict__.items():
        if isinstance(value, Container):
            assert value.owner is one
            assert value.field == field
            _check_members(one, value)
        elif isinstance(value, Refs):
            assert value.owner is one
            _check_no_doubles(value)
        elif isinstance(value, Model):
            assert value.owner is one
            assert value._container is None


def _check_no_doubles(items: Refs[Any]) -> None:
    targets = [id(item.target) for item in items.items if item.target is not None]
    assert len(set(targets)) == len(targets), f"doubles in {items!r}"


def _check_members(owner: Model, members: Container[Any]) -> None:
    names = [name for name in members.names() if name]
    assert len(set(names)) == len(names), f"two of one name in {owner.path}: {names}"
    for number, member in enumerate(members):
        assert member.owner is owner
        assert member._container is members
        assert member in members
        assert members[number] is member
        assert members.index(member) == number
        if isinstance(member, nx.Dimension):
            assert member.number == number + 1


def check_lookups(root: Model, names: Iterable[str]) -> None:
    """Members are found by name and by id, and none by a name that it does not have."""
    for members in containers_in(root):
        for member in members:
            name, identifier = getattr(member, "name", ""), getattr(member, "id", "")
            if name:
                assert members[name] is member
            if identifier:
                found = members.by_id(identifier)
                assert found is not None
                assert found.id == identifier
        for absent in set(names) - set(members.names()):
            assert members.by_name(absent) is None
            assert absent not in members


def containers_in(root: Model) -> Iterator[Container[Any]]:
    """All containers of a model and of what it owns."""
    for one in root.walk():
        for value in one.__dict__.values():
            if isinstance(value, Container):
                yield value


def references_in(root: Model) -> Iterator[Refs[Any]]:
    """All lists of references of a model and of what it owns."""
    for one in root.walk():
        for value in one.__dict__.values():
            if isinstance(value, Refs):
                yield value


Expected = list[tuple[Model, tuple[Any, ...], Reference, Model]]
"""What refers, to which kinds, how, and what is meant."""


def meant_in(root: Model) -> Expected:
    """What references lead to, and will when they are asked: found without asking them."""
    expected: Expected = []
    for one in root.walk():
        for field, _, item in one.outgoing():
            target = item.target
            if target is None and field.targets == (nx.DataArray,) and one.block is not None:
                named = [array for array in one.block.data_arrays if array.name == item.text]
                target = named[0] if named else None
            if target is not None:
                expected.append((one, field.targets, item, target))
    return expected


def check_meant(expected: Expected) -> None:
    """References lead to what they led to, or to what has its id."""
    for referrer, kinds, item, target in expected:
        found = item.resolve(referrer, kinds)
        assert found is target or getattr(found, "id", "") == getattr(target, "id", None)


@dataclass(frozen=True, eq=False)
class Itself:
    """One object, told from all that are only equal to it."""

    one: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.one is other.one

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Meant:
    """What a reference means: an entity, or what its text comes to mean."""

    target: Itself
    id: str
    text: str

    def is_kept_by(self, later: Meant) -> bool:
        """Whether the same is meant later, when a text or an id may have been looked up."""
        if self.target == later.target:
            return self.target.one is not None or self.text == later.text
        return self.target.one is None or (self.id != "" and self.id == later.id)


@dataclass(frozen=True)
class Recorded:
    """A part of a model at one time."""

    model: Itself
    owner: Itself
    fields: dict[str, Any]

    def is_kept_by(self, later: Recorded) -> bool:
        """Whether it is the same later; references may have been looked up meanwhile."""
        return (
            self.model == later.model
            and self.owner == later.owner
            and self.fields.keys() == later.fields.keys()
            and all(_is_kept(value, later.fields[name]) for name, value in self.fields.items())
        )


def recorded(root: Model) -> list[Recorded]:
    """All that a model holds now."""
    return [
        Recorded(
            Itself(one),
            Itself(one.owner),
            {name: _state(one, name, value) for name, value in one.__dict__.items()},
        )
        for one in root.walk()
    ]


def is_unchanged(before: list[Recorded], after: list[Recorded]) -> bool:
    """Whether a model is as it was."""
    return len(before) == len(after) and all(
        one.is_kept_by(other) for one, other in zip(before, after, strict=True)
    )


def _state(owner: Model, name: str, value: Any) -> Any:
    if isinstance(value, Container):
        return [Itself(value), *(Itself(member) for member in value)]
    if isinstance(value, Refs):
        return [_meant(item) for item in value.items]
    if isinstance(value, Reference):
        return _meant(value)
    if isinstance(value, Model):
        return Itself(value)
    if isinstance(value, nx.Array):
        return Itself(value), Itself(value.source), _values_in_memory(value)
    if name == "target_type":  # Follows the data, which are looked up when they are asked for.
        return None if owner.__dict__["data"] is not None else value
    return repr(value)


def _meant(item: Reference) -> Meant:
    return Meant(Itself(item.target), getattr(item.target, "id", ""), item.text)


def _values_in_memory(array: nx.Array) -> str:
    """The values; those on disk stay, as each file is written once."""
    return repr(array.read().tolist()) if array.source.identity == () else ""


def _is_kept(before: Any, after: Any) -> bool:
    if isinstance(before, Meant) and isinstance(after, Meant):
        return before.is_kept_by(after)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_kept, before, after))
    return bool(before == after)
