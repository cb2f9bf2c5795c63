"""Written odML: what Python's odML library reads from it, what is lost, and how it looks."""

from __future__ import annotations

import json
import math
import os
import random
import stat
import time
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nixschema.errors import NixError, UnknownFormat
from nixschema.odml.bridge import quiet, to_document
from nixschema.odml.comparing import Difference, differences, equal_documents
from nixschema.odml.writing import Format, Loss, losses_of, odml_text, write_odml
from nixschema.odml.writing.losses import TextFormat
from nixschema.odml_model.document import Document, Property, Section, Value
from tests.odml import strategies
from tests.odml.library import ODMLReader, XMLWriter, odml, read

FORMATS: tuple[TextFormat, ...] = get_args(TextFormat)
UUID = "2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e1"
"""All but the last digit of an id."""

NASTY: tuple[list[str], ...] = (
    ["a,b"],
    ["a,b", "c"],
    ["[x]"],
    ["[x,y]"],
    ["[x]", "[y]"],
    ["[x", "y]"],
    ["a\nb"],
    ["a\nb", "c"],
    ["a\rb", "c\r\nd", "\r"],
    ["a\tb", "\t"],
    [""],
    ["a", "", "b"],
    ["", ""],
    ["  a  "],
    ["\u00a0a\u00a0"],
    ["   "],
    ["it's"],
    ['say "hi" ok'],
    ['"quoted"'],
    ['end "q"'],
    ['"a"', "b"],
    ["a", 'say "b"'],
    ['a "b", c', "d"],
    ["123", "yes", "null", "2020-01-01", "(a;b)"],
    ["Doe, Jane", "Roe, R."],
    ['""', '"', ","],
    ["<a>&amp;]]>", "&#13;"],
    ["µV", "電位", "\N{MICROSCOPE}", "e\u0301"],
)
"""Values of strings that Python's odML library, or its XML, does not bring back."""


def of(*values: Value, dtype: str | None = "string") -> Document:
    """A document with one property of these values."""
    one = Property("p", UUID + "3", list(values), dtype)
    return Document(UUID + "1", sections=[Section("s", UUID + "2", "n.s.", properties=[one])])


def text_of(document: Document, format: Format) -> str:
    return "".join(odml_text(document, format))


# What the library reads


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("values", NASTY, ids=repr)
def test_nasty_texts_arrive(values: list[str], format: TextFormat) -> None:
    document = of(*values)
    assert equal_documents(document, read(text_of(document, format), format)) == []
    assert losses_of(document, format) == []


TYPED: tuple[tuple[str, list[Value]], ...] = (
    ("int", [0, -1, 2**63, 10**30, 2**64]),
    ("int", [10**4000]),
    ("float", [0.0, -0.0, 1e-300, 5e-324, 1e22, 0.1, 1e16, 123456789.0]),
    ("float", [math.nan, math.inf, -math.inf]),
    ("float", [math.nan]),
    ("boolean", [True, False]),
    ("boolean", [False]),
    ("date", ["2020-01-31", "0033-01-01"]),
    ("time", ["00:00:00", "23:59:59"]),
    ("datetime", ["2020-01-31 13:45:00"]),
    ("2-tuple", [("1", "2")]),
    ("2-tuple", [("1", "2"), ("3", "4")]),
    ("2-tuple", [("a,b", "c"), ("d", '"e",')]),
    ("2-tuple", [("a,b", "c")]),
    ("2-tuple", [("(a)", "[b]"), ("a b", "c\nd")]),
    ("2-tuple", [("", "")]),
    ("1-tuple", [("1",), ("",)]),
    ("3-tuple", [("a", "", "µ")]),
    ("text", ["one\ntwo\n"]),
    ("url", ["https://example.org/?a=1&b=[2],3"]),
    ("person", ["Doe, Jane", "Roe, R."]),
    *((dtype, []) for dtype in ("int", "float", "boolean", "date", "string", "2-tuple", "url")),
)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("dtype", "values"), TYPED)
def test_typed_values_arrive(dtype: str, values: list[Value], format: TextFormat) -> None:
    document = of(*values, dtype=dtype)
    assert equal_documents(document, read(text_of(document, format), format)) == []
    assert losses_of(document, format) == []


