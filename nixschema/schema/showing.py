"""A schema as people and programs look at it: what it says of itself, and its layers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from nixschema.schema.catalogue import Known
from nixschema.schema.checking.program import Program
from nixschema.schema.dumping import dump, plain
from nixschema.schema.language import Clause, Schema, SchemaDocument
from nixschema.schema.merging import merged as as_one
from nixschema.schema.python_rules import RuleUnusable, find_rule
from nixschema.schema.walking import path_of, walk


class PythonRule(NamedTuple):
    """A rule of a schema that is a function of a package."""

    name: str
    """As the schema names it."""
    id: str
    """Id of its findings."""
    title: str
    """What it asks for, in a sentence; nothing where it cannot be imported."""
    reason: str = ""
    level: str = ""
    fault: str | None = None
    """Why it cannot be used."""


class Overriding(NamedTuple):
    """Where an upper layer takes the place of constraints of lower ones."""

    schema: str
    path: str
    fields: tuple[str, ...]
    """What is replaced."""
    reason: str
    line: int | None


def rules_of(schema: Schema) -> list[PythonRule]:
    """The rules in Python that one layer names; they are imported for their titles."""
    found = []
    for name in schema.rules:
        try:
            one = find_rule(name, schema.schema_)
        except RuleUnusable as error:
            rule_id = f"{schema.schema_}:{name.rpartition(':')[2]}"
            found.append(PythonRule(name, rule_id, "", fault=str(error)))
            continue
        reason = " ".join(one.reason.split())
        found.append(PythonRule(name, one.id, one.title.strip(), reason, str(one.level)))
    return found


def overrides_of(schema: Schema) -> list[Overriding]:
    """The overrides of one layer, in order of the text."""
    found = []
    for steps, one in walk(schema):
        if not isinstance(one, Clause) or one.override is None:
            continue
        override = one.override
        replacing = override.clause
        fields = sorted(replacing.model_fields_set) if isinstance(replacing, Clause) else []
        named = tuple(
            str(getattr(replacing, field)) if field == "presence" else field.removesuffix("_")
            for field in fields
        )
        place = override.place() or one.place()
        line = place.line if place is not None and place.line else None
        found.append(Overriding(schema.schema_, path_of(steps), named, override.reason, line))
    return found


def titled(schema: Schema) -> str:
    """A schema in a line: id, version, title."""
    version = f" {schema.version}" if schema.version else ""
    return f"{schema.schema_}{version}{f': {schema.title}' if schema.title else ''}"


def file_of(schema: Schema) -> str | None:
    """The file that a layer was read from."""
    place = schema.place()
    return place.file if place is not None else None


def show_text(document: SchemaDocument, *, merged: bool = False) -> Iterator[str]:
    """Comments with what is to be known, and YAML: a document for each layer, lowest first.

    Args:
        document: the schema.
        merged: give one document that says what all layers say together.
    """
    yield from _commented(_facts(document))
    layers = [as_one(document)] if merged else list(document.layers)
    for number, layer in enumerate(layers):
        if len(layers) > 1:
            yield "---\n"
            file = file_of(layer)
            named = f"layer {number + 1} of {len(layers)}: {titled(layer)}"
            yield from _commented([named, *([f"read from {file}"] if file else [])])
        yield dump(layer)


def _facts(document: SchemaDocument) -> Iterator[str]:
    schema = document.schema
    yield titled(schema)
    if file := file_of(schema):
        yield f"read from {file}"
    below = [titled(one) for one in document.layers[:-1]]
    if below:
        yield f"extends {', '.join(below)}"
    program = Program(document)
    if program.can_recognise:
        yield f"recognises files by: {program.looks_for}"
    else:
        yield "recognises no files: it does not say what it is about, and is used where it is named"
    for layer in document.layers:
        for rule in rules_of(layer):
            told = rule.title or f"cannot be used: {rule.fault}"
            yield f"rule in Python {rule.id}: {told}"
    for layer in document.layers:
        for one in overrides_of(layer):
            line = f" (line {one.line})" if one.line else ""
            fields = ", ".join(one.fields)
            yield f"{one.schema} overrides {one.path} {fields}{line}: {one.reason}"


def _commented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        shown = "".join(one if one.isprintable() else " " for one in line)
        yield f"# {shown}\n"


def show_json(document: SchemaDocument) -> str:
    """The same for programs: facts, every layer and all of them as one, in short forms."""
    schema = document.schema
    program = Program(document)
    shown: dict[str, Any] = {
        "version": 1,
        "schema": _about(schema),
        "recognises": program.looks_for if program.can_recognise else None,
        "extends": [_about(one) for one in document.layers[:-1]],
        "rules": [one._asdict() for layer in document.layers for one in rules_of(layer)],
        "overrides": [
            {**one._asdict(), "fields": list(one.fields)}
            for layer in document.layers
            for one in overrides_of(layer)
        ],
        "layers": [plain(one) for one in document.layers],
        "merged": plain(as_one(document)),
    }
    return json.dumps(shown, indent=2)


def _about(schema: Schema) -> dict[str, Any]:
    return {
        "id": schema.schema_,
        "version": schema.version,
        "title": schema.title,
        "provenance": schema.provenance,
        "file": file_of(schema),
    }


def list_json(found: Iterable[Known]) -> str:
    """The schemas that a name is enough for, for programs."""
    records = []
    for one in found:
        about = one.document.schema if one.document is not None else None
        records.append(
            {
                "name": one.name,
                "version": about.version if about is not None else None,
                "title": about.title if about is not None else None,
                "origin": one.origin,
                "path": str(one.path),
                "fault": one.fault,
            }
        )
    return json.dumps({"version": 1, "schemas": records}, indent=2)
