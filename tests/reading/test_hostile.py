"""Files made to make a reader follow, hang, crash or give up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

import nixschema as nx
from tests.plain import write

Edit = Callable[[h5py.File], None]

TREE = {
    "version": [1, 2, 1],
    "id": "00000000-0000-4000-8000-000000000000",
    "created_at": "20200101T000000",
    "updated_at": "20200101T000000",
    "blocks": [
        {
            "id": "00000000-0000-4000-8000-000000000001",
            "name": "b",
            "type": "t",
            "created_at": "20200101T000000",
            "updated_at": "20200101T000000",
            "data_arrays": [
                {
                    "id": "00000000-0000-4000-8000-000000000002",
                    "name": "a",
                    "type": "t",
                    "created_at": "20200101T000000",
                    "updated_at": "20200101T000000",
                    "data": {"dtype": "float64", "shape": [4], "values": [1.0, 2.0, 3.0, 4.0]},
                    "dimensions": [{"dimension_type": "set"}],
                }
            ],
        }
    ],
    "metadata": [],
}

ARRAY = "/data/b/data_arrays/a"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], Path]:
    """Writes the small file and edits it by h5py."""

    def make(edit: Edit) -> Path:
        path = tmp_path / "file.nix"
        write(TREE, path)
        with h5py.File(path, "r+") as file:
            edit(file)
        return path

    return make


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe: whoever opens it waits for ever."""
    path = tmp_path / "outside.h5"
    os.mkfifo(path)
    return path


def run_bounded(path: Path) -> str:
    """Reads, checks and shows a file in a process of its own, which must end by itself."""
    code = (
        "import sys, nixschema as nx\n"
        "report = nx.validate(sys.argv[1])\n"
        "file = nx.read(sys.argv[1])\n"
        "assert file == nx.read(sys.argv[1])\n"
        "print(*report.findings, sep='\\n')\n"
        "array = file.blocks[0].data_arrays[0].data\n"
        "print(array)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_virtual_datasets_are_described_and_not_followed(
    edited: Callable[[Edit], Path], fifo: Path
) -> None:
    def edit(file: h5py.File) -> None:
        del file[ARRAY]["data"]
        layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(fifo), "x", shape=(4,))
        file[ARRAY].create_virtual_dataset("data", layout)

    said = run_bounded(edited(edit))
    assert f"{ARRAY}/data: NIX015 error" in said
    assert "<Array float64 4>" in said


def test_unlimited_virtual_datasets_are_not_followed(
    edited: Callable[[Edit], Path], fifo: Path
) -> None:
    def edit(file: h5py.File) -> None:
        del file[ARRAY]["data"]
        source = h5py.VirtualSource(str(fifo), "x", shape=(1,), maxshape=(None,))
        layout = h5py.VirtualLayout(shape=(1,), dtype="f8", maxshape=(None,))
        layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
        file[ARRAY].create_virtual_dataset("data", layout)

    assert "NIX015 error" in run_bounded(edited(edit))


def test_external_storage_is_described_and_not_followed(
    edited: Callable[[Edit], Path], fifo: Path
) -> None:
    def edit(file: h5py.File) -> None:
        del file[ARRAY]["data"]
        file[ARRAY].create_dataset("data", (4,), "f8", external=[(str(fifo), 0, 32)])

    said = run_bounded(edited(edit))
    assert f"{ARRAY}/data: NIX015 error" in said
    with pytest.raises(OSError, match="outside"):
        array_of(edited(edit)).read()


def array_of(path: Path) -> nx.Array:
    data = nx.read(path).blocks[0].data_arrays[0].data
    assert data is not None
    return data


def test_external_links_are_not_followed(edited: Callable[[Edit], Path], fifo: Path) -> None:
    def edit(file: h5py.File) -> None:
        file["/data/b/data_arrays"]["x"] = h5py.ExternalLink(str(fifo), "/x")
        file["/data/b/data_arrays"]["y"] = h5py.SoftLink("x/z")

    said = run_bounded(edited(edit))
    assert "/data/b/data_arrays: NIX014 error: `x` is a link to `/x` in another file" in said
    assert "/data/b/data_arrays: NIX711 error: `y` is a soft link to `x/z`" in said


