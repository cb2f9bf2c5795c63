"""Sections and properties of a new file, written ahead as the bytes of their objects.

Calls of libhdf5 for each attribute of many thousand properties take several times as long. The
objects are the same; the writer links them where they belong. What is not quite usual, such as an
attribute that no text is, is left to the writer, and then all metadata is.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from operator import add
from typing import Any, NamedTuple

from h5py import _objects, h5d, h5g, h5o

from nixschema.garbage import many_objects
from nixschema.model import Container, File, Model, Property, Section
from nixschema.model.extra import Stored
from nixschema.model.fields import time_as_text
from nixschema.model.section import widest
from nixschema.storage.attributes import written_attributes
from nixschema.storage.blocks import (
    ATTRIBUTES_HERE,
    CONSTANT,
    DATATYPE,
    FILL_VALUE,
    LINK_COUNT,
    NOWHERE,
    Blocks,
    TooLarge,
    attribute_start,
    chunk_index,
    group_info,
    layout_start,
    link_info,
    link_message,
    message,
    object_header,
    vector_space,
)
from nixschema.storage.chunks import chunk_shape
from nixschema.storage.hints import library
from nixschema.storage.making import MANY_ATTRIBUTES, link_plist
from nixschema.storage.places import member_links
from nixschema.storage.plan import plan_of
from nixschema.storage.stream import Stream
from nixschema.storage.superblock import MOST_BYTES, Superblock
from nixschema.storage.types import UTF8_TEXT

_MOST_LINKS = 64
"""A group with more links has structures of its own for them, which libhdf5 makes."""

_GROUP_INFO = group_info(_MOST_LINKS)
_UNLINKED = message(LINK_COUNT, bytes(5))
"""That no link leads to an object yet, as version and count; without it, one does."""

Links = list[tuple[bytes, int]]
"""Names of links, and addresses of what they lead to."""


class _Odd(Exception):
    """Something is not written here."""


class _Element(NamedTuple):
    """An element type of values, as it is in a file."""

    datatype: bytes
    fill: bytes
    size: int
    """Bytes of an element; of text those in memory, by which chunks are chosen."""
    code: str
    """How numbers are packed; nothing for texts."""


_UNSET_IF_DEFAULT = b"\x03\x0b"
"""Fill value message: version; space is allocated chunk by chunk, the fill value is the default one
and written where it was set by the user."""
_UNSET_TEXT = b"\x03\x03"
"""The same, but that the fill value is undefined, as of types with parts elsewhere."""


def _numbers(datatype: str, size: int, code: str) -> _Element:
    return _Element(bytes.fromhex(datatype), _UNSET_IF_DEFAULT, size, code)


# Datatype messages: version and class, three bytes of flags, four of the size, then what the class
# needs. Of texts (class 9, a sequence; kind of it, charset) the type of the elements, of numbers
# (class 0 and 1) bit offset and precision, and of floats the places and sizes of exponent and
# mantissa and the bias. Booleans are an enumeration (class 8, with 2 members) of bytes.
_TEXT = bytes.fromhex("19 010100 10000000 10 000000 01000000 0000 0800")
_FLOAT = bytes.fromhex("11 203f00 08000000 0000 4000 34 0b 00 34 ff030000")
_ELEMENTS: dict[str, _Element] = {
    "string": _Element(_TEXT, _UNSET_TEXT, 8, ""),
    "float64": _Element(_FLOAT, _UNSET_IF_DEFAULT, 8, "d"),
    "int64": _numbers("10 080000 08000000 0000 4000", 8, "q"),
    "uint64": _numbers("10 000000 08000000 0000 4000", 8, "Q"),
    "boolean": _numbers(
        "38 020000 01000000 10 080000 01000000 0000 0800 46414c534500 5452554500 00 01", 1, "?"
    ),
}
_NUMBER = struct.Struct("<d")
_IN_HEAP = 16
"""Bytes of what stands for a text in datasets and attributes."""
_KINDS = {str, float, int, bool}


class Ahead:
    """Sections and properties that are in a file, and have no links yet."""

    def __init__(
        self, file_id: Any, addresses: dict[int, int], many: list[tuple[int, Links]],
        linked: list[Section],
    ) -> None:  # fmt: skip
        self.linked = linked
        """Sections with references to others."""
        self._file_id = file_id
        self._addresses = addresses
        self._many = many

    def has(self, model: object) -> bool:
        """Whether a model's object is here."""
        return id(model) in self._addresses

    def object(self, model: Model, part: str = "") -> Any:
        """The object of a model, or the group of a container of it.

        Raises:
            OSError: it cannot be opened.
        """
        made = self._opened(self._addresses[id(model)], is_group=isinstance(model, Section))
        return h5o.open(made, part.encode()) if part else made

    def link_groups(self) -> None:
        """Link the members of those groups that have many.

        Raises:
            OSError: it cannot be done.
        """
        for address, links in self._many:
            group = self._opened(address, is_group=True)
            for name, target in links:
                h5o.link(self._opened(target), group, name, lcpl=link_plist(name))

    def _opened(self, address: int, *, is_group: bool = False) -> Any:
        function = _opening()
        assert function is not None
        with _objects.phil:
            found = function(self._file_id.id, address)
            if found < 0:
                raise OSError(f"libhdf5 does not find the object at {address}")
            return h5g.GroupID(found) if is_group else h5d.DatasetID(found)


