"""Files as nixschema's users make them: models first, then written."""

from __future__ import annotations

import numpy as np

import nixschema as nx
from benchmarks.content import (
    CHANNELS,
    FIRST,
    LABELS,
    LAST,
    NUMBERS,
    SAMPLES,
    TEN_NUMBERS,
    TEXTS,
    TICKS,
    TIMES,
    hundreds,
)


def wide(arrays: int) -> nx.File:
    """The structure that `generate` makes."""
    file = nx.File()
    block = nx.Block(name="recording", type="nix.recording")
    file.blocks.append(block)
    for name, tens in hundreds(arrays):
        group = nx.Group(name=name, type="nix.trial")
        block.groups.append(group)
        for number in tens:
            _add_ten(file, block, group, number)
    return file


def small(arrays: int) -> nx.File:
    """Arrays of ten numbers."""
    block = nx.Block(name="recording", type="nix.recording")
    for number in range(arrays):
        array = nx.DataArray(
            name=f"signal-{number:04d}",
            type="nix.signal",
            data=TEN_NUMBERS,
            dimensions=[nx.SampledDimension(sampling_interval=0.1)],
        )
        block.data_arrays.append(array)
    return nx.File(blocks=[block])


def _add_ten(file: nx.File, block: nx.Block, group: nx.Group, number: int) -> None:
    section = _section(number)
    file.metadata.append(section)
    source = nx.Source(name=f"cell-{number:04d}", type="nix.source.cell")
    block.sources.append(source)
    signals = [_signal(number, i, section, source) for i in range(8)]
    positions, extents = events = [_events(number, part) for part in ("positions", "extents")]
    tag = nx.Tag(
        name=f"stimulus-{number:04d}",
        type="nix.stimulus",
        position=[1.0],
        extent=[2.5],
        units=["ms"],
        references=signals[:2],
        features=[nx.Feature(data=signals[2], link_type="tagged")],
        sources=[source],
        metadata=section,
    )
    multi_tag = nx.MultiTag(
        name=f"spikes-{number:04d}",
        type="nix.spikes",
        positions=positions,
        extents=extents,
        units=["ms"],
        references=signals[:1],
        features=[nx.Feature(data=signals[7], link_type="indexed")],
        sources=[source],
        metadata=section,
    )
    for arrays in (block.data_arrays, group.data_arrays):
        arrays.extend([*signals, *events])
    for tags in (block.tags, group.tags):
        tags.append(tag)
    for multi_tags in (block.multi_tags, group.multi_tags):
        multi_tags.append(multi_tag)


def _section(number: int) -> nx.Section:
    section = nx.Section(name=f"cell-{number:04d}", type="nix.metadata.cell")
    for name, text in TEXTS.items():
        section.properties.append(nx.Property(name=name, values=[text]))
    for name, (value, unit) in NUMBERS.items():
        section.properties.append(nx.Property(name=name, values=[value], unit=unit))
    section.properties.append(nx.Property(name="trials", values=[number, 12, 20]))
    return section


def _signal(number: int, position: int, section: nx.Section, source: nx.Source) -> nx.DataArray:
    return nx.DataArray(
        name=f"signal-{number:04d}-{position}",
        type="nix.signal",
        unit="mV",
        label="membrane voltage",
        data=np.linspace(FIRST, LAST, SAMPLES if position < 7 else CHANNELS),
        dimensions=[_dimension(position)],
        sources=[source],
        metadata=section,
    )


def _dimension(
    position: int,
) -> nx.SampledDimension | nx.RangeDimension | nx.SetDimension:
    if position < 5:
        return nx.SampledDimension(sampling_interval=0.1, unit="ms", label="time")
    if position < 7:
        return nx.RangeDimension(ticks=TICKS, unit="ms", label="time")
    return nx.SetDimension(labels=LABELS)


def _events(number: int, part: str) -> nx.DataArray:
    return nx.DataArray(
        name=f"spikes-{number:04d}-{part}",
        type=f"nix.spikes.{part}",
        unit="ms",
        data=TIMES,
        dimensions=[nx.SetDimension()],
    )
