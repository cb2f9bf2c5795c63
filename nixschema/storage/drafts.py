"""Which object of a tree is which entity: from the root down, by the places of fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nixschema.array import Array
from nixschema.layout import Columns, Dataset, FieldPlace, Members, Value, layout_of
from nixschema.model import (
    MODELS,
    DataFrameDimension,
    Extra,
    Model,
    Property,
    RangeDimension,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.data_frame import columns_of
from nixschema.model.extra import Foreign, ForeignLink, Problem
from nixschema.model.section import widest
from nixschema.storage.forms import keep_dataset, keep_order, keep_own_order
from nixschema.storage.plain import (
    array_value,
    attribute_value,
    list_value,
    storage_name,
    unit_texts,
)
from nixschema.storage.plan import Plan, plan_of
from nixschema.storage.remainder import Left, refused, stored
from nixschema.storage.tree import Node, NodeLink, Tree
from nixschema.storage.words import dangling, object_words, wanted

LARGEST_AXIS_NUMBER = 32
"""HDF5 has no more axes than these, so a dimension of a higher number describes none."""

DIMENSIONS: dict[str, type[Model]] = {
    "sample": SampledDimension,
    "range": RangeDimension,
    "set": SetDimension,
    "data_frame": DataFrameDimension,
}
"""Classes of dimension by what the file calls them."""

_CONTAINERS = frozenset(
    field.name
    for model in MODELS
    for field in layout_of(model).values()
    if isinstance(field.place, Members) and field.place.by == "name"
)

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(slots=True, eq=False)
class Draft:
    """An entity that is being read."""

    model: type[Model]
    node: Node
    link: str
    owner: Draft | None = None
    data: dict[str, Any] = field(default_factory=dict)
    extra: Extra = field(default_factory=Extra)
    members: dict[str, list[Draft]] = field(default_factory=dict)
    made: Model | None = None


@dataclass(slots=True)
class Pending:
    """A link that leads to another entity."""

    draft: Draft
    fields: tuple[FieldPlace, ...]
    """The field it is for; several where the kind of target decides."""
    node: Node
    """What the link leads to."""
    place: Node
    """The group the link is in."""
    link: str
    """Name of the link."""
    group: str = ""
    """Name of the group in the entity, or nothing where the link is in the entity itself."""
    again: bool = False
    """The group repeats what another one says, in the way of another library."""

    @property
    def targets(self) -> tuple[type[Model], ...]:
        """The kinds of entity it may lead to."""
        return tuple(kind for one in self.fields for kind in one.targets)  # type: ignore[misc]


class Claims:
    """What each object of a tree was found to be."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.owned: dict[int, Draft] = {}
        """Entities by the address of their object."""
        self.claimed: set[int] = set()
        """Addresses of all objects that belong to the model."""
        self.pending: list[Pending] = []
        """Links to other entities."""
        self.containers: dict[tuple[int, str], Node] = {}
        """Containers by what they link to and under which name, gathered when it is asked for."""
        self.left: list[Left] = []
        """Links that no field claims."""

    def claim(self, root: Draft) -> list[Draft]:
        """Find all entities that belong to one, owners before what they own."""
        self.owned[root.node.address] = root
        drafts: list[Draft] = []
        stack = [root]
        while stack:
            draft = stack.pop()
            drafts.append(draft)
            self.claimed.add(draft.node.address)
            self._take_attributes(draft)
            if draft.node.kind == "group":
                self._take_links(draft, stack)
            else:
                self._take_values_itself(draft)
            if draft.node.present:
                draft.data.update(
                    {
                        key: value
                        for key, value in draft.node.present.items()
                        if key not in draft.data
                    }
                )
        return drafts

    def _take_attributes(self, draft: Draft) -> None:
        known = plan_of(draft.model).attributes
        columns = plan_of(draft.model).columns
        for name, attribute in draft.node.attributes.items():
            one = known.get(name)
            if one is not None:
                value = attribute_value(attribute, one)
                if isinstance(value, Problem):
                    draft.extra.attributes[name] = refused(attribute, value, one)
                else:
                    draft.data[one.field] = value
                    if one.many and attribute.space.kind == "scalar":
                        draft.extra.formed().scalars |= {name}
                    elif isinstance(value, str) and "\0" in value:
                        draft.extra.formed().texts[name] = stored(attribute)
            elif columns is None or name != columns.name:
                draft.extra.attributes[name] = stored(attribute)

    def _take_links(self, draft: Draft, stack: list[Draft]) -> None:
        plan = plan_of(draft.model)
        by_id = _link_by_id(plan, draft.node)
        children: list[Draft] = []
        links = sorted(draft.node.links.items(), key=lambda item: item[0] in plan.repeated)
        for name, link in links:
            if name in plan.groups:
                children += self._take_members(draft, plan.groups[name], link)
            elif name in plan.datasets:
                self._take_dataset(draft, plan.datasets[name], link)
            elif name in plan.link_groups:
                self._take_link_group(draft, plan.link_groups[name], name, link)
            elif name in plan.links:
                self._take_link(draft, (plan.links[name],), name, link)
            elif name in plan.parts:
                children += self._take_part(draft, plan.parts[name], link)
            elif name == by_id:
                self._take_link(draft, plan.links_by_id, name, link)
            else:
                self.leave(draft.extra, name, draft.node, link)
        if plan.columns is not None:
            self._take_columns(draft, plan.columns)
        keep_own_order(draft.extra, plan, draft.node.links)
        stack.extend(reversed(children))

    def _claim_link(self, draft: Draft, group: str, name: str, link: NodeLink) -> None:
        """Remember that a link which a field claims is a soft one."""
        if link.kind == "soft":
            draft.extra.formed().soft[group, name] = link.target

    def target(self, node: Node, link: NodeLink) -> Node | None:
        """What a link leads to inside the file, or None."""
        if link.kind == "hard":
            target: Node = link.target
            return target
        return self.tree.follow(node, link.target) if link.kind == "soft" else None

    def _is_taken(self, node: Node) -> bool:
        """Whether an object is an entity, or a part of one, already."""
        return node.address in self.owned or node.address in self.claimed

    def _group(self, draft: Draft, name: str, link: NodeLink) -> Node | None:
        """The group of a container, or None with the reason in the remainder."""
        node = self.target(draft.node, link)
        problem = None
        if node is None:
            problem = dangling(name, link, "a group")
        elif node.kind != "group":
            problem = Problem("NIX122", name, object_words(node), "a group")
        elif self._is_taken(node):
            problem = _second_owner(draft.node, name, node, "a group")
        if problem is not None:
            self.leave(draft.extra, name, draft.node, link, problem)
            return None
        assert node is not None
        self.claimed.add(node.address)
        self._claim_link(draft, "", name, link)
        node.parent, node.name = draft.node, name
        if node.attributes:
            part = draft.extra.part(name)
            for key, attribute in node.attributes.items():
                part.attributes[key] = stored(attribute)
        if not node.links and draft.owner is not None:
            draft.extra.part(name)
        return node

    def _take_members(self, draft: Draft, one: FieldPlace, link: NodeLink) -> list[Draft]:
        group = self._group(draft, one.name, link)
        if group is None:
            return []
        by_number = isinstance(one.place, Members) and one.place.by == "number"
        found: list[Draft] = []
        left: list[str] = []
        for name, member in group.links.items():
            kind = wanted(one)
            node = self.target(group, member)
            problem = None
            if node is None:
                problem = dangling(name, member, kind)
            elif by_number and not (_NUMBER.fullmatch(name) and int(name) <= LARGEST_AXIS_NUMBER):
                problem = Problem("NIX205", name, f"a descriptor named `{name}`", "an axis number")
            elif self._is_taken(node):
                problem = self._second_place(group, name, node, one)
            elif not by_number and (rightful := self._rightful_place(group, name, node)):
                problem = Problem("NIX709", name, f"a second link to {rightful}", kind)
            else:
                model = _model_for(one, node)
                problem = not_an_entity(model, name, node, kind)
            if problem is not None:
                self.leave(draft.extra.part(one.name), name, group, member, problem)
                left.append(name)
                continue
            assert node is not None
            self._claim_link(draft, one.name, name, member)
            node.parent, node.name = group, name
            child = Draft(model, node, name, draft)
            self.owned[node.address] = child
            found.append(child)
        if by_number:
            found.sort(key=lambda child: int(child.link))
        if by_number or left:
            usual = (*(child.link for child in found), *left)
            keep_order(draft.extra, one.name, group.links, usual)
        draft.members[one.field] = found
        return found

    def _second_place(self, group: Node, name: str, node: Node, one: FieldPlace) -> Problem:
        """The problem of a member that is one of another place already, or of another kind."""
        owned = self.owned.get(node.address)
        problem = _second_owner(group, name, node, wanted(one))
        if owned is None or owned.model in one.targets or problem.rule != "NIX708":
            return problem
        return Problem("NIX709", name, problem.found, wanted(one))

    def _rightful_place(self, group: Node, name: str, node: Node) -> str | None:
        """Where an object is linked by its own name, if that is in a container of another kind."""
        own = node.attributes.get("name")
        own_name = own.text if own is not None else None
        if own_name in (None, name):
            return None
        if not self.containers:
            for other in self.tree.nodes.values():
                if other.kind == "group" and other.name in _CONTAINERS:
                    for link_name, link in other.links.items():
                        if link.kind == "hard":
                            self.containers[link.target.address, link_name] = other
        place = self.containers.get((node.address, own_name or ""))
        if place is None or place.name == group.name:
            return None
        return f"{place.path}/{own_name}"

    def _take_part(self, draft: Draft, one: FieldPlace, link: NodeLink) -> list[Draft]:
        node = self.target(draft.node, link)
        problem = None
        kind = wanted(one)
        if node is None:
            problem = dangling(one.name, link, kind)
        elif node.kind != "group":
            problem = Problem("NIX122", one.name, object_words(node), kind)
        elif self._is_taken(node):
            problem = _second_owner(draft.node, one.name, node, kind)
        if problem is not None:
            self.leave(draft.extra, one.name, draft.node, link, problem)
            return []
        assert node is not None
        self._claim_link(draft, "", one.name, link)
        node.parent, node.name = draft.node, one.name
        child = Draft(one.targets[0], node, one.name, draft)  # type: ignore[arg-type]
        self.owned[node.address] = child
        draft.members[one.field] = [child]
        return [child]

    def _take_dataset(self, draft: Draft, one: FieldPlace, link: NodeLink) -> None:
        node = self.target(draft.node, link)
        if node is not None and node.kind == "dataset" and link.kind == "hard":
            node.parent, node.name = draft.node, one.name
        value: Any
        if node is None:
            value = dangling(one.name, link, "a dataset")
        elif node.kind != "dataset":
            rule = "NIX110" if node.kind == "unreadable" else "NIX122"
            value = Problem(rule, one.name, object_words(node), "a dataset")
        elif isinstance(one.place, Dataset):
            value = array_value(one, node)
        else:
            value = list_value(one, node)
        if isinstance(value, Problem):
            self.leave(draft.extra, one.name, draft.node, link, value)
            return
        assert node is not None
        self._claim_link(draft, "", one.name, link)
        if link.kind == "soft":
            node.shared = True
        elif isinstance(one.place, Value):
            self.claimed.add(node.address)
        if isinstance(one.place, Value):
            keep_dataset(draft.extra, one, node, value)
        draft.data[one.field] = value
        if node.attributes:
            skip = plan_of(draft.model).columns
            attributes = {
                key: stored(attribute)
                for key, attribute in node.attributes.items()
                if skip is None or key != skip.name
            }
            if attributes:
                draft.extra.part(one.name).attributes.update(attributes)

    def _take_values_itself(self, draft: Draft) -> None:
        node = draft.node
        one = layout_of(draft.model)["values"]
        value = list_value(one, node)
        if isinstance(value, Problem):
            link = NodeLink("hard", node, None)
            self.left.append(Left(draft.extra, one.name, node, link, value))
            return
        draft.data["values"] = value
        keep_dataset(draft.extra, one, node, value)
        storage = storage_name(node)
        if storage is not None and storage != widest(value):
            draft.data["storage"] = storage

    def _take_columns(self, draft: Draft, one: FieldPlace) -> None:
        assert isinstance(one.place, Columns)
        data = draft.data.get(one.place.of)
        link = draft.node.links.get(one.place.of)
        node = self.target(draft.node, link) if link is not None else None
        columns = columns_of(data) if isinstance(data, Array) else []
        units: list[str] = []
        kept: dict[str, bool] = {}
        for place, part in ((draft.node, ""), (node, one.place.of)):
            attribute = place.attributes.get(one.name) if place is not None else None
            if attribute is None:
                continue
            told = unit_texts(attribute, len(columns), one.name)
            if isinstance(told, list) and (not any(told) or told == units or not units):
                units = units or (told if any(told) else [])
                kept[part] = any(told)
                continue
            if isinstance(told, list):
                told = Problem("NIX208", one.name, "other units than the frame", "the same units")
            elif not columns:
                told = Problem("", one.name, "", "")  # What the columns lack is told already.
            keeper = draft.extra.part(part) if part else draft.extra
            keeper.attributes[one.name] = stored(attribute, told)
        draft.extra.formed().columns = kept
        for column, unit in zip(columns, units, strict=False):
            column.unit = unit or None
        draft.data[one.field] = columns

    def _take_link(
        self, draft: Draft, fields: tuple[FieldPlace, ...], name: str, link: NodeLink
    ) -> None:
        node = self.target(draft.node, link)
        if node is None:
            problem = dangling(name, link, wanted(*fields))
            self.leave(draft.extra, name, draft.node, link, problem)
            return
        self._claim_link(draft, "", name, link)
        self.pending.append(Pending(draft, fields, node, draft.node, name))

    def _take_link_group(self, draft: Draft, one: FieldPlace, name: str, link: NodeLink) -> None:
        group = self._group(draft, name, link)
        if group is None:
            return
        again = name != one.name and one.name in draft.node.links
        first = self._same_group(draft, one.name) if again else None
        if first is not None and list(first.links) != list(group.links):
            for other, links in ((one.name, first.links), (name, group.links)):
                keep_order(draft.extra, other, links)
        for key, member in group.links.items():
            node = self.target(group, member)
            if node is None:
                problem = dangling(key, member, wanted(one))
                self.leave(draft.extra.part(name), key, group, member, problem)
                keep_order(draft.extra, name, group.links)
            else:
                self._claim_link(draft, name, key, member)
                self.pending.append(Pending(draft, (one,), node, group, key, name, again))

    def _same_group(self, draft: Draft, name: str) -> Node | None:
        group = self.target(draft.node, draft.node.links[name])
        return group if group is not None and group.kind == "group" else None

    def leave(
        self,
        extra: Extra,
        name: str,
        node: Node,
        link: NodeLink,
        problem: Problem | None = None,
    ) -> None:
        """Keep a link that no field claims; what hangs on it is gathered in the end."""
        if problem is None and link.kind == "external":
            problem = dangling(name, link, "")
        extra.members[name] = Foreign(ForeignLink("other", ""))
        self.left.append(Left(extra, name, node, link, problem))


