"""The JSON Schema of descriptions under a schema agrees with checking, and editors work by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

import nixschema as nx
from nixschema import cli
from nixschema.completing.document import description_schema_under
from nixschema.schema.finding import shipped_schemas
from nixschema.schema.loading import load_schema_document
from tests.descriptions.language_server import VARIABLE, LanguageServer, command
from tests.schema.table import Case
from tests.schema.test_conformance import SOUND, each

ROOT = Path(__file__).resolve().parents[2]
BY_HAND = sorted((ROOT / "tests/schema/by_hand").glob("*/schema.yaml"))
LAB = ROOT / "examples" / "lab"
SHIPPED = sorted(shipped_schemas())


def errors_of(schema: str | Path, description: str) -> list[str]:
    """What the JSON Schema says of a description."""
    validator = Draft202012Validator(description_schema_under(load_schema_document(schema)))
    read = YAML(typ="safe", pure=True).load(description)
    found = validator.iter_errors(json.loads(json.dumps(read, default=str)))
    return [f"{one.json_path}: {one.message}" for one in found]


def passes(schema: str | Path, path: Path) -> bool:
    """Whether checking finds no error."""
    return nx.validate(path, schemas=[str(schema)], depth="metadata").ok


@pytest.mark.parametrize("name", [*SHIPPED, *BY_HAND, LAB / "our-lab.yaml"], ids=str)
def test_it_is_a_json_schema(name: str | Path) -> None:
    said = description_schema_under(load_schema_document(name))
    Draft202012Validator.check_schema(said)
    assert len(json.dumps(said)) < 1_000_000


@each(SOUND)
def test_what_passes_is_not_refused(case: Case, tmp_path: Path) -> None:
    for name, lower in case.files.items():
        (tmp_path / name).write_text(lower, "utf-8")
    schema = tmp_path / "schema.yaml"
    schema.write_text(case.schema, "utf-8")
    path = tmp_path / "description.yaml"
    for text in case.valid:
        path.write_text(text, "utf-8")
        if passes(schema, path):
            assert errors_of(schema, text) == [], text


def examples() -> Iterator[tuple[str | Path, Path]]:
    for one in BY_HAND:
        yield one, one.parent / "good.yaml"
    for path in sorted((LAB / "good").glob("*.yaml")):
        yield LAB / "our-lab.yaml", path
    for name in SHIPPED:
        document = load_schema_document(name)
        for text in document.schema.examples.valid:
            yield name, ROOT / "schemas" / text


@pytest.mark.parametrize(("schema", "path"), list(examples()), ids=str)
def test_good_examples_are_not_refused(schema: str | Path, path: Path) -> None:
    assert errors_of(schema, path.read_text("utf-8")) == []


SCHEMA = """\
schema: our-lab
namespaces: {our: closed}
metadata:
  subject:
    type: our.subject
    properties:
      species: [Mus musculus, Rattus norvegicus]
      weight: {unit: g, values: {min: 1, max: 100}}
blocks:
  recording:
    type: our.recording
    data_arrays:
      voltage:
        type: our.trace
        unit: {like: V, reason: voltages are compared between rigs}
        label: {optional: true, equals: membrane voltage}
      "trace-*": {type: our.trace, optional: true}
types:
  our.trace: {is: DataArray, dimensions: [{type: sampled, unit: s, label: time}]}
"""

GOOD = """\
metadata:
  subject: {type: our.subject, properties: {species: Mus musculus, weight: {value: 20, unit: g}}}
blocks:
  recording:
    type: our.recording
    data_arrays:
      voltage:
        type: our.trace
        unit: mV
        data: [1, 2]
        dimensions: [{type: sampled, sampling_interval: 1, unit: s, label: time}]
