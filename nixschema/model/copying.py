"""Copies and pickles of models: flat, so that depth does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple, TypeVar, cast

from nixschema.array import Array, MemorySource, Source
from nixschema.layout import layout_of
from nixschema.model.checked import Checked
from nixschema.model.container import Container
from nixschema.model.entity import Model
from nixschema.model.extra import Extra
from nixschema.model.fields import new_id
from nixschema.model.reference import Reference, Refs

M = TypeVar("M", bound=Model)


class Record(NamedTuple):
    """One model without its members: what is written of it, and where it belongs."""

    model: type[Model]
    fields: dict[str, Any]
    fields_set: set[str]
    owner: int
    """Number of the record it belongs to, or -1."""
    field: str
    """The owner's field that holds it."""
    slots: dict[str, Any]


class _Pointer(NamedTuple):
    """A reference to another record."""

    record: int
    link: str | None
    joins: bool


class _Text(NamedTuple):
    """A reference to what is not among the records."""

    text: str
    link: str | None


def flattened(model: Model) -> list[Record]:
    """A model, all it owns, and what these refer to outside any file, as records.

    References among the records become numbers, others texts.
    """
    numbers: dict[int, int] = {}
    order: list[tuple[Model, int, str]] = []
    roots = [model]
    while roots:
        stack: list[tuple[Model, int, str]] = [(roots.pop(), -1, "")]
        while stack:
            one, owner, field = stack.pop()
            if id(one) in numbers:
                continue
            number = numbers[id(one)] = len(order)
            order.append((one, owner, field))
            children: list[tuple[Model, int, str]] = []
            for name in layout_of(type(one)):
                value = one.__dict__[name]
                if isinstance(value, Container):
                    children += [(item, number, name) for item in value]
                elif isinstance(value, Model):
                    children.append((value, number, name))
            stack.extend(reversed(children))
            for one_field, _, item in one.outgoing():
                target = item.resolve(one, one_field.targets)  # type: ignore[arg-type]
                if target is not None and target.owner is None and id(target) not in numbers:
                    roots.append(target)
    return [
        Record(
            type(one),
            _plain_fields(one, numbers),
            set(one.model_fields_set),
            owner,
            field,
            _slots(one),
        )
        for one, owner, field in order
    ]


def rebuilt(records: list[Record]) -> Any:
    """The model that was flattened."""
    return _built(records)[0]


def copied(model: M, *, keep_id: bool) -> M:
    """A copy of a model and all it owns, without an owner; see `Model.copy`."""
    records = flattened(model)
    originals = list(model.walk())
    if not keep_id:
        for record in records[: len(originals)]:
            if record.fields.get("id"):
                record.fields["id"] = new_id()
    models = _built([record._replace(fields=_own_values(record.fields)) for record in records])
    within = {id(one) for one in models[: len(originals)]}
    copies = {id(original): one for original, one in zip(originals, models, strict=False)}
    for original, one in zip(originals, models, strict=False):
        for (_, _, known), (_, _, item) in zip(original.outgoing(), one.outgoing(), strict=True):
            if known.joins and item.target is not None and item.target.owner is None:
                if not keep_id:
                    item.target.__dict__["id"] = new_id()
            elif item.target is None or id(item.target) not in within:
                item.target, item.text = known.target, known.text
        _relink(one.extra, copies)
    return models[0]  # type: ignore[return-value]


def _slots(model: Model) -> dict[str, Any]:
    names = ("_findings", "_source", "_stamp") if model.scope == "file" else ()
    return {name: getattr(model, name) for name in names if hasattr(model, name)}


