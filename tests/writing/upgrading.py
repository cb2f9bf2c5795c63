"""The judge of upgrades: what a file of before format 1.2 has to become.

The source is copied and the copy brought up to date in place with h5py, as the description of the
format says it. What is left to the writer, as new ids, is marked in the copy. The target is then
compared with the copy, object by object.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import h5py
import numpy as np
from h5py import h5a, h5d, h5o, h5p, h5s, h5t

from tests.plain import UTF8, new_group
from tests.writing.allowances import REWRITING, Allowances, Thing
from tests.writing.editing import copy_attribute, copy_attributes, relink
from tests.writing.hdf5 import (
    UTF8_TYPE,
    Attribute,
    Dataset,
    Unreadable,
    address_of,
    attribute_of,
    kind_of,
    links_of,
    memory_of,
    opened,
    text_of,
    type_of,
)
from tests.writing.known import WITHOUT_TIMES, Found, walk
from tests.writing.objects import differences

PRESENT = (1, 2, 1)

NEW_ID, NEW_TIME = "any UUID", "any time"
"""Marks of what the writer chooses."""

OLD_PARTS = ("uncertainty", "reference", "filename", "encoder", "checksum")
"""What rows of an old property have beside the value."""


def version_of(path: str | os.PathLike[str]) -> tuple[int, ...] | None:
    """The version of a file's format, if it tells one."""
    with h5py.File(path) as file:
        attribute = attribute_of(file.id, "version")
    numbers = None if attribute is None else attribute.numbers
    if numbers is None or len(numbers) != 3 or not all(isinstance(one, int) for one in numbers):
        return None
    return tuple(numbers)


def is_old(path: str | os.PathLike[str]) -> bool:
    """Whether a file is of a format that a rewrite upgrades."""
    version = version_of(path)
    return version is not None and version < (1, 2, 0)


def upgrade_differences(
    source: str | os.PathLike[str], target: str | os.PathLike[str]
) -> list[str]:
    """In what the target is not the source brought up to date, a sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        expected = upgraded(source, Path(folder) / "upgraded.nix")
        return differences(expected.path, target, expected.allowances())


# What the writer chooses


def a_new_id(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """An id that the source lacks is a UUID."""
    text = target.text if target.type == UTF8_TYPE else None
    marked = name in ("id", "entity_id") and source.text == NEW_ID
    return marked and is_uuid(text)


def a_new_time(thing: Thing, name: str, source: Attribute, target: Attribute) -> bool:
    """A time that the source lacks is one."""
    marked = name in ("created_at", "updated_at") and source.text == NEW_TIME
    return marked and target.type == UTF8_TYPE and is_time(target.text)


def is_uuid(text: str | None) -> bool:
    """Whether a text is a UUID, in any of its spellings."""
    try:
        return text is not None and bool(UUID(text))
    except ValueError:
        return False


def is_time(text: str | None) -> bool:
    """Whether a text is a time as NIX has them."""
    try:
        return text is not None and bool(datetime.strptime(text + "Z", "%Y%m%dT%H%M%S%z"))
    except ValueError:
        return False


class Expected(NamedTuple):
    """A source brought up to date."""

    path: Path
    made: frozenset[int]
    """Datasets that were made anew, by address; their chunks are the writer's matter."""
    grown: frozenset[int]
    """Groups that have a new part, by address; its place among the others is of no account."""

    def allowances(self) -> Allowances:
        """What may differ beside what may in every rewrite."""

        def made_anew(thing: Thing, source: Dataset, target: Dataset) -> bool:
            return thing.address in self.made and target.resizable and not target.filters

        return replace(
            REWRITING,
            attributes=(*REWRITING.attributes, a_new_id, a_new_time),
            storage=(*REWRITING.storage, made_anew),
            orders=(lambda thing: thing.address in self.grown,),
        )


# The upgrade


def upgraded(source: str | os.PathLike[str], path: Path) -> Expected:
    """Copy a file and bring the copy up to date."""
    shutil.copyfile(source, path)
    path.chmod(0o600)
    with h5py.File(path, "r+") as file:
        upgrade = _Upgrade()
        for found in list(walk(file)):
            if found.owned:
                upgrade.bring(found)
        return Expected(path, frozenset(upgrade.made), frozenset(upgrade.grown))


