"""The errors nixschema raises on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nixschema.findings import Finding


class NixError(Exception):
    """Base of the errors of nixschema's own; values that are refused raise Python's."""


class NotNix(NixError):
    """There is no NIX file where one was expected: not HDF5, not NIX, damaged, locked, missing."""


class UnknownFormat(NixError):
    """The format of a source or target cannot be told from its content or its name."""


class UnresolvedReference(NixError):
    """A reference was used that points nowhere, or not at an entity of the kind it should."""


class OutOfBounds(NixError, IndexError):
    """A position, region or element is asked for that lies outside the data."""


class CheckFailed(NixError):
    """A file was not written: it has errors, or holds what a NIX file cannot."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)
        """The errors that stood in the way."""


class SchemaError(NixError):
    """A schema cannot be used: it is not there, no schema, or wrong."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)
        """What is wrong with it."""


class LossWarning(UserWarning):
    """Something was left out that the target cannot hold."""


class StaleFileError(NixError):
    """The file an array lies in has changed since it was read: read the file again."""


class MissingExtra(NixError, ImportError):
    """A package is not installed that an extra of nixschema brings."""
