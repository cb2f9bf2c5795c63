"""NIX3xx: tags, multi tags and features."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from nixschema.array import shape_text
from nixschema.errors import NixError, StaleFileError
from nixschema.findings import Level
from nixschema.model import (
    DataArray,
    DataFrame,
    Dimension,
    Feature,
    MultiTag,
    Tag,
    UnknownDimension,
)
from nixschema.model.extra import Problem
from nixschema.model.units import Unit, UnitError
from nixschema.rules.arrays import NEO_MAY_BE_EMPTY
from nixschema.rules.marked import array_in, arrays_of, columns_of, feature_data
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Tree


@rule("NIX301", on=Tag, also=("nixio", "cpp"))
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


@rule("NIX303", on=MultiTag, also=("nixio", "cpp"))
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


@rule("NIX305", on=Feature, also=("nixio", "cpp"), fix="unsafe")
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


@rule("NIX307", on=Tag, also=("nixio",))
def extent_fits_position(tag: Tag) -> Iterator[Sentence]:
    """The extent of a tag has a number for each of its position.

    Readers take the extent of an axis by the number of the axis.
    """
    if tag.extent and tag.position and len(tag.extent) != len(tag.position):
        yield at("extent", f"an extent of {len(tag.extent)} for a position of {len(tag.position)}")


@rule(
    "NIX334",
    on=Tag,
    level=Level.WARNING,
    help="remove the extent, if points are meant; otherwise give its numbers",
)
def extent_has_numbers(tag: Tag, tree: Tree | None) -> Iterator[Sentence]:
    """The extent of a tag that is there has numbers.

    Both libraries take an empty one for none, so that the tag marks a point, and write none
    themselves: it may be what is left of one that was lost.
    """
    if tree is not None and tag.extent is not None and not tag.extent and tag.position:
        yield at("extent", "the extent is empty")


@rule("NIX308", on=MultiTag, also=("nixio",))
def extents_fit_positions(tag: MultiTag) -> Iterator[Sentence]:
    """The extents of a multi tag are of the shape of its positions.

    Each region has its place and its length in the same row.
    """
    positions, extents = array_in(tag, "positions"), array_in(tag, "extents")
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
        array = array_in(tag, name)
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
        array = array_in(tag, name)
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


@rule(
    "NIX312",
    on=MultiTag,
    level=Level.WARNING,
    also=("nixio",),
    help="write the positions, or remove the multi tag",
)
def positions_are_there(tag: MultiTag) -> Iterator[Sentence]:
    """A multi tag marks at least one position.

    An empty one is what an analysis that found nothing leaves behind; some readers fail on it.
    Events, epochs and spike trains of neo may be without any time, and are only told (NIX223).
    """
    positions = None if tag.type in NEO_MAY_BE_EMPTY else array_in(tag, "positions")
    if positions is not None and positions.data is not None and positions.data.size == 0:
        yield at("positions", "the positions are empty")


@rule("NIX315", on=Feature, fix="safe")
def feature_says_kind_of_data(feature: Feature) -> Iterator[Sentence]:
    """A feature says rightly whether its data are an array or a frame.

    nixio looks for what `target_type` says, and does not find it.
    """
    target = feature_data(feature)
    said = feature.target_type
    if target is None or feature.extra.has("target_type"):
        return
    if said is None and isinstance(target, DataFrame):
        yield "`target_type` is missing, which means `DataArray`, but the data are a data frame"
    elif said is not None and said != type(target).__name__:
        yield f"`target_type` is `{said}`, but the data are a {type(target).words}"


@rule("NIX316", on=Feature, level=Level.WARNING, fix="unsafe")
def frames_are_not_tagged(feature: Feature) -> Iterator[Sentence]:
    """A feature whose data are a frame is untagged or indexed.

    The rows of a frame have no positions in which a tag could mark a part; nixio refuses it.
    """
    target = feature_data(feature)
    if isinstance(target, DataFrame) and feature.link_type == "tagged":
        yield f"the data frame `{target.name}` is `tagged`; expected `untagged` or `indexed`"


@rule("NIX310", on=(Tag, MultiTag), also=("nixio",))
def units_fit_position(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A tag has a unit for each axis, or none at all.

    An axis without a unit has a blank one. With another number of units, nixio fails to read what
    is marked, and the C++ library guesses. A tag without units is fine, which nixio's validator
    denies: positions are in the units of the axes then.
    """
    units, columns = tag.units, columns_of(tag)
    if not units or tag.extra.has("units"):
        return
    ranks = sorted({array.ndim for array in tag.references.found() if array.data is not None})
    if len(units) == columns or len(units) in ranks or not (columns or ranks):
        return
    axes = columns if columns and (not ranks or columns in ranks) else ranks[0]
    words = "unit" if len(units) == 1 else "units"
    yield at("units", f"{len(units)} {words} for {axes} {'axis' if axes == 1 else 'axes'}")