class Values(NamedTuple):
    """Values for a dataset."""

    array: Any
    type_id: Any
    """Their type in the file."""
    memory: Any
    """Their type in the array."""


class _Upgrade:
    def __init__(self) -> None:
        self.made: set[int] = set()
        self.grown: set[int] = set()

    def bring(self, found: Found) -> None:
        if found.kind not in WITHOUT_TIMES:
            _add_times(found.id)
        bring: dict[str, Callable[[Any], None]] = {
            "File": _head,
            "Section": self.properties,
            "RangeDimension": self.alias,
            "DataFrame": _units,
            "Group": self.frames,
            "DataArray": self.booleans,
        }
        if found.kind in bring:
            bring[found.kind](found.id)

    # Datasets

    def dataset(self, group: Any, values: Values) -> Any:
        """A dataset that no link leads to yet."""
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk(tuple(length or 1 for length in values.array.shape))
        space = h5s.create_simple(values.array.shape, (h5s.UNLIMITED,) * values.array.ndim)
        made = h5d.create(group, None, values.type_id, space, plist)
        if values.array.size:
            made.write(h5s.ALL, h5s.ALL, values.array, values.memory)
        self.made.add(address_of(made))
        return made

    def instead(self, group: Any, values: Values, old: Any) -> Any:
        """A dataset with the attributes of another."""
        made = self.dataset(group, values)
        copy_attributes(old, made)
        return made

    def booleans(self, group: Any) -> None:
        """Bits of arrays become booleans."""
        if b"data" not in _linked(group):
            return
        dataset = opened(group, b"data")
        if kind_of(dataset) == "dataset" and dataset.get_type().get_class() == h5t.BITFIELD:
            values = _column(_read(dataset), dataset.get_type())
            relink(group, {b"data": [(b"data", self.instead(group, values, dataset))]})

    # Properties

    def properties(self, section: Any) -> None:
        """Rows of a value and what belongs to it become values, and properties beside them."""
        if b"properties" not in _linked(section):
            return
        group = opened(section, b"properties")
        made: dict[bytes, list[tuple[bytes, Any]]] = {}
        for name in _linked(group):
            dataset = opened(group, name)
            if kind_of(dataset) == "dataset" and _is_old_property(dataset):
                made[name] = list(self.property(group, name, dataset))
        if made:
            relink(group, made)

    def property(self, group: Any, name: bytes, old: Any) -> Iterator[tuple[bytes, Any]]:
        """A property in the place of an old one, and those that come to stand beside it."""
        parts = _parts(old)
        main = self.instead(group, parts.pop("value"), old)
        yield name, main
        attributes = h5py.Dataset(main).attrs
        for part in [part for part in OLD_PARTS if part in parts]:
            values = parts[part]
            plain = [text_of(one, UTF8_TYPE) for one in values.array]
            if part == "uncertainty":
                plain = values.array.tolist()
            if not any(plain):
                continue
            if part in ("uncertainty", "reference") and len(set(map(repr, plain))) == 1:
                value = values.array[0] if part == "uncertainty" else plain[0].decode()
                attributes.create(part, value, dtype="<f8" if part == "uncertainty" else UTF8)
            else:
                beside = name + b"." + part.encode()
                while beside in _linked(group):
                    beside += b"_"
                yield beside, self.beside(group, beside, values, main)

    def beside(self, group: Any, name: bytes, values: Values, main: Any) -> Any:
        """A property made of a part of another."""
        made = self.dataset(group, values)
        texts = {"entity_id": NEW_ID, "name": name.decode()}
        for time in ("created_at", "updated_at"):
            given = attribute_of(main, time)
            texts[time] = NEW_TIME if given is None or given.text is None else given.text
        for key, text in texts.items():
            h5py.Dataset(made).attrs.create(key, text, dtype=UTF8)
        return made

    # Dimensions

    def alias(self, dimension: Any) -> None:
        """The bare link to an array becomes a dimension link."""
        links = _linked(dimension)
        if b"ticks" in links or b"link" in links:
            return
        for name in links:
            target = opened(dimension, name)
            if kind_of(target) == "group":
                break
        else:
            return
        dimension.unlink(name)
        link = new_group(h5py.Group(dimension), "link")
        texts = {
            "entity_id": NEW_ID,
            "created_at": NEW_TIME,
            "updated_at": NEW_TIME,
            "data_object_type": "DataArray",
        }
        for key, text in texts.items():
            link.attrs.create(key, text, dtype=UTF8)
        link.attrs.create("index", [-1], dtype="<i8")
        target_id = attribute_of(target, "entity_id")
        known = name if target_id is None or not target_id.text else target_id.text.encode()
        h5o.link(target, link.id, known)
        self.grown.add(address_of(dimension))

    # Frames

    def frames(self, group: Any) -> None:
        """The frames of a group stand under the names that either library knows."""
        given = {name: opened(group, name.encode()) for name in ("data_frames", "data_frame")}
        members: dict[bytes, Any] = {}
        for container in given.values():
            for link in _linked(container):
                members.setdefault(link, opened(container, link))
        if not members:
            return
        for name, container in given.items():
            missing = isinstance(container, Unreadable)
            made = new_group(h5py.Group(group), name).id if missing else container
            for link, target in members.items():
                if link not in _linked(made):
                    h5o.link(target, made, link)
            self.grown.add(address_of(made))
        self.grown.add(address_of(group))


