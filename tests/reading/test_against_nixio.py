"""What is read is what nixio says, for every public property of every entity.

`TABLES` lists the properties of nixio's classes, each with what our model says of it. The lists are
checked against the classes, so a property that nixio gains fails here until it is compared or
excused, and against our models, so that no field goes uncompared.
"""

from __future__ import annotations

import inspect
import math
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import nixio
import numpy as np
import pytest
from nixio.dimensions import Dimension, DimensionContainer, DimensionLink

import nixschema as nx
from nixschema.array import same_values
from nixschema.model import MODELS, Container, Extra, Model, Reference, Refs

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nix"
"""NIX files of many writers; not part of the repository."""

BEYOND_NIXIO = {
    "reference/cpp_written.nix": "nixio reads no dimension of an array with a data frame dimension",
}
"""Files of the present version that nixio opens and cannot read."""


# Values in a form that compares


def plain(value: Any) -> Any:
    """What either side says, as plain Python; entities by what identifies them."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, nx.Array):
        return value.read()
    if isinstance(value, type | np.dtype):
        return element_type(value)
    if isinstance(value, nixio.DataArray | nixio.DataFrame | nixio.Section):
        return identity(value)  # these are iterable
    if isinstance(value, Model | Dimension | DimensionLink | nixio.Feature):
        return identity(value)
    if isinstance(value, nixio.Property | nixio.File) or hasattr(value, "force_created_at"):
        return identity(value)
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return value


def identity(entity: Any) -> list[Any]:
    """What an entity is known by on both sides."""
    if isinstance(entity, Dimension):
        return [type(entity).__name__, entity.index]
    if isinstance(entity, nx.Dimension):
        return [type(entity).__name__, entity.number]
    return [type(entity).__name__, entity.id, getattr(entity, "name", None)]


def element_type(kind: Any) -> Any:
    """The type of elements as text, byte order included; fields with their names."""
    if kind in (str, np.str_):
        return "string"
    dtype = np.dtype(kind)
    if dtype.names:
        return [[name, element_type(dtype[name])] for name in dtype.names]
    return "string" if dtype.kind == "O" else dtype.str


def same(one: Any, two: Any) -> bool:
    """Whether plain values agree, in type as well; NaN equals NaN."""
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        left, right = np.asarray(one), np.asarray(two)
        return (
            element_type(left.dtype) == element_type(right.dtype)
            and left.shape == right.shape
            and same_values(left, right)
        )
    if type(one) is not type(two):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two or (one != one and two != two))


# What our model says of nixio's properties

Say: TypeAlias = Callable[[Any], Any]


class Row(NamedTuple):
    """One property of nixio: how nixio is asked, and what our model says."""

    theirs: Say
    ours: Say


Table: TypeAlias = dict[str, Row]


def field(path: str) -> Say:
    """A field of our model, or of the value of one."""

    def say(model: Any) -> Any:
        for name in path.split("."):
            model = None if model is None else getattr(model, name)
        return model

    return say


def asked(name: str) -> Say:
    """Ask nixio for a property, or call a method without arguments."""

    def say(entity: Any) -> Any:
        value = getattr(entity, name)
        return value() if inspect.ismethod(value) else value

    return say


def fields(*names: str, **differing: str | Say) -> Table:
    """Rows for properties that are fields of the same name, or of the name given."""
    given: dict[str, str | Say] = {**dict(zip(names, names, strict=True)), **differing}
    return {
        name: Row(asked(name), field(ours) if isinstance(ours, str) else ours)
        for name, ours in given.items()
    }


def told(theirs: Say, ours: Say, *names: str) -> Table:
    """Rows for properties that nixio has to be asked for in another way."""
    return dict.fromkeys(names, Row(theirs, ours))


def numbers(values: Any) -> list[float]:
    """Numbers as floats; nixio says nothing and an empty list alike."""
    return [] if values is None else [float(value) for value in np.asarray(values)]


def number(value: Any) -> float | None:
    """A number as a float; nixio gives integers where a file has them."""
    return None if value is None else float(value)


def listed(name: str) -> Say:
    """A list, empty where it is unset: nixio says both alike."""
    return lambda model: plain(getattr(model, name) or [])


def nothing(model: Any) -> None:
    """What nixio says of a property that the class inherits and never has."""


def no(model: Any) -> bool:
    """See `nothing`."""
    return False


def shape(model: Any) -> list[int] | None:
    """Shape of the data."""
    return None if model.data is None else list(model.data.shape)


def length(model: Any) -> int | None:
    """Length of the first axis of the data."""
    return None if model.data is None else model.data.shape[0]


def size(model: Any) -> int | None:
    """Number of elements of the data."""
    return None if model.data is None else model.data.size


def meant(model: Any) -> Any:
    """The values as nixio gives them: with the calibration applied."""
    if model.data is None:
        return None
    values = model.data.read()
    coefficients = model.polynom_coefficients
    origin = model.expansion_origin or 0.0
    if coefficients is None and not origin:
        return values
    values = values.astype(float) - origin
    if coefficients is not None:
        values = np.polynomial.polynomial.polyval(values, coefficients.read())
    return values


def whole(entity: Any) -> Any:
    """All values by nixio."""
    return np.asarray(entity[:])


def linked_values(link: Any) -> Any:
    """The values that a link takes from an array, uncalibrated, or from a column of a frame."""
    if link.array is not None and link.index is not None:
        place = [slice(None) if index == -1 else index for index in link.index]
        return plain(link.array.data[tuple(place)].tolist())
    if link.data_frame is not None and link.column is not None:
        values = link.data_frame.data.read()
        return plain(values[values.dtype.names[link.column]].tolist())
    return None


def ticks(dimension: Any) -> Any:
    """Ticks of a range dimension, its own or linked ones."""
    if dimension.link is not None:
        return linked_values(dimension.link)
    return [] if dimension.ticks is None else dimension.ticks.read().tolist()


def labels(dimension: Any) -> Any:
    """Labels of a set dimension, its own or linked ones."""
    if dimension.link is not None:
        return linked_values(dimension.link)
    return list(dimension.labels or [])


def linked_column(link: Any) -> Any:
    """The column that a link leads to."""
    if link.data_frame is None or link.column is None:
        return None
    return link.data_frame.columns[link.column]


def linked_unit(link: Any) -> Any:
    """The unit of what a link leads to."""
    if link.array is not None:
        return link.array.unit
    column = linked_column(link)
    return None if column is None else column.unit


def linked_label(link: Any) -> Any:
    """The label of what a link leads to."""
    if link.array is not None:
        return link.array.label
    column = linked_column(link)
    return None if column is None else column.name


def unit_by_nixio(entity: Any) -> Any:
    """A unit; nixio raises for a column of a frame without units, and gives a blank for none."""
    if isinstance(entity, DimensionLink) or entity.has_link:
        try:
            return entity.unit or None
        except TypeError:
            return None
    return entity.unit


def range_unit(dimension: Any) -> Any:
    """The unit of a range dimension, its own or that of its link."""
    return dimension.unit if dimension.link is None else linked_unit(dimension.link)


def range_label(dimension: Any) -> Any:
    """The label of a range dimension, its own or that of its link."""
    return dimension.label if dimension.link is None else linked_label(dimension.link)


def is_alias(dimension: Any) -> bool:
    """Whether nixio calls it an alias: it has no ticks and takes those of an array."""
    link = dimension.link
    return link is not None and (link.alias or link.data_object_type == "DataArray")


def has_link(dimension: Any) -> bool:
    """Whether there is a link; the bare link of an alias dimension is none."""
    return dimension.link is not None and not dimension.link.alias


def link_index(link: Any) -> Any:
    """Index of a link: one for each axis of an array, the number of a frame's column."""
    return link.column if link.data_object_type == "DataFrame" else link.index


