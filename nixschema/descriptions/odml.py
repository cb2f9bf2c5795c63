"""What odML says of an entity beyond NIX, as the key ``odml``; both ways.

NIX keeps it as the overlay of the entity: guards and values in one attribute. A description says
the values alone, as the native fields that they are guarded by stand beside them. An overlay that
would not come back exactly, as it is damaged or a field was changed since, stays an attribute.

The fields of a document are properties of its section in NIX. They stand below ``odml`` of that
section, or at the top of a description, which makes the section.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import ODML_KEYS, Key, Kind
from nixschema.descriptions.mistakes import meant
from nixschema.descriptions.properties import is_tuple_type, tuple_type
from nixschema.model import File, Property, Section
from nixschema.model.extra import Extra
from nixschema.model.fields import now, time_as_text
from nixschema.odml import native, overlay
from nixschema.odml.mapping import mapping
from nixschema.odml.reading.typed import is_date, typing_of
from nixschema.odml.to_nix import IMPORTED, document_overlay, document_properties
from nixschema.odml_model import document as odml
from nixschema.text.emit import Flow
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence
from nixschema.text.scalars import Reason, core_value, integer_of, time_of

_DOCUMENT = ("author", "version", "repository", "date")
"""Fields of a document that are properties of its section."""

_LARGEST: int = 10**399
"""Whole numbers of more digits are taken for texts."""

_LONGEST_LINE = 80

_UNKNOWN: Any = object()


# From nodes to overlays


def read_odml(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """What odML says of a document, a section or a property."""
    if not isinstance(node, Mapping):
        message = f"`odml` is {words(node)}; expected a mapping of keys"
        help = f"there are {', '.join(ODML_KEYS[_kind(draft)])}"
        reading.fault(draft, "odml", node, "NIX102", message, help)
        return
    if draft.model is File:
        _begin_document(reading, draft, node)
        return
    kind = _kind(draft)
    for name, item in node.items.items():
        known = ODML_KEYS[kind].get(name)
        if known is None:
            _tell_unknown(reading, draft, kind, name, node.keys[name])
            continue
        value = _read(reading, draft, name, known, item)
        if value is not _UNKNOWN:
            draft.odml[name] = value
    if kind == "document":
        reading.in_block.append(lambda: _add_properties(reading, draft))
    elif kind == "property" and (dtype := tuple_type(draft)):
        for name in ("dtype", "values"):
            if name in node.items:
                message = f"`{name}` below `odml`, and the `dtype` `{dtype}` beside it"
                help = "keep one of them"
                reading.fault(draft, "odml", node.keys[name], "NIX133", message, help)
                draft.odml.pop(name, None)


def put_overlay(reading: Reading, draft: Draft) -> None:
    """Give an entity that was made its overlay."""
    made = draft.made
    if not isinstance(made, Section | Property):
        return
    if mapping().attribute in made.extra.attributes:
        here = draft.node.keys.get("odml") if isinstance(draft.node, Mapping) else None
        message = "`odml`, and the attribute `odml` below `extra`, which is the same"
        reading.fault(draft, "odml", here or draft.key, "NIX133", message, "keep one of them")
        return
    overlay.put(made.extra, _overlay(made, draft.odml, is_document=_kind(draft) == "document"))


def _kind(draft: Draft) -> str:
    """What `odml` of an entity is about."""
    if draft.model is File or _is_document(draft):
        return "document"
    return draft.model.words


def _is_document(draft: Draft) -> bool:
    if draft.model is not Section or not isinstance(draft.node, Mapping):
        return False
    told = draft.node.items.get("type")
    return isinstance(told, Scalar) and mapping().is_document(draft.name, told.text)


def _begin_document(reading: Reading, draft: Draft, node: Mapping) -> None:
    """A section of a document, for what the top of a description says."""
    assert isinstance(draft.node, Mapping)
    here = draft.node.keys["odml"]
    kind = Scalar(mapping().document_type, False, here.line, here.column)
    said = Mapping({"type": kind, "odml": node}, {"type": here, "odml": here}, here.line)
    made = reading.child(draft, "metadata", Section, said, here, mapping().document_name)
    reading.stack.append(made)

    def place() -> None:
        members = [one for one in draft.members["metadata"] if one is not made]
        draft.members["metadata"] = [made, *members]
        if any(map(_is_document, members)):
            draft.members["metadata"] = members
            message = "`odml` at the top, and a section that is a document"
            help = "say what there is to say of the document below `odml` of that section"
            reading.fault(draft, "odml", here, "NIX133", message, help)

    reading.in_block.append(place)


def _add_properties(reading: Reading, draft: Draft) -> None:
    """The properties that a document's section has for the fields of the document."""
    data = draft.data
    if "id" not in draft.absent:
        data.setdefault("id", str(uuid4()))
    times = [name for name in ("created_at", "updated_at") if name not in draft.absent]
    for name in times:
        data.setdefault(name, data.get("created_at") or now())
    section_id = native.native_id(data.get("id")) or str(uuid4())
    known = draft.members.setdefault("properties", [])
    names = {one.name for one in known}
    made: list[Draft] = []
    assert isinstance(draft.node, Mapping)
    said = draft.node.items["odml"]
    assert isinstance(said, Mapping)
    fields = {one.nix: one.field for one in mapping().of_kind("document", "scalar", "text")}
    for one in document_properties(_document(draft.odml, None), section_id):
        field = fields[one["name"]]
        here = said.keys[field]
        if one["name"] in names:
            message = f"`{field}` below `odml`, and the property `{one['name']}`, which is the same"
            reading.fault(draft, "odml", here, "NIX133", message, "keep one of them")
            continue
        item = Draft(Property, said.items[field], here, one["name"], draft, "properties")
        item.absent += [name for name in ("created_at", "updated_at") if name in draft.absent]
        item.data = {**one, **{name: data[name] for name in times}}
        made.append(item)
    draft.members["properties"] = [*made, *known]
    reading.drafts += made


