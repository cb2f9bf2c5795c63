"""Metadata are taken into a file: what matches what, what changes, and what stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import h5py
import nixio
import pytest

import nixschema as nx
from nixschema.errors import CheckFailed, NixError, StaleFileError
from nixschema.odml_model.document import Document, Property, Section
from nixschema.storage import patching
from nixschema.updating.update import update
from tests.odml import library
from tests.updating.sample import (
    OLD,
    data_of,
    metadata_of,
    odml_of,
    recording,
    saved,
    written,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:nixio")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return written(tmp_path / "session.nix")


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, set[str]]:
    """Names of what differs in each object, times aside; ``new`` and ``gone`` for whole ones."""
    found: dict[str, set[str]] = {}
    for path in before.keys() | after.keys():
        one, other = before.get(path), after.get(path)
        if one is None or other is None:
            found[path] = {"new" if one is None else "gone"}
            continue
        known = one[1].keys() | other[1].keys()
        names = {name for name in known if one[1].get(name) != other[1].get(name)}
        names |= {"values"} if one[2] != other[2] else set()
        names |= {"link"} if one[3] != other[3] else set()
        names |= {"address"} if one[0] != other[0] else set()
        if names:
            found[path] = names
    return found


def applied(target: Path, source: Any, **options: Any) -> dict[str, set[str]]:
    """What an update changes in the metadata; data stay as they are, byte for byte."""
    before, data = metadata_of(target), data_of(target)
    done = update(source, target, **options)
    assert data_of(target) == data
    found = changed(before, metadata_of(target))
    assert done.is_changed == bool(found)
    for path, names in found.items():
        stays = not names & {"new", "gone"}
        was_old = stays and before[path][1]["updated_at"] == OLD
        assert stays or "updated_at" not in names
        assert not was_old or "updated_at" in names, path
        assert "created_at" not in names
        assert "entity_id" not in names
    return {path: names - {"updated_at"} for path, names in found.items()}


def test_an_edit_of_a_document_is_brought_and_nothing_else(target: Path, tmp_path: Path) -> None:
    document = odml_of(target)
    read = library.read("".join(_xml(document)), "xml")
    species = read.sections[0].properties[1]
    species.values = ["rat", "mouse"]
    read.sections[0].properties[0].values = [5]
    read.sections[1].definition = "where it was done"
    path = saved(read, tmp_path / "edited.odml")
    assert applied(target, path) == {
        "/subject/properties/species": {"values"},
        "/subject/properties/age": {"values"},
        "/rig": {"definition"},
    }
    with h5py.File(target) as file:
        assert file["metadata/subject/properties/age"].dtype == "int32"
        assert file["metadata/subject/properties/age"].attrs["created_at"] == OLD
        assert list(file["metadata/subject/properties"]) == ["age", "species"]
    with nixio.File.open(str(target), nixio.FileMode.ReadOnly) as opened:
        assert opened.sections["subject"].props["species"].values == ("rat", "mouse")
        assert opened.sections["rig"].definition == "where it was done"
        assert opened.blocks[0].metadata.name == "subject"
        assert opened.blocks[0].data_arrays["voltage"].metadata.name == "cell"


def _xml(document: Document) -> Any:
    from nixschema.odml.writing import odml_text

    return odml_text(document, "xml")


def test_a_second_update_does_not_touch_the_file(target: Path, tmp_path: Path) -> None:
    document = odml_of(target)
    document.author = "Ada"
    document.sections[0].properties.append(
        Property("weight", values=[1.5], dtype="float", unit="kg")
    )
    path = saved(document, tmp_path / "a.odml")
    assert update(path, target).is_changed
    status = os.stat(target)
    assert not update(path, target).is_changed
    assert not update(path, target, replace=True).is_changed
    again = os.stat(target)
    assert (again.st_ino, again.st_mtime_ns) == (status.st_ino, status.st_mtime_ns)


def test_a_document_that_came_from_the_file_changes_nothing(target: Path, tmp_path: Path) -> None:
    content = target.read_bytes()
    for form, name in (("xml", "a.odml"), ("json", "a.odml.json"), ("yaml", "a.odml.yaml")):
        path = saved(odml_of(target), tmp_path / name, form)
        assert not update(path, target).is_changed
        assert not update(path, target, replace=True).is_changed
    assert target.read_bytes() == content


def test_what_the_source_does_not_say_stays(target: Path, tmp_path: Path) -> None:
    said = [Property("species"), Property("new", values=["x"], dtype="string")]
    subject = Section("subject", type="subject", properties=said)
    found = applied(target, saved(Document(sections=[subject]), tmp_path / "a.odml"))
    assert found == {"/subject/properties/new": {"new"}}
    species = nx.read(target).metadata["subject"].properties["species"]
    assert (list(species.values), species.definition) == (["mouse"], "what")


def test_replacing_drops_what_the_source_does_not_say(target: Path, tmp_path: Path) -> None:
    species = Property("species", values=["mouse"], dtype="string")
    subject = Section("subject", type="subject", properties=[species])
    path = saved(Document(sections=[subject]), tmp_path / "a.odml")
    before, data = metadata_of(target), data_of(target)
    done = update(path, target, replace=True)
    found = {
        key: names - {"updated_at"} for key, names in changed(before, metadata_of(target)).items()
    }
    assert found == {
        "/subject/properties/species": {"definition", "odml_type"},
        "/subject/properties/age": {"gone"},
    }
    assert data_of(target) == data
    assert done.notes == [
        "/metadata/subject/sections/cell stays: an entity links to it",
        "/metadata/rig/sections/amplifier stays: an entity links to it",
    ]


def test_replacing_removes_what_nothing_links_to(tmp_path: Path) -> None:
    file = recording()
    file.metadata["rig"].sections.append(nx.Section(name="table", type="t"))
    other = nx.Section(name="other", type="t", link=file.metadata["rig"].sections["table"])
    other.sections.append(nx.Section(name="inner", type="t"))
    file.metadata.append(other)
    target = written(tmp_path / "a.nix", file)
    empty = saved(Document(sections=[Section("new", type="t")]), tmp_path / "a.odml")
    before, data = metadata_of(target), data_of(target)
    update(empty, target, replace=True)
    gone = {
        path for path, names in changed(before, metadata_of(target)).items() if names == {"gone"}
    }
    assert gone == {"/other", "/other/sections", "/other/sections/inner", "/rig/sections/table"}
    assert data_of(target) == data


def test_a_section_is_found_by_its_id_wherever_it_lies(target: Path, tmp_path: Path) -> None:
    cell = nx.read(target).metadata["subject"].sections["cell"]
    moved = Section("cell", id=cell.id, type="cell", definition="found")
    above = Section("elsewhere", type="t", sections=[moved])
    found = applied(target, saved(Document(sections=[above]), tmp_path / "a.odml"))
    assert found == {"/elsewhere": {"new"}, "/subject/sections/cell": {"definition"}}


def test_an_id_of_another_name_counts_for_nothing(target: Path, tmp_path: Path) -> None:
    subject = nx.read(target).metadata["subject"]
    cell = subject.sections["cell"]
    inner = Section("cell", id=cell.id, type="cell")
    copy = Section("copy", id=subject.id, type="subject", sections=[inner])
    found = applied(target, saved(Document(sections=[copy]), tmp_path / "a.odml"))
    assert found == {"/copy": {"new"}, "/copy/sections": {"new"}, "/copy/sections/cell": {"new"}}
    assert len({one.id for one in nx.read(target).walk() if isinstance(one, nx.Section)}) == 6


def test_values_of_another_type_keep_their_place(target: Path, tmp_path: Path) -> None:
    said = [Property("age", values=["young"], dtype="string")]
    said.append(Property("species", values=["a", "b", "c"]))
    path = saved(
        Document(sections=[Section("subject", type="subject", properties=said)]),
        tmp_path / "a.odml",
    )
    applied(target, path)
    with h5py.File(target) as file:
        properties = file["metadata/subject/properties"]
        assert list(properties) == ["age", "species"]
        assert properties["age"].asstr()[()].tolist() == ["young"]
        assert properties["age"].attrs["unit"] == "d"
        assert properties["species"].asstr()[()].tolist() == ["a", "b", "c"]


def test_a_template_is_taken_in_twice(target: Path, tmp_path: Path) -> None:
    electrode = Section(
        "electrode", id="7f1c8a3e-0000-4000-8000-000000000001", type="hardware/electrode"
    )
    electrode.properties.append(
        Property("depth", id="7f1c8a3e-0000-4000-8000-000000000002", dtype="float", unit="mm")
    )
    electrode.sections.append(Section("tip", id="7f1c8a3e-0000-4000-8000-000000000003", type="tip"))
    path = saved(Document(author="Ada", sections=[electrode]), tmp_path / "template.odml")
    for name in ("electrode-1", "electrode-2"):
        done = update(path, target, into="/rig", as_=name, new_ids=True)
        assert done.notes == ["`odML author`: not taken over, as only a section is taken in"]
    found = nx.read(target)
    rig = found.metadata["rig"]
    assert [one.name for one in rig.sections] == ["amplifier", "electrode-1", "electrode-2"]
    ids = [one.id for one in found.walk() if isinstance(one, nx.Section | nx.Property)]
    assert len(set(ids)) == len(ids)
    assert electrode.id not in ids
    assert not update(path, target, into="rig", as_="electrode-2", new_ids=True).is_changed
    electrode.properties[0].values = [1.5]
    saved(Document(sections=[electrode]), path)
    assert applied(target, path, into="/rig", as_="electrode-2") == {
        "/rig/sections/electrode-2/properties/depth": {"values"}
    }


@pytest.mark.parametrize("replace", [False, True])
def test_into_and_as_leave_what_is_beside(target: Path, tmp_path: Path, replace: bool) -> None:
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    assert applied(target, path, into="/rig", as_="stage", replace=replace) == {
        "/rig/sections/stage": {"new"}
    }


def test_a_section_that_is_not_there_is_refused(target: Path, tmp_path: Path) -> None:
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    with pytest.raises(NixError, match=r"has no section `/rigg`: did you mean `/metadata/rig`\?"):
        update(path, target, into="/rigg")
    two = saved(Document(sections=[Section("x", type="t"), Section("y", type="t")]), path)
    with pytest.raises(NixError, match="`--as` names one section, and the source has 2"):
        update(two, target, as_="z")
    with pytest.raises(ValueError, match="cannot be the name of a section"):
        update(two, target, as_="a/b")


def test_document_fields_beside_sections_at_the_root(target: Path, tmp_path: Path) -> None:
    document = Document(author="Ada", version=3, sections=[Section("new", type="t")])
    path = saved(document, tmp_path / "a.odml.json", "json")
    applied(target, path)
    back = odml_of(target)
    assert (back.author, back.version) == ("Ada", 3)
    assert [one.name for one in back.sections][:3] == ["subject", "rig", "new"]
    assert [one.name for one in nx.read(target).metadata][:2] == ["subject", "rig"]
    document.author = "Bob"
    saved(document, path, "json")
    assert applied(target, path) == {"/odML document/properties/odML author": {"values"}}


def test_document_fields_of_a_file_made_of_odml(tmp_path: Path) -> None:
    document = Document(
        author="Ada", version=1.5, date="2020-01-01", sections=[Section("a", type="t")]
    )
    first = saved(document, tmp_path / "a.odml.json", "json")
    target = tmp_path / "a.nix"
    nx.write(nx.File(), target)
    update(first, target)
    assert [one.name for one in nx.read(target).metadata] == ["odML document"]
    document.version, document.author = "2", None
    document.sections.append(Section("b", type=None, include="x.xml#y", sec_cardinality=(1, 1)))
    saved(document, first, "json")
    update(first, target)
    back = odml_of(target)
    assert (back.author, back.version, back.date) == ("Ada", "2", "2020-01-01")
    assert [one.name for one in back.sections[:2]] == ["a", "b"]
    assert (back.sections[1].include, back.sections[1].sec_cardinality) == ("x.xml#y", (1, 1))
    assert back.sections[1].type is None
    update(first, target, replace=True)
    assert odml_of(target).author is None


def test_the_overlay_goes_when_it_is_not_needed(target: Path, tmp_path: Path) -> None:
    age = Property("age", values=[("1", "2")], dtype="2-tuple", unit="d", uncertainty="some")
    path = saved(
        Document(sections=[Section("subject", type="subject", properties=[age])]),
        tmp_path / "a.odml",
    )
    applied(target, path)
    found = odml_of(target).sections[0].properties[0]
    assert (found.values, found.dtype, found.uncertainty) == ([("1", "2")], "2-tuple", "some")
    age.values, age.dtype = [3], "int"
    saved(Document(sections=[Section("subject", type="subject", properties=[age])]), path)
    applied(target, path)
    with h5py.File(target) as file:
        assert '"values"' not in file["metadata/subject/properties/age"].attrs["odml"]
    age.uncertainty = 1.0
    saved(Document(sections=[Section("subject", type="subject", properties=[age])]), path)
    applied(target, path)
    with h5py.File(target) as file:
        assert "odml" not in file["metadata/subject/properties/age"].attrs
        assert file["metadata/subject/properties/age"].attrs["uncertainty"] == 1.0


def test_links_lead_to_the_sections_of_the_file(target: Path, tmp_path: Path) -> None:
    new = Section(
        "new",
        type="t",
        link="/rig/amplifier",
        sections=[Section("in", type="t", link="../../other")],
    )
    other = Section("other", type="t", link="/nowhere")
    subject = Section("subject", type="subject", link="/new")
    path = saved(Document(sections=[new, other, subject]), tmp_path / "a.odml")
    found = applied(target, path)
    assert found["/subject"] == {"link"}
    with h5py.File(target) as file:
        root = file["metadata"]
        assert root["new/link"] == root["rig/sections/amplifier"]
        assert root["new/sections/in/link"] == root["other"]
        assert root["subject/link"] == root["new"]
        assert root["rig/link"] == root["subject"]
    back = odml_of(target)
    links = {path: one.link for path, one in back.walk() if one.link}
    assert links == {
        "/new": "/rig/amplifier",
        "/new/in": "../../other",
        "/other": "/nowhere",
        "/subject": "/new",
        "/rig": "/subject",
    }
    assert not update(path, target).is_changed


def test_what_has_only_blocks_gets_metadata(tmp_path: Path) -> None:
    target = tmp_path / "a.nix"
    with h5py.File(target, "w", track_order=True) as file:
        file.attrs.update(
            {"format": "nix", "version": [1, 2, 1], "id": "7f1c8a3e-0000-4000-8000-00000000000a"}
        )
        file.attrs.update({"created_at": OLD, "updated_at": OLD})
        file.create_group("data", track_order=True)
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    assert update(path, target).is_changed
    with nixio.File.open(str(target), nixio.FileMode.ReadWrite) as opened:
        assert opened.sections["odML document"].sections["x"].type == "t"


def test_descriptions_and_files_are_sources(target: Path, tmp_path: Path) -> None:
    description = tmp_path / "a.yaml"
    description.write_text(
        "nix: 1.2.1\nmetadata:\n  subject:\n    type: subject\n    properties:\n"
        "      age: {values: [4], unit: d}\n      strain: C57\n"
    )
    assert applied(target, description) == {
        "/subject/properties/age": {"values"},
        "/subject/properties/strain": {"new"},
    }
    other = recording()
    other.metadata["subject"].properties["species"].values = ["rat"]
    nx.write(other, tmp_path / "other.nix")
    assert applied(target, tmp_path / "other.nix") == {
        "/subject/properties/age": {"values"},
        "/subject/properties/species": {"values"},
    }
    other.metadata["subject"].properties["age"].values = [7]
    assert applied(target, other) == {"/subject/properties/age": {"values"}}
    assert other.metadata["subject"].properties["age"].owner is other.metadata["subject"]


def test_a_dry_run_tells_and_writes_nothing(target: Path, tmp_path: Path) -> None:
    document = odml_of(target)
    document.sections[0].definition = "new"
    content = target.read_bytes()
    done = update(saved(document, tmp_path / "a.odml"), target, dry=True)
    assert done.is_changed
    assert sorted((one.path, one.field) for one in done.differences) == [
        ("/metadata/subject", "definition"),
        ("/metadata/subject", "updated_at"),
    ]
    assert target.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.odml", "session.nix"]


def test_in_place_changes_the_file_itself(target: Path, tmp_path: Path) -> None:
    document = odml_of(target)
    document.sections[0].properties[0].values = [12]
    document.sections[0].sections.append(Section("added", type="t"))
    path = saved(document, tmp_path / "a.odml")
    inode = target.stat().st_ino
    before = nx.read(shutil.copy(target, tmp_path / "before.nix"))
    assert update(path, target, in_place=True).is_changed
    after = nx.read(target)
    assert target.stat().st_ino == inode
    assert after.blocks == before.blocks
    assert after.metadata["subject"].properties["age"].values == [12]
    assert after.metadata["subject"].properties["age"].storage == "int32"
    assert after.blocks["session"].metadata is after.metadata["subject"]
    assert not update(path, target).is_changed
    assert not update(path, target, in_place=True).is_changed
    with nixio.File.open(str(target), nixio.FileMode.ReadOnly) as opened:
        assert opened.blocks[0].metadata.props["age"].values == (12,)


def test_errors_that_are_there_do_not_stop_it_and_new_ones_do(target: Path, tmp_path: Path) -> None:
    with h5py.File(target, "r+") as file:
        del file["data/session/data_arrays/voltage/dimensions"]
    good = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    assert update(good, target).is_changed
    content = target.read_bytes()
    one = Section("rig", type="setup", link="/subject")
    two = Section("subject", type="subject", link="/rig")
    bad = nx.File(metadata=[nx.Section(name="subject", type="subject")])
    bad.metadata.append(nx.Section(name="rig", type="setup"))
    bad.metadata["subject"].link = bad.metadata["rig"]
    assert one.link != two.link
    with pytest.raises(CheckFailed, match="NIX402"):
        update(bad, target)
    assert target.read_bytes() == content


@pytest.mark.parametrize("version", [(1, 1, 0), (1, 9, 0)])
def test_other_versions_are_refused(target: Path, tmp_path: Path, version: tuple[int, ...]) -> None:
    with h5py.File(target, "r+") as file:
        file.attrs["version"] = version
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    with pytest.raises(NixError, match=r"upgrade it first|is the latest that can be written"):
        update(path, target)


def test_a_file_that_is_open_is_refused(target: Path, tmp_path: Path) -> None:
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    content = target.read_bytes()
    with h5py.File(target, "r+"), pytest.raises(BlockingIOError, match="open"):
        update(path, target)
    assert target.read_bytes() == content


def test_a_file_that_changes_meanwhile_is_refused(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    made = patching.make_changes

    def meanwhile(*given: Any) -> Any:
        os.utime(target, ns=(1, 1))
        return made(*given)

    monkeypatch.setattr("nixschema.updating.update.make_changes", meanwhile)
    with pytest.raises(StaleFileError, match="has changed meanwhile"):
        update(path, target)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.odml", "session.nix"]


def test_damaged_metadata_are_refused(target: Path, tmp_path: Path) -> None:
    with h5py.File(target) as file:
        address = h5py.h5o.get_info(file["metadata/rig"].id).addr
    content = bytearray(target.read_bytes())
    content[address : address + 16] = b"\xff" * 16
    target.write_bytes(content)
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    with pytest.raises(NixError, match="damaged"):
        update(path, target)
    assert target.read_bytes() == bytes(content)


def test_deep_and_wide_metadata_take_linear_time(tmp_path: Path) -> None:
    target = written(tmp_path / "a.nix")
    deepest = root = Section("s", type="t")
    for _ in range(600):
        inner = Section("s", type="t")
        deepest.sections.append(inner)
        deepest = inner
    wide = Section("wide", type="t")
    wide.properties = [
        Property(f"p{number}", values=[number], dtype="int") for number in range(1000)
    ]
    path = saved(Document(sections=[root, wide]), tmp_path / "a.odml")
    assert update(path, target).is_changed
    assert not update(path, target).is_changed
    for number, one in enumerate(wide.properties):
        one.values = [float(number)]
        one.dtype = "float"
    saved(Document(sections=[root, wide]), path)
    assert update(path, target).is_changed
    found = nx.read(target).metadata["wide"].properties
    assert [one.values[0] for one in found] == [float(number) for number in range(1000)]


def test_the_mode_and_links_to_the_file_stay(target: Path, tmp_path: Path) -> None:
    os.chmod(target, 0o640)
    link = tmp_path / "link.nix"
    link.symlink_to(target)
    path = saved(Document(sections=[Section("x", type="t")]), tmp_path / "a.odml")
    update(path, link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    shutil.copy(target, tmp_path / "ro.nix")
    os.chmod(tmp_path / "ro.nix", 0o440)
    with pytest.raises(PermissionError):
        update(saved(Document(sections=[Section("y", type="t")]), path), tmp_path / "ro.nix")


@pytest.mark.parametrize(
    ("values", "dtype"), [([4], "int"), ([4.5], None), (["four"], None)], ids=str
)
def test_a_type_stays_that_the_source_does_not_say(
    tmp_path: Path, values: list[Any], dtype: str | None
) -> None:
    path = tmp_path / "a.nix"
    said = nx.Property(name="age", values=[3], dtype="int")
    nx.write(nx.File(metadata=[nx.Section(name="subject", type="t", properties=[said])]), path)
    meant = nx.Property(name="age", values=values)
    source = nx.File(metadata=[nx.Section(name="subject", type="t", properties=[meant])])
    assert update(source, path).is_changed
    age = nx.read(path).metadata["subject"].properties["age"]
    assert (list(age.values), age.dtype) == (values, dtype)
