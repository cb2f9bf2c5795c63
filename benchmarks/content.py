"""What the entities of the measured structure hold; see `generate`."""

from __future__ import annotations

from collections.abc import Iterator

SAMPLES = 100
CHANNELS = 10
POSITIONS = 5

FIRST, LAST = -70.0, 30.0
"""Between these the values of a signal rise."""

TICKS = [0.1 * position for position in range(SAMPLES)]
LABELS = [f"channel {number}" for number in range(CHANNELS)]
TIMES = [0.5 * (position + 1) for position in range(POSITIONS)]

TEXTS = {"species": "Mus musculus", "strain": "C57BL/6J", "sex": "female", "solution": "ACSF"}
NUMBERS = {
    "age": (86.5, "s"),
    "weight": (21.3, "g"),
    "temperature": (307.0, "K"),
    "resistance": (4.7, "MOhm"),
    "holding": (-70.0, "mV"),
}

TEN_NUMBERS = [0.1 * number for number in range(10)]


def hundreds(arrays: int) -> Iterator[tuple[str, range]]:
    """Names of the groups, each with the numbers of the tens that it holds."""
    for first in range(0, arrays, 100):
        yield f"trial-{first // 100:04d}", range(first // 10, min(first + 100, arrays) // 10)
