"""What is written is read as the same, by us and by readers of YAML 1.1 and 1.2."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nixschema.text.emit import WIDTH, Flow, Plain, json_text, yaml_text
from nixschema.text.yaml import read_text
from tests.text.trees import LOOKALIKES, SPACED, any_texts, same, seen, texts, trees


def in_flow(tree: Any) -> Any:
    return {"a": Flow(tree), "b": [Flow([tree])]}


def written(tree: Any) -> str:
    return "".join(yaml_text(tree))


def ours(text: str, *, is_json: bool = False) -> Any:
    root, problems = read_text(text.encode("utf-8"))
    assert problems == []
    return seen(root, json=is_json)


def pyyaml(text: str) -> Any:
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def ruamel(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = False
    return reader.load(text)


@pytest.mark.parametrize("reader", [ours, pyyaml, ruamel])
@pytest.mark.parametrize("text", [*LOOKALIKES, *SPACED], ids=repr)
def test_text_stays_text(text: str, reader: Any) -> None:
    for tree in (text, [text], [[text], text], {"k": text}, {text: 1, "k": {text: text}}):
        assert same(reader(written(tree)), tree)
        assert same(reader(written(in_flow(tree))), {"a": tree, "b": [[tree]]})


@settings(max_examples=400, deadline=None)
@given(trees(texts))
@example([[], {}, [[]], [{}], {"a": []}])
@example({"a" * 600: {"b" * 600: ["c" * 600]}, "\x00" * 400: 1})
@example([1e-5, 1e20, 1e16, 5e-324, -0.0, 1.7976931348623157e308, float("inf"), -float("inf")])
def test_all_readers_see_the_same(tree: Any) -> None:
    text = written(tree)
    assert same(ours(text), tree)
    assert same(pyyaml(text), tree)
    assert same(ruamel(text), tree)


@settings(max_examples=200, deadline=None)
@given(trees(texts))
@example({"a" * 600: {"b" * 600: ["c" * 600]}})
def test_all_readers_see_the_same_within_brackets(tree: Any) -> None:
    expected = {"a": tree, "b": [[tree]]}
    text = written(in_flow(tree))
    assert same(ours(text), expected)
    assert same(pyyaml(text), expected)
    assert same(ruamel(text), expected)


@settings(max_examples=200, deadline=None)
@given(trees(any_texts))
def test_lone_surrogates_come_back(tree: Any) -> None:
    """PyYAML with libyaml does not read them; ruamel and we do."""
    assert same(ours(written(tree)), tree)
    assert same(ours(written(in_flow(tree))), {"a": tree, "b": [[tree]]})
    assert same(ruamel(written(tree)), tree)


@settings(max_examples=200, deadline=None)
@given(trees(any_texts))
@example({"a": [float("nan"), -float("inf"), "\x7f\x85\u2028\U0001fffe😀"]})
def test_json(tree: Any) -> None:
    text = "".join(json_text(tree))
    text.encode("utf-8")
    assert same(_with_specials(json.loads(text)), _with_specials(tree))
    assert same(_with_specials(ours(text, is_json=True)), _with_specials(tree))
    assert json.loads("".join(json_text(in_flow(tree)))) == {
        "a": json.loads(text),
        "b": [[json.loads(text)]],
    }


def _with_specials(tree: Any) -> Any:
    """JSON has no form for some floats: they are texts."""
    if isinstance(tree, dict):
        return {key: _with_specials(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_specials(value) for value in tree]
    return {".nan": float("nan"), ".inf": float("inf"), "-.inf": -float("inf")}.get(tree, tree)


@given(st.lists(st.floats(allow_nan=False), max_size=60))
def test_long_lists_within_brackets_go_on_in_other_lines(numbers: list[float]) -> None:
    text = written({"data": Flow(numbers)})
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert len(text.splitlines()) == 1 or max(map(len, text.splitlines())) > WIDTH // 2
    assert ours(text) == {"data": numbers}


def test_nesting_may_be_deep() -> None:
    tree: Any = 1
    for _ in range(600):
        tree = {"a": [tree]}
    for text in (written(tree), "".join(json_text(tree)), written({"f": Flow(tree)})):
        root, problems = read_text(text.encode())
        assert problems == []
        assert root is not None
    for _ in range(20_000):
        tree = [tree]
    assert sum(map(len, yaml_text(Flow(tree)))) > 40_000


def test_fractions_are_bare_and_quoted_in_json() -> None:
    assert written({"a": Plain("1/3"), "b": Flow([Plain("1/3")])}) == "a: 1/3\nb: [1/3]\n"
    assert "".join(json_text({"a": Plain("1/3")})) == '{\n  "a": "1/3"\n}\n'


@pytest.mark.parametrize("tree", [{1: 2}, [object()], {"a": {1}}, Flow([b"a"])])
def test_other_things_are_refused(tree: Any) -> None:
    with pytest.raises(TypeError):
        written(tree)
    with pytest.raises(TypeError):
        "".join(json_text(tree))


LAYOUT = {
    "nix": "1.2.1",
    "blocks": {
        "no": {"type": "nix.session", "definition": "first line\n  second line\n"},
        "lfp": {
            "unit": "µV",
            "label": "local field potential, raw",
            "data": Flow([[1, 2.5], [-0.0, 1e-05]]),
            "dimensions": [Flow({"type": "sampled", "sampling_interval": Plain("1/30000")}), "set"],
            "empty": {},
            "none": None,
            "rows": [["a", "b"], {"x": [1], "y": "don't: \\"}],
        },
    },
}


def test_layout() -> None:
    assert "".join(yaml_text(LAYOUT, ("A file", "", "by hand"))) == GOLDEN


GOLDEN = """\
# A file
#
# by hand
nix: "1.2.1"
blocks:
  "no":
    type: nix.session
    definition: |
      first line
        second line
  lfp:
    unit: µV
    label: local field potential, raw
    data: [[1, 2.5], [-0.0, 1.0e-05]]
    dimensions:
      - {type: sampled, sampling_interval: 1/30000}
      - set
    empty: {}
    none: null
    rows:
      - - a
        - b
      - x:
          - 1
        "y": 'don''t: \\'
"""
