"""Arrays follow their file: after it was written onto itself they lie in the new one."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from nixschema.array import Array
from nixschema.model import Extra, File, Model
from nixschema.model.extra import Foreign, Stored
from nixschema.storage.datasets import DatasetSource, ObjectSource
from nixschema.storage.files import Stamp, kept_open
from nixschema.storage.plan import plan_of
from nixschema.storage.survey import Survey


def follow(file: File, path: str) -> None:
    """Let all arrays of a file that lie at a path lie in what was just written there.

    Args:
        file: what was written.
        path: where it was written to.
    """
    target = os.path.realpath(path)
    follower = _Follower(target)
    with kept_open(target):
        for model in Survey(file).models():
            follower.move(model)


class _Follower:
    def __init__(self, target: str) -> None:
        self._stamp = Stamp.of(target)
        self._same: dict[str, bool] = {}
        self._target = target

    def move(self, model: Model) -> None:
        """Let what a model holds lie in the new file."""
        plan = plan_of(type(model))
        place: str | None = None
        for name, one in plan.datasets.items():
            value = model.__dict__[one.field]
            if isinstance(value, Array) and self._is_there(value.source):
                place = place or model.path
                value.source = self._moved(value.source, f"{place}/{name}")
        form = model.extra.form
        for name, source in form.datasets.items() if form is not None else ():
            if form is not None and self._is_there(source):
                place = place or model.path
                inside = place if plan.itself else f"{place}/{name}"
                form.datasets[name] = self._moved(source, inside)
        if model.extra:
            self._move_extra(model.extra)

    def _move_extra(self, extra: Extra) -> None:
        extra.attributes.update(self._stored(extra.attributes))
        for member in extra.members.values():
            if isinstance(member, Extra):
                self._move_extra(member)
            elif isinstance(member, Foreign):
                for thing in member.objects:
                    if isinstance(thing.source, ObjectSource) and self._lies_at(thing.source.path):
                        thing.source = thing.source._replace(stamp=self._stamp)
                    thing.attributes.update(self._stored(thing.attributes))
                    source: Any = thing.data.source if thing.data is not None else None
                    if thing.data is not None and self._is_there(source):
                        thing.data.source = self._moved(source, source.place)

    def _stored(self, attributes: dict[str, Stored]) -> dict[str, Stored]:
        return {
            name: replace(stored, source=stored.source._replace(stamp=self._stamp))
            for name, stored in attributes.items()
            if isinstance(stored.source, ObjectSource) and self._lies_at(stored.source.path)
        }

    def _is_there(self, source: Any) -> bool:
        return isinstance(source, DatasetSource) and self._lies_at(source.path)

    def _lies_at(self, path: str) -> bool:
        known = self._same.get(path)
        if known is None:
            known = self._same[path] = os.path.realpath(path) == self._target
        return known

    def _moved(self, source: Any, place: str) -> Any:
        try:
            return source.moved(self._target, self._stamp, place)
        except (OSError, RuntimeError, KeyError, ValueError):
            return source  # It could not be written, and is gone with the old file.
