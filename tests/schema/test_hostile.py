"""Whatever stands in a schema: loading ends soon, with findings and without an exception."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixschema.findings import Finding
from nixschema.io import check_file
from nixschema.rules.rule import selected_rules
from nixschema.rules.runner import Runner
from nixschema.schema.expressions import wrong_expression
from nixschema.schema.loading import load_file, read_schema

SECONDS = 10.0


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    begin = time.perf_counter()
    yield
    assert time.perf_counter() - begin < SECONDS


def check(path: Path, text: str | bytes) -> list[Finding]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return check_file(str(path), Runner(selected_rules())).findings


HOSTILE: dict[str, str | bytes] = {
    "deep sections": "schema: s\nmetadata: " + "{a: {sections: " * 4000 + "{}" + "}}" * 4000,
    "deep lists": "schema: s\nblocks: " + "[" * 5000 + "]" * 5000,
    "deep alternatives": "schema: s\nblocks: {a: " + "{any_of: [" * 2000 + "{}" + "]}" * 2000 + "}",
    "a laugh": "schema: s\na: &a {x: [1,2,3,4,5,6,7,8,9]}\n"
    + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
    ),
    "itself": "schema: s\nblocks: &a {b: *a}\n",
    "a long text": "schema: s\nblocks: {b: {name: '" + "x" * 1_000_000 + "'}}",
    "a long name": "schema: s\nblocks: {" + "x" * 900 + ": {unit: mV}}",
    "a long expression": "schema: s\nblocks: {b: {name: {pattern: '" + "a*" * 50_000 + "'}}}",
    "a large count": "schema: s\nblocks: {b: {count: " + "9" * 5000 + "}}",
    "a large number": "schema: s\nmetadata: {b: {properties: {p: {min: " + "9" * 400 + "e99999}}}}",
    "control characters": b"schema: s\nblocks: {\x00\x01: 3}",
    "no UTF-8": b"schema: s\nblocks: {b: {name: '\xff\xfe'}}",
    "surrogates": 'schema: s\nblocks: {b: {name: "\\uD800", untit: "\\uDFFF"}}',
    "a number": "schema: 12\nblocks: 3",
    "null": "schema: s\nblocks:\nmetadata: ~\ntypes: null",
    "nothing in lists": "schema: s\nextends: [~, '']\nrules: [~, []]\nwhen: [~]",
    "everything wrong": "schema: s\n"
    + "".join(
        f"{name}: [[{{}}, ~, 3, {{a: b}}]]\n"
        for name in (
            *("title", "provenance", "recognise", "namespaces", "metadata", "blocks", "types"),
            *("additional", "when", "rules", "examples", "extends", "level", "message"),
        )
    ),
    "many extends": "schema: s\nextends: ["
    + ", ".join(f"./x{number}.yaml" for number in range(3000))
    + "]",
}


def _many(line: str, number: int = 5_000) -> str:
    return "".join(line.replace("#", str(one)) for one in range(number))


SOUND_ALL_THE_SAME = ("a long name", "null", "many types", "many alike", "a name of many stars")
"""What is large or odd, and no mistake, or more than is compared."""

HOSTILE |= {
    "many unknown keywords": "schema: s\nblocks:\n  b:\n" + _many("    untit#: mV\n", 40_000),
    "many blanks": "schema: s\nblocks:\n  b:\n    data_arrays:\n"
    + _many("      a#: {name: <blank#>}\n"),
    "many types": "schema: s\nnamespaces: {a: closed}\ntypes:\n"
    + _many("  'a.*#*': {type: a.b#}\n"),
    "many alike": "schema: s\ntypes:\n" + _many("  '*#*': {unit: m#}\n") + "  a: {unit: V}\n",
    "a name of many stars": "schema: s\nnamespaces: {a: closed}\ntypes:\n  a."
    + "*a" * 400
    + ": {type: a."
    + "a" * 3000
    + "}",
    "many of one type": "schema: s\nmetadata:\n  m:\n    properties:\n"
    + _many("      p#: {min: 3, max: 2}\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(name: str, tmp_path: Path) -> None:
    findings = check(tmp_path / "lab.yaml", HOSTILE[name])
    assert all(one.message.isprintable() and len(one.message) < 500 for one in findings)
    assert findings or name in SOUND_ALL_THE_SAME


def test_a_long_chain_of_layers_ends(tmp_path: Path) -> None:
    for number in range(200):
        text = f"schema: s{number}\nextends: ./s{number + 1}.yaml\n"
        (tmp_path / f"s{number}.yaml").write_text(text)
    loaded = load_file(tmp_path / "s0.yaml")
    assert any("more than 100 schemas" in one.message for one in loaded.problems)


def test_large_schemas_take_linear_time(tmp_path: Path) -> None:
    def seconds(clauses: int) -> float:
        lines = "".join(
            f"  our.t{number}: {{is: DataArray, name: <a>.<b>, label: <a>.<b>, unit: mV}}\n"
            for number in range(clauses)
        )
        path = tmp_path / f"{clauses}.yaml"
        path.write_text(f"schema: s\nnamespaces: {{our: closed}}\ntypes:\n{lines}  our.*: {{}}\n")
        begin = time.perf_counter()
        assert load_file(path).problems == []
        return time.perf_counter() - begin

    seconds(100)
    few, many = seconds(300), seconds(1500)
    assert many < 12 * few + 0.5


TEXT = st.text(st.sampled_from("abc:{}[]<>*?.,'\"- \n0189&!|#"), max_size=60)


@given(TEXT)
def test_no_text_makes_it_raise(text: str) -> None:
    read_schema(f"schema: s\nblocks: {text}".encode())
    read_schema(text.encode())


LEAF = st.sampled_from(
    ["required", "any", "<a>", "1..3", "mV", "3", "~", "'x*'", "{}", "[]", "true", "forbidden"]
)
WORD = st.sampled_from(
    [
        *("unit", "shape", "count", "metadata", "dimensions", "values", "properties", "when"),
        *("any_of", "select", "override", "accept", "references", "features", "members", "is"),
        *("together", "extra", "member_of", "columns", "rows", "like", "min", "reason", "data"),
    ]
)
TREE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(WORD, inner), max_size=4, unique_by=lambda one: one[0]).map(
            lambda items: "{" + ", ".join(f"{word}: {one}" for word, one in items) + "}"
        ),
    ),
    max_leaves=12,
)


@given(TREE)
def test_no_tree_makes_it_raise(tmp_path_factory: pytest.TempPathFactory, tree: str) -> None:
    path = tmp_path_factory.getbasetemp() / "tree.yaml"
    path.write_text(f"schema: s\nblocks: {{b: {tree}}}\ntypes: {{t: {tree}}}\n")
    for one in load_file(path).problems:
        assert one.message.isprintable()


# Regular expressions

SLOW = [
    "(a+)+b",
    "(a*)*b",
    "(a|a)*b",
    "(a|ab)*c",
    "([a-z]+)*1",
    "(.*)*x",
    r"(\d{1,8})+x",
    "(a?a?)+b",
    ".*.*.*x",
    r"\w+\d+\w+x",
    "((a{1,40})+)+b",
    "(x+x+)+y",
]
SOUND = [
    "[A-Z]\\d+",
    "[a-z]+(_[a-z]+)*",
    r"\d{4}-\d\d-\d\d-\w+",
    "trace-[0-9]+",
    "(left|right)+",
    "(ab?)*",
    r"\d+\.\d+(\.\d+)?",
    "[^/]+/[^/]+/[^/]+",
    ".*",
    "a{3,5}b*",
    "^abc$",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_slow_expressions_are_refused(pattern: str) -> None:
    assert wrong_expression(pattern) is not None


@pytest.mark.parametrize("pattern", SOUND)
def test_sound_expressions_are_taken(pattern: str) -> None:
    assert wrong_expression(pattern) is None


EXPRESSION = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", r"\w", "a?", "ab"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, st.sampled_from("*+?")).map(lambda one: f"({one[0]}){one[1]}"),
        st.tuples(inner, inner).map(lambda one: f"({one[0]}|{one[1]})"),
    ),
    max_leaves=8,
)


@given(EXPRESSION, st.sampled_from(["a", "ab", "aab", "b"]))
def test_what_is_taken_is_fast(pattern: str, text: str) -> None:
    whole = f"{pattern}c"
    if wrong_expression(whole) is None:
        begin = time.perf_counter()
        re.fullmatch(whole, text * 40)
        assert time.perf_counter() - begin < 0.5
