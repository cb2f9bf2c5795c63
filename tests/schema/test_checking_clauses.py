"""Clauses about entities: containers, links, groups, frames, metadata, types, what is accepted."""

from __future__ import annotations

from typing import Any

import pytest

import nixschema as nx
from nixschema.findings import Level
from nixschema.schema.applying import Schemas
from nixschema.schema.checking.program import Program
from nixschema.schema.language import Clause, Constraint, Count, Tree
from tests.schema.building import array, file_of, fits, ids, items, lab, section, told


def block(**keywords: Any) -> Any:
    return lab(blocks={"b": Clause.model_validate(keywords)})


class TestContainers:
    def test_a_name_that_is_missing(self) -> None:
        schema = block(data_arrays={"voltage": Clause(type=fits("lab.v"))})
        assert told(schema, file_of(array("voltge"))) == [
            (
                "lab:b/voltage",
                "/data/b/data_arrays",
                "no data array `voltage` of type `lab.v`: did you mean `voltge`?",
            )
        ]
        assert told(schema, file_of(array("voltage", "lab.v"))) == []

    def test_what_is_optional_may_be_missing(self) -> None:
        schema = block(data_arrays={"v": Clause(presence="optional", unit=fits("V"))})
        assert told(schema, file_of()) == []
        assert ids(schema, file_of(array("v"))) == ["lab:b/v.unit"]

    def test_what_is_forbidden_is_not_there(self) -> None:
        schema = block(data_arrays={"raw*": Clause(presence="forbidden")})
        assert told(schema, file_of(array("a"))) == []
        assert told(schema, file_of(array("raw1"))) == [
            (
                "lab:b/raw",
                "/data/b/data_arrays/raw1",
                "the data array `raw1` is there, and none is allowed",
            )
        ]

    @pytest.mark.parametrize(
        ("count", "good", "bad"),
        [
            (Count(1, 1), [1], {2: "2 found, where 1 is expected"}),
            (Count(2, None), [2, 5], {1: "1 found, where at least 2 are expected"}),
            (Count(0, 1), [0, 1], {3: "3 found, where at most 1 is expected"}),
            (Count(2, 3), [2, 3], {4: "4 found, where 2 to 3 are expected"}),
        ],
    )
    def test_counts(self, count: Count, good: list[int], bad: dict[int, str]) -> None:
        schema = block(data_arrays={"trace-*": Clause(count=count)})
        for number in good:
            assert told(schema, file_of(*(array(f"trace-{one}") for one in range(number)))) == []
        for number, message in bad.items():
            file = file_of(*(array(f"trace-{one}") for one in range(number)))
            assert told(schema, file) == [
                ("lab:b/trace.count", "/data/b/data_arrays", f"data arrays `trace-*`: {message}")
            ]

    def test_select_makes_the_key_a_label(self) -> None:
        clause = Clause(
            select=Clause(
                type=fits("stimulus.*"),
                metadata=Clause(properties={"copy": Clause(values=fits(True))}),
            ),
            unit=fits("V"),
        )
        schema = block(data_arrays={"any stimulus copy": clause})
        copied, other = section("c", copy=True), section("d", copy=False)
        good = array("x", "stimulus.a", unit="V", metadata=copied)
        bad = array("y", "stimulus.b", unit="A", metadata=copied)
        beside = array("z", "stimulus.b", metadata=other)
        assert told(schema, file_of(good, beside, metadata=[copied, other])) == []
        assert told(schema, file_of(good.copy(), bad, metadata=[copied.copy(), other.copy()])) == [
            (
                "lab:b/any stimulus copy.unit",
                "/data/b/data_arrays/y",
                "unit is `A`, where `V` is expected",
            )
        ]
        assert told(schema, file_of()) == [
            (
                "lab:b/any stimulus copy",
                "/data/b/data_arrays",
                "no data array that is `any stimulus copy`",
            )
        ]

    def test_a_label_that_is_no_word_is_not_told(self) -> None:
        schema = block(data_arrays={"*": Clause(select=Clause(type=fits("stimulus.*")))})
        found = told(schema, file_of())
        assert [one[2] for one in found] == ["no data array"]

    def test_additional_looks_at_all_layers(self) -> None:
        lower = block(data_arrays={"a": Clause()})
        for how, level in (("forbid", Level.ERROR), ("warn", Level.WARNING)):
            upper = block(additional=how, data_arrays={"b*": Clause()})
            file = file_of(array("a"), array("b1"), array("c"), tags=[nx.Tag(name="t", type="x")])
            found = Program([lower, upper]).check(file).findings
            assert [(one.rule, one.level, one.path) for one in found] == [
                ("lab:b.additional", level, "/data/b/data_arrays/c"),
                ("lab:b.additional", level, "/data/b/tags/t"),
            ]
        assert told(lower, block(additional="allow"), file_of(array("a"), array("c"))) == []

    def test_additional_at_the_top(self) -> None:
        schema = lab(additional="forbid", blocks={"b": Clause()}, metadata={"s": Clause()})
        file = file_of(metadata=[section("s"), section("x")])
        file.blocks.append(nx.Block(name="more", type="b"))
        assert ids(schema, file) == ["lab:additional", "lab:additional"]
        schema = lab(
            blocks={"b": Clause()},
            metadata={"s": Clause(additional="forbid", properties={"p": Clause()})},
        )
        assert [one[1] for one in told(schema, file_of(metadata=[section("s", p=1, q=2)]))] == [
            "/metadata/s/properties/q"
        ]


