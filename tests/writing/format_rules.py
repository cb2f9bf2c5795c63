"""The rules that every writer of NIX must keep, W1 to W7 of the description of the format.

`violations` looks for them in a file with plain h5py. It judges how things are written, not whether
the content makes sense: what is no text, number or dataset of the format is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import h5py

from tests.writing.hdf5 import (
    UTF8_TYPE,
    Attribute,
    Dataset,
    Unreadable,
    address_of,
    attribute_of,
    attributes_of,
    blocks,
    dataset_of,
    is_utf8,
    kind_of,
    links_of,
    opened,
    order_flags,
    read_block,
    root_of,
    superblock_version,
    text_of,
    type_named,
)
from tests.writing.known import (
    DATASETS,
    KINDS,
    LINKS,
    LIST_OF_UNITS,
    TEXTS,
    VALUES,
    WITHOUT_TIMES,
    Found,
    walk,
)
from tests.writing.upgrading import is_time, is_uuid

SUPERBLOCK = 2
"""The version that readers old and new open, and that survives a killed writer."""


@dataclass(frozen=True)
class Content:
    """A file that is open, and what of it is of the format."""

    path: str
    file: h5py.File
    owned: list[Found]


def violations(path: str | os.PathLike[str], rules: Iterable[str] | None = None) -> list[str]:
    """Where a file breaks the rules, a sentence each; all rules, if none are named."""
    with h5py.File(path, "r") as file:
        content = Content(os.fspath(path), file, [found for found in walk(file) if found.owned])
        return [
            f"{rule} {told}"
            for rule in (RULES if rules is None else rules)
            for told in RULES[rule](content)
        ]


def _attributes(found: Found) -> dict[str, Attribute]:
    given = attributes_of(found.id)
    if isinstance(given, Unreadable):
        return {}
    return {name: one for name, one in given.items() if isinstance(one, Attribute)}


def _dataset(found: Found) -> Dataset | None:
    dataset = dataset_of(found.id) if kind_of(found.id) == "dataset" else None
    return dataset if isinstance(dataset, Dataset) else None


def _text(found: Found, name: str) -> str | None:
    attribute = attribute_of(found.id, name)
    return None if attribute is None else attribute.text


def texts_are_utf8(content: Content) -> Iterator[str]:
    """W1: texts have variable length, UTF-8 and a null at the end; those of attributes a scalar.

    Bytes that are no UTF-8 stay what they are, and so does text with a null in it.
    """
    for found in content.owned:
        for name, attribute in _attributes(found).items():
            alone = name in KINDS[found.kind].texts and "\0" not in (attribute.text or "\0")
            listed = name == "units" and found.kind in LIST_OF_UNITS
            if alone and (attribute.type, attribute.space.kind) != (UTF8_TYPE, "scalar"):
                yield f"{found.path}: `{name}` is {attribute.type} in {attribute.space}"
            if (
                listed
                and attribute.type != UTF8_TYPE
                and all(map(is_utf8, attribute.texts or [b"\xff"]))
            ):
                yield f"{found.path}: `{name}` is {attribute.type}"
        dataset = _dataset(found)
        if dataset is not None and _has_texts(found, dataset) and dataset.type != UTF8_TYPE:
            yield f"{found.path}: the values are {dataset.type}"


def _has_texts(found: Found, dataset: Dataset) -> bool:
    """Whether a dataset holds texts that have to be UTF-8, and can be."""
    of_the_format = dataset.type[0] == "string" and (
        (found.kind in (TEXTS, "Property") and len(dataset.space.shape) == 1)
        or (found.kind == VALUES and dataset.type[1] is None and dataset.space.shape != ())
    )
    if not of_the_format:
        return False
    for place in blocks(dataset.space.shape, 16) if dataset.space.size else ():
        values = read_block(dataset, place)
        if isinstance(values, Unreadable):
            return False
        if not all(is_utf8(text_of(raw, dataset.type)) for raw in values.reshape(-1)):
            return False
    return True


def order_is_kept(content: Content) -> Iterator[str]:
    """W2: the root and every group track and index the order in which links are created."""
    seen: set[int] = set()
    waiting = [("", root_of(content.file))]
    while waiting:
        path, group = waiting.pop()
        if address_of(group) in seen:
            continue
        seen.add(address_of(group))
        if order_flags(group) != 3:
            yield f"{path}: the order of links is kept as {order_flags(group)}"
        links = links_of(group)
        for name, link in {} if isinstance(links, Unreadable) else links.items():
            target = opened(group, name) if link.kind == "hard" else None
            if kind_of(target) == "group":
                waiting.append((f"{path}/{name.decode('utf-8', 'replace')}", target))


def links_are_named(content: Content) -> Iterator[str]:
    """W3: owned entities are linked by name, references by id, and all links are hard."""
    for found in content.owned:
        kind = KINDS[found.kind]
        if kind.named and _text(found, "name") != found.link:
            yield f"{found.path}: the name is {_text(found, 'name')!r}"
        if kind_of(found.id) != "group":
            continue
        for name in (*kind.datasets, *kind.members, *kind.part, *kind.references, *kind.reference):
            yield from _soft(found.path, found.id, name)
        for name in kind.members:
            container = opened(found.id, name.encode())
            if kind_of(container) == "group":
                yield from _soft(f"{found.path}/{name}", container)
        for name in kind.references:
            yield from _named_by_id(f"{found.path}/{name}", opened(found.id, name.encode()))
        if found.kind in LINKS:
            yield from _named_by_id(found.path, found.id)
        if found.kind == "Feature" and _text(found, "entity_id") != found.link:
            yield f"{found.path}: the id is {_text(found, 'entity_id')!r}"


def _soft(path: str, group: Any, only: str | None = None) -> Iterator[str]:
    links = links_of(group)
    for name, link in {} if isinstance(links, Unreadable) else links.items():
        if link.kind != "hard" and only in (None, name.decode("utf-8", "replace")):
            yield f"{path}: {name!r} is a {link.kind} link"


def _named_by_id(path: str, group: Any) -> Iterator[str]:
    links = links_of(group) if kind_of(group) == "group" else {}
    for name, link in {} if isinstance(links, Unreadable) else links.items():
        if link.kind != "hard":
            yield f"{path}: {name!r} is a {link.kind} link"
            continue
        target = opened(group, name)
        given = None if isinstance(target, Unreadable) else attribute_of(target, "entity_id")
        if given is None or given.text is None or given.text.encode() != name:
            yield f"{path}: {name!r} leads to what has another id"


def datasets_grow(content: Content) -> Iterator[str]:
    """W4: datasets are chunked, and grow along every axis."""
    for found in content.owned:
        dataset = _dataset(found) if found.kind in DATASETS else None
        if dataset is None or not dataset.space.shape or dataset.outside:
            continue
        if dataset.layout != "virtual" and not dataset.resizable:
            yield f"{found.path}: {dataset.layout} with the limits {dataset.space.limits}"


def heads_are_there(content: Content) -> Iterator[str]:
    """W5: the version has its type, the file an id, and everything its times."""
    for found in content.owned:
        if found.kind == "File":
            version, given = attribute_of(found.id, "version"), _text(found, "id")
            good = version is not None and version.type == type_named("<i4")
            if not good or version is None or version.space.shape != (3,):
                yield f"/: the version is {version}"
            if not is_uuid(given):
                yield f"/: the id is {given!r}"
        if found.kind not in WITHOUT_TIMES:
            for name in ("created_at", "updated_at"):
                if not is_time(_text(found, name)):
                    yield f"{found.path}: `{name}` is {_text(found, name)!r}"


def libraries_agree(content: Content) -> Iterator[str]:
    """W6: units of frames, and the frames of groups, stand where either library looks for them."""
    for found in content.owned:
        if found.kind == "DataFrame":
            data = opened(found.id, b"data")
            here = attribute_of(found.id, "units")
            there = attribute_of(data, "units") if kind_of(data) == "dataset" else None
            if (here and here.texts) != (there and there.texts):
                yield f"{found.path}: units are {here and here.texts} and {there and there.texts}"
        elif found.kind == "Group":
            here_too = [_targets(found.id, name) for name in (b"data_frames", b"data_frame")]
            if here_too[0] != here_too[1]:
                yield f"{found.path}: other frames for one library than for the other"


def _targets(group: Any, name: bytes) -> dict[bytes, Any]:
    container = opened(group, name)
    links = links_of(container) if kind_of(container) == "group" else {}
    if isinstance(links, Unreadable):
        return {}
    return {link: one.target for link, one in links.items()}


def arrays_have_data(content: Content) -> Iterator[str]:
    """W7: no array is without data."""
    for found in content.owned:
        if found.kind == "DataArray" and kind_of(opened(found.id, b"data")) != "dataset":
            yield f"{found.path}: there is no data"


def the_superblock_is_old_enough(content: Content) -> Iterator[str]:
    """The superblock is of the version that all readers know."""
    version = superblock_version(content.path)
    if version != SUPERBLOCK:
        yield f"version {version}"


RULES: dict[str, Callable[[Content], Iterator[str]]] = {
    "W1": texts_are_utf8,
    "W2": order_is_kept,
    "W3": links_are_named,
    "W4": datasets_grow,
    "W5": heads_are_there,
    "W6": libraries_agree,
    "W7": arrays_have_data,
    "superblock": the_superblock_is_old_enough,
}
