"""The text that models were read from: where in it something stands, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from nixschema.model import Model


class Position(NamedTuple):
    """A place in a text."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""


class Origin(Protocol):
    """A text that models were read from."""

    @property
    def unsure(self) -> Iterable[tuple[Model, str]]:
        """Fields that the text says in a way that is refused; no field for all of an entity."""

    def at(self, rule: str, model: Model, steps: tuple[str | int, ...]) -> Position:
        """Where a field stands, or one of its items, or the entity."""

    def of(self, path: str) -> Position:
        """Where the part stands that a path leads to, or the nearest around it."""


class Withheld:
    """Fields that nobody knows: rules that ask for one of them say nothing.

    A rule would take a field that was refused for one that is missing, or judge others by it: one
    mistake would be told several times.
    """

    def __init__(self, unsure: Iterable[tuple[Model, str]]) -> None:
        self.fields: dict[int, tuple[Model, set[str]]] = {}
        self.entities: set[int] = set()
        for model, field in unsure:
            if not field:
                self.entities.add(id(model))
            elif field in model.__dict__:
                self.fields.setdefault(id(model), (model, set()))[1].add(field)
        self._names = {name for _, names in self.fields.values() for name in names}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Take the fields away for a while."""
        before = [(model, dict(model.__dict__)) for model, _ in self.fields.values()]
        try:
            for model, names in self.fields.values():
                for name in names:
                    del model.__dict__[name]
            yield
        finally:
            for model, values in before:
                object.__setattr__(model, "__dict__", values)

    def explains(self, error: AttributeError | KeyError) -> bool:
        """Whether an error comes of a field that was taken away."""
        name = error.name if isinstance(error, AttributeError) else next(iter(error.args), None)
        return name in self._names
