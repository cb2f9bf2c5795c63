"""From the nodes of a description to a file, with all that is wrong.

Entities are found from the root down, and made from the leaves up: nothing here recurses, however
deep sections are nested.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from nixschema.descriptions import dimensions, frames, odml, plain, properties, references, tags
from nixschema.descriptions.arrays import read_array
from nixschema.descriptions.drafts import Draft, Reading, mapping_of, words
from nixschema.descriptions.keys import DIMENSION_WORDS, Key, Kind, keys_of
from nixschema.descriptions.mistakes import decimal_comma, tell_unknown_key
from nixschema.descriptions.remainder import read_extra
from nixschema.layout import layout_of
from nixschema.model import (
    MODELS,
    Container,
    DataFrame,
    File,
    Model,
    Property,
    RangeDimension,
    Reference,
    Refs,
    Section,
)
from nixschema.model.entity import Entity
from nixschema.model.fields import LOADING
from nixschema.model.lookup import find_entity
from nixschema.model.refusal import expectation
from nixschema.model.section import ODML_TYPES
from nixschema.storage.load import RULES_OF_ERRORS
from nixschema.storage.plan import plan_of
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

Reader = Callable[[Reading, Draft, Key, Node], None]

_READERS: dict[Kind, Reader] = {
    Kind.TEXT: plain.read_text,
    Kind.WORD: plain.read_text,
    Kind.TIME: plain.read_time,
    Kind.NUMBER: plain.read_number,
    Kind.INTEGER: plain.read_integer,
    Kind.BOOLEAN: plain.read_boolean,
    Kind.VERSION: plain.read_version,
    Kind.TEXTS: plain.read_texts,
    Kind.NUMBERS: plain.read_numbers,
    Kind.LABELS: plain.read_labels,
    Kind.ARRAY: read_array,
    Kind.INDEX: dimensions.read_index,
    Kind.COLUMN: dimensions.read_column,
    Kind.VALUE: properties.read_value,
    Kind.VALUES: properties.read_values,
    Kind.COLUMNS: frames.read_columns,
    Kind.ROWS: frames.read_rows,
    Kind.DIMENSIONS: dimensions.read_dimensions,
    Kind.FEATURES: tags.read_features,
    Kind.LINK: dimensions.read_link,
    Kind.REFERENCE: references.read_reference,
    Kind.REFERENCES: references.read_references,
    Kind.MARKED: references.read_marked,
    Kind.EXTRA: read_extra,
    Kind.ODML: odml.read_odml,
}

UNTYPED = "n.s."
"""Type of a section that says none, as odML has it."""


def read_nodes(root: Mapping, reading: Reading) -> File:
    """Make a file of a description; what is wrong is in ``reading.faults``."""
    top = Draft(File, root, root)
    reading.stack.append(top)
    while reading.stack:
        draft = reading.stack.pop()
        reading.drafts.append(draft)
        _read(reading, draft)
    for after in reading.in_block:
        after()
    for draft in reversed(reading.drafts):
        _make(reading, draft)
    _connect(reading, top)
    for after in reading.later:
        after()
    for draft in reading.drafts:
        if draft.odml:
            odml.put_overlay(reading, draft)
    assert isinstance(top.made, File)
    return top.made


def _read(reading: Reading, draft: Draft) -> None:
    if issubclass(draft.model, Property) and not isinstance(draft.node, Mapping):
        properties.read_short(reading, draft)
        return
    if not isinstance(draft.node, Mapping):
        if not (isinstance(draft.node, Scalar) and draft.node.is_null):
            mapping_of(reading, draft, "", draft.node, f"the {draft.model.words}")
        return
    keys = keys_of(draft.model)
    if draft.model is Property and properties.is_nested(reading, draft):
        return
    for name, node in draft.node.items.items():
        if name not in draft.node.items:
            continue
        key = keys.get(name)
        if key is None:
            tell_unknown_key(reading, draft, name)
            continue
        if decimal_comma(reading, draft, key, node):
            continue
        if isinstance(node, Scalar) and node.is_null:
            continue
        if key.field:
            draft.nodes[key.field] = node
        reader = _SPECIAL.get((draft.model, name)) or _READERS.get(key.kind)
        if key.kind is Kind.MEMBERS:
            _read_members(reading, draft, key, node)
        elif reader is not None:
            reader(reading, draft, key, node)
    if draft.model is DataFrame:
        frames.finish_frame(reading, draft)
    elif draft.model is Property:
        properties.finish_property(draft)


def _read_allowance(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Whether the description asks to be written with its errors."""
    plain.read_boolean(reading, draft, key, node)
    reading.allow_errors = bool(draft.data.pop(key.field, False))


