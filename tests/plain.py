"""Writes NIX files with h5py alone, from plain trees of dicts and lists.

This is the format's description turned into code a second time, so that reading is tested against
the format and not against itself: nothing of nixschema is imported here. Keys are the names of the
model's fields; a key that is absent writes nothing. References are the ids of what they lead to.

    {"version": [1, 2, 1], "id": ..., "created_at": ..., "updated_at": ...,
     "blocks": [{"id": ..., "name": ..., "type": ..., "data_arrays": [...], ...}],
     "metadata": [{"id": ..., "name": ..., "type": ..., "properties": [...], ...}]}

Values of datasets are leaves, ``{"dtype": "int16", "shape": [2, 3], "values": [1, 2]}``: the values
are repeated until the shape is filled, so that large arrays stay small here. A dtype is numpy's
name, ``string`` or ``ascii`` for strings of variable length, or a list of [name, dtype] for
records.

What a writer is free in, and changes no fact: ``style`` of the file (how text attributes and
versions are typed), ``layout`` of a leaf, ``units_in`` of a frame, ``frames_in`` of a group.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from math import prod
from typing import Any, TypeAlias

import h5py
import numpy as np
import numpy.typing as npt
from h5py import h5f, h5g, h5p

Tree: TypeAlias = dict[str, Any]
"""A plain tree, or a branch of one."""

UTF8 = h5py.string_dtype("utf-8")
ASCII = h5py.string_dtype("ascii")

ORDERED = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED

DATA_ENTITIES = ("data_arrays", "data_frames", "tags", "multi_tags", "groups", "sources")
"""The containers of a block."""

GROUP_MEMBERS = ("data_arrays", "tags", "multi_tags", "sources")
"""The membership lists of a group that both libraries name alike."""

SECTION_TEXTS = ("repository", "reference")
PROPERTY_TEXTS = ("unit", "reference", "dependency", "dependency_value", "value_origin")


def write(tree: Tree, path: str | os.PathLike[str]) -> None:
    """Write a NIX file, over the one that may be there."""
    with new_file(path) as file:
        _Writer(tree).write(file)


def new_file(path: str | os.PathLike[str]) -> h5py.File:
    """An empty HDF5 file that keeps the order of creation on its root."""
    creation = h5p.create(h5p.FILE_CREATE)
    creation.set_link_creation_order(ORDERED)
    return h5py.File(h5f.create(os.fsencode(path), h5f.ACC_TRUNC, fcpl=creation))


def new_group(parent: h5py.Group, name: str) -> h5py.Group:
    """A group that keeps the order of creation, opened relative to its parent."""
    creation = h5p.create(h5p.GROUP_CREATE)
    creation.set_link_creation_order(ORDERED)
    return h5py.Group(h5g.create(parent.id, name.encode("utf-8"), gcpl=creation))


def hdf5_dtype(dtype: Any) -> np.dtype[Any]:
    """The h5py dtype of a leaf's dtype."""
    if isinstance(dtype, list):
        return np.dtype([(name, hdf5_dtype(one)) for name, one in dtype])
    made: np.dtype[Any] = np.dtype({"string": UTF8, "ascii": ASCII}.get(dtype, dtype))
    return made


def array_of(leaf: Tree) -> npt.NDArray[Any]:
    """The values of a leaf."""
    dtype = hdf5_dtype(leaf["dtype"])
    shape = tuple(leaf["shape"])
    size = prod(shape)
    items: Iterable[Any] = islice(cycle(leaf["values"]), size)
    if dtype.kind == "V" and dtype.names is None:
        return np.frombuffer(b"".join(items), dtype=dtype).reshape(shape)
    if dtype.names is not None:
        items = map(tuple, items)
    flat = np.empty(size, dtype=dtype)
    for position, item in enumerate(items):
        flat[position] = item
    return flat.reshape(shape)


def same_values(one: npt.NDArray[Any], two: npt.NDArray[Any]) -> bool:
    """Whether two arrays are the same in shape, type, byte order and values; NaN is NaN."""
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    if one.dtype.names is not None:
        return all(same_values(one[name], two[name]) for name in one.dtype.names)
    if one.dtype == object:
        pairs = zip(one.ravel(), two.ravel(), strict=True)
        return all(isinstance(a, str) and isinstance(b, str) and a == b for a, b in pairs)
    return bool(np.array_equal(one, two, equal_nan=one.dtype.kind in "fc"))


