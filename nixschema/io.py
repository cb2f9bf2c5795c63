"""The public verbs: where files, checking and reports meet."""

from __future__ import annotations

import os

from nixschema.errors import NotNix
from nixschema.model import File
from nixschema.storage.load import load
from nixschema.storage.reader import read_tree


def read(path: str | os.PathLike[str]) -> File:
    """Read a NIX file."""
    tree = read_tree(os.fspath(path))
    return load(tree)
