"""Each source reads what numpy or pandas reads of the same file."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path
from typing import Any

import h5py
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

from nixschema.array import Array, Source
from nixschema.sources import DataSpec, SourceError, check, header_of, open_source, open_table

QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

DTYPES = st.one_of(
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    hnp.complex_number_dtypes(endianness="?"),
    hnp.boolean_dtypes(),
    hnp.byte_string_dtypes(min_len=1, max_len=5),
    st.just(np.dtype([("a", "<i2"), ("b", ">f8"), ("c", "S3")])),
)


@st.composite
def arrays_and_selections(draw: st.DrawFn, least: int = 0) -> tuple[Any, Any, bool]:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=least, max_side=5))
    values = draw(hnp.arrays(draw(DTYPES), shape))
    selection = draw(hnp.basic_indices(shape, allow_newaxis=False, allow_ellipsis=False))
    index = selection if isinstance(selection, tuple) else (selection,)
    return values, index, draw(st.booleans())


def same(left: Any, right: Any) -> bool:
    """Whether bits are the same, whatever they stand for."""
    # A single value of numpy's forgets the order of its bytes.
    one = np.asarray(left)
    two = np.asarray(right, dtype=one.dtype) if isinstance(right, np.generic) else right
    return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()


def again(source: Source) -> Source:
    found: Source = pickle.loads(pickle.dumps(source))
    return found


@QUICK
@given(arrays_and_selections())
def test_npy_is_read_as_numpy_does(tmp_path: Path, case: tuple[Any, Any, bool]) -> None:
    values, selection, fortran = case
    np.save(tmp_path / "a.npy", np.asfortranarray(values) if fortran else values)
    source = open_source(DataSpec(file="a.npy"), str(tmp_path))
    expected = np.load(tmp_path / "a.npy")
    for one in (source, again(source)):
        assert same(one.read(()), expected)
        assert same(one.read(selection), expected[selection])


@QUICK
@given(arrays_and_selections(), st.booleans())
def test_npz_is_read_as_numpy_does(
    tmp_path: Path, case: tuple[Any, Any, bool], packed: bool
) -> None:
    values, selection, fortran = case
    save = np.savez_compressed if packed else np.savez
    save(tmp_path / "a.npz", other=[1], x=np.asfortranarray(values) if fortran else values)
    source = open_source(DataSpec(file="a.npz", member="x"), str(tmp_path))
    assert same(source.read(selection), values[selection])
    assert same(source.read(()), values)
    assert same(again(source).read(selection), values[selection])


@QUICK
@given(arrays_and_selections(least=1), st.integers(0, 9))
def test_raw_is_read_as_numpy_does(
    tmp_path: Path, case: tuple[Any, Any, bool], offset: int
) -> None:
    values, selection, fortran = case
    if values.dtype.names:
        return
    order = "F" if fortran else "C"
    (tmp_path / "a.raw").write_bytes(b"x" * offset + values.tobytes(order))
    dtype = values.dtype.str.lstrip("|").replace("b1", "bool")
    spec = DataSpec(
        file="a.raw", dtype=dtype, shape=[-1, *values.shape[1:]], order=order, offset=offset
    )
    source = open_source(spec, str(tmp_path))
    assert same(source.read(()), values)
    assert same(again(source).read(selection), values[selection])


@QUICK
@given(arrays_and_selections(least=1), st.data())
def test_parts_of_parts_are_read_as_numpy_does(
    tmp_path: Path, case: tuple[Any, Any, bool], data: st.DataObject
) -> None:
    values, _, _ = case
    np.save(tmp_path / "a.npy", values)
    chosen: list[Any] = []
    texts: list[str] = []
    for length in values.shape:
        if data.draw(st.booleans()):
            chosen.append(data.draw(st.integers(-length, length - 1)))
            texts.append(str(chosen[-1]))
        else:
            start, stop = (data.draw(st.none() | st.integers(-length, length)) for _ in range(2))
            step = data.draw(st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))
            chosen.append(slice(start, stop, step))
            texts.append(":".join("" if one is None else str(one) for one in (start, stop, step)))
    left = values[tuple(chosen)]
    axes = data.draw(st.permutations(range(left.ndim)))
    spec = DataSpec(file="a.npy", select=", ".join(texts), transpose=axes)
    source = open_source(spec, str(tmp_path))
    expected = np.asarray(left, dtype=values.dtype).transpose(axes)
    assert source.shape == expected.shape
    assert same(source.read(()), expected)
    if expected.ndim and expected.size:
        index = data.draw(hnp.basic_indices(expected.shape, allow_ellipsis=False))
        index = index if isinstance(index, tuple) else (index,)
        assert same(again(source).read(index), expected[index])


def test_large_blocks_are_picked_out_of_a_file(tmp_path: Path) -> None:
    values = np.arange(3_000_000, dtype=np.int32).reshape(300, 100, 100)
    values.tofile(tmp_path / "c.raw")
    values.T.tofile(tmp_path / "f.raw")
    for name, order in (("c.raw", "C"), ("f.raw", "F")):
        spec = DataSpec(file=name, dtype="int32", shape=[300, 100, 100], order=order)
        source = open_source(spec, str(tmp_path))
        for index in (
            (slice(None), 3, 5),
            (slice(0, None, 7), slice(10, 90), slice(99, None)),
            (5,),
            (slice(None), slice(None), [7, 3]),
        ):
            assert same(source.read(index), values[index])


def test_deflated_values_are_read_in_any_order(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 9, (2000, 500))
    np.savez_compressed(tmp_path / "a.npz", x=values)
    source = open_source(DataSpec(file="a.npz"), str(tmp_path))
    for start in (0, 500, 1900, 1000, 300, 0, 1500):
        assert same(source.read((slice(start, start + 50),)), values[start : start + 50])
    assert same(source.read((slice(None), 7)), values[:, 7])


@QUICK
@given(
    st.lists(st.tuples(st.integers(-(2**62), 2**62), st.floats(allow_nan=False)), max_size=50),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
def test_numbers_of_csv_are_read_as_pandas_does(
    tmp_path: Path, rows: list[tuple[int, float]], delimiter: str, header: bool
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerows([("n", "x")] * header + rows)  # type: ignore[operator]
    if not rows:
        if header:
            spec = DataSpec(file="a.csv", column="x", delimiter=delimiter)
            assert open_source(spec, str(tmp_path)).shape == (0,)
        return
    told = pd.read_csv(path, sep=delimiter, header=0 if header else None)
    for number in range(2):
        column = ("n", "x")[number] if header else number
        spec = DataSpec(file="a.csv", column=column, header=header, delimiter=delimiter)
        source = open_source(spec, str(tmp_path))
        expected = told.iloc[:, number].to_numpy()
        if number == 1:  # Pandas may be off in the last bit.
            expected = np.array([row[1] for row in rows])
        assert np.array_equal(source.read(()), expected)
        assert source.dtype == (np.int64 if number == 0 else np.float64)


@QUICK
@given(st.lists(st.lists(st.text("abx\"'\n\r,; µ", max_size=6), min_size=2, max_size=2)))
def test_text_of_csv_is_what_was_written(tmp_path: Path, rows: list[list[str]]) -> None:
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    spec = DataSpec(file="a.csv", columns="all", dtype="string")
    source = open_source(spec, str(tmp_path))
    assert source.read(()).tolist() == rows
    assert again(source).read((slice(1, 3),)).tolist() == rows[1:3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_rows_of_a_long_csv_are_found_in_any_order(tmp_path: Path, encoding: str) -> None:
    rows = [(number, f"µ{number}\nx") for number in range(200_000)]
    with (tmp_path / "a.csv").open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream).writerows([("n", "µ"), *rows])
    given = None if encoding.startswith("utf-8") else encoding
    table = DataSpec(file="a.csv", encoding=given)
    assert header_of(table, str(tmp_path)) == ("n", "µ")
    source = open_source(DataSpec(file="a.csv", encoding=given, column="n"), str(tmp_path))
    assert source.shape == (200_000,)
    for start in (0, 150_000, 150_010, 3, 199_990):
        assert source.read((slice(start, start + 10),)).tolist() == list(range(start, start + 10))
    blocks = [part for _, part in Array(source).blocks(64 * 1024)]
    assert np.array_equal(np.concatenate(blocks), np.arange(200_000))


CSVS: dict[str, tuple[str, DataSpec, Any]] = {
    "one float makes floats": ("a\n1\n2.5\n", DataSpec(), [1.0, 2.5]),
    "integers stay": ("a\n1\n2\n", DataSpec(), [1, 2]),
    "booleans": ("a\ntrue\nFalse\n", DataSpec(), [True, False]),
    "text": ("a\nx\n1\n", DataSpec(), ["x", "1"]),
    "decimal comma": (
        "a;b\n0,5;x\n1;y\n",
        DataSpec(delimiter=";", decimal=",", column="a"),
        [0.5, 1.0],
    ),
    "missing": ("a,b\n1.5,x\nNA,y\n", DataSpec(column="a", missing=["NA"]), [1.5, np.nan]),
    "an empty field is missing": ("a\n1.5\n\n2\n", DataSpec(missing=[""]), [1.5, np.nan, 2.0]),
    "a missing word in text stays": ("a\nx\nNA\n", DataSpec(missing="NA"), ["x", "NA"]),
    "integers and missing as floats": (
        "a\n1\nNA\n",
        DataSpec(missing="NA", dtype="float64"),
        [1.0, np.nan],
    ),
    "skipped and commented": (
        "junk\njunk, 2\n# c\na,b\n1,2\n#x\n3,4\n",
        DataSpec(skip_rows=2, comment="#", column="b"),
        [2, 4],
    ),
    "several": ("a,b,c\n1,2,x\n3,4.5,y\n", DataSpec(columns=["b", 0]), [[2.0, 1.0], [4.5, 3.0]]),
    "all": ("1,2\n3,4\n", DataSpec(columns="all", header=False), [[1, 2], [3, 4]]),
    "spaces": ("a, b\n 1, 2\n", DataSpec(column="b"), [2]),
    "BOM": ("\ufeffa,b\n1,2\n", DataSpec(column="a"), [1]),
    "numbers as text": ("a\n01\n1.50\n", DataSpec(dtype="string"), ["01", "1.50"]),
    "no line break at the end": ("a\n1\n2", DataSpec(), [1, 2]),
    "lines of Windows": ("a,b\r\n1,2\r\n", DataSpec(column="b"), [2]),
    "empty lines at the end": ("a\n1\n\n\n", DataSpec(), [1]),
    "large": ("a\n18446744073709551615\n", DataSpec(dtype="uint64"), [2**64 - 1]),
    "fifteen": ("a\n1.0\n2\n", DataSpec(dtype="int16"), [1, 2]),
    "complex": ("a\n1+2j\n3\n", DataSpec(dtype="complex64"), [1 + 2j, 3]),
    "bytes": ("a\nxy\nz\n", DataSpec(dtype="S2"), [b"xy", b"z"]),
}


def with_file(spec: DataSpec, file: str) -> DataSpec:
    return DataSpec(**{**{name: getattr(spec, name) for name in DataSpec.__slots__}, "file": file})


@pytest.mark.parametrize("case", CSVS.values(), ids=CSVS)
def test_csv(case: tuple[str, DataSpec, Any], tmp_path: Path) -> None:
    text, spec, expected = case
    (tmp_path / "a.csv").write_bytes(text.encode())
    source = open_source(with_file(spec, "a.csv"), str(tmp_path))
    values = source.read(())
    wanted = np.array(expected, dtype=object if values.dtype == object else None)
    assert values.shape == wanted.shape
    assert values.dtype.kind == (wanted.dtype.kind if spec.dtype != "uint64" else "u")
    np.testing.assert_array_equal(values, wanted)
    if spec.dtype is not None:
        assert source.dtype == (object if spec.dtype == "string" else np.dtype(spec.dtype))


def test_tables_are_records(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("onset,kind,n\n0.5,noise,1\n1.5,tone,2\n")
    found = open_table(DataSpec(file="a.csv"), str(tmp_path))
    assert found.dtype == np.dtype([("onset", "f8"), ("kind", "O"), ("n", "i8")])
    assert found.read(()).tolist() == [(0.5, "noise", 1), (1.5, "tone", 2)]
    dtype = [{"n": "int8"}, {"kind": "S5"}]
    found = open_table(DataSpec(file="a.csv", dtype=dtype), str(tmp_path))
    assert found.read((1,))[()].item() == (2, b"tone")
    np.save(tmp_path / "a.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
    assert open_table(DataSpec(file="a.npy"), str(tmp_path)).dtype.names == ("a", "b")
    np.save(tmp_path / "b.npy", np.zeros(3))
    with pytest.raises(SourceError, match="no table"):
        open_table(DataSpec(file="b.npy"), str(tmp_path))


def test_datasets_of_other_files(tmp_path: Path) -> None:
    values = np.arange(12, dtype=">i2").reshape(3, 4)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/x"] = values
        file["soft"] = h5py.SoftLink("/group/x")
        file["outside"] = h5py.ExternalLink("b.h5", "/x")
        file["circle"] = h5py.SoftLink("/circle")
        file["data/session/data_arrays/lfp/data"] = values
    for place in ("/group/x", "group/x", "/soft"):
        spec = DataSpec(file="a.h5", dataset=place, dtype="float32", select="1:", transpose=[1, 0])
        source = open_source(spec, str(tmp_path))
        assert same(source.read(()), values[1:].T.astype("f4"))
        assert same(again(source).read((2,)), values[1:, 2].astype("f4"))
    exact = open_source(DataSpec(file="a.h5", dataset="/group/x"), str(tmp_path))
    assert exact.stored_type is not None
    assert exact.dtype == ">i2"
    there = DataSpec(origin="a.h5", dtype=">i2", shape=[3, 4])
    for entity in ("/data/session/data_arrays/lfp/data", "/data/session/data_arrays/lfp"):
        assert same(open_source(there, str(tmp_path), entity=entity).read(()), values)
    for place, said in {
        "/group/y": "there is no `y` in `/group`",
        "/group": "is a group",
        "/outside": "leads into another file",
        "/circle": "leads in a circle",
        "/group/x/z": "there is no `z`",
        "": "is a group",
        "\0": "has a NUL",
    }.items():
        with pytest.raises(SourceError, match=said):
            open_source(DataSpec(file="a.h5", dataset=place), str(tmp_path))
    for shape, dtype, rule in (([3, 5], ">i2", "NIX053"), ([3, 4], "int8", "NIX054")):
        spec = DataSpec(origin="a.h5", dtype=dtype, shape=shape)
        with pytest.raises(SourceError) as error:
            open_source(spec, str(tmp_path), entity="/group/x")
        assert error.value.rule == rule


def test_external_and_virtual_datasets_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x" * 64)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"] = np.zeros(8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("e", (8,), "f8", external=[(str(tmp_path / "secret"), 0, 64)])
        layout = h5py.VirtualLayout((8,), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "b.h5"), "x", (8,))
        file.create_virtual_dataset("v", layout)
        file.create_dataset("ref", (2,), h5py.ref_dtype)
        file.create_dataset("null", data=h5py.Empty("f8"))
        file.create_dataset("huge", (2**40,), "f8", chunks=(1024,))
    for place in ("e", "v", "ref", "null", "huge"):
        with pytest.raises(SourceError, match=r"cannot be taken|no room"):
            open_source(DataSpec(file="a.h5", dataset=place), str(tmp_path))


def test_inline_values() -> None:
    for values, dtype, expected in (
        ([[1, 2], [3, 4]], None, np.array([[1, 2], [3, 4]])),
        ([1, 2.5], None, np.array([1, 2.5])),
        ([True, False], None, np.array([True, False])),
        (["a", "1"], None, np.array(["a", "1"], dtype=object)),
        (3, None, np.array(3)),
        ([], None, np.zeros(0)),
        ([], "int16", np.zeros(0, dtype="i2")),
        ([[], []], "int16", np.zeros((2, 0), dtype="i2")),
        ([1, 2], ">f8", np.array([1, 2], dtype=">f8")),
        (["ab", "c"], "S2", np.array([b"ab", b"c"])),
        ([2**64 - 1], "uint64", np.array([2**64 - 1], dtype="u8")),
    ):
        found = open_source(DataSpec(values=values, dtype=dtype), "").read(())
        assert found.dtype == expected.dtype
        assert found.shape == expected.shape
        assert np.array_equal(found, expected)
    dtype_of_rows = [{"t": "float64"}, {"k": "string"}]
    rows = [[0.5, "noise"], {"k": "tone", "t": 1.5}]
    found = open_source(DataSpec(values=rows, dtype=dtype_of_rows), "").read(())
    assert found.tolist() == [(0.5, "noise"), (1.5, "tone")]


def test_arrays_to_be_filled() -> None:
    source = open_source(DataSpec(dtype="int16", shape=[0, 32], fill=0), "")
    assert (source.shape, source.dtype) == ((0, 32), np.dtype("i2"))
    source = open_source(DataSpec(dtype="float64", shape=[2, 3], fill=float("nan")), "")
    assert np.isnan(source.read((slice(None), 1))).tolist() == [True, True]
    assert open_source(DataSpec(dtype="string", shape=[2]), "").read(()).tolist() == ["", ""]
    huge = open_source(DataSpec(dtype="float64", shape=[2**40], fill=1), "")
    assert huge.read((slice(5, 7),)).tolist() == [1.0, 1.0]
    assert not huge.is_stored


def test_stale_files_are_noticed(tmp_path: Path) -> None:
    import nixschema as nx

    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(3))
    (tmp_path / "a.csv").write_text("a\n1\n")
    sources = [
        open_source(DataSpec(file=name), str(tmp_path)) for name in ("a.npy", "a.npz", "a.csv")
    ]
    for path in list(tmp_path.iterdir()):
        path.write_bytes(path.read_bytes() + b"\n")
    for source in sources:
        with pytest.raises(nx.StaleFileError):
            source.read(())
        with pytest.raises(nx.StaleFileError):
            again(source).read(())


def test_equal_sources_know_it(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(6).reshape(2, 3))
    one, two = (open_source(DataSpec(file="a.npy"), str(tmp_path)) for _ in range(2))
    part = open_source(DataSpec(file="a.npy", select="1"), str(tmp_path))
    assert one.identity == two.identity != part.identity
    check(part)
