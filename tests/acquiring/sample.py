"""A small file to acquire into, as nixschema and as nixio write it."""

from __future__ import annotations

from pathlib import Path

import nixio
import numpy as np

import nixschema as nx

ROW = np.dtype([("time", "f8"), ("label", object), ("good", "?")])


def sample() -> nx.File:
    """Arrays of several kinds, the first two of them empty."""
    block = nx.Block(name="session", type="recording")
    sampled = nx.SampledDimension(sampling_interval=0.1, unit="ms", label="time")
    block.data_arrays.extend(
        [
            nx.DataArray(name="trace", type="t", data=np.zeros(0), dimensions=[sampled.copy()]),
            nx.DataArray(
                name="channels",
                type="t",
                data=np.zeros((0, 4), "i2"),
                dimensions=[sampled.copy(), nx.SetDimension()],
            ),
            nx.DataArray(
                name="words", type="t", data=np.array(["a"], object), dimensions=[nx.SetDimension()]
            ),
            nx.DataArray(
                name="flags", type="t", data=[True, False], dimensions=[nx.SetDimension()]
            ),
        ]
    )
    rows = np.array([(0.5, "first", True)], ROW)
    block.data_frames.append(nx.DataFrame(name="trials", type="t", data=rows))
    section = nx.Section(name="subject", type="t")
    section.properties.extend(
        [nx.Property(name="age", values=[3], unit="d"), nx.Property(name="cell", values=["a"])]
    )
    file = nx.File(blocks=[block], metadata=[section])
    block.tags.append(
        nx.Tag(name="tag", type="t", position=[0.0], units=["ms"], references=["trace"])
    )
    block.data_arrays["channels"].metadata = section
    return file


def write_by_us(path: Path) -> None:
    """Write it."""
    nx.write(sample(), path)


def write_by_nixio(path: Path) -> None:
    """Write the same by nixio."""
    file = nixio.File.open(str(path), nixio.FileMode.Overwrite)
    section = file.create_section("subject", "t")
    section.create_property("age", [3]).unit = "d"
    section.create_property("cell", ["a"])
    block = file.create_block("session", "recording")
    trace = block.create_data_array("trace", "t", dtype="f8", shape=(0,))
    trace.append_sampled_dimension(0.1, unit="ms", label="time")
    channels = block.create_data_array("channels", "t", dtype="i2", shape=(0, 4))
    channels.append_sampled_dimension(0.1, unit="ms", label="time")
    channels.append_set_dimension()
    channels.metadata = section
    words = block.create_data_array("words", "t", dtype=nixio.DataType.String, data=["a"])
    words.append_set_dimension()
    flags = block.create_data_array("flags", "t", data=np.array([True, False]))
    flags.append_set_dimension()
    columns = {"time": float, "label": str, "good": bool}
    frame = block.create_data_frame("trials", "t", col_dict=columns)
    frame.append_rows([(0.5, "first", True)])
    tag = block.create_tag("tag", "t", [0.0])
    tag.units = ["ms"]
    tag.references.append(trace)
    file.close()
