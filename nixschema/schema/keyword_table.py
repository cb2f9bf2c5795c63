"""All keywords of schemas, kind by kind, as a page of documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import getdoc

from nixschema.schema.keywords import ENTITIES, WORDS, Form, Keyword, keywords_of
from nixschema.schema.language import (
    Clause,
    ColumnOf,
    Constraint,
    DimensionClause,
    Example,
    Examples,
    Said,
    Schema,
    Together,
    Tree,
    When,
)

HEAD = """\
# Keywords of schemas

What may stand in a schema, kind by kind; [schemas.md](schemas.md) teaches it by example. This page
is generated from the code: `make schemas` writes it again.
"""

_SHARED = "Everything"
_ENTITY = "Every entity"
_TYPED = "Every entity with a type"
_LISTED = "In a list of links"

_STANDS = {
    Form.TEXT: "a text",
    Form.TEXTS: "a text, or a list of texts",
    Form.TRUTH: "`true` or `false`",
    Form.PRESENCE: "`true`",
    Form.COUNT: "`1`, `1..`, `0..1`, `2..8`, or a blank",
    Form.LEAF: "a value",
    Form.LEAVES: "a value, or a list of values",
    Form.LIMIT: "a number, a number with a unit, or a blank",
    Form.UNIT: "a unit",
    Form.PATTERN: "a regular expression",
    Form.ASCENDING: "`true`, `false` or `strictly`",
    Form.EVERY: "`true`, or a type of group",
    Form.BLANK: "a blank, `<word>`",
    Form.BLANK_OR_NOT: "a blank, `<word>`",
    Form.SAME: "the same as here",
    Form.SAMES: "a list of the same as here",
    Form.ITEMS: "a list of [constraints](#a-constraint)",
    Form.DIMENSIONS: "a list of [dimensions](#a-dimension), or `forbidden`, `optional`, `required`",
    Form.CONDITIONS: "a list of [conditions](#a-condition)",
    Form.TOGETHER: "[what belongs together](#together)",
    Form.ACCEPT: "reasons by rule: `{NIX201: why}`",
    Form.OVERRIDE: "constraints, and the `reason`",
    Form.EXTRA: "`{attributes: {…}}`, [constraints](#a-constraint) by name",
    Form.MEMBER_OF: "`{groups: […]}`, a list of [groups](#a-group)",
    Form.COLUMN_OF: "[a column](#column_of)",
    Form.NAMESPACES: "`closed`, `warn` or `open` by beginning of types: `{lab: closed}`",
    Form.PROVENANCE: "anything",
    Form.TREE: "[a part of a file's tree](#a-part-of-a-files-tree)",
    Form.TREES: "[a part of a file's tree](#a-part-of-a-files-tree), several in a list",
    Form.EXAMPLES: "[examples](#examples)",
    Form.INVALID: "a list of [invalid examples](#an-invalid-example)",
    Form.PASSED_OVER: "a path",
}

_VALUES = {
    "text": "a text",
    "texts": "a list of texts",
    "number": "a number",
    "numbers": "a list of numbers",
    "size": "a whole number",
    "sizes": "a list of whole numbers",
    "count": "a whole number",
    "value": "values",
    "dtype": "a type of values",
    "odml_type": "a type of values",
    "link_type": "a word",
    "dimension_type": "a word",
}

_BLANK = re.compile(r"/?<\w+>")
_AS_CODE = r"`\g<0>`"

_MODELS: dict[str, type[Said]] = {
    "Dimension": DimensionClause,
    "Tree": Tree,
    "When": When,
    "Together": Together,
    "ColumnOf": ColumnOf,
    "Examples": Examples,
    "Example": Example,
}


def keyword_table() -> str:
    """The page, as Markdown: which keywords each kind has, what stands at them, what they mean."""
    shared = {one.name: one for one in _in("Together") if one.name in _said()}
    common = _of_all(ENTITIES, shared)
    typed = _of_all([one for one in ENTITIES if _is_typed(one)], {**shared, **common})
    listed = [one for one in keywords_of("Tag", listed=True).values() if one not in _in("Tag")]
    parts = [
        HEAD,
        _section("A schema", getdoc(Schema), _without(_in("Schema"), shared)),
        _section(_SHARED, getdoc(Said), list(shared.values())),
        _section("A constraint", getdoc(Constraint), _without(_in("Constraint"), shared)),
        _section(_ENTITY, getdoc(Clause), list(common.values())),
        _section(_TYPED, "", list(typed.values())),
        _section(_LISTED, "What links to entities lists them.", listed),
    ]
    for kind in ENTITIES:
        known = {**shared, **common, **(typed if _is_typed(kind) else {})}
        parts.append(_section(_title(kind), "", _without(_in(kind), known)))
    for kind, model in _MODELS.items():
        parts.append(_section(_title(kind), getdoc(model), _without(_in(kind), shared)))
    return "\n".join(parts)


def _in(kind: str) -> list[Keyword]:
    return list(keywords_of(kind).values())


def _said() -> frozenset[str]:
    return frozenset(Said.model_fields)


def _is_typed(kind: str) -> bool:
    return "type" in keywords_of(kind)


def _of_all(kinds: Sequence[str], known: dict[str, Keyword]) -> dict[str, Keyword]:
    """Keywords that all of some kinds have, without those that are told elsewhere."""
    first, *rest = map(_in, kinds)
    return {
        one.name: one for one in _without(first, known) if all(one in others for others in rest)
    }


def _without(keywords: list[Keyword], known: dict[str, Keyword]) -> list[Keyword]:
    """Those that are not told elsewhere, in the same words."""
    return [one for one in keywords if known.get(one.name) != one]


def _title(kind: str) -> str:
    words = WORDS[kind]
    return words[:1].upper() + words[1:]


def _section(title: str, says: str | None, keywords: list[Keyword]) -> str:
    about = " ".join((says or "").partition("\n\n")[0].replace("``", "`").split())
    rows = [
        f"| `{one.name}` | {_stands(one)} | {_BLANK.sub(_AS_CODE, one.says)} |" for one in keywords
    ]
    table = ["| keyword | holds | says |", "|---|---|---|", *rows]
    return "\n".join([f"## {title}", "", *([about, ""] if about else []), *table, ""])


def _stands(keyword: Keyword) -> str:
    """What stands at a keyword, in a few words."""
    if keyword.form is Form.WORD:
        return ", ".join(f"`{word}`" for word in keyword.about.split("|"))
    if keyword.form is Form.CONSTRAINT:
        return f"[a constraint](#a-constraint) on {_VALUES[keyword.about]}"
    if keyword.form not in (Form.CLAUSE, Form.CLAUSES, Form.CONTAINER):
        return _STANDS[keyword.form]
    link = f"[{WORDS[keyword.about]}](#{_anchor(keyword.about)})"
    if keyword.form is Form.CLAUSE:
        return link
    if keyword.form is Form.CONTAINER:
        return f"{link} by its {'type' if keyword.name == 'types' else 'name'}"
    return f"a list, each item {link}"


def _anchor(kind: str) -> str:
    title = _ENTITY if kind == "Entity" else _title(kind)
    return "".join(one for one in title.lower().replace(" ", "-") if one.isalnum() or one in "-_")
