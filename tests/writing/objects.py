"""The judge of rewriting: two files are compared object by object, to the bit.

`differences` walks both files from their roots, pairs objects by the names of the links that lead
to them, and tells everything in which they differ but for a closed list, see `allowances`. It
stands on h5py's low level alone and knows nothing of how nixschema reads or writes.

Not compared, as nothing in NIX depends on them: whether names are marked as UTF-8, the order of
attributes, HDF5's own times, comments and phase changes, when fill values are written, and where
things lie in the file.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import h5py
import numpy as np

from tests.writing.allowances import REWRITING, Allowances, Thing
from tests.writing.hdf5 import (
    Attribute,
    Dataset,
    Link,
    Place,
    Type,
    Unreadable,
    address_of,
    attributes_of,
    blocks,
    dataset_of,
    is_utf8,
    kind_of,
    links_of,
    opened,
    raw_chunk,
    read_block,
    referred,
    root_of,
    text_of,
    type_of,
    written_chunks,
)
from tests.writing.known import kinds_in

MANY_UNREADABLE = 100
"""After so many blocks that neither file can read, the rest of a dataset is not tried."""


def differences(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    allowances: Allowances = REWRITING,
) -> list[str]:
    """In what the target is not the source, a sentence each."""
    with h5py.File(source, "r") as one, h5py.File(target, "r") as two:
        return list(_Comparison(one, two, allowances).run())


class Path(NamedTuple):
    """The links that lead to an object; as text only when it is told."""

    above: Path | None
    name: bytes

    def __str__(self) -> str:
        names: list[str] = []
        here: Path | None = self
        while here is not None and here.above is not None:
            names.append(here.name.decode("utf-8", "backslashreplace"))
            here = here.above
        return "/" + "/".join(reversed(names))


class _Comparison:
    def __init__(self, source: h5py.File, target: h5py.File, allowances: Allowances) -> None:
        self.files = (source.id, target.id)
        self.roots = (root_of(source), root_of(target))
        self.allowances = allowances
        self.kinds = kinds_in(source)
        self.there: dict[int, int] = {}
        """The object of the target that stands for one of the source, by address."""
        self.back: dict[int, int] = {}
        self.waiting: deque[tuple[Path, Any, Any]] = deque()
        self.references: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]] = []

    def run(self) -> Iterator[str]:
        root = Path(None, b"")
        self.pair(*map(address_of, self.roots))
        self.waiting.append((root, *self.roots))
        while self.waiting:
            path, source, target = self.waiting.popleft()
            yield from (f"{path}: {told}" for told in self.compare(path, source, target))
        for place, before, after in self.references:
            if not self.lead_alike(before, after):
                yield f"{place} refers to something else"

    def pair(self, source: int, target: int) -> bool:
        """Note which object stands for which, and tell whether that agrees with what is known."""
        known = self.there.setdefault(source, target), self.back.setdefault(target, source)
        return known == (target, source)

    def lead_alike(self, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
        """Whether references lead to objects that stand for each other."""
        if before[0] in ("object", "region") and before[0] == after[0]:
            return self.pair(before[1], after[1]) and before[2:] == after[2:]
        return before == after

    # Objects

    def compare(self, path: Path, source: Any, target: Any) -> Iterator[str]:
        kinds = kind_of(source), kind_of(target)
        if kinds[0] != kinds[1]:
            yield f"a {kinds[0]} became a {kinds[1]}"
            return
        if kinds[0] == "unreadable":
            return
        thing = Thing(address_of(source), self.kinds.get(address_of(source), frozenset()))
        yield from self.compare_attributes(path, thing, source, target)
        if kinds[0] == "group":
            yield from self.compare_links(path, thing, source, target)
        elif kinds[0] == "dataset":
            yield from self.compare_datasets(path, thing, dataset_of(source), dataset_of(target))
        elif type_of(source) != type_of(target):
            yield f"type {type_of(source)} became {type_of(target)}"

    # Links

    def compare_links(self, path: Path, thing: Thing, source: Any, target: Any) -> Iterator[str]:
        before, after = links_of(source), links_of(target)
        if isinstance(before, Unreadable) or isinstance(after, Unreadable):
            if before != after:
                yield "only one can be read"
            return
        yield from _names("link", [*before], [*after])
        shared = [name for name in before if name in after]
        yield from self.compare_orders(thing, before, after)
        for name in shared:
            one, two = before[name], after[name]
            if one.kind != two.kind or (one.kind != "hard" and one.target != two.target):
                yield f"link {name!r} is {_words(two)}, it was {_words(one)}"
            elif one.kind == "hard":
                fresh = one.target not in self.there and two.target not in self.back
                if not self.pair(one.target, two.target):
                    yield f"link {name!r} leads to another object than other links do"
                elif fresh:
                    there = Path(path, name)
                    self.waiting.append((there, opened(source, name), opened(target, name)))

    def compare_orders(
        self, thing: Thing, before: dict[bytes, Link], after: dict[bytes, Link]
    ) -> Iterator[str]:
        if len(before) < 2 or any(link.order is None for link in before.values()):
            return
        if any(link.order is None for link in after.values()):
            yield "the order of links is not kept"
            return
        orders = (
            [name for name in before if name in after],
            [name for name in after if name in before],
        )
        if orders[0] != orders[1] and not any(free(thing) for free in self.allowances.orders):
            yield f"links are in the order {orders[1]}, it was {orders[0]}"

    # Attributes

    def compare_attributes(
        self, path: Path, thing: Thing, source: Any, target: Any
    ) -> Iterator[str]:
        before, after = attributes_of(source), attributes_of(target)
        if isinstance(before, Unreadable) or isinstance(after, Unreadable):
            if before != after:
                yield "the attributes of only one can be read"
            return
        yield from _names("attribute", [*before], [*after])
        for name in before:
            if name in after:
                told = self.attribute_difference(path, thing, name, before[name], after[name])
                if told:
                    yield f"attribute {name!r} {told}"

    def attribute_difference(
        self,
        path: Path,
        thing: Thing,
        name: str,
        source: Attribute | Unreadable,
        target: Attribute | Unreadable,
    ) -> str:
        if isinstance(source, Unreadable) or isinstance(target, Unreadable):
            return "" if source == target else "can be read in only one"
        if any(rule(thing, name, source, target) for rule in self.allowances.attributes):
            return ""
        if source.type != target.type:
            return f"is of type {target.type}, it was {source.type}"
        if source.space != target.space:
            return f"has the space {target.space}, it was {source.space}"
        if not self.named_alike(f"{path}: attribute {name!r}", source.named, target.named):
            return "is of another named type"
        if not self.same_values(f"{path}: attribute {name!r}", source.values, target.values):
            return f"is {_value(target)}, it was {_value(source)}"
        return ""

    def named_alike(self, place: str, source: int | None, target: int | None) -> bool:
        """Whether two types are the same named type, or both none."""
        if source is None or target is None:
            return source == target
        self.references.append((place, ("object", source), ("object", target)))
        return True

    # Datasets

    def compare_datasets(
        self, path: Path, thing: Thing, source: Dataset | Unreadable, target: Dataset | Unreadable
    ) -> Iterator[str]:
        if isinstance(source, Unreadable) or isinstance(target, Unreadable):
            if source != target:
                yield "only one can be read"
            return
        same_type = source.type == target.type
        if not same_type and not self.allowed(self.allowances.types, thing, source, target):
            yield f"type {target.type}, it was {source.type}"
            return
        if not self.named_alike(f"{path}: type", source.named, target.named):
            yield "is of another named type"
        if (source.space.kind, source.space.shape) != (target.space.kind, target.space.shape):
            yield f"space {target.space}, it was {source.space}"
            return
        yield from self.compare_storage(thing, source, target)
        if source.outside != target.outside:
            yield f"values lie in {target.outside}, it was {source.outside}"
        elif not source.outside and source.layout != "virtual":
            yield from self.compare_values(path, source, target)

    def allowed(self, rules: Any, thing: Thing, source: Dataset, target: Dataset) -> bool:
        return any(rule(thing, source, target) for rule in rules)

    def compare_storage(self, thing: Thing, source: Dataset, target: Dataset) -> Iterator[str]:
        pieces: list[tuple[str, Any, Any]] = [
            ("is stored", source.layout, target.layout),
            ("has the limits", source.space.limits, target.space.limits),
            ("has chunks of", source.chunks, target.chunks),
            ("has the filters", source.filters, target.filters),
        ]
        if source.type == target.type:
            pieces.append(("is filled with", source.fill, target.fill))
        told = [f"{words} {two}, it was {one}" for words, one, two in pieces if one != two]
        if told and not self.allowed(self.allowances.storage, thing, source, target):
            yield from told

    # Values

    def compare_values(self, path: Path, source: Dataset, target: Dataset) -> Iterator[str]:
        if source.layout == "chunked" and source.chunks == target.chunks:
            yield from self.compare_chunks(path, source, target)
        elif source.id.get_storage_size() or target.id.get_storage_size():
            places = blocks(source.space.shape, _itemsize(source))
            yield from self.compare_blocks(path, source, target, places)

    def compare_chunks(self, path: Path, source: Dataset, target: Dataset) -> Iterator[str]:
        """Compare the chunks that there are; of all else the fill values."""
        before, after = written_chunks(source), written_chunks(target)
        if isinstance(before, Unreadable) or isinstance(after, Unreadable):
            if before != after:
                yield "the chunks of only one can be listed"
            return
        if before.keys() != after.keys():
            odd = sorted(before.keys() ^ after.keys())
            yield f"chunks are written in one and not in the other: {odd[:3]}"
        stored_alike = source.type == target.type and source.filters == target.filters
        by_bytes = stored_alike and not _has_parts_elsewhere(source.type)
        for offset in sorted(before.keys() & after.keys()):
            if stored_alike and before[offset] != after[offset]:
                yield f"the chunk at {offset} is spared other filters"
            if by_bytes and _same_bytes(raw_chunk(source, offset), raw_chunk(target, offset)):
                continue
            places = _inside(source, offset)
            told = list(self.compare_blocks(path, source, target, places, not by_bytes))
            yield from told
            if told:
                return

    def compare_blocks(
        self,
        path: Path,
        source: Dataset,
        target: Dataset,
        places: Iterable[Place],
        may_be_unreadable: bool = True,
    ) -> Iterator[str]:
        unreadable = 0
        for place in places:
            before, after = read_block(source, place), read_block(target, place)
            if isinstance(before, Unreadable) and isinstance(after, Unreadable):
                unreadable += 1
                if not may_be_unreadable:
                    yield f"the values at {place} cannot be read, and their bytes differ"
                if not may_be_unreadable or unreadable == MANY_UNREADABLE:
                    return
            elif isinstance(before, Unreadable) or isinstance(after, Unreadable):
                yield f"the values at {place} can be read in only one"
                return
            elif source.type != target.type:
                told = _text_difference(before, after, source.type, target.type)
                if told:
                    yield f"the values at {place} {told}"
                    return
            elif not self.same_values(f"{path}: values", before, after):
                yield f"the values at {place} differ"
                return

    def same_values(self, place: str, before: Any, after: Any) -> bool:
        """Whether two arrays of bits are the same; what references lead to is compared later."""
        stack = [(before, after)]
        while stack:
            one, two = stack.pop()
            if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
                if one.shape != two.shape or one.dtype != two.dtype:
                    return False
                if one.dtype.names is not None:
                    stack += [(one[name], two[name]) for name in one.dtype.names]
                elif one.dtype.hasobject:
                    stack += zip(one.reshape(-1), two.reshape(-1), strict=True)
                elif one.tobytes() != two.tobytes():
                    return False
            elif isinstance(one, h5py.h5r.Reference) and isinstance(two, h5py.h5r.Reference):
                leads = referred(one, self.files[0]), referred(two, self.files[1])
                self.references.append((place, *leads))
            elif one != two:
                return False
        return True


def _names(what: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"{what} {name!r} is missing"
    for name in after:
        if name not in before:
            yield f"{what} {name!r} is new"


def _words(link: Link) -> str:
    return link.kind if link.kind == "hard" else f"{link.kind} to {link.target!r}"


def _value(attribute: Attribute) -> str:
    shown = attribute.texts or attribute.numbers or attribute.values
    return f"{shown}"[:200]


def _itemsize(dataset: Dataset) -> int:
    return int(dataset.id.get_type().get_size())


def _has_parts_elsewhere(kind: Type) -> bool:
    """Whether values of a type hold addresses in the file."""
    if kind[:2] == ("string", None) or kind[0] in ("list", "reference"):
        return True
    if kind[0] == "compound":
        return any(_has_parts_elsewhere(member) for _, _, member in kind[2:])
    return kind[0] == "array" and _has_parts_elsewhere(kind[1])


def _same_bytes(one: bytes | Unreadable, two: bytes | Unreadable) -> bool:
    return not isinstance(one, Unreadable) and one == two


def _inside(dataset: Dataset, offset: tuple[int, ...]) -> Iterator[Place]:
    """The part of a chunk that is inside the dataset."""
    assert dataset.chunks is not None
    shape = dataset.space.shape
    ends = [
        min(length, start + step)
        for length, start, step in zip(shape, offset, dataset.chunks, strict=True)
    ]
    counts = tuple(end - start for end, start in zip(ends, offset, strict=True))
    if all(count > 0 for count in counts):
        yield from blocks(counts, _itemsize(dataset), offset)


def _text_difference(before: Any, after: Any, kind: Type, target: Type) -> str:
    for one, two in zip(before.reshape(-1), after.reshape(-1), strict=True):
        text = text_of(one, kind)
        if not is_utf8(text):
            return "are of another type, though they are no UTF-8"
        if text != text_of(two, target):
            return f"are {text_of(two, target)[:100]!r}, it was {text[:100]!r}"
    return ""
