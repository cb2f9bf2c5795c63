"""Values in Python: assigned, appended, computed with, calibrated; frames by column and row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

import nixschema as nx


def stored(array: nx.DataArray, folder: Path) -> nx.DataArray:
    block = nx.Block(name="b", type="t", data_arrays=[array.copy()])
    nx.write(nx.File(blocks=[block]), folder / "a.nix", check="none")
    return nx.read(folder / "a.nix").blocks[0].data_arrays[0]


class TestArrays:
    @given(
        start=hnp.arrays("f8", hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)),
        data=st.data(),
    )
    def test_appending_is_concatenating(self, start: Any, data: st.DataObject) -> None:
        array, expected = nx.Array(start), start
        for _ in range(data.draw(st.integers(0, 6))):
            axis = data.draw(st.integers(-start.ndim, start.ndim - 1))
            shape = list(expected.shape)
            shape[axis] = data.draw(st.integers(0, 3))
            piece = data.draw(hnp.arrays("f8", tuple(shape)))
            array.append(piece, axis)
            expected = np.concatenate([expected, piece], axis)
            if expected.size and data.draw(st.booleans()):
                array[..., 0] = 5
                expected[..., 0] = 5
        assert np.array_equal(array.read(), expected, equal_nan=True)

    def test_many_pieces_cost_as_much_as_one(self) -> None:
        array = nx.Array(np.empty((0, 4)))
        copied = 0
        source: Any = array.source
        for _ in range(1000):
            before = source._room
            array.append(np.ones((10, 4)))
            copied += 0 if source._room is before else len(array)
        assert array.shape == (10_000, 4)
        assert copied < 4 * len(array)

    @pytest.mark.parametrize(
        ("dtype", "values", "error"),
        [
            ("i2", [0.5], TypeError),
            ("i2", [70000], ValueError),
            ("u1", [-1], ValueError),
            ("f4", ["a"], TypeError),
            ("f4", [1e300], ValueError),
            ("f4", [1j], TypeError),
            ("?", [1], TypeError),
            (object, [1], TypeError),
            ("f8", [[1.0, 2.0]], ValueError),
        ],
    )
    def test_what_does_not_fit_changes_nothing(
        self, dtype: Any, values: Any, error: type[Exception]
    ) -> None:
        array = nx.Array(np.zeros(2, dtype) if dtype is not object else ["a", "b"])
        before = array.read().tolist()
        with pytest.raises(error):
            array.append(values)
        with pytest.raises(error):
            array[:1] = values
        assert array.read().tolist() == before

    @pytest.mark.parametrize(
        ("dtype", "values"),
        [
            ("i2", [7]),
            ("f4", [0.1]),
            ("f8", [1]),
            ("c16", [1.5]),
            ("f4", [np.nan]),
            ("u8", [2**63]),
        ],
    )
    def test_what_fits(self, dtype: str, values: Any) -> None:
        array = nx.Array(np.zeros(1, dtype))
        array.append(values)
        assert array.dtype == np.dtype(dtype)
        assert np.array_equal(array[1:], np.array(values, dtype), equal_nan=True)

    def test_axes_that_are_not_there(self) -> None:
        with pytest.raises(ValueError, match="no axis 1"):
            nx.Array([1.0]).append([1.0], axis=1)
        with pytest.raises(IndexError):
            nx.Array([1.0])[3] = 1

    def test_a_file_that_was_only_read_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "a.nix"
        array = stored(nx.DataArray(name="v", type="t", data=np.arange(4.0)), tmp_path)
        before = path.read_bytes()
        array[0] = 9
        array.append([5])
        assert array[:].tolist() == [9, 1, 2, 3, 5]
        assert path.read_bytes() == before

    def test_numpy_computes_with_them(self, tmp_path: Path) -> None:
        values = np.arange(6.0).reshape(2, 3)
        made = nx.DataArray(name="v", type="t", data=values)
        for one in (made, stored(made, tmp_path)):
            for array in (one, one.data):
                assert array is not None
                assert np.array_equal(array * 2, values * 2)
                assert np.array_equal(2 - array, 2 - values)
                assert np.array_equal(array > 2, values > 2)
                assert np.array_equal(np.sin(array), np.sin(values))
                assert np.array_equal(np.add.reduce(array), values.sum(0))
                assert np.array_equal(np.concatenate([array, array]), np.concatenate([values] * 2))
                assert np.mean(array) == 2.5
                assert np.array_equal(array + array, values * 2)
                assert [row.tolist() for row in array] == values.tolist()
                assert isinstance(array[0, 1], float)
                with pytest.raises(TypeError):
                    np.add(array, 1, out=array)  # type: ignore[call-overload]

    def test_they_are_read_in_blocks(self) -> None:
        read = []

        class Counted(nx.array.MemorySource):
            def read(self, selection: Any) -> Any:
                read.append(selection)
                return super().read(selection)

        array = nx.Array(Counted(np.zeros((2000, 1024))))
        assert sum(1 for _ in array) == 2000
        assert 1 < len(read) < 10

    @pytest.mark.parametrize("part", ["entity", "data"])
    def test_arrays_of_numpy_take_results(self, part: str) -> None:
        made = nx.DataArray(name="v", type="t", data=[1.0, 2.0, 3.0])
        array: Any = made if part == "entity" else made.data
        x = np.zeros(3)
        x += array
        assert x.tolist() == [1, 2, 3]
        assert np.add(array, 1, out=x) is x
        assert x.tolist() == [2, 3, 4]
        with pytest.raises(TypeError):
            np.add(x, 1, out=array)
        with pytest.raises(TypeError):
            np.add(array, 1, out=array)
        assert np.asarray(array).tolist() == [1, 2, 3]

    def test_masked_arrays_are_made_of_them(self) -> None:
        array: Any = nx.DataArray(name="v", type="t", data=[1.0, 2.0, 3.0])
        assert np.ma.masked_greater(array, 1).tolist() == [1.0, None, None]
        assert np.ma.masked_invalid(array).tolist() == [1.0, 2.0, 3.0]
        assert np.ma.mean(array) == 2
        assert np.ma.masked_array(array, mask=[True, False, False]).tolist() == [None, 2.0, 3.0]

    @pytest.mark.parametrize("other", [np.array([1.0, 2.0]), np.float64(1), [1.0, 2.0], 1.0, None])
    def test_an_entity_is_not_what_it_holds(self, other: Any) -> None:
        array = nx.DataArray(name="v", type="t", data=[1.0, 2.0])
        assert (array == other) is False
        assert (array != other) is True
        assert np.equal(array, np.array([1.0, 2.0])).all()

    @pytest.mark.parametrize(
        "edit",
        [
            lambda array: array.__setitem__(0, ["x", "y"]),
            lambda array: array.__setitem__(0, [["x"]]),
            lambda array: array.__setitem__(0, 5),
            lambda array: array.__setitem__(0, None),
            lambda array: array.__setitem__(0, "\ud800"),
            lambda array: array.append([5]),
            lambda array: array.append(["a", 5]),
            lambda array: array.append(["\ud800"]),
            lambda array: array.append([["x"]]),
        ],
    )
    def test_arrays_of_text_hold_text(self, edit: Callable[[nx.Array], object]) -> None:
        array = nx.Array(["a", "b"])
        with pytest.raises((TypeError, ValueError)):
            edit(array)
        assert array.read().tolist() == ["a", "b"]

    @pytest.mark.parametrize("odd", [["\ud800"], [None], ["a", 1], [object()]])
    def test_what_is_no_text(self, odd: list[Any]) -> None:
        with pytest.raises((TypeError, ValueError)):
            nx.Array(odd)

    def test_bytes_of_a_fixed_length(self) -> None:
        array = nx.Array(np.array([b"abc", b"de"]))
        array[0] = b"x"
        array.append([b"yz"])
        assert array.read().tolist() == [b"x", b"de", b"yz"]
        edits: list[Callable[[], object]] = [
            lambda: array.__setitem__(0, b"long"),
            lambda: array.append([b"long"]),
        ]
        for edit in edits:
            with pytest.raises(ValueError, match="does not fit"):
                edit()
        assert array.read().tolist() == [b"x", b"de", b"yz"]

    def test_records_without_columns(self) -> None:
        empty = np.zeros(2, [])
        with pytest.raises(TypeError, match="without columns"):
            nx.Array(empty)
        with pytest.raises(ValidationError):
            nx.DataArray(name="v", type="t", data=empty)
        with pytest.raises(ValidationError):
            nx.DataFrame(name="f", type="t", data=empty)

    @pytest.mark.parametrize(
        "dimension",
        [
            nx.SampledDimension(sampling_interval=0.5),
            nx.RangeDimension(ticks=[1.0, 2.0]),
            nx.SetDimension(),
            nx.SetDimension(labels=["a", "b"]),
        ],
    )
    def test_no_elements_have_no_positions(self, dimension: nx.Dimension) -> None:
        found = dimension.position_at([])
        assert found.shape == (0,)
        assert found.dtype == np.float64


class TestCalibration:
    @given(
        values=hnp.arrays("i2", 4),
        coefficients=st.lists(st.floats(-10, 10), max_size=4),
        origin=st.none() | st.floats(-10, 10),
    )
    def test_it_is_the_polynomial(
        self, values: Any, coefficients: list[float], origin: float | None
    ) -> None:
        array = nx.DataArray(
            name="v",
            type="t",
            data=values,
            polynom_coefficients=coefficients or None,
            expansion_origin=origin,
        )
        found = array.calibrated()
        shifted = values.astype(float) - (origin or 0)
        expected = (
            sum(c * shifted**i for i, c in enumerate(coefficients)) if coefficients else shifted
        )
        assert np.allclose(found, expected)
        assert np.array_equal(array[:], values)
        if not coefficients and not origin:
            assert found.dtype == values.dtype
        assert np.array_equal(array.calibrated(np.s_[1:3]), found[1:3])

    def test_only_numbers(self) -> None:
        array = nx.DataArray(name="v", type="t", data=["a"])
        assert array.calibrated().tolist() == ["a"]
        array.expansion_origin = 1
        with pytest.raises(TypeError, match="only numbers"):
            array.calibrated()


class TestFrames:
    @pytest.fixture(params=["memory", "disk"])
    def frame(self, request: pytest.FixtureRequest, tmp_path: Path) -> nx.DataFrame:
        frame = nx.DataFrame(
            name="f", type="t", data={"time": [1.0, 2.0], "who": ["a", "b"], "n": [1, 2]}
        )
        frame.column("time").unit = "ms"
        block = nx.Block(name="b", type="t", data_frames=[frame])
        if request.param == "memory":
            return frame
        nx.write(nx.File(blocks=[block]), tmp_path / "a.nix")
        return nx.read(tmp_path / "a.nix").blocks[0].data_frames[0]

    def test_columns_and_rows(self, frame: nx.DataFrame) -> None:
        assert frame["who"].tolist() == ["a", "b"]
        assert frame[1]["time"] == 2.0
        assert frame[:1].tolist() == [(1.0, "a", 1)]
        assert frame[["n", "time"]].tolist() == [(1, 1.0), (2, 2.0)]
        assert [row["n"] for row in frame] == [1, 2]
        assert len(frame) == 2
        with pytest.raises(KeyError, match="did you mean `time`"):
            frame["tim"]

    def test_columns_change_and_keep_their_units(self, frame: nx.DataFrame) -> None:
        frame["time"] = [3, 4]
        frame["new"] = [True, False]
        del frame["who"]
        frame.rename_column("n", "count")
        assert [(one.name, one.dtype, one.unit) for one in frame.columns] == [
            ("time", "int64", "ms"),
            ("count", "int64", None),
            ("new", "bool", None),
        ]
        frame.rename_column("time", "onset")
        assert frame.column("onset").unit == "ms"
        assert frame[:].tolist() == [(3, 1, True), (4, 2, False)]

    def test_rows_change(self, frame: nx.DataFrame) -> None:
        frame.append((3.0, "c", 3))
        frame.append([(4, "d", 4), [5, "e", 5]])
        frame.append(frame[:1])
        frame[0] = (9.0, "z", 9)
        assert frame["time"].tolist() == [9, 2, 3, 4, 5, 1]
        assert frame["who"].tolist() == ["z", "b", "c", "d", "e", "a"]

    @pytest.mark.parametrize(
        "row", [(1.0, "a"), (1.0, 2, 3), (1.0, "a", 0.5), (1.0, "a", 2**70), ("x", "a", 1), 5]
    )
    def test_rows_that_do_not_fit(self, frame: nx.DataFrame, row: Any) -> None:
        with pytest.raises((TypeError, ValueError)):
            frame.append(row)
        assert len(frame) == 2

    def test_what_is_refused_changes_nothing(self, frame: nx.DataFrame) -> None:
        before = [(one.name, one.unit) for one in frame.columns]
        edits: list[Callable[[], object]] = [
            lambda: frame.__setitem__("x", [1]),
            lambda: frame.__setitem__("x", [[1], [2]]),
            lambda: setattr(frame, "data", [1, 2]),
            lambda: setattr(frame, "data", {"a": [1], "b": [1, 2]}),
            lambda: setattr(frame, "data", {}),
            lambda: setattr(frame, "columns", []),
            lambda: frame.rename_column("time", "who"),
        ]
        for edit in edits:
            with pytest.raises((ValueError, TypeError)):
                edit()
        with pytest.raises(AttributeError, match="rename_column"):
            frame.columns[0].name = "x"
        assert [(one.name, one.unit) for one in frame.columns] == before
        assert frame["time"].tolist() == [1.0, 2.0]

    def test_the_last_column_stays(self) -> None:
        frame = nx.DataFrame(name="f", type="t", data={"a": [1]})
        with pytest.raises(ValueError, match="only column"):
            del frame["a"]

    def test_dictionaries_that_are_no_table(self) -> None:
        odds: list[Any] = [{"a": [object()]}, {"a": [[1]]}, {"a": [1], "b": []}]
        for odd in odds:
            with pytest.raises(ValidationError):
                nx.DataFrame(name="f", type="t", data=odd)

    @pytest.mark.parametrize("name", ["", "a\0b", "\ud800"])
    def test_names_that_no_column_can_have(self, frame: nx.DataFrame, name: str) -> None:
        edits: list[Callable[[], object]] = [
            lambda: nx.DataFrame(name="f", type="t", data={name: [1.0]}),
            lambda: setattr(frame, "data", {name: [1.0, 2.0]}),
            lambda: frame.__setitem__(name, [1.0, 2.0]),
            lambda: frame.rename_column("time", name),
        ]
        for edit in edits:
            with pytest.raises(ValueError, match=r"column|half|surrogates"):
                edit()
        assert frame.column_names == ["time", "who", "n"]
        assert frame["time"].tolist() == [1.0, 2.0]

    def test_columns_that_are_given_say_the_units(self) -> None:
        column = nx.Column(name="time", dtype="int8", unit="mV")
        given: list[Any] = [[column], (column,)]
        for columns in given:
            frame = nx.DataFrame(name="f", type="t", columns=columns, data={"time": [1.0]})
            found = frame.columns[0]
            assert (found.name, found.dtype, found.unit) == ("time", "float64", "mV")
        assert column.dtype == "int8"

    def test_what_is_in_a_frame(self, frame: nx.DataFrame) -> None:
        assert "time" in frame
        assert "tim" not in frame
        assert 1.0 not in frame

    def test_tables_are_appended(self, frame: nx.DataFrame) -> None:
        frame.append({"n": [3], "time": [3.0], "who": ["c"]})
        frame.append(frame)
        assert frame["time"].tolist() == [1.0, 2.0, 3.0] * 2
        assert frame["who"].tolist() == ["a", "b", "c"] * 2
        for odd in ({"time": [1.0]}, nx.DataFrame(name="g", type="t", data={"time": [1.0]})):
            with pytest.raises(ValueError, match="rows of `time`"):
                frame.append(odd)
        assert len(frame) == 6

    def test_without_data_there_are_no_columns(self, frame: nx.DataFrame) -> None:
        frame.data = None
        assert frame.columns == ()
        assert "time" not in frame
        frame.data = {"time": [1.0]}
        assert frame.column_names == ["time"]
