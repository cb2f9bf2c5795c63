"""Change entities in a copy of a file: their attributes and values, their members, their links.

Objects stay where they are, so all links to them hold; nothing else in the file is touched. As in
`nixschema.storage.editing`, nothing here has to be safe against a crash.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from h5py import h5f, h5o

from nixschema.layout import Members, layout_of
from nixschema.model import Model, Reference
from nixschema.storage import making
from nixschema.storage.attributes import rewrite_attributes, write_attributes
from nixschema.storage.copying import Copier
from nixschema.storage.editing import attribute_names, change_copy, copy_attribute, relink
from nixschema.storage.edits import DropAttribute, Edit, Relink, Unlink
from nixschema.storage.lists import refill, write_list
from nixschema.storage.names import name_bytes
from nixschema.storage.plan import plan_of
from nixschema.storage.stream import Stream
from nixschema.storage.tree import Node


@dataclass(slots=True)
class Rewritten:
    """An entity that stays: what of it is written anew."""

    model: Model
    """The entity, as it is to be."""
    attributes: Collection[str] = ()
    """Names of attributes."""
    refilled: bool = False
    """The values of the dataset that it is; of the type that they had."""
    remade: bool = False
    """That dataset as a whole, with values of another type."""


@dataclass(slots=True)
class Made:
    """An entity that is made, with all that it holds."""

    model: Model
    owner: str
    """Path of its owner's object."""
    group: str
    """Name of the owner's group that gets it; made where there is none."""


@dataclass(slots=True)
class Unlinked:
    """A member that is taken out of a group."""

    owner: str
    """Path of its owner's object."""
    group: str
    link: str


@dataclass(slots=True)
class Linked:
    """An entity that has another link, or one less."""

    model: Model
    field: str


@dataclass(slots=True)
class Patch:
    """Changes of a file, in the order in which they are made."""

    rewritten: list[Rewritten] = field(default_factory=list)
    unlinked: list[Unlinked] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    linked: list[Linked] = field(default_factory=list)


@dataclass(slots=True)
class Touched:
    """What was changed of the objects that were there."""

    edits: list[Edit] = field(default_factory=list)
    refilled: set[int] = field(default_factory=set)
    """Addresses of datasets that have got other values."""


def make_changes(stream: Stream, patch: Patch) -> Touched:
    """Make changes in a file that a stream holds.

    Raises:
        CannotEdit: libhdf5 fails, or something cannot be written.
        OSError: the disk is full, and the like.
    """
    touched = Touched()
    change_copy(
        stream, lambda file_id: _Patching(file_id, stream, touched).make(patch), h5f.LIBVER_V110
    )
    return touched


class _Patching:
    def __init__(self, file_id: Any, stream: Stream, touched: Touched) -> None:
        self._file_id = file_id
        self._check = stream.check
        self._touched = touched
        self._copier = Copier(stream.check)
        self._made: dict[int, Any] = {}
        """Objects by the identity of their models."""

    def make(self, patch: Patch) -> None:
        remade: dict[str, list[Rewritten]] = {}
        for one in patch.rewritten:
            if not self._rewrite(one):
                remade.setdefault(_group_path(one.model), []).append(one)
            self._check()
        for path, ones in remade.items():
            self._remake(path, ones)
            self._check()
        for gone in patch.unlinked:
            group = self._open(f"{gone.owner}/{gone.group}")
            self._touched.edits.append(Unlink(_node(group), gone.link))
            group.unlink(name_bytes(gone.link))
            self._check()
        for new in patch.made:
            self._add(new)
        for linked in patch.linked:
            self._link(linked)
            self._check()

    def _open(self, path: str) -> Any:
        return h5o.open(self._file_id, name_bytes(path))

    def _rewrite(self, one: Rewritten) -> bool:
        """Change an object; False where another has to take its place."""
        if one.remade:
            return False
        here = self._open(one.model.path)
        if one.refilled:
            if not refill(here, *_values(one.model)):
                return False
            self._touched.refilled.add(h5o.get_info(here).addr)
        self._rewrite_attributes(one, here)
        return True

    def _rewrite_attributes(self, one: Rewritten, here: Any) -> None:
        rewrite_attributes(one.model, one.attributes, here, self._copier)
        node = _node(here)
        self._touched.edits += [DropAttribute(node, name) for name in one.attributes]

    def _remake(self, path: str, ones: list[Rewritten]) -> None:
        """Put new datasets in the place of old ones, in the same order."""
        group = self._open(path)
        node = _node(group)
        ids: dict[int, Any] = {}
        changes: list[Relink] = []
        for number, one in enumerate(ones):
            link = one.model.extra.link or one.model.key
            old = h5o.open(group, name_bytes(link))
            values, storage = _values(one.model)
            place = layout_of(type(one.model))["values"]
            made = write_list(group, None, place, values, storage, None, self._copier)
            for name in attribute_names(old):
                copy_attribute(old, made, name)
            rewrite_attributes(one.model, one.attributes, made, self._copier)
            ids[-1 - number] = made
            changes.append(Relink(node, link, Node(-1 - number)))
        relink(group, list(changes), ids)
        self._touched.edits += changes

    def _add(self, new: Made) -> None:
        owner = self._open(new.owner)
        stack = [(owner, new.group, new.model)]
        while stack:
            above, group_name, model = stack.pop()
            raw = name_bytes(group_name)
            group = h5o.open(above, raw) if raw in above else making.group(above, group_name)
            made = self._make(group, model)
            self._check()
            inner = [
                (made, one.name, member)
                for one in plan_of(type(model)).children
                if isinstance(one.place, Members)
                for member in model.__dict__[one.field]
            ]
            stack.extend(reversed(inner))

    def _make(self, group: Any, model: Model) -> Any:
        name = model.key
        if plan_of(type(model)).itself:
            values, storage = _values(model)
            place = layout_of(type(model))["values"]
            made = write_list(group, name, place, values, storage, None, self._copier)
        else:
            made = self._made[id(model)] = making.group(group, name)
        lost = write_attributes(model, model.__dict__, made, self._copier)
        if lost:
            raise ValueError(f"{model.path}: `{lost[0][0]}` cannot be written: {lost[0][1]}")
        return made

    def _link(self, one: Linked) -> None:
        place = layout_of(type(one.model))[one.field]
        here = self._object(one.model)
        raw = name_bytes(place.name)
        if raw in here:
            self._touched.edits.append(Unlink(_node(here), place.name))
            here.unlink(raw)
        reference: Reference | None = one.model.__dict__[one.field]
        target = None
        if reference is not None:
            target = reference.resolve(one.model, place.targets)  # type: ignore[arg-type]
        if target is not None:
            making.hard_link(self._object(target), here, place.name)

    def _object(self, model: Model) -> Any:
        known = self._made.get(id(model))
        return self._open(model.path) if known is None else known


def _values(model: Model) -> tuple[list[Any], str | None]:
    """The values of an entity that is a dataset, and their type where it is not the widest."""
    return list(model.__dict__["values"]), model.__dict__["storage"]


def _group_path(model: Model) -> str:
    return model.path.rpartition("/")[0]


def _node(here: Any) -> Node:
    return Node(h5o.get_info(here).addr)