def test_soft_links_that_lead_to_each_other(edited: Callable[[Edit], Path]) -> None:
    def edit(file: h5py.File) -> None:
        for name, target in (("x", "y"), ("y", "x"), ("z", "z/z")):
            file["/data/b/data_arrays"][name] = h5py.SoftLink(target)

    assert run_bounded(edited(edit)).count("NIX711") == 3


def test_soft_links_are_followed_inside_the_file(edited: Callable[[Edit], Path]) -> None:
    def edit(file: h5py.File) -> None:
        elsewhere = file.create_group("elsewhere")
        file.move("/data/b/data_arrays/a", "/elsewhere/a")
        file["/data/b/data_arrays"]["a"] = h5py.SoftLink("/elsewhere/a")
        elsewhere["self"] = h5py.SoftLink("/elsewhere")

    file = nx.read(edited(edit))
    assert file.blocks["b"].data_arrays.names() == ["a"]
    assert any(finding.rule == "NIX016" for finding in file.findings)


@pytest.mark.parametrize("where", ["/", "/data/b", ARRAY, f"{ARRAY}/dimensions/1"])
def test_hard_links_back(edited: Callable[[Edit], Path], where: str) -> None:
    def edit(file: h5py.File) -> None:
        for name in ("data_arrays", "sources", "dimensions", "link", "unknown", "metadata", "data"):
            for number, target in enumerate(("/", "/data", "/data/b", ARRAY)):
                group = file[where]
                if name not in group:
                    group[name] = file[target]
                else:
                    group[f"{name}{number}"] = file[target]

    run_bounded(edited(edit))


def odd_types() -> dict[str, h5t.TypeID]:
    """HDF5 types that numpy lacks, or that hold addresses."""
    wide = h5t.STD_I64LE.copy()
    wide.set_size(16)
    tiny = h5t.STD_U8LE.copy()
    tiny.set_precision(3)
    tagged = h5t.create(h5t.OPAQUE, 5)
    tagged.set_tag(b"unit/test")
    record = h5t.create(h5t.COMPOUND, 24)
    record.insert(b"text", 0, h5t.py_create(h5py.string_dtype(), logical=True))
    record.insert(b"bits", 16, h5t.STD_B16LE)
    words = h5t.enum_create(h5t.STD_I16LE)
    words.enum_insert(b"ON", 1)
    words.enum_insert(b"OFF", 0)
    return {
        "128 bit": wide,
        "3 bit": tiny,
        "opaque": tagged,
        "bits": h5t.STD_B16LE,
        "bits8": h5t.STD_B8BE,
        "time": h5t.UNIX_D32LE,
        "reference": h5t.STD_REF_OBJ,
        "region": h5t.STD_REF_DSETREG,
        "lists": h5t.vlen_create(h5t.STD_I32LE),
        "lists of texts": h5t.vlen_create(h5t.py_create(h5py.string_dtype(), logical=True)),
        "fixed array": h5t.array_create(h5t.IEEE_F32LE, (2, 3)),
        "record": record,
        "enum": words,
        "half": h5t.IEEE_F16LE,
        "vax": h5t.IEEE_F32BE,
    }


@pytest.mark.parametrize("name", odd_types())
def test_odd_types_of_attributes_and_datasets(edited: Callable[[Edit], Path], name: str) -> None:
    def edit(file: h5py.File) -> None:
        kind = odd_types()[name]
        array = file[ARRAY]
        one = h5s.create(h5s.SCALAR)
        list_space = h5s.create_simple((3,))
        for attribute in (b"unit", b"unknown", b"expansion_origin"):
            if attribute.decode() in array.attrs:
                del array.attrs[attribute.decode()]
            h5py.h5a.create(array.id, attribute, kind, one)
        h5py.h5a.create(array.id, b"label", kind, list_space)
        h5py.h5a.create(array.id, b"definition", kind, h5s.create(h5s.NULL))
        del array["data"]
        h5d.create(array.id, b"data", kind, list_space)
        h5d.create(array.id, b"polynom_coefficients", kind, list_space)
        h5d.create(array.id, b"unknown", kind, list_space)

    path = edited(edit)
    said = run_bounded(path)
    assert "NIX" in said
    subprocess.run(
        [sys.executable, "-m", "nixschema", "show", str(path), "b/a"], check=True, timeout=60
    )