class _Writer:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.style: Tree = tree.get("style", {})
        self.made: dict[str, h5py.Group] = {}
        self.later: list[Callable[[], None]] = []

    def write(self, file: h5py.File) -> None:
        tree = self.tree
        self.text(file, "format", "nix")
        wide = self.style.get("version") == "int64"
        file.attrs.create("version", tree["version"], dtype="<i8" if wide else "<i4")
        for key in ("id", "created_at", "updated_at"):
            if key in tree:
                self.text(file, key, tree[key])
        data, metadata = new_group(file, "data"), new_group(file, "metadata")
        for block in tree["blocks"]:
            self.block(data, block)
        for section in tree["metadata"]:
            self.section(metadata, section)
        for link in self.later:
            link()

    # Attributes, datasets, links

    def text(self, thing: h5py.Group | h5py.Dataset, key: str, text: str) -> None:
        style = self.style.get("strings")
        if style == "fixed":
            raw = text.encode("utf-8")
            dtype = h5py.string_dtype("utf-8", max(1, len(raw)))
            thing.attrs.create(key, np.array(raw, dtype=dtype), dtype=dtype)
        elif style == "list":
            thing.attrs.create(key, [text], shape=(1,), dtype=UTF8)
        else:
            ascii_only = style == "ascii" and text.isascii()
            thing.attrs.create(key, text, dtype=ASCII if ascii_only else UTF8)

    def texts(self, thing: h5py.Group | h5py.Dataset, tree: Tree, keys: Iterable[str]) -> None:
        for key in keys:
            if key in tree:
                self.text(thing, key, tree[key])

    def number(self, thing: h5py.Group | h5py.Dataset, tree: Tree, key: str) -> None:
        """A number with the type of what Python had, as nixio writes it."""
        if key in tree:
            dtype = "<i8" if isinstance(tree[key], int) else "<f8"
            thing.attrs.create(key, tree[key], dtype=dtype)

    def leaf(self, parent: h5py.Group, name: str, leaf: Tree) -> h5py.Dataset:
        values = array_of(leaf)
        options: dict[str, Any] = {}
        if leaf.get("layout") != "contiguous":
            options = {"chunks": True, "maxshape": (None,) * values.ndim}
        if leaf.get("layout") == "gzip":
            options["compression"] = 6
        dtype = hdf5_dtype(leaf["dtype"])
        return parent.create_dataset(name, data=values, dtype=dtype, **options)

    def numbers(self, parent: h5py.Group, tree: Tree, key: str) -> None:
        if key in tree:
            leaf = {"dtype": "<f8", "shape": [len(tree[key])], "values": tree[key]}
            self.leaf(parent, key, leaf)

    def strings(self, parent: h5py.Group, tree: Tree, key: str) -> None:
        if key in tree:
            texts = tree[key]
            dtype = "string"
            if self.style.get("strings") == "ascii" and all(map(str.isascii, texts)):
                dtype = "ascii"
            self.leaf(parent, key, {"dtype": dtype, "shape": [len(texts)], "values": texts})

    def link(self, parent: h5py.Group, name: str, target: str) -> None:
        """A hard link to the entity of that id, which may not be there yet."""

        def create() -> None:
            parent[name] = self.made[target]

        self.later.append(create)

    def links(self, parent: h5py.Group, name: str, targets: list[str]) -> None:
        if targets:
            group = new_group(parent, name)
            for target in targets:
                self.link(group, target, target)

    # Entities

    def entity(self, thing: h5py.Group | h5py.Dataset, tree: Tree) -> None:
        self.text(thing, "entity_id", tree["id"])
        self.texts(thing, tree, ("name", "type", "definition", "created_at", "updated_at"))

    def named(self, parent: h5py.Group, tree: Tree, link: str | None = None) -> h5py.Group:
        group = new_group(parent, tree["name"] if link is None else link)
        self.entity(group, tree)
        self.made[tree["id"]] = group
        if isinstance(tree.get("metadata"), str):
            self.link(group, "metadata", tree["metadata"])
        return group

    def members(
        self, parent: h5py.Group, tree: Tree, key: str, make: Callable[[h5py.Group, Tree], None]
    ) -> None:
        if tree.get(key):
            group = new_group(parent, key)
            for member in tree[key]:
                make(group, member)

    def block(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree)
        makers = (
            self.data_array,
            self.data_frame,
            self.tag,
            self.multi_tag,
            self.group,
            self.source,
        )
        for key, make in zip(DATA_ENTITIES, makers, strict=True):
            self.members(group, tree, key, make)

    def source(self, parent: h5py.Group, tree: Tree) -> None:
        self.members(self.named(parent, tree), tree, "sources", self.source)

    def data_array(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree)
        self.texts(group, tree, ("unit", "label"))
        self.number(group, tree, "expansion_origin")
        self.leaf(group, "data", tree["data"])
        if "polynom_coefficients" in tree:
            self.leaf(group, "polynom_coefficients", tree["polynom_coefficients"])
        if tree.get("dimensions"):
            dimensions = new_group(group, "dimensions")
            for number, dimension in enumerate(tree["dimensions"], 1):
                self.dimension(new_group(dimensions, str(number)), dimension)
        self.links(group, "sources", tree.get("sources", []))

    def dimension(self, group: h5py.Group, tree: Tree) -> None:
        self.text(group, "dimension_type", tree["dimension_type"])
        self.texts(group, tree, ("unit", "label"))
        self.number(group, tree, "sampling_interval")
        self.number(group, tree, "offset")
        if "ticks" in tree:
            self.leaf(group, "ticks", tree["ticks"])
        self.strings(group, tree, "labels")
        if "alias" in tree:
            self.link(group, tree["alias"], tree["alias"])
        if "link" in tree:
            self.dimension_link(group, tree["link"])
        if "column" in tree:
            group.attrs.create("column_index", tree["column"], dtype="<u4")
        if "data_frame" in tree:
            self.link(group, "data_frame", tree["data_frame"])

    def dimension_link(self, parent: h5py.Group, tree: Tree) -> None:
        group = new_group(parent, "link")
        self.entity(group, tree)
        self.text(group, "data_object_type", tree["data_object_type"])
        index = tree["index"]
        if tree["data_object_type"] == "DataFrame":
            (index,) = index
        group.attrs.create("index", index, dtype="<i8")
        self.link(group, tree["target"], tree["target"])

    def data_frame(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree)
        data = self.leaf(group, "data", tree["data"])
        if "units" in tree:
            places = {"group": (group,), "data": (data,), "both": (group, data)}
            for place in places[tree.get("units_in", "both")]:
                place.attrs.create("units", tree["units"], dtype=UTF8)
        self.links(group, "sources", tree.get("sources", []))

    def any_tag(self, parent: h5py.Group, tree: Tree) -> h5py.Group:
        group = self.named(parent, tree)
        self.strings(group, tree, "units")
        self.links(group, "references", tree.get("references", []))
        self.links(group, "sources", tree.get("sources", []))
        self.members(group, tree, "features", self.feature)
        return group

    def tag(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.any_tag(parent, tree)
        self.numbers(group, tree, "position")
        self.numbers(group, tree, "extent")

    def multi_tag(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.any_tag(parent, tree)
        for key in ("positions", "extents"):
            if key in tree:
                self.link(group, key, tree[key])

    def feature(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree, link=tree["id"])
        self.texts(group, tree, ("link_type", "target_type"))
        self.link(group, "data", tree["data"])

    def group(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree)
        for key in GROUP_MEMBERS:
            self.links(group, key, tree.get(key, []))
        for name in tree.get("frames_in", ("data_frames", "data_frame")):
            self.links(group, name, tree.get("data_frames", []))

    def section(self, parent: h5py.Group, tree: Tree) -> None:
        group = self.named(parent, tree)
        self.texts(group, tree, SECTION_TEXTS)
        if "link" in tree:
            self.link(group, "link", tree["link"])
        self.members(group, tree, "properties", self.property)
        self.members(group, tree, "sections", self.section)

    def property(self, parent: h5py.Group, tree: Tree) -> None:
        dataset = self.leaf(parent, tree["name"], tree["values"])
        self.entity(dataset, tree)
        self.texts(dataset, tree, PROPERTY_TEXTS)
        if "dtype" in tree:
            self.text(dataset, "odml_type", tree["dtype"])
        self.number(dataset, tree, "uncertainty")
