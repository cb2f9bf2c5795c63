"""Real odML files are read as Python's odML library reads them, but for its defects."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixschema.odml.reading import is_odml, read_odml
from tests.odml.against_python_odml import differences, read_by_library

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "odml"
"""The folder of real files, beside the checkout where there is one."""

BROKEN = {"30.xml", "invalid_xml.xml", "invalid.xml", "missing_root.json"}
"""What is no XML, or no odML."""

DEFECTS = {
    "cell.xml": "ends a definition at markup within",
    "v1.1/terminologies.xml": "ends a definition at markup within",
    "electrophysiology.xml": "takes a list in several lines for one value",
    "ignore_errors.xml": "drops all fields of what it cannot read one field of",
    "i140703-001.odml": "reads the whole number 1003.212 as 1003",
}
"""What differs, and why: what the library does."""

FILES = sorted(path for path in FOLDER.rglob("*.*") if path.is_file() and is_odml(path))


def _defect(path: Path) -> str | None:
    return next((why for end, why in DEFECTS.items() if path.as_posix().endswith(end)), None)


@pytest.mark.skipif(not FILES, reason="there are no sample files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_file_is_read(path: Path) -> None:
    document, problems = read_odml(path)
    if path.name in BROKEN:
        assert document is None
        assert problems
        return
    assert document is not None
    assert {one.rule for one in problems} <= {f"NIX8{number:02}" for number in range(2, 19)}
    assert all(one.line > 0 and one.message for one in problems)
    form = {".json": "JSON", ".yaml": "YAML"}.get(path.suffix, "XML")
    if path.name.startswith(("invalid_version", "missing_version")):
        assert "NIX802" in {one.rule for one in problems}
        return
    if _is_old(path):
        return
    theirs, _ = read_by_library(path, form)
    different = list(differences(document, theirs))
    assert bool(different) == (_defect(path) is not None), different


def _is_old(path: Path) -> bool:
    start = path.read_bytes()
    return any(
        one in start
        for one in (b'version="1"', b'version="1.0"', b'odml-version": "1"', b"odml-version: '1'")
    )
