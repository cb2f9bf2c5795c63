"""What of an HDF5 file is of the NIX format: which objects, and which of their parts.

All else is of whoever wrote it, and nobody else may touch it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import h5py

from tests.writing.hdf5 import (
    Link,
    Unreadable,
    address_of,
    attribute_of,
    followed,
    kind_of,
    links_of,
    opened,
    root_of,
)

TIMED = ("entity_id", "created_at", "updated_at")
NAMED = (*TIMED, "name", "definition")
TYPED = (*NAMED, "type")

IDENTITY = ("entity_id", "name", "type")
"""What has none of them is no entity, wherever it lies."""

NUMBERS, TEXTS, VALUES, RECORDS = "numbers", "texts", "values", "records"
"""Kinds of datasets, beside properties."""

DATASETS = (NUMBERS, TEXTS, VALUES, RECORDS, "Property")


@dataclass(frozen=True)
class Kind:
    """A kind of object, by the names of its parts."""

    texts: tuple[str, ...] = ()
    """Attributes that are texts."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Attributes that are numbers, with their type."""
    datasets: Mapping[str, str] = field(default_factory=dict)
    """Datasets, with their kind."""
    members: Mapping[str, str] = field(default_factory=dict)
    """Groups of what the object owns, with their kind; they are named by name, number or id."""
    part: Mapping[str, str] = field(default_factory=dict)
    """Single groups that the object owns, with their kind."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Groups of links to what others own, with the kind they lead to; the links are named by id."""
    reference: Mapping[str, str] = field(default_factory=dict)
    """Single links to what others own, with the kind they lead to."""
    named: bool = False
    """Whether the links that lead to it are named by its name."""


_SECTION = {"metadata": "Section"}
_SOURCES = {"sources": "Source"}

_TAG = Kind(
    texts=TYPED,
    datasets={"units": TEXTS, "position": NUMBERS, "extent": NUMBERS},
    members={"features": "Feature"},
    references={"references": "DataArray", **_SOURCES},
    reference=_SECTION,
    named=True,
)

_LINK = Kind(texts=(*TIMED, "data_object_type"), numbers={"index": "<i8"})

_NOTHING = Kind()

KINDS: dict[str, Kind] = {
    "File": Kind(
        texts=("format", "id", "created_at", "updated_at"),
        numbers={"version": "<i4"},
        members={"data": "Block", "metadata": "Section"},
    ),
    "Block": Kind(
        texts=TYPED,
        members={
            "data_arrays": "DataArray",
            "data_frames": "DataFrame",
            "tags": "Tag",
            "multi_tags": "MultiTag",
            "groups": "Group",
            "sources": "Source",
        },
        reference=_SECTION,
        named=True,
    ),
    "DataArray": Kind(
        texts=(*TYPED, "unit", "label"),
        numbers={"expansion_origin": "<f8"},
        datasets={"data": VALUES, "polynom_coefficients": NUMBERS},
        members={"dimensions": "Dimension"},
        references=_SOURCES,
        reference=_SECTION,
        named=True,
    ),
    "DataFrame": Kind(
        texts=TYPED,
        datasets={"data": RECORDS},
        references=_SOURCES,
        reference=_SECTION,
        named=True,
    ),
    "SampledDimension": Kind(
        texts=("dimension_type", "unit", "label"),
        numbers={"sampling_interval": "<f8", "offset": "<f8"},
    ),
    "RangeDimension": Kind(
        texts=("dimension_type", "unit", "label"),
        datasets={"ticks": NUMBERS},
        part={"link": "DimensionLink"},
    ),
    "SetDimension": Kind(
        texts=("dimension_type", "label"),
        datasets={"labels": TEXTS},
        part={"link": "DimensionLink"},
    ),
    "DataFrameDimension": Kind(
        texts=("dimension_type",),
        numbers={"column_index": "<u4"},
        reference={"data_frame": "DataFrame"},
    ),
    "Dimension": Kind(),
    "DimensionLink": _LINK,
    "ColumnLink": _LINK,
    "Tag": _TAG,
    "MultiTag": Kind(
        texts=TYPED,
        datasets={"units": TEXTS},
        members=_TAG.members,
        references=_TAG.references,
        reference={**_SECTION, "positions": "DataArray", "extents": "DataArray"},
        named=True,
    ),
    "Feature": Kind(texts=(*TIMED, "link_type", "target_type"), reference={"data": "DataArray"}),
    "Group": Kind(
        texts=TYPED,
        references={
            "data_arrays": "DataArray",
            "data_frames": "DataFrame",
            "data_frame": "DataFrame",
            "tags": "Tag",
            "multi_tags": "MultiTag",
            **_SOURCES,
        },
        reference=_SECTION,
        named=True,
    ),
    "Source": Kind(texts=TYPED, members=_SOURCES, reference=_SECTION, named=True),
    "Section": Kind(
        texts=(*TYPED, "repository", "reference"),
        members={"sections": "Section", "properties": "Property"},
        reference={"link": "Section"},
        named=True,
    ),
    "Property": Kind(
        texts=(
            *NAMED,
            *("unit", "reference", "dependency", "dependency_value", "value_origin", "odml_type"),
        ),
        numbers={"uncertainty": "<f8"},
        named=True,
    ),
    **{kind: Kind() for kind in (NUMBERS, TEXTS, VALUES, RECORDS)},
}
"""All kinds of objects. A dimension whose type says nothing known is of the kind ``Dimension``; a
dimension link is of the kind ``ColumnLink`` where it leads to the column of a frame."""