@rule(
    "NIX313",
    on=(Tag, MultiTag),
    level=Level.WARNING,
    also=("nixio",),
    help="give a number for each axis, unless the other axes are meant as a whole",
)
def position_fits_axes(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A position has a number for each axis of the arrays referred to.

    An axis without one is taken as a whole; with an extent, the C++ library leaves out its last
    element. Surplus numbers are ignored. nixio's validator calls both an error; the data can be
    read all the same, so it is a warning here, unless no array has as many axes.
    """
    columns = columns_of(tag)
    if columns is None:
        return
    others: dict[int, list[str]] = {}
    for array in tag.references.found():
        if array.data is not None and array.ndim != columns:
            others.setdefault(array.ndim, []).append(array.name)
    if any(rank < columns for rank in others) and not _fits_any(tag, columns):
        return
    for rank, names in others.items():
        yield at(
            _position_field(tag),
            f"{_numbers(columns)} for {_axes(rank)} of {_named(names)}",
            facts=(str(columns), str(rank), names[0]),
        )


@rule("NIX314", on=(Tag, MultiTag), also=("nixio",))
def position_has_axes(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A position has no more numbers than any of the arrays referred to has axes.

    What the surplus numbers mean cannot be told: readers ignore them. Where one of several arrays
    has as many axes, it is a warning (NIX313).
    """
    columns = columns_of(tag)
    if columns is None or _fits_any(tag, columns):
        return
    ranks = [(array.ndim, array.name) for array in tag.references.found() if array.data]
    if ranks and max(ranks)[0] < columns:
        most, name = max(ranks)
        yield at(_position_field(tag), f"{_numbers(columns)} for {_axes(most)} of `{name}`")


@rule("NIX317", on=Tag)
def extent_is_not_negative(tag: Tag) -> Iterator[Sentence]:
    """The extent of a tag is not negative.

    A region begins at its position and ends behind it; both libraries refuse to read one that ends
    before it begins.
    """
    for axis, value in enumerate(tag.extent or ()):
        if value < 0 and math.isfinite(value):
            yield at("extent", axis, f"`extent` of axis {axis + 1} is {value:.15g}")


@rule("NIX318", on=MultiTag, cost="values")
def extents_are_not_negative(tag: MultiTag) -> Iterator[Sentence]:
    """The extents of a multi tag are not negative.

    A region begins at its position and ends behind it; both libraries refuse to read one that ends
    before it begins.
    """
    extents = array_in(tag, "extents")
    if extents is None or extents.data is None or not extents.data.is_numeric:
        return
    if not extents.data.is_stored or not extents.ndim:
        return
    count, first = 0, None
    for cut, block in extents.data.blocks():
        try:
            odd = extents.calibration(block) < 0
        except (TypeError, ValueError):
            return
        odd &= np.isfinite(block)
        rows = odd.reshape(len(odd), -1).any(axis=1)
        count += int(np.count_nonzero(rows))
        if first is None and count:
            first = cut[0].start + int(np.argmax(rows)) + 1
    if first is not None:
        total = f"{count:,} of {len(extents):,}"
        yield at("extents", f"{total} `extents` are negative: the first is row {first:,}")


@rule("NIX319", on=(Tag, MultiTag), also=("nixio", "cpp"))
def units_convert(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """The units of a tag convert into those of the axes.

    `ms` on an axis in `s` is fine, `mV` is not, nor is any unit on an axis without one: no reader
    can tell where the position is. The C++ library ignores units on set dimensions, which nixio
    refuses to read.
    """
    for axis, unit, theirs, names in _units_of_axes(tag, tag.references.found()):
        fault = "" if Unit(unit).is_blank else _unit_fault(unit, theirs)
        if fault:
            yield at(
                "units",
                axis,
                f"on axis {axis + 1} of {_named(names)}, {fault}",
                facts=(unit, theirs or "", str(axis + 1), names[0]),
            )


@rule("NIX320", on=(Tag, MultiTag), level=Level.WARNING, also=("nixio",))
def units_are_given(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A tag that has units has one for each axis that has one.

    A blank unit, or `none`, is for axes without unit: on others nixio fails to read what is marked,
    and other programs take the position to be in the unit of the axis.
    """
    for axis, unit, theirs, names in _units_of_axes(tag, tag.references.found()):
        if Unit(unit).is_blank and theirs is not None:
            yield at(
                "units",
                axis,
                f"on axis {axis + 1} of {_named(names)}, {_unit_fault(unit, theirs)}",
                facts=(theirs, str(axis + 1), names[0]),
            )


@rule("NIX321", on=(Tag, MultiTag), level=Level.INFO, also=("nixio",))
def tag_has_units(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A tag says the units of its position.

    Without any, positions are in the units of the axes. All programs read them so; nixio's
    validator calls it an error. Neo keeps the unit with the arrays of times instead (NIX325).
    """
    if (tag.type or "").startswith("neo."):
        return
    if tag.units or tag.extra.has("units"):
        return
    columns = columns_of(tag) or 0
    for array in tag.references.found():
        for axis, dimension in enumerate(list(array.dimensions)[:columns]):
            unit = _axis_unit(dimension)
            if unit:
                yield at(
                    "units",
                    f"there are no `units`: those of the axes are taken, such as `{unit}` "
                    f"of axis {axis + 1} of `{array.name}`",
                    facts=(),
                )
                return


@rule(
    "NIX322",
    on=Feature,
    level=Level.WARNING,
    help="make it an untagged feature, unless the same part of the data is meant",
)
def tagged_feature_fits_axes(feature: Feature) -> Iterator[Sentence]:
    """The data of a tagged feature have an axis for each number of the position.

    The part of them that belongs to the tag is found like that of the arrays referred to: axes
    without a number are taken as a whole, surplus numbers are ignored.
    """
    target, tag = feature_data(feature), feature.owner
    if feature.link_type != "tagged" or not isinstance(target, DataArray) or target.data is None:
        return
    columns = columns_of(tag) if isinstance(tag, Tag | MultiTag) else None
    if columns is not None and columns != target.ndim:
        yield at("data", f"{_numbers(columns)} for {_axes(target.ndim)} of `{target.name}`")


@rule("NIX326", on=Feature, level=Level.WARNING)
def tagged_feature_fits_units(feature: Feature) -> Iterator[Sentence]:
    """The axes of the data of a tagged feature have units into which those of the tag convert.

    What the tag marks in them is found like in the arrays referred to, by the same units: where
    they do not convert, or are on an axis without unit, it cannot be read. Neither validator looks.
    """
    target, tag = feature_data(feature), feature.owner
    if feature.link_type != "tagged" or not isinstance(target, DataArray) or target.data is None:
        return
    if not isinstance(tag, Tag | MultiTag) or columns_of(tag) != target.ndim:
        return
    if any(one is target for one in tag.references.found()):
        return
    for axis, unit, theirs, _ in _units_of_axes(tag, [target]):
        if fault := _unit_fault(unit, theirs):
            yield at(
                "data",
                f"on axis {axis + 1} of `{target.name}`, {fault}",
                facts=(unit, theirs or "", str(axis + 1), target.name),
            )


@rule("NIX323", on=Feature)
def indexed_feature_has_rows(feature: Feature) -> Iterator[Sentence]:
    """An indexed feature of a multi tag has a row for each position.

    Row i belongs to position i: both libraries fail to read what belongs to the positions beyond.
    Surplus rows belong to nothing, and are left alone.
    """
    target, tag = feature_data(feature), feature.owner
    if feature.link_type != "indexed" or not isinstance(tag, MultiTag) or target is None:
        return
    positions = array_in(tag, "positions")
    if positions is None or not positions.ndim or target.data is None or not target.data.ndim:
        return
    rows, count = len(target.data), len(positions)
    if rows < count:
        words = "row" if rows == 1 else "rows"
        yield at("data", f"{rows:,} {words} of `{target.name}` for {count:,} positions")


@rule("NIX324", on=(Tag, MultiTag), level=Level.WARNING)
def axes_belong_to_arrays(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """A position on several axes is one in an array.

    A tag without references is fine as a point in time. Numbers for several axes say nothing where
    no array is referred to that has these axes: the references were lost.
    """
    columns = columns_of(tag) or 0
    axes = max(columns, len(tag.units or ()))
    if axes > 1 and not tag.references.items and not arrays_of(tag):
        extra = tag.extra
        if extra and (extra.has("references") or extra.has("features")):
            return
        yield at("references", f"there are no `references`, but a position on {axes} axes")


@rule("NIX325", on=MultiTag, level=Level.WARNING)
def positions_are_in_unit(tag: MultiTag) -> Iterator[Sentence]:
    """The arrays of positions and extents are in the units of the multi tag.

    Readers take the units of the multi tag, or else those of the axes, and ignore the unit of the
    array itself: where the two differ, positions are not where they were meant to be.
    """
    if tag.extra.has("units"):
        return
    read_as, where = list(tag.units or ()), "by the units of the multi tag"
    for array in tag.references.found():
        if not read_as:
            axes = list(array.dimensions)[: columns_of(tag) or 0]
            read_as, where = [_axis_unit(one) for one in axes], f"by the axes of `{array.name}`"
    known = [unit for unit in read_as if Unit(unit).parts]
    for name in ("positions", "extents"):
        numbers = array_in(tag, name)
        theirs = None if numbers is None else numbers.unit
        if not theirs or not theirs.parts or not known:
            continue
        if not any(_same_unit(theirs, unit) for unit in known):
            told = " and ".join(f"`{unit}`" for unit in known[:3])
            yield at(
                name,
                f"the array is in `{theirs}`, but read as {told}, {where}",
                facts=(theirs, *known[:3]),
            )


@rule("NIX327", on=MultiTag, level=Level.WARNING)
def extents_are_not_positions(tag: MultiTag) -> Iterator[Sentence]:
    """Positions and extents of a multi tag are different arrays.

    One array for both makes regions that are as long as they are far from zero: hardly what was
    meant.
    """
    positions = array_in(tag, "positions")
    if positions is not None and positions is array_in(tag, "extents"):
        yield at("extents", f"`{positions.name}` is both `positions` and `extents`")


@rule("NIX328", on=(Tag, MultiTag), level=Level.WARNING)
def arrays_have_elements(tag: Tag | MultiTag) -> Iterator[Sentence]:
    """The arrays in which something is marked have elements.

    There is nothing to be marked in an array without elements: writing it was begun, and not ended.
    """
    if columns_of(tag) is None:
        return
    names = [one.name for one in tag.references.found() if one.data is not None and not one.size]
    if names:
        yield at("references", f"no elements in {_named(names)}", facts=(names[0],))


def _units_of_axes(
    tag: Tag | MultiTag, arrays: Iterable[DataArray]
) -> Iterator[tuple[int, str, str | None, list[str]]]:
    """Each axis with a unit that the tag gives, that of the axis, and the arrays that have it."""
    units = tag.units
    if not units or tag.extra.has("units"):
        return
    found: dict[tuple[int, str | None], list[str]] = {}
    for array in arrays:
        if len(array.dimensions) != array.ndim:
            continue
        for axis, dimension in enumerate(list(array.dimensions)[: len(units)]):
            theirs = _axis_unit(dimension)
            if theirs is not _UNKNOWN:
                found.setdefault((axis, theirs or None), []).append(array.name)
    for (axis, unit), names in found.items():
        yield axis, units[axis], unit, names


_UNKNOWN = Unit("?")


def _axis_unit(dimension: Dimension) -> Unit:
    """The unit of an axis, nothing where it has none."""
    if isinstance(dimension, UnknownDimension) or (
        dimension.extra and (dimension.extra.has("unit") or dimension.extra.has("link"))
    ):
        return _UNKNOWN
    try:
        unit = dimension.axis_unit
    except StaleFileError:
        raise
    except (NixError, ValueError):
        return _UNKNOWN
    return Unit("") if unit is None or unit.is_blank else unit


def _unit_fault(unit: str, theirs: str | None) -> str:
    """Why positions in a unit are none on an axis in another, or nothing."""
    if Unit(unit).is_blank:
        return "" if theirs is None else f"a blank unit for positions in `{theirs}`"
    if theirs is None:
        return f"which has no unit, positions in `{unit}`"
    try:
        Unit(unit).factor_to(theirs)
    except UnitError as error:
        return str(error)
    return ""


def _same_unit(unit: str, other: str) -> bool:
    try:
        return Unit(unit).factor_to(other) == 1
    except UnitError:
        return False


def _fits_any(tag: Tag | MultiTag, columns: int) -> bool:
    return any(one.data is not None and one.ndim >= columns for one in tag.references.found())


def _position_field(tag: Tag | MultiTag) -> str:
    return "position" if isinstance(tag, Tag) else "positions"


def _numbers(columns: int) -> str:
    return f"a position of {columns:,} {'number' if columns == 1 else 'numbers'}"


def _axes(rank: int) -> str:
    return f"the {rank} {'axis' if rank == 1 else 'axes'}"


def _named(names: list[str]) -> str:
    more = len(names) - 1
    return f"`{names[0]}`" + (f" and {more:,} more array{'s' if more > 1 else ''}" if more else "")
