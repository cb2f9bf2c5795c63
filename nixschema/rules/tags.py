"""NIX3xx: tags, multi tags and features."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nixschema.array import shape_text
from nixschema.findings import Level
from nixschema.model import DataArray, DataFrame, Feature, MultiTag, Tag
from nixschema.model.extra import Problem
from nixschema.rules.rule import Sentence, at, rule


@rule("NIX301", on=Tag)
def tag_has_position(tag: Tag) -> Iterator[Sentence]:
    """A tag has a position.

    Without one it marks nothing.
    """
    if not tag.position and not tag.extra.has("position"):
        yield at("position", "there is no `position`")


@rule("NIX302", on=Problem)
def positions_are_arrays(problem: Problem) -> Iterator[Sentence]:
    """Positions and extents of a multi tag are data arrays.

    Readers take anything else for a data array and fail.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX303", on=MultiTag)
def multi_tag_has_positions(tag: MultiTag) -> Iterator[Sentence]:
    """A multi tag has positions.

    Deleting the array in nixio leaves a multi tag without positions behind; reading it raises.
    """
    if tag.__dict__["positions"] is None and not tag.extra.has("positions"):
        yield at("positions", "there are no `positions`")


@rule("NIX304", on=Problem)
def feature_data_are_data(problem: Problem) -> Iterator[Sentence]:
    """The data of a feature are a data array or a data frame.

    Readers take anything else for one and fail.
    """
    yield f"`{problem.name}` is {problem.found}; expected {problem.expected}"


@rule("NIX305", on=Feature)
def feature_has_data(feature: Feature) -> Iterator[Sentence]:
    """A feature has data.

    Deleting the array in nixio leaves a feature without data behind; reading it raises.
    """
    if feature.__dict__["data"] is None and not feature.extra.has("data"):
        yield at("data", "there are no `data`")


@rule("NIX306", on=Tag)
def position_is_number(tag: Tag) -> Iterator[Sentence]:
    """Position and extent of a tag are finite numbers.

    NaN and infinity are no place on an axis.
    """
    for name in ("position", "extent"):
        for axis, value in enumerate(tag.__dict__[name] or ()):
            if not math.isfinite(value):
                yield at(name, axis, f"`{name}` of axis {axis + 1} is {value}")


@rule("NIX307", on=Tag)
def extent_fits_position(tag: Tag) -> Iterator[Sentence]:
    """The extent of a tag has a number for each of its position.

    Readers take the extent of an axis by the number of the axis.
    """
    if tag.extent and tag.position and len(tag.extent) != len(tag.position):
        yield at("extent", f"an extent of {len(tag.extent)} for a position of {len(tag.position)}")


@rule("NIX308", on=MultiTag)
def extents_fit_positions(tag: MultiTag) -> Iterator[Sentence]:
    """The extents of a multi tag are of the shape of its positions.

    Each region has its place and its length in the same row.
    """
    positions, extents = _array_of(tag, "positions"), _array_of(tag, "extents")
    if positions is None or extents is None or not positions.data or not extents.data:
        return
    if positions.shape != extents.shape:
        yield at(
            "extents",
            f"extents of shape {shape_text(extents.shape)} "
            f"for positions of shape {shape_text(positions.shape)}",
        )


@rule("NIX309", on=MultiTag)
def positions_are_numbers(tag: MultiTag) -> Iterator[Sentence]:
    """Positions and extents of a multi tag are numbers, one row for each position.

    Positions for one axis are a list, for several axes a table with one column for each.
    """
    for name in ("positions", "extents"):
        array = _array_of(tag, name)
        if array is None or array.data is None:
            continue
        if not array.data.is_numeric:
            yield at(name, f"`{name}` are {array.data.type_text}; expected numbers")
        elif array.data.ndim > 2:
            found = shape_text(array.shape)
            yield at(name, f"`{name}` are of shape {found}; expected a list or a table")


@rule("NIX311", on=MultiTag, cost="values")
def positions_are_finite(tag: MultiTag) -> Iterator[Sentence]:
    """Positions and extents of a multi tag are finite.

    NaN and infinity are no place on an axis.
    """
    for name in ("positions", "extents"):
        array = _array_of(tag, name)
        if array is None or array.data is None or array.data.dtype.kind != "f":
            continue
        if not array.data.is_stored:
            continue
        for cut, block in array.data.blocks():
            odd = ~np.isfinite(block)
            if odd.any():
                row = cut[0].start + int(np.argwhere(odd)[0][0]) + 1
                value = block[odd][0]
                yield at(name, row, f"row {row:,} of `{name}` has {value}")
                break


@rule("NIX312", on=MultiTag, level=Level.WARNING)
def positions_are_there(tag: MultiTag) -> Iterator[Sentence]:
    """A multi tag marks at least one position.

    An empty one is what an analysis that found nothing leaves behind; some readers fail on it.
    """
    positions = _array_of(tag, "positions")
    if positions is not None and positions.data is not None and positions.data.size == 0:
        yield at("positions", "the positions are empty")


@rule("NIX315", on=Feature)
def feature_says_kind_of_data(feature: Feature) -> Iterator[Sentence]:
    """A feature says rightly whether its data are an array or a frame.

    nixio looks for what `target_type` says, and does not find it.
    """
    reference = feature.__dict__["data"]
    target = None if reference is None else reference.resolve(feature, (DataArray, DataFrame))
    said = feature.target_type
    if target is None or feature.extra.has("target_type"):
        return
    if said is None and isinstance(target, DataFrame):
        yield "`target_type` is missing, which means `DataArray`, but the data are a data frame"
    elif said is not None and said != type(target).__name__:
        yield f"`target_type` is `{said}`, but the data are a {type(target).words}"


@rule("NIX316", on=Feature, level=Level.WARNING)
def frames_are_not_tagged(feature: Feature) -> Iterator[Sentence]:
    """A feature whose data are a frame is untagged or indexed.

    The rows of a frame have no positions in which a tag could mark a part; nixio refuses it.
    """
    reference = feature.__dict__["data"]
    target = None if reference is None else reference.resolve(feature, (DataArray, DataFrame))
    if isinstance(target, DataFrame) and feature.link_type == "tagged":
        yield f"the data frame `{target.name}` is `tagged`; expected `untagged` or `indexed`"


def _array_of(tag: MultiTag, name: str) -> DataArray | None:
    reference = tag.__dict__[name]
    target = None if reference is None else reference.resolve(tag, (DataArray,))
    return target if isinstance(target, DataArray) else None
