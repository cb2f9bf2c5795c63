"""In which order changed blocks of an HDF5 file may go to the disk.

A process can be killed between any two writes, so after each of them the file has to be whole.
libhdf5 keeps data, the index of a dataset's chunks and the dataset's head in blocks that point to
each other; the head tells how long the dataset is. What is beyond that length nobody sees, so the
head comes last, and each block after those that it points to. There are two exceptions:

* A B-tree of version 1 splits a node by moving half of it to a new one. The parent has to know the
  new node before the old one forgets, so parents come before children.
* A B-tree of version 2 tells in the parent how full a node is: see `switching`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nixschema.storage.superblock import Superblock
from nixschema.storage.switching import Switch, TreeNodes

Read = Callable[[int, int], bytes]
"""Reads so many bytes at an address of the file on the disk."""

HEAP = b"GCOL"
"""Starts a block of values of variable length."""

_RANKS = {
    signature: rank
    for rank, signatures in enumerate(
        (
            (HEAP,),
            (b"SNOD", b"FHDB", b"FADB", b"EADB"),
            (b"FHIB", b"EASB"),
            (b"HEAP", b"FRHP", b"EAIB"),
            (b"FAHD", b"EAHD"),
            (b"TREE",),
            (b"BTLF", b"BTIN", b"BTHD"),
            (b"OCHK",),
            (b"OHDR",),
        ),
        1,
    )
    for signature in signatures
}
_DATA, _HEAP, _TREE, _TREE_2 = 0, _RANKS[HEAP], _RANKS[b"TREE"], _RANKS[b"BTHD"]

_TREE_HEAD = 24
"""Bytes in front of the first key of a B-tree of version 1."""

_FIRST = 16
"""Bytes in front of a value in a heap: its number and its length."""


class Write(NamedTuple):
    """One write to the disk."""

    address: int
    data: bytes


class Changes(NamedTuple):
    """What libhdf5 has changed in what is in use in a file."""

    blocks: Mapping[int, bytes]
    """Blocks by address."""
    data: frozenset[int] | set[int]
    """Addresses of those that are data of datasets."""
    old_headers: bool
    """Whether heads of objects are of the kind that has no signature."""
    superblock: Superblock
    """The new one."""
    base: int
    """Where it lies; addresses in the file count from there."""
    known: Superblock
    """The one on the disk; what is beyond its end is new, and on the disk already."""
    key_bytes: int
    """Bytes of a key in a B-tree of version 1."""


def in_order(changes: Changes, read: Read) -> Iterator[Write]:
    """The writes that bring changes to the disk, each of which leaves a whole file.

    Args:
        changes: what has changed.
        read: reads what is on the disk, between the writes too.
    """
    ranked: dict[int, dict[int, bytes]] = {}
    for address, block in changes.blocks.items():
        ranked.setdefault(_rank(address, block, changes), {})[address] = block
    superblock = changes.superblock
    known_end = changes.known.end
    free = max(known_end, superblock.end)
    nodes = TreeNodes(ranked.get(_TREE_2, {}), changes.base, known_end, read)
    switch = Switch(nodes, free)
    yield from heap_writes(ranked.pop(_HEAP, {}), read)
    for address, block in switch.copies.items():
        yield Write(address, block)
    # What is there for a moment only is in use as well.
    end = switch.end if switch.copies else free
    most = superblock if end == superblock.end else superblock.ending(end)
    if most.raw != changes.known.raw:
        yield Write(changes.base, most.raw)
    yield from _joined(ranked.pop(_DATA, {}))
    for rank, blocks in sorted(ranked.items()):
        if rank == _TREE_2:
            yield from _switched(switch, blocks, read)
            continue
        for address in _trees(blocks, read) if rank == _TREE else blocks:
            if rank == _TREE:
                yield from _tree_writes(address, blocks[address], changes.key_bytes, read)
            else:
                yield from changed_part(address, blocks[address], read)
    if most is not superblock:
        yield Write(changes.base, superblock.raw)


def heap_writes(blocks: Mapping[int, bytes], read: Read) -> Iterator[Write]:
    """The writes that add values of variable length to heaps in use."""
    for address, block in blocks.items():
        for whole in changed_part(address, block, read):
            # The last bytes to come tell of the new value: its number and its length.
            start = (whole.address - address) // 8 * 8
            stop = whole.address - address + len(whole.data)
            if stop > start + _FIRST:
                yield Write(address + start + _FIRST, block[start + _FIRST : stop])
            yield Write(address + start, block[start : min(stop, start + _FIRST)])


def changed_part(address: int, block: bytes, read: Read) -> Iterator[Write]:
    """One write of what differs in a block."""
    known = read(address, len(block))
    if known == block:
        return
    start, stop = 0, len(block)
    if len(known) == stop:
        differing = int.from_bytes(block, "little") ^ int.from_bytes(known, "little")
        start = ((differing & -differing).bit_length() - 1) // 8
        stop = (differing.bit_length() + 7) // 8
    yield Write(address + start, block[start:stop])


def _rank(address: int, block: bytes, changes: Changes) -> int:
    if address in changes.data:
        return _DATA
    rank = _RANKS.get(bytes(block[:4]))
    if rank is not None:
        return rank
    # Parts of large arrays of addresses have no signature either.
    return _RANKS[b"OHDR"] if changes.old_headers else _RANKS[b"EADB"]


def _joined(blocks: Mapping[int, bytes]) -> Iterator[Write]:
    """Blocks in order of address, those that touch each other as one."""
    start, stop, parts = 0, -1, list[bytes]()
    for address, block in sorted(blocks.items()):
        if address != stop and parts:
            yield Write(start, b"".join(parts))
            parts = []
        if not parts:
            start = address
        parts.append(block)
        stop = address + len(block)
    if parts:
        yield Write(start, b"".join(parts))


def _trees(blocks: Mapping[int, bytes], read: Read) -> list[int]:
    """Nodes of version 1 in order: new ones, then those in use from the root down."""

    def place(address: int) -> tuple[bool, int]:
        return read(address, 4) == b"TREE", -blocks[address][5]

    return sorted(blocks, key=place)


def _tree_writes(address: int, block: bytes, key_bytes: int, read: Read) -> Iterator[Write]:
    """A node of version 1: of a leaf what was added at its end, and then how much there is.

    It has no checksum, so even a write that is cut in two leaves a whole leaf.
    """
    known = read(address, _TREE_HEAD)
    is_leaf = known[:4] == b"TREE" and known[5] == 0
    used = _TREE_HEAD + int.from_bytes(known[6:8], "little") * (key_bytes + 8)
    added = list(changed_part(address + _TREE_HEAD, block[_TREE_HEAD:], read))
    if is_leaf and added and added[0].address >= address + used:
        yield from added
    yield from changed_part(address, block, read)


def _switched(switch: Switch, blocks: Mapping[int, bytes], read: Read) -> Iterator[Write]:
    """Change B-trees of version 2, while copies of their nodes are in use."""
    for address, block in switch.headers.items():
        yield from changed_part(address, block, read)
    for is_last in (False, True):
        for address, block in blocks.items():
            if (block[:4] == b"BTHD") is is_last:
                yield from changed_part(address, block, read)
