"""The keys at the top of a text, told from its beginning: what kind of document it is."""

from __future__ import annotations

import re

_SAMPLE = 1 << 18

_KEY = re.compile(r"""^(?:(["'])(\w+)\1|(\w+))[ \t]*:(?=[ \t\r\n]|$)""", re.MULTILINE)

_JSON_PART = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t\r\n]*(:)?|[\[\]{}]')


def top_keys(path: str) -> set[str]:
    """The keys of the outermost mapping in the beginning of a YAML or JSON file.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as stream:
        sample = stream.read(_SAMPLE)
    if b"\0" in sample[:1024]:
        return set()
    text = sample.decode("utf-8", "replace").removeprefix("\ufeff")
    return _json_keys(text) if text.lstrip()[:1] == "{" else _yaml_keys(text)


def _yaml_keys(text: str) -> set[str]:
    return {match[2] or match[3] for match in _KEY.finditer(text)}


def _json_keys(text: str) -> set[str]:
    """Keys of the outermost mapping, as far as the text goes."""
    depth, found = 0, set()
    for match in _JSON_PART.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        elif depth == 1 and match[2]:
            found.add(match[1])
    return found
