"""Which file a file of a folder becomes, and which would become the same one."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixschema.converting.counts import Counts
from nixschema.converting.job import Converted
from nixschema.converting.targets import Targets
from nixschema.formats import Format, format_of_name

NAMES = {
    "a.nix": "a",
    "a.H5": "a",
    "a.hdf5": "a",
    "a.yaml": "a",
    "a.yml": "a",
    "a.json": "a",
    "a.odml": "a",
    "a.xml": "a",
    "a.odml.yaml": "a",
    "a.odml.json": "a",
    "sub.nix/a.b.nix": "sub.nix/a.b",
    "a.nix.odml": "a.nix",
    "2024.01.02.nix": "2024.01.02",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("to", "ending"),
    [("nix", ".nix"), ("odml", ".odml"), ("description", ".yaml"), ("rdf", ".ttl")],
)
def test_names(name: str, to: Format, ending: str) -> None:
    target = Targets("old", "new", to).of(os.path.join("old", name))
    assert target == os.path.join("new", NAMES[name] + ending)
    assert format_of_name(target) == to


@pytest.mark.parametrize("source", ["old", "old/", "./old", "/data/old"])
def test_ways_to_say_a_folder(source: str) -> None:
    targets = Targets(source, "new/", "nix")
    assert targets.of(os.path.join(source, "x/a.yaml")) == "new/x/a.nix"


@pytest.mark.parametrize(
    ("names", "clashes"),
    [
        (["a.nix", "b.nix", "x/a.nix"], []),
        (["a.nix", "b.nix", "a.h5", "a.yaml"], [["a.nix", "a.h5", "a.yaml"]]),
        (["A.nix", "a.nix"], [["A.nix", "a.nix"]]),
        (["X/a.nix", "x/A.yaml"], [["X/a.nix", "x/A.yaml"]]),
        (["stra\N{LATIN SMALL LETTER SHARP S}e.nix", "STRASSE.nix"], None),
        (["e\N{COMBINING ACUTE ACCENT}.nix", "\N{LATIN SMALL LETTER E WITH ACUTE}.h5"], None),
        (["a.nix", "a.b.nix", "a.nix.nix"], []),
        (["a.odml", "a.odml.yaml"], [["a.odml", "a.odml.yaml"]]),
    ],
)
def test_clashes(names: list[str], clashes: list[list[str]] | None) -> None:
    found = Targets(".", "new", "nix").clashes(names)
    assert found == ([names] if clashes is None else clashes)


_NAME = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "x/", "X/"]),
        st.sampled_from(["a", "A", "b", "a.b"]),
        st.sampled_from([".nix", ".h5", ".yaml", ".odml", ".odml.yaml", ".XML"]),
    ),
)


@given(st.lists(_NAME, unique=True), st.sampled_from(["nix", "odml", "description", "rdf"]))
def test_without_clashes_all_targets_differ(names: list[str], to: Format) -> None:
    targets = Targets(".", "new", to)
    groups = targets.clashes(names)
    assert all(len({targets.of(name).lower() for name in group}) == 1 for group in groups)
    rest = set(names) - {name for group in groups for name in group[1:]}
    assert len({targets.of(name).lower() for name in rest}) == len(rest)
    assert targets.clashes(name for name in names if name in rest) == []


def test_counts_in_words() -> None:
    counts = Counts()
    done = [
        (Converted("a"), False),
        (Converted("b", errors=2), True),
        (Converted("c", losses=1, errors=1), False),
        (Converted("d", code=1), False),
        (Converted("e", code=2), True),
    ]
    for one, was_there in done:
        counts.add(one, was_there=was_there, may_replace=False)
    assert (counts.made, counts.failed, counts.there, counts.ours) == (3, 1, 1, 5)
    assert counts.line("odml") == (
        "Converted 3 of 5 files to odML: 1 with losses; 2 with errors, written as found; "
        "1 in the place of another. 1 failed. 1 already there (--force replaces)."
    )
    assert Counts(made=1).line("nix") == "Converted 1 file to NIX."
    assert Counts(made=2000).line("description") == "Converted 2,000 files to descriptions."
    assert Counts(failed=3).line("rdf") == "Converted 0 of 3 files to RDF. 3 failed."
