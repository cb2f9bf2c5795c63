"""Documents -> odML's XML, in which every reader finds the values that there are.

Elements stand in the order, and lines are indented, as Python's odML library has them. Only its
lists are written otherwise where it would not read its own: with quotes around every value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixschema.odml.writing.values import value_text
from nixschema.odml_model.document import Cardinality, Document, Property, Section
from nixschema.odml_model.kinds import common_kind

REPLACEMENT = "\ufffd"
"""What stands in XML for a character that XML does not have."""

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not have, not even as references."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ESCAPED = re.compile("[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_NOT_BARE = re.compile(r'[,"\r\n]')
_DEEPEST = 30
"""Levels of indentation: those below stand as far to the right, as libxml2 has them."""


def xml_text(document: Document) -> Iterator[str]:
    """A document as XML, piece by piece; to be encoded as UTF-8.

    Characters that XML does not have become U+FFFD.
    """
    yield f'{_HEAD}<odML version="1.1">\n'
    yield _fields(
        "  ",
        ("id", document.id),
        ("version", document.version),
        ("author", document.author),
        ("date", document.date),
    )
    stack = [(section, 1, False) for section in reversed(document.sections)]
    while stack:
        section, depth, is_begun = stack.pop()
        if is_begun:
            yield _section_end(section, depth)
            continue
        yield _section_begin(section, depth)
        stack.append((section, depth, True))
        stack.extend((one, depth + 1, False) for one in reversed(section.sections))
    yield _fields("  ", ("repository", document.repository))
    yield "</odML>\n"


def value_element(one: Property) -> str:
    """The text of a property's values, before what XML wants escaped.

    A single value stands as it is. Several stand in brackets as a row of comma separated values.
    The brackets also hold a single value that readers would take for a list, or take blanks from.
    """
    texts = [value_text(value) for value in one.values]
    if not texts:
        return ""
    are_tuples = any(isinstance(value, tuple) for value in one.values)
    if len(texts) == 1 and not are_tuples and _is_single(texts[0]):
        return texts[0]
    if all(_is_bare(text) for text in texts):
        return f"[{','.join(texts)}]"
    quoted = '","'.join(text.replace('"', '""') for text in texts)
    return f'["{quoted}"]'


def written_type(one: Property) -> str | None:
    """The type that XML says: the property's, or what its values are where it has none."""
    if one.dtype and one.dtype.strip():
        return one.dtype
    kind = common_kind(one.values)
    return one.dtype if kind in (None, "string") else kind


def scalar_text(value: object) -> str:
    """A field as text."""
    if isinstance(value, str | int | float):
        return value_text(value)
    raise TypeError(f"{type(value).__name__} is no field of odML")


def cardinality_text(cardinality: Cardinality) -> str:
    """A cardinality, such as ``(1, None)``."""
    return f"({cardinality[0]}, {cardinality[1]})"


def _is_single(text: str) -> bool:
    """Whether a text is read as the one value that it is."""
    if not text or text != text.strip():
        return False
    return not (text[0] == "[" and text[-1] == "]")


def _is_bare(text: str) -> bool:
    """Whether a value needs no quotes among others, whoever reads them."""
    return bool(text) and text == text.strip() and not _NOT_BARE.search(text)


def _section_begin(section: Section, depth: int) -> str:
    indent = _indent(depth)
    fields = _fields(
        _indent(depth + 1),
        ("id", section.id),
        ("type", section.type),
        ("name", section.name),
        ("definition", section.definition),
        ("reference", section.reference),
        ("link", section.link),
        ("repository", section.repository),
    )
    return f"{indent}<section>\n{fields}"


def _section_end(section: Section, depth: int) -> str:
    inner = _indent(depth + 1)
    include = _fields(inner, ("include", section.include))
    properties = "".join(_property(one, depth + 1) for one in section.properties)
    cardinalities = _fields(
        inner,
        ("sec_cardinality", _counted(section.sec_cardinality)),
        ("prop_cardinality", _counted(section.prop_cardinality)),
    )
    return f"{include}{properties}{cardinalities}{_indent(depth)}</section>\n"


def _property(one: Property, depth: int) -> str:
    indent = _indent(depth)
    fields = _fields(
        _indent(depth + 1),
        ("id", one.id),
        ("name", one.name),
        ("value", value_element(one)),
        ("unit", one.unit),
        ("definition", one.definition),
        ("dependency", one.dependency),
        ("dependencyvalue", one.dependency_value),
        ("uncertainty", one.uncertainty),
        ("reference", one.reference),
        ("type", written_type(one)),
        ("value_origin", one.value_origin),
        ("val_cardinality", _counted(one.val_cardinality)),
    )
    return f"{indent}<property>\n{fields}{indent}</property>\n"


def _fields(indent: str, *fields: tuple[str, object]) -> str:
    return "".join(
        f"{indent}<{tag}>{_escaped(scalar_text(value))}</{tag}>\n"
        for tag, value in fields
        if value is not None
    )


def _counted(cardinality: Cardinality | None) -> str | None:
    return None if cardinality is None else cardinality_text(cardinality)


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)


def _escaped(text: str) -> str:
    if not text.isprintable():
        text = NOT_IN_XML.sub(REPLACEMENT, text)
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
