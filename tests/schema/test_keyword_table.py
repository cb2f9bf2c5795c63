"""The page of keywords has every keyword of every kind."""

from __future__ import annotations

import re

import pytest

from nixschema.schema.keyword_table import keyword_table
from nixschema.schema.keywords import WORDS, keywords_of

PAGE = keyword_table()
SECTIONS = {part.split("\n")[0].lower(): part for part in PAGE.split("\n## ")[1:]}
SHARED = "".join(
    SECTIONS[one] for one in ("everything", "every entity", "every entity with a type")
)


@pytest.mark.parametrize("kind", sorted(set(WORDS) - {"Entity", "File"}))
def test_every_keyword_is_told(kind: str) -> None:
    section = SECTIONS[WORDS[kind]]
    for name in keywords_of(kind):
        assert f"\n| `{name}` | " in section + SHARED, name


def test_links_lead_to_sections() -> None:
    anchors = {re.sub(r"[^\w -]", "", one).replace(" ", "-") for one in SECTIONS}
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= anchors


def test_rows_have_three_cells() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert rows
    assert {line.count(" | ") + line.count("|---") for line in rows} <= {2, 3}
