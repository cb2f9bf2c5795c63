"""What is generated is fresh, and found wherever the package lies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nixschema.documents import documents
from nixschema.layout import layout_of
from nixschema.model import MODELS

ROOT = Path(__file__).resolve().parent.parent


def test_generated_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_documents_are_found() -> None:
    assert (documents() / "schemas" / "report.schema.json").is_file()
    assert (documents() / "converters" / "README.md").is_file()


def test_the_model_page_has_every_field() -> None:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    for model in MODELS:
        _, _, rest = page.partition(f"\n## {model.__name__}\n")
        section = rest.split("\n## ")[0]
        for name in layout_of(model):
            assert name == "extra" or f"`{name}`" in section, (model.__name__, name)
