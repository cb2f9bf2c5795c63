"""Find an entity by what people call it: a path in the file, a short path, or an id."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from nixschema.layout import layout_of
from nixschema.model.block import Block
from nixschema.model.container import Container
from nixschema.model.entity import Model
from nixschema.model.file import File
from nixschema.model.section import Section

DOCUMENT_TYPE = "odML document"
"""Type of the sections that stand for documents of odML."""


def find_entity(file: File, text: str) -> Model | None:
    """The entity that a text names, or None.

    Understood are paths in the file (``/data/session/data_arrays/lfp``), short paths of what a
    block holds (``session/lfp``, ``session/cell/axon``), of sections (``/subject/cell``) and of
    properties as odML writes them (``/subject:age``), and ids. The section that stands for a
    document of odML may be left out.
    """
    if text in ("", "/"):
        return file
    return (
        _by_path(file, text)
        or _by_short_path(file, text)
        or _by_section_path(file, text)
        or _by_id(file, text)
    )


def similar_names(file: File, text: str) -> list[str]:
    """Paths of entities whose names resemble the last part of a text."""
    wanted = text.replace(":", "/").rstrip("/").split("/")[-1]
    paths: dict[str, str] = {}
    for model in file.walk():
        name = getattr(model, "name", "")
        if name:
            paths.setdefault(name, model.path)
        if len(paths) >= 20_000:
            break
    return [paths[name] for name in difflib.get_close_matches(wanted, paths, 3)]


def nearest(start: Model, path: str) -> Model:
    """What is at a path below a model, or the nearest around it.

    Args:
        start: the file, or a model in it.
        path: as the file has it, from ``start``; names may have anything in them but a slash.
    """
    return followed(start, path.strip("/").split("/"))[0]


def _by_path(file: File, text: str) -> Model | None:
    steps = text.strip("/").split("/")
    found, taken = followed(file, steps)
    if taken == len(steps):
        return found
    if steps[0] == "metadata":
        for document in _documents(file):
            found, taken = followed(document, ["sections", *steps[1:]])
            if taken == len(steps):
                return found
    return None


def _documents(file: File) -> Iterator[Section]:
    """The sections that stand for documents of odML."""
    return (one for one in file.metadata if one.type == DOCUMENT_TYPE)


def followed(start: Model, steps: list[str]) -> tuple[Model, int]:
    """The innermost model along a path, and how many steps lead to it."""
    here = start
    taken = 0
    while taken < len(steps):
        layout = layout_of(type(here)).values()
        field = next((one.field for one in layout if one.name == steps[taken]), "")
        value = here.__dict__.get(field)
        if isinstance(value, Model):
            here, taken = value, taken + 1
            continue
        if not isinstance(value, Container) or taken + 1 == len(steps):
            break
        found = _member(value, steps[taken + 1])
        if found is None:
            break
        here, taken = found, taken + 2
    return here, taken


def _member(container: Container[Any], name: str) -> Model | None:
    """The member that the file has under a name, or else that has the name."""
    named: Model | None = container.by_name(name)
    if named is not None and named.extra.link in (None, name):
        return named
    member: Model
    for member in container:
        if name in (member.extra.link, member.key):
            return member
    return None


def _by_short_path(file: File, text: str) -> Model | None:
    block_name, _, rest = text.strip("/").partition("/")
    block = file.blocks.get(block_name)
    if block is None or not rest:
        return block
    for members in _members_of(block):
        found = _nested(members, rest)
        if found is not None:
            return found
    return None


def _by_section_path(file: File, text: str) -> Model | None:
    roots = [file.metadata, *(one.sections for one in _documents(file))]
    path, colon, name = text.strip("/").rpartition(":")
    for sections in roots if colon else ():
        section = _nested(sections, path)
        if isinstance(section, Section) and (found := section.properties.get(name)) is not None:
            return found
    nested = (_nested(sections, text.strip("/")) for sections in roots)
    return next((one for one in nested if one is not None), None)


def _by_id(file: File, text: str) -> Model | None:
    return next((model for model in file.walk() if getattr(model, "id", None) == text), None)


def _members_of(block: Block) -> Iterator[Container[Any]]:
    for field in layout_of(Block).values():
        value = block.__dict__[field.field]
        if isinstance(value, Container):
            yield value


def _nested(members: Container[Any], path: str) -> Model | None:
    """A member by its name, or by a path in a tree of sources or sections."""
    found: Model | None = members.get(path)
    if found is not None:
        return found
    level: Container[Any] | None = members
    for name in path.split("/"):
        found = level.get(name) if level is not None else None
        if found is None:
            return None
        inner = found.__dict__.get("sources" if "sources" in found.__dict__ else "sections")
        level = inner if isinstance(inner, Container) else None
    return found
