"""The test kit: assertions, the fixture, and schemas as tests of pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nixschema as nx
from nixschema.errors import SchemaError
from nixschema.testing import assert_finds, assert_passes, check_examples, findings_of
from tests.schema.test_commands import GOOD, LAB

pytest_plugins = ["pytester"]


def test_what_is_found() -> None:
    assert_passes(GOOD, LAB)
    unit = "our-lab:recording/voltage.unit"
    (one,) = assert_finds(GOOD.replace("mV", "mA"), LAB, {unit})
    assert one.message == "unit is `mA`, where a unit like `V` is expected"
    assert_finds(GOOD.replace("mV", "mA"), LAB, {"our-lab:recording/*"})
    with pytest.raises(AssertionError, match=f"^not found: {unit}$"):
        assert_finds(GOOD, LAB, {unit})
    with pytest.raises(AssertionError, match=f"^found as well: {unit} error /data/recording/"):
        assert_passes(GOOD.replace("mV", "mA"), LAB)


def test_files_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    unlike = {"our-lab:recognise"}
    assert_finds(file, tmp_path / "lab.yaml", unlike)
    assert_finds({"nix": "1.2.1", "blocks": {"b": {"type": "t"}}}, LAB, unlike)
    nx.write(file, tmp_path / "b.nix")
    assert_finds(tmp_path / "b.nix", nx.load_schema(tmp_path / "lab.yaml"), unlike)
    np.save(tmp_path / "v.npy", np.zeros(3))
    text = GOOD.replace("data: [0.5, 1.5]", "data: {file: v.npy}")
    assert_passes(text, LAB, folder=tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.nix", "lab.yaml", "v.npy"]
    assert findings_of(file, None) == []
    with pytest.raises(SchemaError, match="NIX061"):
        findings_of(file, "schema: x\nblok: {}\n")


def test_examples(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "ampere.yaml").write_text(GOOD.replace("mV", "mA"))
    check_examples(tmp_path / "lab.yaml")
    (tmp_path / "ampere.yaml").write_text(GOOD)
    with pytest.raises(AssertionError, match=r"^ampere\.yaml: .* is not found; it brings nothing$"):
        check_examples(tmp_path / "lab.yaml")
    with pytest.raises(AssertionError, match="has no examples"):
        check_examples("schema: x\nblocks: {b: {}}\n")


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a schema, its examples, and a test of pytest's own."""
    for name, text in (("lab", LAB), ("good", GOOD), ("ampere", GOOD)):
        (pytester.path / f"{name}.yaml").write_text(text)
    pytester.makepyfile("def test_it(): pass")
    return pytester


PLUGIN = ("-p", "no:nixschema", "-p", "nixschema.testing.plugin")


def test_schemas_are_tests_where_that_is_asked_for(folder: pytest.Pytester) -> None:
    folder.runpytest(*PLUGIN).assert_outcomes(passed=1)
    done = folder.runpytest(*PLUGIN, "--nix-schemas", "-v")
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines([
        "lab.yaml::schema PASSED*",
        "lab.yaml::good.yaml PASSED*",
        "lab.yaml::ampere.yaml finds our-lab:recording/voltage.unit FAILED*",
        "ampere.yaml: `our-lab:recording/voltage.unit` is not found; it brings nothing",
    ])  # fmt: skip
    done.stdout.no_fnmatch_line("*Traceback*")
    folder.makeini("[pytest]\nnix_schemas = true\n")
    folder.runpytest(*PLUGIN).assert_outcomes(passed=3, failed=1)


def test_a_schema_that_is_named_is_a_test(folder: pytest.Pytester) -> None:
    folder.runpytest(*PLUGIN, "lab.yaml").assert_outcomes(passed=2, failed=1)


def test_a_schema_with_errors_fails(folder: pytest.Pytester) -> None:
    (folder.path / "lab.yaml").write_text("schema: our-lab\nblok: {}\n")
    done = folder.runpytest(*PLUGIN, "lab.yaml")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*lab.yaml:2:1: NIX061 *"])


def test_the_fixture(folder: pytest.Pytester) -> None:
    folder.makepyfile(
        f"""
        def test_it(nix_findings):
            found = nix_findings({GOOD.replace("mV", "mA")!r}, "lab.yaml")
            assert "our-lab:recording/voltage.unit" in [one.rule for one in found]
        """
    )
    folder.runpytest(*PLUGIN).assert_outcomes(passed=1)


def test_a_plain_run_imports_nothing_heavy(folder: pytest.Pytester) -> None:
    folder.makepyfile(
        """
        import sys

        def test_it():
            heavy = {"numpy", "h5py", "pydantic", "yaml", "nixschema.io", "nixschema.schema"}
            assert not heavy & set(sys.modules)
        """
    )
    folder.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_the_kit_imports_pytest_late() -> None:
    code = "import sys, nixschema.testing; assert not {'pytest', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
