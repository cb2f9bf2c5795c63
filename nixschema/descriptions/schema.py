"""The JSON Schema of descriptions: what editors complete and explain, and other programs check.

It is made of the keys that an entity may have. What may be written in several ways is told apart
by the JSON type of what is written, or by conditions: the alternatives of ``anyOf`` and ``oneOf``
would hide which key of which of them is wrong.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from typing import Any, TypeAlias

from nixschema.descriptions.guidance import (
    EXAMPLES,
    KIND_OF_DIMENSION,
    MEANINGS,
    ODML_EXAMPLES,
    ODML_MEANINGS,
)
from nixschema.descriptions.keys import DIMENSION_WORDS, ODML_KEYS, Key, Kind, keys_of
from nixschema.model import (
    Block,
    DataArray,
    DataFrame,
    DataFrameDimension,
    DimensionLink,
    Feature,
    File,
    Group,
    Model,
    MultiTag,
    Property,
    RangeDimension,
    SampledDimension,
    Section,
    SetDimension,
    Source,
    Tag,
    UnknownDimension,
)
from nixschema.model.data_frame import Column
from nixschema.model.documentation import field_docstrings
from nixschema.model.section import ODML_TYPES
from nixschema.odml.mapping import mapping
from nixschema.sources.spec import DataSpec

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema."""

_ENTITIES: tuple[type[Model], ...] = (
    Section,
    Property,
    Block,
    DataArray,
    DataFrame,
    Tag,
    MultiTag,
    Feature,
    Group,
    Source,
    *DIMENSION_WORDS.values(),
    DimensionLink,
)

_KIND_SAID_BY: dict[str, type[Model]] = {
    "sampling_interval": SampledDimension,
    "ticks": RangeDimension,
    "labels": SetDimension,
}
"""Keys that say the kind of a dimension whose ``type`` is left out."""

_SCALARS = ["string", "number", "boolean"]

_DECIMAL = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)"
_EXPONENT = r"[eE][-+]?[0-9]+"
_NUMBER = (
    rf"^({_DECIMAL}({_EXPONENT})? */ *{_DECIMAL}({_EXPONENT})?"
    rf"|{_DECIMAL}{_EXPONENT}"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
)
"""Numbers that are strings in JSON, or to some readers of YAML: fractions, `.5e1`, `.nan`."""

_TIME = (
    r"^([0-9]{8}T[0-9]{6}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?([Zz]|[-+][0-9]{2}(:?[0-9]{2})?))?)?)?$"
)
_ID = r"^((urn:)?(uuid:)?\{?[0-9a-fA-F-]{32,}\}?)?$"
_VERSION = r"^([0-9]+\.[0-9]+\.[0-9]+)?$"
_DATE = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_ODML_TYPE = rf"^({'|'.join(ODML_TYPES)}|[0-9]+-tuple)$"


