"""What a file that is being changed has already: linked where it stays as it is."""

from __future__ import annotations

from typing import Any

from h5py import h5a, h5d, h5g, h5l, h5o

from nixschema.array import Source
from nixschema.model import Model
from nixschema.model.extra import ForeignObject
from nixschema.storage.datasets import DatasetSource, ObjectSource
from nixschema.storage.files import Stamp
from nixschema.storage.names import name_bytes
from nixschema.storage.references import has_references
from nixschema.storage.states import States, part_attributes


class Present:
    """Objects of a file that is being changed, while a new root is made for it."""

    def __init__(
        self, file_id: Any, path: str, stamp: Stamp, states: States, unchanged: set[int]
    ) -> None:
        self._file_id = file_id
        self._path = path
        self.stamp = stamp
        """The state of the file before."""
        self._states = states
        self._unchanged = unchanged
        self._taken = states.datasets(unchanged)
        self._linked: set[int] = set()
        self.described: list[tuple[Model, str]] = []
        """Datasets that stay though their attributes have changed: model and name of the part."""

    def stays(self, model: Any) -> bool:
        """Whether a model keeps its object, with all that belongs to it."""
        return id(model) in self._unchanged

    def entity(self, model: Model, part: str) -> Any:
        """The object of a model that stays, or of a part of it."""
        place = self._states.place(model)
        return self._opened(f"{place.rstrip('/')}/{part}" if part else place)

    def dataset(self, source: Source | None, key: Any) -> Any:
        """The dataset that values lie in, if nobody else has it; or None.

        Args:
            source: where the values are.
            key: what they are to be the values of.
        """
        if not isinstance(source, DatasetSource) or not self._is_here(source):
            return None
        if not source.is_linked and self._taken.setdefault(source.place, key) != key:
            return None
        found = self._opened(source.place)
        same = isinstance(found, h5d.DatasetID) and found.shape == source.shape
        return found if same and source.is_current and not self._refers(found) else None

    def has(self, object_id: Any) -> bool:
        """Whether an object was in the file already."""
        return object_id is not None and h5o.get_info(object_id).addr in self._linked

    def describes(self, thing: ForeignObject) -> bool:
        """Whether something foreign has the attributes that it had."""
        return self._states.describes(thing)

    def named_type(self, source: Any) -> Any:
        """A datatype that is an object of the file, or None."""
        if isinstance(source, ObjectSource) and self._is_here(source) and not source.attribute:
            return self._opened(source.place)
        return None

    def note_attributes(self, model: Model, part: str, dataset_id: Any) -> None:
        """Note whether the attributes of a dataset that stays have changed."""
        known = self._states.attributes(model, part)
        if known is None:
            known = ((), ()) if not h5a.get_num_attrs(dataset_id) else None
        if known != part_attributes(model, part):
            self.described.append((model, part))

    def count_more(self, root: Any) -> bool:
        """Whether more links of a new tree than of the old one lead to something that stays."""
        before = self._count(h5g.open(self._file_id, b"/"))
        now = self._count(root)
        return any(count > before.get(address, 0) for address, count in now.items())

    def _count(self, root: Any) -> dict[int, int]:
        """How many links lead to what stays, from all that does not."""
        counts: dict[int, int] = {}
        seen = {h5o.get_info(root).addr}
        waiting = [root]
        while waiting:
            group = waiting.pop()
            fresh: list[bytes] = []

            def note(name: bytes, info: Any, fresh: list[bytes] = fresh) -> None:
                if info.type != h5l.TYPE_HARD:
                    return
                if info.u in self._linked:
                    counts[info.u] = counts.get(info.u, 0) + 1
                elif info.u not in seen:
                    seen.add(info.u)
                    fresh.append(name)

            group.links.iterate(note, info=True)
            for name in fresh:
                found = h5o.open(group, name)
                if isinstance(found, h5g.GroupID):
                    waiting.append(found)
        return counts

    def _refers(self, dataset_id: Any) -> bool:
        """Whether there are HDF5 references in a dataset: they lead to objects as they were."""
        if self._states.reuse:
            return False
        names: list[bytes] = []
        h5a.iterate(dataset_id, names.append)
        types = [dataset_id.get_type(), *(h5a.open(dataset_id, one).get_type() for one in names)]
        return any(map(has_references, types))

    def _is_here(self, source: DatasetSource | ObjectSource) -> bool:
        return source.path == self._path and source.stamp == self.stamp

    def _opened(self, place: str) -> Any:
        found = h5o.open(self._file_id, name_bytes(place))
        self._linked.add(h5o.get_info(found).addr)
        return found
