"""From a tree to models: each field's plain value by its place, then pydantic judges.

Loading discards nothing and never raises. What no field claims, and what does not fit the field of
its name, is kept in the remainder of its owner together with the reason.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from pydantic import ValidationError

from nixschema.array import Array, shape_text
from nixschema.layout import (
    Attribute,
    Columns,
    Dataset,
    FieldPlace,
    Link,
    Links,
    Member,
    Members,
    Value,
    layout_of,
)
from nixschema.model import (
    Container,
    DataArray,
    DataFrame,
    DataFrameDimension,
    Extra,
    File,
    Model,
    Property,
    RangeDimension,
    Reference,
    Refs,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.data_frame import columns_of
from nixschema.model.extra import Foreign, ForeignLink, ForeignObject, Problem, Stored
from nixschema.model.fields import LOADING
from nixschema.model.section import STORAGE_TYPES, widest
from nixschema.model.units import Unit
from nixschema.storage.tree import Node, NodeAttribute, NodeLink, Tree
from nixschema.storage.upgrades import upgrade

LARGEST_LIST = 10_000_000
"""Longer lists of labels, units, positions or property values are left in the file."""

LARGEST_AXIS_NUMBER = 32
"""HDF5 has no more axes than these, so a dimension of a higher number describes none."""

RULES_OF_ERRORS: dict[str, str] = {
    "string_type": "NIX102",
    "float_type": "NIX102",
    "int_type": "NIX102",
    "int_from_float": "NIX102",
    "bool_type": "NIX102",
    "datetime_type": "NIX102",
    "list_type": "NIX102",
    "tuple_type": "NIX102",
    "array": "NIX102",
    "array_type": "NIX102",
    "property_values": "NIX102",
    "storage": "NIX102",
    "is_instance_of": "NIX102",
    "value_error": "NIX102",
    "finite_number": "NIX104",
    "greater_than": "NIX104",
    "greater_than_equal": "NIX104",
    "int_parsing_size": "NIX104",
    "string_too_short": "NIX105",
    "literal_error": "NIX106",
    "uuid_text": "NIX107",
    "time_text": "NIX108",
    "array_rank": "NIX109",
    "too_short": "NIX109",
    "too_long": "NIX109",
    "missing": "NIX109",
    "string_unicode": "NIX103",
    "odml_type": "NIX112",
}
"""Which rule reports an error of pydantic's about a field that was read from a file."""

DIMENSIONS: dict[str, type[Model]] = {
    "sample": SampledDimension,
    "range": RangeDimension,
    "set": SetDimension,
    "data_frame": DataFrameDimension,
}
"""Classes of dimension by what the file calls them."""

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

_UNSET_WHEN_ABSENT: dict[str, Any] = {
    "id": "",
    "type": "",
    "created_at": None,
    "updated_at": None,
    "dimension_type": None,
    "format": None,
    "version": None,
}
"""What a field with a default for new entities has where a file lacks it."""


def load(tree: Tree) -> File:
    """Make models of a tree."""
    upgrade(tree)
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _Loader(tree).load()
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Plan:
    """The fields of a class, by kind of place and name on disk."""

    attributes: dict[str, FieldPlace]
    datasets: dict[str, FieldPlace]
    groups: dict[str, FieldPlace]
    parts: dict[str, FieldPlace]
    links: dict[str, FieldPlace]
    links_by_id: tuple[FieldPlace, ...]
    link_groups: dict[str, FieldPlace]
    columns: FieldPlace | None
    itself: bool
    absent: dict[str, Any]


