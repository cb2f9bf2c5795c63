"""Appending to an empty array, by h5py and by nixschema; each piece is on the disk at once.

What is given is how many values a piece has, how many channels, and how many pieces there are:
``100x1x2000``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told

DATA = "data/recording/data_arrays/signal/data"


def nixschema_append() -> Job:
    """Append as a program for acquisition does."""
    import nixschema

    def append(given: str, target: str) -> Callable[[], Told]:
        piece, count, making = ready(given, target)
        with nixschema.open(target) as file:
            signal = file.blocks["recording"].data_arrays["signal"]
            for _ in range(count):
                signal.append(piece)
        return lambda: {"models": making, "found": held(target)}

    return append


def h5py_append(cached: bool = True) -> Job:
    """Append to the same dataset, and flush after each piece."""
    import h5py

    options: dict[str, Any] = {} if cached else {"rdcc_nbytes": 0}

    def append(given: str, target: str) -> Callable[[], Told]:
        piece, count, making = ready(given, target)
        with h5py.File(target, "r+", libver=("v110", "v110"), **options) as file:
            data = file[DATA]
            for _ in range(count):
                length = len(data)
                data.resize(length + len(piece), axis=0)
                data[length:] = piece
                file.flush()
        # As nixschema does when it closes a file.
        with open(target, "rb") as written:
            os.fsync(written.fileno())
        return lambda: {"models": making, "found": held(target)}

    return append


def h5py_append_uncached() -> Job:
    """The same without a cache of chunks: a flush then writes no more than the piece."""
    return h5py_append(cached=False)


def ready(given: str, target: str) -> tuple[Any, int, float]:
    """A piece, how often it is appended, and the time that the empty file took."""
    import numpy as np

    import nixschema as nx

    start = process_time()
    rows, channels, count = map(int, given.split("x"))
    shape = (rows,) if channels == 1 else (rows, channels)
    empty = np.zeros((0, *shape[1:]))
    signal = nx.DataArray(name="signal", type="signal", data=empty, unit="mV")
    signal.dimensions.append(nx.SampledDimension(sampling_interval=0.1, unit="ms"))
    if len(shape) == 2:
        signal.dimensions.append(nx.SetDimension())
    block = nx.Block(name="recording", type="recording", data_arrays=[signal])
    nx.write(nx.File(blocks=[block]), target)
    return np.random.default_rng(1).random(shape), count, process_time() - start


def held(path: str) -> int:
    """How many values there are in the end."""
    import h5py

    with h5py.File(path) as file:
        return int(file[DATA].size)
