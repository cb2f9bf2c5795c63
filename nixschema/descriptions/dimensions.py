"""Dimension descriptors, and what they take their ticks or labels from."""

from __future__ import annotations

from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import DIMENSION_WORDS, Key
from nixschema.model import (
    DataFrame,
    DimensionLink,
    Model,
    RangeDimension,
    Reference,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.refusal import did_you_mean
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, integer_of, missing_space

_SAYS_KIND: dict[str, type[Model]] = {
    "sampling_interval": SampledDimension,
    "ticks": RangeDimension,
    "labels": SetDimension,
}
"""Keys that tell the kind of a dimension whose ``type`` is left out."""


def read_dimensions(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """One descriptor for each axis."""
    if not isinstance(node, Sequence):
        message = f"`dimensions` is {words(node)}; expected a list, one item for each axis"
        help = "begin each item with `- `"
        if isinstance(node, Scalar):
            help = missing_space(node) or "write `- set` below it, or another kind of dimension"
        reading.fault(draft, key.field, node, "NIX102", message, help)
        return
    draft.members[key.field] = []
    for number, item in enumerate(node.items, 1):
        model = _model_of(reading, draft, item)
        nothing = Mapping({}, {}, item.line, item.column)
        whole = item if model is not None and isinstance(item, Mapping) else nothing
        known = model or UnknownDimension
        made = reading.child(draft, key.field, known, whole, item, str(number))
        if model is None:
            reading.leave_open(made, "")
        reading.stack.append(made)


def _model_of(reading: Reading, draft: Draft, node: Node) -> type[Model] | None:
    """The class of a dimension; None and a fault where that cannot be told."""
    kinds = ", ".join(f"`{one}`" for one in DIMENSION_WORDS if one != "unknown")
    if isinstance(node, Scalar):
        if node.text == "set":
            return SetDimension
        message = f"a dimension is {words(node)}; expected a mapping with its `type`, or `set`"
        reading.fault(draft, "dimensions", node, "NIX102", message)
        return None
    if not isinstance(node, Mapping):
        message = f"a dimension is {words(node)}; expected a mapping with its `type`"
        reading.fault(draft, "dimensions", node, "NIX102", message)
        return None
    told = node.items.get("type")
    if told is None or (isinstance(told, Scalar) and told.is_null):
        found = next((model for name, model in _SAYS_KIND.items() if name in node.items), None)
        if found is None:
            message = f"a dimension does not say its `type`; expected one of {kinds}"
            reading.fault(draft, "dimensions", node, "NIX101", message)
        return found
    text = told.text if isinstance(told, Scalar) else ""
    found = DIMENSION_WORDS.get(text)
    if found is None:
        meant = _OTHER_WORDS.get(text)
        hint = f": did you mean `{meant}`?" if meant else did_you_mean(text, DIMENSION_WORDS)
        message = (
            f"`type` is {words(told)}{hint}"
            if hint
            else (f"`type` is {words(told)}; expected one of {kinds}")
        )
        reading.fault(draft, "dimensions", told, "NIX106", message)
    return found


_OTHER_WORDS = {"sample": "sampled", "regular": "sampled", "irregular": "range", "category": "set"}


def read_kind(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """The ``type`` of a dimension, which told its class already."""
    if isinstance(node, Scalar) and node.text == "":
        draft.absent.append(key.field)


def read_missing(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Whether the file has no descriptor of that number."""
    draft.data[key.field] = isinstance(node, Scalar) and node.text == "true"


def read_alias(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Whether the ticks are the array itself, as old files say it."""
    if not (isinstance(node, Scalar) and node.text == "true") or draft.owner is None:
        return
    link = reading.child(
        draft, "link", DimensionLink, Mapping({}, {}, node.line, node.column), node, ""
    )
    link.data.update(alias=True, data_object_type="DataArray", index=[-1])
    link.absent += ["id", "created_at", "updated_at"]
    link.references["array"] = [Reference(text=draft.owner.name)]
    reading.stack.append(link)


def read_link(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """What the ticks or labels are taken from: the name of an array, or a mapping."""
    if isinstance(node, Scalar):
        link = reading.child(
            draft, key.field, DimensionLink, Mapping({}, {}, node.line, node.column), node, ""
        )
        link.data.update(data_object_type="DataArray", index=[-1])
        link.references["array"] = [Reference(text=node.text)]
    elif isinstance(node, Mapping):
        link = reading.child(draft, key.field, DimensionLink, node, node, "")
        is_frame = "data_frame" in node.items
        link.data["data_object_type"] = "DataFrame" if is_frame else "DataArray"
        if not is_frame:
            link.data["index"] = [-1]
    else:
        message = f"`link` is {words(node)}; expected the name of an array, or a mapping"
        reading.fault(draft, key.field, node, "NIX102", message)
        return
    reading.stack.append(link)


def read_index(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A number for each axis of the array, ``any`` for the one that is taken."""
    if isinstance(node, Scalar) and node.text == "":
        draft.absent.append(key.field)
        return
    numbers: list[int] = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        value = -1 if isinstance(item, Scalar) and item.text == "any" else None
        if value is None:
            found = integer_of(item) if isinstance(item, Scalar) else Reason("a list", None)
            if isinstance(found, Reason):
                message = f"`index` has {words(item)}; expected `any` or the number of an element"
                reading.fault(draft, key.field, item, "NIX102", message)
                return
            value = found
        numbers.append(value)
    draft.data[key.field] = numbers


def read_column(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A column of a frame, by name or number."""
    if not isinstance(node, Scalar):
        message = f"`column` is {words(node)}; expected the name of a column, or its number"
        reading.fault(draft, key.field, node, "NIX102", message)
        return
    number = integer_of(node) if node.plain else None
    if isinstance(number, int):
        draft.data[key.field] = number
        return
    reading.later.append(lambda: _find_column(reading, draft, key, node))


def _find_column(reading: Reading, draft: Draft, key: Key, node: Scalar) -> None:
    made = draft.made
    reference = made.__dict__["data_frame"] if made is not None else None
    frame = reference.resolve(made, (DataFrame,)) if reference is not None else None
    names = [one.name for one in frame.columns] if isinstance(frame, DataFrame) else []
    if node.text in names and made is not None:
        made.__dict__[key.field] = names.index(node.text)
    elif frame is not None:
        hint = did_you_mean(node.text, names)
        message = f"no column named `{node.text}` in `{frame.name}`{hint}"
        reading.fault(draft, key.field, node, "NIX701", message)
