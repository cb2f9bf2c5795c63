"""Where in a description something stands that a finding is about."""

from __future__ import annotations

from typing import NamedTuple

from nixschema.descriptions.drafts import Draft
from nixschema.descriptions.keys import keys_of
from nixschema.model import File, Model
from nixschema.model.lookup import followed
from nixschema.text.nodes import Mapping, Node


class Position(NamedTuple):
    """A place in a text."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""


class Lines:
    """The place of each entity of a description, found by its path in the NIX file."""

    def __init__(self, file: File, drafts: list[Draft], made: list[tuple[Model, Node]]) -> None:
        self._file = file
        self._drafts = {id(draft.made): draft for draft in drafts if draft.made is not None}
        self._made = {id(model): node for model, node in made}

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


def _part(draft: Draft, name: str) -> Node | None:
    """The key of a field, by its name on disk."""
    if not isinstance(draft.node, Mapping):
        return None
    for key in keys_of(draft.model).values():
        on_disk = key.place.name if key.place is not None else key.name
        if on_disk == name and key.name in draft.node.keys:
            return draft.node.keys[key.name]
    return None
