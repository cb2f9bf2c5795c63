"""What nixio and neo say of a rewritten file is what they say of the original.

nixio is asked for every public property of every entity, see `tests.reading.test_against_nixio`,
and where it raises it must raise alike. What it then writes into a rewritten file we read.
"""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import neo  # type: ignore[import-untyped]
import nixio
import numpy as np
import pytest
from h5py import h5o

import nixschema as nx
from tests.plain import write
from tests.reading.test_against_h5py import files
from tests.reading.test_against_nixio import (
    LARGE,
    OF_A_WHOLE_FILE,
    PARTS,
    SEARCHES,
    TABLES,
    TARGETS,
    plain,
    same,
    write_everything,
)
from tests.sound import SOUND
from tests.writing.test_rewriting import run
from tests.writing.upgrading import is_old

MOST_ENTITIES = 20_000
"""A walk through more of them is caught in a cycle."""


# What nixio says


class Said(NamedTuple):
    """One thing that nixio says."""

    place: str
    name: str
    value: Any


class Raised(NamedTuple):
    """Stands for a value that nixio cannot tell."""

    error: str


def asked(ask: Any) -> Any:
    """What nixio says or raises."""
    try:
        value = plain(ask())
        # a text in a list of one is rewritten as the text, which nixio tells apart
        alone = isinstance(value, np.ndarray) and value.dtype == object and value.shape == (1,)
        return value[0] if alone else value
    except RecursionError:
        return Raised("RecursionError")
    except Exception as error:
        told = re.sub(r"0x[0-9a-f]+", "0x", str(error))
        return Raised(f"{type(error).__name__}: {told}")


def address(entity: Any) -> int:
    """What tells entities apart."""
    for name in ("_h5group", "_h5dataset"):
        holder = getattr(entity, name, None)
        if holder is not None:
            return int(h5o.get_info((getattr(holder, "group", None) or holder.dataset).id).addr)
    return 0


def said(file: Any) -> Iterator[Said]:
    """Everything that nixio says of a file, entity by entity."""
    waiting: list[tuple[str, Any]] = [("", file)]
    seen: set[tuple[type, int]] = set()
    met: Counter[type] = Counter()
    groups: list[bytes] = []
    h5o.visit(file._h5file.id, groups.append)
    large = len(groups) > LARGE
    while waiting and len(seen) < MOST_ENTITIES:
        place, entity = waiting.pop()
        kind = type(entity)
        if (kind, address(entity)) in seen:
            continue
        seen.add((kind, address(entity)))
        met[kind] += 1
        search = met[kind] <= (SEARCHES if large else math.inf)
        for name, row in TABLES.get(kind, {}).items():
            if search or name not in OF_A_WHOLE_FILE:
                yield Said(place, name, asked(lambda row=row, entity=entity: row.theirs(entity)))
        waiting += [*_parts(place, entity, TARGETS), *_parts(place, entity, PARTS.get(kind, {}))]


def _parts(place: str, entity: Any, names: Any) -> Iterator[tuple[str, Any]]:
    for name in names:
        if name not in {**TABLES.get(type(entity), {}), **PARTS.get(type(entity), {})}:
            continue
        try:
            part = getattr(entity, name)
            members = [part] if type(part) in TABLES else list(part if part is not None else ())
        except Exception:
            continue  # the property itself is asked for, and raises there
        for number, member in enumerate(members):
            yield f"{place}/{name}/{number}", member


def opened(path: Path, folder: Path, mode: str = "r") -> Any:
    """A copy of a file by nixio; all have one name, for errors tell it."""
    copy = folder / "file.nix"
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    try:
        return nixio.File(str(copy), mode)
    except Exception as error:
        return Raised(f"{type(error).__name__}: {error}")


def dump(path: Path, folder: Path, mode: str = "r") -> list[Said] | Raised:
    """All that nixio says of a file, or why it does not open it."""
    file = opened(path, folder, mode)
    if isinstance(file, Raised):
        return file
    try:
        return list(said(file))
    finally:
        file.close()


def opening(path: Path, folder: Path) -> Raised | None:
    """Why nixio does not open a file to write to it, if it does not."""
    file = opened(path, folder, "a")
    if isinstance(file, Raised):
        return file
    file.close()
    return None