def _second_owner(inside: Node, name: str, node: Node, kind: str) -> Problem:
    """The problem of an object that belongs to something already: perhaps to itself."""
    above: Node | None = inside
    while above is not None:
        if above is node:
            return Problem("NIX707", name, f"a link back to {node.path}", kind)
        above = above.parent
    return Problem("NIX708", name, f"a second link to {node.path}", f"{kind} with one place")


def _link_by_id(plan: Plan, node: Node) -> str | None:
    """The link of an entity that is named by the id of what it leads to: a hard one if any is."""
    if not plan.links_by_id:
        return None
    known = (*plan.groups, *plan.datasets, *plan.link_groups, *plan.links, *plan.parts)
    candidates = [name for name in node.links if name not in known]
    hard = [name for name in candidates if node.links[name].kind == "hard"]
    return next(iter((*hard, *candidates)), None)


def _model_for(one: FieldPlace, node: Node) -> type[Model]:
    if len(one.targets) == 1:
        return one.targets[0]  # type: ignore[return-value]
    attribute = node.attributes.get("dimension_type")
    kind = attribute.text if attribute is not None else None
    return DIMENSIONS.get(kind or "", UnknownDimension)


def not_an_entity(model: type[Model], name: str, node: Node, kind: str) -> Problem | None:
    """Why an object cannot be an entity of a class, or None."""
    object_kind = "dataset" if issubclass(model, Property) else "group"
    if node.kind != object_kind:
        return Problem("NIX122", name, object_words(node), kind)
    if issubclass(model, UnknownDimension):
        return None
    plan = plan_of(model)
    marks = {key for key in plan.attributes if key != "name"} | {"name"}
    known = (*plan.groups, *plan.datasets, *plan.links, *plan.link_groups, *plan.parts)
    if marks.isdisjoint(node.attributes) and not any(key in node.links for key in known):
        return Problem("NIX710", name, f"{object_words(node)} without id, name and type", kind)
    return None
