"""Which entity of one model is which of another: by id where that tells, else by path."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeAlias

from nixschema.layout import Members, layout_of
from nixschema.model.container import Container
from nixschema.model.entity import Model, structure
from nixschema.model.reference import Reference

By: TypeAlias = Literal["id", "name"]
"""How entities are paired: by id first, or by path only."""


class Matches(NamedTuple):
    """References of one entity beside those of another."""

    both: list[tuple[Reference, Reference]]
    """Those that lead to the same, in order of the left."""
    only_left: list[Reference]
    """Those without a counterpart on the right."""
    only_right: list[Reference]
    """Those without a counterpart on the left."""


class Pairs:
    """The entities of two models, each with the one that it is in the other.

    Entities of one id are a pair where each model has that id once and their kinds agree. What is
    left is paired within owners that are a pair: members by name, dimensions by number, features by
    what they lead to. What no model owns and a reference leads to belongs to the model too.
    """

    __slots__ = ("_partners", "left", "right")

    def __init__(self, left: Model, right: Model, *, by: By = "id") -> None:
        self.left = reached(left)
        """All of the left model, owners first, then what is only referred to."""
        self.right = reached(right)
        """All of the right model."""
        self._partners: tuple[dict[int, Model], dict[int, Model]] = ({}, {})
        self._pair(left, right)
        if by == "id":
            self._pair_by_id(left, right)
        self._match(_outside(self.left, left), _outside(self.right, right), _path)
        for one in self.left:
            other = self.in_right(one)
            if other is not None:
                self._pair_parts(one, other)

    def in_right(self, model: Model | None) -> Model | None:
        """What a part of the left model is in the right one, or None."""
        return self._partners[0].get(id(model))

    def in_left(self, model: Model | None) -> Model | None:
        """What a part of the right model is in the left one, or None."""
        return self._partners[1].get(id(model))

    def match_references(self, left: list[Reference], right: list[Reference]) -> Matches:
        """Which resolved references lead to the same: to a pair, else to the same id, else text."""
        partners: dict[int, int] = {}
        targets = [self.in_right(item.target) for item in left]
        _match_keys(partners, _identities(targets), _identities(item.target for item in right))
        _match_keys(partners, [item.key() for item in left], [item.key() for item in right])
        taken = set(partners.values())
        return Matches(
            [(left[one], right[other]) for one, other in sorted(partners.items())],
            [item for position, item in enumerate(left) if position not in partners],
            [item for position, item in enumerate(right) if position not in taken],
        )

    def _pair(self, one: Model, other: Model) -> None:
        self._partners[0][id(one)] = other
        self._partners[1][id(other)] = one

    def _pair_by_id(self, left: Model, right: Model) -> None:
        found = _unique_ids(self.right, right)
        for identifier, one in _unique_ids(self.left, left).items():
            other = found.get(identifier)
            if one is not None and other is not None and type(one) is type(other):
                self._pair(one, other)

    def _pair_parts(self, one: Model, other: Model) -> None:
        layout = layout_of(type(one))
        for name in structure(type(one)):
            a, b = one.__dict__[name], other.__dict__.get(name)
            if isinstance(a, Model) and isinstance(b, Model):
                self._pair(a, b)
            elif isinstance(a, Container) and isinstance(b, Container):
                place = layout[name].place
                by = place.by if isinstance(place, Members) else "name"
                if by == "number":
                    for x, y in zip(a, b, strict=False):
                        self._pair(x, y)
                    continue
                self._match(a, b, _key)
                if by == "id":
                    self._match(a, b, _led_to)

    def _match(
        self, left: Iterable[Model], right: Iterable[Model], key: Callable[[Model], str]
    ) -> None:
        """Pair what has no partner yet, of one kind and key, in order."""
        waiting: dict[Any, deque[Model]] = {}
        for other in right:
            if self.in_left(other) is None:
                waiting.setdefault((type(other), key(other)), deque()).append(other)
        if not waiting:
            return
        for one in left:
            if self.in_right(one) is None and (found := waiting.get((type(one), key(one)))):
                self._pair(one, found.popleft())


def _identities(models: Iterable[Model | None]) -> list[int | None]:
    return [None if model is None else id(model) for model in models]


def _match_keys(partners: dict[int, int], left: list[Any], right: list[Any]) -> None:
    """Give each place on the left, in order, the next free one on the right with the same key."""
    taken = set(partners.values())
    waiting: dict[Any, deque[int]] = {}
    for position, key in enumerate(right):
        if key is not None and position not in taken:
            waiting.setdefault(key, deque()).append(position)
    for position, key in enumerate(left):
        if position not in partners and (found := waiting.get(key)):
            partners[position] = found.popleft()


def reached(model: Model) -> list[Model]:
    """A model, all it owns, and what these refer to that nothing owns; owners come first."""
    found: list[Model] = []
    roots = [model]
    known = {id(model)}
    for root in roots:
        for one in root.walk():
            found.append(one)
            for field, _, item in one.outgoing():
                target = item.resolve(one, field.targets)  # type: ignore[arg-type]
                if target is not None and target.owner is None and id(target) not in known:
                    known.add(id(target))
                    roots.append(target)
    return found


def _outside(models: list[Model], root: Model) -> list[Model]:
    return [one for one in models if one.owner is None and one is not root]


def _unique_ids(models: list[Model], root: Model) -> dict[str, Model | None]:
    """What has an id, by that; None for an id that several have.

    Parts that are no members, such as dimension links, go with their owners.
    """
    found: dict[str, Model | None] = {}
    for one in models:
        identifier = one.__dict__.get("id")
        if identifier and one is not root and (one._container is not None or one.owner is None):
            found[identifier] = None if identifier in found else one
    return found


def _key(model: Model) -> str:
    return model.key


def _path(model: Model) -> str:
    return model.path


def _led_to(model: Model) -> str:
    return "\n".join(item.written(model) for _, _, item in model.outgoing())
