"""A file that libhdf5 changes in place, and that is whole on the disk at every moment.

What libhdf5 writes beyond the end of what is in use goes to the disk at once: nobody looks there.
What it changes below that end is held in memory until `commit`, which brings it to the disk in the
order of `ordering`. So the disk always has the file as it was after some commit, or between two.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator

from nixschema.storage.ordering import (
    HEAP,
    Changes,
    Write,
    changed_part,
    heap_writes,
    in_order,
)
from nixschema.storage.superblock import MOST_BYTES, Superblock

if sys.platform == "win32":

    def _read_at(descriptor: int, size: int, start: int) -> bytes:
        os.lseek(descriptor, start, os.SEEK_SET)
        return os.read(descriptor, size)

    def _write_at(descriptor: int, data: bytes | memoryview, start: int) -> int:
        os.lseek(descriptor, start, os.SEEK_SET)
        return os.write(descriptor, data)

else:
    _read_at = os.pread
    _write_at = os.pwrite


_truncate = os.ftruncate


class Keeping:
    """What libhdf5 writes to in the place of a file on the disk.

    Like `Stream` it takes note of the first access that fails and lets libhdf5 go on; whoever
    called libhdf5 then calls `check`, or `commit`, and after a failure `forget`.
    """

    def __init__(self, descriptor: int, base: int) -> None:
        """Keep a file.

        Args:
            descriptor: the file, open for reading and writing.
            base: where its superblock is.

        Raises:
            NotNix: the superblock is of an unknown kind.
            OSError: it cannot be read.
        """
        self.failure: BaseException | None = None
        """The first error, or None."""
        self.writing_data = True
        """Whether what comes is data of datasets where it does not look like anything else."""
        self.old_headers = False
        """Whether heads of objects have no signature in what is being changed."""
        self.key_bytes = 0
        """Bytes of a key in the B-tree of what is being changed, where that is of version 1."""
        self.released = False
        """Whether nothing goes to the disk any more: what libhdf5 holds is not wanted."""
        self._descriptor = descriptor
        self._base = base
        self._held = _Held()
        self._data: set[int] = set()
        self._position = 0
        self._superblock = Superblock.parsed(self._on_disk(base, MOST_BYTES))
        self._known_end = self._superblock.end
        self._end = self._present_end()
        self._last = (-1, b"")

    @property
    def end(self) -> int:
        """The end of what is in use, as the disk has it."""
        return self._known_end

    @property
    def is_marked(self) -> bool:
        """Whether somebody else has the file open for writing, or had when he died."""
        return self._superblock.is_marked

    @property
    def next_end(self) -> int:
        """The end of what is in use, as libhdf5 told it last."""
        return self._end

    @property
    def may_end_with_heap(self) -> bool:
        """Whether what is in use may end with a heap, as libhdf5 told it last."""
        stop, signature = self._last
        return stop != self._end or signature == HEAP

    def signature(self, address: int) -> bytes:
        """The first bytes of a block on the disk, at an address as libhdf5 tells it."""
        return self._on_disk(self._base + address, 4)

    # What libhdf5 calls

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._end}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer; what was never written reads as zeros."""
        view = memoryview(buffer).cast("B")
        start, size = self._position, len(view)
        try:
            data = self._on_disk(start, size)
            view[: len(data)] = data
            view[len(data) :] = bytes(size - len(data))
            self._held.patch(start, view)
        except BaseException as error:
            self._fail(error)
            view[:] = bytes(size)
        self._position += size
        return size

    def write(self, data: memoryview) -> int:
        """Hold back what is in use on the disk, and write all else."""
        view = memoryview(data).cast("B")
        start, size = self._position, len(view)
        stop = start + size
        try:
            if stop >= self._last[0]:
                self._last = (stop, bytes(view[:4]))
            if start >= self._known_end and self.failure is None and not self.released:
                self._write(start, view)
            else:
                self._hold(start, view)
        except BaseException as error:
            self._fail(error)
            self._held.put(start, bytes(view))
        self._position = stop
        self._end = max(self._end, stop)
        return size

    def _hold(self, start: int, view: memoryview) -> None:
        """Hold back what is in use; after a failure all, libhdf5 may read it again."""
        ahead = self._known_end - start
        if self.failure is None and not self.released and ahead < len(view):
            self._write(start + ahead, view[ahead:])
            view = view[:ahead]
        self._held.put(start, bytes(view))
        (self._data.add if self.writing_data else self._data.discard)(start)

    def truncate(self, size: int | None = None) -> int:
        """Take note of the end; the file on the disk is never shortened before `commit`."""
        self._end = self._position if size is None else size
        return self._end

    def flush(self) -> None:
        """Nothing: that is what `commit` is for."""

    # What the owner calls

    def read_at(self, start: int, size: int) -> bytes:
        """Bytes of a region, as libhdf5 would read them."""
        self.check()
        buffer = bytearray(size)
        self.seek(start)
        self.readinto(memoryview(buffer))
        return bytes(buffer)

    def write_at(self, start: int, data: bytes) -> None:
        """Write bytes to a region of data, as libhdf5 would."""
        self.seek(start)
        self.write(memoryview(data))

    def check(self) -> None:
        """Raise the first failure, if there was one."""
        if self.failure is not None:
            raise self.failure

    def commit(self) -> None:
        """Bring to the disk what libhdf5 has flushed.

        Raises:
            OSError: the disk is full, and the like; the disk has the file before or after the
                commit, or one that differs from them in what nobody was told yet.
        """
        self.check()
        superblock = self._next_superblock()
        blocks = {at: block for at, block in self._held.blocks.items() if at != self._base}
        known, keys = self._superblock, self.key_bytes
        changes = Changes(blocks, self._data, self.old_headers, superblock, self._base, known, keys)
        self._bring(superblock, in_order(changes, self._on_disk))

    def commit_root(self, root: int, *, counted: bool = False) -> None:
        """Make another group the root of the file, in one write.

        Nothing else that is in use changes, but values of variable length that are added to
        others. What libhdf5 has changed apart from that is dropped: reopen the file.

        Args:
            root: address of the group's header, as libhdf5 tells it.
            counted: bring heads of objects to the disk too: they tell how many links lead there.

        Raises:
            OSError: see `commit`.
        """
        self.check()
        superblock = self._next_superblock().rooted(root)
        self._bring(superblock, self._root_writes(superblock, counted=counted))

    def forget(self) -> None:
        """Drop what is not on the disk; libhdf5 must have closed the file."""
        self._held = _Held()
        self._data.clear()
        self.failure = None
        self.released = False
        self._position = 0
        self._superblock = Superblock.parsed(self._on_disk(self._base, MOST_BYTES))
        self._known_end = self._superblock.end
        self._end = self._present_end()
        self._last = (-1, b"")

    def trim(self) -> None:
        """Have the file end where its use ends, if it is longer.

        Raises:
            OSError: that cannot be.
        """
        if os.fstat(self._descriptor).st_size > self.end:
            _truncate(self._descriptor, self.end)
        self._end = self.end

    def _present_end(self) -> int:
        """The end as libhdf5 is to see it: there may be more that nobody uses, or less."""
        return min(os.fstat(self._descriptor).st_size, self._known_end)

    def _root_writes(self, superblock: Superblock, *, counted: bool) -> Iterator[Write]:
        blocks = {at: block for at, block in self._held.blocks.items() if at != self._base}
        heaps = {at: block for at, block in blocks.items() if block[:4] == HEAP}
        yield from heap_writes(heaps, self._on_disk)
        if counted:
            # Heads that were made longer go on beyond the present end.
            yield from changed_part(
                self._base, self._superblock.ending(superblock.end).raw, self._on_disk
            )
            heads = {at: block for at, block in blocks.items() if at not in heaps}
            for address in sorted(heads, key=lambda at: heads[at][:4] != b"OCHK"):
                yield from changed_part(address, heads[address], self._on_disk)
        yield Write(self._base, superblock.raw)

    def _next_superblock(self) -> Superblock:
        held = self._held.blocks.get(self._base)
        if held is None:
            return self._superblock
        return Superblock.parsed(held.ljust(MOST_BYTES, b"\0")).unmarked()

    def _bring(self, superblock: Superblock, writes: Iterable[Write]) -> None:
        try:
            if os.fstat(self._descriptor).st_size < superblock.end:
                _truncate(self._descriptor, superblock.end)
            for one in writes:
                self._write(*one)
        except BaseException as error:
            self._fail(error)
            raise
        self._superblock = superblock
        self._known_end = superblock.end
        self._held = _Held()
        self._data.clear()

    def _on_disk(self, start: int, size: int) -> bytes:
        data = _read_at(self._descriptor, size, start)
        while 0 < len(data) < size:
            more = _read_at(self._descriptor, size - len(data), start + len(data))
            if not more:
                break
            data += more
        return data

    def _write(self, start: int, data: bytes | memoryview) -> None:
        done = _write_at(self._descriptor, data, start)
        while done < len(data):
            done += _write_at(self._descriptor, data[done:], start + done)

    def _fail(self, error: BaseException) -> None:
        """Note a failure, without the frames: they hold what libhdf5 holds this by."""
        self.failure = self.failure or error.with_traceback(None)