def _read(reading: Reading, draft: Draft, name: str, kind: Kind, node: Node) -> Any:
    """The value of one key; `_UNKNOWN` and a fault where it is none."""
    if isinstance(node, Scalar) and node.is_null:
        return _UNKNOWN if kind is Kind.TIME else None
    found: Any = None
    if kind is Kind.CARDINALITY:
        found = _cardinality(node)
    elif kind is Kind.VALUES:
        found = _values(node)
    elif not isinstance(node, Scalar):
        found = Reason(f"{words(node)}; expected {'a time' if kind is Kind.TIME else 'a text'}")
    elif kind is Kind.TIME:
        moment = time_of(node)
        if isinstance(moment, Reason):
            reading.refuse(draft, "odml", node, moment)
            return _UNKNOWN
        return moment
    elif kind is Kind.SCALAR:
        return core_value(node)
    elif name == "date" and not is_date(node.text):
        found = Reason(f"{words(node)}; expected a date", "write it as `2021-03-04`")
    else:
        return node.text
    if isinstance(found, Reason):
        message = f"`{name}` is {found.message}"
        reading.fault(draft, "odml", node, "NIX102", message, found.help)
        return _UNKNOWN
    return found


def _cardinality(node: Node) -> odml.Cardinality | Reason:
    """At least and at most: ``[1, 3]``, ``[1, ]``; a number alone is at most."""
    help = "write `[1, 3]` for one to three, `[1, null]` for at least one, `3` for at most three"
    refused = Reason(f"{words(node)}; expected at least and at most", help)
    if isinstance(node, Scalar):
        most = integer_of(node)
        return refused if isinstance(most, Reason) or most < 0 else (None, most)
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return refused
    bounds: list[int | None] = []
    for one in node.items:
        found = None if not isinstance(one, Scalar) or one.is_null else integer_of(one)
        is_bound = isinstance(one, Scalar) and not isinstance(found, Reason)
        if not is_bound or (isinstance(found, int) and found < 0):
            return Reason(f"a list with {words(one)}; expected at least and at most", help)
        bounds.append(found if isinstance(found, int) else None)
    known = [one for one in bounds if one is not None]
    if known != sorted(known):
        message = f"at least {known[0]} and at most {known[1]}; expected the lower number first"
        return Reason(message, help)
    return bounds[0], bounds[1]


def _values(node: Node) -> list[odml.Value] | Reason:
    """Values of any kinds; a tuple is a list of texts."""
    values: list[odml.Value] = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(item, Scalar):
            values.append(core_value(item))
            continue
        parts = item.items if isinstance(item, Sequence) else ()
        texts = tuple(one.text for one in parts if isinstance(one, Scalar))
        if not isinstance(item, Sequence) or len(texts) != len(parts):
            return Reason(f"a list with {words(item)}; expected texts, numbers, booleans or tuples")
        values.append(texts)
    return values


