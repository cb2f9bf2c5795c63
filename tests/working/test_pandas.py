"""Arrays and frames in pandas and back."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nixschema as nx
from tests.working.test_xarray import data_arrays, names, texts, units, values, with_identity_of

NUMBERS = ("?", "i1", "i2", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16")


@st.composite
def data_frames(draw: st.DrawFn) -> nx.DataFrame:
    rows = draw(st.integers(0, 5))
    columns = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    table = {
        column: draw(values(draw(st.sampled_from((*NUMBERS, "O"))), (rows,))) for column in columns
    }
    frame = nx.DataFrame(
        name=draw(names),
        type=draw(texts.filter(bool)),
        definition=draw(st.none() | texts),
        data=table,
    )
    for one in frame.columns:
        one.unit = draw(units)
    return frame


@pytest.fixture
def frame() -> nx.DataFrame:
    """A frame with a column of each kind."""
    table: dict[str, Any] = {
        "trial": np.array([1, 2, 3], "i4"),
        "onset": [0.5, np.nan, 2.5],
        "correct": [True, False, True],
        "stimulus": ["a", "b", "ü"],
    }
    frame = nx.DataFrame(name="trials", type="table", definition="what was done", data=table)
    frame.column("onset").unit = "s"
    return frame


class TestFrames:
    @given(data_frames())
    def test_a_frame_comes_back_as_it_was(self, frame: nx.DataFrame) -> None:
        made = nx.from_pandas(frame.to_pandas())
        made.id, made.created_at = frame.id, frame.created_at
        made.updated_at = frame.updated_at
        assert made == frame

    def test_types_units_and_names(self, frame: nx.DataFrame) -> None:
        table = frame.to_pandas()
        assert list(table.columns) == ["trial", "onset", "correct", "stimulus"]
        assert list(table.index) == [0, 1, 2]
        assert [str(one) for one in table.dtypes][:3] == ["int32", "float64", "bool"]
        assert table["stimulus"].tolist() == ["a", "b", "ü"]
        assert table.attrs == {
            "units": {"onset": "s"},
            "nix_name": "trials",
            "nix_type": "table",
            "description": "what was done",
        }
        assert table.groupby("correct")["trial"].sum().tolist() == [2, 4]

    def test_a_table_of_pandas(self) -> None:
        table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
        made = nx.from_pandas(table, name="t", type="table", units={"a": "mV"})
        assert made.name == "t"
        assert made.type == "table"
        assert made.column_names == ["a", "b"]
        assert [column.unit for column in made.columns] == ["mV", None]
        assert made["a"].dtype == np.int64
        assert made["b"].tolist() == ["x", "y"]
        assert nx.from_pandas(table, name="t").type == "nix.data_frame"

    @pytest.mark.parametrize(
        ("index", "columns"),
        [
            (pd.RangeIndex(2), ["a"]),
            (pd.RangeIndex(2, name="trial"), ["trial", "a"]),
            (pd.RangeIndex(1, 3), ["index", "a"]),
            (pd.Index([0, 1]), ["index", "a"]),
            (pd.Index(["x", "y"], name="cell"), ["cell", "a"]),
            (
                pd.MultiIndex.from_product([["x"], [1, 2]], names=["cell", None]),
                ["cell", "level_1", "a"],
            ),
        ],
    )
    def test_the_index_is_the_leading_column(
        self, index: pd.Index[Any], columns: list[str]
    ) -> None:
        table = pd.DataFrame({"a": [1.0, 2.0]}, index)
        made = nx.from_pandas(table, name="t")
        assert made.column_names == columns
        assert made["a"].tolist() == [1.0, 2.0]
        if len(columns) > 1:
            assert made[columns[0]].tolist() == index.get_level_values(0).tolist()

    def test_types_that_only_pandas_has(self) -> None:
        table = pd.DataFrame(
            {
                "whole": pd.array([1, 2], "Int16"),
                "fraction": pd.array([0.5, 1.5], "Float32"),
                "truth": pd.array([True, False], "boolean"),
                "text": pd.array(["a", "b"], "string"),
                "sparse": pd.arrays.SparseArray([0.0, np.nan]),
            }
        )
        made = nx.from_pandas(table, name="t")
        assert [one.dtype for one in made.columns] == [
            "int16",
            "float32",
            "bool",
            "string",
            "float64",
        ]
        assert made["whole"].tolist() == [1, 2]
        assert made["text"].tolist() == ["a", "b"]

    @pytest.mark.parametrize(
        ("column", "match"),
        [
            (["a", None], "`x` has a missing value in row 1.*fillna"),
            (np.array([1, "a"], object), "`x` has 1 at 0 among text"),
            (np.array([[1], [2, 3]], object), r"`x` has \[1\] at 0"),
            (pd.array([1, None], "Int64"), r"missing value in row 1.*astype\('float64'\)"),
            (pd.array([True, None], "boolean"), "missing value in row 1.*fillna"),
            (pd.array(["a", None], "string"), "missing value in row 1.*fillna"),
            (pd.Categorical(["a", "b"]), r"`x` holds categories: `\.astype\(str\)`"),
            (pd.to_datetime(["2020-01-01", "2020-01-02"]), r"`x` holds dates.*Timedelta\('1s'\)"),
            (pd.to_datetime(["2020-01-01", "2020-01-02"], utc=True), "`x` holds dates"),
            (pd.to_timedelta([1, 2], "s"), "`x` holds differences of time"),
            (pd.period_range("2020", periods=2, freq="D"), r"`x` holds period\[D\], which NIX"),
            (pd.interval_range(0, 2), r"`x` holds interval\["),
        ],
    )
    def test_columns_that_no_frame_has(self, column: Any, match: str) -> None:
        with pytest.raises(ValueError, match=match):
            nx.from_pandas(pd.DataFrame({"x": column}), name="t")

    def test_names_that_no_column_has(self) -> None:
        given: list[tuple[list[Any], str]] = [
            (["a", "a"], "two columns .* are named `a`"),
            (["a", 1], "a column is named 1, .*xarray.DataArray"),
            (["a", ""], "a column is named ''"),
            ([("a", "b"), ("a", "c")], "the columns have names of several levels"),
        ]
        for columns, match in given:
            table = pd.DataFrame([[1, 2]])
            table.columns = pd.Index(columns)
            with pytest.raises(ValueError, match=match):
                nx.from_pandas(table, name="t")
        table = pd.DataFrame({"a": [1]}, pd.Index([3], name="a"))
        with pytest.raises(ValueError, match=r"two columns .* are named `a`"):
            nx.from_pandas(table, name="t")
        with pytest.raises(ValueError, match="needs a column"):
            nx.from_pandas(pd.DataFrame(), name="t")

    def test_units(self, frame: nx.DataFrame) -> None:
        table = frame.to_pandas()
        assert nx.from_pandas(table, units={}).column("onset").unit is None
        with pytest.raises(ValueError, match="a unit for `on`, and no such column"):
            nx.from_pandas(table, units={"on": "s"})
        with pytest.raises(TypeError, match="a mapping"):
            nx.from_pandas(table, units="s")  # type: ignore[call-overload]
        renamed = table.rename(columns={"onset": "start"})
        with pytest.warns(nx.LossWarning, match="unit of `onset`, which is no column") as caught:
            nx.from_pandas(renamed)
        assert caught[0].filename == __file__
        table.attrs["history"] = "made by hand"
        with pytest.warns(nx.LossWarning, match="attribute `history`$"):
            nx.from_pandas(table)

    def test_what_pandas_has_no_column_for(self) -> None:
        inner = np.dtype([("x", "f8")])
        for field, match in [
            (("a", inner), "column `a`: .* holds no records"),
            (("a", "f8", (2,)), "column `a`: .* holds no lists"),
            (("a", "V3"), "column `a`: .* holds no opaque bytes"),
        ]:
            frame = nx.DataFrame(name="t", type="t", data=np.zeros(2, [field]))
            with pytest.raises(TypeError, match=match):
                frame.to_pandas()

    def test_text_of_fixed_length_and_foreign_bytes_order(self) -> None:
        data = np.array([(b"ab", 1), ("ü".encode(), 2)], [("s", "S2"), ("n", ">i4")])
        table = nx.DataFrame(name="t", type="t", data=data).to_pandas()
        assert table["s"].tolist() == ["ab", "ü"]
        assert table["n"].dtype == np.dtype("i4")
        data["s"][1] = b"\xff"
        with pytest.raises(ValueError, match="column `s`: text that is not UTF-8"):
            nx.DataFrame(name="t", type="t", data=data).to_pandas()

    def test_without_data_or_name(self) -> None:
        with pytest.raises(ValueError, match="has no data"):
            nx.DataFrame(name="t", type="t").to_pandas()
        with pytest.raises(ValueError, match="no name: give one"):
            nx.from_pandas(pd.DataFrame({"a": [1]}))
        with pytest.raises(TypeError, match="no DataFrame and no Series, but list"):
            nx.from_pandas([1])  # type: ignore[call-overload]


class TestArrays:
    @given(data_arrays(axes=1, dtypes=(*NUMBERS, "O")))
    def test_an_array_comes_back_as_it_was(self, array: nx.DataArray) -> None:
        made = nx.from_pandas(array.to_pandas())
        assert isinstance(made, nx.DataArray)
        assert with_identity_of(array, made) == array

    @given(st.integers(0, 3), st.integers(0, 3), st.data())
    def test_two_axes_are_a_table(self, rows: int, columns: int, data: Any) -> None:
        found = data.draw(arrays("f8", (rows, columns)))
        array = nx.DataArray(name="a", type="t", unit="mV", data=found)
        table = array.to_pandas()
        np.testing.assert_array_equal(table.to_numpy(), found)
        assert table.attrs == {"nix_name": "a", "units": "mV", "nix_type": "t"}

    def test_axes(self) -> None:
        array = nx.DataArray(
            name="lfp",
            type="t",
            data=np.arange(6, dtype="i2").reshape(2, 3),
            dimensions=[
                nx.SetDimension(labels=["a", "b"], label="channel"),
                nx.SampledDimension(sampling_interval=0.5, unit="ms", label="time"),
            ],
            polynom_coefficients=[0.0, 10.0],
        )
        table = array.to_pandas()
        assert isinstance(table, pd.DataFrame)
        assert list(table.loc["b"]) == [3, 4, 5]
        assert set(table.dtypes) == {np.dtype("i2")}
        assert (table.index.name, table.columns.name) == ("channel", "time")
        assert table.attrs["columns"]["units"] == "ms"
        assert table.attrs["nix_polynom_coefficients"] == [0.0, 10.0]
        meant = array.to_pandas(calibrated=True)
        assert isinstance(meant, pd.DataFrame)
        assert meant[0.5].tolist() == [10.0, 40.0]
        assert "nix_polynom_coefficients" not in meant.attrs

    def test_more_axes_and_none(self) -> None:
        array = nx.DataArray(name="a", type="t", data=np.zeros((2, 2, 2)))
        with pytest.raises(ValueError, match="3 axes, and pandas one or two: `to_xarray`"):
            array.to_pandas()
        with pytest.raises(ValueError, match="has no data"):
            nx.DataArray(name="a", type="t").to_pandas()
        records = nx.DataArray(name="a", type="t", data=np.zeros(2, [("x", "i4")]))
        with pytest.raises(TypeError, match="holds no records"):
            records.to_pandas()

    @pytest.mark.parametrize(
        ("index", "dimension"),
        [
            (pd.RangeIndex(3), nx.SetDimension()),
            (pd.RangeIndex(3, name="n"), nx.SetDimension(label="n")),
            (
                pd.RangeIndex(2, 8, 2, name="n"),
                nx.SampledDimension(sampling_interval=2.0, offset=2.0, label="n"),
            ),
            (pd.Index([0.0, 0.1, 0.2]), nx.SampledDimension(sampling_interval=0.1)),
            (pd.Index([1, 2, 4], name="t"), nx.RangeDimension(ticks=[1, 2, 4], label="t")),
            (pd.Index(list("aba"), name="c"), nx.SetDimension(labels=list("aba"), label="c")),
            (pd.CategoricalIndex(list("aba")), nx.SetDimension(labels=list("aba"))),
            (
                pd.timedelta_range(0, periods=3, freq="20ms"),
                nx.SampledDimension(sampling_interval=20.0, unit="ms"),
            ),
        ],
    )
    def test_the_index_of_a_series(self, index: pd.Index[Any], dimension: nx.Dimension) -> None:
        series = pd.Series([1, 2, 3], index, name="a")
        made = nx.from_pandas(series, units="mV")
        assert made.dimensions[0] == dimension
        assert (made.name, made.type, made.unit) == ("a", "nix.data_array", "mV")

    def test_a_sorted_or_cut_series(self) -> None:
        array = nx.DataArray(name="a", type="t", data=[3.0, 1.0, 2.0, 0.0])
        array.dimensions.append(nx.SampledDimension(sampling_interval=0.1, unit="s", label="time"))
        series = array.to_pandas()
        assert isinstance(series, pd.Series)
        assert nx.from_pandas(series.iloc[2:]).dimensions[0] == nx.SampledDimension(
            sampling_interval=0.1, offset=0.2, unit="s", label="time"
        )
        with pytest.raises(ValueError, match="the index does not ascend"):
            nx.from_pandas(series.sort_values())
        assert nx.from_pandas(series.sort_values().sort_index())[:].tolist() == [3, 1, 2, 0]

    @pytest.mark.parametrize(
        ("series", "match"),
        [
            (pd.Series([1, 2], pd.date_range("2020-01-01", periods=2)), "the index holds dates"),
            (
                pd.Series([1, 2], pd.date_range("2020-01-01", periods=2, tz="UTC")),
                "the index holds dates",
            ),
            (pd.Series([1], pd.MultiIndex.from_tuples([("a", "b")])), "index has several levels"),
            (pd.Series([1, 2], [1.0, np.nan]), "the index has nan at 1"),
            (pd.Series(["a", None]), "the series has a missing value in row 1"),
            (pd.Series(pd.to_datetime(["2020-01-01"])), "the series holds dates"),
            (pd.Series(pd.Categorical(["a"])), "the series holds categories"),
        ],
    )
    def test_series_that_no_array_is(self, series: pd.Series[Any], match: str) -> None:
        with pytest.raises(ValueError, match=match):
            nx.from_pandas(series, name="a")

    def test_units_and_losses(self) -> None:
        series = pd.Series([1, 2], pd.Index([1.0, 2.0], name=3), name="a")
        series.attrs = {"units": "mV", "index": {"units": "s", "axis": "T"}, "history": "x"}
        told = "name 3 of the index, attribute `axis` of the index, attribute `history`$"
        with pytest.warns(nx.LossWarning, match=told):
            made = nx.from_pandas(series)
        assert made.unit == "mV"
        assert made.dimensions[0].axis_unit == "s"
        with pytest.raises(TypeError, match="a text, such as 'mV'"):
            nx.from_pandas(pd.Series([1], name="a"), units={"a": "mV"})  # type: ignore[call-overload]


class TestWithoutPandas:
    def test_the_error_says_what_to_install(
        self, frame: nx.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pandas", None)
        array = nx.DataArray(name="a", type="t", data=[1])
        for call in (frame.to_pandas, array.to_pandas, lambda: nx.from_pandas(array)):  # type: ignore[call-overload]
            with pytest.raises(nx.MissingExtra, match=r"pip install 'nixschema\[pandas\]'"):
                call()
