"""Documents that come through Python's odML library, which damages much of what it writes.

What the library would not read, or could not write again, is written so that it can: dates and
times in their usual form, values that do not fit their type as texts, names that siblings have in
common with a number. This, and what the library changes, is told in the reserved section: each
field that may come back as another one, with a guard for all that may have become of it. Where a
document says one of these, the field is restored; where it says anything else, it was edited.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from nixschema.odml import overlay
from nixschema.odml.resaving import (
    are_kept,
    cardinality_forms,
    in_xml,
    is_kept,
    is_kept_scalar,
    kept_form,
    scalar_forms,
    values_forms,
)
from nixschema.odml.reserved import Facts, digest
from nixschema.odml.writing.losses import is_of_form
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.moments import usual_form

Entity: TypeAlias = Document | Section | Property

_SECTION_TEXTS = ("definition", "reference", "repository", "link", "include")
_SECTION_COUNTS = ("sec_cardinality", "prop_cardinality")
_PROPERTY_TEXTS = ("unit", "definition", "reference", "value_origin", "dependency")
_UNTYPED = "n.s."
_NAMELESS = "unnamed"


def make_lasting(document: Document, entities: Collection[Entity], facts: Facts) -> None:
    """Change a document so that it lasts, and tell what it was and what may become of it.

    Args:
        document: changed in place.
        entities: those of it that facts can be told of: each has an id of its own.
        facts: added to.
    """
    known = {id(one) for one in entities}
    if not known:
        return
    _make_names_last(document.sections, known, facts)
    stack = list(document.sections)
    while stack:
        section = stack.pop()
        _make_names_last(section.sections, known, facts)
        _make_names_last(section.properties, known, facts)
        stack.extend(section.sections)
    for one in entities:
        if isinstance(one, Property):
            _make_property_last(one, facts)
        elif isinstance(one, Section):
            _make_section_last(one, facts)
            _make_dependencies_last(one, known, facts)
        else:
            _make_fields_last(one, facts)


def restored(document: Document, sections: list[Section], facts: Facts) -> Document:
    """A document as it was before it was made to last and came through the library.

    Args:
        document: left as it is.
        sections: of the document, without the reserved one.
        facts: what that says.
    """
    made: Document = _restored(document, facts, sections=list(sections))
    stack: list[Document | Section] = [made]
    while stack:
        owner = stack.pop()
        owner.sections = [
            _restored(one, facts, properties=[_restored(inner, facts) for inner in one.properties])
            for one in owner.sections
        ]
        stack.extend(owner.sections)
    return made


def replaced(one: Entity, facts: Facts) -> Iterator[str]:
    """Fields that were something else before a document was made to last."""
    for name, (guards, value) in facts.saved.get((one.id or "").lower(), {}).items():
        found = digest(_field(one, name))
        if found in guards and found != digest(value):
            yield name


# Restoring


def _restored(one: Any, facts: Facts, **changes: Any) -> Any:
    for name, (guards, value) in facts.saved.get((one.id or "").lower(), {}).items():
        if (name == overlay.VALUES or hasattr(one, name)) and name not in _OTHERS:
            changes |= _restored_field(one, name, guards, value)
    return replace(one, **changes) if changes else one


def _restored_field(one: Entity, name: str, guards: Collection[str], value: Any) -> dict[str, Any]:
    if name == overlay.VALUES and not isinstance(one, Property):
        return {}
    if digest(_field(one, name)) not in guards:
        return {}
    if name != overlay.VALUES:
        found = overlay.fitting(name, value)
        return {} if found is overlay.UNFIT else {name: found}
    if not isinstance(value, dict) or not isinstance(values := value.get("values"), list):
        return {}
    dtype = value.get("dtype")
    if not (dtype is None or isinstance(dtype, str)) or not all(map(overlay.is_value, values)):
        return {}
    return {"dtype": dtype, "values": values}


_OTHERS = ("sections", "properties", "place", "format_version", "dtype")
"""Fields that no fact is about."""


def _field(one: Entity, name: str) -> Any:
    if name == overlay.VALUES and isinstance(one, Property):
        return _said(one.dtype, one.values)
    found = getattr(one, name, None)
    return list(found) if isinstance(found, tuple) else found


def _said(dtype: str | None, values: list[Any]) -> dict[str, Any]:
    return {"dtype": dtype, "values": values}


# Telling


def _tell(one: Entity, name: str, value: Any, forms: Iterable[Any], facts: Facts) -> None:
    """Tell a field, where it may become something else."""
    own = digest(value)
    guards = tuple(dict.fromkeys(found for form in forms if (found := digest(form)) != own))
    if guards and one.id is not None:
        facts.saved.setdefault(one.id.lower(), {})[name] = (guards, value)


def _make_fields_last(one: Document, facts: Facts) -> None:
    _make_texts_last(one, ("repository",), facts)
    _make_scalars_last(one, ("author", "version"), facts)
    if one.date is not None and not is_of_form("date", one.date):
        found = usual_form("date", one.date)
        found = found if found is not None and is_of_form("date", found) else None
        _tell(one, "date", one.date, (found,), facts)
        one.date = found


def _make_section_last(one: Section, facts: Facts) -> None:
    _make_texts_last(one, _SECTION_TEXTS, facts)
    _make_counts_last(one, _SECTION_COUNTS, facts)
    if one.type is None or not is_kept(one.type):
        natural = one.type
        one.type = natural if natural is not None and in_xml(natural).strip() else _UNTYPED
        _tell(one, "type", natural, (one.type, *scalar_forms(one.type)), facts)


def _make_dependencies_last(section: Section, known: Collection[int], facts: Facts) -> None:
    """Leave out names of properties that sections have: the library fails to save them."""
    if not section.sections:
        return
    inner = {one.name.strip() for one in section.sections}
    for one in section.properties:
        if one.dependency is not None and one.dependency.strip() in inner and id(one) in known:
            _tell(one, "dependency", one.dependency, (None,), facts)
            one.dependency = None


def _make_property_last(one: Property, facts: Facts) -> None:
    _make_texts_last(one, _PROPERTY_TEXTS, facts)
    _make_counts_last(one, ("val_cardinality",), facts)
    _make_scalars_last(one, ("dependency_value",), facts)
    if one.uncertainty is not None:
        forms = scalar_forms(one.uncertainty, is_number=True)
        _tell(one, "uncertainty", one.uncertainty, forms, facts)
    if are_kept(one):
        return
    natural = _said(one.dtype, list(one.values))
    one.dtype, one.values = kept_form(one)
    known = ((one.dtype, one.values), *values_forms(one))
    _tell(one, overlay.VALUES, natural, (_said(*form) for form in known), facts)


def _make_scalars_last(one: Document | Property, names: tuple[str, ...], facts: Facts) -> None:
    for name in names:
        value = getattr(one, name)
        if value is not None and not (isinstance(value, str) and is_kept_scalar(value)):
            _tell(one, name, value, scalar_forms(value), facts)


def _make_texts_last(one: Entity, names: tuple[str, ...], facts: Facts) -> None:
    for name in names:
        text = getattr(one, name)
        if text is not None and not is_kept(text):
            _tell(one, name, text, scalar_forms(text), facts)
    if one.id is not None and one.id != (lower := one.id.lower()):
        _tell(one, "id", one.id, (lower,), facts)


def _make_counts_last(one: Section | Property, names: tuple[str, ...], facts: Facts) -> None:
    for name in names:
        pair = getattr(one, name)
        if pair is not None:
            forms = (list(form) if form is not None else None for form in cardinality_forms(pair))
            _tell(one, name, list(pair), forms, facts)


def _make_names_last(
    members: list[Section] | list[Property], known: Collection[int], facts: Facts
) -> None:
    """Tell names that XML changes, and give those that become the same a number."""
    if all(is_kept(one.name) for one in members):
        return
    taken = {in_xml(one.name).strip() for one in members if _is_settled(one, known)}
    numbers: dict[str, int] = {}
    for one in members:
        if _is_settled(one, known):
            continue
        natural = one.name
        if not in_xml(natural).strip():
            one.name = _NAMELESS
        plain = in_xml(one.name).strip()
        number = numbers.get(plain, 1)
        while in_xml(one.name).strip() in taken:
            number += 1
            one.name = f"{plain}-{number}"
        numbers[plain] = number
        taken.add(in_xml(one.name).strip())
        _tell(one, "name", natural, (one.name, in_xml(one.name).strip()), facts)


def _is_settled(one: Section | Property, known: Collection[int]) -> bool:
    """Whether a name stays as it is, whatever becomes of it."""
    return is_kept(one.name) or id(one) not in known
