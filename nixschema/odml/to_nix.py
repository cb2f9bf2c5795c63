"""Documents of odML -> sections of NIX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from nixschema import model as nix
from nixschema.model.extra import Extra
from nixschema.model.fields import LOADING, now, time_as_text
from nixschema.model.reference import Reference
from nixschema.model.section import storage_holds
from nixschema.odml import native, overlay
from nixschema.odml.comparing import is_same
from nixschema.odml.lasting import restored
from nixschema.odml.mapping import mapping
from nixschema.odml.reserved import Facts, attribute_of, facts_of
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.paths import Paths

IMPORTED = "times"
"""Field of the overlay of a document's section: the time of all that was not changed since."""


def sections_of(document: Document) -> list[nix.Section]:
    """The root sections that a document becomes: one for itself, with all others in it.

    What the document's reserved section says is applied, and the section itself dropped: so
    sections that came from NIX stand again where they stood there. What Python's odML library
    damaged since is as it was. An empty document, too, becomes its section; the document of a file
    without metadata becomes nothing.

    Args:
        document: left as it is.
    """
    facts, sections = facts_of(document)
    if facts.saved:
        document = restored(document, sections, facts)
        sections = document.sections
    return _Making(document, sections, facts).run()


def document_id(document: Document) -> str | None:
    """The id of a document's section, where the document has one that NIX can hold."""
    return native.native_id(document.id)


def document_properties(document: Document, id: str) -> list[dict[str, Any]]:
    """The properties of a document's section, as data of NIX, without times."""
    made = []
    for one in mapping().of_kind("document", "scalar", "text"):
        value = getattr(document, one.field)
        if value is not None:
            made.append(
                {
                    "name": one.nix,
                    "id": _derived(id, f"properties/{one.nix}"),
                    "values": [native.native_text(value)],
                    "dtype": "string",
                }
            )
    return made


def document_overlay(document: Document, id: str) -> dict[str, tuple[Any, Any]]:
    """What the section of a document does not read back."""
    said: dict[str, tuple[Any, Any]] = {}
    if document.id != id:
        said["id"] = (id, document.id)
    for one in mapping().of_kind("document", "scalar", "text"):
        value = getattr(document, one.field)
        if value is not None and not is_same(text := native.native_text(value), value):
            said[one.field] = (text, value)
    return said


@dataclass(slots=True, eq=False)
class _Draft:
    """A section on its way."""

    odml: Section
    name: str
    id: str
    data: dict[str, Any] = field(default_factory=dict)
    overlay: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    owner: _Draft | None = None
    members: list[_Draft] = field(default_factory=list)
    made: nix.Section | None = None


