"""The way back: from an entity to what refers to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nixschema.model.reference import Reference, Refs

if TYPE_CHECKING:
    from nixschema.layout import FieldPlace
    from nixschema.model.block import Block
    from nixschema.model.data_array import DataArray
    from nixschema.model.data_frame import DataFrame
    from nixschema.model.entity import Model
    from nixschema.model.group import Group
    from nixschema.model.section import Section
    from nixschema.model.source import Source
    from nixschema.model.tag import MultiTag, Tag


class Referred:
    """An entity to which others refer. Each list is found by a walk through the whole file."""

    __slots__ = ()

    @property
    def referring(self) -> list[Model]:
        """All that refers to this, in the order of the file."""
        return referring(self)  # type: ignore[arg-type]

    @property
    def referring_blocks(self) -> list[Block]:
        """The blocks that refer to this."""
        return self._referring("Block")

    @property
    def referring_groups(self) -> list[Group]:
        """The groups that refer to this."""
        return self._referring("Group")

    @property
    def referring_data_arrays(self) -> list[DataArray]:
        """The data arrays that refer to this."""
        return self._referring("DataArray")

    @property
    def referring_data_frames(self) -> list[DataFrame]:
        """The data frames that refer to this."""
        return self._referring("DataFrame")

    @property
    def referring_tags(self) -> list[Tag]:
        """The tags that refer to this."""
        return self._referring("Tag")

    @property
    def referring_multi_tags(self) -> list[MultiTag]:
        """The multi tags that refer to this."""
        return self._referring("MultiTag")

    @property
    def referring_sources(self) -> list[Source]:
        """The sources that refer to this."""
        return self._referring("Source")

    @property
    def referring_sections(self) -> list[Section]:
        """The sections that refer to this."""
        return self._referring("Section")

    def _referring(self, kind: str) -> list[Any]:
        return [one for one in self.referring if type(one).__name__ == kind]


def referring(target: Model) -> list[Model]:
    """All that refers to an entity, in the order of the file, each once."""
    found: dict[int, Model] = {}
    for model, _, _ in references_to([target], target.root):
        found.setdefault(id(model), model)
    return list(found.values())


def references_to(
    targets: list[Model], root: Model
) -> Iterator[tuple[Model, FieldPlace, Reference]]:
    """All references to some entities in a file, as (what refers, its field, the reference)."""
    wanted = {id(target) for target in targets}
    kinds = {type(target) for target in targets}
    for model in root.walk():
        for field, _, item in model.outgoing():
            if kinds.isdisjoint(field.targets):
                continue
            if id(item.resolve(model, field.targets)) in wanted:  # type: ignore[arg-type]
                yield model, field, item


def unlink(entity: Model) -> None:
    """Take out all references from elsewhere to an entity and what belongs to it.

    Features and dimension links, which are nothing without what they refer to, go with them.
    """
    within = list(entity.walk())
    inside = {id(one) for one in within}
    for model, field, item in list(references_to(within, entity.root)):
        if id(model) in inside:
            continue
        if model.only_refers:
            _drop(model)
        elif isinstance(references := model.__dict__[field.field], Refs):
            references.items[:] = [one for one in references.items if one is not item]
        else:
            setattr(model, field.field, None)


def _drop(part: Model) -> None:
    """Take a part out of its owner."""
    owner = part.owner
    if part._container is not None:
        part._container.remove(part)
    elif owner is not None:
        for name, value in owner.__dict__.items():
            if value is part:
                setattr(owner, name, None)
                break
