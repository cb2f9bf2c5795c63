"""Blocks of an HDF5 file as bytes: object headers, heaps of texts, the indexes of single chunks.

Just what libhdf5 writes within the bounds of version 1.10; it reads and edits them as its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from nixschema.storage.checksum import checksum
from nixschema.storage.stream import Stream

NOWHERE = b"\xff" * 8
"""The address of what is not there."""

DATASPACE, LINK_INFO, DATATYPE, FILL_VALUE = 0x01, 0x02, 0x03, 0x05
LINK, LAYOUT, GROUP_INFO, ATTRIBUTE, LINK_COUNT = 0x06, 0x08, 0x0A, 0x0C, 0x16

_HEAP_BYTES = 16 * 1024
"""Size of a heap; a text that does not fit has one of its own."""

_PIECE_BYTES = 1024 * 1024
"""So much is held back before it is written."""

_HEAP_START = struct.Struct("<4sB3xQ")
_HEAP_ITEM = struct.Struct("<H6xQ")
_TEXT_PLACE = struct.Struct("<IQI")
_MESSAGE = struct.Struct("<BHB")
_HEAP_HEAD = 16
_PADDING = tuple(map(bytes, range(8)))
_LARGEST_MESSAGE = 65_535


class TooLarge(Exception):
    """Something does not fit into a block."""


def sealed_block(block: bytes) -> bytes:
    """A block with its checksum behind it."""
    return block + checksum(block).to_bytes(4, "little")


def message(kind: int, content: bytes, flags: int = 0) -> bytes:
    """A message of an object header.

    Raises:
        TooLarge: its content has more bytes than a message may have.
    """
    if len(content) > _LARGEST_MESSAGE:
        raise TooLarge
    return _MESSAGE.pack(kind, len(content), flags) + content


def object_header(messages: Iterable[bytes], most_attributes: int) -> bytes:
    """The header of an object.

    Args:
        messages: its content.
        most_attributes: up to so many attributes stay in the header.
    """
    content = b"".join(messages)
    size = len(content)
    width = 0 if size < 0x100 else 1 if size < 0x10000 else 2
    start = struct.pack("<4sBBHH", b"OHDR", 2, 0x10 | width, most_attributes, most_attributes // 2)
    return sealed_block(start + size.to_bytes(1 << width, "little") + content)


def link_message(order: int, name: bytes, address: int) -> bytes:
    """A hard link, the one that was made as number `order` in its group."""
    size = len(name)
    width = 0 if size < 0x100 else 1 if size < 0x10000 else 2
    is_ascii = name.isascii()
    start = struct.pack("<BBQ", 1, 0x04 | width | (0 if is_ascii else 0x10), order)
    charset = b"" if is_ascii else b"\x01"
    length = size.to_bytes(1 << width, "little")
    return message(LINK, start + charset + length + name + address.to_bytes(8, "little"))


def link_info(count: int) -> bytes:
    """That a group tracks and indexes the order of its links, of which it has had so many."""
    return message(LINK_INFO, struct.pack("<BBQ", 0, 3, count) + NOWHERE * 3)


def attribute_start(name: bytes, datatype: bytes, size: int) -> bytes:
    """The message of an attribute that is a single value, but for the value.

    Args:
        name: its name.
        datatype: its type.
        size: bytes of the value.

    Raises:
        TooLarge: the name is longer than a message may be.
    """
    space = b"\x02\x00\x00\x00"
    if len(name) > _LARGEST_MESSAGE // 2:
        raise TooLarge
    start = struct.pack("<BBHHHB", 3, 0, len(name) + 1, len(datatype), len(space), 0)
    start += name + b"\0" + datatype + space
    return _MESSAGE.pack(ATTRIBUTE, len(start) + size, 0) + start


def chunk_index(address: int, chunk: int) -> bytes:
    """The index of a dataset of one axis without end that has one chunk.

    It is an extensible array: its header, and behind that the block with the place of the chunk.

    Args:
        address: where it will lie.
        chunk: address of the chunk.
    """
    block = address + _INDEX_HEADER_BYTES
    counts = struct.pack("<6Q", 0, 0, 0, 0, 1, 4)
    header = sealed_block(b"EAHD\x00\x00\x08\x20\x04\x10\x04\x0a" + counts + _address(block))
    places = _address(chunk) + NOWHERE * _OTHER_PLACES
    return header + sealed_block(b"EAIB\x00\x00" + _address(address) + places)


_INDEX_HEADER_BYTES = 72
_OTHER_PLACES = 3 + 6 + 25  # More chunks, blocks of them, and blocks of such blocks.

INDEX_PARAMETERS = b"\x04\x20\x04\x04\x10\x0a"
"""What the layout of a dataset says about such an index: its kind, and how it grows."""


def _address(place: int) -> bytes:
    return place.to_bytes(8, "little")


class Blocks:
    """Writes blocks to a file, one behind the other."""

    def __init__(self, stream: Stream, start: int) -> None:
        """Prepare.

        Args:
            stream: the file.
            start: where its content ends so far.
        """
        self.end = start
        """Where the next block will lie."""
        self._stream = stream
        self._pieces: list[bytes] = []
        self._written = start
        self._heap: list[bytes] = []
        self._heap_address = 0
        self._heap_slot = 0
        self._room = 0

    def put(self, block: bytes) -> int:
        """Write a block, and give its address."""
        if self.end - self._written > _PIECE_BYTES:
            self.flush()
        address = self.end
        self._pieces.append(block)
        self.end = address + len(block)
        return address

    def text(self, raw: bytes) -> bytes:
        """Keep a text in a heap, and give what stands for it in attributes and datasets."""
        size = len(raw)
        padding = -size & 7
        needed = _HEAP_HEAD + size + padding
        if needed > self._room:
            self._open_heap(needed)
        heap = self._heap
        number = len(heap) // 3 + 1
        heap += (_HEAP_ITEM.pack(number, size), raw, _PADDING[padding])
        self._room -= needed
        return _TEXT_PLACE.pack(size, self._heap_address, number)

    def _open_heap(self, needed: int) -> None:
        self._close_heap()
        size = max(_HEAP_BYTES, needed + _HEAP_HEAD + 4095 & ~4095)
        self._heap_address = self.put(bytes(size))
        self._heap_slot = len(self._pieces) - 1
        self._room = size - _HEAP_HEAD

    def _close_heap(self) -> None:
        """Fill the place of the heap with what it has got."""
        if self._heap:
            size = len(self._pieces[self._heap_slot])
            free = _HEAP_ITEM.pack(0, self._room) if self._room >= _HEAP_HEAD else b""
            filled = b"".join((_HEAP_START.pack(b"GCOL", 1, size), *self._heap, free))
            self._pieces[self._heap_slot] = filled.ljust(size, b"\0")
            self._heap = []
        self._room = 0

    def flush(self) -> None:
        """Write what is held back."""
        self._close_heap()
        self._stream.seek(self._written)
        self._stream.write(memoryview(b"".join(self._pieces)))
        self._stream.check()
        self._written = self.end
        self._pieces = []