def description_schema() -> Schema:
    """JSON Schema (2020-12) of a description, as YAML or as JSON."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "NIX description",
        "description": "A NIX file as text: blocks of data, and sections of metadata.",
        **_mapping(File),
        "$defs": {
            **{model.__name__: _entity(model) for model in _ENTITIES},
            "Column": _column(),
            "Dimension": _dimension(),
            "DimensionOfUnknownKind": _any_dimension(),
            "DataSource": _source(),
            "ElementType": _ELEMENT_TYPE,
            "Reference": _REFERENCE,
            "Extra": _EXTRA,
            **{f"Odml{kind.capitalize()}": _odml(kind) for kind in ODML_KEYS},
        },
    }


def _entity(model: type[Model]) -> Schema:
    schema = {"title": model.words, **_says(model.__doc__), **_mapping(model)}
    if model is Property:
        schema["type"] = [*_SCALARS, "array", "object", "null"]
        schema["items"] = {"type": _SCALARS}
        schema["if"] = {
            "properties": {"value": {"type": [*_SCALARS, "array", "object"]}},
            "required": ["value"],
        }
        schema["then"] = {"properties": {"values": False}}
    elif model is Section:
        schema["type"] = ["object", "null"]
        is_document = {"properties": {"type": {"const": mapping().document_type}}}
        schema |= _if(
            {**is_document, "required": ["type"]},
            {"properties": {"odml": {"$ref": "#/$defs/OdmlDocument"}}},
            {"properties": {"odml": {"$ref": "#/$defs/OdmlSection"}}},
        )
    elif model is Feature:
        schema = _without_type(schema) | _text_or("object")
    elif model is DimensionLink:
        schema = _without_type(schema) | _text_or("object", "null")
    return schema


def _mapping(model: type[Model]) -> Schema:
    """The mapping of an entity: its keys, and no others."""
    required = _REQUIRED.get(model, ["type"] if "type" in keys_of(model) else [])
    properties = {
        name: _key(model, key, may_lack=name not in required)
        for name, key in keys_of(model).items()
    }
    known: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**known, "required": required} if required else known


_REQUIRED: dict[type[Model], list[str]] = {
    Section: [],
    SampledDimension: ["sampling_interval"],
    RangeDimension: [],
    SetDimension: [],
    DataFrameDimension: ["type", "data_frame"],
    UnknownDimension: ["type"],
    DimensionLink: [],
}
"""Keys that must be there, where it is not just the ``type``."""


def _key(model: type[Model], key: Key, *, may_lack: bool) -> Schema:
    """The schema of what stands at a key, with what it means."""
    said = MEANINGS.get((model.__name__, key.name)) or MEANINGS.get(("", key.name))
    schema = _says(said or field_docstrings(model).get(key.field, ""))
    given = EXAMPLES.get((model.__name__, key.name), EXAMPLES.get(("", key.name)))
    schema |= _kind(model, key)
    if values := [one for one in given or () if not isinstance(one, dict)]:
        schema["examples"] = values
    if mappings := [one for one in given or () if isinstance(one, dict)]:
        schema["defaultSnippets"] = [{"label": _flow(one), "body": one} for one in mappings]
    if key.name == "name":
        schema["doNotSuggest"] = True
    return schema if may_lack else _never_null(schema)


def _never_null(schema: Schema) -> Schema:
    """The same where the key must be there: a key without a value is one that is not there."""
    if isinstance(types := schema.get("type"), list):
        schema = {**schema, "type": [one for one in types if one != "null"]}
    return {**schema, "else": _never_null(schema["else"])} if "else" in schema else schema


def _kind(model: type[Model], key: Key) -> Schema:
    if key.name == "id":
        return _text(_ID, "A UUID is expected, such as 6c1cb2fd-2ba8-4f1d-8d3c-1f4d4a0f8a52.")
    if model is Property and key.name == "dtype":
        return _text(_ODML_TYPE, f"An odML type is expected: {', '.join(ODML_TYPES)}, or 2-tuple.")
    if key.name == "type" and model in DIMENSION_WORDS.values():
        return _without_type(_one_of(*DIMENSION_WORDS))
    if key.kind is Kind.WORD and key.place is not None:
        return _one_of(*re.findall(r"`([^`]+)`", key.place.text), or_empty=True)
    limits = key.place.limits if key.place is not None else ""
    if key.kind is Kind.ODML:
        if model is Section:
            return {"type": ["object", "null"]}
        return {"$ref": f"#/$defs/Odml{'Document' if model is File else 'Property'}"}
    if key.kind is Kind.MEMBERS and key.place is not None:
        return _members(key.place.targets[0].__name__)
    schema = _of_kind(key.kind)
    if key.kind is Kind.ARRAY and "numbers" in limits:
        schema |= _number("array", "object", "null") | {"items": _number()}
    if above := re.search(r"above ([0-9.]+)", limits):
        schema["exclusiveMinimum"] = float(above[1])
    if least := re.search(r"at least ([0-9.]+)", limits):
        schema["minimum"] = float(least[1])
    return schema


def _of_kind(kind: Kind) -> Schema:
    match kind:
        case Kind.TIME:
            return {
                "type": ["string", "null"],
                "pattern": _TIME,
                "patternErrorMessage": "A time is expected, such as 2021-03-04T12:00:00Z.",
            }
        case Kind.NUMBER:
            return _number("null")
        case Kind.INTEGER:
            return {"type": ["integer", "null"]}
        case Kind.BOOLEAN:
            return {"type": ["boolean", "null"]}
        case Kind.VERSION:
            return {
                "type": ["string", "null"],
                "pattern": _VERSION,
                "patternErrorMessage": "Three numbers are expected, such as 1.2.1.",
            }
        case Kind.TEXTS:
            return {**_text_or("array", "null"), "items": _text_or()}
        case Kind.NUMBERS:
            return _number("array", "object", "null") | {"items": _number(), **_FROM_SOURCE}
        case Kind.LABELS:
            texts = {"items": _text_or()}
            return {**_text_or("array", "object", "null"), **texts, **_FROM_SOURCE}
        case Kind.ARRAY:
            return {"type": ["array", "object", "number", "null"], **_FROM_SOURCE}
        case Kind.INDEX:
            return _index("array", "null") | {"items": _index()}
        case Kind.VALUE:
            return {"type": [*_SCALARS, "null"]}
        case Kind.VALUES:
            return {"type": [*_SCALARS, "array", "null"], "items": {"type": _SCALARS}}
        case Kind.COLUMNS:
            return _members("Column")
        case Kind.ROWS:
            rows = {"items": {"type": ["array", "object"]}}
            return {"type": ["array", "object", "null"], **rows, **_FROM_SOURCE}
        case Kind.DIMENSIONS:
            return {"type": ["array", "null"], "items": {"$ref": "#/$defs/Dimension"}}
        case Kind.FEATURES:
            return {**_text_or("array", "null"), "items": {"$ref": "#/$defs/Feature"}}
        case Kind.LINK:
            return {"$ref": "#/$defs/DimensionLink"}
        case Kind.REFERENCE:
            return {**_text_or("object", "null"), "$ref": "#/$defs/Reference"}
        case Kind.REFERENCES:
            one = {**_text_or("object"), "$ref": "#/$defs/Reference"}
            several = _text_or("array", "object", "null")
            return {**several, "items": one, "$ref": "#/$defs/Reference"}
        case Kind.MARKED:
            return _marked()
        case Kind.EXTRA:
            return {"$ref": "#/$defs/Extra"}
        case Kind.CARDINALITY:
            bounds = {"type": ["integer", "null"], "minimum": 0}
            return {
                "type": ["array", "integer", "null"],
                "minimum": 0,
                "items": bounds,
                "minItems": 2,
                "maxItems": 2,
            }
        case Kind.SCALAR:
            return {"type": [*_SCALARS, "null"]}
    return _text()


def _text(pattern: str = "", message: str = "") -> Schema:
    if not pattern:
        return _text_or("null")
    return {"type": ["string", "null"], "pattern": pattern, "patternErrorMessage": message}


def _text_or(*types: str) -> Schema:
    """A text, however it looks, or another type.

    Booleans stand apart: editors propose true and false wherever they are among the types.
    """
    return {"if": {"type": "boolean"}, "else": {"type": ["string", "number", *types]}}


def _without_type(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "type"}


def _number(*also: str) -> Schema:
    """A number, or a fraction; strings are refused where they are none."""
    return {
        "type": ["number", "string", *also],
        "pattern": _NUMBER,
        "patternErrorMessage": "A number is expected, such as 0.5 or 1/30000.",
    }


def _index(*also: str) -> Schema:
    return {
        "type": ["integer", "string", *also],
        "pattern": "^(any)?$",
        "patternErrorMessage": "The number of an element is expected, or any.",
    }


def _one_of(*words: str, or_empty: bool = False) -> Schema:
    """One of a few words; not by ``enum``, which would have editors propose null and nothing."""
    return {
        "type": ["string", "null"],
        "pattern": f"^({'|'.join(words)}){'?' if or_empty else ''}$",
        "patternErrorMessage": f"One of these is expected: {', '.join(words)}.",
        "examples": [*words],
    }


def _members(name: str) -> Schema:
    """Entities: name -> entity, or a list of them that have a `name` each."""
    entity = {"$ref": f"#/$defs/{name}"}
    return {
        "type": ["object", "array", "null"],
        "additionalProperties": entity,
        "items": {**entity, "type": "object", "required": ["name"]},
    }


_FROM_SOURCE: Schema = {"$ref": "#/$defs/DataSource"}
"""Allows a mapping to be a source of values."""


def _marked() -> Schema:
    """The name of an array, or values: a list, or a source of them that may have a unit."""
    numbers = _number("array") | {"items": _number()}
    source = _source()
    source["properties"]["unit"] = {
        "description": "Unit of the values, as written.",
        "examples": ["s", "ms"],
        **_text(),
    }
    return {
        "items": numbers,
        "if": {"type": "object"},
        "then": {
            "if": {"anyOf": [{"required": ["elsewhere"]}, {"required": ["name"]}]},
            "then": {"$ref": "#/$defs/Reference"},
            "else": source,
        },
        "else": _text_or("array", "null"),
    }


_REFERENCE: Schema = {
    "title": "reference",
    "description": (
        "The name of an entity of the block, a path of a source or section, or id: and an id. "
        "What is not in the block, in a broken file, stands in elsewhere."
    ),
    "properties": {
        "elsewhere": {
            "description": "The entity itself, or its path, where it is not in the block.",
            **_text_or("object", "null"),
        },
        "name": {"description": "The name, where the link is named otherwise.", **_text()},
        "link": {"description": "Name of the link in the file.", **_text()},
    },
    "additionalProperties": False,
}

_EXTRA: Schema = {
    "title": "extra",
    "description": "What a file holds of the entity and the model does not know.",
    "type": ["object", "null"],
    "properties": {
        "attributes": {"description": "Attributes: name and value.", "type": ["object", "null"]},
        "members": {"description": "Other objects in its group.", "type": ["object", "null"]},
        "link": {
            "description": "Name of the link to the entity, where it is not the usual one.",
            **_text(),
        },
    },
    "additionalProperties": False,
}


def _flow(mapping: Schema) -> str:
    """A mapping as one writes it in a line, to be chosen by."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in mapping.items()) + "}"


