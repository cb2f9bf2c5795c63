"""Makes the files that are measured, in the layout of nixio.

    python -m benchmarks.generate wide 1000 wide.nix
    python -m benchmarks.generate sparse 2147483648 sparse.nix

Written through h5py at the level of ids: nixio itself takes minutes for 10,000 arrays.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import h5py
import nixio
import numpy as np
from h5py import h5a, h5d, h5f, h5g, h5p, h5s, h5t

from benchmarks.content import (
    CHANNELS,
    FIRST,
    LABELS,
    LAST,
    NUMBERS,
    SAMPLES,
    TEXTS,
    TICKS,
    TIMES,
    hundreds,
)

TIME = "20210304T120000"
ORDERED = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED

TYPES = {
    "text": h5py.string_dtype("utf-8"),
    "ascii": h5py.string_dtype("ascii"),
    "float": np.dtype("f8"),
    "long": np.dtype("i8"),
    "int": np.dtype("i4"),
}

CHUNK = 1024 * 1024
"""Bytes of a chunk of a large array."""

PERIOD = 8 * CHUNK
"""Bytes after which the values of a large array repeat themselves."""

LAYOUTS: dict[str, dict[str, Any]] = {
    "contiguous": {},
    "chunked": {"chunks": (CHUNK // 8,), "maxshape": (None,)},
    "deflated": {"chunks": (CHUNK // 8,), "maxshape": (None,), "compression": 4},
    "sparse": {"chunks": (CHUNK // 8,), "maxshape": (None,)},
}
"""How a large array is stored; of a sparse one only both ends are."""


class Writer:
    """Groups, attributes, datasets and links as nixio writes them."""

    def __init__(self, path: str) -> None:
        plist = h5p.create(h5p.FILE_CREATE)
        plist.set_link_creation_order(ORDERED)
        self.file = h5f.create(os.fsencode(path), h5f.ACC_TRUNC, fcpl=plist)
        self.root = h5g.open(self.file, b"/")
        self.group_plist = h5p.create(h5p.GROUP_CREATE)
        self.group_plist.set_link_creation_order(ORDERED)
        self.scalar = h5s.create(h5s.SCALAR)
        self.types = {kind: h5t.py_create(dtype, logical=True) for kind, dtype in TYPES.items()}
        self.random = random.Random(0)

    def group(self, parent: Any, name: str) -> Any:
        """Create a group that keeps the order of its links."""
        return h5g.create(parent, name.encode(), gcpl=self.group_plist)

    def attribute(self, owner: Any, name: str, value: Any, kind: str = "text") -> None:
        """Create an attribute: scalar, or one-dimensional for a list."""
        values = np.array(value, dtype=TYPES[kind])
        space = h5s.create_simple(values.shape) if values.shape else self.scalar
        h5a.create(owner, name.encode(), self.types[kind], space).write(values)

    def dataset(self, parent: Any, name: str, values: Sequence[Any], kind: str) -> Any:
        """Create a one-dimensional dataset that can grow."""
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((len(values),))
        plist.set_fill_time(h5d.FILL_TIME_ALLOC if kind == "text" else h5d.FILL_TIME_IFSET)
        plist.set_obj_track_times(False)
        space = h5s.create_simple((len(values),), (h5s.UNLIMITED,))
        made = h5d.create(parent, name.encode(), self.types[kind], space, plist)
        made.write(h5s.ALL, h5s.ALL, np.array(values, dtype=TYPES[kind]))
        return made

    def link(self, parent: Any, name: str, target: Any) -> None:
        """Link to an object once more."""
        parent.links.create_hard(name.encode(), target, b".")

    def stamp(self, made: Any, identifier: str) -> str:
        """Write what every entity has."""
        self.attribute(made, "entity_id", identifier)
        self.attribute(made, "created_at", TIME, "ascii")
        self.attribute(made, "updated_at", TIME, "ascii")
        return identifier

    def new_id(self) -> str:
        """The next id; the same file gets the same ids."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def entity(self, parent: Any, name: str, kind: str) -> tuple[Any, str]:
        """Create the group of a named entity, and tell its id."""
        made = self.group(parent, name)
        self.attribute(made, "name", name)
        self.attribute(made, "type", kind)
        return made, self.stamp(made, self.new_id())

    def header(self) -> tuple[Any, Any]:
        """Write what makes an HDF5 file a NIX file; gives the groups of blocks and of sections."""
        self.attribute(self.root, "format", "nix", "ascii")
        self.attribute(self.root, "version", [1, 2, 1], "int")
        self.attribute(self.root, "id", self.new_id())
        self.attribute(self.root, "created_at", TIME, "ascii")
        self.attribute(self.root, "updated_at", TIME, "ascii")
        return self.group(self.root, "data"), self.group(self.root, "metadata")