def differences(before: list[Said] | Raised, after: list[Said] | Raised) -> list[str]:
    """In what nixio says something else."""
    if isinstance(before, Raised) or isinstance(after, Raised):
        return [] if before == after else [f"{before} became {after}"]
    found = [
        f"{one.place} {one.name}: {two.value!r}, it was {one.value!r}"[:500]
        for one, two in zip(before, after, strict=False)
        if one[:2] != two[:2] or not same(one.value, two.value)
    ]
    if len(before) != len(after):
        found.append(f"{len(after)} things are told, it was {len(before)}")
    return found


def rewritten(source: Path, folder: Path) -> Path:
    run("convert", source, folder / "rewritten.nix")
    return folder / "rewritten.nix"


def of_version(old: bool, *folders: str) -> list[Any]:
    """The shared files of the present layout or of older ones."""
    return [one for one in files(*folders) if one.values[0] is None or is_old(one.values[0]) == old]


@pytest.mark.parametrize("path", of_version(False, "nix", "broken"))
def test_nixio_says_of_a_rewritten_file_what_it_says_of_the_original(
    path: Path, tmp_path: Path
) -> None:
    target = rewritten(path, tmp_path)
    assert opening(target, tmp_path) == opening(path, tmp_path)
    found = differences(dump(path, tmp_path), dump(target, tmp_path))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", of_version(True, "nix"))
def test_nixio_reads_what_was_upgraded(path: Path, tmp_path: Path) -> None:
    told = dump(rewritten(path, tmp_path), tmp_path, "a")
    assert not isinstance(told, Raised)
    assert [one for one in told if isinstance(one.value, Raised)] == []


def test_a_file_with_everything_that_nixio_writes_says_the_same(tmp_path: Path) -> None:
    source = tmp_path / "everything.nix"
    write_everything(source)
    target = rewritten(source, tmp_path)
    before = dump(source, tmp_path)
    assert not isinstance(before, Raised)
    assert {type(one.value) for one in before} > {int, str, float, list, np.ndarray}
    found = differences(before, dump(target, tmp_path, "a"))
    assert not found, "\n".join(found)


def test_the_comparison_can_fail(tmp_path: Path) -> None:
    write(SOUND, tmp_path / "one.nix")
    shutil.copyfile(tmp_path / "one.nix", tmp_path / "two.nix")
    with nixio.File(str(tmp_path / "two.nix"), "a") as file:
        file.blocks[0].data_arrays["voltage"].dimensions[0].offset = 0.25
    before = dump(tmp_path / "one.nix", tmp_path)
    (told,) = differences(before, dump(tmp_path / "two.nix", tmp_path))
    assert told.endswith("offset: 0.25, it was 0.5")


# What nixio writes into it


def numeric(array: Any) -> bool:
    """Whether an array has numbers, and room for more."""
    if "data" not in array._h5group:
        return False
    return array.dtype.kind in "iuf" and bool(array.shape) and 0 not in array.shape[1:]


def edit(file: Any) -> dict[str, Any]:
    """Change what there is, and add what there is not; what must be read afterwards."""
    expected: dict[str, Any] = {}
    for section in list(file.sections)[:3]:
        section.definition = f"{section.name} is edited"
        expected[f"section {section.name}"] = section.definition
        for prop in list(section.props)[:3]:
            prop.definition = "edited"
            prop.values = [*prop.values, *list(prop.values)[:1]]
            expected[f"property {section.name}/{prop.name}"] = list(prop.values)
    for block in list(file.blocks)[:2]:
        block.definition, block.type = "edited", "edited.block"
        for array in [one for one in block.data_arrays if numeric(one)][:5]:
            array.unit, array.label, array.type = "mV", "edited", "edited.array"
            shape = array.shape
            array.append(np.ones((1, *shape[1:]), array.dtype))
            array.data_extent = (shape[0] + 2, *shape[1:])
            array[0] = np.full(shape[1:], 7, array.dtype)
            expected[f"array {block.name}/{array.name}"] = (shape[0] + 2, *shape[1:])
        for tag in list(block.tags)[:3]:
            tag.position = [*tag.position, 1.0]
            expected[f"tag {block.name}/{tag.name}"] = list(tag.position)
        made = block.create_data_array("new array", "new", data=np.arange(3.0))
        made.append_sampled_dimension(0.5, unit="ms")
        block.create_tag("new tag", "new", [0.5]).references.append(made)
    file.create_section("new section", "new").create_property("new", [1.5, 2.5]).unit = "mV"
    file.create_block("new block", "new")
    return expected


