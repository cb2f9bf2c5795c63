"""What models were when they were last in their file: which of them have changed since.

A model that is as it was, and leads only to such, keeps its object in the file. All others are made
anew: those that have changed, what owns them, and what refers to them.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from nixschema.array import Array
from nixschema.layout import layout_of
from nixschema.model import Container, Extra, File, Model, Reference, Refs
from nixschema.model.data_frame import Column
from nixschema.model.extra import Foreign, ForeignObject, Stored
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.plan import plan_of

_SHORT = 16
"""Longer lists are remembered by a digest."""


class _State(NamedTuple):
    """A model as it was."""

    model: Model
    place: str
    """Path of its object."""
    fields: tuple[Any, ...]
    leads: int
    """How many references led to it."""
    held: tuple[Any, ...]
    """What is told by its identity, and so must not go."""


class States:
    """All models of a file as they are now, to be compared with later."""

    def __init__(self, models: Iterable[Model], *, reuse: bool = True) -> None:
        """Remember models.

        Args:
            models: all that are in a file.
            reuse: see there.
        """
        self.reuse = reuse
        """Whether what has not changed may keep its object."""
        known = list(models)
        leads = Counter(id(target) for model in known for target in _targets(model))
        self._known = {id(model): _state(model, leads[id(model)]) for model in known}
        self._things = {
            id(thing): (thing, _attributes(thing.attributes))
            for model in known
            if model.extra.members
            for thing in _foreign_objects(model.extra)
        }

    def place(self, model: Model) -> str:
        """The path that a model had."""
        return self._known[id(model)].place

    def attributes(self, model: Model, part: str) -> tuple[Any, ...] | None:
        """What the dataset of a model had for attributes; see `part_attributes`."""
        known = self._known.get(id(model))
        if known is None:
            return None
        return dict(known.fields[-1]).get(part)

    def datasets(self, unchanged: set[int]) -> dict[str, tuple[int, str]]:
        """Paths of the datasets that models have, each with the model's identity and the field."""
        found: dict[str, tuple[int, str]] = {}
        for identity in unchanged:
            model = self._known[identity].model
            form = model.extra.form
            for name, one in plan_of(type(model)).datasets.items():
                value = model.__dict__[one.field]
                source: Any = value.source if isinstance(value, Array) else None
                if source is None and form is not None:
                    source = form.datasets.get(name)
                if isinstance(source, DatasetSource):
                    found[source.place] = (identity, name)
        return found

    def describes(self, thing: ForeignObject) -> bool:
        """Whether something foreign has the attributes that it had."""
        known = self._things.get(id(thing))
        return known is not None and known[1] == _attributes(thing.attributes)

    def unchanged(self, file: File, models: Iterable[Model]) -> set[int] | None:
        """Identities of the models that keep their objects, or None where nothing has changed.

        Args:
            file: the file.
            models: all that are in it now.
        """
        present = list(models)
        leads = Counter(id(target) for model in present for target in _targets(model))
        changed = [
            model
            for model in present
            if (known := self._known.get(id(model))) is None
            or known.fields != _fields(model)[0]
            or known.leads < leads[id(model)]
        ]
        if not changed and len(present) == len(self._known):
            return None
        if not self.reuse:
            return set()
        changed += [model for model in present if model.root is not file or not _may_stay(model)]
        referring: dict[int, list[Model]] = {}
        for model in present:
            for target in _targets(model):
                referring.setdefault(id(target), []).append(model)
        anew = {id(file)}
        while changed:
            model = changed.pop()
            if id(model) in anew:
                continue
            anew.add(id(model))
            changed += referring.get(id(model), ())
            if model.owner is not None:
                changed.append(model.owner)
        return {id(model) for model in present} - anew


def part_attributes(model: Model, part: str) -> tuple[Any, ...]:
    """What tells the attributes of a model's dataset, apart from the values."""
    leftover = model.extra.members.get(part)
    attributes = leftover.attributes if isinstance(leftover, Extra) else {}
    columns = plan_of(type(model)).columns
    units = _plain(model.__dict__[columns.field], []) if columns is not None else ()
    return _attributes(attributes), units


def _attributes(stored: Mapping[str, Stored]) -> tuple[Any, ...]:
    return tuple((name, id(one)) for name, one in stored.items())


def _foreign_objects(extra: Extra) -> Iterator[ForeignObject]:
    for member in extra.members.values():
        if isinstance(member, Extra):
            yield from _foreign_objects(member)
        else:
            yield from member.objects


def _state(model: Model, leads: int) -> _State:
    fields, held = _fields(model)
    return _State(model, model.path, fields, leads, held)


def _fields(model: Model) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    held: list[Any] = []
    values = [_plain(model.__dict__[name], held, model) for name in layout_of(type(model))]
    parts = tuple((name, part_attributes(model, name)) for name in plan_of(type(model)).datasets)
    named = "name" in model.__pydantic_fields_set__
    return (*values, named, _extra(model.extra, held), parts), tuple(held)


def _plain(value: Any, held: list[Any], owner: Model | None = None) -> Any:
    """A value as what is equal when it is written alike."""
    if isinstance(value, Array):
        held.append(value.source)
        source = value.source
        return id(source) if isinstance(source, DatasetSource) and source.live else object()
    if isinstance(value, Container):
        held.extend(value)
        return tuple(map(id, value))
    if isinstance(value, Refs):
        return tuple(_plain(item, held, value.owner) for item in value.items)
    if isinstance(value, Reference):
        held.append(value.target)
        return value.text if value.target is None else id(value.target), value.link
    if isinstance(value, Model):
        held.append(value)
        return id(value)
    if isinstance(value, Column):
        return value.name, value.dtype, value.unit
    if isinstance(value, list):
        if len(value) > _SHORT:
            return blake2b(pickle.dumps(value)).digest()
        return tuple(_plain(item, held) for item in value)
    if isinstance(value, Extra):
        return None
    return value if isinstance(value, str) or value is None else (type(value), repr(value))


def _extra(extra: Extra, held: list[Any]) -> tuple[Any, ...]:
    held.extend(extra.attributes.values())
    members: list[Any] = []
    for name, member in extra.members.items():
        if isinstance(member, Extra):
            members.append((name, _extra(member, held)))
        else:
            members.append((name, tuple(_foreign(member, held))))
    return extra.link, _attributes(extra.attributes), tuple(members)


def _foreign(foreign: Foreign, held: list[Any]) -> Iterator[Any]:
    held.append(foreign.link)
    yield id(foreign.link)
    for thing in foreign.objects:
        links = list(thing.links.values())
        stored = list(thing.attributes.values())
        held.extend((*links, *stored, thing.data, thing.data and thing.data.source))
        yield thing.kind, tuple(thing.links), tuple(map(id, links))
        yield tuple(thing.attributes), tuple(map(id, stored)), thing.data and id(thing.data.source)


def _targets(model: Model) -> Iterator[Model]:
    for one, _, reference in model.outgoing():
        target = reference.resolve(model, one.targets)  # type: ignore[arg-type]
        if target is not None:
            yield target


def _may_stay(model: Model) -> bool:
    """Whether an object tells all by itself: what is foreign may hang together."""
    return not any(
        isinstance(inner, Foreign)
        for member in model.extra.members.values()
        for inner in (member.members.values() if isinstance(member, Extra) else (member,))
    )
