"""``validate`` of odML files: what is told, where, and what Python's odML library says."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import nixschema as nx
from nixschema.cli import main
from nixschema.odml.bridge import quiet
from nixschema.odml.reading import is_odml
from nixschema.odml.writing.xml import xml_text
from nixschema.odml_model.document import Document, Property, Section
from tests.odml.library import ODMLReader, XMLWriter, odml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "odml"
FILES = sorted(path for path in FOLDER.rglob("*.*") if path.is_file() and is_odml(path))

ID = "5a1e7c9e-9f10-4a7e-8a52-0d8f6b1c2d3e"
TEXT = f"""\
<odML version="1.1">
  <id>11111111-2222-4333-8444-555555555555</id>
  <section>
    <name>cell</name>
    <type>cell/pyramidal</type>
    <id>{ID}</id>
    <property>
      <name>age</name>
      <type>int</type>
      <value>young</value>
    </property>
    <property>
      <name>mass</name>
      <type>float</type>
      <value>[0.5,nan]</value>
    </property>
    <link>/protcol</link>
  </section>
</odML>
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


def told(*arguments: object) -> list[dict[str, Any]]:
    (report,) = json.loads(run(*arguments, "--format", "json").stdout)["files"]
    found: list[dict[str, Any]] = report["findings"]
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("session.odml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def findings_of(document: Document, folder: Path) -> list[Any]:
    path = folder / "document.odml"
    path.write_text("".join(xml_text(document)), encoding="utf-8", newline="")
    return nx.validate(path).findings


# What is told, and where


def test_report_as_text(here: Path) -> None:
    done = run("session.odml")
    assert (done.exit_code, done.stderr) == (1, "")
    *lines, _, counts = done.stdout.splitlines()
    assert lines == [
        "session.odml",
        "  10:7  /metadata/cell/properties/age  NIX811 error  "
        "the value is `young`, expected a whole number; it is kept as text",
        "      help: write a whole number, or give the property another type",
        "  15:7  /metadata/cell/properties/mass  NIX848 warning  value 2 of 2 is NaN",
        "      help: leave out values that are not known",
        "  17:5  /metadata/cell  NIX832 error  the link `/protcol` leads nowhere: "
        "there is no section `protcol` on top",
        "      help: give the path of a section, from the root: `/recording/cell`",
    ]
    assert counts.startswith("Found 2 errors and 1 warning in 1 file (4 entities, ")


def test_record_of_a_file(here: Path) -> None:
    (report,) = json.loads(run("session.odml", "--format", "json").stdout)["files"]
    shown = {key: report[key] for key in ("status", "format", "format_version", "entities", "id")}
    assert shown == {
        "status": "findings",
        "format": "odml",
        "format_version": "1.1",
        "entities": 4,
        "id": "11111111-2222-4333-8444-555555555555",
    }
    assert report["size"] == len(TEXT)
    *_, link = report["findings"]
    assert (link["entity_id"], link["entity_type"]) == (ID, "cell/pyramidal")
    assert (link["line"], link["column"], link["fixable"]) == (17, 5, False)


@pytest.mark.parametrize("name", ["session.yaml", "session.json", "session.txt"])
def test_the_content_says_what_it_is(here: Path, name: str) -> None:
    section = {"name": "a", "type": "n.s."}
    text = json.dumps({"Document": {"sections": [section]}, "odml-version": "1.1"})
    Path(name).write_text(text, encoding="utf-8")
    (report,) = json.loads(run(name, "--format", "json").stdout)["files"]
    assert (report["format"], [one["rule"] for one in report["findings"]]) == ("odml", ["NIX824"])


@pytest.mark.parametrize(
    "format", ["concise", "jsonl", "sarif", "junit", "github", "gitlab", "markdown"]
)
def test_every_format_tells_it(here: Path, format: str) -> None:
    done = run("session.odml", "--format", format)
    assert done.exit_code == 1
    assert "NIX832" in done.stdout
    assert "protcol" in done.stdout
    if format == "concise":
        assert "session.odml:10:7: NIX811 error: the value is" in done.stdout


def test_what_cannot_be_read_is_a_finding(here: Path) -> None:
    Path("broken.odml").write_text("<odML><section></odML>", encoding="utf-8")
    (report,) = json.loads(run("broken.odml", "--format", "json").stdout)["files"]
    assert (report["status"], report["entities"]) == ("unreadable", 0)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["line"]) == ("NIX801", 1)


