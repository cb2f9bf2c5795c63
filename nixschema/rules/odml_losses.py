"""NIX85x: what does not arrive where metadata are carried into odML, RDF or NIX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nixschema.findings import Level
from nixschema.rules.rule import Sentence, at, rule


class ConversionLoss(NamedTuple):
    """Something that does not arrive in the target of a conversion as it is in the source."""

    rule: str
    """Id of the rule that tells it."""
    path: str
    """Path of the entity and its field, as in a NIX file."""
    message: str
    """What is there, and what becomes of it."""
    help: str | None = None
    """What to do."""
    line: int = 0
    """Line in the source, from 1; 0 where there is none."""
    column: int = 0
    """Column, from 1; 0 where there is none."""


LOST = frozenset({"NIX850", "NIX851", "NIX853", "NIX855", "NIX856", "NIX901"})
"""Rules about what the target does not hold; others tell what is worth knowing."""


@rule("NIX850", on=ConversionLoss, level=Level.WARNING)
def odml_takes_metadata_of_nix(loss: ConversionLoss) -> Iterator[Sentence]:
    """An odML document holds all that the metadata of a NIX file say.

    Types of values in the file, times, links and unknown attributes go to the section
    `nix_roundtrip`, which `--plain` leaves out. What is no text, number or boolean has no place
    there, nor has anything about an entity without an id.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX851", on=ConversionLoss, level=Level.WARNING)
def text_holds_the_document(loss: ConversionLoss) -> Iterator[Sentence]:
    """A serialisation of odML holds all that a document says.

    XML has no control characters, and readers take blanks at the edges of a field away; numbers in
    fields that are texts come back as texts. JSON and YAML hold nearly everything.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX852", on=ConversionLoss, level=Level.INFO)
def python_odml_reads_it(loss: ConversionLoss) -> Iterator[Sentence]:
    """Python's odML library reads what is written as it is meant.

    The file holds it, and nixschema reads it back. The library reads another value or type, or
    leaves the property out.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX853", on=ConversionLoss, level=Level.WARNING)
def rdf_holds_the_document(loss: ConversionLoss) -> Iterator[Sentence]:
    """RDF holds all that a document says.

    odML's RDF knows no order, links, includes, cardinalities or dependencies. It is for searching:
    keep the document as odML or NIX, too.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX854", on=ConversionLoss, level=Level.WARNING)
def links_can_be_resolved(loss: ConversionLoss) -> Iterator[Sentence]:
    """With `--resolve`, each link and include leads to a section that can be taken in.

    One that leads nowhere, round in a circle, or to a document that may not or cannot be read stays
    as it is. Files beside the source are read, others with `--allow-outside`; the network is only
    asked with `--fetch`.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX855", on=ConversionLoss, level=Level.WARNING)
def parts_stand_alone(loss: ConversionLoss) -> Iterator[Sentence]:
    """What `--section` and `--exclude` leave refers to nothing that they leave out.

    A link into what is left out would lead nowhere, and is taken away. With `--resolve`, the
    content of linked sections is taken in first.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX856", on=ConversionLoss, level=Level.WARNING)
def nix_file_holds_all(loss: ConversionLoss) -> Iterator[Sentence]:
    """A NIX file holds all that its source says.

    References to what is in no file, and values that cannot be read, are left out.
    """
    yield at(loss.message, help=loss.help)


@rule("NIX857", on=ConversionLoss, level=Level.INFO)
def odml_is_metadata(loss: ConversionLoss) -> Iterator[Sentence]:
    """A document of odML, and its RDF, hold metadata and no data.

    Blocks, with arrays, tags and their links to sections, stay in the NIX file. Taking the document
    into that file again leaves these links as they are.
    """
    yield at(loss.message, help=loss.help)
