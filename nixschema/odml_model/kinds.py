"""The type that a value is of by itself, whatever its property says."""

from __future__ import annotations

from nixschema.odml_model.document import Value

_PLAIN: dict[type, str] = {str: "string", bool: "boolean", int: "int", float: "float"}


def kind_of(value: Value) -> str:
    """The type that a value is of by itself: ``int``, ``2-tuple``; ``string`` for texts."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    return f"{len(value)}-tuple"


def common_kind(values: list[Value]) -> str | None:
    """The type that all values are of; None where they differ or there are none."""
    types = {*map(type, values)}
    if len(types) == 1 and (plain := _PLAIN.get(types.pop())) is not None:
        return plain
    kinds = {kind_of(value) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    return None if kind == "0-tuple" else kind
