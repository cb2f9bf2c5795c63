"""NIX06x and NIX07x: what is wrong with a schema, a lab's document of what files must contain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nixschema.findings import Level
from nixschema.rules.rule import Sentence, at, rule


class SchemaProblem(NamedTuple):
    """Something wrong with a schema."""

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
    """Keys from the top of the schema: ``/blocks/recording/data_arrays/voltage/unit``."""
    file: str | None = None
    """The file, where it is another one: that of a lower layer."""


@rule("NIX060", on=SchemaProblem)
def text_is_a_schema(problem: SchemaProblem) -> Iterator[Sentence]:
    """A schema is a mapping with its id at `schema`.

    That is how it is told from descriptions. The id is the first part of the ids of its findings:
    a word of letters and digits, with `-`, `_` or `.` between them.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX061", on=SchemaProblem)
def keywords_are_known(problem: SchemaProblem) -> Iterator[Sentence]:
    """Every keyword is one that the language of schemas has there.

    A keyword that is misspelt, or stands a level too high or too low, would ask for nothing: files
    would pass that must not.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX062", on=SchemaProblem)
def keywords_say_what_is_expected(problem: SchemaProblem) -> Iterator[Sentence]:
    """What stands at a keyword is what the keyword takes.

    A number, a text, a count such as `1..3`, one of a few words, a list, or a mapping.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX063", on=SchemaProblem)
def patterns_are_sound(problem: SchemaProblem) -> Iterator[Sentence]:
    """Regular expressions and blanks are well formed, and expressions take no endless time.

    A repetition within a repetition, such as `(a+)+`, takes longer than anybody waits on some
    texts; it can be written without.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX064", on=SchemaProblem)
def units_are_known(problem: SchemaProblem) -> Iterator[Sentence]:
    """Units that values are converted to are ones that NIX knows.

    `like: V` and `min: 0.1 ms` convert, which needs SI units. A unit that is only compared
    (`unit: pixel`) may be any text.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX065", on=SchemaProblem)
def layers_are_found(problem: SchemaProblem) -> Iterator[Sentence]:
    """The schemas that a schema extends are there, in the version that it needs.

    They are shipped or installed ones by name, files by their path from the schema, or files of an
    installed package: `package:name`. A schema does not extend itself.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX066", on=SchemaProblem)
def constraints_can_hold(problem: SchemaProblem) -> Iterator[Sentence]:
    """Constraints on one place do not contradict each other.

    All layers apply, so that no file could pass that has to be `mV` for one and `V` for another. To
    loosen what a lower layer asks for, `override` replaces it.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX067", on=SchemaProblem)
def overrides_replace_something(problem: SchemaProblem) -> Iterator[Sentence]:
    """An override replaces a constraint that a lower layer has at its place, and says why.

    One that replaces nothing is misspelt, or what it replaced is no more.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX068", on=SchemaProblem, level=Level.WARNING)
def blanks_compare_something(problem: SchemaProblem) -> Iterator[Sentence]:
    """A blank occurs more than once in its clause, and not only in parts that are optional.

    A blank says that things agree; what occurs once agrees with itself. Most often it is misspelt.
    What may be anything is written `any` or `required`.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX069", on=SchemaProblem)
def clauses_are_about_something(problem: SchemaProblem) -> Iterator[Sentence]:
    """A clause is about entities that there can be.

    A `select` that asks for what cannot be at its place selects nothing, and its clause then never
    finds anything wrong.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX070", on=SchemaProblem)
def types_of_namespaces_are_declared(problem: SchemaProblem) -> Iterator[Sentence]:
    """A type that a schema asks for in a closed namespace is one that its `types` declare.

    In a file such a type is an error; a schema that asks for it asks for what it forbids.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX071", on=SchemaProblem)
def accepted_rules_may_be_accepted(problem: SchemaProblem) -> Iterator[Sentence]:
    """What a schema accepts are findings of rules that there are, and that may be accepted.

    Those about the container and about single fields, NIX0xx and NIX1xx, cannot: such files are
    broken, whatever a schema says.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX072", on=SchemaProblem)
def python_rules_are_installed(problem: SchemaProblem) -> Iterator[Sentence]:
    """Rules in Python are functions of installed packages.

    They are named `package.module:function`, and never taken from files beside the schema.
    """
    yield at(problem.message, help=problem.help)
