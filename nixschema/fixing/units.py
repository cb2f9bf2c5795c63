"""Fixes of units."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.fixing.fix import Place, fixes, text_of, texts_of
from nixschema.model import DataFrame, MultiTag, Tag
from nixschema.rules.units import judged
from nixschema.storage.edits import DropAttribute, Edit, RewriteTexts, SetText, SetTexts
from nixschema.storage.tree import Node


@fixes("NIX504", safety="safe")
def unit_of_other_spelling(place: Place) -> Iterator[Edit]:
    """The same unit as NIX spells it."""
    yield from _respelt(place, "spelling")


@fixes("NIX502", safety="unsafe")
def unit_in_other_words(place: Place) -> Iterator[Edit]:
    """What is most likely meant: `s` for `sec`."""
    yield from _respelt(place, "unknown")


def _respelt(place: Place, verdict: str) -> Iterator[Edit]:
    def instead(unit: str) -> str:
        found = judged(unit)
        return found.instead if found.verdict == verdict and found.instead else unit

    if isinstance(place.model, DataFrame):
        for node in _with_units(place):
            texts = texts_of(node.attributes.get("units"))
            if texts is not None and [*map(instead, texts)] != texts:
                yield SetTexts(node, "units", tuple(map(instead, texts)))
        return
    if isinstance(place.model, Tag | MultiTag):
        tag, units = place.around.node_of(place.model), tuple(place.model.units or ())
        held = None if tag is None else tag.child("units")
        changed = tuple(map(instead, units))
        if tag is not None and held is not None and not held.shared and changed != units:
            yield RewriteTexts(tag, "units", changed)
        return
    unit = text_of(place.node, "unit")
    if place.node is not None and unit is not None and instead(unit) != unit:
        yield SetText(place.node, "unit", instead(unit))


@fixes("NIX501", "NIX409", safety="safe")
def empty_unit(place: Place) -> Iterator[Edit]:
    """It goes: what has no unit has no such attribute."""
    unit = text_of(place.node, "unit")
    if place.node is not None and unit is not None and not unit.strip():
        yield DropAttribute(place.node, "unit")


def _with_units(place: Place) -> list[Node]:
    """The objects that may have the units of a frame: the frame and its data."""
    frame = place.around.node_of(place.model)
    data = None if frame is None else frame.child("data")
    return [one for one in (frame, data) if one is not None and one.kind in ("group", "dataset")]


@fixes("NIX605", "NIX621", safety="safe")
def units_in_one_place(place: Place) -> Iterator[Edit]:
    """The units stand in the other place too."""
    nodes = _with_units(place)
    found = [texts_of(one.attributes.get("units")) for one in nodes]
    for node, other in zip(nodes, reversed(found), strict=True):
        if len(nodes) == 2 and "units" not in node.attributes and other:
            yield SetTexts(node, "units", tuple(other))


@fixes("NIX627", safety="safe")
def no_units_of_linked_frame(place: Place) -> Iterator[Edit]:
    """A blank unit for each column, which says that it has none."""
    reference = place.model.__dict__.get("data_frame")
    frame = getattr(reference, "target", None)
    node = place.around.node_of(frame) if isinstance(frame, DataFrame) else None
    if isinstance(frame, DataFrame) and node is not None and "units" not in node.attributes:
        yield SetTexts(node, "units", tuple(column.unit or "" for column in frame.columns))
