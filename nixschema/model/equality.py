"""Equality: what a rewrite keeps."""

from __future__ import annotations

from typing import Any

from nixschema.array import Array
from nixschema.layout import layout_of
from nixschema.model.container import Container
from nixschema.model.entity import Model
from nixschema.model.reference import Reference, Refs


def equal(left: Model, right: Model, *, values: bool = True) -> bool:
    """Whether two models and all they own are equal; NaN equals NaN.

    References compare by id, what they lead to outside both is compared as well. Arrays are read
    in blocks.
    """
    stack: list[tuple[Any, Any]] = [(left, right)]
    outside: set[tuple[int, int]] = set()
    while stack:
        one, two = stack.pop()
        if one is two:
            continue
        if type(one) is not type(two):
            return False
        kind: type[Model] = type(one)
        for name in layout_of(kind):
            a, b = one.__dict__[name], two.__dict__[name]
            if isinstance(a, Container):
                if not isinstance(b, Container) or len(a) != len(b):
                    return False
                stack.extend(zip(a, b, strict=True))
            elif isinstance(a, Model) and isinstance(b, Model):
                stack.append((a, b))
            elif isinstance(a, Refs) and isinstance(b, Refs):
                if a.keys() != b.keys():
                    return False
                for x, y in zip(a.items, b.items, strict=True):
                    _compare_outside(x, y, stack, outside)
            elif isinstance(a, Reference) and isinstance(b, Reference):
                if not _same_reference(a, b, one, two, name):
                    return False
                _compare_outside(a, b, stack, outside)
            elif isinstance(a, Array) and isinstance(b, Array):
                if not a.equals(b, values=values):
                    return False
            elif not _same(a, b):
                return False
    return True


def _same_reference(one: Reference, two: Reference, left: Model, right: Model, field: str) -> bool:
    kinds = layout_of(type(left))[field].targets
    for reference, owner in ((one, left), (two, right)):
        reference.resolve(owner, kinds)  # type: ignore[arg-type]
    return (one.key(), one.link) == (two.key(), two.link)


def _compare_outside(
    one: Reference, two: Reference, stack: list[tuple[Any, Any]], seen: set[tuple[int, int]]
) -> None:
    """Compare targets that belong to no file, each pair once."""
    left, right = one.target, two.target
    if left is None or right is None or left.file is not None or right.file is not None:
        return
    pair = (id(left.root), id(right.root))
    if pair not in seen and left.owner is None and right.owner is None:
        seen.add(pair)
        stack.append((left, right))


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return one == two or (one != one and two != two)
    if isinstance(one, list) and isinstance(two, list):
        return (
            len(one) == len(two)
            and all(type(a) is type(b) for a, b in zip(one, two, strict=True))
            and (one == two or all(_same(a, b) for a, b in zip(one, two, strict=True)))
        )
    return bool(one == two)
