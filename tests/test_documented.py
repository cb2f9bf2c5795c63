"""What these pages show is true: each file, command and line of Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documented import PAGES, ROOT, blocks, follow


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_true(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schemas").mkdir()
    assert follow(ROOT / "docs" / f"{name}.md", tmp_path, monkeypatch) == PAGES[name]


def test_the_first_description_is_short() -> None:
    first = blocks(ROOT / "docs" / "descriptions.md")[0]
    assert first.kind == "yaml"
    assert len(first.text.splitlines()) - 1 == 10
