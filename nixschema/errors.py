"""The errors nixschema raises on purpose."""


class NixError(Exception):
    """Base of all errors that nixschema raises on purpose."""


class NotNix(NixError):
    """There is no NIX file where one was expected: not HDF5, not NIX, damaged, locked, missing."""


class UnknownFormat(NixError):
    """The format of a source or target cannot be told from its content or its name."""


class UnresolvedReference(NixError):
    """A reference was used that points nowhere, or not at an entity of the kind it should."""


class StaleFileError(NixError):
    """The file an array lies in has changed since it was read: read the file again."""
