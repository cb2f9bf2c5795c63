"""Which files a command is about: those named, and in folders those that are ours by content."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nixschema.formats import SUFFIXES as SUFFIXES_OF
from nixschema.recognition import content_format
from nixschema.storage.files import has_signature, kept_elsewhere

_TEXTS = (*SUFFIXES_OF["description"], *SUFFIXES_OF["odml"])

SUFFIXES = (".nix", ".h5", ".hdf5", *_TEXTS)
"""Endings of the files that are looked at in folders."""

_TEXT_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be one to check."""

    path: str
    named: bool = True
    """Whether somebody named it: then it is checked whatever it is. What was found in a folder is
    checked if it `is_ours`."""


@dataclass(slots=True)
class Found:
    """The files that may be ones to check."""

    candidates: list[Candidate] = field(default_factory=list)
    """Files, in the order they were named, each folder's in order of their paths."""
    missing: list[str] = field(default_factory=list)
    """Paths that do not exist."""
    closed: list[OSError] = field(default_factory=list)
    """Folders that could not be looked into, each as what the system says, with its name."""


def find(
    paths: Iterable[str],
    wanted: Callable[[str], bool] | None = None,
    left_out: Callable[[str], bool] | None = None,
) -> Found:
    """Find the files that paths of files and folders stand for, each once.

    What is in the files is not looked at.

    Args:
        paths: files and folders.
        wanted: which of the files in folders are to be taken; all with an ending of ours without.
        left_out: which of the files that are named are left out all the same.
    """
    found = Found()
    seen: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            candidates = [Candidate(one, named=False) for one in walk(path, wanted, found.closed)]
        elif os.path.lexists(path):
            candidates = [] if left_out is not None and left_out(path) else [Candidate(path)]
        else:
            found.missing.append(path)
            continue
        for candidate in candidates:
            real = os.path.realpath(candidate.path)
            if real not in seen:
                seen.add(real)
                found.candidates.append(candidate)
    return found


def walk(
    folder: str,
    wanted: Callable[[str], bool] | None,
    closed: list[OSError],
    apart: str | None = None,
) -> list[str]:
    """Files below a folder with an ending of ours that are not hidden and not ignored by git.

    Args:
        folder: where to look.
        wanted: which of the files are to be taken; all without.
        closed: takes what the system says of folders that cannot be looked into.
        apart: a folder below it that is left out.
    """
    candidates: list[str] = []
    left_out = None if apart is None else os.path.realpath(apart)
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not name.endswith(".data")
        )
        if left_out is not None:
            folders[:] = [
                name for name in folders if os.path.realpath(os.path.join(place, name)) != left_out
            ]
        candidates += [
            os.path.join(place, name)
            for name in sorted(names)
            if not name.startswith(".") and name.lower().endswith(SUFFIXES)
        ]
    if wanted is not None:
        candidates = [one for one in candidates if wanted(one)]
    ignored = _ignored_by_git(folder, candidates)
    return [one for one in candidates if one not in ignored]


def is_ours(path: str) -> bool:
    """Whether a file found in a folder is to be checked.

    NIX files, descriptions and odML are; so is anything named ``.odml``, or ``.nix`` and is no text
    (the Nix language ends so too), and files that cannot be opened or are not here, because what
    they are cannot be told. Other HDF5 files are not, nor are pipes, sockets and devices.
    """
    from nixschema.storage.files import CannotOpen
    from nixschema.storage.reader import root_format

    try:
        if os.path.exists(path) and not os.path.isfile(path):
            return False
        if path.lower().endswith(_TEXTS):
            return path.lower().endswith(".odml") or content_format(path) is not None
        if has_signature(path):
            return root_format(path) is not None or path.lower().endswith(".nix")
        if kept_elsewhere(path) is not None:
            return True
        return path.lower().endswith(".nix") and not _is_text(path)
    except (OSError, CannotOpen):
        return True


def _is_text(path: str) -> bool:
    with open(path, "rb") as stream:
        sample = stream.read(_TEXT_SAMPLE)
    if not sample or b"\0" in sample:
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(sample) - 4
    return True


def _ignored_by_git(folder: str, candidates: list[str]) -> set[str]:
    """Those of the candidates that git ignores; none outside a repository or without git."""
    if not candidates:
        return set()
    names = "\0".join(os.path.abspath(candidate) for candidate in candidates)
    try:
        done = subprocess.run(
            ["git", "-C", str(Path(folder).resolve()), "check-ignore", "-z", "--stdin"],
            input=names.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    ignored = {part.decode("utf-8", "surrogateescape") for part in done.stdout.split(b"\0") if part}
    return {candidate for candidate in candidates if os.path.abspath(candidate) in ignored}
