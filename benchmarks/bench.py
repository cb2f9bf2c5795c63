"""Speed and memory of nixschema beside nixio's and h5py's, as ratios taken in one run.

    make bench ARGS="--sizes 100,1000 --rounds 5 --json bench.json"

Every job runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from benchmarks.appending import Appending
from benchmarks.checking import Checking
from benchmarks.copying import Copying
from benchmarks.describing import Describing
from benchmarks.metadata import Metadata
from benchmarks.reading import Reading
from benchmarks.running import Runs, told
from benchmarks.schemas import Schemas
from benchmarks.text import Text
from benchmarks.updating import Updating
from benchmarks.writing import Writing

PARTS = (
    *("read", "check", "schema", "text", "describe", "odml"),
    *("copy", "update", "append", "write"),
)
SIZES = (100, 1_000, 10_000)
REFERENCE = 1_000
MEGABYTES = 256
PATIENCE = 60.0
"""Minutes after which a job is given up."""

VERSIONS = ("nixschema", "nixio", "h5py", "numpy", "pydantic", "PyYAML")


Part: TypeAlias = (
    Reading
    | Checking
    | Schemas
    | Text
    | Describing
    | Metadata
    | Copying
    | Updating
    | Appending
    | Writing
)


def sizes_of(text: str) -> list[int]:
    """Numbers of arrays from ``100,1000``."""
    sizes = sorted({int(part) for part in text.replace("_", "").split(",")})
    if any(size <= 0 or size % 10 for size in sizes):
        raise argparse.ArgumentTypeError("numbers of arrays are multiples of 10")
    return sizes


def parts_of(text: str) -> list[str]:
    """Parts of the benchmark from ``read,write``."""
    given = text.split(",")
    if not set(given) <= set(PARTS):
        raise argparse.ArgumentTypeError(f"parts are {', '.join(PARTS)}")
    return [part for part in PARTS if part in given]


def positive(text: str) -> int:
    """A number from 1."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--parts", type=parts_of, default=list(PARTS), help=f"what to measure: {','.join(PARTS)}"
    )
    parser.add_argument(
        "--sizes", type=sizes_of, default=list(SIZES), help="numbers of arrays: 100,1000,10000"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        help="how often all is run; 3, and nixio once from 10,000 arrays on",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE,
        metavar="MINUTES",
        help=f"after which a job is given up; {PATIENCE:g}",
    )
    parser.add_argument(
        "--converter",
        metavar="PYTHON",
        help="an interpreter that nixodmlconverter is installed for, to compare with",
    )
    parser.add_argument(
        "--megabytes",
        type=positive,
        default=MEGABYTES,
        help=f"size of the file that is updated; {MEGABYTES}, and 2048 as the target has it",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    return parser.parse_args()


def main() -> None:
    """Measure and print; never judges."""
    given = arguments()
    runs = Runs(60 * given.patience)
    reference = REFERENCE if REFERENCE in given.sizes else min(given.sizes)
    known: dict[str, Part] = {
        "read": Reading(runs, given.sizes, reference),
        "check": Checking(runs, given.sizes),
        "schema": Schemas(runs, given.sizes),
        "text": Text(runs),
        "describe": Describing(runs),
        "odml": Metadata(runs, given.converter),
        "copy": Copying(runs),
        "update": Updating(runs, given.megabytes),
        "append": Appending(runs),
        "write": Writing(runs, given.sizes, reference),
    }
    parts = {name: known[name] for name in given.parts}
    for part in parts.values():
        part.measure(given.rounds)
        told("")
        print("\n".join(part.lines()), end="\n\n", flush=True)
    for what, why in runs.failures.items():
        print(f"No figure for {what}: {why}")
    if given.json is not None:
        document = {
            "versions": {"python": platform.python_version()}
            | {one: version(one) for one in VERSIONS},
            **{name: part.document() for name, part in parts.items()},
            "failures": runs.failures,
            "runs": [asdict(run) for run in runs.runs],
        }
        given.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
