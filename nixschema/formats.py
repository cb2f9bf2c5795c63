"""The formats that files are read and written in, and how names of such files end."""

from __future__ import annotations

from typing import Literal, TypeAlias

Format: TypeAlias = Literal["nix", "description", "odml", "rdf"]
"""What a file can be."""

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "nix": (".nix", ".h5"),
    "odml": (".odml", ".xml", ".odml.yaml", ".odml.yml", ".odml.json"),
    "description": (".yaml", ".yml", ".json"),
    "rdf": (".ttl", ".rdf"),
}
"""How names of files end that are written; the first format whose ending fits is meant."""

ALL_SUFFIXES = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)

IN_FOLDERS: dict[Format, str] = {
    "nix": ".nix",
    "odml": ".odml",
    "description": ".yaml",
    "rdf": ".ttl",
}
"""How names of files end that are written to a folder."""


def format_of_name(name: str) -> Format | None:
    """The format that the name of a file says, or None."""
    lower = name.lower()
    return next((one for one, suffixes in SUFFIXES.items() if lower.endswith(suffixes)), None)
