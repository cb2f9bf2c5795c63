"""NIX7xx: identity, names, links and membership."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize
from uuid import UUID

from nixschema.findings import Level
from nixschema.model import (
    MODELS,
    Block,
    Container,
    DataArray,
    DataEntity,
    DataFrame,
    Entity,
    Feature,
    File,
    Model,
    MultiTag,
    NamedEntity,
    Section,
    Source,
    Tag,
)
from nixschema.model.entity import member_fields, reference_fields
from nixschema.model.extra import Problem
from nixschema.model.fields import is_uuid, name_fault
from nixschema.model.reference import Refs
from nixschema.rules.fields import odd_letters
from nixschema.rules.rule import Sentence, at, rule
from nixschema.rules.twins import Twins
from nixschema.storage.tree import Node, Tree

REFERRING = tuple(model for model in MODELS if reference_fields(model))
"""What refers to entities."""

HOLDING = tuple(model for model in MODELS if member_fields(model))
"""What has members of its own."""


@rule("NIX701", on=REFERRING)
def references_resolve(model: Model) -> Iterator[Sentence]:
    """A reference names something that is there.

    References by name, path or id are looked up in the block, sections in the file's metadata.
    """
    for field, position, item in model.outgoing():
        if (
            item.target is None
            and model.file is not None
            and (
                item.resolve(model, field.targets) is None  # type: ignore[arg-type]
            )
        ):
            words = " or ".join(getattr(kind, "words", "") for kind in field.targets)
            hint = item.hint(model, field.targets)  # type: ignore[arg-type]
            yield at(field.field, position, f"no {words} named `{item.text}`{hint}")


@rule("NIX702", on=Entity, fix="unsafe")
def ids_are_unique(entity: Entity, twins: Twins) -> Iterator[Sentence]:
    """No two entities have the same id.

    Programs find entities by id, and take the first. Copies made by nixio keep the id of the
    original unless told otherwise.
    """
    others = twins.of(entity)
    if others:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        sentence = f"the id `{entity.id}` is also that of `{others[0].path}`{more}"
        yield at(sentence, facts=(entity.id,))


@rule("NIX703", on=NamedEntity, fix="unsafe")
def name_is_link(entity: NamedEntity) -> Iterator[Sentence]:
    """The link to an entity has the entity's name.

    Readers find an entity by its link and show its name: where the two differ, it cannot be found
    by the name it is shown with.
    """
    if entity.name and entity.extra.link not in (None, entity.name):
        yield f"the name is `{entity.name}`, but the link to it is `{entity.extra.link}`"


@rule("NIX704", on=HOLDING)
def names_are_unique(model: Model) -> Iterator[Sentence]:
    """No two members of one kind have the same name.

    Programs find members by name, and take the first.
    """
    for field in member_fields(type(model)):
        members: Container[Any] = model.__dict__[field]
        if len(members) < 2:
            continue
        names = [name for name in members.names() if name]
        if len(set(names)) < len(names):
            for name, number in Counter(names).items():
                if number > 1:
                    yield at(field, f"{number} are named `{name}`")


@rule("NIX705", on=REFERRING, fix="unsafe")
def targets_are_in_block(model: Model, tree: Tree | None) -> Iterator[Sentence]:
    """What is referred to is in the same block.

    Arrays, frames, tags and sources are found through their block. One that is in another block, or
    in none, is a copy or was deleted; readers do not find it, and it is lost with the last link.
    That a block lacks the group they belong to is told once (NIX720).
    """
    block = model.block
    if block is None:
        return
    for field, position, item in model.outgoing():
        target = item.target
        if target is None or isinstance(target, Section) or target.block is block:
            continue
        if target.block is None and _container_of(block, type(target), tree) is None:
            continue
        name = getattr(target, "name", "")
        containers = (one for one in block.__dict__.values() if isinstance(one, Container))
        twin = any(isinstance(one.get(name), type(target)) for one in containers)
        yield at(
            field.field,
            position,
            f"the {type(target).words} `{name}` is {_whereabouts(target, model)}, "
            f"not in `{block.name}`",
            help=f"refer to the `{name}` that is there" if twin else None,
        )


@rule("NIX720", on=Block)
def containers_are_there(block: Block, tree: Tree | None) -> Iterator[Sentence]:
    """A block has the groups of what is referred to in it.

    A group of a block that is not there stands for one without members. Where tags or others still
    refer to such members, the group was lost, and they with it: readers do not find them.
    """
    lost: dict[type[Model], dict[int, str]] = {}
    if tree is None or all(_container_of(block, kind, tree) for kind in _KINDS):
        return
    for model in block.walk():
        for _, _, item in model.outgoing():
            target = item.target
            if target is None or target.block is not None or isinstance(target, Section):
                continue
            if _container_of(block, type(target), tree) is None:
                lost.setdefault(type(target), {})[id(target)] = getattr(target, "name", "")
    for kind, names in lost.items():
        name = _KINDS[kind]
        if not block.extra.has(name):
            first = next(iter(names.values()))
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            yield at(name, f"there is no group `{name}`, but what refers to `{first}`{more}")


_KINDS: dict[type[Model], str] = {
    DataArray: "data_arrays",
    DataFrame: "data_frames",
    Source: "sources",
    Tag: "tags",
    MultiTag: "multi_tags",
}
"""What is found through its block, and the group of the block that it is in."""


def _container_of(block: Block, kind: type[Model], tree: Tree | None) -> Node | str | None:
    """The group of a block for entities of a kind, or None where the file has none."""
    if tree is None or kind not in _KINDS:
        return _KINDS.get(kind, "")
    node = tree.follow(tree.root, f"{block.path}/{_KINDS[kind]}")
    return node if node is not None and node.kind == "group" else None


def _whereabouts(target: Model, referrer: Model) -> str:
    if target.block is None:
        return "in no block"
    elsewhere = "" if target.root is referrer.root else " of another file"
    return f"in the block `{target.block.name}`{elsewhere}"


@rule("NIX706", on=REFERRING, level=Level.WARNING, fix="safe")
def links_are_ids(model: Model) -> Iterator[Sentence]:
    """A link to an entity that others own, and to a feature, is named by its id.

    nixio and the C++ library find members of lists by these names.
    """
    if isinstance(model, Feature) and model.extra.link is not None and model.id:
        yield f"the link to the feature is named `{model.extra.link[:60]}`, not by its id"
    for field, position, item in model.outgoing():
        target = item.target
        if item.link is not None and target is not None and getattr(target, "id", None):
            name = getattr(target, "name", "")
            yield at(
                field.field,
                position,
                f"the link to `{name}` is named `{item.link[:60]}`, not by its id",
            )


@rule("NIX707", on=Problem)
def no_cycles(problem: Problem) -> Iterator[Sentence]:
    """No entity belongs to itself.

    A hard link from a section or source back to one that holds it makes a tree without end; nixio
    fails on it, and the C++ library hangs.
    """
    yield f"`{problem.name}` is {problem.found}, which holds this"


@rule("NIX708", on=Problem, level=Level.WARNING)
def one_owner(problem: Problem) -> Iterator[Sentence]:
    """An entity belongs to one owner.

    Two links in containers to the same object make one entity appear twice: a change of one is a
    change of the other.
    """
    yield f"`{problem.name}` is {problem.found}"


@rule("NIX709", on=Problem)
def references_are_of_kind(problem: Problem) -> Iterator[Sentence]:
    """A reference leads to the kind of entity that its place is for.

    Readers take what is there for that kind, and fail.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX710", on=Problem, level=Level.WARNING)
