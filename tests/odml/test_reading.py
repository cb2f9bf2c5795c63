"""odML documents of all formats and versions are read, and what is wrong with them is told."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from nixschema.odml.problems import OdmlProblem
from nixschema.odml.reading import is_odml, is_odml_bytes, read_odml, read_odml_bytes
from nixschema.odml_model.document import Document, Property, Section
from nixschema.rules.odml import OdmlProblem as TheSame
from nixschema.rules.rule import all_rules

ID = "0f96a050-2d9b-498f-a532-fbfcc6aae55e"


def read(data: str | bytes) -> tuple[Document, list[OdmlProblem]]:
    document, problems = read_odml_bytes(data.encode() if isinstance(data, str) else data)
    assert document is not None, problems
    return document, problems


def xml(inside: str, version: str = "1.1") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<odML version="{version}">\n{inside}\n</odML>'


def in_section(inside: str) -> str:
    return xml(f"<section><name>s</name><type>t</type>{inside}</section>")


def told(problems: list[OdmlProblem]) -> list[tuple[str, int, str]]:
    return [(one.rule, one.line, one.path) for one in problems]


def first(document: Document) -> Property:
    return document.sections[0].properties[0]


FULL: dict[str, Any] = {
    "id": ID,
    "author": "Ö. Author",
    "version": "2.0",
    "date": "2021-03-04",
    "repository": "https://example.org/terms.xml",
    "sections": [
        {
            "id": ID.replace("0", "1"),
            "name": "a/b",
            "type": "subject/cell",
            "definition": "two\n  lines",
            "reference": "r",
            "repository": "https://example.org/other.xml",
            "link": "/c",
            "include": "https://example.org/x.xml#/y",
            "sec_cardinality": [1, 1],
            "prop_cardinality": [None, 3],
            "properties": [
                {
                    "id": ID.replace("0", "2"),
                    "name": "p",
                    "value": ["a, b", 'say "c"', "", " d "],
                    "type": "string",
                    "unit": "µV",
                    "uncertainty": 0.25,
                    "definition": "d",
                    "reference": "r",
                    "value_origin": "a.dat",
                    "dependency": "q",
                    "dependencyvalue": "5",
                    "val_cardinality": [2, 2],
                },
                {"name": "q", "value": [1, -(2**70)], "type": "int"},
                {"name": "a", "value": [True, False], "type": "boolean"},
                {"name": "z", "value": "[(1;2),(3;4)]", "type": "2-tuple"},
                {"name": "empty", "value": [], "type": "float", "unit": "s"},
            ],
            "sections": [{"name": "p", "type": "n.s.", "sections": [], "properties": []}],
        },
        {"name": "c", "type": "t"},
    ],
}


def as_xml(tree: dict[str, Any], tag: str = "odML") -> str:
    """The tree as XML, in the order in which it is."""
    from xml.sax.saxutils import escape

    inside = []
    for key, value in tree.items():
        if key in ("sections", "properties"):
            single = "section" if key == "sections" else "property"
            inside += [as_xml(one, single) for one in value]
        elif key.endswith("cardinality"):
            inside.append(f"<{key}>({value[0]}, {value[1]})</{key}>")
        elif key == "value" and isinstance(value, list):
            items = ['"' + str(one).replace('"', '""') + '"' for one in value]
            inside.append(f"<value>{escape('[' + ','.join(items) + ']' if items else '')}</value>")
        else:
            inside.append(f"<{key}>{escape(str(value))}</{key}>")
    version = ' version="1.1"' if tag == "odML" else ""
    return f"<{tag}{version}>{''.join(inside)}</{tag}>"


def checked(document: Document) -> None:
    """The document is the full one."""
    assert (document.id, document.author, document.version) == (ID, "Ö. Author", "2.0")
    assert (document.date, document.repository) == ("2021-03-04", "https://example.org/terms.xml")
    section, other = document.sections
    assert (other.name, other.type, other.properties, other.sections) == ("c", "t", [], [])
    for field in ("id", "name", "type", "definition", "reference", "repository", "link", "include"):
        assert getattr(section, field) == FULL["sections"][0][field]
    assert (section.sec_cardinality, section.prop_cardinality) == ((1, 1), (None, 3))
    assert [(one.name, one.type) for one in section.sections] == [("p", "n.s.")]
    p, q, a, z, empty = section.properties
    written = FULL["sections"][0]["properties"][0]
    for field in ("id", "name", "unit", "uncertainty", "definition", "reference", "value_origin"):
        assert getattr(p, field) == written[field]
    assert (p.dtype, p.dependency, p.dependency_value) == ("string", "q", "5")
    assert (p.values, p.val_cardinality) == (written["value"], (2, 2))
    assert (q.name, q.values, q.dtype) == ("q", [1, -(2**70)], "int")
    assert a.values == [True, False]
    assert all(isinstance(one, bool) for one in a.values)
    assert z.values == [("1", "2"), ("3", "4")]
    assert (empty.values, empty.dtype, empty.unit) == ([], "float", "s")


@pytest.mark.parametrize("form", ["xml", "json", "yaml"])
def test_every_field_is_read_from_every_format(form: str, tmp_path: Path) -> None:
    tree = {"Document": FULL, "odml-version": "1.1"}
    if form == "xml":
        text = as_xml(FULL)
    else:
        text = json.dumps(tree) if form == "json" else yaml.safe_dump(tree)
    path = tmp_path / f"a.{form}"
    path.write_text(text, "utf-8")
    document, problems = read_odml(path)
    assert problems == []
    assert document is not None
    checked(document)
    assert is_odml(path)


def test_other_names_of_keys_are_known() -> None:
    entity = {"name": "p", "values": [1], "dtype": "int", "dependency_value": 3, "oid": ID}
    tree = {"sections": [{"name": "s", "type": "t", "properties": [entity]}]}
    document, problems = read(json.dumps({"Document": tree, "odml-version": "1.1"}))
    found = first(document)
    assert (found.values, found.dtype, found.dependency_value, found.id) == ([1], "int", 3, ID)
    assert problems == []


def test_falsy_fields_are_kept() -> None:
    entity = {"name": "p", "value": [0, 0.0], "type": "float", "uncertainty": 0, "unit": ""}
    section = {"name": "s", "type": "", "definition": "", "properties": [entity]}
    tree = {"version": 0, "author": False, "sections": [section]}
    document, _ = read(json.dumps({"Document": tree, "odml-version": "1.1"}))
    assert document.version == 0
    assert document.author is False
    assert document.sections[0].definition == ""
    found = first(document)
    assert (found.uncertainty, found.unit, found.values) == (0, "", [0.0, 0.0])


def test_tags_are_known_in_any_case_and_text_is_stripped() -> None:
    text = xml(
        "<Section><NAME>\n s </NAME><type><![CDATA[ <t> ]]></type><!-- c --><property>"
        "<name>p<!-- c -->q</name><dependencyValue>5 </dependencyValue><value>a</value>"
        "</property></Section>"
    )
    document, problems = read(text)
    section = document.sections[0]
    assert (section.name, section.type) == ("s", "<t>")
    assert (first(document).name, first(document).dependency_value) == ("pq", "5")
    assert problems == []


def test_style_sheets_are_left_out() -> None:
    text = (
        '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#x"?>\n'
        "<!DOCTYPE odML [ <!ATTLIST xsl:stylesheet id ID #REQUIRED> ]>\n"
        '<odML version="1.1"><xsl:stylesheet id="x" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        "<xsl:template><section><name>no</name></section></xsl:template></xsl:stylesheet>"
        "<section><name>s</name><type>t</type></section></odML>"
    )
    document, problems = read(text)
    assert [one.name for one in document.sections] == ["s"]
    assert told(problems) == [("NIX806", 3, "/metadata")]


@pytest.mark.parametrize(
    ("inside", "rule", "line", "path", "words"),
    [
        ("<section><type>t</type></section>", "NIX808", 3, "/metadata/unnamed", "no name"),
        (
            f"<section><id>{ID}</id><type>t</type></section>",
            *("NIX808", 3, f"/metadata/{ID}", ID),
        ),
        ("<section><name>s</name></section>", "NIX813", 3, "/metadata/s", "no type"),
        ("<id>wrong</id>", "NIX810", 3, "/metadata", "`wrong`"),
        ("<date>4.3.2021</date>", "NIX814", 3, "/metadata", "`4.3.2021`"),
        ("<date>2021-02-30</date>", "NIX814", 3, "/metadata", "`2021-02-30`"),
        ("<colour>\nblue</colour>", "NIX805", 3, "/metadata", "`blue`"),
        ("<author>A</author>\n<author>B</author>", "NIX807", 4, "/metadata", "`A`"),
        ("blue", "NIX805", 3, "/metadata", "`blue`"),
        ("<property><name>p</name></property>", "NIX805", 3, "/metadata", "`p`"),
        ('<author lang="en">A</author>', "NIX805", 3, "/metadata", "`en`"),
        ("<author>A <b>B</b></author>", "NIX805", 3, "/metadata", "`<b>`"),
        (
            "<section><type>t</type><colour/><name>s</name></section>",
            *("NIX805", 3, "/metadata/s", "`<colour>`"),
        ),
    ],
)
def test_what_is_wrong_with_xml_is_told(
    inside: str, rule: str, line: int, path: str, words: str
) -> None:
    _, problems = read(xml(inside))
    assert told(problems) == [(rule, line, path)]
    assert words in problems[0].message


@pytest.mark.parametrize(
    ("inside", "rule", "words", "field", "value"),
    [
        ("<uncertainty>ca. 5%</uncertainty>", "NIX815", "`ca. 5%`", "uncertainty", "ca. 5%"),
        ("<type>colour</type><value>1</value>", "NIX812", "`colour`", "values", ["1"]),
        ("<type>int</type><value>1.5</value>", "NIX811", "`1.5`", "values", ["1.5"]),
        ("<type>float</type><value>[1,x]</value>", "NIX811", "`x`", "values", [1.0, "x"]),
        ("<type>float</type><value>1e999</value>", "NIX811", "`1e999`", "values", ["1e999"]),
        ("<type>boolean</type><value>yes</value>", "NIX811", "`yes`", "values", ["yes"]),
        (
            "<type>date</type><value>[2020-01-01,]</value>",
            "NIX811",
            "",
            "values",
            ["2020-01-01", ""],
        ),
        ("<type>time</type><value>25:00:00</value>", "NIX811", "", "values", ["25:00:00"]),
        ("<type>2-tuple</type><value>(1;2;3)</value>", "NIX811", "", "values", ["(1;2;3)"]),
        ("<val_cardinality>a few</val_cardinality>", "NIX816", "`a few`", "val_cardinality", None),
        ("<id>{1}</id>", "NIX810", "`{1}`", "id", "{1}"),
        ("<value>[a, b]</value>", "NIX818", "blank", "values", ["a", " b"]),
        ("<value>a</value><value>[b,c]</value>", "NIX807", "3 values", "values", ["a", "b", "c"]),
        ("<dtype>int</dtype><value>1</value>", "NIX805", "`<type>`", "values", [1]),
    ],
)
def test_what_is_wrong_with_a_property_is_told_and_kept(
    inside: str, rule: str, words: str, field: str, value: object
) -> None:
    document, problems = read(in_section(f"<property><name>p</name>{inside}</property>"))
    assert told(problems) == [(rule, 3, "/metadata/s/properties/p")]
    assert words in problems[0].message
    assert getattr(first(document), field) == value


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        *(
            ("(1, 2)", (1, 2)),
            ("(2,2)", (2, 2)),
            ("(None, 3)", (None, 3)),
            ("[1, null]", (1, None)),
        ),
        *(("(0, 0)", (0, 0)), ("3", (None, 3)), ("(1,)", (1, None)), ("(3, 1)", (3, 1))),
        *(("(-1, 2)", None), ("(1, 2", None), ("(1, 2, 3)", None), ("(a, b)", None)),
    ],
)
def test_cardinalities(written: str, pair: tuple[int | None, int | None] | None) -> None:
    text = in_section(f"<sec_cardinality>{written}</sec_cardinality>")
    document, problems = read(text)
    assert document.sections[0].sec_cardinality == pair
    assert [one.rule for one in problems] == ([] if pair else ["NIX816"])


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_siblings_of_one_name_are_kept_apart(version: str) -> None:
    sections = "\n".join(
        f"<section><name>{name}</name><type>{number}</type></section>"
        for number, name in enumerate(["a", "a", "a-2", "a", "b"])
    )
    document, problems = read(xml(sections, version))
    assert [one.name for one in document.sections] == ["a", "a-3", "a-2", "a-4", "b"]
    assert [one.type for one in document.sections] == list("01234")
    assert told(problems) == [("NIX809", 4, "/metadata/a-3"), ("NIX809", 6, "/metadata/a-4")]


def test_a_section_and_a_property_may_share_a_name() -> None:
    text = in_section(
        "<property><name>x</name></property><section><name>x</name><type>t</type></section>"
    )
    document, problems = read(text)
    assert problems == []
    assert first(document).name == document.sections[0].sections[0].name == "x"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('<odML version="1.1">\n<section>\n</odML>', 3, "`<section>` of line 2"),
        ('<odML version="1.1">\n<author>', 2, "`<author>` of line 2"),
        ('<odML version="1.1">\n<author>a & b</author></odML>', 2, "not allowed"),
        ('<odML version="1.1">\n<author>a&nbsp;</author></odML>', 2, "entity"),
        ('<odML version="1.1"></odML>\n<a/>', 2, "behind the end"),
        ('<odML version="1.1">\n<author', 2, "not complete"),
    ],
)
def test_text_that_is_no_xml_is_told(text: str, line: int, words: str) -> None:
    document, problems = read_odml_bytes(text.encode())
    assert document is None
    assert told(problems) == [("NIX801", line, "/")]
    assert words in problems[0].message


@pytest.mark.parametrize(
    "text",
    [
        *("<html/>", "", " \n", '{"Document": 3}', '{"odml-version": "1.1"}'),
        *("Document: []", "[1]", "Document:\nodml-version: '1.1'"),
    ],
)
def test_text_that_is_no_odml_is_told(text: str) -> None:
    document, problems = read_odml_bytes(text.encode())
    assert document is None
    assert [one.rule for one in problems] == ["NIX802"]


@pytest.mark.parametrize(
    ("version", "inside", "read_as"),
    [
        (' version="3"', "<value>[a,b]</value>", "1.1"),
        ("", "<value>[a,b]</value>", "1.1"),
        ("", "<value>[a,b]<type>string</type></value>", "1.0"),
    ],
)
def test_a_version_that_is_not_known_is_told(version: str, inside: str, read_as: str) -> None:
    section = f"<section><name>s</name><type>t</type><property><name>p</name>{inside}</property>"
    document, problems = read(f"<odML{version}>{section}</section></odML>")
    assert told(problems) == [("NIX802", 1, "/metadata")]
    assert f"read as {read_as}" in problems[0].message
    assert first(document).values == (["a", "b"] if read_as == "1.1" else ["[a,b]"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_encodings_of_xml(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><odML version="1.1"><author>µ</author></odML>'
    )
    document, problems = read(text.encode(encoding))
    assert (document.author, problems) == ("µ", [])
    assert is_odml_bytes(text.encode(encoding))


def test_bytes_of_another_encoding_are_told() -> None:
    text = '<odML version="1.1">\n<author>37 °C</author></odML>'
    document, problems = read(text.encode("latin-1"))
    assert document.author == "37 °C"
    assert told(problems) == [("NIX801", 2, "/")]
    assert "0xB0" in problems[0].message


@pytest.mark.parametrize("declared", ["klingon", "hex", "utf-16", "rot13", "idna"])
def test_an_encoding_that_is_none_is_told(declared: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><odML version="1.1"><author>µ</author></odML>'
    )
    document, problems = read(text)
    assert document.author == "µ"
    assert [one.rule for one in problems] == ["NIX801"]


def test_control_characters_are_replaced() -> None:
    document, problems = read(b'<odML version="1.1">\n<author>a\x01b\x02</author></odML>')
    assert document.author == "a\ufffdb\ufffd"
    assert told(problems) == [("NIX801", 2, "/")]


def test_tags_of_python_are_passed_over() -> None:
    text = """Document:
  sections:
  - name: s
    type: t
    sec_cardinality: !!python/tuple [1, 2]
    properties:
    - name: p
      value: [1, 2]
      dtype: !!python/object/apply:odml.dtypes.DType
      - int
