"""What is tighter or looser: each keyword by example, and against what files find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixschema.schema.checking.program import Program
from nixschema.schema.comparing import Change, compared
from nixschema.schema.language import Schema, SchemaDocument
from nixschema.schema.narrowing import Verdict
from tests.schema.building import file_of, section


def made(text: dict[str, Any]) -> SchemaDocument:
    schema = Schema.model_validate({"schema": "lab", **text})
    return SchemaDocument(schema, (schema,))


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return compared(made(old), made(new))


def verdict(old: dict[str, Any], new: dict[str, Any]) -> str:
    found = Verdict.SAME
    for one in changes(old, new):
        found |= one.verdict
    return found.word


def array(**keywords: Any) -> dict[str, Any]:
    return {"blocks": {"b": {"data_arrays": {"a": keywords}}}}


def block(**keywords: Any) -> dict[str, Any]:
    return {"blocks": {"b": keywords}}


OF_ARRAYS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    # Values
    ({"unit": "mV"}, {"unit": "mV"}, "same"),
    ({}, {"unit": "mV"}, "tighter"),
    ({"unit": ["mV", "uV"]}, {"unit": "mV"}, "tighter"),
    ({"unit": "mV"}, {"unit": ["uV", "V"]}, "either"),
    ({"unit": "mV"}, {"unit": {"like": "V"}}, "looser"),
    ({"unit": "mV"}, {"unit": {"like": "A"}}, "either"),
    ({"unit": {"like": "V"}}, {"unit": {"like": "mV"}}, "same"),
    ({"unit": {"like": "V"}}, {"unit": {"like": "s"}}, "either"),
    ({"unit": "m*"}, {"unit": "mV"}, "tighter"),
    ({"unit": "required"}, {"unit": "optional"}, "looser"),
    ({"unit": "optional"}, {"unit": "forbidden"}, "tighter"),
    ({"unit": "required"}, {"unit": "forbidden"}, "either"),
    ({}, {"unit": "optional"}, "same"),
    ({"label": {"pattern": "a+"}}, {"label": {"pattern": "b+"}}, "either"),
    ({"label": {"pattern": "a+"}}, {"label": "required"}, "looser"),
    ({"label": "aa"}, {"label": {"pattern": "a+"}}, "looser"),
    ({"label": {"not": "x"}}, {"label": {"not": ["x", "y"]}}, "tighter"),
    ({"label": {"not": "x"}}, {"label": "required"}, "looser"),
    ({"label": "a"}, {"label": {"fits": "a", "formerly": "b"}}, "looser"),
    ({"label": {"any_of": ["a", "b"]}}, {"label": {"any_of": ["a"]}}, "tighter"),
    ({"label": {"equals": "a"}}, {"label": "a"}, "same"),
    # Ranges
    ({"values": {"min": 0}}, {"values": {"min": 1}}, "tighter"),
    ({"values": {"min": 0}}, {"values": {"above": 0}}, "tighter"),
    ({"values": {"max": "0.1 ms"}}, {"values": {"max": "100 us"}}, "same"),
    ({"values": {"max": "0.1 ms"}}, {"values": {"max": "1 ms"}}, "looser"),
    ({"values": {"max": "0.1 ms"}}, {"values": {"max": 1}}, "either"),
    ({"values": {"min": 0, "max": 5}}, {"values": {"min": 1, "max": 9}}, "either"),
    ({"values": {"finite": True}}, {"values": {"finite": True, "unique": True}}, "tighter"),
    ({"values": {"ascending": True}}, {"values": {"ascending": "strictly"}}, "tighter"),
    (
        {"values": {"column_of": {"data_frame": "f", "column": "c"}, "or": [-1]}},
        {"values": {"column_of": {"data_frame": "f", "column": "c"}}},
        "tighter",
    ),
    # Shapes and dimensions
    ({"shape": ["any", 4]}, {"shape": [3, 4]}, "tighter"),
    ({"shape": ["any", 4]}, {"shape": ["any"]}, "either"),
    ({"dimensions": "required"}, {"dimensions": [{"type": "set"}]}, "tighter"),
    ({"dimensions": "forbidden"}, {"dimensions": [{"type": "set"}]}, "either"),
    (
        {"dimensions": [{"type": "sampled", "unit": "s"}]},
        {"dimensions": [{"type": "sampled", "unit": {"like": "s"}}]},
        "looser",
    ),
    (
        {"dimensions": [{"type": "set"}]},
        {"dimensions": [{"type": "set"}, {"type": "set", "optional": True}]},
        "looser",
    ),
    # Levels, ids, words
    ({"unit": "mV"}, {"unit": {"fits": "mV", "level": "warning"}}, "looser"),
    ({"unit": "mV", "level": "info"}, {"unit": "mV", "level": "error"}, "tighter"),
    ({"unit": "mV"}, {"unit": {"fits": "mV", "reason": "so", "id": "u"}}, "same"),
    ({}, {"accept": {"NIX201": "so"}}, "looser"),
    # Conditions
    (
        {},
        {"when": [{"if": {"unit": "mV"}, "then": {"label": "required"}}]},
        "tighter",
    ),
    (
        {"when": [{"if": {"unit": "mV"}, "then": {"label": "a"}}]},
        {"when": [{"if": {"unit": "mV"}, "then": {"label": ["a", "b"]}}]},
        "looser",
    ),
    ({"any_of": [{"unit": "mV"}]}, {"any_of": [{"unit": "mV"}, {"unit": "V"}]}, "looser"),
    ({"together": {"by": "<s>", "same": ["unit"]}}, {"together": {"by": "<s>"}}, "looser"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), OF_ARRAYS)
def test_keywords_of_arrays(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    assert verdict(array(**old), array(**new)) == expected
    back = {"tighter": "looser", "looser": "tighter"}.get(expected, expected)
    assert verdict(array(**new), array(**old)) == back


MEMBERS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (block(), block(tags={"t": {"type": "x"}}), "tighter"),
    (block(), block(tags={"t": "optional"}), "same"),
    (block(additional="forbid"), block(additional="forbid", tags={"t": "optional"}), "looser"),
    (block(additional="forbid"), block(additional="forbid", tags={"t": "required"}), "either"),
    (block(additional="warn"), block(additional="forbid"), "tighter"),
    (block(tags={"t": {"count": "1..3"}}), block(tags={"t": {"count": "2"}}), "tighter"),
    (block(tags={"t*": {"count": "1..3"}}), block(tags={"t*": {"count": "2..8"}}), "either"),
    (block(tags={"t": {}}), block(tags={"t": {"optional": True}}), "looser"),
    (
        block(tags={"t": {"references": [{"name": "a"}]}}),
        block(tags={"t": {"references": [{"name": "a"}, {"only": True}]}}),
        "tighter",
    ),
    (
        block(tags={"t": {"references": [{"name": "a"}, {"only": True}]}}),
        block(
            tags={
                "t": {
                    "references": [
                        {"name": "a"},
                        {"name": "b", "optional": True},
                        {"only": True},
                    ]
                }
            }
        ),
        "looser",
    ),
    (
        block(tags={"x": {"select": {"type": "a"}, "units": ["s"]}}),
        block(tags={"y": {"select": {"type": "a"}, "units": ["s"]}}),
        "same",
    ),
    ({"namespaces": {"our": "open"}}, {"namespaces": {"our": "closed"}}, "tighter"),
    (
        {"namespaces": {"our": "closed"}},
        {"namespaces": {"our": "closed"}, "types": {"our.x": {"is": "Tag"}}},
        "looser",
    ),
    ({}, {"types": {"x": {"is": "Tag"}}}, "tighter"),
    ({}, {"types": {"x": {}}}, "same"),
    ({"rules": ["a:b"]}, {"rules": ["a:b", "a:c"]}, "tighter"),
    ({}, {"recognise": {"metadata": {"s": {}}}}, "tighter"),
    ({"title": "a"}, {"title": "b", "version": "2"}, "same"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MEMBERS)
def test_members(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    assert verdict(old, new) == expected
    back = {"tighter": "looser", "looser": "tighter"}.get(expected, expected)
    assert verdict(new, old) == back


def test_what_is_no_error_does_not_break() -> None:
    (one,) = changes(array(), array(unit={"fits": "mV", "level": "warning"}))
    assert (one.verdict, one.is_breaking) == (Verdict.TIGHTER, False)
    assert [one.is_breaking for one in changes(array(), array(unit="mV"))] == [True]


def test_only_the_top_of_a_changed_level_is_told() -> None:
    old = {"blocks": {"b": {"data_arrays": {"a": {"unit": "mV"}}}}}
    new = {"blocks": {"b": {"level": "warning", "data_arrays": {"a": {"unit": "mV"}}}}}
    assert [(one.path, one.keyword) for one in changes(old, new)] == [("/blocks/b", "level")]


# Against what files find

numbers = st.integers(-3, 3)
texts = st.sampled_from(["a", "b", "ab", "mV", "V", "s"])
leaves = st.lists(texts, min_size=1, max_size=3, unique=True)
of_text = st.one_of(
    st.builds(lambda one: {"fits": one}, leaves),
    st.builds(lambda one: {"one_of": one}, leaves),
    st.builds(lambda one: {"not": one}, leaves),
    st.sampled_from([
        {"fits": "a*"}, {"fits": "?"}, {"pattern": "a+"}, {"pattern": "[ab]+"},
        {"like": "V"}, {"like": "s"}, {"equals": "a"},
    ]),
)  # fmt: skip
of_number = st.one_of(
    st.builds(lambda one: {"fits": [one]}, numbers),
    st.builds(lambda word, one: {word: one}, st.sampled_from(["min", "above"]), numbers),
    st.builds(lambda word, one: {word: one}, st.sampled_from(["max", "below"]), numbers),
    st.builds(lambda low, high: {"min": min(low, high), "max": max(low, high)}, numbers, numbers),
)


@st.composite
def constraints(draw: st.DrawFn, one: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in draw(st.lists(one, min_size=1, max_size=2)):
        found |= part
    if draw(st.integers(0, 4)) == 0:
        found = {"any_of": [found, draw(one)]}
    if draw(st.integers(0, 4)) == 0:
        found = {"all_of": [found, draw(one)]}
    if draw(st.booleans()):
        found["optional"] = True
    return found


def asked(one: dict[str, Any]) -> dict[str, Any]:
    """A schema about one property."""
    prop = {"values": one, "optional": bool(one.get("optional"))}
    return {"metadata": {"s": {"properties": {"p": prop}}}}


def passes(constraint: dict[str, Any], value: Any) -> bool:
    """Whether a value passes, as the check of files has it."""
    given = [section("s", "s") if value is None else section("s", "s", p=value)]
    return not Program(made(asked(constraint))).check(file_of(metadata=given)).findings


VALUES: dict[str, list[Any]] = {"text": ["a", "b", "ab", "aa", "mV", "V", "s", "zz", None],
          "number": [-4, -3, -2, -1, 0, 0.5, 1, 2, 3, 4, None]}  # fmt: skip


def compare_with_files(old: dict[str, Any], new: dict[str, Any], values: list[Any]) -> None:
    found = verdict(asked(old), asked(new))
    for value in values:
        before, after = passes(old, value), passes(new, value)
        if before and not after:
            assert found in ("tighter", "either"), value
        if after and not before:
            assert found in ("looser", "either"), value


@given(constraints(of_text), constraints(of_text))
def test_texts_are_compared_as_files_are_judged(old: dict[str, Any], new: dict[str, Any]) -> None:
    compare_with_files(old, new, VALUES["text"])


@given(constraints(of_number), constraints(of_number))
def test_numbers_are_compared_as_files_are_judged(old: dict[str, Any], new: dict[str, Any]) -> None:
    compare_with_files(old, new, VALUES["number"])