def _pass_over(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """What is there for editors."""


_SPECIAL: dict[tuple[type[Model], str], Reader] = {
    (File, "$schema"): _pass_over,
    (File, "allow_errors"): _read_allowance,
    (RangeDimension, "alias"): dimensions.read_alias,
    **{(model, "type"): dimensions.read_kind for model in DIMENSION_WORDS.values()},
    **{(model, "name"): plain.read_name for model in MODELS},
}
"""Keys that are read in a way of their own."""


def _read_members(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Entities: name -> entity, or a list of them."""
    kind = key.place.targets[0] if key.place is not None else Model
    found: list[Draft] = []
    if isinstance(node, Mapping):
        for name, item in node.items.items():
            found.append(reading.child(draft, key.field, kind, item, node.keys[name], name))  # type: ignore[arg-type]
    elif isinstance(node, Sequence):
        found += [_listed(reading, draft, key, kind, item) for item in node.items]  # type: ignore[arg-type]
    else:
        message = f"`{key.name}` is {words(node)}; expected a mapping of names"
        help = None
        if isinstance(node, Scalar):
            help = "entities stand below their names: `name: {type: …}`"
        reading.fault(draft, key.field, node, "NIX102", message, help)
        return
    draft.members.setdefault(key.field, [])
    reading.stack.extend(reversed(found))


def _listed(reading: Reading, draft: Draft, key: Key, kind: type[Model], item: Node) -> Draft:
    """An entity that is an item of a list, where it has a `name`."""
    names = item.items if isinstance(item, Mapping) else {}
    told = names.get("name")
    made = reading.child(
        draft, key.field, kind, item, item, told.text if isinstance(told, Scalar) else ""
    )
    if told is not None:
        return made
    reading.leave_open(draft, key.field)
    if isinstance(item, Mapping):
        message = f"a {kind.words} in a list has no `name`"
        help = "give it one"
        first, value = next(iter(names.items()), ("", item))
        is_null = isinstance(value, Scalar) and value.is_null
        if first and first not in keys_of(kind) and (is_null or len(names) == 1):
            help = f"take away the `- ` before `{first}:`; or write `- name: {first}`"
            rest = {name: one for name, one in names.items() if name != first}
            made.name, made.key = first, item.keys[first]
            made.node = Mapping(rest, item.keys, item.line, item.column) if rest else value
        reading.fault(made, "", item, "NIX101", message, help)
    return made


# Making models


def _make(reading: Reading, draft: Draft) -> None:
    data = draft.data
    for field_name, members in draft.members.items():
        made = [one.made for one in members if one.made is not None]
        if field_name == "link":
            data[field_name] = made[0]
        else:
            data[field_name] = _container(made)
    if draft.brought:
        block_arrays = data.get("data_arrays") or _container([])
        data["data_arrays"] = _container([*block_arrays, *(one for one, _ in draft.brought)])

    if draft.model is Section and "type" not in data and "type" not in draft.absent:
        data["type"] = UNTYPED
    data["extra"] = draft.extra
    for name in draft.absent:
        data.pop(name, None)
    if "name" in layout_of(draft.model):
        data.setdefault("name", draft.name)
    draft.made = made_one = _validated(reading, draft)
    for name in draft.absent:
        if name == "name":
            made_one.__pydantic_fields_set__.discard("name")
        else:
            made_one.__dict__[name] = plan_of(draft.model).absent.get(name)
    for field_name, found in draft.references.items():
        value = made_one.__dict__[field_name]
        if isinstance(value, Refs):
            value.items.extend(found)
        elif found:
            made_one.__dict__[field_name] = found[0]


def _container(members: list[Any]) -> Container[Any]:
    made: Container[Any] = Container()
    made._load(members)
    return made


def _validated(reading: Reading, draft: Draft) -> Model:
    """Make the model; what pydantic refuses is a fault, and left out."""
    data = draft.data
    while True:
        try:
            return draft.model.model_validate(data, context=LOADING)
        except ValidationError as error:
            errors = error.errors()
            refused = {str(one["loc"][0]): one for one in reversed(errors) if one["loc"]}
            if not refused.keys() & data.keys():
                refused = {name: errors[0] for name in data if name not in ("extra", "name")}
            if not refused:
                raise
            for name, one in refused.items():
                data.pop(name, None)
                if name not in draft.unsure:
                    _refuse(reading, draft, name, one)


def _refuse(reading: Reading, draft: Draft, name: str, error: Any) -> None:
    node = draft.nodes.get(name) or draft.key
    rule = RULES_OF_ERRORS.get(error["type"], "NIX102")
    expected = expectation(error)
    shown = next((key.name for key in keys_of(draft.model).values() if key.field == name), name)
    if expected is None:
        message = f"`{shown}`: {error['msg'].removeprefix('Value error, ')}"
    else:
        message = f"`{shown}` is {words(node)}; expected {expected}"
    reading.fault(draft, name, node, rule, message, _HELP.get(error["type"]))


_HELP = {
    "uuid_text": "leave it out: each time that the file is written, there is a new one",
    "odml_type": f"there are {', '.join(ODML_TYPES)}",
}
"""What to do about values that fields refuse, by pydantic's error."""


def _connect(reading: Reading, top: Draft) -> None:
    """Give references by id their meaning, and find what is elsewhere."""
    file = top.made
    assert isinstance(file, File)
    for draft, reference in reading.outside:
        made = draft.made
        if made is not None:
            made._place = draft.place
            reference.target = made
    for draft in reading.drafts:
        for found in draft.references.values():
            for reference in found:
                _find_by_id(draft, reference)
    for draft, field_name, reference, node in reading.far:
        target = _anywhere(reading, file, reference.text, draft, field_name)
        if target is None:
            message = f"nothing at `{reference.text}` in the description"
            reading.fault(draft, field_name, node, "NIX701", message)
        reference.target = target


def _find_by_id(draft: Draft, reference: Reference) -> None:
    made = draft.made
    if reference.target is not None or not reference.text.startswith(references.BY_ID):
        return
    kinds = tuple(
        kind
        for name, found in draft.references.items()
        if reference in found
        for kind in layout_of(draft.model)[name].targets
    )
    if reference.resolve(made, kinds) is None:  # type: ignore[arg-type]
        reference.text = reference.text.removeprefix(references.BY_ID)


def _anywhere(
    reading: Reading, file: File, text: str, draft: Draft, field_name: str
) -> Model | None:
    """An entity of another block by its path or id, or one that is elsewhere by its id."""
    kinds = layout_of(draft.model)[field_name].targets
    identifier = text.removeprefix(references.BY_ID)
    for one, _ in reading.outside:
        if isinstance(one.made, Entity) and one.made.id == identifier:
            return one.made
    found = find_entity(file, text)
    if found is None:
        found = next(
            (one for one in file.walk() if isinstance(one, Entity) and one.id == identifier), None
        )
    return found if isinstance(found, kinds) else None