def linked_data(link: Any) -> Any:
    """All values of what is linked to."""
    target = link.target
    return None if target is None else target.data.read()


def linked_data_by_nixio(link: Any) -> Any:
    """See `linked_data`; nixio hands out values as h5py has them."""
    values = link.linked_data
    if values.dtype == object:
        return np.array([item.decode() for item in values.ravel()], object).reshape(values.shape)
    if values.dtype.names:
        return _with_texts(values)
    return values


def _with_texts(values: Any) -> Any:
    texts = [name for name in values.dtype.names if values.dtype[name].kind == "O"]
    for name in texts:
        values[name] = [item.decode() for item in values[name]]
    return values


def units_by_nixio(frame: Any) -> list[str | None]:
    """Units of a frame's columns; one for each, where nixio says none at all."""
    units = frame.units
    return [None] * len(frame.column_names) if units is None else plain(units)


def column_units(frame: Any) -> list[str | None]:
    """Units of the columns."""
    return [plain(column.unit) for column in frame.columns]


def columns_by_nixio(frame: Any) -> list[Any]:
    """Columns; the types as text."""
    return [
        [name, "string" if dtype.kind == "O" else str(dtype), unit]
        for name, dtype, unit in frame.columns
    ]


def columns(frame: Any) -> list[Any]:
    """Name, type and unit of each column."""
    return [[column.name, column.dtype, plain(column.unit)] for column in frame.columns]


def column_types(frame: Any) -> list[str]:
    """Types of the columns."""
    return [column.dtype for column in frame.columns]


def column_types_by_nixio(frame: Any) -> list[str]:
    """See `column_types`."""
    return ["string" if dtype.kind == "O" else str(dtype) for dtype in frame.dtype]


def feature_data(feature: Any) -> Any:
    """What a feature leads to, as the kind that the file names."""
    target = feature.data
    kind = feature.target_type or "DataArray"
    return None if target is None else [kind, target.id, target.name]


def value_type(prop: Any) -> str:
    """Element type of a property's values."""
    return str(prop.element_type)


def value_type_by_nixio(prop: Any) -> str:
    """See `value_type`."""
    if prop.data_type in (str, np.str_):
        return "string"
    dtype = np.dtype(prop.data_type)
    if dtype.kind == "b":
        return "boolean"
    return str(dtype.str if dtype.byteorder == ">" else dtype.name)


def odd_type(prop: Any) -> Any:
    """Properties have no type: an attribute of that name is left over."""
    left = prop.extra.attributes.get("type")
    return None if left is None else left.value


def inherited(section: Any) -> list[Any]:
    """Properties of a section and of all sections linked from it."""
    found: list[Any] = []
    while section is not None:
        found += section.properties
        section = section.link
    return [identity(prop) for prop in found]


def items(section: Any) -> list[Any]:
    """Properties and sections with their names."""
    return [[one.name, identity(one)] for one in (*section.properties, *section.sections)]


def parent_section(section: Any) -> Any:
    """The section above; nixio looks for the first that has a part of that name."""
    if any(root.id == section.id for root in section.file.metadata):
        return None
    return _first_above(section.file.metadata, "sections", lambda part: part.name == section.name)


def parent_source(source: Any) -> Any:
    """The source above; none by nixio where the block has a source of that name."""
    roots = source.block.sources
    if source.name in roots.names():
        return None
    for root in roots:
        found = _below(root, source)
        if found is not None:
            return found
    return None


def _below(above: Any, source: Any) -> Any:
    """The first source, in depth, that has a part of that id."""
    if any(part.id == source.id for part in above.sources):
        return above
    for part in above.sources:
        found = _below(part, source)
        if found is not None:
            return found
    return None


def _first_above(roots: Iterable[Any], parts: str, wanted: Callable[[Any], bool]) -> Any:
    waiting = list(roots)
    for one in waiting:
        if any(map(wanted, getattr(one, parts))):
            return one
        waiting.extend(getattr(one, parts))
    return None


