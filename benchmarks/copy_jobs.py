"""Copying the one large array of a file, by h5py and by nixschema."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told

SLAB = 1024 * 1024
"""Elements that h5py copies at a time: 8 MiB."""

DATA = "data/recording/data_arrays/signal/data"


def h5py_copy() -> Job:
    """Copy the array alone, as a short script would, into a dataset that is stored alike."""
    import h5py

    def copy(path: str, target: str) -> Callable[[], Told]:
        with h5py.File(path) as source, h5py.File(target, "w") as made:
            src = source[DATA]
            dst = made.create_dataset_like("data", src)
            for start in range(0, len(src), SLAB):
                dst[start : start + SLAB] = src[start : start + SLAB]
        descriptor = os.open(target, os.O_RDWR)
        os.fsync(descriptor)
        os.close(descriptor)
        return dict

    return copy


def nixschema_copy() -> Job:
    """Read the file and write it; what is written is on the disk then."""
    import nixschema

    def copy(path: str, target: str) -> Callable[[], Told]:
        nixschema.write(nixschema.read(path), target)
        return dict

    return copy
