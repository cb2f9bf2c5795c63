"""Folders of odML files, old and new, become odML, NIX, descriptions and RDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nixschema.odml.bridge import quiet
from tests.converting.test_folders import run, tree
from tests.odml.library import odml

OLD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<odML version="1"><section><type>subject</type>'
    "<name>{name}</name><property><name>ages</name><value>3<type>int</type></value>"
    "<value>4<type>int</type></value></property></section></odML>\n"
)

PLAIN = (
    '{"odml-version": "1.1", "Document": {"sections": [{"name": "plain", "type": "t", '
    '"properties": [{"name": "ages", "type": "int", "value": [3, 4]}]}]}}'
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder of odML 1.0 and 1.1."""
    top = tmp_path / "old"
    (top / "sub").mkdir(parents=True)
    (top / "a.xml").write_text(OLD.format(name="a"))
    (top / "sub" / "b.odml").write_text(OLD.format(name="b"))
    (top / "sub" / "plain.odml.json").write_text(PLAIN)
    (top / "page.xml").write_text("<html/>")
    return top


def ages(path: Path) -> dict[str, list[int]]:
    """The values of each section, as Python's odML library reads them."""
    with quiet():
        document: Any = odml.load(str(path), show_warnings=False)
    return {one.name: one.properties["ages"].values for one in document.sections}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_old_odml_becomes_new(jobs: str, old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    done = run("convert", old, new, "--to", "odml", "-j", jobs)
    assert (done.exit_code, done.stdout) == (0, "Converted 3 files to odML.\n"), done.stderr
    assert tree(new) == {"a.odml", "sub", "sub/b.odml", "sub/plain.odml"}
    for name in ("a.odml", "sub/b.odml", "sub/plain.odml"):
        assert 'version="1.1"' in (new / name).read_text()
        assert list(ages(new / name).values()) == [[3, 4]]
    again = tmp_path / "again"
    assert run("convert", new, again, "--to", "odml").exit_code == 0
    for name in ("a.odml", "sub/b.odml", "sub/plain.odml"):
        assert (new / name).read_bytes() == (again / name).read_bytes()


@pytest.mark.parametrize("between", ["nix", "description"])
def test_there_and_back(between: str, old: Path, tmp_path: Path) -> None:
    new, back = tmp_path / "new", tmp_path / "back"
    assert run("convert", old, new, "--to", between).exit_code == 0
    assert run("convert", new, back, "--to", "odml").exit_code == 0
    assert tree(back) == {"a.odml", "sub", "sub/b.odml", "sub/plain.odml"}
    assert ages(back / "a.odml") == {"a": [3, 4]}
    assert ages(back / "sub/plain.odml") == {"plain": [3, 4]}


def test_one_format_of_several(old: Path, tmp_path: Path) -> None:
    (old / "a.yaml").write_text("nix: 1.2.1\nmetadata:\n  - {name: m, type: t}\n")
    done = run("convert", old, tmp_path / "new", "--to", "odml")
    assert done.exit_code == 2
    assert "old/a.xml and " in done.stderr
    done = run("convert", old, tmp_path / "new", "--to", "odml", "--from", "odml")
    assert (done.exit_code, done.stdout) == (0, "Converted 3 files to odML.\n")


def test_options_that_make_no_sense_are_told_once(old: Path, tmp_path: Path) -> None:
    done = run("convert", old, tmp_path / "new", "--to", "odml", "--compression", 4)
    assert done.exit_code == 2
    assert done.stdout == "Converted 0 of 3 files to odML. 3 failed.\n"
    assert done.stderr.count("compression") == 1
    assert not (tmp_path / "new").exists()


def test_texts_that_cannot_be_read(old: Path, tmp_path: Path) -> None:
    (old / "broken.odml").write_text("<odML version='1.1'><section>")
    done = run("convert", old, tmp_path / "new", "--to", "rdf")
    assert done.exit_code == 1
    assert "broken.odml" in done.stderr
    assert "1 failed." in done.stdout
    assert tree(tmp_path / "new") == {"a.ttl", "sub", "sub/b.ttl", "sub/plain.ttl"}
