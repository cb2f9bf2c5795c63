"""Schemas as YAML text again, in short forms where they say the same."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from nixschema.schema.blanks import is_blank
from nixschema.schema.keywords import LISTS, Form, Keyword, keywords_of
from nixschema.schema.language import (
    Clause,
    Constraint,
    Count,
    DimensionClause,
    Override,
    Said,
    Schema,
    When,
)
from nixschema.schema.leaves import DIMENSION_TYPES
from nixschema.schema.reading import ANYTHING, PRESENCES
from nixschema.text.emit import Flow, yaml_text

_WORDS = (*PRESENCES, ANYTHING)
_WIDTH = 96
"""Characters of a mapping that stands in one line."""


def dump(schema: Schema) -> str:
    """A schema as YAML text, from which `nixschema.load_schema` reads the same again."""
    return "".join(yaml_text(_broken(plain(schema), 0)))


def plain(schema: Schema) -> dict[str, Any]:
    """A schema as plain data, in short forms."""
    found: dict[str, Any] = _mapping(schema, "Schema", "File")
    return found


def _broken(tree: Any, depth: int, key: int = 0) -> Any:
    """The same with small collections in one line each."""
    if isinstance(tree, dict):
        if depth and _short(tree, _WIDTH - 2 * depth - key):
            return Flow(tree)
        return {name: _broken(one, depth + 1, len(name)) for name, one in tree.items()}
    if isinstance(tree, list):
        if _short(tree, _WIDTH - 2 * depth - key):
            return Flow(tree)
        return [_broken(one, depth + 1) for one in tree]
    return tree


def _short(tree: Any, room: int) -> bool:
    """Whether a collection is small enough for one line; no more of it is looked at."""
    levels = 0
    stack = [(tree, 0)]
    while stack:
        one, depth = stack.pop()
        levels = max(levels, depth)
        if isinstance(one, dict):
            room -= 2 * len(one) + 2
            room -= sum(len(name) + 1 for name in one)
            stack += [(value, depth + 1) for value in one.values()]
        elif isinstance(one, list):
            room -= 2 * len(one) + 2
            stack += [(value, depth + 1) for value in one]
        else:
            room -= len(str(one))
            if isinstance(one, str) and "\n" in one:
                return False
        if room < 0 or levels > 5:
            return False
    return True


def _mapping(said: Said, kind: str, same: str, *, listed: bool = False) -> dict[str, Any]:
    """A part by its keywords, those that say something."""
    found: dict[str, Any] = {}
    for name, word in keywords_of(kind, listed=listed).items():
        if word.form is Form.PASSED_OVER:
            continue
        if word.form is Form.PRESENCE:
            if getattr(said, "presence", "required") == name != "required":
                found[name] = True
            continue
        value = _value_at(said, word)
        if value is None or (word.form is not Form.TEXT and _is_default(said, word, value)):
            continue
        found[name] = _shown(value, word, same)
    return found


def _value_at(said: Said, word: Keyword) -> Any:
    if word.field.startswith("members."):
        return said.__dict__["members"].get(word.name)
    return said.__dict__.get(word.field)


def _is_default(said: Said, word: Keyword, value: Any) -> bool:
    if word.field.startswith("members."):
        return False
    default = type(said).model_fields[word.field].get_default(call_default_factory=True)
    return bool(value == default and type(value) is type(default))


def _shown(value: Any, word: Keyword, same: str) -> Any:
    """What stands at a keyword."""
    match word.form:
        case Form.COUNT:
            return _count(value)
        case Form.CONSTRAINT:
            return _constraint(value, word.about)
        case Form.LEAVES:
            return value[0] if len(value) == 1 else list(value)
        case Form.ITEMS:
            return [_constraint(one, _item(same)) for one in value]
        case Form.SAME:
            return _same(value, same)
        case Form.SAMES:
            return [_same(one, same) for one in value]
        case Form.CLAUSE:
            return _clause(value, word.about, linked=True)
        case Form.CLAUSES:
            return [_clause(one, word.about, listed=True) for one in value]
        case Form.CONTAINER:
            if isinstance(value, list):
                return [_clause(one, "Source", listed=True) for one in value]
            return {key: _clause(one, word.about) for key, one in value.items()}
        case Form.DIMENSIONS:
            if isinstance(value, str):
                return value
            return [_dimension(one) for one in value]
        case Form.CONDITIONS:
            return [_condition(one, same) for one in value]
        case Form.TOGETHER:
            return _mapping(value, "Together", "Together")
        case Form.OVERRIDE:
            return _override(value, same)
        case Form.EXTRA:
            return {"attributes": {key: _constraint(one, "value") for key, one in value.items()}}
        case Form.MEMBER_OF:
            return {
                key: [_clause(one, "Group", listed=True) for one in clauses]
                for key, clauses in value.items()
            }
        case Form.COLUMN_OF:
            return _mapping(value, "ColumnOf", "ColumnOf")
        case Form.TREE:
            return _mapping(value, "Tree", "File")
        case Form.EXAMPLES:
            return _mapping(value, "Examples", "Examples")
        case Form.INVALID:
            return [_mapping(one, "Example", "Example") for one in value]
        case Form.WORD:
            return str(value)
    return value


def _condition(one: When, same: str) -> dict[str, Any]:
    return _mapping(one, "When", same)


def _same(value: Any, same: str) -> Any:
    if isinstance(value, Constraint):
        return _constraint(value, same)
    if isinstance(value, DimensionClause):
        return _dimension(value)
    if same == "Property":
        return _clause(value, same)
    return _clause_mapping(value, same)


def _count(count: Count) -> Any:
    if count.blank is not None:
        return count.blank
    if count.most is None:
        return f"{count.least}.."
    return count.least if count.least == count.most else f"{count.least}..{count.most}"


def _item(value: str) -> str:
    return {"texts": "text", "numbers": "number", "sizes": "size"}.get(value, value)


def _says_only(said: BaseModel, *fields: str) -> bool:
    """Whether nothing but some fields is said."""
    for name, info in type(said).model_fields.items():
        if name in fields:
            continue
        value = said.__dict__[name]
        if value != info.get_default(call_default_factory=True):
            return False
    return True


def _constraint(one: Constraint, value: str) -> Any:
    """A constraint in the shortest form."""
    if _says_only(one, "presence"):
        return one.presence
    if one.presence == "required" and one.fits and _says_only(one, "fits"):
        listed = value in LISTS
        if len(one.fits) == 1 and not _is_word(one.fits[0]):
            only = one.fits[0]
            if not listed or (isinstance(only, str) and is_blank(only)):
                return only
        elif not listed and len(one.fits) > 1:
            return list(one.fits)
    if one.presence == "required" and one.items and _says_only(one, "items") and value in LISTS:
        return [_constraint_item(each, _item(value)) for each in one.items]
    return _mapping(one, "Constraint", value)


def _constraint_item(one: Constraint, value: str) -> Any:
    return ANYTHING if _says_only(one) else _constraint(one, value)


def _is_word(leaf: Any) -> bool:
    return isinstance(leaf, str) and leaf in _WORDS


def _clause(one: Clause, kind: str, *, listed: bool = False, linked: bool = False) -> Any:
    """An entity in the shortest form."""
    if _says_only(one, "presence"):
        return one.presence
    if one.blank is not None and _says_only(one, "blank") and kind not in ("Property", "Column"):
        return one.blank
    if kind == "Property" and one.values is not None and _says_only(one, "values"):
        return _property(one.values)
    if (listed or linked) and kind not in ("Property", "Feature", "Column"):
        short = _name_alone(one)
        if short is not None:
            return short
    return _clause_mapping(one, kind, listed=listed)


def _property(values: Constraint) -> Any:
    """A property of which only the values are constrained."""
    shown = _constraint(values, "value")
    if not isinstance(shown, dict):
        return {"values": shown} if isinstance(shown, str) and shown in PRESENCES else shown
    return {"values": shown} if _collides(shown, "Property") else shown


def _collides(values: dict[str, Any], kind: str) -> bool:
    """Whether a keyword of the values is one of their owner's as well."""
    return any(name in keywords_of(kind) for name in values)


