"""Sections of one file taken into another: what matches what, and what that changes.

A section matches the one of its id, wherever that lies, as long as name and type agree; else the
one that lies at its path. A property matches the one of its name in the section that matched. What
matches nothing is new. Nothing moves, and nothing is removed unless that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nixschema.layout import layout_of
from nixschema.model import Container, Entity, File, Property, Section
from nixschema.model.fields import new_id, now
from nixschema.model.reference import Reference
from nixschema.odml import overlay
from nixschema.odml.to_nix import IMPORTED
from nixschema.updating.fields import Said, Taking
from nixschema.updating.making import free_name, made_of
from nixschema.updating.removing import Removal, leave_only, remove_others, unmark_empty
from nixschema.updating.source import (
    CannotUpdate,
    Outer,
    is_document,
    outer_sections,
    says_something,
    section_at,
)


@dataclass(slots=True)
class Addition:
    """A new entity with all that it holds, in one that is in the file."""

    model: Section | Property
    owner: str
    """Path of the owner's object."""
    group: str
    """Name of the group of its members."""


@dataclass(slots=True)
class Changes:
    """What is to be changed in a file; the models are as they are to be."""

    takings: list[Taking] = field(default_factory=list)
    """What becomes of entities that stay."""
    added: list[Addition] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    linked: list[Section] = field(default_factory=list)
    """New sections that link to others."""
    notes: list[str] = field(default_factory=list)
    """What was not done, each in a sentence."""

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.takings or self.added or self.removed)


@dataclass(slots=True)
class _Pair:
    """A section of the source, and the one that it is in the file."""

    source: Section
    section: Section
    is_new: bool
    by_id: bool
    """Whether sections in it may be found by their ids in the whole file."""


def merge(
    file: File,
    roots: Container[Section],
    *,
    into: Section | None = None,
    as_: str | None = None,
    replace: bool = False,
    new_ids: bool = False,
) -> Changes:
    """Take sections into a file.

    Args:
        file: is changed.
        roots: the root sections of the source, which is of no use afterwards.
        into: the section that they go into; else the root.
        as_: name of the only root section that there is.
        replace: remove what the source does not have.
        new_ids: ids of the source do not count.

    Raises:
        CannotUpdate: with ``as_``, there is not one root section.
    """
    return _Merging(file, roots, into, as_, replace=replace, new_ids=new_ids).run()