def _head(root: Any) -> None:
    """The version is the present one, and there is an id."""
    attributes = h5py.Group(root).attrs
    attributes.create("version", PRESENT, dtype="<i4")
    if "id" not in attributes:
        attributes.create("id", NEW_ID, dtype=UTF8)


def _units(frame: Any) -> None:
    """Units of columns stand at the frame and at its data."""
    data = opened(frame, b"data")
    if kind_of(data) != "dataset":
        return
    given = [place for place in (frame, data) if h5a.exists(place, b"units")]
    if len(given) == 1:
        copy_attribute(given[0], data if given[0] is frame else frame, b"units")


def _add_times(thing: Any) -> None:
    for name in ("created_at", "updated_at"):
        if not h5a.exists(thing, name.encode()):
            holder = h5py.Dataset(thing) if kind_of(thing) == "dataset" else h5py.Group(thing)
            holder.attrs.create(name, NEW_TIME, dtype=UTF8)


def _linked(group: Any) -> list[bytes]:
    """Names of the hard links of a group, in order."""
    links = links_of(group) if kind_of(group) == "group" else {}
    if isinstance(links, Unreadable):
        return []
    return [name for name, link in links.items() if link.kind == "hard"]


def _read(dataset: Any) -> Any:
    memory = memory_of(dataset.get_type())
    values = np.zeros(dataset.shape, memory.dtype)
    if values.size:
        dataset.read(h5s.ALL, h5s.ALL, values, memory.type_id)
    return values


def _is_old_property(dataset: Any) -> bool:
    type_id = dataset.get_type()
    return type_id.get_class() == h5t.COMPOUND and b"value" in _member_names(type_id)


def _member_names(type_id: Any) -> list[bytes]:
    return [type_id.get_member_name(number) for number in range(type_id.get_nmembers())]


def _parts(old: Any) -> dict[str, Values]:
    """The members of the rows of an old property, each as values of its own."""
    rows, type_id = _read(old), old.get_type()
    return {
        name.decode(): _column(rows[f"f{number}"], type_id.get_member_type(number))
        for number, name in enumerate(_member_names(type_id))
    }


def _column(bits: Any, type_id: Any) -> Values:
    """Values in the type that they have from format 1.2 on."""
    kind = type_id.get_class()
    bits = np.ascontiguousarray(bits)
    if kind == h5t.BITFIELD:
        octets = bits.view(np.uint8).reshape(*bits.shape, bits.dtype.itemsize)
        return _known(octets.any(axis=-1))
    if kind == h5t.STRING:
        texts = np.empty(bits.shape, UTF8)
        texts[:] = [text_of(one, type_of(type_id)) for one in bits]
        return _known(texts)
    if kind == h5t.FLOAT:
        return Values(bits.view(type_id.dtype), type_id, type_id)
    return Values(bits, type_id, type_id)


def _known(array: Any) -> Values:
    return Values(array, h5t.py_create(array.dtype, logical=True), h5t.py_create(array.dtype))
