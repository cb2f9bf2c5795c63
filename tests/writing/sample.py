"""A small sound file with something unknown of every kind that HDF5 has."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5s, h5t

from tests.plain import ASCII, UTF8, new_group, write
from tests.sound import SOUND

SESSION = "/data/session"
VOLTAGE = f"{SESSION}/data_arrays/voltage"
LFP = f"{SESSION}/data_arrays/lfp"
EVENTS = f"{SESSION}/data_arrays/events"
FRAME = f"{SESSION}/data_frames/trials"
TAG = f"{SESSION}/tags/stimulus"
SUBJECT = "/metadata/subject"
SPECIES = f"{SUBJECT}/properties/species"
AGE = f"{SUBJECT}/properties/age"
UNKNOWN = f"{VOLTAGE}/unknown"
TIME = "20210304T120000"


def write_sample(path: Path) -> None:
    """Write the file."""
    write(SOUND, path)
    with h5py.File(path, "r+") as file:
        _write_arrays(file)
        unknown = new_group(file[VOLTAGE], "unknown")
        _write_links(file, unknown)
        _write_attributes(file, unknown)
        _write_datasets(file, unknown)


def _write_arrays(file: h5py.File) -> None:
    """Data in chunks, of which some are not written, of all kinds that a writer stores."""
    large = file[LFP]
    del large["data"]
    made = large.create_dataset(
        "data", (6, 8), ">i2", chunks=(2, 4), maxshape=(None, None), compression=4, fillvalue=-7
    )
    made[:2] = np.arange(16).reshape(2, 8)
    made[4:, :4] = 3
    file[VOLTAGE]["data"][3] = np.nan
    for name, dtype, values in (
        ("packed", ">i2", [1, 2, 3, 4]),
        ("texts", UTF8, ["a", "µ", ""]),
        ("words", "S5", [b"one", b"three"]),
        ("flags", bool, [True, False]),
        ("numbers", np.complex64, [1 + 2j]),
    ):
        array = new_group(file[f"{SESSION}/data_arrays"], name)
        texts = {"name": name, "type": "t", "entity_id": str(uuid5(NAMESPACE_URL, name))}
        for key, text in {**texts, "created_at": TIME, "updated_at": TIME}.items():
            array.attrs.create(key, text, dtype=UTF8)
        more: dict[str, Any] = {"compression": 4, "fillvalue": -7} if name == "packed" else {}
        array.create_dataset(
            "data", data=values, dtype=dtype, chunks=(4,), maxshape=(None,), **more
        )


def _write_links(file: h5py.File, unknown: h5py.Group) -> None:
    unknown["soft"] = h5py.SoftLink("../data")
    unknown["external"] = h5py.ExternalLink("elsewhere.h5", "/there")
    unknown["again"] = file[EVENTS]
    unknown["itself"] = unknown
    unknown["root"] = file["/"]
    unknown["type"] = np.dtype("<f4")
    plain = unknown.create_group("unordered")
    for name in "cab":
        plain.create_group(name)


def _write_attributes(file: h5py.File, unknown: h5py.Group) -> None:
    attributes = unknown.attrs
    attributes.create("text", "x", dtype=ASCII)
    attributes.create("number", 2, dtype="<i4")
    attributes.create("numbers", [1.5, np.nan])
    attributes.create("array", file[EVENTS].ref, dtype=h5py.ref_dtype)
    attributes.create("region", file[EVENTS]["data"].regionref[1:3], dtype=h5py.regionref_dtype)
    attributes["nothing"] = h5py.Empty("f8")
    lists = np.empty(2, object)
    lists[:] = [np.array([1, 2], np.int16), np.array([], np.int16)]
    attributes.create("lists", lists, dtype=h5py.vlen_dtype(np.int16))
    h5a.create(unknown.id, b"named", unknown["type"].id, h5s.create(h5s.SCALAR)).write(
        np.array(0.5, np.float32)
    )
    file[VOLTAGE].attrs.create("more", "x", dtype=ASCII)
    file[VOLTAGE].attrs.create("weight", 2, dtype="<i4")


def _write_datasets(file: h5py.File, unknown: h5py.Group) -> None:
    unknown["contiguous"] = np.arange(5.0)
    unknown.create_dataset("texts", data=["a", "b"], dtype=ASCII)
    unknown["scalar"] = 7
    unknown["nothing"] = h5py.Empty("f8")
    padded = np.dtype([("a", "u1"), ("b", "<f8"), ("c", UTF8)], align=True)
    unknown.create_dataset("rows", data=np.array([(1, 0.5, "x"), (2, 1.5, "y")], padded))
    references = np.array([file[EVENTS].ref, file[LFP].ref, None], object)
    unknown.create_dataset("references", data=references, dtype=h5py.ref_dtype)
    unknown.create_dataset("named", data=[0.5], dtype=unknown["type"])
    unknown.create_dataset("outside", (4,), "f8", external=[("elsewhere.raw", 0, 32)])
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", (4,))
    unknown.create_virtual_dataset("virtual", layout)
    bits = h5d.create(unknown.id, b"bits", h5t.STD_B8LE, h5s.create_simple((3,)))
    bits.write(h5s.ALL, h5s.ALL, np.array([1, 2, 3], np.uint8), h5t.STD_B8LE)
    h5d.create(unknown.id, b"time", h5t.UNIX_D32LE, h5s.create_simple((2,)))
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(32767, h5py.h5z.FLAG_OPTIONAL, (1, 2))
    odd = h5d.create(unknown.id, b"filtered", h5t.IEEE_F64LE, h5s.create_simple((4,)), plist)
    odd.write_direct_chunk((0,), b"not four numbers", 0)
