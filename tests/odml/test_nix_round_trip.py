"""Documents of odML become NIX and documents again, as nixio sees and edits them between."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import nixschema as nx
from nixschema.model.extra import Stored
from nixschema.odml.comparing import equal_documents
from nixschema.odml.from_nix import document_of
from nixschema.odml.mapping import mapping, mapping_document
from nixschema.odml.overlay import text_attribute
from nixschema.odml.to_nix import sections_of
from nixschema.odml_model import document as odml
from nixschema.odml_model.document import Document, Property, Section
from tests.odml.strategies import sound, wild

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import nixio

ID = "1f2e3d4c-0000-4000-8000-00000000000{}"


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A file in nixio, as it edits files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = nixio.File.open(str(path), nixio.FileMode.ReadWrite)
        try:
            yield file
        finally:
            file.close()


def one(**given: Any) -> Document:
    """A document with one property."""
    known = Property(**{"name": "p", "id": ID.format(2), **given})
    section = Section("s", id=ID.format(1), type="t", properties=[known])
    return Document(id=ID.format(0), sections=[section])


def written(document: Document, path: Path) -> Path:
    nx.write(nx.File(metadata=sections_of(document)), path)
    return path


def read(path: Path) -> Document:
    document, losses = document_of(nx.read(path))
    assert losses == []
    return document


# Odml -> NIX -> odML


@settings(max_examples=60, deadline=None)
@given(wild())
def test_documents_survive_in_memory(document: Document) -> None:
    back, losses = document_of(nx.File(metadata=sections_of(document)))
    assert equal_documents(document, back) == []
    assert losses == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sound())
def test_documents_survive_files_and_nixio(tmp_path: Path, document: Document) -> None:
    path = written(document, tmp_path / "a.nix")
    assert equal_documents(document, read(path)) == []
    with opened(path) as file:
        for section in file.find_sections():
            for found in section.props:
                assert len(found.values) == len(nx_property(path, found.id).values)
    assert equal_documents(document, read(path)) == []


def nx_property(path: Path, id: str) -> nx.Property:
    return next(found for found in nx.read(path).find(nx.Property) if found.id == id)


def find(path: Path) -> nx.Property:
    return nx_property(path, ID.format(2))


@pytest.mark.parametrize(
    ("given", "values", "dtype"),
    [
        ({"values": [1, 2], "dtype": "int"}, [1, 2], "int"),
        ({"values": [2**64 - 1], "dtype": "int"}, [2**64 - 1], "int"),
        ({"values": [2**64], "dtype": "int"}, [str(2**64)], None),
        ({"values": [0.5], "dtype": "float"}, [0.5], "float"),
        ({"values": [True, False], "dtype": "boolean"}, [True, False], "boolean"),
        ({"values": ["2020-01-31"], "dtype": "date"}, ["2020-01-31"], "date"),
        (
            {"values": ["2020-01-31T10:00:00.5+02:00"], "dtype": "datetime"},
            ["2020-01-31T10:00:00.5+02:00"],
            "datetime",
        ),
        ({"values": [("1", "2")], "dtype": "2-tuple"}, ["(1;2)"], None),
        ({"values": [], "dtype": "float"}, [], "float"),
        ({"values": ["x"], "dtype": None}, ["x"], "string"),
        ({"values": ["x"], "dtype": "str"}, ["x"], "string"),
        ({"values": ["a\0b"], "dtype": "text"}, ["a\ufffdb"], "text"),
    ],
)
def test_nixio_users_find_what_they_expect(
    tmp_path: Path, given: dict[str, Any], values: list[Any], dtype: str | None
) -> None:
    path = written(one(**given), tmp_path / "a.nix")
    with opened(path) as file:
        found = file.sections["odML document"].sections["s"].props["p"]
        assert list(found.values) == values
        assert (found.odml_type.value if found.odml_type else None) == dtype
    assert equal_documents(one(**given), read(path)) == []


def test_what_nix_holds_needs_no_overlay() -> None:
    document = one(values=["a", "b"], dtype="string", unit="µV", uncertainty=0.5, definition="d")
    [section] = sections_of(document)
    inner = section.sections["s"]
    assert not inner.extra
    assert not inner.properties["p"].extra
    assert inner.properties["p"].unit == "µV"


def test_fields_of_a_document_are_properties_of_its_section() -> None:
    document = Document(ID.format(0), "Ada", "1.1", "2020-01-31", "https://example.org/t.xml")
    [section] = sections_of(document)
    assert (section.name, section.type, section.id) == ("odML document",) * 2 + (ID.format(0),)
    assert {found.name: list(found.values) for found in section.properties} == {
        "odML author": ["Ada"],
        "odML version": ["1.1"],
        "odML date": ["2020-01-31"],
        "odML repository": ["https://example.org/t.xml"],
    }


@pytest.mark.parametrize("id", [None, ID.format(0)])
def test_an_empty_document_is_a_section(id: str | None) -> None:
    [section] = sections_of(Document(id))
    assert section.name == "odML document"
    assert equal_documents(Document(id), document_of(nx.File(metadata=[section]))[0]) == []


def test_names_that_nix_cannot_have() -> None:
    names = ["a/b", "a%2Fb", "", "", ".", "..", "a\0", "a", "a", "a-2", "a"]
    document = Document(sections=[Section(name, type="t") for name in names])
    [section] = sections_of(document)
    found = section.sections.names()
    assert found == [
        "a%2Fb-2", "a%2Fb", "unnamed", "unnamed-2", "%2E", "%2E%2E", "a%00", "a", "a-3", "a-2",
        "a-4",
    ]  # fmt: skip
    back, _ = document_of(nx.File(metadata=[section]))
    assert [inner.name for inner in back.sections] == names


def test_ids_that_nix_cannot_have_are_the_same_each_time() -> None:
    document = Document(
        ID.format(0),
        sections=[Section("a", id="no uuid"), Section("b"), Section("c", id=ID.format(0))],
    )
    first, second = (sections_of(document)[0] for _ in range(2))
    ids = [inner.id for inner in first.sections]
    assert ids == [inner.id for inner in second.sections]
    assert len({*ids, first.id}) == 4
    back, _ = document_of(nx.File(metadata=[first]))
    assert [inner.id for inner in back.sections] == ["no uuid", None, ID.format(0)]


# Links


def linked(path: str | None) -> Document:
    target = Section("b", id=ID.format(2), type="t")
    return Document(
        ID.format(0),
        sections=[
            Section("a", id=ID.format(1), type="t", sections=[target]),
            Section("c", id=ID.format(3), type="t", link=path),
        ],
    )


@pytest.mark.parametrize("path", ["/a/b", "../a/b", "/a/../a/b"])
def test_links_are_links_in_nix(tmp_path: Path, path: str) -> None:
    file = written(linked(path), tmp_path / "a.nix")
    with opened(file) as nix:
        top = nix.sections["odML document"]
        assert top.sections["c"].link == top.sections["a"].sections["b"]
    assert equal_documents(linked(path), read(file)) == []


@pytest.mark.parametrize("path", ["/a/x", "nowhere", "", "/", "../../..", "a//b"])
def test_links_that_lead_nowhere_are_kept(path: str) -> None:
    [section] = sections_of(linked(path))
    assert section.sections["c"].__dict__["link"] is None
    assert document_of(nx.File(metadata=[section]))[0].sections[1].link == path


def test_the_path_of_a_link_is_written_anew() -> None:
    [section] = sections_of(linked("../a/b"))
    section.sections["a"].name = "renamed"
    document, _ = document_of(nx.File(metadata=[section]))
    assert document.sections[1].link == "/renamed/b"


def test_another_link_set_in_nix_wins() -> None:
    file = nx.File(metadata=sections_of(linked("../a/b")))
    sections = file.metadata[0].sections
    sections["c"].link = sections["a"]
    assert document_of(file)[0].sections[1].link == "/a"
    sections["c"].link = None
    assert document_of(file)[0].sections[1].link is None


def test_links_that_go_in_a_circle_are_texts(tmp_path: Path) -> None:
    document = Document(
        ID.format(0),
        sections=[
            Section(name, id=ID.format(n), type="t", link=to)
            for n, (name, to) in enumerate({"a": "/b", "b": "/a", "c": "/b", "d": "/d"}.items(), 1)
        ],
    )
    path = written(document, tmp_path / "a.nix")
    assert equal_documents(document, read(path)) == []
    sections = nx.read(path).metadata[0].sections
    assert [found.__dict__["link"] is not None for found in sections] == [False, False, True, False]


# Edits


def edited(document: Document, path: Path, edit: Any) -> Property:
    written(document, path)
    with opened(path) as file:
        edit(file.sections["odML document"].sections["s"].props["p"])
    return document_of(nx.read(path))[0].sections[0].properties[0]


def set_field(name: str, value: Any) -> Any:
    return lambda found: setattr(found, name, value)


@pytest.mark.parametrize(
    ("given", "edit", "field", "expected"),
    [
        ({"unit": "a\0"}, ("unit", "mV"), "unit", "mV"),
        ({"unit": "mm / s"}, ("unit", "mV"), "unit", "mV"),
        ({"uncertainty": "ca. 5%"}, ("uncertainty", 0.5), "uncertainty", 0.5),
        ({"uncertainty": 1}, ("uncertainty", 2.0), "uncertainty", 2.0),
        ({"dependency_value": 5}, ("dependency_value", "6"), "dependency_value", "6"),
        ({"definition": "a\0"}, ("definition", "new"), "definition", "new"),
        ({"values": [("1", "2")], "dtype": "2-tuple"}, ("values", ["x"]), "values", ["x"]),
        ({"values": [("1", "2")], "dtype": "2-tuple"}, ("values", ["x"]), "dtype", "string"),
        ({"values": [2**70], "dtype": "int"}, ("values", ["7"]), "values", ["7"]),
        ({"values": ["x"], "dtype": "str"}, ("values", ["y"]), "values", ["y"]),
        (
            {"values": ["2020-01-31"], "dtype": "date"},
            ("odml_type", nixio.property.OdmlType.Text),
            "dtype",
            "text",
        ),
    ],
)
def test_edits_of_nixio_win(
    tmp_path: Path, given: dict[str, Any], edit: tuple[str, Any], field: str, expected: Any
) -> None:
    found = edited(one(**{"values": ["v"], **given}), tmp_path / "a.nix", set_field(*edit))
    assert getattr(found, field) == expected


def test_an_edit_of_one_field_leaves_the_others(tmp_path: Path) -> None:
    document = one(values=[2**70], dtype="int", uncertainty="ca. 5%", val_cardinality=(1, 1))
    found = edited(document, tmp_path / "a.nix", set_field("unit", "mV"))
    assert (found.unit, found.values, found.uncertainty, found.val_cardinality) == (
        "mV", [2**70], "ca. 5%", (1, 1),
    )  # fmt: skip


def test_a_new_name_wins() -> None:
    [section] = sections_of(Document(sections=[Section("a/b", type="t")]))
    section.sections[0].name = "c"
    assert document_of(nx.File(metadata=[section]))[0].sections[0].name == "c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "[" * 100_000,
        '{"unit": [null, 3]}',
        '{"unit": [null]}',
        '{"unit": 7, "no such": [null, 1]}',
        '{"name": ["p", null]}',
        '{"val_cardinality": [null, ["a", 1]]}',
        '{"val_cardinality": [null, {"int": "0xZZ"}]}',
        '{"values": [{"dtype": "string", "values": ["v"]}, {"dtype": 3}]}',
        '{"values": [{"dtype": "string", "values": ["v"]}, {"values": [null]}]}',
        '{"values": [{"dtype": "string", "values": ["v"]}, {"values": [{"tuple": [1]}]}]}',
    ],
)
def test_an_overlay_from_anywhere_does_no_harm(text: str) -> None:
    document = one(values=["v"], dtype="string")
    [section] = sections_of(document)
    section.sections[0].properties[0].extra.attributes["odml"] = text_attribute(text)
    back, _ = document_of(nx.File(metadata=[section]))
    assert equal_documents(document, back) == []


def test_an_overlay_that_is_no_text_is_told() -> None:
    [section] = sections_of(one())
    section.sections[0].properties[0].extra.attributes["odml"] = Stored(7)
    _, losses = document_of(nx.File(metadata=[section]))
    assert [loss.path for loss in losses] == ["/metadata/odML document/sections/s/properties/p"]


# The mapping


ABOUT_TEXT = ("place", "format_version")
"""What is said of the text that a document was read from."""


def test_the_mapping_has_every_field_of_both_models() -> None:
    said: Any = mapping_document()
    for name, ours in (("document", odml.Document), ("section", Section), ("property", Property)):
        known = [one.name for one in fields(ours) if one.name not in ABOUT_TEXT]
        assert sorted(said[name]["fields"]) == sorted(known), name
    for name, model in (("section", nx.Section), ("property", nx.Property), ("file", nx.File)):
        mapped = [one.get("nix") for one in said[name].get("fields", {}).values()]
        mapped = [one for one in mapped if one] + list(said[name]["nix_only"])
        assert sorted(mapped) == sorted(model.model_fields), name


def test_the_mapping_has_every_type() -> None:
    from nixschema.model.section import ODML_TYPES, STORAGE_TYPES
    from nixschema.odml_model.types import KNOWN

    assert set(mapping().odml_types) == set(KNOWN)
    assert set(mapping().odml_types.values()) == set(ODML_TYPES)
    assert set(mapping().storages) == {*KNOWN, "n-tuple"}
    assert set(mapping().storages.values()) <= set(STORAGE_TYPES)


# Size


def test_deep_documents_need_no_recursion() -> None:
    root = here = Section("s", type="t")
    for _ in range(2000):
        here.sections.append(Section("s", type="t", link="/s"))
        here = here.sections[0]
    document = Document(sections=[root])
    back, losses = document_of(nx.File(metadata=sections_of(document)))
    assert equal_documents(document, back) == []
    assert losses == []


def test_many_of_one_name_are_told_apart_in_linear_time() -> None:
    document = Document(
        sections=[
            Section("s", type="t", properties=[Property("p", values=["v"]) for _ in range(20_000)])
        ]
    )
    before = datetime.now(UTC)
    [section] = sections_of(document)
    assert (datetime.now(UTC) - before).total_seconds() < 20
    names = section.sections[0].properties.names()
    assert len(set(names)) == 20_000


def test_the_overlay_is_plain_json() -> None:
    [section] = sections_of(one(values=[float("nan"), 1], dtype="float"))
    stored = section.sections[0].properties[0].extra.attributes["odml"]
    said = json.loads(stored.value, parse_constant=lambda word: pytest.fail(word))
    assert said["values"][1] == {"dtype": "float", "values": [{"float": "nan"}, 1]}
