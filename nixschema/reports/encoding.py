"""Records as JSON text that every reader takes."""

from __future__ import annotations

import json
import re
from typing import Any

from nixschema.reports.report import Record

_SURROGATE = re.compile("[\ud800-\udfff]")


def encoded(record: Record, *, indent: int | None = None) -> str:
    """A record as JSON: on one line, or indented."""
    if indent is None:
        try:
            return record.model_dump_json()
        except ValueError:  # half of a character: no text can hold it
            pass
    return json_text(record.model_dump(mode="python"), indent=indent)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Plain data as JSON; halves of characters, which are no text, are spelled out."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        value, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
    )
    return _SURROGATE.sub(lambda match: rf"\\u{ord(match[0]):04x}", text)
