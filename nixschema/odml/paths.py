"""Paths of links: ``/a/b`` from the root of a document, ``../b`` from the section that links."""

from __future__ import annotations

from nixschema.odml.model import Document, Section


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
                here = self._inside(here).get(step)
                if here is None:
                    return None
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

    def _inside(self, owner: Section | None) -> dict[str, Section]:
        known = self._names.get(id(owner))
        if known is None:
            members = self._roots if owner is None else owner.sections
            known = self._names[id(owner)] = {one.name: one for one in reversed(members)}
        return known
