"""What an HDF5 file holds, object by object and to the bit, through h5py's low level.

Nothing here knows NIX, and nothing of a file makes it raise: what cannot be read is `Unreadable`.
No other file is opened, whatever an object says of external storage and virtual datasets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5r, h5s, h5t

FAULTS = (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, NotImplementedError)
"""What h5py raises for a file that is damaged or has what h5py does not know."""

MOST_STEPS = 1000
"""A path of more steps grows for ever."""

BLOCK = 4 * 1024 * 1024
"""Bytes of values that are read at a time."""


@dataclass(frozen=True)
class Unreadable:
    """Stands for what cannot be read; why does not matter."""

    reason: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unreadable)

    def __hash__(self) -> int:
        return 0


# Objects and links


class Link(NamedTuple):
    """A link of a group."""

    kind: str
    """``hard``, ``soft``, ``external`` or ``other``."""
    target: Any
    """The address of the object, the path, or the file and the path."""
    order: int | None
    """Place in the order of creation, where the group keeps it."""


def address_of(object_id: Any) -> int:
    """What all hard links to one object have in common."""
    return int(h5o.get_info(object_id).addr)


def root_of(file: h5py.File) -> Any:
    """The root group."""
    return h5g.open(file.id, b"/")


def opened(parent_id: Any, name: bytes) -> Any:
    """The object a hard link leads to."""
    try:
        return h5o.open(parent_id, name)
    except FAULTS as error:
        return Unreadable(str(error))


def followed(group_id: Any, path: bytes) -> Any:
    """The object a soft link leads to without leaving the file."""
    here, root = group_id, h5o.open(group_id, b"/")
    steps = _steps(path)
    if path.startswith(b"/"):
        here = root
    met: set[tuple[int, tuple[bytes, ...]]] = set()
    while steps and kind_of(here) == "group":
        if (state := (address_of(here), tuple(steps))) in met or len(steps) > MOST_STEPS:
            break
        met.add(state)
        links, name = links_of(here), steps.pop(0)
        link = None if isinstance(links, Unreadable) else links.get(name)
        if link is None or link.kind not in ("hard", "soft"):
            break
        if link.kind == "hard":
            here = opened(here, name)
        else:
            steps = _steps(link.target) + steps
            here = root if link.target.startswith(b"/") else here
    return Unreadable("it leads nowhere") if steps else here


def _steps(path: bytes) -> list[bytes]:
    return [step for step in path.split(b"/") if step not in (b"", b".")]


def kind_of(object_id: Any) -> str:
    """What an object is."""
    for kind, cls in (("group", h5g.GroupID), ("dataset", h5d.DatasetID), ("type", h5t.TypeID)):
        if isinstance(object_id, cls):
            return kind
    return "unreadable"


def links_of(group_id: Any) -> dict[bytes, Link] | Unreadable:
    """The links of a group, in order of creation where it is kept, else by name."""
    infos: list[tuple[bytes, Any]] = []

    def note(name: bytes, info: Any) -> None:
        # h5py fills the same object for the next link
        infos.append((name, (info.type, info.corder if info.corder_valid else None, info.u)))

    try:
        group_id.links.iterate(note, info=True)
        found = {name: _link(group_id, name, info) for name, info in infos}
    except FAULTS as error:
        return Unreadable(str(error))
    if any(link.order is None for link in found.values()):
        return dict(sorted(found.items()))
    return dict(sorted(found.items(), key=lambda item: item[1].order or 0))


def _link(group_id: Any, name: bytes, info: tuple[int, int | None, int]) -> Link:
    kind, order, address = info
    if kind == h5l.TYPE_HARD:
        return Link("hard", address, order)
    words = {h5l.TYPE_SOFT: "soft", h5l.TYPE_EXTERNAL: "external"}.get(kind)
    if words is None:
        return Link("other", kind, order)
    return Link(words, group_id.links.get_val(name), order)


def order_flags(group_id: Any) -> int:
    """How a group keeps the order in which its links were created: 1 tracked, 2 indexed."""
    return int(group_id.get_create_plist().get_link_creation_order())


# Types and dataspaces

Type: TypeAlias = tuple[Any, ...]
"""Everything that tells an HDF5 type from another: its class, then what the class has."""

UTF8_TYPE: Type = ("string", None, h5t.CSET_UTF8, h5t.STR_NULLTERM)
"""The one type of texts that every reader of NIX reads."""

BOOLEAN_MEMBERS = ((b"FALSE", 0), (b"TRUE", 1))


def type_of(type_id: Any) -> Type:
    """The type to the last bit, whether the file names it or not."""
    kind = type_id.get_class()
    size = type_id.get_size()
    if kind == h5t.STRING:
        length = None if type_id.is_variable_str() else size
        return ("string", length, type_id.get_cset(), type_id.get_strpad())
    if kind == h5t.COMPOUND:
        return ("compound", size, *_members(type_id))
    if kind == h5t.ENUM:
        numbers = range(type_id.get_nmembers())
        named = (
            (type_id.get_member_name(number), type_id.get_member_value(number))
            for number in numbers
        )
        return ("enum", type_of(type_id.get_super()), *named)
    if kind == h5t.VLEN:
        return ("list", type_of(type_id.get_super()))
    if kind == h5t.ARRAY:
        return ("array", type_of(type_id.get_super()), type_id.get_array_dims())
    if kind == h5t.OPAQUE:
        return ("opaque", size, type_id.get_tag())
    if kind == h5t.REFERENCE:
        return ("reference", size, type_id.equal(h5t.STD_REF_OBJ))
    if kind in (h5t.INTEGER, h5t.FLOAT):
        return _number(type_id, kind, size)
    return ("bitfield" if kind == h5t.BITFIELD else "other", kind, size, _encoded(type_id))


def _encoded(type_id: Any) -> bytes:
    """A type of one part in HDF5's own words, without the version of the wording."""
    found = bytearray(type_id.encode())
    found[2] &= 0x0F
    return bytes(found)