def _name_alone(one: Clause) -> str | None:
    if one.name is None or not _says_only(one, "name"):
        return None
    fits = one.name.fits
    if fits is None or len(fits) != 1 or not _says_only(one.name, "fits"):
        return None
    text = fits[0]
    usable = isinstance(text, str) and text and not _is_word(text) and not is_blank(text)
    return text if usable and isinstance(text, str) and not text.startswith("/") else None


def _clause_mapping(one: Clause, kind: str, *, listed: bool = False) -> dict[str, Any]:
    if kind in ("Entity", "Data") and one.is_ is not None:
        return _mapping(one, one.is_, one.is_, listed=listed)
    found = _mapping(one, kind, kind, listed=listed)
    values = found.get("values")
    if kind in ("Property", "Column") and isinstance(values, dict) and not _collides(values, kind):
        del found["values"]
        found |= values
    return found


def _dimension(one: DimensionClause) -> Any:
    if _says_only(one):
        return ANYTHING
    if _says_only(one, "presence"):
        return one.presence
    kind = one.type
    if kind is not None and _says_only(one, "type") and _says_only(kind, "fits"):
        fits = kind.fits or []
        if len(fits) == 1 and fits[0] in DIMENSION_TYPES:
            return fits[0]
    return _mapping(one, "Dimension", "Dimension")


def _override(one: Override, same: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(one.clause, Clause):
        found |= _clause_mapping(one.clause, same)
        if one.clause.presence == "required" and "presence" in one.clause.model_fields_set:
            found["required"] = True
    for name in ("level", "message", "id", "reason"):
        value = getattr(one, name)
        if value is not None:
            found[name] = str(value)
    return found


_ABOUT = {
    word.name: word.about
    for kind in ("Entity", "Dimension", "Column")
    for word in keywords_of(kind).values()
    if word.form is Form.CONSTRAINT
}


def in_line(value: Any, keyword: str = "") -> str:
    """Anything that stands in a schema, in one line of YAML.

    Args:
        value: a part, a word, or a list of parts.
        keyword: what it stands at, where that is known.
    """
    lines = yaml_text(Flow(_parts(value, _ABOUT.get(keyword, "value"))))
    return " ".join(one.strip() for one in lines)


def _parts(value: Any, about: str) -> Any:
    if isinstance(value, Constraint):
        return _constraint(value, about)
    if isinstance(value, Clause):
        return _clause(value, "Entity", listed=True)
    if isinstance(value, DimensionClause):
        return _dimension(value)
    if isinstance(value, When):
        return _condition(value, "Entity")
    if isinstance(value, Count):
        return _count(value)
    if isinstance(value, Said):
        kind = type(value).__name__
        return _mapping(value, kind, "File" if kind in ("Tree", "Schema") else kind)
    if isinstance(value, list | tuple):
        return [_parts(one, about) for one in value]
    if isinstance(value, dict):
        return {str(name): _parts(one, about) for name, one in value.items()}
    return value if isinstance(value, str | bool | int | float | None) else str(value)
