"""What a file of NIX has that the document it was made of does not say: ids and times."""

from __future__ import annotations

from nixschema.model import Entity, File
from nixschema.odml.reserved import facts_of
from nixschema.odml_model.document import Document, Section

_TIMES = frozenset(("created_at", "updated_at"))
_ALL = _TIMES | {"id"}
_BY_WHAT_IS_SAID: dict[tuple[bool, bool], frozenset[str]] = {
    (True, True): frozenset(),
    (True, False): frozenset(("id",)),
    (False, True): _TIMES,
    (False, False): _ALL,
}
"""What is unsaid, by whether times and id are said."""


def unsaid(file: File, document: Document) -> dict[int, frozenset[str]]:
    """Fields that were made because the document says nothing of them, by identity of the entity.

    Args:
        file: made of the document.
        document: with its reserved section, if it has one.
    """
    facts, sections = facts_of(document)
    said = {_key(document.id), *facts.documents}
    said |= {_key(one.get("id")) for one in _told(facts.documents)}
    waiting: list[Section] = list(sections)
    while waiting:
        one = waiting.pop()
        said.add(_key(one.id))
        said.update(_key(inner.id) for inner in one.properties)
        waiting.extend(one.sections)
    found = {}
    for model in file.walk():
        if not isinstance(model, Entity):
            continue
        key = _key(model.id)
        fields = _BY_WHAT_IS_SAID[key in facts.times, bool(key) and key in said]
        if fields:
            found[id(model)] = fields
    found[id(file)] = _ALL
    return found


def _told(documents: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """Properties of sections that stand for documents, as facts tell them."""
    found = []
    for one in documents.values():
        inner = one.get("properties")
        if isinstance(inner, list):
            found += [each for each in inner if isinstance(each, dict)]
    return found


def _key(text: object) -> str:
    return text.lower() if isinstance(text, str) else ""
