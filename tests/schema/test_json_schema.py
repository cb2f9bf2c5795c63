"""The JSON Schema of the language takes and refuses what loading does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from nixschema.documents import documents
from nixschema.schema.json_schema import schema_of_schemas
from nixschema.schema.keywords import ENTITIES, keywords_of
from tests.schema.mistakes import MISTAKES
from tests.schema.test_loading import EXAMPLES, TEXTS

SCHEMA = schema_of_schemas()
VALIDATOR = Draft202012Validator(SCHEMA)


def loaded(text: str) -> Any:
    """A text as a reader of YAML 1.2 sees it."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def errors_of(text: str) -> list[str]:
    return [f"{one.json_path}: {one.message}" for one in VALIDATOR.iter_errors(loaded(text))]


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_document_is_fresh() -> None:
    path = documents() / "schemas" / "schema.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize("text", TEXTS, ids=lambda one: one[-60:])
def test_what_is_read_is_valid(text: str) -> None:
    assert errors_of(text) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda one: one.stem)
def test_examples_are_valid(path: Path) -> None:
    assert errors_of(path.read_text("utf-8")) == []


@pytest.mark.parametrize("name", [one for one in MISTAKES if MISTAKES[one].in_schema])
def test_what_is_refused_is_invalid(name: str) -> None:
    assert errors_of(MISTAKES[name].text)


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for one in schema.values():
            yield from parts_of(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from parts_of(one)


def test_every_keyword_is_there_and_told() -> None:
    for kind in ENTITIES:
        found = SCHEMA["$defs"][kind]["then"]
        while "properties" not in found:
            found = found["else"]
        assert keywords_of(kind).keys() <= found["properties"].keys()
        for name, one in found["properties"].items():
            assert one["description"], (kind, name)
            assert "`" not in one["description"], (kind, name)


def test_references_lead_somewhere() -> None:
    targets = {one["$ref"] for one in parts_of(SCHEMA) if "$ref" in one}
    assert targets <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert len(targets) > 20


def test_its_examples_are_valid() -> None:
    count = 0
    for part in parts_of(SCHEMA):
        if isinstance(part.get("examples"), list):
            validator = Draft202012Validator({**part, "$defs": SCHEMA["$defs"]})
            for example in part["examples"]:
                validator.validate(example)
                count += 1
    assert count > 50
