"""Making files, by nixio and by nixschema. What is given is a number of arrays."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told


def nixio_create() -> Job:
    """Make a new file of the structure of `generate`."""
    from benchmarks import by_nixio

    return _nixio(by_nixio.wide)


def nixio_small() -> Job:
    """Make a new file of small arrays."""
    from benchmarks import by_nixio

    return _nixio(by_nixio.small)


def nixschema_create(check: Literal["none"] | None = "none") -> Job:
    """Make models of the structure of `generate`, and write them."""
    import nixschema
    from benchmarks import by_nixschema

    def create(arrays: str, target: str) -> Callable[[], Told]:
        start = process_time()
        file = by_nixschema.wide(int(arrays))
        models = process_time() - start
        nixschema.write(file, target, check=check)
        return lambda: {"models": models, "found": held(target)}

    return create


def nixschema_create_checked() -> Job:
    """The same, with the errors checked that keep a file from being written."""
    return nixschema_create(None)


def nixschema_small() -> Job:
    """Make models of small arrays, and write them."""
    import nixschema
    from benchmarks import by_nixschema

    def create(arrays: str, target: str) -> Callable[[], Told]:
        nixschema.write(by_nixschema.small(int(arrays)), target)
        return lambda: {"found": held(target)}

    return create


def _nixio(make: Callable[[str, int], None]) -> Job:
    def create(arrays: str, target: str) -> Callable[[], Told]:
        make(target, int(arrays))
        return lambda: {"found": held(target)}

    return create


def held(path: str) -> int:
    """How many attributes and links there are in a file."""
    import h5py
    from h5py import h5a, h5g, h5o

    with h5py.File(path) as file:
        counts = [h5a.get_num_attrs(file.id), len(file)]

        def count(name: bytes) -> None:
            thing = h5o.open(file.id, name)
            counts.append(h5a.get_num_attrs(thing))
            if isinstance(thing, h5g.GroupID):
                counts.append(thing.get_num_objs())

        h5o.visit(file.id, count)
    return sum(counts)
