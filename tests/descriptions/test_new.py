"""`nixschema new`: the description that people start from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import nixio
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

import nixschema as nx
from nixschema.cli import main
from nixschema.documents import documents

TREE = """\
file: NIX 1.2.1, 1 block, 2 sections
├── block session (recording.session): 3 data arrays, 1 data frame, 1 tag, 1 multi tag
│   ├── data array voltage (signal.voltage): float64 10, mV
│   │   └── sampled dimension 1: time, every 0.001 s
│   ├── data array temperature (signal.temperature): float64 3 x 2, K
│   │   ├── range dimension 1: time, 3 ticks s
│   │   └── set dimension 2: place: bath, room
│   ├── data array spikes-positions (spike_times-positions): float64 2, s
│   │   └── set dimension 1
│   ├── data frame trials (table): 2 rows, onset, kind, correct
│   ├── tag stimulus (stimulus): at 0.002 over 0.003, s, in voltage
│   └── multi tag spikes (spike_times): at spikes-positions, s, in voltage
├── section subject (subject): 4 properties
│   ├── property id: M-17
│   ├── property species: Mus musculus
│   ├── property age: 9 weeks
│   └── property born: 2024-03-01
└── section recording (recording): 3 properties
    ├── property experimenter: Ada, Grace
    ├── property temperature: 34.5 °C
    └── property notes: Text may go on for several lines.
"""

NAMES = ("session.yaml", "session.yml", "session.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_sound_and_shows_one_of_everything(name: str) -> None:
    assert run("new", name).exit_code == 0
    findings = nx.validate(name).findings
    assert {(one.rule, str(one.level)) for one in findings} == {("NIX409", "info")}  # weeks, °C
    assert run("show", name).stdout == TREE


@pytest.mark.parametrize("name", NAMES)
def test_it_becomes_a_file_of_nix(name: str) -> None:
    run("new", name)
    done = run("convert", name, "session.nix")
    assert (done.exit_code, done.output) == (0, "")
    assert run("show", "session.nix").stdout == TREE
    with nixio.File.open("session.nix", nixio.FileMode.ReadOnly) as file:
        block = file.blocks["session"]
        voltage = block.data_arrays["voltage"]
        assert voltage.dimensions[0].sampling_interval == 1e-3
        assert block.tags["stimulus"].tagged_data(0)[:].tolist() == [-70.3, -65.2, 12.5]
        spikes = block.multi_tags["spikes"].positions[:]
        peak, low = (voltage[voltage.dimensions[0].index_of(time)] for time in spikes)
        assert (peak, low) == (12.5, -70.0)
        assert voltage.metadata["species"] == "Mus musculus"


def test_all_forms_say_the_same() -> None:
    for name in NAMES:
        run("new", name)
    for other in NAMES[1:]:
        assert run("diff", NAMES[0], other, "--ignore", "id,times").exit_code == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_it(name: str) -> None:
    run("new", name)
    schema = json.loads((documents() / "schemas" / "nix.schema.json").read_bytes())
    tree = YAML(typ="safe", pure=True).load(Path(name).read_text("utf-8"))
    plain = json.loads(json.dumps(tree, default=str))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(plain)
    assert [error.message for error in errors] == []


def test_yaml_has_comments_and_the_schema_beside_it(folder: Path) -> None:
    done = run("new", "session.yaml")
    assert done.output == ""
    lines = Path("session.yaml").read_text("utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=nix.schema.json"
    assert sum("#" in line for line in lines) > 20
    assert max(map(len, lines)) <= 100
    assert {path.name for path in folder.iterdir()} == {"session.yaml", "nix.schema.json"}
    shipped = documents() / "schemas" / "nix.schema.json"
    assert Path("nix.schema.json").read_bytes() == shipped.read_bytes()


def test_a_schema_that_is_there_stays(folder: Path) -> None:
    Path("nix.schema.json").write_text("{}")
    assert run("new", "session.yaml", "--force").exit_code == 0
    assert Path("nix.schema.json").read_text() == "{}"


def test_without_the_schema(folder: Path) -> None:
    assert run("new", "session.yaml", "--no-schema").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["session.yaml"]


def test_the_schema_alone(folder: Path) -> None:
    assert run("new", "nix.schema.json").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["nix.schema.json"]
    assert json.loads(Path("nix.schema.json").read_bytes())["type"] == "object"
    assert run("new", "nix.schema.json").exit_code == 2
    assert run("new", "nix.schema.json", "--force").exit_code == 0


def test_the_schema_of_schemas_alone(folder: Path) -> None:
    assert run("new", "schema.schema.json").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["schema.schema.json"]
    shipped = documents() / "schemas" / "schema.schema.json"
    assert Path("schema.schema.json").read_bytes() == shipped.read_bytes()


def test_json_says_that_it_has_no_comments(folder: Path) -> None:
    done = run("new", "session.json")
    assert done.stderr == (
        "session.json has no comments, as JSON has none: those of a .yaml file explain it\n"
    )
    assert {path.name for path in folder.iterdir()} == {"session.json", "nix.schema.json"}
    assert json.loads(Path("session.json").read_bytes())["$schema"] == "nix.schema.json"


def test_what_is_there_is_not_replaced() -> None:
    Path("session.yaml").write_text("mine")
    done = run("new", "session.yaml")
    assert (done.exit_code, done.stderr) == (
        2,
        "session.yaml exists: replace it with --force\n",
    )
    assert Path("session.yaml").read_text() == "mine"
    assert run("new", "session.yaml", "--force").exit_code == 0
    assert "blocks:" in Path("session.yaml").read_text()


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("session.nix", "session.nix is no description: their names end in .yaml, .yml, .json"),
        ("session", "session is no description: their names end in .yaml, .yml, .json"),
        ("folder.yaml", "folder.yaml is a folder: name a file"),
        ("none/session.yaml", "there is no such folder"),
    ],
)
def test_targets_that_are_none(target: str, told: str, folder: Path) -> None:
    Path("folder.yaml").mkdir()
    done = run("new", target, "--force")
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert [path.name for path in folder.iterdir()] == ["folder.yaml"]


def test_data_beside_it_stay(folder: Path) -> None:
    data = folder / "session.data"
    data.mkdir()
    (data / "trace.npy").write_bytes(b"values")
    for name in NAMES:
        assert run("new", name, "--force").exit_code == 0
    assert (data / "trace.npy").read_bytes() == b"values"


def test_help_stays_light() -> None:
    code = (
        "import sys\nfrom nixschema.cli import main\n"
        "main(['new', '--help'], standalone_mode=False)\n"
        "print(sorted({'numpy', 'h5py', 'pydantic', 'rich', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    assert done.stdout.splitlines()[-1] == "[]"
