"""Every short form becomes the long one, whether it is read from a text or made in Python."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

import nixschema as nx
from nixschema.findings import Level
from nixschema.schema.dumping import dump
from nixschema.schema.language import (
    Clause,
    Constraint,
    Count,
    DimensionClause,
    Schema,
    When,
)
from nixschema.schema.loading import load_schema_document, read_schema

EXAMPLES = Path(__file__).parent / "examples"


def read(text: str) -> Schema:
    """A schema of a text without problems."""
    schema, problems = read_schema(text.encode())
    assert problems.found == []
    assert schema is not None
    return schema


def said(part: Any) -> Any:
    """What a model says, without what it does not."""
    if isinstance(part, list):
        return [said(one) for one in part]
    if isinstance(part, dict):
        return {key: said(one) for key, one in part.items()}
    return (
        part.model_dump(exclude_defaults=True, by_alias=True)
        if hasattr(part, "model_dump")
        else part
    )


def fits(*values: Any) -> dict[str, Any]:
    return {"fits": list(values)}


CONSTRAINTS: list[tuple[str, Any]] = [
    # on texts
    ("unit: mV", fits("mV")),
    ("unit: [mV, uV]", fits("mV", "uV")),
    ("unit: 1.50", fits("1.50")),
    ("label: true", fits("true")),
    ("label: ''", fits("")),
    ("label: 'trace *'", fits("trace *")),
    ("label: <signal>.<channel>", fits("<signal>.<channel>")),
    ("label: <channel:number>", fits("<channel:number>")),
    ("label: required", {}),
    ("label: optional", {"presence": "optional"}),
    ("label: forbidden", {"presence": "forbidden"}),
    ("label: 'required'", {}),
    ("label: any", {}),
    ("label: {equals: required}", {"equals": "required"}),
    ("label: {equals: '<the name!>'}", {"equals": "<the name!>"}),
    ("label: {equals: 1.50}", {"equals": "1.50"}),
    ("label: {one_of: [a, 2]}", {"one_of": ["a", "2"]}),
    ("label: {one_of: a}", {"one_of": ["a"]}),
    ("label: {not: forbidden}", {"not": {"presence": "forbidden"}}),
    ("label: {not: [a, b]}", {"not": fits("a", "b")}),
    (r"label: {pattern: '[A-Z]\d+'}", {"pattern": r"[A-Z]\d+"}),
    ("unit: {like: V}", {"like": "V"}),
    ("unit: {like: 1/kHz}", {"like": "1/kHz"}),
    ("unit: {like: <unit>}", {"like": "<unit>"}),
    ("label: {optional: true}", {"presence": "optional"}),
    ("label: {optional: true, one_of: [a]}", {"presence": "optional", "one_of": ["a"]}),
    ("label: {optional: false, equals: a}", {"equals": "a"}),
    ("label: {forbidden: true, level: warning}", {"presence": "forbidden", "level": "warning"}),
    ("label: {required: true}", {}),
    ("label: {formerly: old, equals: new}", {"equals": "new", "formerly": ["old"]}),
    ("label: {formerly: [a, b], fits: new*}", {"fits": ["new*"], "formerly": ["a", "b"]}),
    ("label: {length: 1..3}", {"length": Count(1, 3)}),
    ("label: {any_of: [a, {pattern: b+}]}", {"any_of": [fits("a"), {"pattern": "b+"}]}),
    (
        "label: {all_of: [{equals: a, level: info}, required]}",
        {"all_of": [{"equals": "a", "level": "info"}, {}]},
    ),
    (
        "label: {equals: a, message: m, reason: r, id: i}",
        {"equals": "a", "message": "m", "reason": "r", "id": "i"},
    ),
    ("dtype: float64", fits("float64")),
    ("dtype: [integer, <f8, 'u*']", fits("integer", "<f8", "u*")),
    ("definition: x", fits("x")),
    # on numbers
    ("rank: 2", fits(2)),
    ("rank: [1, 2]", fits(1, 2)),
    ("rank: {min: 1, max: 3}", {"min": 1, "max": 3}),
    ("rank: <axes>", fits("<axes>")),
    ("expansion_origin: 0.5", fits(0.5)),
    ("expansion_origin: 1/4", fits(0.25)),
    ("expansion_origin: 2 mV", fits("2 mV")),
    ("expansion_origin: {above: 0, below: 1000.5}", {"above": 0, "below": 1000.5}),
    ("expansion_origin: {min: 0.1 ms, max: <stop>}", {"min": "0.1 ms", "max": "<stop>"}),
    ("expansion_origin: {min: -3 µV}", {"min": "-3 µV"}),
    # on lists
    ("shape: [<samples>, 4, any]", {"items": [fits("<samples>"), fits(4), {}]}),
    ("shape: 4", {"items": [fits(4)]}),
    ("shape: <shape>", fits("<shape>")),
    ("shape: [{min: 2}, required]", {"items": [{"min": 2}, {}]}),
    ("shape: required", {}),
    ("polynom_coefficients: [0, 0.5]", {"items": [fits(0), fits(0.5)]}),
    ("polynom_coefficients: forbidden", {"presence": "forbidden"}),
    ("polynom_coefficients: {length: 2..}", {"length": Count(2)}),
    # on values
    ("values: {finite: true, unique: false}", {"finite": True, "unique": False}),
    ("values: {ascending: strictly}", {"ascending": "strictly"}),
    ("values: {ascending: true}", {"ascending": True}),
    ("values: {min: -200 mV, max: 200 mV}", {"min": "-200 mV", "max": "200 mV"}),
    (
        "values: {column_of: {data_frame: track map, column: 1}, or: [-1]}",
        {"column_of": {"data_frame": "track map", "column": "1"}, "or": [-1]},
    ),
    (
        "values: {ids_of: {is: Tag, type: r.run}}",
        {"ids_of": {"is": "Tag", "type": fits("r.run")}},
    ),
    (
        "values: {names_of: {is: Group}, or: none}",
        {"names_of": {"is": "Group"}, "or": ["none"]},
    ),
]


@pytest.mark.parametrize(("text", "expected"), CONSTRAINTS, ids=lambda one: str(one)[:60])
def test_constraints_on_fields_of_arrays(text: str, expected: Any) -> None:
    schema = read(f"schema: s\nblocks: {{b: {{data_arrays: {{a: {{{text}}}}}}}}}\n")
    array = schema.blocks["b"].data_arrays["a"]
    assert said(getattr(array, text.partition(":")[0])) == expected


PROPERTIES: list[tuple[str, Any]] = [
    ("4", {"values": fits(4)}),
    ("4.5", {"values": fits(4.5)}),
    ("true", {"values": fits(True)}),
    ("'4'", {"values": fits("4")}),
    ("voltage clamp", {"values": fits("voltage clamp")}),
    ("[a, 2]", {"values": fits("a", 2)}),
    ("<start>", {"values": fits("<start>")}),
    ("required", {}),
    ("", {}),
    ("any", {}),
    ("optional", {"presence": "optional"}),
    ("forbidden", {"presence": "forbidden"}),
    ("{min: 0, max: 20}", {"values": {"min": 0, "max": 20}}),
    ("{optional: true, min: 0}", {"presence": "optional", "values": {"min": 0}}),
    ("{min: 0, unit: mV}", {"unit": fits("mV"), "values": {"min": 0}}),
    ("{optional: true, unit: mV}", {"presence": "optional", "unit": fits("mV")}),
    ("{values: [a, b], dtype: string}", {"values": fits("a", "b"), "dtype": fits("string")}),
    ("{values: forbidden}", {"values": {"presence": "forbidden"}}),
    ("{equals: required}", {"values": {"equals": "required"}}),
    ("{length: 1..3}", {"length": Count(1, 3)}),
    ("{length: <n>, unit: s}", {"length": Count(0, None, "<n>"), "unit": fits("s")}),
    ("{not: ''}", {"values": {"not": fits("")}}),
    ("{pattern: '[a-z]+', level: info}", {"values": {"pattern": "[a-z]+"}, "level": "info"}),
    ("{any_of: [a, {min: 3}]}", {"any_of": [{"values": fits("a")}, {"values": {"min": 3}}]}),
    (
        "{names: {is: Group, type: neo.group}}",
        {"values": {"names": {"is": "Group", "type": fits("neo.group")}}},
    ),
    ("{dtype: 2-tuple}", {"dtype": fits("2-tuple")}),
    ("{uncertainty: 0.1, dependency: x}", {"uncertainty": fits(0.1), "dependency": fits("x")}),
]


@pytest.mark.parametrize(("text", "expected"), PROPERTIES, ids=lambda one: str(one)[:60])
def test_properties(text: str, expected: Any) -> None:
    schema = read(f"schema: s\nmetadata: {{m: {{properties: {{p: {text}}}}}}}\n")
    assert said(schema.metadata["m"].properties["p"]) == expected


CLAUSES: list[tuple[str, str, Any]] = [
    # kind, text, what is said
    ("DataArray", "count: 1", {"count": Count(1, 1)}),
    ("DataArray", "count: 1..", {"count": Count(1, None)}),
    ("DataArray", "count: 0..1", {"count": Count(0, 1)}),
    ("DataArray", "count: 2..8", {"count": Count(2, 8)}),
    ("DataArray", "count: <n>", {"count": Count(0, None, "<n>")}),
    ("DataArray", "optional: true", {"presence": "optional"}),
    ("DataArray", "type: our.*", {"type": fits("our.*")}),
    ("DataArray", "formerly: old", {"formerly": ["old"]}),
    ("DataArray", "formerly: [a, b]", {"formerly": ["a", "b"]}),
    ("DataArray", "select: {type: a.*}", {"select": {"type": fits("a.*")}}),
    ("DataArray", "metadata: <id>", {"metadata": {"blank": "<id>"}}),
    ("DataArray", "metadata: subject", {"metadata": {"name": fits("subject")}}),
    ("DataArray", "metadata: /a/b", {"metadata": {"path": fits("/a/b")}}),
    ("DataArray", "metadata: required", {"metadata": {}}),
    ("DataArray", "metadata: forbidden", {"metadata": {"presence": "forbidden"}}),
    (
        "DataArray",
        "metadata: {properties: {copy: true}}",
        {"metadata": {"properties": {"copy": {"values": fits(True)}}}},
    ),
    ("DataArray", "dimensions: forbidden", {"dimensions": "forbidden"}),
    ("DataArray", "dimensions: required", {"dimensions": "required"}),
    (
        "DataArray",
        "dimensions: [{type: set, labels: [left, right]}]",
        {"dimensions": [{"type": fits("set"), "labels": {"items": [fits("left"), fits("right")]}}]},
    ),
    (
        "DataArray",
        "dimensions: [set, any, {link: self}]",
        {"dimensions": [{"type": fits("set")}, {}, {"link": fits("self")}]},
    ),
    (
        "DataArray",
        "dimensions: {type: sampled, sampling_interval: {max: 0.1 ms}}",
        {"dimensions": [{"type": fits("sampled"), "sampling_interval": {"max": "0.1 ms"}}]},
    ),
    (
        "DataArray",
        "dimensions: [{any_of: [set, {type: range}]}]",
        {"dimensions": [{"any_of": [{"type": fits("set")}, {"type": fits("range")}]}]},
    ),
    ("DataArray", "sources: cell", {"sources": [{"name": fits("cell")}]}),
    ("DataArray", "sources: [<s>]", {"sources": [{"blank": "<s>"}]}),
    (
        "DataArray",
        "member_of: {groups: [{type: neo.segment}]}",
        {"member_of": {"groups": [{"type": fits("neo.segment")}]}},
    ),
    (
        "DataArray",
        "member_of: {groups: trial}",
        {"member_of": {"groups": [{"name": fits("trial")}]}},
    ),
    (
        "DataArray",
        "together: {by: <signal>, same: [unit, shape], counting: <c>, size: <n>}",
        {
            "together": {
                "by": "<signal>",
                "same": ["unit", "shape"],
                "counting": "<c>",
                "size": "<n>",
            }
        },
    ),
    ("DataArray", "accept: {NIX201: why}", {"accept": {"NIX201": "why"}}),
    (
        "DataArray",
        "extra: {attributes: {filename: required, n: 3}}",
        {"extra": {"filename": {}, "n": fits(3)}},
    ),
    (
        "DataArray",
        "when: [{if: {unit: mV}, then: {label: required}, else: {label: forbidden}}]",
        {
            "when": [
                {
                    "if": {"unit": fits("mV")},
                    "then": {"label": {}},
                    "else": {"label": {"presence": "forbidden"}},
                }
            ]
        },
    ),
    (
        "DataArray",
        "when: {if: {unit: mV}, then: {label: a}}",
        {"when": [{"if": {"unit": fits("mV")}, "then": {"label": fits("a")}}]},
    ),
    (
        "DataArray",
        "any_of: [{name: <a>}, {name: <a>_events}]",
        {"any_of": [{"name": fits("<a>")}, {"name": fits("<a>_events")}]},
    ),
    (
        "DataArray",
        "override: {unit: mV, reason: because}",
        {"override": {"reason": "because", "clause": {"unit": fits("mV")}}},
    ),
    ("DataFrame", "rows: 1..", {"rows": {"min": 1}}),
    ("DataFrame", "rows: 1..5", {"rows": {"min": 1, "max": 5}}),
    ("DataFrame", "rows: 5", {"rows": fits(5)}),
    ("DataFrame", "rows: <n>", {"rows": fits("<n>")}),
    (
        "DataFrame",
        "columns: {index: {dtype: int64, unit: s}, name: required}",
        {"columns": {"index": {"dtype": fits("int64"), "unit": fits("s")}, "name": {}}},
    ),
    ("DataFrame", "columns: {n: {min: 0}}", {"columns": {"n": {"values": {"min": 0}}}}),
    ("DataFrame", "additional: forbid", {"additional": "forbid"}),
    ("Tag", "position: [0, 1 ms]", {"position": {"items": [fits(0), fits("1 ms")]}}),
    ("Tag", "position: 3", {"position": {"items": [fits(3)]}}),
    (
        "Tag",
        "extent: {length: 1, level: info, message: interrupted}",
        {"extent": {"length": Count(1, 1), "level": "info", "message": "interrupted"}},
    ),
    ("Tag", "units: [s]", {"units": {"items": [fits("s")]}}),
    ("Tag", "units: s", {"units": {"items": [fits("s")]}}),
    ("Tag", "units: {like: s}", {"units": {"like": "s"}}),
    ("Tag", "references: stimulus", {"references": [{"name": fits("stimulus")}]}),
    ("Tag", "references: forbidden", {"references": [{"presence": "forbidden"}]}),
    (
        "Tag",
        "references: [{type: our.trace, every: true}, {name: a, optional: true}, {only: true}]",
        {
            "references": [
                {"type": fits("our.trace"), "every": True},
                {"name": fits("a"), "presence": "optional"},
                {"only": True},
            ]
        },
    ),
    (
        "Tag",
        "references: [{type: t, every: neo.segment}]",
        {"references": [{"type": fits("t"), "every": "neo.segment"}]},
    ),
    (
        "Tag",
        "features: [{data: {name: a, shape: [<n>]}, link_type: indexed}]",
        {
            "features": [
                {
                    "data": {"name": fits("a"), "shape": {"items": [fits("<n>")]}},
                    "link_type": fits("indexed"),
                }
            ]
        },
    ),
    ("Tag", "features: amplitude", {"features": [{"data": {"name": fits("amplitude")}}]}),
    (
        "Tag",
        "features: [{data: {is: DataFrame, rows: 3}}]",
        {"features": [{"data": {"is": "DataFrame", "rows": fits(3)}}]},
    ),
    ("MultiTag", "positions: <p>", {"positions": {"blank": "<p>"}}),
    ("MultiTag", "positions: times", {"positions": {"name": fits("times")}}),
    ("MultiTag", "positions: {unit: {like: s}}", {"positions": {"unit": {"like": "s"}}}),
    ("MultiTag", "extents: optional", {"extents": {"presence": "optional"}}),
    (
        "Group",
        "data_arrays: [{type: t}, {only: true}]",
        {"members": {"data_arrays": [{"type": fits("t")}, {"only": True}]}},
    ),
    ("Group", "tags: run", {"members": {"tags": [{"name": fits("run")}]}}),
    ("Group", "sources: [cell]", {"sources": [{"name": fits("cell")}]}),
    ("Source", "sources: {axon: required}", {"sources": {"axon": {}}}),
    ("Section", "path: /<name>", {"path": fits("/<name>")}),
    ("Section", "parent: <segment>", {"parent": {"blank": "<segment>"}}),
    ("Section", "parent: {type: neo.block}", {"parent": {"type": fits("neo.block")}}),
    ("Section", "sections: {a: optional}", {"sections": {"a": {"presence": "optional"}}}),
    ("Section", "repository: required", {"repository": {}}),
]


@pytest.mark.parametrize(("kind", "text", "expected"), CLAUSES, ids=lambda one: str(one)[:60])
def test_clauses(kind: str, text: str, expected: Any) -> None:
    schema = read(f"schema: s\ntypes: {{t: {{is: {kind}, {text}}}}}\n")
    assert said(schema.types["t"]) == {"is": kind, **expected}


TEXTS = [
    *(f"schema: s\nblocks: {{b: {{data_arrays: {{a: {{{text}}}}}}}}}" for text, _ in CONSTRAINTS),
    *(f"schema: s\nmetadata: {{m: {{properties: {{p: {text}}}}}}}" for text, _ in PROPERTIES),
    *(f"schema: s\ntypes: {{t: {{is: {kind}, {text}}}}}" for kind, text, _ in CLAUSES),
    "schema: s\nversion: 1.10\ntitle: t\nprovenance: {a: [1, {b: x}]}\nextends: neo",
    "schema: s\nextends: [neo >=1.2, ./base.yaml, 'lab:x']\nrules: a.b:c\nadditional: warn",
    "schema: s\nrecognise: {metadata: {neo: {type: neo.metadata}}}\nnamespaces: {our: closed}",
    "schema: s\nexamples: {valid: a.yaml, invalid: [{file: b.yaml, finds: 's:b.unit'}]}",
    "schema: s\nwhen: [{if: {metadata: {a: required}}, then: {blocks: {b: {type: c}}}}]",
    "schema: s\nlevel: warning\nblocks: {'trace-*': required, b: {blank: <x>, type: t}}",
    "schema: s\nblocks: {b: optional, c: forbidden, <d>: <d>}",
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda one: one[-60:])
def test_what_is_dumped_is_read_as_the_same(text: str) -> None:
    schema = read(text)
    assert read(dump(schema)) == schema


def data_of(text: str) -> Any:
    """What YAML 1.1 makes of a text, where that is the same as ours."""
    return yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", [one for one in TEXTS if "1/4" not in one], ids=lambda one: one[-60:]
)
def test_python_data_says_the_same(text: str) -> None:
    schema = read(text)
    data = yaml.load(text, _TextLoader)
    assert nx.Schema.model_validate(data) == schema
    assert nx.Schema(**data) == schema


class _TextLoader(yaml.SafeLoader):
    """Gives what one writes in Python for a text: numbers for numbers, texts for texts."""


def _scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    from nixschema.text.nodes import Scalar
    from nixschema.text.scalars import core_value

    plain = node.style is None
    if plain and node.value in ("", "~", "null"):
        return None
    value = core_value(Scalar(node.value, plain))
    # `1.50` is a text where a text is expected: Python has it within quotes.
    return node.value if isinstance(value, float) and str(value) != node.value else value


for _kind in ("int", "float", "bool", "null", "str", "timestamp"):
    _TextLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _scalar)


# In Python


def test_a_schema_is_made_in_python() -> None:
    schema = nx.Schema(
        schema="our-lab",
        blocks={
            "recording": {
                "type": "our.recording",
                "data_arrays": {"voltage": {"unit": {"like": "V"}, "count": 1}},
            }
        },
    )
    assert isinstance(schema.blocks["recording"], Clause)
    voltage = schema.blocks["recording"].data_arrays["voltage"]
    assert said(voltage) == {"unit": {"like": "V"}, "count": Count(1, 1)}
    assert schema.schema_ == "our-lab"


def test_models_and_short_forms_mix() -> None:
    voltage = Clause(unit="mV", label=Constraint(fits=["voltage"]))
    schema = nx.Schema(
        schema="s",
        types={"a": voltage, "b": {"dimensions": [DimensionClause(type="set"), "sampled"]}},
        blocks={"b": Clause(data_arrays={"a": voltage})},
    )
    assert schema.types["a"] is voltage
    assert schema.blocks["b"].data_arrays["a"].label == Constraint(fits=["voltage"])
    assert said(schema.types["b"].dimensions) == [
        {"type": fits("set")},
        {"type": fits("sampled")},
    ]


def test_long_forms_are_left_alone() -> None:
    condition = When(if_=Clause(name="a"), then=Clause(unit="s"))
    clause = Clause(
        is_="DataArray",
        presence="optional",
        count=Count(1, 2),
        when=[condition],
        unit=Constraint(presence="forbidden"),
        shape=Constraint(items=[Constraint(fits=[3]), Constraint()]),
        dimensions=[DimensionClause(presence="optional")],
        member_of={"groups": [Clause(type=Constraint(fits=["g"]))]},
    )
    assert clause.is_ == "DataArray"
    assert clause.when == [condition]
    assert clause.presence == "optional"
    assert said(clause.shape) == {"items": [fits(3), {}]}


def test_a_schema_is_pickled_and_copied() -> None:
    schema = read("schema: s\nblocks: {b: {data_arrays: {a: {unit: mV}}}}")
    again = pickle.loads(pickle.dumps(schema))
    assert again == schema
    assert again.blocks["b"].place() == schema.blocks["b"].place()
    assert schema.model_copy(deep=True) == schema


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"blocks": {"b": {"untit": "mV"}}}, "blocks/b/untit: no keyword `untit` in a block"),
        ({"blocks": {"b": {"name": 3.5, "count": "x"}}}, "blocks/b/count: `count` is `x`"),
        ({"types": {"t": {"is": "Array"}}}, "expected `Block`"),
        ({"blocks": ["b"]}, "expected a mapping of names"),
        ({"blocks": {"b": object()}}, "a object stands for nothing"),
        ({"blokcs": {}}, "no keyword `blokcs` in a schema: did you mean `blocks`?"),
        ({"version": {"a": 1}}, "`version` is a mapping; expected a text"),
    ],
)
def test_wrong_data_are_refused(data: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match="1 validation error") as refused:
        nx.Schema(schema="s", **data)
    assert why in str(refused.value)


def test_deep_data_are_refused() -> None:
    data: Any = {}
    for _ in range(5000):
        data = {"sections": {"a": data}}
    with pytest.raises(ValueError, match="more than 100 levels"):
        nx.Schema(schema="s", metadata={"m": data})


def test_python_schemas_are_dumped() -> None:
    schema = nx.Schema(
        schema="s",
        types={
            "t": Clause(
                presence="optional",
                blank="<x>",
                unit=Constraint(fits=["required"], presence="optional"),
                label=Constraint(fits=["any"]),
                rank=Constraint(fits=["<n>"]),
                shape=Constraint(items=[Constraint(presence="optional"), Constraint(min=3)]),
                properties={"p": Clause(values=Constraint(presence="forbidden"))},
                references=[Clause(name=Constraint(fits=["/a"])), Clause(every=True)],
            )
        },
    )
    assert read(dump(schema)) == schema


# Places


def test_keywords_know_their_places() -> None:
    schema = read(
        "schema: s\n"
        "blocks:\n"
        "  recording:\n"
        "    type: our.recording\n"
        "    data_arrays:\n"
        "      voltage: {unit: {like: V}, dimensions: [set]}\n"
        "types:\n"
        "  our.x:\n"
        "    optional: true\n"
    )
    block = schema.blocks["recording"]
    where = {
        "block": block.place(),
        "type": block.place("type"),
        "arrays": block.place("data_arrays"),
        "voltage": block.data_arrays["voltage"].place(),
        "unit": block.data_arrays["voltage"].place("unit"),
        "missing": block.data_arrays["voltage"].place("label"),
        "presence": schema.types["our.x"].place("presence"),
    }
    unit = block.data_arrays["voltage"].unit
    assert unit is not None
    where["like"] = unit.place("like")
    assert {name: (one.line, one.column) for name, one in where.items() if one is not None} == {
        "block": (3, 3),
        "type": (4, 5),
        "arrays": (5, 5),
        "voltage": (6, 7),
        "unit": (6, 17),
        "missing": (6, 7),
        "presence": (9, 5),
        "like": (6, 24),
    }
    assert {one.schema for one in where.values() if one is not None} == {"s"}


# The whole


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda one: one.stem)
def test_examples_are_sound(path: Path) -> None:
    (report,) = nx.validate(path).files
    assert [str(one) for one in report.findings] == []
    assert report.format == "schema"
    document = load_schema_document(path)
    assert document.layers[-1] == document.schema
    assert read(dump(document.schema)) == document.schema


def test_json_says_the_same() -> None:
    text = "schema: s\nblocks: {b: {data_arrays: {a: {unit: mV, rank: 2, shape: [any]}}}}"
    as_json = json.dumps(yaml.safe_load(text))
    assert read(as_json) == read(text)


def test_load_schema_refuses_errors(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("schema: our-lab\nblocks: {b: {untit: mV, count: x}}\n")
    with pytest.raises(nx.SchemaError, match=r"lab.yaml:2:14: NIX061 .*\(and 1 more\)") as refused:
        nx.load_schema(path)
    assert [one.level for one in refused.value.findings] == [Level.ERROR] * 2
    with pytest.raises(nx.SchemaError, match="there is no schema `no-such-lab`"):
        nx.load_schema("no-such-lab")
    with pytest.raises(nx.SchemaError, match=r"^there is no schema `noe`: did you mean `neo`\?$"):
        nx.load_schema("noe")
    with pytest.raises(nx.SchemaError, match=r"there is no schema `.*missing.yaml`"):
        nx.load_schema(tmp_path / "missing.yaml")
    with pytest.raises(nx.SchemaError, match="is no file"):
        nx.load_schema(tmp_path)
    with pytest.raises(nx.NotNix, match="load_schema reads schemas"):
        nx.read(path)


def test_a_schema_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text("schema: our-lab\nversion: 1.10\nblocks: {b: required}\n")
    schema = nx.load_schema(path)
    assert (schema.schema_, schema.version) == ("our-lab", "1.10")
    assert nx.load_schema(str(path)) == schema


def test_schemas_are_found_in_folders(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("schema: our-lab\nblocks: {b: {untit: mV}}\n")
    (tmp_path / "other.yaml").write_text("schema: 3\nmodels: []\n")
    (tmp_path / "short.yaml").write_text("schema: our\n")
    report = nx.validate(tmp_path)
    assert {Path(one.path).name: one.format for one in report.files} == {
        "lab.yaml": "schema",
        "short.yaml": "schema",
    }
    assert [one.rule for one in report.findings] == ["NIX061"]
