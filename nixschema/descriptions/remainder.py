"""The remainder of an entity, which no field claims, as the key ``extra``; both ways.

An attribute is its value where that says its type: texts, integers of 64 bits, numbers, booleans.
Others are ``{value: …, type: int32, shape: [2]}``. An unknown object is ``{kind: group|dataset|
datatype, attributes, links, data, type}``; several that hang together are a list of ``objects``,
and a link inside leads to one by its number. Other links are ``{soft: path}``, ``{external: [file,
path]}`` and ``{entity: path}``.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nixschema.array import Array, StoredType
from nixschema.descriptions.arrays import opened, spec_of
from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key
from nixschema.model.extra import (
    Extra,
    Foreign,
    ForeignLink,
    ForeignObject,
    Member,
    Problem,
    Space,
    Stored,
)
from nixschema.model.refusal import did_you_mean
from nixschema.storage.plan import plan_of
from nixschema.storage.typenames import type_in_file, type_name, type_of_name
from nixschema.text.emit import Flow
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, core_value, integer_of, number_of

_PLAIN_TYPES = {str: "string", bool: "bool", int: "int64", float: "float64"}

LARGEST_ATTRIBUTE = 1 << 20
"""Attributes of more bytes are not written into a description."""


class Unsayable(Exception):
    """A description cannot say something of a remainder."""


# From models to trees


def extra_tree(
    extra: Extra, data_of: Callable[[Array], Any], lose: Callable[[str, str], None]
) -> dict[str, Any]:
    """A remainder as a tree.

    Args:
        extra: the remainder.
        data_of: how the values of an array are said.
        lose: is told of what cannot be said: the part, and why.
    """
    tree: dict[str, Any] = {}
    attributes = dict(_attributes(extra, lose))
    if attributes:
        tree["attributes"] = attributes
    members: dict[str, Any] = {}
    for name, member in extra.members.items():
        if isinstance(member, Extra):
            members[name] = extra_tree(member, data_of, lose)
        else:
            try:
                members[name] = _foreign_tree(member, data_of)
            except Unsayable as error:
                lose(name, str(error))
    if members:
        tree["members"] = members
    if extra.link is not None:
        tree["link"] = extra.link
    return tree


def _attributes(extra: Extra, lose: Callable[[str, str], None]) -> Iterator[tuple[str, Any]]:
    for name, stored in extra.attributes.items():
        try:
            yield name, _stored_tree(stored)
        except Unsayable as error:
            lose(name, str(error))


def _stored_tree(stored: Stored) -> Any:
    value, space = stored.value, stored.space
    if space.kind == "null":
        return {"value": None, "type": _type_text(stored), "shape": "null"}
    if value is None:
        raise Unsayable("its value cannot be read, or is large")
    plain = _PLAIN_TYPES.get(type(value))
    kind = _type_text(stored)
    if space.kind == "scalar" and plain is not None and kind in (plain, ""):
        return value
    tree: dict[str, Any] = dict(_values_tree(value, stored.type))
    if kind:
        tree["type"] = kind
    if space.kind == "simple":
        tree["shape"] = Flow(list(space.shape))
        if space.maxshape != space.shape:
            tree["maxshape"] = Flow(list(space.maxshape))
    return tree


def _values_tree(value: Any, stored: StoredType | None) -> Iterator[tuple[str, Any]]:
    """A value, or several, as a tree; bytes where it is neither text nor number."""
    array = np.asarray(value) if not isinstance(value, bytes) else None
    if array is not None and array.nbytes > LARGEST_ATTRIBUTE:
        raise Unsayable("its value is large")
    if isinstance(value, str):
        yield "value", value
    elif array is not None and array.dtype.kind in "iufb":
        yield "value", Flow(array.tolist()) if array.ndim else array.item()
    elif array is None:
        yield "bytes", base64.b64encode(value).decode()
    elif array.dtype.kind == "O":
        items = array.reshape(-1).tolist()
        if not all(isinstance(one, str) for one in items):
            raise Unsayable("its values are lists, or references")
        yield "value", Flow(array.tolist()) if array.ndim else items[0]
    elif not array.dtype.hasobject:
        yield "bytes", base64.b64encode(array.tobytes()).decode()
    else:
        raise Unsayable("values of this type have no words")


def _type_text(stored: Stored) -> str:
    return type_name(stored.type) if stored.type is not None else ""


def _foreign_tree(foreign: Foreign, data_of: Callable[[Array], Any]) -> dict[str, Any]:
    if foreign.link.kind != "hard":
        return _link_tree(foreign.link)
    objects = [_object_tree(one, data_of) for one in foreign.objects]
    return objects[0] if len(objects) == 1 and "links" not in objects[0] else {"objects": objects}


def _object_tree(one: ForeignObject, data_of: Callable[[Array], Any]) -> dict[str, Any]:
    if one.kind == "unreadable":
        raise Unsayable("an object that cannot be read")
    tree: dict[str, Any] = {"kind": one.kind}
    attributes = {name: _stored_tree(stored) for name, stored in one.attributes.items()}
    if attributes:
        tree["attributes"] = attributes
    if one.links:
        tree["links"] = {name: _link_tree(link) for name, link in one.links.items()}
    if one.data is not None:
        tree["data"] = data_of(one.data)
    elif one.type is not None:
        tree["type"] = type_name(one.type)
    elif one.kind != "group":
        raise Unsayable(f"a {one.kind} that cannot be read")
    return tree


def _link_tree(link: ForeignLink) -> dict[str, Any]:
    if link.kind == "hard":
        return {"object": link.target}
    known = link.by_path()
    if known.kind in ("entity", "soft"):
        return {known.kind: known.target}
    if known.kind == "external":
        return {"external": Flow(list(known.target))}
    raise Unsayable("a link of a kind that belongs to another program")


# From nodes to models


def read_extra(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """What the model does not know."""
    if not isinstance(node, Mapping):
        message = f"`extra` is {words(node)}; expected `attributes` and `members`"
        reading.fault(draft, "extra", node, "NIX102", message)
        return
    known = plan_of(draft.model).attributes
    _fill(reading, draft, draft.extra, node)
    for name, stored in draft.extra.attributes.items():
        if name in known:
            problem = Problem("NIX102", name, "of another kind", known[name].text)
            # Of a text that is no value of its field, only the text is kept.
            is_text = known[name].is_text and isinstance(stored.value, str)
            kind = None if is_text else stored.type
            draft.extra.attributes[name] = Stored(stored.value, kind, stored.space, problem)


_KEYS = ("attributes", "members", "link")


def _fill(reading: Reading, draft: Draft, extra: Extra, node: Mapping) -> None:
    for name, one in node.items.items():
        if name == "link" and isinstance(one, Scalar):
            extra.link = one.text
        elif name == "attributes" and isinstance(one, Mapping):
            for key, value in one.items.items():
                stored = _stored(reading, draft, value)
                if stored is not None:
                    extra.attributes[key] = stored
        elif name == "members" and isinstance(one, Mapping):
            for key, value in one.items.items():
                member = _member(reading, draft, value)
                if member is not None:
                    extra.members[key] = member
        elif name not in _KEYS:
            hint = did_you_mean(name, _KEYS) or f": there are {', '.join(_KEYS)}"
            message = f"no key `{name}` in `extra`{hint}"
            reading.fault(draft, "extra", node.keys[name], "NIX131", message)
        elif not (isinstance(one, Scalar) and one.is_null):
            message = f"`{name}` is {words(one)}; expected a mapping of names"
            reading.fault(draft, "extra", one, "NIX102", message)


def _stored(reading: Reading, draft: Draft, node: Node) -> Stored | None:
    """An attribute, or None and a fault."""
    try:
        return _stored_of(node)
    except Unsayable as error:
        reading.fault(draft, "extra", node, "NIX102", str(error))
        return None


def _stored_of(node: Node) -> Stored:
    if isinstance(node, Scalar):
        if node.is_null:
            raise Unsayable("an attribute without a value")
        value = core_value(node)
        return Stored(value, type_of_name(_PLAIN_TYPES[type(value)]))
    if isinstance(node, Sequence):
        return _stored_list(node)
    told = node.items.get("type")
    kind = _type(told) if isinstance(told, Scalar) else None
    shape = node.items.get("shape")
    if isinstance(shape, Scalar) and shape.text == "null":
        return Stored(None, kind, Space("null"))
    space = Space("scalar")
    if shape is not None:
        lengths = tuple(_numbers(shape))
        most = node.items.get("maxshape")
        limits = tuple(_limits(most)) if most is not None else lengths
        space = Space("simple", lengths, limits)
    return Stored(_value(node, kind, space), kind, space)


def _stored_list(node: Sequence) -> Stored:
    """A list of values of one kind, as attributes written by hand have them."""
    values = [core_value(one) for one in node.items if isinstance(one, Scalar)]
    kinds = set(map(type, values))
    if len(values) != len(node.items) or len(kinds - {int, float}) > 1 or not values:
        raise Unsayable(f"an attribute is {words(node)}; expected values of one kind")
    if kinds == {int, float}:
        kinds = {float}
    plain = _PLAIN_TYPES[kinds.pop()]
    kind = type_of_name(plain)
    dtype = object if plain == "string" else kind.dtype
    shape = (len(values),)
    return Stored(np.array(values, dtype), kind, Space("simple", shape, shape))


def _type(told: Scalar) -> StoredType:
    try:
        return type_of_name(told.text)
    except ValueError as error:
        raise Unsayable(str(error)) from None


def _value(node: Mapping, kind: StoredType | None, space: Space) -> Any:
    raw = node.items.get("bytes")
    count = math.prod(space.shape)
    if isinstance(raw, Scalar):
        return _from_bytes(raw.text, kind, space)
    told = node.items.get("value")
    if told is None:
        raise Unsayable("an attribute without a value; expected `value` or `bytes`")
    flat = list(_scalars(told))
    if len(flat) != count:
        raise Unsayable(f"{len(flat)} values for the shape {list(space.shape)}")
    values = [_typed(one, kind) for one in flat]
    if space.kind == "scalar":
        return values[0]
    is_text = kind is None or kind.kind == "string"
    dtype: Any = object if is_text else kind.dtype if kind is not None else None
    return np.array(values, dtype=dtype).reshape(space.shape)


def _typed(scalar: Scalar, kind: StoredType | None) -> Any:
    if kind is None or kind.kind == "string":
        return scalar.text
    if kind.kind == "boolean" or kind.kind == "bitfield":
        return scalar.text == "true" if scalar.text in ("true", "false") else _whole(scalar)
    if kind.kind in ("integer", "enum"):
        return _whole(scalar)
    value = number_of(scalar, json=True)
    if isinstance(value, Reason):
        raise Unsayable(value.message)
    return float(value)


def _whole(scalar: Scalar) -> int:
    value = integer_of(scalar)
    if isinstance(value, Reason):
        raise Unsayable(value.message)
    return value


def _from_bytes(text: str, kind: StoredType | None, space: Space) -> Any:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unsayable("`bytes` is no base64") from None
    if kind is None or (kind.kind == "string" and space.kind == "scalar"):
        return raw
    dtype = kind.dtype
    if dtype.hasobject or len(raw) != dtype.itemsize * math.prod(space.shape):
        raise Unsayable(f"{len(raw)} bytes for {math.prod(space.shape)} values of {kind.text}")
    return np.frombuffer(raw, dtype).reshape(space.shape).copy()


def _scalars(node: Node) -> Iterator[Scalar]:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Sequence):
            stack.extend(reversed(one.items))
        elif isinstance(one, Scalar):
            yield one
        else:
            raise Unsayable("a mapping among values")


def _numbers(node: Node) -> Iterator[int]:
    return (_whole(one) for one in _scalars(node))


def _limits(node: Node) -> Iterator[int | None]:
    return (None if one.is_null else _whole(one) for one in _scalars(node))


def _member(reading: Reading, draft: Draft, node: Node) -> Member | None:
    """An unknown object or link, or what is unclaimed of a part; None and a fault."""
    if isinstance(node, Mapping) and all(name in _KEYS for name in node.items):
        extra = Extra()
        _fill(reading, draft, extra, node)
        return extra
    try:
        if isinstance(node, Mapping):
            return _foreign(reading, draft, node)
        raise Unsayable(f"a member is {words(node)}; expected an object or a link")
    except Unsayable as error:
        reading.fault(draft, "extra", node, "NIX102", str(error))
        return None


def _foreign(reading: Reading, draft: Draft, node: Mapping) -> Foreign:
    several = node.items.get("objects")
    if "kind" not in node.items and several is None:
        return Foreign(_link(node))
    items = several.items if isinstance(several, Sequence) else [node]
    objects = [_object(reading, draft, one) for one in items]
    return Foreign(ForeignLink("hard", 0), objects)


def _object(reading: Reading, draft: Draft, node: Node) -> ForeignObject:
    kind = node.items.get("kind") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(kind, Scalar):
        raise Unsayable("an object does not say its `kind`: group, dataset or datatype")
    made = ForeignObject(kind.text)
    attributes, links = node.items.get("attributes"), node.items.get("links")
    if isinstance(attributes, Mapping):
        made.attributes = {name: _stored_of(one) for name, one in attributes.items.items()}
    if isinstance(links, Mapping):
        made.links = {
            name: _link(one) for name, one in links.items.items() if isinstance(one, Mapping)
        }
    data, told = node.items.get("data"), node.items.get("type")
    if isinstance(data, Mapping):
        spec = spec_of(reading, draft, "extra", data)
        made.data = None if spec is None else opened(reading, draft, "extra", data, spec)
        made.type = None if made.data is None else type_in_file(made.data)
    if isinstance(told, Scalar):
        made.type = _type(told)
    return made


def _link(node: Mapping) -> ForeignLink:
    for name, one in node.items.items():
        if name == "object" and isinstance(one, Scalar):
            return ForeignLink("hard", _whole(one))
        if name in ("soft", "entity") and isinstance(one, Scalar):
            return ForeignLink(name, one.text)
        if name == "external":
            return ForeignLink("external", tuple(scalar.text for scalar in _scalars(one)))
    raise Unsayable("a link says none of `object`, `soft`, `external`, `entity`")
