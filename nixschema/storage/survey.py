"""Which objects a file will have, and which of them several links lead to."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.model import Extra, File, Model
from nixschema.model.entity import reference_fields
from nixschema.model.extra import ForeignLink
from nixschema.storage.places import Key, Places, Target


class Survey:
    """All models that belong to a file, and what is referred to."""

    def __init__(self, file: File) -> None:
        self.places = Places(file)
        self.roots: list[Model] = [file]
        """The file, then models that are in it only because links lead to them."""
        models = self._models = list(file.walk())
        self.inside: set[int] = set(map(id, models))
        """Identities of all models in the file."""
        self.wanted: set[Key] = set()
        """Objects that links lead to beside those of their owners."""
        foreign: list[ForeignLink] = []
        for root in self.roots:
            for model in models if root is file else root.walk():
                for one, _, reference in model.outgoing() if reference_fields(type(model)) else ():
                    target = reference.resolve(model, one.targets)  # type: ignore[arg-type]
                    if target is not None:
                        self._reach(target)
                if model.extra.members:
                    foreign += _entity_links(model.extra)
        self.roots = [root for root in self.roots if not self._is_part(root)]
        for link in foreign:
            found = self.places.find(link, self.inside)
            if found is not None:
                self.wanted.add(found.key)

    def models(self) -> Iterator[Model]:
        """All models in the file."""
        yield from self._models
        for root in self.roots[1:]:
            yield from root.walk()

    def _is_part(self, model: Model) -> bool:
        """Whether a model belongs to another of the roots."""
        roots = set(map(id, self.roots))
        above = model.owner
        while above is not None and id(above) not in roots:
            above = above.owner
        return above is not None

    def _reach(self, target: Model) -> None:
        if id(target) not in self.inside and target.file is None:
            self.inside.update(id(inner) for inner in target.walk())
            self.roots.append(target)
        self.wanted.add(Target(target).key)


def _entity_links(extra: Extra) -> Iterator[ForeignLink]:
    """Links of foreign things to what is kept elsewhere."""
    for member in extra.members.values():
        if isinstance(member, Extra):
            yield from _entity_links(member)
            continue
        if member.link.kind == "entity":
            yield member.link
        for thing in member.objects:
            yield from (link for link in thing.links.values() if link.kind == "entity")
