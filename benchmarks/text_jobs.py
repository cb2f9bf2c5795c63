"""Reading YAML: into nodes with lines, and into plain values without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told


def nixschema_text() -> Job:
    """Read a text into nodes, each with its line and column."""
    from nixschema.text.yaml import read_text

    def read(path: str, _: str) -> Callable[[], Told]:
        root, problems = read_text(Path(path).read_bytes())
        assert root is not None
        assert problems == []
        return dict

    return read


def pyyaml_text() -> Job:
    """Load a text with PyYAML's loader that uses libyaml."""
    import yaml

    def load(path: str, _: str) -> Callable[[], Told]:
        yaml.load(Path(path).read_bytes(), yaml.CSafeLoader)
        return dict

    return load
