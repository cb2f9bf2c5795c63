"""No text makes the reader raise, hang, fetch, or take all memory; cost is linear."""

from __future__ import annotations

import json
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixschema.odml.problems import MOST
from nixschema.odml.reading import is_odml_bytes, read_odml_bytes
from nixschema.text.limits import Limits

OPEN = b'<odML version="1.1">'


def entities(number: int) -> bytes:
    inside = b"".join(
        b'<!ENTITY a%d "%s">' % (one + 1, b"&a%d;" % one * 10) for one in range(number)
    )
    return b'<!DOCTYPE odML [<!ENTITY a0 "aaaaaaaaaa">' + inside + b"]>"


@pytest.mark.parametrize(
    "head",
    [
        entities(12),
        b'<!DOCTYPE odML [<!ENTITY a12 SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE odML [<!ENTITY % a12 SYSTEM "http://127.0.0.1:9/x"> %a12;]>',
    ],
    ids=["many", "external", "parameter"],
)
def test_entities_end_the_reading(head: bytes) -> None:
    document, problems = read_odml_bytes(head + OPEN + b"<author>&a12;</author></odML>")
    assert document is None
    assert [one.rule for one in problems] == ["NIX803"]


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network is used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    head = b'<!DOCTYPE odML SYSTEM "http://127.0.0.1:9/odml.dtd">'
    inside = b"<repository>http://127.0.0.1:9/</repository><author>a&b;</author>"
    document, problems = read_odml_bytes(head + OPEN + inside + b"</odML>")
    assert document is not None
    assert (document.author, document.repository) == ("a", "http://127.0.0.1:9/")
    assert [one.rule for one in problems] == ["NIX803", "NIX803"]


def test_size_has_a_limit() -> None:
    text = OPEN + b"<author>" + b"x" * 1000 + b"</author></odML>"
    assert read_odml_bytes(text, limits=Limits(size=len(text)))[0] is not None
    document, problems = read_odml_bytes(text, limits=Limits(size=len(text) - 1))
    assert document is None
    assert [one.rule for one in problems] == ["NIX804"]


def nested(depth: int) -> bytes:
    names = b"".join(b"<section><name>s</name><type>t</type>" for _ in range(depth))
    return OPEN + names + b"</section>" * depth + b"</odML>"


def test_sections_may_be_deep_and_not_too_deep() -> None:
    document, problems = read_odml_bytes(nested(2000))
    assert document is not None
    assert sum(1 for _ in document.walk()) == 2000
    assert problems == []
    document, problems = read_odml_bytes(nested(100_000))
    assert document is None
    assert [one.rule for one in problems] == ["NIX804"]


@pytest.mark.parametrize("tag", [b"unknown", b"author", b"b"])
def test_anything_may_be_deep(tag: bytes) -> None:
    text = OPEN + b"<author>" + b"<%s>" % tag * 50_000
    document, problems = read_odml_bytes(text)
    assert document is None
    assert problems[-1].rule in ("NIX801", "NIX804", "NIX805")


def test_problems_have_a_limit_and_the_rest_is_read() -> None:
    inside = b'<section type="t" name="a"/>' * (MOST + 5)
    document, problems = read_odml_bytes(OPEN + inside + b"</odML>")
    assert document is not None
    assert {one.type for one in document.sections} == {"t"}
    assert len(problems) == MOST + 1
    assert [one.rule for one in problems].count("NIX804") == 1


def flat(number: int) -> bytes:
    inside = b"".join(
        b"<property><name>p%d</name><value>[1,2]</value><type>int</type></property>" % one
        for one in range(number)
    )
    return OPEN + b"<section><name>s</name><type>t</type>" + inside + b"</section></odML>"


def seconds(text: bytes) -> float:
    best = 9.0
    for _ in range(3):
        begin = time.process_time()
        document, _ = read_odml_bytes(text)
        best = min(best, time.process_time() - begin)
        assert document is not None
    return best


@pytest.mark.parametrize("name", [b"p%d", b"p", b"p-2"])
def test_cost_is_linear_in_the_properties_of_a_section(name: bytes) -> None:
    def text(number: int) -> bytes:
        inside = b"".join(
            b"<property><name>%s</name></property>" % name.replace(b"%d", b"%d" % one)
            for one in range(number)
        )
        return OPEN + b"<section><name>s</name><type>t</type>" + inside + b"</section></odML>"

    assert seconds(text(16_000)) < 25 * seconds(text(1_600))  # The square would be 100.


def test_ten_thousand_properties_are_all_read() -> None:
    document, problems = read_odml_bytes(flat(10_000))
    assert document is not None
    assert [one.name for one in document.sections[0].properties] == [f"p{n}" for n in range(10_000)]
    assert {tuple(one.values) for one in document.sections[0].properties} == {(1, 2)}
    assert problems == []


WHOLE = (
    b'<?xml version="1.0" encoding="UTF-8"?><odML version="1.1"><section><name>s</name>'
    b"<type>t</type><property><name>p</name><value>[a,b]</value><type>string</type></property></section></odML>"
)
NOTATION = (
    b'{"Document": {"sections": [{"name": "s", "properties": [{"name": "p", "value": [1]}]}]}}'
)


@given(st.binary(max_size=200))
def test_bytes_never_make_it_raise(data: bytes) -> None:
    read_odml_bytes(data)
    read_odml_bytes(b"<odML>" + data)
    is_odml_bytes(data)


@settings(max_examples=200)
@given(st.data())
def test_damage_never_makes_it_raise(data: st.DataObject) -> None:
    text = bytearray(data.draw(st.sampled_from([WHOLE, NOTATION])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"<", b">", b"</value>", b"<value>", b"&#1;"])
        )
    document, problems = read_odml_bytes(bytes(text))
    assert document is not None or problems


KEYS = st.sampled_from(
    [
        *("name", "id", "type", "value", "values", "unit", "uncertainty", "sections", "properties"),
        *("sec_cardinality", "val_cardinality", "date", "author", "definition", "dtype", "mapping"),
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200)
@given(st.dictionaries(KEYS, TREES, max_size=4), st.sampled_from(["1", "1.1", 7, None]))
def test_no_tree_makes_it_raise(tree: dict[str, object], version: object) -> None:
    text = json.dumps({"Document": tree, "odml-version": version})
    document, _ = read_odml_bytes(text.encode())
    assert document is not None
