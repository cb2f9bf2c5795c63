"""Read an HDF5 file into a tree, through libhdf5 at the level of ids.

Each object is opened once, however many links lead to it; values of datasets are read only where
they are small. Nothing in the file makes reading raise: what cannot be read says so in the tree.
External links, virtual datasets and external storage are described and never followed.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t

from nixschema.array import Array
from nixschema.model.extra import Space
from nixschema.storage.datasets import DatasetSource, ObjectSource, read_whole
from nixschema.storage.faults import FAULTS
from nixschema.storage.files import CannotOpen, OpenFile, Stamp, kept_open
from nixschema.storage.names import name_bytes, name_text
from nixschema.storage.references import has_references as has_reference_members
from nixschema.storage.tree import DatasetLayout, Filter, Node, NodeAttribute, NodeLink, Tree
from nixschema.storage.types import ReadType, Types

SMALL_VALUES = 4096
"""Datasets of at most so many bytes are read with the tree."""

LARGE_ATTRIBUTE = 16 * 1024 * 1024
"""Attributes of more bytes are not read."""

_SCALAR = Space("scalar")


def read_tree(path: str) -> Tree:
    """Read all objects of a file.

    Raises:
        CannotOpen: it cannot be opened as HDF5.
    """
    path = os.path.abspath(path)
    with kept_open(path) as file_id:
        return _Reader(path, Stamp.of(path)).read(file_id)


def read_session(session: OpenFile) -> Tree:
    """Read all objects of a file that is open already.

    Their values belong to the file in the state that the session has.
    """
    with session.using() as file_id:
        return _Reader(session.path, session.stamp).read(file_id)


def has_references(tree: Tree) -> bool:
    """Whether values of attributes or datasets are references to objects."""
    types: set[bytes] = set()
    for node in tree.walk():
        found = [node.type, *(attribute.type for attribute in node.attributes.values())]
        types.update(stored.encoded for stored in found if stored is not None)
    return any(map(has_reference_members, map(h5t.decode, types)))


def is_nix(tree: Tree) -> bool:
    """Whether a file is NIX: it says so, or has the bones of one and lost its label."""
    root = tree.root
    said = root.attributes.get("format")
    if said is not None and said.text == "nix":
        return True
    groups = {name for name in ("data", "metadata") if root.child(name) is not None}
    return len(groups) == 2 or (bool(groups) and "version" in root.attributes)


def require_nix(tree: Tree, path: str) -> None:
    """Refuse what was read of a file where there is nothing of NIX in it.

    Raises:
        CannotOpen: the root of the file is damaged, or it is no NIX file.
    """
    if tree.root.fault and not tree.root.links:
        raise CannotOpen("damaged", path, f"is damaged: {tree.root.fault}")
    if not is_nix(tree):
        raise CannotOpen("not-nix", path, "is HDF5, but not a NIX file")


def root_format(path: str) -> str | None:
    """``nix`` where the root of an HDF5 file says or shows that it is a NIX file, else None.

    Raises:
        CannotOpen: it cannot be opened as HDF5.
    """
    path = os.path.abspath(path)
    with kept_open(path) as file_id:
        tree = _Reader(path, Stamp.of(path)).read(file_id, only_root=True)
    return "nix" if is_nix(tree) else None


class _Reader:
    def __init__(self, path: str, stamp: Stamp) -> None:
        self.path = path
        self.stamp = stamp
        self.types = Types()
        self.nodes: dict[int, Node] = {}
        self.names: dict[bytes, str] = {}
        self.has_named_types = False
        self.references: list[NodeAttribute] = []
        self.reference_data: list[DatasetSource] = []
        self.text_buffer = np.empty((), dtype=object)

    def read(self, file_id: Any, *, only_root: bool = False) -> Tree:
        root = Node(address=0)
        try:
            root_id = h5g.open(file_id, b"/")
            root.address = h5o.get_info(root_id).addr
        except FAULTS as error:
            root.fault = _sentence(error)
            return Tree(self.path, root, {0: root}, self.stamp)
        self.nodes[root.address] = root
        waiting: list[tuple[Node, Any, bytes]] = []
        self._fill_group(root, root_id, waiting)
        while waiting and not only_root:
            node, parent_id, name = waiting.pop()
            self._fill(node, parent_id, name, waiting)
        if self.has_named_types:
            self._note_named_types(file_id)
        for attribute in self.references:
            if attribute.value is not None:
                attribute.value = self._targets(np.asarray(attribute.value))
        for source in self.reference_data:
            source.values = self._targets(source.values)
        return Tree(self.path, root, self.nodes, self.stamp)

    def _fill(
        self, node: Node, parent_id: Any, name: bytes, waiting: list[tuple[Node, Any, bytes]]
    ) -> None:
        try:
            object_id = h5o.open(parent_id, name)
        except FAULTS as error:
            node.fault = _sentence(error)
            return
        if isinstance(object_id, h5g.GroupID):
            self._fill_group(node, object_id, waiting)
        elif isinstance(object_id, h5d.DatasetID):
            self._fill_dataset(node, object_id)
        elif isinstance(object_id, h5t.TypeID):
            node.kind = "datatype"
            node.type = self.types.of(object_id).stored
            node.source = ObjectSource(self.path, self.stamp, node.path)
            self.has_named_types = True
        self._fill_attributes(node, object_id)

    def _fill_group(
        self, node: Node, group_id: Any, waiting: list[tuple[Node, Any, bytes]]
    ) -> None:
        node.kind = "group"
        found: list[tuple[bytes, Any]] = []

        def collect(name: bytes, info: Any) -> None:
            found.append((name, (info.type, info.corder_valid, info.corder, info.cset, info.u)))

        try:
            group_id.links.iterate(collect, info=True)
        except FAULTS as error:
            node.fault = _sentence(error)
        node.ordered = all(info[1] for _, info in found)
        if node.ordered:
            found.sort(key=_creation)
        fresh: list[tuple[Node, Any, bytes]] = []
        for raw, (kind, valid, order, cset, address) in found:
            name = name_text(raw)
            if kind == h5l.TYPE_HARD:
                target: Any = self.nodes.get(address)
                if target is None:
                    target = self.nodes[address] = Node(address, node, name)
                    fresh.append((target, group_id, raw))
                else:
                    target.shared = True
                words = "hard"
            else:
                words, target = _other_link(group_id, raw, kind)
            node.links[name] = NodeLink(
                words, target, order if valid else None, cset == h5t.CSET_UTF8
            )
        waiting.extend(reversed(fresh))
        if node.parent is None:
            self._fill_attributes(node, group_id)

    def _fill_dataset(self, node: Node, dataset_id: Any) -> None:
        node.kind = "dataset"
        try:
            plist = dataset_id.get_create_plist()
            node.layout = _layout(plist)
            read_type = self.types.of(dataset_id.get_type())
            node.type = read_type.stored
            node.space = dataset_space(dataset_id, plist)
        except FAULTS as error:
            node.fault = _sentence(error)
            return
        if node.space.kind == "null":
            return
        values = None
        if self._is_small(node, read_type):
            try:
                values = read_whole(dataset_id, node.space.shape, read_type)
                if _is_blank(values) and not dataset_id.get_storage_size():
                    node.layout = node.layout._replace(unwritten=True)
            except FAULTS as error:
                node.fault = _sentence(error)
        source = DatasetSource(
            self.path,
            self.stamp,
            node.space.shape,
            read_type.stored,
            chunks=node.layout.chunks,
            values=values,
            outside=node.layout.outside,
        )
        node.data = Array(source)
        if values is not None and read_type.stored.kind == "reference":
            self.reference_data.append(source)

    def _is_small(self, node: Node, read_type: ReadType) -> bool:
        if node.layout.outside or read_type.memory is None:
            return False
        per_read = math.prod(node.layout.chunks or ()) * read_type.size
        size = math.prod(node.space.shape) * read_type.size
        return size <= SMALL_VALUES and per_read <= LARGE_ATTRIBUTE

    def _fill_attributes(self, node: Node, object_id: Any) -> None:
        names: list[bytes] = []
        try:
            h5a.iterate(object_id, names.append)
        except FAULTS as error:
            node.fault = node.fault or _sentence(error)
        attributes = node.attributes
        for raw in names:
            name = self.names.get(raw)
            if name is None:
                name = self.names[raw] = name_text(raw)
            try:
                attributes[name] = self._attribute(h5a.open(object_id, raw))
            except FAULTS as error:
                attributes[name] = NodeAttribute(None, None, _SCALAR, _sentence(error))
            found = attributes[name]
            refers = found.type is not None and found.type.kind == "reference"
            if (found.value is None and found.space.kind != "null") or refers:
                found.source = ObjectSource(self.path, self.stamp, node.path, name)
                self.references.append(found)

    def _note_named_types(self, file_id: Any) -> None:
        """Tell where attributes of a named type lie, so that they keep it when they are copied."""
        for node in self.nodes.values():
            place = node.path
            for name, attribute in node.attributes.items():
                try:
                    owner = h5o.open(file_id, name_bytes(place))
                    found = h5a.open(owner, name_bytes(name))
                    if found.get_type().committed():
                        attribute.source = ObjectSource(self.path, self.stamp, place, name)
                except FAULTS:
                    continue

    def _targets(self, references: Any) -> Any:
        """Paths in the place of the addresses that references are, which differ between files."""
        if references.dtype.itemsize != 8:
            return references
        found = [self.nodes.get(one) for one in references.reshape(-1).view("<u8").tolist()]
        paths = np.empty(len(found), dtype=object)
        paths[:] = [node.path if node is not None else "" for node in found]
        return paths.reshape(references.shape)

    def _attribute(self, attribute_id: Any) -> NodeAttribute:
        read_type = self.types.of(attribute_id.get_type())
        stored = read_type.stored
        space_id = attribute_id.get_space()
        # libhdf5 fills a buffer without knowing its length: only a scalar goes into a scalar one.
        if read_type.is_text and space_id.get_simple_extent_type() == h5s.SCALAR:
            attribute_id.read(self.text_buffer, mtype=read_type.memory)
            raw: Any = self.text_buffer[()]
            return NodeAttribute(_decoded(raw or b""), stored, _SCALAR)
        space = _space(space_id)
        if space.kind == "null":
            return NodeAttribute(None, stored, space)
        if read_type.memory is None:
            return NodeAttribute(None, stored, space, f"values of type {stored.text}")
        if math.prod(space.shape) * read_type.size > LARGE_ATTRIBUTE:
            return NodeAttribute(None, stored, space, "too large for an attribute")
        values = np.zeros(space.shape, dtype=read_type.dtype)
        if values.size:
            attribute_id.read(values, mtype=read_type.memory)
        if read_type.finish is not None and stored.kind != "bitfield":
            values = read_type.finish(values)
        return NodeAttribute(_plain(values, space), stored, space)


def _is_blank(values: Any) -> bool:
    """Whether values may be what a dataset has that was never written."""
    return bool(values.size) and values.dtype.kind in "biufO" and not values.any()


def _creation(item: tuple[bytes, Any]) -> int:
    order: int = item[1][2]
    return order


def _decoded(raw: bytes) -> str | bytes:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def _plain(values: Any, space: Space) -> Any:
    """A scalar as a Python value, all else as an array."""
    if space.kind != "scalar":
        return values
    value = values[()]
    if isinstance(value, bytes):
        return _decoded(value)
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogateescape")
        return value
    return value.item() if isinstance(value, np.generic) and value.dtype.kind in "biuf" else value


def _other_link(group_id: Any, name: bytes, kind: int) -> tuple[str, Any]:
    try:
        value = group_id.links.get_val(name)
    except FAULTS as error:
        return "other", _sentence(error)
    if kind == h5l.TYPE_SOFT:
        return "soft", name_text(value)
    if kind == h5l.TYPE_EXTERNAL:
        return "external", tuple(name_text(part) for part in value)
    return "other", f"a link of kind {kind}"


def _space(space_id: Any) -> Space:
    kind = space_id.get_simple_extent_type()
    if kind == h5s.SCALAR:
        return _SCALAR
    if kind == h5s.NULL:
        return Space("null")
    limits = space_id.get_simple_extent_dims(True)
    return Space(
        "simple",
        space_id.get_simple_extent_dims(),
        tuple(None if limit == h5s.UNLIMITED else limit for limit in limits),
    )


def _layout(plist: Any) -> DatasetLayout:
    kind = plist.get_layout()
    if kind == h5d.CHUNKED:
        count = plist.get_nfilters()
        filters = tuple(_filter(plist, number) for number in range(count)) if count else ()
        fill = plist.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED
        return DatasetLayout("chunked", plist.get_chunk(), filters, fill=fill)
    if kind == h5d.VIRTUAL:
        return DatasetLayout("virtual", outside=_virtual_sources(plist))
    if kind == h5d.COMPACT:
        return DatasetLayout("compact")
    outside = ""
    if plist.get_external_count():
        outside = name_text(plist.get_external(0)[0])
    return DatasetLayout("contiguous", outside=outside)


def _virtual_sources(plist: Any) -> str:
    files = [plist.get_virtual_filename(number) for number in range(plist.get_virtual_count())]
    return ", ".join(dict.fromkeys(files)) or "a virtual dataset without sources"


def _filter(plist: Any, number: int) -> Filter:
    code, flags, values, name = plist.get_filter(number)
    return Filter(code, flags, tuple(values), name.decode("utf-8", "replace"))


def dataset_space(dataset_id: Any, plist: Any) -> Space:
    """Dataspace of a dataset, without opening another file."""
    if plist.get_layout() == h5d.VIRTUAL and plist.get_virtual_count():
        # Asking the dataset itself would open the files it is made of.
        return _space(plist.get_virtual_vspace(0))
    return _space(dataset_id.get_space())


def _sentence(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]
