"""Write NIX files, and convert them: checked, then all of it or nothing."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from nixschema.carrying.documents import UNREAD, Taken, Wanted, from_file, from_odml
from nixschema.carrying.options import misuse
from nixschema.carrying.parts import named_in_file, narrowed
from nixschema.carrying.targets import losses_in, serialisation
from nixschema.descriptions.description import read_description, write_description
from nixschema.descriptions.findings import findings_about
from nixschema.descriptions.placing import Data
from nixschema.errors import (
    CheckFailed,
    LossWarning,
    NixError,
    NotNix,
    StaleFileError,
    UnknownFormat,
)
from nixschema.findings import Finding, Level
from nixschema.formats import ALL_SUFFIXES, Format, format_of_name
from nixschema.io import read
from nixschema.layout import Version
from nixschema.model import File, Section
from nixschema.model.file import PRESENT_VERSION
from nixschema.model.pending import settle_file
from nixschema.odml.to_nix import sections_of
from nixschema.odml.writing import Format as Serialisation
from nixschema.odml.writing import write_odml
from nixschema.recognition import source_format, text_format
from nixschema.reports.text import count_text
from nixschema.reports.wording import line_and_column
from nixschema.rules.odml_losses import LOST, ConversionLoss
from nixschema.rules.rule import all_rules
from nixschema.rules.runner import Runner
from nixschema.storage.files import Stamp
from nixschema.storage.following import follow
from nixschema.storage.load import many_objects
from nixschema.storage.losses import Loss
from nixschema.storage.replace import replacing
from nixschema.storage.versions import changes_to, version_of, version_text, written_version
from nixschema.storage.writer import write_models

Check: TypeAlias = Literal["new", "all", "none"]
"""Which errors keep a file from being written."""

_TOLD = 5
"""How many errors a message tells."""


@dataclass(slots=True)
class Conversion:
    """What became of a file that was converted."""

    errors: list[Finding] = field(default_factory=list)
    """Errors of the source, which the target has too."""
    losses: list[Loss] = field(default_factory=list)
    """What the target could not take over."""
    repairs: list[Finding] = field(default_factory=list, repr=False)
    """Warnings about a source that is odML: what is not read as it is written."""
    findings: list[Finding] = field(default_factory=list, repr=False)
    """The losses as findings of their rules, and what is worth knowing about the target."""


def write(
    file: File,
    path: str | os.PathLike[str],
    *,
    check: Check | None = None,
    format_version: str | None = None,
    compression: int | None = None,
) -> None:
    """Write a NIX file: all of it, or nothing.

    The file that may be there before stays as it is until the new one is complete on the disk.
    Arrays are copied from where they are; those of a file that is written onto itself lie in the
    new one afterwards.

    Args:
        file: what to write.
        path: where to; a symlink is followed.
        check: ``all`` refuses every error, ``new`` those that the file it was read from does not
            have (as long as that is there), ``none`` writes whatever a file can hold. By default
            ``new`` for what was read and ``all`` for what was made by hand.
        format_version: ``1.2.1`` (nixio edits it) or ``1.2.0`` (the C++ library does). By default
            that of the file, and 1.2.1 for older ones.
        compression: level of deflate for the data of arrays and frames, 0 for none. By default
            what was read keeps what it has, and what is new is not compressed.

    Warns:
        LossWarning: ``check`` is ``none``, and something could not be written, such as references
            to what is in no file.

    Raises:
        CheckFailed: there are errors, or something cannot be written; nothing is.
        StaleFileError: the file that is written onto itself, or that of an array, has changed
            since it was read.
        OSError: the disk is full, the folder is not there, and the like.
        ValueError: an option has a value that it cannot have.
    """
    if not isinstance(file, File):
        raise TypeError(f"write takes a File and a path, not {file!r:.100}: see nixschema.File")
    version = written_version(file) if format_version is None else version_of(format_version)
    _check_level(compression)
    if check not in (None, *get_args(Check)):
        raise ValueError(f"check is one of {', '.join(get_args(Check))}, not {check!r}")
    target = os.fsdecode(path)
    settle_file(file)
    _refuse_lost_update(file, target)
    refuse_errors(file, check or ("all" if file.source is None else "new"))
    losses = _write(file, target, version, compression, strict=check != "none")
    if losses:
        parts = count_text(len(losses), "part")
        message = f"{target} was written without {parts}: {losses_text(losses)}"
        warnings.warn(message, LossWarning, stacklevel=2)


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    to: Format | None = None,
    from_: Format | None = None,
    format_version: str | None = None,
    compression: int | None = None,
    data: Data = "auto",
    plain: bool = False,
    strict: bool = False,
    allow_errors: bool = False,
    allow_outside: bool = False,
    section: str | None = None,
    exclude: Iterable[str] = (),
    resolve: bool = False,
    fetch: bool = False,
) -> Conversion:
    """Turn NIX, descriptions and odML into each other and into RDF, or write one of them again.

    Errors of a NIX file, and of odML, are written as they are. A description with errors makes no
    file, unless it says `allow_errors: true`.

    Args:
        source: the file to read: NIX, a description, or odML of version 1.1 or 1.0.
        target: the file to write; see `write` and `dump_description`. odML is written as version
            1.1, as XML, JSON or YAML by the ending of the name.
        to: ``nix``, ``description``, ``odml`` or ``rdf``; by the ending of the target's name where
            not given.
        from_: what the source is; by its content where not given.
        format_version: see `write`.
        compression: see `write`.
        data: where values go that do not fit into the text of a description; see
            `dump_description`.
        plain: for descriptions see `dump_description`; for odML, leave out the section
            `nix_roundtrip`, which holds what only NIX has a place for.
        strict: refuse a source that has errors, and whatever would be lost.
        allow_errors: write what a description with errors says as far as it can be.
        allow_outside: whether the data files of a description, and files that odML includes, may
            lie outside its folder.
        section: path of a section; it becomes the root, and all else is left out, data too.
        exclude: paths of sections and properties that are left out.
        resolve: take into sections of odML what their links and includes lead to.
        fetch: whether documents that are included may be fetched from the network.

    Raises:
        NotNix: the source is none of these.
        UnknownFormat: the name of the target says no format.
        CheckFailed: a description has errors; or with ``strict``, there are errors or losses.
            Nothing is written.
        NixError: there is no section or property that is named.
        StaleFileError, OSError, ValueError: see `write`.
    """
    asked = None if format_version is None else version_of(format_version)
    _check_level(compression)
    name = os.fsdecode(target)
    kind = to or format_of_name(name)
    if kind is None:
        raise UnknownFormat(f"{name} says no format: names end in {', '.join(ALL_SUFFIXES)}")
    path = os.fsdecode(source)
    came = from_ or source_format(path)
    given = {one for one, said in {"resolve": resolve, "fetch": fetch}.items() if said}
    if (reason := misuse(came, kind, given)) is not None:
        raise ValueError(reason)
    reserved = not plain and kind != "rdf"
    wanted = Wanted(section, tuple(exclude), resolve, fetch, allow_outside, reserved)
    taken: Taken | None = None
    losses: list[ConversionLoss] = []
    with many_objects():
        if came == "odml":
            taken = from_odml(path, wanted)
        else:
            is_document = kind == "odml" or kind == "rdf"
            file, errors = _source(
                *(path, came, allow_errors and not strict, allow_outside),
                metadata_only=is_document,
            )
            if is_document:
                taken = from_file(file, path, errors, wanted)
            elif section is not None or wanted.exclude:
                file, losses = _part(file, path, wanted)
        if taken is not None:
            errors = [one for one in taken.findings if one.level is Level.ERROR]
            losses = taken.losses
            if strict:
                _raise([one for one in taken.findings if _is_grave(one)])
            if kind == "odml" or kind == "rdf":
                return _write_document(taken, name, serialisation(name, kind), strict=strict)
            file = File(metadata=sections_of(taken.document))
    if strict:
        _raise(errors)
        _refuse_losses(losses)
    done = Conversion(errors, findings=_told(losses))
    if taken is not None:
        done.repairs = _repairs(taken)
    if kind == "description":
        has_errors = bool(errors if taken is None else _errors(file))
        unsaid: list[Loss] = write_description(
            file, name, data=data, plain=plain, allow_errors=has_errors, strict=strict
        )
        rule = "NIX901"
    else:
        version = asked or written_version(file)
        unsaid = _write(file, name, version, compression, strict=strict)
        rule = "NIX856"
    done.findings += _told(ConversionLoss(rule, one.path, one.reason) for one in unsaid)
    done.losses = [*_losses(losses), *unsaid]
    return done


def _part(file: File, path: str, wanted: Wanted) -> tuple[File, list[ConversionLoss]]:
    root = None
    if wanted.section is not None:
        root = named_in_file(file, wanted.section, path, is_root=True)
    excluded = [named_in_file(file, one, path) for one in wanted.exclude]
    return narrowed(file, root if isinstance(root, Section) else None, excluded)


def _write_document(
    taken: Taken, target: str, format: Serialisation, *, strict: bool
) -> Conversion:
    losses = [*taken.losses, *losses_in(taken.document, format)]
    if strict:
        _refuse_losses(losses)
    write_odml(taken.document, target, format=format)
    errors = [one for one in taken.findings if one.level is Level.ERROR]
    return Conversion(errors, _losses(losses), _repairs(taken), _told(losses))


def _refuse_losses(losses: Iterable[ConversionLoss]) -> None:
    """Refuse what would be lost, and links that stay where they were to be resolved."""
    grave = [Loss(one.path, one.message) for one in losses if one.rule in (*LOST, "NIX854")]
    if grave:
        parts = count_text(len(grave), "part")
        raise CheckFailed(f"not written: {parts} cannot be: {losses_text(grave)}")


def _losses(losses: Iterable[ConversionLoss]) -> list[Loss]:
    return [Loss(one.path, one.message) for one in losses if one.rule in LOST]


def _told(losses: Iterable[ConversionLoss]) -> list[Finding]:
    runner = Runner(all_rules())
    return [told for one in losses if (told := runner.tell(one)) is not None]


def _repairs(taken: Taken) -> list[Finding]:
    return [one for one in taken.findings if one.level is Level.WARNING]


def _is_grave(one: Finding) -> bool:
    """Whether what is found in a source means that not all of it is read."""
    return one.level is Level.ERROR or one.rule in UNREAD


def _source(
    path: str, kind: Format, allow_errors: bool, allow_outside: bool, *, metadata_only: bool
) -> tuple[File, list[Finding]]:
    """What a file says, and its errors; of NIX only those of metadata, where that is asked."""
    if kind == "nix":
        file = read(path)
        if not metadata_only:
            return file, _errors(file)
        found = Runner(all_rules(), depth="metadata").check(file)
        errors = [one for one in found if one.level is Level.ERROR]
        return file, [one for one in errors if one.path.startswith("/metadata")]
    description = read_description(path, allow_outside=allow_outside)
    found = findings_about(description, Runner(all_rules()))
    errors = [one for one in found if one.level is Level.ERROR]
    if description.file is None or not (allow_errors or description.allow_errors):
        _raise(errors)
    if description.file is None:
        raise NotNix(f"{path} is no description")
    return description.file, errors


def dump_description(
    file: File,
    path: str | os.PathLike[str],
    *,
    data: Data = "auto",
    plain: bool = False,
) -> None:
    """Write a file as a description: NIX as YAML, or as JSON where the name ends so.

    Values of more than a few elements go to files in the folder ``NAME.data`` beside it.

    Args:
        file: what to write.
        path: where to.
        data: where values go: ``auto`` puts few into the text and others into files, ``inline`` all
            into the text, ``files`` none, and with ``none`` they stay in the file they are in.
        plain: leave out ids, times, what the model does not know, how values are stored, and
            defaults.

    Warns:
        LossWarning: the description cannot say something.

    Raises:
        OSError: it cannot be written, or values not be read.
        NixError: with ``none``, the file was not read from one.
    """
    settle_file(file)
    errors = _errors(file)
    losses = write_description(file, path, data=data, plain=plain, allow_errors=bool(errors))
    if losses:
        parts = count_text(len(losses), "part")
        message = f"{os.fspath(path)} was written without {parts}: {losses_text(losses)}"
        warnings.warn(message, LossWarning, stacklevel=2)


def upgrade(
    source: str | os.PathLike[str], target: str | os.PathLike[str], *, strict: bool = False
) -> Conversion:
    """Write a NIX file of any older version, or odML 1.0, in the present one; see `convert`.

    Raises:
        NixError: the source is of a newer version, or does not say of which.
    """
    path = os.fsdecode(source)
    if text_format(path) == "odml":
        return _upgrade_odml(path, os.fsdecode(target), strict)
    file = read(source)
    if file.version is None:
        raise NixError(f"{os.fsdecode(source)} does not say which version of the format it has")
    if file.version > PRESENT_VERSION:
        raise NixError(
            f"{os.fsdecode(source)} is of format version {version_text(file.version)}: "
            f"{version_text(PRESENT_VERSION)} is older"
        )
    return _convert(file, os.fsdecode(target), PRESENT_VERSION, None, strict)


def _upgrade_odml(source: str, target: str, strict: bool) -> Conversion:
    with many_objects():
        taken = from_odml(source, Wanted())
    unknown = next((one for one in taken.findings if one.rule == "NIX802"), None)
    if unknown is not None:
        where = f"{source}:{line_and_column(unknown)}"
        raise NixError(f"{where}: {unknown.rule} {unknown.message}")
    if strict:
        _raise([one for one in taken.findings if _is_grave(one)])
    return _write_document(taken, target, serialisation(target, "odml"), strict=strict)


def _convert(
    file: File, target: str, version: Version | None, compression: int | None, strict: bool
) -> Conversion:
    errors = _errors(file)
    if strict:
        _raise(errors)
    losses = _write(file, target, version, compression, strict=strict)
    told = _told(ConversionLoss("NIX856", one.path, one.reason) for one in losses)
    return Conversion(errors, losses, findings=told)


def _write(
    file: File, target: str, version: Version | None, compression: int | None, *, strict: bool
) -> list[Loss]:
    changes = changes_to(file, version)
    with replacing(target) as stream:
        losses = write_models(
            file, stream, changes=changes, compression=compression, afresh=bool(changes)
        )
        if losses and strict:
            parts = count_text(len(losses), "part")
            raise CheckFailed(f"not written: {parts} cannot be: {losses_text(losses)}")
    if stream.status is not None:
        stamp = Stamp.from_status(stream.status)
        follow(file, target, stamp)
        if file.source is not None and os.path.realpath(file.source) == os.path.realpath(target):
            object.__setattr__(file, "_stamp", stamp)
    return losses


def _refuse_lost_update(file: File, target: str) -> None:
    """Refuse to replace a file that somebody else has changed since it was read."""
    stamp = getattr(file, "_stamp", None)
    if stamp is None or file.source is None or not os.path.exists(target):
        return
    itself = os.path.realpath(target) == os.path.realpath(file.source)
    if itself and Stamp.of(target) != stamp:
        raise StaleFileError(f"{target} has changed since it was read: read it again")


def refuse_errors(file: File, check: Check, *, depth: Literal["metadata", "full"] = "full") -> None:
    """Refuse a file that has errors which keep it from being written; see `write`.

    Args:
        file: what is to be written.
        check: which errors count.
        depth: ``metadata`` leaves out rules that read the values of arrays.

    Raises:
        CheckFailed: it has.
    """
    if check == "none":
        return
    errors = _errors(file, depth)
    if errors and check == "new" and file.source is not None and os.path.exists(file.source):
        known = Counter(_kind(one) for one in _errors(read(file.source), depth))
        errors = list(_beyond(errors, known))
    _raise(errors)


def _errors(file: File, depth: Literal["metadata", "full"] = "full") -> list[Finding]:
    runner = Runner(all_rules(), depth=depth)
    return [one for one in runner.check(file) if one.level is Level.ERROR]


def _kind(finding: Finding) -> tuple[str, str]:
    """What two findings about the same error have in common, though names may have changed."""
    return finding.rule, finding.entity_id or finding.path


def _beyond(errors: Iterable[Finding], known: Counter[tuple[str, str]]) -> Iterator[Finding]:
    for error in errors:
        kind = _kind(error)
        if known[kind]:
            known[kind] -= 1
        else:
            yield error


def _raise(errors: list[Finding]) -> None:
    if errors:
        told = "; ".join(f"{one.path}: {one.rule} {one.message}" for one in errors[:_TOLD])
        count = count_text(len(errors), "error")
        raise CheckFailed(f"not written: {count}: {told}{_more(errors)}", errors)


def losses_text(losses: list[Loss]) -> str:
    """The first of several losses, and how many there are more."""
    told = "; ".join(f"{loss.path}: {loss.reason}" for loss in losses[:_TOLD])
    return f"{told}{_more(losses)}"


def _more(told: list[Finding] | list[Loss]) -> str:
    return f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""


def _check_level(compression: int | None) -> None:
    if compression is not None and compression not in range(10):
        raise ValueError(f"compression level {compression!r} is not one from 0 to 9")
