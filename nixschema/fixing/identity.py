"""Fixes of ids and names."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

from nixschema.fixing.fix import Place, fixes, is_uuid, text_of
from nixschema.model import Entity, File, NamedEntity
from nixschema.storage.edits import Edit, Rename, SetText
from nixschema.storage.tree import Node

_IDS = ("entity_id", "id")


@fixes("NIX101", safety="safe")
def missing_id(place: Place) -> Iterator[Edit]:
    """The id that links to the entity still have as their name, else a new one."""
    if place.node is not None and place.named in _IDS:
        yield from _with_id(place, place.node, place.named, _known_id(place, place.node))


@fixes("NIX102", "NIX103", "NIX107", "NIX109", "NIX110", safety="unsafe")
def unusable_id(place: Place) -> Iterator[Edit]:
    """As one that is missing."""
    if place.node is not None and place.named in _IDS and place.named in place.node.attributes:
        yield from _with_id(place, place.node, place.named, _known_id(place, place.node))


def _known_id(place: Place, node: Node) -> str:
    names = {name for _, name in place.around.links.get(node.address, ()) if is_uuid(name)}
    free = names - place.around.ids
    return free.pop() if len(free) == 1 and len(names) == 1 else str(uuid4())


def _with_id(place: Place, node: Node, name: str, new: str) -> Iterator[Edit]:
    """Write an id, and have links follow that are named by the old one."""
    before = node.attributes.get(name)
    old = None if before is None else before.text
    yield SetText(node, name, new)
    if not old or old == text_of(node, "name"):
        return  # Its owner's link has that name too.
    for group, link in place.around.links.get(node.address, ()):
        if link == old and new not in group.links:
            yield Rename(group, link, new)


@fixes("NIX718", safety="unsafe")
def id_of_zeros(place: Place) -> Iterator[Edit]:
    """A new id."""
    model, node = place.model, place.node
    name = "id" if isinstance(model, File) else "entity_id"
    if isinstance(model, Entity) and node is not None and name in node.attributes:
        yield from _with_id(place, node, name, str(uuid4()))


@fixes("NIX719", safety="safe")
def id_in_other_form(place: Place) -> Iterator[Edit]:
    """The same UUID in the usual form, also as the name of links."""
    model, node = place.model, place.node
    name = "id" if isinstance(model, File) else "entity_id"
    if isinstance(model, Entity) and model.id and node is not None and name in node.attributes:
        usual = str(UUID(model.id))
        if usual != model.id and usual not in place.around.ids:
            yield from _with_id(place, node, name, usual)


@fixes("NIX702", safety="unsafe")
def id_of_a_copy(place: Place) -> Iterator[Edit]:
    """The first entity keeps it; the others, and their parts, get new ones."""
    copies = place.around.by_id.get(place.named, [])[1:]
    for model in place.model.walk() if any(one is place.model for one in copies) else ():
        known = place.around.by_id.get(getattr(model, "id", ""), [])
        if not isinstance(model, Entity) or len(known) < 2 or known[0] is model:
            continue
        node = place.around.node_of(model)
        if node is not None and "entity_id" in node.attributes:
            yield from _with_id(place, node, "entity_id", str(uuid4()))


@fixes("NIX703", safety="unsafe")
def name_that_is_not_the_link(place: Place) -> Iterator[Edit]:
    """The name becomes that of the link, by which the entity is found, and which no other has."""
    model, node = place.model, place.node
    if isinstance(model, NamedEntity) and node is not None and model.extra.link:
        yield SetText(node, "name", model.extra.link)
