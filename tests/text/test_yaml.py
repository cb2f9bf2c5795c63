"""YAML is read as other readers read it, with places; what is wrong is told, and never raises."""

from __future__ import annotations

import gc
import json
import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nixschema.rules.rule import find_rule
from nixschema.text import Mapping, Node, Scalar, Sequence, TextProblem
from nixschema.text import yaml as reading
from nixschema.text.events import events_of
from nixschema.text.limits import Limits
from nixschema.text.yaml import is_json, read_file, read_text
from tests.text.mistakes import MISTAKES
from tests.text.trees import seen


def read(text: str | bytes, **limits: int) -> tuple[Node | None, list[TextProblem]]:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return read_text(data, limits=Limits(**limits))


def sound(text: str | bytes) -> Any:
    root, problems = read(text)
    assert problems == []
    return root


def told(text: str | bytes, **limits: int) -> list[str]:
    return [f"{one.line}:{one.column} {one.rule} {one.message}" for one in read(text, **limits)[1]]


@pytest.fixture(params=["libyaml", "PyYAML"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of PyYAML's parsers."""
    if request.param == "PyYAML":
        monkeypatch.setattr(reading, "events_of", lambda text: events_of(text, libyaml=False))
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML has no libyaml")
    return str(request.param)


# What is there, and where

DOCUMENT = """\
# a comment
nix: 1.2.1
blocks:
  "a b": {type: x, unit: , list: [1, '2', [3]]}
  long: |
    one
      two
  folded: >-
    one
    two
empty:
none: ~
text: ""
µ😀: µ😀 # comment
"""


def test_places(parser: str) -> None:
    root = sound(DOCUMENT)
    assert (root.line, root.column) == (2, 1)
    assert {key: (one.line, one.column) for key, one in root.keys.items()} == {
        "nix": (2, 1),
        "blocks": (3, 1),
        "empty": (11, 1),
        "none": (12, 1),
        "text": (13, 1),
        "µ😀": (14, 1),
    }
    blocks = root.items["blocks"]
    assert (blocks.line, blocks.column) == (4, 3)
    assert not blocks.keys["a b"].plain
    first = blocks.items["a b"]
    assert (first.line, first.column) == (4, 10)
    assert (first.items["unit"].line, first.items["unit"].column) == (4, 20)
    assert first.items["unit"].is_null
    items = first.items["list"]
    assert (items.line, items.column) == (4, 34)
    assert [(one.line, one.column) for one in items.items] == [(4, 35), (4, 38), (4, 43)]
    assert [one.plain for one in items.items[:2]] == [True, False]
    texts = {key: blocks.items[key] for key in ("long", "folded")}
    assert {key: (one.text, one.plain, one.line) for key, one in texts.items()} == {
        "long": ("one\n  two\n", False, 5),
        "folded": ("one two", False, 8),
    }
    assert [root.items[key].is_null for key in ("empty", "none", "text")] == [True, True, False]
    assert (root.items["empty"].line, root.items["empty"].column) == (11, 1)
    assert (root.items["µ😀"].line, root.items["µ😀"].column) == (14, 5)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeff", "~", "null\n"])
def test_nothing_is_a_plain_scalar(text: str, parser: str) -> None:
    assert sound(text).is_null


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_marks(end: str, parser: str) -> None:
    root = sound(b"\xef\xbb\xbf" + DOCUMENT.replace("\n", end).encode())
    assert root.keys["text"].line == 13
    assert root.items["nix"].column == 6
    assert root.items["blocks"].items["long"].text == "one\n  two\n"


def test_scalars_are_as_written(parser: str) -> None:
    root = sound("{a: 1.10, b: no, c: 0x1F, d: 1_000, e: 2020-01-01, 02: y, ~: z, no: n}")
    assert {key: one.text for key, one in root.items.items()} == {
        "a": "1.10",
        "b": "no",
        "c": "0x1F",
        "d": "1_000",
        "e": "2020-01-01",
        "02": "y",
        "~": "z",
        "no": "n",
    }
    assert all(one.plain for one in root.items.values())


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json(indent: Any, ascii_only: bool, parser: str) -> None:
    tree = {"a": [1, -2.5e10, True, None, '😀 é \x7f \u2028 / \\ " \ud800 \\ud800'], "b": {}}
    text = json.dumps(tree, indent=indent, ensure_ascii=True)
    if not ascii_only:
        text = text.replace("\\u00e9", "é").replace("/", "\\/")
    assert seen(sound(text)) == tree
    assert is_json(text.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\uD83D\\uDE00\\uD83D"', "😀\ud83d"),
        ('"\\\\ud83d \\\\\\ud83d"', "\\ud83d \\\ud83d"),
        ("\\ud83d\\ude00", "\\ud83d\\ude00"),
        ("'\\ud83D \\uD83d \\ue000'", "\\ud83D \\uD83d \\ue000"),
        ('["\\ud800\ue000\\ue001", \\ud800]', ["\ud800\ue000\ue001", "\\ud800"]),
        ("|\n  \\ud800\n", "\\ud800\n"),
    ],
)
def test_escapes_of_surrogates(text: str, expected: Any, parser: str) -> None:
    assert seen(sound(text)) == expected


def test_surrogates_move_nothing(parser: str) -> None:
    assert told('{"a": "\\ud83d\\ude00", "b": !x 1}') == [
        "1:28 NIX044 `!x` is a tag, expected a value without one"
    ]


# Aliases and merges

MERGES = """\
base: &base {unit: mV, label: voltage}
more: &more {label: more, type: x}
one: {<<: *base, unit: V}
two: {unit: V, <<: [*base, *more]}
"""


def test_merges(parser: str) -> None:
    root = sound(MERGES)
    plain = yaml.safe_load(MERGES)
    assert seen(root) == plain
    assert list(root.items["two"].items) == ["unit", "label", "type"]
    assert root.items["one"].keys["label"].line == 1
    assert root.items["one"].keys["unit"].line == 3
    assert root.items["one"].items["label"] is root.items["base"].items["label"]


def test_aliases_are_the_same_node(parser: str) -> None:
    root = sound("a: &a [1, {b: 2}]\nc: *a\nd: &a x\ne: *a\n*a : f\n")
    assert root.items["c"] is root.items["a"]
    assert root.items["e"].text == "x"
    assert root.items["x"].text == "f"


def test_quoted_merge_is_an_ordinary_key(parser: str) -> None:
    assert seen(sound('"<<": {a: 1}\n')) == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a [*a]", "1:8 NIX044 `*a` stands inside of what it repeats"),
        ("a: &a {<<: *a}", "1:12 NIX044 `*a` stands inside of what it repeats"),
        ("a: {<<: 1}", "1:9 NIX044 `<<` merges mappings, and this is none"),
        ("a: &a 1\nb: {<<: [*a]}", "1:4 NIX044 `<<` merges mappings, and this is none"),
        (
            "a: &a {}\nb:\n  <<: *a\n  <<: *a",
            "4:3 NIX043 the key `<<` is there twice, the first in line 3",
        ),
        ("a: &a [1]\n*a : 2", "2:1 NIX044 the key is a list, expected a text"),
        ("? {a: [b]}\n: 1", "1:3 NIX044 the key is a mapping, expected a text"),
        (": 1", "1:1 NIX042 a key is missing"),
        ("{: 1}", "1:2 NIX042 a key is missing"),
        ("? \n: 1", "1:2 NIX044 a key is missing"),
        ("!!str a: 1", "1:1 NIX044 `!!str` is a tag, expected a value without one"),
        (
            "a: !!python/object:os.system {}",
            "1:4 NIX044 `!!python/object:os.system` is a tag, expected a value without one",
        ),
        ("!<x y> a", "1:1 NIX042 `!` begins a tag, expected a value without one"),
    ],
)
def test_what_the_format_leaves_out_of_yaml(text: str, expected: str, parser: str) -> None:
    assert told(text) == [expected]