"""


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("species: Mus musculus, ", ""),
        ("species: Mus musculus", "species: Homo sapiens"),
        ("unit: g}", "unit: kg}"),
        ("value: 20", "value: 200"),
        ("unit: mV", "unit: mA"),
        ("        unit: mV\n", ""),
        ("      voltage:", "      voltgae:"),
        ("type: our.trace", "type: our.tracee"),
        ("type: our.recording", "type: our.recrding"),
        ("  recording:\n", "  recrding:\n"),
        ("unit: s, ", ""),
        ("label: time", "label: frequency"),
        ("  subject: {type: our.subject", "  subjekt: {type: our.subject"),
    ],
)
def test_what_is_surely_wrong_is_refused(tmp_path: Path, there: str, instead: str) -> None:
    schema = tmp_path / "our-lab.yaml"
    schema.write_text(SCHEMA, "utf-8")
    path = tmp_path / "description.yaml"
    path.write_text(GOOD, "utf-8")
    assert passes(schema, path)
    assert errors_of(schema, GOOD) == []
    assert there in GOOD
    wrong = GOOD.replace(there, instead)
    path.write_text(wrong, "utf-8")
    assert not passes(schema, path)
    assert errors_of(schema, wrong) != []


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli.main, ["schema", "json", *map(str, arguments)])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("our-lab.yaml").write_text(SCHEMA, "utf-8")
    shown = run("our-lab.yaml")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["title"] == "NIX description: our-lab"
    written = run("our-lab.yaml", "-o", "lab.schema.json")
    assert (written.exit_code, written.stdout) == (0, "")
    line = "descriptions beside it begin with: # yaml-language-server: $schema=lab.schema.json\n"
    assert written.stderr == line
    assert Path("lab.schema.json").read_text("utf-8") == shown.stdout
    again = run("our-lab.yaml", "-o", "lab.schema.json")
    assert (again.exit_code, again.stderr) == (
        2,
        "lab.schema.json exists: replace it with --force\n",
    )
    assert run("neo").exit_code == 0
    assert run("nowhere").exit_code == 2
    Path("wrong.yaml").write_text("schema: x\nblcoks: {}\n", "utf-8")
    wrong = run("wrong.yaml")
    assert wrong.exit_code == 1
    assert "blcoks" in wrong.stderr


# Editors

HEAD = "# yaml-language-server: $schema=lab.schema.json\n"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    program = command()
    if program is None:
        pytest.skip(f"no yaml-language-server: install it with npm, or name it by {VARIABLE}")
    folder = tmp_path_factory.mktemp("editor")
    (folder / "our-lab.yaml").write_text(SCHEMA, "utf-8")
    said = description_schema_under(load_schema_document(folder / "our-lab.yaml"))
    (folder / "lab.schema.json").write_text(json.dumps(said), "utf-8")
    server = LanguageServer(program, folder)
    yield server
    server.close()


def test_editors_find_nothing_in_what_is_good(editor: LanguageServer) -> None:
    assert editor.open("good.yaml", HEAD + GOOD) == []


def test_editors_tell_what_is_missing(editor: LanguageServer) -> None:
    found = editor.open("wrong.yaml", HEAD + GOOD.replace("species: Mus musculus, ", ""))
    assert [line for line, _ in found] == [3]
    assert "species" in found[0][1]


WRITING = """\
metadata:
  subject:
    type: our.subject
    properties:
      ^1
blocks:
  recording:
    type: ^2
    data_arrays:
      voltage:
        type: our.trace
        unit: ^3
      ^4
"""


@pytest.mark.parametrize(
    ("mark", "offered"),
    [
        ("^1", {"species", "weight"}),
        ("^2", {"our.recording"}),
        ("^3", {"V", "mV", "uV"}),
    ],
)
def test_editors_know_the_words_of_the_lab(
    editor: LanguageServer, mark: str, offered: set[str]
) -> None:
    text = HEAD + WRITING
    before = text.partition(mark)[0]
    for number in range(1, 5):
        text = text.replace(f"^{number}", "")
    editor.open("writing.yaml", text)
    found = editor.completions(before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert offered <= set(found)


def test_editors_tell_the_reason(editor: LanguageServer) -> None:
    text = HEAD + GOOD
    before = text.partition("unit: mV")[0]
    editor.open("good.yaml", text)
    told = editor.hover(before.count("\n") + 1, len(before) - before.rfind("\n") + 1)
    assert "voltages are compared between rigs" in told
