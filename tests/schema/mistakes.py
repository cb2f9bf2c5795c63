"""What newcomers write wrong, and what they are told: `mistakes.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Mistake:
    """A wrong schema."""

    text: str
    finds: tuple[str, ...]
    """Line and column, rule, level, message, and help in brackets."""
    in_schema: bool
    """Whether the JSON Schema refuses it as well."""


def _read() -> dict[str, Mistake]:
    listed = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text("utf-8"))
    return {
        one["name"]: Mistake(one["schema"], tuple(one["finds"]), one.get("editors") != "pass")
        for one in listed
    }


MISTAKES = _read()
