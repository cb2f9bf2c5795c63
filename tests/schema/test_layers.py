"""Schemas that stand on others: found, of the right version, tightened, overridden, in conflict."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

import nixschema as nx
from nixschema.findings import Finding
from nixschema.schema.finding import find_schema, shipped_schemas, wrong_version
from nixschema.schema.language import Schema
from nixschema.schema.loading import document_of, load_file, load_schema_document


def write(folder: Path, **texts: str) -> Path:
    """Schemas as files; the last one."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(f"schema: {name}\n{text}\n", encoding="utf-8")
    return folder / f"{list(texts)[-1]}.yaml"


def findings(path: Path) -> list[Finding]:
    return nx.validate(path).findings


def told(path: Path) -> list[str]:
    return [f"{one.line} {one.rule} {one.message}" for one in findings(path)]


ARRAY = "blocks: {b: {data_arrays: {v: {%s}}}}"


# What is extended


def test_layers_are_in_order_and_each_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base="title: x",
        left="extends: ./base.yaml",
        right="extends: [./base.yaml]",
        top="extends: [./left.yaml, ./right.yaml]",
    )
    document = load_schema_document(path)
    assert [one.schema_ for one in document.layers] == ["base", "left", "right", "top"]
    assert document.schema.schema_ == "top"
    place = document.layers[0].place("title")
    assert place is not None
    assert Path(place.file or "").samefile(tmp_path / "base.yaml")


def test_a_path_is_one_from_the_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "labs").mkdir()
    write(tmp_path, base="title: x")
    write(tmp_path / "labs", our="extends: ../base.yaml")
    monkeypatch.chdir(tmp_path)
    document = load_schema_document("labs/our.yaml")
    assert [one.schema_ for one in document.layers] == ["base", "our"]


def test_a_cycle_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, a="extends: ./b.yaml", b="extends: ./c.yaml", c="extends: ./a.yaml")
    (finding,) = findings(path)
    assert finding.rule == "NIX065"
    assert finding.message == (
        "`c` extends `a` extends `b` extends `c`: a schema that stands on itself"
    )
    assert finding.text == str(tmp_path / "b.yaml")


