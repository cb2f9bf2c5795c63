"""Old layouts of the NIX format, brought up to date in a tree.

Decided by what is there, not by the version: files of one version exist in both layouts.

* Properties used to be records of value, uncertainty, reference, file name, encoder and checksum
  (format 1.0 to 1.1). Values stay where they were; uncertainty and reference become fields of the
  property where all values share one; what else there is becomes properties beside it, named
  ``age.filename`` and so on.
* Alias dimensions were a bare hard link to the array whose values are the ticks (format 1.0 to 1.2
  of the C++ library). They become a dimension link.

Booleans as bits (format 1.0) are a matter of their type alone, see `nixschema.storage.types`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from h5py import h5t

from nixschema.array import Array, MemorySource, StoredType
from nixschema.model.extra import Space
from nixschema.storage.tree import Node, NodeAttribute, NodeLink, Tree
from nixschema.storage.types import Types, decode_all

OLD_PROPERTY = "property values as records"
"""Mark of a property in the old layout."""

OLD_ALIAS = "alias dimension"
"""Mark of a dimension link made from an alias dimension."""

LARGEST_OLD_PROPERTY = 1_000_000
"""Old properties of more values are left as they are."""

_TEXT_PARTS = ("reference", "filename", "encoder", "checksum")


def upgrade(tree: Tree) -> None:
    """Bring all old layouts in a tree up to date."""
    for node in list(tree.nodes.values()):
        if node.kind == "dataset" and node.parent is not None and node.parent.name == "properties":
            _upgrade_property(tree, node)
        elif "dimension_type" in node.attributes:
            _upgrade_alias(node)


def _upgrade_alias(node: Node) -> None:
    if node.attributes["dimension_type"].text != "range" or node.kind != "group":
        return
    if "ticks" in node.links or "link" in node.links:
        return
    for name, link in node.links.items():
        if link.kind == "hard" and link.target.kind == "group":
            node.old = OLD_ALIAS
            made = Node(-1 - node.address, node, "link", kind="group")
            made.attributes["data_object_type"] = _text("DataArray")
            made.attributes["index"] = NodeAttribute(
                np.array([-1]), None, Space("simple", (1,), (1,))
            )
            made.links[name] = link
            made.present = {"alias": True}
            node.links = {
                **{other: known for other, known in node.links.items() if other != name},
                "link": NodeLink("hard", made, link.order),
            }
            return


def _upgrade_property(tree: Tree, node: Node) -> None:
    stored = node.type
    if stored is None or stored.kind != "compound" or node.data is None or node.data.ndim != 1:
        return
    if "value" not in (stored.dtype.names or ()) or node.data.size > LARGEST_OLD_PROPERTY:
        return
    try:
        records = _records(node)
        value_type = _member_type(stored, "value")
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        node.fault = " ".join(str(error).split())[:200] or type(error).__name__
        return
    node.old = OLD_PROPERTY
    node.type = value_type
    node.data = Array(MemorySource(_column(records, "value", value_type)))
    node.present = {}
    beside: dict[str, Any] = {}
    if "uncertainty" in records.dtype.names:
        uncertainties = np.asarray(records["uncertainty"], dtype=float)
        _share(node.present, beside, "uncertainty", uncertainties, uncertainties != 0)
    for part in _TEXT_PARTS:
        if part in records.dtype.names:
            texts = decode_all(np.asarray(records[part], dtype=object))
            target = node.present if part == "reference" else {}
            _share(target, beside, part, texts, texts != "")
            if part in target and part != "reference":
                beside[part] = texts
    for part, values in beside.items():
        _add_beside(node, part, values)


def _records(node: Node) -> Any:
    assert node.data is not None
    source: Any = node.data.source
    source.place = source.place or node.path
    return node.data.read()


def _share(
    fields: dict[str, Any], beside: dict[str, Any], part: str, values: Any, given: Any
) -> None:
    """Put a part where it belongs: one value for all is a field, several stand beside."""
    if not given.any():
        return
    distinct = {str(value) for value in values}
    if len(distinct) == 1 and part in ("uncertainty", "reference"):
        fields[part] = values[0].item() if isinstance(values[0], np.generic) else values[0]
    else:
        beside[part] = values


def _add_beside(node: Node, part: str, values: Any) -> None:
    parent = node.parent
    assert parent is not None
    name = f"{node.name}.{part}"
    while name in parent.links:
        name += "_"
    made = Node(-1 - len(parent.links) - 2 * node.address, parent, name, kind="dataset")
    made.old = OLD_PROPERTY
    made.data = Array(MemorySource(values))
    made.space = Space("simple", values.shape, (None,))
    given_id = node.attributes.get("entity_id")
    seed = f"{given_id.value if given_id is not None else node.path}/{part}"
    made.attributes = {
        key: node.attributes[key] for key in ("created_at", "updated_at") if key in node.attributes
    }
    made.attributes["name"] = _text(name)
    made.attributes["entity_id"] = _text(str(uuid5(NAMESPACE_URL, seed)))
    links = list(parent.links.items())
    position = next(i for i, (_, link) in enumerate(links) if link.target is node) + 1
    while position < len(links) and links[position][0].startswith(f"{node.name}."):
        position += 1
    links.insert(position, (name, NodeLink("hard", made, None)))
    parent.links = dict(links)


def _column(records: Any, name: str, stored: StoredType) -> Any:
    values = records[name]
    if stored.kind == "bitfield":
        return np.asarray(values).astype(bool)
    if stored.kind == "string":
        return decode_all(np.asarray(values, dtype=object))
    return np.ascontiguousarray(values)


def _member_type(stored: StoredType, name: str) -> StoredType:
    compound = h5t.decode(stored.encoded)
    for number in _numbers(compound):
        if compound.get_member_name(number) == name.encode():
            return Types().of(compound.get_member_type(number)).stored
    raise ValueError(f"records without {name}")


def _numbers(compound: Any) -> Iterator[int]:
    return iter(range(compound.get_nmembers()))


def _text(text: str) -> NodeAttribute:
    return NodeAttribute(text, None, Space("scalar"))