@cache
def _plan(model: type[Model]) -> _Plan:
    fields = list(layout_of(model).values())
    chosen: dict[type, dict[str, FieldPlace]] = {}
    for one in fields:
        chosen.setdefault(type(one.place), {})[one.name] = one
    values = chosen.get(Value, {})
    links = [one for one in fields if isinstance(one.place, Link)]
    groups = dict(chosen.get(Links, {}))
    for one in list(groups.values()):
        if isinstance(one.place, Links) and one.place.also:
            groups[one.place.also] = one
    by_id = [one for one in links if isinstance(one.place, Link) and one.place.by == "id"]
    return _Plan(
        attributes={one.name: one for one in reversed(fields) if isinstance(one.place, Attribute)},
        datasets={
            **chosen.get(Dataset, {}),
            **{name: one for name, one in values.items() if not _is_itself(one)},
        },
        groups=chosen.get(Members, {}),
        parts=chosen.get(Member, {}),
        links={one.name: one for one in links if one not in by_id},
        links_by_id=tuple(by_id),
        link_groups=groups,
        columns=next(iter(chosen.get(Columns, {}).values()), None),
        itself=any(_is_itself(one) for one in values.values()),
        absent={
            name: value for name, value in _UNSET_WHEN_ABSENT.items() if name in layout_of(model)
        },
    )


def _is_itself(one: FieldPlace) -> bool:
    return isinstance(one.place, Value) and one.place.itself


