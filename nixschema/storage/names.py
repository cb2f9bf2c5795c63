"""Names and paths in HDF5: bytes that ought to be UTF-8, and are kept where they are not."""

from __future__ import annotations


def name_bytes(name: str) -> bytes:
    """A name or path as libhdf5 takes it."""
    return name.encode("utf-8", "surrogateescape")


def name_text(raw: bytes) -> str:
    """A name or path as text; odd bytes become surrogates, and bytes again by `name_bytes`."""
    return raw.decode("utf-8", "surrogateescape")
