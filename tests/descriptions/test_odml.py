"""What odML has beyond NIX comes through descriptions, both ways."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.cli import main
from nixschema.descriptions.keys import ODML_KEYS
from nixschema.model.extra import Stored
from nixschema.model.overlay import ATTRIBUTE
from nixschema.odml.comparing import (
    DOCUMENT_FIELDS,
    PROPERTY_FIELDS,
    SECTION_FIELDS,
    equal_documents,
)
from nixschema.odml.from_nix import document_of
from nixschema.odml.mapping import mapping
from nixschema.odml.overlay import text_attribute
from nixschema.odml.reading import is_odml, read_odml
from nixschema.odml.to_nix import sections_of
from nixschema.odml_model.document import Document, Property, Section, Value
from nixschema.text.nodes import Mapping, Sequence
from nixschema.text.yaml import read_text
from tests.descriptions.round_trip import check
from tests.descriptions.test_hostile import mutated
from tests.odml.strategies import sound, wild

ID = "1f2e3d4c-0000-4000-8000-00000000000{}"
SUFFIXES = st.sampled_from((".yaml", ".json"))
EXAMPLES = Path(__file__).parent / "examples"
SMALL = 60_000
"""Files of more bytes take long, and hold more of the same."""

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "odml"
"""The folder of real files, beside the checkout where there is one."""

FILES = sorted(
    path
    for path in FOLDER.rglob("*.*")
    if path.is_file() and path.stat().st_size < SMALL and is_odml(path)
)
DRAWN = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def overlays(file: nx.File) -> dict[str, object]:
    """The overlay of each section and property that has one, by path."""
    return {
        model.path: model.extra.attributes["odml"].value
        for model in file.walk()
        if isinstance(model, nx.Section | nx.Property) and "odml" in model.extra.attributes
    }


def turned(file: nx.File, folder: Path, suffix: str = ".yaml", *, plain: bool = False) -> nx.File:
    """A file that was written as a description, and read again."""
    path = folder / f"text{suffix}"
    nx.dump_description(file, path, plain=plain)
    return read(path)


def read(path: Path) -> nx.File:
    file = nx.load_description(path)
    assert [one for one in file.findings if one.level == "error"] == [], path.read_text("utf-8")
    return file


def document(file: nx.File) -> Document:
    """The document of a file; nothing is lost on the way."""
    found, losses = document_of(file)
    assert losses == []
    return found


def described(text: str, folder: Path) -> nx.File:
    path = folder / "by-hand.yaml"
    path.write_text(text, "utf-8")
    return read(path)


def remainders(path: Path) -> int:
    """How many entities of a description have an ``extra``."""
    root, problems = read_text(path.read_bytes())
    assert problems == []
    stack, count = [root], 0
    while stack:
        one = stack.pop()
        if isinstance(one, Mapping):
            extra = one.items.get("extra")
            count += isinstance(extra, Mapping) and "attributes" in extra.items
            stack += one.items.values()
        elif isinstance(one, Sequence):
            stack += one.items
    return count


# Drawn documents


@DRAWN
@given(drawn=sound(), suffix=SUFFIXES)
def test_sound_documents_come_through(drawn: Document, suffix: str, tmp_path: Path) -> None:
    file = nx.File(metadata=sections_of(drawn))
    again = turned(file, tmp_path, suffix)
    assert equal_documents(document(again), drawn) == []
    assert overlays(again) == overlays(file)
    assert again == file


@DRAWN
@given(drawn=wild(), suffix=SUFFIXES)
def test_any_documents_come_through(drawn: Document, suffix: str, tmp_path: Path) -> None:
    file = nx.File(metadata=sections_of(drawn))
    nx.dump_description(file, tmp_path / f"text{suffix}")
    again = nx.load_description(tmp_path / f"text{suffix}")
    assert equal_documents(document_of(again)[0], drawn) == []
    assert overlays(again) == overlays(file)
    assert again == file


@DRAWN
@given(drawn=sound())
def test_overlays_are_said_in_keys(drawn: Document, tmp_path: Path) -> None:
    """Only a document's fields that are numbers stay an attribute."""
    nx.dump_description(nx.File(metadata=sections_of(drawn)), tmp_path / "text.yaml")
    is_plain = all(isinstance(one, str | None) for one in (drawn.author, drawn.version))
    assert remainders(tmp_path / "text.yaml") == (0 if is_plain else 1)