def test_ignores_levels_and_selection(here: Path) -> None:
    rules = ["NIX811", "NIX848", "NIX832"]
    assert [one["rule"] for one in told("session.odml")] == rules
    assert [one["rule"] for one in told("session.odml", "--select", "NIX84")] == ["NIX848"]
    for place in ("/metadata/*/properties", "/metadata/cell/properties/age"):
        left = told("session.odml", "--ignore", f"NIX811@{place}")
        assert [one["rule"] for one in left] == rules[1:]
    left = told("session.odml", "--ignore", "NIX@type:cell/*")
    assert "NIX832" not in [one["rule"] for one in left]
    Path("nixschema.toml").write_text('levels = { NIX8 = "info" }\n', encoding="utf-8")
    assert {one["level"] for one in told("session.odml")} == {"info"}


def test_what_is_accepted_is_known_again(here: Path) -> None:
    assert run("session.odml", "--write-baseline", "base").exit_code == 0
    moved = TEXT.replace("  <section>", "\n\n  <section>").replace("<name>cell<", "<name>neuron<")
    Path("session.odml").write_text(moved, encoding="utf-8")
    kept = told("session.odml", "--baseline", "base")
    assert {one["rule"] for one in kept if one["accepted"]} >= {"NIX832"}
    Path("session.odml").write_text(TEXT.replace("\n", "\n\n", 3), encoding="utf-8")
    assert all(one["accepted"] for one in told("session.odml", "--baseline", "base"))


def test_results_are_kept(here: Path) -> None:
    import os

    os.utime("session.odml", (1e9, 1e9))
    first = told("session.odml", "--cache", "cache")
    assert told("session.odml", "--cache", "cache") == first
    assert list(Path("cache").rglob("*.json"))


@pytest.mark.skipif(not FILES, reason="there are no sample files")
def test_every_real_file_has_a_report() -> None:
    report = nx.validate(FOLDER)
    assert len(report.files) == len(FILES)
    unreadable = {Path(one.path).name for one in report.files if one.status == "unreadable"}
    assert unreadable == {"30.xml", "invalid_xml.xml", "invalid.xml", "missing_root.json"}
    for one in report.files:
        assert one.format == "odml"
        assert all(finding.line and finding.column for finding in one.findings)
        if one.status == "ok":
            assert one.entities


@pytest.mark.skipif(not FILES, reason="there are no sample files")
def test_little_is_told_of_sound_files() -> None:
    """What is told of documents, in 196 files: it is true, and few warnings are among it."""
    findings = nx.validate(FOLDER, select=["NIX82", "NIX83", "NIX84"]).findings
    grave = Counter(one.rule for one in findings if str(one.level) != "info")
    assert grave == {"NIX820": 2, "NIX825": 21, "NIX826": 5, "NIX832": 4, "NIX835": 1, "NIX847": 5}


# Python's odML library as the judge


NAMES = st.sampled_from(["a", "b", "c"])
IDS = st.none() | st.sampled_from([f"{digit * 8}-2222-4333-8444-555555555555" for digit in "123"])
LIMITS = st.none() | st.tuples(st.none(), st.integers(1, 3)) | st.sampled_from([(1, 3), (2, None)])
PROPERTIES = st.builds(
    Property,
    name=NAMES,
    id=IDS,
    values=st.lists(st.integers(0, 9), max_size=4),
    dtype=st.just("int"),
    val_cardinality=LIMITS,
)


def _sections(inner: st.SearchStrategy[list[Section]]) -> st.SearchStrategy[list[Section]]:
    one = st.builds(
        Section,
        name=NAMES,
        id=IDS,
        type=st.sampled_from(["n.s.", "cell"]),
        sec_cardinality=LIMITS,
        prop_cardinality=LIMITS,
        properties=st.lists(PROPERTIES, max_size=3, unique_by=lambda each: each.name),
        sections=inner,
    )
    return st.lists(one, max_size=3, unique_by=lambda each: each.name)


DOCUMENTS = st.builds(
    Document, id=IDS, sections=st.recursive(_sections(st.just([])), _sections, max_leaves=6)
)

SAME: dict[int, str] = {
    102: "NIX824",
    200: "NIX823",
    201: "NIX823",
    500: "NIX828",
    501: "NIX828",
    502: "NIX829",
}
"""Numbers of the library's validations, and the rules that say the same."""


def _path(entity: Any) -> str:
    """The path that an entity of the library has in a NIX file."""
    steps: list[str] = []
    here = entity
    while getattr(here, "parent", None) is not None:
        kind = "properties" if hasattr(here, "values") else "sections"
        steps = [kind, here.name, *steps]
        here = here.parent
    return "/".join(["/metadata", *steps[1:]])


