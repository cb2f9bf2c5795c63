"""YAML and JSON text -> nodes, and what is wrong with it.

A builder of our own over the events of libyaml: faster than PyYAML's loader, with lines, and
without YAML 1.1's ideas of what a scalar is. JSON takes the same path.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from nixschema.text.building import Builder
from nixschema.text.encoding import decoded
from nixschema.text.events import events_of
from nixschema.text.limits import LIMITS, Limits
from nixschema.text.nodes import Node, TextProblem


def read_file(
    path: str | Path, *, limits: Limits = LIMITS
) -> tuple[Node | None, list[TextProblem]]:
    """Read a file, as `read_text` does.

    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return read_text(file.read(limits.size + 1), limits=limits)


def read_text(
    data: bytes, *, limits: Limits = LIMITS, tags: Collection[str] = ()
) -> tuple[Node | None, list[TextProblem]]:
    """The root of a document, and all problems in order of their places.

    The root is None where a problem ends the reading. A document of nothing is a plain scalar
    without text. No text makes it raise.

    Args:
        data: the text.
        limits: how much of it is read.
        tags: full names of tags that are passed over without a problem; what they mark is read as
            if they were not there.
    """
    if len(data) > limits.size:
        return None, [_too_large(limits)]
    text, problems = decoded(data)
    if text is None:
        return None, problems
    root = _quickly(lambda: _built(text, limits, problems, tags))
    problems.sort(key=lambda one: (one.line, one.column))
    return root, problems


def is_json(data: bytes) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _built(
    text: str, limits: Limits, problems: list[TextProblem], tags: Collection[str]
) -> Node | None:
    return Builder(events_of(text), text, limits, problems, tags).document()


def _quickly(build: Callable[[], Any]) -> Any:
    """Without garbage collection: many objects are made, and none is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return build()
    finally:
        if enabled:
            gc.enable()


def _too_large(limits: Limits) -> TextProblem:
    return TextProblem(
        *("NIX045", f"the text is larger than {limits.size:,} bytes"),
        help="keep large data in files of their own, and name them in the text",
        line=1,
        column=1,
    )
