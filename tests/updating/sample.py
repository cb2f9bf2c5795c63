"""A file with data that link to sections, and what plain h5py sees of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

import nixschema as nx
from nixschema.odml.from_nix import document_of
from nixschema.odml.reading import read_odml_bytes
from nixschema.odml.writing import odml_text
from nixschema.odml_model.document import Document

OLD = "20010203T040506"


def recording() -> nx.File:
    """Data of all kinds of storage, linked to sections at several depths."""
    file = nx.File()
    subject = nx.Section(name="subject", type="subject")
    subject.properties.append(nx.Property(name="age", values=[3], unit="d", storage="int32"))
    subject.properties.append(nx.Property(name="species", values=["mouse"], definition="what"))
    cell = nx.Section(name="cell", type="cell")
    subject.sections.append(cell)
    rig = nx.Section(name="rig", type="setup", link=subject)
    rig.sections.append(nx.Section(name="amplifier", type="hardware"))
    rig.sections["amplifier"].properties.append(nx.Property(name="gain", values=[10.0]))
    file.metadata.extend([subject, rig])
    block = nx.Block(name="session", type="recording", metadata=subject)
    block.data_arrays.append(
        nx.DataArray(
            name="voltage",
            type="nix.sampled",
            data=np.arange(3000.0),
            metadata=cell,
            dimensions=[nx.SampledDimension(sampling_interval=0.1)],
        )
    )
    block.data_arrays.append(
        nx.DataArray(
            name="words",
            type="nix.set",
            data=np.array(["a", "bc", ""], dtype=object),
            dimensions=[nx.SetDimension(labels=["x", "y", "z"])],
            metadata=rig.sections["amplifier"],
        )
    )
    file.blocks.append(block)
    return file


def written(path: Path, file: nx.File | None = None) -> Path:
    """The file on disk; all in it is old."""
    nx.write(recording() if file is None else file, path, compression=4)
    with h5py.File(path, "r+") as made:

        def age(_: str, thing: Any) -> None:
            for name in ("created_at", "updated_at"):
                if name in thing.attrs:
                    thing.attrs[name] = OLD

        made.visititems(age)
    return path


def bytes_of(dataset: Any) -> Any:
    """The values of a dataset as they stand in the file."""
    found = dataset.id
    if dataset.chunks is None or dataset.dtype.hasobject:
        return repr(dataset[()].tolist()) if dataset.dtype.kind in "OV" else dataset[()].tobytes()
    chunks = [found.get_chunk_info(number) for number in range(found.get_num_chunks())]
    return [(*one, found.read_direct_chunk(one.chunk_offset)[1]) for one in chunks]


def data_of(path: Path) -> dict[str, Any]:
    """Address, attributes and stored bytes of all objects of data; where their metadata lie."""
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        sections = {
            h5py.h5o.get_info(thing.id).addr: name for name, thing in all_of(file["metadata"])
        }

        for name, thing in all_of(file["data"]):
            info = h5py.h5o.get_info(thing.id)
            attributes = {key: str(value) for key, value in thing.attrs.items()}
            content = bytes_of(thing) if isinstance(thing, h5py.Dataset) else list(thing)
            linked = None
            if isinstance(thing, h5py.Group) and "metadata" in thing:
                address = h5py.h5o.get_info(thing["metadata"].id).addr
                linked = (address, sections.get(address))
            found[name] = (info.addr, attributes, content, linked)
    return found


def all_of(group: Any) -> list[tuple[str, Any]]:
    """All objects in a group by the paths that lead to them, but not through links to sections; no
    group is looked into twice.
    """
    found: list[tuple[str, Any]] = []
    seen: set[int] = set()
    stack = [("", group)]
    while stack:
        path, here = stack.pop()
        for name in here:
            if name in ("metadata", "link"):
                continue
            thing = here[name]
            found.append((f"{path}/{name}", thing))
            address = h5py.h5o.get_info(thing.id).addr
            if isinstance(thing, h5py.Group) and address not in seen:
                seen.add(address)
                stack.append((f"{path}/{name}", thing))
    return found


def metadata_of(path: Path) -> dict[str, Any]:
    """Address, attributes and values of all sections and properties."""
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        for name, thing in all_of(file["metadata"]):
            attributes = {key: _plain(value) for key, value in thing.attrs.items()}
            values = None
            if isinstance(thing, h5py.Dataset):
                text = h5py.check_string_dtype(thing.dtype) is not None
                values = (str(thing.dtype), repr((thing.asstr() if text else thing)[()].tolist()))
            link = thing["link"].name if isinstance(thing, h5py.Group) and "link" in thing else None
            if link is not None:
                link = h5py.h5o.get_info(thing["link"].id).addr
            found[name] = (h5py.h5o.get_info(thing.id).addr, attributes, values, link)
    return found


def _plain(value: Any) -> Any:
    return repr(value.tolist()) if isinstance(value, np.ndarray | np.generic) else value


def odml_of(path: Path) -> Document:
    """The metadata of a file as a document."""
    return document_of(nx.read(path))[0]


def saved(document: Document, path: Path, form: Any = "xml") -> Path:
    """A document as a file."""
    path.write_text("".join(odml_text(document, form)), newline="")
    return path


def reread(document: Document) -> Document:
    """What XML keeps of a document."""
    back, _ = read_odml_bytes("".join(odml_text(document, "xml")).encode(), "a.odml")
    assert back is not None
    return back
