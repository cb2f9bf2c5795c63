"""The same files as `by_nixschema` makes, as nixio's users make them."""

from __future__ import annotations

from typing import Any

import nixio
import numpy as np

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


def wide(path: str, arrays: int) -> None:
    """The structure that `generate` makes."""
    with nixio.File.open(path, nixio.FileMode.Overwrite) as file:
        block = file.create_block("recording", "nix.recording")
        for name, tens in hundreds(arrays):
            group = block.create_group(name, "nix.trial")
            for number in tens:
                _add_ten(file, block, group, number)


def small(path: str, arrays: int) -> None:
    """Arrays of ten numbers."""
    with nixio.File.open(path, nixio.FileMode.Overwrite) as file:
        block = file.create_block("recording", "nix.recording")
        for number in range(arrays):
            array = block.create_data_array(f"signal-{number:04d}", "nix.signal", data=TEN_NUMBERS)
            array.append_sampled_dimension(0.1)


def _add_ten(file: Any, block: Any, group: Any, number: int) -> None:
    section = _section(file, number)
    source = block.create_source(f"cell-{number:04d}", "nix.source.cell")
    signals = [_signal(block, number, i, section, source) for i in range(8)]
    positions, extents = events = [_events(block, number, i) for i in ("positions", "extents")]

    tag = block.create_tag(f"stimulus-{number:04d}", "nix.stimulus", [1.0])
    tag.extent = [2.5]
    tag.references.extend(signals[:2])
    tag.create_feature(signals[2], nixio.LinkType.Tagged)

    multi_tag = block.create_multi_tag(f"spikes-{number:04d}", "nix.spikes", positions)
    multi_tag.extents = extents
    multi_tag.references.append(signals[0])
    multi_tag.create_feature(signals[7], nixio.LinkType.Indexed)

    for one in (tag, multi_tag):
        one.units = ["ms"]
        one.sources.append(source)
        one.metadata = section
    group.data_arrays.extend([*signals, *events])
    group.tags.append(tag)
    group.multi_tags.append(multi_tag)


def _section(file: Any, number: int) -> Any:
    section = file.create_section(f"cell-{number:04d}", "nix.metadata.cell")
    for name, text in TEXTS.items():
        section.create_property(name, [text])
    for name, (value, unit) in NUMBERS.items():
        section.create_property(name, [value]).unit = unit
    section.create_property("trials", [number, 12, 20])
    return section


def _signal(block: Any, number: int, position: int, section: Any, source: Any) -> Any:
    array = block.create_data_array(
        f"signal-{number:04d}-{position}",
        "nix.signal",
        data=np.linspace(FIRST, LAST, SAMPLES if position < 7 else CHANNELS),
        label="membrane voltage",
        unit="mV",
    )
    if position < 5:
        array.append_sampled_dimension(0.1, label="time", unit="ms")
    elif position < 7:
        array.append_range_dimension(TICKS, label="time", unit="ms")
    else:
        array.append_set_dimension(LABELS)
    array.sources.append(source)
    array.metadata = section
    return array


def _events(block: Any, number: int, part: str) -> Any:
    array = block.create_data_array(
        f"spikes-{number:04d}-{part}", f"nix.spikes.{part}", data=TIMES, unit="ms"
    )
    array.append_set_dimension()
    return array
