"""What may stand in the mapping of an entity in a description: one key for each field.

The models say which fields there are; here stands only where a description calls them otherwise, or
says them in a form of its own. Reading, writing and the JSON Schema all go by these keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from nixschema.layout import (
    Columns,
    Dataset,
    FieldPlace,
    Link,
    Links,
    Member,
    Members,
    Value,
    layout_of,
)
from nixschema.model import (
    DataFrame,
    DataFrameDimension,
    DimensionLink,
    Feature,
    File,
    Model,
    Property,
    RangeDimension,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)


class Kind(Enum):
    """What kind of thing a key says; the field decides, not the look of what is written."""

    TEXT = auto()
    """A text, as written."""
    WORD = auto()
    """One of a few texts."""
    TIME = auto()
    """A time, ``2021-03-04T12:00:00Z``."""
    NUMBER = auto()
    """A number, or a fraction."""
    INTEGER = auto()
    """A whole number."""
    BOOLEAN = auto()
    """True or false."""
    VERSION = auto()
    """The version of the format, ``1.2.1``."""
    TEXTS = auto()
    """A list of texts; one text is a list of one."""
    NUMBERS = auto()
    """A list of numbers, or a source of them; one number is a list of one."""
    LABELS = auto()
    """A list of texts, or a source of them."""
    ARRAY = auto()
    """Values of an array: nested lists, or a source of them."""
    INDEX = auto()
    """A whole number for each axis of an array, ``any`` for the one that is taken."""
    COLUMN = auto()
    """A column of a frame, by name or number."""
    VALUE = auto()
    """The one value of a property."""
    VALUES = auto()
    """The values of a property."""
    COLUMNS = auto()
    """The columns of a frame: name -> column."""
    ROWS = auto()
    """The rows of a frame: lists or mappings, or a source of them."""
    MEMBERS = auto()
    """Entities: name -> entity, or a list of them."""
    DIMENSIONS = auto()
    """Dimension descriptors, one for each axis."""
    FEATURES = auto()
    """Features of a tag."""
    LINK = auto()
    """What a dimension takes its ticks or labels from."""
    REFERENCE = auto()
    """The name of an entity, or a path."""
    REFERENCES = auto()
    """Names of entities, or paths."""
    MARKED = auto()
    """The name of an array, or its values."""
    EXTRA = auto()
    """What the model does not know."""
    ODML = auto()
    """What odML has beyond NIX."""
    CARDINALITY = auto()
    """How many there may be: at least and at most."""
    SCALAR = auto()
    """A text, number or boolean, by its look."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping."""

    name: str
    """The key."""
    kind: Kind
    field: str
    """The field that it says; nothing where it is no field of the model."""
    place: FieldPlace | None = None
    """The field's type and place in HDF5."""
    required: bool = False
    """Whether an entity that is sound has it."""


DIMENSION_WORDS: dict[str, type[Model]] = {
    "sampled": SampledDimension,
    "range": RangeDimension,
    "set": SetDimension,
    "data_frame": DataFrameDimension,
    "unknown": UnknownDimension,
}
"""What a description calls the classes of dimensions, as their ``type``."""

_NAMES: dict[tuple[type[Model], str], str] = {
    (File, "version"): "nix",
    (DataFrame, "data"): "rows",
    **{(model, "dimension_type"): "type" for model in DIMENSION_WORDS.values()},
}
"""Keys that are not named like their field."""

_KINDS: dict[tuple[type[Model], str], Kind] = {
    (File, "version"): Kind.VERSION,
    (DataFrame, "data"): Kind.ROWS,
    (DimensionLink, "index"): Kind.INDEX,
    (DimensionLink, "column"): Kind.COLUMN,
    (DataFrameDimension, "column"): Kind.COLUMN,
    (Property, "values"): Kind.VALUES,
    (SetDimension, "labels"): Kind.LABELS,
}
"""Keys whose kind the type of their field does not say."""

_BY_FIELD = {
    "dimensions": Kind.DIMENSIONS,
    "features": Kind.FEATURES,
    "positions": Kind.MARKED,
    "extents": Kind.MARKED,
}

_TIMES = ("id", "created_at", "updated_at")
_FIRST = ("version", "name", "type", "dimension_type", "definition")