# What odML has beyond NIX


def _odml(kind: str) -> Schema:
    """What may stand below ``odml`` of a document, a section or a property."""
    properties = {}
    for name, one in ODML_KEYS[kind].items():
        said = ODML_MEANINGS.get((kind, name)) or ODML_MEANINGS.get(("", name))
        schema = _says(said or f"What odML has as `{name}`, where NIX has something else.")
        given = ODML_EXAMPLES.get(name)
        schema |= _odml_value(name, one)
        properties[name] = schema | ({"examples": given} if given else {})
    return {
        "title": f"odML of a {kind}",
        "description": MEANINGS["", "odml"],
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }


def _odml_value(name: str, one: Kind) -> Schema:
    if name == "date":
        return _text(_DATE, "A date is expected, such as 2021-03-04.")
    schema = _of_kind(one)
    if name == "values":
        part = {"type": [*_SCALARS, "array"], "items": {"type": _SCALARS}}
        schema |= {"items": part}
    return schema


# Dimensions


def _dimension() -> Schema:
    """A dimension of the kind that its ``type`` says, or one of its keys, or the word ``set``."""
    unknown = {"$ref": "#/$defs/DimensionOfUnknownKind"}
    chain: Schema = unknown
    for key, model in reversed(_KIND_SAID_BY.items()):
        chain = _if({"required": [key]}, {"$ref": f"#/$defs/{model.__name__}"}, chain)
    says_type = {"required": ["type"], "properties": {"type": {"type": _ANY_BUT_NULL}}}
    chain = _if(says_type, unknown, chain)
    for word, model in reversed(DIMENSION_WORDS.items()):
        is_kind = {"required": ["type"], "properties": {"type": {"const": word}}}
        chain = _if(is_kind, {"$ref": f"#/$defs/{model.__name__}"}, chain)
    return {
        "title": "dimension",
        "description": "What the positions along one axis mean.",
        "if": {"type": "string"},
        "then": {"const": "set"},
        "else": chain,
    }


