"""The public verbs: where reading, checking and reports meet."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from functools import cache
from typing import Literal

from nixschema.discovery import find, is_ours
from nixschema.errors import NotNix, StaleFileError
from nixschema.findings import Finding
from nixschema.fixing.fix import with_fixable
from nixschema.model import Entity, File
from nixschema.model.extra import Problem
from nixschema.reports.report import FileReport, Report
from nixschema.rules.container import OpenFailure
from nixschema.rules.rule import all_rules, selected_rules
from nixschema.rules.runner import Runner
from nixschema.storage.files import CannotOpen, kept_open
from nixschema.storage.load import load, many_objects
from nixschema.storage.reader import read_tree, require_nix
from nixschema.storage.tree import Tree


def read(path: str | os.PathLike[str]) -> File:
    """Read a NIX file of any version, sound or broken.

    Arrays stay in the file until they are asked for. ``file.findings`` says what reading found.

    Raises:
        NotNix: there is no NIX file at all: not HDF5, damaged, locked, or of another format.
    """
    with many_objects():
        tree = _nix_tree(os.fspath(path))
        file = load(tree)
        object.__setattr__(file, "_findings", reading_runner().check(file, tree))
    return file


def validate(
    path_or_file: str | os.PathLike[str] | File,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    depth: Literal["metadata", "full"] = "full",
    readers: Iterable[str] = (),
) -> Report:
    """Check a file, a folder of files, or a `File` in memory.

    Args:
        path_or_file: what to check.
        select: ids, beginnings or globs of the rules to apply; all of them when empty.
        ignore: ids, beginnings or globs of the rules to leave out.
        depth: ``metadata`` leaves out rules that read the values of arrays.
        readers: libraries that must be able to read the file: ``nixio``, ``cpp`` or ``neo``. What
            keeps others from it is information.

    Raises:
        ValueError: a pattern fits no rule, or there is nothing to check.
        FileNotFoundError: the path does not exist.
    """
    runner = Runner(selected_rules(select, ignore), depth=depth, readers=readers)
    if isinstance(path_or_file, File):
        reports = [_check_in_memory(path_or_file, runner)]
    else:
        path = os.fspath(path_or_file)
        found = find((path,))
        if found.missing:
            raise FileNotFoundError(f"{path} does not exist")
        files = [one.path for one in found.candidates if one.named or is_ours(one.path)]
        if not files:
            raise ValueError(f"there is no NIX file in {path}")
        reports = [check_file(one, runner) for one in files]
    return Report.of(reports, rules=len(runner.rules))


def check_file(path: str, runner: Runner) -> FileReport:
    """Check one file; whatever is wrong with it is a finding."""
    start = time.perf_counter()
    try:
        with kept_open(path), many_objects():
            tree = _nix_tree(path)
            file = load(tree)
            findings = with_fixable(runner.check(file, tree), file, tree)
    except CannotOpen as failure:
        return failed_report(path, failure.kind, failure.reason, runner)
    except StaleFileError:
        return failed_report(path, "failed", "changed while it was being checked", runner)
    report = _file_report(path, file, findings)
    report.size = _size(path)
    report.seconds = round(time.perf_counter() - start, 4)
    return report


_HDF5_FAULTS = ("not-nix", "locked", "damaged", "crashed", "slow", "memory")


def _nix_tree(path: str) -> Tree:
    tree = read_tree(path)
    require_nix(tree, path)
    return tree


@cache
def reading_runner() -> Runner:
    """The rules that reading answers by itself: about the container, fields and broken links."""
    return Runner(
        [
            one
            for one in all_rules()
            if one.cost == "metadata" and (one.family in ("NIX0", "NIX1") or Problem in one.on)
        ]
    )


def _check_in_memory(file: File, runner: Runner) -> FileReport:
    start = time.perf_counter()
    report = _file_report(file.source or "<memory>", file, runner.check(file))
    report.seconds = round(time.perf_counter() - start, 4)
    return report


def _file_report(path: str, file: File, findings: list[Finding]) -> FileReport:
    return FileReport(
        path=_readable(path),
        status="findings" if findings else "ok",
        format="nix",
        format_version=".".join(map(str, file.version)) if file.version else None,
        id=file.id,
        entities=sum(isinstance(model, Entity) for model in file.walk()),
        findings=findings,
    )


def failed_report(path: str, kind: str, reason: str, runner: Runner) -> FileReport:
    """What there is to say about a file that no content could be read from.

    Args:
        path: the file.
        kind: what is wrong, as in `OpenFailure`.
        reason: the same as the end of a sentence about the file.
        runner: the rules that may say it.
    """
    return FileReport(
        path=_readable(path),
        status="absent" if kind == "absent" else "unreadable",
        format="hdf5" if kind in _HDF5_FAULTS else None,
        size=_size(path),
        findings=runner.check_failure(OpenFailure(kind, reason)),
    )


def _size(path: str) -> int | None:
    try:
        return os.path.getsize(path) if os.path.isfile(path) else None
    except OSError:
        return None


def _readable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


__all__ = ["NotNix", "check_file", "read", "validate"]
