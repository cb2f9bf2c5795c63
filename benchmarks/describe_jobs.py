"""Reading descriptions, and taking raw data into a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told

BLOCK = 32 * 1024 * 1024
"""Bytes that are copied at a time."""


def nixschema_load() -> Job:
    """Read a description into models, each with its line."""
    import nixschema

    def load(path: str, _: str) -> Callable[[], Told]:
        file = nixschema.load_description(path)
        assert not file.findings
        return lambda: {"found": sum(1 for _ in file.walk())}

    return load


def nixschema_raw() -> Job:
    """Convert a description with a raw file into NIX; it is on the disk then."""
    import nixschema

    def convert(path: str, target: str) -> Callable[[], Told]:
        nixschema.convert(path, target, to="nix")
        return dict

    return convert


def h5py_raw() -> Job:
    """Copy a raw file into a dataset in blocks, as a short script would."""
    import h5py
    import numpy as np

    def copy(path: str, target: str) -> Callable[[], Told]:
        raw = Path(path).with_suffix(".raw")
        rows = raw.stat().st_size // 64
        with h5py.File(target, "w") as made, raw.open("rb") as stream:
            chunks = (min(rows, 16384), 32)
            data = made.create_dataset(
                "data", (rows, 32), "<i2", chunks=chunks, maxshape=(None, 32)
            )
            start = 0
            while block := stream.read(BLOCK):
                values = np.frombuffer(block, "<i2").reshape(-1, 32)
                data[start : start + len(values)] = values
                start += len(values)
        descriptor = os.open(target, os.O_RDWR)
        os.fsync(descriptor)
        os.close(descriptor)
        return dict

    return copy
