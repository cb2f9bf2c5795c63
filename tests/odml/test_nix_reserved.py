"""NIX files become documents and NIX again: the reserved section holds what odML does not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import nixschema as nx
from nixschema.model.differences import differences
from nixschema.model.extra import Extra
from nixschema.odml.comparing import equal_documents
from nixschema.odml.from_nix import document_of
from nixschema.odml.overlay import text_attribute
from nixschema.odml.reading import is_odml, read_odml, read_odml_bytes
from nixschema.odml.reserved import is_reserved
from nixschema.odml.to_nix import sections_of
from nixschema.odml.writing import odml_text
from nixschema.odml_model.document import Document, Property, Section
from tests.odml import library

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Real files, beside the checkout where they are."""

NIX_FILES = sorted(path for path in (SHARED / "nix").rglob("*.*") if path.suffix in (".nix", ".h5"))
ODML_FILES = sorted(
    path for path in (SHARED / "odml").rglob("*.*") if path.is_file() and is_odml(path)
)
LARGE = 200_000
"""Files of more bytes take seconds."""

OLD = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
NEW = datetime(2011, 2, 3, 4, 5, 6, tzinfo=UTC)
TIMES: Any = {"created_at": OLD, "updated_at": NEW}


def in_xml(document: Document) -> Document:
    """The document as Python's library reads, writes and reads it."""
    back, problems = read_odml_bytes("".join(odml_text(document, "xml")).encode(), "a.odml")
    assert back is not None, problems
    assert not problems
    return back


def in_library(document: Document) -> Document:
    """The document as Python's library reads it."""
    return library.read("".join(odml_text(document, "xml")), "xml")


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


def varied() -> nx.File:
    """Metadata with all that odML has no place for."""
    inner = nx.Section(name="a/b".replace("/", ":"), type="t", **TIMES)
    first = nx.Section(name="subject", type="t", sections=[inner], reference="", **TIMES)
    first.properties.extend(
        [
            nx.Property(name="small", values=[1, 2], storage="int32", dtype="int", **TIMES),
            nx.Property(name="big-endian", values=[1.5], storage=">f4", dtype="float", **TIMES),
            nx.Property(name="empty", storage="uint8", **TIMES),
            nx.Property(name="untyped", values=["007"], **TIMES),
            nx.Property(name="odd", values=["x"], dtype="int", **TIMES),
            nx.Property(name="edges", values=["x"], unit=" mV ", definition="", **TIMES),
            nx.Property(name="control", values=["a\x07b", "c"], dtype="string", **TIMES),
            nx.Property(
                name="more",
                values=[True],
                extra=Extra({"type": text_attribute("a, [b]")}),
                **TIMES,
            ),
        ]
    )
    last = nx.Section(name="last", type="t", created_at=None, updated_at=None)
    document = nx.Section(name="odML document", type="odML document", definition="d", **TIMES)
    document.properties.extend(
        [
            nx.Property(name="odML version", values=[1.5], **TIMES),
            nx.Property(name="more", values=["x"], unit="mV", **TIMES),
            nx.Property(name="odML author", values=["Ada"], dtype="person", **TIMES),
        ]
    )
    document.sections.append(nx.Section(name="within", type="t", **TIMES))
    second = nx.Section(name="odML document 2", type="odML document", **TIMES)
    second.properties.append(nx.Property(name="odML author", values=["Bob"], **TIMES))
    second.sections.append(nx.Section(name="far within", type="t", **TIMES))
    empty = nx.Section(name="odML document 3", type="odML document", **TIMES)
    file = nx.File(metadata=[first, document, second, empty, last])
    last.link = inner
    inner.__dict__["updated_at"] = first.__dict__["updated_at"] = NEW
    last.__dict__["updated_at"] = None
    return file


def test_all_that_odml_has_no_place_for_comes_back() -> None:
    file = varied()
    document, losses = document_of(file)
    assert losses == []
    assert [one.name for one in document.sections] == [
        "subject", "within", "far within", "last", "nix_roundtrip",
    ]  # fmt: skip
    assert (document.author, document.version) == ("Ada", "1.5")
    assert different(file, document) == []


