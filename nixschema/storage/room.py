"""Room in a file for chunks that are written anew, so that none is written over an old one.

libhdf5 gives up the place of a chunk before it looks for one for the new, and so often finds the
same. A process that is killed while that is written has lost both. So all places that are free are
held here, by objects that belong to nothing, and only one is given up at a time: libhdf5 has no
choice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from h5py import h5d, h5g, h5o, h5p, h5s, h5t

from nixschema.storage.keeping import Keeping


class Place(NamedTuple):
    """Where a chunk lies in the file."""

    start: int
    size: int

    @property
    def stop(self) -> int:
        """Behind its last byte."""
        return self.start + self.size


class _Piece(NamedTuple):
    """A place that is held."""

    place: Place
    holder: Any


class Room:
    """The free places in an open file; what is held goes when the file is closed."""

    def __init__(self, file_id: Any, keeping: Keeping) -> None:
        self._file_id = file_id
        self._keeping = keeping
        self._free: list[_Piece] = []
        self._needed: list[_Piece] = []
        self._markers: list[Any] = []

    def settle(self) -> None:
        """Take note of a commit: what chunks gave up meanwhile is free."""
        for piece in self._needed:
            self._add(piece)
        self._needed.clear()

    def guard_heaps(self) -> None:
        """Keep what is at the end of the file from being made longer where it is.

        libhdf5 does that to a heap of values of variable length; it cannot be read meanwhile.
        """
        if self._keeping.may_end_with_heap:
            self._mark_end(self._keeping.next_end)

    def give(self, size: int, old: Place | None = None) -> Place | None:
        """Give up one place for a chunk that is written next.

        Args:
            size: bytes of the chunk.
            old: the place that it gives up for that, of another size.

        Returns:
            The place, or None where that is the end of the file.
        """
        fitting = [
            piece
            for piece in self._free
            if piece.place.size >= size
            and (old is None or _is_taken_before(piece.place, old, size))
        ]
        if old is not None and old.stop >= self._keeping.next_end:
            self._mark_end(old.stop)
        if fitting:
            chosen = min(fitting, key=lambda piece: piece.place.size)
            self._free.remove(chosen)
            if chosen.place.stop >= self._keeping.next_end:
                self._mark_end(chosen.place.stop)
        elif old is not None:
            chosen = self._take(size)
            self._mark_end(chosen.place.stop)
        else:
            return None
        chosen.holder.close()
        return chosen.place

    def keep(self, given: Place | None, size: int, old: Place | None = None) -> None:
        """Hold what is left after a chunk was written.

        Args:
            given: the place that was given up for it.
            size: bytes of the chunk.
            old: the place that it has given up, which is needed until the next commit.

        Raises:
            RuntimeError: libhdf5 has put something else there.
        """
        left = None
        if given is not None and given.size > size:
            left = Place(given.start + size, given.size - size)
        taken = [self._take(place.size) for place in (old, left) if place is not None]
        for piece in taken:
            if piece.place == old:
                self._needed.append(piece)
            elif piece.place == left:
                self._add(piece)
            else:
                raise RuntimeError(f"libhdf5 has put {piece.place.size} bytes elsewhere")

    def hold(self, holder: Any, place: Place) -> None:
        """Hold a place by an object that takes it up already, and is not needed any more."""
        self._add(_Piece(place, holder))

    def _add(self, piece: _Piece) -> None:
        """Add a free place, joined to those beside it."""
        start, stop = piece.place.start, piece.place.stop
        beside = [one for one in self._free if stop == one.place.start or one.place.stop == start]
        if not beside:
            self._free.append(piece)
            return
        joined = [piece, *beside]
        for one in beside:
            self._free.remove(one)
        first = min(one.place.start for one in joined)
        size = sum(one.place.size for one in joined)
        if max(one.place.stop for one in joined) >= self._keeping.next_end:
            self._mark_end(first + size)
        for one in joined:
            one.holder.close()
        self._free.append(self._take(size))

    def _take(self, size: int) -> _Piece:
        """Take up so many bytes as a chunk would."""
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        plist.set_fill_time(h5d.FILL_TIME_NEVER)
        space = h5s.create_simple((size,))
        made = h5d.create(self._file_id, None, h5t.NATIVE_UINT8, space, dcpl=plist)
        return _Piece(Place(made.get_offset(), size), made)

    def _mark_end(self, stop: int) -> None:
        """Have something at the end of the file that stays, behind some place."""
        marker = None
        while marker is None or h5o.get_info(marker).addr < stop:
            marker = h5g.create(self._file_id, None)
            self._markers.append(marker)


def _is_taken_before(place: Place, old: Place, size: int) -> bool:
    """Whether a chunk is put there when both places are free: it is where it fits best."""
    apart = place.stop != old.start and place.start != old.stop
    return apart and (old.size < size or place.size < old.size)


def chunk_place(dataset_id: Any, start: tuple[int, ...]) -> Place | None:
    """Where a chunk lies, or None where it is not in the file."""
    info = dataset_id.get_chunk_info_by_coord(start)
    if info.byte_offset is None or not info.size:
        return None
    return Place(info.byte_offset, info.size)
