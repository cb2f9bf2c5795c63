"""The checksum of a file."""

from __future__ import annotations

import hashlib

_BLOCK = 1024 * 1024


def sha256(path: str) -> str | None:
    """SHA-256 of a file's bytes as hexadecimal digits; None where they cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()