class _Making:
    def __init__(self, document: Document, sections: list[Section], facts: Facts) -> None:
        self.document = document
        self.sections = sections
        self.facts = facts
        self.time = now()
        self.ids: set[str] = set()
        self.drafts: list[_Draft] = []
        self.of: dict[int, _Draft] = {}
        self.paths = Paths(Document(sections=sections))
        self.top_id = self._id(document.id, "", "")
        self._by_id: dict[str, _Draft] = {}

    def run(self) -> list[nix.Section]:
        top = self._draft_all()
        self._link()
        for draft in reversed(self.drafts):
            draft.made = self._section(draft)
        for draft in self.drafts:
            target = draft.data.get("link")
            if target is not None:
                assert draft.made is not None
                draft.made.__dict__["link"] = Reference(target=target.made)
        return self._rooted(top)

    # Names and ids, owners first

    def _draft_all(self) -> list[_Draft]:
        top = self._siblings(self.sections, None)
        stack = list(reversed(top))
        while stack:
            draft = stack.pop()
            self.drafts.append(draft)
            self.of[id(draft.odml)] = draft
            draft.members = self._siblings(draft.odml.sections, draft)
            stack.extend(reversed(draft.members))
        return top

    def _siblings(self, sections: list[Section], owner: _Draft | None) -> list[_Draft]:
        above = owner.id if owner is not None else self.top_id
        made = []
        for one, name in zip(sections, _names(one.name for one in sections), strict=True):
            entity_id = self._id(one.id, above, f"sections/{name}")
            made.append(_Draft(one, name, entity_id, owner=owner))
        return made

    def _id(self, given: str | None, above: str, place: str) -> str:
        """The id of an entity: its own, or one that is the same whenever this is done again."""
        known = native.native_id(given)
        if known is None or known.lower() in self.ids:
            known = _derived(above, place)
            if known in self.ids:
                known = str(uuid4())
        self.ids.add(known.lower())
        return known

    # Links

    def _link(self) -> None:
        """Lead links to their sections, but for those that go round in a circle."""
        for draft in self.drafts:
            path = draft.odml.link
            told = self._told_link(draft) if path is None else None
            target = self.paths.target(path, draft.odml) if path is not None else None
            if target is not None:
                draft.data["link"] = self.of[id(target)]
            elif told is not None:
                draft.data["link"] = told
        _open_circles(self.drafts)
        for draft in self.drafts:
            path = draft.odml.link
            to = draft.data.get("link")
            if path is not None and (to is None or self.paths.path(to.odml) != path):
                draft.overlay["link"] = (None if to is None else to.id, path)

    def _told_link(self, draft: _Draft) -> _Draft | None:
        told = self.facts.fields.get(draft.id.lower(), {}).get("link")
        if told is None or not isinstance(told[1], str):
            return None
        if not self._by_id:
            self._by_id.update((one.id.lower(), one) for one in self.drafts)
        return self._by_id.get(told[1].lower())

    # Entities, from the leaves up

    def _section(self, draft: _Draft) -> nix.Section:
        one = draft.odml
        data = native.section_data(one)
        data["name"], data["id"] = draft.name, draft.id
        said = draft.overlay
        read = native.section_reading(data)
        said.update(overlay.differing(read, {name: getattr(one, name) for name in read}))
        data["properties"] = _container(self._properties(one.properties, draft.id))
        data["sections"] = _container(list(map(_made, draft.members)))
        return self._make(nix.Section, data, said)  # type: ignore[no-any-return]

    def _properties(self, properties: list[Property], above: str) -> list[nix.Property]:
        made = []
        for one, name in zip(properties, _names(one.name for one in properties), strict=True):
            data = native.property_data(one)
            data["name"] = name
            data["id"] = self._id(one.id, above, f"properties/{name}")
            made.append(self._make(nix.Property, data, _property_overlay(one, data)))
        return made

    def _make(self, kind: Any, data: dict[str, Any], said: dict[str, tuple[Any, Any]]) -> Any:
        key = data["id"].lower()
        created, updated = self.facts.times.get(key, (None, None))
        data["created_at"] = self.time if created is None else created or None
        data["updated_at"] = self.time if updated is None else updated or None
        data["extra"] = Extra()
        told = self.facts.fields.get(key)
        if told or created is not None:
            made = _made_by_facts(kind, data, told or {}, said, self.time)
        else:
            made = kind.model_validate(data, context=LOADING)
        overlay.put(made.extra, said)
        return made

    # The root

    def _rooted(self, top: list[_Draft]) -> list[nix.Section]:
        """The root sections: those of documents, and those beside them."""
        if not self.facts.has_root:
            return [self._document(self.top_id, top, is_first=True)]
        documents: dict[str, list[_Draft]] = {}
        home: dict[str, str] = {}
        here = ""
        for kind, key in self.facts.root:
            if kind == "document":
                here = key
                documents[key] = []
            elif kind == "member" and here:
                home[key] = here
            elif kind == "section":
                home[key] = ""
        first = next(iter(documents), "")
        if not first and _is_said(self.document, with_id=False):
            first = self.top_id.lower()
            documents[first] = []
        order: list[tuple[float, int, str | _Draft]] = []
        for position, draft in enumerate(top):
            where = home.get(draft.id.lower(), first)
            if where in documents:
                documents[where].append(draft)
            else:
                order.append((position, 1, draft))
        places = {id(draft): position for position, draft in enumerate(top)}
        self._place_documents(order, documents, {one.id.lower(): one for one in top}, places)
        order.sort(key=lambda one: one[:2])
        return [
            self._document(one, documents[one], is_first=one == first)
            if isinstance(one, str)
            else _made(one)
            for _, _, one in order
        ]

    def _place_documents(
        self,
        order: list[tuple[float, int, str | _Draft]],
        documents: dict[str, list[_Draft]],
        by_id: dict[str, _Draft],
        places: dict[int, int],
    ) -> None:
        """Documents stand where their first section does, empty ones after what they followed."""
        last = -1.0
        done: set[str] = set()
        for kind, key in [*self.facts.root, *(("document", one) for one in documents)]:
            if kind == "document" and key not in done:
                members = documents[key]
                place = float(places[id(members[0])]) if members else last + 0.5
                done.add(key)
                order.append((place, 0, key))
                last = max(last, place)
            elif key in by_id:
                last = max(last, float(places[id(by_id[key])]))

    def _document(self, key: str, members: list[_Draft], *, is_first: bool) -> nix.Section:
        told = self.facts.documents.get(key, {})
        entity_id = self.top_id if is_first else key
        if is_first and isinstance(told.get("id"), str) and key == entity_id.lower():
            entity_id = told["id"]
        data: dict[str, Any] = {
            "name": told.get("name", mapping().document_name),
            "type": told.get("type", mapping().document_type),
            "id": entity_id,
        }
        for name in ("definition", "reference", "repository"):
            if told.get(name) is not None:
                data[name] = told[name]
        wanted = document_properties(self.document, entity_id) if is_first else []
        kept = told.get("properties")
        if isinstance(kept, list):
            wanted = _merged([dict(one) for one in kept if isinstance(one, dict)], wanted, is_first)
        data["properties"] = [
            made for one in wanted if (made := self._document_property(one)) is not None
        ]
        data["sections"] = [_made(one) for one in members]
        said = document_overlay(self.document, entity_id) if is_first else {}
        if not self.facts:
            said[IMPORTED] = (time_as_text(self.time), None)
        section: nix.Section = self._make(nix.Section, data, said)
        if isinstance(text := told.get("odml"), str):
            section.extra.attributes[mapping().attribute] = overlay.text_attribute(text)
        return section

    def _document_property(self, data: dict[str, Any]) -> nix.Property | None:
        times = {name: data.pop(name, self.time) for name in ("created_at", "updated_at")}
        told = data.pop("extra", None)
        try:
            made = nix.Property.model_validate({**data, **times}, context=LOADING)
        except ValidationError:
            return None
        _put_extra(made, told)
        return made


