"""The JSON Schema of descriptions under a schema of a lab."""

from __future__ import annotations

from collections import Counter

from nixschema.completing.clauses import Clauses, where_type
from nixschema.completing.texts import escaped, expression, is_certain, is_literal
from nixschema.completing.values import JsonSchema, is_error
from nixschema.descriptions.schema import description_schema
from nixschema.findings import Level
from nixschema.schema.checking.compiling import blanks_in
from nixschema.schema.checking.types import declared_types
from nixschema.schema.language import Clause, Schema, SchemaDocument

KINDS = ("Block", "Group", "DataArray", "DataFrame", "Tag", "MultiTag", "Source", "Section")
"""Kinds of entity that have types."""


def description_schema_under(document: SchemaDocument) -> JsonSchema:
    """JSON Schema (2020-12) of the descriptions that a schema is about.

    It takes every description in which checking finds no error, and refuses what is surely wrong:
    a missing name, a unit of another kind, a word that is none of those that are allowed.
    """
    schema = document.schema
    bare = description_schema()
    tree = [said for one in document.layers if (said := _tree(one))]
    found: JsonSchema = {
        "$schema": bare.pop("$schema"),
        "title": f"NIX description: {schema.title or schema.schema_}",
        "$defs": bare.pop("$defs"),
        # Editors show what is told first: what the lab says stands before what the format says.
        "allOf": [*tree, {"$ref": "#/$defs/Description"}],
    }
    found["$defs"]["Description"] = bare
    for kind in KINDS:
        asked = [*_of_types(document.layers, kind), _types(document.layers, kind)]
        if asked := [one for one in asked if one]:
            found["$defs"][kind]["allOf"] = [*asked, *found["$defs"][kind].get("allOf", [])]
    return found


def _tree(schema: Schema) -> JsonSchema:
    """What a layer asks of the tree of a file."""
    level = is_error(schema, Level.ERROR)
    tops = {**schema.metadata, **schema.blocks}
    around = blanks_in(*schema.metadata, *schema.blocks, *tops.values())
    clauses = Clauses(schema.schema_, around)
    properties: JsonSchema = {}
    required: list[str] = []
    for name, members, kind in (
        ("metadata", schema.metadata, "Section"),
        ("blocks", schema.blocks, "Block"),
    ):
        if said := clauses.container(members, kind, level):
            properties[name] = said
            if "required" in said:
                required.append(name)
    found: JsonSchema = {}
    if properties:
        found["properties"] = properties
    if required:
        found["required"] = required
    return found


def _of_types(layers: tuple[Schema, ...], kind: str) -> list[JsonSchema]:
    """What entities of a type look like."""
    found = []
    for schema in layers:
        level = is_error(schema, Level.ERROR)
        clauses = Clauses(schema.schema_, Counter())
        for key, clause in schema.types.items():
            if clause.is_ not in (None, kind) or not is_certain(key):
                continue
            if clause.is_ is None and not _may_be(clause, kind):
                continue
            bare = clause.model_copy(update={"is_": None, "formerly": [], "presence": "required"})
            said = clauses.entity(bare, kind, is_error(clause, level))
            if said:
                found.append(where_type([key, *clause.formerly], said))
    return found


def _may_be(clause: Clause, kind: str) -> bool:
    """Whether an entity of a kind may be what the alternatives of a clause are about."""
    return not clause.any_of or any(one.is_ in (None, kind) for one in clause.any_of)


def _types(layers: tuple[Schema, ...], kind: str) -> JsonSchema:
    """The types that are known: proposed, and where a namespace is closed no others allowed."""
    proposed: dict[str, None] = {}
    known: dict[str, None] = {}
    for schema in layers:
        for key, clause in schema.types.items():
            known |= dict.fromkeys((key, *clause.formerly))
            if is_literal(key) and clause.is_ in (None, kind) and _may_be(clause, kind):
                proposed[key] = None
        known |= dict.fromkeys(declared_types(schema))
    said: JsonSchema = {"examples": list(proposed)} if proposed else {}
    closed = dict.fromkeys(
        start.rstrip(".*")
        for schema in layers
        for start, how in schema.namespaces.items()
        if how == "closed"
    )
    if closed:
        spaces = "|".join(rf"{escaped(one)}(?:\.|$)" for one in closed)
        allowed = "|".join(map(expression, known))
        told = f"No type of this name is declared in {' or '.join(closed)}."
        pattern = f"^(?:(?!{spaces})|(?:{allowed})$)"
        said |= {"pattern": pattern, "patternErrorMessage": told}
    return {"properties": {"type": said}} if said else {}