def test_reading_goes_on(parser: str) -> None:
    root, problems = read("a: !x 1\nb: [*c]\n? [k]\n: !y 2\na: 3\nd: \x01\ne: [1\n")
    assert root is None
    assert [(one.rule, one.line) for one in problems] == [
        ("NIX044", 1),
        ("NIX042", 2),
        ("NIX044", 3),
        ("NIX044", 4),
        ("NIX043", 5),
        ("NIX041", 6),
        ("NIX042", 7),
    ]
    root, problems = read("a: 1\nb: 2\na: 3\n")
    assert seen(root) == {"a": 1, "b": 2}
    assert isinstance(root, Mapping)
    assert root.keys["a"].line == 1


# Limits


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    inner = "{" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}"
    return "a: " + "{<<: " * levels + inner + "}" * levels


HUGE: dict[str, tuple[str | bytes, str]] = {
    "aliases": (bomb(60), "aliases repeat more than 1,000,000"),
    "aliases of a long text": (
        f"a: &a {'x' * 1_000_000}\nb: [{'*a, ' * 100}]",
        "aliases repeat more than 1,000,000",
    ),
    "merges": (merge_bomb(2000), "aliases repeat more than 1,000,000"),
    "lists in brackets": ("[" * 100_000, "more than 2,500 levels"),
    "mappings in brackets": ("{a: " * 100_000, "more than 2,500 levels"),
    "lists": ("- " * 100_000, "more than 2,500 levels"),
    "keys": ("? " * 100_000, "more than 2,500 levels"),
    "key of brackets": ("? " + "[" * 100_000, "more than 2,500 levels"),
}


