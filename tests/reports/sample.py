"""One run with every kind of finding, and others that try to break the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nixschema.findings import Finding, Level
from nixschema.reports.report import FileReport, Report, Tool
from nixschema.rules.rule import Rule

LFP = "7b59c0de-24a1-4a3e-8f2b-3a3c7f9e0001"

TOOL = Tool(
    version="1.2.3",
    rules="1.2",
    libraries={
        "python": "3.11.0",
        "h5py": "3.16.0",
        "hdf5": "2.0.0",
        "numpy": "2.0.0",
        "pydantic": "2.13.0",
    },
)


def _never(thing: object) -> Iterator[str]:
    return iter(())


def one_descriptor_per_axis(thing: object) -> Iterator[str]:
    return iter(())


RULES = {
    "NIX201": Rule(
        "NIX201", Level.ERROR, (), "metadata", "One descriptor for each axis.",
        "Readers take axis i from\ndescriptor i.", None, "safe", False, (), None, "0.1",
        one_descriptor_per_axis,
    ),
    "NIX111": Rule(
        "NIX111", Level.WARNING, (), "metadata", "Times are there.", "", "fix it", "safe", False,
        (), None, "0.1", _never,
    ),
}  # fmt: skip
"""Rules whose texts stand in for those of the registry; the others are not known."""


def finding(rule: str, level: Level, path: str, message: str, **more: Any) -> Finding:
    return Finding(rule, level, path, message, **more)


def _session() -> FileReport:
    array = "/data/session/data_arrays"
    return FileReport(
        path="data/session.nix",
        status="findings",
        format="nix",
        format_version="1.2.1",
        entities=1400,
        size=123456,
        id="7b59c0de-24a1-4a3e-8f2b-3a3c7f9e0000",
        sha256="ab" * 32,
        seconds=0.0815,
        findings=[
            finding(
                "NIX201", Level.ERROR, f"{array}/lfp", "2 dimension descriptors for 1 axis",
                help="remove the surplus descriptor, or `nixschema fix`", fixable=True,
                entity_id=LFP, entity_type="nix.sampled", facts=("1", "2"), baseline="new",
            ),
            *(
                finding(
                    "NIX201", Level.ERROR, f"{array}/unit {number}",
                    "0 dimension descriptors for 2 axes",
                    help="give each axis a descriptor: sampled, range or set",
                    entity_id=f"unit-{number}", facts=("0", "2"), baseline="new",
                )
                for number in range(1, 41)
            ),
            finding(
                "NIX701", Level.ERROR, "/data/session/multi_tags/spikes/references",
                "no data array named `voltge`: did you mean `voltage`?",
                entity_id="spikes", part="references", facts=("voltage", "voltge"),
                baseline="new",
            ),
            finding(
                "NIX111", Level.WARNING, f"{array}/lfp", "`updated_at` is missing",
                entity_id=LFP, facts=("updated_at",), accepted=True, baseline="kept",
            ),
            finding(
                "NIX120", Level.INFO, f"{array}/lfp", "the attribute `mine` is none of NIX's",
                entity_id=LFP, facts=("mine",), baseline="new",
            ),
        ],
    )  # fmt: skip


def _same_everywhere() -> list[FileReport]:
    return [
        FileReport(
            path=f"data/old/{number:02}.nix",
            status="findings",
            format="nix",
            format_version="1.1.1",
            entities=10,
            seconds=0.01,
            findings=[
                finding(
                    "NIX111", Level.WARNING, f"/data/trial {number}", "`created_at` is missing",
                    help="`nixschema fix` adds it", fixable=True, facts=("created_at",),
                    baseline="new",
                )
            ],
        )
        for number in range(1, 9)
    ]  # fmt: skip


def _description() -> FileReport:
    return FileReport(
        path="session.yaml",
        status="findings",
        format="description",
        entities=3,
        findings=[
            finding(
                "our-lab:recording/voltage.unit", Level.ERROR,
                "/data/session/data_arrays/voltage", "unit is `V`; expected `mV`",
                line=12, column=5, facts=("V", "mV"), baseline="new",
            ),
            finding(
                "NIX502", Level.WARNING, "/metadata/subject/properties/weight",
                "`grm` is no unit", line=40, facts=("grm",), baseline="new",
            ),
        ],
    )  # fmt: skip


def _described() -> FileReport:
    array = "/data/session/data_arrays/voltage"
    return FileReport(
        path="data/described.nix",
        status="findings",
        format="nix",
        format_version="1.2.1",
        entities=3,
        findings=[
            finding(
                "NIX201", Level.ERROR, array, "1 dimension descriptor for 2 axes",
                line=12, column=5, text="text/session.yaml", entity_id=LFP, facts=("1", "2"),
                baseline="new",
            ),
            finding(
                "NIX134", Level.WARNING, array, "`unit` is `V`; the description has `mV`",
                line=14, column=7, text="text/session.yaml", entity_id=LFP, facts=("V", "mV"),
                baseline="new",
            ),
            finding(
                "NIX004", Level.ERROR, "/", "cannot be read: Permission denied",
                text="text/::error x, y.yaml", baseline="new",
            ),
        ],
    )  # fmt: skip


def _hostile() -> FileReport:
    name = (
        "a|b`c</code>@everyone #1 [x](http://evil.example)]]>\x1b[31m\n::error::x, y: 100% \u202e"
    )
    return FileReport(
        path="::error file=x::data/ü,%0A:\n|@here.nix",
        status="findings",
        format="nix",
        format_version="1.2.0",
        entities=5,
        findings=[
            finding(
                "NIX703", Level.ERROR, f"/data/{name}", f"two entities are named `{name}`",
                help=f"rename `{name}`", entity_id=name, facts=(name,), baseline="new",
            ),
            finding(
                "NIX105", Level.WARNING, "/data/long", "x" * 70_000 + " is too long",
                baseline="new",
            ),
            finding("NIX105", Level.WARNING, "/data/\udcff", "\udcff `\udcff`", baseline="new"),
        ],
    )  # fmt: skip


def sample() -> Report:
    """The run."""
    report = Report.of(
        [
            FileReport(path="data/sound.nix", status="ok", format="nix", entities=12, seconds=0.02),
            _session(),
            *_same_everywhere(),
            FileReport(
                path="damaged.nix",
                status="unreadable",
                format="hdf5",
                findings=[
                    finding("NIX003", Level.ERROR, "/", "is damaged: no root group", baseline="new")
                ],
            ),
            FileReport(
                path="annexed.nix",
                status="absent",
                findings=[finding("NIX006", Level.WARNING, "/", "is not here: git-annex keeps it")],
            ),
            FileReport(path="crashed.nix", status="skipped"),
            _description(),
            _hostile(),
        ],
        rules=61,
    )
    report.tool = TOOL
    report.summary.fixed = 3
    report.summary.seconds = 1.5
    return report


def sound() -> Report:
    """A run that found nothing."""
    report = Report.of(
        [FileReport(path="a.nix", status="ok", format="nix", entities=3, seconds=0.1)], rules=61
    )
    report.tool = TOOL
    return report


def empty() -> Report:
    """A run over no file."""
    report = Report.of([], rules=61)
    report.tool = TOOL
    return report


def many(files: int, each: int) -> Report:
    """A run with any number of findings, in a few kinds."""
    levels = (Level.INFO, Level.WARNING, Level.ERROR)
    rules = ("NIX120", "NIX111", "NIX201")
    report = Report.of(
        [
            FileReport(
                path=f"{number}.nix",
                status="findings",
                entities=each,
                findings=[
                    finding(
                        rules[place % 3], levels[place % 3], f"/data/b/{place}",
                        f"{place} of `{number}` is {'odd' if place % 2 else 'even'}",
                        entity_id=f"{number}-{place}",
                    )
                    for place in range(each)
                ],
            )
            for number in range(files)
        ],
        rules=61,
    )  # fmt: skip
    report.tool = TOOL
    return report


def described() -> Report:
    """A run over a file with its description, to whose lines the findings point."""
    report = Report.of([_described()], rules=61)
    report.tool = TOOL
    return report


RUNS: dict[str, Callable[[], Report]] = {
    "sample": sample,
    "sound": sound,
    "empty": empty,
    "described": described,
}
"""The runs whose reports are kept."""


def documented() -> Report:
    """The run that `docs/reports.md` shows."""
    array = "/data/session/data_arrays"
    return Report.of(
        [
            FileReport(
                path="data/session.nix",
                status="findings",
                format="nix",
                format_version="1.2.1",
                entities=1480,
                size=73216,
                id="1d1f6f5b-94a8-4a3e-8f2b-3a3c7f9e0000",
                seconds=0.08,
                findings=[
                    finding(
                        "NIX201", Level.ERROR, f"{array}/lfp",
                        "2 dimension descriptors for 1 axis",
                        help="remove the surplus descriptor, or `nixschema fix`", fixable=True,
                        entity_id=LFP, entity_type="nix.sampled", facts=("1", "2"),
                    ),
                    *(
                        finding(
                            "NIX111", Level.WARNING, f"{array}/unit {number}",
                            "`updated_at` is missing", fixable=True,
                            entity_id=f"unit {number}", facts=("updated_at",),
                        )
                        for number in range(1, 42)
                    ),
                ],
            ),
            FileReport(path="data/sound.nix", status="ok", format="nix", entities=20, seconds=0.02),
        ],
        rules=175,
    )  # fmt: skip