def _container(members: list[Any]) -> nix.Container[Any]:
    """A container of members whose names are known to differ."""
    made: nix.Container[Any] = nix.Container()
    made._load(members)
    return made


def _made(draft: _Draft) -> nix.Section:
    assert draft.made is not None
    return draft.made


def _is_said(document: Document, *, with_id: bool = True) -> bool:
    fields = [one.field for one in mapping().of_kind("document", "scalar", "text")]
    fields += ["id"] if with_id else []
    return any(getattr(document, one) is not None for one in fields)


def _derived(above: str, place: str) -> str:
    """An id that follows from the owner's and the place in it; a random one without an owner."""
    if not above:
        return str(uuid4())
    # As `uuid5` has it, which takes several times as long.
    found = sha1(_bytes_of(above) + place.encode(), usedforsecurity=False).digest()
    number = int.from_bytes(found[:16]) & _NAMED_BITS | _NAMED
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_NAMED = 0x5000_8000_0000_0000_0000
"""What tells ids that follow from a name."""
_NAMED_BITS = ~0xF000_C000_0000_0000_0000


@lru_cache(maxsize=1024)
def _bytes_of(id: str) -> bytes:
    return UUID(id).bytes


def _names(names: Iterable[str]) -> list[str]:
    """Names that siblings can have in NIX: theirs where nothing is against it."""
    given = list(names)
    made = [native.native_name(one) for one in given]
    taken: dict[str, int] = {}
    for position, (one, name) in enumerate(zip(given, made, strict=True)):
        if one == name:
            taken.setdefault(name, position)
    numbers: dict[str, int] = {}
    for position, name in enumerate(made):
        if taken.setdefault(name, position) == position:
            continue
        number = numbers.get(name, 1)
        while True:
            number += 1
            if (other := f"{name}-{number}") not in taken:
                break
        numbers[name] = number
        taken[other] = position
        made[position] = other
    return made


