"""What it takes to read YAML with lines, beside PyYAML's fastest loader, which has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.running import CACHE, Runs, middle, number, row, seconds, spread, turned

TEXT = "text"
LIBRARIES = "nixschema", "PyYAML"
ROUNDS = 5
SHARE = 0.45
"""Target: at most so much of PyYAML's time, for the entities."""

ARRAY = """\
      array_{0}:
        type: nix.sampled
        unit: mV
        label: membrane voltage
        definition: "recorded in cell {0}"
        data: {{file: trace_{0}.npy}}
        polynom_coefficients: [0, 0.195]
        dimensions:
          - {{type: sampled, sampling_interval: 1/20000, unit: s, label: time}}
          - {{type: set, labels: [left, right], label: channel}}
        sources: [cell]
"""


def entities(count: int) -> str:
    """Arrays as a description has them."""
    arrays = "".join(ARRAY.format(one) for one in range(count))
    return f"blocks:\n  session:\n    type: session\n    data_arrays:\n{arrays}"


def properties(count: int) -> str:
    """Short properties of one section."""
    lines = "".join(f"      property_{one}: {one}\n" for one in range(count))
    return f"metadata:\n  subject:\n    properties:\n{lines}"


def numbers(count: int) -> str:
    """One list of numbers in brackets."""
    return f"data: [{', '.join(repr(one / 7) for one in range(count))}]\n"


def quoted(count: int) -> str:
    """A list of texts between quotes."""
    return "labels:\n" + "".join(f'  - "channel {one}"\n' for one in range(count))


SHAPES: dict[str, tuple[Callable[[int], str], int]] = {
    "10,000 arrays": (entities, 10_000),
    "50,000 properties": (properties, 50_000),
    "100,000 numbers": (numbers, 100_000),
    "50,000 quoted texts": (quoted, 50_000),
}
WARMING = 10


class Text:
    """What it takes to read descriptions as text."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def measure(self, rounds: int | None) -> None:
        """Run everything."""
        CACHE.mkdir(exist_ok=True)
        for shape, (make, count) in SHAPES.items():
            small, given = CACHE / "small.yaml", CACHE / "text.yaml"
            write(small, make(WARMING))
            write(given, make(count))
            self.runs.warm((TEXT,), LIBRARIES, small, small)
            for turn in range(rounds or ROUNDS):
                for library in turned(LIBRARIES, turn):
                    self.runs.run(turn, TEXT, library, shape, small, given)
            small.unlink()
            given.unlink()

    def lines(self) -> Iterator[str]:
        """The figures as a table, the target beside them."""
        yield f"YAML, CPU time beside PyYAML's CSafeLoader    target: at most {SHARE:.2f} (arrays)"
        yield row("", "rounds", *LIBRARIES, "ratio", "range")
        for shape in SHAPES:
            ratios = self.ratios(shape)
            yield row(
                shape,
                str(len(ratios)),
                *(seconds(self.runs.middle("cpu", TEXT, one, shape)) for one in LIBRARIES),
                *(number(middle(ratios), 2), spread(ratios, 2)),
            )

    def ratios(self, shape: str) -> list[float]:
        """Time of nixschema / that of PyYAML."""
        mine, others = LIBRARIES
        return self.runs.ratios(TEXT, shape, (mine, "cpu"), (others, "cpu"))

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {"share": {shape: middle(self.ratios(shape)) for shape in SHAPES}}


def write(path: Path, text: str) -> None:
    """Write a text as UTF-8, whatever the system is used to."""
    path.write_text(text, encoding="utf-8")
