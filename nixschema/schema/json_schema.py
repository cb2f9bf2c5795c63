"""The JSON Schema of the language of schemas: what editors complete and explain by kind.

It is made of the table of keywords. What may be written in several ways is told apart by the JSON
type of what is written, so that it is said which keyword is wrong.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from nixschema.schema.keywords import ENTITIES, LISTS, Form, Keyword, keywords_of
from nixschema.schema.leaves import DIMENSION_TYPES, LINK_TYPES
from nixschema.schema.reading import ANYTHING, PRESENCES

JsonSchema: TypeAlias = dict[str, Any]
"""A JSON Schema."""

_BLANK = r"<[^<>\s:0-9][^<>\s:]*(:(number|text))?>"
_WORDS = f"^({'|'.join(PRESENCES)})$"
_COUNT = rf"^([0-9]{{1,15}}(\.\.([0-9]{{1,15}})?)?|{_BLANK})$"
_RANGE = rf"^([0-9]{{1,15}}\.\.([0-9]{{1,15}})?|{_BLANK})$"
_NUMBER = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_LIMIT = rf"^({_NUMBER}( ?[^\s\d.+-].{{0,60}}| ?/ ?{_NUMBER})|[-+]?\.(inf|Inf|INF)|{_BLANK})$"
_ID = r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$"
_SCALARS = ["string", "number", "boolean"]
_TEXT: JsonSchema = {"type": _SCALARS}

_TYPES_OF_VALUES = (
    *("text", "texts", "number", "numbers", "size", "sizes", "count", "value"),
    *("dtype", "odml_type", "link_type", "dimension_type"),
)

_OF_NUMBERS = frozenset(("min", "max", "above", "below", "finite", "ascending"))
_OF_VALUES = frozenset(("ids_of", "names_of", "column_of", "or", "finite", "ascending", "unique"))

_EXAMPLES: dict[str, list[Any]] = {
    "schema": ["our-lab"],
    "version": ["2026.1"],
    "extends": ["neo", "neo >=1.2", "./base.yaml"],
    "count": [1, "1..", "0..1", "2..8"],
    "length": [1, "1..", "1..3"],
    "like": ["V", "s", "A"],
    "pattern": ["[A-Z][0-9]+"],
    "min": [0, "0.1 ms"],
    "max": [1, "20 mV"],
    "unit": ["mV", "s"],
    "label": ["time", "required"],
    "rules": ["our_lab.rules:onsets_inside_run"],
}


def schema_of_schemas() -> JsonSchema:
    """JSON Schema (2020-12) of the language, as YAML or as JSON."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "schema of NIX files",
        "description": "What the NIX files of a lab, a tool or an archive must contain.",
        **_mapping("Schema", "File"),
        "required": ["schema"],
        "$defs": {
            **{kind: _entity(kind) for kind in (*ENTITIES, "Entity")},
            **{f"Listed{kind}": _entity(kind, listed=True) for kind in _LISTED},
            **{f"Linked{kind}": _entity(kind, linked=True) for kind in _LINKED},
            "File": _mapping("File", "File"),
            "Tree": _mapping("Tree", "File"),
            "Dimension": _dimension(),
            **{f"ConditionOf{kind}": _condition(kind) for kind in (*ENTITIES, "Entity", "File")},
            **{f"OverrideOf{kind}": _override(kind) for kind in (*ENTITIES, "Entity")},
            **{f"Constraint_{value}": _constraint(value) for value in _TYPES_OF_VALUES},
            "Together": {**_mapping("Together", "Together"), "required": ["by"]},
            "ColumnOf": {
                **_mapping("ColumnOf", "ColumnOf"),
                "required": ["data_frame", "column"],
            },
            "Examples": _mapping("Examples", "Examples"),
            "Example": {**_mapping("Example", "Example"), "required": ["file", "finds"]},
        },
    }


_LISTED = ("DataArray", "DataFrame", "Tag", "MultiTag", "Source", "Feature", "Group")
_LINKED = ("Section", "DataArray", "Data", "Entity")


def _mapping(kind: str, same: str, *, listed: bool = False) -> JsonSchema:
    """The mapping of a kind of thing: its keywords, and no others."""
    return {
        "type": "object",
        "properties": {
            name: _keyword(word, same) for name, word in keywords_of(kind, listed=listed).items()
        },
        "additionalProperties": False,
    }


def _keyword(word: Keyword, same: str) -> JsonSchema:
    schema: JsonSchema = {"description": word.says} if word.says else {}
    schema |= _at(word, same)
    if word.name in _EXAMPLES and "$ref" not in schema:
        schema["examples"] = _EXAMPLES[word.name]
    return schema


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _list_of(schema: JsonSchema) -> JsonSchema:
    """Something, or a list of it that is not empty."""
    listed = {"type": "array", "items": schema, "minItems": 1}
    return {"if": {"type": "array"}, "then": listed, "else": schema}


