"""What lies at a path, as far as models and their remainder know it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nixschema.layout import Link, Links, Member, Members, layout_of
from nixschema.model import Container, Extra, Model, Reference, Refs, UnknownDimension
from nixschema.model.extra import Foreign, ForeignLink
from nixschema.storage.plan import plan_of

Key = tuple[int, str | int]
"""What tells objects apart: the identity of the owner, and the part."""


class Target(NamedTuple):
    """An object of a file to be."""

    owner: Model | Foreign
    """The model, or the foreign thing, that it belongs to."""
    part: str | int = ""
    """Name of a part of the model, "" for its own object; number of a foreign object."""

    @property
    def key(self) -> Key:
        """What tells it from other objects."""
        return id(self.owner), self.part


def member_links(members: Container[Any]) -> Iterator[tuple[str, Model]]:
    """Members with the names of the links that lead to them."""
    owner = members.owner
    place = layout_of(type(owner))[members.field].place if owner is not None else Members()
    by_number = isinstance(place, Members) and place.by == "number"
    for number, member in enumerate(members, 1):
        if isinstance(member, UnknownDimension) and member.missing:
            continue
        yield member.extra.link or (str(number) if by_number else member.key), member


def reference_links(references: Refs[Any]) -> Iterator[tuple[str, Model]]:
    """What references lead to, with the names of their links."""
    for item in references.items:
        target = item.resolve(references.owner, references.kinds)
        if target is not None:
            yield reference_link(item, target), target


def reference_link(reference: Reference, target: Model) -> str:
    """Name of the link that a reference is, where it is named by an id."""
    return reference.link or getattr(target, "id", "") or target.key


class Places:
    """Finds objects by their paths in the file that models were read from."""

    def __init__(self, root: Model) -> None:
        self._root = root
        self._members: dict[Key, dict[str, Model]] = {}

    def find(self, link: ForeignLink, inside: set[int]) -> Target | None:
        """The object that a link to something kept elsewhere leads to, or None.

        Args:
            link: the link.
            inside: identities of the models in the file.
        """
        if link.entity is not None and id(link.entity) in inside:
            return self._follow(link.entity, link.part)
        return self._follow(self._root, str(link.target))

    def _follow(self, model: Model, path: str) -> Target | None:
        steps = [step for step in path.split("/") if step]
        steps.reverse()
        while steps:
            name = steps.pop()
            onward = self._step(model, name, steps)
            if not isinstance(onward, Model):
                return onward
            model = onward
        return Target(model)

    def _step(self, model: Model, name: str, steps: list[str]) -> Model | Target | None:
        """One step further: a model to go on from, or the end."""
        plan = plan_of(type(model))
        one = plan.groups.get(name) or plan.parts.get(name) or plan.link_groups.get(name)
        one = one or plan.links.get(name)
        leftover = model.extra.members.get(name)
        if isinstance(leftover, Foreign):
            return _within(leftover, steps)
        if one is None:
            return Target(model, name) if name in plan.datasets else None
        if isinstance(one.place, Members | Links):
            if not steps:
                return Target(model, name)
            if isinstance(leftover, Extra):
                inner = leftover.members.get(steps[-1])
                if isinstance(inner, Foreign):
                    steps.pop()
                    return _within(inner, steps)
            return self._linked(model, one.field, name).get(steps.pop())
        value = model.__dict__.get(one.field)
        if isinstance(one.place, Member | Link):
            return value.target if isinstance(value, Reference) else value
        return None

    def _linked(self, model: Model, field: str, name: str) -> dict[str, Model]:
        """Models that a group has links to, by the names of the links."""
        key = (id(model), name)
        known = self._members.get(key)
        if known is None:
            value = model.__dict__[field]
            links = reference_links(value) if isinstance(value, Refs) else member_links(value)
            known = self._members[key] = dict(links)
        return known


def _within(foreign: Foreign, steps: list[str]) -> Target | None:
    """Follow links inside something foreign."""
    if foreign.link.kind != "hard":
        return None
    number = 0
    while steps:
        link = foreign.objects[number].links.get(steps.pop())
        if link is None or link.kind != "hard":
            return None
        number = link.target
    return Target(foreign, number)
