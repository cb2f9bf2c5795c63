"""Changes to a file that keep all else in it as it is, down to the order of links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5o, h5s

from tests.writing.hdf5 import Link, Unreadable, links_of, memory_of, opened


def relink(
    group: Any,
    made: Mapping[bytes, list[tuple[bytes, Any]]],
    order: Callable[[list[bytes]], list[bytes]] = list,
) -> None:
    """Make all links of a group anew, some of them to others: to objects, or soft or external."""
    links = links_of(group)
    assert not isinstance(links, Unreadable)
    things = {name: _thing(group, name, link) for name, link in links.items()}
    for name in links:
        group.unlink(name)
    for name in order(list(links)):
        for key, thing in made.get(name, [(name, things[name])]):
            if isinstance(thing, h5py.SoftLink):
                group.links.create_soft(key, thing.path.encode())
            elif isinstance(thing, h5py.ExternalLink):
                group.links.create_external(key, thing.filename.encode(), thing.path.encode())
            else:
                h5o.link(thing, group, key)


def _thing(group: Any, name: bytes, link: Link) -> Any:
    if link.kind == "soft":
        return h5py.SoftLink(link.target.decode())
    if link.kind == "external":
        return h5py.ExternalLink(*(part.decode() for part in link.target))
    return opened(group, name)


def copy_attributes(source: Any, target: Any) -> None:
    """Give an object the attributes of another."""
    names: list[bytes] = []
    h5a.iterate(source, names.append)
    for name in names:
        copy_attribute(source, target, name)


def copy_attribute(source: Any, target: Any, name: bytes) -> None:
    """Give an object an attribute of another."""
    old = h5a.open(source, name)
    memory = memory_of(old.get_type())
    made = h5a.create(target, name, old.get_type(), old.get_space())
    if old.get_space().get_simple_extent_type() != h5s.NULL:
        values = np.zeros(old.shape, memory.dtype)
        old.read(values, mtype=memory.type_id)
        made.write(values, mtype=memory.type_id)


def remake(
    dataset: h5py.Dataset, plist: Any = None, type_id: Any = None, space: Any = None
) -> h5py.Dataset:
    """Put a dataset in the place of another: the same, but for what is given.

    Values are copied where their type stays.
    """
    old, group = dataset.id, dataset.parent.id
    name = dataset.name.rpartition("/")[2].encode()
    made = h5d.create(
        group,
        None,
        type_id or old.get_type(),
        space or old.get_space(),
        plist or old.get_create_plist(),
    )
    if type_id is None and space is None:
        memory = memory_of(old.get_type())
        values = np.zeros(old.shape, memory.dtype)
        old.read(h5s.ALL, h5s.ALL, values, memory.type_id)
        made.write(h5s.ALL, h5s.ALL, values, memory.type_id)
    copy_attributes(old, made)
    relink(group, {name: [(name, made)]})
    return h5py.Dataset(made)
