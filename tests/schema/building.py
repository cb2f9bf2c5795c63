"""Small schemas and files, and what the one says about the other."""

from __future__ import annotations

from typing import Any

import numpy as np

import nixschema as nx
from nixschema.schema.checking.program import Depth, Program
from nixschema.schema.language import Clause, Constraint, Leaf, Schema


def fits(*leaves: Leaf, **more: Any) -> Constraint:
    """The short form ``x`` or ``[x, y]``."""
    return Constraint.model_validate({"fits": list(leaves), **more})


def items(*ones: Leaf | Constraint) -> Constraint:
    """The short form of lists, item by item."""
    return Constraint(items=[one if isinstance(one, Constraint) else fits(one) for one in ones])


def lab(**parts: Any) -> Schema:
    """A schema ``lab``."""
    return Schema.model_validate({"schema": "lab", "version": "1", **parts})


def about(**keywords: Any) -> Schema:
    """A schema about the array ``a`` of the block ``b``."""
    return lab(blocks={"b": Clause(data_arrays={"a": Clause.model_validate(keywords)})})


def array(
    name: str = "a", type: str = "t", data: Any = (1.0, 2.0, 3.0), **fields: Any
) -> nx.DataArray:
    """A data array."""
    return nx.DataArray(name=name, type=type, data=np.asarray(data), **fields)


def file_of(*arrays: nx.DataArray, **members: Any) -> nx.File:
    """A file with one block ``b``; ``metadata`` are the file's sections."""
    metadata = members.pop("metadata", [])
    block = nx.Block(name="b", type="block", data_arrays=list(arrays), **members)
    return nx.File(blocks=[block], metadata=metadata)


def section(name: str, type: str = "s", sections: Any = (), **values: Any) -> nx.Section:
    """A section with properties; a value may come with its unit, as a pair."""
    properties = [
        nx.Property(name=key, values=one[0], unit=one[1])
        if isinstance(one, tuple)
        else nx.Property(name=key, values=one)
        for key, one in values.items()
    ]
    return nx.Section(name=name, type=type, properties=properties, sections=list(sections))


def told(*schemas_and_file: Any, depth: Depth = "full") -> list[tuple[str, str, str]]:
    """Id, path and message of each finding."""
    *layers, file = schemas_and_file
    found = Program(layers).check(file, depth=depth).findings
    return [(one.rule, one.path, one.message) for one in found]


def ids(*schemas_and_file: Any, depth: Depth = "full") -> list[str]:
    """Ids of the findings, in order of the alphabet."""
    return sorted(one for one, _, _ in told(*schemas_and_file, depth=depth))
