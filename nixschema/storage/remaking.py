"""Put another dataset in the place of one, wherever links lead to it.

What is in use in a file stays as it is until a new root group takes the place of the old one. So
every group from which a link leads towards the dataset is made anew, with the same links,
attributes and order, and all else is linked from there as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from h5py import h5a, h5g, h5l, h5o

from nixschema.storage.copying import Copier
from nixschema.storage.names import name_bytes
from nixschema.storage.references import copy_references, has_references


class _Link(NamedTuple):
    name: bytes
    kind: int
    address: Any
    order: int


class _Group(NamedTuple):
    id: Any
    links: list[_Link]


def remade(file_id: Any, place: str, check: Callable[[], None]) -> Any:
    """A new root group for a file in which a dataset is stored in chunks, and can grow.

    Args:
        file_id: the file.
        place: path of the dataset.
        check: raises when writing has failed.

    Raises:
        OSError: the values cannot be read, or not be stored so.
    """
    old = h5o.open(file_id, name_bytes(place))
    groups = _groups(file_id)
    address = h5o.get_info(old).addr
    copier = Copier(check)
    made = {address: copier.copy(old, file_id, None)}
    leading = _leading_to(address, groups)
    for group in leading:
        plist = groups[group].id.get_create_plist()
        made[group] = h5g.create(file_id, None, gcpl=plist)
    root = made[h5o.get_info(h5g.open(file_id, b"/")).addr]
    for group in leading:
        _link(groups[group], made, made[group])
        check()
    for known, new in made.items():
        _copy_attributes(old if known == address else groups[known].id, new, root)
        check()
    return root


def _groups(file_id: Any) -> dict[int, _Group]:
    """All groups by address, with their links in order of creation or by name."""
    root = h5g.open(file_id, b"/")
    found = {h5o.get_info(root).addr: _group(root)}
    waiting = list(found.values())
    seen = set(found)
    while waiting:
        group = waiting.pop()
        for link in group.links:
            if link.kind != h5l.TYPE_HARD or link.address in seen:
                continue
            seen.add(link.address)
            inner = h5o.open(group.id, link.name)
            if isinstance(inner, h5g.GroupID):
                found[link.address] = _group(inner)
                waiting.append(found[link.address])
    return found


def _group(group_id: Any) -> _Group:
    links: list[_Link] = []

    def note(name: bytes, info: Any) -> None:
        order = info.corder if info.corder_valid else 0
        links.append(_Link(name, info.type, info.u, order))

    group_id.links.iterate(note, info=True)
    links.sort(key=lambda link: link.order)
    return _Group(group_id, links)


def _leading_to(address: int, groups: dict[int, _Group]) -> list[int]:
    """Addresses of the groups from which links lead to an object, at any distance."""
    above: dict[int, list[int]] = {}
    for place, group in groups.items():
        for link in group.links:
            if link.kind == h5l.TYPE_HARD:
                above.setdefault(link.address, []).append(place)
    found: dict[int, None] = {}
    waiting = [address]
    while waiting:
        for place in above.get(waiting.pop(), ()):
            if place not in found:
                found[place] = None
                waiting.append(place)
    return list(found)


def _link(group: _Group, made: dict[int, Any], new: Any) -> None:
    for link in group.links:
        if link.kind == h5l.TYPE_HARD:
            target = made.get(link.address)
            if target is None:
                target = h5o.open(group.id, link.name)
            h5o.link(target, new, link.name)
        elif link.kind == h5l.TYPE_SOFT:
            new.links.create_soft(link.name, group.id.links.get_val(link.name))
        elif link.kind == h5l.TYPE_EXTERNAL:
            new.links.create_external(link.name, *group.id.links.get_val(link.name))
        else:
            raise OSError(f"a link of an unknown kind cannot be kept: {link.name!r}")


def _copy_attributes(old: Any, new: Any, root: Any) -> None:
    names: list[bytes] = []
    h5a.iterate(old, names.append)
    for name in names:
        source = h5a.open(old, name)
        type_id = source.get_type()
        made = h5a.create(new, name, type_id, source.get_space())
        if has_references(type_id):
            copy_references(source, made, root=root)
            continue
        values = np.zeros(source.shape, dtype=f"V{type_id.get_size()}")
        if values.size:
            source.read(values, mtype=type_id)
            made.write(values, mtype=type_id)
