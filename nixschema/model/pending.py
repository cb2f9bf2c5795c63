"""References by text: found as soon as what they name is there, so that they follow renames.

A text is looked up when its referrer joins a block or a file, and when it is given to one that is
in one. What is not there yet is looked up again before any entity is renamed, so that the name is
still the one that was meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from nixschema.model.reference import Reference

if TYPE_CHECKING:
    from nixschema.layout import FieldPlace
    from nixschema.model.entity import Model

Pending: TypeAlias = "list[tuple[Model, FieldPlace, Reference]]"
"""References that name nothing yet, with what refers and its field."""


def settle(referrer: Model, field: FieldPlace, reference: Reference) -> None:
    """Find what one reference means, or keep it in mind."""
    if reference.target is not None or (referrer.block is None and referrer.file is None):
        return
    if reference.resolve(referrer, field.targets) is None:  # type: ignore[arg-type]
        pending = referrer.root._pending
        if pending is not None:
            pending.append((referrer, field, reference))
    referrer._resolved()


def settle_all(model: Model) -> None:
    """Find what the references of an entity and of all that belongs to it mean."""
    unresolved = _unresolved(model.walk())
    pending = model.root._pending
    if pending is not None:
        pending += unresolved


def settle_file(root: Model) -> None:
    """Find what all references in a file mean, as far as it is there, and make it consistent."""
    models = list(root.walk())
    root._pending = _unresolved(models)
    for model in models:
        model._consolidate()


def resolve_pending(root: Model) -> None:
    """Find what pending references in a file mean now, before a name changes."""
    if root._pending is None:
        root._pending = _unresolved(root.walk())
    elif root._pending:
        root._pending = [one for one in root._pending if _is_pending(root, *one)]


def _is_pending(root: Model, referrer: Model, field: FieldPlace, reference: Reference) -> bool:
    if referrer.root is not root:
        return False
    found = reference.resolve(referrer, field.targets)  # type: ignore[arg-type]
    referrer._resolved()
    return found is None


def _unresolved(models: Iterable[Model]) -> Pending:
    from nixschema.model.entity import reference_fields

    found: Pending = []
    for model in models:
        if not reference_fields(type(model)):
            continue
        for field, _, reference in model.outgoing():
            if reference.target is None:
                if reference.resolve(model, field.targets) is None:  # type: ignore[arg-type]
                    found.append((model, field, reference))
                model._resolved()
    return found
