"""Paths of links: ``/a/b`` from the root of a document, ``../b`` from the section that links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nixschema.odml_model.document import Document, Section


class Missing(NamedTuple):
    """A step of a path that leads nowhere."""

    step: str
    owner: Section | None
    """The section that has no section of that name; None for the document."""
    names: Mapping[str, Section]
    """The sections that it has."""


class Paths:
    """Finds the sections of one document that paths lead to, and the paths of sections."""

    def __init__(self, document: Document) -> None:
        self._roots = document.sections
        self._owners: dict[int, Section | None] = {}
        self._names: dict[int, dict[str, Section]] = {}
        stack: list[tuple[Section | None, list[Section]]] = [(None, document.sections)]
        while stack:
            owner, sections = stack.pop()
            for one in sections:
                self._owners[id(one)] = owner
                stack.append((one, one.sections))

    def target(self, path: str, start: Section) -> Section | None:
        """The section that a path leads to from another, or None."""
        found = self.follow(path, start)
        return found if isinstance(found, Section) else None

    def follow(self, path: str, start: Section) -> Section | Missing | None:
        """The section that a path leads to, or the step of it that leads nowhere.

        None where it leads to no section at all: to the document, or further up.
        """
        if not path:
            return None
        steps = path.split("/")
        here: Section | None = start
        if path.startswith("/"):
            here = None
            steps = steps[1:]
        for step in steps:
            if step == "..":
                if here is None:
                    return None
                here = self._owners[id(here)]
            elif step != ".":
                inside = self.inside(here)
                if step not in inside:
                    return Missing(step, here, inside)
                here = inside[step]
        return here

    def path(self, section: Section) -> str | None:
        """The path from the root; None where names make that lead elsewhere, or nowhere."""
        path = "/" + "/".join(self.names(section))
        return path if self.target(path, section) is section else None

    def names(self, section: Section) -> list[str]:
        """The names on the way from the root to a section."""
        return [one.name for one in self.way(section)]

    def way(self, section: Section) -> list[Section]:
        """The sections from the root to a section, itself the last."""
        found: list[Section] = []
        here: Section | None = section
        while here is not None:
            found.append(here)
            here = self._owners[id(here)]
        found.reverse()
        return found

    def inside(self, owner: Section | None) -> Mapping[str, Section]:
        """The sections in a section, or on top, by their names; the first of each."""
        known = self._names.get(id(owner))
        if known is None:
            members = self._roots if owner is None else owner.sections
            known = self._names[id(owner)] = {one.name: one for one in reversed(members)}
        return known