def described(*places: str) -> Say:
    """Entities of the blocks whose metadata a section is; of sources only the outermost."""

    def say(section: Any) -> list[Any]:
        return [
            identity(entity)
            for place in places
            for owner in ([section.file] if place == "blocks" else section.file.blocks)
            for entity in getattr(owner, place)
            if entity.metadata is not None and entity.metadata.id == section.id
        ]

    return say


def coming_from(*places: str) -> Say:
    """Entities of the block that name a source."""

    def say(source: Any) -> list[Any]:
        return [
            identity(entity)
            for place in places
            for entity in getattr(source.block, place)
            if any(one.id == source.id for one in entity.sources)
        ]

    return say


TIMED = fields("id", "created_at", "updated_at")
NAMED = TIMED | fields("name", "type", "definition")
DESCRIBED = NAMED | fields("metadata")
TAGGED = (
    DESCRIBED
    | fields("references", "features", "sources")
    | told(lambda tag: tag.units, listed("units"), "units")
)
DIMENSION = fields("dimension_type") | fields(index="number", dim_index="number")

TABLES: dict[type, Table] = {
    nixio.File: TIMED | fields("format", "version", "blocks", sections="metadata"),
    nixio.Block: DESCRIBED
    | fields("data_arrays", "data_frames", "tags", "multi_tags", "groups", "sources"),
    nixio.Group: DESCRIBED | fields("data_arrays", "data_frames", "tags", "multi_tags", "sources"),
    nixio.DataArray: DESCRIBED
    | fields("unit", "label", "dimensions", "sources", dtype="dtype", data_type="dtype")
    | fields(shape=shape, data_extent=shape, size=size, len=length)
    | told(
        lambda array: number(array.expansion_origin), field("expansion_origin"), "expansion_origin"
    )
    | told(
        lambda array: numbers(array.polynom_coefficients),
        lambda array: numbers(array.polynom_coefficients),
        "polynom_coefficients",
    )
    | told(whole, meant, "[:]"),
    nixio.DataFrame: DESCRIBED
    | fields(data_type="data.dtype", shape=shape, data_extent=shape, size=size, len=length)
    | fields(row_count=length, column_names=lambda frame: [one.name for one in frame.columns])
    | told(units_by_nixio, column_units, "units")
    | told(columns_by_nixio, columns, "columns")
    | told(column_types_by_nixio, column_types, "dtype")
    | fields(df_shape=lambda frame: [length(frame), len(frame.columns)])
    | told(whole, field("data"), "[:]"),
    nixio.SampledDimension: DIMENSION
    | fields("unit", "label", has_link=no, dimension_link=nothing)
    | told(lambda one: number(one.offset), field("offset"), "offset")
    | told(
        lambda one: number(one.sampling_interval), field("sampling_interval"), "sampling_interval"
    ),
    nixio.RangeDimension: DIMENSION
    | fields(ticks=ticks, label=range_label, is_alias=is_alias, has_link=has_link)
    | fields(dimension_link=lambda one: one.link if has_link(one) else None)
    | told(unit_by_nixio, range_unit, "unit"),
    nixio.SetDimension: DIMENSION
    | fields("label", labels=labels, has_link=has_link, dimension_link="link"),
    DimensionLink: fields("id", index=link_index, label=linked_label)
    | told(lambda link: list(link.values), linked_values, "values")
    | told(unit_by_nixio, linked_unit, "unit")
    | told(linked_data_by_nixio, linked_data, "linked_data"),
    nixio.Tag: TAGGED
    | told(lambda tag: numbers(tag.position), lambda tag: numbers(tag.position), "position")
    | told(lambda tag: numbers(tag.extent), lambda tag: numbers(tag.extent), "extent"),
    nixio.MultiTag: TAGGED | fields("positions", "extents"),
    nixio.Feature: TIMED | fields("link_type", data=feature_data),
    nixio.Source: DESCRIBED
    | fields("sources", parent_block="block", parent_source=parent_source)
    | fields(
        referring_data_arrays=coming_from("data_arrays"),
        referring_tags=coming_from("tags"),
        referring_multi_tags=coming_from("multi_tags"),
        referring_objects=coming_from("data_arrays", "tags", "multi_tags"),
    ),
    nixio.Section: NAMED
    | fields("repository", "reference", "link", "sections", props="properties")
    | fields(inherited_properties=inherited, items=items, parent=parent_section)
    | fields(
        referring_blocks=described("blocks"),
        referring_groups=described("groups"),
        referring_data_arrays=described("data_arrays"),
        referring_tags=described("tags"),
        referring_multi_tags=described("multi_tags"),
        referring_sources=described("sources"),
        referring_objects=described(
            "blocks", "groups", "data_arrays", "tags", "multi_tags", "sources"
        ),
    ),
    nixio.Property: NAMED
    | fields("unit", "reference", "dependency", "dependency_value", "value_origin")
    | fields("values", type=odd_type, odml_type="dtype")
    | told(lambda one: number(one.uncertainty), field("uncertainty"), "uncertainty")
    | told(value_type_by_nixio, value_type, "data_type"),
}
"""What is compared, by class of nixio."""


def because(reason: str, *names: str) -> dict[str, str]:
    """The same reason for several names."""
    return dict.fromkeys(names, reason)


HANDLE = because("the open file itself", "file") | because(
    "makes an entity in a file", "create_new"
)
WRITES = because("writes", "force_created_at", "force_updated_at")
WRITES_VALUES = because("writes", "write_direct", "append") | because(
    "the values are compared", "read_direct"
)
TAGS = because("makes a feature", "create_feature") | because(
    "selects values by position",
    "tagged_data",
    "retrieve_data",
    "feature_data",
    "retrieve_feature_data",
)
AXES = because("makes or removes a link", "link_data_array", "link_data_frame", "remove_link") | (
    because("computes with positions", "index_of", "range_indices") | because("makes", "create_new")
)
PRINTS = because("prints", "pprint")