@cache
def _opening() -> Callable[[int, int], int] | None:
    """The function of libhdf5 that opens an object by its address, where it can be found."""
    function: Any = getattr(library(), "H5Oopen_by_addr", None)
    if function is not None:
        function.argtypes = [ctypes.c_int64, ctypes.c_uint64]
        function.restype = ctypes.c_int64
    return function  # type: ignore[no-any-return]


class AheadWriter:
    """Writes the metadata of a file to a stream, where all of it is usual."""

    def __init__(self, file: File, stream: Stream, changes: Mapping[int, object]) -> None:
        """Prepare.

        Args:
            file: the file.
            stream: where an empty HDF5 file is, when `write` is called.
            changes: identities of models of which other values are written than they have.
        """
        self._file = file
        self._stream = stream
        self._changes = changes
        self._addresses: dict[int, int] = {}
        self._many: list[tuple[int, Links]] = []
        self._linked: list[Section] = []

    def opened(self, file_id: Any) -> Ahead | None:
        """What was written, when the file is open again; None where nothing was."""
        if not self._addresses:
            return None
        return Ahead(file_id, self._addresses, self._many, self._linked)

    def write(self) -> None:
        """Write all metadata, or nothing.

        Raises:
            OSError: the stream could not be written.
        """
        if not len(self._file.metadata) or _opening() is None:
            return
        head = bytearray(MOST_BYTES)
        self._stream.seek(0)
        self._stream.readinto(memoryview(head))
        superblock = Superblock.parsed(bytes(head))
        self._blocks = Blocks(self._stream, superblock.end)
        try:
            with many_objects():
                self._write_all()
        except (_Odd, TooLarge, UnicodeEncodeError, struct.error):
            self._addresses.clear()
            self._stream.truncate(superblock.end)
            return
        self._blocks.flush()
        self._stream.seek(0)
        self._stream.write(memoryview(superblock.ending(self._blocks.end).raw))
        self._stream.check()

    def _write_all(self) -> None:
        """Write members before their owners, which hold their addresses."""
        order: list[tuple[Section, bool]] = []
        stack = [(section, False) for section in self._file.metadata]
        while stack:
            section, is_linked = stack.pop()
            order.append((section, is_linked))
            inner = len(section.sections) <= _MOST_LINKS
            stack.extend((one, inner) for one in section.sections)
        for section, is_linked in reversed(order):
            self._section(section, is_linked)

    def _section(self, section: Section, is_linked: bool) -> None:
        self._check(section)
        links: Links = []
        if len(section.properties):
            inner = len(section.properties) <= _MOST_LINKS
            for one in section.properties:
                self._property(one, inner)
            links.append((b"properties", self._members(section.properties)))
        if len(section.sections):
            links.append((b"sections", self._members(section.sections)))
        if section.__dict__["link"] is not None:
            self._linked.append(section)
        attributes = self._attributes(section)
        self._addresses[id(section)] = self._group(links, attributes, is_linked)

    def _members(self, members: Container[Any]) -> int:
        """Write the group of a container, and give its address."""
        links = [(_name(name), self._addresses[id(one)]) for name, one in member_links(members)]
        if len({name for name, _ in links}) < len(links):
            raise _Odd
        if len(links) <= _MOST_LINKS:
            return self._group(links, [], True)
        address = self._group([], [], True)
        self._many.append((address, links))
        return address

    def _group(self, links: Links, attributes: list[bytes], is_linked: bool) -> int:
        messages = [link_info(len(links)), _GROUP_INFO]
        messages += [link_message(order, *link) for order, link in enumerate(links)]
        return self._object(messages, attributes, is_linked)

    def _property(self, one: Property, is_linked: bool) -> None:
        self._check(one)
        fields = one.__dict__
        values, storage = fields["values"], fields["storage"]
        kinds = {*map(type, values)}
        if len(kinds) > 1 or not kinds <= _KINDS:
            raise _Odd
        name = widest(values) if values or storage is None else storage
        if name not in _ELEMENTS or storage not in (None, name):
            raise _Odd
        messages = self._dataset(values, name)
        self._addresses[id(one)] = self._object(messages, self._attributes(one), is_linked)

    def _dataset(self, values: list[Any], name: str) -> list[bytes]:
        """Write the values of a dataset, and give what its header says of them."""
        count = len(values)
        element = _ELEMENTS[name]
        start = _dataset_start(name, count) if count < _USUAL else _made_start(name, count)
        index = NOWHERE
        if count:
            place = self._blocks.put(self._encoded(values, element))
            address = self._blocks.end
            self._blocks.put(chunk_index(address, place))
            index = address.to_bytes(8, "little")
        return [start, index]

    def _encoded(self, values: list[Any], element: _Element) -> bytes:
        if element.code:
            try:
                return struct.pack(f"<{len(values)}{element.code}", *values)
            except struct.error:
                raise _Odd from None
        return b"".join(self._blocks.texts([*map(_text, values)]))

    def _attributes(self, model: Model) -> list[bytes]:
        kind = type(model)
        fields = model.__dict__
        absent = plan_of(kind).absent
        is_named = "name" in model.__pydantic_fields_set__
        starts: list[bytes] = []
        texts: list[bytes] = []
        numbers: list[tuple[int, bytes]] = []
        for field, start, how in _attributes_of(kind):
            value = fields[field]
            if value is None:
                continue
            if how == "text":
                if (not value and field in absent) or (field == "name" and not is_named):
                    continue
                if "\0" in value:
                    raise _Odd
                texts.append(value.encode())
            elif how == "time":
                texts.append(_time(value))
            elif how == "float64":
                numbers.append((len(starts) + len(numbers), start + _NUMBER.pack(value)))
                continue
            else:
                raise _Odd
            starts.append(start)
        for name, stored in model.extra.attributes.items():
            if name in _claimed(kind) or not _is_text(stored):
                raise _Odd
            starts.append(_text_start(_name(name)))
            texts.append(_text(stored.value))
        made = [*map(add, starts, self._blocks.texts(texts))]
        for position, number in numbers:
            made.insert(position, number)
        return made

    def _object(self, messages: list[bytes], attributes: list[bytes], is_linked: bool) -> int:
        if len(attributes) > MANY_ATTRIBUTES:
            raise _Odd
        if not is_linked:
            messages.append(_UNLINKED)
        if attributes:
            messages.append(ATTRIBUTES_HERE)
        return self._blocks.put(object_header(messages + attributes, MANY_ATTRIBUTES))

    def _check(self, model: Model) -> None:
        """See that a model has nothing about it that is not written here."""
        extra = model.extra
        if extra.members or extra.form is not None or id(model) in self._changes:
            raise _Odd


