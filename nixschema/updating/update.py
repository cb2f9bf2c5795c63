"""Update a NIX file with metadata: a copy is changed, checked, and takes its place."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

from nixschema.acquiring import open as open_file
from nixschema.acquiring import refuse_version
from nixschema.errors import LossWarning
from nixschema.formats import Format
from nixschema.mending.copy import CannotMend, copy_of
from nixschema.mending.mend import FixFailed
from nixschema.model import File, Section
from nixschema.model.differences import Difference, differences
from nixschema.model.display import printable
from nixschema.model.lookup import find_entity, similar_names
from nixschema.storage.editing import CannotEdit
from nixschema.storage.files import kept_open
from nixschema.storage.load import load, many_objects
from nixschema.storage.patching import Linked, Made, Patch, Rewritten, Unlinked, make_changes
from nixschema.storage.reader import read_tree, require_nix
from nixschema.storage.tree import Tree
from nixschema.storage.untouched import stray_changes
from nixschema.updating.merging import Changes, merge
from nixschema.updating.source import CannotUpdate, section_at, source_file
from nixschema.writing import refuse_errors


@dataclass(slots=True)
class Updated:
    """What became of a file."""

    path: str
    is_changed: bool = False
    """Whether anything was changed, or would be."""
    notes: list[str] = field(default_factory=list)
    """What was not taken over or not removed, each in a sentence."""
    differences: list[Difference] = field(default_factory=list)
    """In what the file differs from what it was, where nothing was to be written."""
    models: tuple[File, File] | None = None
    """The file before and after, where nothing was to be written."""


def update(
    source: str | os.PathLike[str] | File,
    target: str | os.PathLike[str],
    *,
    into: str | None = None,
    as_: str | None = None,
    replace: bool = False,
    new_ids: bool = False,
    dry: bool = False,
    in_place: bool = False,
    from_: Format | None = None,
    allow_outside: bool = False,
) -> Updated:
    """Take metadata into a NIX file that is there, and leave its data as they are.

    A section of the source is the one of the file that has its id, name and type, wherever that
    lies, else the one at its path; a property is the one of its name. What they say is taken over,
    what they do not say stays, and what the file does not have is added at the end. What stays
    keeps its id, its time of creation, and all links that lead to it; `updated_at` is the time of
    the last change. Where nothing changes the file is not touched.

    The file's bytes are copied beside it, the copy is changed, and takes its place: all of that or
    nothing. Values of arrays are never read.

    Args:
        source: odML, a description, a NIX file, or the model of one.
        target: the file to change; a symlink is followed.
        into: path of the section that the source's root sections go into, such as ``/recording``.
            Fields of a document, such as its author, stay outside then.
        as_: name for the only root section of the source; for fields of a document see `into`.
        replace: remove what the source does not have: sections, properties and fields; with `into`
            or `as_` inside the source's root sections only. Sections that data link to stay, and
            so do those around them.
        new_ids: give what is new ids of its own; those of the source do not count.
        dry: change nothing, and tell what would be.
        in_place: change the file itself, as `nixschema.open` does: for files that are too large to
            be copied. It is whole at every moment, but grows a little each time, and what refers
            to a changed section is written anew with it.
        from_: format of the source; by its content where not given.
        allow_outside: whether data files of a description may lie outside its folder.

    Raises:
        NotNix: source or target is none of these, is damaged, or in use.
        NixError: the target is of a version before 1.2.0, or cannot be changed; there is no such
            section as `into`; or there are several for `as_`.
        CheckFailed: the file would have errors that it does not have.
        StaleFileError: it has changed meanwhile.
        BlockingIOError: a program has it open for writing.
        OSError: the disk is full, it may not be written, and the like.
        ValueError: `as_` is no name.
    """
    if as_ is not None and (not as_ or "/" in as_ or "\0" in as_ or as_ in (".", "..")):
        raise ValueError(f"`{as_}` cannot be the name of a section")
    path = os.fsdecode(target)
    with many_objects():
        if isinstance(source, File):
            given = source.copy(keep_id=True)
        else:
            given = source_file(os.fsdecode(source), from_, allow_outside=allow_outside)

    def taken(file: File) -> Changes:
        with many_objects():
            section = None if into is None else _section(file, into)
            return merge(
                *(file, given.metadata), into=section, as_=as_, replace=replace, new_ids=new_ids
            )

    if in_place and not dry:
        return _in_place(path, taken)
    with kept_open(path):
        tree, file = _read(path)
        changes = taken(file)
        done = Updated(path, bool(changes), changes.notes)
        if changes:
            refuse_errors(file, "new", depth="metadata")
        if dry:
            done.models = (_read(path)[1], file)
            done.differences = list(differences(*done.models, only="metadata", strict=True))
        elif changes:
            _write(path, tree, file, patch_of(changes))
    return done


def patch_of(changes: Changes) -> Patch:
    """What is to be written of changes."""
    takings = changes.takings
    return Patch(
        rewritten=[
            Rewritten(one.model, sorted(one.changed), one.is_refilled, one.is_remade)
            for one in takings
        ],
        unlinked=[Unlinked(one.owner, one.group, one.link) for one in changes.removed],
        made=[Made(one.model, one.owner, one.group) for one in changes.added],
        linked=[Linked(one.model, "link") for one in takings if one.is_relinked]
        + [Linked(one, "link") for one in changes.linked],
    )


def _read(path: str) -> tuple[Tree, File]:
    with many_objects():
        tree = read_tree(path)
        require_nix(tree, path)
        file = load(tree)
    refuse_version(file, path)
    _refuse_damage(tree, path)
    return tree, file


def _refuse_damage(tree: Tree, path: str) -> None:
    """Refuse metadata that cannot be read as a whole."""
    top = tree.root.child("metadata")
    waiting = [] if top is None else [top]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node.address in seen:
            continue
        seen.add(node.address)
        if node.fault:
            raise CannotUpdate(f"{path} is damaged: {printable(node.path)}: {node.fault}")
        waiting += [one.target for one in node.links.values() if one.kind == "hard"]


def _section(file: File, text: str) -> Section:
    found = section_at(file, text if text.startswith("/") else f"/{text}")
    if found is None:
        entity = find_entity(file, text)
        found = entity if isinstance(entity, Section) else None
    if found is None:
        names = " or ".join(f"`{printable(one)}`" for one in similar_names(file, text))
        hint = f": did you mean {names}?" if names else ""
        raise CannotUpdate(f"{file.source} has no section `{printable(text)}`{hint}")
    return found


def _write(path: str, tree: Tree, file: File, patch: Patch) -> None:
    with copy_of(path, tree.stamp) as stream:
        try:
            touched = make_changes(stream, patch)
        except CannotEdit as error:
            raise CannotMend(f"{path} cannot be changed: {error}") from error
        after = read_tree(stream.path)
        refilled = frozenset(touched.refilled)
        stray = next(stray_changes(tree, after, touched.edits, refilled), None)
        if stray is not None:
            raise FixFailed(f"the update has changed more than it should: {stray}")
        written = load(after)
        if written.metadata != file.metadata:
            raise FixFailed("the update has written something else than it should")


def _in_place(path: str, taken: Callable[[File], Changes]) -> Updated:
    file = open_file(path)
    try:
        changes = taken(file)
        done = Updated(path, bool(changes), changes.notes)
        if changes:
            refuse_errors(file, "new", depth="metadata")
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always", LossWarning)
                file.save(check="none")
            done.notes += [str(one.message) for one in told]
    finally:
        file.close(save=False)
    return done
