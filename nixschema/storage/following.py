"""Arrays follow their file: after it was written onto itself they lie in the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nixschema.array import Array
from nixschema.errors import NixError
from nixschema.model import Extra, Model
from nixschema.model.extra import Foreign, ForeignObject, Stored
from nixschema.storage.datasets import DatasetSource, ObjectSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.files import Stamp, all_kept_open
from nixschema.storage.plan import plan_of
from nixschema.storage.survey import Survey


def follow(survey: Survey, path: str, stamp: Stamp) -> None:
    """Let all arrays of a file that lie at a path lie in what was just written there.

    Those that cannot be found there stay what they are: they belong to a file that is gone.

    Args:
        survey: all models of what was written.
        path: where it was written to.
        stamp: the state of the new file.
    """
    follower = Follower(os.path.realpath(path), stamp)
    with all_kept_open():
        for model in survey.models():
            follower.move(model)


class Follower:
    """Lets what models hold lie in a file."""

    def __init__(self, target: str, stamp: Stamp) -> None:
        self._target = target
        self._stamp = stamp
        self._same: dict[str, bool] = {}

    def move(self, model: Model) -> None:
        """Let what a model holds lie in the new file."""
        plan = plan_of(type(model))
        for name, one in plan.datasets.items():
            value = model.__dict__[one.field]
            if isinstance(value, Array):
                self._move_array(value, model, name)
        extra = model.extra
        if extra.form is not None:
            for name, source in list(extra.form.datasets.items()):
                if self._lies_there(source):
                    place = model.path if plan.itself else f"{model.path}/{name}"
                    extra.form.datasets[name] = self._moved(source, place)
        if extra.members or (extra.attributes and _lie_elsewhere(extra.attributes)):
            self._move_extra(extra, model.path, itself=plan.itself)

    def _move_array(self, array: Array, model: Model, name: str) -> None:
        if self._lies_there(array.source):
            array.source = self._moved(array.source, f"{model.path}/{name}")

    def _move_extra(self, extra: Extra, place: str, *, itself: bool = False) -> None:
        self._move_attributes(extra.attributes, place)
        for name, member in extra.members.items():
            inner = place if itself else f"{place.rstrip('/')}/{name}"
            if isinstance(member, Extra):
                self._move_extra(member, inner)
            else:
                member.path = inner
                for thing, path in _placed(member, inner):
                    self._move_object(thing, path)

    def _move_object(self, thing: ForeignObject, place: str) -> None:
        self._move_attributes(thing.attributes, place)
        if isinstance(thing.source, ObjectSource) and self._lies_at(thing.source.path):
            thing.source = self._here(thing.source, place)
        if thing.data is not None and self._lies_there(thing.data.source):
            thing.data.source = self._moved(thing.data.source, place)

    def _move_attributes(self, attributes: dict[str, Stored], place: str) -> None:
        for name, stored in list(attributes.items()):
            source = stored.source
            if isinstance(source, ObjectSource) and self._lies_at(source.path):
                attributes[name] = replace(stored, source=self._here(source, place))

    def _here(self, source: ObjectSource, place: str) -> ObjectSource:
        return source._replace(path=self._target, stamp=self._stamp, place=place)

    def _moved(self, source: Any, place: str) -> Any:
        try:
            return source.moved(self._target, self._stamp, place)
        except (NixError, *FAULTS):
            return source

    def _lies_there(self, source: Any) -> bool:
        return isinstance(source, DatasetSource) and self._lies_at(source.path)

    def _lies_at(self, path: str) -> bool:
        known = self._same.get(path)
        if known is None:
            known = self._same[path] = os.path.realpath(path) == self._target
        return known


def _lie_elsewhere(attributes: dict[str, Stored]) -> bool:
    """Whether one of several attributes is not in memory."""
    return any(one.source is not None for one in attributes.values())


def _placed(foreign: Foreign, place: str) -> Iterator[tuple[ForeignObject, str]]:
    """The objects of something foreign with their paths."""
    if foreign.link.kind != "hard":
        return
    paths = {0: place}
    for number, thing in enumerate(foreign.objects):
        here = paths.get(number)
        if here is None:
            continue
        for name, link in thing.links.items():
            if link.kind == "hard":
                paths.setdefault(link.target, f"{here}/{name}")
        yield thing, here
