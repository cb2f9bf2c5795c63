"""Entities of a description while it is being read: what is known of each, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nixschema.layout import layout_of
from nixschema.model import DataArray, DataFrame, Extra, File, Model, Reference
from nixschema.rules.descriptions import Fault
from nixschema.text.nodes import Mapping, Node, Scalar
from nixschema.text.scalars import Reason, missing_space

DOUBT = "NIX132"
"""The rule about values that are taken as they are."""

_SURE = ("name", "id", "version", "created_at", "updated_at", "extra")
"""Fields that entities are told by: where they are refused, there are others in their place."""


@dataclass(slots=True, eq=False)
class Draft:
    """An entity that is being read."""

    model: type[Model]
    node: Node
    """What the description says about it."""
    key: Node
    """Where it is named: its key, or the item of the list."""
    name: str = ""
    """Its name, or its number among its siblings."""
    owner: Draft | None = None
    place: str = ""
    """Name on disk of the owner's group that it is in."""
    data: dict[str, Any] = field(default_factory=dict)
    """Values of fields."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Where the fields stand."""
    absent: list[str] = field(default_factory=list)
    """Fields that the file is said to lack."""
    members: dict[str, list[Draft]] = field(default_factory=dict)
    """Entities and parts that belong to it, by field."""
    references: dict[str, list[Reference]] = field(default_factory=dict)
    """What it refers to, by field."""
    brought: list[tuple[DataArray, Node]] = field(default_factory=list)
    """Arrays made of values that stand where an array is named; for blocks."""
    extra: Extra = field(default_factory=Extra)
    odml: dict[str, Any] = field(default_factory=dict)
    """What odML has otherwise, by its names of fields."""
    made: Model | None = None
    unsure: set[str] = field(default_factory=set)
    """Fields that are refused as they are said; an empty text for all of the entity."""

    @property
    def path(self) -> str:
        """Path in the NIX file."""
        steps: list[str] = []
        here: Draft | None = self
        while here is not None and here.owner is not None:
            link = here.link
            steps += [link, here.place] if link else [here.place]
            here = here.owner
        start = "" if here is None or here.model is File else here.place
        return f"{start}/{'/'.join(reversed(steps))}"

    @property
    def link(self) -> str:
        """Name of the link that leads to it: its own, unless the remainder says another."""
        extra = self.node.items.get("extra") if isinstance(self.node, Mapping) else None
        link = extra.items.get("link") if isinstance(extra, Mapping) else None
        return link.text if isinstance(link, Scalar) else self.name

    def part(self, field_name: str) -> str:
        """Path of a field, or of a key that is none; that of the entity for its attributes."""
        known = layout_of(self.model).get(field_name)
        if known is not None and not known.has_path:
            return self.path
        return f"{self.path.rstrip('/')}/{known.name if known is not None else field_name}"

    @property
    def block(self) -> Draft | None:
        """The block it is in, or None."""
        here: Draft | None = self
        while here is not None and here.model.scope != "block":
            here = here.owner
        return here


class Reading:
    """What all of a description share while it is being read."""

    def __init__(self, folder: str, *, is_json: bool = False, allow_outside: bool = False) -> None:
        self.folder = folder
        """Folder of the description, which data files are relative to."""
        self.is_json = is_json
        self.allow_outside = allow_outside
        self.faults: list[Fault] = []
        self.stack: list[Draft] = []
        """Entities that are to be read next."""
        self.drafts: list[Draft] = []
        """All entities, owners before what they own."""
        self.outside: list[tuple[Draft, Reference]] = []
        """Entities that belong to nothing, and the references that lead to them."""
        self.far: list[tuple[Draft, str, Reference, Node]] = []
        """References to what is in another block: who refers, the field, and where it stands."""
        self.in_block: list[Callable[[], None]] = []
        """What can be done once all that is said was taken in, and before anything is made."""
        self.allow_errors = False
        """Whether the description asks to be written with its errors."""
        self.later: list[Callable[[], None]] = []
        """What can be done once all entities are there."""

    def fault(
        self,
        draft: Draft,
        part: str,
        node: Node,
        rule: str,
        message: str,
        help: str | None = None,
    ) -> None:
        """Note that something is wrong.

        Args:
            draft: the entity.
            part: the field that it is about, or nothing.
            node: where it stands.
            rule: id of the rule that tells it.
            message: what is there and what was expected.
            help: what to do.
        """
        path = draft.part(part) if part else draft.path
        self.faults.append(Fault(rule, node.line, node.column, path, message, help))
        if rule != DOUBT:
            self.leave_open(draft, part)

    def leave_open(self, draft: Draft, part: str) -> None:
        """Note that a field is not known, so that nothing is said about it but why."""
        if draft.model is DataFrame and part in ("columns", "data"):
            draft.unsure |= {"columns", "data"}
        elif part not in _SURE:
            draft.unsure.add(part)

    def unsure(self) -> Iterator[tuple[Draft, str]]:
        """Fields that are not known, and the entities that have them."""
        for draft in self.drafts:
            for part in draft.unsure:
                yield draft, part

    def refuse(self, draft: Draft, part: str, node: Node, reason: Reason) -> None:
        """Note that a scalar does not say what is expected."""
        self.fault(draft, part, node, "NIX102", reason.message, reason.help)

    def child(
        self, draft: Draft, field_name: str, model: type[Model], node: Node, key: Node, name: str
    ) -> Draft:
        """Begin an entity that belongs to another."""
        place = layout_of(draft.model)[field_name].name
        made = Draft(model, node, key, name, draft, place)
        draft.members.setdefault(field_name, []).append(made)
        return made


def mapping_of(reading: Reading, draft: Draft, part: str, node: Node, what: str) -> Mapping | None:
    """A node that must be a mapping; None and a fault where it is not."""
    if isinstance(node, Mapping):
        return node
    message = f"{what} is {words(node)}; expected a mapping of keys"
    help = missing_space(node) if isinstance(node, Scalar) else None
    if help is None and "type" in layout_of(draft.model):
        name = draft.name or (node.text if isinstance(node, Scalar) and len(node.text) < 40 else "")
        help = f"write `{name}: {{type: …}}`" if name else None
    reading.fault(draft, part, node, "NIX102", message, help)
    return None


def words(node: Node) -> str:
    """What stands somewhere, in words."""
    if not isinstance(node, Scalar):
        return "a mapping" if isinstance(node, Mapping) else "a list"
    short = " ".join(node.text.split())
    short = f"{short[:59]}…" if len(short) > 60 else short
    return "nothing" if node.is_null else f"`{short}`"