LINKS = {"DimensionLink": "DataArray", "ColumnLink": "DataFrame"}
"""Kinds of dimension links, with the kind they lead to."""

DIMENSIONS = {
    "sample": "SampledDimension",
    "range": "RangeDimension",
    "set": "SetDimension",
    "data_frame": "DataFrameDimension",
}

LIST_OF_UNITS = ("DataFrame", RECORDS)
"""Kinds of objects with an attribute ``units`` that lists texts."""

WITHOUT_TIMES = ("Dimension", *DIMENSIONS.values(), *DATASETS[:-1])
"""Kinds of objects that need no id and no times."""

Kinds: TypeAlias = frozenset[str]
"""What an object is; a broken file may have it in several places."""


class Found(NamedTuple):
    """An object of the format at one of the places where it lies."""

    id: Any
    kind: str
    path: str
    link: str
    """Name of the link that leads to it."""
    owned: bool
    """Whether it is here that it lies, or it is referred to from here."""


def walk(file: h5py.File) -> Iterator[Found]:
    """All objects of the format, each kind of an object once."""
    seen: set[tuple[int, str]] = set()
    owned = [Found(root_of(file), "File", "", "", True)]
    referred: list[Found] = []
    while owned or referred:
        found = (owned or referred).pop()
        key = (address_of(found.id), found.kind)
        if key in seen:
            continue
        seen.add(key)
        yield found
        if kind_of(found.id) == "group":
            children = [child for child in _children(found) if _fits(child)]
            owned += reversed([child for child in children if child.owned])
            referred += reversed([child for child in children if not child.owned])


def _fits(found: Found) -> bool:
    """Whether an object is what its place is for."""
    return kind_of(found.id) == ("dataset" if found.kind in DATASETS else "group")


def _children(found: Found) -> Iterator[Found]:
    kind = KINDS[found.kind]
    for name, part in {**kind.datasets, **kind.part}.items():
        yield from _child(found, name, part, owned=found.owned)
    for name, part in kind.reference.items():
        if found.kind == "Feature" and _says(found.id, "target_type") == "DataFrame":
            part = "DataFrame"
        yield from _child(found, name, part, owned=False)
    if found.kind in LINKS:
        yield from _all(found, LINKS[found.kind], owned=False)
    for group, owned in ((kind.members, found.owned), (kind.references, False)):
        for name, part in group.items():
            for container in _child(found, name, "", owned=owned):
                if kind_of(container.id) == "group":
                    yield from _all(container, part, owned=owned)


def _child(found: Found, name: str, kind: str, *, owned: bool) -> Iterator[Found]:
    links = links_of(found.id)
    link = {} if isinstance(links, Unreadable) else links
    if name.encode() in link:
        yield from _at(found, name.encode(), link[name.encode()], kind, owned=owned)


def _all(found: Found, kind: str, *, owned: bool) -> Iterator[Found]:
    links = links_of(found.id)
    for name, link in {} if isinstance(links, Unreadable) else links.items():
        yield from _at(found, name, link, kind, owned=owned)


def _at(found: Found, name: bytes, link: Link, kind: str, *, owned: bool) -> Iterator[Found]:
    object_id: Any = None
    if link.kind == "hard":
        object_id = opened(found.id, name)
    elif link.kind == "soft":
        object_id, owned = followed(found.id, link.target), False
    if object_id is None or isinstance(object_id, Unreadable):
        return
    if kind == "Dimension":
        kind = DIMENSIONS.get(_says(object_id, "dimension_type") or "", kind)
    if kind == "DimensionLink" and _says(object_id, "data_object_type") == "DataFrame":
        kind = "ColumnLink"
    if KINDS.get(kind, _NOTHING).named and not any(_says(object_id, one) for one in IDENTITY):
        owned = False
    text = name.decode("utf-8", "surrogateescape")
    yield Found(object_id, kind, f"{found.path}/{text}", text, owned)


def _says(object_id: Any, name: str) -> str | None:
    attribute = attribute_of(object_id, name)
    return None if attribute is None else attribute.text


def kinds_in(file: h5py.File) -> dict[int, Kinds]:
    """What the objects of a file are, by their address."""
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    for found in walk(file):
        kinds[address_of(found.id)].add(found.kind)
    return {address: frozenset(found) for address, found in kinds.items()}
