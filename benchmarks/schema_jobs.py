"""Checking a file that was read with a schema of a hundred clauses."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told
    from nixschema.schema.checking.program import Program

CLAUSES = 100
"""How many types the schema has clauses about."""


def nixschema_schema() -> Job:
    """Read a file into models, then check it; the time of reading is told apart."""
    from nixschema.storage.files import kept_open
    from nixschema.storage.load import load, many_objects
    from nixschema.storage.reader import read_tree

    program = hundred_clauses()

    def check(path: str, _: str) -> Callable[[], Told]:
        with kept_open(path), many_objects():
            start = process_time()
            file = load(read_tree(path))
            reading = process_time() - start
            found = program.check(file, depth="metadata")
        return lambda: {"models": reading, "found": len(found.findings)}

    return check


def hundred_clauses() -> Program:
    """A schema about everything in the files of the benchmark, and about types that are not."""
    from nixschema.schema.checking.program import Program
    from nixschema.schema.language import Clause, Schema

    def fits(*leaves: str) -> dict[str, Any]:
        return {"fits": leaves}

    anything = {"presence": "optional"}
    sizes = {"items": [fits("<n>")]}
    arrays: dict[str, Any] = {
        "is": "DataArray", "name": fits("<id>"), "unit": {"presence": "optional"},
        "dtype": fits("number"), "shape": sizes, "label": anything,
        "metadata": {"presence": "optional", "name": fits("<section>")},
    }  # fmt: skip
    types: dict[str, Any] = {
        "nix.signal": {**arrays, "dimensions": [{"type": fits("sampled", "range", "set")}]},
        "nix.spikes.*": arrays,
        "nix.spikes": {
            "is": "MultiTag", "name": fits("<id>"), "positions": {"shape": sizes},
            "extents": {"shape": sizes}, "references": [{"type": fits("nix.*")}],
            "features": [{"data": {"type": fits("*")}}],
        },
        "nix.stimulus": {
            "is": "Tag", "position": {"length": [1, 1]}, "references": [{"type": fits("*")}],
        },
        "nix.metadata.*": {"is": "Section", "properties": {"*": {"values": {}}}},
        "nix.*": {"name": fits("<id>"), "definition": anything},
    }  # fmt: skip
    for number in range(len(types), CLAUSES):
        odd = f"lab.*.kind-{number}" if number % 2 else f"lab.kind-{number}"
        types[odd] = Clause.model_validate(arrays)
    return Program([Schema.model_validate({"schema": "lab", "version": "1", "types": types})])