class Wide:
    """One block with many arrays; ten arrays share a tag, a multi tag, a source and a section."""

    def __init__(self, path: str) -> None:
        self.write = Writer(path)
        blocks, self.sections = self.write.header()
        self.block, _ = self.write.entity(blocks, "recording", "nix.recording")
        self.places = {
            name: self.write.group(self.block, name)
            for name in ("data_arrays", "tags", "multi_tags", "sources", "groups")
        }

    def fill(self, arrays: int) -> None:
        """Write the arrays and all that goes with them."""
        for name, tens in hundreds(arrays):
            group, _ = self.write.entity(self.places["groups"], name, "nix.trial")
            places = {
                name: self.write.group(group, name)
                for name in ("data_arrays", "tags", "multi_tags")
            }
            for ten in tens:
                for place, members in self.ten(ten).items():
                    for identifier, member in members:
                        self.write.link(places[place], identifier, member)
        self.write.file.close()

    def ten(self, number: int) -> dict[str, list[tuple[str, Any]]]:
        """Write ten arrays and what belongs to them; gives what a group holds, by id."""
        write = self.write
        section = self.section(number)
        source, source_id = write.entity(
            self.places["sources"], f"cell-{number:04d}", "nix.source.cell"
        )
        shared = (section, source, source_id)
        signals = [self.signal(f"signal-{number:04d}-{i}", i, shared) for i in range(8)]
        events = [
            self.events(f"spikes-{number:04d}-{part}", f"nix.spikes.{part}")
            for part in ("positions", "extents")
        ]

        tag, tag_id = write.entity(self.places["tags"], f"stimulus-{number:04d}", "nix.stimulus")
        write.dataset(tag, "position", [1.0], "float")
        write.dataset(tag, "extent", [2.5], "float")
        self.marks(tag, signals[:2], signals[2], "tagged", shared)

        multi, multi_id = write.entity(
            self.places["multi_tags"], f"spikes-{number:04d}", "nix.spikes"
        )
        for name, (_, made) in zip(("positions", "extents"), events, strict=True):
            write.link(multi, name, made)
        self.marks(multi, signals[:1], signals[7], "indexed", shared)
        return {
            "data_arrays": signals + events,
            "tags": [(tag_id, tag)],
            "multi_tags": [(multi_id, multi)],
        }

    def signal(self, name: str, number: int, shared: tuple[Any, Any, str]) -> tuple[str, Any]:
        """Write an array: five sampled, two at given times, one of channels."""
        write = self.write
        section, source, source_id = shared
        made, identifier = write.entity(self.places["data_arrays"], name, "nix.signal")
        write.attribute(made, "unit", "mV")
        write.attribute(made, "label", "membrane voltage")
        length = SAMPLES if number < 7 else CHANNELS
        write.dataset(made, "data", np.linspace(FIRST, LAST, length).tolist(), "float")
        dimension = write.group(write.group(made, "dimensions"), "1")
        if number < 5:
            write.attribute(dimension, "dimension_type", "sample")
            write.attribute(dimension, "sampling_interval", 0.1, "float")
        elif number < 7:
            write.attribute(dimension, "dimension_type", "range")
            write.dataset(dimension, "ticks", TICKS, "float")
        else:
            write.attribute(dimension, "dimension_type", "set")
            write.dataset(dimension, "labels", LABELS, "text")
        if number < 7:
            write.attribute(dimension, "unit", "ms")
            write.attribute(dimension, "label", "time")
        write.link(write.group(made, "sources"), source_id, source)
        write.link(made, "metadata", section)
        return identifier, made

    def events(self, name: str, kind: str) -> tuple[str, Any]:
        """Write the positions or the extents of a multi tag."""
        write = self.write
        made, identifier = write.entity(self.places["data_arrays"], name, kind)
        write.attribute(made, "unit", "ms")
        write.dataset(made, "data", TIMES, "float")
        dimension = write.group(write.group(made, "dimensions"), "1")
        write.attribute(dimension, "dimension_type", "set")
        return identifier, made

    def marks(
        self,
        tag: Any,
        references: list[tuple[str, Any]],
        data: tuple[str, Any],
        kind: str,
        shared: tuple[Any, Any, str],
    ) -> None:
        """Write what tags and multi tags have in common."""
        write = self.write
        section, source, source_id = shared
        write.dataset(tag, "units", ["ms"], "text")
        place = write.group(tag, "references")
        for identifier, target in references:
            write.link(place, identifier, target)
        feature_id = write.new_id()
        feature = write.group(write.group(tag, "features"), feature_id)
        write.stamp(feature, feature_id)
        write.attribute(feature, "link_type", kind)
        write.attribute(feature, "target_type", "DataArray")
        write.link(feature, "data", data[1])
        write.link(write.group(tag, "sources"), source_id, source)
        write.link(tag, "metadata", section)

    def section(self, number: int) -> Any:
        """Write a section with ten properties."""
        write = self.write
        section, _ = write.entity(self.sections, f"cell-{number:04d}", "nix.metadata.cell")
        place = write.group(section, "properties")
        for name, text in TEXTS.items():
            self.named(write.dataset(place, name, [text], "text"), name)
        for name, (value, unit) in NUMBERS.items():
            made = write.dataset(place, name, [value], "float")
            self.named(made, name)
            write.attribute(made, "unit", unit)
        self.named(write.dataset(place, "trials", [number, 12, 20], "long"), "trials")
        return section

    def named(self, made: Any, name: str) -> None:
        """Write the attributes of a property."""
        self.write.attribute(made, "name", name)
        self.write.stamp(made, self.write.new_id())