def _members(type_id: Any) -> Iterator[tuple[Any, ...]]:
    for number in range(type_id.get_nmembers()):
        member = type_of(type_id.get_member_type(number))
        yield type_id.get_member_name(number), type_id.get_member_offset(number), member


def _number(type_id: Any, kind: int, size: int) -> Type:
    bits = (
        type_id.get_order(),
        type_id.get_precision(),
        type_id.get_offset(),
        type_id.get_pad(),
    )
    if kind == h5t.INTEGER:
        return ("integer", size, *bits, type_id.get_sign())
    shape = (type_id.get_fields(), type_id.get_ebias(), type_id.get_norm(), type_id.get_inpad())
    return ("float", size, *bits, *shape)


def type_named(name: str) -> Type:
    """The type that has that name in numpy."""
    return type_of(h5t.py_create(np.dtype(name), logical=True))


BOOLEAN = type_named("bool")


class Space(NamedTuple):
    """A dataspace."""

    kind: str
    """``scalar``, ``null`` or ``simple``."""
    shape: tuple[int, ...] = ()
    limits: tuple[int | None, ...] = ()

    @property
    def size(self) -> int:
        """Number of elements."""
        return 0 if self.kind == "null" else math.prod(self.shape)


def space_of(space_id: Any) -> Space:
    """A dataspace with its limits."""
    kind = space_id.get_simple_extent_type()
    if kind == h5s.SCALAR:
        return Space("scalar")
    if kind == h5s.NULL:
        return Space("null")
    limits = space_id.get_simple_extent_dims(True)
    endless = tuple(None if limit == h5s.UNLIMITED else limit for limit in limits)
    return Space("simple", space_id.get_simple_extent_dims(), endless)


def named_type(type_id: Any) -> int | None:
    """The address of the named type that this one is, if it is one."""
    return address_of(type_id) if type_id.committed() else None


# Values


