"""Schemas over files: the command, reports, configurations, descriptions, rules in Python."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import nixschema as nx
from nixschema import cli
from nixschema.checking.fingerprint import fingerprint
from nixschema.checking.job import Checks
from nixschema.errors import NixError
from nixschema.schema import applying, detecting
from nixschema.schema.applying import Schemas, python_rules_of, source_of
from nixschema.schema.checking.program import Program
from nixschema.schema.detecting import Detected, detect, fitting
from nixschema.schema.language import Clause, Constraint, SchemaDocument, Tree
from nixschema.schema.loading import load_schema_document
from tests.schema.building import array, file_of, fits, lab, section

LAB = """\
schema: our-lab
version: "1"
recognise: {blocks: {"*": {type: {fits: [our.recording]}}}}
blocks:
  recording:
    type: {fits: [our.recording]}
    data_arrays:
      voltage: {unit: {like: V}, values: {max: 200 mV}}
types:
  our.times: {is: DataArray, accept: {NIX201: "times are their own axis"}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)
    nx.write(recording("mV"), tmp_path / "good.nix", check="none")
    nx.write(recording("A"), tmp_path / "bad.nix", check="none")
    nx.write(nx.File(), tmp_path / "other.nix")
    return tmp_path


def recording(unit: str) -> nx.File:
    dimension = nx.SampledDimension(sampling_interval=1.0, unit="ms")
    voltage = nx.DataArray(
        name="voltage", type="v", unit=unit, data=np.arange(3.0), dimensions=[dimension]
    )
    times = nx.DataArray(name="times", type="our.times", unit="s", data=np.arange(3.0))
    block = nx.Block(name="recording", type="our.recording", data_arrays=[voltage, times])
    return nx.File(blocks=[block])


def validate(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, ["validate", *arguments])


def test_text(here: Path) -> None:
    done = validate("--schema", "lab.yaml", "good.nix", "bad.nix", "other.nix")
    assert done.exit_code == 1
    shown = re.sub(r"(lab\.yaml):\d+$", r"\1:LINE", done.stdout, flags=re.MULTILINE)
    assert shown.splitlines()[:-1] == [
        "bad.nix",
        "  /data/recording/data_arrays/voltage  our-lab:recording/voltage.unit error  "
        "unit is `A`, where a unit like `V` is expected",
        "      schema: our-lab 1, lab.yaml:LINE",
        "  /data/recording/data_arrays/voltage/data  our-lab:recording/voltage.values error  "
        "values reach 2 A, where at most 200 mV is expected",
        "      schema: our-lab 1, lab.yaml:LINE",
        "",
        "other.nix",
        "  /data  our-lab:recognise error  not an our-lab file: no block of type `our.recording`",
        "      schema: our-lab 1, lab.yaml:LINE",
        "",
    ]
    assert done.stdout.splitlines()[-1].startswith("Found 3 errors in 2 of 3 files (")
    assert done.stdout.endswith(" 2 accepted by our-lab.\n")


def test_good_files_pass_and_say_what_is_accepted(here: Path) -> None:
    done = validate("--schema", "lab.yaml", "good.nix")
    assert done.exit_code == 0
    assert "No problems found" in done.stdout
    shown = validate("--schema", "lab.yaml", "good.nix", "-v", "--format", "concise").stdout
    assert "[accepted: times are their own axis]" in shown
    assert validate("good.nix").exit_code == 1


