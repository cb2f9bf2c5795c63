"""What fixes change in the examples of the rules, as the objects judge tells it.

`tests/fixing/changes.yaml` has the changes of each invalid example that something can be mended in:
of the safe fixes, and of all fixes where these do more. Ids that are new are `<new>`.

python -m tests.fixing.record    writes the file anew, to be looked at
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from nixschema.mending.mend import Mended, mend
from nixschema.rules.rule import all_rules
from tests.patches import patched
from tests.plain import write
from tests.sound import SOUND
from tests.test_rules import EXAMPLES, Example, _with_ids
from tests.writing.allowances import NOTHING
from tests.writing.objects import differences

CHANGES = Path(__file__).with_name("changes.yaml")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""A random one; those of the sound file are made from names."""

_OWN: list[dict[str, Any]] = _with_ids(
    yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text("utf-8"))
)

MENDABLE = [
    *(
        one
        for one in EXAMPLES
        if one.finds and not one.refer and all("at" in patch for patch in one.patch)
    ),
    *(Example(**one) for one in _OWN),
]
"""Examples whose file is HDF5, and has something that a rule finds."""


def changes(before: Path, after: Path) -> list[str]:
    """In what a mended file differs, object by object."""
    known = before.read_bytes().decode("latin-1").lower().replace("-", "")
    told = differences(before, after, NOTHING)

    def name(found: re.Match[str]) -> str:
        return found[0] if found[0].replace("-", "") in known else "<new>"

    return sorted(_UUID.sub(name, one) for one in told)


def mended(path: Path, *, unsafe: bool) -> tuple[Mended, list[str]]:
    """Mend a file, and tell what has changed in it."""
    before = path.with_name("before.nix")
    if path.is_file():
        shutil.copyfile(path, before)
    done = mend(path, all_rules(), unsafe=unsafe)
    return done, changes(before, path) if done.is_changed else []


def record() -> dict[str, dict[str, list[str]]]:
    """The changes in all examples."""
    found: dict[str, dict[str, list[str]]] = {}
    with TemporaryDirectory() as folder:
        sound = Path(folder, "sound.nix")
        write(SOUND, sound)
        for example in MENDABLE:
            if told := _of_example(example, sound):
                found[str(example)] = told
    return found


def _of_example(example: Example, sound: Path) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for kind in ("safe", "unsafe"):
        path = sound.with_name("session.nix")
        path.unlink(missing_ok=True)
        shutil.copyfile(sound, path)
        with patched(path, example.patch):
            done, changed = mended(path, unsafe=kind == "unsafe")
        if done.is_changed and changed != told.get("safe"):
            told[kind] = changed
    return told


class _Wide(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    text = yaml.dump(record(), Dumper=_Wide, allow_unicode=True, width=200, sort_keys=True)
    CHANGES.write_text(text, encoding="utf-8")
