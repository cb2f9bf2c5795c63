"""What dimension descriptors must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nixschema.errors import NixError
from nixschema.model import RangeDimension, SetDimension
from nixschema.model.dimension import DataFrameDimension, Dimension
from nixschema.schema.checking.constraints import ConstraintCheck
from nixschema.schema.checking.fields import UNKNOWN
from nixschema.schema.checking.outcome import Asked, Outcome
from nixschema.schema.checking.scope import Scope
from nixschema.schema.checking.values import ValuesCheck
from nixschema.schema.language import Presence

KINDS = {"sample": "sampled", "range": "range", "set": "set", "data_frame": "data_frame"}
"""Kinds of descriptors as files name them, and as schemas do."""


@dataclass(slots=True, eq=False)
class DimensionCheck:
    """What one descriptor must be."""

    asked: Asked
    presence: Presence
    fields: list[tuple[str, ConstraintCheck]] = field(default_factory=list)
    ticks: ValuesCheck | None = None
    any_of: list[DimensionCheck] = field(default_factory=list)

    def apply(self, dimension: Dimension, scope: Scope, out: Outcome) -> None:
        """Compare one."""
        for name, check in self.fields:
            content, unit = content_of_dimension(dimension, name)
            if content is not UNKNOWN:
                check.run(content, unit, scope, out, dimension, _steps(dimension, name))
        if self.ticks is not None:
            data = (
                dimension.__dict__.get("ticks") if isinstance(dimension, RangeDimension) else None
            )
            self.ticks.compare(data, _unit(dimension), dimension, ("ticks",), scope, out)
        if self.any_of:
            self._alternatives(dimension, scope, out)

    def _alternatives(self, dimension: Dimension, scope: Scope, out: Outcome) -> None:
        nearest: Outcome | None = None
        for one in self.any_of:
            inner, trial = scope.trial(), Outcome(one.asked.level)
            one.apply(dimension, inner, trial)
            inner.finish()
            if trial.holds:
                inner.commit()
                out.keep(trial)
                return
            if nearest is None or len(trial.hits) < len(nearest.hits):
                nearest = trial
        if nearest is not None:
            out.keep(nearest)


@dataclass(slots=True, eq=False)
class DimensionsStep:
    """What the descriptors of an array must be."""

    asked: Asked
    checks: list[DimensionCheck] | Presence

    def run(self, entity: Any, scope: Scope, out: Outcome) -> None:
        """Compare them, in order."""
        if "dimensions" not in entity.__dict__:
            return
        found = list(entity.__dict__["dimensions"])
        steps = ("dimensions",)
        if isinstance(self.checks, str):
            if self.checks == "forbidden" and found:
                there = (
                    "a dimension descriptor"
                    if len(found) == 1
                    else f"{len(found):,} dimension descriptors"
                )
                out.add(self.asked, entity, steps, f"{there}, and none is allowed")
            elif self.checks == "required" and not found:
                out.add(self.asked, entity, steps, "no dimension descriptor")
            return
        least = sum(one.presence == "required" for one in self.checks)
        if not least <= len(found) <= len(self.checks):
            wanted = (
                f"{least:,}" if least == len(self.checks) else f"{least:,} to {len(self.checks):,}"
            )
            there = f"{len(found):,} dimension descriptor{'' if len(found) == 1 else 's'}"
            out.add(
                self.asked, entity, steps,
                f"{there}, where {wanted} {'is' if wanted == '1' else 'are'} expected",
            )  # fmt: skip
        for dimension, check in zip(found, self.checks, strict=False):
            scope.run.spend(1 + len(check.fields))
            check.apply(dimension, scope, out)


def _steps(dimension: Dimension, name: str) -> tuple[str, ...]:
    return (name,) if name in dimension.__dict__ else ()


def content_of_dimension(dimension: Dimension, name: str) -> tuple[Any, str | None]:
    """What a field of a descriptor holds, as schemas name it, and its unit."""
    own = dimension.__dict__
    match name:
        case "type":
            kind = str(own.get("dimension_type", ""))
            return KINDS.get(kind, kind) or None, None
        case "unit":
            return _unit(dimension), None
        case "label":
            if own.get("label") is not None:
                return own["label"], None
            try:
                return dimension.axis_label, None
            except (NixError, ValueError, KeyError, AttributeError):
                return None, None
        case "sampling_interval" | "offset":
            if name not in own:
                return (UNKNOWN if own.get("dimension_type") == "sample" else None), None
            value = own[name]
            if value is None and name == "offset":
                value = 0.0
            return value, own.get("unit")
        case "labels":
            if isinstance(dimension, SetDimension) and own.get("link") is None:
                labels = own.get("labels", UNKNOWN)
                return (list(labels) if isinstance(labels, list) else labels), None
            return None, None
        case "column":
            return _column(dimension), None
        case "data_frame" if not isinstance(dimension, DataFrameDimension):
            return None, None
    return _link(dimension), None


def _column(dimension: Dimension) -> str | None:
    """The name of the column of a dimension that is of a frame."""
    if not isinstance(dimension, DataFrameDimension):
        return None
    if dimension.__dict__.get("column") is None:
        return None
    try:
        return dimension.axis_label
    except (NixError, ValueError, KeyError, AttributeError):
        return None


def _unit(dimension: Dimension) -> Any:
    own = dimension.__dict__
    if own.get("unit") is not None:
        return own["unit"]
    try:
        return dimension.axis_unit
    except (NixError, ValueError, KeyError, AttributeError):
        return None


def _link(dimension: Dimension) -> str | None:
    """The name of what is linked to; ``self`` for the array itself."""
    is_frame = isinstance(dimension, DataFrameDimension)
    source = dimension if is_frame else dimension.__dict__.get("link")
    if source is None:
        return None
    for field_place, _, reference in source.outgoing():
        target = reference.resolve(source, field_place.targets)  # type: ignore[arg-type]
        if target is None:
            return str(reference.text)
        return "self" if target is dimension.owner else str(getattr(target, "name", ""))
    return None