@DRAWN
@given(drawn=sound())
def test_plain_descriptions_keep_all_but_ids(drawn: Document, tmp_path: Path) -> None:
    again = document(turned(nx.File(metadata=sections_of(drawn)), tmp_path, plain=True))
    is_plain = all(isinstance(one, str | None) for one in (drawn.author, drawn.version))
    told = [
        one
        for one in equal_documents(again, drawn)
        if " id: " not in one and " sections: " not in one
    ]
    assert not is_plain or told == []


# By hand


def one_property(**given: Any) -> Document:
    known = Property(**{"name": "p", "id": ID.format(2), **given})
    section = Section("s", id=ID.format(1), type="t", properties=[known])
    return Document(id=ID.format(0), sections=[section])


def one_section(**given: Any) -> Document:
    section = Section(**{"name": "s", "id": ID.format(1), "type": "t", **given})
    return Document(id=ID.format(0), sections=[section])


PAIRS: tuple[Value, ...] = (("1", "2"), ("3", "4"))


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("values: [(1;2), ( 3 ; 4)], dtype: 2-tuple", {"values": [*PAIRS], "dtype": "2-tuple"}),
        ("value: (1;2), dtype: 2-tuple", {"values": [("1", "2")], "dtype": "2-tuple"}),
        ("dtype: 3-tuple", {"values": [], "dtype": "3-tuple"}),
        ("value: (a), dtype: 1-tuple", {"values": [("a",)], "dtype": "1-tuple"}),
        ("odml: {val_cardinality: [1, 3]}", {"val_cardinality": (1, 3)}),
        ("odml: {val_cardinality: [2, 2]}", {"val_cardinality": (2, 2)}),
        ("odml: {val_cardinality: [1, null]}", {"val_cardinality": (1, None)}),
        ("odml: {val_cardinality: [~, 3]}", {"val_cardinality": (None, 3)}),
        ("odml: {val_cardinality: 3}", {"val_cardinality": (None, 3)}),
        ("odml: {val_cardinality: 0}", {"val_cardinality": (None, 0)}),
        ("odml: {val_cardinality: }", {"val_cardinality": None}),
        ("value: 1, odml: {dtype: str}", {"values": [1], "dtype": "str"}),
        ("value: 1, odml: {dtype: null}", {"values": [1], "dtype": None}),
        (
            "values: ['1', x], odml: {values: [1, x], dtype: int}",
            {"values": [1, "x"], "dtype": "int"},
        ),
        (
            "value: (a;b;c), odml: {values: [[a;b, c]], dtype: 2-tuple}",
            {"values": [("a;b", "c")], "dtype": "2-tuple"},
        ),
        ("unit: uV, odml: {unit: }", {"unit": None}),
        ("value: 1, uncertainty: 5, odml: {uncertainty: 5}", {"values": [1], "uncertainty": 5}),
        ("odml: {uncertainty: ca. 5 %}", {"uncertainty": "ca. 5 %"}),
        ("uncertainty: 0.5, odml: {uncertainty: '0.5'}", {"uncertainty": "0.5"}),
        ("dependency_value: '5', odml: {dependency_value: 5}", {"dependency_value": 5}),
    ],
)
def test_a_property_is_as_if_odml_said_it(
    said: str, fields: dict[str, Any], tmp_path: Path
) -> None:
    text = f"metadata: {{s: {{type: t, properties: {{p: {{{said}}}}}}}}}"
    found = described(text, tmp_path).metadata["s"].properties["p"]
    read_as = {"dtype": found.dtype or ("string" if not found.values else None)}
    if found.values and not found.dtype:
        read_as["dtype"] = {int: "int", str: "string"}[type(found.values[0])]
    wanted = one_property(**{**read_as, **fields})
    [made] = sections_of(wanted)
    other = made.sections["s"].properties["p"]
    if fields == {"unit": None}:  # No odML says so: NIX has a unit.
        assert json.loads(found.extra.attributes["odml"].value) == {"unit": ["uV", None]}
        return
    assert found.extra == other.extra
    assert list(found.values) == list(other.values)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("include: 'https://x.org/a.xml#b'", {"include": "https://x.org/a.xml#b"}),
        ("sec_cardinality: 3, prop_cardinality: [1, 2]", None),
        ("link: ../elsewhere", {"link": "../elsewhere"}),
        ("name: a/b", {}),
        ("type: ", {}),
        ("{}", {}),
    ],
)
def test_a_section_is_as_if_odml_said_it(
    said: str, fields: dict[str, Any] | None, tmp_path: Path
) -> None:
    said = said if said.startswith("{") else f"{{{said}}}"
    name, kind = "s", "t"
    if fields is None:
        fields = {"sec_cardinality": (None, 3), "prop_cardinality": (1, 2)}
    elif "name" in said:
        name, fields = "a%2Fb", {"name": "a/b"}
    elif "type" in said:
        kind, fields = "n.s.", {"type": None}
    text = f"metadata: {{{name}: {{type: {kind}, odml: {said}}}}}"
    [made] = sections_of(one_section(**fields))
    assert described(text, tmp_path).metadata[0].extra == made.sections[0].extra