class _Merging:
    def __init__(
        self,
        file: File,
        roots: Container[Section],
        into: Section | None,
        as_: str | None,
        *,
        replace: bool,
        new_ids: bool,
    ) -> None:
        self.file = file
        self.roots = roots
        self.into = into
        self.as_ = as_
        self.is_part = into is not None or as_ is not None
        self.replace = replace
        self.new_ids = new_ids
        self.time = now()
        self.changes = Changes()
        self.ids: set[str] = set()
        self.by_id: dict[str, Section | None] = {}
        for model in file.walk():
            self._know(model)
        self.counterparts: dict[int, Section] = {}
        self.claimed: set[int] = set()
        self.new: set[int] = set()
        self.takings: dict[int, Taking] = {}
        self.pairs: list[_Pair] = []
        self.scopes: list[Container[Section]] = []
        """Where sections that match nothing are removed."""

    def _know(self, model: Any) -> None:
        key = model.id.lower() if isinstance(model, Entity) else ""
        if not key:
            return
        if isinstance(model, Section):
            self.by_id[key] = None if key in self.ids else model
        elif key in self.by_id:
            self.by_id[key] = None
        self.ids.add(key)

    def run(self) -> Changes:
        stack = self._root_pairs()
        stack.reverse()
        while stack:
            pair = stack.pop()
            self.pairs.append(pair)
            if not pair.is_new:
                self._take_properties(pair.source, pair.section)
            stack.extend(reversed(self._inner_pairs(pair)))
        self._link()
        for taking in self.takings.values():
            taking.settle(self.time)
            if taking.is_changed:
                self.changes.takings.append(taking)
        if self.replace:
            kept = self.claimed | self.new
            told = remove_others(self.file, self.scopes, kept, self.changes.removed)
            self.changes.notes += told
        return self.changes

    # The root

    def _root_pairs(self) -> list[_Pair]:
        outer = outer_sections(self.roots)
        documents = [root for root in self.roots if is_document(root)]
        if self.as_ is not None:
            if len(outer) != 1:
                raise CannotUpdate(f"`--as` names one section, and the source has {len(outer):,}")
            outer[0].section.__dict__["name"] = self.as_
        present = [one for one in self.file.metadata if is_document(one)]
        homes: dict[int, Section] = {}
        if self.is_part:
            self._tell_left_out(documents)
        else:
            homes = self._match_documents(documents, present)
            if self.replace:
                self.scopes.append(self.file.metadata)
        return [self._root_pair(one, homes, present) for one in outer]

    def _root_pair(self, one: Outer, homes: dict[int, Section], present: list[Section]) -> _Pair:
        if self.into is not None:
            places = [self.into.sections]
            return self._pair(one.section, places, places[0], by_id=False)
        home = homes.get(id(one.document))
        if home is None and one.document is not None and present:
            home = present[0]
        places = [] if home is None else [home.sections]
        places.append(self.file.metadata)
        places += [other.sections for other in present if other is not home]
        beside = any(not is_document(other) for other in self.file.metadata)
        is_empty = home is None or (not len(home.sections) and beside)
        into = self.file.metadata if home is None or is_empty else home.sections
        return self._pair(one.section, places, into, by_id=not self.is_part)

    def _match_documents(
        self, documents: list[Section], present: list[Section]
    ) -> dict[int, Section]:
        """The documents of the file that those of the source are; new ones where there are none."""
        beside = len(present) < len(self.file.metadata)
        found: dict[int, Section] = {}
        for position, document in enumerate(documents):
            match = self._document_like(document, present, is_first=position == 0)
            if match is not None:
                found[id(document)] = match
                self._take_document(document, match)
            elif not beside or says_something(document):
                made = self._add(document, self.file.metadata)
                if beside:
                    _forget_import(made)
                else:
                    found[id(document)] = made
        return found

    def _document_like(
        self, document: Section, present: list[Section], *, is_first: bool
    ) -> Section | None:
        free = [one for one in present if id(one) not in self.claimed]
        by_id = free if document.id and not self.new_ids else []
        for one in by_id:
            if one.id.lower() == document.id.lower():
                return one
        for one in free:
            if one.name == document.name:
                return one
        return free[0] if free and is_first else None

    def _take_document(self, document: Section, match: Section) -> None:
        self.claimed.add(id(match))
        document.__dict__["type"] = match.type
        self._take_fields(document, match, is_document=True)
        self._take_properties(document, match)
        if self.replace:
            self.scopes.append(match.sections)

    def _tell_left_out(self, documents: list[Section]) -> None:
        names = [f"`{one.name}`" for document in documents for one in document.properties]
        if names:
            self.changes.notes.append(
                f"{', '.join(names)}: not taken over, as only a section is taken in"
            )

    # Sections

    def _inner_pairs(self, pair: _Pair) -> list[_Pair]:
        members = pair.section.sections
        return [
            self._pair(one, [members], members, by_id=pair.by_id) for one in pair.source.sections
        ]

    def _pair(
        self,
        section: Section,
        places: list[Container[Section]],
        into: Container[Section],
        *,
        by_id: bool,
    ) -> _Pair:
        """A section with the one of the file that it is, or with a new one."""
        by_id = by_id and not self.new_ids
        match = self._match(section, places, by_id=by_id)
        is_known = bool(section.id) and section.id.lower() in self.ids
        if match is None:
            made = self._add(section, into)
            return _Pair(section, made, True, by_id and not is_known)
        self.claimed.add(id(match))
        self.counterparts[id(section)] = match
        self._take_fields(section, match)
        if self.replace:
            self.scopes.append(match.sections)
        is_it = match.id.lower() == section.id.lower() or not is_known
        return _Pair(section, match, False, by_id and is_it)

    def _match(
        self, section: Section, places: list[Container[Section]], *, by_id: bool
    ) -> Section | None:
        """The section of the file that a section is, or None."""
        if by_id:
            found = self.by_id.get(section.id.lower())
            is_it = found is not None and (found.name, found.type) == (section.name, section.type)
            if is_it and id(found) not in self.claimed:
                return found
        for place in places:
            found = place.by_name(section.name)
            if found is not None and id(found) not in self.claimed and id(found) not in self.new:
                return found
        return None

    # Entities

    def _take_fields(
        self, source: Section | Property, model: Section | Property, *, is_document: bool = False
    ) -> None:
        taking = self.takings.get(id(model))
        if taking is None:
            taking = self.takings[id(model)] = Taking(model)
        left = taking.take(Said(source), replace=self.replace, is_document=is_document)
        if left:
            self._tell_left(model.path, left)

    def _take_properties(self, source: Section, section: Section) -> None:
        """Properties match by their names."""
        named: set[int] = set()
        for one in source.properties:
            known = section.properties.by_name(one.name)
            if known is not None and id(known) in named:
                continue
            if known is None:
                made = self._made(one, one.name)
                named.add(id(made))
                self._put(made, section.properties)
            else:
                named.add(id(known))
                self._take_fields(one, known)
        if self.replace and len(named) < len(section.properties):
            self.changes.removed += [
                Removal(section.path, "properties", one.extra.link or one.key)
                for one in section.properties
                if id(one) not in named
            ]
            kept = [one for one in section.properties if id(one) in named]
            leave_only(kept, section.properties)

    def _add(self, source: Section, members: Container[Section]) -> Section:
        """A new section, with its properties and without sections."""
        made: Section = self._made(source, free_name(source.name, members))
        if made.name != source.name:
            self.changes.notes.append(
                f"`{source.name}` is there already, and is taken in as `{made.name}`"
            )
        for one in source.properties:
            made.properties._accept(self._made(one, free_name(one.name, made.properties)))
        self.counterparts[id(source)] = made
        self._put(made, members)
        return made

    def _made(self, source: Any, name: str) -> Any:
        made, left = made_of(source, self._free_id(source.id), name, self.time)
        if left:
            self._tell_left(source.path, left)
        self.new.add(id(made))
        return made

    def _put(self, made: Any, members: Container[Any]) -> None:
        owner = members.owner
        assert owner is not None
        members._accept(made)
        unmark_empty(members)
        if id(owner) not in self.new:
            group = layout_of(type(owner))[members.field].name
            self.changes.added.append(Addition(made, owner.path, group))

    def _free_id(self, id: str) -> str:
        if not id or self.new_ids or id.lower() in self.ids:
            id = new_id()
        self.ids.add(id.lower())
        return id

    def _tell_left(self, path: str, names: list[str]) -> None:
        self.changes.notes += [
            f"{path}: `{name}` is not taken over, as it is no field of NIX and no plain text, "
            "number or boolean"
            for name in names
        ]

    # Links

    def _link(self) -> None:
        """Let links lead to what their targets are in the file, now that all are known."""
        for pair in self.pairs:
            source = pair.source
            said: Any = (overlay.fields_of(source.extra) or {}).get("link")
            text = said[1] if said is not None and isinstance(said[1], str) else None
            reference = source.__dict__["link"]
            target = reference.resolve(source, (Section,)) if reference is not None else None
            found = self.counterparts.get(id(target))
            if target is None and text is None and reference is not None:
                text = reference.text
            if found is None and text is not None:
                found = section_at(self.file, text)
            if found is None and text is None:
                if self.replace and not pair.is_new:
                    self._relink(pair.section, None, None)
                continue
            entry = (found.id if found is not None else None, text) if text is not None else None
            if found is not None and (self.is_part or said is None):
                entry = None
            if pair.is_new:
                self._link_new(pair.section, found, entry)
            else:
                self._relink(pair.section, found, entry)

    def _link_new(self, section: Section, target: Section | None, entry: Any) -> None:
        if target is not None:
            section.__dict__["link"] = Reference(target=target)
            self.changes.linked.append(section)
        if entry is not None:
            said = dict(overlay.fields_of(section.extra) or {})
            said["link"] = entry
            overlay.put(section.extra, said)

    def _relink(self, section: Section, target: Section | None, entry: Any) -> None:
        taking = self.takings[id(section)]
        reference = section.__dict__["link"]
        present = reference.resolve(section, (Section,)) if reference is not None else None
        if present is not target or (reference is not None and target is None):
            section.__dict__["link"] = None if target is None else Reference(target=target)
            taking.is_relinked = True
        taking.tell("link", entry)


def _forget_import(document: Section) -> None:
    """A document without sections tells no time of theirs."""
    said = dict(overlay.fields_of(document.extra) or {})
    if said.pop(IMPORTED, None) is not None:
        document.extra.attributes.clear()
        overlay.put(document.extra, said)
