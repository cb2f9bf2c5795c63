"""Files that lie, and descriptions that are wrong: one message each, soon, and in little memory."""

from __future__ import annotations

import os
import pickle
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from nixschema.array import Array
from nixschema.rules.rule import find_rule
from nixschema.sources import DataSpec, SourceError, check, open_source

QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

MOST = 64 * 1024 * 1024
"""Bytes that refusing a file may take."""


def refused(spec: DataSpec, folder: Path, **more: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_source(spec, str(folder), **more)
    error = caught.value
    assert error.key == "" or error.key in DataSpec.__slots__
    assert find_rule(error.rule) is not None
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)
    return error


PLACES = {
    "b.npy": "there is no file `b.npy`: did you mean `a.npy`?",
    "sub/b.npy": "there is no file `sub/b.npy`",
    "folder.npy": "`folder.npy` is a folder; expected a file",
    "pipe.npy": "`pipe.npy` is a pipe; expected a file",
    "loop.npy": "`loop.npy` is a symlink that leads to itself",
    "nowhere.npy": "`nowhere.npy` is a symlink that leads nowhere",
    "out.npy": "`out.npy` lies outside the folder of the description",
    "../a.npy": "`../a.npy` lies outside the folder of the description",
    "/etc/a.npy": "`/etc/a.npy` is an absolute path; expected one relative to the description",
    "C:/a.npy": "`C:/a.npy` is an absolute path; expected one relative to the description",
    "a\0.npy": "the path of the file has a NUL in it",
    "a\\b.npy": "there is no file `a\\b.npy`",
    "a" * 300 + ".npy": "cannot be read: File name too long",
    "\ud800.npy": "cannot be read",
    "lfs.npy": "`lfs.npy` is a pointer of Git LFS to content elsewhere",
}


@pytest.mark.parametrize("name", PLACES)
def test_files_are_found_in_the_folder_only(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    np.save(folder / "a.npy", [1])
    np.save(tmp_path / "a.npy", [1])
    (folder / "folder.npy").mkdir()
    os.mkfifo(folder / "pipe.npy")
    (folder / "loop.npy").symlink_to("loop.npy")
    (folder / "nowhere.npy").symlink_to("nothing")
    (folder / "out.npy").symlink_to("../a.npy")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    (folder / "lfs.npy").write_text(pointer)
    error = refused(DataSpec(file=name), folder)
    assert PLACES[name] in error.message
    assert error.rule == "NIX051"
    assert error.key == "file"


def test_files_elsewhere_are_read_when_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    np.save(tmp_path / "a.npy", [1])
    for name in ("../a.npy", str(tmp_path / "a.npy")):
        assert open_source(DataSpec(file=name), str(folder), allow_outside=True).shape == (1,)
    (folder / "in.npy").symlink_to("sub/../b.npy")
    (folder / "sub").mkdir()
    np.save(folder / "b.npy", [1])
    assert open_source(DataSpec(file="in.npy"), str(folder)).shape == (1,)


def npy(header: str, values: bytes = b"", version: int = 1) -> bytes:
    raw = header.encode()
    width = "<H" if version == 1 else "<L"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, len(raw)) + raw + values


HEADER = "{'descr': %s, 'fortran_order': False, 'shape': %s}\n"

NPY = {
    "empty": (b"", "the file ends within its header"),
    "other": (b"PK\3\4 something", "a `.npy` file begins with"),
    "version": (b"\x93NUMPY\x09\0\0\0", "version 9"),
    "cut": (b"\x93NUMPY\1\0\xff\0{", "ends within its header"),
    "long": (b"\x93NUMPY\2\0\xff\xff\xff\xff{", "the header has 4,294,967,295 bytes"),
    "code": (npy("__import__('os')"), "the header cannot be understood"),
    "deep": (npy("(" * 9000), "the header cannot be understood"),
    "list": (npy("[]"), "the header lacks"),
    "pickled": (npy(HEADER % ("'|O'", "(1,)"), b"12345678"), "pickled Python objects"),
    "pickled inside": (npy(HEADER % ("[('a', '|O')]", "(1,)"), bytes(8)), "pickled"),
    "dates": (npy(HEADER % ("'<M8[s]'", "(1,)"), bytes(8)), "dates or durations"),
    "too short": (npy(HEADER % ("'<f8'", "(2,)"), bytes(8)), "16 bytes of values"),
    "too long": (npy(HEADER % ("'<f8'", "(1,)"), bytes(9)), "there are 9"),
    "huge": (npy(HEADER % ("'<f8'", "(2**62,)".replace("2**62", str(2**62)))), "there are 0"),
    "endless": (npy(HEADER % ("'<f8'", f"({10**30},)")), "which no array has"),
    "negative": (npy(HEADER % ("'<f8'", "(-1,)")), "expected lengths of axes"),
    "axes": (npy(HEADER % ("'<f8'", str((1,) * 40)), bytes(8)), "40 axes"),
    "type": (npy(HEADER % ("'hello'", "(1,)")), "none"),
    "nothing": (npy(HEADER % ("'|V0'", "(1,)")), "no bytes"),
}


