"""Write the files that are generated from the code, or check that they are fresh.

python docs/generate.py            writes them
python docs/generate.py --check    exits with 1 where one is stale
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

from nixschema.descriptions.schema import description_schema
from nixschema.model.table import model_table
from nixschema.odml.table import mapping_table
from nixschema.reports.diff import diff_schema
from nixschema.reports.report import report_schema
from nixschema.rules.pages import Example, page, table
from nixschema.rules.rule import all_rules
from nixschema.schema.finding import shipped_schemas
from nixschema.schema.json_schema import schema_of_schemas
from nixschema.schema.keyword_table import keyword_table
from nixschema.schema.loading import load_schema_document
from nixschema.schema.pages import page as page_of_schema
from nixschema.settings import settings_schema
from nixschema.testing import tried_examples

CHECKOUT = Path(__file__).resolve().parent.parent


def generated() -> dict[str, str]:
    """Every generated file: its path in the checkout, and its text."""
    rules = all_rules()
    return {
        "schemas/configuration.schema.json": json.dumps(settings_schema(), indent=2) + "\n",
        "schemas/diff.schema.json": json.dumps(diff_schema(), indent=2) + "\n",
        "schemas/nix.schema.json": json.dumps(description_schema(), indent=2) + "\n",
        "schemas/report.schema.json": json.dumps(report_schema(), indent=2) + "\n",
        "schemas/schema.schema.json": json.dumps(schema_of_schemas(), indent=2) + "\n",
        "docs/model.md": model_table(),
        "docs/odml-mapping.md": mapping_table(),
        "docs/schema-keywords.md": keyword_table(),
        "docs/rules/README.md": table(rules),
        **{f"docs/rules/{one.id}.md": page(one, examples_of(one.id)) for one in rules},
        **{f"docs/schemas/{name}.md": schema_page(name) for name in shipped_schemas()},
    }


def schema_page(name: str) -> str:
    """The page of a shipped schema, with what its examples bring."""
    document = load_schema_document(name)
    return page_of_schema(document, tried_examples(document))


def examples_of(rule_id: str) -> list[Example]:
    """The files that a rule is tested on, in words: what its page teaches by."""
    path = CHECKOUT / f"tests/rules/{rule_id}.yaml"
    if not path.is_file():
        return []
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Example(
            given["name"],
            tuple(_readable(one["message"], given) for one in given.get("finds", ())),
            _shown(given.get("description") or given.get("odml")),
        )
        for kind in ("invalid", "valid")
        for given in document[kind]
    ]


def _shown(description: object) -> str:
    """The text of a description or of odML, where it has few lines."""
    if not isinstance(description, str) or not description.replace("\n", "").isprintable():
        return ""
    lines = description.splitlines()
    return description if len(lines) <= 15 and max(map(len, lines)) <= 100 else ""


def _readable(message: str, example: dict[str, object]) -> str:
    """A message without the marks of the examples: ids by name, and any text."""
    named = message if "odml" in example else re.sub("<([a-z_0-9]+)>", r"(id of \1)", message)
    return named.replace("...", "…")


def stale(root: Path = CHECKOUT) -> list[str]:
    """Paths whose text is not the generated one, and pages of what is no more."""
    texts = generated()
    pages = {
        path.relative_to(root).as_posix()
        for folder in ("docs/rules", "docs/schemas")
        for path in (root / folder).glob("*.md")
    }
    missing_or_old = [
        path
        for path, text in texts.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]
    return sorted({*missing_or_old, *(pages - set(texts))})


def write(root: Path = CHECKOUT) -> None:
    """Write all generated files; take away pages of rules that are no more."""
    texts = generated()
    for path in stale(root):
        target = root / path
        if path in texts:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(texts[path], encoding="utf-8")
        else:
            target.unlink()


def main() -> int:
    """Write or check; returns the exit code."""
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    found = stale()
    for path in found:
        print(f"{path} is stale: `make schemas` writes it again")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
