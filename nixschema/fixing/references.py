"""Fixes of references between entities."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.fixing.fix import Place, fixes
from nixschema.model import Container, DataArray, Feature, Model
from nixschema.model.lookup import nearest
from nixschema.storage.edits import AddLink, Edit, NewGroup, Relink, SetText, Unlink


@fixes("NIX705", safety="unsafe")
def reference_to_a_copy(place: Place) -> Iterator[Edit]:
    """It leads to the entity of the same name, type and shape in the block."""
    referrer = _referrer(place)
    block = None if referrer is None else referrer.block
    if referrer is None or block is None:
        return
    for _, _, item in referrer.outgoing():
        target = item.target
        if target is None or target.block is not None:
            continue
        twins = [
            twin
            for one in block.__dict__.values()
            if isinstance(one, Container) and (twin := one.get(getattr(target, "name", "")))
        ]
        twin = next((one for one in twins if _is_alike(one, target)), None)
        found, copy = (place.around.node_of(one) if one else None for one in (twin, target))
        if twin is None or found is None or copy is None:
            continue
        for group, name in place.around.links.get(copy.address, ()):
            if place.node in (group, copy) and _is_below(group.path, referrer.path):
                by_id = name == target.id or name == item.link  # type: ignore[attr-defined]
                new = twin.id if by_id else name
                if new == name or new not in group.links:
                    yield Relink(group, name, found, new)


def _referrer(place: Place) -> Model | None:
    """The model that refers to something: around the path, as the copy itself may be there."""
    found = nearest(place.around.file, place.finding.path)
    return found if found.block is not None else None


def _is_below(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}/")


def _is_alike(one: Model, other: Model) -> bool:
    if type(one) is not type(other) or getattr(one, "type", None) != getattr(other, "type", None):
        return False
    if isinstance(one, DataArray) and isinstance(other, DataArray):
        return (one.data is None) == (other.data is None) and (
            one.data is None or (one.shape, one.dtype) == (other.shape, other.dtype)
        )
    return True


@fixes("NIX717", safety="safe")
def listed_twice(place: Place) -> Iterator[Edit]:
    """The link that is named by the id stays, or the first; the others go."""
    group = place.node
    if group is None or group.kind != "group":
        return
    ids = {
        target.address: str(getattr(item.target, "id", ""))
        for _, _, item in place.model.outgoing()
        if item.target is not None and (target := place.around.node_of(item.target)) is not None
    }
    links: dict[int, list[str]] = {}
    for name, link in group.links.items():
        if link.kind == "hard" and link.target.address in ids:
            links.setdefault(link.target.address, []).append(name)
    for address, names in links.items():
        kept = ids[address] if ids[address] in names else names[0]
        for name in names:
            if name != kept:
                yield Unlink(group, name)


@fixes("NIX606", "NIX622", safety="safe")
def frames_in_one_list(place: Place) -> Iterator[Edit]:
    """The frames are listed in the other place too."""
    path = place.finding.path.rpartition("/")
    group = place.around.node_at(path[0])
    there, here = path[2], "data_frame" if path[2] == "data_frames" else "data_frames"
    listed = None if group is None else group.child(there)
    if group is None or listed is None:
        return
    lacking = group.child(here)
    if lacking is None:
        if here not in group.links:
            yield NewGroup(group, here)  # The next round fills it.
        return
    known = {link.target for link in lacking.links.values()}
    for name, link in listed.links.items():
        if link.kind == "hard" and link.target not in known and name not in lacking.links:
            yield AddLink(lacking, name, link.target)


@fixes("NIX316", safety="unsafe")
def tagged_frame(place: Place) -> Iterator[Edit]:
    """The feature is `untagged`: all rows belong to the tag."""
    if isinstance(place.model, Feature) and place.node is not None:
        yield SetText(place.node, "link_type", "untagged")
