"""One job of the benchmark in a process of its own.

    python -m benchmarks.jobs read nixio small.nix wide.nix target.nix

prints what it took as JSON. A job is imported with what it needs only: what a process holds counts
into its peak memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, TypeAlias

Told: TypeAlias = dict[str, Any]
"""Figures of a job beside what it took."""

Job: TypeAlias = Callable[[str, str], Callable[[], Told]]
"""Does a job with what is given, writing to a target; then tells more, while no clock runs."""

JOBS = {
    ("read", "nixio"): "read_jobs:nixio_read",
    ("read", "nixschema"): "read_jobs:nixschema_read",
    ("validate", "nixio"): "read_jobs:nixio_validate",
    ("validate", "nixschema"): "read_jobs:nixschema_validate",
    ("check", "nixschema"): "check_jobs:nixschema_check",
    ("schema", "nixschema"): "schema_jobs:nixschema_schema",
    ("create", "nixio"): "write_jobs:nixio_create",
    ("create", "nixschema"): "write_jobs:nixschema_create",
    ("create", "nixschema, checked"): "write_jobs:nixschema_create_checked",
    ("small", "nixio"): "write_jobs:nixio_small",
    ("small", "nixschema"): "write_jobs:nixschema_small",
    ("copy", "h5py"): "copy_jobs:h5py_copy",
    ("copy", "nixschema"): "copy_jobs:nixschema_copy",
    ("text", "nixschema"): "text_jobs:nixschema_text",
    ("text", "PyYAML"): "text_jobs:pyyaml_text",
    ("load", "nixschema"): "describe_jobs:nixschema_load",
    ("load", "PyYAML"): "text_jobs:pyyaml_text",
    ("raw", "nixschema"): "describe_jobs:nixschema_raw",
    ("raw", "h5py"): "describe_jobs:h5py_raw",
    ("odml", "nixschema"): "odml_jobs:nixschema_odml",
    ("odml", "python-odml"): "odml_jobs:python_odml",
    ("carry", "nixschema"): "odml_jobs:nixschema_carry",
    ("carry", "nixodmlconverter"): "odml_jobs:nixodmlconverter_carry",
    ("update", "cp"): "update_jobs:cp_copy",
    ("update", "cp, synced"): "update_jobs:cp_copy_synced",
    ("update", "nixschema"): "update_jobs:nixschema_update",
    ("update", "nixschema, in place"): "update_jobs:nixschema_update_in_place",
    ("append", "nixschema"): "append_jobs:nixschema_append",
    ("append", "h5py"): "append_jobs:h5py_append",
    ("append", "h5py, no cache"): "append_jobs:h5py_append_uncached",
}
"""What makes each job ready, by what is done and the library that does it."""


def ready(name: str, library: str) -> Job:
    """A job, with all that it needs imported."""
    module, function = JOBS[name, library].split(":")
    made: Job = getattr(import_module(f"benchmarks.{module}"), function)()
    return made


def peak_kib() -> int | None:
    """The most memory this process has held so far, where the system tells it."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def main() -> None:
    """Do the job with something small, so that all is imported and built; then measure."""
    name, library, small, given, target = sys.argv[1:]
    written = Path(target)
    job = ready(name, library)
    warming = 0.0
    for _ in range(2):
        start = process_time()
        job(small, target)
        warming = process_time() - start
        written.unlink(missing_ok=True)
    before = peak_kib()
    clock = perf_counter()
    start = process_time()
    tell = job(given, target)
    finished = process_time()
    wall = perf_counter() - clock
    after = peak_kib()
    taken = {
        "cpu": finished - start,
        "wall": wall,
        "whole": finished - 2 * warming,
        "memory": (after - before) / 1024 if after is not None and before is not None else None,
        "written": written.stat().st_size if written.exists() else None,
        **tell(),
    }
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
