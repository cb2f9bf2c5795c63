"""The format version that a file is written in, and what changes when that is another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from nixschema.layout import Version, layout_of
from nixschema.model import DataArray, DimensionLink, Entity, File, Model
from nixschema.model.file import PRESENT_VERSION

WRITTEN_VERSIONS: tuple[Version, ...] = ((1, 2, 0), (1, 2, 1))
"""The versions that can be written: the C++ library edits 1.2.0, nixio 1.2.1; both read both."""

Changes = dict[int, dict[str, Any]]
"""Values that take the place of fields, by identity of the model."""


def version_of(text: str) -> Version:
    """A version that can be written, from its text.

    Raises:
        ValueError: it cannot be.
    """
    known = {version_text(version): version for version in WRITTEN_VERSIONS}
    if text not in known:
        raise ValueError(f"format version {text} cannot be written: {' and '.join(known)} can")
    return known[text]


def version_text(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def written_version(file: File) -> Version | None:
    """The version that a file is written in unless another is asked for: its own, if not too old.

    None where the file does not say which it is.
    """
    if file.version is not None and file.version < WRITTEN_VERSIONS[0]:
        return PRESENT_VERSION
    return file.version


def changes_to(file: File, version: Version | None) -> Changes:
    """What changes when a file is written in another version; nothing when it is its own.

    Old files have no id: it is made from what they hold, so that it is the same each time. Alias
    dimensions become links where the version has none. Times that are missing are those of the
    entity above.
    """
    if version is None or version == file.version:
        return {}
    changes: Changes = {id(file): {"version": version, "id": file.id or _root_id(file)}}
    for model in file.walk():
        if isinstance(model, DimensionLink) and model.alias:
            until = layout_of(DimensionLink)["alias"].place.until
            if until is not None and version > until:
                changes.setdefault(id(model), {}).update(alias=False, id=_link_id(model))
        if isinstance(model, Entity):
            for name, time in _missing_times(model):
                changes.setdefault(id(model), {})[name] = time
    return changes


def _root_id(file: File) -> str:
    ids = sorted(member.id or member.name for member in (*file.blocks, *file.metadata))
    return str(uuid5(NAMESPACE_URL, "\n".join(["nix", *ids, str(file.created_at)])))


def _link_id(link: DimensionLink) -> str:
    names: list[str] = []
    above: Model | None = link.owner
    while above is not None and not isinstance(above, DataArray):
        names.append(above.key)
        above = above.owner
    start = (above.id or above.path) if isinstance(above, DataArray) else link.path
    return str(uuid5(NAMESPACE_URL, "/".join([start, "dimensions", *reversed(names), "link"])))


def _missing_times(model: Entity) -> Iterator[tuple[str, datetime]]:
    for name, other in (("created_at", "updated_at"), ("updated_at", "created_at")):
        if getattr(model, name) is not None or name in model.extra.attributes:
            continue
        above: Model | None = model
        while above is not None:
            time = getattr(above, other, None) or getattr(above, name, None)
            if time is not None:
                yield name, time
                break
            above = above.owner