NOT_COMPARED: dict[type, dict[str, str]] = {
    nixio.File: WRITES
    | PRINTS
    | because("how nixio has the file open", "auto_update_timestamps", "mode", "is_open")
    | because("opens, writes or closes the file", "open", "flush", "close")
    | because("makes an entity", "create_block", "create_section", "copy_section")
    | because("searches the tree that is compared", "find_sections")
    | because("judges the file", "validate"),
    nixio.Block: HANDLE
    | WRITES
    | PRINTS
    | because("searches the tree that is compared", "find_sources")
    | because("makes an entity", "create_data_array", "create_data_frame", "create_group")
    | because("makes an entity", "create_multi_tag", "create_source", "create_tag"),
    nixio.Group: HANDLE | WRITES,
    nixio.DataArray: HANDLE
    | WRITES
    | WRITES_VALUES
    | because("the array itself, deprecated", "data")
    | because("counts the dimensions that are compared", "iter_dimensions")
    | because("selects values by position", "get_slice")
    | because("writes", "append_range_dimension", "append_range_dimension_using_self")
    | because("writes", "append_sampled_dimension", "append_set_dimension", "delete_dimensions"),
    nixio.DataFrame: HANDLE
    | WRITES
    | WRITES_VALUES
    | because("prints", "print_table", "write_to_csv")
    | because("the values are compared", "read_cell", "read_columns", "read_rows")
    | because("writes", "append_column", "append_rows", "write_cell", "write_column", "write_rows"),
    nixio.SampledDimension: AXES | because("computes with positions", "axis", "position_at"),
    nixio.RangeDimension: AXES | because("selects from the ticks", "axis", "tick_at"),
    nixio.SetDimension: AXES,
    DimensionLink: HANDLE,
    nixio.Tag: HANDLE | WRITES | TAGS,
    nixio.MultiTag: HANDLE | WRITES | TAGS,
    nixio.Feature: HANDLE,
    nixio.Source: HANDLE
    | WRITES
    | because("makes an entity", "create_source")
    | because("searches the tree that is compared", "find_sources"),
    nixio.Section: HANDLE
    | WRITES
    | PRINTS
    | because("makes an entity", "create_section", "create_property", "copy_section")
    | because("searches the tree that is compared", "find_sections", "find_related"),
    nixio.Property: HANDLE | WRITES | PRINTS | because("writes", "delete_values", "extend_values"),
}
"""What is not compared, and why, by class of nixio."""

NO_ENTITIES = {
    "S": "assigns a section to a section",
    "OdmlType": "an enumeration",
    "IndexMode": "an enumeration",
    "SliceMode": "an enumeration",
    "DataSliceMode": "an enumeration",
    "DimensionType": "an enumeration",
    "LinkType": "an enumeration",
    "Compression": "an enumeration",
    "DataType": "names of numpy's types",
    "FileMode": "names of modes",
}
"""Public classes of nixio that hold nothing of a file."""

ON_INSTANCES = {"dim_index", "mode"}
"""Public attributes that nixio's constructors set."""

OF_A_WHOLE_FILE = {
    name for table in TABLES.values() for name in table if name.startswith(("referring_", "parent"))
}
"""What only an entity inside a file can be asked, and nixio searches the whole file for."""

LARGE = 500
"""A file of more entities is large."""

SEARCHES = 3
"""For how many entities of a class nixio searches a large file; a search can take a second."""

PARTS: dict[type, dict[str, str]] = {
    nixio.File: {"blocks": "blocks", "sections": "metadata"},
    nixio.Block: {
        name: name
        for name in ("data_arrays", "data_frames", "tags", "multi_tags", "groups", "sources")
    },
    nixio.DataArray: {"dimensions": "dimensions"},
    nixio.RangeDimension: {"dimension_link": "link"},
    nixio.SetDimension: {"dimension_link": "link"},
    nixio.Tag: {"features": "features"},
    nixio.MultiTag: {"features": "features"},
    nixio.Source: {"sources": "sources"},
    nixio.Section: {"sections": "sections", "props": "properties"},
}
"""What an entity owns: nixio's property and our field."""

TARGETS = (
    *("metadata", "link", "sources", "references", "positions", "extents", "data"),
    *("data_arrays", "data_frames", "tags", "multi_tags"),
)
"""Properties and fields that refer to what other entities own."""


class Pair(NamedTuple):
    """One entity as both sides have it."""

    theirs: Any
    ours: Any


def pairs(theirs: Any, ours: Any) -> Iterator[Pair]:
    """All entities of a file, and those outside its containers that it refers to, each once."""
    seen: set[int] = set()
    owned: list[Pair] = [Pair(theirs, ours)]
    referred: list[Pair] = []
    while owned or referred:
        pair = (owned or referred).pop()
        if id(pair.ours) in seen:
            continue
        seen.add(id(pair.ours))
        yield pair
        parts = PARTS.get(type(pair.theirs), {})
        for name, ours_name in parts.items():
            owned += _zipped(pair, name, ours_name)
        for name in TARGETS:
            if name in TABLES[type(pair.theirs)] and name not in parts:
                referred += _zipped(pair, name, name)


def _zipped(pair: Pair, name: str, ours_name: str) -> Iterator[Pair]:
    """Members or targets of both sides; where their numbers differ the comparison tells."""
    one, two = getattr(pair.theirs, name), getattr(pair.ours, ours_name)
    if isinstance(two, Container | Refs):
        yield from map(Pair, one, two)
    elif one is not None and two is not None:
        yield Pair(one, two)


