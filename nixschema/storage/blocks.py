"""Blocks of an HDF5 file as bytes: object headers, heaps of texts, the indexes of single chunks.

Just what libhdf5 writes within the bounds of version 1.10; it reads and edits them as its own.
Names and layouts are those of the HDF5 File Format Specification, version 3.0: "Version 2 Data
Object Header Prefix" and the messages behind it, "Global Heap" and "Extensible Array Index". All
numbers are little-endian, addresses and lengths have eight bytes, as the superblock says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from nixschema.storage.checksum import checksum, quickest
from nixschema.storage.stream import Stream

NOWHERE = b"\xff" * 8
"""The undefined address: of what is not there."""

DATASPACE, LINK_INFO, DATATYPE, FILL_VALUE = 0x01, 0x02, 0x03, 0x05
LINK, LAYOUT, GROUP_INFO, ATTRIBUTE = 0x06, 0x08, 0x0A, 0x0C
ATTRIBUTE_INFO, LINK_COUNT = 0x15, 0x16
"""Types of header messages."""

CONSTANT = 0x01
"""Flag of a message that never changes."""

NEVER_SHARED = 0x04
"""Flag of a message that is never kept once for several objects."""

SCALAR_SPACE = b"\x02\x00\x00\x00"
"""Dataspace message of a single value: version, rank, flags, type."""

_HEAP_BYTES = 16 * 1024
"""Size of a heap; a text that does not fit has one of its own. At least 4096 by the format."""

_PIECE_BYTES = 1024 * 1024
"""So much is held back before it is written."""

_MESSAGE = struct.Struct("<BHB")
"""Type of a message, bytes of its content, flags. Headers here do not track the order of
attributes, so there is no field for it."""
_LARGEST_MESSAGE = 65_535

_HEADER_START = struct.Struct("<4sBBHH")
"""Signature, version, flags, most attributes in the header, fewest in structures of their own."""
_STORES_PHASE_CHANGE = 0x10
"""Flag of a header that says how many attributes stay in it. The two lowest bits of the flags say
how many bytes the size of the messages has: 1, 2, 4. Times (bit 5) are not stored."""

_LINK_START = struct.Struct("<BBQ")
"""Version, flags, creation order."""
_SHORT_LINK = struct.Struct("<BHBBBQB")
"""The same behind the start of its message, and the length of a short name."""
_TELLS_ORDER, _TELLS_CHARSET = 0x04, 0x10
"""Flags of links. The two lowest bits say how many bytes the length of the name has. The type of
the link (bit 3) is not stored: it is a hard one."""

_LINK_INFO = struct.Struct("<BBQ")
"""Version, flags, the largest creation order so far and one. Then come the addresses of what holds
links when there are many: heap, index of names, index of creation orders."""
_ORDER_TRACKED, _ORDER_INDEXED = 0x01, 0x02

_ATTRIBUTE_START = struct.Struct("<BBHHHB")
"""Version, flags, sizes of name with its NUL, of type and of space, charset of the name."""

_HEAP_START = struct.Struct("<4sB3xQ")
"""Signature, version, size."""
_HEAP_ITEM = struct.Struct("<HH4xQ")
"""Number, count of references (libhdf5 writes 0), size. Behind it lies the object, filled up to
eight bytes. Number 0 is the free space, whose size counts this start of it too."""
_TEXT_PLACE = struct.Struct("<IQI")
"""What stands for a text of variable length: its size, address of the heap, number in it."""
_HEAP_HEAD = 16
_PADDING = tuple(map(bytes, range(8)))


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
    flags = _STORES_PHASE_CHANGE | width
    start = _HEADER_START.pack(b"OHDR", 2, flags, most_attributes, most_attributes // 2)
    block = b"".join((start, size.to_bytes(1 << width, "little"), content))
    return block + quickest()(block).to_bytes(4, "little")


def link_message(order: int, name: bytes, address: int) -> bytes:
    """A hard link, the one that was made as number `order` in its group."""
    size = len(name)
    place = address.to_bytes(8, "little")
    if size < 0x100 and name.isascii():  # As nearly all are.
        whole = _LINK_START.size + 1 + size + len(place)
        return _SHORT_LINK.pack(LINK, whole, 0, 1, _TELLS_ORDER, order, size) + name + place
    width = 0 if size < 0x100 else 1 if size < 0x10000 else 2
    charset = b"" if name.isascii() else b"\x01"
    flags = _TELLS_ORDER | width | (_TELLS_CHARSET if charset else 0)
    start = _LINK_START.pack(1, flags, order) + charset + size.to_bytes(1 << width, "little")
    return message(LINK, start + name + place)


def link_info(count: int) -> bytes:
    """That a group tracks and indexes the order of its links, of which it has had so many."""
    start = _LINK_INFO.pack(0, _ORDER_TRACKED | _ORDER_INDEXED, count)
    return message(LINK_INFO, start + NOWHERE * 3)


def group_info(most_links: int) -> bytes:
    """That up to so many links stay in the header of a group, as `H5Pset_link_phase_change` has it.

    Version, flags (both pairs of numbers are there), most links in the header and fewest in
    structures of their own, how many links were expected with names of how many bytes.
    """
    content = struct.pack("<BBHHHH", 0, 0x03, most_links, most_links // 2, 1, 8)
    return message(GROUP_INFO, content, CONSTANT)


def attribute_start(name: bytes, datatype: bytes, size: int) -> bytes:
    """The message of an attribute that is a single value, but for the value.

    Args:
        name: its name.
        datatype: its type.
        size: bytes of the value.

    Raises:
        TooLarge: the name is longer than a message may be.
    """
    if len(name) > _LARGEST_MESSAGE // 2:
        raise TooLarge
    charset = 0  # That of h5py and nixio, whatever the name.
    sizes = len(name) + 1, len(datatype), len(SCALAR_SPACE)
    start = _ATTRIBUTE_START.pack(3, 0, *sizes, charset) + name + b"\0" + datatype + SCALAR_SPACE
    return _MESSAGE.pack(ATTRIBUTE, len(start) + size, 0) + start


ATTRIBUTES_HERE = message(ATTRIBUTE_INFO, b"\x00\x00" + NOWHERE * 2, NEVER_SHARED)
"""That an object has attributes, and all in its header: version, flags (their order is not
tracked), heap and index of their names. Without it libhdf5 counts none."""


def vector_space(count: int) -> bytes:
    """Dataspace message of one axis without end."""
    start = bytes((2, 1, 1, 1))  # Version, rank, flags (the largest extent is told), simple.
    return message(DATASPACE, start + count.to_bytes(8, "little") + UNLIMITED)


UNLIMITED = b"\xff" * 8
"""The largest extent of an axis without end."""


def layout_start(chunk: int, size: int) -> bytes:
    """Layout message of a dataset of one axis without end, but for the address of its index.

    Args:
        chunk: elements in a chunk.
        size: bytes of an element.
    """
    width = (max(chunk, size).bit_length() + 7) // 8
    content = _CHUNKED + bytes((width,))
    content += chunk.to_bytes(width, "little") + size.to_bytes(width, "little") + _INDEXED
    return _MESSAGE.pack(LAYOUT, len(content) + len(NOWHERE), 0) + content


_CHUNKED = bytes((4, 2, 0, 2))
"""Version, class (chunked), flags, rank and one; bytes of a dimension follow, then dimensions."""


class _ExtensibleArray:
    """How the index of a dataset with one axis without end grows; libhdf5 has no others."""

    ELEMENT_BITS = 32
    """Bits of the largest number of elements."""
    FIRST = 4
    """Chunks whose places stand in the index block itself."""
    FEWEST_POINTERS = 4
    """Data blocks that a super block leads to, at least."""
    FEWEST = 16
    """Chunks that a data block tells, at least."""
    PAGE_BITS = 10
    """Bits of the number of chunks in a page of a data block."""
    BLOCKS, SUPER_BLOCKS = 6, 25
    """What the index block leads to, as follows from the numbers above."""


_EA = _ExtensibleArray
_INDEXED = bytes((4, _EA.ELEMENT_BITS, _EA.FIRST, _EA.FEWEST_POINTERS, _EA.FEWEST, _EA.PAGE_BITS))
"""What a layout says of such an index; its kind is 4. The address follows."""

_INDEX_HEADER = (
    b"EAHD\x00\x00"  # Version; what is told (chunks without filters).
    + bytes((8, _EA.ELEMENT_BITS, _EA.FIRST, _EA.FEWEST, _EA.FEWEST_POINTERS, _EA.PAGE_BITS))
    # Super blocks and data blocks and bytes of each, the largest index set and one, elements.
    + struct.pack("<6Q", 0, 0, 0, 0, 1, _EA.FIRST)
)
_INDEX_HEADER_BYTES = len(_INDEX_HEADER) + 8 + 4
_INDEX_BLOCK = b"EAIB\x00\x00"
_NO_OTHERS = NOWHERE * (_EA.FIRST - 1 + _EA.BLOCKS + _EA.SUPER_BLOCKS)


def chunk_index(address: int, chunk: int) -> bytes:
    """The index of a dataset of one axis without end that has one chunk.

    It is an extensible array: its header, and behind that the index block with the place of the
    chunk.

    Args:
        address: where it will lie.
        chunk: address of the chunk.
    """
    seal = quickest()
    header = _INDEX_HEADER + (address + _INDEX_HEADER_BYTES).to_bytes(8, "little")
    block = _INDEX_BLOCK + address.to_bytes(8, "little") + chunk.to_bytes(8, "little") + _NO_OTHERS
    sums = seal(header).to_bytes(4, "little"), seal(block).to_bytes(4, "little")
    return b"".join((header, sums[0], block, sums[1]))


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
        address = self.end
        if address - self._written > _PIECE_BYTES:
            self.flush()
        self._pieces.append(block)
        self.end = address + len(block)
        return address

    def texts(self, raws: Iterable[bytes]) -> list[bytes]:
        """Keep texts in a heap, and give what stands for each in attributes and datasets."""
        places: list[bytes] = []
        heap, room, address = self._heap, self._room, self._heap_address
        number = len(heap) // 3
        for raw in raws:
            size = len(raw)
            padding = -size & 7
            needed = _HEAP_HEAD + size + padding
            if needed > room:
                self._open_heap(needed, room)
                heap, room, address = self._heap, self._room, self._heap_address
                number = 0
            number += 1
            heap += (_item(number, 0, size), raw, _PADDING[padding])
            room -= needed
            places.append(_place(size, address, number))
        self._room = room
        return places

    def _open_heap(self, needed: int, room: int) -> None:
        self._room = room
        self._close_heap()
        size = max(_HEAP_BYTES, needed + _HEAP_HEAD + 4095 & ~4095)
        self._heap_address = self.put(bytes(size))
        self._heap_slot = len(self._pieces) - 1
        self._room = size - _HEAP_HEAD

    def _close_heap(self) -> None:
        """Fill the place of the heap with what it has got."""
        if self._heap:
            size = len(self._pieces[self._heap_slot])
            # Where the start of a free space does not fit, zeros are left.
            free = _item(0, 0, self._room) if self._room >= _HEAP_HEAD else b""
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


_item, _place = _HEAP_ITEM.pack, _TEXT_PLACE.pack