class _Held:
    """Blocks in memory, none of which overlaps another."""

    def __init__(self) -> None:
        self.blocks: dict[int, bytes] = {}
        self._starts: list[int] = []

    def put(self, start: int, block: bytes) -> None:
        """Hold a block; what it covers of others is gone."""
        known = self.blocks.get(start)
        if known is not None and len(known) == len(block):
            self.blocks[start] = block
            return
        self.drop(start, len(block))
        self._add(start, block)

    def drop(self, start: int, size: int) -> None:
        """Drop a region."""
        stop = start + size
        for address in self._within(start, size):
            block = self.blocks.pop(address)
            self._starts.remove(address)
            if address < start:
                self._add(address, block[: start - address])
            if address + len(block) > stop:
                self._add(stop, block[stop - address :])

    def patch(self, start: int, view: memoryview) -> None:
        """Put what is held of a region over what a buffer has."""
        stop = start + len(view)
        for address in self._within(start, len(view)):
            block = self.blocks[address]
            first, last = max(start, address), min(stop, address + len(block))
            view[first - start : last - start] = block[first - address : last - address]

    def _add(self, start: int, block: bytes) -> None:
        self.blocks[start] = block
        insort(self._starts, start)

    def _within(self, start: int, size: int) -> list[int]:
        if not self._starts or not size:
            return []
        first = bisect_right(self._starts, start) - 1
        if first < 0 or self._starts[first] + len(self.blocks[self._starts[first]]) <= start:
            first += 1
        return self._starts[first : bisect_left(self._starts, start + size)]