def make_wide(path: str, arrays: int) -> None:
    """Make a file of many arrays.

    Raises:
        ValueError: the number of arrays is no positive multiple of ten.
    """
    if arrays <= 0 or arrays % 10:
        raise ValueError(f"{arrays} arrays: a positive multiple of 10 was expected")
    Wide(path).fill(arrays)
    with nixio.File.open(path, nixio.FileMode.ReadOnly) as file:
        found = len(file.blocks[0].data_arrays)
        assert found == arrays, f"nixio finds {found} arrays"


def make_large(path: str, size: int, kind: str) -> None:
    """Make a file of one array of so many bytes."""
    write = Writer(path)
    blocks, _ = write.header()
    block, _ = write.entity(blocks, "recording", "nix.recording")
    made, _ = write.entity(write.group(block, "data_arrays"), "signal", "nix.signal")
    write.attribute(made, "unit", "mV")
    dimension = write.group(write.group(made, "dimensions"), "1")
    write.attribute(dimension, "dimension_type", "sample")
    write.attribute(dimension, "sampling_interval", 0.1, "float")
    write.attribute(dimension, "unit", "ms")
    data = h5py.Group(made).create_dataset("data", (size // 8,), "f8", **LAYOUTS[kind])
    if kind == "sparse":
        data[:1000] = 1.0
        data[-1000:] = 1.0
    else:
        values = noise(min(size, PERIOD) // 8)
        for start in range(0, size // 8, len(values)):
            data[start : start + len(values)] = values[: size // 8 - start]
    write.file.close()
    with nixio.File.open(path, nixio.FileMode.ReadOnly) as file:
        assert file.blocks[0].data_arrays[0].shape == (size // 8,)


def noise(length: int) -> Any:
    """A signal that deflate makes about a third of."""
    return np.round(np.cumsum(np.random.default_rng(0).standard_normal(length)), 2)


def main() -> None:
    """Make a file of a kind, a size, at a path: beside it first, then moved there whole."""
    kind, size, path = sys.argv[1:]
    beside = f"{path}.part"
    if kind == "wide":
        make_wide(beside, int(size))
    else:
        make_large(beside, int(size), kind)
    Path(beside).replace(path)


if __name__ == "__main__":
    main()
