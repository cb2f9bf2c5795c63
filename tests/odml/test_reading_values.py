"""Values are read as Python's odML library reads them, where that reads them right."""

from __future__ import annotations

import csv
import io
import math
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nixschema.odml.reading import read_odml_bytes
from nixschema.odml.reading.lists import listed, tuples
from nixschema.odml_model.document import Value
from tests.odml.against_python_odml import silence

XML_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\r\t")
    | st.sampled_from('",[] \n'),
    max_size=20,
).filter(lambda text: not set(text) & {"\ufffe", "\uffff"})
"""What XML can hold."""

NASTY = [
    *(["a,b"], ["a,b", "c"], ["[x]"], ["[x,y]"], ["[x]", "[y]"], ["[x", "y]"], ["a\nb"]),
    *(["a\nb", "c"], ["\r"], ["a\r\nb", "\t"], [""], ["a", "", "b"], ["", ""], ["  a  "]),
    *(["\u00a0a\u00a0"], ["   "], ["it's"], ['say "hi" ok'], ['"quoted"'], ['end "q"']),
    *(['"a"', "b"], ["a", 'say "b"'], ['a "b", c', "d"], ["123"], ["(a;b)"], ['"'], ['""']),
    *(['","'], ["[", "]"], ["µ\U0001f600"]),
]


def safely(values: list[str]) -> str:
    """A list as every reader reads it: all values between quotes."""
    return "[" + ",".join('"' + one.replace('"', '""') + '"' for one in values) + "]"


def document(value: str, dtype: str | None = None) -> bytes:
    typed = f"<type>{dtype}</type>" if dtype else ""
    text = escape(value, {"\r": "&#13;"})
    return (
        '<?xml version="1.0" encoding="UTF-8"?><odML version="1.1"><section><name>s</name>'
        f"<type>t</type><property><name>p</name>{typed}<value>{text}</value></property>"
        "</section></odML>"
    ).encode()


def ours(value: str, dtype: str | None = None) -> tuple[list[Value], list[str]]:
    found, problems = read_odml_bytes(document(value, dtype))
    assert found is not None
    return found.sections[0].properties[0].values, [one.rule for one in problems]


def of_library(value: str, dtype: str | None = None) -> list[Any]:
    from odml.tools.xmlparser import XMLReader

    with silence():
        found = XMLReader(show_warnings=False).from_string(document(value, dtype))
    values: list[Any] = found.sections[0].properties[0].values
    return values


@pytest.mark.parametrize("values", NASTY, ids=repr)
def test_lists_between_quotes_are_read_exactly(values: list[str]) -> None:
    assert ours(safely(values), "string") == (values, [])
    assert of_library(safely(values), "string") == values


@given(st.lists(XML_TEXTS, min_size=1, max_size=5))
def test_any_list_between_quotes_is_read_exactly(values: list[str]) -> None:
    found = listed(safely(values))
    assert (found.items, found.is_list, found.complaint) == (values, True, None)


@settings(max_examples=60)
@given(st.lists(XML_TEXTS, min_size=1, max_size=4))
def test_both_read_the_same_list(values: list[str]) -> None:
    assert ours(safely(values), "string")[0] == of_library(safely(values), "string")


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab",["]x'), max_size=14))
@example('a"b,c')
@example('"a"b,c')
@example('"a""b",')
@example(",")
def test_rows_are_those_of_csv(inner: str) -> None:
    """Quotes in the middle, text behind quotes, quotes that are not closed."""
    expected = next(csv.reader(io.StringIO(inner))) if inner else []
    assert listed(f"[{inner}]").items == expected


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab,[] x(1;)"), min_size=1, max_size=12).filter(str.strip))
def test_texts_without_quotes_are_read_as_the_library_reads_them(text: str) -> None:
    if text.strip() != text and text.strip()[0] == "[" and text.strip()[-1] == "]":
        return  # The library takes a list with blanks around it for a text.
    if text[0] == "[" and text[-1] == "]" and text[1:-1].isspace():
        return  # The library takes a blank for a value here, and we take it for none.
    assert ours(text, "string")[0] == of_library(text, "string")


