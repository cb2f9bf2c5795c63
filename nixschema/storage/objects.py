"""The objects of a file that is being written: each made once, linked as often as needed.

What a link leads to before its owner has come is made ahead, without a name, and linked by the
owner when its turn comes. So all links of a group are made in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from h5py import h5o

from nixschema.storage import making
from nixschema.storage.faults import FAULTS
from nixschema.storage.names import name_bytes
from nixschema.storage.places import Key, Target

Make = Callable[[Target, Any, str | None], Any]
"""Makes an object in a group, or without a name, and gives it; None where it cannot be made."""


class _SoftLink(NamedTuple):
    """A soft link, and what it has to lead to."""

    parent: Any
    name: str
    path: str
    target: Any


class Objects:
    """Makes objects and links to them."""

    def __init__(self, root: Any, wanted: Collection[Key], make: Make) -> None:
        self._root = root
        self._wanted = wanted
        self._make = make
        self._made: dict[Key, Any] = {}
        self._soft: list[_SoftLink] = []

    def keep(self, target: Target, made: Any) -> None:
        """Remember an object that more links will lead to."""
        self._made[target.key] = made

    def known(self, target: Target) -> Any:
        """An object that is made and remembered, or None."""
        return self._made.get(target.key)

    def forget(self, target: Target) -> None:
        """Let go of an object that no more links will lead to."""
        if target.key not in self._wanted:
            self._made.pop(target.key, None)

    def own(self, target: Target, parent: Any, name: str, soft: str | None = None) -> Any:
        """Link an object in the place where it belongs, and give it.

        Args:
            target: the object.
            parent: the group.
            name: the name of the link.
            soft: the path, where the link is a soft one.

        Returns:
            The object, or None where it cannot be made.
        """
        if soft is not None or target.key in self._made:
            return self.refer(target, parent, name, soft)
        made = self._make(target, parent, name)
        if made is not None and target.key in self._wanted:
            self._made[target.key] = made
        return made

    def refer(self, target: Target, parent: Any, name: str, soft: str | None = None) -> Any:
        """Link to an object that belongs elsewhere, and give it; see `own`."""
        made = self._made.get(target.key)
        if made is None:
            made = self._make(target, self._root, None)
            if made is None:
                return None
            self._made[target.key] = made
        if soft is None:
            making.hard_link(made, parent, name)
        else:
            making.soft_link(parent, name, soft)
            self._soft.append(_SoftLink(parent, name, soft, made))
        return made

    def check_soft_links(self) -> None:
        """Make hard links of the soft ones that do not lead where they should."""
        for parent, name, path, target in self._soft:
            raw = name_bytes(path)
            try:
                # Not through the link: the root of its file may be another one still.
                start = self._root if raw.startswith(b"/") else parent
                found = h5o.get_info(h5o.open(start, raw.strip(b"/") or b".")).addr
            except FAULTS:
                found = None
            if found != h5o.get_info(target).addr:
                parent.unlink(name_bytes(name))
                making.hard_link(target, parent, name)