def marked(**fields: Any) -> nx.File:
    """A tag with references and a feature, and two groups."""
    arrays = [
        array("v", "our.trace"),
        array("w", "our.trace"),
        array("stim", "x"),
        array("amp", "f", data=[1.0]),
    ]
    given: dict[str, Any] = {
        "references": ["v", "w"],
        "features": [nx.Feature(data="amp", link_type="indexed")],
    } | fields
    tag = nx.Tag(name="t", type="run", position=[0.0], **given)
    return file_of(
        *arrays,
        tags=[tag],
        groups=[
            nx.Group(name="g1", type="seg", data_arrays=["v"], tags=["t"]),
            nx.Group(name="g2", type="seg", data_arrays=["w"]),
        ],
    )


LINKS: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ("selected by type", {"references": [Clause(type=fits("our.trace"))]}, {}, []),
    (
        "none",
        {"references": [Clause(type=fits("other"))]},
        {},
        [("lab:b/t/references/other", "no reference of type `other`")],
    ),
    ("optional", {"references": [Clause(name=fits("stim"), presence="optional")]}, {}, []),
    (
        "forbidden",
        {"references": [Clause(name=fits("w"), presence="forbidden")]},
        {},
        [("lab:b/t/references/w", "lists the data array `w`, and it is not allowed")],
    ),
    (
        "the rest is required",
        {"references": [Clause(type=fits("our.trace"), unit=fits("V"))]},
        {"references": ["v"]},
        [("lab:b/t/references/trace.unit", "no unit, where `V` is expected")],
    ),
    (
        "every",
        {"references": [Clause(type=fits("our.trace"), every=True)]},
        {"references": ["v"]},
        [
            (
                "lab:b/t/references/trace",
                "lacks the data array `w`, and every one of type `our.trace` is expected",
            )
        ],
    ),
    ("every, all there", {"references": [Clause(type=fits("our.trace"), every=True)]}, {}, []),
    (
        "every of a group",
        {"references": [Clause(type=fits("our.trace"), every="seg")]},
        {"references": ["v"]},
        [],
    ),
    (
        "every of a group, missing",
        {"references": [Clause(type=fits("our.trace"), every="seg")]},
        {"references": ["w"]},
        [
            (
                "lab:b/t/references/trace",
                "lacks the data array `v`, and every one of type `our.trace` is expected",
            )
        ],
    ),
    (
        "only",
        {"references": [Clause(name=fits("v")), Clause(only=True)]},
        {},
        [
            (
                "lab:b/t/references",
                "lists the data array `w`, and nothing else than the schema names is allowed",
            )
        ],
    ),
    (
        "only in a clause",
        {"references": [Clause(type=fits("our.*"), only=True)]},
        {"references": ["v", "stim"]},
        [
            (
                "lab:b/t/references/our",
                "lists the data array `stim`, and nothing else than the schema names is allowed",
            )
        ],
    ),
    (
        "count",
        {"references": [Clause(type=fits("our.trace"), count=Count(1, 1))]},
        {},
        [
            (
                "lab:b/t/references/trace.count",
                "references of type `our.trace`: 2 found, where 1 is expected",
            )
        ],
    ),
    (
        "feature",
        {
            "features": [
                Clause(data=Clause(name=fits("amp"), shape=items(1)), link_type=fits("indexed"))
            ]
        },
        {},
        [],
    ),
    (
        "feature of another kind",
        {"features": [Clause(data=Clause(name=fits("amp")), link_type=fits("tagged"))]},
        {},
        [("lab:b/t/features/amp.link_type", "link type is `indexed`, where `tagged` is expected")],
    ),
    (
        "feature missing",
        {"features": [Clause(data=Clause(name=fits("phase")))]},
        {},
        [("lab:b/t/features/phase", "no feature `phase`")],
    ),
    ("member of", {"member_of": {"groups": [Clause(type=fits("seg"), name=fits("g1"))]}}, {}, []),
    (
        "member of none",
        {"member_of": {"groups": [Clause(type=fits("seg"), name=fits("g2"))]}},
        {},
        [("lab:b/t/member_of", "is in no group `g2`")],
    ),
    (
        "member of an unfit one",
        {"member_of": {"groups": [Clause(type=fits("seg"), definition=Constraint())]}},
        {},
        [("lab:b/t/member_of", "is in no fitting group of type `seg`: no definition")],
    ),
    (
        "units",
        {"units": items("s")},
        {"units": ["ms"]},
        [("lab:b/t.units", "unit 1 is `ms`, where `s` is expected")],
    ),
    (
        "position",
        {"position": items(Constraint(min="1 ms"))},
        {"units": ["us"], "position": [5.0]},
        [("lab:b/t.position", "position 1 is 5 us, where at least 1 ms is expected")],
    ),
    (
        "extent",
        {"extent": Constraint(length=Count(1, 1), level=Level.INFO, message="interrupted")},
        {},
        [("lab:b/t.extent", "interrupted")],
    ),
]


