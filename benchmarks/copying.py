"""Copying one large array, beside plain h5py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import Any

from benchmarks.running import (
    HERE,
    Runs,
    generated,
    middle,
    number,
    row,
    seconds,
    spread,
    turned,
)

COPY = "copy"
LIBRARIES = ("h5py", "nixschema")

BYTES = {
    "contiguous": 2 * 1024**3,
    "chunked": 2 * 1024**3,
    "deflated": 256 * 1024**2,
    "sparse": 2 * 1024**3,
}
"""Bytes of the array, by how it is stored."""

ROOM = 7 * 10**9
"""Free bytes on the disk: for the files, and the largest copy of one."""

WARMING = 8_000
"""Bytes of the array that jobs warm up with."""

ROUNDS = 6
"""More than of other jobs, and an even number: what the disk does varies."""

SPEED, MEMORY = 1.2, 200
"""Targets: at most so many times h5py's time, and fewer MB of memory than this."""


class Copying:
    """What it takes to read a file and to write it."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.files: dict[str, Path] = {}

    def measure(self, rounds: int | None) -> None:
        """Run everything; the order turns from round to round."""
        if disk_usage(HERE).free < ROOM:
            self.runs.failures[COPY] = f"there are no {ROOM / 1e9:.0f} GB free on the disk"
            return
        small = generated("chunked", WARMING)
        self.files = {kind: generated(kind, size) for kind, size in BYTES.items()}
        self.runs.warm((COPY,), LIBRARIES, small, small)
        for kind, path in self.files.items():
            # The first to write so much waits until the system has found room for it.
            self.runs.warm((COPY,), LIBRARIES[:1], small, path)
            for turn in range(rounds or ROUNDS):
                for library in turned(LIBRARIES, turn):
                    self.runs.run(turn, COPY, library, kind, small, path)

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield f"Copy one array, nixschema / h5py                target: at most {SPEED:g}"
        yield row(*("", "MB", "rounds", "h5py", "nixschema"), *("ratio", "range", "wall", "range"))
        for kind in BYTES:
            yield self.speed(kind)
        yield ""
        yield f"Memory that copying adds, MB                    target: less than {MEMORY}"
        yield row("", "", *BYTES)
        for library in reversed(LIBRARIES):
            held = [self.runs.middle("memory", COPY, library, kind) for kind in BYTES]
            yield row(library, "", *(number(one) for one in held))
        yield ""
        yield "Size of the file, MB                            target: nixschema's as the source"
        yield row("", "", *BYTES)
        sources = [path.stat().st_size for path in self.files.values()]
        yield row("source", "", *(number(one / 1e6) for one in sources))
        for library in reversed(LIBRARIES):
            sizes = [self.runs.middle("written", COPY, library, kind) for kind in BYTES]
            yield row(library, "", *(number(None if one is None else one / 1e6) for one in sizes))

    def speed(self, kind: str) -> str:
        """One line about the speed of copying."""
        ratios, walls = self.ratios(kind, "cpu"), self.ratios(kind, "wall")
        return row(
            kind,
            f"{BYTES[kind] / 1e6:,.0f}",
            str(len(ratios)),
            *(seconds(self.runs.middle("cpu", COPY, library, kind)) for library in LIBRARIES),
            *(number(middle(ratios), 2), spread(ratios, 2)),
            *(number(middle(walls), 2), spread(walls, 2)),
        )

    def ratios(self, kind: str, figure: str) -> list[float]:
        """Nixschema / h5py."""
        return self.runs.ratios(COPY, kind, ("nixschema", figure), ("h5py", figure))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "ratios": {
                figure: {kind: middle(self.ratios(kind, figure)) for kind in BYTES}
                for figure in ("cpu", "wall")
            },
            "memory_mb": {
                kind: self.runs.middle("memory", COPY, "nixschema", kind) for kind in BYTES
            },
        }
