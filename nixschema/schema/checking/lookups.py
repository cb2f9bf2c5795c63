"""What a value may be where it names entities, or stands in a column."""

from __future__ import annotations

from typing import Any

from nixschema.errors import NixError, StaleFileError
from nixschema.model import DataFrame, Property, Section
from nixschema.schema.checking.clauses import ClauseCheck, tried
from nixschema.schema.checking.constraints import Lookup
from nixschema.schema.checking.run import ColumnView
from nixschema.schema.checking.scope import Scope

MOST_ROWS = 1_000_000
"""Columns with more rows are not compared with."""


def names_of(clause: ClauseCheck, kind: str | None, *, has_blanks: bool) -> Lookup:
    """The names of the entities of which a clause holds."""
    return _fields_of("name", clause, kind, has_blanks)


def ids_of(clause: ClauseCheck, kind: str | None, *, has_blanks: bool) -> Lookup:
    """The ids of the entities of which a clause holds."""
    return _fields_of("id", clause, kind, has_blanks)


def _fields_of(field: str, clause: ClauseCheck, kind: str | None, has_blanks: bool) -> Lookup:
    def find(scope: Scope, entity: Any) -> set[Any]:
        block = None if isinstance(entity, Property | Section) else _block(entity)
        key = (field, id(clause), id(block))
        known = None if has_blanks else scope.run.answers.get(key)
        if known is None:
            known = {
                getattr(one, field, None)
                for one in scope.run.of_kind(kind, block)
                if tried(clause, one, scope)[1].holds
            }
            if not has_blanks:
                scope.run.answers[key] = known
        found: set[Any] = known
        return found

    return find


def _block(entity: Any) -> Any:
    return entity.frame.block if isinstance(entity, ColumnView) else entity.block


def column_values(frame_name: str, column: str) -> Lookup:
    """The values of a column of a frame in the same block; None where nobody knows them."""

    def find(scope: Scope, entity: Any) -> set[Any] | None:
        block = _block(entity)
        key = ("column", frame_name, column, id(block))
        if key not in scope.run.answers:
            scope.run.answers[key] = _column(block, frame_name, column)
            if scope.run.answers[key] is None and (frame := _frame(block, frame_name)) is not None:
                told = f"column `{column}` cannot be read, or has more than {MOST_ROWS:,} rows"
                scope.run.limits[key] = (frame, f"{told}: nothing is compared with it")
        found: set[Any] | None = scope.run.answers[key]
        return found

    return find


def _frame(block: Any, name: str) -> Any:
    frames = None if block is None else block.__dict__.get("data_frames")
    return None if frames is None else frames.by_name(name)


def _column(block: Any, frame_name: str, column: str) -> set[Any] | None:
    frame = _frame(block, frame_name)
    if not isinstance(frame, DataFrame) or frame.__dict__.get("data") is None:
        return set()
    data = frame.__dict__["data"]
    if data.size > MOST_ROWS or not data.is_stored:
        return None
    try:
        values = frame[column]
    except StaleFileError:
        raise
    except KeyError:
        return set()
    except (NixError, OSError, ValueError, MemoryError):
        return None
    return {one.decode() if isinstance(one, bytes) else one for one in values.tolist()}
