"""Features of tags: names of arrays and frames, or what belongs to a tag in full."""

from __future__ import annotations

from functools import partial

from nixschema.descriptions.drafts import Draft, Reading, words
from nixschema.descriptions.keys import Key
from nixschema.model import DataArray, DataFrame, Feature, MultiTag, Reference
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

_TARGETS = {DataArray: "DataArray", DataFrame: "DataFrame"}


def read_features(reading: Reading, draft: Draft, key: Key, node: Node) -> None:
    """Features: names, or mappings."""
    for number, item in enumerate(node.items if isinstance(node, Sequence) else [node], 1):
        if not isinstance(item, Scalar | Mapping):
            message = f"a feature is {words(item)}; expected the name of an array or a mapping"
            reading.fault(draft, key.field, item, "NIX102", message)
            continue
        whole = item if isinstance(item, Mapping) else Mapping({}, {}, item.line, item.column)
        feature = reading.child(draft, key.field, Feature, whole, item, str(number))
        if isinstance(item, Scalar):
            is_multiple = issubclass(draft.model, MultiTag)
            feature.data["link_type"] = "indexed" if is_multiple else "untagged"
            feature.references["data"] = [Reference(text=item.text)]
        reading.stack.append(feature)
        reading.later.append(partial(_tell_target, feature))


def _tell_target(draft: Draft) -> None:
    """Say what kind of data a feature has, as files do, where the description does not."""
    made = draft.made
    if made is None or "target_type" in draft.data or "target_type" in draft.absent:
        return
    reference: Reference | None = made.__dict__["data"]
    target = None if reference is None else reference.resolve(made, (DataArray, DataFrame))
    if target is not None:
        made.__dict__["target_type"] = _TARGETS[type(target)]
