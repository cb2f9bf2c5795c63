"""Sources as documents of odML: read or made of a file, resolved, and cut to what is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field

from nixschema.carrying.parts import counterpart, named_in_document, named_in_file
from nixschema.errors import CheckFailed, NixError, NotNix
from nixschema.findings import Finding, Level
from nixschema.model import File, Property, Section
from nixschema.odml.from_nix import document_of, is_document
from nixschema.odml.reading import read_odml
from nixschema.odml.resolving import resolve
from nixschema.odml.selecting import narrowed, without_reserved
from nixschema.odml.writing import Loss
from nixschema.odml_model import document as odml
from nixschema.rules.odml_losses import ConversionLoss
from nixschema.rules.rule import all_rules
from nixschema.rules.runner import Runner

UNREAD = frozenset({"NIX805", "NIX807", "NIX816"})
"""Rules on odML files about what is not read, and so is not in what is made of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the metadata of a source."""

    section: str | None = None
    """Path of the section that becomes the root; everything where None."""
    exclude: tuple[str, ...] = ()
    """Paths of sections and properties that are left out."""
    resolve: bool = False
    """Whether links and includes are resolved."""
    fetch: bool = False
    """Whether included documents are fetched from the network."""
    allow_outside: bool = False
    """Whether included files may lie outside the folder of the source."""
    reserved: bool = True
    """Whether the reserved section is wanted."""


@dataclass(slots=True)
class Taken:
    """A document that is to be written in some format."""

    document: odml.Document
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with the source."""
    losses: list[ConversionLoss] = field(default_factory=list)
    """What is in the source and not in the document, and links that stay."""


def from_odml(path: str, wanted: Wanted) -> Taken:
    """Read a document.

    Raises:
        NotNix: the file cannot be read.
        CheckFailed: there is no document in it.
        NixError: there is no section or property that is named.
    """
    try:
        document, problems = read_odml(path)
    except OSError as error:
        raise NotNix(f"{path} cannot be read: {error.strerror or error}") from None
    runner = Runner(all_rules())
    found = [told for one in problems if (told := runner.tell(one)) is not None]
    if document is None:
        errors = [one for one in found if one.level is Level.ERROR] or found
        raise CheckFailed(f"{path} is no odML that can be read", errors)
    taken = Taken(document, found)
    if wanted.resolve:
        taken.losses += _resolved(document, path, wanted)
    _narrow(
        taken,
        None if wanted.section is None else _section(document, wanted.section, path),
        [named_in_document(document, one, path) for one in wanted.exclude],
    )
    if not wanted.reserved:
        taken.losses += map(_of_nix, without_reserved(document))
    return taken


def from_file(file: File, path: str, findings: list[Finding], wanted: Wanted) -> Taken:
    """Make a document of the metadata of a file.

    Args:
        file: what was read; may be changed.
        path: where it was read from.
        findings: what is wrong with it.
        wanted: what is to be in the document.

    Raises:
        NixError: there is no section or property that is named.
    """
    root = None
    if wanted.section is not None:
        root = named_in_file(file, wanted.section, path, is_root=True)
    excluded = [named_in_file(file, one, path) for one in wanted.exclude]
    if isinstance(root, Section) and is_document(root):
        for one in list(file.metadata):
            if one is not root:
                file.metadata.remove(one)
        root = None
    for model in excluded:
        is_inside = isinstance(model, Property) and _is_of_document(model)
        if is_inside or (isinstance(model, Section) and is_document(model)):
            assert model._container is not None
            model._container.remove(model)
    document, losses = document_of(file)
    taken = Taken(document, findings, list(map(_of_nix, losses)))
    chosen = counterpart(file, document, root) if isinstance(root, Section) else None
    out = [
        found
        for model in excluded
        if isinstance(model, Section | Property)
        and model.root is file
        and (found := counterpart(file, document, model)) is not None
    ]
    if wanted.resolve:
        taken.losses += _resolved(document, path, wanted)
    _narrow(
        taken,
        chosen if isinstance(chosen, odml.Section) else None,
        [one for one in out if isinstance(one, odml.Section | odml.Property)],
    )
    if not wanted.reserved:
        taken.losses += map(_of_nix, without_reserved(document))
    if blocks := len(file.blocks):
        some = "1 block stays" if blocks == 1 else f"{blocks:,} blocks stay"
        taken.losses.append(ConversionLoss("NIX857", "/data", f"{some} behind: odML has no data"))
    return taken


def _is_of_document(one: Property) -> bool:
    return isinstance(one.owner, Section) and is_document(one.owner)


def _section(document: odml.Document, text: str, path: str) -> odml.Section:
    found = named_in_document(document, text, path, is_root=True)
    assert isinstance(found, odml.Section)
    return found


def _narrow(
    taken: Taken, section: odml.Section | None, excluded: list[odml.Section | odml.Property]
) -> None:
    if section is None and not excluded:
        return
    if any(one is section for one in excluded):
        raise NixError(f"the section `{section.name if section else ''}` is left out as a whole")
    for loss in narrowed(taken.document, section, excluded):
        path = f"{loss.path}/{loss.field}" if loss.field else loss.path
        taken.losses.append(ConversionLoss("NIX855", path, loss.reason))


def _resolved(document: odml.Document, path: str, wanted: Wanted) -> list[ConversionLoss]:
    left = resolve(document, path, allow_outside=wanted.allow_outside, fetch=wanted.fetch)
    return [
        ConversionLoss(
            "NIX854",
            f"{one.path}/{one.field}",
            one.message,
            one.help,
            one.place.line,
            one.place.column,
        )
        for one in left
    ]


def _of_nix(loss: Loss) -> ConversionLoss:
    path = f"{loss.path}/{loss.field}" if loss.field else loss.path
    return ConversionLoss("NIX850", path, loss.reason)
