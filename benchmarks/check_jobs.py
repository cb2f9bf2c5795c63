"""Reading a file, and applying all rules to what was read."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told


def nixschema_check() -> Job:
    """Read a file into models, then apply the rules; the time of reading is told apart."""
    from nixschema.rules.rule import selected_rules
    from nixschema.rules.runner import Runner
    from nixschema.storage.files import kept_open
    from nixschema.storage.load import load, many_objects
    from nixschema.storage.reader import read_tree

    runner = Runner(selected_rules())

    def check(path: str, _: str) -> Callable[[], Told]:
        with kept_open(path), many_objects():
            start = process_time()
            tree = read_tree(path)
            file = load(tree)
            reading = process_time() - start
            findings = runner.check(file, tree)
        return lambda: {"models": reading, "found": len(findings)}

    return check
