"""All parts of a schema, each with its place from the top; a loop, however deep it is nested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nixschema.schema.language import Said

Steps: TypeAlias = tuple[str | int, ...]
"""Fields, keys and positions on the way from the top to a part."""


def parts_of(said: Said) -> Iterator[tuple[Steps, Said]]:
    """What stands directly in a part: the steps to each, and what it is."""
    for name, value in said.__dict__.items():
        if not value or isinstance(value, str | bool | int | float):
            continue
        if isinstance(value, Said):
            yield (name,), value
        elif isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, Said):
                    yield (name, number), one
        elif isinstance(value, dict):
            for key, one in value.items():
                if isinstance(one, Said):
                    yield (name, key), one
                elif isinstance(one, list):
                    for number, item in enumerate(one):
                        if isinstance(item, Said):
                            yield (name, key, number), item


def walk(said: Said, at: Steps = ()) -> Iterator[tuple[Steps, Said]]:
    """A part and all that is in it, each with the steps to it, in order of the text."""
    stack: list[tuple[Steps, Said]] = [(at, said)]
    while stack:
        steps, one = stack.pop()
        yield steps, one
        stack.extend(reversed([(steps + more, part) for more, part in parts_of(one)]))


def path_of(steps: Steps) -> str:
    """Steps as a path in messages: fields as they are written, positions from 1."""
    shown = [str(one + 1) if isinstance(one, int) else one.removesuffix("_") for one in steps]
    return "/" + "/".join(shown)