_PLACELESS = {
    "section": {
        "include": Kind.TEXT,
        "sec_cardinality": Kind.CARDINALITY,
        "prop_cardinality": Kind.CARDINALITY,
    },
    "property": {"val_cardinality": Kind.CARDINALITY},
}
_SHARED = {
    "section": ("link", "name", "id", "type", "definition", "reference", "repository"),
    "property": (
        *("dtype", "values", "name", "id", "unit", "uncertainty", "definition", "reference"),
        *("dependency", "dependency_value", "value_origin"),
    ),
}
_OF_LOOK = {
    "values": Kind.VALUES,
    "uncertainty": Kind.SCALAR,
    "dependency_value": Kind.SCALAR,
}

ODML_KEYS: dict[str, dict[str, Kind]] = {
    "document": {
        **dict.fromkeys(("author", "date", "version", "repository", "id"), Kind.TEXT),
        "imported_at": Kind.TIME,
    },
    **{
        kind: {
            **_PLACELESS[kind],
            **{name: _OF_LOOK.get(name, Kind.TEXT) for name in _SHARED[kind]},
        }
        for kind in ("section", "property")
    },
}
"""What may stand below ``odml``: first what NIX has no place for, then the fields of NIX whose
value in odML is one that NIX cannot hold. By what they belong to: a document, which is a section in
NIX, any other section, or a property."""


@cache
def keys_of(model: type[Model]) -> dict[str, Key]:
    """The keys of an entity's mapping, in the order in which they are written."""
    return {key.name: key for key in _keys(model)}


@cache
def key_of_field(model: type[Model], field: str) -> Key | None:
    """The key that says a field, or None."""
    return next((key for key in keys_of(model).values() if key.field == field), None)


def _keys(model: type[Model]) -> Iterator[Key]:
    layout = layout_of(model)
    middle = [name for name in layout if name not in (*_FIRST, *_TIMES, "extra")]
    last = [name for name in middle if isinstance(layout[name].place, Members)]
    has_odml = model.__name__ in ("File", "Section", "Property")
    odml_before = "metadata" if model is File else next(iter(last), "")
    order = (*_FIRST, *(name for name in middle if name not in last), *_TIMES, *last)
    if model is File:
        order = ("version", "format", *_TIMES, "metadata", "blocks")
    if model is UnknownDimension:
        yield Key("type", Kind.WORD, "", required=True)
    if model is File:
        yield Key("$schema", Kind.TEXT, "")
    for name in order:
        if name not in layout:
            continue
        if has_odml and name == odml_before:
            yield Key("odml", Kind.ODML, "")
        place = layout[name]
        if (model, name) == (Property, "values"):
            yield Key("value", Kind.VALUE, name, place)
        written = _NAMES.get((model, name), name)
        yield Key(written, _kind(model, place), name, place, place.needed is not None)
        if (model, name) == (File, "version"):
            yield Key("allow_errors", Kind.BOOLEAN, "")
    if model is Feature:
        yield Key("data_frame", Kind.REFERENCE, "data", layout["data"])
    if model is RangeDimension:
        yield Key("alias", Kind.BOOLEAN, "")
    if has_odml and not odml_before:
        yield Key("odml", Kind.ODML, "")
    yield Key("extra", Kind.EXTRA, "extra", layout["extra"])


def _kind(model: type[Model], one: FieldPlace) -> Kind:
    known = _KINDS.get((model, one.field)) or _BY_FIELD.get(one.field)
    if known is not None:
        return known
    match one.place:
        case Members():
            return Kind.MEMBERS
        case Member():
            return Kind.LINK
        case Links():
            return Kind.REFERENCES
        case Link():
            return Kind.REFERENCE
        case Columns():
            return Kind.COLUMNS
        case Dataset():
            return Kind.ARRAY
        case Value() if one.many:
            return Kind.TEXTS if one.is_text else Kind.NUMBERS
    return _plain_kind(one)


def _plain_kind(one: FieldPlace) -> Kind:
    match one.text:
        case "datetime":
            return Kind.TIME
        case "number":
            return Kind.NUMBER
        case "integer":
            return Kind.INTEGER
        case "boolean":
            return Kind.BOOLEAN
    return Kind.WORD if "`" in one.text else Kind.TEXT