def test_a_document_at_the_top_is_a_section(tmp_path: Path) -> None:
    top = "odml: {author: Ada, date: 2021-03-04, version: 1.10, repository: 'https://x.org'}\n"
    file = described(top + "metadata: {s: {type: t}}\n", tmp_path)
    assert file.metadata.names() == ["odML document", "s"]
    found = document(file)
    assert (found.author, found.date, found.version) == ("Ada", "2021-03-04", "1.10")
    assert found.repository == "https://x.org"
    assert found.id == file.metadata[0].id
    [made] = sections_of(Document(found.id, "Ada", "1.10", "2021-03-04", "https://x.org"))
    assert [one.id for one in file.metadata[0].properties] == [one.id for one in made.properties]
    times = {(one.created_at, one.updated_at) for one in file.metadata[0].properties}
    assert times == {(file.metadata[0].created_at, file.metadata[0].updated_at)}


def test_a_document_is_said_by_its_section(tmp_path: Path) -> None:
    text = f"""\
metadata:
  odML document:
    type: odML document
    id: {ID.format(0)}
    odml: {{author: Ada, version: 1.10, date: 2021-03-04}}
    sections:
      s: {{type: t, id: {ID.format(1)}}}
"""
    wanted = one_section()
    wanted.author, wanted.version, wanted.date = "Ada", "1.10", "2021-03-04"
    file = described(text, tmp_path)
    found = document(file)
    found.sections = found.sections[:1]  # The other tells times.
    assert equal_documents(found, wanted) == []
    assert overlays(file) == {}
    nx.dump_description(file, tmp_path / "again.yaml")
    tree = yaml.safe_load((tmp_path / "again.yaml").read_text("utf-8"))
    told = tree["metadata"]["odML document"]
    assert told["odml"] == {"author": "Ada", "date": "2021-03-04", "version": "1.10"}
    assert "properties" not in told
    assert read(tmp_path / "again.yaml") == file


# Overlays that are not what they should be


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        "[]",
        "null",
        '{"unit":["mV"]}',
        '{"unit":["mV","µV"],"odd":1}',
        '{"unit": ["V", "mV"]}',
        '{"unit":["V","mV"]}',
        '{"unit":["mV",3]}',
        '{"no_field":[null,1]}',
        '{"values":[{"dtype":"int","values":[1]},{"dtype":"2-tuple"}]}',
        '{"values":[{"dtype":"string","values":["x"]},{"dtype":"2-tuple","values":[1e999]}]}',
        '{"val_cardinality":[null,[3,1]]}',
        '{"val_cardinality":[null,[-1,null]]}',
        '{"val_cardinality":[null,[1,2,3]]}',
        '{"val_cardinality":[null,"(1, 2)"]}',
        '{"times":["20210304T120000",null]}',
        "[" * 3000,
    ],
)
def test_an_overlay_that_cannot_be_said_stays_as_it_is(text: str, tmp_path: Path) -> None:
    one = nx.Property(name="p", values=["x"], unit="mV")
    one.extra.attributes["odml"] = text_attribute(text)
    file = nx.File(metadata=[nx.Section(name="s", type="t", properties=[one])])
    again = turned(file, tmp_path)
    assert overlays(again) == overlays(file)
    assert again == file
    assert "extra" in (tmp_path / "text.yaml").read_text("utf-8")


def test_an_overlay_of_another_type_or_place_stays_as_it_is(tmp_path: Path) -> None:
    file = nx.File(metadata=sections_of(one_property(values=["1"], dtype="str")))
    one = next(one for one in file.walk() if isinstance(one, nx.Property))
    stored = one.extra.attributes["odml"]
    one.extra.attributes["later"] = text_attribute("x")
    assert turned(file, tmp_path) == file
    del one.extra.attributes["later"]
    one.extra.attributes["odml"] = Stored(3, text_attribute("").type)
    assert "extra" in _text(file, tmp_path)
    one.extra.attributes["odml"] = stored
    assert "extra" not in _text(file, tmp_path)


def _text(file: nx.File, folder: Path) -> str:
    nx.dump_description(file, folder / "text.yaml")
    return (folder / "text.yaml").read_text("utf-8")