class Memory(NamedTuple):
    """How values of a type are read: their bits, and what they refer to as objects."""

    dtype: np.dtype[Any]
    type_id: Any


def memory_of(type_id: Any) -> Memory:
    """Read bits as they are, without any conversion, and leave out what lies between members."""
    kind = type_id.get_class()
    if kind == h5t.COMPOUND:
        members = [
            memory_of(type_id.get_member_type(number)) for number in range(type_id.get_nmembers())
        ]
        dtype = np.dtype([(f"f{number}", one.dtype) for number, one in enumerate(members)])
        made = h5t.create(h5t.COMPOUND, max(1, dtype.itemsize))
        offset = 0
        for number, one in enumerate(members):
            made.insert(type_id.get_member_name(number), offset, one.type_id)
            offset += one.dtype.itemsize
        return Memory(dtype, made)
    if kind == h5t.ARRAY:
        base, shape = memory_of(type_id.get_super()), type_id.get_array_dims()
        return Memory(np.dtype((base.dtype, shape)), h5t.array_create(base.type_id, shape))
    by_h5py = kind in (h5t.VLEN, h5t.REFERENCE) or (
        kind == h5t.STRING and type_id.is_variable_str()
    )
    if by_h5py:
        return Memory(type_id.dtype, h5t.py_create(type_id.dtype))
    return Memory(np.dtype((np.void, type_id.get_size())), type_id)


def text_of(raw: Any, kind: Type) -> bytes:
    """The bytes of one text, without what fills a fixed length up."""
    if isinstance(raw, str):
        return raw.encode("utf-8", "surrogateescape")
    found = bytes(raw.tobytes() if isinstance(raw, np.void) else raw or b"")
    _, length, _, padding = kind
    if length is None:
        return found
    if padding == h5t.STR_NULLTERM:
        return found.split(b"\0")[0]
    return found.rstrip(b" " if padding == h5t.STR_SPACEPAD else b"\0")


def is_utf8(raw: bytes) -> bool:
    """Whether bytes are a text."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# Attributes


@dataclass(frozen=True)
class Attribute:
    """An attribute: its type, its space and its values."""

    type: Type
    space: Space
    values: Any
    """The bits as `memory_of` reads them; None for a null space."""
    numpy_type: np.dtype[Any] | None
    """What numpy calls the type, if it has a name for it."""
    named: int | None

    @property
    def texts(self) -> list[bytes] | None:
        """The texts, where there are any."""
        if self.type[0] != "string" or not isinstance(self.values, np.ndarray):
            return None
        return [text_of(raw, self.type) for raw in self.values.reshape(-1)]

    @property
    def text(self) -> str | None:
        """The text, where there is one and it is UTF-8."""
        texts = self.texts
        if texts is None or len(texts) != 1 or not is_utf8(texts[0]):
            return None
        return texts[0].decode()

    @property
    def numbers(self) -> list[Any] | None:
        """The numbers as Python has them, where there are any."""
        plain = self.type[0] in ("integer", "float") and isinstance(self.values, np.ndarray)
        if not plain or self.numpy_type is None:
            return None
        found: list[Any] = self.values.reshape(-1).view(self.numpy_type).tolist()
        return found


def attributes_of(object_id: Any) -> dict[str, Attribute | Unreadable] | Unreadable:
    """The attributes of an object, by name."""
    names: list[bytes] = []
    try:
        h5a.iterate(object_id, names.append)
    except FAULTS as error:
        return Unreadable(str(error))
    return {name.decode("utf-8", "surrogateescape"): _attribute(object_id, name) for name in names}


def attribute_of(object_id: Any, name: str) -> Attribute | None:
    """An attribute that can be read."""
    raw = name.encode("utf-8", "surrogateescape")
    if not h5a.exists(object_id, raw):
        return None
    found = _attribute(object_id, raw)
    return found if isinstance(found, Attribute) else None


def _attribute(object_id: Any, name: bytes) -> Attribute | Unreadable:
    try:
        attribute_id = h5a.open(object_id, name)
        type_id = attribute_id.get_type()
        space = space_of(attribute_id.get_space())
        found, named = type_of(type_id), named_type(type_id)
    except FAULTS as error:
        return Unreadable(str(error))
    return Attribute(found, space, _values(attribute_id, type_id, space), _known(type_id), named)


def _values(attribute_id: Any, type_id: Any, space: Space) -> Any:
    if space.kind == "null":
        return None
    try:
        memory = memory_of(type_id)
        values = np.zeros(space.shape, memory.dtype)
        if values.size:
            attribute_id.read(values, mtype=memory.type_id)
    except FAULTS as error:
        return Unreadable(str(error))
    return values


def _known(type_id: Any) -> np.dtype[Any] | None:
    try:
        found: np.dtype[Any] = type_id.dtype
    except FAULTS:
        return None
    return found if found.itemsize == type_id.get_size() else None


# Datasets


class Filter(NamedTuple):
    """One filter of a chunked dataset."""

    code: int
    flags: int
    values: tuple[int, ...]


class Fill(NamedTuple):
    """What is read where nothing was written."""

    status: int
    """Whether there is a value, and whether it is HDF5's own."""
    value: bytes | Unreadable
    never: bool
    """Whether it is not to be written; when it is written makes no difference."""