@dataclass(slots=True, eq=False)
class _Draft:
    """An entity that is being read."""

    model: type[Model]
    node: Node
    link: str
    owner: _Draft | None = None
    data: dict[str, Any] = field(default_factory=dict)
    extra: Extra = field(default_factory=Extra)
    members: dict[str, list[_Draft]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    made: Model | None = None


@dataclass(slots=True)
class _Pending:
    """A link that leads to another entity."""

    draft: _Draft
    fields: tuple[FieldPlace, ...]
    """The field it is for; several where the kind of target decides."""
    node: Node
    link: str
    group: str
    """Name of the group the link is in, or nothing for a link of the entity itself."""

    @property
    def targets(self) -> tuple[type[Model], ...]:
        """The kinds of entity it may lead to."""
        return tuple(kind for one in self.fields for kind in one.targets)  # type: ignore[misc]


class _Loader:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.owned: dict[int, _Draft] = {}
        self.claimed: set[int] = set()
        self.pending: list[_Pending] = []
        self.foreign: list[tuple[Extra, str, Node, NodeLink, Problem | None]] = []

    def load(self) -> File:
        root = _Draft(File, self.tree.root, "")
        drafts = self._claim(root)
        self._build(drafts)
        self._connect()
        self._keep_foreign()
        made = root.made
        assert isinstance(made, File)
        object.__setattr__(made, "_source", self.tree.path)
        return made

    # From the root down: which object is which entity

    def _claim(self, root: _Draft) -> list[_Draft]:
        self.owned[root.node.address] = root
        drafts: list[_Draft] = []
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

    def _take_attributes(self, draft: _Draft) -> None:
        known = _plan(draft.model).attributes
        columns = _plan(draft.model).columns
        for name, attribute in draft.node.attributes.items():
            one = known.get(name)
            if one is not None:
                value = _attribute_value(attribute, one)
                if isinstance(value, Problem):
                    draft.extra.attributes[name] = _stored(attribute, value)
                else:
                    draft.data[one.field] = value
            elif columns is None or name != columns.name:
                draft.extra.attributes[name] = _stored(attribute)

    def _take_links(self, draft: _Draft, stack: list[_Draft]) -> None:
        plan = _plan(draft.model)
        by_id = plan.links_by_id
        children: list[_Draft] = []
        for name, link in draft.node.links.items():
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
            elif by_id and link.kind == "hard":
                self._take_link(draft, by_id, name, link)
                by_id = ()
            else:
                self._leave(draft.extra, name, draft.node, link)
        if plan.columns is not None:
            self._take_columns(draft, plan.columns)
        stack.extend(reversed(children))

    def _target(self, node: Node, link: NodeLink) -> Node | None:
        if link.kind == "hard":
            target: Node = link.target
            return target
        return self.tree.follow(node, link.target) if link.kind == "soft" else None

    def _group(self, draft: _Draft, name: str, link: NodeLink) -> Node | None:
        """The group of a container, or None with the reason in the remainder."""
        node = self._target(draft.node, link)
        problem = None
        if node is None:
            problem = _dangling(name, link, "a group")
        elif node.kind != "group":
            problem = Problem("NIX122", name, _object_words(node), "a group")
        elif node.address in self.claimed:
            problem = Problem("NIX708", name, "a group that is in use elsewhere", "a group")
        if problem is not None:
            self._leave(draft.extra, name, draft.node, link, problem)
            return None
        assert node is not None
        self.claimed.add(node.address)
        if node.attributes:
            part = draft.extra.part(name)
            for key, attribute in node.attributes.items():
                part.attributes[key] = _stored(attribute)
        if not node.links and draft.owner is not None:
            draft.extra.part(name)
        return node

    def _take_members(self, draft: _Draft, one: FieldPlace, link: NodeLink) -> list[_Draft]:
        group = self._group(draft, one.name, link)
        if group is None:
            return []
        by_number = isinstance(one.place, Members) and one.place.by == "number"
        found: list[_Draft] = []
        for name, member in group.links.items():
            wanted = _wanted(one)
            node = self._target(group, member)
            problem = None
            if node is None:
                problem = _dangling(name, member, wanted)
            elif by_number and not (_NUMBER.fullmatch(name) and int(name) <= LARGEST_AXIS_NUMBER):
                problem = Problem("NIX205", name, f"a descriptor named `{name}`", "an axis number")
            elif node.address in self.owned:
                problem = self._second_owner(draft, name, node, wanted)
            else:
                model = _model_for(one, node)
                problem = _not_an_entity(model, name, node, wanted)
            if problem is not None:
                self._leave(draft.extra.part(one.name), name, group, member, problem)
                continue
            assert node is not None
            child = _Draft(model, node, name, draft)
            self.owned[node.address] = child
            found.append(child)
        if by_number:
            found.sort(key=lambda child: int(child.link))
        draft.members[one.field] = found
        return found

    def _take_part(self, draft: _Draft, one: FieldPlace, link: NodeLink) -> list[_Draft]:
        node = self._target(draft.node, link)
        problem = None
        wanted = _wanted(one)
        if node is None:
            problem = _dangling(one.name, link, wanted)
        elif node.kind != "group":
            problem = Problem("NIX122", one.name, _object_words(node), wanted)
        elif node.address in self.owned:
            problem = self._second_owner(draft, one.name, node, wanted)
        if problem is not None:
            self._leave(draft.extra, one.name, draft.node, link, problem)
            return []
        assert node is not None
        child = _Draft(one.targets[0], node, one.name, draft)  # type: ignore[arg-type]
        self.owned[node.address] = child
        draft.members[one.field] = [child]
        return [child]

    def _second_owner(self, draft: _Draft, name: str, node: Node, wanted: str) -> Problem:
        above: _Draft | None = draft
        while above is not None:
            if above.node is node:
                return Problem("NIX707", name, f"a link back to {node.path}", wanted)
            above = above.owner
        found = f"a second link to {node.path}"
        return Problem("NIX708", name, found, f"{wanted} with one place")

    def _take_dataset(self, draft: _Draft, one: FieldPlace, link: NodeLink) -> None:
        node = self._target(draft.node, link)
        value: Any
        if node is None:
            value = _dangling(one.name, link, "a dataset")
        elif node.kind != "dataset":
            rule = "NIX110" if node.kind == "unreadable" else "NIX122"
            value = Problem(rule, one.name, _object_words(node), "a dataset")
        elif isinstance(one.place, Dataset):
            value = _array(one, node)
        else:
            value = _list(one, node)
        if isinstance(value, Problem):
            self._leave(draft.extra, one.name, draft.node, link, value)
            return
        assert node is not None
        if isinstance(one.place, Value):
            self.claimed.add(node.address)
        draft.data[one.field] = value
        if node.attributes:
            skip = _plan(draft.model).columns
            attributes = {
                key: _stored(attribute)
                for key, attribute in node.attributes.items()
                if skip is None or key != skip.name
            }
            if attributes:
                draft.extra.part(one.name).attributes.update(attributes)

    def _take_values_itself(self, draft: _Draft) -> None:
        node = draft.node
        one = layout_of(draft.model)["values"]
        value = _list(one, node)
        if isinstance(value, Problem):
            link = NodeLink("hard", node, None)
            self.foreign.append((draft.extra, one.name, node, link, value))
            return
        draft.data["values"] = value
        storage = _storage(node)
        if storage is not None and storage != widest(value):
            draft.data["storage"] = storage

    def _take_columns(self, draft: _Draft, one: FieldPlace) -> None:
        assert isinstance(one.place, Columns)
        data = draft.data.get(one.place.of)
        link = draft.node.links.get(one.place.of)
        node = self._target(draft.node, link) if link is not None else None
        columns = columns_of(data) if isinstance(data, Array) else []
        places = ((draft.node, draft.extra, None), (node, draft.extra, one.place.of))
        done = False
        for place, extra, part in places:
            attribute = place.attributes.get(one.name) if place is not None else None
            if attribute is None:
                continue
            units = _unit_texts(attribute, len(columns), one.name)
            told = [unit if unit else None for unit in units] if isinstance(units, list) else units
            if isinstance(told, list) and not done:
                columns = [
                    column.model_copy(update={"unit": None if unit is None else Unit(unit)})
                    for column, unit in zip(columns, told, strict=True)
                ]
                done = any(unit is not None for unit in told)
            elif not isinstance(told, list) or (
                any(told) and told != [column.unit for column in columns]
            ):
                contradiction = Problem(
                    "NIX208", one.name, "other units than the frame", "the same"
                )
                problem = told if isinstance(told, Problem) else contradiction
                if not columns:
                    problem = Problem("", one.name, "", "")  # The missing columns are told.
                keeper = extra if part is None else extra.part(part)
                keeper.attributes[one.name] = _stored(attribute, problem)
        draft.data[one.field] = columns

    def _take_link(
        self, draft: _Draft, fields: tuple[FieldPlace, ...], name: str, link: NodeLink
    ) -> None:
        node = self._target(draft.node, link)
        if node is None:
            problem = _dangling(name, link, _wanted(*fields))
            self._leave(draft.extra, name, draft.node, link, problem)
            return
        self.pending.append(_Pending(draft, fields, node, name, ""))

    def _take_link_group(self, draft: _Draft, one: FieldPlace, name: str, link: NodeLink) -> None:
        group = self._group(draft, name, link)
        if group is None:
            return
        for key, member in group.links.items():
            node = self._target(group, member)
            if node is None:
                problem = _dangling(key, member, _wanted(one))
                self._leave(draft.extra.part(name), key, group, member, problem)
            else:
                self.pending.append(_Pending(draft, (one,), node, key, name))

    def _leave(
        self,
        extra: Extra,
        name: str,
        node: Node,
        link: NodeLink,
        problem: Problem | None = None,
    ) -> None:
        """Keep a link that no field claims; what hangs on it is gathered in the end."""
        extra.members[name] = Foreign(ForeignLink("other", ""))
        self.foreign.append((extra, name, node, link, problem))

    # From the leaves up: models

    def _build(self, drafts: list[_Draft]) -> None:
        for draft in reversed(drafts):
            draft.made = self._make(draft)

    def _make(self, draft: _Draft) -> Model:
        data = draft.data
        plan = _plan(draft.model)
        for field_name, members in draft.members.items():
            if field_name in {one.field for one in plan.parts.values()}:
                data[field_name] = members[0].made
            else:
                data[field_name] = _container(draft.model, field_name, members)
        if "name" in layout_of(draft.model):
            data.setdefault("name", draft.link)
        data["extra"] = draft.extra
        made = _validated(draft)
        for name, value in plan.absent.items():
            if name not in data and name in made.__dict__:
                made.__dict__[name] = value
        if draft.link and "name" in made.__dict__:
            if made.__dict__["name"] != draft.link:
                draft.extra.link = draft.link
            if "name" not in draft.node.attributes and draft.node.address >= 0:
                made.__pydantic_fields_set__.discard("name")
        elif _is_listed(draft) and made.__dict__["id"] != draft.link:
            draft.extra.link = draft.link
        return made

    # Across: references

    def _connect(self) -> None:
        position = 0
        while position < len(self.pending):
            pending = self.pending[position]
            position += 1
            made = pending.draft.made
            assert made is not None
            target = self._referred(pending)
            if isinstance(target, Problem):
                self._leave_reference(pending, target)
                continue
            odd = pending.link if _is_odd(pending, target) else None
            reference = Reference(target=target, link=odd)
            one = next(one for one in pending.fields if isinstance(target, one.targets))
            if isinstance(one.place, Links):
                refs: Refs[Any] = made.__dict__[one.field]
                if not (pending.group == one.place.also and target in refs):
                    refs.items.append(reference)
            else:
                made.__dict__[one.field] = reference

    def _referred(self, pending: _Pending) -> Model | Problem:
        draft = self.owned.get(pending.node.address)
        wanted = _wanted(*pending.fields)
        if draft is None:
            model = _kind_of(pending.node, pending.targets)
            problem = _not_an_entity(model, pending.link, pending.node, wanted)
            if problem is not None or pending.node.address in self.claimed:
                found = _object_words(pending.node)
                return Problem(_reference_rule(pending), pending.link, found, wanted)
            draft = _Draft(model, pending.node, pending.node.name)
            self._build(self._claim(draft))
        made = draft.made
        assert made is not None
        if not isinstance(made, pending.targets):
            name = getattr(made, "name", "") or made.key
            found = f"the {type(made).words} `{name}`"
            return Problem(_reference_rule(pending), pending.link, found, wanted)
        return made

    def _leave_reference(self, pending: _Pending, problem: Problem) -> None:
        extra, node = pending.draft.extra, pending.draft.node
        if pending.group:
            extra = extra.part(pending.group)
            group = self._target(node, node.links[pending.group])
            assert group is not None
            node = group
        link = node.links[pending.link]
        self._leave(extra, pending.link, node, link, problem)

    # What is left

    def _keep_foreign(self) -> None:
        for extra, name, node, link, problem in self.foreign:
            extra.members[name] = self._foreign(node, name, link, problem)

    def _foreign(self, node: Node, name: str, link: NodeLink, problem: Problem | None) -> Foreign:
        if link.kind != "hard":
            kept = ForeignLink(link.kind, link.target)
            return Foreign(kept, [], f"{node.path.rstrip('/')}/{name}", problem)
        start: Node = link.target
        itself = problem is not None and start is node
        if (start.address in self.owned or start.address in self.claimed) and not itself:
            return Foreign(ForeignLink("entity", start.path), [], start.path, problem)
        numbers = {start.address: 0}
        order = [start]
        objects: list[ForeignObject] = []
        for here in order:
            kept_links: dict[str, ForeignLink] = {}
            for key, onward in here.links.items():
                if onward.kind != "hard":
                    kept_links[key] = ForeignLink(onward.kind, onward.target)
                    continue
                target: Node = onward.target
                if target.address in self.owned or target.address in self.claimed:
                    kept_links[key] = ForeignLink("entity", target.path)
                    continue
                if target.address not in numbers:
                    numbers[target.address] = len(order)
                    order.append(target)
                kept_links[key] = ForeignLink("hard", numbers[target.address])
            attributes = {} if itself else here.attributes
            objects.append(
                ForeignObject(
                    here.kind,
                    {key: _stored(attribute) for key, attribute in attributes.items()},
                    kept_links,
                    None if here.data is None else _placed(here, here.data),
                    here.type,
                )
            )
        return Foreign(ForeignLink("hard", 0), objects, start.path, problem)


def _container(model: type[Model], name: str, members: list[_Draft]) -> Container[Any]:
    made: list[Any] = []
    by_number = isinstance(layout_of(model)[name].place, Members) and (
        layout_of(model)[name].place.by == "number"  # type: ignore[attr-defined]
    )
    for draft in members:
        if by_number:
            while len(made) + 1 < int(draft.link):
                made.append(UnknownDimension(missing=True))
        made.append(draft.made)
    container: Container[Any] = Container()
    container._load(made)
    return container


def _validated(draft: _Draft) -> Model:
    """Make the model; what pydantic refuses goes to the remainder, with its reason."""
    data = draft.data
    while True:
        try:
            return draft.model.model_validate(data, context=LOADING)
        except ValidationError as error:
            refused = {str(one["loc"][0]): one for one in reversed(error.errors()) if one["loc"]}
            if not refused:
                refused = {name: error.errors()[0] for name in list(data) if name != "extra"}
            for name, one in refused.items():
                _refuse(draft, name, one)


def _refuse(draft: _Draft, name: str, error: Any) -> None:
    value = draft.data.pop(name, None)
    one = layout_of(draft.model)[name]
    rule = RULES_OF_ERRORS.get(error["type"], "NIX102")
    expected = _expectation(error)
    attribute = draft.node.attributes.get(one.name)
    if attribute is not None and isinstance(one.place, Attribute):
        found = _value_words(attribute)
        draft.extra.attributes[one.name] = _stored(
            attribute, Problem(rule, one.name, found, expected)
        )
        return
    link = draft.node.links.get(one.name)
    if link is not None and link.kind == "hard":
        found = _dataset_words(link.target) if link.target.kind == "dataset" else repr(value)
        foreign = _lone_dataset(link.target, Problem(rule, one.name, found, expected))
        part = draft.extra.members.get(one.name)
        if isinstance(part, Extra):
            foreign.objects[0].attributes.update(part.attributes)
        draft.extra.members[one.name] = foreign
    elif name == "values":
        found = _dataset_words(draft.node)
        draft.extra.members[one.name] = _lone_dataset(
            draft.node, Problem(rule, one.name, found, expected)
        )


def _lone_dataset(node: Node, problem: Problem) -> Foreign:
    data = None if node.data is None else _placed(node, node.data)
    thing = ForeignObject(node.kind, {}, {}, data, node.type)
    return Foreign(ForeignLink("hard", 0), [thing], node.path, problem)


def _expectation(error: Any) -> str:
    context = error.get("ctx") or {}
    match error["type"]:
        case "literal_error":
            return str(context["expected"]).replace("'", "`")
        case "greater_than":
            return f"a number above {context['gt']:g}"
        case "greater_than_equal":
            return f"a number of at least {context['ge']:g}"
        case "finite_number":
            return "a finite number"
        case "string_too_short":
            return "a text that is not empty"
        case "uuid_text":
            return "a UUID"
        case "time_text":
            return "a time as `20210304T120000`"
        case "float_type":
            return "a number"
        case "int_type" | "int_from_float":
            return "a whole number"
        case "string_type":
            return "a text"
        case "odml_type":
            return "a type of odML"
        case "property_values":
            return "a list of texts, booleans or numbers"
        case "missing" | "too_short" | "too_long":
            return "three numbers"
        case "array_rank" | "array_type":
            return str(context.get("expected", "a list of numbers"))
    return "another kind of value"


def _attribute_value(attribute: NodeAttribute, one: FieldPlace) -> Any:
    """The plain value of an attribute for a field, or why there is none."""
    if attribute.fault:
        return Problem("NIX110", one.name, attribute.fault, "a value that can be read")
    value = attribute.value
    if value is None:
        return Problem("NIX110", one.name, "an empty dataspace", "a value")
    if isinstance(value, np.ndarray):
        if one.many and value.ndim <= 1:
            return value.tolist() if value.ndim else [value.item()]
        if value.size != 1:
            found = f"an array of {shape_text(value.shape)} values"
            return Problem("NIX109", one.name, found, "a single value")
        value = value.reshape(-1)[0]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str) and not _is_utf8(value):
            value = value.encode("utf-8", "surrogateescape")
        if isinstance(value, bytes):
            value = _decoded(value)
    if isinstance(value, bytes) and attribute.type is not None and attribute.type.kind == "string":
        return Problem("NIX103", one.name, f"the bytes {value[:40]!r}", "text in UTF-8")
    if one.many and not isinstance(value, list):
        return [value]
    return value


