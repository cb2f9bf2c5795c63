"""Schemas made in Python: plain data in the short forms that texts have."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from nixschema.schema.keywords import keywords_of
from nixschema.schema.language import Count, Said
from nixschema.schema.problems import Problems
from nixschema.schema.reading import Made, Reading
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

DEPTH = 100
"""Levels of nesting in a schema."""

_LONG_DEPTH = 2
"""Lists of models by name are nested so deep."""

_TOLD = 5
"""So many problems are told when a schema is refused."""

_KINDS = {
    "Clause": ("Entity", "Entity"),
    "Constraint": ("Constraint", "any"),
    "ColumnOf": ("ColumnOf", "ColumnOf"),
    "Override": ("Override", "Entity"),
    "When": ("When", "Entity"),
    "Together": ("Together", "Together"),
    "DimensionClause": ("Dimension", "Dimension"),
    "Example": ("Example", "Example"),
    "Examples": ("Examples", "Examples"),
    "Tree": ("Tree", "File"),
    "Schema": ("Schema", "File"),
}
"""For each class its kind of thing, and what its alternatives are about."""


def long_form(model: type[Said], given: Any) -> Any:
    """What a model is made of, in long form: by name of the field.

    What is in long form already, and what no keyword is for, is left to the model.

    Raises:
        PydanticCustomError: something cannot stand where it does; all of it is told.
    """
    if not isinstance(given, dict) or model.__name__ not in _KINDS:
        return given
    kind, same = _KINDS[model.__name__]
    if kind == "Override":
        return given
    known = keywords_of(kind, listed=kind == "Entity")
    fields = {(info.alias or name): name for name, info in model.model_fields.items()}
    left: dict[str, Any] = {}
    short: dict[str, Any] = {}
    for name, value in given.items():
        word = str(name)
        if word.endswith("_") and fields.get(word[:-1]) == word:
            word = word[:-1]
        field = fields.get(word)
        if field is not None and (word not in known or _is_long(value)):
            left[field] = value
        else:
            short[word] = value
    if not short:
        return left
    problems = Problems()
    reading = Reading(problems, str(given.get("schema", given.get("schema_", ""))))
    node = node_of(short)
    assert isinstance(node, Mapping)
    if model.__name__ == "Clause":
        read: Any = reading.clause(same, node, "", listed=True)
    else:
        read = reading.mapping(model, kind, node, "", same=same)
    if problems.found:
        lines = [f"{one.path.lstrip('/')}: {one.message}" for one in problems.found[:_TOLD]]
        more = len(problems.found) - len(lines)
        told = "; ".join([*lines, f"and {more} more"] if more else lines)
        raise PydanticCustomError("schema", "{told}", {"told": told})
    return {name: getattr(read, name) for name in read.model_fields_set} | left


def _is_long(value: Any, depth: int = 0) -> bool:
    """Whether a value needs no expansion: models, or collections of models alone."""
    if depth > _LONG_DEPTH:
        return False
    if value is None or isinstance(value, BaseModel | Count):
        return True
    if isinstance(value, dict):
        return all(_is_long(one, depth + 1) and one is not None for one in value.values())
    if isinstance(value, list | tuple):
        return all(_is_long(one, depth + 1) and one is not None for one in value)
    return False


def node_of(value: Any, depth: int = 0) -> Node:
    """Plain data as a node: texts as if within quotes, all else as if without.

    Raises:
        PydanticCustomError: it is nested too deeply, or holds what no schema does.
    """
    if depth > DEPTH:
        told = f"more than {DEPTH} levels are nested"
        raise PydanticCustomError("schema", "{told}", {"told": told})
    if isinstance(value, BaseModel | Count):
        return Made(value)
    if isinstance(value, str):
        return Scalar(str(value), False, 0, 1)
    if value is None:
        return Scalar("null", True, 0, 1)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", True, 0, 1)
    if isinstance(value, int):
        return Scalar(int.__repr__(value), True, 0, 1)
    if isinstance(value, float):
        return Scalar(_float(value), True, 0, 1)
    if isinstance(value, Dict):
        items = {str(name): node_of(one, depth + 1) for name, one in value.items()}
        return Mapping(items, {name: Scalar(name, False, 0, 1) for name in items}, 0, 1)
    if isinstance(value, list | tuple | set | frozenset):
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return Sequence([node_of(one, depth + 1) for one in ordered], 0, 1)
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        return node_of(value.item(), depth + 1)
    told = f"a {type(value).__name__} stands for nothing in a schema"
    raise PydanticCustomError("schema", "{told}", {"told": told})


def _float(value: float) -> str:
    text = float.__repr__(value)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text)
