"""The reports as they should be, kept as files; writes them again.

python -m tests.reports.golden      then look at the difference before it is committed
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from nixschema.reports.formats import FORMAT_NAMES, Options, lines
from nixschema.reports.report import Report
from tests.reports.sample import RULES, RUNS, sample

FOLDER = Path(__file__).parent / "golden"

_SUFFIXES = {
    "text": ".txt",
    "concise": ".concise.txt",
    "github": ".github.txt",
    "gitlab": ".gitlab.json",
    "badge": ".badge.json",
    "junit": ".xml",
    "markdown": ".md",
}


def reports() -> dict[str, str]:
    """Every report that is kept: the name of its file, and its text."""
    found: dict[str, str] = {}
    for name, make in RUNS.items():
        for one in FORMAT_NAMES:
            file = f"{name}{_SUFFIXES.get(one, f'.{one}')}"
            found[file] = written(make(), one)
        found[f"{name}.svg"] = written(make(), "badge", Options(target="badge.svg"))
    every = {"verbose": Options(verbose=True), "all": Options(verbose=True, everything=True)}
    for word, options in every.items():
        found[f"sample.{word}.txt"] = written(sample(), "text", options)
    found["sample.verbose.github.txt"] = written(sample(), "github", every["verbose"])
    return found


def written(report: Report, name: str, options: Options | None = None) -> str:
    """A report as the text of a file; the texts of rules are those of the sample."""
    with (
        patch("nixschema.reports.sarif.find_rule", RULES.get),
        patch("nixschema.reports.sarif.page", lambda one: f"# {one.id}\n"),
        patch("nixschema.reports.junit.find_rule", RULES.get),
    ):
        return "".join(f"{line}\n" for line in lines(report, name, options))


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, text in reports().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
