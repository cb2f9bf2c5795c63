"""The NIX data model: every class and field of the format, declared once.

Each class is a page of the format. A field's docstring says what it is for, its type what it may
hold, and its place, where the type does not say it, where it lies in HDF5.
"""

from __future__ import annotations

from typing import get_origin

from nixschema.model.axis import Axis
from nixschema.model.block import Block
from nixschema.model.container import Container
from nixschema.model.data_array import DataArray
from nixschema.model.data_frame import Column, DataFrame
from nixschema.model.dimension import (
    DataFrameDimension,
    Dimension,
    DimensionLink,
    RangeDimension,
    SampledDimension,
    SetDimension,
    UnknownDimension,
)
from nixschema.model.entity import DataEntity, Entity, Model, NamedEntity, TypedEntity
from nixschema.model.extra import Extra
from nixschema.model.file import File
from nixschema.model.group import Group
from nixschema.model.reference import Ref, Reference, Refs
from nixschema.model.regions import Region, Regions
from nixschema.model.section import Property, Section
from nixschema.model.source import Source
from nixschema.model.tag import Feature, MultiTag, Tag
from nixschema.model.units import Unit, UnitError

MODELS: tuple[type[Model], ...] = (
    File,
    Block,
    Group,
    DataArray,
    DataFrame,
    SampledDimension,
    RangeDimension,
    SetDimension,
    DataFrameDimension,
    UnknownDimension,
    DimensionLink,
    Tag,
    MultiTag,
    Feature,
    Source,
    Section,
    Property,
)
"""Every class of the model that a file can hold."""


def _connect() -> None:
    """Resolve the names that modules could not import from each other, and install references."""
    names: dict[str, type[Model]] = {model.__name__: model for model in MODELS}
    models: list[type[Model]] = [DataEntity, *MODELS]
    for model in models:
        model.model_rebuild(_types_namespace={**names, "Ref": Ref}, raise_errors=False)
    for model in models:
        for name, field in model.model_fields.items():
            if get_origin(field.annotation) is Ref:
                setattr(model, name, Ref(name, field.annotation))


_connect()

__all__ = [
    "MODELS",
    "Axis",
    "Block",
    "Column",
    "Container",
    "DataArray",
    "DataEntity",
    "DataFrame",
    "DataFrameDimension",
    "Dimension",
    "DimensionLink",
    "Entity",
    "Extra",
    "Feature",
    "File",
    "Group",
    "Model",
    "MultiTag",
    "NamedEntity",
    "Property",
    "RangeDimension",
    "Ref",
    "Reference",
    "Refs",
    "Region",
    "Regions",
    "SampledDimension",
    "Section",
    "SetDimension",
    "Source",
    "Tag",
    "TypedEntity",
    "Unit",
    "UnitError",
    "UnknownDimension",
]