def _said(text: str) -> tuple[Counter[tuple[str, str]], set[str]]:
    """What the library finds: by rule and path; and the ids that are not unique."""
    from odml.validation import Validation

    with quiet():
        document = ODMLReader("XML", show_warnings=False).from_string(text.encode())
        errors = Validation(document).errors
    found: Counter[tuple[str, str]] = Counter()
    ids = set()
    for one in errors:
        rule = SAME.get(one.validation_id.value)
        if rule == "NIX823":
            ids.add(one.obj.id)
        elif rule is not None:
            found[rule, _path(one.obj)] += 1
    return found, ids


@given(DOCUMENTS)
@settings(max_examples=50)
def test_findings_are_those_of_the_library(document: Document) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        findings = findings_of(document, Path(folder))
    ours = Counter((one.rule, one.path) for one in findings if one.rule in SAME.values())
    ids = {one.facts[0] for one in findings if one.rule == "NIX823"}
    theirs, their_ids = _said("".join(xml_text(document)))
    assert {key: count for key, count in ours.items() if key[0] != "NIX823"} == dict(theirs)
    assert ids == their_ids


TRICKY = st.lists(
    st.text(st.sampled_from("ab ,\"[]\n;'"), min_size=1, max_size=6), min_size=1, max_size=4
)