def _at(word: Keyword, same: str) -> JsonSchema:
    """What may stand at a keyword."""
    match word.form:
        case Form.TEXT if word.name == "schema":
            return {"type": "string", "pattern": _ID}
        case Form.TEXT:
            return _TEXT
        case Form.TEXTS:
            return {"type": [*_SCALARS, "array"], "items": _TEXT}
        case Form.WORD:
            return {"enum": word.about.split("|")}
        case Form.TRUTH | Form.PRESENCE:
            return {"type": "boolean"}
        case Form.COUNT:
            return {"type": ["integer", "string"], "minimum": 0, "pattern": _COUNT}
        case Form.LEAF:
            return _leaf(_value(same))
        case Form.LEAVES:
            return _list_of(_leaf(_value(same)))
        case Form.LIMIT:
            return {"type": ["number", "string"], "pattern": _LIMIT}
        case Form.UNIT | Form.PATTERN:
            return _TEXT
        case Form.ASCENDING:
            return {"enum": [True, False, "strictly"]}
        case Form.EVERY:
            return {"type": ["boolean", "string"]}
        case Form.BLANK | Form.BLANK_OR_NOT:
            return {"type": "string", "pattern": f"^{_BLANK}$"}
        case Form.CONSTRAINT:
            return _ref(f"Constraint_{word.about}")
        case Form.SAME:
            return _same(same)
        case Form.SAMES:
            return {"type": "array", "items": _same(same, among=True), "minItems": 1}
        case Form.ITEMS:
            return {"type": "array", "items": _ref(f"Constraint_{_item(_value(same))}")}
        case Form.CLAUSE:
            return _ref(f"Linked{word.about}")
        case Form.CLAUSES:
            return _list_of(_ref(f"Listed{word.about}"))
        case Form.CONTAINER:
            names = {"additionalProperties": _ref(word.about), "propertyNames": {"minLength": 1}}
            if word.name == "sources" and same == "Entity":
                return {
                    "if": {"type": "array"},
                    "then": {"items": _ref("ListedSource")},
                    "else": {"type": ["object", "null"], **names},
                }
            if word.name == "types":
                return {"type": ["object", "null"], **names}
            return {"type": ["object", "null", "string"], "pattern": _WORDS, **names}
        case Form.DIMENSIONS:
            listed = _list_of(_ref("Dimension"))
            return {"if": {"enum": [*PRESENCES]}, "then": {}, "else": listed}
        case Form.CONDITIONS:
            return _list_of(_ref(f"ConditionOf{same}"))
        case Form.TOGETHER:
            return _ref("Together")
        case Form.ACCEPT:
            reasons = {"type": _SCALARS, "pattern": r"\S"}
            rules = {"pattern": "^NIX[2-9][0-9]{2}$"}
            return {
                "type": "object",
                "additionalProperties": reasons,
                "propertyNames": rules,
            }
        case Form.OVERRIDE:
            return _ref(f"OverrideOf{same}")
        case Form.EXTRA:
            attributes = {"type": "object", "additionalProperties": _ref("Constraint_value")}
            return {
                "type": "object",
                "properties": {"attributes": attributes},
                "additionalProperties": False,
            }
        case Form.MEMBER_OF:
            return {
                "type": "object",
                "properties": {"groups": _list_of(_ref("ListedGroup"))},
                "additionalProperties": False,
            }
        case Form.COLUMN_OF:
            return _ref("ColumnOf")
        case Form.NAMESPACES:
            words = {"enum": ["closed", "warn", "open"]}
            return {"type": "object", "additionalProperties": words}
        case Form.PROVENANCE:
            return {"type": "object"}
        case Form.TREE:
            return _ref("Tree")
        case Form.EXAMPLES:
            return _ref("Examples")
        case Form.INVALID:
            one = _ref("Example")
            return {"if": {"type": "array"}, "then": {"items": one}, "else": one}
    return {}


# Values


def _value(same: str) -> str:
    return same if same in _TYPES_OF_VALUES else "value"


def _item(value: str) -> str:
    return {"texts": "text", "numbers": "number", "sizes": "size"}.get(value, value)


def _leaf(value: str) -> JsonSchema:
    """A single value of a type."""
    match _item(value):
        case "number":
            return {"type": ["number", "string"], "pattern": _LIMIT}
        case "size" | "count":
            return {"type": ["integer", "string"], "minimum": 0, "pattern": f"^{_BLANK}$"}
        case "link_type":
            return _one_of(*LINK_TYPES)
        case "dimension_type":
            return _one_of(*DIMENSION_TYPES)
    return _TEXT


