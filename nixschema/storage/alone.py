"""An array in an HDF5 file of its own."""

from __future__ import annotations

from h5py import h5g

from nixschema.array import Array
from nixschema.storage.arrays import write_array
from nixschema.storage.copying import Copier
from nixschema.storage.files import created
from nixschema.storage.replace import replacing

PLACE = "/data"
"""Where in the file the dataset is."""


def write_alone(array: Array, path: str) -> None:
    """Write an array to a file that has one dataset; its type stays exactly what it is.

    Raises:
        StaleFileError: the file of the array has changed since it was read.
        OSError: values cannot be read, or the file not be written.
        TypeError: HDF5 has no type for the values, or they mean nothing in another file.
    """
    stored = array.stored_type
    if stored is not None and stored.kind == "reference":
        raise TypeError(f"values of type {stored.text} mean nothing in another file")
    with replacing(path) as stream, created(stream) as file_id, array.kept_open():
        root = h5g.open(file_id, b"/")
        copier = Copier(stream.check)
        write_array(root, PLACE.strip("/"), array, copier, stream.check, as_text=False)