def differences(theirs: Any, ours: Any, *, search: bool = True) -> dict[str, str]:
    """The public properties in which nixio's entity is not what ours is, each with the reason."""
    if type(theirs).__name__ != type(ours).__name__:
        return {"class": f"{type(theirs).__name__} by nixio, {type(ours).__name__} by us"}
    table = TABLES[type(theirs)]
    search = search and ours.file is not None
    excused = NOT_COMPARED[type(theirs)]
    found = {
        name: "new in nixio"
        for name in vars(theirs)
        if not name.startswith("_") and name not in table and name not in excused
    }
    for name, row in table.items():
        if name in OF_A_WHOLE_FILE and not search:
            continue
        said = plain(row.theirs(theirs))
        try:
            expected = plain(row.ours(ours))
        except Exception as error:
            found[name] = f"{said!r} by nixio, {error!r} by us"
            continue
        if not same(said, expected):
            found[name] = f"{said!r} by nixio, {expected!r} by us"
    return found


def all_differences(theirs: Any, ours: nx.File, searches: float = math.inf) -> list[str]:
    """In what nixio's file is not ours; what nixio does not show of ours counts as well."""
    found: list[str] = []
    seen: set[int] = set()
    met: Counter[type] = Counter()
    for pair in pairs(theirs, ours):
        seen.add(id(pair.ours))
        met[type(pair.ours)] += 1
        search = met[type(pair.ours)] <= searches
        told = differences(*pair, search=search)
        found += [f"{pair.ours.path} {name}: {reason}" for name, reason in told.items()]
    found += [
        f"{model.path}: nixio does not show it" for model in ours.walk() if id(model) not in seen
    ]
    return found


# The tables are complete


def public(cls: type) -> set[str]:
    """Public names of a class and its bases."""
    return {
        name
        for one in cls.__mro__
        if one is not object
        for name in vars(one)
        if not name.startswith("_")
    }


@pytest.mark.parametrize("cls", TABLES, ids=lambda cls: cls.__name__)
def test_every_public_name_of_nixio_is_compared_or_excused(cls: type) -> None:
    compared, excused = set(TABLES[cls]) - {"[:]"}, set(NOT_COMPARED[cls])
    assert compared & excused == set()
    assert public(cls) - compared - excused == set()
    assert (compared | excused) - public(cls) <= ON_INSTANCES


@pytest.mark.parametrize("cls", TABLES, ids=lambda cls: cls.__name__)
def test_every_property_that_reads_values_is_compared(cls: type) -> None:
    assert ("[:]" in TABLES[cls]) == (cls in (nixio.DataArray, nixio.DataFrame))


def test_every_public_class_of_nixio_is_compared_or_excused() -> None:
    classes = {name for name, thing in vars(nixio).items() if inspect.isclass(thing)}
    assert classes == {*(cls.__name__ for cls in TABLES), *NO_ENTITIES} - {"DimensionLink"}


def test_every_class_of_dimension_is_compared() -> None:
    kinds = set(Dimension.__subclasses__())
    assert kinds == {cls for cls in TABLES if issubclass(cls, Dimension)}
    assert issubclass(DimensionContainer, nixio.container.Container)


# Files of other writers


def present_files() -> list[Any]:
    """The shared files of format 1.2, or one that is skipped where there are none."""
    if not SHARED.is_dir():
        reason = "the shared NIX files are not part of the repository"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    found = []
    for path in sorted(path for path in SHARED.rglob("*") if path.suffix in (".nix", ".h5")):
        name = path.relative_to(SHARED).as_posix()
        with h5py.File(path) as file:
            present = tuple(file.attrs["version"])[:2] == (1, 2)
        if present and name not in BEYOND_NIXIO:
            found.append(pytest.param(path, id=name))
    return found


def opened_by_nixio(path: Path, folder: Path) -> Any:
    """A copy of a file, so that nothing nixio has open is what we read."""
    return nixio.File(str(shutil.copy(path, folder / "copy.nix")), nixio.FileMode.ReadOnly)


