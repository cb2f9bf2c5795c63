"""Where in a description something stands that a finding is about."""

from __future__ import annotations

from collections.abc import Iterable

from nixschema.descriptions.drafts import Draft
from nixschema.descriptions.keys import keys_of
from nixschema.model import Entity, File, Model
from nixschema.model.lookup import followed
from nixschema.rules.origin import Position
from nixschema.text.nodes import Mapping, Node, Sequence

_ABOUT = {
    "NIX201": "dimensions",
    "NIX210": "index",
    "NIX703": "extra",
    "NIX207": "type",
    "NIX406": "values",
}
"""The keys that rules are about which speak of an entity as a whole."""


class Lines:
    """The place of each entity of a description, and of its fields."""

    def __init__(
        self,
        file: File,
        drafts: list[Draft],
        made: list[tuple[Model, Node]],
        unsure: Iterable[tuple[Model, str]] = (),
    ) -> None:
        self.unsure = list(unsure)
        """Fields that are refused as they are said; no field for all of an entity."""
        self._file = file
        self._drafts = {id(draft.made): draft for draft in drafts if draft.made is not None}
        self._made = {id(model): node for model, node in made}
        self.ids = frozenset(
            draft.made.id
            for draft in drafts
            if "id" in draft.data and "id" in draft.nodes and isinstance(draft.made, Entity)
        )
        """Ids that stand in the text: the others are new ones each time it is read."""

    def at(self, rule: str, model: Model, steps: tuple[str | int, ...]) -> Position:
        """Where a field of an entity stands, or one of its items; else the entity."""
        node = self._made.get(id(model))
        while node is None and id(model) not in self._drafts and model.owner is not None:
            model, steps = model.owner, ()
            node = self._made.get(id(model))
        draft = self._drafts.get(id(model))
        if node is None and draft is not None:
            field, *rest = steps or (_ABOUT.get(rule, ""),)
            node = _field(draft, str(field), rest[0] if rest else None) or draft.key
        return Position(1, 1) if node is None else Position(node.line, node.column)

    def of(self, path: str) -> Position:
        """Where an entity or a part of it stands, or the nearest around it."""
        steps = [step for step in path.split("/") if step]
        model, taken = followed(self._file, steps)
        node = self._made.get(id(model))
        if node is not None:
            return Position(node.line, node.column)
        draft = self._drafts.get(id(model))
        while draft is None and model.owner is not None:
            model, taken = model.owner, len(steps)
            draft = self._drafts.get(id(model))
        if draft is None:
            return Position(1, 1)
        part = _part(draft, steps[taken]) if taken < len(steps) else None
        here = part or draft.key
        return Position(here.line, here.column)

    def has(self, path: str) -> bool:
        """Whether the description has the entity that a path leads to, or ends at a part of."""
        steps = [step for step in path.split("/") if step]
        return len(steps) - followed(self._file, steps)[1] < 2


def _field(draft: Draft, field: str, number: str | int | None) -> Node | None:
    """The key of a field, or one of the items that stand there."""
    if not isinstance(draft.node, Mapping):
        item = draft.node if field == "values" else None
        return _item(item, number) or item
    for key in keys_of(draft.model).values():
        if field in (key.field, key.name) and key.name in draft.node.keys:
            return _item(draft.node.items[key.name], number) or draft.node.keys[key.name]
    return None


def _item(node: Node | None, number: str | int | None) -> Node | None:
    if not isinstance(node, Sequence) or not isinstance(number, int):
        return None
    return node.items[number] if 0 <= number < len(node.items) else None


def _part(draft: Draft, name: str) -> Node | None:
    """The key of a field, by its name on disk."""
    if not isinstance(draft.node, Mapping):
        return None
    for key in keys_of(draft.model).values():
        on_disk = key.place.name if key.place is not None else key.name
        if on_disk == name and key.name in draft.node.keys:
            return draft.node.keys[key.name]
    return None
