"""The libraries that read the files, and their versions."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version


@cache
def library_versions() -> dict[str, str]:
    """Versions of what decides how a file is read: Python, h5py, HDF5, numpy, pydantic."""
    import h5py

    return {
        "python": platform.python_version(),
        "h5py": version("h5py"),
        "hdf5": ".".join(map(str, h5py.h5.get_libversion())),
        "numpy": version("numpy"),
        "pydantic": version("pydantic"),
    }
