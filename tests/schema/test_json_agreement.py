"""The JSON Schema of descriptions under a schema, against checking: whole files, word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

import nixschema as nx
from nixschema import io
from nixschema.completing.document import description_schema_under
from nixschema.completing.texts import expression, is_certain, unlike
from nixschema.descriptions.schema import description_schema
from nixschema.errors import NixError
from nixschema.findings import Level
from nixschema.model.units import PREFIXES, UNITS, Unit
from nixschema.schema.checking.patterns import Pattern
from nixschema.schema.checking.program import Program
from tests.schema.lab import session
from tests.schema.test_infer import DATA, FOLDERS, MUTATIONS, inferred, loaded

BASE = Draft202012Validator(description_schema())

RIG = """\
schema: rig
namespaces: {rig: closed}
metadata:
  subject:
    type: rig.subject
    properties:
      species: [rat, mouse]
      age: {unit: [d, h], values: {min: 0, below: 400}}
      name: {optional: true, values: {one_of: [A, B]}}
      old: forbidden
    sections:
      "cell-*": {optional: true, type: rig.cell, properties: {depth: {unit: {like: m}}}}
blocks:
  recording:
    type: rig.recording
    data_arrays:
      voltage:
        type: rig.trace
        unit: {like: V}
        label: voltage
        dimensions: [{type: sampled, unit: {like: s}, label: time}]
      current: {optional: true, unit: [nA, pA], level: warning}
      "trace-*": {optional: true, label: forbidden}
      any note: {select: {type: rig.note}, optional: true, definition: required}
    tags:
      run: {units: [s], references: [voltage], extent: {length: 1}}
types:
  rig.subject: {is: Section}
  rig.cell: {is: Section}
  rig.recording: {is: Block, metadata: {type: rig.subject}}
  rig.trace: {is: DataArray}
  rig.note: {is: DataArray}
  rig.sorted:
    is: DataArray
    formerly: [rig.srted]
    unit: s
    dimensions: [{type: set, labels: [a, b]}]
"""

GOOD = """\
nix: 1.2.1
metadata:
  subject:
    type: rig.subject
    properties:
      species: rat
      age: {value: 12, unit: d}
    sections:
      cell-1: {type: rig.cell, properties: {depth: {value: 3, unit: um}}}
blocks:
  recording:
    type: rig.recording
    metadata: /subject
    data_arrays:
      voltage:
        type: rig.trace
        unit: mV
        label: voltage
        data: [1.5, 2.5]
        dimensions: [{sampling_interval: 0.1, unit: ms, label: time}]
      note: {type: rig.note, definition: a note, data: [1], dimensions: [set]}
      sorted: {type: rig.sorted, unit: s, data: [1, 2], dimensions: [{labels: [a, b]}]}
    tags:
      run: {type: x, position: [0], extent: [1], units: [s], references: [voltage]}
