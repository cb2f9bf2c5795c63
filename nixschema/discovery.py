"""Which files a command is about: those named, and in folders those that are ours by content."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nixschema.storage.files import has_signature

SUFFIXES = (".nix", ".h5", ".hdf5")
"""Endings of the files that are looked at in folders."""

_TEXT_SAMPLE = 4096


@dataclass(slots=True)
class Found:
    """The files to check, and what was passed over."""

    files: list[str] = field(default_factory=list)
    """Files, in the order they were named, each folder's in order of their paths."""
    passed_over: list[str] = field(default_factory=list)
    """Files in folders that are of another kind."""
    missing: list[str] = field(default_factory=list)
    """Paths that do not exist."""


def find(paths: tuple[str, ...]) -> Found:
    """Find the files that paths of files and folders stand for, each once."""
    found = Found()
    seen: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            candidates = list(_walk(path))
        elif os.path.lexists(path):
            candidates = [(path, True)]
        else:
            found.missing.append(path)
            continue
        for candidate, ours in candidates:
            real = os.path.realpath(candidate)
            if real in seen:
                continue
            seen.add(real)
            (found.files if ours else found.passed_over).append(candidate)
    return found


def _walk(folder: str) -> Iterator[tuple[str, bool]]:
    """Files below a folder with an ending of ours, and whether they are ours by content."""
    candidates: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not name.endswith(".data")
        )
        candidates += [
            os.path.join(place, name)
            for name in sorted(names)
            if not name.startswith(".") and name.lower().endswith(SUFFIXES)
        ]
    ignored = _ignored_by_git(folder, candidates)
    for candidate in candidates:
        if candidate not in ignored:
            yield candidate, is_ours(candidate)


def is_ours(path: str) -> bool:
    """Whether a file found in a folder is to be checked.

    NIX files are; so is anything named ``.nix`` that is no text (the Nix language ends so too), and
    HDF5 files that cannot be opened, because what they are cannot be told. Other HDF5 files are
    not.
    """
    from nixschema.storage.files import CannotOpen
    from nixschema.storage.reader import root_format

    try:
        if has_signature(path):
            return root_format(path) is not None or path.lower().endswith(".nix")
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
