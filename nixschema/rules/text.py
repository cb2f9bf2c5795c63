"""NIX04x: text that descriptions and other documents are written in."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.rules.rule import Sentence, at, rule
from nixschema.text import TextProblem


@rule("NIX041", on=TextProblem)
def text_is_utf8(problem: TextProblem) -> Iterator[Sentence]:
    """Text is UTF-8 without control characters.

    Other encodings cannot be told from each other, so that `µV` would be read as something else.
    Control characters are invisible, and YAML does not have them; between double quotes they are
    written as escapes.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX042", on=TextProblem)
def text_is_yaml(problem: TextProblem) -> Iterator[Sentence]:
    """Text is YAML or JSON.

    Reading ends where it is not. Most often a quote or bracket is not closed, a line is indented
    in a way that fits no other, or a text begins with a character that means something in YAML,
    such as `%`, and needs quotes.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX043", on=TextProblem)
def keys_are_unique(problem: TextProblem) -> Iterator[Sentence]:
    """A key is written once in its mapping.

    Other readers keep one of both values without a word, and not all the same one. A key may
    override one that is merged with `<<`.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX044", on=TextProblem)
def plain_yaml(problem: TextProblem) -> Iterator[Sentence]:
    """Text has one document, without tags, whose keys are texts.

    YAML has more than that. Tags make some readers run code, and a second document or a key that
    is a list has no meaning here.
    """
    yield at(problem.message, help=problem.help)


@rule("NIX045", on=TextProblem)
def text_within_limits(problem: TextProblem) -> Iterator[Sentence]:
    """Text is of a size that can be read.

    A few lines of aliases can stand for more than fits in memory. The number of values, the depth
    of nesting and the size of the text have limits too; large data belongs into files of its own.
    """
    yield at(problem.message, help=problem.help)
