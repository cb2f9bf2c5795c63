"""Whether a text file is a description, by the keys at its top; no more than its beginning is read.

A mapping with ``nix``, or with ``blocks`` or ``metadata``, is one, unless ``Document`` (odML) or
``schema`` (a lab's schema) stands beside them.
"""

from __future__ import annotations

from nixschema.text.top import top_keys


def is_description(path: str) -> bool:
    """Whether a file is a description.

    Raises:
        OSError: it cannot be read.
    """
    keys = top_keys(path)
    if keys & {"Document", "schema"}:
        return False
    return bool(keys & {"nix", "blocks", "metadata"})
