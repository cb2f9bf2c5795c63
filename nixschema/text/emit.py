"""Plain trees -> YAML and JSON text that readers of YAML 1.1 and 1.2 understand alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Flow:
    """A list or dict that is written within brackets."""

    value: Any


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that is written as it is, without quotes: a fraction."""

    text: str


def yaml_text(tree: Any, head: Sequence[str] = ()) -> Iterator[str]:
    """A tree as YAML, line by line, each with its end.

    Args:
        tree: dicts with text as keys, lists, texts, numbers, booleans, None, `Flow` and `Plain`.
        head: lines of a comment that stand above it.
    """
    raise NotImplementedError


def json_text(tree: Any) -> Iterator[str]:
    """A tree as JSON, line by line, each with its end."""
    raise NotImplementedError
