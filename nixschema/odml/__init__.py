"""odML: metadata in documents of sections and properties, read, written, and carried into NIX.

import nixschema as nx

file = nx.odml.read("subject.odml")
nx.odml.write(file, "subject.odml.yaml")
document = nx.odml.to_document(file)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nixschema.odml_files import from_document, read, to_document, write

__all__ = ["from_document", "read", "to_document", "write"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: what stands behind it is slow to import."""
    if name not in __all__:
        raise AttributeError(f"module 'nixschema.odml' has no attribute '{name}'")
    value = getattr(import_module("nixschema.odml_files"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