def test_what_is_wrong_below_is_told_with_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, base="blocks: {b: {untit: mV}}", top="extends: ./base.yaml")
    (finding,) = findings(path)
    assert (finding.rule, finding.line, finding.column) == ("NIX061", 2, 14)
    assert finding.text == str(tmp_path / "base.yaml")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("schema: [")
    (tmp_path / "other.yaml").write_text("blocks: {}")
    (tmp_path / "folder.yaml").mkdir()
    path = write(tmp_path, top="extends: [./broken.yaml, ./other.yaml, ./folder.yaml]")
    assert told(path) == [
        "2 NIX065 `./broken.yaml` cannot be used: line 1: the `[` is not closed",
        "2 NIX065 `./other.yaml` cannot be used: line 1: this is no schema; "
        "expected a mapping with `schema`, its id",
        "2 NIX065 `./folder.yaml` is no file",
    ]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of documents with a schema `lab-base` of version 1.4."""
    folder = tmp_path / "documents" / "schemas"
    folder.mkdir(parents=True)
    (folder / "lab-base.yaml").write_text("schema: lab-base\nversion: '1.4'\n")
    (folder / "nix.schema.json").write_text("{}")
    monkeypatch.setattr("nixschema.schema.finding.documents", lambda: tmp_path / "documents")
    return folder


def test_shipped_ones_are_found_by_name(shipped: Path, tmp_path: Path) -> None:
    assert shipped_schemas() == {"lab-base": shipped / "lab-base.yaml"}
    assert find_schema("lab-base") == shipped / "lab-base.yaml"
    assert find_schema("../schemas/lab-base") is None
    assert find_schema("nix.schema") is None
    path = write(tmp_path, top="extends: lab-base >=1.2")
    assert [one.schema_ for one in load_schema_document(path).layers] == ["lab-base", "top"]
    assert nx.load_schema("lab-base").version == "1.4"


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("lab-bsae", "there is no schema `lab-bsae`: did you mean `lab-base`?"),
        ("lab-base >=2", "`lab-base` is of version `1.4`; expected `>=2`"),
        ("lab-base >=1.2, <1.4", "`lab-base` is of version `1.4`; expected `>=1.2, <1.4`"),
        ("lab-base >=x", "`lab-base` is to be `>=x`, which is no version, such as `1.2`"),
    ],
)
def test_versions_are_compared(shipped: Path, tmp_path: Path, extends: str, message: str) -> None:
    path = write(tmp_path, top=f"extends: ['{extends}']")
    assert told(path) == [f"2 NIX065 {message}"]


@pytest.mark.parametrize(
    ("version", "condition", "holds"),
    [
        ("1.2", (">=", "1.2"), True),
        ("1.10", (">=", "1.9"), True),
        ("1.2.0", ("==", "1.2"), True),
        ("1.2", ("!=", "1.2.0"), False),
        ("1.3", ("<", "1.3"), False),
        ("1.3", ("<=", "1.3"), True),
        ("2", (">", "1.99"), True),
        ("1.5", ("~=", "1.2"), True),
        ("2.0", ("~=", "1.2"), False),
        ("2026a", (">=", "1"), False),
        (None, (">=", "1"), False),
    ],
)
def test_versions(version: str | None, condition: tuple[str, str], holds: bool) -> None:
    assert (wrong_version(version, (condition,)) is None) == holds


def test_schemas_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "our_lab_package"
    (package / "schemas").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be run')")
    (package / "schemas" / "base.yaml").write_text("schema: base\n")
    info = tmp_path / "site" / "our_lab_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-lab-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nixschema.schemas]\nbase = our_lab_package.schemas\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site")])
    path = write(tmp_path, top="extends: 'our_lab_package:base'")
    assert [one.schema_ for one in load_schema_document(path).layers] == ["base", "top"]
    assert nx.load_schema("base").schema_ == "base"
    path = write(tmp_path, top="extends: 'our_lab_package:missing'")
    assert told(path) == ["2 NIX065 the package `our_lab_package` has no schema `missing`"]
    assert "our_lab_package" not in sys.modules


def test_rules_are_never_taken_from_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beside_rules.py").write_text("def f(): pass")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    path = write(tmp_path, top="rules: ['beside_rules:f']")
    assert told(path) == [
        "2 NIX072 there is no installed package `beside_rules`, of which `beside_rules:f` is"
    ]
    assert load_file(path, python_rules=True).problems[0].rule == "NIX072"
    assert "beside_rules" not in sys.modules


def test_rules_are_imported_where_that_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, top="rules: ['json:loads', 'json:no_such', 'json.no_such:f']")
    assert told(path) == []
    messages = [one.message for one in load_file(path, python_rules=True).problems]
    assert messages[0] == "`json` has no function `no_such`"
    assert messages[1].startswith("`json.no_such:f` cannot be imported: ModuleNotFoundError")
    assert len(messages) == 2


# Contradictions


CONTRADICTIONS = [
    ("unit: V", "unit: mV", "it is `mV`, and `V`"),
    ("unit: [V, kV]", "unit: [mV, uV]", "it is `mV`, `uV`, and `V`, `kV`"),
    ("unit: {like: s}", "unit: mV", "it is `mV`, which contradicts `like`"),
    ("unit: mV", "unit: {like: s}", "`like` contradicts `mV`"),
    ("unit: {like: s}", "unit: {like: V}", "it is like `V`, and like `s`"),
    ("label: 'a*'", "label: b", "it is `b`, which contradicts `fits`"),
    ("label: {pattern: '[a-z]+'}", "label: A1", "it is `A1`, which contradicts `pattern`"),
    ("label: {not: a}", "label: a", "it is `a`, which contradicts `not`"),
    ("label: forbidden", "label: required", "it is required, and forbidden"),
    ("label: required", "label: forbidden", "it is forbidden, and required"),
    ("label: x", "label: forbidden", "it is forbidden, and required"),
    ("rank: {min: 2}", "rank: 1", "it is `1`, which contradicts `min`"),
    ("expansion_origin: {min: 1 V}", "expansion_origin: {max: 5 mV}", "it is at most `5 mV`"),
    ("values: {above: 0}", "values: {below: 0}", "it is below `0`, and above `0`"),
    ("shape: [any, any]", "shape: [any]", "it has 1 item, and 2"),
    ("shape: [any, 3]", "shape: [any, 4]", "it is `4`, and `3`"),
    ("dimensions: [set]", "dimensions: [sampled]", "it is `sampled`, and `set`"),
    ("dimensions: [set]", "dimensions: [set, any]", "`dimensions` is of 2 axes, and of 1 axis"),
    ("rank: 2", "dimensions: [set]", "`dimensions` is of 1 axis, and `rank` of 2 axes"),
    ("forbidden: true", "unit: mV", "`v` is required, and forbidden"),
    ("metadata: forbidden", "metadata: {type: a}", "`metadata` is required, and forbidden"),
]


@pytest.mark.parametrize(("lower", "upper", "message"), CONTRADICTIONS)
def test_contradictions_of_layers(tmp_path: Path, lower: str, upper: str, message: str) -> None:
    path = write(tmp_path, base=ARRAY % lower, top=f"extends: ./base.yaml\n{ARRAY % upper}")
    found = [one for one in findings(path) if one.rule == "NIX066"]
    assert len(found) >= 1
    assert found[0].message.startswith(message)
    assert found[0].message.endswith("in line 2 of `base`")
    assert found[0].line == 3
    assert found[0].help == "to loosen what a lower layer asks for, write `override`"


AGREEING = [
    ("unit: {like: V}", "unit: mV"),
    ("unit: [mV, V]", "unit: mV"),
    ("unit: '*V'", "unit: mV"),
    ("dtype: integer", "dtype: int8"),
    ("dtype: {not: int8}", "dtype: integer"),
    ("dtype: {equals: int8}", "dtype: integer"),
    ("dtype: number", "dtype: [integer, float]"),
    ("dtype: {all_of: [integer, {fits: int8, level: info}]}", "dtype: i1"),
    ("unit: <unit>", "unit: mV, label: <unit>"),
    ("label: optional", "label: x"),
    ("label: {optional: true, equals: x}", "label: x"),
    ("label: optional", "label: forbidden"),
    ("rank: {min: 1}", "rank: 2"),
    ("shape: [any, any]", "shape: [any, 4]"),
    ("values: {min: 0}", "values: {max: 0}"),
    ("values: {min: 1 mV}", "values: {max: 1 V}"),
    ("values: {min: 100}", "values: {max: 1 V}"),
    ("any_of: [{unit: mV}, {unit: V}]", "unit: uV"),
    ("optional: true", "unit: mV"),
    ("label: {all_of: [{fits: 'a*'}, {fits: '*b'}]}", "label: ab"),
]


@pytest.mark.parametrize(("lower", "upper"), AGREEING)
def test_layers_that_tighten(tmp_path: Path, lower: str, upper: str) -> None:
    path = write(tmp_path, base=ARRAY % lower, top=f"extends: ./base.yaml\n{ARRAY % upper}")
    assert [one for one in findings(path) if one.rule == "NIX066"] == []


def test_the_order_of_layers_finds_the_same(tmp_path: Path) -> None:
    texts = ["unit: mV", "unit: V", "unit: {like: s}", "label: forbidden", "label: required"]
    write(tmp_path, **{f"l{number}": ARRAY % one for number, one in enumerate(texts)})
    found = set()
    for order in itertools.permutations(range(len(texts))):
        names = ", ".join(f"./l{number}.yaml" for number in order)
        problems = load_file(write(tmp_path, top=f"extends: [{names}]")).problems
        found.add(tuple(sorted((one.rule, one.path) for one in problems)))
    assert len(found) == 1


def test_a_pattern_of_types_contradicts_a_type(tmp_path: Path) -> None:
    path = write(tmp_path, top="types:\n  our.*: {unit: mV}\n  our.a: {is: DataArray, unit: V}")
    assert told(path) == ["4 NIX066 it is `V`, and `mV` in line 3"]


def test_a_type_contradicts_what_is_asked_of_its_entities(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        top="types: {our.a: {unit: V, label: optional}}\n"
        "blocks: {b: {data_arrays: {v: {type: our.a, unit: mV, label: x}}}}",
    )
    assert told(path) == ["3 NIX066 it is `mV`, and `V` in line 2"]


def test_types_of_lower_layers_are_declared(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base="namespaces: {our: closed}\ntypes: {our.trial: {is: Block}, 'our.b.*': {is: Block}}",
        top="extends: ./base.yaml\n"
        "blocks: {a: {type: our.trial}, b: {type: our.b.x}, c: {type: our.trail}}",
    )
    message = "no type `our.trail` is declared in `types`: did you mean `our.trial`?"
    assert told(path) == [f"3 NIX070 {message}"]


def test_types_of_others_may_be_recognised(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        top="namespaces: {our: closed}\ntypes: {our.a: {is: Block}}\n"
        "recognise: {metadata: {old: {type: our.old}}, any_of: [{blocks: {'*': {type: our.x}}}]}",
    )
    assert told(path) == []


# Overrides


def test_an_override_replaces_one_constraint(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base=ARRAY % "unit: V, label: voltage, shape: [any]",
        top="extends: ./base.yaml\n" + ARRAY % "override: {unit: [mV, uV], reason: our amplifier}",
    )
    assert told(path) == []
    document = load_schema_document(path)
    lower, upper = (one.blocks["b"].data_arrays["v"] for one in document.layers)
    assert lower.unit is None
    assert lower.label is not None
    assert lower.shape is not None
    assert upper.unit is not None
    assert upper.unit.fits == ["mV", "uV"]
    place = upper.place("unit")
    assert place is not None
    assert place.line == 3
    # The schema itself is as it is written.
    written = document.schema.blocks["b"].data_arrays["v"]
    assert written.unit is None
    assert written.override is not None
    assert written.override.reason == "our amplifier"


def test_an_override_makes_optional(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base=ARRAY % "unit: V, count: 1",
        top="extends: ./base.yaml\n" + ARRAY % "override: {optional: true, reason: old files}",
    )
    assert told(path) == []
    lower, upper = (one.blocks["b"].data_arrays["v"] for one in load_schema_document(path).layers)
    assert (lower.presence, upper.presence) == ("optional", "optional")
    assert lower.count is not None
    assert lower.count.least == 0


def test_an_override_of_a_property(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base="metadata: {m: {properties: {a: {min: 3}, b: 1}}}",
        top="extends: ./base.yaml\n"
        "metadata: {m: {override: {properties: {a: {min: 0}}, reason: x}}}",
    )
    assert told(path) == []
    lower, upper = (one.metadata["m"].properties for one in load_schema_document(path).layers)
    assert list(lower) == ["b"]
    assert upper["a"].values is not None
    assert upper["a"].values.min == 0


def test_an_override_of_nothing_is_told(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        base=ARRAY % "label: x",
        top="extends: ./base.yaml\n" + ARRAY % "override: {unit: V, reason: y}",
    )
    assert told(path) == ["3 NIX067 no lower layer has `unit` there, so that nothing is replaced"]


def test_nothing_is_told_that_a_missing_layer_may_have(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        top="extends: ./missing.yaml\nnamespaces: {our: closed}\n"
        + ARRAY % "type: our.a, override: {unit: V, optional: true, reason: y}",
    )
    assert told(path) == ["2 NIX065 there is no file `./missing.yaml`"]


# In Python


def test_python_schemas_have_layers_too(tmp_path: Path) -> None:
    path = write(tmp_path, base=ARRAY % "unit: V")
    base = nx.load_schema(path)
    assert document_of(base).problems == []
    schema = Schema(schema="top", extends=["./base.yaml"], blocks={"b": {"name": "<x>"}})
    messages = [one.message for one in document_of(schema).problems]
    assert messages == [
        "`./base.yaml` is a path, and the schema that names it is no file",
        "`<x>` occurs once, so that nothing must agree with it",
    ]
