"""What tags mark in real files is what nixio gives, wherever nixio is right.

Every region is compared with the definition of the format in exact arithmetic as well, so that of
two answers that differ it is known which is right.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nixio
import numpy as np
import pytest

import nixschema as nx
from tests.working.compared import (
    RULES,
    Marked,
    Said,
    differing,
    explained,
    marked_in,
    said_by_definition,
    said_by_nixio,
    said_by_us,
    same_values,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nix"
"""NIX files of many writers; not part of the repository."""

AGREED = "agreed"


def files() -> list[Any]:
    """The shared files, or one that is skipped where there are none."""
    if not SHARED.is_dir():
        reason = "the shared NIX files are not part of the repository"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    paths = sorted(path for path in SHARED.rglob("*") if path.suffix in (".nix", ".h5"))
    return [pytest.param(path, id=path.relative_to(SHARED).as_posix()) for path in paths]


def some(count: int) -> list[int]:
    """All positions, or the first 40, the last 10 and 50 between where there are many."""
    if count <= 100:
        return list(range(count))
    spread = np.linspace(40, count - 11, 50).astype(int).tolist()
    return sorted({*range(40), *spread, *range(count - 10, count)})


class Pair(NamedTuple):
    """A tag by nixio and the same by us, with the positions that are compared."""

    theirs: Any
    ours: Any
    positions: list[int | None]

    @property
    def is_multi(self) -> bool:
        return isinstance(self.ours, nx.MultiTag)

    @property
    def rules(self) -> list[str]:
        """Stop rules; nixio has none for points."""
        points = not self.ours.extents if self.is_multi else not self.ours.extent
        return ["exclusive"] if points else list(RULES)


def pairs(theirs: Any, ours: nx.File) -> Iterator[Pair]:
    """The tags of a file."""
    for block, other in zip(ours.blocks, theirs.blocks, strict=True):
        for tag, twin in zip(block.tags, other.tags, strict=True):
            assert tag.id == twin.id
            yield Pair(twin, tag, [None])
        for multi, twin in zip(block.multi_tags, other.multi_tags, strict=True):
            assert multi.id == twin.id
            assert multi.positions is not None
            yield Pair(twin, multi, [*some(len(multi.positions))])


def arguments(position: int | None) -> list[int]:
    return [] if position is None else [position]


def told(found: Counter[str], marked: Marked, theirs: Said, ours: Said) -> None:
    """Count an agreement or what explains a difference; fail where nothing does."""
    if not differing(theirs, ours):
        found[AGREED] += 1
        return
    reason = explained(marked, theirs, ours)
    assert reason is not None, f"{marked}: nixio {theirs}, we {ours}"
    found[reason] += 1


def compare_references(pair: Pair, found: Counter[str]) -> None:
    theirs, ours = pair.theirs, pair.ours
    for number, array in enumerate(ours.references):
        twin = theirs.references[number]
        assert array.id == twin.id
        marked_at = marked_in(ours, array)
        for stop_rule in RULES:
            regions = ours.regions(array, stop_rule=stop_rule) if pair.is_multi else None
            for position in pair.positions:
                at: Any = arguments(position)
                mine = said_by_us(
                    lambda: ours.region(array, *at, stop_rule=stop_rule),  # noqa: B023
                    lambda: ours.data(array, *at, stop_rule=stop_rule, calibrated=True),  # noqa: B023
                )
                marked = marked_at(position, stop_rule)
                due = said_by_definition(marked)
                assert (mine.kind, mine.region) == (due.kind, due.region), marked
                if regions is not None:
                    assert regions.is_outside[position] == (mine.kind == "outside")
                    if mine.region is not None:
                        edges = [(one.start, one.stop) for one in regions[position]]
                        assert edges == list(mine.region)
                if stop_rule not in pair.rules:
                    exclusive = said_by_definition(marked._replace(stop_rule="exclusive"))
                    assert (mine.kind, mine.region) == (exclusive.kind, exclusive.region)
                    continue
                view = said_by_nixio(
                    lambda: theirs.tagged_data(*at, number, RULES[stop_rule])  # noqa: B023
                )
                told(found, marked, view, mine)


def compare_features(pair: Pair, found: Counter[str]) -> None:
    theirs, ours = pair.theirs, pair.ours
    for number, feature in enumerate(ours.features):
        assert feature.id == theirs.features[number].id
        tagged = feature.link_type == "tagged"
        marked_at = marked_in(ours, feature.data) if tagged else None
        for stop_rule in RULES if tagged else ["exclusive"]:
            for position in pair.positions:
                at: Any = arguments(position)
                view = said_by_nixio(
                    lambda: theirs.feature_data(*at, number, RULES[stop_rule])  # noqa: B023
                )
                if marked_at is None:
                    mine = feature.data_for(
                        position, calibrated=isinstance(feature.data, nx.DataArray)
                    )
                    assert same_values(view.values, mine)
                    found[f"{feature.link_type} feature"] += 1
                    continue
                mine = said_by_us(
                    lambda: ours.region(feature.data, *at, stop_rule=stop_rule),  # noqa: B023
                    lambda: feature.data_for(position, stop_rule=stop_rule, calibrated=True),  # noqa: B023
                )
                marked = marked_at(position, stop_rule)._replace(feature=True)
                due = said_by_definition(marked)
                assert (mine.kind, mine.region) == (due.kind, due.region), marked
                told(found, marked, view, mine)
                found["tagged feature"] += 1


def many_at_once(array: Any) -> Iterator[Any]:
    """The elements of an array of nixio's, read once: nixio reads all positions for each."""
    if "_at_once" not in vars(array):
        values = array[:]
        array._at_once = values[:, np.newaxis] if values.ndim == 1 else values
    return iter(array._at_once)


def kept(name: str) -> property:
    """A property of nixio's multi tags that is asked for once."""
    asked = vars(nixio.MultiTag)[name].fget

    def keep(tag: Any) -> Any:
        if f"_kept_{name}" not in vars(tag):
            setattr(tag, f"_kept_{name}", asked(tag))
        return getattr(tag, f"_kept_{name}")

    return property(keep)


@pytest.mark.parametrize("path", files())
def test_what_tags_mark_is_what_nixio_gives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, found = nx.read(path), Counter[str]()
    with nixio.File(str(path), nixio.FileMode.ReadOnly) as theirs:
        tags = list(pairs(theirs, ours))
        for pair in tags:
            if pair.is_multi and len(pair.positions) and len(pair.ours.references):
                check_reading_at_once(pair.theirs)
        monkeypatch.setattr(nixio.DataArray, "__iter__", many_at_once, raising=False)
        for name in ("positions", "extents", "references"):
            monkeypatch.setattr(nixio.MultiTag, name, kept(name))
        for pair in tags:
            compare_references(pair, found)
            compare_features(pair, found)
    found["tags"] = len(tags)
    found["positions"] = sum(len(pair.positions) for pair in tags)
    print(json.dumps(found))  # pytest -rP shows the figures


def check_reading_at_once(multi: Any) -> None:
    """What is read at once is what nixio reads one by one."""
    last = len(multi.positions) - 1
    one_by_one = [multi.positions[number] for number in {0, last}]
    at_once = list(many_at_once(multi.positions))
    for number, value in zip({0, last}, one_by_one, strict=True):
        assert np.array_equal(value, at_once[number])
        assert value.dtype == at_once[number].dtype


def test_positions_are_chosen_from_everywhere() -> None:
    assert some(100) == list(range(100))
    assert len(some(3502)) == 100
    assert some(101)[-1] == 100
    assert all(math.isclose(one, round(one)) for one in some(1000))