"""

NOTE = "      note: {"

WRONG = {
    "no array": ("      voltage:\n", "      volts:\n"),
    "a type that is nowhere": ("type: x", "type: rig.x"),
    "another type": ("type: rig.trace", "type: rig.note"),
    "no label": ("        label: voltage\n", ""),
    "no dimensions": (re.compile(r"        dimensions: \[\{sampl.*\n"), ""),
    "another dimension": ("{sampling_interval: 0.1, unit: ms, label: time}", "set"),
    "a unit of the axis": ("unit: ms, label: time", "unit: mV, label: time"),
    "one dimension too many": ("label: time}]", "label: time}, set]"),
    "a word in a mapping": ("species: rat", "species: {value: cat}"),
    "a word in a list": ("species: rat", "species: [rat, cat]"),
    "no unit of a property": ("age: {value: 12, unit: d}", "age: 12"),
    "a number that is too small": ("value: 12", "value: -1"),
    "a number that is too large": ("value: 12", "value: 400"),
    "a unit of a property": ("value: 3, unit: um", "value: 3, unit: ms"),
    "what is forbidden": ("species: rat", "species: rat\n      old: 1"),
    "a name that is one of two": ("species: rat", "species: rat\n      name: C"),
    "no metadata": ("    metadata: /subject\n", ""),
    "a pattern": ("type: rig.cell", "type: rig.sell"),
    "what a pattern forbids": (NOTE, "      trace-1: {type: y, label: x, data: [1]}\n" + NOTE),
    "what is selected": ("definition: a note, ", ""),
    "a unit by type": ("unit: s, data", "unit: ms, data"),
    "labels by type": ("labels: [a, b]", "labels: [a, c]"),
    "no labels": ("dimensions: [{labels: [a, b]}]", "dimensions: [set]"),
    "labels that are left out": ("[{labels: [a, b]}]", "[{type: set}]"),
    "labels that are too few": ("labels: [a, b]", "labels: [a]"),
    "units of a tag": ("units: [s]", "units: [ms]"),
    "two units of a tag": ("units: [s]", "units: [s, s]"),
    "an extent that is too long": ("extent: [1]", "extent: [1, 2]"),
    "no references": (", references: [voltage]", ""),
}
"""What is changed in the good description, each so that it is wrong."""

RIGHT = {
    "nothing": ("nix: 1.2.1", "nix: 1.2.1 "),
    "a unit that converts": ("unit: mV", "unit: mA*Ohm"),
    "a unit with a micro sign": ("unit: mV", "unit: µV"),
    "a dimension by its type": ("{sampling_interval", "{type: sampled, sampling_interval"),
    "labels by their type": ("{labels: [a, b]}", "{type: set, labels: [a, b]}"),
    "what is only warned of": (
        NOTE,
        "      current: {type: x, unit: A, data: [1], dimensions: [set]}\n" + NOTE,
    ),
    "an old spelling": ("type: rig.sorted", "type: rig.srted"),
    "a fraction": ("sampling_interval: 0.1", "sampling_interval: 1/3"),
    "values in a list": ("species: rat", "species: [rat, mouse]"),
    "values in a mapping": ("species: rat", "species: {values: [rat, mouse]}"),
    "the other unit": ("value: 12, unit: d", "value: 12, unit: h"),
    "the unit of a tag alone": ("units: [s]", "units: s"),
    "a name of two words": ("species: rat", "species: rat\n      name: A"),
}


@cache
def under(text: str) -> Draft202012Validator:
    return Draft202012Validator(description_schema_under(loaded(text)))


def told(validator: Draft202012Validator, description: Any) -> list[str]:
    return [f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(description)]


def both(change: tuple[Any, str], folder: Path) -> tuple[list[str], list[str]]:
    """What checking and the JSON Schema tell of the good description with a change."""
    before, after = change
    text = (
        before.sub(after, GOOD) if isinstance(before, re.Pattern) else GOOD.replace(before, after)
    )
    assert text != GOOD
    path = folder / "description.yaml"
    path.write_text(text, "utf-8")
    found = Program(loaded(RIG)).check(nx.load_description(path), depth="metadata").findings
    errors = [f"{one.path}: {one.message}" for one in found if one.level is Level.ERROR]
    read = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    return errors, told(under(RIG), read)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_wrong_for_both(name: str, tmp_path: Path) -> None:
    checking, reading = both(WRONG[name], tmp_path)
    assert checking
    assert reading


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_right_for_both(name: str, tmp_path: Path) -> None:
    assert both(RIGHT[name], tmp_path) == ([], [])


# Made of files


@pytest.mark.skipif(not FOLDERS, reason="no sample files")
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_files_are_taken(folder: str, tmp_path: Path) -> None:
    files = []
    for path in sorted((DATA / folder).glob("*")):
        if path.suffix in (".nix", ".h5") and path.stat().st_size < 2_000_000:
            try:
                files.append(io.read_any(path))
            except (NixError, OSError):
                continue
    if not files:
        pytest.skip("no file here can be read")
    validator = under(inferred(*files[:6]))
    for number, one in enumerate(files[:6]):
        path = tmp_path / f"{number}.json"
        nx.dump_description(one, path)
        description = json.loads(path.read_text("utf-8"))
        if told(BASE, description) == []:
            assert told(validator, description) == []


@pytest.fixture(scope="module")
def lab() -> str:
    return inferred(*(session(number) for number in range(10)))


SAID = frozenset(
    (
        *("_drop_array", "_drop_section", "_drop_property", "_unit", "_unit_of_property"),
        *("_unit_of_axis", "_word", "_type_of_array", "_type_of_tag", "_type_of_section"),
        *("_type_of_block", "_dimension", "_kind_of_dimension", "_label", "_no_feature"),
        *("_no_metadata", "_unit_of_tag", "_rank"),
    )
)
"""What can be told from the text of a description alone."""


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_what_a_text_shows_is_found(
    lab: str, mutate: Callable[[nx.File], None], tmp_path: Path
) -> None:
    file = session(21)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    nx.dump_description(file, before)
    assert told(under(lab), json.loads(before.read_text("utf-8"))) == []
    mutate(file)
    nx.dump_description(file, after)
    found = told(under(lab), json.loads(after.read_text("utf-8")))
    assert bool(found) is (mutate.__name__ in SAID)


# Texts and units


@pytest.mark.parametrize("unit", ["V", "s", "1/s", "m", "mol", "%", "m^2"])
def test_no_unit_is_refused_that_converts(unit: str) -> None:
    regular = re.compile(unlike(unit))
    for symbol in UNITS:
        for prefix in ("", *PREFIXES):
            text = prefix + symbol
            assert bool(regular.search(text)) is Unit(text).is_convertible_to(unit), text
    assert regular.search("a.u.")
    assert regular.search("V*s/s")


@pytest.mark.parametrize("pattern", ["a", "a.b", "a*", "*a", "a?b", "<x>", "a<x>b", "n<x:number>"])
@pytest.mark.parametrize(
    "text", ["a", "ab", "axb", "a\nb", "b", "", "a.b", "n1", "n1.5", "nx", "aa"]
)
def test_patterns_are_those_of_checking(pattern: str, text: str) -> None:
    assert is_certain(pattern)
    fits = re.search(f"^(?:{expression(pattern)})$", text) is not None
    assert fits is Pattern(pattern).bare_fits(text)
