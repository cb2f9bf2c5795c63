"""Ids and times that entities have although the text they were read from says nothing of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nixschema.model.entity import Model


def unsaid_fields(model: Model) -> Mapping[int, Collection[str]]:
    """Fields that were made up when the file of a model was read, by identity of their entity.

    They have other values with each reading. There are none but in files that were read from odML.
    """
    return getattr(model.root, "_unsaid", {})


def is_from_odml(model: Model) -> bool:
    """Whether the file of a model was read from odML."""
    return getattr(model.root, "_unsaid", None) is not None
