"""NIX05x: the values that a description says to be elsewhere, in files of any format."""

from __future__ import annotations

from collections.abc import Iterator

from nixschema.rules.rule import Sentence, at, rule
from nixschema.sources.spec import SourceError


@rule("NIX051", on=SourceError)
def data_file_is_there(error: SourceError) -> Iterator[Sentence]:
    """A file of values is there, may be read, and lies in the folder of the description.

    A description takes values from files beside it. One that lies elsewhere is missing when the
    description is moved, and a description of somebody else's must not read other files of the
    machine: `--allow-outside` allows it. Folders, pipes and devices are no files of values.
    """
    if error.rule == "NIX051":
        yield _said(error)


@rule("NIX052", on=SourceError)
def data_file_is_of_its_format(error: SourceError) -> Iterator[Sentence]:
    """A file of values holds what its format says.

    The format follows from the suffix, or is given with `format`. Rows of a CSV file all have the
    same number of fields, a `.npy` file has as many values as its header says and no pickled
    objects, a `.npz` archive and an HDF5 file have what is asked for. Keys that say nothing about a
    format are refused: they would have no effect.
    """
    if error.rule == "NIX052":
        yield _said(error)


@rule("NIX053", on=SourceError)
def values_have_the_shape(error: SourceError) -> Iterator[Sentence]:
    """Values have the shape that the description says, and the parts that it selects.

    `shape` is that of all values. `select` takes a part of them, along each axis no further than
    there are values, and `transpose` then puts the axes in another order. The length of a raw file
    is that of a whole number of elements.
    """
    if error.rule == "NIX053":
        yield _said(error)


@rule("NIX054", on=SourceError)
def values_have_the_type(error: SourceError) -> Iterator[Sentence]:
    """Values have the type that the description says, or can be given it unchanged.

    Integers must be in the range of the type, text in a column of numbers is no number, and a
    missing value is NaN only among floating point numbers, and only where `missing` says what
    stands for it. Floating point numbers lose digits where the type has fewer; nothing else is
    lost.
    """
    if error.rule == "NIX054":
        yield _said(error)


@rule("NIX055", on=SourceError)
def data_file_has_the_checksum(error: SourceError) -> Iterator[Sentence]:
    """A file of values has the SHA-256 checksum that the description says.

    Another checksum means another content: the file was changed, damaged, or replaced.
    """
    if error.rule == "NIX055":
        yield _said(error)


def _said(error: SourceError) -> Sentence:
    return at(error.message, help=error.help)
