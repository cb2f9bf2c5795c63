"""What was found and what was expected, in words."""

from __future__ import annotations

import numpy as np

from nixschema.array import shape_text
from nixschema.layout import FieldPlace, Members
from nixschema.model.extra import Problem
from nixschema.storage.tree import Node, NodeAttribute, NodeLink


def wanted(*fields: FieldPlace) -> str:
    """What a field is for: ``a data array``."""
    place = fields[0].place
    if isinstance(place, Members) and place.by == "number":
        return "a dimension descriptor"
    targets = [target for one in fields for target in one.targets]
    kinds = [getattr(target, "words", target.__name__) for target in targets]
    return "a " + " or a ".join(kinds)


def dangling(name: str, link: NodeLink, wanted: str) -> Problem:
    """The problem of a link that leads to nothing in this file."""
    match link.kind:
        case "soft":
            found = f"a soft link to `{link.target}`, which leads nowhere"
        case "external":
            found = f"a link to `{link.target[1]}` in another file, `{link.target[0]}`"
        case _:
            found = str(link.target)
    return Problem("NIX014" if link.kind == "external" else "NIX711", name, found, wanted)


def object_words(node: Node) -> str:
    """An object: ``a dataset of float64 3``."""
    match node.kind:
        case "dataset":
            return f"a dataset of {dataset_words(node)}"
        case "group":
            return "a group"
        case "datatype":
            return "a named datatype"
    return f"an object that cannot be read ({node.fault})" if node.fault else "unreadable"


def dataset_words(node: Node) -> str:
    """Type and shape of a dataset: ``float64 3``."""
    kind = node.type.text if node.type is not None else "unknown type"
    if node.space.kind == "null":
        return f"{kind} with an empty dataspace"
    return f"{kind} {shape_text(node.space.shape)}"


def value_words(attribute: NodeAttribute) -> str:
    """The value of an attribute: ``the text `mV```."""
    value = attribute.value
    if isinstance(value, np.ndarray):
        kind = attribute.type.text if attribute.type is not None else "values"
        return f"an array of {shape_text(value.shape)} {kind}"
    if isinstance(value, str):
        return f"the text `{value[:60]}`"
    if isinstance(value, bytes):
        return f"the bytes {value[:40]!r}"
    kind = f"{attribute.type.text} " if attribute.type is not None else ""
    return f"{kind}`{str(value)[:60]}`"
