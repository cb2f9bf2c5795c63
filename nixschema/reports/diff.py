"""What differs between two files: for people, or as a record.

Later versions add fields and never change one; readers ignore what they do not know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

import numpy as np
from pydantic import Field

from nixschema.array import Array
from nixschema.model.differences import Difference, Kind
from nixschema.model.display import printable
from nixschema.model.entity import Entity, Model
from nixschema.model.tally import Tally
from nixschema.reports.report import Record, Tool
from nixschema.reports.text import Style, count_text, plain
from nixschema.reports.wording import file_name

_ROLES = {"removed": "error", "added": "ok", "unreadable": "error"}

_OF_ENTITY = ("added", "removed", "renamed", "moved")


class ValuesRecord(Record):
    """How many values differ."""

    differ: int
    """How many values differ."""
    of: int
    """How many were compared: all of an array; of two lists as many as the shorter has."""
    first: list[int]
    """Index of the first that differs, counted from 0, in order of the axes."""
    column: str | None = None
    """The column in which it differs, for rows of a frame and other records."""
    largest_relative: float | None = None
    """Largest relative difference of two finite numbers beyond the tolerance, where one was
    given."""


class DifferenceRecord(Record):
    """One thing in which the files differ."""

    kind: Kind
    """`changed`: a field. `added`, `removed`: an entity, with all it holds. `renamed`, `moved`: an
    entity that is found by its id. `order`: the same in another order. `unreadable`: values that
    cannot be read, and so not be compared."""
    path: str
    """Path of the entity in the left file; in the right one where it was added."""
    other_path: str | None
    """Path of the entity in the right file; null where it is in one file only."""
    entity: str
    """Kind of the entity, such as `DataArray`."""
    entity_id: str | None
    """Id of the entity in the left file, or of one that was added; null where it has none."""
    field: str | None
    """The field that differs, such as `unit`, `data.shape`, `data` (the values) or
    `columns.time.unit`; null for the entity as a whole."""
    left: Any
    """What is in the left file: text, number, boolean, list or null. NaN and infinities are the
    texts `nan`, `inf` and `-inf`. Of values the first that differ, of several references those that
    are not in the other file too, of an array beside none its `dtype` and `shape`."""
    right: Any
    """What is in the right file."""
    message: str
    """Both in words, shortened where they are long."""
    values: ValuesRecord | None
    """How many values differ, for arrays and lists."""
    holds: int
    """How many entities are inside one that was added or removed; they are not listed."""


class DiffSummary(Record):
    """Counts."""

    differences: int
    """How many differences there are."""
    entities: int
    """In how many entities."""
    compared: list[int]
    """How many entities the left and the right file have."""
    kinds: dict[Kind, int]
    """How many differences there are of each kind, of those that occur."""


class DiffReport(Record):
    """What differs between two files."""

    version: Literal[1] = 1
    """Version of this layout."""
    tool: Tool = Field(default_factory=Tool)
    """The program that compared."""
    left: str
    """The first file, as it was named."""
    right: str
    """The second file, as it was named."""
    equal: bool
    """Whether nothing differs of what was compared."""
    differences: list[DifferenceRecord]
    """What differs, in order of the left file; what was added comes last."""
    summary: DiffSummary
    """Counts."""


def diff_json(
    found: Iterable[Difference], models: tuple[Model, Model], names: tuple[str, str]
) -> str:
    """The differences as JSON, as ``schemas/diff.schema.json`` describes it.

    Args:
        found: the differences.
        models: the two files.
        names: how they were named.
    """
    records = [_record(one) for one in found]
    kinds = [one.kind for one in records]
    report = DiffReport(
        left=_told(names[0]),
        right=_told(names[1]),
        equal=not records,
        differences=records,
        summary=DiffSummary(
            differences=len(records),
            entities=len({(one.path, one.other_path) for one in records}),
            compared=[_size(model) for model in models],
            kinds={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        ),
    )
    return json.dumps(report.model_dump(), indent=2, ensure_ascii=False, allow_nan=False)


def diff_schema() -> dict[str, Any]:
    """JSON Schema of a comparison."""
    schema = DiffReport.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nixschema diff",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def diff_text(
    found: Iterable[Difference],
    models: tuple[Model, Model],
    names: tuple[str, str],
    *,
    limits: str = "",
    style: Style = plain,
) -> Iterator[str]:
    """Lines that tell the differences, as they are found.

    Args:
        found: the differences.
        models: the two files.
        names: how they were named.
        limits: what was compared, in words, where it was not everything.
        style: colours.
    """
    total = entities = 0
    for _, group in groupby(found, key=lambda one: (one.path, one.other_path, one.entity_id)):
        if not total:
            yield style(file_name(f"{names[0]} -> {names[1]}"), "file")
        here = list(group)
        total += len(here)
        entities += 1
        yield from _lines(here, style)
    sizes = dict.fromkeys(_size(model) for model in models)
    compared = " and ".join(f"{size:,}" for size in sizes)
    if not total:
        what = "entity" if compared == "1" else "entities"
        noted = f" ({limits})" if limits else ""
        yield f"{style('No differences', 'ok')} in {compared} {what}{noted}."
        return
    count = style(count_text(total, "difference"), "error")
    where = "1 entity" if entities == 1 else f"{entities:,} entities"
    noted = f"; {limits}" if limits else ""
    yield ""
    yield f"Found {count} in {where} ({compared} compared{noted})."


def _lines(found: list[Difference], style: Style) -> Iterator[str]:
    whole = [one for one in found if one.kind in _OF_ENTITY]
    notes = "; ".join(
        f"{style(one.kind, _ROLES.get(one.kind, 'warning'))}: {printable(one.message)}"
        for one in whole
    )
    yield f"  {printable(found[0].path)}{'  ' if notes else ''}{notes}"
    fields = [(printable(one.field or ""), one) for one in found if one.kind not in _OF_ENTITY]
    width = max((len(name) for name, _ in fields), default=0)
    for name, one in fields:
        yield f"      {style(f'{name:{width}}', 'faint')}  {printable(one.message)}"


def _size(model: Model) -> int:
    return sum(isinstance(one, Entity) for one in model.walk())


def _record(one: Difference) -> DifferenceRecord:
    return DifferenceRecord(
        kind=one.kind,
        path=_told(one.path),
        other_path=_told(one.other_path),
        entity=one.entity,
        entity_id=_told(one.entity_id),
        field=_told(one.field),
        left=_told(one.left),
        right=_told(one.right),
        message=_told(one.message),
        values=_values(one.values),
        holds=one.holds,
    )


def _values(tally: Tally | None) -> ValuesRecord | None:
    if tally is None:
        return None
    return ValuesRecord(
        differ=tally.differ,
        of=tally.of,
        first=list(tally.first),
        column=_told(tally.column),
        largest_relative=tally.largest_relative,
    )


def _told(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case np.bool_() | np.integer():
            return value.item()
        case np.floating():
            number = float(str(value))
            return number if math.isfinite(number) else str(number)
        case np.void() if value.dtype.names:
            return [_told(value[name]) for name in value.dtype.names]
        case np.void():
            return f"0x{value.tobytes().hex()}"
        case np.ndarray():
            return [_told(item) for item in value.ravel()] if value.ndim else _told(value[()])
        case Array():
            return {"dtype": value.type_text, "shape": list(value.shape)}
        case list() | tuple():
            return [_told(item) for item in value]
    return str(value)
