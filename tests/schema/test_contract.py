"""The snippets that define the language are read without a problem."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import assume, given

from nixschema.schema.dumping import dump
from nixschema.schema.loading import read_schema
from tests.schema.test_hostile import TREE

PAGE = Path(__file__).resolve().parents[3] / "shared" / "schema-language.md"
"""The definition, beside the checkout where there is one."""

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)

WRAPPED = {
    "schema:": "%s",
    "data_arrays:": "schema: s\nblocks:\n  b:\n%s",
    "references:": "schema: s\ntypes:\n  t:\n    is: MultiTag\n%s",
    "shape:": "schema: s\ntypes:\n  t:\n    is: DataArray\n%s",
    "neo.": "schema: s\ntypes:\n%s",
    "when:": "schema: s\nblocks:\n  b:\n%s",
    "extent:": "schema: s\ntypes:\n  t:\n    is: Tag\n%s",
    "examples:": "schema: s\n%s",
}
"""What stands around a snippet, by how it begins."""


def snippets() -> list[str]:
    if not PAGE.is_file():
        return []
    found = []
    for text in BLOCK.findall(PAGE.read_text("utf-8")):
        lines = [re.sub(r"\s+#.*", "", line) for line in text.replace("{…}", "{}").splitlines()]
        # Alternatives of one keyword stand one below the other there.
        firsts = [line.partition(":")[0] for line in lines]
        rounds = max(firsts.count(one) for one in firsts if one and one[0] not in " -#")
        for number in range(rounds):
            kept, skip = [], False
            seen: dict[str, int] = {}
            for line, first in zip(lines, firsts, strict=True):
                if line and line[0] not in " -#":
                    nth = seen.get(first, 0)
                    seen[first] = nth + 1
                    skip = nth != min(number, firsts.count(first) - 1)
                if not skip:
                    kept.append(line)
            found.append("\n".join(kept) + "\n")
    return found


@pytest.mark.skipif(not PAGE.is_file(), reason="the definition is not beside the checkout")
def test_there_are_snippets() -> None:
    assert len(snippets()) > 10


@pytest.mark.parametrize("text", snippets(), ids=lambda one: one.split("\n")[0][:40])
def test_snippet(text: str) -> None:
    begin = next(one for one in WRAPPED if text.lstrip("# ").startswith(one))
    whole = WRAPPED[begin]
    depth = (whole.rpartition("\n")[0].count("\n")) * 2 if whole != "%s" else 0
    depth = {"schema:": 0, "examples:": 0, "neo.": 2}.get(begin, 4)
    text = text.replace("all_of: […]", "").replace("…", "x")
    schema, problems = read_schema((whole % textwrap.indent(text, " " * depth)).encode())
    assert problems.found == []
    assert schema is not None
    assert read_schema(dump(schema).encode())[0] == schema


@given(TREE)
def test_whatever_is_read_is_dumped(tree: str) -> None:
    text = f"schema: s\nblocks: {{b: {tree}}}\ntypes: {{t: {tree}}}\n"
    schema, problems = read_schema(text.encode())
    assume(schema is not None)
    assert schema is not None
    again, left = read_schema(dump(schema).encode())
    assert left.found == [] or problems.found
    assert again == schema or problems.found
