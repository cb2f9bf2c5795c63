"""What is read and dropped again does not fill the memory."""

from __future__ import annotations

import weakref
from pathlib import Path

import pytest

import nixschema as nx
from nixschema import garbage


def test_what_is_read_and_dropped_is_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "MOST_UNSEEN", 3_000)
    path = tmp_path / "a.nix"
    sections = [nx.Section(name=str(number), type="t") for number in range(20)]
    nx.write(nx.File(metadata=sections), path)
    read = [weakref.ref(nx.read(path)) for _ in range(60)]
    assert sum(one() is not None for one in read) < 30
