"""What is written beside a description is read again as it was, type included."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path

import h5py
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

import nixschema as nx
from nixschema.array import Array
from nixschema.sources import DataSpec, SourceError, open_source, write_values
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.encoding import check_encoded
from nixschema.storage.files import Stamp
from nixschema.storage.typenames import encoded_name
from tests.sources.test_formats import DTYPES

QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(st.data())
def test_values_in_memory_come_back(tmp_path: Path, data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
    values = data.draw(hnp.arrays(data.draw(DTYPES), shape))
    spec = write_values(Array(values), str(tmp_path / "a"))
    found = open_source(spec, str(tmp_path)).read(())
    assert spec.file == "a.npy"
    assert found.dtype == values.dtype
    assert found.shape == values.shape
    assert found.tobytes() == values.tobytes()


def texts(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["utf8"] = np.array(["a", "µ", ""], dtype=h5py.string_dtype())
        file["ascii"] = np.array(["a", "b"], dtype=h5py.string_dtype("ascii"))
        file["fixed"] = np.array([b"a\0b", b"c"], dtype=h5py.string_dtype("utf-8", 4))
        file["numpy"] = np.array([b"a\0b", b"c"], dtype="S4")
        file["bool"] = np.array([True, False])
        enum = h5py.enum_dtype({"LOW": 1, "HIGH": 2}, basetype="u1")
        file.create_dataset("enum", data=np.array([1, 2], dtype="u1"), dtype=enum)
        file["opaque"] = np.array([b"abc", b"de"], dtype="V3")
        file["complex"] = np.array([1 + 2j], dtype="c8")
        file["nan"] = np.array([0x7FF8000000000123, 1 << 63], dtype="u8").view("f8")
        file["half"] = np.array([1.5], dtype=">f2")
        record = np.dtype([("t", "<f8"), ("name", h5py.string_dtype()), ("n", ">i2", (2,))])
        file["records"] = np.array([(1.0, "a", [1, 2])], dtype=record)
        gaps = np.dtype({"names": ["a", "b"], "formats": ["i2", "f8"], "offsets": [0, 16]})
        file["gaps"] = np.array([(1, 2.0)], dtype=gaps)
        file["scalar"] = 3
        file["empty"] = np.zeros((0, 3), "i2")
        bits = file.create_dataset("chunked", (100,), "i4", chunks=(7,), compression="gzip")
        bits[...] = range(100)
        kind = h5py.h5t.STD_B8LE.copy()
        space = h5py.h5s.create_simple((2,))
        made = h5py.h5d.create(file.id, b"bits", kind, space)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 0], "u1"), kind)


@pytest.mark.parametrize("exact", [False, True])
def test_values_of_hdf5_come_back(tmp_path: Path, exact: bool) -> None:
    path = tmp_path / "in.h5"
    texts(path)
    stamp = Stamp.of(str(path))
    with h5py.File(path) as file:
        names = list(file)
    for name in names:
        given = Array(DatasetSource.within(str(path), stamp, name))
        spec = write_values(given, str(tmp_path / name), exact=exact)
        found = Array(open_source(spec, str(tmp_path)))
        assert found.shape == given.shape
        assert same_type(found, given), name
        assert list(map(repr, found.read().ravel())) == list(map(repr, given.read().ravel()))
        if given.dtype.kind in "fc":
            assert found.read().tobytes() == given.read().tobytes()
        if exact:
            assert found.chunks == given.chunks or given.chunks is None


def same_type(one: Array, two: Array) -> bool:
    if one.stored_type is None:
        return one.dtype == two.dtype
    return one.stored_type == two.stored_type


def test_arrays_of_a_file_come_back_through_another(tmp_path: Path) -> None:
    texts(tmp_path / "in.h5")
    stamp = Stamp.of(str(tmp_path / "in.h5"))
    with h5py.File(tmp_path / "in.h5") as h5:
        names = [name for name in h5 if name not in ("scalar",)]
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    there = {}
    for name in names:
        given = Array(DatasetSource.within(str(tmp_path / "in.h5"), stamp, name))
        spec = DataSpec(file="in.h5", dataset=name, chunks=[1] * given.ndim, compression=1)
        source = open_source(spec, str(tmp_path))
        there[name] = given
        file.blocks["b"].data_arrays.append(nx.DataArray(name=name, type="t", data=Array(source)))
    nx.write(file, tmp_path / "out.nix", check="none")
    with h5py.File(tmp_path / "out.nix") as made:
        for name in names:
            dataset = made[f"data/b/data_arrays/{name}/data"]
            assert dataset.chunks == (1,) * dataset.ndim
            assert (dataset.compression, dataset.compression_opts) == ("gzip", 1)
    for one in nx.read(tmp_path / "out.nix").blocks["b"].data_arrays:
        assert one.data is not None
        given = there[one.name]
        assert one.data.equals(given), one.name
        if not given.is_text:
            assert same_type(one.data, given)


def test_types_that_numpy_lacks_have_a_name(tmp_path: Path) -> None:
    texts(tmp_path / "in.h5")
    stamp = Stamp.of(str(tmp_path / "in.h5"))
    for name, values in (
        ("enum", [1, 2]),
        ("fixed", ["a", "b"]),
        ("utf8", ["a"]),
        ("half", [1.5]),
    ):
        stored = DatasetSource.within(str(tmp_path / "in.h5"), stamp, name).stored_type
        found = open_source(DataSpec(values=values, dtype=encoded_name(stored)), "")
        assert found.stored_type == stored
        assert found.read(()).dtype == stored.dtype
    for raw in (b"", b"\3\0", b"\3\0\x16\xff\xff\0\x08\0\0\0", stored.encoded[:-1]):
        key = "hdf5:" + base64.b64encode(raw).decode()
        with pytest.raises(SourceError, match="no HDF5 type"):
            open_source(DataSpec(values=[1], dtype=key), "")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_types_are_refused_or_sound(data: st.DataObject) -> None:
    inner = np.dtype([("a", "<i2"), ("b", "S3"), ("c", ">f4", (2,))])
    enum = h5py.enum_dtype({"LOW": 1, "HIGH": 2}, basetype="u1")
    kind = data.draw(st.sampled_from([inner, enum, np.dtype("V5"), np.dtype("c8")]))
    raw = bytearray(h5py.h5t.py_create(kind, logical=True).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    spec = DataSpec(dtype="hdf5:" + base64.b64encode(raw).decode(), shape=[2])
    with suppress(SourceError):
        assert open_source(spec, "").read(()).shape[:1] == (2,)


@pytest.mark.parametrize("chunks", [None, [100, 3], [1000, 1], [7, 32]])
def test_chunks_and_compression_are_as_asked_for(tmp_path: Path, chunks: list[int] | None) -> None:
    values = np.arange(640_000, dtype="i4").reshape(-1, 32)
    values.tofile(tmp_path / "a.raw")
    for compression in (None, "gzip", "none", 0, 9):
        spec = DataSpec(
            file="a.raw", dtype="int32", shape=[-1, 32], chunks=chunks, compression=compression
        )
        data = Array(open_source(spec, str(tmp_path)))
        file = nx.File(blocks=[nx.Block(name="b", type="t")])
        file.blocks["b"].data_arrays.append(nx.DataArray(name="a", type="t", data=data))
        nx.write(file, tmp_path / "out.nix", check="none")
        with h5py.File(tmp_path / "out.nix") as made:
            dataset = made["data/b/data_arrays/a/data"]
            assert np.array_equal(dataset[()], values)
            assert chunks is None or dataset.chunks == tuple(chunks)
            level = {"gzip": 4, "none": None, 0: None, None: None, 9: 9}[compression]
            assert dataset.compression_opts == level


def test_large_arrays_to_be_filled_take_no_room(tmp_path: Path) -> None:
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    spec = DataSpec(dtype="float64", shape=[10**9, 32], fill=1.5)
    data = Array(open_source(spec, str(tmp_path)))
    file.blocks["b"].data_arrays.append(nx.DataArray(name="a", type="t", data=data))
    nx.write(file, tmp_path / "out.nix", check="none")
    assert (tmp_path / "out.nix").stat().st_size < 100_000
    with h5py.File(tmp_path / "out.nix") as made:
        assert made["data/b/data_arrays/a/data"][10**9 - 1, 31] == 1.5


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("int16", "i2"),
        (">f8", ">f8"),
        ("S8", "S8"),
        ("V3", "V3"),
        ("bool", "?"),
        ("float16", "f2"),
        ("complex64", "c8"),
        ("string", "O"),
        ("=u4", "u4"),
    ],
)
def test_types_by_name(name: str, dtype: str) -> None:
    assert open_source(DataSpec(dtype=name, shape=[2]), "").dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", ["f3", "U4", "O", "object", "M8[s]", "float", "i4,i4", "", 3, []])
def test_other_types_are_refused(name: object) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(DataSpec(dtype=name, shape=[2]), "")
    assert (caught.value.rule, caught.value.key) == ("NIX054", "dtype")


def test_all_types_of_hdf5_are_decoded() -> None:
    """What is refused before libhdf5 sees it is damaged indeed."""
    big = np.dtype([(f"field {number}", "<f8", (2, 3)) for number in range(300)])
    for kind in (
        *(h5py.string_dtype(), h5py.string_dtype("ascii", 7), h5py.ref_dtype, h5py.regionref_dtype),
        *(h5py.vlen_dtype("i4"), h5py.enum_dtype({"A": -1, "long name": 5}, "i2"), big),
        *(np.dtype([("a", [("b", h5py.string_dtype())])]), np.dtype("V9"), np.dtype("c16")),
        *(np.dtype("?"), np.dtype(">f2"), np.dtype("u1"), np.dtype("longdouble")),
    ):
        check_encoded(h5py.h5t.py_create(np.dtype(kind), logical=True).encode())
    for kind in (h5py.h5t.UNIX_D32LE, h5py.h5t.STD_B64BE, h5py.h5t.C_S1):
        check_encoded(kind.encode())