odml-version: '1.1'
"""
    document, problems = read(text)
    assert problems == []
    assert (first(document).dtype, first(document).values) == ("int", [1, 2])
    assert document.sections[0].sec_cardinality == (1, 2)


def test_other_tags_are_told() -> None:
    text = "Document:\n  author: !!python/object/apply:os.system [ls]\nodml-version: '1.1'\n"
    document, problems = read(text)
    assert [one.rule for one in problems] == ["NIX044"]
    assert document.author == "ls"


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_values_without_a_type_are_what_they_look_like(form: str) -> None:
    values = [1, 2.5, True, "a", "1", None]
    properties = [{"name": f"p{number}", "value": [one]} for number, one in enumerate(values)]
    tree = {"Document": {"sections": [{"name": "s", "type": "t", "properties": properties}]}}
    tree["odml-version"] = "1.1"  # type: ignore[assignment]
    document, problems = read(json.dumps(tree) if form == "json" else yaml.safe_dump(tree))
    found = [one.values[0] for one in document.sections[0].properties]
    assert [(one, type(one)) for one in found] == [
        *((1, int), (2.5, float), (True, bool), ("a", str), ("1", str), ("", str))
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [("NaN", "json"), ("Infinity", "json"), (".nan", "yaml"), (".inf", "yaml"), ('"nan"', "json")],
)
@pytest.mark.parametrize("dtype", ["float", None])
def test_numbers_that_json_does_not_have(text: str, kind: str, dtype: str | None) -> None:
    typed = f', "type": "{dtype}"' if dtype else ""
    inside = f'{{"sections": [{{"name": "s", "type": "t", "properties": [{{"name": "p"{typed}, '
    inside += f'"value": [{text}]}}]}}]}}'
    version = '"odml-version": "1.1"'
    if kind == "json":
        whole = f'{{"Document": {inside}, {version}}}'
    else:
        whole = f"Document: {inside}\n{version}\n"
    document, problems = read(whole)
    (value,) = first(document).values
    if text.startswith('"') and dtype is None:
        assert value == "nan"
    else:
        assert isinstance(value, float)
        assert math.isnan(value) == ("n" in text.lower().strip('."')[:1] and "a" in text.lower())
    assert problems == []


def test_problems_of_json_have_lines_and_paths() -> None:
    text = """{"Document": {"sections": [
      {"type": "t",
       "colour": "blue",
       "properties": [
         {"name": "p", "type": "int", "value": ["x"]}],
       "name": "s"}]},
      "odml-version": "1.1"}"""
    _, problems = read(text)
    assert told(problems) == [
        ("NIX805", 3, "/metadata/s"),
        ("NIX811", 5, "/metadata/s/properties/p"),
    ]


def test_every_problem_has_a_rule() -> None:
    assert TheSame is OdmlProblem
    rules = {one.id for one in all_rules() if OdmlProblem in one.on}
    assert {f"NIX8{number:02}" for number in range(1, 19)} <= rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<odML/>", True),
        ("<!-- <odML> --><html/>", False),
        ("<?xml version='1.0'?>\n<!-- a -->\n<?a b?><odML version='1'>", True),
        ("<NIX/>", False),
        ('{"Document": {}}', True),
        ('{\n "odml-version": 1}', True),
        ('{"nix": 1, "a": {"Document": 1}}', False),
        ("Document:\n  author: a\n", True),
        ("a: 1\nodml-version: '1.1'\n", True),
        ("a:\n  Document: {}\n", False),
        ("Document: a letter\n", False),
        ("", False),
    ],
)
def test_odml_is_told_by_its_beginning(text: str, expected: bool) -> None:
    assert is_odml_bytes(text.encode()) is expected


def test_order_of_entities_is_kept() -> None:
    names = [f"n{number * 7919 % 100}" for number in range(100)]
    inside = "".join(f"<property><name>{name}</name></property>" for name in names)
    document, _ = read(in_section(inside))
    assert [one.name for one in document.sections[0].properties] == names


def test_places_are_those_of_the_entities() -> None:
    text = xml(
        "<section>\n  <name>s</name><type>t</type>\n  <property><name>p</name></property></section>"
    )
    document, _ = read(text)
    section: Section = document.sections[0]
    assert (section.place.line, section.place.column) == (3, 1)
    assert (first(document).place.line, first(document).place.column) == (5, 3)
