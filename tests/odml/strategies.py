"""odML documents drawn by hypothesis.

`sound` draws those in which every value fits its type, every id is a UUID and no two siblings share
a name, over all types and fields and the texts that somebody's reader or writer damages. `wild`
draws documents that hold anything that the model lets them hold.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from nixschema.odml_model.document import Cardinality, Document, Property, Section, Value

TRICKY = (
    "a,b",
    "[x]",
    "[x,y]",
    "[x",
    "y]",
    "[]",
    "[",
    "a\nb",
    "\n",
    "a\r\nb",
    "a\rb",
    "\ta\t",
    "",
    " ",
    "  a  ",
    "\u00a0a\u00a0",
    "it's",
    'say "hi" ok',
    '"quoted"',
    'end "q"',
    '"',
    '""',
    'a "b", c',
    "123",
    "1e3",
    "0x1F",
    "1_000",
    "12:30:15",
    "yes",
    "null",
    "~",
    "nan",
    ".inf",
    "True",
    "2020-01-01",
    "2020-01-01 10:00:00",
    "(a;b)",
    "[(a;b)]",
    "Doe, Jane",
    "<b>&amp;</b>]]>",
    "&#13;",
    "\\n",
    "- a",
    "a: b",
    "# no comment",
    "%",
    "@",
    "!tag",
    "*alias",
    "a\tb",
    "\u0085",
    "a\u2028b",
    "\ufeff",
    "\ufffe",
    "\0",
    "\x07bell",
    "\x7f",
    "\ud800",
    "µV",
    "e\u0301",
    "電位",
    "\N{MICROSCOPE}",
    "x" * 200,
    "line\n  indented\n\nlast\n",
)
"""Texts that are damaged somewhere; all of them are legal values of a string."""

ODD_NAMES = (
    "a b",
    "a/b",
    "a:b",
    ".",
    "..",
    "[x]",
    "ünïcödé",
    "<name>",
    '"',
    "sections",
    "properties",
    "name",
    "1",
    "True",
    "null",
    "two\nlines",
)

UNITS = ("mV", "µV", "mm / s", "mu_rel", "not a unit", "%", "1")
TEXT_TYPES = ("string", "text", "url", "person")
BIG = (2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30)
FLOATS = (0.0, -0.0, 1e-300, 5e-324, 1e22, 0.1, float("nan"), float("inf"), float("-inf"))

texts = st.one_of(st.sampled_from(TRICKY), st.text(max_size=12))
ids = st.uuids(version=4).map(str)
integers = st.one_of(st.integers(-1000, 1000), st.sampled_from(BIG))
floats = st.one_of(st.sampled_from(FLOATS), st.floats())
dates = st.one_of(st.dates(), st.just(date(33, 1, 1))).map(date.isoformat)
times = st.times().map(lambda found: time.strftime(found.replace(microsecond=0), "%H:%M:%S"))
datetimes = st.datetimes().map(lambda found: str(datetime.replace(found, microsecond=0)))
elements = st.text("ab 1,()[]\"'é\n<&", max_size=4).map(str.strip)

SOUND_VALUES: dict[str, SearchStrategy[Any]] = {
    **dict.fromkeys(TEXT_TYPES, texts),
    "int": integers,
    "float": floats,
    "boolean": st.booleans(),
    "date": dates,
    "time": times,
    "datetime": datetimes,
    **{f"{n}-tuple": st.tuples(*[elements] * n) for n in (1, 2, 3)},
}


@st.composite
def cardinalities(draw: DrawFn) -> Cardinality:
    """At least and at most, one of them maybe open, the second not below the first."""
    least = draw(st.one_of(st.none(), st.integers(0, 3)))
    if least is None:
        return None, draw(st.integers(1, 5))
    return least, draw(st.one_of(st.none() if least else st.just(1), st.integers(least, 5)))


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


names = st.one_of(st.sampled_from(ODD_NAMES), st.text("abcäß _-.", min_size=1, max_size=6))
"""Names, some of them odd."""


@st.composite
def sound_properties(draw: DrawFn, name: str) -> Property:
    dtype = draw(st.sampled_from(tuple(SOUND_VALUES)))
    return Property(
        name=name,
        id=draw(ids),
        values=draw(st.lists(SOUND_VALUES[dtype], max_size=4)),
        dtype=dtype,
        unit=draw(maybe(st.one_of(st.sampled_from(UNITS), texts))),
        uncertainty=draw(maybe(st.one_of(st.integers(0, 9), st.floats(allow_nan=False), texts))),
        definition=draw(maybe(texts)),
        reference=draw(maybe(texts)),
        value_origin=draw(maybe(texts)),
        dependency=draw(maybe(names)),
        dependency_value=draw(maybe(st.one_of(texts, integers, floats, st.booleans()))),
        val_cardinality=draw(maybe(cardinalities())),
    )


@st.composite
def sound_sections(draw: DrawFn, name: str, depth: int) -> Section:
    link = draw(st.sampled_from(("none", "link", "include", "both")))
    return Section(
        name=name,
        id=draw(ids),
        type=draw(st.sampled_from(("n.s.", "stimulus/white_noise", "ü", "a b", "[x]"))),
        definition=draw(maybe(texts)),
        reference=draw(maybe(texts)),
        repository=draw(maybe(texts)),
        link="/a/b" if link in ("link", "both") else None,
        include="https://example.org/terms.xml#a" if link in ("include", "both") else None,
        sec_cardinality=draw(maybe(cardinalities())),
        prop_cardinality=draw(maybe(cardinalities())),
        properties=[draw(sound_properties(one)) for one in draw(sibling_names())],
        sections=[draw(sound_sections(one, depth - 1)) for one in draw(sibling_names())]
        if depth
        else [],
    )


def sibling_names() -> SearchStrategy[list[str]]:
    return st.lists(names, max_size=2, unique_by=str.strip).map(
        lambda found: [one for one in found if one.strip()]
    )


@st.composite
def sound(draw: DrawFn) -> Document:
    """Documents in which everything is as it should be."""
    return Document(
        id=draw(ids),
        author=draw(maybe(st.one_of(texts, integers, floats))),
        version=draw(maybe(st.one_of(texts, integers, floats, st.booleans()))),
        date=draw(maybe(dates)),
        repository=draw(maybe(texts)),
        sections=[draw(sound_sections(one, 1)) for one in draw(sibling_names())],
    )


scalars = st.one_of(texts, integers, floats, st.booleans())
wild_values: SearchStrategy[Value] = st.one_of(
    scalars, st.lists(st.one_of(texts, elements), max_size=3).map(tuple)
)
WILD_TYPES = (
    *SOUND_VALUES,
    "str",
    "bool",
    "integer",
    "String",
    "INT",
    "binary",
    "",
    " ",
    "4-tuple",
)


@st.composite
def wild_properties(draw: DrawFn) -> Property:
    dtype = draw(maybe(st.sampled_from(WILD_TYPES)))
    fitting = SOUND_VALUES.get(dtype or "", wild_values)
    return Property(
        name=draw(st.one_of(names, texts)),
        id=draw(maybe(st.one_of(ids, texts))),
        values=draw(st.lists(st.one_of(fitting, wild_values), max_size=4)),
        dtype=dtype,
        unit=draw(maybe(texts)),
        uncertainty=draw(maybe(scalars)),
        definition=draw(maybe(texts)),
        reference=draw(maybe(texts)),
        value_origin=draw(maybe(texts)),
        dependency=draw(maybe(texts)),
        dependency_value=draw(maybe(scalars)),
        val_cardinality=draw(maybe(cardinalities())),
    )


@st.composite
def wild_sections(draw: DrawFn, depth: int) -> Section:
    return Section(
        name=draw(st.one_of(names, texts)),
        id=draw(maybe(st.one_of(ids, texts))),
        type=draw(maybe(texts)),
        definition=draw(maybe(texts)),
        reference=draw(maybe(texts)),
        repository=draw(maybe(texts)),
        link=draw(maybe(texts)),
        include=draw(maybe(texts)),
        sec_cardinality=draw(maybe(cardinalities())),
        prop_cardinality=draw(maybe(cardinalities())),
        properties=draw(st.lists(wild_properties(), max_size=2)),
        sections=draw(st.lists(wild_sections(depth - 1), max_size=2)) if depth else [],
    )


@st.composite
def wild(draw: DrawFn) -> Document:
    """Documents that hold anything at all."""
    return Document(
        id=draw(maybe(st.one_of(ids, texts))),
        author=draw(maybe(scalars)),
        version=draw(maybe(scalars)),
        date=draw(maybe(st.one_of(dates, texts))),
        repository=draw(maybe(texts)),
        sections=draw(st.lists(wild_sections(1), max_size=2)),
    )