def check_edits(file: nx.File, expected: dict[str, Any]) -> None:
    """What `edit` wrote is what we read."""
    read: dict[str, Any] = {}
    for section in list(file.metadata)[:3]:
        if section.name != "new section":
            read[f"section {section.name}"] = section.definition
            for prop in list(section.properties)[:3]:
                assert prop.definition == "edited"
                read[f"property {section.name}/{prop.name}"] = prop.values
    for block in [one for one in file.blocks if one.name != "new block"][:2]:
        assert (block.definition, block.type) == ("edited", "edited.block")
        assert np.asarray(block.data_arrays["new array"]).tolist() == [0.0, 1.0, 2.0]
        tag = block.tags["new tag"]
        assert [one.name for one in tag.references] == ["new array"]
        for array in [one for one in block.data_arrays if one.type == "edited.array"]:
            assert (array.unit, array.label) == ("mV", "edited")
            values = np.asarray(array)
            assert (values[0] == 7).all()
            assert len(values) == 2 or (values[-2] == 1).all()
            read[f"array {block.name}/{array.name}"] = array.shape
        for tag in [one for one in block.tags if one.name != "new tag"][:3]:
            assert tag.position is not None
            read[f"tag {block.name}/{tag.name}"] = np.asarray(tag.position).tolist()
    assert read == expected
    assert file.metadata["new section"].properties["new"].values == [1.5, 2.5]
    assert "new block" in file.blocks.names()


@pytest.mark.parametrize("path", files("nix"))
def test_what_nixio_writes_into_a_rewritten_file_is_read(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.nix"
    run("convert", path, target, "--format-version", "1.2.1")
    with nixio.File(str(target), "a") as file:
        expected = edit(file)
    check_edits(nx.read(target), expected)


# neo


def neo_files() -> list[Any]:
    return [one for one in files("nix") if "neo" in str(one.values[0]) or one.values[0] is None]


def described(thing: Any) -> Any:
    """Everything that neo knows of a block and of what it holds, as plain values."""
    seen: dict[int, int] = {}

    def describe(one: Any) -> Any:
        if isinstance(one, neo.core.baseneo.BaseNeo) and id(one) in seen:
            return ("again", seen[id(one)])
        if isinstance(one, neo.core.baseneo.BaseNeo):
            seen[id(one)] = len(seen)
            names = [name for name, *_ in one._all_attrs if hasattr(one, name)]
            children = (*getattr(one, "_child_containers", ()), "_items", "array_annotations")
            return {
                "class": type(one).__name__,
                "annotations": describe(one.annotations),
                **({"values": values(one)} if isinstance(one, np.ndarray) else {}),
                **{name: describe(getattr(one, name)) for name in names if name != "signal"},
                **{name: describe(getattr(one, name)) for name in children if hasattr(one, name)},
            }
        if isinstance(one, np.ndarray):
            return values(one)
        if isinstance(one, dict):
            return {key: describe(value) for key, value in one.items()}
        if hasattr(one, "__iter__") and not isinstance(one, str | bytes):
            return [describe(item) for item in one]
        return one

    def values(array: Any) -> Any:
        units = str(array.dimensionality) if hasattr(array, "dimensionality") else None
        raw = np.asarray(array)
        return (raw.dtype.str, units, raw.shape, raw.tolist())

    return describe(thing)


def by_neo(path: Path, folder: Path) -> Any:
    copy = folder / "neo.nix"
    shutil.copyfile(path, copy)
    reader = neo.io.NixIO(str(copy), "ro")
    try:
        return repr([described(block) for block in reader.read_all_blocks()])
    finally:
        reader.close()


# neo's channel views index arrays in a way that numpy will refuse one day
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:neo.core.view")
@pytest.mark.parametrize("path", neo_files())
def test_neo_reads_a_rewritten_file_as_the_original(path: Path, tmp_path: Path) -> None:
    before = by_neo(path, tmp_path)
    assert before.count("'class'") > 0
    assert by_neo(rewritten(path, tmp_path), tmp_path) == before
