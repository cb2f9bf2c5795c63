"""Documents -> the plain trees that odML's JSON and YAML are."""

from __future__ import annotations

import math
import re
from typing import Any

from nixschema.odml.writing.values import int_text, is_long, value_text
from nixschema.odml_model.document import Cardinality, Document, Property, Scalar, Section, Value
from nixschema.odml_model.kinds import common_kind
from nixschema.text.emit import Flow

FORMAT_VERSION = "1.1"

_NOT_IN_TUPLES = re.compile(r"[(),\[\]]")
"""Characters that readers of tuples in one text stumble over."""


def document_tree(document: Document, *, json: bool) -> dict[str, Any]:
    """A document as dicts, lists, texts, numbers and booleans.

    Numbers that are not finite are the texts ``nan``, ``inf`` and ``-inf`` among values, and, in
    JSON, everywhere.
    """
    sections: list[Any] = []
    content = _present(
        id=document.id,
        version=_scalar(document.version, json=json),
        author=_scalar(document.author, json=json),
        date=document.date,
        repository=document.repository,
    )
    content["sections"] = sections
    stack = [(document.sections, sections)]
    while stack:
        owned, targets = stack.pop()
        for section in owned:
            tree = _section(section, json=json)
            targets.append(tree)
            if section.sections:
                stack.append((section.sections, tree["sections"]))
    return {"odml-version": FORMAT_VERSION, "Document": content}


def written_type(one: Property) -> str | None:
    """The type that is said: the property's, or what its values are where they need one."""
    if one.dtype and one.dtype.strip():
        return one.dtype
    kind = common_kind(one.values)
    if kind in (None, "string"):
        return one.dtype
    is_blank = one.dtype is not None
    if (
        is_blank
        or kind.endswith("-tuple")
        or (kind == "float" and not all(map(_is_finite, one.values)))
    ):
        return kind
    return one.dtype


def _section(section: Section, *, json: bool) -> dict[str, Any]:
    tree = _present(
        id=section.id,
        name=section.name,
        type=section.type,
        definition=section.definition,
        reference=section.reference,
        repository=section.repository,
        link=section.link,
        include=section.include,
        sec_cardinality=_counted(section.sec_cardinality),
        prop_cardinality=_counted(section.prop_cardinality),
    )
    tree["properties"] = [_property(one, json=json) for one in section.properties]
    tree["sections"] = []
    return tree


def _property(one: Property, *, json: bool) -> dict[str, Any]:
    return _present(
        id=one.id,
        name=one.name,
        value=_values(one),
        unit=one.unit,
        uncertainty=_scalar(one.uncertainty, json=json),
        type=written_type(one),
        definition=one.definition,
        reference=one.reference,
        value_origin=one.value_origin,
        dependency=one.dependency,
        dependencyvalue=_scalar(one.dependency_value, json=json),
        val_cardinality=_counted(one.val_cardinality),
    )


def _values(one: Property) -> Any:
    """The values: a list, or for tuples the one text that Python's odML library has for them."""
    values = one.values
    if values and all(isinstance(value, tuple) for value in values):
        texts = [value_text(value) for value in values]
        if not any(_NOT_IN_TUPLES.search(text, 1, len(text) - 1) for text in texts):
            return f"[{','.join(texts)}]"
        return texts
    listed = [_value(value) for value in values]
    if any(isinstance(value, str) and "\n" in value for value in listed):
        return listed
    return Flow(listed)


def _value(value: Value) -> Any:
    if isinstance(value, tuple) or not _is_finite(value) or _is_overlong(value):
        return value_text(value)
    return value


def _scalar(value: Scalar | None, *, json: bool) -> Any:
    if isinstance(value, int) and is_long(value):
        return int_text(value)
    if json and isinstance(value, float) and not math.isfinite(value):
        return float.__repr__(value)
    return value


def _is_finite(value: Value) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _is_overlong(value: Value) -> bool:
    return isinstance(value, int) and is_long(value)


def _counted(cardinality: Cardinality | None) -> Flow | None:
    return None if cardinality is None else Flow(list(cardinality))


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
