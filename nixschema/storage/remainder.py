"""The remainder: what no field claims, gathered from the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nixschema.layout import FieldPlace
from nixschema.model import Model
from nixschema.model.extra import (
    Extra,
    Foreign,
    ForeignLink,
    ForeignObject,
    Problem,
    Space,
    Stored,
)
from nixschema.storage.plain import is_utf8, placed
from nixschema.storage.tree import Node, NodeAttribute, NodeLink


@dataclass(slots=True)
class Left:
    """A link that no field claims, until what hangs on it is known."""

    extra: Extra
    """Where it is kept."""
    name: str
    node: Node
    """The group the link is in."""
    link: NodeLink
    problem: Problem | None


def stored(attribute: NodeAttribute, problem: Problem | None = None) -> Stored:
    """An attribute as the remainder keeps it."""
    return Stored(attribute.value, attribute.type, attribute.space, problem, attribute.source)


def refused(attribute: NodeAttribute, problem: Problem, one: FieldPlace) -> Stored:
    """An attribute that a field is named after, and does not fit it.

    Where text was expected and is there, its value is what is kept, whatever type of string and
    dataspace it has: those are the file's way to write text.
    """
    text = attribute.text
    is_string = attribute.type is not None and attribute.type.kind == "string"
    if is_string and text is not None and one.is_text and _is_utf8(attribute.value, text):
        return Stored(text, None, Space("scalar"), problem)
    return stored(attribute, problem)


def _is_utf8(value: object, text: str) -> bool:
    odd = "\ufffd" in text or "\0" in text
    return not isinstance(value, bytes) and not odd and is_utf8(text)


def lone_dataset(node: Node, problem: Problem) -> Foreign:
    """A dataset whose attributes are kept elsewhere."""
    data = None if node.data is None else placed(node, node.data)
    thing = ForeignObject(node.kind, {}, {}, data, node.type)
    return Foreign(ForeignLink("hard", 0), [thing], node.path, problem)


def _to_entity(target: Node, models: Mapping[int, Model]) -> ForeignLink:
    """A link to something that is kept elsewhere: an entity, or a part of one."""
    names: list[str] = []
    here: Node | None = target
    while here is not None and here.address not in models:
        names.append(here.name)
        here = here.parent
    entity = models[here.address] if here is not None else None
    return ForeignLink("entity", target.path, entity, "/".join(reversed(names)))


def foreign(left: Left, known: set[int], models: Mapping[int, Model]) -> Foreign:
    """A link that no field claims, with all that hangs on it and is not known."""
    node, name, link, problem = left.node, left.name, left.link, left.problem
    if link.kind != "hard":
        kept = ForeignLink(link.kind, link.target)
        return Foreign(kept, [], f"{node.path.rstrip('/')}/{name}", problem)
    start: Node = link.target
    itself = start is node and node.kind == "dataset"
    if start.address in known and not itself:
        return Foreign(_to_entity(start, models), [], start.path, problem)
    if not itself:
        start.parent, start.name = node, name
    numbers = {start.address: 0}
    order = [start]
    objects: list[ForeignObject] = []
    for here in order:
        kept_links: dict[str, ForeignLink] = {}
        for key, onward in here.links.items():
            if onward.kind != "hard":
                kept_links[key] = ForeignLink(onward.kind, onward.target)
                if onward.kind == "external" and problem is None:
                    found = f"a group with a link to another file, `{onward.target[0]}`"
                    problem = Problem("NIX014", name, found, "")
                continue
            target: Node = onward.target
            if target.address in known:
                kept_links[key] = _to_entity(target, models)
                continue
            if target.address not in numbers:
                numbers[target.address] = len(order)
                target.parent, target.name = here, key
                order.append(target)
            kept_links[key] = ForeignLink("hard", numbers[target.address])
        attributes = {} if itself else here.attributes
        objects.append(
            ForeignObject(
                here.kind,
                {key: stored(attribute) for key, attribute in attributes.items()},
                kept_links,
                None if here.data is None else placed(here, here.data),
                here.type,
                here.source,
            )
        )
    known.update(numbers)
    return Foreign(ForeignLink("hard", 0), objects, start.path, problem)
