"""Documents to the objects of Python's odML library, and back."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path

import pytest
from hypothesis import given

from nixschema.errors import MissingExtra
from nixschema.odml.bridge import from_document, quiet, to_document
from nixschema.odml.comparing import differences, equal_documents
from nixschema.odml_model.document import Document, Property, Section
from tests.odml import strategies
from tests.odml.library import odml
from tests.odml.test_writing import EVERYTHING, UUID, deep, of, wide


@given(document=strategies.sound())
def test_sound_documents_come_back(document: Document) -> None:
    for _, section in document.walk():
        for one in section.properties:
            if isinstance(one.uncertainty, str):  # The library has numbers as texts.
                one.uncertainty += "?"
    assert equal_documents(document, from_document(to_document(document))) == []


@given(document=strategies.wild())
def test_nothing_but_what_is_missing_is_added(document: Document) -> None:
    back = from_document(to_document(document))
    for found in differences(document, back):
        if found.field in ("id", "type", "dtype"):
            assert not found.one
            assert found.other
        elif found.field == "uncertainty":
            assert isinstance(found.one, str)
            assert float(found.one) == found.other or found.other != found.other
        else:
            assert found.field == "values"
            assert any(isinstance(value, tuple) for value in found.one)  # type: ignore[attr-defined]


def test_objects_are_those_that_the_library_makes() -> None:
    made = to_document(EVERYTHING)
    with quiet():
        own = odml.Document("Doe, Jane", date(2020, 1, 31), 1.5, EVERYTHING.repository)
        own._repository = EVERYTHING.repository
        section = odml.Section("subject", "subject", own, "What <it> is")
        section._link = "/templates/subject"
        section.sec_cardinality = (None, 3)
        odml.Property("names", ["Doe, Jane", 'say "hi"'], section, dtype="person")
        odml.Property("age", 4.5, section, "weeks", 0.5)
        odml.Property("born", date(2020, 1, 1), section, val_cardinality=(1, 1))
        odml.Property("position", ["(1;2)", "(a,b;c)"], section, dtype="2-tuple")
        odml.Property("weight", [], section, "g", dtype="float")
        odml.Property("protocol", ["one\ntwo\n"], section)
        odml.Section("cell", "cell", section)
        assert made == own
        assert own == made
        for mine, other in ((made, own), (made.sections[0], own.sections[0])):
            assert vars(mine).keys() == vars(other).keys()
        mine, other = made.sections[0].properties, own.sections[0].properties
        assert [vars(one).keys() for one in mine] == [vars(one).keys() for one in other]
        assert [one.is_error for one in made.validate().errors] == [
            one.is_error for one in own.validate().errors
        ]
    assert made.sections["subject"].sections["cell"].get_path() == "/subject/cell"
    assert made.sections[0].properties["age"].parent is made.sections[0]
    assert made.sections[0].document is made


def test_objects_can_be_worked_with() -> None:
    made = to_document(EVERYTHING)
    with quiet():
        subject = made.sections["subject"]
        subject.properties["age"].append(5.5)
        subject.properties["weight"].values = [20.0]
        subject.append(odml.Section("new", "t"))
        subject.sections["cell"].name = "neuron"
    back = from_document(made)
    assert [(one.field, one.other) for one in differences(EVERYTHING, back)] == [
        ("values", [4.5, 5.5]),
        ("values", [20.0]),
        ("sections", 2),
        ("name", "neuron"),
    ]


def test_dates_and_tuples_are_objects() -> None:
    def values(dtype: str, *texts: str | tuple[str, ...]) -> list[object]:
        found: list[object] = to_document(of(*texts, dtype=dtype)).sections[0].properties[0].values
        return found

    assert values("date", "2020-01-31", "0033-01-01") == [date(2020, 1, 31), date(33, 1, 1)]
    assert values("time", "13:45:00") == [clock(13, 45)]
    assert values("datetime", "2020-01-31 13:45:00") == [datetime(2020, 1, 31, 13, 45)]
    assert values("2-tuple", ("a", "b")) == [["a", "b"]]
    for dtype, text in (
        ("date", "20200131"),
        ("date", "12.3.2011"),
        ("datetime", "2020-01-31T13:45:00"),
        ("time", "13:45"),
        ("string", "2020-01-31"),
    ):
        assert values(dtype, text) == [text]


def test_what_objects_cannot_be_without_is_added() -> None:
    document = Document(sections=[Section("s", properties=[Property("p", values=[1, 2])])])
    made = to_document(document)
    ids = {made.id, made.sections[0].id, made.sections[0].properties[0].id}
    assert len(ids) == 3
    assert all(ids)
    assert made.sections[0].type == "n.s."
    assert made.sections[0].properties[0].dtype == "int"
    with quiet():
        assert not [one for one in made.validate().errors if one.is_error]


def test_objects_with_anything_in_them_are_read() -> None:
    import numpy as np

    with quiet():
        made = odml.Document(author=["a", "b"], version=np.float64(1.5))
        section = odml.Section("s", "t", made)
        odml.Property("numbers", [np.float64(0.5)], section, None, np.int32(2), dtype="float")
        odml.Property("flags", [True], section, dtype=odml.DType.boolean, uncertainty="0.25")
        odml.Property("moments", [datetime(2020, 1, 1, 10)], section, uncertainty="ca. 5")
        section.properties[0]._values.append(None)
    back = from_document(made)
    numbers, flags, moments = back.sections[0].properties
    assert (back.author, back.version, back.date) == ("['a', 'b']", 1.5, None)
    assert (numbers.values, numbers.uncertainty) == ([0.5, ""], 2)
    assert type(back.version) is float
    assert type(numbers.uncertainty) is int
    assert (flags.values, flags.dtype, flags.uncertainty) == ([True], "boolean", 0.25)
    assert (moments.values, moments.uncertainty) == (["2020-01-01 10:00:00"], "ca. 5")


def test_nothing_is_printed_warned_of_or_changed(capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "import warnings; before = warnings.formatwarning\n"
        "from nixschema.odml.bridge import *\n"
        "from nixschema.odml_model.document import *\n"
        "section = Section('', 'no id', 'x', sec_cardinality=(3, 3), repository='http://x.invalid')\n"
        "section.properties.append(Property('p', 'x', ['?'], 'nothing', val_cardinality=(4, 5)))\n"
        "from_document(to_document(Document('x', date='?', sections=[section, section])))\n"
        "assert warnings.formatwarning is before\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_document(EVERYTHING)
    assert capsys.readouterr() == ("", "")


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['rdflib'] = None\n"
        "from nixschema.odml.bridge import to_document\n"
        "from nixschema.odml_model.document import Document\n"
        "try: to_document(Document())\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "MissingExtra rdflib is not installed: pip install rdflib\n"
    assert issubclass(MissingExtra, ImportError)


def test_nothing_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys; import nixschema.odml.bridge, nixschema.odml.writing\n"
        "print([one for one in ('odml', 'rdflib', 'lxml', 'numpy', 'yaml', 'h5py') "
        "if one in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_deep_and_wide_documents_take_linear_time() -> None:
    made = to_document(deep(1000))
    assert equal_documents(deep(1000), from_document(made))[0].startswith("/metadata/s/properties")
    assert len(list(from_document(made).walk())) == 1000

    def seconds(document: Document) -> float:
        start = time.process_time()
        from_document(to_document(document))
        return time.process_time() - start

    few, many = wide(1250), wide(10_000)
    assert min(seconds(many) for _ in range(3)) < 24 * min(seconds(few) for _ in range(3)) + 0.05


def test_duplicates_are_kept() -> None:
    document = Document(
        UUID + "1", sections=[Section("s", UUID + "2", "t"), Section("s", UUID + "3", "t")]
    )
    assert equal_documents(document, from_document(to_document(document))) == []
