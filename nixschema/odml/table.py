"""The mapping between odML and NIX as documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nixschema.odml.mapping import mapping_document

_INTRODUCTION = """\
# odML and NIX, field by field

What becomes what, both ways. Generated from [converters/odml.yaml](../converters/odml.yaml), which
the code reads too; [odml.md](odml.md) says what to do with it.

What a field of NIX does not read back as it was in odML stands beside it in the attribute
`{attribute}` of the entity, with what the field reads as: it holds as long as that is so, and an
edit of the field wins. What NIX holds and odML has no place for stands in the last section of the
document, `{name}` of type `{type}`.
"""

_TITLES = {"document": "Document", "section": "Section", "property": "Property"}


def mapping_table() -> str:
    """All fields of odML and of NIX, in Markdown."""
    said: Any = mapping_document()
    attribute = said["overlay"]["attribute"]
    parts = [_INTRODUCTION.format(attribute=attribute, **said["reserved"]).strip()]
    parts += ["\n".join(_entity_lines(name, said)) for name in _TITLES]
    parts += ["\n".join(_file_lines(said)), "\n".join(_type_lines(said))]
    return "\n\n".join(parts) + "\n"


def _entity_lines(name: str, said: Any) -> Iterator[str]:
    entity = said[name]
    yield f"## {_TITLES[name]}"
    yield ""
    if name == "document":
        yield f"A root section named `{entity['name']}`, of type `{entity['type']}`."
        yield ""
    yield "| odML | NIX | how |"
    yield "|---|---|---|"
    for field, one in entity["fields"].items():
        held = f"`{one['nix']}`" if "nix" in one else ""
        how = said["how"][one["as"]]
        if "unset" in one:
            how = f"{how} Where odML has none: `{one['unset']}`."
        yield f"| `{field}` | {held} | {how} |"
    for field, kept in entity.get("nix_only", {}).items():
        yield f"| | `{field}` | {_sentence(kept)} |"


def _file_lines(said: Any) -> Iterator[str]:
    yield "## File"
    yield ""
    yield "| NIX | in odML |"
    yield "|---|---|"
    for field, kept in said["file"]["nix_only"].items():
        yield f"| `{field}` | {_sentence(kept)} |"


def _type_lines(said: Any) -> Iterator[str]:
    yield "## Types of values"
    yield ""
    yield "| odML | `odml_type` in NIX | type in the file |"
    yield "|---|---|---|"
    for name, one in said["types"].items():
        declared = f"`{one['odml_type']}`" if "odml_type" in one else ""
        yield f"| `{name}` | {declared} | `{one['storage']}`{one.get('beyond', '')} |"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