def members_are_entities(problem: Problem) -> Iterator[Sentence]:
    """What stands among entities is an entity.

    A group with neither id, name and type nor any content of its kind is none; nixio fails on it.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX711", on=Problem, fix="unsafe")
def links_lead_somewhere(problem: Problem) -> Iterator[Sentence]:
    """Links lead to something.

    A soft link whose target is gone stands for nothing; nixio fails on it.
    """
    yield f"`{problem.name}` is {problem.found}"


@rule("NIX712", on=DataEntity)
def metadata_is_in_file(entity: DataEntity, file: File) -> Iterator[Sentence]:
    """The section that describes an entity is among the metadata of the file.

    A section that hangs on the entity alone is not found by who walks the metadata, and is lost
    with the last link.
    """
    reference = entity.__dict__["metadata"]
    target = None if reference is None else reference.resolve(entity, (Section,))
    if isinstance(target, Section) and target.root is not file:
        yield at("metadata", f"the section `{target.name}` is not among the file's metadata")


@rule("NIX713", on=NamedEntity)
def name_is_usable(entity: NamedEntity) -> Iterator[Sentence]:
    """A name can be the name of a link.

    HDF5 takes `.` and `..` for places and `/` for the end of a name: an entity of such a name
    cannot be found again.
    """
    if entity.name and (fault := name_fault(entity.name)) is not None:
        yield f"the name {fault}"


@rule("NIX714", on=NamedEntity, level=Level.WARNING)
def name_is_no_id(entity: NamedEntity) -> Iterator[Sentence]:
    """A name does not look like an id.

    nixio takes what looks like a UUID, with or without dashes, for an id when it looks something
    up: an entity of such a name is not found by it. It may be the entity's own id, as nixio gives
    blocks and sections that were made without a name.
    """
    name = entity.name
    if name and len(name) >= _SHORTEST_UUID and name != entity.id and is_uuid(name):
        yield f"the name `{name}` looks like an id, and is not the entity's"


_SHORTEST_UUID = 32


@rule("NIX715", on=NamedEntity, level=Level.WARNING)
def name_can_be_seen(entity: NamedEntity) -> Iterator[Sentence]:
    """A name has no blanks around it and no invisible characters in it.

    Both libraries accept any. What cannot be seen cannot be typed, and is lost in tables and
    scripts.
    """
    if not entity.name or "\0" in entity.name:
        return
    if (fault := odd_letters(entity.name)) is not None:
        yield f"the name `{entity.name[:60]}` {fault}"


@rule("NIX716", on=HOLDING, level=Level.WARNING)
def names_look_different(model: Model) -> Iterator[Sentence]:
    """Names of one kind look different.

    An accented letter can be one character or two: names that are the same to the eye, and not to a
    program, are mistaken for each other. Names that differ by capitals are different names.
    """
    for field in member_fields(type(model)):
        members: Container[Any] = model.__dict__[field]
        if len(members) < 2:
            continue
        seen: dict[str, str] = {}
        for name in members.names():
            if not name or name.isascii():
                continue
            first = seen.setdefault(normalize("NFC", name), name)
            if first != name:
                yield at(field, f"two are named `{name}`, which are not the same characters")


@rule("NIX717", on=REFERRING, level=Level.WARNING, fix="safe")
def members_are_listed_once(model: Model) -> Iterator[Sentence]:
    """A list refers to each entity once.

    A second link to the same entity makes programs count and plot it twice.
    """
    for field in reference_fields(type(model)):
        value = model.__dict__[field]
        if not isinstance(value, Refs) or len(value.items) < 2:
            continue
        targets = Counter(id(item.target) for item in value.items if item.target is not None)
        if len(targets) == len(value.items):
            continue
        for item in value.items:
            number = targets.pop(id(item.target), 0)
            if number > 1:
                yield at(field, f"`{getattr(item.target, 'name', '')}` is listed {number} times")


@rule("NIX718", on=Entity, level=Level.WARNING, fix="unsafe")
def id_is_given(entity: Entity) -> Iterator[Sentence]:
    """An id is not the UUID of zeros.

    It stands for no id at all: whoever wrote the file forgot to give one.
    """
    if entity.id and not entity.id.strip("0-{}"):
        yield at("id", f"the id is `{entity.id}`, which stands for none")


@rule("NIX719", on=Entity, level=Level.INFO, fix="safe")
def id_is_in_usual_form(entity: Entity) -> Iterator[Sentence]:
    """An id is written in lower case, in groups of 8, 4, 4, 4 and 12 digits.

    Other spellings of a UUID are the same id to nixio when it opens a file, and another one to
    whoever compares texts.
    """
    if entity.id and not _USUAL_ID.fullmatch(entity.id):
        usual = UUID(entity.id)
        yield at("id", f"the id is `{entity.id}`; expected the form `{usual}`")


_USUAL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
