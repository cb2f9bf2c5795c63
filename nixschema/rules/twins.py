"""Which entities of a file have the same id, for rules that ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from nixschema.model import Entity, Model


class Twins:
    """Entities of one id; found when they are first asked for."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models

    def of(self, entity: Entity) -> list[Entity]:
        """The other entities that have an entity's id, in order of the file.

        Parts of copies have none: the copies have.
        """
        alike = self._alike.get(entity.id, [])
        others = [one for one in alike if one is not entity]
        return others if len(others) < len(alike) else []

    @cached_property
    def _alike(self) -> dict[str, list[Entity]]:
        first: dict[str, Entity] = {}
        alike: dict[str, list[Entity]] = {}
        for model in self._models:
            if isinstance(model, Entity) and model.id:
                known = first.setdefault(model.id, model)
                if known is not model:
                    alike.setdefault(model.id, [known]).append(model)
        parts = [one for one, entities in alike.items() if _are_parts(entities, alike)]
        for one in parts:
            del alike[one]
        return alike


def _are_parts(entities: list[Entity], alike: dict[str, list[Entity]]) -> bool:
    """Whether each is in another copy of the same entity."""
    holder, *others = {_id_around(entity) for entity in entities}
    return not others and len(alike.get(holder, ())) == len(entities)


def _id_around(entity: Entity) -> str:
    """Id of the entity that holds another, or nothing."""
    above = entity.owner
    while above is not None and not isinstance(above, Entity):
        above = above.owner
    return above.id if isinstance(above, Entity) else ""