def test_json_and_sarif(here: Path) -> None:
    record = json.loads(validate("--schema", "lab.yaml", "bad.nix", "--format", "json").stdout)
    assert record["summary"]["accepted"] == 1
    assert record["summary"]["accepted_by"] == {"our-lab": 1}
    found = {one["rule"]: one for one in record["files"][0]["findings"]}
    place = found["our-lab:recording/voltage.unit"]["schema"]
    assert place.pop("line") >= 1
    assert place == {"name": "our-lab", "version": "1", "file": "lab.yaml"}
    accepted = found["NIX201"]
    assert (accepted["accepted"], accepted["reason"]) == (True, "times are their own axis")
    sarif = json.loads(validate("--schema", "lab.yaml", "bad.nix", "--format", "sarif").stdout)
    (run,) = sarif["runs"]
    by_rule = {one["ruleId"]: one for one in run["results"]}
    location = by_rule["our-lab:recording/voltage.unit"]["relatedLocations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "lab.yaml"
    (suppressed,) = by_rule["NIX201"]["suppressions"]
    assert suppressed["justification"] == "times are their own axis"
    rules = {one["id"]: one for one in run["tool"]["driver"]["rules"]}
    assert "our-lab" in rules["our-lab:recording/voltage.unit"]["shortDescription"]["text"]


@pytest.mark.parametrize("form", ["junit", "github", "gitlab", "markdown", "jsonl", "badge"])
def test_other_formats(here: Path, form: str) -> None:
    done = validate("--schema", "lab.yaml", "bad.nix", "--format", form)
    assert done.exit_code == 1
    plain = done.stdout.replace("%3A", ":").replace("&#95;", "_").replace("\\", "")
    assert form == "badge" or "our-lab:recording/voltage.unit" in plain.replace("&#58;", ":")


def test_saved_results_are_read_again(here: Path) -> None:
    saved = validate("--schema", "lab.yaml", "bad.nix", "--output", "run.jsonl")
    again = CliRunner().invoke(cli.main, ["report", "run.jsonl"])
    assert again.stdout == saved.stdout
    common = ("--schema", "lab.yaml", "bad.nix", "--cache", "kept", "--format", "json")
    told = [json.loads(validate(*common).stdout)["files"][0]["findings"] for _ in range(2)]
    assert told[0] == told[1] != []


def test_selection(here: Path) -> None:
    def rules(*arguments: str) -> list[str]:
        done = validate("--schema", "lab.yaml", "bad.nix", "--format", "json", *arguments)
        return [one["rule"] for one in json.loads(done.stdout)["files"][0]["findings"]]

    assert rules("--select", "our-lab:*") == [
        "our-lab:recording/voltage.unit",
        "our-lab:recording/voltage.values",
    ]
    assert rules("--select", "our-lab:recording/voltage.unit") == ["our-lab:recording/voltage.unit"]
    assert rules("--select", "our-lab:", "--ignore", "our-lab:recording/voltage.*") == []
    assert rules(
        "--select", "our-lab:", "--ignore", "our-lab:*@/data/recording/data_arrays/voltage/data"
    ) == ["our-lab:recording/voltage.unit"]
    assert rules("--select", "NIX2") == ["NIX201"]
    told = validate("--schema", "lab.yaml", "bad.nix", "--select", "NIX2").stderr
    assert told == "`select` names no rule of a schema: what schemas find is left out\n"
    assert rules("--select", "our-lab:", "--depth", "metadata") == [
        "our-lab:recording/voltage.unit"
    ]


def test_configuration(here: Path) -> None:
    (here / "nixschema.toml").write_text(
        'per-file-schemas = { "sub/**" = ["lab.yaml"] }\nlevels = { "our-lab:" = "warning" }\n'
    )
    (here / "sub").mkdir()
    (here / "bad.nix").rename(here / "sub" / "bad.nix")
    done = validate("sub/bad.nix", "other.nix", "--ignore", "NIX201", "--format", "concise")
    assert done.exit_code == 0
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == [
        "our-lab:recording/voltage.unit warning",
        "our-lab:recording/voltage.values warning",
    ]
    (here / "nixschema.toml").write_text('schemas = ["lab.yaml"]\nrequire-schema = true\n')
    assert validate("other.nix").exit_code == 1
    assert validate("other.nix", "--isolated").exit_code == 0
    (here / "nixschema.toml").write_text('schemas = ["gone.yaml"]\n')
    done = validate("other.nix")
    assert done.exit_code == 2
    assert "gone.yaml" in done.stderr


def test_wrong_use(here: Path) -> None:
    done = validate("--schema", "nope", "good.nix")
    assert done.exit_code == 2
    assert "`nope`" in done.stderr
    with pytest.raises(NixError, match="`nope`"):
        nx.validate("good.nix", schemas=["nope"])


def test_auto_and_required(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"our-lab": "lab.yaml"}
    monkeypatch.setattr(applying, "known_names", lambda: tuple(names))
    monkeypatch.setattr(
        applying,
        "load_schema_document",
        lambda name: load_schema_document(names.get(str(name)) or name),
    )
    auto = Schemas([source_of("auto")], required=True)
    assert [one.rule for one in auto.applied([], recording("A"))] == [
        "our-lab:recording/voltage.unit",
        "our-lab:recording/voltage.values",
    ]
    assert [(one.rule, one.message) for one in auto.applied([], nx.File())] == [
        ("schema:none", "no schema is about this file: `our-lab` do not recognise it")
    ]
    assert Schemas([source_of("auto")]).applied([], nx.File()) == []


def test_baselines_know_what_schemas_found(here: Path) -> None:
    common = ("--schema", "lab.yaml", "bad.nix")
    assert validate(*common, "--write-baseline", "known").exit_code == 0
    done = validate(*common, "--baseline", "known")
    assert done.exit_code == 0
    assert "1 accepted by our-lab. Baseline: 2 accepted." in done.stdout
    file = nx.read("bad.nix")
    file.blocks[0].data_arrays["voltage"].unit = "mV"
    nx.write(file, "bad.nix", check="none")
    assert "Baseline: 2 fixed." in validate(*common, "--baseline", "known").stdout
    without = validate("bad.nix", "--baseline", "known", "--ignore", "NIX201").stdout
    assert "fixed" not in without


def test_results_hold_for_the_content_of_a_schema(here: Path) -> None:
    one = source_of("lab.yaml")
    (here / "lab.yaml").write_text(LAB.replace("200 mV", "300 mV"))
    other = source_of("lab.yaml")
    assert one.name == other.name == "lab.yaml"
    assert fingerprint(Checks(schemas=(one,))) != fingerprint(Checks(schemas=(other,)))


def test_descriptions_tell_their_own_line_too(here: Path) -> None:
    nx.dump_description(recording("A"), "bad.yaml")
    done = validate("--schema", "lab.yaml", "bad.yaml", "--format", "json")
    found = {one["rule"]: one for one in json.loads(done.stdout)["files"][0]["findings"]}
    finding = found["our-lab:recording/voltage.unit"]
    lines = Path("bad.yaml").read_text().splitlines()
    assert lines[finding["line"] - 1].strip() == "unit: A"
    assert finding["schema"]["file"] == "lab.yaml"
    assert found["NIX201"]["accepted"] is True


def test_what_a_description_says_wrongly_is_told_once(here: Path) -> None:
    Path("odd.yaml").write_text(
        "nix: 1.2.1\nblocks:\n  recording:\n    type: our.recording\n    data_arrays:\n"
        "      voltage: {type: v, unit: [V], data: [1.0]}\n"
    )
    done = validate("--schema", "lab.yaml", "odd.yaml", "--format", "json")
    found = [one["rule"] for one in json.loads(done.stdout)["files"][0]["findings"]]
    assert "our-lab:recording/voltage.unit" not in found


def test_in_python() -> None:
    schema = lab(blocks={"b": Clause(data_arrays={"a": Clause(unit=fits("V"))})})
    for given in (schema, SchemaDocument(schema, (schema,))):
        report = nx.validate(file_of(array()), schemas=[given], select=["lab:"])
        assert [one.rule for one in report.findings] == ["lab:b/a.unit"]
        assert not report.ok


class TestDetecting:
    neo = lab(recognise=Tree(metadata={"neo": Clause(type=fits("neo.metadata"))}))
    mine = lab(recognise=Tree(blocks={"*": Clause(type=fits("our.*"))})).model_copy(
        update={"schema_": "mine"}
    )
    silent = lab().model_copy(update={"schema_": "silent"})

    def test_which_and_why(self) -> None:
        documents = [SchemaDocument(one, (one,)) for one in (self.neo, self.mine, self.silent)]
        file = file_of(metadata=[section("neo", "neo.metadata")])
        assert detect(file, documents) == [
            Detected("lab", True, "section `neo` of type `neo.metadata`"),
            Detected("mine", False, "no block of type `our.*`"),
            Detected("silent", False, "it does not say what it is about: there is no `recognise`"),
        ]

    def test_the_nearest_of_those_that_extend_each_other(self) -> None:
        upper = self.mine.model_copy(update={"recognise": None})
        programs = [Program([self.neo]), Program([self.neo, upper])]
        file = file_of(metadata=[section("neo", "neo.metadata")])
        assert [one.name for one in fitting(file, programs)] == ["mine"]

    def test_shipped_names(self) -> None:
        assert all(isinstance(one, str) for one in detecting.shipped_names())


RULES = '''
from nixschema import DataArray
from nixschema.rules.rule import at
from nixschema.schema.python_rules import lab_rule

def named(array: DataArray, file):
    """An array has a label."""
    if array.label is None:
        yield at("label", f"no label in a file with {len(file.blocks)} block")

@lab_rule(level="warning", cost="values", help="mend it")
def sums(array: DataArray):
    """The values sum up to something."""
    if array.data.read().sum() > 5:
        yield "too much"

def broken(file):
    raise RuntimeError("out of order")

def odd(array: int):
    yield "never"

number = 5
'''


class TestPythonRules:
    @pytest.fixture(autouse=True)
    def installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        package = tmp_path / "site" / "lab_rules_for_test"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(RULES)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        yield
        sys.modules.pop("lab_rules_for_test", None)

    def found(self, rule: str, **more: Any) -> list[tuple[str, str, str, str | None]]:
        schema = lab(rules=[f"lab_rules_for_test:{rule}" if ":" not in rule else rule])
        found = Schemas([schema], **more).applied([], file_of(array()))
        return [(one.rule, str(one.level), one.message, one.help) for one in found]

    def test_they_are_as_ours(self) -> None:
        assert self.found("named") == [
            ("lab:named", "error", "no label in a file with 1 block", None)
        ]
        assert self.found("sums") == [("lab:sums", "warning", "too much", "mend it")]
        assert self.found("sums", depth="metadata") == []

    def test_one_that_fails_says_so(self) -> None:
        assert self.found("broken") == [
            ("lab:broken", "error", "the rule failed: RuntimeError: out of order", None)
        ]

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            ("gone", "there is no function `gone` in `lab_rules_for_test`"),
            ("number", "there is no function `number` in `lab_rules_for_test`"),
            ("odd", "`lab:odd` does not say the class of its first parameter"),
            ("not_there_at_all:x", "no package `not_there_at_all` is installed"),
        ],
    )
    def test_what_cannot_be_applied(self, rule: str, why: str) -> None:
        ((name, level, message, _),) = self.found(rule)
        assert (name, level) == ("lab:rules", "error")
        assert message.endswith(f"cannot be applied: {why}")

    def test_nothing_is_imported_from_the_present_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "beside_for_test.py").write_text("raise SystemExit('imported')")
        monkeypatch.chdir(tmp_path)
        for entry in ("", str(tmp_path)):
            monkeypatch.setattr(sys, "path", [entry, *sys.path])
            ((_, _, message, _),) = self.found("beside_for_test:rule")
            assert "no package `beside_for_test` is installed" in message

    def test_left_out(self, here: Path) -> None:
        (here / "lab.yaml").write_text(LAB + 'rules: ["lab_rules_for_test:named"]\n')
        told = "rules in Python are left out: `lab_rules_for_test:named`\n"
        for option in ("--isolated", "--no-python-rules"):
            done = validate("--schema", "lab.yaml", "good.nix", option)
            assert (done.exit_code, done.stderr) == (0, told)

    def test_those_that_come_with_nixschema_stay(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def told(file: Any) -> Any:
            """Files are told."""
            yield "told"

        module = types.ModuleType("nixschema.schema.shipped.for_test")
        module.told = told  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "nixschema.schema.shipped.for_test", module)
        told.__annotations__["file"] = nx.File
        names = ["nixschema.schema.shipped.for_test:told", "lab_rules_for_test:named"]
        (here / "lab.yaml").write_text(f"schema: our-lab\nrules: {names}\n")
        source = source_of("lab.yaml")
        assert python_rules_of([source]) == ["lab_rules_for_test:named"]
        schemas = Schemas([source], python_rules=False)
        assert [one.rule for one in schemas.applied([], nx.File())] == ["our-lab:told"]


