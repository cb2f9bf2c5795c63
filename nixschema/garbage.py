"""Garbage collection, put off while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def many_objects() -> Iterator[None]:
    """Put garbage collection off while many objects are made that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():
                # Among the oldest objects at once: to look at them as new ones takes long.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
