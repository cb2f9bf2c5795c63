"""Differences: what `Model.equals` compares, in words, entity by entity."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from nixschema.array import Array
from nixschema.layout import Unstored, layout_of
from nixschema.model.container import Container
from nixschema.model.contrast import contrast, shapes_text, tally_text, type_text, value_text
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import Column, DataFrame
from nixschema.model.dimension import Dimension
from nixschema.model.display import LIST_LENGTH, short
from nixschema.model.entity import Entity, Model
from nixschema.model.extra import Extra
from nixschema.model.pairing import By, Pairs
from nixschema.model.reference import Reference, Refs
from nixschema.model.remainders import compared_remainders
from nixschema.model.tally import Tally, Unreadable, alike, relative, tally_arrays, tally_lists
from nixschema.model.unsaid import unsaid_fields

Kind: TypeAlias = Literal["changed", "added", "removed", "renamed", "moved", "order", "unreadable"]
"""What became of an entity or a field; ``unreadable``: its values cannot be compared."""

Only: TypeAlias = Literal["metadata", "data"]
"""What to compare: all but the values of arrays and frames, or their shape, type and values."""

Ignored: TypeAlias = Literal["id", "times", "values"]
"""What to leave out: ids, the times of creation and change, the values of all arrays."""

_TIMES = ("created_at", "updated_at")

_MADE = ("id", *_TIMES)
"""Fields that are made where a text says nothing of them."""

_EXACT = ("index",)
"""Lists of numbers that count something: no tolerance holds for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which two models differ."""

    kind: Kind
    """What became of it."""
    path: str
    """Path of the entity on the left; on the right where it is only there."""
    other_path: str | None = None
    """Path of the entity on the right; None where it is on one side only."""
    entity: str
    """Class of the entity, such as ``DataArray``."""
    entity_id: str | None = None
    """Id of the entity, where it has one."""
    field: str | None = None
    """The field that differs, such as ``unit``, ``data.shape`` or ``columns.time.unit``; None for
    the entity as a whole."""
    left: Any = None
    """What is on the left; of several references those that are not on the right too."""
    right: Any = None
    """What is on the right."""
    message: str
    """Both in words."""
    values: Tally | None = None
    """How many values differ, for arrays and lists."""
    holds: int = 0
    """How many entities were added or removed inside this one; they are not told one by one."""


def differences(
    left: Model,
    right: Model,
    *,
    only: Only | None = None,
    ignore: Collection[Ignored] = (),
    by: By = "id",
    rtol: float = 0.0,
    strict: bool = False,
) -> Iterator[Difference]:
    """What differs between two models and all they own: in order of the left one, then additions.

    Entities are paired by id where it is unique, else by path, and references compare by what they
    lead to, so what is renamed or moved is told once. Ids and times that an odML text does not say
    are not compared. Arrays are read in blocks; NaN equals NaN.

    Args:
        left: a file, or a part of one.
        right: what to compare it with.
        only: compare ``metadata``, which is all but the values of data arrays and the rows of
            frames, or ``data``, which is their shape, type and values.
        ignore: leave out ``id``, ``times``, or the ``values`` of everything kept as an array.
        by: pair by ``id`` first, or by path only: ``name``.
        rtol: relative difference up to which two numbers are the same.
        strict: compare all that a rewrite keeps: also the remainder, the order of members and
            references, exact element types, odd names of links, and how an old file stores a link.
        Then there are differences exactly where `Model.equals` is false.

    Raises:
        ValueError: an argument is none of those above.
        StaleFileError: a file has changed since it was read.
    """
    allowed = (
        ((only,), (None, *get_args(Only))),
        ((by,), get_args(By)),
        (ignore, get_args(Ignored)),
    )
    for given, options in allowed:
        for one in given:
            if one not in options:
                raise ValueError(f"`{one}` is none of {', '.join(filter(None, options))}")
    if not 0 <= rtol < 1:
        raise ValueError(f"a relative tolerance is at least 0 and below 1, not {rtol}")
    comparison = _Comparison(Pairs(left, right, by=by), only, frozenset(ignore), rtol, strict)
    return comparison.run()


class _Comparison:
    def __init__(
        self, pairs: Pairs, only: Only | None, ignore: frozenset[str], rtol: float, strict: bool
    ) -> None:
        self.pairs = pairs
        self.only = only
        self.rtol = rtol
        self.strict = strict
        self.without_values = "values" in ignore
        self.left_out = {"name", "dimension_type"}  # a rename, and another kind
        self.left_out |= {"id"} if "id" in ignore else set()
        self.left_out |= set(_TIMES) if "times" in ignore else set()
        self.outside: dict[tuple[int, int], bool] = {}
        self.unsaid = unsaid_fields(pairs.left[0]), unsaid_fields(pairs.right[0])

    def run(self) -> Iterator[Difference]:
        for one in self.pairs.left:
            other = self.pairs.in_right(one)
            if other is None:
                yield from self._alone("removed", one)
            elif other is not one:
                yield from self._pair(one, other)
        for other in self.pairs.right:
            if self.pairs.in_left(other) is None:
                yield from self._alone("added", other)

    # Entities

    def _alone(self, kind: Literal["added", "removed"], model: Model) -> Iterator[Difference]:
        """An entity of one side only, unless its owner is one too, or nothing owns it."""
        partner = self.pairs.in_right if kind == "removed" else self.pairs.in_left
        if partner(model.owner) is None:
            return
        inside: list[Model] = []
        stack = [model]
        while stack:
            here = stack.pop()
            inside.append(here)
            stack.extend(part for part in here.parts() if partner(part) is None)
        has_data = any(isinstance(one, DataArray | DataFrame) for one in inside)
        if self.only == "data" and not has_data:
            return
        holds = sum(isinstance(one, Entity) for one in inside[1:])
        message = type(model).words
        if holds:
            message += f" with {holds:,} {'entity' if holds == 1 else 'entities'} in it"
        yield Difference(
            kind=kind,
            path=model.path,
            entity=type(model).__name__,
            entity_id=_id_of(model),
            message=message,
            holds=holds,
        )

    def _pair(self, one: Model, other: Model) -> Iterator[Difference]:
        same_kind = type(one) is type(other)
        if self.only != "data":
            if not same_kind:
                yield self._changed(one, other, "kind", type(one).words, type(other).words)
            yield from self._place(one, other)
        if same_kind or isinstance(one, Dimension):
            for name in dict.fromkeys((*layout_of(type(one)), *layout_of(type(other)))):
                yield from self._field(one, other, name)

    def _place(self, one: Model, other: Model) -> Iterator[Difference]:
        """Whether an entity has another owner, or another name."""
        if one is not self.pairs.left[0] and not self._stays(one, other):
            path = other.path
            note = ", where only references lead" if other.owner is None else ""
            yield self._difference("moved", one, other, None, one.path, path, f"to {path}{note}")
        name, new = one.__dict__.get("name"), other.__dict__.get("name")
        if name != new:
            yield self._difference("renamed", one, other, "name", name, new, contrast(name, new))

    def _stays(self, one: Model, other: Model) -> bool:
        if one.owner is None or other.owner is None:
            return one.owner is other.owner
        return self.pairs.in_right(one.owner) is other.owner

    def _difference(
        self,
        kind: Kind,
        one: Model,
        other: Model,
        field: str | None,
        left: Any,
        right: Any,
        message: str,
        tally: Tally | None = None,
    ) -> Difference:
        return Difference(
            kind=kind,
            path=one.path,
            other_path=other.path,
            entity=type(one).__name__,
            entity_id=_id_of(one),
            field=field,
            left=left,
            right=right,
            message=message,
            values=tally,
        )

    def _changed(
        self, one: Model, other: Model, field: str, left: Any, right: Any, message: str = ""
    ) -> Difference:
        message = message or contrast(left, right)
        return self._difference("changed", one, other, field, left, right, message)

    # Fields

    def _field(self, one: Model, other: Model, name: str) -> Iterator[Difference]:
        a, b = one.__dict__.get(name), other.__dict__.get(name)
        if a is b or name in self.left_out or not self._is_wanted(one, name):
            return
        if name in _MADE and any(
            name in known.get(id(model), ())
            for known, model in zip(self.unsaid, (one, other), strict=True)
        ):
            return
        whichever = a if a is not None else b
        if isinstance(a, Array) and isinstance(b, Array):
            yield from self._arrays(one, other, name, a, b)
        elif isinstance(whichever, Reference | Refs):
            yield from self._references(one, other, name, _items(a), _items(b))
        elif isinstance(whichever, Container | Model):
            if self.strict and isinstance(a, Container) and isinstance(b, Container):
                yield from self._members(one, other, name, a, b)
        elif isinstance(a, Extra) and isinstance(b, Extra):
            yield from self._remainders(one, other, a, b)
        elif name == "columns":
            yield from self._columns(one, other, a or (), b or ())
        elif isinstance(a, list) and isinstance(b, list):
            yield from self._lists(one, other, name, a, b)
        elif not self._is_same(a, b):
            yield self._changed(one, other, name, a, b)

    def _is_wanted(self, model: Model, name: str) -> bool:
        if self.only == "data":
            return isinstance(model, DataArray | DataFrame) and name in ("data", "columns")
        field = layout_of(type(model)).get(name)
        in_memory = field is not None and isinstance(field.place, Unstored)
        return self.strict or not (in_memory or name == "storage")

    def _is_same(self, a: Any, b: Any) -> bool:
        if a == b or (a != a and b != b):
            return True
        if not self.rtol or float not in (type(a), type(b)):
            return False
        between = relative(a, b)
        return between is not None and between <= self.rtol

    def _lists(
        self, one: Model, other: Model, name: str, a: list[Any], b: list[Any]
    ) -> Iterator[Difference]:
        rtol = 0.0 if name in _EXACT else self.rtol
        tally = tally_lists(a, b, rtol)
        if tally is None and len(a) == len(b):
            return
        message = contrast(a, b)
        if tally is not None and len(a) == len(b):
            if len(a) > LIST_LENGTH or value_text(a) == value_text(b):
                message = tally_text(tally, "value", rtol)
        elif tally is not None and max(len(a), len(b)) > LIST_LENGTH:
            shown = contrast(tally.left, tally.right)
            message += f"; the first difference at [{tally.first[0]}]: {shown}"
        yield self._difference("changed", one, other, name, a, b, message, tally)

    def _columns(
        self, one: Model, other: Model, a: Sequence[Column], b: Sequence[Column]
    ) -> Iterator[Difference]:
        """Columns of frames, paired by name."""
        left = {column.name: column for column in a}
        right = {column.name: column for column in b}
        for name, column in left.items():
            field, partner = f"columns.{name}", right.get(name)
            if partner is None:
                yield self._changed(one, other, field, column.dtype, None)
                continue
            types = column.dtype, partner.dtype
            if types[0] != types[1] and (self.strict or _native(types[0]) != _native(types[1])):
                yield self._changed(one, other, f"{field}.dtype", *types)
            if column.unit != partner.unit and self.only != "data":
                yield self._changed(one, other, f"{field}.unit", column.unit, partner.unit)
        for name, column in right.items():
            if name not in left:
                yield self._changed(one, other, f"columns.{name}", None, column.dtype)
        if self.strict:
            both = [name for name in left if name in right]
            yield from self._order(one, other, "columns", both, [x for x in right if x in left])

    def _members(
        self, one: Model, other: Model, name: str, a: Container[Any], b: Container[Any]
    ) -> Iterator[Difference]:
        """The order of what both have; members themselves are compared on their own."""
        stayed = [self.pairs.in_right(item) for item in a]
        left = [item for item in stayed if item is not None and item._container is b]
        known = set(map(id, left))
        yield from self._order(one, other, name, left, [item for item in b if id(item) in known])

    def _order(
        self, one: Model, other: Model, field: str, left: Sequence[Any], right: Sequence[Any]
    ) -> Iterator[Difference]:
        """Where the same things come in another order."""
        for position, (x, y) in enumerate(zip(left, right, strict=True)):
            if x is not y and not (isinstance(x, str) and x == y):
                texts = _called(x, other), _called(y, other)
                message = f"another order from [{position}] on: {contrast(*texts)}"
                yield self._difference("order", one, other, field, *texts, message)
                return

    def _remainders(self, one: Model, other: Model, a: Extra, b: Extra) -> Iterator[Difference]:
        try:
            for found in compared_remainders(a, b, self.rtol):
                kind: Kind = "order" if found.is_order else "changed"
                yield self._difference(kind, one, other, *found[:4])
        except Unreadable as error:
            yield self._difference("unreadable", one, other, "extra", None, None, str(error))

    # Arrays

    def _arrays(
        self, one: Model, other: Model, name: str, a: Array, b: Array
    ) -> Iterator[Difference]:
        if a.shape != b.shape:
            shapes = list(a.shape), list(b.shape)
            yield self._changed(one, other, f"{name}.shape", *shapes, shapes_text(a, b))
        if self._types_differ(one, other, a, b):
            texts = type_text(a), type_text(b)
            is_told = texts[0] != texts[1]
            message = contrast(*texts) if is_told else f"{texts[0]}, stored in another way"
            yield self._changed(one, other, f"{name}.dtype", *texts, message)
        is_data = isinstance(one, DataArray | DataFrame) and name == "data"
        if self.without_values or (is_data and self.only == "metadata") or a.shape != b.shape:
            return
        try:
            tally = tally_arrays(a, b, self.rtol)
        except Unreadable as error:
            yield self._difference("unreadable", one, other, name, None, None, str(error))
            return
        if tally is not None:
            message = tally_text(tally, "row" if a.dtype.names else "value", self.rtol)
            values = tally.left, tally.right
            yield self._difference("changed", one, other, name, *values, message, tally)

    def _types_differ(self, one: Model, other: Model, a: Array, b: Array) -> bool:
        """Whether types differ; of frames only where their columns do not say it already."""
        exact = self.strict and a.shape == b.shape
        if a.equals(b, values=False) if exact else alike(a, b):
            return False
        if isinstance(one, DataFrame) and isinstance(other, DataFrame):
            return exact and one.columns == other.columns
        return True

    # References

    def _references(
        self, one: Model, other: Model, name: str, a: list[Reference], b: list[Reference]
    ) -> Iterator[Difference]:
        for model, items in ((one, a), (other, b)):
            for item in items:
                item.resolve(model, layout_of(type(model))[name].targets)  # type: ignore[arg-type]
        matched, only_left, only_right = self.pairs.match_references(a, b)
        left = [item.written(one) for item in only_left]
        right = [item.written(other) for item in only_right]
        if set(left) & set(right):
            left = [f"{item.written(one)} ({item.key()})" for item in only_left]
            right = [f"{item.written(other)} ({item.key()})" for item in only_right]
        if isinstance(one.__dict__.get(name), Refs):
            if left or right:
                message = _gone_and_new(left, right)
                yield self._changed(one, other, name, left, right, message)
        elif left or right:
            texts = left[0] if left else None, right[0] if right else None
            yield self._changed(one, other, name, *texts)
        for x, y in matched:
            yield from self._matched(one, other, name, x, y)
        if self.strict:
            known = {id(item) for _, item in matched}
            found = [item for item in b if id(item) in known]
            yield from self._order(one, other, name, [item for _, item in matched], found)

    def _matched(
        self, one: Model, other: Model, name: str, x: Reference, y: Reference
    ) -> Iterator[Difference]:
        text = x.written(one)
        if not self._leads_to_same(x, y):
            message = f"{short(text)} is another entity with the same id"
            yield self._changed(one, other, name, text, y.written(other), message)
        if self.strict and x.link != y.link:
            links = [item.link or "as usual" for item in (x, y)]
            message = f"the link to {short(text)} is named {contrast(*links)}"
            yield self._changed(one, other, name, x.link, y.link, message)

    def _leads_to_same(self, x: Reference, y: Reference) -> bool:
        """Whether targets of one id that nothing owns, and that are no pair, are equal."""
        left, right = x.target, y.target
        if left is None or right is None or self.pairs.in_right(left) is right:
            return True
        if left is right or left.owner is not None or right.owner is not None:
            return True
        pair = (id(left), id(right))
        if pair not in self.outside:
            values = self.only is None and not self.without_values
            try:
                self.outside[pair] = left.equals(right, values=values)
            except (OSError, RuntimeError, KeyError):
                self.outside[pair] = False
        return self.outside[pair]


def _id_of(model: Model) -> str | None:
    return model.__dict__.get("id") or None


def _items(value: Any) -> list[Reference]:
    if isinstance(value, Refs):
        return value.items
    return [value] if isinstance(value, Reference) else []


def _called(item: Any, owner: Model) -> str:
    if isinstance(item, Model):
        return item.key
    return item.written(owner) if isinstance(item, Reference) else str(item)


def _gone_and_new(left: list[str], right: list[str]) -> str:
    if len(left) == len(right) == 1:
        return contrast(left[0], right[0])
    parts = [
        f"{word} {', '.join(map(value_text, names[:LIST_LENGTH]))}"
        + (f", … {len(names):,} in all" if len(names) > LIST_LENGTH else "")
        for word, names in (("without", left), ("with", right))
        if names
    ]
    return ", ".join(parts)


def _native(dtype: str) -> str:
    """The name of a column's type, the order of bytes and the length of texts aside."""
    if dtype.startswith(("<", ">")):
        dtype = np.dtype(dtype).name
    return "string" if dtype[:1] in ("S", "U") and dtype[1:].isdigit() else dtype