@pytest.mark.parametrize(
    ("clause", "fields", "expected"), [one[1:] for one in LINKS], ids=[one[0] for one in LINKS]
)
def test_tags_and_their_links(
    clause: dict[str, Any], fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    fields = {"position": [0.0], **fields}
    position = fields.pop("position")
    file = marked(**fields)
    file.blocks["b"].tags["t"].position = position
    found = told(block(tags={"t": Clause.model_validate(clause)}), file)
    assert [(rule, message) for rule, _, message in found] == expected


def test_members_of_groups_and_sources() -> None:
    cell = nx.Source(name="cell", type="cell", sources=[nx.Source(name="axon", type="part")])
    file = marked()
    file.blocks["b"].sources.append(cell)
    file.blocks["b"].data_arrays["v"].sources.append(cell)
    good = block(
        groups={"g1": Clause(members={"data_arrays": [Clause(name=fits("v"), only=True)]})},
        sources={"cell": Clause(sources={"axon": Clause(type=fits("part"))})},
        data_arrays={"v": Clause(sources=[Clause(type=fits("cell"))])},
    )
    assert told(good, file) == []
    bad = block(
        groups={
            "g2": Clause(members={"data_arrays": [Clause(name=fits("v"))], "tags": [Clause()]})
        },
        sources={"cell": Clause(sources={"soma": Clause()})},
        data_arrays={"w": Clause(sources=[Clause(type=fits("cell"))])},
    )
    assert [(rule, message) for rule, _, message in told(bad, file)] == [
        ("lab:b/w/sources/cell", "no source of type `cell`"),
        ("lab:b/g2/data_arrays/v", "no data array `v`"),
        ("lab:b/g2/tags", "no tag"),
        ("lab:b/cell/soma", "no source `soma`"),
    ]


def test_frames() -> None:
    frame = nx.DataFrame(name="f", type="x", data={"name": ["a", "b"], "index": [0, 300]})
    file = file_of(data_frames=[frame])
    columns = {
        "name": Clause(dtype=fits("string")),
        "index": Clause(dtype=fits("int8"), values=Constraint(max=127)),
        "weight": Clause(),
    }
    schema = block(data_frames={"f": Clause(columns=columns, rows=Constraint(min=3))})
    assert told(schema, file) == [
        ("lab:b/f.rows", "/data/b/data_frames/f", "rows is 2, where at least 3 is expected"),
        (
            "lab:b/f/index.dtype",
            "/data/b/data_frames/f",
            "column `index`: dtype is `int64`, where `int8` is expected",
        ),
        ("lab:b/f/weight", "/data/b/data_frames/f", "no column `weight`"),
        (
            "lab:b/f/index.values",
            "/data/b/data_frames/f",
            "column `index`: values reach 300, where at most 127 is expected",
        ),
    ]
    closed = block(data_frames={"f": Clause(columns={"name": Clause()}, additional="forbid")})
    assert [one[2] for one in told(closed, file)] == [
        "column `index`: the column `index` is there, and no clause names it"
    ]


def test_metadata() -> None:
    inner = section("cell", "cell", resistance=(5.0, "MOhm"))
    outer = section("subject", "subject", [inner], age=3)
    outer.link = None
    file = file_of(array("a", metadata=inner), array("bare"), metadata=[outer])
    good = Clause(
        path=fits("/subject/cell"),
        parent=Clause(name=fits("subject"), properties={"age": Clause(values=Constraint(min=1))}),
        properties={"resistance": Clause(unit=Constraint(like="Ohm"), dtype=fits("float"))},
    )
    assert told(block(data_arrays={"a": Clause(metadata=good)}), file) == []
    bad = Clause(
        path=fits("/<x>"),
        parent=Clause(name=fits("rig")),
        properties={"r": Clause()},
        sections={"x": Clause()},
        repository=Constraint(),
    )
    clauses = {"a": Clause(metadata=bad), "bare": Clause(metadata=Clause())}
    assert [(rule, message) for rule, _, message in told(block(data_arrays=clauses), file)] == [
        ("lab:b/a/metadata.repository", "no repository"),
        ("lab:b/a/metadata/x", "no section `x`"),
        ("lab:b/a/metadata/r", "no property `r`"),
        ("lab:b/a/metadata/parent.name", "name is `subject`, where `rig` is expected"),
        ("lab:b/bare/metadata", "no metadata"),
    ]


def test_references_that_lead_nowhere() -> None:
    tag = nx.MultiTag(name="t", type="m", positions="nowhere", metadata="gone")
    clause = Clause(
        positions=Clause(shape=items("<n>")),
        metadata=Clause(properties={"x": Clause()}),
        references=[Clause(name=fits("q"), presence="optional")],
    )
    assert told(block(multi_tags={"t": clause}), file_of(multi_tags=[tag])) == [
        (
            "lab:b/t/positions",
            "/data/b/multi_tags/t/positions",
            "positions leads nowhere: `nowhere`",
        ),
        ("lab:b/t/metadata", "/data/b/multi_tags/t/metadata", "metadata leads nowhere: `gone`"),
    ]


class TestTypes:
    def test_every_clause_that_matches_applies(self) -> None:
        schema = lab(
            types={
                "lab.*": Clause(definition=Constraint()),
                "lab.data.*": Clause(unit=fits("V")),
                "lab.data.x": Clause(label=Constraint()),
            }
        )
        assert ids(schema, file_of(array(type="lab.data.x"))) == [
            "lab:lab.data.unit",
            "lab:lab.data.x.label",
            "lab:lab.definition",
        ]
        assert told(schema, file_of(array(type="other"))) == []

    def test_the_kind(self) -> None:
        schema = lab(
            types={
                "lab.run": Clause.model_validate({"is": "Tag"}),
                "lab.*": Clause.model_validate({"is": "Section"}),
            }
        )
        assert told(schema, file_of(array(type="lab.run"))) == [
            (
                "lab:lab.run.is",
                "/data/b/data_arrays/a",
                "is a data array, where entities of type `lab.run` are tags",
            )
        ]
        assert told(schema, file_of(tags=[nx.Tag(name="t", type="lab.run", position=[0.0])])) == []

    def test_a_type_never_demands_that_there_is_one(self) -> None:
        assert told(lab(types={"lab.run": Clause(unit=fits("V"))}), file_of()) == []

    @pytest.mark.parametrize(
        ("how", "level"), [("closed", Level.ERROR), ("warn", Level.WARNING), ("open", None)]
    )
    def test_namespaces(self, how: str, level: Level | None) -> None:
        schema = lab(
            namespaces={"lab": how},
            types={"lab.spikes": Clause(), "lab.now": Clause(formerly=["lab.then"])},
            blocks={"b": Clause(data_arrays={"a": Clause(type=fits("lab.tree"))})},
        )
        names = ("lab.spikes", "lab.spiks", "laboratory", "lab.then", "lab.tree")
        file = file_of(array(type="lab.tree"), *(array(f"x{one}", one) for one in names))
        found = [one for one in Program([schema]).check(file).findings if "namespaces" in one.rule]
        message = "type `lab.spiks` is declared nowhere in `lab`: did you mean `lab.spikes`?"
        expected = [] if level is None else [("lab:namespaces.lab", level, message)]
        assert [(one.rule, one.level, one.message) for one in found] == expected

    @pytest.mark.parametrize(
        ("asked", "text", "declared"),
        [
            ("lab.tree", "lab.tree", True),
            ("lab.t*", "lab.tree", False),
            ("lab.*", "lab.tree", False),
        ],
    )
    def test_what_is_asked_for_by_wildcards_is_not_declared(
        self, asked: str, text: str, declared: bool
    ) -> None:
        tag = Clause(references=[Clause(type=fits(asked))])
        schema = lab(namespaces={"lab": "closed"}, blocks={"b": Clause(tags={"t": tag})})
        one = nx.Tag(name="t", type="x", position=[0.0], references=["a"])
        found = ids(schema, file_of(array(type=text), tags=[one]))
        assert found == ([] if declared else ["lab:namespaces.lab"])

    @pytest.mark.parametrize(
        ("keys", "text", "meant"),
        [
            (["lab.*.metadata"], "lab.signal.metadata", None),
            (["lab.*.metadata", "lab.signal.metadata"], "lab.spikes.metadata", None),
            (
                ["lab.*.metadata", "lab.signal.metadata"],
                "lab.singal.metadata",
                "lab.signal.metadata",
            ),
            (
                ["lab.*.metadata", "lab.signal.metadata"],
                "lab.signa.metadata",
                "lab.signal.metadata",
            ),
            (["lab.*.metadata", "lab.signal1.metadata"], "lab.signal2.metadata", None),
            (["lab.*.metadata", "lab.on.metadata"], "lab.off.metadata", None),
            (["lab.*", "lab.signal"], "lab.singal", "lab.signal"),
            (["lab.*", "lab.signal"], "lab.other", ""),
            (["lab.data.<name>"], "lab.data.x", None),
            (["lab.data.<name>"], "lab.dat.x", ""),
        ],
    )
    def test_keys_with_wildcards_declare_families(
        self, keys: list[str], text: str, meant: str | None
    ) -> None:
        schema = lab(namespaces={"lab": "closed"}, types={key: Clause() for key in keys})
        found = [message for _, _, message in told(schema, file_of(array(type=text)))]
        hint = f": did you mean `{meant}`?" if meant else ""
        sentence = f"type `{text}` is declared nowhere in `lab`{hint}"
        assert found == ([] if meant is None else [sentence])

    @pytest.mark.parametrize(
        ("how", "level", "message", "expected"),
        [
            ("closed", None, None, ["lab:namespaces.lab"]),
            ("closed", Level.WARNING, None, ["lab:namespaces.lab"]),
            ("closed", None, "spikes have one type", ["lab:b/a.type"]),
            ("warn", None, None, ["lab:b/a.type"]),
            ("open", None, None, ["lab:b/a.type"]),
        ],
    )
    def test_an_undeclared_type_is_told_once(
        self, how: str, level: Level | None, message: str | None, expected: list[str]
    ) -> None:
        type = fits("lab.spikes", level=level, message=message)
        arrays = {"a": Clause(type=type), "c": Clause(type=fits("lab.spikes"))}
        schema = lab(namespaces={"lab": how}, blocks={"b": Clause(data_arrays=arrays)})
        file = file_of(array(type="lab.spiks"), array("c", "other"))
        assert ids(schema, file) == sorted([*expected, "lab:b/c.type"])


class TestAccepting:
    def schema(self, rule: str = "NIX201", **more: Any) -> Any:
        clause = Clause.model_validate({"accept": {rule: "its own axis"}, **more})
        return lab(types={"times": clause})

    def test_only_for_what_the_clause_is_about(self) -> None:
        file = file_of(array("a", "times"), array("b", "other"))
        report = nx.validate(file, schemas=[self.schema()], select=["NIX201"])
        assert [(one.path, one.accepted, one.reason) for one in report.findings] == [
            ("/data/b/data_arrays/a", True, "its own axis"),
            ("/data/b/data_arrays/b", False, None),
        ]
        assert report.summary.accepted == 1
        assert report.summary.accepted_by == {"lab": 1}
        assert report.summary.error == 1
        schema = report.findings[0].schema
        assert schema is not None
        assert (schema.name, schema.version) == ("lab", "1")

    def test_what_a_container_lacks_is_about_its_entity(self) -> None:
        schema = lab(types={"block": Clause(accept={"NIX229": "arrays of tags have none"})})
        file = file_of(array("a", "neo.imagesequence"))
        report = nx.validate(file, schemas=[schema], select=["NIX229"])
        assert [(one.path, one.accepted) for one in report.findings] == [
            ("/data/b/data_arrays", True)
        ]

    def test_parts_of_the_entity_but_not_its_members(self) -> None:
        dimension = nx.SampledDimension(sampling_interval=1.0, unit="fortnight")
        file = file_of(array("a", "times", dimensions=[dimension]))
        report = nx.validate(file, schemas=[self.schema("NIX5*")], select=["NIX5"])
        assert report.findings
        assert all(one.accepted for one in report.findings)
        of_block = lab(blocks={"b": Clause(accept={"NIX*": "all"})})
        report = nx.validate(file, schemas=[of_block], select=["NIX5"])
        assert not any(one.accepted for one in report.findings)

    def test_never_the_container_and_broken_fields(self) -> None:
        file = file_of(array("a", "times"))
        object.__setattr__(
            file.blocks["b"].data_arrays["a"],
            "__dict__",
            {
                **file.blocks["b"].data_arrays["a"].__dict__,
                "id": "",
            },
        )
        report = nx.validate(file, schemas=[self.schema("NIX*")])
        found = {one.rule: one.accepted for one in report.findings}
        assert found["NIX101"] is False
        assert found["NIX201"] is True


class TestRecognising:
    schema = lab(
        recognise=Tree(metadata={"neo": Clause(type=fits("neo.metadata"))}),
        blocks={"x": Clause()},
    )

    def test_one_finding(self) -> None:
        assert told(self.schema, file_of(array(), array("b"))) == [
            (
                "lab:recognise",
                "/metadata",
                "not a lab file: no section `neo` of type `neo.metadata`",
            )
        ]

    def test_recognised(self) -> None:
        file = file_of(metadata=[section("neo", "neo.metadata")])
        assert ids(self.schema, file) == ["lab:x"]

    def test_that_of_a_lower_layer_counts(self) -> None:
        assert ids(self.schema, lab(blocks={"y": Clause()}), file_of()) == ["lab:recognise"]


class TestTelling:
    def test_levels_are_inherited_and_messages_are_not(self) -> None:
        schema = block(
            level="warning",
            reason="the rig says so",
            message="a block is missing",
            data_arrays={
                "a": Clause(
                    unit=fits("V", message="volts, please", reason="for the plot"),
                    label=fits("x", level="info"),
                )
            },
        )
        found = Program([schema]).check(file_of(array())).findings
        assert [(one.rule, one.level, one.message, one.help) for one in found] == [
            ("lab:b/a.unit", Level.WARNING, "volts, please", "for the plot"),
            ("lab:b/a.label", Level.INFO, "no label, where `x` is expected", "the rig says so"),
        ]
        (found_block,) = Program([schema]).check(nx.File()).findings
        assert found_block.message == "a block is missing"

    def test_ids_stay_when_a_key_is_renamed(self) -> None:
        clause = Clause.model_validate({"id": "voltage", "unit": fits("V", id="u")})
        assert ids(block(data_arrays={"Vm*": clause}), file_of(array("Vm1"))) == ["lab:b/voltage.u"]

    def test_the_lowest_layer_tells_what_several_ask(self) -> None:
        lower = block(data_arrays={"a": Clause(unit=fits("V"))}).model_copy(
            update={"schema_": "low"}
        )
        for layers in ([lower, block(data_arrays={"a": Clause(unit=fits("V"))})],):
            assert ids(*layers, file_of(array())) == ["low:b/a.unit"]

    def test_clauses_on_blocks_are_skipped_once_where_there_are_none(self) -> None:
        schema = lab(
            recognise=Tree(blocks={"*": Clause(type=fits("x"))}),
            metadata={"s": Clause(properties={"p": Clause()})},
            blocks={"b": Clause(), "c": Clause()},
        )
        file = nx.File(metadata=[section("s")])
        found = Program([schema]).check(file, metadata_only=True).findings
        assert [(one.rule, one.level, one.message) for one in found] == [
            ("lab:s/p", Level.ERROR, "no property `p`"),
            ("lab:blocks", Level.INFO, "there are no blocks here: 2 clauses are skipped"),
        ]

    def test_metadata_alone_is_recognised_by_sections(self) -> None:
        schema = lab(
            recognise=Tree(metadata={"neo": Clause()}, blocks={"*": Clause()}),
            metadata={"s": Clause()},
        )
        program = Program([schema])
        found = program.check(nx.File(), metadata_only=True).findings
        assert [one.message for one in found] == ["not a lab file: no section `neo`"]
        file = nx.File(metadata=[section("neo"), section("s")])
        assert program.check(file, metadata_only=True).findings == []
        assert program.check(file).findings[0].message == "not a lab file: no block"

    def test_a_schema_that_extends_another_says_nothing_twice(self) -> None:
        lower = block(data_arrays={"a": Clause(unit=fits("V"))})
        schemas = Schemas([Program([lower]), Program([lower, lab()])])
        assert len(schemas.applied([], file_of(array()))) == 1
