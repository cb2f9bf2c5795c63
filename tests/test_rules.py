"""Each rule finds what its examples say, where they say it, and nothing else.

An examples file patches the sound file of `tests.sound`; see `tests/rules/README.md`.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml

import nixschema as nx
import nixschema.model
from nixschema.findings import Finding
from nixschema.io import check_file
from nixschema.layout import Attribute, Columns, Dataset, Value, layout_of
from nixschema.model import MODELS, Model
from nixschema.model.lookup import find_entity
from nixschema.rules.pages import FAMILIES, page, registry, subject
from nixschema.rules.rule import Rule, all_rules, find_rule, rule, selected_rules
from nixschema.rules.runner import Runner
from nixschema.storage import load
from tests.patches import Patch, PatchError, patched
from tests.plain import write
from tests.sound import SOUND, id_of

FOLDER = Path(__file__).parent / "rules"

SECONDS = 30
"""Longer than any single test here takes."""


@dataclass(frozen=True)
class Expected:
    """One finding that an example expects."""

    path: str
    message: str
    at: str = ""

    def fits(self, finding: Finding) -> bool:
        line = "" if finding.line is None else f"{finding.line}:{finding.column}"
        same = _fits(self.path, finding.path) and _fits(self.message, finding.message)
        return same and self.at == line


@dataclass(frozen=True)
class Example:
    """Patches of the sound file, a description or odML, and what a rule finds then."""

    rule: str
    name: str
    patch: list[Patch] = field(default_factory=list)
    refer: dict[str, dict[str, Any]] = field(default_factory=dict)
    description: str | dict[str, Any] | None = None
    odml: str | dict[str, Any] | None = None
    terminology: str | None = None
    beside: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    made_from: str | None = None
    finds: list[Expected] = field(default_factory=list)
    also: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}"


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that is given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is given twice in {keys}"
        return super().construct_mapping(node, deep)


def _with_ids(value: Any) -> Any:
    """``<voltage>`` in any text stands for the id of what is named so in the sound file.

    In examples of odML it is a tag.
    """
    if isinstance(value, str):
        return re.sub("<([a-z_0-9]+)>", lambda match: id_of(match[1]), value)
    if isinstance(value, list):
        return [_with_ids(item) for item in value]
    if isinstance(value, dict) and "odml" not in value:
        return {_with_ids(key): _with_ids(item) for key, item in value.items()}
    return value


def _examples_of(path: Path) -> list[Example]:
    document = _with_ids(yaml.load(path.read_text("utf-8"), _StrictLoader))
    assert set(document) == {"valid", "invalid"}, f"{path.name}: keys are `valid` and `invalid`"
    found = []
    for kind in ("valid", "invalid"):
        for given in document[kind]:
            finds = [Expected(**one) for one in given.pop("finds", ())]
            assert bool(finds) == (kind == "invalid"), f"{path.name}: {given['name']}"
            found.append(Example(path.stem, finds=finds, **given))
    return found


FILES = sorted(FOLDER.glob("*.yaml"))
EXAMPLES = [example for path in FILES for example in _examples_of(path)]


def _fits(expected: str, found: str) -> bool:
    pattern = ".*".join(map(re.escape, expected.split("...")))
    return re.fullmatch(pattern, found, re.DOTALL) is not None


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound file, written once."""
    path = tmp_path_factory.mktemp("sound") / "session.nix"
    write(SOUND, path)
    return path


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """Nothing in a file may make reading it go on without end."""

    def stop(*_: object) -> None:
        pytest.fail("reading goes on without end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _findings(path: Path, reader: str | None = None) -> list[Finding]:
    if reader is not None:
        return check_file(str(path), Runner(selected_rules(), readers=(reader,))).findings
    (report,) = nx.validate(path).files
    return report.findings


def _reader_of(rule_id: str) -> str | None:
    found = find_rule(rule_id)
    assert found is not None
    return found.reader


def _is_of_file(finding: Finding) -> bool:
    """Whether a finding is about a field, and not about what some reader lacks."""
    return finding.rule.startswith("NIX1") or _reader_of(finding.rule) is None


def _findings_of(example: Example, path: Path) -> list[Finding]:
    if not example.refer:
        return _findings(path, _reader_of(example.rule))
    file = nx.read(path)
    for place, fields in example.refer.items():
        entity = find_entity(file, place)
        for name, value in fields.items():
            setattr(entity, name, value)
    return nx.validate(file).findings


def test_sound_file_is_sound(sound: Path) -> None:
    assert [one for one in _findings(sound) if _reader_of(one.rule) is None] == []


def test_sound_file_has_what_readers_lack(sound: Path) -> None:
    found = {reader: _findings(sound, reader) for reader in ("cpp", "nixio", "neo")}
    about = {reader: [one.rule for one in found[reader]] for reader in found}
    mine = {
        reader: sorted(one for one in rules if _reader_of(one) == reader)
        for reader, rules in about.items()
    }
    cpp = ["NIX603", "NIX604", "NIX607", "NIX608"]
    assert mine == {"cpp": cpp, "nixio": ["NIX623"], "neo": []}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example, sound: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0 and any("forbidden" in patch for patch in example.patch):
        pytest.skip("root may read everything")
    if example.odml is not None:
        findings = _findings_of_odml(example, tmp_path)
    elif example.description is not None:
        findings = _findings_of_description(example, tmp_path)
    else:
        path = tmp_path / "session.nix"
        shutil.copyfile(sound, path)
        with patched(path, example.patch):
            findings = _findings_of(example, path)
    assert not any(str(tmp_path) in one.message for one in findings), "a message names the machine"
    if wrong := _difference(example, findings):
        pytest.fail(wrong, pytrace=False)


def _findings_of_description(example: Example, folder: Path) -> list[Finding]:
    """What is found in a description, or in the file that was made from an earlier one."""
    path = folder / "session.yaml"
    for name, content in example.beside.items():
        _put(folder / name, content)
    assert example.description is not None
    if example.made_from is None:
        _put(path, example.description)
        return _findings(path)
    _put(path, example.made_from)
    nx.convert(path, folder / "session.nix")
    _put(path, example.description)
    runner = Runner(selected_rules())
    return check_file(str(folder / "session.nix"), runner, description=str(path)).findings


def _findings_of_odml(example: Example, folder: Path) -> list[Finding]:
    """What is found in an odML file, which a terminology may stand beside."""
    path = folder / "session.odml"
    assert example.odml is not None
    if isinstance(example.odml, dict) and "nested" in example.odml:
        _put(path, _nested_sections(example.odml["nested"]))
    else:
        _put(path, example.odml)
    terms = folder / "terms.odml"
    if example.terminology is not None:
        _put(terms, example.terminology)
    (report,) = nx.validate(path, terminology=[terms] if example.terminology else []).files
    return report.findings


def _nested_sections(number: int) -> str:
    """odML with so many sections one in the other."""
    section = "<section><name>s</name><type>t</type>\n"
    return f'<odML version="1.1">\n{section * number}{"</section>" * number}\n</odML>\n'


def _put(path: Path, content: str | dict[str, Any]) -> None:
    """Write a text, bytes, or values as `.npy`, without as many bytes of the end as are `cut`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif "bytes" in content:
        path.write_bytes(content["bytes"].encode("latin-1"))
    else:
        np.save(path, np.array(content["array"], content["dtype"]))
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) - content.get("cut", 0)])


def _difference(example: Example, findings: list[Finding]) -> str:
    """What is wrong with the findings of an example, in words, or nothing."""
    rule = find_rule(example.rule)
    assert rule is not None
    mine = [one for one in findings if one.rule == rule.id]
    others = [
        one
        for one in findings
        if one.rule != rule.id and (one.rule in example.also or _reader_of(one.rule) is None)
    ]
    if _all_fit(example.finds, mine) and {one.rule for one in others} == set(example.also):
        assert {one.level for one in mine} <= {rule.level}
        assert all(one.message.isprintable() for one in findings)
        return ""
    expected = [
        f"{one.at} {one.path}: {rule.id} {rule.level}: {one.message}" for one in example.finds
    ]
    parts = ["expected:", *expected, f"also {example.also}", "found:", *map(str, findings)]
    return "\n  ".join(["", *(part[:1000] for part in parts)])


def _all_fit(expected: list[Expected], found: list[Finding]) -> bool:
    """Whether each finding is expected, and each expected one found, in any order."""
    left = list(found)
    for one in expected:
        fitting = next((finding for finding in left if one.fits(finding)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return not left


ABOUT_WORKERS = {"NIX007", "NIX008", "NIX009"}
"""What no file can be made for that brings it anywhere: `tests/test_checking.py` has them."""


ABOUT_LOSSES = {"NIX901", *(f"NIX{number}" for number in range(850, 858))}
"""What is told while a file is converted: `tests/descriptions` and `tests/odml` have it."""


def test_each_rule_has_examples() -> None:
    wanted = {rule.id for rule in all_rules()} - ABOUT_WORKERS - ABOUT_LOSSES
    assert {path.stem for path in FILES} == wanted
    for kind in (True, False):
        assert {one.rule for one in EXAMPLES if bool(one.finds) is kind} == wanted


STRICT = """
- {at: /data/nowhere, set: {name: a}}
- {at: /data/session}
- {at: /data/session, put: {name: a}}
- {at: /data/session, set: {name: session}}
- {at: /data/session, set: {name: {text: a}}}
- {at: /data/session, set: {name: {ascii: a, fixed: a}}}
- {at: /data/session, set: {name: 2021-03-04}}
- {at: /data/session, set: [name]}
- {at: /, set: {version: {int32: [1, 2, 1]}}}
- {at: /data/session, remove: Name}
- {at: /data/session, delete: [notes]}
- {at: /data/session, rename: {tags: tags}}
- {at: /data/session, link: {metadata: /metadata/subject}}
- {at: /data/session, link: {metadata: /metadata/nowhere}}
- {at: /data/session/tags/stimulus, dataset: {position: {dtype: float64, values: [0.6]}}}
- {at: /data/session/tags/stimulus, dataset: {position: {dtype: float64, value: [0.6]}}}
- {set: {name: a}}
- {truncate: 100000000}
- {append: 0}
- {overwrite: {hex: "89"}}
- {absent: true, empty: true}
- {bytes: a, at: /}
"""


@pytest.mark.parametrize("patch", yaml.safe_load(STRICT), ids=str)
def test_patch_that_does_nothing_is_refused(patch: Patch, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    with pytest.raises(PatchError), patched(path, [patch]):
        pass


# Rules as documentation, and the choice of them


@pytest.mark.parametrize("one", all_rules(), ids=lambda one: one.id)
def test_page_says_what_and_why(one: Rule) -> None:
    assert one.title.endswith(".")
    assert one.title.isprintable()
    assert len(one.title) <= 100
    assert one.reason.endswith(".")
    assert subject(one)
    assert one.family in FAMILIES
    if one.help is not None:
        assert one.help.isprintable()
        assert not one.help.endswith(".")
    text = page(one)
    assert one.title.rstrip(".") in text
    assert one.reason in text


def test_registry_has_all_rules_in_order() -> None:
    ids = [record["id"] for record in registry(all_rules())]
    assert ids == sorted(set(ids))
    assert len(ids) == len(all_rules())


def test_rules_are_selected_by_id_beginning_and_glob() -> None:
    def ids(*select: str, ignore: tuple[str, ...] = ()) -> list[str]:
        return [one.id for one in selected_rules(select, ignore)]

    every = [one.id for one in all_rules() if not one.preview]
    assert ids() == every
    assert ids("NIX201") == ["NIX201"]
    assert ids("nix201", "NIX010") == ["NIX010", "NIX201"]
    assert ids("NIX2") == [one for one in every if one.startswith("NIX2")]
    everyone = [one.id for one in all_rules()]
    assert ids("NIX?01") == [one for one in everyone if one.endswith("01") and one[4:] == "01"]
    assert ids("NIX2", ignore=("NIX20", "NIX?11")) == [
        one for one in every if one.startswith("NIX2") and one[4] != "0" and one != "NIX211"
    ]
    assert ids(ignore=("NIX",)) == []
    for pattern in ("NIX999", "X", "nix2?9?"):
        with pytest.raises(ValueError, match="no rule fits"):
            selected_rules([pattern])
        with pytest.raises(ValueError, match="no rule fits"):
            selected_rules((), [pattern])


def test_number_is_never_used_again() -> None:
    for taken in ("NIX201", "NIX2010", "XIX201"):
        with pytest.raises(ValueError, match="no free id"):
            rule(taken, on=nx.Block)(lambda block: iter(()))


def test_rules_that_read_values_can_be_left_out(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "session.nix"
    shutil.copyfile(sound, path)
    ticks = {"dtype": "float64", "values": [3.0, 2.0, 2.0, 1.0]}
    patch = {"at": "/data/session/data_arrays/events/dimensions/1", "dataset": {"ticks": ticks}}
    with patched(path, [patch]):
        assert {one.rule for one in _findings(path) if _is_of_file(one)} == {"NIX204", "NIX215"}
        quick = nx.validate(path, depth="metadata").findings
        assert [one for one in quick if _is_of_file(one)] == []


@pytest.mark.parametrize("fault", ["below the one before", "is NaN", "are equal"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_ticks_are_compared_across_blocks(fault: str, place: int) -> None:
    """Ticks are read in blocks of four mebibytes."""
    first = 4 * 1024 * 1024 // 8 + place - 1
    ticks = np.arange(first + 1000.0)
    ticks[first] = {"below": -1, "is": np.nan, "are": first - 1}[fault.split()[0]]
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    dimension = nx.RangeDimension(ticks=ticks)
    array = nx.DataArray(name="a", type="t", data=ticks, dimensions=[dimension])
    file.blocks[0].data_arrays.append(array)
    (finding,) = nx.validate(file).findings
    assert fault in finding.message
    assert f"{first + 1:,}" in finding.message


# Wrong values of every field that holds values

WRONG_ATTRIBUTES: dict[str, Any] = {
    "whole number": {"int64": 3},
    "fraction": 1.5,
    "text": "x y",
    "below zero": {"int32": -1},
    "NaN": float("nan"),
    "infinity": float("-inf"),
    "empty text": "",
    "boolean": True,
    "Latin-1": {"bytes": "caf\xe9"},
    "list of a text": {"list": ["x y"]},
    "list of a number": {"list": [1.5]},
    "list of two": {"int64": [1, 2]},
    "list of two texts": {"list": ["a", "b"]},
    "list of nothing": {"list": []},
    "table": {"list": [[1.5], [2.5]]},
    "null": {"empty": "string"},
    "record": {"values": [[1, 2.0]], "dtype": [["a", "int64"], ["b", "float64"]], "shape": []},
    "complex": {"values": [1j], "dtype": "complex128", "shape": []},
    "opaque": {"values": [b"abcd"], "dtype": "V4", "shape": []},
    "reference": {"reference": "/data"},
}
WRONG_DATASETS: dict[str, Any] = {
    "whole numbers": {"dtype": "uint8", "values": [1, 2, 3, 4]},
    "big-endian": {"dtype": ">i4", "values": [1, 2, 3, 4]},
    "fractions": {"dtype": "float16", "values": [1.0, 2.0, 3.0, 4.0]},
    "NaN": {"dtype": "float64", "values": [float("nan")], "shape": [4]},
    "texts": {"dtype": "string", "values": ["a", "b", "c", "d"]},
    "texts of two bytes": {"dtype": "S2", "values": [b"a", b"b", b"c", b"d"]},
    "booleans": {"dtype": "bool", "values": [True, False, True, True]},
    "Latin-1": {"dtype": "string", "values": [b"caf\xe9"], "shape": [4]},
    "number": {"dtype": "float64", "values": [1.0], "shape": []},
    "text": {"dtype": "string", "values": ["a"], "shape": []},
    "table": {"dtype": "float64", "values": [1.0], "shape": [2, 2]},
    "table of texts": {"dtype": "string", "values": ["a"], "shape": [2, 2]},
    "numbers, none": {"dtype": "float64", "values": []},
    "texts, none": {"dtype": "string", "values": []},
    "null": {"empty": "float64"},
    "records": {"dtype": [["a", "int64"], ["b", "float64"]], "values": [[1, 2.0]], "shape": [4]},
    "complex": {"dtype": "complex128", "values": [1j], "shape": [4]},
    "opaque": {"dtype": "V4", "values": [b"abcd"], "shape": [4]},
}

TEXTS = {"text", "empty text"}
NUMBERS = {"whole number", "fraction", "below zero", "list of a number"}
VECTORS = {"whole numbers", "big-endian", "fractions"}
VALUES = {*VECTORS, "NaN", "texts", "texts of two bytes", "booleans"}

ACCEPTED: dict[str, set[str]] = {
    "definition": {"text"},
    "label": {"text"},
    "unit": set(),
    "repository": TEXTS,
    "reference": TEXTS,
    "dependency": {"empty text"},
    "dependency_value": set(),
    "value_origin": TEXTS,
    "type": {"text"},
    "expansion_origin": set(),
    "offset": NUMBERS,
    "uncertainty": set(),
    "sampling_interval": NUMBERS - {"below zero"},
    "index": {"below zero"},
    "column_index": {"whole number"},
    "DataArray.data": {"whole numbers", "NaN", "texts", "booleans"},
    "polynom_coefficients": {*VECTORS, "numbers, none"},
    "DataFrame.units": set(),
    "ticks": VECTORS,
    "labels": {"texts, none"},
    "units": set(),
    "extent": set(),
    "values": {"texts", "texts of two bytes", "numbers, none", "texts, none"},
}
"""Which of the values are no finding at all, by the field's name on disk; of other fields none."""


@dataclass(frozen=True)
class Field:
    """All fields of one name on disk, by the class that has them."""

    name: str
    is_attribute: bool
    itself: bool
    models: list[type[Model]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name}-{'attribute' if self.is_attribute else 'dataset'}"

    def accepted(self, model: type[Model]) -> set[str]:
        return ACCEPTED.get(f"{model.__name__}.{self.name}", ACCEPTED.get(self.name, set()))

    def patches(self, words: str, places: list[str]) -> Iterator[Patch]:
        for place in places:
            if self.is_attribute:
                yield {"at": place, "set": {self.name: WRONG_ATTRIBUTES[words]}}
            else:
                at, _, name = place.rpartition("/") if self.itself else (place, "", self.name)
                yield {"at": at, "dataset": {name: WRONG_DATASETS[words]}}


def _fields() -> list[Field]:
    """Each field that is an attribute or a dataset."""
    found: dict[tuple[str, bool], Field] = {}
    for model in MODELS:
        for one in layout_of(model).values():
            place = one.place
            if isinstance(place, Attribute | Columns | Dataset | Value) and one.field != "storage":
                is_attribute = isinstance(place, Attribute | Columns)
                itself = isinstance(place, Value) and place.itself
                fresh = Field(one.name, is_attribute, itself)
                models = found.setdefault((one.name, is_attribute), fresh).models
                if model not in models:
                    models.append(model)
    return list(found.values())


@pytest.fixture(scope="session")
def places(sound: Path) -> dict[type[Model], str]:
    """Where the sound file has an entity of each class."""
    found: dict[type[Model], str] = {}
    for model in nx.read(sound).walk():
        found.setdefault(type(model), model.path)
    return found


@pytest.mark.parametrize("one", _fields(), ids=str)
def test_wrong_values_are_told(
    one: Field,
    sound: Path,
    places: dict[type[Model], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever stands in a field: no exception, a finding there, and none far away."""
    errors: set[str] = set()
    refuse = load._refuse

    def note(draft: Any, name: str, error: Any) -> None:
        errors.add(error["type"])
        refuse(draft, name, error)

    monkeypatch.setattr(load, "_refuse", note)
    here = {places[model]: model for model in one.models}
    path = tmp_path / "session.nix"
    accepted: dict[type[Model], set[str]] = {model: set() for model in one.models}
    for words in WRONG_ATTRIBUTES if one.is_attribute else WRONG_DATASETS:
        shutil.copyfile(sound, path)
        with patched(path, list(one.patches(words, list(here)))):
            findings = [one for one in _findings(path) if _is_of_file(one)]
        told = [here.get(_nearest(item.path, list(here))) for item in findings]
        for model in one.models:
            if model not in told:
                accepted[model].add(words)
        assert told.count(None) <= 3 * len(here), (words, findings)
        assert len(findings) <= 3 * len(here) + 3, (words, findings)
        for item in findings:
            assert item.rule[3] in "123457", (words, item)
            assert "another kind of value" not in item.message, (words, item)
    assert accepted == {model: one.accepted(model) for model in one.models}
    assert errors <= set(load.RULES_OF_ERRORS)


def _nearest(path: str, places: list[str]) -> str:
    """The innermost place that holds a path, or nothing."""
    around = [one for one in places if f"{path}/".startswith(f"{one.rstrip('/')}/")]
    return max(around, key=len, default="")


# Wrong links everywhere


def _links(path: Path) -> list[tuple[str, str]]:
    """All links of a file, as (group, name)."""
    found: list[tuple[str, str]] = []
    seen: set[int] = set()
    with h5py.File(path, "r") as file:
        waiting = ["/"]
        for here in waiting:
            address = h5py.h5o.get_info(file[here].id).addr
            if address not in seen:
                seen.add(address)
                found += [(here, name) for name in file[here]]
                places = [f"{here.rstrip('/')}/{name}" for name in file[here]]
                waiting += [place for place in places if isinstance(file[place], h5py.Group)]
    return found


WRONG_LINKS: dict[str, Callable[[str, str], Patch]] = {
    "to its group": lambda group, name: {"link": {name: group}},
    "to its group, soft": lambda group, name: {"soft": {name: "."}},
    "to itself": lambda group, name: {"soft": {name: name}},
    "to the root": lambda group, name: {"link": {name: "/"}},
    "to a datatype": lambda group, name: {"datatype": {name: "float64"}},
    "to another file": lambda group, name: {"external": {name: ["other.nix", "/"]}},
}


@pytest.mark.parametrize("kind", WRONG_LINKS)
def test_wrong_links_are_told(kind: str, sound: Path, tmp_path: Path) -> None:
    """Wherever a link leads to: no exception, and something is said."""
    path = tmp_path / "session.nix"
    links = _links(sound)
    assert len(links) > 100
    for group, name in links:
        shutil.copyfile(sound, path)
        with patched(path, [{"at": group, **WRONG_LINKS[kind](group, name)}]):
            findings = _findings(path)
        assert findings, (group, name)
        assert all(item.message.isprintable() for item in findings)


# Errors of pydantic's, by what can raise them

ERRORS_OF_SCHEMAS: dict[str, dict[str, str]] = {
    "str": {"": "string_type string_unicode", "min_length": "string_too_short"},
    "float": {"": "float_type", "gt": "greater_than", "allow_inf_nan": "finite_number"},
    "int": {"": "int_type int_from_float int_parsing_size", "ge": "greater_than_equal"},
    "bool": {"": "bool_type"},
    "datetime": {"": "datetime_type"},
    "list": {"": "list_type"},
    "tuple": {"": "tuple_type missing too_long"},
    "literal": {"": "literal_error"},
    "is-instance": {"": "is_instance_of"},
    "function-before": {"": "value_error"},
    "function-after": {"": "value_error"},
    "function-plain": {"": "value_error"},
    **{kind: {} for kind in ("model", "model-fields", "model-field", "nullable", "default")},
    **{kind: {} for kind in ("no-info", "with-info")},
}
"""Which errors a kind of schema raises, always or where it has a limit."""

NOT_FROM_FILES = {
    "name": "names are not judged when loading",
    "text": "bytes that are no UTF-8 are told by NIX103",
    "time_range": "times of files are in UTC",
    "storage_range": "the loader makes values of what is stored",
    "time_zone": "times of files are in UTC",
    "time_fraction": "times of files are whole seconds",
    "container": "the loader makes containers",
    "reference": "the loader makes references",
    "references": "the loader makes references",
    "surplus_dimensions": "NIX201 tells",
    "one_of": "NIX214 tells",
    "frame_columns": "the loader makes columns from the data",
}
"""Errors of ours that refuse what is made by hand only."""


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    stack = [schema]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if isinstance(here.get("type"), str):
                yield here
            stack += [part for key, part in here.items() if key not in ("metadata", "expected")]
        elif isinstance(here, list | tuple):
            stack += here


def test_each_error_of_pydantic_has_a_rule() -> None:
    possible: set[str] = set()
    for model in MODELS:
        for schema in _schemas(model.__pydantic_core_schema__):
            for limit, errors in ERRORS_OF_SCHEMAS[schema["type"]].items():
                if not limit or schema.get(limit) is not None:
                    possible |= set(errors.split())
    assert possible <= set(load.RULES_OF_ERRORS)
    assert set(load.RULES_OF_ERRORS.values()) <= {one.id for one in all_rules()}


def test_each_error_of_ours_has_a_rule() -> None:
    """All that `PydanticCustomError` is raised with in the model."""
    raised = {
        node.args[0].value
        for path in Path(nixschema.model.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "PydanticCustomError"
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised - set(load.RULES_OF_ERRORS) == set(NOT_FROM_FILES)