def test_it_comes_back_through_xml_and_the_library() -> None:
    file = varied()
    document, _ = document_of(file)
    assert different(file, in_xml(document)) == []
    assert different(file, in_library(in_library(document))) == []


def test_the_reserved_section_is_of_harmless_characters() -> None:
    reserved = document_of(varied())[0].sections[-1]
    assert is_reserved(reserved)
    texts = [str(value) for one in reserved.properties for value in one.values]
    assert texts
    assert all(re.fullmatch(r"[0-9A-Za-z_:.-]+", text) for text in texts)


def test_it_can_be_left_out() -> None:
    document, losses = document_of(varied(), reserved=False)
    assert not any(map(is_reserved, document.sections))
    assert ("/metadata/subject/properties/small", "storage") in {
        (loss.path, loss.field) for loss in losses
    }


def test_a_document_needs_none() -> None:
    document = Document(sections=[Section("s", type="t")])
    assert equal_documents(document, document_of(nx.File(metadata=sections_of(document)))[0]) == []


def test_one_section_alone() -> None:
    file = varied()
    document, _ = document_of(file, section=file.metadata["subject"], reserved=False)
    assert [one.name for one in document.sections] == ["subject"]
    document, _ = document_of(file, section=file.metadata["odML document 2"], reserved=False)
    assert (document.author, [one.name for one in document.sections]) == ("Bob", ["far within"])


def test_edits_in_odml_win() -> None:
    file = varied()
    document, _ = document_of(file)
    subject = document.sections[0]
    subject.name = "renamed"
    subject.properties[0].values = [2**40]
    subject.properties[3].values, subject.properties[3].dtype = [7], "int"
    document.author = "Eve"
    subject.sections.append(Section("new", type="t"))
    document.sections.insert(0, Section("new", type="t"))
    made = nx.File(metadata=sections_of(document)).metadata
    assert made.names() == [
        "odML document", "renamed", "odML document 2", "odML document 3", "last",
    ]  # fmt: skip
    renamed = made["renamed"]
    assert renamed.properties["small"].values == [2**40]
    assert renamed.properties["small"].storage is None
    assert renamed.properties["untyped"].dtype == "int"
    assert renamed.properties["big-endian"].storage == ">f4"
    assert renamed.created_at == OLD
    assert "new" in renamed.sections
    assert "new" in made["odML document"].sections
    assert list(made["odML document"].properties["odML author"].values) == ["Eve"]


@pytest.mark.parametrize(
    "text",
    ["", ":", "::", "x:y:z", ".!!:a:b", ".AAAA:a:b", f".{'W' * 100_000}:a", "a:.bnVsbA:.e30"],
)
@pytest.mark.parametrize("kind", ["times", "root", "document", "field.values", "field.name", "x"])
def test_what_is_no_fact_does_no_harm(kind: str, text: str) -> None:
    reserved = Section(
        "nix_roundtrip",
        type="nix/roundtrip",
        properties=[Property(kind, values=[text, text.replace("a", KNOWN)])],
    )
    document = Document(sections=[Section("s", id=KNOWN, type="t"), reserved])
    found = [one for top in sections_of(document) for one in top.walk()]
    assert KNOWN in [getattr(one, "id", None) for one in found]


KNOWN = "1f2e3d4c-0000-4000-8000-000000000001"


# Real files


@pytest.mark.skipif(not NIX_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", NIX_FILES, ids=lambda path: str(path.name))
def test_nix_files_come_back(path: Path) -> None:
    try:
        file = nx.read(path)
    except nx.NixError:
        pytest.skip("no NIX file")
    document, losses = document_of(file)
    assert losses == []
    assert different(file, document) == []
    assert different(file, in_xml(document)) == []


@pytest.mark.skipif(not ODML_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", ODML_FILES, ids=lambda path: str(path.name))
def test_odml_files_come_back(path: Path, tmp_path: Path) -> None:
    document, _ = read_odml(path)
    if document is None:
        pytest.skip("no document")
    file = nx.File(metadata=sections_of(document))
    if path.stat().st_size < LARGE:
        nx.write(file, tmp_path / "a.nix")
        file = nx.read(tmp_path / "a.nix")
    back, losses = document_of(file)
    assert losses == []
    assert equal_documents(document, back) == []
