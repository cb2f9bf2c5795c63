"""NIX80x: what is met while an odML file is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nixschema.findings import Level
from nixschema.rules.rule import Sentence, at, rule


class OdmlProblem(NamedTuple):
    """Something wrong with an odML file, or that is not read as it is written."""

    rule: str
    """Id of the rule that tells it."""
    message: str
    """What is there and what was expected."""
    help: str | None
    """What to do."""
    line: int
    """Line, from 1; 0 where there is none."""
    column: int
    """Column, from 1; 0 where there is none."""
    path: str
    """Path of the entity, as in a NIX file: ``/metadata/subject/properties/age``."""


@rule("NIX801", on=OdmlProblem)
def text_is_xml(problem: OdmlProblem) -> Iterator[Sentence]:
    """XML text is well-formed, and in the encoding that it declares.

    Reading ends where a tag is not closed, or closed by another. Bytes that the encoding does not
    have are read as Latin-1, which may not be what was meant; control characters are replaced.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX802", on=OdmlProblem)
def text_is_odml(problem: OdmlProblem) -> Iterator[Sentence]:
    """The text is an odML document of version 1.1 or 1.0.

    XML has the root `odML` with its version; JSON and YAML have the keys `Document` and
    `odml-version`. Without a version, the form of the values tells which one it is.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX803", on=OdmlProblem)
def xml_stands_alone(problem: OdmlProblem) -> Iterator[Sentence]:
    """XML text declares no entities, and needs no other file to be read.

    A few entities that stand for each other can expand to more than fits in memory, and external
    ones read files of the machine that they are read on. Nothing is expanded or fetched.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX804", on=OdmlProblem)
def odml_within_limits(problem: OdmlProblem) -> Iterator[Sentence]:
    """An odML file is of a size that can be read.

    Size, number of elements and depth of nesting have limits, so that no file takes all memory.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX805", on=OdmlProblem, level=Level.WARNING)
def fields_are_known(problem: OdmlProblem) -> Iterator[Sentence]:
    """Every tag, key and attribute is one that odML has, where it has it.

    What odML has no place for is not read; the finding tells what it says. Python's odML library
    loses it with the next save.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX806", on=OdmlProblem, level=Level.INFO)
def style_sheets_are_left_out(problem: OdmlProblem) -> Iterator[Sentence]:
    """A style sheet within an odML file is not carried along.

    It says how a browser shows the file, and nothing about the data.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX807", on=OdmlProblem, level=Level.WARNING)
def fields_are_given_once(problem: OdmlProblem) -> Iterator[Sentence]:
    """A field of an entity is given once.

    Of several the last is read, as Python's odML library does. Several `<value>` elements in odML
    1.1 are several values to us; that library keeps the last only.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX808", on=OdmlProblem)
def entities_have_names(problem: OdmlProblem) -> Iterator[Sentence]:
    """Sections and properties have names.

    One without is named by its id, or `unnamed`.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX809", on=OdmlProblem, level=Level.WARNING)
def names_are_unique(problem: OdmlProblem) -> Iterator[Sentence]:
    """Sections of one owner have different names, and so have properties.

    Readers find them by name, and Python's odML library refuses a file that has a name twice. The
    second `Cell` is read as `Cell-2`.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX810", on=OdmlProblem, level=Level.WARNING)
def ids_are_uuids(problem: OdmlProblem) -> Iterator[Sentence]:
    """An id is a UUID.

    Others are kept, but Python's odML library puts a random one in their place with each reading,
    so that nothing can refer to them.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX811", on=OdmlProblem)
def values_fit_their_type(problem: OdmlProblem) -> Iterator[Sentence]:
    """Values are of the type of their property.

    A value that is not is kept as the text that is written. Python's odML library drops the whole
    property, or reads another value: `1.5` as the whole number 1, and no date at all as today.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX812", on=OdmlProblem, level=Level.WARNING)
def types_of_values_are_known(problem: OdmlProblem) -> Iterator[Sentence]:
    """The type of a property is one that odML has.

    They are `string`, `text`, `url`, `person`, `int`, `float`, `boolean`, `date`, `time`,
    `datetime`, and tuples such as `2-tuple`. Values of any other type are read as texts.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX813", on=OdmlProblem, level=Level.WARNING)
def sections_have_types(problem: OdmlProblem) -> Iterator[Sentence]:
    """A section has a type.

    It says what the section is about, such as `subject` or `stimulus/white_noise`; by it the
    section is found, and compared with terminologies.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX814", on=OdmlProblem, level=Level.WARNING)
def date_of_document_is_one(problem: OdmlProblem) -> Iterator[Sentence]:
    """The date of a document is written as year, month and day.

    Python's odML library refuses the document otherwise, or loses its fields.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX815", on=OdmlProblem, level=Level.WARNING)
def uncertainty_is_a_number(problem: OdmlProblem) -> Iterator[Sentence]:
    """An uncertainty is a number.

    It counts in the unit of the property. A text is kept; NIX has no place of its own for it.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX816", on=OdmlProblem, level=Level.WARNING)
def cardinalities_are_pairs(problem: OdmlProblem) -> Iterator[Sentence]:
    """A cardinality is a pair of whole numbers: at least, at most.

    Either may be open: `(1, None)` is at least one. What is none of that is not read.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX817", on=OdmlProblem, level=Level.INFO)
def values_share_their_fields(problem: OdmlProblem) -> Iterator[Sentence]:
    """The values of a property share its unit, type, uncertainty and all else.

    In odML 1.0 each value has its own. Where they differ, and what odML 1.1 has no place for, is
    kept in a property beside, with one value for each: `Voltage.unit` for the units of `Voltage`.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX818", on=OdmlProblem, level=Level.WARNING)
def lists_are_read_alike(problem: OdmlProblem) -> Iterator[Sentence]:
    """A list of values is written so that every reader reads the same values.

    White space around commas and brackets belongs to the values for some readers, and not for
    others; so do quotes behind a blank. `["a","b"]`, each value between double quotes, is safe.
    """
    yield at(problem.message, help=problem.help)
