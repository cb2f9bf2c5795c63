"""Paths of sections and properties, put together when something is told of them."""

from __future__ import annotations

_NAME = 250
"""Characters of a name in a path; longer ones are cut."""
_STEPS = 1_000
"""Steps of a path; those in the middle of longer ones are left out."""


class Where:
    """A section or property, below what owns it."""

    __slots__ = ("_container", "_name", "_owner")

    def __init__(self, owner: Where | None, name: str, container: str) -> None:
        self._owner = owner
        self._name = name
        self._container = container

    @property
    def path(self) -> str:
        """As in a NIX file: ``/metadata/subject/sections/cell/properties/age``."""
        steps: list[str] = []
        here: Where | None = self
        while here is not None:
            steps.append(here._name if len(here._name) <= _NAME else here._name[:_NAME] + "…")
            if here._owner is not None:
                steps.append(here._container)
            here = here._owner
        steps.append("metadata")
        steps.reverse()
        if len(steps) > _STEPS:
            steps[_STEPS // 2 : -_STEPS // 2] = ["…"]
        return "/" + "/".join(steps)
