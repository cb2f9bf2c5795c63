"""NIX6xx: what keeps nixio and the C++ library from opening or understanding a file.

What is said of nixio was tried with 1.5.4. The C++ library is 1.5.0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.model import (
    DataArray,
    DataFrame,
    DataFrameDimension,
    DimensionLink,
    Entity,
    Feature,
    File,
    Model,
    MultiTag,
    RangeDimension,
    SampledDimension,
    SetDimension,
    Tag,
)
from nixschema.model.tag import BaseTag
from nixschema.model.units import Unit
from nixschema.rules.fields import text_attributes
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Node, Tree

# The C++ library


@rule("NIX601", on=Tree, level=Level.ERROR, reader="cpp", fix="safe")
def texts_are_utf8_of_any_length(tree: Tree) -> Iterator[Sentence]:
    """Texts are of variable length and marked as UTF-8.

    The C++ library asks HDF5 for such texts only, and HDF5 converts neither ASCII nor fixed lengths
    to them: a file whose `format` or times are written so cannot be opened at all. nixio writes
    `format` and all times as ASCII, so that most of its files are locked to the C++ library. nixio
    and nixschema read any of them.
    """
    locked = 0
    first = ""
    kinds: Counter[str] = Counter()
    known = text_attributes()
    for node in tree.nodes.values():
        types = [
            (f"@{name}", attribute.type)
            for name, attribute in node.attributes.items()
            if name in known or name == "units"
        ]
        if node.kind == "dataset" and node.name in ("labels", "units"):
            types.append(("", node.type))
        for part, kind in types:
            if kind is not None and kind.kind == "string" and kind.text != "string":
                locked += 1
                first = first or f"{node.path}{part}"
                kinds["ASCII" if kind.text == "ASCII string" else "of a fixed length"] += 1
    if locked:
        which = " or ".join(sorted(kinds))
        what = "1 text is" if locked == 1 else f"{locked:,} texts are"
        yield at(f"{what} {which}, the first at `{first}`; expected UTF-8 of variable length")


@rule("NIX602", on=File, level=Level.ERROR, reader="cpp")
def all_times_are_there(file: File) -> Iterator[Sentence]:
    """All entities have both times.

    The C++ library adds a time that is missing as soon as it meets the entity, which fails in a
    file that is open for reading.
    """
    lacking = [
        one
        for one in file.walk()
        if isinstance(one, Entity)
        and (one.created_at is None or one.updated_at is None)
        and not (isinstance(one, DimensionLink) and one.alias)
    ]
    if lacking:
        what = "1 entity lacks" if len(lacking) == 1 else f"{len(lacking):,} entities lack"
        yield f"{what} a time, the first is `{lacking[0].path}`"


@rule("NIX603", on=RangeDimension, level=Level.ERROR, reader="cpp")
def ticks_are_not_linked(dimension: RangeDimension) -> Iterator[Sentence]:
    """The ticks of a range dimension are its own.

    The C++ library knows no links of dimensions. It takes one for an alias dimension of old, fails
    when it is asked for the ticks, and its validator stops there.
    """
    if dimension.link is not None and not dimension.link.alias:
        yield at("link", "the ticks come through a link; expected ticks of its own")


@rule("NIX604", on=SetDimension, level=Level.WARNING, reader="cpp")
def labels_are_not_linked(dimension: SetDimension) -> Iterator[Sentence]:
    """The labels of a set dimension are its own.

    The C++ library knows no links of dimensions, and finds no labels.
    """
    if dimension.link is not None:
        yield at("link", "the labels come through a link; expected labels of its own")


@rule("NIX605", on=DataFrame, level=Level.WARNING, reader="cpp", fix="safe")
def units_are_on_the_data(frame: DataFrame) -> Iterator[Sentence]:
    """The units of a frame's columns stand on its dataset too.

    nixio keeps them as an attribute of the frame, the C++ library as one of its `data`, and neither
    looks in the other place.
    """
    yield from _units_missing(frame, "data")


@rule("NIX606", on=Node, level=Level.WARNING, reader="cpp", fix="safe")
def frames_are_in_data_frame(node: Node) -> Iterator[Sentence]:
    """The frames of a group are listed in `data_frame` too.

    nixio lists them in `data_frames`, the C++ library in `data_frame`, and neither looks in the
    other place.
    """
    yield from _frames_missing(node, "data_frame", "data_frames")


@rule("NIX607", on=Feature, level=Level.ERROR, reader="cpp")
def features_are_arrays(feature: Feature) -> Iterator[Sentence]:
    """The data of a feature are an array.

    The C++ library knows no others: it fails on the feature, and on looking up others of the same
    tag by name.
    """
    target = _target(feature, "data")
    if isinstance(target, DataFrame):
        yield at("data", f"the data are the frame `{target.name}`; expected a data array")


@rule("NIX608", on=File, level=Level.INFO, reader="cpp")
def editable_by_cpp(file: File) -> Iterator[Sentence]:
    """The file is of the version that the C++ library writes.

    Each library edits files of its own version only, 1.2.0 here and 1.2.1 in nixio, and reads those
    of the other. No version can be edited by both.
    """
    yield from _not_editable(file, (1, 2, 0))


@rule("NIX609", on=BaseTag, level=Level.WARNING, reader="cpp")
def no_unit_is_none(tag: BaseTag) -> Iterator[Sentence]:
    """The unit of a tag for a dimension without one is `none`.

    The C++ library takes an empty unit for a wrong one, and `none` for no unit; nixio wants an
    empty unit where a dimension has none. A tag over such a dimension cannot please both validators
    as long as it has units at all.
    """
    if any(unit == "" for unit in tag.units or ()):
        yield at("units", "an empty unit; expected `none`")


_CPP_COLUMNS = frozenset(
    ("bool", "float64", "int32", "int64", "uint32", "uint64", "string", "boolean")
)


@rule("NIX610", on=DataFrame, level=Level.WARNING, reader="cpp")
def columns_are_of_known_type(frame: DataFrame) -> Iterator[Sentence]:
    """The columns of a frame are of types that the C++ library reads.

    It reads rows of booleans, texts, 64-bit fractions and integers of 32 or 64 bits, and fails on
    rows that hold anything else.
    """
    odd = [one for one in frame.columns if one.dtype not in _CPP_COLUMNS]
    if odd:
        first = odd[0]
        more = f" and {len(odd) - 1:,} more" if len(odd) > 1 else ""
        yield at("data", f"the column `{first.name}` is of {first.dtype}{more}")


@rule("NIX611", on=DataArray, level=Level.WARNING, reader="cpp")
def values_are_of_known_type(array: DataArray) -> Iterator[Sentence]:
    """The values of an array are of types that the C++ library knows.

    It has booleans, text, opaque bytes, integers of 8 to 64 bits and fractions of 32 or 64. It says
    something wrong about others: half-precision numbers are floats to it, big-endian and complex
    numbers doubles.
    """
    if array.data is None:
        return
    dtype = array.data.dtype
    number = dtype.kind in "iu" or (dtype.kind == "f" and dtype.itemsize in (4, 8))
    known = dtype.kind in "bOSU" or (number and dtype.byteorder != ">")
    opaque = dtype.kind == "V" and dtype.names is None
    if not known and not opaque:
        yield at("data", f"values are {array.data.type_text}, which the C++ library does not know")


# nixio


@rule("NIX620", on=File, level=Level.ERROR, reader="nixio")
def file_has_times(file: File) -> Iterator[Sentence]:
    """The file itself has both times.

    nixio adds one that is missing when it opens the file, which fails in a file that is open for
    reading.
    """
    for field in ("created_at", "updated_at"):
        if getattr(file, field) is None and not file.extra.has(field):
            yield at(field, f"nixio cannot open the file for reading: `{field}` is missing")


@rule("NIX621", on=DataFrame, level=Level.WARNING, reader="nixio", fix="safe")
def units_are_on_the_frame(frame: DataFrame) -> Iterator[Sentence]:
    """The units of a frame's columns stand on the frame too.

    nixio keeps them as an attribute of the frame, the C++ library as one of its `data`, and neither
    looks in the other place.
    """
    yield from _units_missing(frame, "")


@rule("NIX622", on=Node, level=Level.WARNING, reader="nixio", fix="safe")
def frames_are_in_data_frames(node: Node) -> Iterator[Sentence]:
    """The frames of a group are listed in `data_frames` too.

    nixio lists them in `data_frames`, the C++ library in `data_frame`, and neither looks in the
    other place.
    """
    yield from _frames_missing(node, "data_frames", "data_frame")


@rule("NIX623", on=DataFrameDimension, level=Level.ERROR, reader="nixio")
def no_frame_dimensions(dimension: DataFrameDimension) -> Iterator[Sentence]:
    """No dimension is described by a frame.

    Only the C++ library has dimensions of the kind `data_frame`. nixio raises an error when it is
    asked for any dimension of that array.
    """
    yield "a dimension of the kind `data_frame`; nixio cannot read any dimension of this array"


@rule("NIX624", on=File, level=Level.INFO, reader="nixio")
def editable_by_nixio(file: File) -> Iterator[Sentence]:
    """The file is of the version that nixio writes.

    Each library edits files of its own version only, 1.2.1 here and 1.2.0 in the C++ library, and
    reads those of the other. `nixschema upgrade` writes 1.2.1.
    """
    yield from _not_editable(file, (1, 2, 1))


@rule("NIX625", on=(Tag, MultiTag), level=Level.WARNING, reader="nixio")
def unit_for_each_scale(tag: BaseTag) -> Iterator[Sentence]:
    """A tag that has units has one for each sampled or range dimension.

    nixio looks for a factor from the tag's unit to the dimension's, and raises an error where one
    of the two is empty or `none`. It skips set dimensions, and tags without any units.
    """
    if not tag.units:
        return
    for reference in tag.references.items:
        array = reference.resolve(tag, (DataArray,))
        if not isinstance(array, DataArray):
            continue
        for number, (unit, dimension) in enumerate(
            zip(tag.units, array.dimensions, strict=False), 1
        ):
            if unit in ("", "none") and isinstance(dimension, SampledDimension | RangeDimension):
                said = f"`{unit}`" if unit else "empty"
                yield at("units", f"unit {number} is {said}, for a scale of `{array.name}`")
                return


@rule("NIX626", on=DataFrame, level=Level.WARNING, reader="nixio")
def frames_have_no_sources(frame: DataFrame) -> Iterator[Sentence]:
    """A frame has no sources.

    Only the C++ library has sources of frames. nixio does not see them.
    """
    if number := len(frame.sources):
        yield at("sources", f"{number:,} source{'s' if number > 1 else ''} of a frame")


@rule("NIX627", on=DimensionLink, level=Level.ERROR, reader="nixio", fix="safe")
def linked_frame_has_units(link: DimensionLink) -> Iterator[Sentence]:
    """A frame that gives a dimension its values has units.

    nixio takes the dimension's unit from the frame, and raises an error where the units of the
    frame were never set; so does its validator. A blank unit for each column is enough.
    """
    frame = _target(link, "data_frame")
    if not isinstance(frame, DataFrame) or not isinstance(link.owner, RangeDimension):
        return
    form = frame.extra.form
    if form is not None and "" not in (form.columns or {}):
        yield f"the frame `{frame.name}` has no `units`"


@rule("NIX628", on=Node, level=Level.ERROR, reader="nixio")
def index_is_of_form(node: Node) -> Iterator[Sentence]:
    """The index of a dimension link is a list for an array, and a single number for a frame.

    A single number is as good for an array of one axis, and a list of one for a frame. nixio raises
    an error when it takes the values.
    """
    kind, index = (node.attributes.get(name) for name in ("data_object_type", "index"))
    if kind is None or index is None or index.type is None or node.name != "link":
        return
    if index.space.kind == "scalar" and kind.text == "DataArray" and index.type.kind == "integer":
        yield at("the index for an array is a single number; expected a list")
    elif index.space.shape == (1,) and kind.text == "DataFrame":
        yield at("the index for a frame is a list of one; expected a single number")


@rule("NIX629", on=(Tag, MultiTag), level=Level.ERROR, reader="nixio")
def prefixes_convert(tag: BaseTag) -> Iterator[Sentence]:
    """Of two units that differ by their prefix, that of a tag and that of an axis, one has none.

    nixio takes the factor between `ms` and `us` for 1, without a word, and hands out another part
    of the data: it knows only factors from or to a unit without prefix.
    """
    told = set()
    for reference in tag.references.items:
        array = reference.resolve(tag, (DataArray,))
        if not isinstance(array, DataArray):
            continue
        for number, (unit, dimension) in enumerate(
            zip(tag.units or (), array.dimensions, strict=False), 1
        ):
            axis = getattr(dimension, "unit", None)
            if axis and number not in told and _are_both_prefixed(Unit(unit), axis):
                told.add(number)
                yield at(
                    "units",
                    number - 1,
                    f"on axis {number} of `{array.name}`, nixio takes `{unit}` for `{axis}`",
                )


def _are_both_prefixed(one: Unit, other: Unit) -> bool:
    """Whether two atomic units differ by nothing but prefixes, and both have one."""
    if not (one.is_atomic and other.is_atomic):
        return False
    (left,), (right,) = one.parts, other.parts
    same = (left.symbol, left.power) == (right.symbol, right.power)
    return bool(same and left.prefix and right.prefix and left.prefix != right.prefix)


def _target(model: Model, field: str) -> Model | None:
    """What a reference leads to, or None."""
    for one, _, item in model.outgoing():
        if one.field == field:
            return item.resolve(model, one.targets)  # type: ignore[arg-type]
    return None


def _units_missing(frame: DataFrame, part: str) -> Iterator[Sentence]:
    """That an object lacks the units which the other one has."""
    form = frame.extra.form
    if form is None or not any(column.unit for column in frame.columns):
        return
    if not (form.columns or {}).get(part):
        there, here = ("the frame", "its `data`") if part else ("its `data`", "the frame")
        yield at("data", f"the units of the columns stand on {there}, not on {here}")


def _frames_missing(node: Node, here: str, there: str) -> Iterator[Sentence]:
    """That a group lacks a list of frames which it has under another name."""
    if node.parent is None or node.parent.name != "groups" or there not in node.links:
        return
    listed, lacking = node.child(there), node.child(here)
    if listed is None:
        return
    known = {one.target for one in lacking.links.values()} if lacking is not None else set()
    missing = [link for link in listed.links.values() if link.target not in known]
    if missing:
        number = len(missing)
        frames = "1 frame" if number == 1 else f"{number:,} frames"
        yield at(there, f"{frames} in `{there}`, and not in `{here}`")


def _not_editable(file: File, version: tuple[int, int, int]) -> Iterator[Sentence]:
    """That a version is another one."""
    if file.version is not None and file.version != version:
        said, known = (".".join(map(str, one)) for one in (file.version, version))
        yield at("version", f"format version {said} can be read only; {known} can be edited")
