"""What no field claims, written as it was: unknown objects, and links of all kinds."""

from __future__ import annotations

from typing import Any

from nixschema.model.extra import Foreign, ForeignLink
from nixschema.storage import making
from nixschema.storage.attributes import write_leftover_attributes
from nixschema.storage.contents import Contents
from nixschema.storage.datasets import ObjectSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.losses import Losses
from nixschema.storage.objects import Objects
from nixschema.storage.places import Target
from nixschema.storage.present import Present
from nixschema.storage.survey import Survey
from nixschema.storage.types import decoded_type


class Strangers:
    """Writes what is foreign to the model."""

    def __init__(
        self,
        objects: Objects,
        contents: Contents,
        survey: Survey,
        losses: Losses,
        present: Present | None = None,
    ) -> None:
        self._present = present
        self._objects = objects
        self._contents = contents
        self._survey = survey
        self._losses = losses

    def write(self, foreign: Foreign, parent: Any, name: str) -> None:
        """Link to something foreign, and write all that hangs on it."""
        self._link(foreign, foreign.link, parent, name)
        if foreign.link.kind != "hard":
            return
        for number, thing in enumerate(foreign.objects):
            made = self._objects.known(Target(foreign, number))
            if made is None:
                continue
            written = self._present is not None and self._present.has(made)
            attributes = {} if written else thing.attributes
            for lost, reason in write_leftover_attributes(attributes, made, self._contents.copier):
                self._losses.note(f"{foreign.path}/{lost}", reason)
            for key, link in thing.links.items():
                self._link(foreign, link, made, key)
        for number in range(len(foreign.objects)):
            self._objects.forget(Target(foreign, number))

    def make(self, foreign: Foreign, number: int, parent: Any, name: str | None) -> Any:
        """Make one of the objects, without what hangs on it; None where that cannot be done."""
        thing = foreign.objects[number]
        path = foreign.path
        if thing.kind == "group":
            return making.group(parent, name)
        if thing.kind == "dataset" and thing.data is not None:
            same = self._present is not None and self._present.describes(thing)
            key = (id(foreign), number) if same else None
            return self._contents.of_array(
                thing.data, lambda: path, parent, name, key, foreign=True
            )
        if thing.kind == "dataset" and thing.type is not None:
            return making.empty_dataset(parent, name, thing.type)
        if thing.kind == "datatype" and isinstance(thing.source, ObjectSource):
            return self._make_named_type(thing.source, path, parent, name)
        if thing.kind == "datatype" and thing.type is not None:
            made = making.named_type(parent, decoded_type(thing.type))
            if name is not None:
                making.hard_link(made, parent, name)
            return made
        self._losses.note(path, "it cannot be read")
        return None

    def _make_named_type(
        self, source: ObjectSource, path: str, parent: Any, name: str | None
    ) -> Any:
        try:
            made = None if self._present is None else self._present.named_type(source)
            if made is None:
                made = self._contents.copier.copy_named_type(source, parent)
        except FAULTS as error:
            self._losses.note(path, error)
            return None
        if name is not None:
            making.hard_link(made, parent, name)
        return made

    def _link(self, foreign: Foreign, link: ForeignLink, parent: Any, name: str) -> None:
        match link.kind:
            case "hard":
                self._objects.refer(Target(foreign, link.target), parent, name)
            case "soft":
                making.soft_link(parent, name, link.target)
            case "external":
                making.external_link(parent, name, *link.target)
            case "entity":
                found = self._survey.places.find(link, self._survey.inside)
                if found is None or self._objects.refer(found, parent, name) is None:
                    path = f"{foreign.path}/{name}"
                    self._losses.note(path, f"`{link.target}` is not in the file any more")
            case _:
                self._losses.note(f"{foreign.path}/{name}", link.target)
