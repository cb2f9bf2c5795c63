"""NIX2xx: data arrays: their values, types, calibration, and a descriptor for each axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nixschema.array import Array, shape_text
from nixschema.findings import Level
from nixschema.model import (
    Block,
    DataArray,
    DataFrame,
    Dimension,
    Feature,
    Model,
    MultiTag,
    SetDimension,
)
from nixschema.model.fields import text_fault
from nixschema.rules.rule import Sentence, at, rule
from nixschema.rules.uses import Uses, targets
from nixschema.storage.tree import Node, Tree

BUILT_IN_FILTERS = range(1, 7)
"""Numbers of the filters that belong to HDF5: deflate, shuffle, fletcher32, szip and two more."""

NEO_MAY_BE_EMPTY = ("neo.event", "neo.epoch", "neo.spiketrain")
"""Multi tags of neo's that may be without any time."""

NEO_WITHOUT_AXES = frozenset(
    ("neo.imagesequence", "neo.spiketrain.times", "neo.epoch.durations", "neo.channelview.index")
)
"""Types of the arrays whose axes neo never describes."""

MANY = 1000
"""More coefficients than any calibration has."""


@rule("NIX201", on=DataArray, fix="safe", also=("nixio", "cpp"))
def one_descriptor_per_axis(array: DataArray, uses: Uses) -> Iterator[Sentence]:
    """A data array has one dimension descriptor for each axis of its data.

    Readers take axis i from descriptor i; a missing one leaves its axis without unit and scale, a
    surplus one means nothing. One-dimensional data with a set dimension behind the first descriptor
    are what courses have taught: it can go without loss where it says nothing. Arrays of kinds that
    neo and nixio never describe are told by NIX229.
    """
    if array.data is None:
        return
    found, axes = len(array.dimensions), array.data.ndim
    if found == axes or (found == 0 and (uses.marks(array) or writer_without_axes(array, uses))):
        return
    words = "descriptor" if found == 1 else "descriptors"
    surplus = list(array.dimensions)[axes:]
    yield at(
        f"{found} dimension {words} for {axes} {'axis' if axes == 1 else 'axes'}",
        help=(
            "remove the surplus descriptors"
            if surplus
            else "give each axis a descriptor: sampled, range or set"
        ),
        fixable=bool(surplus) and all(map(says_nothing, surplus)),
    )


@rule(
    "NIX218",
    on=DataArray,
    level=Level.WARNING,
    also=("nixio", "cpp"),
    help="give each axis a set dimension",
    fix="safe",
)
def positions_are_described(array: DataArray, uses: Uses) -> Iterator[Sentence]:
    """An array of positions or extents has dimension descriptors, too.

    nixio makes these arrays without any, and its validator calls that an error, as that of the C++
    library does. No reader asks for the axes of positions: it is a warning here, while all other
    arrays need their descriptors (NIX201). Those that neo and nixio make by themselves are only
    information (NIX229).
    """
    if array.data is None or len(array.dimensions) or writer_without_axes(array, uses):
        return
    if marks := uses.marks(array):
        axes = array.data.ndim
        yield (
            f"no dimension descriptors for {axes} {'axis' if axes == 1 else 'axes'}: "
            f"positions or extents of {_names(marks)}"
        )