def _if(mapping: Schema, then: Schema, otherwise: Schema) -> Schema:
    """A condition that only a mapping can fulfil."""
    return {"if": {"type": "object", **mapping}, "then": then, "else": otherwise}


_ANY_BUT_NULL = [*_SCALARS, "array", "object"]


def _any_dimension() -> Schema:
    """A dimension that does not say its kind: all keys of all kinds are known."""
    properties: Schema = {}
    for model in DIMENSION_WORDS.values():
        for name, schema in _mapping(model)["properties"].items():
            properties.setdefault(name, schema)
    properties["type"] = {**_says(KIND_OF_DIMENSION), "enum": [*DIMENSION_WORDS]}
    return {
        "title": "dimension",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": ["type"],
    }


# Where values come from


def _source() -> Schema:
    """A mapping that says where values come from; nothing about what is no mapping."""
    says = _docstrings(DataSpec)
    return {
        "properties": {
            _SOURCE_NAMES.get(one.name, one.name): {
                **_says(says[one.name]),
                **_SOURCE[one.name],
            }
            for one in fields(DataSpec)
        },
        "additionalProperties": False,
    }


def _column() -> Schema:
    """A column of a frame: its type and unit, and its values where there are no rows."""
    source = _source()["properties"]
    column = {
        "name": {
            **_says(field_docstrings(Column)["name"]),
            **_text_or(),
            "doNotSuggest": True,
        },
        "dtype": {**source["dtype"], "description": "Type of the elements."},
        "unit": {
            **_says(field_docstrings(Column)["unit"]),
            "examples": EXAMPLES["", "unit"],
            **_text(),
        },
    }
    return {
        "title": "column",
        **_says(Column.__doc__),
        "type": ["object", "null"],
        "properties": {**column, **{k: v for k, v in source.items() if k not in column}},
        "additionalProperties": False,
    }