def _decoded(raw: bytes) -> str | bytes:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _unit_texts(attribute: NodeAttribute, columns: int, name: str) -> list[str] | Problem:
    value = attribute.value
    expected = f"one unit for each of {columns} columns"
    if attribute.fault or value is None:
        return Problem("NIX110", name, attribute.fault or "an empty dataspace", expected)
    if attribute.type is None or attribute.type.kind != "string":
        return Problem("NIX102", name, _value_words(attribute), expected)
    values = list(value.reshape(-1)) if isinstance(value, np.ndarray) else [value]
    texts = [_decoded(bytes(item)) if isinstance(item, bytes) else item for item in values]
    if not all(isinstance(text, str) and _is_utf8(text) for text in texts):
        return Problem("NIX103", name, "bytes that are no UTF-8", "text in UTF-8")
    if len(texts) != columns:
        return Problem("NIX208", name, f"{len(texts)} units", expected)
    return [str(text) for text in texts]


def _array(one: FieldPlace, node: Node) -> Array | Problem:
    if node.data is None:
        found = node.fault or "an empty dataspace"
        return Problem("NIX110", one.name, found, "values that can be read")
    return _placed(node, node.data)


def _placed(node: Node, data: Array) -> Array:
    """A dataset's array, told where it lies."""
    source: Any = data.source
    if hasattr(source, "place"):
        source.place = source.place or node.path
    return data


