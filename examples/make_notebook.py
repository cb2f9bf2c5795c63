"""Write tutorial.ipynb, the tutorial as a notebook, or check that it is fresh.

python examples/make_notebook.py            writes it
python examples/make_notebook.py --check    exits with 1 where it is stale
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SCRIPT = FOLDER / "tutorial.py"
NOTEBOOK = FOLDER / "tutorial.ipynb"

CHANGES = {"import sys\n": "", 'Path(*sys.argv[1:2] or ["tutorial"])': 'Path("tutorial")'}
"""What a notebook, which has no arguments, says otherwise."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(script: str) -> str:
    """The text of a notebook, from a script whose cells begin with ``# %%``.

    Raises:
        ValueError: what a notebook says otherwise is not in the script once.
    """
    for old, new in CHANGES.items():
        if script.count(old) != 1:
            raise ValueError(f"{old!r} is not in the script once")
        script = script.replace(old, new)
    cells = [
        _cell(number, *text.split("\n", 1))
        for number, text in enumerate(script.split("# %%")[1:], start=1)
    ]
    book = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    cell = {"id": f"cell-{number}", "metadata": {}}
    lines = text.strip().splitlines(keepends=True)
    if kind.strip() != "[markdown]":
        return cell | {
            "cell_type": "code",
            "execution_count": None,
            "outputs": [],
            "source": lines,
        }
    prose = [line.removeprefix("#").removeprefix(" ") for line in lines]
    return cell | {"cell_type": "markdown", "source": prose}


def main() -> int:
    """Write or check; returns the exit code."""
    text = notebook(SCRIPT.read_text(encoding="utf-8"))
    if "--check" not in sys.argv[1:]:
        NOTEBOOK.write_text(text, encoding="utf-8")
        return 0
    if NOTEBOOK.is_file() and NOTEBOOK.read_text(encoding="utf-8") == text:
        return 0
    print(f"{NOTEBOOK.name} is stale: `make schemas` writes it again")
    return 1


if __name__ == "__main__":
    sys.exit(main())
