"""Values of arrays and columns: what is compared over blocks, and what is too much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nixschema as nx
from nixschema.schema.checking import lookups, values
from nixschema.schema.checking.values import _Seen
from nixschema.schema.language import Clause, ColumnOf, Constraint, Count
from tests.schema.building import about, array, file_of, fits, lab, told


def frame(name: str, dtype: list[tuple[str, Any]], rows: list[tuple[Any, ...]]) -> nx.DataFrame:
    """A data frame."""
    units = [nx.Column(name=one, dtype=kind) for one, kind in dtype]
    stored = [(one, "O" if kind == "string" else kind) for one, kind in dtype]
    return nx.DataFrame(name=name, type="t", columns=units, data=np.array(rows, dtype=stored))


def messages(*schemas_and_file: Any) -> list[str]:
    return [one for _, _, one in told(*schemas_and_file)]


@given(st.lists(st.lists(st.integers(-40, 40), min_size=1, max_size=9), min_size=1, max_size=9))
def test_doubles_are_found_over_blocks(blocks: list[list[int]]) -> None:
    seen, known = _Seen(), set[int]()
    for block in blocks:
        double = seen.double(np.asarray(block))
        doubles = {one for one in block if block.count(one) > 1} | (known & set(block))
        assert (double is not None) == bool(doubles)
        if double is not None:
            assert double in doubles
            return
        known |= set(block)


def test_texts_that_are_double_are_found() -> None:
    seen = _Seen()
    assert seen.double(np.array(["a", "b"], dtype=object)) is None
    assert seen.double(np.array([b"c", "b"], dtype=object)) == "b"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few are compared that tests reach the end."""
    monkeypatch.setattr(values, "MOST_NUMBERS", 4)
    monkeypatch.setattr(values, "MOST_COMPARED", 4)
    monkeypatch.setattr(values, "MOST_ITEMS", 4)
    monkeypatch.setattr(lookups, "MOST_ROWS", 4)


@pytest.mark.usefixtures("few")
class TestTooMany:
    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            ([1, 2, 3, 4, 5, 6], []),
            ([6, 5, 4, 3, 2, 1], ["`unique` compares 6 at most"]),
            ([6, 5, 4, 3, 2, 2], ["values have 2 more than once"]),
            (list("abcdef"), ["`unique` compares 4 at most"]),
        ],
    )
    def test_unique(self, data: list[Any], expected: list[str]) -> None:
        one = array(data=np.array(data, dtype=object if isinstance(data[0], str) else None))
        found = messages(about(values=Constraint(unique=True)), file_of(one))
        assert len(found) == len(expected)
        for message, part in zip(found, expected, strict=True):
            assert part in message

    def test_columns(self) -> None:
        rows = frame("map", [("index", "int64")], [(one,) for one in range(6)])
        column_of = Constraint(column_of=ColumnOf(data_frame="map", column="index"))
        found = told(about(values=column_of), file_of(array(data=[9]), data_frames=[rows]))
        assert found == [
            (
                "lab:limits",
                "/data/b/data_frames/map",
                "the data frame `map` has 6 rows: `column_of` looks into 4 at most",
            )
        ]

    def test_blanks(self) -> None:
        schema = about(values=fits("<x>"), label=fits("<x>", presence="optional"))
        (found,) = messages(schema, file_of(array(data=range(6))))
        assert found == "the data array `a` has 6 values: blanks take 4 at most"


NODES = lab(
    blocks={
        "b": Clause(
            data_arrays={
                "a": Clause(dimensions=[{"type": "set", "labels": "<names>"}]),
            },
            data_frames={"nodes": Clause(columns={"name": Clause(values=fits("<names>"))})},
        )
    }
)


@pytest.mark.parametrize("names", [["x", "y", "z"], ["x", "y", "w"], ["x", "y"]])
def test_a_blank_takes_the_values_of_a_column(names: list[str]) -> None:
    labels = nx.SetDimension(labels=["x", "y", "z"])
    rows = frame("nodes", [("name", "string")], [(one,) for one in names])
    found = messages(NODES, file_of(array(dimensions=[labels]), data_frames=[rows]))
    there = ", ".join(f"`{one}`" for one in names)
    expected = (
        f"column `name`: `<names>` is `x`, `y`, `z` in a/dimensions/1.labels but {there} "
        "in nodes/name.values"
    )
    assert found == ([] if names == ["x", "y", "z"] else [expected])


def test_a_blank_takes_the_values_of_arrays_as_quantities() -> None:
    arrays = {"x": Clause(values=fits("<times>")), "y": Clause(values=fits("<times>"))}
    schema = lab(blocks={"b": Clause(data_arrays=arrays)})
    seconds, millis = array("x", data=[1.0, 2.0], unit="s"), [1000.0, 2000.0]
    assert messages(schema, file_of(seconds, array("y", data=millis, unit="ms"))) == []
    found = messages(schema, file_of(seconds.copy(), array("y", data=millis, unit="s")))
    assert found == ["`<times>` is 1, 2 in x.values but 1000, 2000 in y.values"]


def test_values_that_fill_come_before_values_that_are_compared() -> None:
    arrays = {
        "x": Clause(values=Constraint(max="<limit>")),
        "y": Clause(values=fits("<limit>")),
    }
    schema = lab(blocks={"b": Clause(data_arrays=arrays)})
    assert messages(schema, file_of(array("x", data=[1, 2]), array("y", data=[2]))) == []
    found = messages(schema, file_of(array("x", data=[1, 3]), array("y", data=[2])))
    assert found == ["values reach 3, where at most 2 is expected"]


@pytest.mark.parametrize("rows", [[(1,), (2,)], [(1,), (9,)], [(-1,), (2,)]])
def test_alternatives_of_columns(rows: list[tuple[int]]) -> None:
    either = Constraint(any_of=[Constraint(min=0), Constraint(max=0)], all_of=[Constraint(max=5)])
    schema = lab(
        blocks={"b": Clause(data_frames={"f": Clause(columns={"n": Clause(values=either)})})}
    )
    found = messages(schema, file_of(data_frames=[frame("f", [("n", "int64")], rows)]))
    top = [one[0] for one in rows]
    expected = []
    if max(top) > 5:
        expected.append("column `n`: values reach 9, where at most 5 is expected")
    if min(top) < 0:
        expected.append("column `n`: values reach -1, where at least 0 is expected")
    assert found == expected


def test_what_an_alternative_fills_is_kept() -> None:
    either = Constraint(any_of=[Constraint(fits=["<n>"]), Constraint(max=0)])
    arrays = {"a": Clause(values=either), "z": Clause(values=Constraint(max="<n>"))}
    schema = lab(blocks={"b": Clause(data_arrays=arrays)})
    assert messages(schema, file_of(array("a", data=[2]), array("z", data=[2]))) == []
    assert len(messages(schema, file_of(array("a", data=[2]), array("z", data=[3])))) == 1


def test_how_many_values_a_column_has() -> None:
    column = Clause(values=Constraint(length=Count(3, 3)))
    schema = lab(blocks={"b": Clause(data_frames={"f": Clause(columns={"n": column})})})
    found = messages(schema, file_of(data_frames=[frame("f", [("n", "int64")], [(1,), (2,)])]))
    assert found == ["column `n`: values: 2 found, where 3 are expected"]