@rule("NIX229", on=Block, level=Level.INFO, also=("nixio", "cpp"))
def library_describes_arrays(block: Block, uses: Uses) -> Iterator[Sentence]:
    """Arrays that a library makes by itself have dimension descriptors.

    Neo never describes the axes of images, spike times, durations of epochs and channel numbers,
    and needs no descriptors to read them; nixio leaves out those of positions and extents that it
    makes of lists. Both validators call that an error, and programs that show an array by its axes
    have none to show; but authors did not choose it, so it is told once for each kind.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for array in block.data_arrays:
        if array.data is not None and not len(array.dimensions):
            writer = writer_without_axes(array, uses)
            if writer:
                found.setdefault((writer, array.type or ""), []).append(array.name)
    for (writer, kind), names in found.items():
        what = "1 array" if len(names) == 1 else f"{len(names):,} arrays"
        yield at(
            "data_arrays",
            f"{what} of the type `{kind}` without dimension descriptors, as {writer} writes "
            f"{'it' if len(names) == 1 else 'them'}: the first is `{names[0]}`",
            facts=(kind, str(len(names))),
        )


@rule("NIX206", on=DataArray, also=("nixio", "cpp"), help="write the data, or remove the array")
def array_has_data(array: DataArray) -> Iterator[Sentence]:
    """A data array has data.

    nixio leaves an array without data behind when writing fails; reading it raises.
    """
    if array.data is None and not array.extra.has("data"):
        yield at("data", "there is no `data`")


@rule(
    "NIX219",
    on=(DataArray, DataFrame),
    level=Level.WARNING,
    help="write the data again in chunks, without a limit for their length",
)
def data_can_grow(entity: DataArray | DataFrame, tree: Tree | None) -> Iterator[Sentence]:
    """Data can grow.

    The NIX libraries make data without a limit, and change their size when values are added or
    assigned: with data of a fixed size that fails. nixio leaves a frame so after adding a column.
    Data that can grow along one axis at least are sound; so are those that lie in other files,
    which is another rule's matter.
    """
    if tree is None or entity.data is None:
        return
    node = tree.follow(tree.root, getattr(entity.data.source, "place", ""))
    if node is None or node.space.kind != "simple" or node.layout.outside:
        return
    if node.space.shape and node.space.maxshape == node.space.shape:
        yield at("data", f"the size is fixed, {shape_text(node.space.shape)}: nothing can be added")


@rule("NIX220", on=(DataArray, DataFrame), level=Level.INFO)
def elements_are_of_nix(entity: DataArray | DataFrame) -> Iterator[Sentence]:
    """Elements are of a type that all readers know.

    Those are booleans, whole numbers of 8 to 64 bits, float32, float64, and text of any length, in
    the byte order of most machines; a frame has records of them. HDF5 and nixio keep others as
    well: complex numbers, records, text of fixed length, opaque bytes. Other readers take them for
    something else, or fail.
    """
    if entity.data is None:
        return
    if isinstance(entity, DataArray):
        if odd := _strange_type(entity.data):
            yield at("data", f"elements are {odd}, which not all readers know")
        return
    names = entity.data.dtype.names or ()
    strange = [(name, odd) for name in names if (odd := _strange(entity.data.dtype[name]))]
    for number, (name, odd) in enumerate(strange[:3]):
        rest = len(strange) - 3 if number == 2 else 0
        more = f"; so have {rest} more" if rest > 0 else ""
        yield at("data", f"column `{name}` has {odd}, which not all readers know{more}")


@rule("NIX221", on=Node, level=Level.WARNING, help="compress with deflate (gzip), or not at all")
def filters_are_built_in(node: Node) -> Iterator[Sentence]:
    """Values are compressed as any HDF5 library can undo.

    Filters that are no part of HDF5 (LZF, Blosc, Zstandard and others) need a plugin wherever the
    values are read. The NIX libraries use deflate.
    """
    for one in node.layout.filters:
        if one.number not in BUILT_IN_FILTERS:
            name = f" (`{one.name[:60]}`)" if one.name else ""
            yield f"values go through the filter {one.number}{name}, which is no part of HDF5"


@rule("NIX222", on=(DataArray, DataFrame), level=Level.WARNING, also=("nixio",))
def feature_data_have_values(entity: DataArray | DataFrame, uses: Uses) -> Iterator[Sentence]:
    """The data of a feature have values.

    nixio takes empty data of a feature for none at all. An array that is empty because it is to be
    filled is sound as long as no feature leads to it; so are empty data of a multi tag without
    positions. Indexed features with fewer rows than positions are another rule's matter (NIX323).
    """
    if entity.data is None or entity.data.size:
        return
    tags = [
        owner
        for feature in uses.features(entity)
        if (owner := feature.owner) is not None and not _counts_rows(feature, owner)
    ]
    if tags:
        shape = shape_text(entity.data.shape)
        yield at("data", f"no values (shape {shape}), though a feature of {_names(tags)} has it")


@rule("NIX223", on=DataArray, level=Level.INFO)
def array_has_values(array: DataArray, uses: Uses) -> Iterator[Sentence]:
    """An array has values.

    An array that is declared first and filled later is sound, and so is a result of nothing: this
    is only told, so that a recording that was never written can be seen. Events, epochs and spike
    trains of neo without any time are such results, too.
    """
    if array.data is None or array.data.size or uses.features(array):
        return
    if any(tag.type not in NEO_MAY_BE_EMPTY for tag in uses.marks(array)):
        return  # NIX312 tells that.
    yield at("data", f"no values (shape {shape_text(array.data.shape)})")


@rule(
    "NIX224",
    on=DataArray,
    level=Level.WARNING,
    also=("nixio", "cpp"),
    help="give the coefficients `[0.0, 1.0]` if the origin is meant to be subtracted",
)
def origin_has_coefficients(array: DataArray) -> Iterator[Sentence]:
    """An origin of the calibration comes with coefficients.

    An origin alone is subtracted from the values, which is seldom meant. An origin of zero changes
    nothing and is sound with or without coefficients, though C++ counts it as set and nixio as
    missing; coefficients without an origin have theirs at zero.
    """
    origin, coefficients = array.expansion_origin, array.polynom_coefficients
    missing = coefficients is None or not coefficients.size
    if origin and missing and not array.extra.has("polynom_coefficients"):
        yield at("polynom_coefficients", f"`expansion_origin` is {origin:g}, without coefficients")


@rule("NIX225", on=DataArray, level=Level.WARNING, cost="values")
def coefficients_are_finite(array: DataArray) -> Iterator[Sentence]:
    """The coefficients of a calibration are finite.

    One that is NaN or infinite makes all values so.
    """
    coefficients = array.polynom_coefficients
    if coefficients is None or not coefficients.is_stored or coefficients.dtype.kind != "f":
        return
    for (cut,), block in coefficients.blocks():
        odd = ~np.isfinite(block)
        if odd.any():
            place = int(np.argmax(odd))
            yield at("polynom_coefficients", f"c[{cut.start + place}] is {block[place]}")
            return


@rule("NIX226", on=DataArray)
def calibrated_are_numbers(array: DataArray) -> Iterator[Sentence]:
    """Data with a calibration are numbers.

    Nothing can be subtracted from text or records: nixio cannot read such an array.
    """
    coefficients = array.polynom_coefficients
    if array.data is None or array.data.dtype.kind in "iufcb":
        return
    if (coefficients is not None and coefficients.size) or array.expansion_origin:
        yield at("data", f"there is a calibration for values that are {array.data.type_text}")


@rule("NIX227", on=DataArray, level=Level.WARNING, cost="values")
def calibration_keeps_values_apart(array: DataArray) -> Iterator[Sentence]:
    """A calibration does not make all values the same.

    With nothing but a constant, every value stored means that constant. Coefficients begin with
    the constant: a single one is often a factor that was meant to be the second.
    """
    coefficients = array.polynom_coefficients
    if coefficients is None or not 0 < coefficients.size <= MANY:
        return
    if array.data is not None and array.data.dtype.kind not in "iufcb":
        return
    values = coefficients.read()
    if np.isfinite(values).all() and not values[1:].any():
        yield at(
            "polynom_coefficients",
            f"all values mean {values[0]:g}: there is no coefficient but the constant",
            help=f"give `[0.0, {values[0]:g}]` if {values[0]:g} is a factor",
        )


@rule("NIX228", on=(DataArray, DataFrame), cost="values", help="write the texts again in UTF-8")
def data_are_utf8(entity: DataArray | DataFrame) -> Iterator[Sentence]:
    """Texts among the data are UTF-8.

    NIX has text in UTF-8; nixio fails on any other bytes. They are kept as they are. Text of fixed
    length is no text of NIX's (NIX220): it comes as bytes, whatever they are.
    """
    data = entity.data
    if data is None or not data.is_stored:
        return
    names = [name for name in data.dtype.names or () if data.dtype[name].kind == "O"]
    if not ((data.is_text and data.dtype.kind == "O") or names):
        return
    for cut, block in data.blocks():
        for name in names or (None,):
            texts = block if name is None else block[name]
            place = next((i for i, one in enumerate(texts.flat) if not _is_utf8(one)), None)
            if place is not None:
                spot = np.unravel_index(place, texts.shape)
                inside = [one.start + int(i) for one, i in zip(cut, spot, strict=False)]
                column = f" of column `{name}`" if name is not None else ""
                yield at("data", f"the text at {inside}{column} is no UTF-8")
                return


def writer_without_axes(array: DataArray, uses: Uses) -> str:
    """The library that makes arrays of this kind, and never describes their axes, or nothing."""
    if array.type in NEO_WITHOUT_AXES:
        return "neo"
    made = ((one, end) for one in uses.marks(array) for end in ("positions", "extents"))
    for one, end in made:
        if array.name == f"{one.name}-{end}" and array.type == f"{one.type}-{end}":
            return "nixio"
    return ""


def says_nothing(dimension: Dimension) -> bool:
    """Whether a descriptor is empty: a set dimension without labels, label, link or remainder."""
    return (
        isinstance(dimension, SetDimension)
        and not dimension.labels
        and not dimension.label
        and dimension.link is None
        and not dimension.extra
    )


def _names(entities: Sequence[Model]) -> str:
    """Name of the first, and how many others there are."""
    more = f" and {len(entities) - 1} more" if len(entities) > 1 else ""
    return f"`{getattr(entities[0], 'name', '')}`{more}"


def _counts_rows(feature: Feature, tag: Model) -> bool:
    """Whether how many rows a feature needs is the number of positions."""
    if not isinstance(tag, MultiTag):
        return False
    positions = next(targets(tag, "positions"), None)
    empty = isinstance(positions, DataArray) and positions.data is not None and not positions.size
    return empty or feature.link_type == "indexed"


def _strange_type(array: Array) -> str:
    """The type of an array's elements, where NIX has none such, or nothing."""
    stored = array.stored_type
    if stored is not None and stored.kind in ("bitfield", "boolean"):
        return ""
    if stored is not None and stored.kind not in ("integer", "float", "string"):
        return stored.text
    odd = _strange(array.dtype)
    return stored.text if stored is not None and odd else odd


def _strange(dtype: np.dtype[Any]) -> str:
    """A numpy type, where NIX has none such, or nothing."""
    known = (dtype.kind in "iu") or (dtype.kind == "f" and dtype.itemsize in (4, 8))
    if dtype.kind in "bO" or (known and dtype.byteorder != ">"):
        return ""
    if dtype.names:
        return "records"
    if dtype.kind == "S":
        return f"text of {dtype.itemsize} bytes"
    if dtype.kind == "V":
        return f"lists of {dtype.base}" if dtype.subdtype is not None else "opaque bytes"
    return f"{dtype.name} big-endian" if known else dtype.name


def _is_utf8(text: object) -> bool:
    """Whether a text as it was read is UTF-8: other bytes appear as halves of characters."""
    return not isinstance(text, str) or text.isascii() or text_fault(text) is None