@pytest.mark.parametrize("format", FORMATS)
@given(document=strategies.sound())
@settings(max_examples=settings().max_examples // 2)
def test_the_library_reads_what_is_written(format: TextFormat, document: Document) -> None:
    back = read(text_of(document, format), format)
    told = {(loss.path, loss.field) for loss in losses_of(document, format)}
    found = [one for one in differences(document, back) if not is_defect(one)]
    assert [one for one in found if (one.path, one.field) not in told] == []


def is_defect(found: Difference) -> bool:
    """Whether the library alone is the cause: it drops cardinalities that are exact."""
    return (
        found.field.endswith("_cardinality")
        and isinstance(found.one, tuple)
        and found.one[0] == found.one[1]
        and found.other is None
    )


def test_defects_of_the_library_are_still_there() -> None:
    one = Property("p", UUID + "3", [1, 2], "int", uncertainty=0.5, val_cardinality=(2, 2))
    document = Document(sections=[Section("s", UUID + "2", "t", properties=[one])])
    for format in FORMATS:
        text = text_of(document, format)
        assert read(text, format).sections[0].properties[0].val_cardinality is None
        assert "2, 2" in " ".join(text.replace("[", "").split())
    with quiet():
        reader = ODMLReader("XML", show_warnings=False)
        raw = reader.from_string(text_of(document, "xml").encode())
    assert raw.sections[0].properties[0].uncertainty == "0.5"


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("date", "12.3.2011"),
        ("date", "2020-1-1"),
        ("date", ""),
        ("time", "12:30"),
        ("datetime", "2020-01-01T10:00:00"),
        ("datetime", "2020-01-01 10:00:00.5"),
        ("int", "ca. 5"),
        ("float", ""),
        ("boolean", "maybe"),
        ("2-tuple", ("1", "2", "3")),
        pytest.param("int", 10**5000, id="long"),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_values_that_the_library_does_not_read_are_told(
    dtype: str, value: Value, format: TextFormat
) -> None:
    document = of(value, dtype=dtype)
    told = [loss for loss in losses_of(document, format) if loss.field == "values"]
    assert any(not loss.is_lost for loss in told)
    assert {loss.path for loss in told} == {"/metadata/s/properties/p"}
    try:
        back = read(text_of(document, format), format)
    except Exception:  # The library raises whatever its parsers do.
        return
    assert [one.field for one in differences(document, back)] in (["values"], [])
    if dtype == "date" and value == "2020-1-1":
        assert back.sections[0].properties[0].values == ["2020-01-01"]


# What is lost


def lost(document: Document, format: Format) -> list[tuple[str, str]]:
    return [(one.path, one.field) for one in losses_of(document, format) if one.is_lost]


def test_characters_that_xml_does_not_have_are_replaced_and_told() -> None:
    document = of("a\0b", "\x07", "\ud800", "\ufffe", "ok")
    back = read(text_of(document, "xml"), "xml")
    assert back.sections[0].properties[0].values == ["a\ufffdb", *["\ufffd"] * 3, "ok"]
    assert losses_of(document, "xml")[0] == Loss(
        "/metadata/s/properties/p",
        "values",
        "XML has no U+0000: U+FFFD is written in its place",
        True,
    )
    for format in ("json", "yaml"):
        assert equal_documents(document, read(text_of(document, format), format)) == []


def test_fields_that_xml_does_not_hold_are_told() -> None:
    section = Section(" s", UUID + "2", "t", definition="", reference="\n", repository="a ")
    document = Document(UUID + "1", author=1.5, version=2, sections=[section])
    assert lost(document, "xml") == [
        ("/metadata", "author"),
        ("/metadata", "version"),
        ("/metadata/ s", "name"),
        ("/metadata/ s", "definition"),
        ("/metadata/ s", "reference"),
        ("/metadata/ s", "repository"),
    ]
    assert lost(document, "json") == lost(document, "yaml") == []


def test_falsy_fields_are_kept() -> None:
    one = Property(
        "p", UUID + "3", [], "int", unit="", uncertainty=0, dependency_value=False, definition=""
    )
    document = Document(
        UUID + "1",
        author="",
        version=0.0,
        sections=[Section("s", UUID + "2", "t", definition="", properties=[one])],
    )
    for format in ("json", "yaml"):
        assert equal_documents(document, read(text_of(document, format), format)) == []
    assert "<uncertainty>0</uncertainty>" in text_of(document, "xml")


def test_values_without_a_type_get_the_one_that_they_need() -> None:
    assert "<type>int</type>" in text_of(of(1, 2, dtype=None), "xml")
    assert text_of(of("1", dtype=None), "xml").count("<type>") == 1  # The section's.
    assert json.loads(text_of(of(1, dtype=None), "json"))["Document"]["sections"][0][
        "properties"
    ] == [{"id": UUID + "3", "name": "p", "value": [1]}]
    assert "type: 2-tuple" in text_of(of(("1", "2"), dtype=None), "yaml")
    assert lost(of(1, dtype=None), "xml") == [("/metadata/s/properties/p", "dtype")]
    assert lost(of(1, "a", dtype=None), "xml") == [("/metadata/s/properties/p", "values")]


def test_a_text_in_the_place_of_another_type_is_kept_where_it_is_none() -> None:
    assert lost(of("1.5", "ca. 5", dtype="int"), "json") == []
    assert lost(of("5", dtype="int"), "json") == [("/metadata/s/properties/p", "values")]
    assert lost(of("5", dtype="float"), "xml") == [("/metadata/s/properties/p", "values")]
    assert lost(of("maybe", dtype="boolean"), "xml") == []
    assert lost(of("t", dtype="boolean"), "yaml") == [("/metadata/s/properties/p", "values")]
    assert lost(of(5, dtype="string"), "json") == [("/metadata/s/properties/p", "values")]
    assert lost(of(" 2020-01-01", dtype="date"), "xml") == [("/metadata/s/properties/p", "values")]


def test_numbers_of_a_blank_type_get_one() -> None:
    for format in FORMATS:
        assert lost(of(0, dtype=""), format) == [("/metadata/s/properties/p", "dtype")]


def test_one_loss_stands_for_all_values_alike() -> None:
    document = of(*["?"] * 10_000, dtype="int")
    assert len(losses_of(document, "xml")) == 1


def test_what_the_library_does_not_read_at_all_is_told() -> None:
    twice = Document(
        UUID + "1", sections=[Section("s", UUID + "2", "t"), Section("s", UUID + "3", "t")]
    )
    assert [(one.path, one.field, one.is_lost) for one in losses_of(twice, "xml")] == [
        ("/metadata/s", "name", True)
    ]
    untyped = Document(UUID + "1", sections=[Section("s", UUID + "2")])
    assert [(one.field, one.is_lost) for one in losses_of(untyped, "xml")] == [("type", False)]
    assert losses_of(untyped, "json") == []
    long = of("x" * 140_000, "y")
    assert [one.field for one in losses_of(long, "xml")] == ["values"]
    assert losses_of(long, "json") == []
    assert losses_of(of("x" * 140_000), "xml") == []


@pytest.mark.parametrize("format", FORMATS)
@given(document=strategies.wild())
@settings(max_examples=settings().max_examples // 4)
def test_anything_is_written(format: TextFormat, document: Document) -> None:
    text = text_of(document, format)
    losses_of(document, format)
    if format == "json":
        json.loads(text, parse_constant=pytest.fail)
    elif format == "yaml":
        assert yaml.safe_load(text)["odml-version"] == "1.1"
    else:
        etree = pytest.importorskip("lxml.etree")
        assert etree.fromstring(text.encode()).get("version") == "1.1"


# How it looks


@given(document=strategies.sound(), seed=st.integers(0, 9))
@settings(max_examples=settings().max_examples // 4)
def test_plain_documents_look_as_the_library_writes_them(document: Document, seed: int) -> None:
    plain = random.Random(seed)
    for _, section in document.walk():
        for one in section.properties:
            if one.dtype in strategies.TEXT_TYPES:
                words = ("a", "b c", "µV", "x<y", "(1)")
                one.values = [plain.choice(words) for _ in range(plain.randrange(4))]
            elif (one.dtype or "").endswith("tuple"):
                one.values = [tuple("ab"[: len(value)]) for value in one.values]  # type: ignore[arg-type]
    for owner in (document, *(section for _, section in document.walk())):
        for name in ("author", "version", "definition", "reference", "repository"):
            if hasattr(owner, name):
                setattr(owner, name, plain.choice(("some & text", None)))
    for _, section in document.walk():
        for one in section.properties:
            one.unit = one.definition = one.reference = one.value_origin = "some < text"
            one.uncertainty, one.dependency_value = 0.5, "1"
            one.dependency = "other"
    text = text_of(document, "xml")
    assert text.split("\n", 1)[1] == str(XMLWriter(to_document(document)))


def test_deep_sections_are_indented_as_the_library_has_them() -> None:
    document = deep(60)
    for _, section in document.walk():
        section.properties = [Property("p", section.id, [1], "int", unit="mV")]
    written = str(XMLWriter(to_document(document)))
    assert text_of(document, "xml").split("\n", 1)[1] == written


EVERYTHING = Document(
    id=UUID + "0",
    author="Doe, Jane",
    version=1.5,
    date="2020-01-31",
    repository="https://example.org/terms.xml",
    sections=[
        Section(
            "subject",
            UUID + "1",
            "subject",
            definition="What <it> is",
            link="/templates/subject",
            sec_cardinality=(None, 3),
            properties=[
                Property("names", UUID + "2", ["Doe, Jane", 'say "hi"'], "person"),
                Property("age", UUID + "3", [4.5], "float", unit="weeks", uncertainty=0.5),
                Property("born", UUID + "4", ["2020-01-01"], "date", val_cardinality=(1, 1)),
                Property("position", UUID + "5", [("1", "2"), ("a,b", "c")], "2-tuple"),
                Property("weight", UUID + "6", [], "float", unit="g"),
                Property("protocol", UUID + "7", ["one\ntwo\n"], "text"),
            ],
            sections=[Section("cell", UUID + "8", "cell")],
        )
    ],
)


def test_xml_looks_like_this() -> None:
    text = text_of(EVERYTHING, "xml")
    assert (
        text
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<odML version="1.1">
  <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e10</id>
  <version>1.5</version>
  <author>Doe, Jane</author>
  <date>2020-01-31</date>
  <section>
    <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e11</id>
    <type>subject</type>
    <name>subject</name>
    <definition>What &lt;it&gt; is</definition>
    <link>/templates/subject</link>
    <section>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e18</id>
      <type>cell</type>
      <name>cell</name>
    </section>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e12</id>
      <name>names</name>
      <value>["Doe, Jane","say ""hi""\"]</value>
      <type>person</type>
    </property>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e13</id>
      <name>age</name>
      <value>4.5</value>
      <unit>weeks</unit>
      <uncertainty>0.5</uncertainty>
      <type>float</type>
    </property>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e14</id>
      <name>born</name>
      <value>2020-01-01</value>
      <type>date</type>
      <val_cardinality>(1, 1)</val_cardinality>
    </property>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e15</id>
      <name>position</name>
      <value>["(1;2)","(a,b;c)"]</value>
      <type>2-tuple</type>
    </property>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e16</id>
      <name>weight</name>
      <value></value>
      <unit>g</unit>
      <type>float</type>
    </property>
    <property>
      <id>2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e17</id>
      <name>protocol</name>
      <value>["one
two
"]</value>
      <type>text</type>
    </property>
    <sec_cardinality>(None, 3)</sec_cardinality>
  </section>
  <repository>https://example.org/terms.xml</repository>
</odML>
"""
    )


def test_yaml_looks_like_this() -> None:
    assert (
        text_of(EVERYTHING, "yaml")
        == """\
odml-version: "1.1"
Document:
  id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e10
  version: 1.5
  author: Doe, Jane
  date: "2020-01-31"
  repository: https://example.org/terms.xml
  sections:
    - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e11
      name: subject
      type: subject
      definition: What <it> is
      link: /templates/subject
      sec_cardinality: [null, 3]
      properties:
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e12
          name: names
          value: ["Doe, Jane", say "hi"]
          type: person
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e13
          name: age
          value: [4.5]
          unit: weeks
          uncertainty: 0.5
          type: float
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e14
          name: born
          value: ["2020-01-01"]
          type: date
          val_cardinality: [1, 1]
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e15
          name: position
          value:
            - (1;2)
            - (a,b;c)
          type: 2-tuple
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e16
          name: weight
          value: []
          unit: g
          type: float
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e17
          name: protocol
          value:
            - |
              one
              two
          type: text
      sections:
        - id: 2f1b6a5e-8f0e-4c57-9d1f-6d1c1b0a7e18
          name: cell
          type: cell
          properties: []
          sections: []
"""
    )


# Size


def deep(levels: int) -> Document:
    document = Document(UUID + "1")
    owned = document.sections
    for level in range(levels):
        section = Section("s", f"{level:08x}-8f0e-4c57-9d1f-6d1c1b0a7e11", "t")
        section.properties.append(Property("p", values=[" "], dtype="int", unit=" "))
        owned.append(section)
        owned = section.sections
    return document


def wide(count: int) -> Document:
    properties = [Property(f"p{i}", values=[i], dtype="int", unit=" mV") for i in range(count)]
    return Document(sections=[Section("s", type="t", properties=properties)])


@pytest.mark.parametrize("format", FORMATS)
def test_a_thousand_levels_are_written(format: TextFormat) -> None:
    document = deep(1000)
    text = text_of(document, format)
    assert text.count("9d1f-6d1c1b0a7e11") == 1001
    assert lost(document, "xml")[-1][0].count("/sections/") == 999


@pytest.mark.parametrize("format", FORMATS)
def test_time_is_linear_in_the_number_of_properties(format: TextFormat) -> None:
    few, many = wide(1250), wide(10_000)

    def seconds(document: Document) -> float:
        start = time.process_time()
        text_of(document, format)
        losses_of(document, format)
        return time.process_time() - start

    assert min(seconds(many) for _ in range(3)) < 24 * min(seconds(few) for _ in range(3)) + 0.05


# Files


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.odml", "<?xml"),
        ("a.xml", "<?xml"),
        ("a", "<?xml"),
        ("a.odml.json", "{"),
        ("a.JSON", "{"),
        ("a.odml.yaml", "odml-version"),
        ("a.yml", "odml-version"),
        ("a.ttl", "@prefix"),
        ("a.rdf", "<?xml"),
    ],
)
def test_the_suffix_says_the_format(tmp_path: Path, name: str, begins: str) -> None:
    write_odml(of("µ"), tmp_path / name)
    assert (tmp_path / name).read_text("utf-8").startswith(begins)
    assert os.listdir(tmp_path) == [name]


def test_the_format_can_be_said(tmp_path: Path) -> None:
    told = write_odml(of("\0"), tmp_path / "a.txt", format="json")
    assert json.loads((tmp_path / "a.txt").read_bytes())["odml-version"] == "1.1"
    assert told == []
    with pytest.raises(UnknownFormat, match=r"`\.txt` is no suffix of odML files"):
        write_odml(of(), tmp_path / "b.txt")


def test_a_file_that_cannot_be_written_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.ttl"
    target.write_text("before")
    target.chmod(0o640)
    with pytest.raises(NixError, match="200 deep"):
        write_odml(deep(300), target)
    assert target.read_text() == "before"
    write_odml(of("x"), target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_losses_are_the_result(tmp_path: Path) -> None:
    told = write_odml(of("\x01"), tmp_path / "a.xml")
    assert [(one.path, one.field) for one in told] == [("/metadata/s/properties/p", "values")]


# RDF


@pytest.mark.parametrize(("format", "name"), [("turtle", "turtle"), ("rdf", "xml")])
def test_rdf_says_what_the_document_does(format: Format, name: str) -> None:
    document = of("µ, [x]", '"', "c\0d")
    document.author = "Doe"
    document.repository = "https://example.org/a b<c>.xml"
    document.sections[0].link = "/nowhere"
    document.sections[0].include = "https://example.invalid/x.xml#a"
    document.sections[0].properties += [
        Property("t", UUID + "4", [("1", "2")], "2-tuple", uncertainty=0, dependency="p"),
        Property("q", "no id", [1], "int"),
    ]
    with quiet():
        (back,) = ODMLReader("RDF").from_string(text_of(document, format), name)
    assert isinstance(back, odml.doc.BaseDocument)
    assert (back.id, back.author) == (document.id, "Doe")
    (section,) = back.sections
    assert section.properties["p"].values == ["µ, [x]", '"', "c\ufffdd"]
    assert section.properties["t"].values == [["1", "2"]]
    p = "/metadata/s/properties"
    assert lost(document, format) == [
        ("/metadata", ""),
        ("/metadata", "repository"),
        ("/metadata/s", "link"),
        ("/metadata/s", "include"),
        (f"{p}/p", "values"),
        (f"{p}/t", "uncertainty"),
        (f"{p}/t", "dependency"),
        (f"{p}/q", "id"),
    ]


@given(document=strategies.wild())
@settings(max_examples=settings().max_examples // 8)
def test_rdf_is_written_of_anything(document: Document) -> None:
    for format in ("turtle", "rdf"):
        assert text_of(document, format).encode()
    losses_of(document, "turtle")
