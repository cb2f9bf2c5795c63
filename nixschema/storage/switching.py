"""Changing B-trees of version 2 without a moment at which they cannot be read.

A parent tells how full each of its nodes is, and the checksum of a node stands behind its last
record: parent and node fit only together. So the changed nodes are first written to where nobody
looks, then one write of the tree's header makes the tree of these copies; then the nodes are
written to where they belong, and one more write of the header switches to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from nixschema.storage.checksum import sealed

_WIDTH = 8
_HEADER_BYTES = 38
_PREFIX = 6
"""Bytes of a node before its records: signature, version, type."""
_CHECKSUM = 4
_ROOT_PLACE = 16
"""Where in a header the address of the root stands."""


class _Shape(NamedTuple):
    """Sizes in a tree, that follow from those in its header."""

    node: int
    record: int
    count_bytes: int
    """Bytes of the number of records in a node."""
    total_bytes: tuple[int, ...]
    """Bytes of the number of records below a node, by its height above the leaves."""

    def pointer(self, height: int) -> int:
        """Bytes of a pointer to a child, in a node of some height."""
        return _WIDTH + self.count_bytes + self.total_bytes[height - 1]

    @classmethod
    def of(cls, node: int, record: int, depth: int) -> _Shape:
        """The sizes in a tree."""
        most = (node - _PREFIX - _CHECKSUM) // record
        count_bytes = _bytes_of(most)
        # A leaf is told by its own count, so no total stands beside it.
        total_bytes, total = [0], most
        shape = cls(node, record, count_bytes, (0,))
        for height in range(1, depth):
            pointer = shape.pointer(height)
            fitting = (node - _PREFIX - _CHECKSUM - pointer) // (record + pointer)
            total = (fitting + 1) * total + fitting
            total_bytes.append(_bytes_of(total))
            shape = shape._replace(total_bytes=tuple(total_bytes))
        return shape


def _bytes_of(most: int) -> int:
    """Bytes that numbers up to a limit take."""
    return (most.bit_length() - 1) // 8 + 1


class TreeNodes:
    """Changed blocks of B-trees of version 2."""

    def __init__(
        self,
        blocks: Mapping[int, bytes],
        base: int,
        known_end: int,
        read: Callable[[int, int], bytes],
    ) -> None:
        self.blocks = blocks
        """By address, headers too."""
        self.base = base
        """What addresses inside the file count from."""
        self._known_end = known_end
        self._read = read

    def headers(self) -> list[int]:
        """Addresses of the changed headers."""
        return [address for address, block in self.blocks.items() if block[:4] == b"BTHD"]

    def node(self, address: int, size: int) -> bytes:
        """A node as it is to be."""
        return self.blocks.get(address) or self._read(address, size)

    def is_touched(self, address: int) -> bool:
        """Whether a node is new, or changed: no other has children of another count."""
        return address in self.blocks or address >= self._known_end


class Switch:
    """Copies of changed nodes, and headers that lead to them."""

    def __init__(self, nodes: TreeNodes, start: int) -> None:
        self.copies: dict[int, bytes] = {}
        """Nodes that belong elsewhere, by the address of the copy."""
        self.headers: dict[int, bytes] = {}
        """Headers that lead to copies, by address."""
        self.end = start
        """Behind the last copy."""
        self._nodes = nodes
        for address in nodes.headers():
            self._add_tree(address)

    def _add_tree(self, address: int) -> None:
        header = self._nodes.blocks[address]
        node, record, depth = (
            int.from_bytes(header[start:stop], "little")
            for start, stop in ((6, 10), (10, 12), (12, 14))
        )
        root = int.from_bytes(header[_ROOT_PLACE : _ROOT_PLACE + _WIDTH], "little")
        count = int.from_bytes(header[24:26], "little")
        if root == 2 ** (8 * _WIDTH) - 1 or not count:
            return
        shape = _Shape.of(node, record, depth)
        place = self._placed(root, count, depth, shape)
        if place != root:
            changed = bytearray(header[:_HEADER_BYTES])
            changed[_ROOT_PLACE : _ROOT_PLACE + _WIDTH] = place.to_bytes(_WIDTH, "little")
            self.headers[address] = sealed(changed)

    def _placed(self, address: int, count: int, height: int, shape: _Shape) -> int:
        """Where a node can be read while nodes are changed; trees are a few levels deep."""
        here = address + self._nodes.base
        if not height:
            return self._copied(self._nodes.blocks[here]) if here in self._nodes.blocks else address
        block = self._nodes.node(here, shape.node)
        pointer = shape.pointer(height)
        start = _PREFIX + count * shape.record
        changed = bytearray(block[: start + (count + 1) * pointer + _CHECKSUM])
        moved = here in self._nodes.blocks
        for position in range(start, start + (count + 1) * pointer, pointer):
            child = int.from_bytes(block[position : position + _WIDTH], "little")
            counts = block[position + _WIDTH : position + _WIDTH + shape.count_bytes]
            if not self._nodes.is_touched(child + self._nodes.base):
                continue
            place = self._placed(child, int.from_bytes(counts, "little"), height - 1, shape)
            if place != child:
                changed[position : position + _WIDTH] = place.to_bytes(_WIDTH, "little")
                moved = True
        return self._copied(sealed(changed).ljust(shape.node, b"\0")) if moved else address

    def _copied(self, block: bytes) -> int:
        place = self.end
        self.copies[place] = block
        self.end = place + len(block)
        return place - self._nodes.base