def _plain_fields(model: Model, numbers: dict[int, int]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in model.__dict__.items():
        if isinstance(value, Container):
            plain[name] = Container
        elif isinstance(value, Model):
            plain[name] = None
        elif isinstance(value, Reference):
            plain[name] = _pointer(value, model, numbers)
        elif isinstance(value, Refs):
            plain[name] = (Refs, [_pointer(item, model, numbers) for item in value.items])
        else:
            plain[name] = value
    return plain


def _pointer(item: Reference, owner: Model, numbers: dict[int, int]) -> _Pointer | _Text:
    if item.target is not None and id(item.target) in numbers:
        joins = item.joins and owner.block is None
        return _Pointer(numbers[id(item.target)], item.link, joins)
    text = item.text if item.target is None else getattr(item.target, "id", "")
    return _Text(text or item.written(owner), item.link)


def _built(records: list[Record]) -> list[Model]:
    models = [record.model.__new__(record.model) for record in records]
    members: dict[tuple[int, str], list[Model]] = {}
    for model, record in zip(models, records, strict=True):
        if record.owner >= 0:
            members.setdefault((record.owner, record.field), []).append(model)
    for number in reversed(range(len(records))):
        _fill(models, number, records[number], members)
    return models


def _fill(
    models: list[Model],
    number: int,
    record: Record,
    members: dict[tuple[int, str], list[Model]],
) -> None:
    model = models[number]
    layout = layout_of(record.model)
    fields: dict[str, Any] = {}
    for name, value in record.fields.items():
        if value is Container:
            container: Container[Any] = Container()
            container._kinds = layout[name].targets  # type: ignore[assignment]
            container._load(members.get((number, name), []))
            fields[name] = container
        elif isinstance(value, _Pointer | _Text):
            fields[name] = _reference(models, value)
        elif isinstance(value, tuple) and value and value[0] is Refs:
            refs: Refs[Any] = Refs([_reference(models, item) for item in value[1]])
            refs._kinds = layout[name].targets  # type: ignore[assignment]
            fields[name] = refs
        elif value is None and (number, name) in members:
            fields[name] = members[number, name][0]
        else:
            fields[name] = value
    object.__setattr__(model, "__dict__", fields)
    object.__setattr__(model, "__pydantic_fields_set__", set(record.fields_set))
    object.__setattr__(model, "__pydantic_extra__", None)
    object.__setattr__(model, "__pydantic_private__", None)
    for name, value in record.slots.items():
        object.__setattr__(model, name, value)
    model.model_post_init(None)


def _reference(models: list[Model], pointer: _Pointer | _Text) -> Reference:
    if isinstance(pointer, _Pointer):
        target = models[pointer.record]
        return Reference(target=target, link=pointer.link, joins=pointer.joins)
    return Reference(text=pointer.text, link=pointer.link)


def _own_values(fields: dict[str, Any]) -> dict[str, Any]:
    """Field values that share nothing mutable with the original, arrays on disk excepted."""
    own: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Checked):
            own[name] = value.copy()
        elif isinstance(value, list):
            own[name] = list(value)
        elif name == "columns":
            own[name] = tuple(column.model_copy() for column in value)
        elif isinstance(value, Array) and isinstance(value.source, MemorySource):
            own[name] = Array(value.source.values.copy())
        elif isinstance(value, Array):
            own[name] = Array(_unshared(value.source))
        elif isinstance(value, Extra):
            own[name] = _own_extra(value)
        else:
            own[name] = value
    return own


def _unshared(source: Source) -> Source:
    """A source on disk that is no dataset of several arrays: a copy gets one of its own."""
    if not getattr(source, "shared", False):
        return source
    own: Any = copy(source)
    own.shared = False
    return cast("Source", own)


def _relink(extra: Extra, copies: Mapping[int, Model]) -> None:
    for name, member in extra.members.items():
        if isinstance(member, Extra):
            _relink(member, copies)
        else:
            extra.members[name] = member.relinked(copies)


def _own_extra(extra: Extra) -> Extra:
    """Extras nest no deeper than containers and datasets do: two levels."""
    members = {
        name: _own_extra(member) if isinstance(member, Extra) else member
        for name, member in extra.members.items()
    }
    form = extra.form.copy() if extra.form is not None else None
    return Extra(dict(extra.attributes), members, extra.link, form)