def _open_circles(drafts: list[_Draft]) -> None:
    """Take the links off sections whose links lead back to them: nixio follows them forever."""
    done: set[int] = set()
    for draft in drafts:
        walked: dict[int, _Draft] = {}
        here: _Draft | None = draft
        while here is not None and id(here) not in done and id(here) not in walked:
            walked[id(here)] = here
            here = here.data.get("link")
        if here is not None and id(here) in walked:
            chain = list(walked)
            for key in chain[chain.index(id(here)) :]:
                del walked[key].data["link"]
        done.update(walked)


def _property_overlay(one: Property, data: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    read = native.property_reading(data)
    return overlay.differing(read, {name: getattr(one, name) for name in read})


def _made_by_facts(
    kind: Any,
    data: dict[str, Any],
    told: dict[str, tuple[Any, Any]],
    said: dict[str, tuple[Any, Any]],
    time: Any,
) -> Any:
    """An entity with what the reserved section says of it; without it where that is no entity.

    What the reserved section says of a field has no place in the overlay `said` any more.
    """
    better = dict(data)
    for name, (guard, value) in told.items():
        is_known = name in kind.model_fields and name not in _NOT_TOLD
        if is_known and is_same(better.get(name), guard):
            better[name] = value
            if value is None:
                del better[name]
    if "storage" in better and not _holds(better["storage"], better.get("values")):
        del better["storage"]
    try:
        made = kind.model_validate(better, context=LOADING)
    except ValidationError:
        better = {**data, "created_at": time, "updated_at": time}
        made = kind.model_validate(better, context=LOADING)
    for name in told:
        if not is_same(better.get(name), data.get(name)):
            said.pop(overlay.VALUES if name == "dtype" else name, None)
    if "extra" in told:
        _put_extra(made, told["extra"][1])
    return made


def _texts(values: Any) -> list[str]:
    """The first value of a property of a document's section, as text."""
    return [native.native_text(one) for one in values[:1]] if isinstance(values, list) else []


def _holds(storage: Any, values: Any) -> bool:
    """Whether a type in the file is one, and holds values."""
    try:
        return isinstance(values, list) and storage_holds(storage, values)
    except (TypeError, ValueError):
        return False


_NOT_TOLD = ("id", "extra", "link", "properties", "sections")


def _put_extra(model: nix.Section | nix.Property, said: Any) -> None:
    """Attributes that no field claims, as the reserved section has them."""
    for name, one in said.items() if isinstance(said, dict) else ():
        stored = attribute_of(one)
        if stored is not None and name not in model.extra.attributes:
            model.extra.attributes[name] = stored


def _merged(
    kept: list[dict[str, Any]], wanted: list[dict[str, Any]], is_first: bool
) -> list[dict[str, Any]]:
    """The properties of a document's section: as they were, with what odML says now."""
    if not is_first:
        return kept
    new = {one["name"]: one for one in wanted}
    names = {one.nix for one in mapping().of_kind("document", "scalar", "text")}
    made = []
    for one in kept:
        said = new.pop(one.get("name", ""), None)
        if said is not None and _texts(one.get("values")) != said["values"]:
            one |= {"values": said["values"], "dtype": "string"}
            one.pop("storage", None)
        if said is not None or one.get("name") not in names:
            made.append(one)
    return made + list(new.values())
