"""NIX2xx: data frames."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.findings import Level
from nixschema.model import DataFrame
from nixschema.model.extra import Problem
from nixschema.rules.rule import Sentence, at, rule


@rule("NIX208", on=Problem, level=Level.WARNING)
def units_fit_columns(problem: Problem) -> Iterator[Sentence]:
    """A data frame has one unit for each column, or none, and says the same in both places.

    nixio keeps the units on the frame, the C++ library on its data; a list of another length cannot
    be assigned to columns.
    """
    yield f"`{problem.name}` has {problem.found}; expected {problem.expected}"


@rule("NIX213", on=DataFrame)
def frame_has_data(frame: DataFrame) -> Iterator[Sentence]:
    """A data frame has data.

    Names and types of its columns are those of its data: without them there are no columns.
    """
    if frame.data is None and not frame.extra.has("data"):
        yield at("data", "there is no `data`")


@rule("NIX240", on=DataFrame, level=Level.WARNING)
def column_names_can_be_typed(frame: DataFrame) -> Iterator[Sentence]:
    """The names of columns can be typed as they are seen.

    Columns are asked for by name. One that is blank, begins or ends with a blank, or has characters
    in it that cannot be seen is not found by who types what is shown. That two have the same name,
    or one none at all, HDF5 refuses already.
    """
    for number, column in enumerate(frame.columns):
        name = column.name
        if name.isprintable() and name == name.strip() and name:
            continue
        fault = (
            "is blank"
            if not name.strip()
            else "begins or ends with a blank"
            if name.isprintable()
            else "has characters in it that cannot be seen"
        )
        yield at("columns", number, f"the name of column {number + 1}, `{name[:60]}`, {fault}")


@rule("NIX241", on=DataFrame, level=Level.INFO)
def columns_with_units_are_numbers(frame: DataFrame) -> Iterator[Sentence]:
    """Columns with a unit hold numbers.

    Text and booleans have no unit: it may be that of the column next to it.
    """
    for number, column in enumerate(frame.columns):
        if frame.data is None or column.unit is None or column.unit.is_blank:
            continue
        if frame.data.dtype[column.name].base.kind not in "iufc":
            yield at(
                "columns",
                number,
                f"column `{column.name}` holds {column.dtype}, and has the unit `{column.unit}`",
            )
