"""Fixes of dimension descriptors."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.fixing.fix import Place, fixes
from nixschema.model import DataArray, Dimension, SetDimension, UnknownDimension
from nixschema.storage.edits import Edit, NewGroup, Unlink


@fixes("NIX201", safety="safe")
def surplus_empty_descriptor(place: Place) -> Iterator[Edit]:
    """Descriptors beyond the last axis go, where they say nothing at all."""
    array, node = place.model, place.node
    group = None if node is None else node.child("dimensions")
    if not isinstance(array, DataArray) or array.data is None or group is None:
        return
    surplus = list(array.dimensions)[array.data.ndim :]
    if surplus and all(_says_nothing(place, one) for one in surplus):
        for one in surplus:
            yield Unlink(group, str(one.number))


def _says_nothing(place: Place, dimension: Dimension) -> bool:
    node = place.around.node_of(dimension)
    return (
        isinstance(dimension, SetDimension)
        and node is not None
        and not node.shared
        and not node.attributes.keys() - {"dimension_type", "label"}
        and not dimension.label
        and not any(_holds_something(link.target) for link in node.links.values())
        and all(name == "labels" for name in node.links)
    )


def _holds_something(target: object) -> bool:
    data = getattr(target, "data", None)
    return data is None or bool(data.size) or bool(getattr(target, "attributes", None))


@fixes("NIX218", safety="safe")
def undescribed_positions(place: Place) -> Iterator[Edit]:
    """Each axis gets a descriptor that says nothing: a set dimension."""
    yield from _described(place)


@fixes("NIX201", safety="unsafe")
def missing_descriptor(place: Place) -> Iterator[Edit]:
    """Each axis without a descriptor gets one that says nothing: a set dimension.

    Where tags or dimensions refer to the array, they rely on what its descriptors said.
    """
    if place.node is not None and len(place.around.links.get(place.node.address, ())) == 1:
        yield from _described(place)


def _described(place: Place) -> Iterator[Edit]:
    array, node = place.model, place.node
    if not isinstance(array, DataArray) or array.data is None or node is None:
        return
    known = list(array.dimensions)
    if any(isinstance(one, UnknownDimension) for one in known):
        return
    group = node.child("dimensions")
    if group is None:
        if "dimensions" not in node.links and len(known) < array.data.ndim:
            yield NewGroup(node, "dimensions")  # The next round fills it.
        return
    numbers = [str(number + 1) for number in range(len(known))]
    if sorted(group.links) != sorted(numbers):
        return  # One of another name may be meant for the axis.
    for number in range(len(known) + 1, array.data.ndim + 1):
        yield NewGroup(group, str(number), (("dimension_type", "set"),))
