"""What editors tell about the keys of a description: their meaning, and what people write there."""

from __future__ import annotations

from typing import Any

from nixschema.descriptions.keys import DIMENSION_WORDS
from nixschema.model.section import ODML_TYPES

KIND_OF_DIMENSION = (
    "Kind of dimension: `sampled` at regular intervals, `range` at ticks, `set` of categories, "
    "`data_frame` for the rows of a frame. It may be left out where `sampling_interval`, `ticks` "
    "or `labels` says it."
)
"""What the ``type`` of a dimension means."""

MEANINGS: dict[tuple[str, str], str] = {
    ("File", "nix"): (
        "Version of the NIX format, such as `1.2.1`. It says that this is a description."
    ),
    ("File", "$schema"): "The JSON Schema that editors check by; JSON has no comment to name it.",
    ("File", "format"): "Empty where the NIX file does not say that it is one.",
    ("File", "allow_errors"): (
        "The NIX file that this was made of has errors, and may be written again with them."
    ),
    ("Property", "value"): "The value; its type is that of what is written, or `dtype`.",
    ("DimensionLink", "index"): (
        "For an array: the number of an element on each of its axes, and `any` for the axis "
        "that is taken."
    ),
    ("DimensionLink", "column"): "For a frame: the column, by name or counted from 0.",
    ("DimensionLink", "data_object_type"): "What is linked to; it need not be said.",
    ("Feature", "data_frame"): (
        "The frame that holds the feature, said so where an array has the same name."
    ),
    ("DataFrameDimension", "column"): (
        "The column, by name or counted from 0; left out for the frame as a whole."
    ),
    ("RangeDimension", "alias"): (
        "The array itself has the ticks, as files of format 1.1 and older say it."
    ),
    ("DataArray", "data"): (
        "The values as stored, before calibration: nested lists, or a mapping that says where they "
        "are, such as `{file: trace.npy}`."
    ),
    ("DataFrame", "columns"): "The columns, in order: name, and type, unit or values of each.",
    ("DataFrame", "rows"): (
        "The rows: lists of values or mappings of column and value, or a file that has them."
    ),
    ("MultiTag", "positions"): (
        "The points, or where the regions begin: the name of an array, or a list of values (one "
        "for each), which becomes an array of its own."
    ),
    ("MultiTag", "extents"): (
        "Lengths of the regions: the name of an array, or a list of values; points when left out."
    ),
    **{(model.__name__, "type"): KIND_OF_DIMENSION for model in DIMENSION_WORDS.values()},
    ("", "odml"): "What odML has and NIX has no place for, or cannot hold as it is.",
    ("", "extra"): "What the file holds of this entity and the model does not know.",
    ("", "created_at"): "When it was made, in UTC; empty where a file does not say it.",
    ("", "updated_at"): "When it was last changed, in UTC; empty where a file does not say it.",
}
"""What keys mean where the field's docstring does not say it in the words of descriptions.

By the class of the entity, or nothing for any, and the key.
"""

EXAMPLES: dict[tuple[str, str], list[Any]] = {
    ("File", "nix"): ["1.2.1"],
    ("Block", "type"): ["nix.session", "nix.recording"],
    ("DataArray", "type"): ["nix.sampled", "nix.events", "nix.image"],
    ("DataFrame", "type"): ["nix.table", "nix.trials"],
    ("Tag", "type"): ["nix.epoch", "nix.stimulus"],
    ("MultiTag", "type"): ["nix.spike_times", "nix.epochs"],
    ("Group", "type"): ["nix.trial"],
    ("Source", "type"): ["nix.subject", "nix.cell", "nix.electrode"],
    ("Section", "type"): ["odml.subject", "odml.cell", "odml.recording", "odml.hardware"],
    ("Section", "link"): ["/templates/subject"],
    ("File", "metadata"): [],
    ("Property", "dtype"): [*ODML_TYPES, "2-tuple"],
    ("Property", "storage"): ["int32", "float32"],
    ("Property", "unit"): ["mV", "g", "weeks"],
    ("Property", "uncertainty"): [0.5],
    ("DataArray", "data"): [
        {"file": "trace.npy"},
        {"file": "trace.csv", "column": "voltage"},
        {"file": "trace.raw", "dtype": "<i2", "shape": [-1, 32]},
        [[1, 2], [3, 4]],
    ],
    ("DataArray", "label"): ["membrane voltage"],
    ("DataArray", "polynom_coefficients"): [[0, 0.195]],
    ("SampledDimension", "sampling_interval"): [0.1, "1/20000"],
    ("SampledDimension", "unit"): ["s", "ms"],
    ("SampledDimension", "label"): ["time"],
    ("RangeDimension", "ticks"): [[0, 1, 3], {"file": "times.npy"}],
    ("RangeDimension", "unit"): ["s", "ms", "Hz"],
    ("RangeDimension", "label"): ["time", "frequency"],
    ("RangeDimension", "link"): ["times", {"data_frame": "trials", "column": "onset"}],
    ("SetDimension", "labels"): [["left", "right"]],
    ("SetDimension", "label"): ["channel"],
    ("DimensionLink", "index"): [["any", 1]],
    ("DataFrame", "rows"): [{"file": "trials.csv"}],
    ("Tag", "position"): [[1.5]],
    ("Tag", "extent"): [[0.5]],
    ("", "units"): [["s"]],
    ("MultiTag", "positions"): ["spike_times", [0.1, 0.2]],
    ("", "features"): [["amplitude"]],
    ("", "metadata"): ["/subject/cell"],
    ("", "unit"): ["mV", "nA", "s", "Hz"],
    ("", "created_at"): ["2021-03-04T12:00:00Z"],
    ("", "updated_at"): ["2021-03-04T12:00:00Z"],
}
"""What people write at a key, likewise."""

ODML_MEANINGS: dict[tuple[str, str], str] = {
    ("document", "author"): "Who wrote the document.",
    ("document", "date"): "Date of the document: year, month and day.",
    ("document", "version"): "The version of the document, as written.",
    ("document", "repository"): "Address of the terminology that the document follows.",
    ("document", "imported_at"): (
        "When the document became metadata of NIX; times that are the same are none of its own."
    ),
    ("section", "include"): (
        "Address of another document whose section belongs here too, and `#` and its path."
    ),
    ("section", "sec_cardinality"): "How many sections there may be: at least and at most.",
    ("section", "prop_cardinality"): "How many properties there may be: at least and at most.",
    (
        "section",
        "link",
    ): "Path of the linked section as odML has it, where it is not the usual one.",
    ("property", "val_cardinality"): "How many values there may be: at least and at most.",
    ("property", "dtype"): "The type in odML, where NIX has none of that name; null for none.",
    ("property", "values"): "The values in odML, where NIX cannot hold them; a tuple is a list.",
    ("", "id"): "The id in odML, where it is no UUID; null where there is none.",
}
"""What keys below ``odml`` mean, by what it belongs to."""

ODML_EXAMPLES: dict[str, list[Any]] = {
    "date": ["2021-03-04"],
    "version": ["1.10"],
    "include": ["https://example.org/terms.xml#recording"],
    "sec_cardinality": [[1, 3], [1, None], 3],
    "prop_cardinality": [[1, 3], [1, None], 3],
    "val_cardinality": [[1, 3], [1, None], 3],
    "imported_at": ["2021-03-04T12:00:00Z"],
}
"""What people write at a key below ``odml``."""
