"""Values of arrays: nested lists in the description, or a mapping that says where they are."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from nixschema.array import Array
from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key, keys_of
from nixschema.model.refusal import did_you_mean
from nixschema.sources import DataSpec, SourceError, check, open_source, open_table
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, boolean_of, core_value, doubt_of, integer_of, number_of

SPEC_KEYS = {"from" if one.name == "origin" else one.name: one.name for one in fields(DataSpec)}
"""Keys of a mapping that says where values come from, with their names in `DataSpec`."""

_TEXTS = ("file", "format", "member", "dataset", "delimiter", "decimal", "comment", "encoding")
_MORE_TEXTS = ("order", "select", "sha256", "from")
_INTEGERS = ("skip_rows", "offset")
_INTEGER_LISTS = ("shape", "transpose", "chunks")


def read_array(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Values of an array."""
    values = values_of(reading, draft, key.field, node)
    if values is not None:
        draft.data[key.field] = values


def values_of(
    reading: Reading,
    draft: Draft,
    part: str,
    node: Node,
    *,
    as_text: bool = False,
    also: tuple[str, ...] = (),
) -> Array | None:
    """The values that a node says, or None and faults.

    Args:
        reading: what the description shares.
        draft: the entity that they belong to.
        part: its field.
        node: a list, or a mapping that says where they are.
        as_text: whether they are texts whatever they look like.
        also: keys that the mapping may have beside those of a source.
    """
    if isinstance(node, Scalar) and not as_text and _is_text(reading, draft, part, node):
        return None
    if not isinstance(node, Mapping):
        made = inline(reading, draft, part, node, "string" if as_text else None)
        return None if made is None else Array(made)
    spec = spec_of(reading, draft, part, node, as_text=as_text, also=also)
    return None if spec is None else opened(reading, draft, part, node, spec)


def _is_text(reading: Reading, draft: Draft, part: str, node: Scalar) -> bool:
    """Whether a single text stands where values are expected, which is told."""
    if not isinstance(_core(node, json=reading.is_json), str):
        return False
    number = number_of(node, json=reading.is_json)
    help = number.help if isinstance(number, Reason) and node.plain else None
    if help is None:
        help = f"put values between brackets: `{part}: [{words(node)[1:-1]}]`"
    if os.path.splitext(node.text)[1] in FORMATS or "/" in node.text:
        help = f"write `{part}: {{file: {words(node)[1:-1]}}}`"
    message = f"`{part}` is {words(node)}; expected a list of values, or a mapping with their file"
    reading.fault(draft, part, node, "NIX102", message, help)
    return True


FORMATS = (".npy", ".npz", ".csv", ".tsv", ".txt", ".raw", ".bin", ".dat", ".h5", ".hdf5", ".nix")
"""Endings of files that values are in."""


def opened(
    reading: Reading,
    draft: Draft,
    part: str,
    node: Mapping,
    spec: DataSpec,
    *,
    as_table: bool = False,
) -> Array | None:
    """The source that a mapping says; None and a fault where there is none.

    Args:
        reading: what the description shares.
        draft: the entity that the values belong to.
        part: its field.
        node: the mapping.
        spec: what it says.
        as_table: whether the values are records, a field for each column.
    """
    folder, outside = reading.folder, reading.allow_outside
    try:
        if as_table and spec.origin is None:
            source = open_table(spec, folder, allow_outside=outside)
        else:
            place = draft.part(part)
            source = open_source(spec, folder, entity=place, allow_outside=outside)
        check(source)
    except SourceError as error:
        told = {name: key for key, name in SPEC_KEYS.items()}.get(error.key, error.key)
        here: Node = node.items.get(told) or node
        if error.place is not None and "values" in node.items:
            here = _item(node.items["values"], error.place)
        reading.fault(draft, part, here, error.rule, error.message, error.help)
        return None
    return Array(source)


def _item(node: Node, place: tuple[int, ...]) -> Node:
    """The node of one of several nested values."""
    for number in place:
        if not isinstance(node, Sequence) or number >= len(node.items):
            break
        node = node.items[number]
    return node


