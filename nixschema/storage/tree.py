"""What an HDF5 file holds, unjudged: objects, attributes, links and small values.

A `Tree` says what is there and nothing about what should be. Whoever makes one (today a reader on
libhdf5) and whoever uses one (loading, rules about the container, a faithful writer) share only
this module. It knows no entity of NIX by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from nixschema.array import Array, StoredType
from nixschema.model.extra import Space


@dataclass(slots=True)
class NodeAttribute:
    """An attribute: its exact type, its dataspace and its value."""

    value: Any
    """Text, bytes that are no UTF-8, number, boolean, numpy array; None where it cannot be read."""
    type: StoredType | None
    space: Space
    fault: str = ""
    """Why it cannot be read, or nothing."""
    source: Any = None
    """Where it lies, for one whose value is not read."""

    @property
    def text(self) -> str | None:
        """The text, where it is a single one."""
        value = self.value
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.reshape(-1)[0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        return str(value) if isinstance(value, str) else None


class Filter(NamedTuple):
    """One filter of a chunked dataset."""

    number: int
    flags: int
    values: tuple[int, ...]
    name: str


class DatasetLayout(NamedTuple):
    """How the values of a dataset are stored."""

    kind: str
    """``contiguous``, ``chunked``, ``compact`` or ``virtual``."""
    chunks: tuple[int, ...] | None = None
    filters: tuple[Filter, ...] = ()
    outside: str = ""
    """Which other file of the machine holds values: external storage or a virtual dataset."""
    fill: bool = False
    """Whether values never written are something else than zero."""
    unwritten: bool = False
    """Whether no value of a small dataset was ever written."""


class NodeLink(NamedTuple):
    """A link from a group."""

    kind: str
    """``hard``, ``soft``, ``external`` or ``other``."""
    target: Any
    """The `Node` for hard links, a path for soft ones, (file, path) for external ones."""
    order: int | None
    """Place in order of creation, where the group keeps it."""
    utf8: bool = True
    """Whether the name is marked as UTF-8."""


@dataclass(slots=True, eq=False)
class Node:
    """One HDF5 object, whichever and how many links lead to it."""

    address: int
    """Address in the file, the same for all hard links; negative for what is not in the file."""
    parent: Node | None = None
    """The group through which it was first reached."""
    name: str = ""
    """Name of that link."""
    kind: str = "unreadable"
    """``group``, ``dataset``, ``datatype`` or ``unreadable``."""
    fault: str = ""
    """Why it, or a part of it, cannot be read, or nothing."""
    attributes: dict[str, NodeAttribute] = field(default_factory=dict)
    links: dict[str, NodeLink] = field(default_factory=dict)
    """Links of a group, in order of creation, or by name where no order is kept."""
    ordered: bool = True
    """Whether a group that has links keeps the order in which they were created."""
    type: StoredType | None = None
    """Type of a dataset's elements, or the named datatype."""
    space: Space = Space("null")
    layout: DatasetLayout = DatasetLayout("contiguous")
    data: Array | None = None
    """Values of a dataset with a simple or scalar space."""
    shared: bool = False
    """Whether several hard links lead to it."""
    source: Any = None
    """Where it lies in its file, for a named datatype."""
    old: str = ""
    """The old layout this was brought up to date from, or nothing."""
    present: dict[str, Any] | None = None
    """What an old layout said in another way: values by field of the model."""

    @property
    def path(self) -> str:
        """Path by which it was first reached."""
        names: list[str] = []
        here: Node | None = self
        while here is not None and here.parent is not None:
            names.append(here.name)
            here = here.parent
        return "/" + "/".join(reversed(names))

    def child(self, name: str) -> Node | None:
        """The object a hard link of that name leads to, or None."""
        link = self.links.get(name)
        return link.target if link is not None and link.kind == "hard" else None


@dataclass(slots=True)
class Tree:
    """All objects of a file that can be reached from its root."""

    path: str
    """The file."""
    root: Node
    nodes: dict[int, Node]
    """The objects by address."""
    stamp: Any = None
    """State of the file when it was read."""

    def walk(self) -> Iterator[Node]:
        """All objects, the root first."""
        yield from self.nodes.values()

    def follow(self, start: Node, path: str) -> Node | None:
        """What a path of a soft link leads to inside the file, or None; never leaves the file."""
        here: Node | None = self.root if path.startswith("/") else start
        steps = [step for step in path.split("/") if step not in ("", ".")]
        budget = 1000
        while steps and here is not None and budget:
            budget -= 1
            link = here.links.get(steps.pop(0))
            if link is None:
                return None
            if link.kind == "soft":
                onward = [step for step in link.target.split("/") if step not in ("", ".")]
                steps = onward + steps
                here = self.root if link.target.startswith("/") else here
            else:
                here = link.target if link.kind == "hard" else None
        return here if budget else None
