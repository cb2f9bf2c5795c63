"""Keys that name other entities: a name or a path, or ``id:…``; what is elsewhere stands there."""

from __future__ import annotations

from nixschema.descriptions.arrays import values_of
from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key
from nixschema.layout import FieldPlace, layout_of
from nixschema.model import DataArray, DataFrame, Model, Reference
from nixschema.model.numbers import array_of_numbers
from nixschema.model.refusal import kind_words
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

BY_ID = "id:"
"""What a reference by id begins with."""


def read_reference(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """A reference to one entity."""
    reference = reference_of(reading, draft, key.field, node)
    if reference is not None:
        draft.references[key.field] = [reference]


def read_references(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """References to several entities; one name is a list of one."""
    if isinstance(node, Mapping) and not _is_reference(node):
        words_ = kind_words(_place(draft, key.field).targets)
        reading.fault(
            draft,
            key.field,
            node,
            "NIX102",
            f"`{key.name}` is a mapping; expected names of {words_}s",
            _NAMED,
        )
        return
    found = [
        reference_of(reading, draft, key.field, item)
        for item in (node.items if isinstance(node, Sequence) else [node])
    ]
    draft.references[key.field] = [one for one in found if one is not None]


def read_marked(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """The name of an array, or its values: they become an array of their own in the block."""
    if isinstance(node, Scalar) or (isinstance(node, Mapping) and _is_reference(node)):
        read_reference(reading, draft, key, node)
        return
    reading.in_block.append(lambda: _make_array(reading, draft, key, node))


def _make_array(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    unit = node.items.get("unit") if isinstance(node, Mapping) else None
    values = values_of(reading, draft, key.field, node, also=("unit",))
    block = draft.block
    if values is None or block is None:
        return
    try:
        units = draft.data.get("units")
        made = array_of_numbers(
            draft.name, draft.data.get("type"), key.field, values, list(units or ())
        )
    except ValueError as error:
        reading.fault(draft, key.field, node, "NIX102", str(error))
        return
    if isinstance(unit, Scalar):
        made.unit = None if unit.is_null else unit.text
    block.brought.append((made, node))
    draft.references[key.field] = [Reference(target=made)]


def reference_of(reading: Reading, draft: Draft, field_name: str, node: Node) -> Reference | None:
    """A reference as it is written, or None and a fault."""
    if isinstance(node, Scalar) and not node.is_null and node.text:
        return Reference(text=node.text)
    if isinstance(node, Mapping) and _is_reference(node):
        return _mapped(reading, draft, field_name, node)
    kinds = kind_words(_place(draft, field_name).targets)
    message = f"`{field_name}` is {words(node)}; expected the name of a {kinds}"
    help = _NAMED if isinstance(node, Mapping) else None
    reading.fault(draft, field_name, node, "NIX102", message, help)
    return None


_NAMED = "define it in the block, and write its name here"

_KEYS = ("elsewhere", "name", "link")


def _is_reference(node: Mapping) -> bool:
    return bool(node.items) and all(name in _KEYS for name in node.items)


def _mapped(reading: Reading, draft: Draft, field_name: str, node: Mapping) -> Reference | None:
    """``{elsewhere: …}``, or a name together with the name that its link has in the file."""
    link = node.items.get("link")
    name = node.items.get("name")
    reference = Reference(link=link.text if isinstance(link, Scalar) else None)
    elsewhere = node.items.get("elsewhere")
    if isinstance(name, Scalar):
        reference.text = name.text
    elif isinstance(elsewhere, Scalar):
        reference.text = elsewhere.text
        reading.far.append((draft, field_name, reference, elsewhere))
    elif isinstance(elsewhere, Mapping):
        kinds = _place(draft, field_name).targets
        kind = _kind_of(elsewhere, kinds)  # type: ignore[arg-type]
        place = draft.part(field_name)
        made = Draft(kind, elsewhere, elsewhere, place=place.strip("/"))
        reading.stack.append(made)
        reading.outside.append((made, reference))
    else:
        message = f"`{field_name}` names nothing; expected `name`, or the entity as `elsewhere`"
        reading.fault(draft, field_name, node, "NIX102", message)
        return None
    return reference


def _kind_of(node: Mapping, kinds: tuple[type[Model], ...]) -> type[Model]:
    if len(kinds) == 1:
        return kinds[0]
    is_frame = "columns" in node.items or "rows" in node.items
    return DataFrame if is_frame else DataArray


def _place(draft: Draft, field_name: str) -> FieldPlace:
    return layout_of(draft.model)[field_name]
