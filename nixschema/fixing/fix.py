"""What a fix is, and the registry of all fixes.

A fix is a function that takes the `Place` of a finding and yields edits of the file; none where it
does not know what to do. It is registered beside the id of the rule whose findings it mends. Safe
fixes change nothing that means anything; the others choose a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Literal, TypeAlias, TypeVar
from uuid import UUID

import numpy as np

from nixschema.findings import Finding
from nixschema.model import Entity, File, Model
from nixschema.model.lookup import nearest
from nixschema.rules.runner import outside
from nixschema.storage.edits import Edit
from nixschema.storage.reader import has_references
from nixschema.storage.tree import Node, NodeAttribute, Tree

Safety: TypeAlias = Literal["safe", "unsafe"]
"""``safe``: nothing that means anything changes. ``unsafe``: a meaning is chosen, or content goes
that means nothing to any reader."""

F = TypeVar("F", bound=Callable[["Place"], Iterator[Edit]])


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends findings of some rules."""

    rules: tuple[str, ...]
    safety: Safety
    all: bool
    """Whether it mends all their findings, so that there is no need to try."""
    edits: Callable[[Place], Iterator[Edit]]


_fixes: dict[str, list[Fix]] = {}


def fixes(*rules: str, safety: Safety, all: bool = False) -> Callable[[F], F]:
    """Register a function as a fix.

    Args:
        rules: ids of the rules whose findings it mends.
        safety: whether it is done without being asked for.
        all: whether it mends all findings of these rules.
    """

    def register(function: F) -> F:
        one = Fix(rules, safety, all, function)
        for rule in rules:
            _fixes.setdefault(rule, []).append(one)
        return function

    return register


def fixes_of(rule: str) -> list[Fix]:
    """All fixes for findings of a rule, safe ones first."""
    from nixschema.fixing import axes, fields, identity, links, references, texts, units

    assert all((axes, fields, identity, links, references, texts, units))
    return sorted(_fixes.get(rule, ()), key=lambda one: one.safety)


def mended_rules() -> dict[str, Safety]:
    """Rules that there are fixes for, each with the safety of its safest fix."""
    fixes_of("")
    return {rule: min(one.safety for one in known) for rule, known in sorted(_fixes.items())}


@dataclass
class Surroundings:
    """A file as it was read, and what fixes ask about it."""

    file: File
    tree: Tree
    modified: int = 0
    """When the file was changed last, in seconds since 1970."""

    @cached_property
    def outside(self) -> dict[str, Model]:
        """What entities refer to and no entity has, by path."""
        found: dict[str, Model] = {}
        for model in outside(self.file.walk()):
            if model.owner is None:
                found.setdefault(model.path, model)
        return found

    def model_at(self, path: str) -> Model:
        """The model at a path, or the nearest around it."""
        inside = nearest(self.file, path)
        start = path if self.outside else ""
        while start and start not in self.outside:
            start = start.rpartition("/")[0]
        if not start or len(inside.path) >= len(start):
            return inside
        return nearest(self.outside[start], path[len(start) :])

    @cached_property
    def links(self) -> dict[int, list[tuple[Node, str]]]:
        """The hard links to each object: the group, and the name."""
        found: dict[int, list[tuple[Node, str]]] = {}
        for node in self.tree.nodes.values():
            if node.address >= 0:
                for name, link in node.links.items():
                    if link.kind == "hard":
                        found.setdefault(link.target.address, []).append((node, name))
        return found

    @cached_property
    def has_references(self) -> bool:
        """Whether values in the file refer to objects by their place."""
        return has_references(self.tree)

    @cached_property
    def by_id(self) -> dict[str, list[Entity]]:
        """The entities of each id, in order of the file."""
        found: dict[str, list[Entity]] = {}
        for model in self.file.walk():
            if isinstance(model, Entity) and model.id:
                found.setdefault(model.id, []).append(model)
        return found

    @cached_property
    def ids(self) -> frozenset[str]:
        """All ids that entities have."""
        models = chain(self.file.walk(), outside(self.file.walk()))
        found = (getattr(one, "id", "") for one in models)
        return frozenset(filter(None, found))

    def node_at(self, path: str) -> Node | None:
        """The object at a path, or None."""
        found = self.tree.follow(self.tree.root, path) if len(path) < 100_000 else None
        return found if found is not None and found.address >= 0 and not found.fault else None

    def node_of(self, model: Model) -> Node | None:
        """The object that a model was read from, or None."""
        return self.node_at(model.path)


_NAMED = re.compile(r"`([^`]*)`")


@dataclass
class Place:
    """Where a finding is."""

    finding: Finding
    around: Surroundings
    node: Node | None = field(init=False)
    """The object at the finding's path, or None."""

    def __post_init__(self) -> None:
        self.node = self.around.node_at(self.finding.path)

    @property
    def named(self) -> str:
        """What the sentence names first."""
        found = _NAMED.search(self.finding.message)
        return found[1] if found is not None else ""

    @property
    def model(self) -> Model:
        """The model at the path, or the nearest around it."""
        return self.around.model_at(self.finding.path)

    @property
    def holder(self) -> tuple[Node, str] | None:
        """The group that has the object at the path, and the link's name; None for the root."""
        above, _, name = self.finding.path.rpartition("/")
        group = self.around.node_at(above or "/") if name else None
        return (group, name) if group is not None and name in group.links else None


def edits_for(finding: Finding, around: Surroundings, *, unsafe: bool) -> list[Edit]:
    """What mends a finding: the edits of the first fix that knows what to do."""
    for one in fixes_of(finding.rule):
        if unsafe or one.safety == "safe":
            edits = list(one.edits(Place(finding, around)))
            if edits:
                return edits
    return []


def with_fixable(findings: list[Finding], file: File, tree: Tree) -> list[Finding]:
    """The same findings, with what can be done about each.

    Args:
        findings: what rules report, fixable where there is a fix for some of the rule's findings.
        file: the models.
        tree: what they were read from.
    """
    around = Surroundings(file, tree)
    told = list(findings)
    for position, finding in enumerate(told):
        if finding.fixable:
            fix = _safety(finding, around)
            told[position] = replace(finding, fixable=fix is not None, fix=fix)
    return told


def _safety(finding: Finding, around: Surroundings) -> Safety | None:
    """The safety of the first fix that knows what to do; None where there is none."""
    for one in fixes_of(finding.rule):
        if one.all or any(True for _ in one.edits(Place(finding, around))):
            return one.safety
    return None


def text_of(node: Node | None, name: str) -> str | None:
    """The text of an attribute, where it is a single one, in UTF-8 and without NUL."""
    found = None if node is None else node.attributes.get(name)
    text = None if found is None or isinstance(found.value, bytes) else found.text
    return text if text is not None and is_text(text) else None


def texts_of(attribute: NodeAttribute | None) -> list[str] | None:
    """The texts of an attribute that is a list of them, all in UTF-8 and without NUL."""
    value = None if attribute is None else attribute.value
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "OSU":
        texts = [
            one.decode("utf-8", "surrogateescape") if isinstance(one, bytes) else str(one)
            for one in value.tolist()
        ]
        return texts if all(map(is_text, texts)) else None
    return None


def is_text(text: str) -> bool:
    """Whether a text can be stored as one of variable length in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID as the NIX libraries write it."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
