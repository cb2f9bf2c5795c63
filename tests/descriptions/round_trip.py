"""There and back: a NIX file becomes a description, that a NIX file, and both are compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import nixschema as nx
from nixschema.model.differences import differences as told_differences
from nixschema.storage.losses import Loss
from tests.writing import objects
from tests.writing.upgrading import is_old, upgrade_differences

Data = Literal["auto", "inline", "files", "none"]

NOT_CARRIED: dict[str, str] = {
    r": links are in the order": "in which order an entity has its parts in HDF5",
    r": has chunks of |: chunks are written in one": "chunks of lists, and of what the text has",
    r": has the filters ": "filters of the same",
    r": is filled with ": "fill values of the same",
    r": attribute 'units' is (new|missing)": "whether a frame without units has a list of them",
    r": link b'data_frames?' is new": "whether a group that nothing is in is there",
    r"^/: link b'(data|metadata)' is new": "the same of the two at the top",
    r"link b'metadata' leads to another object": "that a section in no group is the same again",
    r": attribute 'index' has the space": "whether one number is a list",
}
"""What descriptions do not carry, by how the comparison of HDF5 tells it, with the reason."""


def carried(told: list[str]) -> list[str]:
    """Differences but for those in what descriptions do not carry."""
    return [one for one in told if not any(re.search(form, one) for form in NOT_CARRIED)]


def convert(source: Path, target: Path, *, data: Data = "auto", plain: bool = False) -> list[Loss]:
    """Convert a file, whatever is wrong with it."""
    return nx.convert(source, target, data=data, plain=plain, allow_errors=True).losses


def lost(source: Path, target: Path, *, in_hdf5: bool = True) -> list[str]:
    """What a NIX file has lost that was made of the description of another."""
    before = source
    if is_old(source):
        before = target.with_name("upgraded.nix")
        nx.convert(source, before)
    strict = told_differences(nx.read(before), nx.read(target), strict=True)
    found = [f"{one.path}: {one.field}: {one.message}" for one in strict]
    if in_hdf5:
        compare = upgrade_differences if is_old(source) else objects.differences
        found += carried(compare(source, target))
    return found


def check(
    source: Path,
    folder: Path,
    *,
    suffix: str = ".yaml",
    data: Data = "auto",
    in_hdf5: bool = True,
) -> None:
    """Nothing is lost on the way, and further turns give the same text."""
    text, target = folder / f"text{suffix}", folder / "target.nix"
    lost_there = list(convert(source, text, data=data))
    assert lost_there == [], lost_there[:3]
    lost_back = list(convert(text, target))
    assert lost_back == [], lost_back[:3]
    found = lost(source, target, in_hdf5=in_hdf5)
    assert not found, "\n".join(found[:10])
    if data == "none":
        return
    again = folder / "again" / text.name
    if turned(target, again, data) != text.read_text("utf-8"):
        # Old files become new ones, and what was not written yet becomes zeros.
        convert(again, folder / "again.nix")
        third = turned(folder / "again.nix", folder / "third" / text.name, data)
        assert third == again.read_text("utf-8"), "the text changes each time"


def turned(source: Path, text: Path, data: Data) -> str:
    """The description of a file."""
    text.parent.mkdir()
    convert(source, text, data=data)
    return text.read_text("utf-8")
