"""Sections of NIX -> documents of odML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nixschema import model as nix
from nixschema.layout import layout_of
from nixschema.model.extra import Extra
from nixschema.model.fields import time_as_text
from nixschema.odml import native, overlay
from nixschema.odml.comparing import is_same
from nixschema.odml.lasting import Entity, make_lasting, replaced
from nixschema.odml.mapping import mapping
from nixschema.odml.reserved import Facts, attribute_word, is_canonical, section_of
from nixschema.odml.to_nix import IMPORTED, document_properties
from nixschema.odml.writing.losses import Loss
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.paths import Paths


def document_of(
    file: nix.File, *, section: nix.Section | None = None, reserved: bool = True
) -> tuple[Document, list[Loss]]:
    """The document that the metadata of a file is, and what it does not hold of them.

    Sections of documents and sections beside them become sections at the root, in their order. The
    fields of the document are those of the first one.

    Args:
        file: left as it is.
        section: only this section, and all in it.
        reserved: add the reserved section where there is something to say in it.
    """
    return _Reading(file, section, reserved).run()


class _Reading:
    def __init__(self, file: nix.File, section: nix.Section | None, reserved: bool) -> None:
        self.file = file
        self.is_whole = section is None
        self.roots = list(file.metadata) if section is None else [section]
        self.reserved = reserved
        self.facts = Facts()
        self.losses: list[Loss] = []
        self.sections: list[tuple[nix.Section, Section, Any]] = []
        """Sections of NIX with those of odML, and what their links are in the overlay."""
        self.of: dict[int, Section] = {}
        self.ids: set[str] = set()
        self.native: list[Entity] = []
        """What was made or changed in NIX, and not by taking in a document."""
        self.imported: str | None = None

    def run(self) -> tuple[Document, list[Loss]]:
        documents = [one for one in self.roots if is_document(one)]
        document = Document()
        if documents:
            document = self._document(documents[0])
        elif self.is_whole and self.roots:
            document.id = self.file.id or None
        outer: list[nix.Section] = []
        for one in self.roots:
            outer.extend(one.sections if is_document(one) else (one,))
        document.sections = self._tree(outer)
        self._link(document)
        self._tell_root(documents, document)
        make_lasting(document, self.native, self.facts)
        if not self.reserved:
            self._lose_facts()
        elif self.facts:
            document.sections.append(section_of(self.facts, document))
        return document, self.losses

    # Documents

    def _document(self, section: nix.Section) -> Document:
        said = overlay.fields_of(section.extra) or {}
        if IMPORTED in said and isinstance(said[IMPORTED][0], str):
            self.imported = said[IMPORTED][0]
        read: dict[str, Any] = {"id": section.id or None}
        for one in mapping().of_kind("document", "scalar", "text"):
            found = section.properties.by_name(one.nix)
            values = list(found.values) if found is not None else []
            read[one.field] = native.native_text(values[0]) if values else None
        made = overlay.applied(read, {name: one for name, one in said.items() if name in read})
        return Document(**made)

    def _tell_root(self, documents: list[nix.Section], document: Document) -> None:
        """What stands at the root, unless it is one document that holds no more than odML says."""
        if not self.is_whole:
            return
        is_plain = len(self.roots) == 1 and len(documents) == 1
        if not is_plain:
            self.facts.has_root = True
            for one in self.roots:
                if is_document(one):
                    self.facts.root.append(("document", one.id.lower()))
                    self.facts.root += [("member", inner.id.lower()) for inner in one.sections]
                else:
                    self.facts.root.append(("section", one.id.lower()))
        for position, one in enumerate(documents):
            self._tell_document(one, document if position == 0 else None)

    def _tell_document(self, section: nix.Section, document: Document | None) -> None:
        properties = [self._whole(one) for one in section.properties]
        said: dict[str, Any] = {
            name: getattr(section, name)
            for name in ("name", "type", "definition", "reference", "repository")
            if getattr(section, name) is not None
        }
        plain = {"name": mapping().document_name, "type": mapping().document_type}
        time = self._time_of(section)
        if document is not None:
            if time is not None and is_canonical(document.id):
                self.native.append(document)
            wanted = document_properties(document, section.id) if section.id else []
            alone = [
                {name: value for name, value in one.items() if name not in _TIMES}
                for one in properties
            ]
            times = {tuple(one.get(name) for name in _TIMES) for one in properties}
            is_old = times <= {(self.imported, self.imported)} and self.imported is not None
            if is_same_data(alone, wanted) and (is_old or not properties) and said == plain:
                self._tell_times(section.id, time)
                return
        elif (stored := section.extra.attributes.get(mapping().attribute)) is not None:
            said["odml"] = stored.value if isinstance(stored.value, str) else ""
        if not section.id:
            self._lose(section.path, "", "it has no id, by which its facts could be told")
            return
        said |= {"id": section.id, "properties": properties}
        self.facts.documents[section.id.lower()] = said
        self._tell_times(section.id, time)
        self._tell_extra(section, section.path)

    def _whole(self, one: nix.Property) -> dict[str, Any]:
        """A property with all its fields, where odML has no properties."""
        data: dict[str, Any] = {
            name: list(value) if name == "values" else value
            for name, value in one.__dict__.items()
            if name != "extra" and value is not None
        }
        for name in _TIMES:
            data[name] = time_as_text(data[name]) if name in data else None
        if "unit" in data:
            data["unit"] = str(data["unit"])
        attributes = self._attributes(one.extra, one.path)
        if attributes:
            data["extra"] = attributes
        return data

    # Sections and properties

    def _tree(self, outer: list[nix.Section]) -> list[Section]:
        roots = [self._section(one) for one in outer]
        stack = list(zip(outer, roots, strict=True))
        stack.reverse()
        while stack:
            model, made = stack.pop()
            inner = [(one, self._section(one)) for one in model.sections]
            made.sections = [one for _, one in inner]
            stack.extend(reversed(inner))
        return roots

    def _section(self, model: nix.Section) -> Section:
        data = model.__dict__
        read = native.section_reading(data)
        said = self._overlay(model)
        link = said.pop("link", None)
        made = Section(**overlay.applied(read, said))
        self.sections.append((model, made, link))
        self.of[id(model)] = made
        made.properties = [self._property(one) for one in model.properties]
        wanted = native.section_data(made)
        self._tell(model, made, data, wanted, ("type", "definition", "reference", "repository"))
        return made

    def _property(self, model: nix.Property) -> Property:
        data = model.__dict__
        read = native.property_reading(data)
        made = Property(**overlay.applied(read, self._overlay(model)))
        wanted = native.property_data(made)
        self._tell(model, made, data, wanted, _PROPERTY_FIELDS)
        return made

    def _overlay(self, model: nix.Section | nix.Property) -> dict[str, tuple[Any, Any]]:
        said = overlay.fields_of(model.extra)
        if said is None:
            self._lose(
                model.path, "extra", "the attribute `odml` is no overlay, and is passed over"
            )
            return {}
        return said

    def _tell(
        self,
        model: nix.Section | nix.Property,
        made: Section | Property,
        data: Mapping[str, Any],
        wanted: Mapping[str, Any],
        fields: tuple[str, ...],
    ) -> None:
        """Tell what NIX holds and odML would give back otherwise."""
        differing = [
            (name, wanted.get(name), value)
            for name in fields
            if not is_same_field(value := data.get(name), wanted.get(name))
        ]
        time = self._time_of(model)
        has_more = bool(model.extra.members) or any(
            name != mapping().attribute for name in model.extra.attributes
        )
        if not differing and time is None and not has_more:
            return
        if not self._is_told_by_id(model, made.id):
            reason = "no fact can be told of an entity without an id of its own"
            self._lose(model.path, "", reason)
            return
        for name, guard, value in differing:
            found = list(value) if isinstance(value, list) else value
            self.facts.tell(model.id, name, guard, str(found) if isinstance(found, str) else found)
        if time is not None:
            self.native.append(made)
            self._tell_times(model.id, time)
        if has_more:
            self._tell_extra(model, model.path)

    def _is_told_by_id(self, model: nix.Section | nix.Property, odml_id: str | None) -> bool:
        key = model.id.lower()
        if odml_id != model.id or not is_canonical(model.id) or key in self.ids:
            return False
        self.ids.add(key)
        return True

    def _tell_extra(self, model: nix.Section | nix.Property, path: str) -> None:
        attributes = self._attributes(model.extra, path)
        if attributes:
            self.facts.tell(model.id, "extra", None, attributes)

    def _attributes(self, extra: Extra, path: str) -> dict[str, Any]:
        """The attributes that no field claims, as facts have them."""
        found = {}
        for name, stored in extra.attributes.items():
            if name == mapping().attribute:
                continue
            word = attribute_word(stored)
            if word is None:
                self._lose(path, f"extra.{name}", "only texts, numbers and booleans are kept")
            else:
                found[name] = word
        for name in extra.members:
            self._lose(
                path, f"extra.{name}", "odML has no place for what is no section or property"
            )
        return found

    def _time_of(self, model: nix.Section | nix.Property) -> tuple[str, str] | None:
        """When it was made and changed; None where it was not since a document was imported."""
        created, updated = model.created_at, model.updated_at
        texts = (
            time_as_text(created) if created is not None else "",
            time_as_text(updated) if updated is not None else "",
        )
        return None if texts == (self.imported, self.imported) else texts

    def _tell_times(self, id: str, time: tuple[str, str] | None) -> None:
        if time is not None and id:
            self.facts.times[id.lower()] = time

    # Links

    def _link(self, document: Document) -> None:
        """Write paths anew, now that all names are known."""
        paths = Paths(document)
        for model, made, said in self.sections:
            reference = model.__dict__["link"]
            target = reference.resolve(model, (nix.Section,)) if reference is not None else None
            guard, text = said if said is not None else (None, None)
            text = text if isinstance(text, str) else None
            if reference is None:
                made.link = text if guard is None else None
                continue
            section = self.of.get(id(target))
            if section is None:
                made.link = None
                if target is not None:
                    self._lose(model.path, "link", "it leads to what is not in the document")
                else:
                    made.link = reference.text
                continue
            holds = text is not None and guard == getattr(target, "id", None)
            if holds and text is not None and paths.target(text, made) is section:
                made.link = text
                continue
            made.link = paths.path(section)
            if made.link is None:
                self.facts.tell(model.id, "link", None, getattr(target, "id", None))

    # What odML has no place for

    def _lose(self, path: str, field: str, reason: str) -> None:
        self.losses.append(Loss(path, field, reason, True))

    def _lose_facts(self) -> None:
        """Say what is left out with the reserved section, but for times."""
        reason = "odML has no place for it, and the reserved section is left out"
        paths = {model.id.lower(): model.path for model, _, _ in self.sections}
        for model, _, _ in self.sections if self.facts.fields or self.facts.saved else ():
            paths.update((one.id.lower(), one.path) for one in model.properties)
        for key in self.facts.fields:
            for name in self.facts.needed_for(key):
                self._lose(paths.get(key, "/metadata"), name, reason)
        for one in self.native if self.facts.saved else ():
            for name in replaced(one, self.facts):
                self._lose(paths.get((one.id or "").lower(), "/metadata"), name, reason)
        for key in self.facts.documents:
            self._lose(paths.get(key, "/metadata"), "properties", reason)


_TIMES = ("created_at", "updated_at")
_PROPERTY_FIELDS = tuple(
    name for name in layout_of(nix.Property) if name not in ("name", "id", "extra", *_TIMES)
)


def is_document(section: nix.Section) -> bool:
    """Whether a section at the root of a file stands for a document."""
    return mapping().is_document(section.name, section.type)


def is_same_field(one: Any, other: Any) -> bool:
    """Whether two fields of NIX are the same; lists and texts of any kind are."""
    if isinstance(one, list):
        return is_same(list(one), other)
    return is_same(str(one), other) if isinstance(one, str) else is_same(one, other)


def is_same_data(ones: list[dict[str, Any]], others: list[dict[str, Any]]) -> bool:
    """Whether the data of two lists of properties are the same."""
    return len(ones) == len(others) and all(
        one.keys() == other.keys() and all(is_same_field(one[key], other[key]) for key in one)
        for one, other in zip(ones, others, strict=True)
    )