@pytest.mark.parametrize("mode", [nixio.FileMode.ReadOnly, nixio.FileMode.ReadWrite])
def test_a_file_that_nixio_has_open_is_read(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "open.nix"
    with nixio.File(str(path), nixio.FileMode.Overwrite) as file:
        file.create_block("session", "recording")
    with nixio.File(str(path), mode) as file:
        assert nx.read(path).blocks.names() == ["session"]
        assert [block.name for block in file.blocks] == ["session"]


@pytest.mark.parametrize("path", present_files())
def test_a_file_is_what_nixio_says(path: Path, tmp_path: Path) -> None:
    ours = nx.read(path)
    searches = SEARCHES if sum(1 for _ in ours.walk()) > LARGE else math.inf
    with opened_by_nixio(path, tmp_path) as theirs:
        found = all_differences(theirs, ours, searches)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", BEYOND_NIXIO)
def test_what_is_beyond_nixio_is(name: str, tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared NIX files are not part of the repository")
    with (
        opened_by_nixio(SHARED / name, tmp_path) as theirs,
        pytest.raises(ValueError, match="not a valid DimensionType"),
    ):
        all_differences(theirs, nx.read(SHARED / name))


# A file that holds everything nixio can write

CREATED = 1_614_859_200
"""Time of the first entity, 2021-03-04T12:00:00; each next one is a minute later."""

NUMBERS = (
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64"),
)

ODML = {
    "string": ["free"],
    "text": ["many\nlines", "µ"],
    "url": ["https://example.org"],
    "person": ["Doe, J."],
    "int": [-3, 4],
    "float": [0.5, float("nan"), 1e300],
    "boolean": [True, False],
    "date": ["2021-03-04"],
    "time": ["12:00:00"],
    "datetime": ["2021-03-04T12:00:00"],
}


def write_everything(path: Path) -> None:
    """Write every class of nixio with every property set, and the unset beside it."""
    file = nixio.File(str(path), nixio.FileMode.Overwrite, auto_update_timestamps=False)
    subject, cell = _write_metadata(file)
    block = file.create_block("session", "recording")
    block.metadata = subject
    animal = block.create_source("animal", "subject")
    axon = animal.create_source("cell", "neuron").create_source("axon", "part")
    other = block.create_source("stimulus", "device")
    other.create_source("cell", "battery")
    animal.metadata, axon.metadata = subject, cell
    _write_arrays(block, axon, other, cell)
    _write_frames(block, cell)
    _write_dimensions(block)
    _write_tags(block, axon, other, cell)
    group = block.create_group("trial", "trial.first")
    for member in ("data_arrays", "data_frames", "tags", "multi_tags"):
        getattr(group, member).extend(reversed(list(getattr(block, member))[:3]))
    group.sources.extend([other, axon])
    group.metadata = cell
    block.create_group("empty", "trial")
    second = file.create_block("another session", "analysis")
    second.create_data_array("voltage", "same.name", data=np.arange(3.0))
    second.create_multi_tag(copy_from=block.multi_tags["spikes"])
    second.create_data_array(copy_from=block.data_arrays["voltage"], name="copied")
    file.create_block("no data", "empty")
    _set_times_and_definitions(file)
    file.close()
    _set_times_of_links(path)


def _write_metadata(file: Any) -> tuple[Any, Any]:
    template = file.create_section("template", "odml.template")
    template.create_property("species", ["mouse"])
    template.create_section("cell", "template.cell")
    subject = file.create_section("subject", "subject.mouse")
    subject.link = template
    subject.repository = "https://example.org/terms.xml"
    subject.reference = "animal 7"
    cell = subject.create_section("cell", "cell.pyramidal")
    cell.create_section("axon", "part")
    file.create_section("without anything", "undefined")
    for name, values in ODML.items():
        prop = subject.create_property(f"odml {name}", values)
        prop.odml_type = nixio.OdmlType(name)
    for name in NUMBERS:
        prop = cell.create_property(name, getattr(nixio.DataType, _constant(name)))
        prop.values = np.array([1, 2, 3], dtype=name)
    for kind in (nixio.DataType.String, nixio.DataType.Bool, *map(np.dtype, NUMBERS)):
        kind = kind if isinstance(kind, type) else kind.type
        prop = cell.create_property(f"no {kind.__name__}", kind)
        prop.delete_values()
    age = subject.create_property("age", 21.5)
    age.unit = "ms"
    age.uncertainty = 0.25
    age.reference = "lab book"
    age.dependency = "odml int"
    age.dependency_value = "-3"
    age.value_origin = "list.csv"
    return subject, cell


def _constant(name: str) -> str:
    return {"float32": "Float", "float64": "Double"}.get(name) or (
        name.replace("uint", "UInt") if name[0] == "u" else name.replace("int", "Int")
    )


def _write_arrays(block: Any, axon: Any, other: Any, cell: Any) -> None:
    voltage = block.create_data_array("voltage", "nix.sampled", data=np.linspace(-70, 30, 11))
    voltage.unit, voltage.label = "µV", "membrane voltage"
    voltage.polynom_coefficients = [0.5, 2.0, 0.25]
    voltage.expansion_origin = 1.5
    voltage.sources.extend([other, axon])
    voltage.metadata = cell
    for name in NUMBERS:
        values = np.arange(6).reshape(2, 3).astype(name)
        block.create_data_array(name, "element.type", data=values).unit = "mV"
    block.create_data_array("flags", "element.type", data=np.array([[True], [False]]))
    texts = np.array([["a", "µ"], ["", "two\nlines"]], dtype=object)
    block.create_data_array("texts", "labels", dtype=nixio.DataType.String, data=texts)
    many = np.array([f"text {number}: µ" for number in range(1000)], dtype=object)
    block.create_data_array("many", "labels", dtype=nixio.DataType.String, data=many)
    names = np.array(["one", "two"], dtype=object)
    block.create_data_array("names", "labels", dtype=nixio.DataType.String, data=names)
    block.create_data_array("big-endian", "element.type", data=np.arange(3, dtype=">i4"))
    block.create_data_array("complex", "element.type", data=np.array([1 + 2j, complex("nan")]))
    block.create_data_array("empty", "nothing", dtype="i2", shape=(0,))
    block.create_data_array("empty table", "nothing", dtype="f4", shape=(0, 3))
    large = np.random.default_rng(7).normal(size=(300, 40))
    compressed = nixio.Compression.DeflateNormal
    block.create_data_array("large", "values", data=large, compression=compressed)
    origin = block.create_data_array("shifted", "values", data=np.arange(4))
    origin.expansion_origin = 2
    times = block.create_data_array("times", "positions", data=np.array([[0.1, 1], [0.5, 2]]))
    times.label, times.unit = "time", "s"
    block.create_data_array("durations", "extents", data=np.array([[0.2, 1], [0.25, 2]]))
    block.create_data_array("moments", "positions", data=np.array([0.5, 0.75]))


def _write_frames(block: Any, cell: Any) -> None:
    columns = {"time": float, "count": np.int32, "label": str, "flag": bool, "rate": np.float32}
    rows = [(0.5, 1, "a", True, 0.25), (1.5, 2, "µ", False, 0.75)]
    frame = block.create_data_frame("events", "table", col_dict=columns, data=rows)
    frame.units = ["s", None, None, None, "Hz"]
    frame.metadata = cell
    block.create_data_frame("plain", "table", col_dict={"x": np.int64, "y": float}, data=[(1, 2.0)])
    block.create_data_frame("no rows", "table", col_dict={"a": np.uint8, "b": str})
    many = [(number / 4, f"row {number}: µ") for number in range(1000)]
    block.create_data_frame("many", "table", col_dict={"time": float, "label": str}, data=many)
    wider = block.create_data_frame("wider", "table", col_dict={"x": np.int64}, data=[(1,), (2,)])
    wider.append_column([0.5, 0.75], "added")


def _write_dimensions(block: Any) -> None:
    arrays, frames = block.data_arrays, block.data_frames
    arrays["voltage"].append_sampled_dimension(0.1, label="time", unit="ms", offset=2)
    arrays["int8"].append_range_dimension([0.5, 2.0], label="depth", unit="um")
    arrays["int8"].append_set_dimension(["x", "y", "µ"])
    arrays["int8"].dimensions[1].label = "axis"
    arrays["int16"].append_range_dimension().link_data_array(arrays["moments"], [-1])
    arrays["int16"].append_set_dimension().link_data_array(arrays["names"], [-1])
    arrays["int32"].append_range_dimension().link_data_array(arrays["times"], [-1, 0])
    arrays["int32"].append_set_dimension().link_data_array(arrays["texts"], [1, -1])
    arrays["int64"].append_range_dimension().link_data_frame(frames["events"], 0)
    arrays["int64"].append_set_dimension().link_data_frame(frames["events"], 2)
    arrays["uint8"].append_range_dimension().link_data_frame(frames["plain"], 1)
    arrays["uint8"].append_set_dimension()
    arrays["uint16"].append_sampled_dimension(2)
    arrays["uint16"].append_range_dimension()
    arrays["moments"].append_range_dimension_using_self()


def _write_tags(block: Any, axon: Any, other: Any, cell: Any) -> None:
    arrays, frames = block.data_arrays, block.data_frames
    tag = block.create_tag("stimulus on", "epoch", [0.5, 2.0])
    tag.extent = [0.25, 1.0]
    tag.units = ["ms", "none"]
    spikes = block.create_multi_tag("spikes", "event", positions=arrays["times"])
    spikes.extents = arrays["durations"]
    spikes.units = ["s", "mV^2"]
    for one in (tag, spikes):
        one.references.extend([arrays["int16"], arrays["voltage"]])
        one.sources.extend([other, axon])
        one.metadata = cell
        one.create_feature(arrays["float32"], nixio.LinkType.Tagged)
        one.create_feature(frames["events"], nixio.LinkType.Untagged)
        one.create_feature(arrays["moments"], nixio.LinkType.Indexed)
    block.create_tag("nowhere", "epoch", [])
    block.create_multi_tag("points", "event", positions=[0.5, 0.75], extents=[0.1, 0.2])


def _set_times_and_definitions(file: Any) -> None:
    time = CREATED
    for theirs in _named(file):
        time += 60
        theirs.force_created_at(time)
        theirs.force_updated_at(time + 1)
        if not isinstance(theirs, nixio.File) and time % 120:
            theirs.definition = f"made at {time}: µ"


def _named(file: Any) -> list[Any]:
    """Everything that nixio can set times of."""
    found: list[Any] = [file]
    for one in found:
        for name in PARTS.get(type(one), {}):
            if name not in ("dimensions", "features"):
                found += getattr(one, name)
    return found


def _set_times_of_links(path: Path) -> None:
    """Tell the times of features and links apart, which nixio cannot."""

    def change(name: str, thing: Any) -> None:
        if "link_type" in thing.attrs or "data_object_type" in thing.attrs:
            thing.attrs["updated_at"] = "20220101T000000"

    with h5py.File(path, "r+") as file:
        file.visititems(change)


class Both(NamedTuple):
    """A file as both sides have it, with all its entities."""

    theirs: Any
    ours: nx.File
    pairs: list[Pair]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("nixio")
    path = folder / "everything.nix"
    write_everything(path)
    with opened_by_nixio(path, folder) as theirs:
        ours = nx.read(path)
        yield Both(theirs, ours, list(pairs(theirs, ours)))


def test_everything_nixio_writes_is_what_it_says(everything: Both) -> None:
    found = all_differences(everything.theirs, everything.ours)
    assert not found, "\n".join(found)


BLANK: tuple[Any, ...] = (None, [], "", False)

NEVER_SET = {
    (nixio.SampledDimension, "has_link"),
    (nixio.SampledDimension, "dimension_link"),
    (nixio.Property, "type"),
}
"""What nixio's classes inherit and never have."""


def test_everything_has_a_value_for_every_property(everything: Both) -> None:
    filled = {
        (type(theirs), name)
        for theirs, ours in everything.pairs
        if ours.file is not None
        for name, row in TABLES[type(theirs)].items()
        if not any(same(plain(row.theirs(theirs)), blank) for blank in BLANK)
    }
    every = {(cls, name) for cls, table in TABLES.items() for name in table}
    assert every - filled == NEVER_SET


def test_everything_has_what_lies_outside_the_containers(everything: Both) -> None:
    outside = {type(ours).__name__ for _, ours in everything.pairs if ours.file is None}
    assert {"DataArray", "Section", "Source"} <= outside


# The comparison can fail

NOT_SAID: dict[tuple[type[Model], str], str] = {
    **{(model, "extra"): "nixio shows nothing unknown" for model in MODELS},
    (nx.DataFrame, "sources"): "nixio's frames have no sources",
    (nx.DimensionLink, "created_at"): "nixio writes it and has no property for it",
    (nx.DimensionLink, "updated_at"): "nixio writes it and has no property for it",
}
"""Fields of our models that no property of nixio tells."""

NOT_WRITTEN = {nx.DataFrameDimension, nx.UnknownDimension}
"""Classes of our model that nixio neither writes nor reads."""


def altered(name: str, value: Any, ours: nx.File) -> Iterator[Any]:
    """Other values than that of a field, near to it."""
    match value:
        case bool():
            yield not value
        case str():
            yield value + "x"
        case int() | float():
            yield value + 1
            yield value + 1e-9
        case datetime():
            yield value + timedelta(seconds=1)
        case (nx.Column(), *_):
            yield from _altered_list(list(value), _altered_item, tuple)
        case tuple():
            yield (*value[:-1], value[-1] + 1)
        case nx.Array():
            values = value.read()
            yield from map(nx.Array, _altered_values(values))
            # nixio gives ticks and coefficients one by one, which have no byte order.
            if name == "data" and value.is_numeric and values.dtype.itemsize > 1:
                yield nx.Array(values.astype(values.dtype.newbyteorder()))
        case Extra():
            yield Extra(members={"more": Extra()})
        case Reference():
            yield _another(value, ours)
        case Refs():
            yield from _altered_list(value.items, lambda item: _another(item, ours), Refs)
        case Container():
            yield from _altered_list(list(value), None, list)
        case list():
            yield from _altered_list(value, _altered_item, list)


def _altered_list(
    value: list[Any], change: Callable[[Any], Any] | None, make: Callable[[list[Any]], Any]
) -> Iterator[Any]:
    yield make(value[:-1])
    if value != value[::-1]:
        yield make(value[::-1])
    for changed in _changes(value[0], change) if change is not None else ():
        yield make([changed, *value[1:]])


def _changes(item: Any, change: Callable[[Any], Any]) -> list[Any]:
    changed = change(item)
    return changed if isinstance(changed, list) else [changed]


def _altered_item(item: Any) -> Any:
    if isinstance(item, nx.Column):
        unit = f"{item.unit or ''}x"
        changes = {"name": f"{item.name}x", "dtype": f"{item.dtype}x", "unit": nx.Unit(unit)}
        return [item.model_copy(update={name: value}) for name, value in changes.items()]
    if isinstance(item, bool):
        return [not item, int(item)]
    if isinstance(item, str):
        return type(item)(f"{item}x")
    return [item + 1, float(item) if isinstance(item, int) else item + 1e-9]


def _altered_values(values: Any) -> Iterator[Any]:
    if not values.size:
        more = np.zeros((*values.shape[:-1], values.shape[-1] + 1), values.dtype)
        for name in values.dtype.names or ():
            if values.dtype[name].kind == "O":
                more[name] = ""
        yield more
        return
    yield values[:-1]
    for name in values.dtype.names or (None,):
        changed = values.copy()
        part = changed if name is None else changed[name]
        first = (0,) * part.ndim
        if part.dtype == object:
            part[first] = f"{part[first]}x"
        else:
            part[first] = not part[first] if part.dtype == bool else part[first] + 1
        yield changed
    if values.dtype.kind in "iu":
        yield values.astype(float)


def _another(item: Reference, ours: nx.File) -> Reference:
    """A reference to another entity of the same kind."""
    kind, own = type(item.target), getattr(item.target, "id", "")
    found = (one for one in ours.walk() if type(one) is kind and getattr(one, "id", "") != own)
    return Reference(target=next(found))


def kind_of_value(value: Any) -> str:
    """What tells values apart that may be read in different ways."""
    if isinstance(value, nx.Array):
        return f"{value.dtype} {value.ndim} {value.size > 0}"
    if isinstance(value, list | tuple) and value:
        return f"list of {type(value[0]).__name__}"
    return type(value).__name__


def given_fields(everything: Both) -> Iterator[tuple[Pair, str, Any]]:
    """One entity for each field that is set and each kind of value it has."""
    seen: set[tuple[type, str, str]] = set()
    for pair in everything.pairs:
        if pair.ours.file is None:
            continue
        for name in type(pair.ours).model_fields:
            value = pair.ours.__dict__[name]
            key = (type(pair.ours), name, kind_of_value(value))
            empty = isinstance(value, list | Container | Refs) and not len(value)
            if key not in seen and value is not None and not empty:
                seen.add(key)
                yield pair, name, value


def may_be_unset(name: str, value: Any) -> bool:
    """Whether nixio tells a field that is set from one that is not."""
    if isinstance(value, Container | Refs | Extra | list | bool):
        return False
    # Features of older files lack the type of an array.
    return name != "name" and (name, value) != ("target_type", "DataArray")


def test_every_field_that_is_altered_makes_a_difference(everything: Both) -> None:
    unnoticed: list[str] = []
    tried: set[tuple[type[Model], str]] = set()
    for pair, name, value in given_fields(everything):
        key = (type(pair.ours), name)
        tried.add(key)
        alterations = list(altered(name, value, everything.ours))
        if may_be_unset(name, value):
            alterations.append(None)
        assert alterations
        watched = [pair]
        if isinstance(pair.ours, nx.DimensionLink):
            watched += [one for one in everything.pairs if one.ours is pair.ours.owner]
        before = [differences(*one) for one in watched]
        for other in alterations:
            pair.ours.__dict__[name] = other
            noticed = [differences(*one) for one in watched] != before
            pair.ours.__dict__[name] = value
            if noticed == (key in NOT_SAID):
                unnoticed.append(f"{pair.ours!r} {name}: {value!r} -> {other!r}")
    assert not unnoticed, "\n".join(unnoticed)
    every = {(model, name) for model in MODELS for name in model.model_fields}
    untried = {(model, name) for model, name in every - tried if model not in NOT_WRITTEN}
    assert untried == {(nx.DataFrame, "sources")}


def test_an_entity_that_nixio_does_not_have_makes_a_difference(everything: Both) -> None:
    file = nx.read(str(everything.ours.source))
    file.blocks[0].sources.append(nx.Source(name="unheard of", type="subject"))
    told = all_differences(everything.theirs, file)
    assert "/data/session/sources/unheard of: nixio does not show it" in told


def test_an_entity_that_we_do_not_have_makes_a_difference(everything: Both) -> None:
    file = nx.read(str(everything.ours.source))
    file.metadata[1].sections[0].properties.pop()
    told = all_differences(everything.theirs, file)
    assert any(text.startswith("/metadata/subject/sections/cell props: ") for text in told)
