"""Keys whose values stand in the description: texts, words, times, numbers, and lists of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nixschema.descriptions.arrays import values_of
from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, boolean_of, integer_of, number_of, time_of

_ABSENT = ("id", "type", "target_type", "data_object_type", "format")
"""Fields for which an empty text says that the file has none, though it would be given one."""


def read_text(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A text, as written."""
    if not isinstance(node, Scalar):
        _refuse(reading, draft, key, node, "a text")
    elif node.text == "" and key.field in _ABSENT:
        draft.absent.append(key.field)
    else:
        draft.data[key.field] = node.text


def read_name(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A name, where an entity is an item of a list; elsewhere an empty one says: it has none."""
    if not isinstance(node, Scalar):
        _refuse(reading, draft, key, node, "a text")
    elif node.text == "" and draft.key is not draft.node:
        draft.absent.append(key.field)
    else:
        draft.data[key.field] = draft.name = node.text


def read_time(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A time."""
    if isinstance(node, Scalar) and node.text == "":
        draft.absent.append(key.field)
    else:
        _read(reading, draft, key, node, time_of)


def read_number(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A number or a fraction."""
    _read(reading, draft, key, node, lambda scalar: number_of(scalar, json=reading.is_json))


def read_integer(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A whole number."""
    _read(reading, draft, key, node, integer_of)


def read_boolean(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """True or false."""
    _read(reading, draft, key, node, boolean_of)


def read_version(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """The version of the format."""
    if not isinstance(node, Scalar):
        _refuse(reading, draft, key, node, "a version such as `1.2.1`")
        return
    parts = node.text.split(".")
    if node.text == "":
        draft.absent.append(key.field)
    elif len(parts) == 3 and all(part.isdecimal() and len(part) < 10 for part in parts):
        draft.data[key.field] = tuple(map(int, parts))
    else:
        _refuse(reading, draft, key, node, "a version such as `1.2.1`")


def read_texts(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A list of texts; one text is a list of one."""
    items = node.items if isinstance(node, Sequence) else [node]
    texts: list[str] = []
    for item in items:
        if not isinstance(item, Scalar):
            _refuse(reading, draft, key, item, "a text")
            return
        texts.append(item.text)
    draft.data[key.field] = texts


def read_labels(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A list of texts, or a source of them."""
    if not isinstance(node, Mapping):
        read_texts(reading, draft, key, node)
        return
    values = values_of(reading, draft, key.field, node, as_text=True)
    if values is not None:
        draft.data[key.field] = [str(one) for one in values.read().reshape(-1).tolist()]


def read_numbers(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A list of numbers, or a source of them; one number is a list of one."""
    if isinstance(node, Mapping):
        values = values_of(reading, draft, key.field, node)
        if values is not None:
            draft.data[key.field] = values.read().reshape(-1).tolist()
        return
    numbers: list[float] = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        if not isinstance(item, Scalar):
            _refuse(reading, draft, key, item, "a number")
            return
        number = number_of(item, json=reading.is_json)
        if isinstance(number, Reason):
            reading.refuse(draft, key.field, item, number)
            return
        numbers.append(number)
    draft.data[key.field] = numbers


def _read(
    reading: Reading, draft: Draft, key: Key, node: Node, read: Callable[[Scalar], Any]
) -> None:
    """A single value, by the function that makes it of a scalar."""
    if not isinstance(node, Scalar):
        _refuse(reading, draft, key, node, "a single value")
        return
    value = read(node)
    if isinstance(value, Reason):
        reading.refuse(draft, key.field, node, value)
    else:
        draft.data[key.field] = value


def _refuse(reading: Reading, draft: Draft, key: Key, node: Node, expected: str) -> None:
    message = f"`{key.name}` is {words(node)}; expected {expected}"
    reading.fault(draft, key.field, node, "NIX102", message)
