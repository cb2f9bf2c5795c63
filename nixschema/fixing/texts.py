"""Fixes of how texts are stored: what the C++ library reads is of variable length, and UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.array import StoredType
from nixschema.fixing.fix import Place, fixes, is_text, text_of, texts_of
from nixschema.rules.fields import text_attributes
from nixschema.storage.edits import Edit, RewriteTexts, SetText, SetTexts
from nixschema.storage.tree import Node

_LISTS = ("labels", "units")
"""Datasets of the format that hold texts, beside data and properties."""

_MOST_TEXTS = 1_000_000


@fixes("NIX113", safety="safe")
def list_of_one_text(place: Place) -> Iterator[Edit]:
    """A single text."""
    text = text_of(place.node, place.named)
    if place.node is not None and text is not None:
        yield SetText(place.node, place.named, text)


@fixes("NIX601", safety="safe")
def text_of_other_form(place: Place) -> Iterator[Edit]:
    """The same text, of variable length and in UTF-8."""
    known = text_attributes()
    for node in place.around.tree.nodes.values():
        if node.address < 0 or node.fault:
            continue
        for name, attribute in node.attributes.items():
            if (name in known or name == "units") and _is_locked(attribute.type):
                yield from _attribute(node, name)
        yield from _datasets(node)


def _is_locked(kind: StoredType | None) -> bool:
    return kind is not None and kind.kind == "string" and kind.text != "string"


def _attribute(node: Node, name: str) -> Iterator[Edit]:
    attribute = node.attributes[name]
    if name == "units" and attribute.space.kind == "simple":
        texts = texts_of(attribute)
        if texts is not None:
            yield SetTexts(node, name, tuple(texts))
        return
    text = text_of(node, name)
    if text is not None and (attribute.space.kind == "scalar" or attribute.space.shape == (1,)):
        yield SetText(node, name, text)


def _datasets(node: Node) -> Iterator[Edit]:
    """Lists of labels and units; one that several links lead to has to stay the one it is."""
    for name in _LISTS:
        held = node.child(name)
        if held is None or held.kind != "dataset" or held.shared or not _is_locked(held.type):
            continue
        if held.data is None or held.space.kind != "simple" or held.data.ndim != 1:
            continue
        if held.data.size > _MOST_TEXTS or held.layout.outside:
            continue
        texts = [_decoded(text) for text in held.data.read().tolist()]
        if all(map(is_text, texts)):
            yield RewriteTexts(node, name, tuple(texts))


def _decoded(text: str | bytes) -> str:
    return text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
