"""The JSON Schema of descriptions, in the hands of those who use it: check-jsonschema, editors."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from nixschema.descriptions.keys import ODML_KEYS, keys_of
from nixschema.descriptions.schema import description_schema
from nixschema.documents import documents
from nixschema.model import MODELS, File
from nixschema.sources.spec import DataSpec
from tests.descriptions.language_server import VARIABLE, LanguageServer, command

SCHEMA = description_schema()
PATH = documents() / "schemas" / "nix.schema.json"
EXAMPLES = Path(__file__).parent / "examples"
VALID = sorted(one for one in (EXAMPLES / "valid").iterdir() if one.suffix in (".yaml", ".json"))
WRONG = sorted((EXAMPLES / "wrong").iterdir())
MARK = "# wrong: "


def errors_of(document: Any) -> list[str]:
    """Where a document is wrong."""
    return [one.json_path for one in Draft202012Validator(SCHEMA).iter_errors(document)]


def fits(value: Any, *place: str) -> bool:
    """Whether a value may stand at a key of an entity."""
    part = {"$ref": "#/$defs/" + "/properties/".join(place), "$defs": SCHEMA["$defs"]}
    return Draft202012Validator(part).is_valid(value)


def loaded(path: Path) -> Any:
    """An example as a reader of YAML 1.2 sees it, with texts as keys, as JSON has them."""
    loader = YAML(typ="safe", pure=True)
    return json.loads(json.dumps(loader.load(path), default=str))


# What it says


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_document_is_fresh() -> None:
    assert json.loads(PATH.read_text(encoding="utf-8")) == SCHEMA


def test_every_key_is_there_and_told() -> None:
    for model in MODELS:
        part = SCHEMA if model is File else SCHEMA["$defs"][model.__name__]
        assert set(part["properties"]) == set(keys_of(model)), model
        assert part["additionalProperties"] is False
        for name, key in part["properties"].items():
            assert key["description"], (model, name)
            assert "`" not in key["description"], (model, name)


def test_every_key_of_odml_is_there_and_told() -> None:
    for kind, keys in ODML_KEYS.items():
        part = SCHEMA["$defs"][f"Odml{kind.capitalize()}"]
        assert set(part["properties"]) == set(keys)
        assert part["additionalProperties"] is False
        assert all(one["description"] for one in part["properties"].values())


def test_every_key_of_a_source_is_there_and_told() -> None:
    found = SCHEMA["$defs"]["DataSource"]["properties"]
    assert set(found) == {one.name for one in fields(DataSpec)} - {"origin"} | {"from"}
    assert all(one["description"] or "$ref" in one for one in found.values())


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    """All schemas in a schema."""
    if isinstance(part, dict):
        yield part
        for one in part.values():
            yield from schemas_in(one)
    elif isinstance(part, list):
        for one in part:
            yield from schemas_in(one)


def test_examples_are_valid() -> None:
    count = 0
    for schema in schemas_in(SCHEMA):
        validator = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
        for example in (
            *schema.get("examples", ()),
            *(one["body"] for one in schema.get("defaultSnippets", ())),
        ):
            validator.validate(example)
            count += 1
    assert count > 100


# What may stand where


TEXTS = ["mV", "", 2, 1.5, True, None]
NUMBERS = [0.5, 3, 1e-9, "1/30000", "-1/3", "0.5 / 2", float("nan"), ".inf", ".5e1", None]
NO_NUMBERS = ["0,5", "fast", "1", "", True, {}, "1/", "/2"]
SOURCES = [{"file": "a.npy"}, {"values": [1], "dtype": "int16"}, {"from": "a.nix"}]


@pytest.mark.parametrize(
    ("place", "valid", "wrong"),
    [
        ("DataArray/unit", TEXTS, [["mV"], {}]),
        ("DataArray/id", ["", None, "0e5c2a52-6a3f-4c05-9d5d-6b1c6f2f9a02"], ["first", 3]),
        ("DataArray/type", ["", "x", 3, True], [None, []]),
        ("DataArray/expansion_origin", NUMBERS, [*NO_NUMBERS, [1]]),
        ("DataArray/data", [[], [[1, 2]], *SOURCES, None], ["a.npy", {"fil": "a.npy"}, True]),
        ("DataArray/sources", ["a", 1, ["a", 2], {"elsewhere": {"x": 1}}, None], [{"a": {}}, [[]]]),
        ("DataArray/created_at", ["2021-03-04T12:00:00Z", "20210304T120000", "", None], ["now", 1]),
        ("SampledDimension/sampling_interval", [0.1, "1/20000"], [0, -1, None, "x"]),
        ("RangeDimension/ticks", [[1, "1/3"], 2, *SOURCES, None], [["x"], [[1]], {"a": 1}]),
        (
            "RangeDimension/link",
            ["a", {"array": "a", "index": ["any", 1]}, None],
            [["a"], {"a": 1}],
        ),
        ("SetDimension/labels", [["a", 2, True], "a", *SOURCES, None], [[["a"]], {"a": 1}]),
        ("Tag/position", [1.5, [1, "1/3", ".inf"], *SOURCES, None], [["x"], "x", {"a": 1}]),
        ("Tag/units", ["s", ["s", "", 1], None], [{}, [["s"]]]),
        ("Tag/features", ["a", ["a", {"data": "a"}], None], [["a", {"dat": "a"}], [None]]),
        ("MultiTag/positions", ["a", [1], [[1, "1/2"]], {"values": [1], "unit": "s"}], [{"a": 1}]),
        ("MultiTag/positions", [{"elsewhere": {"a": 1}}, {"name": "a", "link": "b"}], [["x"]]),
        ("Feature/link_type", ["tagged", "", None], ["tag", 1]),
        ("Property/value", ["a", 1, 1.5, True, None], [[1], {}]),
        ("Property/values", [[], [1, 2.5], ["a"], 1, None], [[[1]], {}]),
        ("Property/dtype", ["string", "2-tuple", "boolean", None], ["bool", "-tuple", 3]),
        ("Section/sections", [{"a": None, "b": {}}, [{"name": "a"}], [], None], [[{}], "a"]),
        ("Block/tags", [{"a": {"type": "x"}}, {}, None], [{"a": None}, {"a": {}}, ["a"]]),
        ("DataFrame/columns", [{"a": {"unit": "s"}, "b": None}], [{"a": {"definition": "x"}}]),
        ("DataFrame/rows", [[[1], {"a": 1}], {"file": "a.csv"}, None], [[1], {"a": 1}]),
        ("DataSource/dtype", ["<i2", [{"a": "f8"}], None], [3, {"a": "f8"}]),
        ("DataSource/compression", ["gzip", "none", 0, 9, None], ["lzf", 10, -1]),
        ("DataSource/shape", [[-1, 32], 3, None], ["3", [1.5]]),
        ("OdmlProperty/val_cardinality", [[1, 3], [1, None], 3, None], [[1], "3", [-1, 2], -1]),
        ("OdmlProperty/values", [[1, "a", ["1", 2]], True, None], [[[[1]]], {}]),
        ("OdmlProperty/uncertainty", [1, "ca. 5", None], [[1], {}]),
        ("OdmlSection/include", TEXTS, [["a"], {}]),
        ("OdmlDocument/date", ["2021-03-04", None], ["4.3.2021", "", 2021]),
        ("OdmlDocument/version", [1.1, "a", None], [[1]]),
        ("Property/odml", [{}, None, {"dtype": None}], [1, [], {"include": "a"}]),
        ("Extra/attributes", [{"a": {"value": [1]}}, {}, None], [[1], "a"]),
    ],
)
def test_forms(place: str, valid: list[Any], wrong: list[Any]) -> None:
    assert [one for one in valid if not fits(one, *place.split("/"))] == []
    assert [one for one in wrong if fits(one, *place.split("/"))] == []


@pytest.mark.parametrize(
    ("dimension", "valid"),
    [
        ("set", True),
        ("range", False),
        ({"type": "set"}, True),
        ({"sampling_interval": 1}, True),
        ({"sampling_interval": 1, "type": None}, True),
        ({"type": "sampled"}, False),
        ({"type": "sampled", "sampling_interval": 1, "labels": ["a"]}, False),
        ({"ticks": [1], "offset": 1}, False),
        ({"link": "a"}, False),
        ({"type": "range", "link": "a"}, True),
        ({"type": "range", "alias": True}, True),
        ({"type": "data_frame", "data_frame": "a", "column": "b"}, True),
        ({"type": "unknown", "missing": True, "extra": {"attributes": {"a": 1}}}, True),
        ({"type": "regular", "sampling_interval": 1}, False),
        ({}, False),
        (None, False),
        ([], False),
    ],
)
def test_dimensions(dimension: Any, valid: bool) -> None:
    assert fits(dimension, "Dimension") is valid


def mappings_in(document: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """All mappings of a document that are not free to have any key."""
    if isinstance(document, dict):
        yield path, document
        for name, one in document.items():
            if name not in ("extra", "elsewhere", "rows"):
                yield from mappings_in(one, f"{path}.{name}")
    elif isinstance(document, list):
        for number, one in enumerate(document):
            yield from mappings_in(one, f"{path}[{number}]")


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_an_unknown_key_is_told_in_every_mapping(path: Path) -> None:
    document = loaded(path)
    assert errors_of(document) == []
    for place, mapping in list(mappings_in(document)):
        mapping["no_such_key"] = {"no_such_key": 1}
        found = errors_of(document)
        assert found, place
        del mapping["no_such_key"]


CONTAINERS = {
    *("metadata", "sections", "blocks", "data_arrays", "data_frames"),
    *("tags", "multi_tags", "groups", "sources"),
}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_null_is_unset(path: Path) -> None:
    document = loaded(path)
    for place, mapping in list(mappings_in(document)):
        if place.rpartition(".")[2] in CONTAINERS:
            continue  # An entity of which nothing is said is there.
        for name in [*mapping]:
            without = copy.copy(mapping)
            del mapping[name]
            is_valid = not errors_of(document)
            mapping[name] = None
            assert not is_valid or not errors_of(document), name
            mapping.clear()
            mapping.update(without)


# check-jsonschema


@pytest.fixture(scope="module")
def checked() -> dict[str, list[str]]:
    """Where check-jsonschema finds errors, by file."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--schemafile", str(PATH)),
            *("--output-format", "json", "-v"),
            *map(str, [*VALID, *WRONG]),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert not told["parse_errors"]
    found: dict[str, list[str]] = {}
    for one in told["errors"]:
        found.setdefault(Path(one["filename"]).name, []).append(one["path"])
    assert not set(told["successes"]) & {str(one) for one in WRONG}
    return {one.as_posix(): [] for one in map(Path, told["successes"])} | found