def _one_of(*words: str) -> JsonSchema:
    """One of a few words, or a text with wildcards or blanks."""
    return {
        "type": "string",
        "pattern": f"^({'|'.join(words)}|.*([*?]|{_BLANK}).*)$",
        "examples": [*words],
    }


def _constraint(value: str) -> JsonSchema:
    """A constraint on a value of a type: a word, the value, a list, or a mapping."""
    item = _leaf(value)
    short: JsonSchema
    if value in ("count", "size"):
        pattern = _COUNT if value == "count" else _RANGE
        short = {"type": ["integer", "string"], "minimum": 0, "pattern": pattern}
    else:
        short = item
    listed: JsonSchema = item
    if value in LISTS:
        listed = _ref(f"Constraint_{_item(value)}")
    known = _mapping("Constraint", value)
    for name in _meaningless(value):
        known["properties"].pop(name, None)
    return {
        "if": {"type": "object"},
        "then": known,
        "else": {
            "if": {"type": "array"},
            "then": {"items": listed, "minItems": 1},
            "else": {"if": {"enum": [*PRESENCES, ANYTHING]}, "then": {}, "else": short},
        },
    }


def _meaningless(value: str) -> frozenset[str]:
    """Keywords that say nothing about values of a type."""
    if value == "text":
        return _OF_NUMBERS
    if value in ("dtype", "odml_type", "link_type", "dimension_type"):
        return _OF_NUMBERS | _OF_VALUES
    if value in ("number", "size", "count"):
        return frozenset(("like", "pattern", "finite", "ascending", "unique", "items"))
    return frozenset()


# Entities


def _same(same: str, *, among: bool = False) -> JsonSchema:
    if same in _TYPES_OF_VALUES:
        return _ref(f"Constraint_{same}")
    if same == "Property" and among:
        return _ref(same)
    if same in ("Dimension", "File"):
        return _ref(same)
    return {"type": "object", **_ref(same)}


def _entity(kind: str, *, listed: bool = False, linked: bool = False) -> JsonSchema:
    """An entity: a mapping, or a short form of it."""
    known = _mapping(kind, kind, listed=listed)
    if kind in ("Property", "Column"):
        mine = known["properties"]
        constraint = keywords_of("Constraint")
        others = {name: _keyword(word, "value") for name, word in constraint.items()}
        more = {name: one for name, one in others.items() if name not in mine}
        known["properties"] = {**mine, **more}
        known["if"] = {"required": ["values"]}
        known["then"] = {"properties": dict.fromkeys(more, False)}
    short: JsonSchema
    if kind == "Property":
        single = {"if": {"type": "array"}, "then": {"items": _TEXT, "minItems": 1}}
        short = {**single, "else": {"type": [*_SCALARS, "null"]}}
    elif listed or linked:
        short = {"type": [*_SCALARS, "null"]}
    else:
        words = "|".join((*PRESENCES, ANYTHING))
        pattern = f"^({words}|{_BLANK})$" if kind != "Column" else f"^({'|'.join(PRESENCES)})$"
        short = {"type": ["string", "null"], "pattern": pattern, "examples": [*PRESENCES]}
    whole: JsonSchema = {"if": {"type": "object"}, "then": known, "else": short}
    if kind in ("Entity", "Data"):
        whole["then"] = _by_kind(known, kind, listed=listed)
    return whole


def _by_kind(known: JsonSchema, kind: str, *, listed: bool) -> JsonSchema:
    """The keywords of the kind that ``is`` says, where it does."""
    kinds = ENTITIES[:9] if kind == "Entity" else ("DataArray", "DataFrame")
    chain = known
    for one in reversed(kinds):
        said = {"properties": {"is": {"const": one}}, "required": ["is"]}
        target = _ref(f"Listed{one}" if listed and one in _LISTED else one)
        chain = {"if": said, "then": target, "else": chain}
    return chain


def _dimension() -> JsonSchema:
    words = {"enum": [*DIMENSION_TYPES, *PRESENCES, ANYTHING]}
    known = _mapping("Dimension", "Dimension")
    return {"if": {"type": "object"}, "then": known, "else": words}


def _condition(kind: str) -> JsonSchema:
    known = _mapping("When", kind)
    then = [{"required": ["then"]}, {"required": ["else"]}]
    return {**known, "required": ["if"], "anyOf": then}


def _override(kind: str) -> JsonSchema:
    """Keywords of the kind with a reason, and what is replaced."""
    known = _mapping(kind, kind)
    if kind in ("Property", "Column"):
        constraint = keywords_of("Constraint")
        more = {name: _keyword(word, "value") for name, word in constraint.items()}
        known["properties"] = {**more, **known["properties"]}
    return {**known, "required": ["reason"], "minProperties": 2}