def _list(one: FieldPlace, node: Node) -> list[Any] | Problem:
    """The values of a small dataset as plain Python values, or why there are none."""
    expected = "a list of texts" if _wants_text(one) else "a list of numbers"
    if one.field == "values":
        expected = "a list of texts, booleans or numbers"
    data = node.data
    if data is None or node.fault:
        return Problem("NIX110", one.name, node.fault or "an empty dataspace", expected)
    if data.ndim != 1:
        return Problem("NIX109", one.name, _dataset_words(node), expected)
    if not _fits(one, node):
        return Problem("NIX102", one.name, _dataset_words(node), expected)
    if data.size > LARGEST_LIST:
        return Problem("NIX110", one.name, f"{data.size:,} values", f"at most {LARGEST_LIST:,}")
    try:
        values = _placed(node, data).read().tolist()
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        found = " ".join(str(error).split())[:200]
        return Problem("NIX110", one.name, found, "values that can be read")
    if values and isinstance(values[0], bytes):
        values = [_decoded(value) for value in values]
    if values and isinstance(values[0], str | bytes):
        for number, value in enumerate(values):
            if isinstance(value, bytes) or not _is_utf8(value):
                found = f"bytes in value {number} that are no UTF-8"
                return Problem("NIX103", one.name, found, "text in UTF-8")
        if one.text.endswith("Unit"):
            return [Unit(value) for value in values]
    return list(values)


