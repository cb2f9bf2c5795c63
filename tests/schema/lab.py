"""The files of a lab that nobody has written a schema for: sessions of patch-clamp recordings."""

from __future__ import annotations

import random
import uuid

import numpy as np

import nixschema as nx


def session(number: int) -> nx.File:
    """One of them: lengths, ids, dates and the number of trials differ from one to the next."""
    chance = random.Random(number)
    samples = chance.randint(50, 90)
    cell = nx.Section(
        name="cell",
        type="rig.cell",
        properties=[
            nx.Property(name="kind", values=chance.choice(["pyramidal", "basket"])),
            nx.Property(name="depth", values=chance.uniform(100, 900), unit="um"),
            nx.Property(name="id", values=str(uuid.UUID(int=chance.getrandbits(128)))),
        ],
    )
    recording = nx.Section(
        name="recording",
        type="rig.recording",
        properties=[
            nx.Property(name="date", values=f"2025-03-{number + 1:02d}"),
            nx.Property(name="amplifier", values="MultiClamp"),
        ],
        sections=[cell],
    )
    if number % 3 == 0:
        recording.properties.append(nx.Property(name="comment", values=f"note {number}"))
    time = nx.SampledDimension(sampling_interval=0.05, unit="ms", label="time")
    voltage = nx.DataArray(
        name="voltage", type="rig.trace", unit="mV", label="voltage",
        data=np.zeros(samples), dimensions=[time],
    )  # fmt: skip
    current = nx.DataArray(
        name="current", type="rig.trace", unit="pA" if number % 2 else "nA", label="current",
        data=np.zeros(samples, np.float32),
        dimensions=[nx.SampledDimension(sampling_interval=0.05, unit="ms", label="time")],
    )  # fmt: skip
    block = nx.Block(
        name=f"session-{uuid.UUID(int=chance.getrandbits(128))}",
        type="rig.session",
        data_arrays=[voltage, current],
        metadata=recording,
    )
    file = nx.File(blocks=[block], metadata=[recording])
    for trial in range(chance.randint(2, 9)):
        block.tags.append(
            nx.Tag(
                name=f"trial_{trial:03d}", type="rig.trial",
                position=[trial * 1.0], extent=[0.5], units=["ms"],
                references=[voltage, current],
            )
        )  # fmt: skip
    count = chance.randint(3, 20)
    for name, cells in (("spikes", count), ("bursts", count // 2 + 1)):
        times, ends, sizes = (
            nx.DataArray(
                name=f"{name}.{part}", type=type_, unit=unit, data=np.arange(float(cells)),
                dimensions=[nx.SetDimension()],
            )
            for part, type_, unit in (
                ("times", "rig.times", "ms"),
                ("lengths", "rig.lengths", "ms"),
                ("sizes", "rig.sizes", "mV"),
            )
        )  # fmt: skip
        block.data_arrays.extend([times, ends, sizes])
        block.multi_tags.append(
            nx.MultiTag(
                name=name, type="rig.events", positions=times, extents=ends,
                references=[voltage], units=["ms"],
                features=[nx.Feature(data=sizes, link_type="indexed")],
            )
        )  # fmt: skip
    return file
