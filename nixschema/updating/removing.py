"""Take out the sections that the source does not have, but for those that are linked to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nixschema.layout import layout_of
from nixschema.model import Container, Extra, File, Model, Section


@dataclass(frozen=True, slots=True)
class Removal:
    """A member that is taken out of an entity."""

    owner: str
    """Path of the owner's object."""
    group: str
    """Name of the group of its members."""
    link: str
    """Name of the link in it."""


def remove_others(
    file: File, scopes: list[Container[Section]], kept: set[int], removed: list[Removal]
) -> Iterator[str]:
    """Remove sections that nothing of the source is, and tell which of them stay, and why.

    Those stay that data link to, or a section that stays, with all in them; and those around what
    stays, without what else is in them.

    Args:
        file: is changed.
        scopes: sections are removed from these.
        kept: identities of those that stay in any case.
        removed: gets what is removed.
    """
    others = {id(one): one for one in _walk(scopes) if id(one) not in kept}
    if not others:
        return
    users = _users(file)
    stay = dict.fromkeys(kept)
    for one in others.values():
        if users[id(one)]:
            count = users[id(one)]
            by = "an entity links to it" if count == 1 else f"{count:,} entities link to it"
            yield f"{one.path} stays: {by}"
    waiting = [one for one in others.values() if users[id(one)]]
    waiting += [
        target
        for one in _walk([file.metadata])
        if id(one) in kept and (target := _linked(one)) is not None and id(target) in others
    ]
    while waiting:
        section = waiting.pop()
        for one in _walk([[section]]):
            if id(one) in stay:
                continue
            stay[id(one)] = None
            target = _linked(one)
            if target is not None and id(target) in others:
                waiting.append(target)
    around: set[int] = set()
    for one in _walk([file.metadata]):
        above = one.owner if id(one) in stay else None
        while above is not None and id(above) not in around:
            around.add(id(above))
            above = above.owner
    remaining = around | stay.keys()
    members: list[Container[Section]] = [*scopes]
    while members:
        here = members.pop()
        gone = [one for one in here if id(one) not in remaining]
        members.extend(one.sections for one in here if id(one) in others and id(one) in remaining)
        if gone and here.owner is not None:
            group = "metadata" if isinstance(here.owner, File) else "sections"
            path = here.owner.path
            removed += [Removal(path, group, one.extra.link or one.key) for one in gone]
            leave_only([one for one in here if id(one) in remaining], here)


def leave_only(kept: list[Any], members: Container[Any]) -> None:
    """Let an entity have no other members than some; an empty group stays in the file."""
    members._refill(kept)
    if not kept and (owner := members.owner) is not None and not isinstance(owner, File):
        owner.extra.part(layout_of(type(owner))[members.field].name)


def unmark_empty(members: Container[Any]) -> None:
    """Forget that there was a group without members: it has one."""
    owner = members.owner
    name = layout_of(type(owner))[members.field].name if owner is not None else ""
    known = owner.extra.members.get(name) if owner is not None else None
    if owner is not None and isinstance(known, Extra) and not known:
        del owner.extra.members[name]


def _walk(groups: Iterable[Iterable[Section]]) -> Iterator[Section]:
    """All sections in some, each once."""
    stack = [one for group in groups for one in group]
    seen: set[int] = set()
    while stack:
        section = stack.pop()
        if id(section) not in seen:
            seen.add(id(section))
            yield section
            stack.extend(section.sections)


def _users(file: File) -> Counter[int]:
    """How many entities of data link to a section, by its identity."""
    users: Counter[int] = Counter()
    stack: list[Model] = [*file.blocks]
    while stack:
        model = stack.pop()
        stack.extend(model.parts())
        for one, _, reference in model.outgoing():
            target: Any = reference.resolve(model, one.targets)  # type: ignore[arg-type]
            if isinstance(target, Section):
                users[id(target)] += 1
    return users


def _linked(section: Section) -> Section | None:
    reference = section.__dict__["link"]
    target = reference.resolve(section, (Section,)) if reference is not None else None
    return target if isinstance(target, Section) else None
