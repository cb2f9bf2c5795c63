"""Garbage collection, put off while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MOST_UNSEEN = 300_000
"""After so many objects that were not looked at, garbage among them is collected."""

_unseen = 0


@contextmanager
def many_objects() -> Iterator[None]:
    """Put garbage collection off while many objects are made that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            _keep()
            gc.enable()


def _keep() -> None:
    """Have new objects count as old at once: to look at them as new ones takes long.

    Python looks at old ones only after it has seen many new ones, so that is done here: what is
    read and dropped again and again would never be collected.
    """
    global _unseen
    if gc.get_freeze_count():
        return
    _unseen += gc.get_count()[0]
    if _unseen > MOST_UNSEEN:
        _unseen = 0
        gc.collect()
    else:
        gc.freeze()
        gc.unfreeze()
