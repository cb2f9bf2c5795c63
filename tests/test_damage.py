"""Random damage of good files: each is judged within bounds, whatever libhdf5 makes of it.

What makes libhdf5 hang or crash is a finding; nixschema itself never fails.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nixschema.checking.job import Checks, Job, Outcome
from nixschema.checking.workers import Workers
from tests.plain import write
from tests.sound import SOUND

EXAMPLES = Path(__file__).parent.parent / "examples"

COUNT = 2000

SECONDS = 3.0
"""Far more than any of these small files takes."""

SEED = 20_240_229


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The bytes of good files."""
    path = tmp_path_factory.mktemp("whole") / "sound.nix"
    write(SOUND, path)
    return [path.read_bytes(), (EXAMPLES / "waveforms.nix").read_bytes()]


def damaged(whole: list[bytes], seed: int) -> bytes:
    """One of the files with some bytes flipped or overwritten, or cut short."""
    chance = random.Random(seed)
    content = bytearray(chance.choice(whole))
    if chance.random() < 0.15:
        return bytes(content[: chance.randrange(len(content))])
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        place = chance.randrange(len(content))
        if chance.random() < 0.5:
            content[place] ^= 1 << chance.randrange(8)
        else:
            content[place] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(content)


def judged(folder: Path, whole: list[bytes], count: int) -> Iterator[Outcome]:
    """What comes of damaged files, each of which is gone when it was judged."""

    def jobs() -> Iterator[tuple[Job, None]]:
        for number in range(count):
            path = folder / f"{number}.nix"
            path.write_bytes(damaged(whole, SEED + number))
            yield Job(str(path), Checks(), seconds=SECONDS), None

    with Workers(min(2, os.cpu_count() or 1)) as workers:
        for job, outcome in workers.run(jobs()):
            os.unlink(job.path)
            yield outcome


@pytest.mark.slow
def test_no_damage_stops_the_run(whole: list[bytes], tmp_path: Path) -> None:
    statuses = Counter[str]()
    failures = 0
    for number, outcome in enumerate(judged(tmp_path, whole, COUNT)):
        assert outcome.bug is None, (SEED + number, outcome.bug)
        assert outcome.report is not None
        statuses[outcome.report.status] += 1
        rules = {one.rule for one in outcome.report.findings}
        failures += bool(rules & {"NIX007", "NIX008", "NIX009"})
        assert outcome.report.status != "unreadable" or rules
        assert all(one.message.isprintable() for one in outcome.report.findings)
        assert all(len(one.message) < 2000 for one in outcome.report.findings)
    assert sum(statuses.values()) == COUNT
    # Most damage is seen, some hits values, which may be anything; hardly any stops libhdf5.
    assert statuses["unreadable"] > COUNT * 0.05
    assert statuses["findings"] > COUNT * 0.2
    assert failures < COUNT * 0.02
    assert not list(tmp_path.iterdir())