def _wants_text(one: FieldPlace) -> bool:
    return one.text.endswith(("text", "Unit"))


def _fits(one: FieldPlace, node: Node) -> bool:
    kind = _element_kind(node)
    if one.field == "values":
        return kind in ("string", "boolean", "bitfield") or _is_plain_number(node)
    return kind == "string" if _wants_text(one) else _is_plain_number(node)


def _is_plain_number(node: Node) -> bool:
    assert node.data is not None
    dtype = node.data.dtype
    plain = _element_kind(node) in ("integer", "float")
    return plain and dtype.kind in "iuf" and dtype.itemsize <= 8


def _element_kind(node: Node) -> str:
    """Class of a dataset's elements; values made from an old layout have no type of their own."""
    if node.type is not None:
        return node.type.kind
    return "string" if node.data is None or node.data.dtype == object else "float"


def _storage(node: Node) -> str | None:
    """Name of a property's element type."""
    data = node.data
    assert data is not None
    kind = _element_kind(node)
    if kind == "string":
        return "string"
    if kind in ("boolean", "bitfield"):
        return "boolean"
    if data.dtype.byteorder == ">":
        return data.dtype.str
    return data.dtype.name if data.dtype.name in STORAGE_TYPES else None


def _stored(attribute: NodeAttribute, problem: Problem | None = None) -> Stored:
    return Stored(attribute.value, attribute.type, attribute.space, problem)


