"""Whatever a file holds and a schema asks for: no exception, and bounded time and memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import nixschema as nx
from nixschema.findings import Level
from nixschema.schema.checking.outcome import Outcome
from nixschema.schema.checking.program import Program
from nixschema.schema.checking.run import MOST_HINTS, Exhausted, Run
from nixschema.schema.language import (
    Clause,
    ColumnOf,
    Constraint,
    Count,
    DimensionClause,
    Schema,
    Together,
    When,
)
from tests.schema.building import array, file_of, fits, ids, items, lab, section, told

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"
"""The folder of real and of broken files, beside the checkout where there is one."""

BROKEN = sorted(SAMPLES.glob("broken/*.nix")) + sorted(SAMPLES.glob("nix/*/*.nix"))


def everything() -> Schema:
    """A schema that asks about every field of everything."""
    values = Constraint(finite=True, ascending="strictly", unique=True, min="<lo>", max=5)
    link_values = Constraint(
        ids_of=Clause.model_validate({"is": "Tag"}),
        names_of=Clause(),
        column_of=ColumnOf(data_frame="track map", column="index"),
    )
    dimension = DimensionClause(
        type=fits("sampled"),
        unit=Constraint(like="s"),
        label=fits("time"),
        offset=fits("<o>"),
        sampling_interval=Constraint(max="1 s"),
        ticks=Constraint(ascending=True),
        link=fits("self"),
        labels=Constraint(length=Count(1, 3)),
    )
    arrays = {
        "<a>.<i:number>": Clause(
            unit=fits("<u>"),
            shape=items("<n>"),
            values=values,
            dimensions=[dimension],
            metadata=Clause(name=fits("<x>")),
        ),
        "any": Clause(
            select=Clause(type=fits("*"), metadata=Clause()),
            dtype=fits("float"),
            rank=fits(1),
            values=link_values,
        ),
    }
    tag: dict[str, Any] = {
        "references": [Clause(every=True, type=fits("*")), Clause(only=True)],
        "features": [
            Clause(data=Clause(shape=items("<n>"))),
            Clause(data=Clause(name=fits("<id>.w"))),
        ],
        "member_of": {"groups": [Clause(type=fits("neo.segment"), metadata=Clause(blank="<s>"))]},
        "units": items("s"),
        "additional": "forbid",
    }
    multi = Clause(
        positions=Clause(shape=items("<n>"), values=values),
        extents=Clause(shape=items("<n>")),
        **tag,
    )
    block = Clause(
        additional="forbid",
        data_arrays=arrays,
        multi_tags={"*": multi},
        tags={"*": Clause(position=Constraint(min=0), extent=Constraint(), **tag)},
        data_frames={
            "*": Clause(
                columns={"*": Clause(values=values, unit=Constraint())}, rows=fits("<rows>")
            )
        },
        groups={
            "*": Clause(
                members={"data_arrays": [Clause(only=True)], "tags": [Clause()]}, sources=[Clause()]
            )
        },
        sources={"*": Clause(sources={"*": Clause(metadata=Clause())})},
        any_of=[Clause(name=fits("a")), Clause(metadata=Clause(sections={"*": Clause()}))],
        when=[
            When.model_validate(
                {"if": Clause(name=fits("*")), "then": Clause(definition=Constraint())}
            )
        ],
    )
    sections = {
        "<name>": Clause(
            path=fits("/<name>"),
            link=Constraint(),
            repository=Constraint(),
            properties={
                "*": Clause(
                    values=Constraint(min=0, pattern="[ab]+"),
                    unit=Constraint(like="s"),
                    length=Count(1, 2),
                )
            },
            sections={
                "*": Clause(
                    parent=Clause(blank="<p>"),
                    sections={"<q>-<r:number>": Clause(count=Count(blank="<m>"))},
                )
            },
        )
    }
    types = {
        "*": Clause(
            definition=Constraint(),
            metadata=Clause(presence="optional", properties={"a": Clause()}),
            name=fits("<t>*"),
            together=Together(by="<t>", same=["unit", "shape", "dimensions", "metadata", "dtype"]),
            extra={"x": Constraint()},
            polynom_coefficients=Constraint(),
            expansion_origin=Constraint(),
        )
    }
    return lab(
        additional="forbid",
        namespaces={"neo": "closed"},
        metadata=sections,
        blocks={"*": block},
        types=types,
    )


@pytest.mark.skipif(not BROKEN, reason="there are no sample files")
def test_real_and_broken_files() -> None:
    program = Program([everything()])
    read = 0
    for path in BROKEN:
        try:
            file = nx.read(path)
        except nx.NotNix:
            continue
        read += 1
        found = program.check(file).findings
        assert all(one.rule.startswith("lab:") and one.path.startswith("/") for one in found)
        assert "lab:steps" not in {one.rule for one in found}
    assert read > 100


def test_fields_that_hdf5_lacks(tmp_path: Path) -> None:
    """An empty shell of each entity, written with h5py."""
    path = tmp_path / "shell.nix"
    nx.write(file_of(array("a.0"), metadata=[section("s", p=1)]), path, check="none")
    with h5py.File(path, "a") as file:
        for name in ("data_arrays", "tags", "multi_tags", "groups", "sources", "data_frames"):
            file["data/b"].require_group(name).create_group("empty")
        file["data/b/multi_tags/empty"].create_group("references")["x"] = h5py.SoftLink("/nowhere")
        file["data/b/multi_tags/empty/positions"] = h5py.SoftLink("/nowhere")
        file["metadata/s"].require_group("sections")["loop"] = file["metadata/s"]
        del file["data/b/data_arrays/a.0/data"]
    assert Program([everything()]).check(nx.read(path)).findings


def test_deep_sections() -> None:
    here = root = nx.Section(name="s", type="t")
    for _ in range(2400):
        here.sections.append(nx.Section(name="s", type="t"))
        here = here.sections[0]
    start = time.perf_counter()
    schema = lab(
        types={"t": Clause(path=fits("/<x>"), parent=Clause(presence="optional", type=fits("t")))}
    )
    found = told(schema, nx.File(metadata=[root]))
    assert len(found) == 2401 - 2048  # No pattern fits a path of more than 4,096 letters.
    assert {rule for rule, _, _ in found} == {"lab:t.path"}
    assert time.perf_counter() - start < 60


def test_sections_that_link_in_a_circle() -> None:
    one, two = section("one", "t"), section("two", "t")
    file = nx.File(metadata=[one, two])
    one.link, two.link = "two", "one"
    assert told(lab(types={"t": Clause(link=fits("/one", "two"))}), file) == []
    assert ids(lab(types={"t": Clause(link=fits("one"))}), file) == ["lab:t.link"]


def test_thousands_of_members_and_of_keys() -> None:
    arrays = [nx.DataArray(name=f"trace-{number}", type="t", unit="V") for number in range(4000)]
    file = file_of(*arrays)
    clauses = {f"{'x' * number}*-<n{number}>": Clause(presence="optional") for number in range(50)}
    schema = lab(blocks={"b": Clause(data_arrays={"*": Clause(unit=fits("V")), **clauses})})
    start = time.process_time()
    assert told(schema, file) == []
    assert time.process_time() - start < 10


def test_a_schema_that_takes_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixschema.schema.checking.program.Run", _Short)
    tags = [nx.Tag(name=f"t{number}", type="t", position=[0.0]) for number in range(40)]
    every = {"<x>": Clause(references=[Clause(name=fits("<x><y>"), every=True)])}
    found = Program([lab(blocks={"b": Clause(tags=every)})]).check(
        file_of(*(array(f"a{number}") for number in range(100)), tags=tags)
    )
    (last,) = [one for one in found.findings if one.rule == "lab:steps"]
    assert last.level is Level.WARNING
    assert "too many steps" in last.message


def _Short(file: nx.File, **options: Any) -> Any:  # noqa: N802
    from nixschema.schema.checking.run import Run

    return Run(file, **options, most_steps=1000)


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "<a>" * 3000, "\0\x1b[31m", "a\nb", "*?[", "\ud800"]
)
def test_odd_texts(text: str) -> None:
    label = text if text.isprintable() else "x"
    file = file_of(array(label=label, type=label))
    schema = lab(
        namespaces={"x": "closed"},
        types={
            "*": Clause(
                label=Constraint(
                    pattern="[a-z]*b", any_of=[fits("<y>*<z>"), Constraint(equals=text[:100])]
                )
            )
        },
    )
    assert all(len(one) < 2000 and one.isprintable() for _, _, one in told(schema, file))


@pytest.mark.parametrize(
    "value",
    [[2**63 - 1], [-(2**63)], [float("inf")], [float("nan")], ["9" * 400], ["1e999 s"], [True], []],
)
def test_odd_values(value: Any) -> None:
    ranges = [
        Constraint(min="1 s"),
        Constraint(max=1e308),
        fits("<x:number>"),
        fits("1 ms"),
        Constraint(like="V"),
        items(1),
    ]
    for constraint in ranges:
        schema = lab(metadata={"s": Clause(properties={"p": Clause(values=constraint)})})
        prop = nx.Property(name="p", values=value, unit="ms")
        file = nx.File(metadata=[nx.Section(name="s", type="t", properties=[prop])])
        assert len(told(schema, file)) <= 1


def test_values_of_every_type() -> None:
    record = np.array([(1, "x")], dtype=[("a", int), ("b", object)])
    checks = Constraint(finite=True, ascending=True, unique=True, min=0, fits=["1"])
    for data in (
        ["a", "b"],
        [True, False],
        [1 + 2j],
        np.zeros((0, 3)),
        record,
        np.zeros((2, 2, 2), "u1"),
    ):
        schema = lab(
            blocks={"b": Clause(data_arrays={"a": Clause(values=checks, dtype=fits("number"))})}
        )
        assert isinstance(ids(schema, file_of(array(data=data))), list)


def test_hints_are_bounded() -> None:
    """Similar names are looked for a few times only, however much is wrong."""
    names = [f"lab.{number:06d}x" for number in range(2000)]
    schema = lab(
        namespaces={"lab": "closed"},
        types={f"lab.{number:06d}": Clause() for number in range(300)},
        blocks={"b": Clause(data_arrays={f"m{number:05d}": Clause() for number in range(300)})},
    )
    file = file_of(*(array(f"n{at}", name) for at, name in enumerate(names)))
    found = Program([schema]).check(file).findings
    assert len(found) == len(names) + 300
    assert sum("did you mean" in one.message for one in found) <= MOST_HINTS


def test_many_keys_with_wildcards_end() -> None:
    schema = lab(types={f"*{number}*": Clause() for number in range(4000)})
    file = file_of(*(array(f"n{number}", f"lab.{number:04x}") for number in range(30)))
    run, types = Run(file, depth="full", most_steps=20_000), Program([schema]).types
    arrays = list(file.blocks[0].data_arrays)
    types.apply(arrays[0], run, Outcome())

    def apply_all() -> None:
        for one in arrays:
            types.apply(one, run, Outcome())

    with pytest.raises(Exhausted):
        apply_all()