def spec_of(
    reading: Reading,
    draft: Draft,
    part: str,
    node: Mapping,
    *,
    as_text: bool = False,
    also: tuple[str, ...] = (),
) -> DataSpec | None:
    """What a mapping says about where values come from; None and faults where it says nonsense."""
    said: dict[str, Any] = {}
    before = len(reading.faults)
    dtype = _dtype(reading, draft, part, node)
    if dtype is not None:
        said["dtype"] = dtype
    for name, one in node.items.items():
        if name in also or name == "dtype" or (isinstance(one, Scalar) and one.is_null):
            continue
        if name not in SPEC_KEYS:
            hint = did_you_mean(name, (*SPEC_KEYS, *also))
            help = None if hint else f"there are {', '.join(SPEC_KEYS)}"
            if not hint and name in keys_of(draft.model):
                help = f"put it beside `{part}`, not into it"
            message = f"no key `{name}` in what says where values are{hint}"
            reading.fault(draft, part, node.keys[name], "NIX131", message, help)
        elif name == "values":
            text = dtype if isinstance(dtype, str) else None
            values = inline(reading, draft, part, one, "string" if as_text else text)
            said["values"] = _in_shape(values, node.items.get("shape"))
        else:
            value = _said(reading, name, one)
            if isinstance(value, Reason):
                message = f"`{name}`: {value.message}"
                reading.fault(draft, part, one, "NIX102", message, value.help)
            else:
                said[SPEC_KEYS[name]] = value
    return DataSpec(**said) if len(reading.faults) == before else None


def _in_shape(values: Any, node: Node | None) -> Any:
    """Values in the shape that is said, where lists alone cannot say it: `[0, 3]`, or none."""
    lengths = [integer_of(one) for one in getattr(node, "items", ()) if isinstance(one, Scalar)]
    shape = [one for one in lengths if isinstance(one, int) and one >= 0]
    is_shape = isinstance(node, Sequence) and len(shape) == len(node.items)
    if values is None or not is_shape or math.prod(shape) != values.size:
        return values
    return values.reshape(shape) if 0 in shape or not shape else values


def _dtype(reading: Reading, draft: Draft, part: str, node: Mapping) -> Any:
    """An element type: a name, or a list of ``{name: dtype}`` for records."""
    told = node.items.get("dtype")
    if told is None or (isinstance(told, Scalar) and told.is_null):
        return None
    if isinstance(told, Scalar):
        return told.text
    columns: list[dict[str, str]] = []
    for one in told.items if isinstance(told, Sequence) else [told]:
        items = one.items.items() if isinstance(one, Mapping) else ()
        pairs = {name: kind.text for name, kind in items if isinstance(kind, Scalar)}
        if not pairs or len(pairs) != len(items):
            message = f"`dtype` has {words(one)}; expected `name: dtype` for each column"
            reading.fault(draft, part, one, "NIX102", message)
            return None
        columns += [{name: kind} for name, kind in pairs.items()]
    return columns


def _said(reading: Reading, name: str, node: Node) -> Any:
    """The value of one key of a source."""
    if name in _INTEGER_LISTS:
        items = node.items if isinstance(node, Sequence) else [node]
        numbers = [_integer(item) for item in items]
        return next((one for one in numbers if isinstance(one, Reason)), numbers)
    if name in ("columns", "missing") and isinstance(node, Sequence):
        found = [_name(item, numbers=name == "columns") for item in node.items]
        return next((one for one in found if isinstance(one, Reason)), found)
    if not isinstance(node, Scalar):
        return Reason(f"{words(node)}; expected a single value", None)
    if name in _TEXTS + _MORE_TEXTS:
        return node.text
    if name in _INTEGERS:
        return _integer(node)
    if name == "header":
        return boolean_of(node)
    if name in ("column", "compression"):
        return _name(node, numbers=True)
    if name == "fill":
        return core_value(node)
    return node.text


def _integer(node: Node) -> Any:
    if not isinstance(node, Scalar):
        return Reason(f"{words(node)}; expected a whole number", None)
    return integer_of(node)


def _name(node: Node, *, numbers: bool) -> Any:
    """A name as written; a plain whole number is a number where numbers are meant."""
    if not isinstance(node, Scalar):
        return Reason(f"{words(node)}; expected a name", None)
    if numbers and node.plain:
        number = integer_of(node)
        if isinstance(number, int):
            return number
    return node.text


# Values that stand in the description

_PLAIN_INTEGERS = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_PLAIN_FLOATS = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?")


def inline(reading: Reading, draft: Draft, part: str, node: Node, dtype: str | None = None) -> Any:
    """An array of numpy's of nested lists: integers, numbers, booleans or texts, all of one kind.

    Args:
        reading: what the description shares.
        draft: the entity.
        part: its field.
        node: the lists; a single value is a list of one.
        dtype: name of the type that is asked for: texts are read as such.

    Returns:
        The array, or None and a fault.
    """
    if isinstance(node, Mapping):
        reading.fault(draft, part, node, "NIX102", f"`{part}` is a mapping; expected values")
        return None
    flat: list[Scalar] = []
    shape = _flatten(reading, draft, part, node, flat)
    if shape is None:
        return None
    found = _typed(reading, draft, part, flat, dtype)
    return None if found is None else found.reshape(shape)


