"""What is made to start from fulfils the schema that it was made for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nixschema.findings import Finding, Level
from nixschema.schema.drafted import draft_text
from nixschema.schema.finding import shipped_schemas
from nixschema.schema.language import Schema, SchemaDocument
from nixschema.schema.loading import document_of, load_schema_document
from nixschema.schema.solving import expanded, sample_of, unify
from nixschema.testing import findings_of

EXAMPLES = Path(__file__).parent / "examples"


def made(document: SchemaDocument, *, as_json: bool = False) -> str:
    return draft_text(document, "lab.yaml", as_json=as_json)


def grave(document: SchemaDocument) -> list[Finding]:
    """What is found in what is made, but for information and what is accepted."""
    found = findings_of(made(document), document)
    return [one for one in found if not one.accepted and one.level is not Level.INFO]


@pytest.mark.parametrize("path", [*shipped_schemas().values(), EXAMPLES / "patch-clamp.yaml"])
def test_of_real_schemas(path: Path) -> None:
    document = load_schema_document(path)
    assert grave(document) == []
    plain = yaml.safe_load(made(document, as_json=True))
    assert plain.pop("$schema") == "nix.schema.json"
    assert plain == yaml.safe_load(made(document))


units = st.sampled_from(["mV", {"like": "V"}, ["uV", "mV"], "required", "optional"])
names = st.sampled_from(["a", "b", "c d", "e.1"])
numbers = st.integers(-100, 100)
ranges = st.one_of(
    st.builds(lambda a, b: {"min": min(a, b), "max": max(a, b)}, numbers, numbers),
    st.builds(lambda a: {"above": a}, numbers),
    st.builds(lambda a: {"below": a}, numbers),
    st.builds(lambda a: {"max": f"{abs(a) + 1} ms"}, numbers),
)
words = st.sampled_from(
    ["one", ["one", "two"], {"pattern": r"[A-Z]\d{2,}-(a|b)"}, {"not": "x"}, "n*", "required"]
)
properties = st.one_of(
    st.fixed_dictionaries({"values": ranges, "dtype": st.sampled_from(["integer", "number"])}),
    st.fixed_dictionaries({"values": words}),
    st.fixed_dictionaries({
        "dtype": st.sampled_from(["string", "float", "integer", "boolean", "date", "text"]),
        "length": st.sampled_from(["1", "2..3", "1.."]),
    }),
    st.fixed_dictionaries({"unit": st.sampled_from(["s", {"like": "s"}, "mV"]), "values": ranges}),
)  # fmt: skip
sections = st.fixed_dictionaries(
    {"type": st.sampled_from(["our.a", "our.b", "x"])},
    optional={
        "properties": st.dictionaries(names, properties, max_size=3),
        "sections": st.dictionaries(names, st.just({"type": "x"}), max_size=2),
    },
)
axes = st.sampled_from([
    {"type": "set"}, {"type": "set", "labels": ["x", "y"]}, {"type": "sampled", "unit": "s"},
    {"type": "sampled", "unit": {"like": "s"}, "sampling_interval": {"max": "0.1 ms"}},
    {"type": "range", "unit": "s", "label": "time"},
])  # fmt: skip
arrays = st.fixed_dictionaries(
    {"type": st.sampled_from(["our.trace", "our.other"])},
    optional={
        "unit": units,
        "label": words,
        "dtype": st.sampled_from(["float", "integer", "int16", "float32", "number"]),
        "dimensions": st.lists(axes, min_size=1, max_size=2),
        "values": st.one_of(
            st.builds(lambda a: {"min": a}, numbers),
            st.just({"ascending": "strictly"}),
            st.just({"unique": True, "min": 0}),
            st.just({"finite": True}),
        ),
        "metadata": sections,
    },
)
blocks = st.fixed_dictionaries(
    {"type": st.sampled_from(["our.block", "x"])},
    optional={
        "data_arrays": st.dictionaries(names, arrays, max_size=3),
        "metadata": sections,
        "multi_tags": st.just(
            {"t": {"positions": {"name": "t.times"}, "references": [{"type": "our.trace"}]}}
        ),
        "tags": st.just({"u": {"units": ["s"], "position": {"length": 1}}}),
        "groups": st.just({"g": {"data_arrays": [{"type": "our.trace", "every": True}]}}),
        "sources": st.just({"cell": {"type": "our.cell", "sources": {"axon": {"type": "x"}}}}),
        "data_frames": st.just(
            {"f": {"rows": 3, "columns": {"n": {"dtype": "string"}, "i": {"unit": "s"}}}}
        ),
    },
)
schemas = st.fixed_dictionaries(
    {"schema": st.just("lab")},
    optional={
        "metadata": st.dictionaries(names, sections, max_size=3),
        "blocks": st.dictionaries(names, blocks, max_size=2),
        "types": st.just(
            {
                "our.trace": {"is": "DataArray", "name": "<id>", "label": "optional"},
                "our.cell": {"is": "Source", "metadata": {"name": "cell", "path": "/cell"}},
            }
        ),
    },
)


@given(schemas)
def test_of_drawn_schemas(text: dict[str, Any]) -> None:
    document = document_of(Schema.model_validate(text)).document
    assert document is not None
    assert [one for one in grave(document) if one.rule.startswith("lab:")] == []


def test_placeholders_are_told() -> None:
    text = made(load_schema_document(EXAMPLES / "patch-clamp.yaml"))
    assert "      # age: at least 0\n      age: {value: 1, unit: d}\n" in text
    assert (
        "        # data: at least `-200 mV`, at most `200 mV`, no NaN and nothing infinite\n"
        in text
    )


@given(st.sampled_from([r"[A-Z]\d{2,}", "a|b", "(ab)+c?", r"\w+-\d", "[^x]y", "x*"]))
def test_samples_fit(pattern: str) -> None:
    text = sample_of(pattern)
    assert text is not None
    assert re.fullmatch(pattern, text)


def test_blanks() -> None:
    scope: dict[str, Any] = {}
    assert unify("<signal>.<channel:number>", "a.b.3", scope)
    assert scope == {"signal": "a.b", "channel": "3"}
    assert not unify("<signal>.x", "b.x", scope)
    assert expanded("<signal>-<n:number>-<w>", scope) == "a.b-0-w"
