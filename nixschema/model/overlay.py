"""The attribute ``odml`` of sections and properties: what odML has where NIX cannot hold it.

``{"<field>": [<what the native field reads back as>, <the value of odML>]}``, as JSON.
"""

from __future__ import annotations

import json
from typing import Any

ATTRIBUTE = "odml"
"""Name of the attribute."""


def overlay_pairs(text: object) -> dict[str, Any] | None:
    """The fields that an overlay has, each with what should be its pair; None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def is_pair(said: object) -> bool:
    """Whether what an overlay says of a field is a guard and a value."""
    return isinstance(said, list) and len(said) == 2
