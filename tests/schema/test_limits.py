"""What is too much to be looked at is told, and ignores that match nothing are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import nixschema as nx
from nixschema import cli
from nixschema.schema.checking import constraints, lookups, values
from tests.schema.building import file_of, section, told
from tests.schema.test_commands import GOOD, LAB
from tests.schema.test_comparing import made


def limits(schema: dict[str, object], file: nx.File) -> list[tuple[str, str]]:
    found = told(*made(schema).layers, file)
    return [(path, message) for rule, path, message in found if rule == "lab:limits"]


def arrays(**constraint: object) -> dict[str, object]:
    return {"blocks": {"b": {"data_arrays": {"a": {"values": constraint}}}}}


def test_too_many_values_to_be_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    # Blocks are what is read at once: values that are equal within one are found all the same.
    monkeypatch.setattr(values, "MOST_COMPARED", 10)
    data = np.arange(3_000_000)
    file = file_of(nx.DataArray(name="a", type="t", data=data))
    message = "values have more than 10 different ones: not all are compared with each other"
    assert limits(arrays(unique=True), file) == [("/data/b/data_arrays/a", message)]
    few = file_of(nx.DataArray(name="a", type="t", data=np.arange(5)))
    assert limits(arrays(unique=True), few) == []


def test_a_column_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = nx.DataFrame(
        name="f", type="t", columns=[nx.Column(name="c", dtype="int64")], data=np.zeros(
            5, dtype=[("c", "int64")]
        ),
    )  # fmt: skip
    file = file_of(nx.DataArray(name="a", type="t", data=np.arange(3)), data_frames=[frame])
    schema = arrays(column_of={"data_frame": "f", "column": "c"})
    assert limits(schema, file) == []
    monkeypatch.setattr(lookups, "MOST_ROWS", 4)
    assert limits(schema, file) == [
        (
            "/data/b/data_frames/f",
            "column `c` cannot be read, or has more than 4 rows: nothing is compared with it",
        )
    ]


def test_too_many_values_of_a_property(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constraints, "MOST_ITEMS", 3)
    schema: dict[str, object] = {"metadata": {"s": {"properties": {"p": {"values": {"min": 0}}}}}}
    assert limits(schema, file_of(metadata=[section("s", "s", p=[1, 2, 3, 4])])) == [
        ("/metadata/s/properties/p", "value has 4 items, of which 3 are checked")
    ]
    assert limits(schema, file_of(metadata=[section("s", "s", p=[1, 2, 3])])) == []


def test_ignores_of_schemas_that_match_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "lab.yaml").write_text(LAB)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bad.yaml").write_text(GOOD.replace("mV", "mA"))
    (tmp_path / "nixschema.toml").write_text(
        'schemas = ["schemas/lab.yaml"]\n'
        'exclude = ["schemas"]\n'
        'ignore = ["our-lab:recording/voltage.unit", "our-lab:subject/age.unit", "other:x"]\n'
    )
    done = CliRunner().invoke(cli.main, ["validate", "."])
    assert done.exit_code == 0, done.output
    lines = [one for one in done.stderr.splitlines() if "ignore" in one]
    assert len(lines) == 1
    assert "our-lab:subject/age.unit" in lines[0]