@dataclass(frozen=True)
class Dataset:
    """A dataset but for its values."""

    id: Any
    type: Type
    space: Space
    layout: str
    """``chunked``, ``contiguous``, ``compact`` or ``virtual``."""
    chunks: tuple[int, ...] | None
    filters: tuple[Filter, ...]
    fill: Fill
    outside: tuple[Any, ...]
    """The other files that hold the values, and what of them."""
    named: int | None

    @property
    def resizable(self) -> bool:
        """Whether every axis can grow without end."""
        return self.layout == "chunked" and set(self.space.limits) <= {None}


def dataset_of(dataset_id: Any) -> Dataset | Unreadable:
    """Describe a dataset."""
    try:
        plist = dataset_id.get_create_plist()
        layout = _LAYOUTS[plist.get_layout()]
        type_id = dataset_id.get_type()
        # asked for its space a virtual dataset would open the files it is made of
        virtual = layout == "virtual" and plist.get_virtual_count()
        space_id = plist.get_virtual_vspace(0) if virtual else dataset_id.get_space()
        return Dataset(
            dataset_id,
            type_of(type_id),
            space_of(space_id),
            layout,
            plist.get_chunk() if layout == "chunked" else None,
            tuple(_filter(plist, number) for number in range(plist.get_nfilters())),
            _fill(plist, type_id),
            tuple(_outside(plist, layout)),
            named_type(type_id),
        )
    except FAULTS as error:
        return Unreadable(str(error))


_LAYOUTS = {
    h5d.COMPACT: "compact",
    h5d.CONTIGUOUS: "contiguous",
    h5d.CHUNKED: "chunked",
    h5d.VIRTUAL: "virtual",
}


def _filter(plist: Any, number: int) -> Filter:
    code, flags, values, _ = plist.get_filter(number)
    return Filter(code, flags, tuple(values))


def _fill(plist: Any, type_id: Any) -> Fill:
    status = plist.fill_value_defined()
    value: bytes | Unreadable = b""
    if status == h5d.FILL_VALUE_USER_DEFINED:
        value = _fill_value(plist, type_id)
    return Fill(status, value, plist.get_fill_time() == h5d.FILL_TIME_NEVER)


def _fill_value(plist: Any, type_id: Any) -> bytes | Unreadable:
    try:
        if type_id.get_class() == h5t.STRING and type_id.is_variable_str():
            # h5py reads fill values of variable length into lists only
            found = np.zeros((1,), type_id.dtype)
            plist.get_fill_value(found)
            return text_of(found[0], type_of(type_id))
        found = np.zeros((), type_id.dtype)
        plist.get_fill_value(found)
    except FAULTS as error:
        return Unreadable(str(error))
    return Unreadable("references") if found.dtype.hasobject else found.tobytes()


