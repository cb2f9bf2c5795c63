"""Whatever document is taken into whatever file: it is all there, and nothing else has changed."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import nixio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.odml.comparing import equal_documents, is_same
from nixschema.odml.from_nix import document_of
from nixschema.odml.lasting import restored
from nixschema.odml.reading import read_odml
from nixschema.odml.reserved import facts_of
from nixschema.odml.to_nix import sections_of
from nixschema.odml.writing import odml_text
from nixschema.odml_model.document import Document, Property, Section
from nixschema.updating.update import update
from tests.odml import strategies
from tests.odml.test_nix_reserved import LARGE, NIX_FILES
from tests.updating.sample import (
    data_of,
    metadata_of,
    odml_of,
    recording,
    reread,
    saved,
    written,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:nixio")

KEYS = {"format_version", "name", "id", "values", "dtype", "properties", "sections", "place"}
FIELDS = {
    kind: tuple(one.name for one in fields(kind) if one.name not in KEYS)
    for kind in (Section, Property, Document)
}


def holds(after: Any, said: Any, before: Any) -> None:
    """What the source says is there; what it does not say is as it was."""
    for name in FIELDS[type(said)]:
        wanted = getattr(said, name)
        if wanted is None and before is not None:
            wanted = getattr(before, name)
        assert is_same(getattr(after, name), wanted), name
    if isinstance(said, Property):
        kept = before if before is not None and not said.values and before.values else said
        assert is_same(after.values, kept.values)
        assert after.dtype == kept.dtype
    if before is not None and not isinstance(said, Document):
        assert after.id == before.id


def named(members: list[Any], name: str) -> Any:
    found = [one for one in members if one.name == name]
    return found[0] if found else None


def all_there(after: Document, said: Document, before: Document) -> None:
    """Everything, section by section."""
    holds(after, said, before)
    assert is_subsequence(before.sections, after.sections)
    stack: list[tuple[Any, Any, Any]] = [(after, said, before)]
    while stack:
        one, wanted, known = stack.pop()
        for section in wanted.sections:
            found = named(one.sections, section.name)
            was = named(known.sections, section.name) if known is not None else None
            holds(found, section, was)
            stack.append((found, section, was))
        if isinstance(wanted, Document):
            continue
        for said_one in wanted.properties:
            was = named(known.properties, said_one.name) if known is not None else None
            holds(named(one.properties, said_one.name), said_one, was)
        if known is not None:
            assert is_subsequence(known.properties, one.properties)
            assert is_subsequence(known.sections, one.sections)


def is_subsequence(some: list[Any], all_of: list[Any]) -> bool:
    """Whether what was there stands in its order, before what is new."""
    return [one.name for one in all_of[: len(some)]] == [one.name for one in some]


class Case:
    """A file in which a document was taken, and what it was before."""

    def __init__(self, folder: Path, first: Document | None, said: Document, rig: bool) -> None:
        self.target = folder / "a.nix"
        file = recording() if rig else nx.File()
        if first is not None:
            file.metadata.extend(sections_of(first))
        written(self.target, file)
        self.source = saved(said, folder / "a.odml.json", "json")
        document, _ = read_odml(self.source)
        assert document is not None
        self.said = document
        self.before, self.data = plain(odml_of(self.target)), data_of(self.target)
        self.metadata = metadata_of(self.target)


def plain(document: Document) -> Document:
    """Without the reserved section, and as it was before that was needed."""
    facts, sections = facts_of(document)
    return restored(document, sections, facts)


drawn = st.one_of(strategies.sound(), st.just(None))


@settings(max_examples=20)
@given(first=drawn, said=strategies.sound(), rig=st.booleans(), in_place=st.booleans())
def test_a_document_is_all_there(
    first: Document | None, said: Document, rig: bool, in_place: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder), first, said, rig)
        blocks = nx.read(shutil.copy(case.target, Path(folder) / "copy.nix")).blocks
        done = update(case.source, case.target, in_place=in_place)
        after = plain(odml_of(case.target))
        all_there(after, case.said, case.before)
        assert nx.read(case.target).blocks == blocks
        if not in_place:
            assert data_of(case.target) == case.data
            now = metadata_of(case.target)
            assert not case.metadata.keys() - now.keys()
            for path, (_, attributes, _, _) in case.metadata.items():
                for name in ("entity_id", "created_at", "name"):
                    assert now[path][1].get(name) == attributes.get(name)
        content = case.target.read_bytes()
        assert not update(case.source, case.target).is_changed
        assert not update(case.source, case.target, in_place=True).is_changed or not done.is_changed
        assert case.target.read_bytes() == content
        with nixio.File.open(str(case.target), nixio.FileMode.ReadOnly) as opened:
            opened.find_sections()


@settings(max_examples=20)
@given(first=strategies.sound(), said=strategies.sound())
def test_replaced_metadata_are_those_of_the_source(first: Document, said: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder), first, said, rig=False)
        update(case.source, case.target, replace=True)
        after = plain(odml_of(case.target))
        wanted = dict(case.said.walk())
        assert {path for path, _ in after.walk()} == wanted.keys()
        for path, one in after.walk():
            assert {p.name for p in one.properties} == {p.name for p in wanted[path].properties}
            for name in FIELDS[Section]:
                if name != "type" or wanted[path].type is not None:
                    assert is_same(getattr(one, name), getattr(wanted[path], name)), name
            for said_one in wanted[path].properties:
                found = named(one.properties, said_one.name)
                for name in (*FIELDS[Property], "values", "dtype"):
                    assert is_same(getattr(found, name), getattr(said_one, name)), name
        assert not update(case.source, case.target, replace=True).is_changed


@settings(max_examples=20)
@given(first=st.one_of(strategies.wild(), strategies.sound()), said=strategies.wild())
def test_whatever_a_document_holds_is_taken_once(first: Document, said: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder), first, said, rig=True)
        update(case.source, case.target)
        assert data_of(case.target) == case.data
        content = case.target.read_bytes()
        assert not update(case.source, case.target).is_changed
        assert case.target.read_bytes() == content
        with nixio.File.open(str(case.target), nixio.FileMode.ReadOnly) as opened:
            opened.find_sections()


@pytest.mark.skipif(not NIX_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", NIX_FILES, ids=lambda one: one.name)
def test_real_files_stay_as_they_are_until_something_is_edited(path: Path, tmp_path: Path) -> None:
    """Metadata go out as odML, come back, and change nothing; an edit changes what was edited."""
    file = nx.read(path)
    sections = [one for root in file.metadata for one in root.walk() if isinstance(one, nx.Section)]
    with_values = [one for section in sections for one in section.properties if one.values]
    if path.stat().st_size > 5 * LARGE or not with_values or (file.version or ()) < (1, 2, 0):
        pytest.skip("too large, too old, or without metadata")
    target = Path(shutil.copyfile(path, tmp_path / "a.nix"))
    content = target.read_bytes()
    document = reread(document_of(file)[0])
    source = tmp_path / "a.odml"
    source.write_text("".join(odml_text(document, "xml")), newline="")
    assert not update(source, target).is_changed
    assert not update(source, target, replace=True).is_changed
    assert target.read_bytes() == content
    properties = [one for _, section in document.walk() for one in section.properties]
    edited = next(one for one in properties if one.id == with_values[-1].id)
    edited.definition = "edited"
    source.write_text("".join(odml_text(document, "xml")), newline="")
    before, data = metadata_of(target), data_of(target)
    assert update(source, target).is_changed
    assert data_of(target) == data
    now = metadata_of(target)
    differing = {name for name in now if now[name] != before.get(name)}
    assert len(differing) == 1
    (name,) = differing
    assert now[name][1]["definition"] == "edited"
    assert {key for key in now[name][1] if now[name][1][key] != before[name][1].get(key)} <= {
        "definition",
        "updated_at",
    }
    assert not equal_documents(plain(reread(odml_of(target))), plain(document))