@given(TRICKY)
@settings(max_examples=200)
def test_what_the_library_loses_is_told(values: list[str]) -> None:
    """NIX837 is told exactly where the library reads its own XML otherwise."""
    import tempfile

    with quiet():
        theirs = odml.Document()
        section = odml.Section("s", type="t", parent=theirs)
        odml.Property("p", values=values, dtype="string", parent=section)
        text = str(XMLWriter(theirs))
        again = ODMLReader("XML", show_warnings=False).from_string(text.encode())
    survives = again.sections[0].properties[0].values == values
    document = Document(
        sections=[
            Section("s", type="t", properties=[Property("p", values=[*values], dtype="string")])
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        told = {one.rule for one in findings_of(document, Path(folder))}
    assert ("NIX837" in told) is not survives


MOMENTS = {
    "date": ["2021-03-04", "2021-3-4"],
    "time": ["12:30:00", "12:30", "12:30:00.5", "12:30:00Z"],
    "datetime": [
        "2021-03-04 12:30:00",
        "2021-03-04T12:30:00",
        "2021-03-04 12:30:00.25",
        "2021-03-04 12:30:00+01:00",
    ],
}


@pytest.mark.parametrize("dtype", MOMENTS)
def test_times_that_the_library_refuses_are_told(dtype: str, tmp_path: Path) -> None:
    told = set()
    for value in MOMENTS[dtype]:
        one = Property("p", values=[value], dtype=dtype)
        document = Document(sections=[Section("s", type="t", properties=[one])])
        text = "".join(xml_text(document))
        try:
            with quiet():
                read = ODMLReader("XML", show_warnings=False).from_string(text.encode())
            is_read = bool(read.sections[0].properties["p"].values)
        except Exception:
            is_read = False
        rules = {each.rule for each in findings_of(document, tmp_path)}
        assert ("NIX839" in rules) is not is_read, value
        told |= rules
    assert told <= {"NIX839"}


# Terminologies

TERMS = """\
Document:
  sections:
  - name: cell
    type: cell/pyramidal
    include: http://example.org/v1/base/cell.xml#/cell
    properties:
    - {name: mass, type: float, unit: ug, val_cardinality: [1, null]}
odml-version: "1.1"
"""
BASE = """\
<odML version="1"><section><name>cell</name><type>cell</type>
  <property><name>age</name><value><type>int</type><unit>d</unit></value></property>
</section></odML>
"""


@pytest.fixture
def terms(here: Path) -> Path:
    Path("terms/v1/base").mkdir(parents=True)
    Path("terms/cell.odml.yaml").write_text(TERMS, encoding="utf-8")
    Path("terms/v1/base/cell.xml").write_text(BASE, encoding="utf-8")
    Path("terms/notes.xml").write_text("<notes/>", encoding="utf-8")
    Path("terms/broken.odml").write_text("<odML><section>", encoding="utf-8")
    section = "<name>cell</name><type>cell/pyramidal</type>"
    age = "<property><name>age</name><type>int</type><value>4</value></property>"
    text = f'<odML version="1.1"><section>{section}{age}</section></odML>'
    Path("session.odml").write_text(text, encoding="utf-8")
    return Path("terms")


def test_terminologies_include_each_other(terms: Path) -> None:
    assert told("session.odml") == []
    found = told("session.odml", "--terminology", terms)
    assert [(one["rule"], one["message"]) for one in found] == [
        ("NIX844", "there is no `mass`, which `cell/pyramidal` requires"),
        ("NIX843", "there is no unit, expected `d`"),
    ]


def test_terminologies_in_the_configuration(terms: Path) -> None:
    Path("nixschema.toml").write_text('terminology = ["terms"]\n', encoding="utf-8")
    assert [one["rule"] for one in told("session.odml")] == ["NIX844", "NIX843"]
    assert told("session.odml", "--isolated") == []


def test_changed_terminologies_count(terms: Path) -> None:
    import os

    os.utime("session.odml", (1e9, 1e9))
    options = ("session.odml", "--terminology", terms, "--cache", "cache")
    assert len(told(*options)) == 2
    (terms / "cell.odml.yaml").write_text(TERMS.replace("[1, null]", "[0, 1]"), encoding="utf-8")
    assert len(told(*options)) == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere", "`nowhere` does not exist"), ("empty", "there is no odML file in `empty`")],
)
def test_terminologies_that_are_none(terms: Path, name: str, reason: str) -> None:
    Path("empty").mkdir()
    done = run("session.odml", "--terminology", name)
    assert done.exit_code == 2
    assert reason in done.stderr
    Path("nixschema.toml").write_text(f'terminology = ["{name}"]\n', encoding="utf-8")
    done = run("session.odml")
    assert done.exit_code == 2
    assert reason in done.stderr


def test_a_repository_says_which_terminology_is_meant(terms: Path) -> None:
    (terms / "other.odml").write_text(
        BASE.replace("<name>age</name>", "<name>weight</name>"), encoding="utf-8"
    )
    text = Path("session.odml").read_text(encoding="utf-8").replace("cell/pyramidal", "cell")
    for name, rules in (("v1/base/cell.xml", ["NIX843"]), ("other.odml", ["NIX841"])):
        address = f"<repository>http://example.org/{name}</repository></section>"
        Path("session.odml").write_text(text.replace("</section>", address), encoding="utf-8")
        found = told("session.odml", "--terminology", terms)
        assert [one["rule"] for one in found] == rules


# Files of any size and any content

_MANY = 10_000


def _document(inner: str) -> str:
    return f'<odML version="1.1">{inner}</odML>'


def _in_one(*properties: str) -> str:
    inner = "".join(f"<property>{one}</property>\n" for one in properties)
    return _document(f"<section><name>s</name><type>t</type>{inner}</section>")


LARGE = {
    "properties": _in_one(*(f"<name>p{n}</name>" for n in range(_MANY))),
    "a chain of dependencies": _in_one(
        *(f"<name>p{n}</name><dependency>p{n + 1}</dependency>" for n in range(_MANY))
    ),
    "a circle of dependencies": _in_one(
        *(f"<name>p{n}</name><dependency>p{(n + 1) % _MANY}</dependency>" for n in range(_MANY))
    ),
    "dependencies on nothing": _in_one(
        *(f"<name>p{n}</name><dependency>q{n}</dependency>" for n in range(_MANY))
    ),
    "one id": _in_one(*(f"<name>p{n}</name><id>{ID}</id>" for n in range(_MANY))),
    "dependencies on one of many values": _in_one(
        f"<name>a</name><type>string</type><value>[{','.join(map(str, range(_MANY)))}]</value>",
        *(
            f"<name>p{n}</name><dependency>a</dependency><dependencyvalue>x</dependencyvalue>"
            for n in range(_MANY)
        ),
    ),
    "a circle of links": _document(
        "".join(
            f"<section><name>s{n}</name><type>t</type><link>/s{(n + 1) % _MANY}</link></section>\n"
            for n in range(_MANY)
        )
    ),
    "links up": _document(
        "<section><name>s</name><type>t</type><link>..</link>\n" * 2000 + "</section>" * 2000
    ),
    "too deep": _document("<section><name>s</name>" * 100_000 + "</section>" * 100_000),
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_files_take_seconds(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "large.odml"
    path.write_text(LARGE[kind], encoding="utf-8")
    start = time.process_time()
    (report,) = nx.validate(path).files
    assert time.process_time() - start < 8
    assert report.status in ("ok", "findings", "unreadable")
    assert (report.status == "unreadable") is (kind == "too deep")
