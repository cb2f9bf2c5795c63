"""Written odML, read again by our own reader: what is not told as lost is the same."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings

from nixschema.odml.comparing import differences, equal_documents
from nixschema.odml.reading import read_odml_bytes
from nixschema.odml.writing import losses_of, odml_text
from nixschema.odml.writing.losses import TextFormat
from nixschema.odml_model.document import Document, Value
from tests.odml import strategies
from tests.odml.test_writing import EVERYTHING, FORMATS, NASTY, TYPED, deep, of

assert get_args(TextFormat) == FORMATS


def read_back(document: Document, format: TextFormat) -> Document:
    data = "".join(odml_text(document, format)).encode()
    back, _ = read_odml_bytes(data, f"a.{format}")
    assert back is not None
    return back


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("values", NASTY, ids=repr)
def test_nasty_texts_come_back(values: list[str], format: TextFormat) -> None:
    document = of(*values)
    assert equal_documents(document, read_back(document, format)) == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("dtype", "values"), TYPED)
def test_typed_values_come_back(dtype: str, values: list[Value], format: TextFormat) -> None:
    document = of(*values, dtype=dtype)
    assert equal_documents(document, read_back(document, format)) == []


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_all_fields_come_back(format: TextFormat) -> None:
    assert equal_documents(EVERYTHING, read_back(EVERYTHING, format)) == []


def test_deep_sections_come_back() -> None:
    document = deep(400)
    for format in FORMATS:
        assert len(list(read_back(document, format).walk())) == 400


@pytest.mark.parametrize("format", FORMATS)
@given(document=strategies.sound())
@settings(max_examples=settings().max_examples // 2)
def test_sound_documents_come_back(format: TextFormat, document: Document) -> None:
    assert untold(document, format) == []


@pytest.mark.parametrize("format", FORMATS)
@given(document=strategies.wild())
def test_whatever_is_lost_is_told(format: TextFormat, document: Document) -> None:
    assert untold(document, format) == []


def untold(document: Document, format: TextFormat) -> list[object]:
    """Differences, after writing and reading, that no loss tells of."""
    told = {(one.path, one.field) for one in losses_of(document, format) if one.is_lost}
    found = differences(document, read_back(document, format))
    return [one for one in found if (one.path, one.field) not in told]