def _outside(plist: Any, layout: str) -> Iterator[tuple[Any, ...]]:
    if layout != "virtual":
        for number in range(plist.get_external_count()):
            yield plist.get_external(number)
        return
    for number in range(plist.get_virtual_count()):
        yield (
            plist.get_virtual_filename(number),
            plist.get_virtual_dsetname(number),
            _selection(plist.get_virtual_vspace(number)),
            _selection(plist.get_virtual_srcspace(number)),
        )


def _selection(space_id: Any) -> tuple[Any, ...]:
    kind = space_id.get_select_type()
    found: Any = ()
    if kind == h5s.SEL_POINTS:
        found = space_id.get_select_elem_pointlist().tolist()
    elif kind == h5s.SEL_HYPERSLABS and space_id.is_regular_hyperslab():
        found = space_id.get_regular_hyperslab()
    elif kind == h5s.SEL_HYPERSLABS:
        found = space_id.get_select_hyper_blocklist().tolist()
    return (space_of(space_id), kind, found)


def written_chunks(dataset: Dataset) -> dict[tuple[int, ...], int] | Unreadable:
    """Which chunks of a dataset there are, and which filters each was spared."""
    found: dict[tuple[int, ...], int] = {}

    def note(chunk: Any) -> None:
        found[tuple(chunk.chunk_offset)] = chunk.filter_mask

    try:
        if dataset.id.get_storage_size():
            dataset.id.chunk_iter(note)
    except FAULTS as error:
        return Unreadable(str(error))
    return found


def raw_chunk(dataset: Dataset, offset: tuple[int, ...]) -> bytes | Unreadable:
    """A chunk as it lies in the file."""
    try:
        _, found = dataset.id.read_direct_chunk(offset)
    except FAULTS as error:
        return Unreadable(str(error))
    return bytes(found)


Place: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""Where a block begins, and its length along each axis."""


def blocks(shape: tuple[int, ...], itemsize: int, start: tuple[int, ...] = ()) -> Iterator[Place]:
    """Cut an array into blocks of adjacent values, none of them large."""
    step = list(shape)
    for axis in range(len(step)):
        rest = math.prod(step[axis + 1 :]) * max(1, itemsize)
        step[axis] = max(1, min(step[axis], BLOCK // max(1, rest)))
    start = start or (0,) * len(shape)
    axes = [range(0, length, one) for length, one in zip(shape, step, strict=True)]
    for corner in product(*axes):
        counts = tuple(map(min, step, np.subtract(shape, corner).tolist()))
        yield tuple(map(sum, zip(start, corner, strict=True))), counts


def read_block(dataset: Dataset, place: Place) -> Any:
    """The values of a block, to the bit."""
    start, counts = place
    try:
        memory = memory_of(dataset.id.get_type())
        values = np.zeros(counts, memory.dtype)
        space = dataset.id.get_space()
        if counts:
            space.select_hyperslab(start, counts)
        target = h5s.create_simple(counts) if counts else h5s.create(h5s.SCALAR)
        dataset.id.read(target, space, values, memory.type_id)
    except FAULTS as error:
        return Unreadable(str(error))
    return values


def referred(reference: Any, file_id: Any) -> tuple[Any, ...]:
    """What a reference leads to: nothing, an object by its address, or a region of it."""
    if not reference:
        return ("nothing",)
    try:
        object_id = h5r.dereference(reference, file_id)
        if object_id is None:
            return ("nothing",)
        address = address_of(object_id)
        if isinstance(reference, h5r.RegionReference):
            return ("region", address, *_selection(h5r.get_region(reference, file_id)))
    except FAULTS:
        return ("broken",)
    return ("object", address)


def superblock_version(path: Any) -> int:
    """The version of a file's superblock."""
    with open(path, "rb") as stream:
        return stream.read(9)[8]
