"""odML 1.0 is read so that nothing of it is lost."""

from __future__ import annotations

import json

import pytest
import yaml

from nixschema.odml.problems import OdmlProblem
from nixschema.odml.reading import read_odml_bytes
from nixschema.odml_model.document import Property


def read(values: str, more: str = "") -> tuple[dict[str, Property], list[OdmlProblem]]:
    """The properties of the one section, by name."""
    text = f'<odML version="1"><section><name>s</name><type>t</type><property><name>p</name>{more}'
    document, problems = read_odml_bytes(f"{text}{values}</property></section></odML>".encode())
    assert document is not None
    return {one.name: one for one in document.sections[0].properties}, problems


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["a, b", "c"], ["a, b", "c"]),
        (["[1,2]"], ["[1,2]"]),
        (['"a"', "b"], ['"a"', "b"]),
        (["a\n  b", " c "], ["a\n  b", "c"]),
    ],
)
def test_texts_are_kept_whole(texts: list[str], values: list[str]) -> None:
    written = "".join(f"<value>{one}<type>string</type></value>" for one in texts)
    found, problems = read(written)
    assert list(found) == ["p"]
    assert (found["p"].values, found["p"].dtype) == (values, "string")
    assert problems == []


def test_text_behind_fields_is_kept() -> None:
    found, problems = read("<value><type>int</type>5<unit>mV</unit>\n</value>")
    assert (found["p"].values, found["p"].unit, found["p"].dtype) == ([5], "mV", "int")
    assert problems == []


def test_fields_that_all_values_share_are_those_of_the_property() -> None:
    one = (
        "<unit>mV</unit><uncertainty>0.5</uncertainty><type>float</type><definition>d</definition>"
        "<reference>r</reference><filename>a.dat</filename>"
    )
    more = "<dependency>q</dependency><dependencyValue>7</dependencyValue>"
    found, problems = read(f"<value>1{one}</value><value>2{one}</value>", more)
    (p,) = found.values()
    assert (p.values, p.unit, p.uncertainty, p.dtype) == ([1.0, 2.0], "mV", 0.5, "float")
    assert (p.definition, p.reference, p.value_origin) == ("d", "r", "a.dat")
    assert (p.dependency, p.dependency_value) == ("q", "7")
    assert problems == []


def test_fields_that_differ_stand_beside() -> None:
    found, problems = read(
        "<value>1<unit>mV</unit><uncertainty>0.1</uncertainty><definition>a</definition></value>"
        "<value>2<unit>V</unit><uncertainty>0.2</uncertainty></value>",
        "<definition>of p</definition>",
    )
    assert list(found) == ["p", "p.unit", "p.uncertainty", "p.definition"]
    p = found["p"]
    assert (p.values, p.unit, p.uncertainty, p.definition) == (["1", "2"], None, None, "of p")
    assert (found["p.unit"].values, found["p.unit"].dtype) == (["mV", "V"], "string")
    assert (found["p.uncertainty"].values, found["p.uncertainty"].dtype) == ([0.1, 0.2], "float")
    assert found["p.definition"].values == ["a", ""]
    assert {one.dependency for name, one in found.items() if name != "p"} == {"p"}
    assert [(one.rule, one.path) for one in problems] == [("NIX817", "/metadata/s/properties/p")]


def test_a_missing_unit_is_not_that_of_another_value() -> None:
    found, _ = read("<value>1<unit>mV</unit></value><value>2</value>")
    assert found["p"].unit is None
    assert found["p.unit"].values == ["mV", ""]


def test_types_that_differ_make_texts() -> None:
    found, _ = read("<value>a<type>string</type></value><value>1<type>int</type></value>")
    assert (found["p"].values, found["p"].dtype) == (["a", "1"], "string")
    assert found["p.type"].values == ["string", "int"]