def _flatten(
    reading: Reading, draft: Draft, part: str, node: Node, flat: list[Scalar]
) -> tuple[int, ...] | None:
    """The shape of nested lists, with their scalars in order."""
    if isinstance(node, Scalar):
        flat.append(node)
        return (1,)
    shape: list[int] = []
    level: list[Node] = [node]
    while lists := [one for one in level if isinstance(one, Sequence)]:
        length = len(lists[0].items)
        odd = next((one for one in lists if len(one.items) != length), None)
        if odd is not None:
            told = len(odd.items)
            message = f"a list of {told:,} beside one of {length:,}; expected lists of one length"
            reading.fault(draft, part, odd, "NIX053", message)
            return None
        if len(lists) < len(level):
            break
        shape.append(length)
        level = [item for one in lists for item in one.items]
    scalars = [one for one in level if isinstance(one, Scalar)]
    if len(scalars) < len(level):
        nested = next(one for one in level if not isinstance(one, Scalar))
        message = f"{words(nested)} beside single values; expected nested lists of one depth"
        reading.fault(draft, part, nested, "NIX053", message)
        return None
    flat.extend(scalars)
    return tuple(shape)


def _typed(reading: Reading, draft: Draft, part: str, flat: list[Scalar], dtype: str | None) -> Any:
    texts = [one.text for one in flat]
    kind = _kind_of(dtype)
    if kind == "text":
        return np.array(texts, dtype=object)
    plain = all(one.plain for one in flat)
    if plain and kind in (None, "integer") and all(map(_PLAIN_INTEGERS.fullmatch, texts)):
        return np.array(list(map(int, texts)), dtype=np.int64)
    if plain and kind in (None, "number") and texts and all(map(_PLAIN_FLOATS.fullmatch, texts)):
        numbers = np.array(list(map(float, texts)))
        if np.isfinite(numbers).all():  # Else one is too large, which is told below.
            return numbers
    read: Callable[[Scalar], Any] = {
        "integer": integer_of,
        "number": lambda one: number_of(one, json=reading.is_json),
        "boolean": boolean_of,
        None: lambda one: _core(one, json=reading.is_json),
    }[kind]
    if kind == "boolean" and not flat:
        return np.empty(0, dtype=bool)
    values: list[Any] = []
    for one in flat:
        value = read(one)
        if isinstance(value, Reason):
            reading.refuse(draft, part, one, value)
            return None
        values.append(value)
    return _of_one_kind(reading, draft, part, flat, values)


def _core(scalar: Scalar, *, json: bool) -> Any:
    """A value by its look: a fraction is a number, too."""
    value = core_value(scalar)
    if isinstance(value, str) and scalar.plain and "/" in value:
        number = number_of(scalar, json=json)
        return value if isinstance(number, Reason) else number
    return value


def _of_one_kind(
    reading: Reading, draft: Draft, part: str, flat: list[Scalar], values: list[Any]
) -> Any:
    kinds = set(map(type, values))
    if kinds == {int}:
        if min(values) < -(2**63) or max(values) >= (2**63 if min(values) < 0 else 2**64):
            reading.fault(draft, part, flat[0], "NIX104", "integers have 64 bits at most")
            return None
        return np.array(values, np.uint64 if max(values) >= 2**63 else np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=np.float64)
    if kinds == {bool}:
        return np.array(values, dtype=bool)
    if kinds == {str}:
        comma = next(
            (
                one
                for one in flat[:1]
                if one.plain and (_COMMA.fullmatch(one.text) or doubt_of(one))
            ),
            None,
        )
        if comma is None:
            return np.array(values, dtype=object)
        reading.refuse(draft, part, comma, _as_number(comma))
        return None
    numbers = [one for one in values if type(one) in (int, float)]
    odd = next(
        one
        for one, value in zip(flat, values, strict=True)
        if isinstance(value, str | type(None)) == (len(numbers) * 2 >= len(values))
    )
    message = f"{words(odd)} beside values of another kind; expected values of one kind"
    help = "quote all values that are texts, or say the `dtype`"
    if len(numbers) * 2 >= len(values):
        help = _as_number(odd).help or help
    reading.fault(draft, part, odd, "NIX054", message, help)
    return None


_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")


def _as_number(scalar: Scalar) -> Reason:
    """Why a scalar is no number."""
    if scalar.is_null:
        return Reason("nothing, expected a number", "write `.nan` for a number that is missing")
    found = number_of(Scalar(scalar.text, True, scalar.line, scalar.column))
    return found if isinstance(found, Reason) else Reason(f"the text {words(scalar)}", None)


def _kind_of(dtype: str | None) -> str | None:
    """Which kind of values a type has: text, integer, number or boolean."""
    if dtype is None:
        return None
    if dtype in ("string", "str"):
        return "text"
    try:
        kind = np.dtype(dtype).kind
    except TypeError:
        return None
    return _KINDS.get(kind, "text")


_KINDS = {"i": "integer", "u": "integer", "f": "number", "c": None, "b": "boolean"}
