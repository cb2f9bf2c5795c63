"""What an entity says in its fields, and how another takes that over.

A field says something where odML would have something for it. What the native field does not read
back as it is stands in the overlay, so both go together.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from nixschema.layout import layout_of
from nixschema.model import Property, Section
from nixschema.model.section import storage_holds, widest
from nixschema.odml import native, overlay
from nixschema.odml.comparing import is_same
from nixschema.odml.mapping import mapping
from nixschema.odml.reserved import attribute_word

Overlay: TypeAlias = dict[str, tuple[Any, Any]]
"""Guard and value of fields, by their names in odML."""

_VALUES = ("values", "dtype", "storage")


class Said:
    """What an entity says."""

    def __init__(self, model: Section | Property) -> None:
        self.model = model
        self.kind = "property" if isinstance(model, Property) else "section"
        reading = native.property_reading if self.kind == "property" else native.section_reading
        self.native = reading(model.__dict__)
        self.overlay: Overlay = dict(overlay.fields_of(model.extra) or {})
        self.fields = overlay.applied(self.native, self.overlay)

    def entry(self, field: str) -> tuple[Any, Any] | None:
        """What the overlay has for a field, where that holds."""
        if is_same(self.native.get(field), self.fields.get(field)):
            return None
        return self.overlay.get(field)

    @property
    def values_entry(self) -> tuple[Any, Any] | None:
        """What the overlay has for the values and their type, where that holds."""
        names = ("dtype", "values")
        if all(is_same(self.native[name], self.fields[name]) for name in names):
            return None
        return self.overlay.get(overlay.VALUES)


class Taking:
    """An entity that takes over what others say; what it has otherwise stays."""

    def __init__(self, model: Section | Property) -> None:
        self.model = model
        self.changed: set[str] = set()
        """Names of the attributes that are to be written anew."""
        self.is_refilled = False
        """Whether the values are others, of the type that they have in the file."""
        self.is_remade = False
        """Whether the values are of another type in the file."""
        self.is_relinked = False
        """Whether it links to another section, or to none any more."""
        self._known: Overlay = dict(overlay.fields_of(model.extra) or {})
        self.overlay: Overlay = dict(self._known)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changed or self.is_refilled or self.is_remade or self.is_relinked)

    def take(self, said: Said, *, replace: bool, is_document: bool = False) -> list[str]:
        """Take over all fields but the link.

        Args:
            said: what another entity of the same kind says.
            replace: drop what it does not say.
            is_document: both stand for documents, whose fields are properties.

        Returns:
            Names of the attributes that no field claims and that are not taken over.
        """
        layout = layout_of(type(self.model))
        for one in mapping().of_kind(said.kind, "label", "text", "scalar", "number"):
            is_needed = one.kind == "label"
            if said.fields[one.field] is None and (is_needed or not replace):
                continue
            value = said.model.__dict__[one.nix]
            if not is_same(_bare(self.model.__dict__[one.nix]), _bare(value)):
                self.model.__dict__[one.nix] = value
                self.changed.add(layout[one.nix].name)
            self.tell(one.field, said.entry(one.field))
        for one in mapping().of_kind(said.kind, "nothing"):
            if said.fields[one.field] is not None or replace:
                self.tell(one.field, said.entry(one.field))
        self.tell("name", said.entry("name"))
        if is_document:
            self._take_document(said, replace=replace)
        if isinstance(self.model, Property) and isinstance(said.model, Property):
            self._take_values(self.model, said, replace=replace)
        return self._take_attributes(said)

    def tell(self, field: str, entry: tuple[Any, Any] | None) -> None:
        """Give the overlay an entry, or none where the native field says it all."""
        self.overlay.pop(field, None)
        if entry is not None:
            self.overlay[field] = entry

    def _take_document(self, said: Said, *, replace: bool) -> None:
        """The overlay of the fields of a document, whose native fields are properties."""
        assert isinstance(said.model, Section)
        for one in mapping().of_kind("document", "scalar", "text"):
            entry = said.overlay.get(one.field)
            if entry is not None or replace or said.model.properties.by_name(one.nix) is not None:
                self.tell(one.field, entry)

    def _take_values(self, mine: Property, said: Said, *, replace: bool) -> None:
        data = said.model.__dict__
        values = data["values"]
        if not said.fields["values"] and not replace:
            untyped = said.fields["dtype"] is None
            if untyped or native.property_reading(mine.__dict__)["values"]:
                return
        before = mine.element_type
        wanted = data["storage"]
        if not is_same(list(mine.values), list(values)):
            mine.__dict__["storage"] = _kept(mine.storage, wanted, list(values))
            mine.__dict__["values"] = values
            self.is_refilled = True
        elif wanted is not None:
            mine.__dict__["storage"] = None if wanted == widest(list(values)) else wanted
        if mine.element_type != before:
            self.is_refilled, self.is_remade = False, True
        entry = said.values_entry
        stays = data["dtype"] is None and entry is None and not replace and _fits_type(mine)
        if mine.dtype != data["dtype"] and not stays:
            mine.__dict__["dtype"] = data["dtype"]
            self.changed.add(layout_of(Property)["dtype"].name)
        self.tell(overlay.VALUES, entry)

    def _take_attributes(self, said: Said) -> list[str]:
        fields = {one.name for one in layout_of(type(self.model)).values()}
        left: list[str] = []
        for name, stored in said.model.extra.attributes.items():
            if name == mapping().attribute:
                continue
            if name in fields or attribute_word(stored) is None:
                left.append(name)
            elif self.model.extra.attributes.get(name) != stored:
                self.model.extra.attributes[name] = stored
                self.changed.add(name)
        return left + list(said.model.extra.members)

    def settle(self, time: Any) -> None:
        """Write down the overlay, and the time where anything has changed."""
        name = mapping().attribute
        if not _is_same_overlay(self._known, self.overlay):
            self.model.extra.attributes.pop(name, None)
            overlay.put(self.model.extra, self.overlay)
            self.changed.add(name)
        if self.is_changed:
            self.model.__dict__["updated_at"] = time
            self.changed.add(layout_of(type(self.model))["updated_at"].name)


def _bare(value: Any) -> Any:
    """A field as Python has it: units are texts."""
    return str(value) if isinstance(value, str) else value


def _fits_type(one: Property) -> bool:
    """Whether the values of a property are of the type of odML that it has."""
    return one.dtype is not None and native.property_reading(one.__dict__)["dtype"] == one.dtype


def _kept(known: str | None, wanted: str | None, values: list[Any]) -> str | None:
    """The type in the file of new values, or None for the widest."""
    for one in (wanted, known if values else None):
        if one is not None and storage_holds(one, values):
            return None if one == widest(values) else one
    return None


def _is_same_overlay(one: Overlay, other: Overlay) -> bool:
    return one.keys() == other.keys() and all(
        is_same(_plain(one[name]), _plain(other[name])) for name in one
    )


def _plain(value: Any) -> Any:
    """Mappings as lists, and lists for tuples: as JSON has them once they were written."""
    if isinstance(value, dict):
        return [[key, _plain(value[key])] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
