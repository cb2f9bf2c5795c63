"""`nixschema.odml`: odML as files, and as the objects of Python's odML library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import odml
import pytest

import nixschema as nx

TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<odML version="1.1">
  <id>2cf29b60-28e8-4b95-9b7b-3a9c8a3f4a27</id>
  <author>Doe, Jane</author>
  <section>
    <id>5a1d7c1e-6f1f-4f3c-9a77-0b5b4d3f2f10</id>
    <name>subject</name>
    <type>subject</type>
    <property>
      <id>0e6b0c52-6c2a-4a57-8a0f-6f1c6a1f5d11</id>
      <name>age</name>
      <value>[1.5,2]</value>
      <type>float</type>
      <unit>weeks</unit>
    </property>
  </section>
</odML>
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "subject.odml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def age_of(file: nx.File) -> nx.Property:
    return file.metadata[0].sections["subject"].properties["age"]


def test_a_file_is_read_as_metadata(written: Path) -> None:
    file = nx.odml.read(written)
    assert file.findings == []
    assert file.metadata[0].id == "2cf29b60-28e8-4b95-9b7b-3a9c8a3f4a27"
    assert (age_of(file).values, age_of(file).unit) == ([1.5, 2.0], "weeks")


def test_findings_have_the_line_of_the_text(written: Path) -> None:
    written.write_text(TEXT.replace("[1.5,2]", "[1.5,many]"), encoding="utf-8")
    assert 12 in [one.line for one in nx.odml.read(written).findings]


@pytest.mark.parametrize("text", ["nix: 1.2.1\nblocks: {}\n", "<html/>", "\0", ""])
def test_what_is_no_odml_is_refused(written: Path, text: str) -> None:
    written.write_text(text, encoding="utf-8")
    with pytest.raises(nx.NotNix, match=r"odML|odml"):
        nx.odml.read(written)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nx.odml.read(tmp_path / "none.odml")


@pytest.mark.parametrize("suffix", [".odml", ".json", ".yaml"])
def test_pythons_library_reads_what_is_written(
    written: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"target{suffix}"
    nx.odml.write(nx.odml.read(written), target)
    assert capsys.readouterr() == ("", "")
    format = {".odml": "XML"}.get(suffix, suffix[1:].upper())
    found = odml.load(str(target), format)
    assert found.author == "Doe, Jane"
    assert found.sections["subject"].properties["age"].values == [1.5, 2.0]


def test_what_only_nix_has_is_written_unless_plain(tmp_path: Path) -> None:
    counts = nx.Property(name="counts", values=[1, 2], storage="int16")
    file = nx.File(metadata=[nx.Section(name="cell", type="cell", properties=[counts])])
    target = tmp_path / "cell.odml"
    nx.odml.write(file, target)
    assert nx.odml.read(target).metadata["cell"].properties["counts"].storage == "int16"
    nx.odml.write(file, target, plain=True)
    plain = nx.odml.read(target).metadata[0].sections
    assert plain.names() == ["cell"]
    assert plain["cell"].properties["counts"].storage is None


def test_losses_are_warned_of(tmp_path: Path) -> None:
    odd = nx.Property(name="odd", values=["a\x01b"])
    file = nx.File(metadata=[nx.Section(name="cell", type="cell", properties=[odd])])
    with pytest.warns(nx.LossWarning, match=r"without 1 part: .*odd"):
        nx.odml.write(file, tmp_path / "cell.odml", plain=True)


def test_objects_of_pythons_library_there_and_back(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = nx.odml.read(written)
    document = nx.odml.to_document(file)
    assert isinstance(document, odml.doc.BaseDocument)
    age = document.sections["subject"].properties["age"]
    assert (age.values, age.dtype, age.unit) == ([1.5, 2.0], "float", "weeks")
    age.values = [3.5]
    back = nx.odml.from_document(document)
    assert (age_of(back).values, age_of(back).id) == ([3.5], age_of(file).id)
    assert back.metadata[0].properties["odML author"].values == ["Doe, Jane"]
    assert capsys.readouterr() == ("", "")


def test_nothing_slow_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, nixschema; nixschema.odml; dir(nixschema.odml); "
        "print([one for one in ('numpy', 'h5py', 'pydantic', 'odml') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"nixschema\.odml"):
        nx.odml.load  # noqa: B018
