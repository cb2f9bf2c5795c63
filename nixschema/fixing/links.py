"""Fixes of links and groups."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.fixing.fix import Place, fixes
from nixschema.model import Feature
from nixschema.storage.edits import Edit, KeepOrder, NewGroup, Relink, Rename, Unlink
from nixschema.storage.tree import Node


@fixes("NIX016", safety="safe")
def soft_link(place: Place) -> Iterator[Edit]:
    """A hard link to the same object."""
    node = place.node
    link = None if node is None else node.links.get(place.named)
    if node is None or link is None or link.kind != "soft":
        return
    target = place.around.tree.follow(node, link.target)
    if target is not None and target.address >= 0 and not _is_above(target, node):
        yield Relink(node, place.named, target)


def _is_above(target: Node, node: Node) -> bool:
    """Whether a hard link would close a circle."""
    here: Node | None = node
    while here is not None:
        if here is target:
            return True
        here = here.parent
    return False


@fixes("NIX019", safety="safe")
def missing_root_group(place: Place) -> Iterator[Edit]:
    """An empty group."""
    root = place.around.tree.root
    if place.named in ("data", "metadata") and place.named not in root.links:
        yield NewGroup(root, place.named)


@fixes("NIX013", safety="safe")
def group_without_order(place: Place) -> Iterator[Edit]:
    """The order in which libraries have shown the members so far: that of their names."""
    node, holder = place.node, place.holder
    if node is None or holder is None or node.shared or node.ordered:
        return
    if node.attributes or place.around.has_references:
        return  # An entity, or what values refer to: the object itself has to stay.
    yield KeepOrder(*holder)


@fixes("NIX706", safety="safe")
def link_of_other_name(place: Place) -> Iterator[Edit]:
    """The id of what the link leads to is its name."""
    model, holder = place.model, place.holder
    if isinstance(model, Feature) and holder is not None and model.extra.link == holder[1]:
        yield from _renamed(holder[0], holder[1], model.id)
    node = place.node
    for _, _, item in model.outgoing() if node is not None else ():
        if item.link is None or node is None or item.link not in node.links:
            continue
        target_id = getattr(item.target, "id", "")
        if target_id:
            yield from _renamed(node, item.link, target_id)


def _renamed(group: Node, name: str, new: str) -> Iterator[Edit]:
    if new and new not in group.links and "/" not in new:
        yield Rename(group, name, new)


@fixes("NIX711", safety="unsafe")
def link_to_nothing(place: Place) -> Iterator[Edit]:
    """It goes, where nothing is missing without it: from lists, and from what may have it."""
    for group, name in _links_told(place):
        link = group.links[name]
        if group.attributes and name not in ("metadata", "sources"):
            continue
        if link.kind == "soft" and place.around.tree.follow(group, link.target) is None:
            yield Unlink(group, name)


def _links_told(place: Place) -> Iterator[tuple[Node, str]]:
    """The link that a finding names: in the group at its path, or itself at its path."""
    if place.node is not None and place.named in place.node.links:
        yield place.node, place.named
    elif place.holder is not None and place.holder[1] == place.named:
        yield place.holder


@fixes("NIX305", safety="unsafe")
def feature_without_data(place: Place) -> Iterator[Edit]:
    """It goes: it says nothing but that something was deleted."""
    path = place.finding.path.removesuffix("/data")
    above, _, name = path.rpartition("/")
    group = place.around.node_at(above)
    if isinstance(place.model, Feature) and group is not None and name in group.links:
        yield Unlink(group, name)