def test_every_array_of_a_file_can_be_described_by_the_schema_made_from_it(here: Path) -> None:
    """A schema that says of each field what is there finds nothing."""
    file = nx.read("good.nix")
    clauses = {
        one.name: Clause(
            type=fits(one.type),
            unit=fits(str(one.unit)),
            dtype=fits(str(one.dtype)),
            shape=Constraint(items=[fits(length) for length in one.shape]),
            values=Constraint(min=float(np.min(one[:])), max=float(np.max(one[:]))),
        )
        for one in file.blocks[0].data_arrays
    }
    schema = lab(blocks={"recording": Clause(data_arrays=clauses, additional="forbid")})
    assert Program([schema]).check(file).findings == []
    file.blocks[0].data_arrays["voltage"].unit = "V"
    assert [one.rule for one in Program([schema]).check(file).findings] == [
        "lab:recording/voltage.unit"
    ]


def test_what_asks_is_told_by_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(
        "schema: lab\n"
        "blocks:\n"
        "  '*':\n"
        "    data_arrays: {a: optional}\n"
        "    additional: forbid\n"
        "namespaces: {our: closed}\n"
        "additional: forbid\n",
        encoding="utf-8",
    )
    (tmp_path / "file.yaml").write_text(
        "metadata: {s: {type: our.s}}\n"
        "blocks: {b: {type: t, data_arrays: {b: {type: t, data: [1], dimensions: [set]}}}}\n",
        encoding="utf-8",
    )
    found = nx.validate(tmp_path / "file.yaml", schemas=[tmp_path / "lab.yaml"]).findings
    assert {one.rule: one.schema.line for one in found if one.schema} == {
        "lab:namespaces.our": 6,
        "lab:additional": 7,
        "lab:blocks.additional": 5,
    }


def test_entities_are_looked_for_where_a_field_was_refused(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(
        "schema: lab\n"
        "metadata: {s: {properties: {best: {names: {is: DataArray, type: our.trace}}}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "file.yaml").write_text(
        "metadata: {s: {type: s, properties: {best: left}}}\n"
        "blocks: {b: {type: b, data_frames: {f: {type: t, columns: 3, data: [[1]]}}}}\n",
        encoding="utf-8",
    )
    found = nx.validate(tmp_path / "file.yaml", schemas=[tmp_path / "lab.yaml"]).findings
    assert "lab:s/best.values" in {one.rule for one in found}