@pytest.mark.parametrize("case", NPY.values(), ids=NPY)
def test_npy_that_lies_is_refused(case: tuple[bytes, str], tmp_path: Path) -> None:
    raw, said = case
    (tmp_path / "a.npy").write_bytes(raw)
    error = refused(DataSpec(file="a.npy"), tmp_path)
    assert said in error.message
    assert error.message.startswith("`a.npy`: ")
    (tmp_path / "a.npz").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", raw)
    assert said in refused(DataSpec(file="a.npz"), tmp_path).message


def test_npy_of_other_versions(tmp_path: Path) -> None:
    text = "ab".encode("utf-32-le")
    for version, told in ((2, "'<U2'"), (3, "[('µ', '<U2')]")):
        (tmp_path / "a.npy").write_bytes(npy(HEADER % (told, "(1,)"), text, version))
        source = open_source(DataSpec(file="a.npy"), str(tmp_path))
        assert source.read(()).tolist() == (["ab"] if version == 2 else [("ab",)])
    bad = npy(HEADER % ("'<U1'", "(1,)"), b"\xff\xff\xff\xff")
    (tmp_path / "a.npy").write_bytes(bad)
    with pytest.raises(SourceError, match="no text"):
        check(open_source(DataSpec(file="a.npy"), str(tmp_path)))


@QUICK
@given(st.data())
def test_damaged_files_are_refused_or_sound(tmp_path: Path, data: st.DataObject) -> None:
    values = np.arange(40, dtype="f4").reshape(8, 5)
    name = data.draw(st.sampled_from(["a.npy", "a.npz", "b.npz", "a.csv", "a.h5"]))
    path = tmp_path / name
    if name == "a.npy":
        np.save(path, values)
    elif name == "a.npz":
        np.savez(path, x=values)
    elif name == "b.npz":
        np.savez_compressed(path, x=values)
    elif name == "a.csv":
        np.savetxt(path, values, delimiter=",", header="a,b,c,d,e", comments="")
    else:
        with h5py.File(path, "w") as file:
            file["x"] = values
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw))) :]
    path.write_bytes(raw)
    columns = "all" if name == "a.csv" else None
    spec = DataSpec(file=name, columns=columns, dataset="/x" if name == "a.h5" else None)
    # Values of HDF5 are read by libhdf5, which tells its own errors.
    with suppress(SourceError, *((OSError, RuntimeError) if name == "a.h5" else ())):
        source = open_source(spec, str(tmp_path))
        assert Array(source).size < 10_000
        check(source)


def test_archives_that_fill_the_disk_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(2_000_000))
    assert open_source(DataSpec(file="a.npz"), str(tmp_path)).shape == (2_000_000,)
    monkeypatch.setattr("nixschema.sources.npy._BOMB_BYTES", 1_000_000)
    assert "made to fill" in refused(DataSpec(file="a.npz"), tmp_path).message


def test_archives_that_lie_are_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(2000))
    raw = bytearray((tmp_path / "a.npz").read_bytes())
    entry = raw.index(b"PK\1\2")
    for place, claimed, said in (
        (24, 2**31, "which cannot be"),
        (24, 10_000, "bytes of values"),
        (20, 2**31, "more bytes of the member than are there"),
        (42, 2**31, "not where it says"),
    ):
        lying = raw.copy()
        struct.pack_into("<L", lying, entry + place, claimed)
        (tmp_path / "b.npz").write_bytes(lying)
        assert said in refused(DataSpec(file="b.npz"), tmp_path).message
    cut = raw.copy()
    struct.pack_into("<L", cut, entry + 20, struct.unpack_from("<L", raw, entry + 20)[0] - 9)
    (tmp_path / "b.npz").write_bytes(cut)
    with pytest.raises(SourceError, match="end before all are there"):
        check(open_source(DataSpec(file="b.npz"), str(tmp_path)))


