"""Descriptions that mean harm: refused soon, without an exception, and nothing is left behind."""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import nixschema as nx
from tests.descriptions.mistakes import SOUND

MOST = 256 * 1024 * 1024
"""Bytes that judging a text may take."""

LONGEST = 20.0
"""Seconds that it may take, on a machine that has other things to do."""

DATA = "data: [-70.1, -69.8, -70.3]"


def with_data(text: str) -> bytes:
    assert DATA in SOUND
    return SOUND.replace(DATA, f"data: {text}").encode()


def bomb(levels: int) -> bytes:
    lines = ["nix: 1.2.1", "x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


HOSTILE: dict[str, bytes] = {
    "an alias bomb": bomb(12),
    "a bomb of merged keys": b"nix: 1.2.1\na: &a {b: 1}\n"
    + b"".join(b"m%d: &m%d {<<: [%s]}\n" % (n, n, b", ".join([b"*a"] * 500)) for n in range(50)),
    "deep flow": b"nix: 1.2.1\nblocks: " + b"[" * 100_000,
    "deep sections": b"metadata: " + b"{a: {sections: " * 5000 + b"}}" * 5000,
    "a huge number": with_data("[" + "9" * 1_000_000 + "]"),
    "an anchor in itself": b"nix: 1.2.1\nblocks: &b {a: *b}\n",
    "NUL": SOUND.replace("voltage", "vol\0tage").encode(),
    "no UTF-8": SOUND.encode() + b"# \xff\xfe\n",
    "a tag": with_data("!!python/object/apply:os.system [ls]"),
    "nothing at all": b"",
    "a list": b"- nix: 1.2.1\n",
    "a file outside": with_data("{file: ../../etc/passwd, format: raw, dtype: u1}"),
    "a device": with_data("{file: /dev/zero, format: raw, dtype: u1}"),
    "a pipe": with_data("{file: pipe.npy}"),
    "a folder": with_data("{file: folder.npy}"),
    "a loop of symlinks": with_data("{file: loop.npy}"),
    "a symlink to elsewhere": with_data("{file: out.npy}"),
    "npy that lies": with_data("{file: lies.npy}"),
    "npy with objects": with_data("{file: objects.npy}"),
    "more values than any file": with_data(
        "{dtype: float64, shape: [999999999999, 999999], fill: 0}"
    ),
    "a negative shape": with_data("{dtype: float64, shape: [-5], fill: 0}"),
    "an encoded type that lies": with_data("{dtype: 'hdf5:AwAWAg==', shape: [1], fill: 0}"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile") / "home"
    made.mkdir()
    os.mkfifo(made / "pipe.npy")
    (made / "folder.npy").mkdir()
    (made / "loop.npy").symlink_to("loop.npy")
    np.save(made.parent / "out.npy", [1.0])
    (made / "out.npy").symlink_to("../out.npy")
    np.save(made / "lies.npy", np.arange(3.0))
    raw = (made / "lies.npy").read_bytes()
    (made / "lies.npy").write_bytes(raw.replace(b"(3,)", b"(9999999999,)"))
    np.save(made / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    return made


@pytest.mark.parametrize("what", HOSTILE)
def test_harm_is_refused(what: str, folder: Path, tmp_path: Path) -> None:
    path = folder / "session.yaml"
    path.write_bytes(HOSTILE[what])
    before = sorted(folder.iterdir())
    start = time.monotonic()
    tracemalloc.start()
    try:
        report = nx.validate(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    errors = [one for one in report.findings if one.level == "error"]
    assert errors
    assert all(len(one.message) < 1000 for one in errors)
    assert peak < MOST
    with pytest.raises((nx.NixError, ValueError)):
        nx.convert(path, tmp_path / "made.nix")
    assert time.monotonic() - start < LONGEST
    assert list(tmp_path.iterdir()) == []
    assert sorted(folder.iterdir()) == before


PIECES = (
    *("~", '""', "[]", "{}", "[[]]", "0", "-1", "1e400", ".nan", "1/3", "&a ", "*a", "<<: ", "!x "),
    *("|", "- ", "? ", ": ", "true", "id:x", "{file: a.npy}", "{elsewhere: {}}", "set", "any"),
    *("{elsewhere: {name: v, type: t, data: [1]}}", "{name: voltage, link: y}", "hdf5:AAAA", "i32"),
    *("{values: [1, 2], unit: s}", "{type: range, alias: true}", "{type: unknown}", "2-tuple"),
    *("{array: voltage, index: [any]}", "{data_frame: trials, column: onset}", "odml: 1", "\0"),
    "extra: {attributes: {unit: 3}, members: {data: {kind: group}}, link: z}",
)
"""What is put somewhere into a description."""


def mutated(text: str, chance: random.Random) -> str:
    """A description with a few changes that mean nothing."""
    words = sorted({word.strip(" :-[]{},") for word in text.split()} - {""})
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        line, piece = lines[at], chance.choice((*PIECES, *words))
        key, colon, _ = line.partition(":")
        cut = chance.randrange(len(line) + 1)
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at] = " " * chance.randrange(14) + line.lstrip()
            case 3 if colon:
                lines[at] = f"{key}: {piece}"
            case 4:
                lines[at] = line.replace(chance.choice(words), piece, 1)
            case 5:
                lines[at] = line[:cut] + piece + line[cut:]
            case _:
                lines[at] = line[:cut] + line[cut + chance.randrange(1, 4) :]
    return "\n".join(lines)


def test_nothing_that_is_written_raises(tmp_path: Path) -> None:
    chance = random.Random(6)
    path, target = tmp_path / "session.yaml", tmp_path / "made.nix"
    converted = 0
    for number in range(300):
        path.write_text(mutated(SOUND, chance), "utf-8")
        report = nx.validate(path)
        errors = [one for one in report.findings if one.level == "error"]
        assert all(one.line is not None and one.line > 0 for one in errors)
        assert not any("bug in nixschema" in one.message for one in errors)
        if number % 3 == 0:
            if errors:
                with pytest.raises((nx.NixError, ValueError)):
                    nx.convert(path, target)
            else:
                nx.convert(path, target)
                assert nx.read(target).blocks is not None
                target.unlink()
                converted += 1
        assert [one.name for one in tmp_path.iterdir()] == ["session.yaml"]
    assert converted > 3