def test_properties_of_a_document_that_were_edited_are_told_as_they_are(tmp_path: Path) -> None:
    drawn = Document(ID.format(0), "Ada", "1.0", "2021-03-04")
    for edit in ("unit", "values", "order", "more", "date"):
        file = nx.File(metadata=sections_of(drawn))
        section = file.metadata[0]
        if edit == "unit":
            section.properties["odML author"].unit = "mV"
        elif edit == "values":
            section.properties["odML author"].values = ["Ada", "Eva"]
        elif edit == "order":
            section.properties.move("odML author", 2)
        elif edit == "more":
            section.properties.append(nx.Property(name="more", values=["x"]))
        else:
            section.properties["odML date"].values = ["4.3.2021"]
        again = turned(file, tmp_path)
        assert again == file, edit
        assert "properties" in (tmp_path / "text.yaml").read_text("utf-8"), edit


def test_an_edited_unit_wins(tmp_path: Path) -> None:
    file = nx.File(metadata=sections_of(one_property(values=["1"], dtype="str", unit="a\0b")))
    one = next(one for one in file.walk() if isinstance(one, nx.Property))
    one.unit = "mV"
    again = turned(file, tmp_path)
    assert again == file
    assert document(again).sections[0].properties[0].unit == "mV"


def test_tuples_that_nix_calls_otherwise_keep_both_types(tmp_path: Path) -> None:
    [made] = sections_of(one_property(values=[("1", "2")], dtype="2-tuple"))
    one = made.sections[0].properties[0]
    one.dtype = "text"
    text = json.loads(one.extra.attributes["odml"].value)
    text["values"][0]["dtype"] = "text"
    one.extra.attributes["odml"] = text_attribute(json.dumps(text, separators=(",", ":")))
    file = nx.File(metadata=[made])
    again = turned(file, tmp_path)
    assert again == file
    assert document(again).sections[0].properties[0].values == [("1", "2")]


@settings(DRAWN, max_examples=5)
@given(drawn=sound())
def test_nix_files_come_through(drawn: Document, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("turn")
    nx.write(nx.File(metadata=sections_of(drawn)), folder / "source.nix", check="none")
    check(folder / "source.nix", folder)


def test_a_file_is_as_its_description_says(tmp_path: Path) -> None:
    """Ids that are new with each reading make no difference."""
    path = tmp_path / "by-hand.yaml"
    properties = "{p: {value: (1;2), dtype: 2-tuple, odml: {val_cardinality: 1}}}"
    text = "odml: {author: Ada}\nmetadata:\n"
    text += f"  s: {{type: t, odml: {{include: a}}, properties: {properties}}}\n"
    file = described(text, tmp_path)
    nx.write(file, tmp_path / "session.nix")
    done = CliRunner().invoke(
        main, ["validate", str(tmp_path / "session.nix"), "--description", str(path), "-v"]
    )
    assert done.exit_code == 0
    assert "NIX1" not in done.output, done.output


def test_nothing_that_is_written_raises(tmp_path: Path) -> None:
    chance = random.Random(7)
    path, sound = tmp_path / "session.yaml", 0
    whole = (EXAMPLES / "valid" / "odml.yaml").read_text("utf-8")
    for _ in range(60):
        path.write_text(mutated(whole, chance), "utf-8")
        errors = [one for one in nx.validate(path).findings if one.level == "error"]
        assert all(one.line is not None and one.line > 0 for one in errors)
        assert not any("bug in nixschema" in one.message for one in errors)
        if not errors:
            file = nx.load_description(path)
            assert turned(file, tmp_path) == file
            sound += 1
    assert 0 < sound < 60


# The keys


def test_the_attribute_is_named_once() -> None:
    assert mapping().attribute == ATTRIBUTE


def test_keys_are_the_fields_of_odml() -> None:
    known = {kind: set(keys) for kind, keys in ODML_KEYS.items()}
    assert known["document"] - {"imported_at"} == set(DOCUMENT_FIELDS)
    assert known["section"] == set(SECTION_FIELDS)
    assert known["property"] == set(PROPERTY_FIELDS)


# Real files


@pytest.mark.skipif(not FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_real_file_comes_through(path: Path, tmp_path: Path) -> None:
    drawn, _ = read_odml(path)
    if drawn is None:
        return
    file = nx.File(metadata=sections_of(drawn))
    again = turned(file, tmp_path, ".yaml" if path.stat().st_size % 2 else ".json")
    assert equal_documents(document(again), drawn) == []
    assert again == file
    assert remainders(tmp_path / "text.yaml") == 0 if path.stat().st_size % 2 else True
