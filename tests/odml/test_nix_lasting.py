"""NIX comes back from odML that Python's odML library read and wrote again."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

import nixschema as nx
from nixschema.model.differences import differences
from nixschema.odml.bridge import quiet
from nixschema.odml.comparing import equal_documents
from nixschema.odml.from_nix import document_of
from nixschema.odml.overlay import fields_of, put
from nixschema.odml.reading import read_odml_bytes
from nixschema.odml.resaving import are_kept, kept_form, values_forms
from nixschema.odml.reserved import facts_of, is_reserved
from nixschema.odml.to_nix import sections_of
from nixschema.odml.writing import odml_text
from nixschema.odml.writing.losses import TextFormat, losses
from nixschema.odml_model.document import Document, Property, Section
from tests.odml.library import odml
from tests.odml.strategies import TRICKY, floats

FORMATS: tuple[TextFormat, ...] = get_args(TextFormat)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
NIX_FILES = sorted(path for path in (SHARED / "nix").rglob("*.*") if path.suffix in (".nix", ".h5"))

OLD = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
TIMES: Any = {"created_at": OLD, "updated_at": OLD}


def saved(
    document: Document,
    folder: Path,
    format: TextFormat,
    edit: Callable[[Any], object] = len,
    *,
    turns: int = 1,
) -> Document:
    """A document that the library loaded, and saved after an edit, as often as it can."""
    path = folder / f"a.{format}"
    path.write_bytes("".join(odml_text(document, format)).encode())
    for turn in range(turns):
        with quiet(), contextlib.redirect_stderr(io.StringIO()):
            try:
                known = odml.load(str(path), format.upper(), show_warnings=False)
            except Exception:
                if not turn:
                    raise
                break  # The library does not read what it wrote.
            edit(known)
            odml.save(known, str(path), format.upper())
    back, _ = read_odml_bytes(path.read_bytes(), path.name)
    assert back is not None
    return back


def different(file: nx.File, document: Document) -> list[str]:
    """What is another in the metadata of the file that a document becomes."""
    copy = file.copy(keep_id=True)
    copy.metadata.clear()
    copy.metadata.extend(sections_of(document))
    return [
        f"{one.path} {one.field}: {one.message}"
        for one in differences(file, copy, only="metadata", strict=True)
        if one.path.startswith("/metadata") or one.entity == "File"
    ]


def of(**given: Any) -> nx.File:
    """A file with one property."""
    fields = {"name": "p", "values": ["v"], "dtype": "string", **TIMES, **given}
    fields = {key: one for key, one in fields.items() if one is not None}
    known = nx.Property(**fields)
    return nx.File(metadata=[nx.Section(name="s", type="t", properties=[known], **TIMES)])


def only(document: Document) -> Property:
    return document.sections[0].properties[0]


# Real files


@pytest.mark.skipif(not NIX_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", NIX_FILES, ids=lambda path: str(path.name))
def test_real_files_come_back(path: Path, tmp_path: Path) -> None:
    try:
        file = nx.read(path)
    except nx.NixError:
        pytest.skip("no NIX file")
    document, _ = document_of(file)
    for format in FORMATS:
        assert different(file, saved(document, tmp_path, format)) == []


# Drawn files

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.sampled_from([one for one in TRICKY if "\0" not in one and one != "\ud800"]),
    st.text(st.sampled_from(',"[] \n\r;()ab\x07é\u00a0'), max_size=6),
    st.text(characters, max_size=6),
)
names = texts.map(lambda text: text.replace("/", "")).filter(
    lambda name: name not in ("", ".", "..")
)
moments = st.one_of(
    st.datetimes(timezones=st.none() | st.just(UTC)).map(datetime.isoformat),
    st.datetimes().map(lambda found: str(found.replace(microsecond=0))),
    st.dates().map(date.isoformat),
    st.times().map(time.isoformat),
    st.sampled_from(["2020-1-2", "3:04", "", "2020-02-30", "soon", "2020-01-02T03:04:05.000"]),
)
TYPES: dict[str, Any] = {
    **dict.fromkeys(("string", "text", "url", "person"), texts),
    **dict.fromkeys(("date", "time", "datetime"), moments),
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": floats,
    "boolean": st.booleans(),
}


def maybe(drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), drawn)


@st.composite
def properties(draw: DrawFn, name: str) -> nx.Property:
    dtype = draw(st.sampled_from(tuple(TYPES)))
    values = draw(st.lists(TYPES[dtype], max_size=3))
    fields = {
        "dtype": draw(st.sampled_from((dtype, None))) if values else None,
        "unit": draw(maybe(texts)),
        "uncertainty": draw(maybe(floats)),
        "definition": draw(maybe(texts)),
        "reference": draw(maybe(texts)),
        "value_origin": draw(maybe(texts)),
        "dependency": draw(maybe(names)),
        "dependency_value": draw(maybe(texts)),
    }
    given = {key: one for key, one in fields.items() if one is not None}
    return nx.Property(name=name, values=values, **given, **TIMES)


@st.composite
def sections(draw: DrawFn, name: str, depth: int = 1) -> nx.Section:
    own = draw(st.lists(names, max_size=2, unique=True))
    inner = draw(st.lists(names, max_size=2, unique=True)) if depth else []
    fields = {name: draw(maybe(texts)) for name in ("definition", "reference", "repository")}
    return nx.Section(
        name=name,
        type=draw(texts.filter(bool)),
        **{key: one for key, one in fields.items() if one is not None},
        properties=[draw(properties(one)) for one in own],
        sections=[draw(sections(one, depth - 1)) for one in inner],
        **TIMES,
    )


@st.composite
def files(draw: DrawFn) -> nx.File:
    top = draw(st.lists(names, max_size=2, unique=True))
    return nx.File(metadata=[draw(sections(one)) for one in top])


@pytest.mark.parametrize("format", FORMATS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(file=files(), turns=st.integers(1, 2))
def test_drawn_files_come_back(
    tmp_path: Path, format: TextFormat, file: nx.File, turns: int
) -> None:
    document, told = document_of(file)
    assert told == []
    assert different(file, document) == []
    assert different(file, saved(document, tmp_path, format, turns=0)) == []
    assert different(file, saved(document, tmp_path, format, turns=turns)) == []


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=40, deadline=None)
@given(file=files())
def test_the_library_reads_all_that_is_written(format: TextFormat, file: nx.File) -> None:
    document, _ = document_of(file)
    unread = [one for one in losses(document, format) if not one.is_lost]
    assert unread == []


# The model of the library

rows = st.lists(st.text(st.sampled_from(",\"[]' \n\r\tab\x07\u00a0"), max_size=5), max_size=4)


def as_library(texts: list[str], dtype: str | None) -> Iterator[tuple[str | None, list[Any]]]:
    """What our reader finds after each turn of the library."""
    given = Property("p", values=list(texts), dtype=dtype)
    document = Document(sections=[Section("s", type="t", properties=[given])])
    text = "".join(odml_text(document, "xml"))
    for turn in range(3):
        with quiet():
            try:
                known = odml.tools.xmlparser.XMLReader(show_warnings=False).from_string(
                    text.encode()
                )
            except Exception:
                assert turn, "the library does not read what we write"
                return
            if turn:
                found = known.sections[0].properties[0]
                yield found.dtype, list(found.values)
            text = str(odml.tools.xmlparser.XMLWriter(known))
        back, _ = read_odml_bytes(text.encode(), "a.xml")
        assert back is not None
        yield only(back).dtype, list(only(back).values)


@settings(max_examples=300, deadline=None)
@given(rows, st.sampled_from(["string", "text", "String", "str", "binary", None]))
def test_the_library_does_as_the_model_says(texts: list[str], dtype: str | None) -> None:
    one = Property("p", values=list(texts), dtype=dtype)
    known = [(dtype, list(texts)), *values_forms(one)]
    for found in as_library(texts, dtype):
        assert found in known
    if are_kept(one):
        assert [found for found in known if found != known[0]] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(moments, min_size=1, max_size=2), st.sampled_from(["date", "time", "datetime"]))
def test_dates_and_times_are_read_in_their_kept_form(texts: list[str], dtype: str) -> None:
    kept, values = kept_form(Property("p", values=list(texts), dtype=dtype))
    made = odml.Property("p", values=values, dtype=kept)
    assert list(map(str, made.values)) == values
    assert kept in (dtype, "string")


# What odML users see


@pytest.mark.parametrize(
    ("given", "dtype", "values"),
    [
        (["2020-01-02T03:04:05"], "datetime", ["2020-01-02 03:04:05"]),
        (["2020-01-02T03:04:05.000", "2020-1-2 3:04"], "datetime",
         ["2020-01-02 03:04:05", "2020-01-02 03:04:00"]),
        (["2020-01-02 03:04:05.5"], "string", ["2020-01-02 03:04:05.5"]),
        (["2020-01-02 03:04:05+01:00"], "string", ["2020-01-02 03:04:05+01:00"]),
        (["2020-01-02 03:04:05", "soon"], "string", ["2020-01-02 03:04:05", "soon"]),
        (["0999-01-02 03:04:05"], "string", ["0999-01-02 03:04:05"]),
        ([""], "string", [""]),
    ],
)  # fmt: skip
def test_times_that_the_library_does_not_read(
    given: list[str], dtype: str, values: list[str]
) -> None:
    file = of(values=given, dtype="datetime")
    document, _ = document_of(file)
    assert (only(document).dtype, only(document).values) == (dtype, values)
    assert different(file, document) == []


def test_names_that_xml_makes_the_same(tmp_path: Path) -> None:
    inner = [nx.Section(name=name, type="t", **TIMES) for name in (" a", "a", "a ", "a-2", " ")]
    file = nx.File(metadata=[nx.Section(name="s", type=" ", sections=inner, **TIMES)])
    document, _ = document_of(file)
    assert [one.name for one in document.sections[0].sections] == [
        "a-3", "a", "a-4", "a-2", "unnamed",
    ]  # fmt: skip
    assert document.sections[0].type == "n.s."
    assert different(file, saved(document, tmp_path, "xml")) == []


def test_a_dependency_that_stops_the_library_from_saving(tmp_path: Path) -> None:
    file = of(dependency="within")
    file.metadata[0].sections.append(nx.Section(name="within", type="t", **TIMES))
    document, _ = document_of(file)
    assert only(document).dependency is None
    assert different(file, saved(document, tmp_path, "xml")) == []


@pytest.mark.parametrize("format", FORMATS)
def test_what_only_the_overlay_holds_comes_back(tmp_path: Path, format: TextFormat) -> None:
    file = of(values=["(a,b;c)"], dtype=None, uncertainty=1.0, dependency_value="0")
    before = {"dtype": "string", "values": ["(a,b;c)"]}
    after = {"dtype": "2-tuple", "values": [("a,b", "c")]}
    put(
        file.metadata[0].properties[0].extra,
        {
            "values": (before, after),
            "val_cardinality": (None, [1, 1]),
            "uncertainty": (1.0, "1.0"),
            "dependency_value": ("0", 0),
        },
    )
    document, _ = document_of(file)
    assert only(document).values == ["(a,b;c)"]
    [section] = sections_of(saved(document, tmp_path, format))
    one, other = section.properties[0], file.metadata[0].properties[0]
    assert fields_of(one.extra) == fields_of(other.extra)
    assert list(one.values) == list(other.values)


@pytest.mark.parametrize(
    "given",
    [
        {"values": ["a, b"]},
        {"values": ["a", "", "[b]"]},
        {"values": [0.0, math.nan], "dtype": "float"},
        {"values": ["2020-01-31"], "dtype": "date"},
        {"values": [], "dtype": None},
        {"values": [True], "dtype": "boolean", "unit": "mm / s"},
    ],
)
def test_values_that_last_need_no_fact(given: dict[str, Any]) -> None:
    document, _ = document_of(of(**given))
    facts, _ = facts_of(document)
    assert not facts.saved


def test_a_file_without_metadata_stays_without(tmp_path: Path) -> None:
    document, _ = document_of(nx.File())
    assert list(map(is_reserved, document.sections)) == [True]
    for format in FORMATS:
        assert sections_of(saved(document, tmp_path, format)) == []
    assert document_of(nx.File(), reserved=False)[0].sections == []


def test_without_the_reserved_section_what_is_replaced_is_told() -> None:
    file = of(values=["2020-01-02T03:04:05"], dtype="datetime", definition=" edges ")
    document, told = document_of(file, reserved=False)
    assert [(one.path, one.field) for one in told] == [("/metadata/s/properties/p", "values")]
    assert not any(map(is_reserved, document.sections))


def test_documents_taken_in_and_not_changed_stay_clean(tmp_path: Path) -> None:
    document = Document(
        "1f2e3d4c-0000-4000-8000-000000000000",
        " Ada ",
        sections=[
            Section(
                " a ",
                id="1f2e3d4c-0000-4000-8000-000000000001",
                type="t",
                properties=[
                    Property("p", values=['say "hi"', ""], dtype="string", val_cardinality=(1, 1)),
                    Property("q", values=["2020-01-02T03:04:05"], dtype="datetime"),
                ],
            )
        ],
    )
    nx.write(nx.File(metadata=sections_of(document)), tmp_path / "a.nix")
    assert equal_documents(document, document_of(nx.read(tmp_path / "a.nix"))[0]) == []


# Edits


def set_on_property(name: str, value: Any) -> Callable[[Any], None]:
    return lambda known: setattr(known.sections[0].properties[0], name, value)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"values": [""]}, "values", ["new"]),
        ({"values": ['say "hi"']}, "values", ['say "ho" too']),
        ({"values": [" a ", "b\n"]}, "values", ["a"]),
        ({"unit": " mV "}, "unit", "uV"),
        ({"definition": ""}, "definition", "new"),
        ({"reference": "a\n"}, "reference", None),
        ({"uncertainty": 0.0}, "uncertainty", 0.5),
        ({"dependency_value": " "}, "dependency_value", "x"),
    ],
)
def test_edits_made_with_the_library_win(
    tmp_path: Path, format: TextFormat, given: dict[str, Any], name: str, value: Any
) -> None:
    document, _ = document_of(of(**given))
    back = saved(document, tmp_path, format, set_on_property(name, value))
    found = getattr(nx.File(metadata=sections_of(back)).metadata[0].properties[0], name)
    plain = list(found) if name == "values" else found
    wanted = ['say ""ho"" too'] if (value, format) == (['say "ho" too'], "xml") else value
    assert plain == wanted


def test_an_edited_time_wins(tmp_path: Path) -> None:
    document, _ = document_of(of(values=["2020-01-02T03:04:05"], dtype="datetime"))
    edit = set_on_property("values", [datetime(2021, 1, 2, 3, 4, 5)])
    [section] = sections_of(saved(document, tmp_path, "xml", edit))
    found = section.properties[0]
    assert (list(found.values), found.dtype) == (["2021-01-02 03:04:05"], "datetime")


def test_a_new_type_of_replaced_times_wins(tmp_path: Path) -> None:
    document, _ = document_of(of(values=["12:00:00.5"], dtype="time"))
    edit = set_on_property("dtype", "text")
    [section] = sections_of(saved(document, tmp_path, "xml", edit))
    assert section.properties[0].dtype == "text"


# Size


def test_long_values_do_not_stop_the_library(tmp_path: Path) -> None:
    long = [nx.Property(name=f"p{n}", values=["x" * 200_000 + "\n"], **TIMES) for n in range(3)]
    file = nx.File(metadata=[nx.Section(name="s", type="t", properties=long, **TIMES)])
    document, _ = document_of(file)
    assert different(file, saved(document, tmp_path, "xml")) == []


@pytest.mark.parametrize("text", ["", "a", "a:b", "a:b:c", f"{'0' * 24}:x:y", ":::", "x:y:.!!"])
@pytest.mark.parametrize("field", ["values", "unit", "sections", "place", "no such", "id", "name"])
def test_what_is_no_fact_does_no_harm(field: str, text: str) -> None:
    document, _ = document_of(of(unit=" mV "))
    facts = document.sections[-1]
    facts.properties.append(
        Property(f"saved.{field}", values=[f"{only(document).id}:{text}", text])
    )
    [section] = sections_of(document)
    assert list(section.properties[0].values) == ["v"]
