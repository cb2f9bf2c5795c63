"""Each keyword of a constraint: what it takes, what it refuses, and what is then told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nixschema as nx
from nixschema.findings import Level
from nixschema.schema.checking.regular import Unsupported, regular
from nixschema.schema.language import Clause, ColumnOf, Constraint, Count, DimensionClause
from tests.schema.building import about, array, file_of, fits, ids, items, lab, section, told

UNIT: list[tuple[str, Constraint, list[str | None], list[tuple[str | None, str]]]] = [
    (
        "exact",
        fits("mV"),
        ["mV"],
        [("V", "unit is `V`, where `mV` is expected"), (None, "no unit, where `mV` is expected")],
    ),
    (
        "one of",
        fits("mV", "uV"),
        ["mV", "uV"],
        [("V", "unit is `V`, where `mV` or `uV` is expected")],
    ),
    ("wildcards", fits("?V*"), ["mV", "uV/s"], [("V", "unit is `V`, where `?V*` is expected")]),
    ("required", Constraint(), ["x"], [(None, "no unit")]),
    ("optional", Constraint(presence="optional"), [None, "x"], []),
    (
        "forbidden",
        Constraint(presence="forbidden"),
        [None],
        [("V", "unit is `V`, and none is allowed")],
    ),
    (
        "optional, then so",
        fits("mV", presence="optional"),
        [None, "mV"],
        [("V", "unit is `V`, where `mV` is expected")],
    ),
    ("equals", Constraint(equals="a*"), ["a*"], [("ab", "unit is `ab`, where `a*` is expected")]),
    (
        "one_of",
        Constraint(one_of=["A", "V"]),
        ["A", "V"],
        [("s", "unit is `s`, where `A` or `V` is expected")],
    ),
    (
        "not",
        Constraint.model_validate({"not": fits("none")}),
        ["V"],
        [("none", "unit is `none`, where anything but `none` is expected")],
    ),
    (
        "pattern",
        Constraint(pattern=r"[A-Z]\d+"),
        ["A12"],
        [("A12x", r"unit is `A12x`, where a text that fits `[A-Z]\d+` is expected")],
    ),
    (
        "like",
        Constraint(like="V"),
        ["mV", "uV", "kV"],
        [("A", "unit is `A`, where a unit like `V` is expected")],
    ),
    (
        "like a period",
        Constraint(like="s"),
        ["1/kHz", "1/Hz", "ms"],
        [("Hz", "unit is `Hz`, where a unit like `s` is expected")],
    ),
    (
        "any of",
        Constraint(any_of=[fits("V"), Constraint(like="A")]),
        ["V", "nA"],
        [("s", "unit is `s`, where `V` is expected")],
    ),
    (
        "all of",
        Constraint(all_of=[fits("m*"), fits("*V")]),
        ["mV"],
        [("mA", "unit is `mA`, where `*V` is expected")],
    ),
]


@pytest.mark.parametrize(
    ("constraint", "good", "bad"), [one[1:] for one in UNIT], ids=[one[0] for one in UNIT]
)
def test_text(
    constraint: Constraint, good: list[str | None], bad: list[tuple[str | None, str]]
) -> None:
    schema = about(unit=constraint)
    for unit in good:
        assert told(schema, file_of(array(unit=unit))) == []
    for unit, message in bad:
        assert told(schema, file_of(array(unit=unit))) == [
            ("lab:b/a.unit", "/data/b/data_arrays/a", message)
        ]


VALUES: list[tuple[str, Constraint, list[Any], list[tuple[Any, str]]]] = [
    ("number", fits(2), [2, 2.0, (2000, "m")], [(3, "value is 3, where 2 is expected")]),
    (
        "quantity",
        fits("0.1 ms"),
        [(0.1, "ms"), (1e-4, "s"), (100, "us")],
        [
            ((0.1, "s"), "value is 0.1 s, where `0.1 ms` is expected"),
            ((0.1, "V"), "value is 0.1 V, where `0.1 ms` is expected"),
        ],
    ),
    (
        "range",
        Constraint(min=0, max=20),
        [0, 20, [1, 2]],
        [
            (21, "value is 21, where at least 0 and at most 20 is expected"),
            ([1, -1], "value is -1, where at least 0 and at most 20 is expected"),
            ("x", "value is `x`, where at least 0 and at most 20 is expected"),
        ],
    ),
    (
        "open range",
        Constraint(above=0, below=1),
        [0.5],
        [
            (0, "value is 0, where above 0 and below 1 is expected"),
            (1.0, "value is 1, where above 0 and below 1 is expected"),
        ],
    ),
    (
        "range with unit",
        Constraint(min="1 ms"),
        [(1, "ms"), (0.001, "s"), (5, None)],
        [((1, "us"), "value is 1 us, where at least 1 ms is expected")],
    ),
    (
        "not a number",
        Constraint(min=0),
        [1.0],
        [(float("nan"), "value is nan, where at least 0 is expected")],
    ),
    (
        "boolean",
        fits(True),
        [True],
        [
            (False, "value is `false`, where `true` is expected"),
            (1, "value is 1, where `true` is expected"),
        ],
    ),
    (
        "each of several",
        fits("a", "b"),
        [["a", "b", "a"]],
        [(["a", "c"], "value is `c`, where `a` or `b` is expected")],
    ),
    (
        "length",
        Constraint(length=Count(1, 2)),
        [["a"], ["a", "b"]],
        [(["a", "b", "c"], "value: 3 found, where 1 to 2 are expected")],
    ),
    ("items", items("a", 2), [], [(["a"], "value has 1 item, where 2 are expected: `a`")]),
    (
        "items of numbers",
        items(1, Constraint(min=5)),
        [[1, 6]],
        [([1, 4], "item 2 of values is 4, where at least 5 is expected")],
    ),
    (
        "formerly",
        fits("new", formerly=["old"]),
        ["new"],
        [("old", "value `old` is an old spelling: now it is `new`")],
    ),
    (
        "text of digits",
        fits("1.5*"),
        ["1.50", 1.5],
        [("1.4", "value is `1.4`, where `1.5*` is expected")],
    ),
]


@pytest.mark.parametrize(
    ("constraint", "good", "bad"), [one[1:] for one in VALUES], ids=[one[0] for one in VALUES]
)
def test_values_of_a_property(
    constraint: Constraint, good: list[Any], bad: list[tuple[Any, str]]
) -> None:
    schema = lab(metadata={"s": Clause(properties={"p": Clause(values=constraint)})})
    for value in good:
        if not (isinstance(value, tuple) and value[1] == "m"):
            assert told(schema, file_of(metadata=[section("s", p=value)])) == []
    for value, message in bad:
        assert told(schema, file_of(metadata=[section("s", p=value)])) == [
            ("lab:s/p.values", "/metadata/s/properties/p", message)
        ]


def test_old_spellings_are_information_unless_said() -> None:
    for level, expected in ((None, Level.INFO), (Level.ERROR, Level.ERROR)):
        from nixschema.schema.checking.program import check

        schema = lab(types={"new": Clause.model_validate({"formerly": ["old"], "level": level})})
        (found,) = check([schema], file_of(array(type="old")))
        assert (found.level, found.rule) == (expected, "lab:new.type")
        assert found.message == "type `old` is an old spelling: now it is `new`"


FIELDS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], list[str]]] = [
    (
        "dtype",
        {"dtype": fits("float64")},
        {},
        {"data": [1]},
        ["dtype is `int64`, where `float64` is expected"],
    ),
    (
        "dtype in words",
        {"dtype": fits("integer")},
        {"data": np.array([1], np.int8)},
        {},
        ["dtype is `float64`, where `integer` is expected"],
    ),
    (
        "dtype of text",
        {"dtype": fits("string")},
        {"data": ["a"]},
        {"data": [True]},
        ["dtype is `boolean`, where `string` is expected"],
    ),
    ("rank", {"rank": fits(2)}, {"data": [[1]]}, {}, ["rank is 1, where 2 is expected"]),
    (
        "shape",
        {"shape": items("any", 4)},
        {"data": np.zeros((9, 4))},
        {"data": np.zeros((9, 3))},
        ["the length of axis 2 is 3, where 4 is expected"],
    ),
    (
        "axes",
        {"shape": items("any", 4)},
        {"data": np.zeros((9, 4))},
        {},
        ["shape has 1 axis, where 2 are expected: 3"],
    ),
    ("label", {"label": fits("v")}, {"label": "v"}, {}, ["no label, where `v` is expected"]),
    ("definition", {"definition": Constraint()}, {"definition": "x"}, {}, ["no definition"]),
    (
        "expansion_origin",
        {"expansion_origin": Constraint(max=1)},
        {"expansion_origin": 1.0},
        {"expansion_origin": 2.0},
        ["expansion origin is 2, where at most 1 is expected"],
    ),
    (
        "polynom",
        {"polynom_coefficients": items(0, 1)},
        {"polynom_coefficients": [0, 1]},
        {"polynom_coefficients": [0, 2]},
        ["coefficient 2 is 2, where 1 is expected"],
    ),
    ("type", {"type": fits("t")}, {}, {"type": "u"}, ["type is `u`, where `t` is expected"]),
    (
        "finite",
        {"values": Constraint(finite=True)},
        {},
        {"data": [1, np.inf]},
        ["values have NaN or an infinite number in row 2"],
    ),
    (
        "ascending",
        {"values": Constraint(ascending=True)},
        {"data": [1, 1, 2]},
        {"data": [1, 3, 2]},
        ["values do not ascend at row 3"],
    ),
    (
        "strictly",
        {"values": Constraint(ascending="strictly")},
        {},
        {"data": [1, 1, 2]},
        ["values do not ascend at row 2"],
    ),
    (
        "unique",
        {"values": Constraint(unique=True)},
        {"data": ["a", "b"]},
        {"data": ["a", "b", "a"]},
        ["values have `a` more than once"],
    ),
    (
        "values",
        {"values": Constraint(min="-1 V", max="1 V")},
        {"unit": "mV", "data": [-1000, 1000]},
        {"unit": "mV", "data": [0, 1001]},
        ["values reach 1001 mV, where at most 1 V is expected"],
    ),
    (
        "calibrated",
        {"values": Constraint(max=10)},
        {"data": [1, 2], "polynom_coefficients": [0, 5]},
        {"data": [1, 2], "polynom_coefficients": [0, 6]},
        ["values reach 12, where at most 10 is expected"],
    ),
    (
        "each value",
        {"values": fits("on", "off")},
        {"data": ["on", "off"]},
        {"data": ["on", "of"]},
        ["values have `of`, where `on` or `off` is expected"],
    ),
    (
        "levels",
        {"values": Constraint(all_of=[Constraint(min=0), Constraint(max=5, level=Level.WARNING)])},
        {},
        {"data": [-1, 6]},
        [
            "values reach -1, where at least 0 is expected",
            "values reach 6, where at most 5 is expected",
        ],
    ),
]


@pytest.mark.parametrize(
    ("clause", "good", "bad", "messages"),
    [one[1:] for one in FIELDS],
    ids=[one[0] for one in FIELDS],
)
def test_fields_of_an_array(
    clause: dict[str, Any], good: dict[str, Any], bad: dict[str, Any], messages: list[str]
) -> None:
    schema = about(**clause)
    assert told(schema, file_of(array(**good))) == []
    found = told(schema, file_of(array(**bad)))
    assert [message for _, _, message in found] == messages
    assert {rule for rule, _, _ in found} == {f"lab:b/a.{next(iter(clause))}"}


def test_values_are_read_only_when_asked() -> None:
    schema = about(values=Constraint(finite=True, max=0))
    assert ids(schema, file_of(array(data=[1, np.nan])), depth="metadata") == []
    assert len(ids(schema, file_of(array(data=[1, np.nan])))) == 1


def test_values_in_many_blocks() -> None:
    data = np.arange(2_000_000.0)
    schema = about(values=Constraint(ascending="strictly", finite=True))
    assert told(schema, file_of(array(data=data))) == []
    data[1_048_576] = -1  # At the border of two blocks, or close to it.
    assert [one[2] for one in told(schema, file_of(array(data=data)))] == [
        "values do not ascend at row 1,048,577"
    ]


DIMENSIONS: list[tuple[Any, list[Any], list[str]]] = [
    ("forbidden", [nx.SetDimension()], ["a dimension descriptor, and none is allowed"]),
    ("required", [], ["no dimension descriptor"]),
    (
        [DimensionClause(type=fits("sampled"))],
        [nx.SetDimension()],
        ["type is `set`, where `sampled` is expected"],
    ),
    ([DimensionClause(type=fits("sampled"))], [], ["0 dimension descriptors, where 1 is expected"]),
    (
        [DimensionClause(unit=Constraint(like="s"))],
        [nx.SampledDimension(sampling_interval=1.0, unit="V")],
        ["unit is `V`, where a unit like `s` is expected"],
    ),
    (
        [DimensionClause(sampling_interval=Constraint(max="0.1 ms"))],
        [nx.SampledDimension(sampling_interval=1.0, unit="us")],
        [],
    ),
    (
        [DimensionClause(sampling_interval=Constraint(max="0.1 ms"))],
        [nx.SampledDimension(sampling_interval=1.0, unit="ms")],
        ["sampling interval is 1 ms, where at most 0.1 ms is expected"],
    ),
    (
        [DimensionClause(sampling_interval=Constraint())],
        [nx.SetDimension()],
        ["no sampling interval"],
    ),
    ([DimensionClause(offset=fits(0))], [nx.SampledDimension(sampling_interval=1.0)], []),
    (
        [DimensionClause(label=fits("time"))],
        [nx.RangeDimension(ticks=[1, 2, 3], label="tme")],
        ["label is `tme`, where `time` is expected"],
    ),
    ([DimensionClause(labels=items("l", "m", "r"))], [nx.SetDimension(labels=["l", "m", "r"])], []),
    (
        [DimensionClause(labels=items("l", "m", "r"))],
        [nx.SetDimension(labels=["l", "r", "m"])],
        ["label 2 is `r`, where `m` is expected", "label 3 is `m`, where `r` is expected"],
    ),
    (
        [DimensionClause(labels=Constraint(length=Count(3, 3)))],
        [nx.SetDimension(labels=["l", "r"])],
        ["labels: 2 found, where 3 are expected"],
    ),
    (
        [DimensionClause(ticks=Constraint(min=1))],
        [nx.RangeDimension(ticks=[0, 2, 3])],
        ["ticks reach 0, where at least 1 is expected"],
    ),
    ([DimensionClause(link=fits("self"))], [nx.RangeDimension(link="a")], []),
    (
        [DimensionClause(link=fits("self"))],
        [nx.RangeDimension(ticks=[1, 2, 3])],
        ["no link, where `self` is expected"],
    ),
    (
        [DimensionClause(link=fits("ticks"))],
        [nx.RangeDimension(link="other")],
        ["link is `other`, where `ticks` is expected"],
    ),
    (
        [
            DimensionClause(
                any_of=[
                    DimensionClause(type=fits("set")),
                    DimensionClause(type=fits("range"), label=fits("x")),
                ]
            )
        ],
        [nx.SetDimension()],
        [],
    ),
    (
        [
            DimensionClause(
                any_of=[
                    DimensionClause(type=fits("set")),
                    DimensionClause(type=fits("range"), label=fits("x")),
                ]
            )
        ],
        [nx.RangeDimension(ticks=[1, 2, 3])],
        ["type is `range`, where `set` is expected"],
    ),
    ([DimensionClause(), DimensionClause(presence="optional")], [nx.SetDimension()], []),
]


@pytest.mark.parametrize(("clause", "dimensions", "messages"), DIMENSIONS)
def test_dimensions(clause: Any, dimensions: list[Any], messages: list[str]) -> None:
    file = file_of(array(dimensions=dimensions), array("other", data=[1.0, 2.0, 3.0]))
    found = told(about(dimensions=clause), file)
    assert [message for _, _, message in found] == messages
    assert all(rule.startswith("lab:b/a") and "dimensions" in rule for rule, _, _ in found)


def test_values_name_entities_and_stand_in_columns() -> None:
    frame = nx.DataFrame(name="map", type="m", data={"index": [0, 1], "name": ["x", "y"]})
    tag = nx.Tag(name="run", type="lab.run", position=[0.0])
    schema = lab(
        blocks={
            "b": Clause(
                data_arrays={
                    "track": Clause(
                        values=Constraint.model_validate(
                            {"column_of": ColumnOf(data_frame="map", column="index"), "or": [-1]}
                        )
                    ),
                    "ids": Clause(
                        values=Constraint(
                            ids_of=Clause.model_validate({"is": "Tag", "type": fits("lab.run")})
                        )
                    ),
                    "names": Clause(
                        values=Constraint(names_of=Clause.model_validate({"is": "Tag"}))
                    ),
                }
            )
        }
    )

    def file(track: list[int], ident: str, name: str) -> nx.File:
        return file_of(
            array("track", data=track),
            array("ids", data=[ident]),
            array("names", data=[name]),
            data_frames=[frame.copy()],
            tags=[tag.copy(keep_id=True)],
        )

    assert told(schema, file([0, 1, -1], tag.id, "run")) == []
    assert [one[2] for one in told(schema, file([0, 2], "x", "rn"))] == [
        "values have 2, where a value of column `index` of `map` is expected",
        "values have `x`, where the id of a tag of type `lab.run` is expected",
        "values have `rn`, where the name of a tag is expected",
    ]


def test_a_property_names_an_entity() -> None:
    names = Constraint(names=Clause.model_validate({"is": "Group", "type": fits("neo.group")}))
    schema = lab(metadata={"s": Clause(properties={"parent": Clause(values=names)})})
    groups = [nx.Group(name="g", type="neo.group"), nx.Group(name="h", type="other")]
    file = file_of(groups=groups, metadata=[section("s", parent="g")])
    assert told(schema, file) == []
    file.metadata["s"].properties["parent"].values = ["h"]
    assert told(schema, file) == [
        (
            "lab:s/parent.values",
            "/metadata/s/properties/parent",
            "value is `h`, where the name of a group of type `neo.group` is expected",
        )
    ]


REGULAR = [
    (r"[A-Z]\d+", "A1", "a1"),
    (r"(?:[a-z]+_)*x", "ab_cd_x", "ab_cdx"),
    (r"(a+)+", "aaaa", "aaab"),
    (r"(a|aa)+b", "aaab", "aaac"),
    (r"(?:ab){2,3}", "abab", "ab"),
    (r"[^-]*-\w\s?", "x-y", "-"),
    (r"(?i)(?:ab)+", "ABab", "a"),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), REGULAR)
def test_regular_expressions_do_not_run_away(pattern: str, good: str, bad: str) -> None:
    assert regular(pattern).fits(good)
    assert not regular(pattern).fits(bad)
    assert not regular(pattern).fits("a" * 5000 + "!")


@pytest.mark.parametrize(
    "pattern", [r"(a)\1+(b+)+", "(", r"(?:x(?=a+)+)+", "((((a{99}){99}){99}){99})+"]
)
def test_regular_expressions_that_cannot_be_followed(pattern: str) -> None:
    with pytest.raises(Unsupported):
        regular(pattern)
    unfit = Constraint.model_construct(pattern=pattern)  # One that loading refuses.
    assert len(ids(about(unit=unfit), file_of(array(unit="a")))) == 1


@pytest.mark.parametrize(
    ("word", "dtype", "fit"),
    [
        ("f8", "float64", True),
        ("<f8", "float64", True),
        (">i2", "int16", True),
        ("i2", "int32", False),
        ("u1", "uint8", True),
        ("?", "bool", True),
        ("c16", "complex128", True),
        ("str", "O", True),
        ("object", "O", True),
        ("string", "O", True),
        ("U5", "O", True),
        ("str", "float64", False),
    ],
)
def test_types_by_their_codes(word: str, dtype: str, fit: bool) -> None:
    data = np.array(["a"], dtype="O") if dtype == "O" else np.zeros(2, dtype)
    for constraint in (Constraint(fits=[word]), Constraint(one_of=[word]), Constraint(equals=word)):
        found = told(about(dtype=constraint), file_of(array(data=data)))
        assert (found == []) is fit