def _is_text(stored: Stored) -> bool:
    """Whether an attribute that no field claims is a text as NIX has it."""
    known = stored.type is None or stored.type.encoded == _utf8_text()
    return known and stored.space.kind == "scalar"


@cache
def _utf8_text() -> bytes:
    return bytes(UTF8_TEXT.encode())


def _text(text: Any) -> bytes:
    if not isinstance(text, str) or "\0" in text:
        raise _Odd
    return text.encode()


def _name(name: str) -> bytes:
    raw = name.encode()
    if raw in (b"", b".", b"..") or b"/" in raw or b"\0" in raw:
        raise _Odd
    return raw


def _made_start(name: str, count: int) -> bytes:
    """The header of a dataset of so many elements, but for the address of its index."""
    element = _ELEMENTS[name]
    (chunk,) = chunk_shape((count,), element.size)
    if count and chunk != count:
        raise _Odd
    return b"".join(
        (
            vector_space(count),
            message(DATATYPE, element.datatype, CONSTANT),
            message(FILL_VALUE, element.fill, CONSTANT),
            layout_start(chunk, element.size if element.code else _IN_HEAP),
        )
    )


_dataset_start = lru_cache(maxsize=256)(_made_start)
_USUAL = 50
"""Headers of datasets with fewer elements are made once."""


@lru_cache
def _time(time: datetime) -> bytes:
    return time_as_text(time).encode()


@cache
def _attributes_of(kind: type[Model]) -> tuple[tuple[str, bytes, str], ...]:
    """Fields of a class that are attributes, the starts of their messages, and of what kind."""
    return tuple(
        (field, _number_start(raw) if how == "float64" else _text_start(raw), how)
        for field, _, raw, how in written_attributes(kind)
    )


@cache
def _claimed(kind: type[Model]) -> frozenset[str]:
    """Names of the attributes that fields of a class are; another may stand for such a field."""
    return frozenset(one.name for one in written_attributes(kind))


@lru_cache
def _text_start(name: bytes) -> bytes:
    return attribute_start(name, _TEXT, _IN_HEAP)


@lru_cache
def _number_start(name: bytes) -> bytes:
    return attribute_start(name, _FLOAT, _NUMBER.size)
