"""A draft of a description as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nixschema.schema.drafting import COMMENT, Draft
from nixschema.schema.language import SchemaDocument
from nixschema.text.emit import json_text, yaml_text

_MARKED = re.compile(r'^( *)"(#\d+)": null$')
_WIDTH = 96


def draft_text(document: SchemaDocument, named: str, *, as_json: bool) -> str:
    """A description with all that a schema requires, to be filled in.

    Args:
        document: the schema.
        named: the same as the command line names it.
        as_json: JSON instead of YAML: it has no comments.
    """
    draft = Draft(document)
    tree = draft.tree()
    if as_json:
        return "".join(json_text({"$schema": "nix.schema.json", **_without_notes(tree)}))
    schema = document.schema
    version = f" {schema.version}" if schema.version else ""
    head = [
        "yaml-language-server: $schema=nix.schema.json",
        "",
        f"All that the schema {schema.schema_}{version} requires. Values below a comment such as",
        "`# age: at least 0` are placeholders: put your own in their place.",
        f"`nixschema validate --schema {named}` checks it.",
    ]
    declared = [key for key in draft.schema.types if not key.startswith(COMMENT)]
    if declared:
        listed = ", ".join(declared[:20]) + (" …" if len(declared) > 20 else "")
        head += ["", *_wrapped(f"Types that the schema knows: {listed}")]
    return "".join(_with_notes(yaml_text(tree, [_plain(one) for one in head]), draft.notes))


def _without_notes(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    return {k: _without_notes(v) for k, v in tree.items() if not k.startswith(COMMENT)}


def _with_notes(lines: Iterator[str], notes: dict[str, str]) -> Iterator[str]:
    for line in lines:
        found = _MARKED.match(line.rstrip("\n"))
        if found is None or found[2] not in notes:
            yield line
            continue
        for one in _wrapped(notes[found[2]], _WIDTH - len(found[1])):
            yield f"{found[1]}# {_plain(one)}\n"


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(width, 40), break_long_words=False) or [""]
