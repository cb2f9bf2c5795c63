"""How a file stores what was read from it, where the writer would store it otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from h5py import h5t

from nixschema.array import StoredType
from nixschema.layout import FieldPlace
from nixschema.model import Extra
from nixschema.storage.chunks import chunk_shape
from nixschema.storage.plain import placed
from nixschema.storage.plan import Plan
from nixschema.storage.tree import Node, NodeLink
from nixschema.storage.types import UTF8

_USUAL_NUMBERS = frozenset(
    type_id.encode()
    for type_id in (
        *(h5t.STD_I8LE, h5t.STD_I16LE, h5t.STD_I32LE, h5t.STD_I64LE),
        *(h5t.STD_U8LE, h5t.STD_U16LE, h5t.STD_U32LE, h5t.STD_U64LE),
        *(h5t.STD_I16BE, h5t.STD_I32BE, h5t.STD_I64BE),
        *(h5t.STD_U16BE, h5t.STD_U32BE, h5t.STD_U64BE),
        *(h5t.IEEE_F16LE, h5t.IEEE_F32LE, h5t.IEEE_F64LE),
        *(h5t.IEEE_F16BE, h5t.IEEE_F32BE, h5t.IEEE_F64BE),
    )
)
"""Types of numbers that a property tells by name."""

_FLOAT64 = h5t.IEEE_F64LE.encode()

_LAST = 1_000
"""Rank of links that no field claims."""

_TEXT_BYTES: int = h5t.py_create(UTF8, logical=True).get_size()


def keep_order(extra: Extra, name: str, links: Iterable[str], usual: Iterable[str] = ()) -> None:
    """Keep the order of a group's links where it is not the usual one."""
    order = tuple(links)
    if order != tuple(usual):
        extra.formed().links[name] = order


def keep_own_order(extra: Extra, plan: Plan, links: dict[str, NodeLink]) -> None:
    """Keep the order of an entity's links where it is not that of the fields."""
    if len(links) > 1 or plan.repeated:
        ranks = [plan.rank.get(name, _LAST) for name in links]
        if ranks != sorted(ranks) or _one_of_two(plan, links):
            extra.formed().links[""] = tuple(links)


def _one_of_two(plan: Plan, links: dict[str, NodeLink]) -> bool:
    """Whether an entity has only one of two groups that say the same."""
    return any((name in links) != (plan.link_groups[name].name in links) for name in plan.repeated)


def keep_dataset(extra: Extra, one: FieldPlace, node: Node, values: list[Any]) -> None:
    """Keep where a list's dataset lies when it is not stored as it would be anew."""
    if node.data is None or node.old:
        return
    usual = _is_usual_layout(node) and _is_usual_type(one, node.type, values)
    if node.shared or not usual:
        extra.formed().datasets[one.name] = placed(node, node.data).source


def _is_usual_layout(node: Node) -> bool:
    layout = node.layout
    if layout.kind != "chunked":
        return True
    if layout.filters or layout.fill or layout.unwritten:
        return False
    if node.type is None or node.type.dtype == object:
        size = _TEXT_BYTES
    else:
        size = max(1, node.type.dtype.itemsize)
    return layout.chunks == chunk_shape(node.space.shape, size)


def _is_usual_type(one: FieldPlace, stored: StoredType | None, values: list[Any]) -> bool:
    if stored is None or stored.kind in ("string", "bitfield", "boolean"):
        return True
    if one.field == "values":
        return stored.encoded in _USUAL_NUMBERS
    return bool(stored.encoded == _FLOAT64)
