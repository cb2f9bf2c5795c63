"""nixschema: the NIX data model declared once; NIX files read, checked and written through it.

import nixschema as nx

file = nx.read("session.nix")
voltage = file.blocks["session"].data_arrays["voltage"]
report = nx.validate("session.nix")
nx.write(file, "copy.nix")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nixschema import odml
    from nixschema.acquiring import open
    from nixschema.array import Array
    from nixschema.errors import (
        CheckFailed,
        LossWarning,
        MissingExtra,
        NixError,
        NotNix,
        OutOfBounds,
        SchemaError,
        StaleFileError,
        UnknownFormat,
        UnresolvedReference,
    )
    from nixschema.findings import Finding, Level
    from nixschema.io import load_description, read, validate
    from nixschema.model import (
        Axis,
        Block,
        Column,
        DataArray,
        DataFrame,
        DataFrameDimension,
        Dimension,
        DimensionLink,
        Feature,
        File,
        Group,
        MultiTag,
        Property,
        RangeDimension,
        Region,
        Regions,
        SampledDimension,
        Section,
        SetDimension,
        Source,
        Tag,
        Unit,
        UnitError,
        UnknownDimension,
    )
    from nixschema.model.as_pandas import from_pandas
    from nixschema.model.as_xarray import from_xarray
    from nixschema.plotting import plot
    from nixschema.reports.report import Report
    from nixschema.schema.language import Schema
    from nixschema.schema.loading import load_schema
    from nixschema.updating.update import Updated, update
    from nixschema.writing import convert, dump_description, upgrade, write

_PLACES = {
    "nixschema.acquiring": ("open",),
    "nixschema.array": ("Array",),
    "nixschema.errors": (
        "CheckFailed",
        "LossWarning",
        "MissingExtra",
        "NixError",
        "NotNix",
        "OutOfBounds",
        "SchemaError",
        "StaleFileError",
        "UnknownFormat",
        "UnresolvedReference",
    ),
    "nixschema.findings": ("Finding", "Level"),
    "nixschema.io": ("load_description", "read", "validate"),
    "nixschema.model": (
        "Axis",
        "Block",
        "Column",
        "DataArray",
        "DataFrame",
        "DataFrameDimension",
        "Dimension",
        "DimensionLink",
        "Feature",
        "File",
        "Group",
        "MultiTag",
        "Property",
        "RangeDimension",
        "Region",
        "Regions",
        "SampledDimension",
        "Section",
        "SetDimension",
        "Source",
        "Tag",
        "Unit",
        "UnitError",
        "UnknownDimension",
    ),
    "nixschema.model.as_pandas": ("from_pandas",),
    "nixschema.model.as_xarray": ("from_xarray",),
    "nixschema.plotting": ("plot",),
    "nixschema.reports.report": ("Report",),
    "nixschema.schema.language": ("Schema",),
    "nixschema.schema.loading": ("load_schema",),
    "nixschema.updating.update": ("Updated", "update"),
    "nixschema.writing": ("convert", "dump_description", "upgrade", "write"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "Array",
    "Axis",
    "Block",
    "CheckFailed",
    "Column",
    "DataArray",
    "DataFrame",
    "DataFrameDimension",
    "Dimension",
    "DimensionLink",
    "Feature",
    "File",
    "Finding",
    "Group",
    "Level",
    "LossWarning",
    "MissingExtra",
    "MultiTag",
    "NixError",
    "NotNix",
    "OutOfBounds",
    "Property",
    "RangeDimension",
    "Region",
    "Regions",
    "Report",
    "SampledDimension",
    "Schema",
    "SchemaError",
    "Section",
    "SetDimension",
    "Source",
    "StaleFileError",
    "Tag",
    "Unit",
    "UnitError",
    "UnknownDimension",
    "UnknownFormat",
    "UnresolvedReference",
    "Updated",
    "__version__",
    "convert",
    "dump_description",
    "from_pandas",
    "from_xarray",
    "load_description",
    "load_schema",
    "odml",
    "open",
    "plot",
    "read",
    "update",
    "upgrade",
    "validate",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: numpy and h5py are slow to import."""
    if name == "__version__":
        from importlib.metadata import version

        return version("nixschema")
    if name == "odml":
        return import_module("nixschema.odml")
    if name not in _MODULES:
        raise AttributeError(f"module 'nixschema' has no attribute '{name}'")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
