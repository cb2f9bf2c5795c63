"""`nixschema convert` and `upgrade` with odML: there and back, options, refusals, hostile texts."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
import rdflib
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings

import nixschema as nx
from nixschema import cli
from nixschema.odml.comparing import equal_documents
from nixschema.odml.reading import is_odml, read_odml
from nixschema.odml.resolving import resolve
from nixschema.odml.writing import write_odml
from nixschema.odml_model.document import Document, Section
from tests.odml.library import odml
from tests.odml.strategies import sound
from tests.plain import write
from tests.sound import SOUND

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import nixio

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Real files, beside the checkout where they are."""

SMALL = 20_000
"""Larger files take longer than they tell."""

BROKEN = {"30.xml", "invalid_xml.xml", "invalid.xml", "missing_root.json"}
"""What is no XML, or no odML."""

ODML_FILES = sorted(
    path
    for path in (SHARED / "odml").rglob("*.*")
    if path.is_file() and path.name not in BROKEN and path.stat().st_size < SMALL and is_odml(path)
)
NIX_FILES = sorted(
    path
    for path in (SHARED / "nix").rglob("*.*")
    if path.suffix in (".nix", ".h5") and path.stat().st_size < 200_000
)
SUFFIXES = (".odml", ".odml.json", ".odml.yaml")

PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<odML version="1.1">
  <author>Doe, Jane</author>
  <date>2020-01-31</date>
  <repository>https://example.org/terms.xml</repository>
  <section>
    <name>subject</name><type>subject</type>
    <property><name>age</name><value>12</value><type>int</type><unit>d</unit></property>
    <property><name>names</name><value>["a, b","c"]</value><type>string</type></property>
    <section>
      <name>cell</name><type>cell</type><link>/template/cell</link>
      <property><name>size</name><value>5.0</value><type>float</type></property>
    </section>
    <section><name>twin</name><type>cell</type><link>/subject/cell</link></section>
  </section>
  <section>
    <name>template</name><type>template</type>
    <section>
      <name>cell</name><type>cell</type><definition>a cell</definition>
      <property><name>size</name><value>1.0</value><type>float</type><unit>um</unit></property>
      <property><name>kind</name><value>pyramidal</value><type>string</type></property>
      <section><name>soma</name><type>part</type></section>
    </section>
  </section>
</odML>
"""

OLD = """<?xml version="1.0"?>
<odML version="1">
  <section><name>stimulus</name><type>stimulus</type>
    <property><name>Voltage</name>
      <value>1<type>int</type><unit>mV</unit></value>
      <value>2<type>int</type><unit>V</unit></value>
    </property>
  </section>
</odML>
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a document."""
    monkeypatch.chdir(tmp_path)
    Path("plain.odml").write_text(PLAIN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def recording(folder: Path) -> Path:
    """A NIX file with data and metadata in that folder."""
    write(SOUND, folder / "recording.nix")
    return folder / "recording.nix"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], prog_name="nixschema")


def done(*arguments: object) -> str:
    """What a command that is done tells on stderr; nothing comes on stdout."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return result.stderr


def document(path: Path | str) -> Document:
    found, problems = read_odml(path)
    assert found is not None, problems
    return found


def section(found: Document, path: str) -> Section:
    return next(one for place, one in found.walk() if place == path)


# There and back


