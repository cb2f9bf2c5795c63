"""Where metadata come from: odML, a description or a NIX file, as sections of NIX."""

from __future__ import annotations

from dataclasses import dataclass

from nixschema.errors import NixError
from nixschema.formats import Format
from nixschema.io import read, read_any
from nixschema.model import Container, File, Section
from nixschema.odml import overlay
from nixschema.odml.mapping import mapping


def source_file(path: str, kind: Format | None = None, *, allow_outside: bool = False) -> File:
    """The metadata that a file has, as those of a NIX file.

    Args:
        path: odML, a description or a NIX file.
        kind: what it is; by its content where not given.
        allow_outside: whether data files of a description may lie outside its folder.

    Raises:
        NotNix: it is none of these.
        OSError: it cannot be read.
    """
    return read(path) if kind == "nix" else read_any(path, allow_outside=allow_outside)


def is_document(section: Section) -> bool:
    """Whether a section at the root stands for a document of odML."""
    named = section.name.startswith(mapping().document_name)
    return named and section.type == mapping().document_type


def says_something(document: Section) -> bool:
    """Whether a document's section holds fields of the document, beside its sections."""
    said = overlay.fields_of(document.extra) or {}
    fields = {one.field for one in mapping().of_kind("document", "scalar", "text")}
    return bool(len(document.properties) or fields & said.keys())


@dataclass(slots=True)
class Outer:
    """A section that odML has at its root."""

    section: Section
    document: Section | None
    """The document that it is in, or None where it stands at the root of a NIX file."""


def outer_sections(roots: Container[Section]) -> list[Outer]:
    """The sections that odML has at its root, in their order."""
    found: list[Outer] = []
    for root in roots:
        if is_document(root):
            found += [Outer(one, root) for one in root.sections]
        else:
            found.append(Outer(root, None))
    return found


def section_at(file: File, path: str) -> Section | None:
    """The section that a path of odML leads to from the root, ``/recording/cell``, or None."""
    if not path.startswith("/"):
        return None
    first, *rest = path[1:].split("/")
    here = file.metadata.by_name(first)
    for document in file.metadata if here is None else ():
        if is_document(document) and (here := document.sections.by_name(first)) is not None:
            break
    for name in rest:
        here = here.sections.by_name(name) if here is not None else None
    return here


class CannotUpdate(NixError):
    """The metadata cannot be taken in as asked; the file stays as it is."""
