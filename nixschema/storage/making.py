"""Make HDF5 objects at the level of libhdf5's ids; types, spaces and property lists are reused."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
from h5py import h5a, h5d, h5g, h5i, h5o, h5p, h5s, h5t

from nixschema.array import StoredType
from nixschema.model.extra import Space, Stored
from nixschema.storage import hints
from nixschema.storage.chunks import chunk_shape
from nixschema.storage.names import name_bytes
from nixschema.storage.types import (
    UTF8_MEMORY,
    UTF8_TEXT,
    ReadType,
    Types,
    decoded_type,
    encoded,
    fixed_text,
    plain_type,
)

_SCALAR = h5s.create(h5s.SCALAR)

MANY_ATTRIBUTES = 64
"""Up to so many attributes stay in the head of their object, where they take little space."""

_ORDERED = h5p.create(h5p.GROUP_CREATE)
_ORDERED.set_link_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
_ORDERED.set_attr_phase_change(MANY_ATTRIBUTES, MANY_ATTRIBUTES // 2)
_ORDERED.set_obj_track_times(False)
hints.expect_links(_ORDERED, 1, 8)

_UTF8_LINK = h5p.create(h5p.LINK_CREATE)
_UTF8_LINK.set_char_encoding(h5t.CSET_UTF8)

_types = Types()


def group(parent: Any, name: str | None) -> Any:
    """A group that keeps the order of its links; without a name, to be linked later."""
    if name is None:
        return h5g.create(parent, None, gcpl=_ORDERED)
    raw = name_bytes(name)
    return h5g.create(parent, raw, lcpl=link_plist(raw), gcpl=_ORDERED)


def hard_link(target: Any, parent: Any, name: str) -> None:
    """One more link to an object."""
    raw = name_bytes(name)
    h5o.link(target, parent, raw, lcpl=link_plist(raw))


def soft_link(parent: Any, name: str, path: str) -> None:
    """A link to whatever lies at a path."""
    raw = name_bytes(name)
    parent.links.create_soft(raw, name_bytes(path), lcpl=link_plist(raw))


def external_link(parent: Any, name: str, path: str, place: str) -> None:
    """A link to what lies in another file."""
    raw = name_bytes(name)
    parent.links.create_external(raw, name_bytes(path), name_bytes(place), lcpl=link_plist(raw))


def link_plist(raw: bytes) -> Any:
    """How a link of that name is made."""
    return None if raw.isascii() else _UTF8_LINK


def text_attribute(owner: Any, name: bytes, text: str) -> None:
    """A text, of fixed length only where it has a NUL in it.

    Raises:
        ValueError: it ends with a NUL, or has something in it that is no Unicode.
    """
    if text.endswith("\0"):
        raise ValueError("a text that ends with a NUL cannot be told from one without")
    if "\0" in text:
        raw = np.array(text.encode(), dtype=f"S{len(text.encode())}")
        fixed = fixed_text(raw.dtype.itemsize)
        h5a.create(owner, name, fixed, _SCALAR).write(raw, mtype=fixed)
        return
    value = np.array(text, dtype=object)
    h5a.create(owner, name, UTF8_TEXT, _SCALAR).write(value, mtype=UTF8_MEMORY)


def texts_attribute(owner: Any, name: bytes, texts: list[str]) -> None:
    """A list of texts."""
    space = h5s.create_simple((len(texts),))
    if h5a.exists(owner, name):  # A remainder yields to the field of its name.
        h5a.delete(owner, name)
    attribute = h5a.create(owner, name, UTF8_TEXT, space)
    if texts:
        attribute.write(np.array(texts, dtype=object), mtype=UTF8_MEMORY)


def number_attribute(owner: Any, name: bytes, value: Any, dtype: str) -> None:
    """A number, or a list of them; in 64 bits where it is too large for the type named."""
    given = np.asarray(value)
    wanted = np.dtype(dtype)
    if wanted.kind in "iu" and not (given == given.astype(wanted)).all():
        wanted = np.dtype("uint64" if (given > np.iinfo(np.int64).max).any() else "int64")
    values = given.astype(wanted)
    file_type = plain_type(wanted.str)
    space = h5s.create_simple(values.shape) if values.shape else _SCALAR
    h5a.create(owner, name, file_type, space).write(values, mtype=file_type)


def stored_attribute(owner: Any, name: str, stored: Stored) -> None:
    """An attribute exactly as it was read.

    Raises:
        ValueError: its value is not in memory.
    """
    raw_name = name_bytes(name)
    if stored.type is None:
        _plain_attribute(owner, raw_name, stored.value)
        return
    type_id = decoded_type(stored.type)
    if stored.space.kind == "null":
        h5a.create(owner, raw_name, type_id, space_of(stored.space))
    elif stored.value is None:
        raise ValueError("its value could not be read")
    else:
        read_type = _types.of(type_id)
        attribute = h5a.create(owner, raw_name, type_id, space_of(stored.space))
        values = _as_read(stored, read_type)
        if values.size:
            attribute.write(values, mtype=read_type.memory)


def _as_read(stored: Stored, read_type: ReadType) -> Any:
    """The buffer that reading an attribute filled."""
    values = np.empty(stored.space.shape, dtype=read_type.dtype)
    value = stored.value
    if isinstance(value, np.ndarray) and value.shape == values.shape:
        values[...] = encoded(value)
    elif isinstance(value, str):
        values[()] = value.encode("utf-8", "surrogateescape")
    elif read_type.dtype == object:
        values = values.reshape(-1)
        values[0] = value
        values = values.reshape(stored.space.shape)
    elif isinstance(value, np.void) and value.dtype.hasobject:
        values[()] = encoded(np.array(value))[()]
    else:
        values[()] = value
    return values


def _plain_attribute(owner: Any, name: bytes, value: Any) -> None:
    if isinstance(value, str):
        text_attribute(owner, name, value)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        texts_attribute(owner, name, value.tolist())
    else:
        values = np.asarray(value)
        file_type = h5t.py_create(values.dtype, logical=True)
        space = h5s.create_simple(values.shape) if values.shape else _SCALAR
        h5a.create(owner, name, file_type, space).write(values)


def space_of(space: Space) -> Any:
    """An HDF5 dataspace."""
    if space.kind == "null":
        return h5s.create(h5s.NULL)
    if space.kind == "scalar":
        return h5s.create(h5s.SCALAR)
    limits = tuple(h5s.UNLIMITED if limit is None else limit for limit in space.maxshape)
    return h5s.create_simple(space.shape, limits or None)


@lru_cache(maxsize=256)
def resizable(shape: tuple[int, ...]) -> Any:
    """A dataspace that can grow along each axis."""
    if not shape:
        return h5s.create(h5s.SCALAR)
    return h5s.create_simple(shape, (h5s.UNLIMITED,) * len(shape))


def dataset(
    parent: Any, name: str | None, type_id: Any, shape: tuple[int, ...], plist: Any = None
) -> Any:
    """A dataset that can grow, without values; without a name, to be linked later."""
    if plist is None:
        plist = new_plist(shape, type_id.get_size())
    return create_dataset(parent, name, type_id, resizable(shape), plist)


def create_dataset(parent: Any, name: str | None, type_id: Any, space: Any, plist: Any) -> Any:
    """A dataset of any space and storage; without a name, to be linked later."""
    raw = None if name is None else name_bytes(name)
    linking = None if raw is None else link_plist(raw)
    return h5d.create(parent, raw, type_id, space, dcpl=plist, lcpl=linking)


def empty_dataset(parent: Any, name: str | None, stored: StoredType) -> Any:
    """A dataset with an empty dataspace."""
    return create_dataset(parent, name, decoded_type(stored), h5s.create(h5s.NULL), None)


def named_type(place: Any, type_id: Any) -> Any:
    """A datatype that is an object of its own in the file of another object, to be linked later."""
    made = h5t.decode(type_id.encode())
    root = h5g.open(h5i.get_file_id(place), b"/")
    passing = b".type"
    while passing in root:
        passing += b"_"
    made.commit(root, passing)
    root.unlink(passing)
    return made


def new_plist(
    shape: tuple[int, ...],
    itemsize: int,
    compression: int = 0,
    chunks: tuple[int, ...] | None = None,
) -> Any:
    """How a new dataset is stored: in chunks, and compressed by deflate from level 1 on."""
    return _new_plist(chunks or chunk_shape(shape, itemsize), compression) if shape else None


def filled_plist(plist: Any, fill: Any, dtype: np.dtype[Any]) -> Any:
    """The same, with a value for all elements that are not written."""
    made = plist.copy()
    made.set_fill_value(np.asarray(fill, dtype=dtype))
    return made


@cache
def _new_plist(chunk: tuple[int, ...], compression: int) -> Any:
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk(chunk)
    plist.set_obj_track_times(False)
    plist.set_attr_phase_change(MANY_ATTRIBUTES, MANY_ATTRIBUTES // 2)
    hints.expect_no_attributes(plist)
    if compression:
        plist.set_deflate(compression)
    return plist