@pytest.mark.parametrize("name", HUGE)
def test_bombs(name: str) -> None:
    text, expected = HUGE[name]
    started = time.process_time()
    tracemalloc.start()
    root, problems = read(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert root is None
    assert [one.rule for one in problems] == ["NIX045"]
    assert problems[0].message.startswith(expected)
    assert time.process_time() - started < 10
    assert peak < 300e6


def test_limits() -> None:
    assert told("[1, 2, 3]", nodes=4) == []
    assert told("[1, 2, 3]", nodes=3) == ["1:8 NIX045 the text has more than 3 values and keys"]
    assert told("{a: 1, b: 2}", nodes=4) == ["1:11 NIX045 the text has more than 4 values and keys"]
    assert told("{a: {b: 2}}", nodes=2) == ["1:5 NIX045 the text has more than 2 values and keys"]
    assert told("[[1]]", depth=2) == []
    assert told("[[[1]]]", depth=2) == ["1:3 NIX045 more than 2 levels are nested here"]
    assert told("12345", size=5) == []
    assert told("123456", size=5) == ["1:1 NIX045 the text is larger than 5 bytes"]
    assert told("a: !x 1\nb: !x 2\nc: !x 3", problems=3)[2].endswith("without one")
    assert told("a: !x 1\nb: !x 2\nc: !x 3\nd: 4", problems=2)[2:] == [
        "3:4 NIX045 the text has more than 2 problems"
    ]
    assert told("a: &a [1]\nb: *a", repeated=2) == []
    assert told("a: &a [1]\nb: *a", repeated=1) == [
        "2:4 NIX045 aliases repeat more than 1 values and keys"
    ]


def test_deepest_text() -> None:
    root = sound("[" * 2500 + "]" * 2500)
    levels = 0
    while isinstance(root, Sequence) and root.items:
        root, levels = root.items[0], levels + 1
    assert levels == 2499


def test_long_scalars_and_keys() -> None:
    long = "x" * 2_000_000
    assert sound(f"a: {long}").items["a"].text == long
    assert seen(sound(f'? "{long}"\n: 1')) == {long: 1}
    (problem,) = read(f"{long}: 1")[1]
    assert problem.message == "a key is longer than 1,024 characters, or lacks its colon"
    spaces = " " * 2_000_000
    for text in (f"a{spaces}:b: c: d", f"a: b\nx{spaces}y:z{spaces}\nc: 1", f"a: {spaces}%"):
        assert len(read(text)[1]) == 1


def test_file_is_read_no_further_than_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    assert seen(read_file(path)[0]) == {"a": 1}
    (problem,) = read_file("/dev/zero", limits=Limits(size=1000))[1]
    assert problem.rule == "NIX045"
    with pytest.raises(OSError, match="No such file"):
        read_file(tmp_path / "b.yaml")


def test_garbage_collection_is_as_before() -> None:
    for text in ("a: 1", "a: ["):
        read(text)
        assert gc.isenabled()
    gc.disable()
    try:
        read("a: 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


# Encodings


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a: 1\nb: 2".encode("utf-16"), ["1:1 NIX041 the text is UTF-16, expected UTF-8"]),
        ("a: 1\nb: 2".encode("utf-16-le"), ["1:1 NIX041 the text is UTF-16, expected UTF-8"]),
        ("a: 1\nb: 2".encode("utf-16-be"), ["1:1 NIX041 the text is UTF-16, expected UTF-8"]),
        (b"a: 1\nunit: \xb5V\n", ["2:7 NIX041 the byte 0xB5 is not UTF-8"]),
        ("é: ü".encode() + b"\xed\xa0\x80", ["1:5 NIX041 the byte 0xED is not UTF-8"]),
        (b"a: b\x00c", ["1:5 NIX041 the character `U+0000` is not allowed in text"]),
        (
            b"a: \x01\x02\n",
            ["1:4 NIX041 the character `U+0001` is not allowed in text, and 1 more in the text"],
        ),
        (
            b"a: " + b"\x01" * 3000,
            [
                "1:4 NIX041 the character `U+0001` is not allowed in text, "
                "and more than 999 more in the text"
            ],
        ),
        (b"a: \x7f", ["1:4 NIX041 the character `U+007F` is not allowed in text"]),
        ("a: \ufeffb", ["1:4 NIX041 the character `U+FEFF` is not allowed in text"]),
        ("a: \ufffe", ["1:4 NIX041 the character `U+FFFE` is not allowed in text"]),
        (b"\x89HDF\r\n\x1a\n\0\0", None),
    ],
)
def test_encodings(data: str | bytes, expected: list[str] | None, parser: str) -> None:
    if expected is None:
        assert {one.rule for one in read(data)[1]} == {"NIX041"}
    else:
        assert told(data) == expected


