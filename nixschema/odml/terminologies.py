"""Terminologies and templates: folders of odML files, read to what they say about each type."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from nixschema.formats import SUFFIXES
from nixschema.odml.reading import is_odml, read_odml
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.paths import Paths
from nixschema.rules.terminology import Term, Terminology, ending_alike

_MOST_FILES = 10_000
_MOST_INCLUDES = 20
"""So many includes of includes are followed."""


def read_terminologies(paths: Iterable[str]) -> Terminology:
    """What the odML files in folders say.

    An include is taken from the file that its address ends like, and never from elsewhere. Files
    that are no odML, or cannot be read, say nothing.

    Args:
        paths: folders, and files.

    Raises:
        ValueError: there is no odML file in one of them.
    """
    documents: dict[str, Document] = {}
    for path in paths:
        before = len(documents)
        for file in _files(path):
            document = _read(file)
            if document is not None:
                documents[file.replace(os.sep, "/")] = document
            if len(documents) >= _MOST_FILES:
                break
        if len(documents) == before:
            raise ValueError(f"there is no odML file in {path}")
    return _gathered(documents)


def has_terms(path: str) -> bool:
    """Whether there is any odML file in a folder."""
    return any(map(_is_odml, _files(path)))


def _files(path: str) -> Iterator[str]:
    if os.path.isfile(path):
        yield os.path.abspath(path)
        return
    for place, folders, names in os.walk(path):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            if name.lower().endswith((*SUFFIXES["odml"], *SUFFIXES["description"])):
                yield os.path.abspath(os.path.join(place, name))


def _is_odml(path: str) -> bool:
    try:
        return os.path.isfile(path) and is_odml(path)
    except OSError:
        return False


def _read(path: str) -> Document | None:
    try:
        return read_odml(path)[0] if _is_odml(path) else None
    except OSError:
        return None


def _gathered(documents: dict[str, Document]) -> Terminology:
    including = _Including(documents)
    terms: dict[str, Term] = {}
    by_document: dict[str, dict[str, Term]] = {}
    for path, document in documents.items():
        own = by_document[path] = {}
        for _, section in document.walk():
            type = (section.type or "").strip()
            if type and type.lower() != "n.s.":
                properties = including.properties(section)
                for known in (own, terms):
                    known.setdefault(type, Term()).add(section, properties)
    return Terminology(terms, by_document)


class _Including:
    """Follows includes from document to document."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self._documents = documents
        self._paths: dict[str, Paths] = {}
        self._ends: dict[str, list[str]] = {}
        for path in documents:
            self._ends.setdefault(path.rpartition("/")[2], []).append(path)

    def properties(self, section: Section) -> list[Property]:
        """The properties of a section, and those of the sections that it includes."""
        found = list(section.properties)
        here: Section | None = section
        for _ in range(_MOST_INCLUDES):
            here = self._included(here) if here is not None and here.include else None
            if here is None or here is section:
                break
            found += here.properties
        return found

    def _included(self, section: Section) -> Section | None:
        address, _, inner = (section.include or "").partition("#")
        path = ending_alike(address, self._ends)
        if path is None or not (document := self._documents[path]).sections:
            return None
        if not inner:
            return document.sections[0]
        if path not in self._paths:
            self._paths[path] = Paths(document)
        return self._paths[path].target(f"/{inner.lstrip('/')}", document.sections[0])
