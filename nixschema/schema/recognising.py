"""Whether a text file is a schema, by the keys at its top; no more than its beginning is read.

A mapping with ``schema`` is one, where nothing else stands beside it but what schemas have, or one
of the keys that make sense in schemas alone: other programs have files with ``schema`` as well.
"""

from __future__ import annotations

from nixschema.schema.keywords import keywords_of
from nixschema.text.top import top_keys


def says_schema(path: str) -> bool:
    """Whether a file has ``schema`` at its top: that is enough where nobody else's is meant.

    Raises:
        OSError: it cannot be read.
    """
    keys = top_keys(path)
    return "schema" in keys and "Document" not in keys


_MARKS = frozenset(("types", "blocks", "metadata", "extends", "recognise", "namespaces", "rules"))


def is_schema(path: str) -> bool:
    """Whether a file is a schema.

    Raises:
        OSError: it cannot be read.
    """
    keys = top_keys(path)
    if "schema" not in keys or "Document" in keys:
        return False
    return bool(keys & _MARKS) or keys <= keywords_of("Schema").keys()
