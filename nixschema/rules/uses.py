"""What the arrays and frames of a file are used for, for rules that ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from nixschema.model import DataArray, DataFrame, Feature, Model, MultiTag

KINDS: tuple[type[Model], ...] = (DataArray, DataFrame)


class Uses:
    """Who takes an array or frame for what; found when it is first asked for."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models

    def marks(self, model: Model) -> list[MultiTag]:
        """The multi tags whose positions or extents an array is."""
        return self._marks.get(id(model), [])

    def features(self, model: Model) -> list[Feature]:
        """The features whose data an array or frame is."""
        return self._features.get(id(model), [])

    @cached_property
    def _marks(self) -> dict[int, list[MultiTag]]:
        found: dict[int, list[MultiTag]] = {}
        for model in self._models:
            if isinstance(model, MultiTag):
                for target in targets(model, "positions", "extents"):
                    found.setdefault(id(target), []).append(model)
        return found

    @cached_property
    def _features(self) -> dict[int, list[Feature]]:
        found: dict[int, list[Feature]] = {}
        for model in self._models:
            if isinstance(model, Feature):
                for target in targets(model, "data"):
                    found.setdefault(id(target), []).append(model)
        return found


def targets(model: Model, *fields: str) -> Iterator[Model]:
    """The arrays and frames that fields of a model refer to, where they are there."""
    for field in fields:
        reference = model.__dict__.get(field)
        target = None if reference is None else reference.resolve(model, KINDS)
        if target is not None:
            yield target
