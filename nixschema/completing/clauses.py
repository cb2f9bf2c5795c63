"""Clauses of a schema as JSON Schema: what is added to that of descriptions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from nixschema.completing.texts import expression, is_certain, is_literal, whole
from nixschema.completing.values import (
    JsonSchema,
    count_words,
    explained,
    is_error,
    number_schema,
    text_schema,
    value_schema,
    words_of,
)
from nixschema.findings import Level
from nixschema.schema.checking.compiling import blanks_in
from nixschema.schema.language import Clause, Constraint, DimensionClause

TEXTS = (
    *("definition", "unit", "label", "repository", "reference"),
    *("dependency", "dependency_value", "value_origin", "link_type"),
)
"""Fields that are a text in descriptions."""

_NUMBERS = ("expansion_origin", "uncertainty")
_LISTS = ("units", "position", "extent", "polynom_coefficients")

CONTAINERS = {
    "data_arrays": "DataArray",
    "data_frames": "DataFrame",
    "tags": "Tag",
    "multi_tags": "MultiTag",
    "groups": "Group",
    "sections": "Section",
    "properties": "Property",
    "columns": "Column",
}
"""Fields that are entities by name, and their kinds."""

WORDS = {
    "Block": "block", "DataArray": "data array", "DataFrame": "data frame", "Tag": "tag",
    "MultiTag": "multi tag", "Group": "group", "Source": "source", "Section": "section",
    "Property": "property", "Column": "column",
}  # fmt: skip


class Clauses:
    """Makes JSON Schemas of the clauses of one layer."""

    def __init__(self, schema: str, around: Counter[str]) -> None:
        """Begin.

        Args:
            schema: its id.
            around: how often each blank occurs in its tree.
        """
        self._schema = schema
        self._around = around

    def container(self, clauses: dict[str, Clause], kind: str, level: Level) -> JsonSchema:
        """Entities by name."""
        names: JsonSchema = {}
        patterns: JsonSchema = {}
        selecting: list[JsonSchema] = []
        required: list[str] = []
        for key, clause in clauses.items():
            its = is_error(clause, level)
            if clause.select is not None:
                if (chosen := self._selected(clause, key, kind, its)) is not None:
                    selecting.append(chosen)
                continue
            if clause.presence == "forbidden":
                if is_literal(key) and its is Level.ERROR:
                    names[key] = False
                continue
            is_open = not is_literal(key) and (not is_certain(key) or self._is_shared(key, clause))
            said = self.entity(clause, kind, Level.INFO if is_open else its, key)
            if is_literal(key):
                names[key] = said
                if needed(clause) and its is Level.ERROR:
                    required.append(key)
            else:
                patterns[whole([expression(key)])] = said
        found: JsonSchema = {}
        if names:
            found["properties"] = names
        if patterns:
            found["patternProperties"] = patterns
        if required and kind != "Column":  # Rows may bring columns of their own.
            found["required"] = required
        if selecting:
            found["allOf"] = selecting
        return found

    def _is_shared(self, key: str, clause: Clause) -> bool:
        """Whether a name has blanks that other clauses fill as well."""
        inside = blanks_in(key, clause)
        return any(self._around[one] > inside[one] for one in blanks_in(key))

    def _selected(self, clause: Clause, key: str, kind: str, level: Level) -> JsonSchema | None:
        """What holds for those that a clause selects, where their type alone selects them."""
        select = clause.select
        assert select is not None
        types = selecting_types(select)
        if types is None or clause.presence == "forbidden":
            return None
        said = self.entity(clause, kind, level, key)
        return {"additionalProperties": where_type(types, said)}

    def entity(self, clause: Clause, kind: str, level: Level, key: str = "") -> JsonSchema:
        """One entity: the keys of its mapping.

        Args:
            clause: the clause.
            kind: its kind.
            level: that of the clause.
            key: its name, for what is told about it.
        """
        if kind == "Property":
            return self._property(clause, level, key)
        properties: JsonSchema = {}
        required: list[str] = []
        told: list[str] = []

        def at(name: str, presence: str, said: JsonSchema, its: Level, must: bool = True) -> None:
            if presence == "forbidden":
                if its is Level.ERROR:
                    properties[name] = False
                return
            if said:
                properties[name] = said
            if presence == "required" and its is Level.ERROR and must:
                required.append(name)

        if clause.type is not None or clause.formerly:
            constraint = clause.type or Constraint()
            said = text_schema(constraint, level, tuple(clause.formerly))
            said |= explained(constraint, words_of(constraint))
            its = is_error(constraint, level)
            at("type", constraint.presence, said, its, kind != "Section")
            told.append(f"type {words_of(constraint)}")
        for name in TEXTS:
            constraint = getattr(clause, name)
            if constraint is not None:
                said = text_schema(constraint, level) | explained(constraint, words_of(constraint))
                at(name, constraint.presence, said, is_error(constraint, level))
                told.append(f"{name.replace('_', ' ')} {words_of(constraint)}".strip())
        for name in _NUMBERS:
            constraint = getattr(clause, name)
            if constraint is not None:
                said = number_schema(constraint, level)
                said |= explained(constraint, words_of(constraint))
                at(name, constraint.presence, said, is_error(constraint, level))
        for name in _LISTS:
            constraint = getattr(clause, name)
            if constraint is not None:
                said = self._list(constraint, level, name)
                must = constraint.length is None or constraint.length.least > 0
                at(name, constraint.presence, said, is_error(constraint, level), must)
        for name in ("metadata", "positions", "extents", "data"):
            linked = getattr(clause, name)
            if linked is not None:
                words = _linked_words(linked)
                at(name, linked.presence, explained(linked, words), is_error(linked, level))
                told.append(f"{name}{f': {words}' if words else ''}")
        if clause.dimensions is not None:
            self._dimensions(clause, level, at)
        links: dict[str, list[Clause]] = dict(clause.members)
        links |= {
            name: listed
            for name in ("references", "features", "sources")
            if isinstance(listed := getattr(clause, name), list)
        }
        for name, listed in links.items():
            words = "; ".join(one for each in listed if (one := _linked_words(each)))
            must = any(
                needed(one) and not one.every and not (one.only and _is_bare(one))
                and is_error(one, level) is Level.ERROR
                for one in listed
            )  # fmt: skip
            at(
                name,
                "required",
                {"description": f"Expected: {words}."} if words else {},
                level,
                must,
            )
        for name, inner in CONTAINERS.items():
            members = getattr(clause, name)
            if members:
                said = self.container(members, inner, level)
                at(name, "required", said, level, "required" in said)
        if isinstance(clause.sources, dict) and clause.sources:
            said = self.container(clause.sources, "Source", level)
            at("sources", "required", said, level, "required" in said)
        found = self._combined(clause, kind, level)
        if properties:
            found["properties"] = properties
        if required:
            found["required"] = list(dict.fromkeys(required))
        found |= self._about(clause, kind, key, told)
        return found

    def _about(self, clause: Clause, kind: str, key: str, told: list[str]) -> JsonSchema:
        if not key:
            return explained(clause, "")
        how = "needs" if needed(clause) else "knows"
        what = f"{self._schema} {how} this {WORDS.get(kind, 'entity')}"
        if clause.count is not None:
            what += f" ({count_words(clause.count)})"
        listed = [one.strip() for one in told if one.strip()]
        return {
            "title": key,
            **explained(clause, f"{what}{': ' if listed else ''}{'; '.join(listed)}"),
        }

    def _combined(self, clause: Clause, kind: str, level: Level) -> JsonSchema:
        """Alternatives, and what holds beside."""
        found: JsonSchema = {}
        alternatives = [one for one in clause.any_of if one.is_ in (None, kind)]
        if len(alternatives) == 1 and len(clause.any_of) > 1 and level is Level.ERROR:
            found["allOf"] = [self.entity(alternatives[0], kind, level)]
        elif alternatives and level is Level.ERROR:
            found["anyOf"] = [self.entity(one, kind, is_error(one, level)) for one in alternatives]
        also = [self.entity(one, kind, is_error(one, level)) for one in clause.all_of]
        if also := [one for one in also if one]:
            found["allOf"] = [*found.get("allOf", []), *also]
        return found

    def _list(self, constraint: Constraint, level: Level, name: str) -> JsonSchema:
        """A list of texts or numbers, one of which may stand alone."""
        make = text_schema if name == "units" else number_schema
        is_strict = is_error(constraint, level) is Level.ERROR
        found = explained(constraint, words_of(constraint))
        if constraint.items is not None:
            its = is_error(constraint, level)
            items = [make(one, its) for one in constraint.items]
            if name == "units":
                proposed = [one.get("examples") for one in items]
                if all(proposed):
                    found["examples"] = [[one[0] for one in proposed if one]]
            if is_strict:
                found |= {
                    "prefixItems": items,
                    "minItems": len(items),
                    "maxItems": len(items),
                }
            return found
        one = make(constraint, level)
        if one:
            found["items"] = one
        length = constraint.length
        if length is not None and length.blank is None and is_strict:
            found["minItems"] = length.least
            if length.most is not None:
                found["maxItems"] = length.most
        return found

    # Properties

    def _property(self, clause: Clause, level: Level, key: str) -> JsonSchema:
        """A property: its values, or a mapping that has them."""
        told: list[str] = []
        found: JsonSchema = {}
        properties: JsonSchema = {}
        required: list[str] = []
        if clause.values is not None:
            one = value_schema(clause.values, level)
            told.append(words_of(clause.values))
            if one:
                found |= one
                found["items"] = one
                properties["value"] = one
                properties["values"] = {**one, "items": one}
        for name in ("unit", *(one for one in TEXTS if one not in ("unit", "label", "link_type"))):
            constraint = getattr(clause, name)
            if constraint is None:
                continue
            said = text_schema(constraint, level) | explained(constraint, words_of(constraint))
            told.append(f"{name.replace('_', ' ')} {words_of(constraint)}".strip())
            its = is_error(constraint, level)
            if constraint.presence == "forbidden":
                if its is Level.ERROR:
                    properties[name] = False
                continue
            if said:
                properties[name] = said
            if constraint.presence == "required" and its is Level.ERROR:
                required.append(name)
        if clause.dtype is not None:
            told.append(words_of(clause.dtype))
        length = clause.length or (clause.values.length if clause.values is not None else None)
        if length is not None and length.blank is None and level is Level.ERROR:
            told.append(f"{count_words(length)} values")
            is_asked = clause.length is not None or (
                clause.values is not None and is_error(clause.values, level) is Level.ERROR
            )
            if is_asked:
                found["minItems"] = length.least
                if length.most is not None:
                    found["maxItems"] = length.most
        if properties:
            found["properties"] = properties
        if required:
            found["required"] = required
            found["type"] = "object"
        combined = self._combined(clause, "Property", level)
        for word, said in combined.items():
            found[word] = [*found.get(word, []), *said]
        return found | self._about(clause, "Property", key, told)

    # Dimensions

    def _dimensions(self, clause: Clause, level: Level, at: Any) -> None:
        dimensions = clause.dimensions
        if isinstance(dimensions, str):
            if dimensions == "forbidden":
                if level is Level.ERROR:
                    at("dimensions", "required", {"maxItems": 0}, level, False)
                return
            at("dimensions", dimensions, {}, level)
            return
        assert dimensions is not None
        least = sum(one.presence == "required" for one in dimensions)
        items = [self._dimension(one, is_error(one, level)) for one in dimensions]
        found: JsonSchema = {"prefixItems": items}
        if level is Level.ERROR:
            found |= {"minItems": least, "maxItems": len(items)}
        at("dimensions", "required", found, level, least > 0)

    def _dimension(self, clause: DimensionClause, level: Level) -> JsonSchema:
        properties: JsonSchema = {}
        required: list[str] = []
        kinds = clause.type.fits if clause.type is not None else None
        is_sampled = kinds == ["sampled"]
        for name in ("type", "unit", "label"):
            constraint = getattr(clause, name)
            if constraint is None:
                continue
            its = is_error(constraint, level)
            if constraint.presence == "forbidden":
                continue
            said = text_schema(constraint, level) | explained(constraint, words_of(constraint))
            if said:
                properties[name] = said
            if (
                name != "type"
                and constraint.presence == "required"
                and its is Level.ERROR
                and is_sampled
            ):
                required.append(name)
        for name in ("sampling_interval", "offset"):
            constraint = getattr(clause, name)
            if constraint is not None:
                said = number_schema(constraint, level)
                properties[name] = said | explained(constraint, words_of(constraint))
        if (labels := clause.labels) is not None:
            properties["labels"] = self._labels(labels, level)
            if (
                labels.items
                and labels.presence == "required"
                and is_error(labels, level) is Level.ERROR
            ):
                required.append("labels")
        found: JsonSchema = {}
        if properties:
            found["properties"] = properties
        if required:
            found["required"] = required
        if "labels" in required or _excludes_set(clause, level):
            found["type"] = "object"  # The word alone is a set without labels.
        return found | explained(clause, "")

    def _labels(self, constraint: Constraint, level: Level) -> JsonSchema:
        found = explained(constraint, words_of(constraint))
        if constraint.items is None:
            return found
        texts = [one.fits for one in constraint.items]
        if all(one and len(one) == 1 and isinstance(one[0], str) for one in texts):
            found["examples"] = [[one[0] for one in texts if one]]
        if is_error(constraint, level) is Level.ERROR:
            found["prefixItems"] = [text_schema(one, level) for one in constraint.items]
            found["minItems"] = found["maxItems"] = len(constraint.items)
        return found


def _excludes_set(clause: DimensionClause, level: Level) -> bool:
    """Whether a dimension is surely of another kind than ``set``."""
    constraint = clause.type
    if constraint is None or is_error(constraint, level) is not Level.ERROR:
        return False
    kinds = [one for one in constraint.fits or () if isinstance(one, str)]
    if constraint.any_of or constraint.formerly or not kinds:
        return False
    return not any(one in ("set", "any") or not is_literal(one) for one in kinds)


def needed(clause: Clause) -> bool:
    """Whether there must be at least one."""
    if clause.presence != "required":
        return False
    return clause.count is None or (clause.count.blank is None and clause.count.least > 0)


def where_type(types: list[str], then: JsonSchema) -> JsonSchema:
    """What holds for entities of some types."""
    is_so: JsonSchema = (
        {"const": types[0]}
        if len(types) == 1 and is_literal(types[0])
        else {"type": "string", "pattern": whole(map(expression, types))}
    )
    condition = {"type": "object", "properties": {"type": is_so}, "required": ["type"]}
    return {"if": condition, "then": then}


def selecting_types(select: Clause) -> list[str] | None:
    """The types by which a clause selects; None where it is not by them alone."""
    constraint = select.type
    if constraint is None or constraint.fits is None or constraint.presence != "required":
        return None
    if select != Clause(type=constraint) or constraint != Constraint(fits=constraint.fits):
        return None
    types = [one for one in constraint.fits if isinstance(one, str)]
    if len(types) < len(constraint.fits) or not all(map(is_certain, types)):
        return None
    return None if any(blanks_in(one) for one in types) else types


def _is_bare(clause: Clause) -> bool:
    return clause == Clause(only=True)


def _linked_words(clause: Clause) -> str:
    """What something linked is, in words."""
    if clause.presence == "forbidden" or _is_bare(clause):
        return ""
    about = clause.data if clause.data is not None else clause
    parts = []
    if about.name is not None:
        parts.append(words_of(about.name))
    if about.type is not None:
        parts.append(f"of type {words_of(about.type)}")
    found = " ".join(one for one in parts if one)
    if clause.link_type is not None and found:
        found += f" ({words_of(clause.link_type)})"
    return found
