"""From a tree to models: each field's plain value by its place, then pydantic judges.

Loading discards nothing and never raises. What no field claims, and what does not fit the field of
its name, is kept in the remainder of its owner together with the reason.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from nixschema.garbage import many_objects
from nixschema.layout import Attribute, Links, Members, layout_of
from nixschema.model import (
    Container,
    DataArray,
    DataFrame,
    Extra,
    File,
    Model,
    Reference,
    Refs,
    UnknownDimension,
)
from nixschema.model.extra import Problem
from nixschema.model.fields import LOADING
from nixschema.model.refusal import expectation
from nixschema.storage.drafts import Claims, Draft, Pending, not_an_entity
from nixschema.storage.forms import keep_order
from nixschema.storage.plan import plan_of
from nixschema.storage.remainder import foreign, lone_dataset, refused
from nixschema.storage.tree import Node, Tree
from nixschema.storage.upgrades import upgrade
from nixschema.storage.words import dataset_words, object_words, value_words, wanted

__all__ = ["RULES_OF_ERRORS", "load", "many_objects"]

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


def load(tree: Tree) -> File:
    """Make models of a tree."""
    with many_objects():
        upgrade(tree)
        return _Loader(tree).load()


class _Loader:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.claims = Claims(tree)

    def load(self) -> File:
        root = Draft(File, self.tree.root, "")
        self._build(self.claims.claim(root))
        self._connect()
        known = self.claims.owned.keys() | self.claims.claimed
        models = {
            address: draft.made
            for address, draft in (self.claims.owned.items() if self.claims.left else ())
            if draft.made is not None
        }
        # What hangs on one unknown link is known to the next: shared parts are kept once.
        for left in self.claims.left:
            left.extra.members[left.name] = foreign(left, known, models)
        made = root.made
        assert isinstance(made, File)
        object.__setattr__(made, "_source", self.tree.path)
        object.__setattr__(made, "_stamp", self.tree.stamp)
        return made

    def _build(self, drafts: list[Draft]) -> None:
        for draft in reversed(drafts):
            draft.made = self._make(draft)

    def _make(self, draft: Draft) -> Model:
        data = draft.data
        plan = plan_of(draft.model)
        for field_name, members in draft.members.items():
            if field_name in {one.field for one in plan.parts.values()}:
                data[field_name] = members[0].made
            else:
                data[field_name] = _container(draft.model, field_name, members)
        data["extra"] = draft.extra
        made = _validated(draft)
        for name, value in plan.absent.items():
            if name not in data and name in made.__dict__:
                made.__dict__[name] = value
        if draft.link and "name" in made.__dict__:
            if made.__dict__["name"] != draft.link:
                draft.extra.link = draft.link
            unnamed = "name" not in draft.node.attributes or "name" in draft.extra.attributes
            if unnamed and draft.node.address >= 0:
                made.__pydantic_fields_set__.discard("name")
        elif _is_listed(draft) and made.__dict__["id"] != draft.link:
            draft.extra.link = draft.link
        return made

    def _connect(self) -> None:
        position = 0
        while position < len(self.claims.pending):
            pending = self.claims.pending[position]
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
                if not (pending.again and target in refs):
                    refs.items.append(reference)
            else:
                made.__dict__[one.field] = reference

    def _referred(self, pending: Pending) -> Model | Problem:
        draft = self.claims.owned.get(pending.node.address)
        kind = wanted(*pending.fields)
        if draft is None:
            model = _kind_of(pending.node, pending.targets)
            problem = not_an_entity(model, pending.link, pending.node, kind)
            if problem is not None or pending.node.address in self.claims.claimed:
                found = object_words(pending.node)
                return Problem(_reference_rule(pending), pending.link, found, kind)
            pending.node.parent, pending.node.name = pending.place, pending.link
            draft = Draft(model, pending.node, "")
            self._build(self.claims.claim(draft))
            assert draft.made is not None
            draft.made._place = pending.node.path
        made = draft.made
        assert made is not None
        if not isinstance(made, pending.targets):
            name = getattr(made, "name", "") or made.key
            found = f"the {type(made).words} `{name}`"
            return Problem(_reference_rule(pending), pending.link, found, kind)
        return made

    def _leave_reference(self, pending: Pending, problem: Problem) -> None:
        extra = pending.draft.extra
        if pending.group:
            extra = extra.part(pending.group)
        link = pending.place.links[pending.link]
        if pending.group:
            keep_order(pending.draft.extra, pending.group, pending.place.links)
        self.claims.leave(extra, pending.link, pending.place, link, problem)


def _container(model: type[Model], name: str, members: list[Draft]) -> Container[Any]:
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


def _validated(draft: Draft) -> Model:
    """Make the model; what pydantic refuses goes to the remainder, with its reason."""
    data = draft.data
    named = "name" in layout_of(draft.model)
    while True:
        if named:
            data.setdefault("name", draft.link or draft.node.name)
        try:
            return draft.model.model_validate(data, context=LOADING)
        except ValidationError as error:
            refused = {str(one["loc"][0]): one for one in reversed(error.errors()) if one["loc"]}
            if not refused:
                refused = {name: error.errors()[0] for name in list(data) if name != "extra"}
            for name, one in refused.items():
                _refuse(draft, name, one)


def _refuse(draft: Draft, name: str, error: Any) -> None:
    one = layout_of(draft.model)[name]
    value = draft.data.pop(name, None)
    for other in layout_of(draft.model).values():
        if other.name == one.name:
            draft.data.pop(other.field, None)
    rule = RULES_OF_ERRORS.get(error["type"], "NIX102")
    expected = expectation(error) or "another kind of value"
    attribute = draft.node.attributes.get(one.name)
    if attribute is not None and isinstance(one.place, Attribute):
        found = value_words(attribute)
        draft.extra.attributes[one.name] = refused(
            attribute, Problem(rule, one.name, found, expected), one
        )
        return
    link = draft.node.links.get(one.name)
    if link is not None and link.kind == "hard":
        found = dataset_words(link.target) if link.target.kind == "dataset" else repr(value)
        foreign = lone_dataset(link.target, Problem(rule, one.name, found, expected))
        part = draft.extra.members.get(one.name)
        if isinstance(part, Extra):
            foreign.objects[0].attributes.update(part.attributes)
        draft.extra.members[one.name] = foreign
    elif name == "values":
        found = dataset_words(draft.node)
        draft.extra.members[one.name] = lone_dataset(
            draft.node, Problem(rule, one.name, found, expected)
        )


def _kind_of(node: Node, kinds: tuple[type[Model], ...]) -> type[Model]:
    """Which of the kinds a reference may lead to an object is that nothing owns."""
    if len(kinds) == 1:
        return kinds[0]
    data = node.child("data")
    is_frame = data is not None and data.type is not None and data.type.kind == "compound"
    return DataFrame if is_frame else DataArray


def _is_listed(draft: Draft) -> bool:
    """Whether an entity is a member that is named by its id."""
    if draft.owner is None:
        return False
    return any(
        isinstance(one.place, Members)
        and one.place.by == "id"
        and draft in draft.owner.members.get(one.field, ())
        for one in plan_of(draft.owner.model).groups.values()
    )


def _is_odd(pending: Pending, target: Model) -> bool:
    named_by_id = bool(pending.group) or pending.fields == plan_of(pending.draft.model).links_by_id
    return named_by_id and pending.link != getattr(target, "id", "")


def _reference_rule(pending: Pending) -> str:
    return _RULES_OF_REFERENCES.get(pending.fields[0].field, "NIX709")


_RULES_OF_REFERENCES = {"positions": "NIX302", "extents": "NIX302", "data": "NIX304"}