@pytest.mark.skipif(not ODML_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", ODML_FILES, ids=lambda path: path.relative_to(SHARED).as_posix())
def test_files_come_back_from_nix(path: Path, tmp_path: Path) -> None:
    suffix = SUFFIXES[ODML_FILES.index(path) % 3]
    nx.convert(path, tmp_path / "a.nix")
    told = nx.convert(tmp_path / "a.nix", tmp_path / f"a{suffix}")
    found = equal_documents(document(path), document(tmp_path / f"a{suffix}"))
    assert len(found) <= len(told.losses), found
    assert not (path.suffix in (".xml", ".odml") and found), found


@pytest.mark.skipif(not NIX_FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", NIX_FILES, ids=lambda path: path.relative_to(SHARED).as_posix())
def test_nix_files_come_back_from_odml(path: Path, tmp_path: Path) -> None:
    told = nx.convert(path, tmp_path / "a.odml")
    nx.convert(tmp_path / "a.odml", tmp_path / "a.nix")
    before, after = nx.read(path), nx.read(tmp_path / "a.nix")
    before.blocks.clear()
    if not told.losses:
        found = run("diff", "--only", "metadata", _written(before, tmp_path), tmp_path / "a.nix")
        told_apart = [line for line in found.stdout.splitlines() if line.startswith("  /metadata")]
        assert told_apart == [], found.output
    assert len(after.blocks) == 0


def _written(file: nx.File, folder: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nx.LossWarning)
        nx.write(file, folder / "before.nix", check="none")
    return folder / "before.nix"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sound())
def test_documents_come_back_from_nix_and_descriptions(tmp_path: Path, wanted: Document) -> None:
    write_odml(wanted, tmp_path / "a.odml.json")
    before = document(tmp_path / "a.odml.json")
    for name in ("b.nix", "b.yaml", "b.odml.yaml"):
        nx.convert(tmp_path / "a.odml.json", tmp_path / name)
        nx.convert(tmp_path / name, tmp_path / "c.odml.json")
        assert equal_documents(before, document(tmp_path / "c.odml.json")) == [], name


def test_metadata_come_back_through_pythons_library(recording: Path) -> None:
    done("convert", recording, "a.odml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odml.save(odml.load("a.odml", show_warnings=False), "b.xml")
    done("convert", "b.xml", "b.nix")
    before = nx.read(recording)
    before.blocks.clear()
    result = run("diff", _written(before, recording.parent), "b.nix", "--only", "metadata")
    assert not [line for line in result.stdout.splitlines() if line.startswith("  /metadata")]
    assert str(before.metadata["subject"].id) == nx.read("b.nix").metadata["subject"].id


def test_nixio_reads_what_odml_becomes(folder: Path) -> None:
    assert done("convert", "plain.odml", "a.nix") == ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = nixio.File.open("a.nix", nixio.FileMode.ReadOnly)
        try:
            subject = file.sections["odML document"].sections["subject"]
            assert list(subject.props["names"].values) == ["a, b", "c"]
            assert (subject.props["age"].values, subject.props["age"].unit) == ((12,), "d")
            assert subject.sections["cell"].link.name == "cell"
        finally:
            file.close()


def test_an_edit_with_nixio_shows(folder: Path) -> None:
    done("convert", "plain.odml", "a.nix")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = nixio.File.open("a.nix", nixio.FileMode.ReadWrite)
        try:
            file.sections["odML document"].sections["subject"].props["age"].values = [13]
        finally:
            file.close()
    done("convert", "a.nix", "b.odml")
    age, _ = section(document("b.odml"), "/subject").properties
    assert (age.values, age.dtype, age.unit) == ([13], "int", "d")


# Formats


def test_the_name_says_the_serialisation(folder: Path) -> None:
    beginnings = {
        ("a.odml",): "<?xml",
        ("a.xml",): "<?xml",
        ("a.odml.json",): "{",
        ("a.odml.yml",): "odml-version:",
        ("a.json", "--to", "odml"): "{",
        ("a.yaml", "--to", "odml"): "odml-version:",
        ("a", "--to", "odml"): "<?xml",
        ("b", "--to", "rdf"): "<?xml",
        ("b.rdf",): "<?xml",
        ("b.ttl",): "@prefix",
        ("c", "--to", "description"): "# yaml-language-server",
    }
    for (name, *options), beginning in beginnings.items():
        done("convert", "plain.odml", name, *options)
        assert Path(name).read_text(encoding="utf-8").startswith(beginning), name
    for name in ("a.xml", "a.odml.json", "a.odml.yml", "a.json", "a.yaml", "a"):
        assert equal_documents(document("plain.odml"), document(name)) == []


def test_rdf_is_a_graph(folder: Path) -> None:
    told = done("convert", "plain.odml", "a.ttl", "--all")
    assert "plain.odml: lost /metadata: NIX853 warning: RDF does not keep the order" in told
    assert "/metadata/subject/sections/cell/link: NIX853 warning: odML's RDF has no `link`" in told
    done("convert", "plain.odml", "a.nix")
    done("convert", "a.nix", "b.rdf")
    for name, form in (("a.ttl", "turtle"), ("b.rdf", "xml")):
        graph = rdflib.Graph().parse(name, format=form)
        names = {str(one) for one in graph.objects(predicate=_rdf("hasName"))}
        assert {"subject", "age", "cell", "kind"} <= names
        assert "nix_roundtrip" not in names


def test_values_that_do_not_fit_make_rdf_quietly(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = PLAIN.replace("2020-01-31", "2020")
    Path("odd.odml").write_text(text, encoding="utf-8")
    told = done("convert", "odd.odml", "a.ttl")
    assert "Traceback" not in told
    assert "odd.odml has 1 warning: " in told
    assert caplog.records == []
    assert '"2020"' in Path("a.ttl").read_text(encoding="utf-8")


def _rdf(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"https://g-node.org/odml-rdf#{name}")


def test_old_odml_is_upgraded(folder: Path) -> None:
    Path("old.xml").write_text(OLD, encoding="utf-8")
    for name in ("new.odml", "new.json"):
        done("upgrade", "old.xml", name)
        found = section(document(name), "/stimulus")
        assert [(one.name, one.values, one.unit) for one in found.properties] == [
            ("Voltage", [1, 2], None),
            ("Voltage.unit", ["mV", "V"], None),
        ]
    assert len(odml.load("new.odml", show_warnings=False).sections) == 1
    done("upgrade", "new.odml", "again.odml")
    assert Path("again.odml").read_bytes() == Path("new.odml").read_bytes()
    refused = run("upgrade", "old.xml", "new.nix")
    assert refused.exit_code == 2
    assert "names of odML files end in .odml, .xml," in refused.stderr


def test_odml_of_no_known_version_is_not_upgraded(folder: Path) -> None:
    for version in ('version="3"', ""):
        Path("odd.odml").write_text(PLAIN.replace('version="1.1"', version), encoding="utf-8")
        refused = run("upgrade", "odd.odml", "new.odml")
        assert refused.exit_code == 1
        assert refused.stderr.startswith("odd.odml:2:1: ")
        assert not Path("new.odml").exists()
        assert run("convert", "odd.odml", "new.odml", "--force").exit_code == 0
        os.unlink("new.odml")


# Parts


def test_a_section_becomes_the_document(folder: Path) -> None:
    told = done("convert", "plain.odml", "a.odml", "--section", "/subject")
    found = document("a.odml")
    assert [place for place, _ in found.walk()] == ["/subject", "/subject/cell", "/subject/twin"]
    assert section(found, "/subject/cell").link is None
    assert section(found, "/subject/twin").link == "/subject/cell"
    assert (found.author, found.repository) == ("Doe, Jane", "https://example.org/terms.xml")
    assert told == (
        "plain.odml: lost /metadata/subject/sections/cell/link: NIX855 warning: "
        "it leads to `/template/cell`, which is left out\n"
    )


def test_links_of_a_part_are_written_anew(folder: Path) -> None:
    text = PLAIN.replace("/subject/cell<", "/subject/cell<").replace(
        "<section><name>twin</name><type>cell</type><link>/subject/cell</link></section>",
        "<section><name>inner</name><type>t</type>"
        "<section><name>a</name><type>t</type></section>"
        "<section><name>b</name><type>t</type><link>/subject/inner/a</link></section></section>",
    )
    Path("nested.odml").write_text(text, encoding="utf-8")
    done("convert", "nested.odml", "a.odml", "--section", "subject/inner")
    found = document("a.odml")
    assert section(found, "/inner/b").link == "/inner/a"


@pytest.mark.parametrize("name", ["plain.odml", "plain.nix", "plain.yaml"])
@pytest.mark.parametrize("target", ["a.odml", "a.nix", "a.yaml"])
def test_parts_are_the_same_of_every_format(folder: Path, name: str, target: str) -> None:
    if name != "plain.odml":
        done("convert", "plain.odml", name)
    exclude = ("--exclude", "/subject:age", "--exclude", "/subject/cell/../x")
    assert run("convert", name, target, *exclude).exit_code == 1
    exclude = ("--exclude", "/subject:age", "--exclude", "/subject/twin")
    told = done("convert", name, target, "--section", "/subject", *exclude)
    assert "NIX855" in told
    done("convert", target, "back.odml", "--plain")
    found = document("back.odml")
    assert [place for place, _ in found.walk()] == ["/subject", "/subject/cell"]
    assert [one.name for one in section(found, "/subject").properties] == ["names"]


def test_excluded_sections_leave_the_data_where_they_are(recording: Path) -> None:
    told = done("convert", recording, "a.nix", "--exclude", "/subject", "--all")
    before, after = nx.read(recording), nx.read("a.nix")
    assert "subject" in before.metadata
    assert "subject" not in after.metadata
    assert after.blocks.names() == before.blocks.names()
    gone = list(before.metadata["subject"].walk())
    referring = [one for inner in gone if isinstance(inner, nx.Section) for one in inner.referring]
    assert told.count("NIX855") == sum(one not in gone for one in referring) > 3
    assert nx.validate("a.nix").ok


def test_facts_of_what_is_left_out_go_with_it(recording: Path) -> None:
    done("convert", recording, "a.odml")
    done("convert", "a.odml", "b.odml", "--section", "/subject")
    done("convert", recording, "c.odml", "--section", "/subject")
    assert equal_documents(document("b.odml"), document("c.odml")) == []
    done("convert", "b.odml", "b.nix")
    before, after = nx.read(recording).metadata["subject"], nx.read("b.nix")
    (root,) = after.metadata
    assert root.sections["subject"].created_at == before.created_at


def test_what_is_not_there_is_told(folder: Path) -> None:
    done("convert", "plain.odml", "plain.nix")
    for source in ("plain.odml", "plain.nix"):
        for option, named in (("--section", "/subjct"), ("--exclude", "/subject:agee")):
            result = run("convert", source, "a.odml", option, named)
            assert (result.exit_code, result.stdout) == (1, "")
            assert f"`{named}`: did you mean `" in result.stderr
        assert run("convert", source, "a.odml", "--section", "/subject:age").exit_code == 1
    assert not Path("a.odml").exists()


# Links


def test_links_are_resolved_as_pythons_library_does(folder: Path) -> None:
    done("convert", "plain.odml", "a.odml", "--resolve")
    loaded = odml.load("plain.odml", show_warnings=False)
    loaded.finalize()
    ours = document("a.odml")
    cell = section(ours, "/subject/cell")
    theirs = loaded["subject"]["cell"]
    assert [one.name for one in cell.properties] == [one.name for one in theirs.properties]
    assert [one.name for one in cell.sections] == [one.name for one in theirs.sections]
    assert cell.definition == theirs.definition == "a cell"
    assert cell.properties[0].unit == theirs.properties["size"].unit == "um"
    assert cell.properties[0].values == [5.0], "what the section has itself, it keeps"
    twin = section(ours, "/subject/twin")
    assert [one.name for one in twin.properties] == ["size", "kind"], "links of links"
    assert not any(one.link for _, one in ours.walk())


def test_documents_beside_are_included(folder: Path) -> None:
    (folder / "terms").mkdir()
    Path("terms/a.xml").write_text(OLD, encoding="utf-8")
    Path("terms/b.odml.json").write_text(
        json.dumps(
            {
                "odml-version": "1.1",
                "Document": {"sections": [_including("first", "a.xml#/stimulus")]},
            }
        )
    )
    tree = {
        "odml-version": "1.1",
        "Document": {
            "sections": [
                _including("chain", "terms/b.odml.json"),
                _including("file", (folder / "terms/a.xml").as_uri() + "#stimulus"),
                _including("outside", "../secret.odml#/a"),
                _including("gone", "nowhere.odml"),
                _including("part", "terms/a.xml#/other"),
                _including("network", "http://127.0.0.1:9/a.xml"),
                _including("odd", "gopher://x/y"),
                _including("itself", "main.odml.json#/chain"),
            ]
        },
    }
    Path("main.odml.json").write_text(json.dumps(tree))
    Path("../secret.odml").write_text(PLAIN, encoding="utf-8")
    told = done("convert", "main.odml.json", "a.odml", "--resolve", "--all")
    found = document("a.odml")
    for name in ("chain", "file", "itself"):
        one = section(found, f"/{name}")
        assert [inner.name for inner in one.properties] == ["Voltage", "Voltage.unit"], name
        assert one.include is None
    why = {
        "../secret.odml#/a": "lies outside the folder",
        "nowhere.odml": "cannot be read: No such file or directory",
        "terms/a.xml#/other": "leads to no section of the document",
        "http://127.0.0.1:9/a.xml": "is not fetched",
        "gopher://x/y": "is not read: `gopher` addresses are not known",
    }
    for include, reason in why.items():
        assert f"NIX854 warning: the include `{include}` {reason}\n" in told
    kept = {one.include for _, one in found.walk() if one.include}
    assert kept == set(why)
    told = done("convert", "main.odml.json", "b.odml", "--resolve", "--allow-outside", "--fetch")
    assert "secret.odml#/a` leads to no section" in told
    assert "127.0.0.1:9/a.xml` cannot be fetched: " in told
    assert run("convert", "main.odml.json", "c.odml", "--resolve", "--strict").exit_code == 1
    assert not Path("c.odml").exists()


def _including(name: str, address: str) -> dict[str, Any]:
    return {"name": name, "type": "t", "include": address, "properties": [], "sections": []}


def _linked(text: str) -> str:
    return f'<odML version="1.1">{text}</odML>'


def _in_xml(name: str, link: str | None, inner: str = "") -> str:
    said = "" if link is None else f"<link>{link}</link>"
    return f"<section><name>{name}</name><type>t</type>{said}{inner}</section>"


CIRCLES = {
    "itself": (_in_xml("a", "/a"), 1),
    "its owner": (_in_xml("a", None, _in_xml("b", "/a")), 1),
    "each other": (_in_xml("a", "/b") + _in_xml("b", "/a"), 2),
    "into each other": (
        _in_xml("a", None, _in_xml("x", "/b")) + _in_xml("b", None, _in_xml("y", "/a")),
        2,
    ),
    "its part": (_in_xml("a", "/a/b", _in_xml("b", None, _in_xml("b", None))), 0),
}


@pytest.mark.parametrize("what", CIRCLES)
def test_circles_stay(folder: Path, what: str) -> None:
    text, number = CIRCLES[what]
    Path("c.odml").write_text(_linked(text))
    told = done("convert", "c.odml", "d.odml", "--resolve", "--all")
    assert told.count("leads round in a circle") == number
    assert sum(one.link is not None for _, one in document("d.odml").walk()) == number
    assert told.count("c.odml:1:") == number


def test_links_that_stand_for_too_much_stay(folder: Path) -> None:
    doubling = "".join(
        _in_xml(f"s{n}", None, _in_xml("x", f"/s{n + 1}") + _in_xml("y", f"/s{n + 1}"))
        for n in range(60)
    )
    Path("c.odml").write_text(_linked(doubling + _in_xml("s60", None)))
    found = document("c.odml")
    left = resolve(found, "c.odml", most=5000)
    assert all("stand for too many entities" in one.message for one in left)
    assert 80 < len(left) < 120
    assert sum(1 for _ in found.walk()) < 5200
    start = time.perf_counter()
    resolve(document("c.odml"), "c.odml")
    assert time.perf_counter() - start < 20


# What is told


def test_errors_are_carried_and_counted(folder: Path) -> None:
    text = PLAIN.replace("<value>12<", "<value>twelve<").replace(">d<", ">d</unit><odd>1</odd><")
    text = text.replace("</odd></unit>", "</odd>")
    Path("faulty.odml").write_text(text, encoding="utf-8")
    told = done("convert", "faulty.odml", "a.nix")
    assert told == (
        "faulty.odml has 1 error and 1 warning, written as found: `nixschema validate` tells\n"
    )
    assert nx.read("a.nix").metadata["odML document"].sections["subject"].properties[
        "age"
    ].values == ["twelve"]
    refused = run("convert", "faulty.odml", "b.nix", "--strict")
    assert refused.exit_code == 1
    assert "faulty.odml:8:" in refused.stderr
    assert "NIX811 error: " in refused.stderr
    assert "Nothing was written" in refused.stderr
    assert not Path("b.nix").exists()


def test_what_is_not_read_is_lost_to_strict(folder: Path) -> None:
    Path("odd.odml").write_text(PLAIN.replace("</odML>", "<odd>1</odd></odML>"), encoding="utf-8")
    assert "odd.odml has 1 warning: `nixschema validate` tells" in done(
        "convert", "odd.odml", "a.odml"
    )
    assert run("convert", "odd.odml", "b.odml", "--strict").exit_code == 1
    assert done("convert", "plain.odml", "b.odml", "--strict") == ""


def test_losses_are_told_by_rule_and_summed_up(folder: Path) -> None:
    values = [f"a\u0001{number}" for number in range(10)]
    properties = [{"name": f"p{n}", "type": "string", "value": values[:1]} for n in range(10)]
    tree = {"name": "s", "type": "t", "properties": properties, "sections": []}
    Path("a.odml.json").write_text(
        json.dumps({"odml-version": "1.1", "Document": {"sections": [tree]}})
    )
    told = done("convert", "a.odml.json", "a.odml").splitlines()
    said = "NIX851 warning: XML has no U+0001: U+FFFD is written in its place"
    assert told[:3] == [
        f"a.odml.json: lost /metadata/s/properties/p{n}/values: {said}" for n in range(3)
    ]
    assert told[3] == "a.odml.json: and 7 more of NIX851 like this (--all shows them)"
    every = done("convert", "a.odml.json", "a.odml", "--force", "--all").splitlines()
    assert sum(said in line for line in every) == 10
    refused = run("convert", "a.odml.json", "b.odml", "--strict")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("not written: 10 parts cannot be: ")
    assert done("convert", "a.odml.json", "b.odml.yaml", "--strict") == ""


def test_information_is_counted_and_shown(recording: Path) -> None:
    told = done("convert", recording, "a.odml", "--strict")
    assert told.endswith(" of information about the target (-v shows it)\n")
    told = done("convert", recording, "b.odml", "-v")
    assert f"{recording}: /data: NIX857 info: 1 block stays behind: odML has no data" in told


def test_plain_leaves_out_the_reserved_section(recording: Path) -> None:
    done("convert", recording, "a.odml")
    assert document("a.odml").sections[-1].name == "nix_roundtrip"
    done("convert", recording, "b.odml", "--plain")
    done("convert", "a.odml", "c.odml", "--plain")
    assert document("b.odml").sections[-1].name != "nix_roundtrip"
    assert equal_documents(document("b.odml"), document("c.odml")) == []


# Wrong use

MISUSE = {
    "--data=inline": ("plain.odml", "a.odml", "`--data` is for targets that are a description"),
    "--compression=3": ("plain.odml", "a.odml", "`--compression` is for targets that are NIX"),
    "--format-version=1.2.0": ("plain.odml", "a.ttl", "`--format-version` is for targets"),
    "--plain": ("plain.odml", "a.nix", "`--plain` is for targets that are a description or odML"),
    "--fetch": ("plain.odml", "a.nix", "`--fetch` fetches what `--resolve` takes in"),
    "--resolve": ("recording.nix", "a.nix", "`--resolve` is for links and includes of odML"),
    "--allow-errors": ("plain.odml", "a.nix", "`--allow-errors` is for sources that are a descr"),
    "--allow-outside": ("plain.odml", "a.nix", "`--allow-outside` is for data files of descrip"),
    "--from=rdf": ("plain.odml", "a.nix", "'rdf' is not one of 'nix', 'description', 'odml'"),
    "--to=odml": ("plain.odml", "a.ttl", "a.ttl cannot be written as odML: `.ttl` is RDF"),
    "--to=rdf": ("plain.odml", "a.json", "a.json cannot be written as RDF: names end in .ttl"),
    "--strict": ("plain.odml", "a.txt", "a.txt cannot be written"),
}


@pytest.mark.parametrize("option", MISUSE)
def test_options_that_make_no_sense_are_refused(option: str, recording: Path) -> None:
    source, target, reason = MISUSE[option]
    result = run("convert", source, target, option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert not Path(target).exists()


def test_python_refuses_them_too(recording: Path) -> None:
    with pytest.raises(ValueError, match="--resolve"):
        nx.convert(recording, "a.nix", resolve=True)
    with pytest.raises(ValueError, match="RDF is written and not read"):
        nx.convert("plain.odml", "a.nix", from_="rdf")


def test_targets_are_not_replaced_unasked(folder: Path) -> None:
    Path("a.odml").write_text("mine")
    assert run("convert", "plain.odml", "a.odml").exit_code == 2
    assert run("convert", "plain.odml", "nowhere/a.odml").exit_code == 2
    assert Path("a.odml").read_text() == "mine"
    done("convert", "plain.odml", "a.odml", "--force")
    done("convert", "a.odml", "a.odml", "--force")
    assert equal_documents(document("plain.odml"), document("a.odml")) == []


# Hostile texts

_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE: dict[str, bytes] = {
    "entities": f'<!DOCTYPE odML [<!ENTITY e0 "ha">{_ENTITIES}]><odML version="1.1">'
    "<section><name>&e11;</name><type>t</type></section></odML>".encode(),
    "a file of the machine": b'<!DOCTYPE odML [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b'<odML version="1.1"><section><name>&x;</name><type>t</type></section></odML>',
    "not closed": PLAIN.encode()[:500],
    "deep": b'<odML version="1.1">' + b"<section><name>s</name>" * 100_000,
    "deep JSON": b'{"odml-version": "1.1", "Document": {"sections": ' + b"[" * 100_000,
    "aliases": b"odml-version: '1.1'\nDocument: {sections: [&a0 [x, x], "
    + b"".join(b"&a%d [*a%d, *a%d], " % (n, n - 1, n - 1) for n in range(1, 60))
    + b"]}",
    "nothing": b"",
    "a long text": b'<odML version="1.1"><section><name>' + b"x" * 70_000_000,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("target", ["a.nix", "a.odml"])
def test_hostile_texts_end_soon(folder: Path, what: str, target: str) -> None:
    Path("bad.odml").write_bytes(HOSTILE[what])
    start = time.perf_counter()
    result = run("convert", "bad.odml", target, "--strict")
    assert time.perf_counter() - start < 10
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert "Traceback" not in result.stderr
    assert re.search(r"bad.odml:\d+(:\d+)?: NIX(80[1-4]|045) error: ", result.stderr)
    assert set(os.listdir()) == {"bad.odml", "plain.odml"}


def test_wrong_encodings_are_told(folder: Path) -> None:
    Path("latin.odml").write_bytes(PLAIN.replace("a cell", "für").encode("latin-1"))
    told = done("convert", "latin.odml", "a.odml")
    assert "latin.odml has 1 error, written as found" in told
    assert section(document("a.odml"), "/template/cell").definition == "für"


def test_deep_documents_are_carried(folder: Path) -> None:
    depth = 400
    text = "<section><name>s</name><type>t</type>" * depth + "</section>" * depth
    Path("deep.odml").write_text(_linked(text))
    done("convert", "deep.odml", "a.nix")
    done("convert", "a.nix", "b.odml")
    assert equal_documents(document("deep.odml"), document("b.odml")) == []
    refused = run("convert", "deep.odml", "a.ttl")
    assert refused.exit_code == 1
    assert "more than 200 deep" in refused.stderr
    assert not Path("a.ttl").exists()


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    Path("other.txt").write_text("no odML")
    result = run("convert", "other.txt", "a.nix", "--from", "odml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("other.txt:1:")
    assert "NIX802 error: " in result.stderr
    assert "Nothing was written: 1 error." in result.stderr
    assert run("convert", "gone.odml", "a.nix").exit_code == 2


# Comparing and showing


def test_texts_are_compared_by_what_they_say(folder: Path) -> None:
    for name in ("a.nix", "a.odml.json", "a.yaml", "b.odml"):
        done("convert", "plain.odml", name)
        assert run("diff", "plain.odml", name).exit_code == 0, name
    done("convert", "a.nix", "back.odml")
    assert run("diff", "a.nix", "back.odml").exit_code == 0
    Path("b.odml").write_text(PLAIN.replace(">12<", ">13<"), encoding="utf-8")
    result = run("diff", "b.odml", "a.nix")
    assert result.exit_code == 1
    assert "values  [13] -> [12]" in result.stdout
    assert "Found 1 difference in 1 entity" in result.stdout


def test_entities_are_found_by_the_paths_of_odml(folder: Path) -> None:
    done("convert", "plain.odml", "a.nix")
    for name in ("plain.odml", "a.nix"):
        for path in ("/subject:age", "subject:age", "/metadata/subject/properties/age"):
            shown = run("show", name, path)
            assert shown.exit_code == 0, (name, path)
            assert "values" in shown.stdout
        assert run("show", name, "/subject/cell").stdout.startswith("section cell (cell)")
    assert "created_at" not in run("show", "plain.odml", "/subject:age").stdout
    assert run("show", "plain.odml").stdout.startswith("file: odML, 1 section\n")