def test_names_in_archives_are_names_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("../../etc/passwd.npy", npy(HEADER % ("'|u1'", "(1,)"), b"1"))
    spec = DataSpec(file="a.npz", member="../../etc/passwd")
    assert open_source(spec, str(tmp_path)).read(()).tolist() == [49]


def test_archive_members(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", voltage=[1], current=[2])
    error = refused(DataSpec(file="a.npz"), tmp_path)
    assert "2 arrays" in error.message
    assert error.help == "give `member`, one of: `voltage`, `current`"
    error = refused(DataSpec(file="a.npz", member="voltge"), tmp_path)
    assert "did you mean `voltage`?" in error.message
    with zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.npy", b"")
    assert "another way" in refused(DataSpec(file="b.npz"), tmp_path).message
    (tmp_path / "c.npz").write_bytes(b"PK")
    assert "no `.npz` archive" in refused(DataSpec(file="c.npz"), tmp_path).message


CSV: dict[str, tuple[str, DataSpec, str, int | None]] = {
    "empty": ("", DataSpec(), "the file has no rows; expected a header", None),
    "ragged": ("a,b\n1,2\n1\n", DataSpec(column="a"), "1 field in a row; expected 2", 3),
    "wide": ("a,b\n1,2,3\n", DataSpec(column="a"), "3 fields in a row; expected 2", 2),
    "text": ("a\n1\n2\nx\n", DataSpec(), "`x` in column `a`; expected a number", 4),
    "text after quoted lines": (
        'a,b\n1,"x\ny\nz"\nq,2\n',
        DataSpec(column="a"),
        "`q` in column `a`; expected a number",
        5,
    ),
    "comma": ("a;b\n1;2\n0,5;2\n", DataSpec(delimiter=";", column="a"), "`0,5`", 3),
    "nothing": ("a,b\n1,2\n,2\n", DataSpec(column="a"), "an empty field in column `a`", 3),
    "column": ("time,v\n1,2\n", DataSpec(column="tme"), "did you mean `time`?", None),
    "number": ("a,b\n1,2\n", DataSpec(column=2), "there is no column 2", None),
    "no header": ("1,2\n", DataSpec(column="a", header=False), "has no header", None),
    "which": ("a,b\n1,2\n", DataSpec(), "2 columns; which one is meant?", None),
    "twice": ("v,v\n1,2\n", DataSpec(column="v"), "2 columns are named `v`", None),
    "kinds": ("a,b\n1,x\n", DataSpec(columns="all"), "columns of different kinds", None),
    "missing among integers": (
        "a\n1\nNA\n",
        DataSpec(missing="NA"),
        "a missing value in column `a` of integers",
        3,
    ),
    "missing among bytes": (
        "a\n1\nNA\n",
        DataSpec(missing="NA", dtype="int8"),
        "the missing value `NA` in column `a`",
        3,
    ),
    "range": ("a\n1\n\n300\n", DataSpec(dtype="int8", missing="x"), "an empty field", 3),
    "beyond": ("a\n1\n300\n", DataSpec(dtype="int8"), "`300` in column `a` does not fit", 3),
    "fraction": ("a\n1\n2.5\n", DataSpec(dtype="int8"), "`2.5` in column `a` does not fit", 3),
    "large": ("a\n1\n99999999999999999999\n", DataSpec(), "too large for an integer", 3),
    "underscore": ("a\n1\n1_0\n", DataSpec(), "`1_0` in column `a`", 3),
    "quote": ('a\n1\n"2\n3\n', DataSpec(), "cannot be taken apart", 3),
    "NUL": ("a\n1\n\0\n", DataSpec(), "a NUL", 3),
    "encoding": ("a\n1\nµ\n", DataSpec(encoding="ascii"), "the text is no ascii", 3),
    "no encoding": ("a\n1\n", DataSpec(encoding="klingon"), "no encoding `klingon`", None),
    "no text encoding": ("a\n1\n", DataSpec(encoding="zlib"), "no encoding `zlib`", None),
    "skip": ("a\n1\n", DataSpec(skip_rows=5), "2 lines", None),
    "delimiter": ("a\n1\n", DataSpec(delimiter=";;"), "expected a single character", None),
    "commas": ("a\n1\n", DataSpec(decimal=","), "expected `delimiter`", None),
    "truth": ("a\ntrue\n2\n", DataSpec(), "`2` in column `a`; expected true or false", 3),
}


@pytest.mark.parametrize("case", CSV.values(), ids=CSV)
def test_csv_with_mistakes(case: tuple[str, DataSpec, str, int | None], tmp_path: Path) -> None:
    text, spec, said, line = case
    (tmp_path / "a.csv").write_bytes(text.encode())
    given = {name: getattr(spec, name) for name in DataSpec.__slots__}
    error = refused(DataSpec(**{**given, "file": "a.csv"}), tmp_path)
    assert said in error.message
    assert error.line == line
    assert line is None or f"`a.csv`, line {line}: " in error.message


@pytest.mark.parametrize(
    "text", [b'"' + b"x\n" * 8_000_000, b"1," * 8_000_000, b"\n" * 8_000_000 + b"1\n"]
)
def test_csv_without_end_takes_little_memory(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n" + text)
    tracemalloc.start()
    try:
        refused(DataSpec(file="a.csv"), tmp_path)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


SPECS: dict[str, tuple[DataSpec, str, str]] = {
    "none": (DataSpec(), "", "nothing says where values come from"),
    "two": (DataSpec(values=[1], file="a.npy"), "file", "expected one of them"),
    "key": (DataSpec(file="a.npy", column=1), "column", "says nothing about a `.npy` file"),
    "suffix": (DataSpec(file="a.xyz"), "file", "does not tell the format"),
    "format": (DataSpec(file="a.npy", format="npyy"), "format", "did you mean `npy`?"),
    "raw": (DataSpec(file="a.raw"), "", "expected `dtype`"),
    "length": (DataSpec(file="a.raw", dtype="i4", shape=[-1, 3]), "shape", "no multiple of 12"),
    "exact": (DataSpec(file="a.raw", dtype="i4", shape=[3]), "shape", "expected 12: [3] of"),
    "zero": (DataSpec(file="a.raw", dtype="i4", shape=[-1, 0]), "shape", "no multiple of 0"),
    "offset": (DataSpec(file="a.raw", dtype="i4", offset=99), "offset", "the offset of 99"),
    "twice": (DataSpec(file="a.raw", dtype="i4", shape=[-1, -1]), "shape", "at most one"),
    "text": (DataSpec(file="a.raw", dtype="string"), "dtype", "no fixed number of bytes"),
    "shape": (DataSpec(file="a.npy", shape=[2]), "shape", "the shape [2, 2]; expected [2]"),
    "shape kind": (DataSpec(file="a.npy", shape="2"), "shape", "a list of lengths"),  # type: ignore[arg-type]
    "beyond": (DataSpec(file="a.npy", select="0:3"), "select", "goes beyond axis 0"),
    "index": (DataSpec(file="a.npy", select="-3"), "select", "goes beyond axis 0"),
    "axes": (DataSpec(file="a.npy", select="0,0,0"), "select", "3 axes; there are 2"),
    "no slice": (DataSpec(file="a.npy", select="x"), "select", "no index, and no slice"),
    "step": (DataSpec(file="a.npy", select="::0"), "select", "a step of 0"),
    "transpose": (DataSpec(file="a.npy", transpose=[0, 0]), "transpose", "in some order"),
    "type": (DataSpec(file="a.npy", dtype="int46"), "dtype", "did you mean `int64`?"),
    "bits": (DataSpec(file="a.npy", dtype="float"), "dtype", "there is no type `float`"),
    "fits": (DataSpec(file="a.npy", dtype=[{"a": "i4"}]), "dtype", "cannot become"),
    "record": (DataSpec(values=[[1, 2]], dtype=[{"a": "i4"}]), "values", "2 values in a row"),
    "chunks": (DataSpec(file="a.npy", chunks=[1]), "chunks", "chunks of 1 axes"),
    "chunk": (DataSpec(file="a.npy", chunks=[2**20, 2**20]), "chunks", "expected at most"),
    "level": (DataSpec(file="a.npy", compression=11), "compression", "from 0 to 9"),
    "sum": (DataSpec(file="a.npy", sha256="0" * 64), "sha256", "has the checksum"),
    "no sum": (DataSpec(file="a.npy", sha256="abc"), "sha256", "no SHA-256 checksum"),
    "mixed": (DataSpec(values=[1, "a"]), "values", "`a` is text; expected a number"),
    "truth": (DataSpec(values=[1, True]), "values", "is a boolean; expected a number"),
    "null": (DataSpec(values=[1, None]), "values", "an empty value among the values"),
    "ragged": (DataSpec(values=[[1], [2, 3]]), "values", "2 values in a list; expected 1"),
    "uneven": (DataSpec(values=[1, [2]]), "values", "a list beside single values"),
    "small": (DataSpec(values=[1, 300], dtype="int8"), "dtype", "`300` at [1] does not fit int8"),
    "whole": (DataSpec(values=[2.5], dtype="int8"), "dtype", "`2.5` at [0] does not fit int8"),
    "exactly": (DataSpec(values=[2**53 + 1], dtype="float64"), "dtype", "does not fit float64"),
    "fill": (DataSpec(dtype="int8", shape=[1], fill=300), "fill", "`300` does not fit int8"),
    "immense": (DataSpec(dtype="f8", shape=[2**62]), "shape", "no file can hold"),
    "texts": (DataSpec(dtype="string", shape=[2**40]), "shape", "all of the same value"),
    "dataset": (DataSpec(file="a.h5"), "dataset", "expected `dataset`"),
    "no HDF5": (DataSpec(file="b.h5", dataset="/x"), "", "is not an HDF5 file"),
}


@pytest.mark.parametrize("case", SPECS.values(), ids=SPECS)
def test_descriptions_that_do_not_fit(case: tuple[DataSpec, str, str], tmp_path: Path) -> None:
    spec, key, said = case
    np.save(tmp_path / "a.npy", [[1, 2], [3, 4]])
    (tmp_path / "a.raw").write_bytes(bytes(16))
    (tmp_path / "b.h5").write_bytes(b"no")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = [1]
    error = refused(spec, tmp_path)
    assert said in error.message
    assert error.key == key


def test_values_that_do_not_fit_are_told_by_a_first_pass(tmp_path: Path) -> None:
    values = np.zeros((1000, 1000), dtype="i4")
    values[900, 5] = 40_000
    np.save(tmp_path / "a.npy", values)
    source = open_source(DataSpec(file="a.npy", dtype="int16"), str(tmp_path))
    assert source.read((slice(0, 3), 5)).tolist() == [0, 0, 0]
    with pytest.raises(SourceError, match=r"`40000` at \[900, 5\] does not fit int16"):
        check(source)


@pytest.mark.parametrize(
    ("value", "given", "wanted", "fits"),
    [
        (2**53, "i8", "f8", True),
        (2**53 + 1, "i8", "f8", False),
        (2**63 - 1, "i8", "f8", False),
        (-(2**63), "i8", "f8", True),
        (2**64 - 1, "u8", "i8", False),
        (-1, "i8", "u8", False),
        (2.0**63, "f8", "i8", False),
        (-(2.0**63), "f8", "i8", True),
        (float("nan"), "f8", "i4", False),
        (0.1, "f8", "f4", True),
        (1e300, "f8", "f4", False),
        (float("inf"), "f8", "f2", True),
        (2049, "i4", "f2", False),
        (2, "i4", "bool", False),
        (1, "i4", "bool", True),
        (255, "f4", "u1", True),
        (256, "f4", "u1", False),
        (7, "u1", "c8", True),
    ],
)
def test_conversion_keeps_values_or_is_refused(
    value: Any, given: str, wanted: str, fits: bool, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", np.array([value], dtype=given))
    source = open_source(DataSpec(file="a.npy", dtype=wanted), str(tmp_path))
    if fits:
        assert source.read(())[0] == np.array([value], dtype=wanted)[0]
    else:
        with pytest.raises(SourceError, match="does not fit"):
            source.read(())