_SOURCE_NAMES = {"origin": "from"}
"""Keys that are not named like their field."""

_LENGTHS: Schema = {"type": ["array", "integer", "null"], "items": {"type": "integer"}}
_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}

_SOURCE: dict[str, Schema] = {
    "values": {"examples": [[[1, 2], [3, 4]]]},
    "file": {**_text(), "examples": ["trace.npy", "trace.csv", "trace.raw"]},
    "format": _one_of("npy", "npz", "csv", "raw", "hdf5"),
    "member": {**_text(), "examples": ["ch0"]},
    "dataset": {**_text(), "examples": ["/group/x"]},
    "column": {**_text(), "examples": ["voltage", 0]},
    "columns": {
        **_text_or("array", "null"),
        "items": _text_or(),
        "examples": [["left", "right"], "all"],
    },
    "header": {"type": ["boolean", "null"]},
    "delimiter": {**_text(), "examples": [";", "\t"]},
    "decimal": {**_text(), "examples": [","]},
    "skip_rows": _COUNT,
    "comment": {**_text(), "examples": ["#"]},
    "missing": {
        **_text_or("array", "null"),
        "items": _text_or(),
        "examples": [["NA", "n/a"]],
    },
    "encoding": {**_text(), "examples": ["latin-1"]},
    "dtype": {"$ref": "#/$defs/ElementType"},
    "shape": {**_LENGTHS, "examples": [[-1, 32]]},
    "order": _one_of("C", "F"),
    "offset": _COUNT,
    "fill": {"examples": [0]},
    "origin": {**_text(), "examples": ["session.nix"]},
    "select": {**_text(), "examples": ["0:1000, 3"]},
    "transpose": {**_LENGTHS, "examples": [[1, 0]]},
    "sha256": _text(r"^[0-9a-fA-F]{64}$", "A checksum is 64 hexadecimal digits."),
    "compression": {
        **_one_of("gzip", "none"),
        "type": ["string", "integer", "null"],
        "minimum": 0,
        "maximum": 9,
    },
    "chunks": {**_LENGTHS, "examples": [[4096, 32]]},
}
"""What may stand at each key of a source."""

_ELEMENT_TYPE: Schema = {
    "title": "element type",
    "description": (
        "Element type: a name of numpy's, string, or for records a list of name and type. "
        "What begins with hdf5: is a type that has no name."
    ),
    "type": ["string", "array", "null"],
    "items": {"type": "object", "additionalProperties": {"$ref": "#/$defs/ElementType"}},
    "examples": ["float64", "int16", "<i2", "bool", "string"],
}


# What keys mean


def _says(text: str | None) -> Schema:
    """A docstring as the description of a schema: as plain text, and with its code marked."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    marked = "\n\n".join(" ".join(one.split()) for one in paragraphs).replace("``", "`")
    plain = marked.replace("`", "")
    return {"description": plain} | ({"markdownDescription": marked} if marked != plain else {})


def _docstrings(kind: type) -> dict[str, str]:
    """The docstrings below the fields of a class."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: str(said.value.value)
        for field, said in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
    }
