"""Mend a file: a copy is changed, checked, and takes its place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from nixschema.findings import Finding
from nixschema.fixing.fix import Surroundings, edits_for, mended_rules, with_fixable
from nixschema.io import check_file
from nixschema.mending.copy import CannotMend, copy_of
from nixschema.model import File
from nixschema.model.differences import Difference, differences
from nixschema.rules.rule import Rule
from nixschema.rules.runner import Runner
from nixschema.storage.editing import CannotEdit, make_edits
from nixschema.storage.edits import Edit
from nixschema.storage.files import CannotOpen, kept_open
from nixschema.storage.load import load, many_objects
from nixschema.storage.reader import read_tree, require_nix
from nixschema.storage.stream import Stream
from nixschema.storage.tree import Tree
from nixschema.storage.untouched import stray_changes

_MOST_ROUNDS = 10
"""One fix may make way for another; they all end after a few rounds."""

Judge: TypeAlias = Callable[[list[Finding]], list[Finding]]
"""Which of the findings count, and how grave they are."""


class FixFailed(Exception):
    """A fix has done what it should not; the file stays as it was."""


@dataclass(slots=True)
class Mended:
    """What became of a file."""

    path: str
    fixed: list[Finding] = field(default_factory=list)
    """Findings that are gone."""
    remaining: list[Finding] = field(default_factory=list)
    """Findings that are there still, or for the first time."""
    changes: list[tuple[str, str]] = field(default_factory=list)
    """What was changed in the file, each as the path of the object and a sentence."""
    differences: list[Difference] = field(default_factory=list)
    """In what the models of the two files differ, where that was asked for."""
    models: tuple[File, File] | None = None
    """The file before and after, where the differences were asked for."""
    unsafe: int = 0
    """How many of the remaining findings ``--unsafe`` knows what to do about."""

    @property
    def is_changed(self) -> bool:
        """Whether anything was changed, or would be."""
        return bool(self.changes)


@dataclass(slots=True)
class _State:
    """A file as it is between two rounds."""

    tree: Tree
    file: File
    findings: list[Finding]
    around: Surroundings


def mend(
    path: str | os.PathLike[str],
    rules: Iterable[Rule],
    *,
    unsafe: bool = False,
    dry: bool = False,
    told: Judge = list,
) -> Mended:
    """Mend what rules report about a file and there is a fix for.

    The file's bytes are copied beside it, the copy is changed, and takes its place: all of that or
    nothing. A file in which nothing can be mended is not touched.

    Args:
        path: the file; a symlink is followed.
        rules: those whose findings are mended.
        unsafe: do fixes too that choose a meaning.
        dry: change nothing, and tell what would be.
        told: which of the findings are mended and told, and at which level.

    Raises:
        CannotMend: the file may not be changed: git-annex keeps it, or libhdf5 cannot write it.
        StaleFileError: it has changed meanwhile.
        FixFailed: a fix has changed what it should not have.
        BlockingIOError: a program has it open for writing.
        OSError: the disk is full, it may not be written, and the like.
    """
    source = os.fspath(path)
    known = mended_rules()
    runner = Runner(one for one in rules if one.cost == "metadata" or one.id in known)
    try:
        with kept_open(source):
            return _mend(source, runner, told, unsafe, dry)
    except CannotOpen:
        return Mended(source, remaining=told(check_file(source, runner).findings))


def _mend(source: str, runner: Runner, judge: Judge, unsafe: bool, dry: bool) -> Mended:
    before = _read(source, runner, judge)
    edits = _edits(before, unsafe)
    if not edits:
        return _mended(source, before, before, [], unsafe)
    told: list[tuple[str, str]] = []
    with copy_of(source, before.tree.stamp, dry=dry) as stream:
        state = before
        for _ in range(_MOST_ROUNDS):
            told += [(edit.node.path, edit.words) for edit in edits]
            state = _round(stream, state, edits, runner, judge, before.around.modified)
            edits = _edits(state, unsafe)
            if not edits:
                break
        else:
            raise FixFailed(f"the fixes of {source} come to no end")
        done = _mended(source, before, state, told, unsafe)
        if dry:
            done.models = (before.file, state.file)
            done.differences = list(differences(*done.models, only="metadata", strict=True))
    return done


def _mended(
    source: str, before: _State, after: _State, told: list[tuple[str, str]], unsafe: bool
) -> Mended:
    left = Counter(map(_identity, after.findings))
    fixed = []
    known = mended_rules()
    for finding in before.findings:
        if left[_identity(finding)]:
            left[_identity(finding)] -= 1
        elif finding.rule in known and told:
            fixed.append(finding)
    done = Mended(source, fixed, list(after.findings), told)
    if not unsafe:
        done.unsafe = sum(one.fixable for one in after.findings)
    return done


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message


def _read(path: str, runner: Runner, judge: Judge, modified: int | None = None) -> _State:
    with many_objects():
        tree = read_tree(path)
        require_nix(tree, path)
        file = load(tree)
        findings = judge(with_fixable(runner.check(file, tree), file, tree))
    time = tree.stamp.time // 10**9 if modified is None else modified
    return _State(tree, file, findings, Surroundings(file, tree, time))


def _edits(state: _State, unsafe: bool) -> list[Edit]:
    """What to change next: of each part of an object one thing at a time."""
    found: dict[tuple[int, str], Edit] = {}
    for finding in state.findings:
        for edit in edits_for(finding, state.around, unsafe=unsafe):
            found.setdefault(edit.key, edit)
    return list(found.values())


def _round(
    stream: Stream, state: _State, edits: list[Edit], runner: Runner, judge: Judge, modified: int
) -> _State:
    try:
        make_edits(stream, edits)
        after = _read(stream.path, runner, judge, modified)
    except (CannotEdit, CannotOpen) as error:
        raise CannotMend(f"{state.file.source} cannot be mended: {error}") from error
    stray = next(stray_changes(state.tree, after.tree, edits), None)
    if stray is not None:
        raise FixFailed(f"mending has changed more than it should: {stray}")
    return after
