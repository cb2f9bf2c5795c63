"""The sections of an odML document as the metadata of a file, each at its place in the text."""

from __future__ import annotations

from collections.abc import Iterable

from nixschema.model import File, Model
from nixschema.odml.from_nix import is_document
from nixschema.odml.to_nix import sections_of
from nixschema.odml_model.document import NOWHERE, Document, Place
from nixschema.rules.contents import Contents
from nixschema.rules.origin import Position


def placed_file(document: Document) -> tuple[File, OdmlLines]:
    """A file whose root sections are those of a document, for what asks about files.

    Args:
        document: left as it is.
    """
    file = File()
    for section in sections_of(document):
        top = [section]
        if is_document(section):
            top = list(section.sections)
            section.sections.clear()
        for one in top:
            if one.name not in file.metadata:
                file.metadata.append(one)
    return file, OdmlLines(document)


class OdmlLines:
    """Where in the text of a document something stands."""

    unsure: Iterable[tuple[Model, str]] = ()
    """A document leaves nothing open."""

    def __init__(self, document: Document) -> None:
        self._places = {one.where.path: one.entity.place for one in Contents(document).held}
        self._whole = document.place

    def at(self, rule: str, model: Model, steps: tuple[str | int, ...]) -> Position:
        """Where a field of an entity stands; else the entity."""
        return _position(self._place(model.path), str(steps[0]) if steps else "")

    def of(self, path: str) -> Position:
        """Where the part stands that a path leads to, or the nearest around it."""
        return _position(self._place(path), path.rpartition("/")[2])

    def _place(self, path: str) -> Place:
        while path and path not in self._places:
            path = path.rpartition("/")[0]
        return self._places.get(path, self._whole)


def _position(place: Place, field: str) -> Position:
    line, column = (1, 1) if place is NOWHERE else place.of(field)
    return Position(max(line, 1), max(column, 1))
