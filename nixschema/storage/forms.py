"""How a file stores what was read from it, where the writer would store it otherwise."""

from __future__ import annotations

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

_TEXT_BYTES: int = h5t.py_create(UTF8, logical=True).get_size()


def keep_links(extra: Extra, name: str, links: dict[str, NodeLink], usual: tuple[str, ...]) -> None:
    """Keep the order of a group's links where it is not the usual one."""
    order = tuple(links)
    if order != usual:
        extra.formed().links[name] = order


def usual_links(plan: Plan, links: dict[str, NodeLink]) -> tuple[str, ...]:
    """The links that an entity would have when written anew, in their order."""
    if len(links) < 2 and not plan.repeated:
        return tuple(links)
    rank = plan.rank
    last = len(rank)
    usual = sorted(links, key=lambda name: rank.get(name, last))
    for name in plan.repeated:
        first = plan.link_groups[name].name
        if (name in links) != (first in links):
            return ()
    return tuple(usual)


def keep_dataset(extra: Extra, one: FieldPlace, node: Node, values: list[Any]) -> None:
    """Keep where a list's dataset lies when it is not stored as it would be anew."""
    if node.data is None or node.old:
        return
    layout = node.layout
    size = _TEXT_BYTES if node.type is None else _stored_size(node.type)
    chunked_anew = layout.kind == "chunked" and (
        layout.filters
        or layout.fill
        or layout.unwritten
        or layout.chunks != chunk_shape(node.space.shape, size)
    )
    if chunked_anew or node.shared or not _is_usual_type(one, node.type, values):
        extra.formed().datasets[one.name] = placed(node, node.data).source


def _stored_size(stored: StoredType) -> int:
    return _TEXT_BYTES if stored.dtype == object else max(1, stored.dtype.itemsize)


def _is_usual_type(one: FieldPlace, stored: StoredType | None, values: list[Any]) -> bool:
    if stored is None or stored.kind in ("string", "bitfield", "boolean"):
        return True
    if one.field == "values":
        return stored.encoded in _USUAL_NUMBERS
    return bool(stored.encoded == _FLOAT64)