@pytest.mark.parametrize(
    ("text", "dtype", "values"),
    [
        # Each is read wrong by the library, or not at all.
        ("\n  [1, 2]\n", "int", [1, 2]),
        ("[\n  a,\n  b\n]", "string", ["a", "b"]),
        ('[a, "b, c" ,d]', "string", ["a", "b, c", "d"]),
        ('[ "a" , "b" ]', "string", ["a", "b"]),
        ("[(a, b;c),(d;e)]", "2-tuple", [("a, b", "c"), ("d", "e")]),
    ],
)
def test_lists_that_only_we_read(text: str, dtype: str, values: list[Value]) -> None:
    found, rules = ours(text, dtype)
    assert found == values
    assert set(rules) <= {"NIX818"}


@pytest.mark.parametrize(
    "text",
    ["[a, b]", "[a ,b]", '["a]', '["a"b,c]', '[a, "b"]', "\n[a]\n", "[a,\nb]"],
)
def test_lists_that_readers_disagree_about_are_told(text: str) -> None:
    assert ours(text, "string")[1] == ["NIX818"]


@pytest.mark.parametrize("text", ["[a,b]", "a, b", " a ", '48" wire', "[a", "a]", "[]", "", " "])
def test_others_are_not_told(text: str) -> None:
    assert ours(text, "string")[1] == []


@pytest.mark.parametrize(
    ("dtype", "text", "value"),
    [
        *(("int", "12", 12), ("int", " -3\n", -3), ("int", "1e3", 1000), ("int", "9" * 40, None)),
        *(("float", "1e-300", 1e-300), ("float", "inf", math.inf), ("float", "-0.0", -0.0)),
        *(("float", "5", 5.0), ("FLOAT", ".5", 0.5), ("bool", "T", True), ("boolean", "0", False)),
        *(("date", "2021-3-4", "2021-3-4"), ("date", " 2021-03-04 ", "2021-03-04")),
        *(("time", "12:00:00", "12:00:00"), ("time", "12:00:00.25", "12:00:00.25")),
        *(("datetime", "2021-03-04 12:00:00", None), ("datetime", "2021-03-04T12:00:00Z", None)),
        *(("datetime", "2021-03-04 12:00:00.123+02:00", None), ("2-tuple", "( 1 ;2)", ("1", "2"))),
        *(("1-tuple", "(a)", ("a",)), ("url", "x,y", "x,y"), ("person", "Doe, J", "Doe, J")),
        *(("string", " a ", " a "), (None, "12", "12")),
    ],
)
def test_values_of_each_type(dtype: str | None, text: str, value: Value | None) -> None:
    found, rules = ours(text, dtype)
    expected = value if value is not None else int(text) if dtype == "int" else text
    assert [(one, type(one)) for one in found] == [(expected, type(expected))]
    assert rules == []


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        *(("int", "1_000"), ("int", "٣"), ("int", "nan"), ("int", "1e400"), ("int", "9" * 5000)),
        *(("float", "1_0"), ("float", "1,5"), ("float", "0x1p3"), ("boolean", "ja")),
        *(("date", "2021-02-29"), ("date", "4.3.2021"), ("time", "12h"), ("time", "12:60:00")),
        *(("datetime", "2021-03-04"), ("datetime", "12:00:00"), ("2-tuple", "1;2")),
        *(("3-tuple", "(1;2)"), ("2-tuple", "(")),
    ],
)
def test_values_that_do_not_fit_are_kept_as_text(dtype: str, text: str) -> None:
    assert ours(text, dtype) == ([text], ["NIX811"])


@given(st.integers() | st.floats(allow_nan=False) | st.booleans())
def test_numbers_are_read_exactly(value: int | float | bool) -> None:
    dtype = {int: "int", float: "float", bool: "boolean"}[type(value)]
    assert ours(repr(value), dtype) == ([value], [])


def test_many_values_that_do_not_fit_are_told_briefly() -> None:
    found, rules = ours("[" + ",".join("x" * 100) + "]", "int")
    assert found == ["x"] * 100
    assert rules == ["NIX811"] * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1;2)", ["(1;2)"]),
        ("[(1;2) , (3,4)]", ["(1;2)", "(3,4)"]),
        ("[]", []),
        ("(1;2),", None),
        ("(1;2)(3;4)", None),
        ("(1;2", None),
        ("1;2", None),
    ],
)
def test_tuples_end_at_their_brackets(text: str, expected: list[str] | None) -> None:
    assert tuples(text) == expected