def test_other_encodings_are_guessed() -> None:
    (problem,) = read(b"unit: \xb5V")[1]
    assert problem.help == "save the file as UTF-8 (in Latin-1 this byte is `µ`)"


# Mistakes of newcomers


@pytest.mark.parametrize("text", MISTAKES, ids=repr)
def test_mistakes(text: str, parser: str) -> None:
    root, problems = read(text)
    assert [
        f"{one.line}:{one.column} {one.rule} {one.message} | {one.help}" for one in problems
    ] == [MISTAKES[text]]
    assert root is None or problems[0].rule in ("NIX043", "NIX044")


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML's own parser reads it")
def test_colon_without_space_in_brackets() -> None:
    assert told("a: {b:, c: 1}\n") == ["1:6 NIX042 a colon within brackets has no space behind it"]


@pytest.mark.parametrize("number", range(41, 46))
def test_rules_tell_problems(number: int) -> None:
    one = find_rule(f"NIX0{number}")
    assert one is not None
    assert one.on == (TextProblem,)
    (sentence,) = one.check(TextProblem(one.id, "a message", "a help", 1, 2))
    assert (sentence.sentence, sentence.help) == ("a message", "a help")  # type: ignore[union-attr]


# Any bytes

PARTS = [
    *("a: 1\n", "  b: 2\n", "- c\n", "  - d: [1, 2]\n", "{e: f, ", "]", "}", "[", '"', "'", "\\x"),
    *("&a ", "*a", "<<: *a\n", "!x ", "!!str ", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.2\n"),
    *("\t", " ", "\n", "\r\n", "#x\n", ": ", "? ", "- ", ",", "\\ud83d", "\\ude00", "~", "@", "`"),
    *("\x00", "\x85", "\u2028", "\ufeff", "é", "😀", "\x07"),
]


def check(data: bytes) -> None:
    root, problems = read_text(data)
    assert (root is None) <= bool(problems)
    lines = data.count(b"\n") + data.count(b"\r") + len(data.decode("utf-8", "replace")) + 2
    for one in problems:
        assert 1 <= one.line <= lines
        assert one.column >= 1
        assert one.message.isprintable()
        assert one.help is None or one.help.isprintable()
        assert find_rule(one.rule) is not None


@settings(max_examples=300, deadline=1000)
@given(st.lists(st.sampled_from(PARTS), max_size=20).map("".join))
@example("\\x: a\t")
def test_any_parts(text: str) -> None:
    check(text.encode("utf-8"))


@settings(max_examples=150, deadline=1000)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    check(data)


def test_mutations() -> None:
    generator = random.Random(6)
    for _ in range(500):
        data = bytearray(DOCUMENT.encode() + MERGES.encode())
        for _ in range(generator.randint(1, 3)):
            place = generator.randrange(len(data))
            part = generator.choice(PARTS).encode()
            data[place : place + generator.randint(0, 4)] = part
        check(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_sound_text_is_read_as_pyyaml_reads_it(text: str) -> None:
    root, problems = read(text)
    if problems:
        return
    loaded = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    assert _texts(root) == ("" if loaded is None else loaded)


def _texts(node: Node | None) -> Any:
    """All scalars as texts, merges undone: what a loader without types says."""
    if isinstance(node, Mapping):
        return {key: _texts(value) for key, value in node.items.items()}
    if isinstance(node, Sequence):
        return [_texts(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text
