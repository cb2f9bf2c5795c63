"""Files that stay open: for acquisition, and for many reads."""

from __future__ import annotations

import os
import warnings
import weakref
from contextlib import suppress
from typing import Literal

from nixschema.errors import CheckFailed, LossWarning, NixError
from nixschema.io import reading_runner
from nixschema.model import File
from nixschema.model.file import PRESENT_VERSION, OpenFile
from nixschema.model.pending import settle_file
from nixschema.reports.text import count_text
from nixschema.storage.files import sessions
from nixschema.storage.load import load, many_objects
from nixschema.storage.reader import has_references, read_session, require_nix
from nixschema.storage.saving import Refused, Saving, settle
from nixschema.storage.sessions import Reading, Session
from nixschema.storage.versions import WRITTEN_VERSIONS, version_text
from nixschema.writing import Check, losses_text, refuse_errors

_MODES = ("r+", "r")


def open(path: str | os.PathLike[str], mode: Literal["r+", "r"] = "r+") -> File:
    """Open a NIX file that is there already, and keep it open.

    ``r+`` is for acquisition: what ``array.append(values)`` and ``array[10:20] = values`` have
    written is in the file when they return, and stays there whatever becomes of the process. All
    else that changes, such as metadata, new entities and removed ones, is written by
    ``file.save()`` and at the end of a ``with`` block that ends without an exception. Nobody else
    can open the file meanwhile. ``r`` is for many reads.

    ```python
    with nx.open("session.nix") as file:
        for piece in amplifier:
            file.blocks["session"].data_arrays["voltage"].append(piece)
    ```

    Args:
        path: the file, of version 1.2.0 or later for ``r+``.
        mode: what for.

    Returns:
        The file, with ``save()`` and ``close()``.

    Raises:
        NotNix: there is no NIX file, it is damaged, or in use.
        NixError: it is of another version, or cannot be changed in place.
        PermissionError: it may not be written.
        ValueError: there is no such mode.
    """
    if mode not in _MODES:
        raise ValueError(
            f"mode is one of {', '.join(_MODES)}, not {mode!r}: nixschema.write makes new files"
        )
    source = os.path.abspath(os.fsdecode(path))
    _close_forgotten(source)
    session = Session(source) if mode == "r+" else Reading(source)
    try:
        with many_objects():
            tree = read_session(session)
            require_nix(tree, source)
            refers = has_references(tree)
            file = load(tree)
            object.__setattr__(file, "_findings", reading_runner().check(file, tree))
        if isinstance(session, Session):
            refuse_version(file, source)
            session.refers = refers
            opened: OpenFile = _Acquisition(file, session)
        else:
            opened = _Lecture(session)
    except BaseException:
        session.abandon()
        raise
    session.owner = weakref.ref(file)
    object.__setattr__(file, "_open", opened)
    return file


def refuse_version(file: File, source: str) -> None:
    """Refuse to change a file of a version that is not written.

    Raises:
        NixError: it is.
    """
    version = file.version
    if version is None:
        raise NixError(f"{source} does not say which version of the format it has")
    if version < WRITTEN_VERSIONS[0]:
        raise NixError(
            f"{source} is of format version {version_text(version)}: upgrade it first, with "
            f"`nixschema upgrade {os.path.basename(source)} NEW.nix`"
        )
    if version > PRESENT_VERSION:
        raise NixError(
            f"{source} is of format version {version_text(version)}, and "
            f"{version_text(PRESENT_VERSION)} is the latest that can be written"
        )


def _close_forgotten(source: str) -> None:
    """Close what was opened here and never closed, once nobody has it any more."""
    for session in sessions():
        if session.owner is not None and session.owner() is None:
            with suppress(OSError):
                if os.path.samefile(session.path, source):
                    session.abandon()


class _Acquisition:
    """An open file that is changed in place."""

    is_writable = True

    def __init__(self, file: File, session: Session) -> None:
        self._session = session
        self._saving = Saving(file, session)

    def save(self, file: File, check: Check) -> None:
        """Write all that has changed, or nothing."""
        settle_file(file)
        refuse_errors(file, check)
        try:
            losses = self._saving.save(strict=check != "none")
        except Refused as refused:
            parts = count_text(len(refused.losses), "part")
            message = f"not written: {parts} cannot be: {losses_text(refused.losses)}"
            raise CheckFailed(message) from None
        self._session.sync()
        if losses:
            parts = count_text(len(losses), "part")
            message = f"{self._session.path} was written without {parts}: {losses_text(losses)}"
            warnings.warn(message, LossWarning, stacklevel=3)

    def close(self, file: File) -> None:
        """Close the file as the disk has it."""
        before = self._session.stamp
        try:
            self._session.close()
        finally:
            settle(file, self._session, before, live=False)


class _Lecture:
    """A file that is open for reading."""

    is_writable = False

    def __init__(self, session: Reading) -> None:
        self._session = session

    def save(self, file: File, check: Check) -> None:
        """Refuse to."""
        raise NixError(f"{self._session.path} is open for reading: open it with mode `r+`")

    def close(self, file: File) -> None:
        """Close the file."""
        self._session.close()
