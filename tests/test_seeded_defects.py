"""One defect a file: found at its place, at its level, and told little elsewhere.

Each row is a defect that the folder of broken files lacks. A level of `none` stands for what is
harmless. Containers that are lost or replaced are made from a list: they touch most others.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import nixschema as nx
from nixschema.findings import Finding, Level
from tests.patches import Patch, patched
from tests.plain import write
from tests.sound import SOUND
from tests.test_broken_files import MOST_ELSEWHERE, _is_at, _of_level
from tests.test_rules import _with_ids

BLOCK = "/data/session"
CONTAINERS = ("data_arrays", "data_frames", "tags", "multi_tags", "sources")
"""What others refer to."""

DEFECTS = """
- error: /
  patch:
    at: /
    remove: updated_at
- error: /
  patch:
    at: /
    set: {version: {int32: [1, 2]}}
- error: /
  patch:
    at: /
    set: {version: {list: [1.5, 2.0, 1.0]}}
- error: /metadata
  patch:
    at: /metadata
    link: {session: /data/session}
- error: /data/session/data_frames/trials
  patch:
    at: /data/session/data_frames/trials
    set: {units: s}
- warning: /data/session/tags/stimulus/extent
  patch:
    at: /data/session/tags/stimulus
    dataset: {extent: {dtype: float64, values: []}}
- error: /data/session/data_arrays/lfp/dimensions/1
  patch:
    at: /data/session/data_arrays/lfp/dimensions/1
    set: {dimension_type: set}
- info: /data/session/data_arrays/voltage
  patch:
    at: /data/session/data_arrays/voltage
    set: {definition: ""}
- error: /data/session/data_arrays/linked/dimensions/1/link
  patch:
    at: /data/session/data_arrays/linked/dimensions/1/link
    link: {<lfp>: /data/session/data_arrays/lfp}
- info: /data/session/data_arrays/linked/dimensions/1/link
  patch:
    at: /data/session/data_arrays/linked/dimensions/1/link
    set: {index: -1}
- error: /data/session/data_arrays/linked/dimensions/1
  patch:
    at: /data/session/data_arrays/events
    dataset: {polynom_coefficients: {dtype: float64, values: [0.0, -1.0]}}
- none: /
  patch:
    at: /
    set: {version: {int64: [1, 2, 1]}}
- none: /
  patch:
    at: /
    set: {version: {int32: [1, 2, 5]}}
- none: /data/session/data_arrays/lfp/dimensions/2
  patch:
    at: /data/session/data_arrays/lfp/dimensions/2
    delete: labels
- none: /data/session/tags/stimulus
  patch:
    at: /data/session/tags/stimulus
    delete: extent
- warning: /data/session/tags/stimulus
  patch:
    at: /data/session/tags/stimulus
    dataset:
      position: {dtype: float64, values: [1.0e+308]}
      units: {dtype: string, values: [Ms]}
- none: /data/session/multi_tags/spikes
  patch:
    at: /data/session/multi_tags/spikes
    delete: extents
- none: /data/session/data_arrays/events/dimensions/1
  patch:
    at: /data/session/data_arrays/events/dimensions/1
    dataset: {ticks: {dtype: int64, values: [1, 2, 3, 4]}}
"""


@dataclass(frozen=True)
class Defect:
    """A change of the sound file, and what is to be told about it."""

    name: str
    level: str
    at: str
    patch: Patch

    def __str__(self) -> str:
        return self.name


def _defects() -> list[Defect]:
    made = []
    for number, row in enumerate(_with_ids(yaml.safe_load(DEFECTS)), 1):
        patch: Patch = row.pop("patch")
        ((level, place),) = row.items()
        made.append(Defect(f"{number} {level}", level, place, patch))
    for name in CONTAINERS:
        dataset = {name: {"dtype": "int64", "values": [1]}}
        gone: Patch = {"at": BLOCK, "delete": name}
        made.append(Defect(f"{name} gone", "error", f"{BLOCK}/{name}", gone))
        made.append(
            Defect(f"{name} a dataset", "error", f"{BLOCK}/{name}", {**gone, "dataset": dataset})
        )
    return made


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound file, written once."""
    path = tmp_path_factory.mktemp("sound") / "session.nix"
    write(SOUND, path)
    return path


@pytest.fixture(scope="module")
def usual(sound: Path) -> set[tuple[str, str]]:
    """What is told about the sound file, by rule and message."""
    return {_facts(one) for one in nx.validate(sound).findings}


def _facts(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


@pytest.mark.parametrize("defect", _defects(), ids=str)
def test_defect_is_told_where_it_is(
    defect: Defect, sound: Path, usual: set[tuple[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "broken.nix"
    shutil.copyfile(sound, path)
    with patched(path, [defect.patch]):
        findings = [one for one in nx.validate(path).findings if _facts(one) not in usual]
    loud = _of_level(findings, Level.WARNING)
    if defect.level == "none":
        assert loud == []
        return
    here = [one for one in _of_level(findings, Level(defect.level)) if _is_at(one, defect.at)]
    assert here, f"nothing of level {defect.level} at {defect.at}: {findings}"
    elsewhere = [one for one in loud if not _is_at(one, defect.at)]
    assert len(elsewhere) <= MOST_ELSEWHERE, "\n".join(map(str, elsewhere))
