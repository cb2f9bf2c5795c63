"""What is wrong with a description: NIX13x as a text about NIX, NIX9xx as a conversion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nixschema.findings import Level
from nixschema.rules.rule import Sentence, at, rule


class Fault(NamedTuple):
    """Something wrong with a description, or that one cannot say, or that is not as it says."""

    rule: str
    """Id of the rule that tells it."""
    line: int
    """Line, from 1; 0 where there is none."""
    column: int
    """Column, from 1."""
    path: str
    """Path of the entity and its part, as in a NIX file."""
    message: str
    """What is there and what was expected."""
    help: str | None = None
    """What to do."""


@rule("NIX130", on=Fault)
def text_is_a_description(fault: Fault) -> Iterator[Sentence]:
    """A description is a mapping with `nix`, `metadata` or `blocks`.

    That is how it is told from other YAML and JSON files.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX131", on=Fault)
def keys_are_known(fault: Fault) -> Iterator[Sentence]:
    """Every key is one that its entity has.

    A key that nothing reads has no effect: most often it is misspelt, or stands a level too high or
    too low. What the model does not know goes below `extra`.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX132", on=Fault, level=Level.WARNING)
def values_look_like_one_thing(fault: Fault) -> Iterator[Sentence]:
    """A value without quotes looks like what it is.

    `007` and `12e03` are texts in YAML 1.2 or numbers, depending on who reads them. Ids and hashes
    look like that: quotes, or a `dtype`, say what is meant.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX133", on=Fault)
def keys_agree(fault: Fault) -> Iterator[Sentence]:
    """Keys of one entity do not contradict each other.

    A property has `value` or `values`, a table says its columns once: of two that say the same
    thing, nobody knows which is meant.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX134", on=Fault, level=Level.WARNING)
def file_is_as_described(fault: Fault) -> Iterator[Sentence]:
    """A file is what its description says.

    Where they differ, one of them was changed without the other: who reads the description is told
    what is not so, and who converts it again loses what was changed in the file. Ids and times are
    not compared. Only checked with `--description`.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX135", on=Fault, level=Level.WARNING, cost="values")
def values_are_as_described(fault: Fault) -> Iterator[Sentence]:
    """The values in a file are those that its description says, or those of its data files.

    They were changed in the file, or the data files were. Only checked with `--description`.
    """
    yield at(fault.message, help=fault.help)


@rule("NIX901", on=Fault, level=Level.WARNING)
def description_says_all(fault: Fault) -> Iterator[Sentence]:
    """A description can say all that is in the file.

    It says all of NIX, and nearly all that may stand beside it. What cannot be read, and what no
    text can hold, is left out; converting back gives a file without it.
    """
    yield at(fault.message, help=fault.help)
