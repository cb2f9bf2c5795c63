"""Blanks: what must agree, by kind of content; sets of entities; conditions and alternatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nixschema as nx
from nixschema.findings import Level
from nixschema.schema.checking.patterns import Pattern
from nixschema.schema.checking.quantities import same
from nixschema.schema.checking.run import Run
from nixschema.schema.checking.scope import Scope
from nixschema.schema.language import Clause, Constraint, Count, Together, When
from tests.schema.building import array, file_of, fits, ids, items, lab, section, told


def scope() -> Scope:
    return Scope(Run(nx.File(), depth="full"))


SPLITS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("<id>", "abc", {"id": "abc"}),
    ("<id>.times", "a.b.times", {"id": "a.b"}),
    ("<signal>.<channel>", "a.b.3", {"signal": "a", "channel": "b.3"}),
    ("<signal>.<channel:number>", "a.b.3", {"signal": "a.b", "channel": 3}),
    ("<signal>.<channel:number>", "a.b", None),
    ("<a>-<b>-<c>", "1-2-3-4", {"a": "1", "b": "2", "c": "3-4"}),
    ("run <n:number> *", "run 1.5 x", {"n": 1.5}),
    ("<a>_<a>", "x_x", {"a": "x"}),
    ("<a>_<a>", "x_y", None),
    ("<id>.times", ".times", None),
    ("<class 'dict'>", "<class 'dict'>", {}),
    ("a?c*", "abcde", {}),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), SPLITS)
def test_what_blanks_in_a_pattern_take(
    pattern: str, text: str, expected: dict[str, Any] | None
) -> None:
    here, made = scope(), Pattern(pattern)
    assert made.fits(text, here, "name") == (expected is not None)
    for name, content in (expected or {}).items():
        filled = here.get(name)
        assert filled is not None
        assert filled.content == content


@given(
    st.lists(st.text("ab.-", min_size=1, max_size=5), min_size=1, max_size=4),
    st.sampled_from("./-"),
)
def test_what_filled_a_pattern_is_what_it_expects(parts: list[str], separator: str) -> None:
    text = separator.join(parts)
    pattern = Pattern(separator.join(f"<b{number}>" for number in range(len(parts))))
    here = scope()
    if pattern.fits(text, here, "name"):
        assert pattern.expected(here) == text
        assert pattern.fits(text, here, "name")
        assert not pattern.fits(f"{text}x", here, "name")


def test_patterns_do_not_run_away() -> None:
    many = Pattern("*".join("ab" * 30) + "*!")
    assert not many.fits("ab" * 2000, scope(), "name")
    blanks = Pattern(".".join(f"<b{number}>" for number in range(40)))
    assert not blanks.fits("x" * 4000, scope(), "name")
    assert not Pattern("*").fits("x" * 5000, scope(), "name")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((-3000, "ms"), (-3, "s"), True),
        ((-3000.0000001, "ms"), (-3, "s"), True),
        ((-3001, "ms"), (-3, "s"), False),
        ((1, "kHz"), (1, "ms"), False),
        ((5, None), (5, "ms"), True),
        ((1, "1/kHz"), (1, "ms"), True),
        (("5", None), (5, None), True),
        (("x", None), (5, None), False),
        (((1, 2), None), ((1, 2), None), True),
        (((1,), None), (1, None), True),
        ((True, None), (1, None), False),
        ((0.1 + 0.2, None), (0.3, None), True),
    ],
)
def test_quantities(
    one: tuple[Any, str | None], two: tuple[Any, str | None], expected: bool
) -> None:
    assert same(*one, *two) is expected
    assert same(*two, *one) is expected


def train(times: Any = (1.0, 2.0, 3.0), **more: Any) -> nx.File:
    """A spike train as neo writes it."""
    given: dict[str, Any] = {
        "name": "st",
        "of": "seg",
        "t_start": (0.0, "s"),
        "unit": "ms",
        "rows": len(times),
    } | more
    inner = section(
        given["of"] and "st",
        "neo.spiketrain.metadata",
        t_start=given["t_start"],
        t_stop=(10.0, "s"),
    )
    seg, other = section("seg", "neo.segment.metadata"), section("other", "neo.segment.metadata")
    (seg if given["of"] == "seg" else other).sections.append(inner)
    waveforms = array("st.waveforms", "neo.waveforms", data=np.zeros((given["rows"], 2, 4)))
    tag = nx.MultiTag(
        name=given["name"],
        type="neo.spiketrain",
        positions="st.times",
        metadata=inner,
        features=[nx.Feature(data="st.waveforms", link_type="indexed")],
    )
    group = nx.Group(name="seg", type="neo.segment", multi_tags=[given["name"]], metadata=seg)
    times = array("st.times", "neo.spiketrain.times", data=list(times), unit=given["unit"])
    return file_of(times, waveforms, multi_tags=[tag], groups=[group], metadata=[seg, other])


SPIKETRAIN = lab(
    types={
        "neo.spiketrain": Clause.model_validate(
            {
                "is": "MultiTag",
                "name": fits("<id>"),
                "positions": Clause(
                    name=fits("<id>.times"),
                    shape=items("<spikes>"),
                    values=Constraint(min="<start>", max="<stop>"),
                ),
                "features": [
                    Clause(
                        data=Clause(
                            type=fits("neo.waveforms"), shape=items("<spikes>", "any", "any")
                        ),
                        presence="optional",
                    )
                ],
                "metadata": Clause(
                    name=fits("<id>"),
                    parent=Clause(blank="<segment>"),
                    properties={
                        "t_start": Clause(values=fits("<start>")),
                        "t_stop": Clause(values=fits("<stop>")),
                    },
                ),
                "member_of": {
                    "groups": [Clause(type=fits("neo.segment"), metadata=Clause(blank="<segment>"))]
                },
            }
        )
    }
)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (train(), []),
        (train((-5.0, 1.0), t_start=(-0.005, "s")), []),
        (
            train((1.0, 12_000.0)),
            [("positions.values", "values reach 12000 ms, where at most 10 s is expected")],
        ),
        (
            train((-1.0, 1.0)),
            [("positions.values", "values reach -1 ms, where at least 0 s is expected")],
        ),
        (
            train(rows=2),
            [
                (
                    "features/waveforms.shape",
                    "`<spikes>` is 3 in positions.shape but 2 in features/waveforms.shape",
                )
            ],
        ),
        (
            train(name="ts"),
            [
                ("positions.name", "name is `st.times`, where `ts.times` is expected"),
                ("metadata.name", "`<id>` is `ts` in name but `st` in metadata.name"),
            ],
        ),
        (
            train(of="other"),
            [
                (
                    "member_of",
                    "is in no fitting group of type `neo.segment`: `<segment>` is the section "
                    "`other` in metadata/parent but the section `seg` in member_of/metadata",
                )
            ],
        ),
    ],
)
def test_a_spike_train(file: nx.File, expected: list[tuple[str, str]]) -> None:
    found = sorted(told(SPIKETRAIN, file))
    part = [
        (rule.removeprefix("lab:neo.spiketrain").lstrip("/."), message)
        for rule, _, message in found
    ]
    assert part == sorted(expected)


def test_both_ends_are_told_in_a_tree() -> None:
    arrays = {"frame": Clause(shape=items("<n>")), "position": Clause(shape=items("<n>", 2))}
    schema = lab(blocks={"b": Clause(data_arrays=arrays)})
    good = file_of(array("frame"), array("position", data=np.zeros((3, 2))))
    assert told(schema, good) == []
    bad = file_of(array("frame"), array("position", data=np.zeros((4, 2))))
    assert told(schema, bad) == [
        (
            "lab:b/position.shape",
            "/data/b/data_arrays/position",
            "`<n>` is 3 in frame.shape but 4 in position.shape",
        )
    ]


def test_each_block_and_each_entity_fill_blanks_anew() -> None:
    arrays = {"x": Clause(shape=items("<n>")), "y": Clause(shape=items("<n>"))}
    schema = lab(
        blocks={"*": Clause(data_arrays=arrays)},
        types={"t": Clause(name=fits("<a>"), label=fits("<a>"))},
    )
    blocks = [
        nx.Block(
            name=f"b{size}",
            type="b",
            data_arrays=[array(name, data=np.zeros(size), label=name) for name in ("x", "y")],
        )
        for size in (2, 3)
    ]
    assert told(schema, nx.File(blocks=blocks)) == []


def test_blanks_of_a_key_where_several_fit() -> None:
    clause = {"trial-<n>": Clause(label=fits("label <n>"))}
    schema = lab(blocks={"b": Clause(data_arrays=clause)})
    good = [array(f"trial-{one}", label=f"label {one}") for one in (1, 2, 3)]
    assert told(schema, file_of(*good)) == []
    found = told(
        schema, file_of(array("trial-1", label="label 1"), array("trial-2", label="label 1"))
    )
    assert [message for _, _, message in found] == [
        "label is `label 1`, where `label 2` is expected"
    ]


def test_a_blank_of_a_key_that_occurs_elsewhere_takes_the_first_that_fits() -> None:
    schema = lab(
        metadata={
            "<id>": Clause(type=fits("rig")),
            "rig": Clause(properties={"of": Clause(values=fits("<id>"))}),
        }
    )
    assert (
        told(schema, file_of(metadata=[section("setup", "rig"), section("rig", "s", of="setup")]))
        == []
    )
    file = file_of(metadata=[section("a", "x"), section("b", "rig"), section("rig", "s", of="a")])
    assert [message for _, _, message in told(schema, file)] == [
        "`<id>` is `b` in name but `a` in rig/of"
    ]


def test_numbers_texts_and_lists() -> None:
    def of(constraint: Constraint, other: Constraint, one: Any, two: Any) -> list[str]:
        clause = {"p": Clause(values=constraint), "q": Clause(values=other)}
        schema = lab(metadata={"s": Clause(properties=clause)})
        return [one for _, _, one in told(schema, file_of(metadata=[section("s", p=one, q=two)]))]

    both = fits("<x>"), fits("<x>")
    assert of(*both, [1, 2], [1, 2]) == []
    assert of(*both, [1, 2], [1, 3]) == ["`<x>` is 1, 2 in s/p but 1, 3 in s/q"]
    assert of(*both, (1.0, "s"), (1000.0, "ms")) == []
    assert of(fits("<x:number>"), fits("<x>"), "five", 5) == ["`five` is no number for `<x>`"]
    assert of(fits("<x:text>"), fits("<x>"), 5, 5) == ["5 is no text for `<x>`"]
    assert of(Constraint(length=Count(blank="<n>")), fits("<n>"), ["a", "b"], 2) == []
    assert of(Constraint(length=Count(blank="<n>")), fits("<n>"), ["a", "b"], 3) == [
        "`<n>` is 2 in s/p but 3 in s/q"
    ]


def test_a_count_fills_a_blank() -> None:
    schema = lab(
        blocks={
            "b": Clause(
                data_arrays={
                    "c*": Clause(count=Count(blank="<channels>")),
                    "map": Clause(shape=items("<channels>")),
                }
            )
        }
    )
    assert told(schema, file_of(array("c1"), array("c2"), array("map", data=[1, 2]))) == []
    (found,) = told(schema, file_of(array("c1"), array("map", data=[1, 2])))
    assert found[2] == "`<channels>` is 1 in the number of data arrays but 2 in map.shape"


def test_blanks_in_types() -> None:
    schema = lab(
        types={"relacs.data.sampled.<ident>": Clause(name=fits("<ident>"), label=fits("<ident>"))}
    )
    assert told(schema, file_of(array("V-1", "relacs.data.sampled.V-1", label="V-1"))) == []
    assert ids(schema, file_of(array("V-1", "relacs.data.sampled.V-2", label="V-1"))) == [
        "lab:relacs.data.sampled.label",
        "lab:relacs.data.sampled.name",
    ]


def test_a_range_waits_for_its_blanks() -> None:
    arrays = {"x": Clause(values=Constraint(max="<limit>")), "y": Clause(shape=items("<limit>"))}
    schema = lab(blocks={"b": Clause(data_arrays=arrays)})
    assert told(schema, file_of(array("x", data=[1, 2]), array("y", data=[1, 2]))) == []
    assert len(told(schema, file_of(array("x", data=[1, 3]), array("y", data=[1, 2])))) == 1
    lonely = lab(blocks={"b": Clause(data_arrays={"x": Clause(values=Constraint(max="<limit>"))})})
    assert told(lonely, file_of(array("x"))) == []


TOGETHER = lab(
    types={
        "sig": Clause(
            name=fits("<signal>.<channel:number>"),
            together=Together(
                by="<signal>",
                same=["unit", "dtype", "shape", "dimensions", "metadata"],
                counting="<channel>",
                size="<members>",
            ),
            extra={"channels": fits("<members>", presence="optional")},
        )
    }
)


def test_arrays_that_belong_together() -> None:
    def sampled(interval: float) -> list[Any]:
        return [nx.SampledDimension(sampling_interval=interval, unit="s")]

    good = [
        array(f"{name}.{one}", "sig", dimensions=sampled(0.1))
        for name in ("a", "b.x")
        for one in (0, 1)
    ]
    assert told(TOGETHER, file_of(*good)) == []
    bad = [
        array("a.0", "sig", unit="V", dimensions=sampled(0.1)),
        array("a.2", "sig", unit="mV", data=[1], dimensions=sampled(0.2)),
    ]
    assert [
        (rule.removeprefix("lab:sig/together."), message)
        for rule, _, message in told(TOGETHER, file_of(*bad))
    ] == [
        ("unit", "unit is `mV`, and `V` in the data array `a.0`"),
        ("dtype", "dtype is `int64`, and `float64` in the data array `a.0`"),
        ("shape", "shape is 1, and 3 in the data array `a.0`"),
        ("dimensions", "dimensions differ from those of the data array `a.0`"),
        ("counting", "`<channel>` counts 0, 1, 2 …, and 1 is missing"),
    ]


def channels(*annotated: int) -> nx.File:
    """Channels of one signal, each with the number of them that its annotation says."""
    metadata = [section(f"m{one}", channels=number) for one, number in enumerate(annotated)]
    arrays = [array(f"a.{one}", "sig", metadata=inner) for one, inner in enumerate(metadata)]
    return file_of(*arrays, metadata=metadata)


@pytest.mark.parametrize("is_type", [True, False])
def test_the_number_fills_before_all_else(is_type: bool) -> None:
    clause = Clause(
        name=fits("<signal>.<channel:number>"),
        metadata=Clause(properties={"channels": Clause(values=fits("<members>"))}),
        together=Together(by="<signal>", size="<members>"),
    )
    schema = lab(types={"sig": clause})
    if not is_type:
        keyed = clause.model_copy(update={"name": None})
        tree = Clause(data_arrays={"<signal>.<channel:number>": keyed})
        schema = lab(blocks={"b": tree})
    assert told(schema, channels(2, 2)) == []
    (found,) = told(schema, channels(3, 5, 3))
    assert found[1:] == (
        "/metadata/m1/properties/channels",
        "`<members>` is 3 in the number of those with `<signal>` `a` but 5 in "
        + ("metadata/channels" if is_type else "<signal>.<channel:number>/metadata/channels"),
    )


class TestWhen:
    schema = lab(
        blocks={
            "b": Clause(
                when=[
                    When.model_validate(
                        {
                            "if": Clause(
                                metadata=Clause(properties={"mode": Clause(values=fits("clamp"))})
                            ),
                            "then": Clause(
                                data_arrays={"command": Clause(unit=Constraint(like="V"))}
                            ),
                            "else": Clause(data_arrays={"command": Clause(presence="forbidden")}),
                        }
                    )
                ]
            )
        }
    )

    def file(self, mode: str, *arrays: nx.DataArray) -> nx.File:
        file = file_of(*arrays, metadata=[section("m", mode=mode)])
        file.blocks["b"].metadata = file.metadata["m"]
        return file

    def test_then(self) -> None:
        assert told(self.schema, self.file("clamp", array("command", unit="mV"))) == []
        assert ids(self.schema, self.file("clamp")) == ["lab:b/command"]

    def test_otherwise(self) -> None:
        assert told(self.schema, self.file("free")) == []
        assert ids(self.schema, self.file("free", array("command"))) == ["lab:b/command"]
        assert told(self.schema, file_of()) == []

    def test_of_the_file(self) -> None:
        when = When.model_validate(
            {
                "if": Clause(
                    sections={"rig": Clause(properties={"kind": Clause(values=fits("A"))})}
                ),
                "then": Clause(blocks={"b": Clause(data_arrays={"x": Clause()})}),
            }
        )
        assert ids(lab(when=[when]), file_of(metadata=[section("rig", kind="A")])) == ["lab:b/x"]
        assert ids(lab(when=[when]), file_of(metadata=[section("rig", kind="B")])) == []

    def test_what_a_condition_fills_is_kept_where_it_holds(self) -> None:
        when = When.model_validate(
            {
                "if": Clause(label=fits("<x> volt")),
                "then": Clause(unit=fits("<x>")),
                "else": Clause(unit=fits("<x>")),
            }
        )
        schema = lab(types={"t": Clause(when=[when], definition=fits("<x>", presence="optional"))})
        assert told(schema, file_of(array(label="V volt", unit="V"))) == []
        assert len(told(schema, file_of(array(label="V volt", unit="A")))) == 1
        assert told(schema, file_of(array(label="other", unit="A"))) == []


class TestAlternatives:
    schema = lab(
        types={
            "t": Clause(
                label=fits("<ident>"),
                any_of=[
                    Clause(name=fits("<ident>")),
                    Clause(name=fits("<ident>_events"), unit=fits("s")),
                ],
            )
        }
    )

    @pytest.mark.parametrize(
        ("name", "unit", "messages"),
        [
            ("EOD", None, []),
            ("EOD_events", "s", []),
            ("EOD_events", None, ["`<ident>` is `EOD` in label but `EOD_events` in name"]),
        ],
    )
    def test_the_nearest_is_told(self, name: str, unit: str | None, messages: list[str]) -> None:
        found = told(self.schema, file_of(array(name, label="EOD", unit=unit)))
        assert [message for _, _, message in found] == messages

    def test_all_of(self) -> None:
        schema = lab(
            types={
                "t": Clause(
                    all_of=[Clause(unit=fits("V"), level=Level.WARNING), Clause(label=Constraint())]
                )
            }
        )
        assert ids(schema, file_of(array())) == ["lab:t.label", "lab:t.unit"]