def _tell_unknown(reading: Reading, draft: Draft, kind: str, name: str, here: Node) -> None:
    known = list(ODML_KEYS[kind])
    message = f"no key `{name}` in `odml` of a {kind}"
    word = meant(name, known)
    if word:
        reading.fault(draft, "odml", here, "NIX131", f"{message}: did you mean `{word}`?")
        return
    others = [f"a {one}" for one, keys in ODML_KEYS.items() if name in keys]
    help = f"there are {', '.join(known)}"
    if others:
        help = f"it is a key of {' and '.join(others)}; {help}"
    reading.fault(draft, "odml", here, "NIX131", message, help)


# From overlays to trees


@dataclass(frozen=True, slots=True)
class Told:
    """What a description says for an overlay."""

    tree: Any = None
    """What stands at the key ``odml``."""
    dtype: str | None = None
    """The type of values that are tuples."""
    has_properties: bool = False
    """Whether the properties of the section are told, as fields of its document."""
    extra: Extra | None = None
    """The remainder without the attribute, where that is told."""


NOTHING = Told()


def told(model: Section | Property, *, plain: bool = False, is_json: bool = False) -> Told:
    """What a description says for the overlay of an entity.

    Args:
        model: the entity.
        plain: leave out ids and times.
        is_json: whether it is for JSON, which has no numbers that are not finite.
    """
    stored = model.extra.attributes.get(mapping().attribute)
    is_document = isinstance(model, Section) and mapping().is_document(model.name, model.type)
    if stored is None and not is_document:
        return NOTHING
    fields = overlay.fields_of(model.extra) or {}
    if stored is not None and not fields:
        return NOTHING
    order = ODML_KEYS["document" if is_document else model.words]
    said = dict(_said(model, fields))
    texts = None
    if is_document:
        assert isinstance(model, Section)
        texts = _told_properties(model, fields, plain=plain)
    if texts is not None:
        said |= texts
    elif is_document:
        order = {name: kind for name, kind in order.items() if name not in _DOCUMENT}
    odd = [name for name, one in said.items() if not _fits(name, order.get(name), one, is_json)]
    if odd and not plain:
        return NOTHING
    said = {name: one for name, one in said.items() if name not in odd}
    made = _overlay(model, said, is_document=is_document)
    if plain:
        kept = {name for name, pair in made.items() if _is_exact(name, pair, fields)}
        kept |= {"dtype", "values"} if overlay.VALUES in kept else set()
        kept |= set(_DOCUMENT) if texts is not None else set()
        said = {name: one for name, one in said.items() if name in kept and name != "id"}
    elif stored is not None and not (
        next(reversed(model.extra.attributes)) == mapping().attribute
        and stored == overlay.text_attribute(overlay.text_of(made))
    ):
        return NOTHING
    dtype = None
    if isinstance(model, Property) and _are_tuples(model, said):
        dtype = said.pop("dtype")
        said.pop("values", None)
    tree = {name: _tree(said[name]) for name in order if name in said}
    extra = Extra(
        {name: one for name, one in model.extra.attributes.items() if one is not stored},
        model.extra.members,
        model.extra.link,
    )
    return Told(_short(tree), dtype, texts is not None, extra)


def _overlay(
    model: Section | Property, said: dict[str, Any], *, is_document: bool
) -> dict[str, tuple[Any, Any]]:
    """The overlay that says of an entity what is said, as it is now."""
    data = model.__dict__
    if isinstance(model, Property):
        return overlay.differing(native.property_reading(data), said)
    if is_document:
        document = _document(said, model.id)
        fields = document_overlay(document, model.id)
        if said.get("imported_at") is not None:
            fields[IMPORTED] = (time_as_text(said["imported_at"]), None)
        return fields
    fields = {}
    if said.get("link") is not None:
        reference = data["link"]
        target = reference.resolve(model, (Section,)) if reference is not None else None
        fields["link"] = (getattr(target, "id", None), said["link"])
    return fields | overlay.differing(native.section_reading(data), said)


def _document(said: dict[str, Any], id: str | None) -> odml.Document:
    fields: dict[str, Any] = {name: said.get(name) for name in _DOCUMENT}
    return odml.Document(id=said.get("id", id), **fields)


