"""What descriptions cost: reading their text into models, and taking large raw data into NIX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import Any

from benchmarks.running import (
    CACHE,
    HERE,
    Runs,
    middle,
    number,
    row,
    seconds,
    spread,
    turned,
)
from benchmarks.text import write

LOAD, RAW = "load", "raw"
READERS, WRITERS = ("nixschema", "PyYAML"), ("nixschema", "h5py")

ENTITIES = 10_000
WARMING = 200
ROUNDS = 5

BYTES = 2 * 1024**3
"""Bytes of the raw file."""

ROOM = 7 * 10**9
"""Free bytes on the disk: for the raw file, and what is made of it."""

CHANNELS = 32

LOADING, SPEED, MEMORY = 1.0, 1.3, 200
"""Targets: at most PyYAML's time, at most so many times h5py's, and fewer MB than this."""

ARRAY = """\
      array_{0}:
        type: nix.sampled
        unit: mV
        label: membrane voltage
        metadata: /subject_0
        data: [1.0, 2.0, {0}.5]
        dimensions:
          - {{type: sampled, sampling_interval: 1/20000, unit: s, label: time}}
"""

SECTION = """\
  subject_{0}:
    type: subject
    properties:
      age: {{value: {0}, unit: weeks, uncertainty: 0.5, definition: age at recording}}
      species: Mus musculus
      channels: [1, 2, 3]
      weight: {{value: 21.5, unit: g}}
"""

RAW_TEXT = """\
nix: 1.2.1
blocks:
  session:
    type: recording
    data_arrays:
      trace:
        type: nix.sampled
        unit: uV
        data: {{file: {0}, dtype: <i2, shape: [-1, {1}]}}
        dimensions:
          - {{type: sampled, sampling_interval: 1/30000, unit: s}}
          - set
"""


def description(entities: int) -> str:
    """Arrays with their axes, and sections with their properties: half of the entities each."""
    sections = "".join(SECTION.format(one) for one in range(entities // 10))
    arrays = "".join(ARRAY.format(one) for one in range(entities // 2))
    return (
        f"nix: 1.2.1\nmetadata:\n{sections}"
        f"blocks:\n  session:\n    type: session\n    data_arrays:\n{arrays}"
    )


class Describing:
    """What descriptions cost."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def measure(self, rounds: int | None) -> None:
        """Run everything."""
        CACHE.mkdir(exist_ok=True)
        small, given = CACHE / "few.yaml", CACHE / "many.yaml"
        write(small, description(WARMING))
        write(given, description(ENTITIES))
        self._pairs(LOAD, READERS, ENTITIES, small, given, rounds)
        if disk_usage(HERE).free < ROOM:
            self.runs.failures[RAW] = f"there are no {ROOM / 1e9:.0f} GB free on the disk"
            return
        few, much = _raw("few", CHANNELS * 1000), _raw("much", BYTES)
        self._pairs(RAW, WRITERS, BYTES, few, much, rounds)
        for path in (small, given, few, much, few.with_suffix(".raw"), much.with_suffix(".raw")):
            path.unlink()

    def _pairs(
        self,
        job: str,
        libraries: tuple[str, ...],
        size: int,
        small: Path,
        given: Path,
        rounds: int | None,
    ) -> None:
        self.runs.warm((job,), libraries, small, small)
        for turn in range(rounds or ROUNDS):
            for library in turned(libraries, turn):
                self.runs.run(turn, job, library, size, small, given)

    def lines(self) -> Iterator[str]:
        """The figures as tables, the targets beside them."""
        yield f"Description into models, CPU beside PyYAML's loader alone    target: {LOADING:.1f}"
        yield row("", "rounds", *READERS, "ratio", "range")
        yield self._speed(LOAD, READERS, ENTITIES, f"{ENTITIES:,} entities")
        yield ""
        yield f"Raw file into NIX, CPU beside an h5py loop          target: at most {SPEED:.1f}"
        yield row("", "rounds", *WRITERS, "ratio", "range")
        yield self._speed(RAW, WRITERS, BYTES, "2 GB")
        held = [self.runs.middle("memory", RAW, one, BYTES) for one in WRITERS]
        yield row(f"MB (below {MEMORY})", "", *(number(one) for one in held))

    def _speed(self, job: str, libraries: tuple[str, ...], size: int, first: str) -> str:
        ratios = self._ratios(job, libraries, size)
        return row(
            first,
            str(len(ratios)),
            *(seconds(self.runs.middle("cpu", job, one, size)) for one in libraries),
            *(number(middle(ratios), 2), spread(ratios, 2)),
        )

    def _ratios(self, job: str, libraries: tuple[str, ...], size: int) -> list[float]:
        mine, others = libraries
        return self.runs.ratios(job, size, (mine, "cpu"), (others, "cpu"))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            LOAD: middle(self._ratios(LOAD, READERS, ENTITIES)),
            RAW: middle(self._ratios(RAW, WRITERS, BYTES)),
        }


def _raw(name: str, size: int) -> Path:
    """A description of a raw file of so many bytes, and the file."""
    path = CACHE / f"{name}_raw.yaml"
    raw = path.with_suffix(".raw")
    block = bytes(range(256)) * (4096 if size > 2**20 else 1)
    with raw.open("wb") as stream:
        left = size - size % (2 * CHANNELS)
        while left:
            left -= stream.write(block[:left])
    write(path, RAW_TEXT.format(raw.name, CHANNELS))
    return path