def _model_for(one: FieldPlace, node: Node) -> type[Model]:
    if len(one.targets) == 1:
        return one.targets[0]  # type: ignore[return-value]
    attribute = node.attributes.get("dimension_type")
    kind = attribute.value if attribute is not None else None
    if isinstance(kind, np.ndarray) and kind.size == 1:
        kind = kind.reshape(-1)[0]
    return DIMENSIONS.get(kind, UnknownDimension) if isinstance(kind, str) else UnknownDimension


def _kind_of(node: Node, kinds: tuple[type[Model], ...]) -> type[Model]:
    """Which of the kinds a reference may lead to an object is that nothing owns."""
    if len(kinds) == 1:
        return kinds[0]
    data = node.child("data")
    is_frame = data is not None and data.type is not None and data.type.kind == "compound"
    return DataFrame if is_frame else DataArray


def _not_an_entity(model: type[Model], name: str, node: Node, wanted: str) -> Problem | None:
    expected_kind = "dataset" if issubclass(model, Property) else "group"
    if node.kind != expected_kind:
        return Problem("NIX122", name, _object_words(node), wanted)
    if issubclass(model, UnknownDimension):
        return None
    plan = _plan(model)
    marks = {key for key in plan.attributes if key != "name"} | {"name"}
    known = (*plan.groups, *plan.datasets, *plan.links, *plan.link_groups, *plan.parts)
    if marks.isdisjoint(node.attributes) and not any(key in node.links for key in known):
        return Problem("NIX710", name, f"{_object_words(node)} without id, name and type", wanted)
    return None