def expected_places(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return sorted(line.removeprefix("# ") for line in lines if line.startswith("# $"))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_check_jsonschema_passes(path: Path, checked: dict[str, list[str]]) -> None:
    assert checked[path.as_posix()] == []


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_check_jsonschema_finds_the_place(path: Path, checked: dict[str, list[str]]) -> None:
    assert sorted(set(checked[path.name])) == expected_places(path)


# Editors


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """The server that editors ask, in a folder with the schema."""
    program = command()
    if program is None:
        pytest.skip(f"no yaml-language-server: install it with npm, or name it by {VARIABLE}")
    folder = tmp_path_factory.mktemp("editor")
    (folder / PATH.name).write_bytes(PATH.read_bytes())
    server = LanguageServer(program, folder)
    yield server
    server.close()


HEAD = f"# yaml-language-server: $schema={PATH.name}\n"


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_editors_find_nothing(path: Path, editor: LanguageServer) -> None:
    text = path.read_text(encoding="utf-8")
    text = text.partition("\n")[2] if text.startswith("# yaml-language-server") else text
    assert editor.open(f"valid-{path.stem}.yaml", HEAD + text) == []


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_editors_find_the_line(path: Path, editor: LanguageServer) -> None:
    text = HEAD + path.read_text(encoding="utf-8")
    marked = {
        number: line.partition(MARK)[2]
        for number, line in enumerate(text.splitlines(), 1)
        if MARK in line
    }
    found = editor.open(f"wrong-{path.stem}.yaml", text)
    assert {line for line, _ in found} == set(marked)
    assert len(found) == len(marked), found
    for line, message in found:
        assert marked[line] in message


BEING_WRITTEN = (
    HEAD
    + """\
blocks:
  session:
    type: nix.session
    data_arrays:
      voltage:
        type: nix.sampled
        unit: mV
        ^1
        dimensions:
          - type: sampled
            sampling_interval: 1/20000
            ^2
          - ^3
          - type: ^4
metadata:
  subject:
    properties:
      age:
        value: 4
        ^5
    odml:
      ^6
"""
)


def at(mark: str) -> tuple[int, int]:
    """Line and column of a mark."""
    before = BEING_WRITTEN.partition(mark)[0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.fixture(scope="module")
def being_written(editor: LanguageServer) -> LanguageServer:
    """A description with keys still to come."""
    text = BEING_WRITTEN
    for number in range(1, 7):
        text = text.replace(f"^{number}", "")
    editor.open("being-written.yaml", text)
    return editor


@pytest.mark.parametrize(
    ("mark", "offered", "not_offered"),
    [
        ("^1", {"data", "label", "polynom_coefficients", "sources"}, {"unit", "ticks", "values"}),
        ("^2", {"unit", "offset", "label"}, {"sampling_interval", "ticks", "labels", "data"}),
        ("^3", {"type", "sampling_interval", "ticks", "labels"}, {"data"}),
        ("^4", {"sampled", "range", "set", "data_frame"}, {"true", "null"}),
        ("^5", {"unit", "uncertainty", "dtype", "definition"}, {"value", "type", "sections"}),
        ("^6", {"include", "sec_cardinality"}, {"author", "val_cardinality", "sections"}),
    ],
)
def test_editors_complete(
    being_written: LanguageServer, mark: str, offered: set[str], not_offered: set[str]
) -> None:
    found = being_written.completions(*at(mark))
    assert offered <= set(found)
    assert not not_offered & set(found)


def test_completions_are_explained(being_written: LanguageServer) -> None:
    found = being_written.completions(*at("^2"))
    assert found["offset"] == "Position of the first element, in unit; zero when unset."


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("unit: mV", "Unit of the values, as written"),
        ("sampling_interval", "Distance between two positions"),
        ("data_arrays", "The data arrays."),
        ("value: 4", "The value; its type is that of what is written"),
    ],
)
def test_editors_explain(being_written: LanguageServer, word: str, told: str) -> None:
    assert told in being_written.hover(*at(word))
