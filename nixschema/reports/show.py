"""What a file holds: as a tree, as the fields of one entity, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from nixschema.array import Array
from nixschema.layout import layout_of
from nixschema.model import Column, Container, Extra, File, Model, Reference, Refs
from nixschema.model.display import (
    array_text,
    label_of,
    printable,
    reference_text,
    short,
    short_list,
    summary,
)
from nixschema.model.unsaid import is_from_odml, unsaid_fields

WIDTH = 25
"""Most members of one container shown, unless all are asked for."""

DEPTH = 40
"""Most levels shown, unless all are asked for."""


def show_tree(model: Model, *, everything: bool = False) -> Iterator[str]:
    """Lines of the tree of a model and all that belongs to it."""
    stack: list[tuple[Model | str, str, str]] = [(model, "", "")]
    while stack:
        here, head, tail = stack.pop()
        if isinstance(here, str):
            yield head + here
            continue
        facts = summary(here)
        yield printable(f"{head}{label_of(here)}{': ' + facts if facts else ''}")
        parts = list(_shown_parts(here, everything))
        if len(tail) >= 4 * DEPTH and parts and not everything:
            yield f"{tail}└── … (--all shows deeper levels)"
            continue
        for number, part in reversed(list(enumerate(parts))):
            last = number == len(parts) - 1
            branch, onward = ("└── ", "    ") if last else ("├── ", "│   ")
            stack.append((part, tail + branch, tail + onward))


def _shown_parts(model: Model, everything: bool) -> Iterator[Model | str]:
    for name in layout_of(type(model)):
        value = model.__dict__[name]
        if isinstance(value, Container):
            shown = list(value) if everything else list(value[:WIDTH])
            yield from shown
            if len(value) > len(shown):
                yield f"… {len(value) - len(shown):,} more {name} (--all shows them)"


def show_entity(model: Model) -> Iterator[str]:
    """Lines with all fields of one entity, then what belongs to it."""
    yield printable(label_of(model))
    rows = [("path", model.path), *_rows(model)]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        yield printable(f"  {name:{width}}  {text}")
    lines = list(show_tree(model))[1:]
    if lines:
        yield ""
        yield from lines


def _rows(model: Model) -> Iterator[tuple[str, str]]:
    unsaid = unsaid_fields(model).get(id(model), ())
    for name in layout_of(type(model)):
        value = model.__dict__[name]
        if (
            name in ("extra", "name", "type")
            or name in unsaid
            or value is None
            or isinstance(value, Container | Model)
        ):
            continue
        text = _field_text(model, value)
        if text:
            yield name, text
    if model.extra:
        yield "extra", _extra_text(model.extra)


def _column_text(column: Column) -> str:
    unit = "" if column.unit is None else f", {column.unit}"
    return f"{short(column.name)} ({column.dtype}{unit})"


def _field_text(model: Model, value: Any) -> str:
    match value:
        case Refs():
            return ", ".join(short(name) for name in value.names())
        case Reference():
            return reference_text(model, value)
        case Array():
            return f"{array_text(value)}{_first_values(value)}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case (Column(), *_):
            return ", ".join(map(_column_text, value))
        case tuple():
            return ".".join(map(str, value))
        case list() if value and isinstance(value[0], Column):
            return ", ".join(
                f"{short(one.name, 30)} {one.dtype}{' ' + one.unit if one.unit else ''}"
                for one in value
            )
        case list():
            return short_list(value) or "none"
    return short(str(value), 200)


def _first_values(array: Array) -> str:
    """The first values of an array, read from the file."""
    if not array.size or not array.shape:
        return ""
    corner = tuple([0] * (array.ndim - 1) + [slice(0, 6)])
    try:
        values = array[corner].tolist()
    except (OSError, RuntimeError, ValueError, TypeError):
        return " (its values cannot be read)"
    shown = ", ".join(short(_value_text(value), 40) for value in values)
    return f": {shown}{', …' if array.size > len(values) else ''}"


def _value_text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _extra_text(extra: Extra) -> str:
    names = [*extra.attributes, *extra.members]
    return ", ".join(short(name, 40) for name in names[:10]) + (", …" if len(names) > 10 else "")


def show_json(model: Model) -> Iterator[str]:
    """JSON of a model and all that belongs to it: a flat list of entities with their paths."""
    head: dict[str, Any] = {"version": 1}
    if isinstance(model, File):
        head["path"] = model.source
        head["format"] = "odml" if is_from_odml(model) else "nix"
        head["format_version"] = ".".join(map(str, model.version)) if model.version else None
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    yield f'{opening}, "entities": ['
    pending = ""
    for entity in model.walk():
        if pending:
            yield pending + ","
        pending = json.dumps(described(entity), ensure_ascii=False)
    yield pending
    yield "]}"


def described(model: Model) -> dict[str, Any]:
    """A model's own fields as JSON has them; arrays as type and shape, references as names."""
    facts: dict[str, Any] = {"path": model.path, "kind": type(model).__name__}
    unsaid = unsaid_fields(model).get(id(model), ())
    for name in layout_of(type(model)):
        value = model.__dict__[name]
        if value is None or name in unsaid or isinstance(value, Container | Model):
            continue
        told = _told(model, value)
        if told is not None:
            facts[name] = told
    return facts


def _told(model: Model, value: Any) -> Any:
    match value:
        case Refs():
            return [item.written(model) for item in value.items] or None
        case Reference():
            return value.written(model)
        case Array():
            return {"dtype": value.type_text, "shape": list(value.shape)}
        case Extra():
            return _told_extra(value) if value else None
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case Column():
            return {"name": value.name, "dtype": value.dtype, "unit": value.unit}
        case float() if not np.isfinite(value):
            return str(value)
        case list() | tuple():
            return [_told(model, item) for item in value]
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
    return value


def _told_extra(extra: Extra) -> dict[str, Any]:
    return {
        "attributes": {name: short(str(one.value), 200) for name, one in extra.attributes.items()},
        "members": list(extra.members),
    }