def test_binary_values_keep_encoder_and_checksum() -> None:
    one = "<type>binary</type><encoder>base64</encoder><checksum>crc32$12</checksum>"
    found, problems = read(f"<value>QUJD{one}<comment>c</comment></value>")
    assert (found["p"].values, found["p"].dtype) == (["QUJD"], "binary")
    beside = {name: one.values for name, one in found.items() if name != "p"}
    assert beside == {"p.encoder": ["base64"], "p.checksum": ["crc32$12"], "p.comment": ["c"]}
    assert {one.rule for one in problems} == {"NIX812", "NIX817"}


def test_a_value_without_text_tells_type_and_unit() -> None:
    found, problems = read("<value><type>float</type><unit>s</unit></value>")
    (p,) = found.values()
    assert (p.values, p.dtype, p.unit) == ([], "float", "s")
    assert problems == []


def test_values_without_text_lose_nothing() -> None:
    found, _ = read(
        "<value><type>float</type><unit>%</unit><definition>in percent</definition></value>"
        "<value><type>int</type><definition>in samples</definition></value>"
    )
    assert (found["p"].values, found["p"].dtype, found["p"].unit) == ([], "float", "%")
    assert found["p.type"].values == ["float", "int"]
    assert found["p.definition"].values == ["in percent", "in samples"]


def test_a_value_without_text_beside_others_is_told() -> None:
    found, problems = read("<value>a</value><value/><value><definition>d</definition></value>")
    assert found["p"].values == ["a"]
    assert found["p.definition"].values == ["", "d"]
    assert [one.rule for one in problems] == ["NIX805", "NIX817"]


def test_names_beside_do_not_clash() -> None:
    text = (
        '<odML version="1"><section><name>s</name><type>t</type><property><name>p</name>'
        "<value>1<unit>a</unit></value><value>1<unit>b</unit></value></property>"
        "<property><name>p.unit</name><value>x</value></property></section></odML>"
    )
    document, _ = read_odml_bytes(text.encode())
    assert document is not None
    values = {one.name: one.values for one in document.sections[0].properties}
    assert values == {"p": ["1", "1"], "p.unit-2": ["a", "b"], "p.unit": ["x"]}


def test_what_only_this_version_has_stands_beside() -> None:
    found, problems = read("<value>1</value>", "<mapping>https://example.org#a:b</mapping>")
    assert found["p.mapping"].values == ["https://example.org#a:b"]
    assert [one.rule for one in problems] == ["NIX817"]


def test_addresses_of_terminologies_are_as_written() -> None:
    url = "http://portal.g-node.org/odml/terminologies/v1.0/terminologies.xml"
    text = f'<odML version="1"><repository>{url}</repository></odML>'
    document, problems = read_odml_bytes(text.encode())
    assert document is not None
    assert (document.repository, problems) == (url, [])


def test_names_may_be_attributes() -> None:
    text = '<odML version="1"><section name="a"><type>t</type><section name="b"/></section></odML>'
    document, problems = read_odml_bytes(text.encode())
    assert document is not None
    assert [path for path, _ in document.walk()] == ["/a", "/a/b"]
    assert [one.rule for one in problems] == ["NIX805", "NIX805", "NIX813"]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_json_and_yaml(form: str) -> None:
    values = [
        {"dtype": "string"},
        {"value": "[1, 2]", "dtype": ["string"], "unit": "a", "uncertainty": 1},
        {"value": 5, "dtype": "string", "unit": "b", "uncertainty": 2.5, "filename": None},
    ]
    section = {"name": "s", "type": "t", "properties": [{"name": "p", "values": values}]}
    tree = {"Document": {"version": 1.5, "sections": [section]}, "odml-version": "1"}
    text = json.dumps(tree) if form == "json" else yaml.safe_dump(tree)
    document, problems = read_odml_bytes(text.encode())
    assert document is not None
    assert document.version == 1.5
    found = {one.name: one for one in document.sections[0].properties}
    assert found["p"].values == ["[1, 2]", "5"]
    assert found["p"].dtype == "string"
    assert found["p.unit"].values == ["a", "b"]
    assert found["p.uncertainty"].values == [1.0, 2.5]
    assert {one.rule for one in problems} == {"NIX805", "NIX817"}