def test_named_types(edited: Callable[[Edit], Path]) -> None:
    def edit(file: h5py.File) -> None:
        file["type"] = np.dtype("f8")
        array = file[ARRAY]
        del array["data"]
        array.create_dataset("data", (2,), dtype=file["type"])
        array.attrs.create("expansion_origin", 2.5, dtype=file["type"])
        array["references"] = file["type"]

    path = edited(edit)
    file = nx.read(path)
    assert file.blocks[0].data_arrays[0].expansion_origin == 2.5
    assert "NIX" in run_bounded(path)


def test_sizes_that_are_only_claimed(edited: Callable[[Edit], Path]) -> None:
    """Datasets that claim to be huge cost nothing until they are read."""

    def edit(file: h5py.File) -> None:
        array = file[ARRAY]
        huge = {"shape": (2**40,), "maxshape": (None,)}
        del array["data"]
        array.create_dataset("data", dtype="f8", chunks=(2**20,), **huge)
        array.create_dataset("polynom_coefficients", dtype="f8", chunks=(2**20,), **huge)
        labels = array["dimensions/1"]
        labels.create_dataset("labels", dtype=h5py.string_dtype(), chunks=(2**16,), **huge)
        section = file["metadata"].create_group("s")
        section.attrs["name"] = section.attrs["type"] = "s"
        properties = section.create_group("properties")
        made = properties.create_dataset("p", dtype="i8", chunks=(2**20,), **huge)
        made.attrs["entity_id"] = "00000000-0000-4000-8000-000000000003"

    said = run_bounded(edited(edit))
    assert "NIX110 error: `labels` cannot be read: 1,099,511,627,776 values" in said
    assert "NIX110 error: `values` cannot be read: 1,099,511,627,776 values" in said


def test_a_filter_that_is_not_installed(edited: Callable[[Edit], Path]) -> None:
    def edit(file: h5py.File) -> None:
        array = file[ARRAY]
        del array["data"]
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((4,))
        plist.set_filter(32767, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        made = h5d.create(array.id, b"data", h5t.IEEE_F64LE, h5s.create_simple((4,)), plist)
        made.write_direct_chunk((0,), b"not four numbers", 0)

    path = edited(edit)
    assert "NIX017 error" in run_bounded(path)
    with pytest.raises(OSError, match=r"read|filter"):
        array_of(path).read()


def test_many_and_large_attributes(edited: Callable[[Edit], Path]) -> None:
    def edit(file: h5py.File) -> None:
        array = file[ARRAY]
        for number in range(2000):
            array.attrs[f"a{number}"] = number
        array.attrs["large"] = np.zeros(1000)
        array.attrs["text"] = "x" * 50_000

    path = edited(edit)
    extra = nx.read(path).blocks[0].data_arrays[0].extra
    assert len(extra.attributes) == 2002
    run_bounded(path)


def test_names_that_write_to_the_terminal(edited: Callable[[Edit], Path]) -> None:
    """No control character of a file reaches the terminal, no odd byte stops the program."""

    def edit(file: h5py.File) -> None:
        name = "\x1b[31mred\nline\x07"
        group = file["/data/b/data_arrays"].create_group(name)
        group.attrs["name"] = name
        group.attrs["type"] = "\x1b]0;title\x07"
        h5py.h5g.create(file["/data/b/data_arrays"].id, b"caf\xe9 \xff")

    path = edited(edit)
    for command in (["validate", "-v"], ["show"], ["validate", "--format", "json"]):
        done = subprocess.run(
            [sys.executable, "-m", "nixschema", *command, str(path)],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert b"\x1b" not in done.stdout
        assert b"\x07" not in done.stdout
        assert b"Traceback" not in done.stderr
        assert done.stdout.decode("utf-8")
