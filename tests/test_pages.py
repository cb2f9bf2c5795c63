"""The examples in the documentation are true."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.documented import PAGES as TRIED

DOCS = Path(__file__).parent.parent / "docs"

BLOCK = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)

ELSEWHERE = set(TRIED)
"""Pages whose blocks are more than Python, and are tried by a test of their own."""

PAGES = [
    page
    for page in sorted(DOCS.glob("*.md"))
    if page.stem not in ELSEWHERE and "```pycon" in page.read_text("utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(BLOCK.findall(page.read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert test.examples
    told: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert not told, "".join(told)