def _told_properties(
    section: Section, fields: dict[str, tuple[Any, Any]], *, plain: bool
) -> dict[str, str] | None:
    """The fields of a document, where its section has properties for them and no others."""
    said: dict[str, str] = {}
    for field in mapping().of_kind("document", "scalar", "text"):
        found = section.properties.by_name(field.nix)
        if found is None:
            continue
        text = fields[field.field][1] if field.field in fields else found.value
        if not isinstance(text, str) or (field.field == "date" and not is_date(text)):
            return None
        said[field.field] = text
    wanted = document_properties(_document(said, section.id), section.id) if section.id else []
    times = {"created_at": section.created_at, "updated_at": section.updated_at}
    known = [{**one, **times} for one in wanted]
    left = ("id", *times) if plain else ()
    if len(known) != len(section.properties):
        return None
    for one, data in zip(section.properties, known, strict=True):
        if one.extra or any(
            value != data.get(name)
            for name, value in one.__dict__.items()
            if name not in ("extra", *left)
        ):
            return None
    return said


def _said(
    model: Section | Property, fields: dict[str, tuple[Any, Any]]
) -> Iterator[tuple[str, Any]]:
    for name, (guard, value) in fields.items():
        if name == overlay.VALUES and isinstance(model, Property) and isinstance(value, dict):
            if value.get("dtype") != native.property_reading(model.__dict__)["dtype"]:
                yield "dtype", value.get("dtype")
            if "values" in value:
                yield "values", value["values"]
        elif name == IMPORTED:
            found = time_of(Scalar(guard, True)) if isinstance(guard, str) else None
            yield "imported_at", found if isinstance(found, datetime) else None
        elif name.endswith("cardinality") and isinstance(value, list):
            yield name, tuple(value)
        else:
            yield name, value


def _is_exact(name: str, pair: tuple[Any, Any], fields: dict[str, tuple[Any, Any]]) -> bool:
    if name not in fields:
        return False
    return overlay.text_of({name: pair}) == overlay.text_of({name: fields[name]})


def _are_tuples(model: Property, said: dict[str, Any]) -> bool:
    """Whether values come back from texts as the tuples that they are."""
    dtype, values = said.get("dtype"), said.get("values", [])
    if model.dtype is not None or model.storage is not None:
        return False
    if not isinstance(dtype, str) or not is_tuple_type(dtype) or len(values) != len(model.values):
        return False
    typing = typing_of(dtype)
    assert typing is not None
    return all(
        isinstance(text, str) and typing(text) == value and native.native_text(value) == text
        for text, value in zip(model.values, values, strict=True)
    )


def _tree(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    if isinstance(value, tuple | list):
        return [list(one) if isinstance(one, tuple) else one for one in value]
    return value


def _fits(name: str, kind: Kind | None, value: Any, is_json: bool) -> bool:
    """Whether what an overlay says of a field is said by a key, and comes back from it."""
    match kind:
        case Kind.TEXT if name == "date":
            return isinstance(value, str) and is_date(value)
        case Kind.TEXT:
            return value is None or isinstance(value, str)
        case Kind.TIME:
            return isinstance(value, datetime)
        case Kind.CARDINALITY:
            return value is None or _is_cardinality(value)
        case Kind.SCALAR:
            return value is None or _is_sayable(value, is_json)
        case Kind.VALUES:
            return isinstance(value, list) and all(
                all(isinstance(part, str) for part in one)
                if isinstance(one, tuple)
                else _is_sayable(one, is_json)
                for one in value
            )
    return False


def _is_cardinality(value: Any) -> bool:
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    known = [one for one in value if one is not None]
    if not all(type(one) is int and one >= 0 for one in known):
        return False
    return known in (sorted(known), [])


def _is_sayable(value: Any, is_json: bool) -> bool:
    """Whether a value is read as it is from its text."""
    if isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return isinstance(value, float) and (not is_json or math.isfinite(value))


def _short(tree: dict[str, Any]) -> Any:
    """A tree within brackets, where it is of few words."""
    if not tree:
        return None
    texts = [one for one in tree.values() if isinstance(one, str)]
    length = sum(map(len, texts)) + sum(map(len, tree))
    if length <= _LONGEST_LINE and not any("\n" in one for one in texts):
        return Flow(tree)
    return {name: Flow(one) if isinstance(one, list) else one for name, one in tree.items()}