def _is_listed(draft: _Draft) -> bool:
    """Whether an entity is a member that is named by its id."""
    if draft.owner is None:
        return False
    return any(
        isinstance(one.place, Members)
        and one.place.by == "id"
        and draft in draft.owner.members.get(one.field, ())
        for one in _plan(draft.owner.model).groups.values()
    )


def _is_odd(pending: _Pending, target: Model) -> bool:
    named_by_id = bool(pending.group) or pending.fields == _plan(pending.draft.model).links_by_id
    return named_by_id and pending.link != getattr(target, "id", "")


def _reference_rule(pending: _Pending) -> str:
    return _RULES_OF_REFERENCES.get(pending.fields[0].field, "NIX709")


_RULES_OF_REFERENCES = {"positions": "NIX302", "extents": "NIX302", "data": "NIX304"}


def _wanted(*fields: FieldPlace) -> str:
    place = fields[0].place
    if isinstance(place, Members) and place.by == "number":
        return "a dimension descriptor"
    targets = [target for one in fields for target in one.targets]
    kinds = [getattr(target, "words", target.__name__) for target in targets]
    return "a " + " or a ".join(kinds)


def _dangling(name: str, link: NodeLink, wanted: str) -> Problem:
    match link.kind:
        case "soft":
            found = f"a soft link to `{link.target}`, which leads nowhere"
        case "external":
            found = f"a link to `{link.target[1]}` in another file, `{link.target[0]}`"
        case _:
            found = str(link.target)
    return Problem("NIX014" if link.kind == "external" else "NIX711", name, found, wanted)


def _object_words(node: Node) -> str:
    match node.kind:
        case "dataset":
            return f"a dataset of {_dataset_words(node)}"
        case "group":
            return "a group"
        case "datatype":
            return "a named datatype"
    return f"an object that cannot be read ({node.fault})" if node.fault else "unreadable"


def _dataset_words(node: Node) -> str:
    kind = node.type.text if node.type is not None else "unknown type"
    if node.space.kind == "null":
        return f"{kind} with an empty dataspace"
    return f"{kind} {shape_text(node.space.shape)}"


def _value_words(attribute: NodeAttribute) -> str:
    value = attribute.value
    if isinstance(value, np.ndarray):
        kind = attribute.type.text if attribute.type is not None else "values"
        return f"an array of {shape_text(value.shape)} {kind}"
    if isinstance(value, str):
        return f"the text `{value[:60]}`"
    if isinstance(value, bytes):
        return f"the bytes {value[:40]!r}"
    kind = f"{attribute.type.text} " if attribute.type is not None else ""
    return f"{kind}`{str(value)[:60]}`"


def errors_of_pydantic() -> Iterator[str]:
    """The types of error that have a rule."""
    yield from RULES_OF_ERRORS
