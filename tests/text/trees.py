"""Trees of plain values: made at random, and as our reader sees them."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from nixschema.text import Mapping, Node, Sequence
from nixschema.text.scalars import core_value, number_of

LOOKS = (
    "y n yes No on OFF true False TRUE null Null ~ NaN .nan .NaN inf .inf -.INF + - . .. ... --- "
    "= << < > | & * ! % @ ` ' \" # : ? , [ ] { } ?x :x -x x: x:y #x x#y 1 007 010 0o17 0x1f 0b11 "
    "1_000 1,000 1.5 .5 5. 1e3 12e03 1.0e-05 +1 -0 12:30 190:20:30 190:20:30.15 2020-01-01 "
    "2021-03-04T12:00:00Z 1/3 1.2.1 {{x}} !!str &a *a %x @x <<: |x >x - --x é µV 😀 "
    "0x 0o 08 1__0 _1 0b 1:2 a,b [a {a a] http://x.y/z?q=1#f C:\\x \\n \\ud800 say\"x\" it's ''"
)
LOOKALIKES = LOOKS.split(" ")
"""Texts that may be taken for something else."""
SPACED = [
    *("", " ", "  ", " a", "a ", "a: b", "a #b", "a :b", "- a", "? a", "a\n", "\na", "a\nb"),
    *(
        "a\n\nb\n",
        "a\n\n",
        "\n",
        "\n\n",
        " a\nb",
        "a\n b",
        "a \nb",
        "a\n \nb",
        "a\tb",
        "\ta",
        "a\t",
    ),
    *("a\n\tb", "\t\na", "a\r\nb", "a\rb", "\r", "a\n---\nb", "a\n# b\n", "%a\nb", "#a\nb"),
    *("a\x85b", "a\u2028b", "a\u2029\n", "\ufeff", "a\ufeffb\n", "\x00", "\x7f", "\xa0", "\ufffe"),
    *(
        "\U0001fffe",
        "\U0010ffff",
        "2021-03-04 12:00:00",
        "a\n\n\nb",
        "\n a",
        "\n\n a\nb\n",
        "\x1b[0m",
    ),
]
LONE = ["\ud800", "a\udcffb", "\udc00\ud800", "\ud800 \udc00"]
"""Half a character: libyaml reads none of them. Two that make one, in order, we read as one."""

characters = st.characters(exclude_categories=["Cs"])
texts = st.one_of(
    st.sampled_from(LOOKALIKES),
    st.sampled_from(SPACED),
    st.text(characters, max_size=12),
    st.text("ab \n\t#:-'\"", max_size=12),
    st.text("0123456789.,:_eE+-xob ", max_size=8),
)


def _joined(text: str) -> str:
    """The same text with pairs of surrogates as the characters that they stand for."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


any_texts = st.one_of(
    texts, st.sampled_from(LONE), st.text(st.characters(), max_size=4).map(_joined)
)


def trees(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Trees whose texts and keys come from a strategy."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_subnormal=True), text
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)
        ),
        max_leaves=12,
    )


def seen(node: Node | None, *, json: bool = False) -> Any:
    """What a text says, by YAML 1.2's core."""
    assert node is not None
    if isinstance(node, Mapping):
        return {key: seen(value, json=json) for key, value in node.items.items()}
    if isinstance(node, Sequence):
        return [seen(item, json=json) for item in node.items]
    if node.is_null:
        return None
    if json and node.text in (".nan", ".inf", "-.inf"):
        return number_of(node, json=True)
    return core_value(node)


def same(one: Any, other: Any) -> bool:
    """Equal, of the same types, NaN equal to NaN, zeros with their signs."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)
