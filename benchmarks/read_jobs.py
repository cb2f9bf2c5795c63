"""Reading and validating, by nixio and by nixschema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.jobs import Job, Told


def nixio_read() -> Job:
    """Open a file and get each property of each entity, but no data of arrays.

    What searches the whole file (``referring_objects`` and the like, parents) is left out.
    """
    import nixio

    def entity(one: Any, *more: str) -> int:
        for name in ("id", "name", "type", "definition", "created_at", "updated_at", *more):
            getattr(one, name)
        return 1

    def linked(one: Any, *containers: str) -> int:
        if (section := one.metadata) is not None:
            _ = section.id
        for container in containers:
            for member in getattr(one, container):
                _ = member.id
        return 1

    def dimension(one: Any) -> int:
        kind = one.dimension_type
        names = ["index", "label", "has_link"]
        if kind == nixio.DimensionType.Sample:
            names += ["sampling_interval", "offset", "unit"]
        elif kind == nixio.DimensionType.Range:
            names += ["ticks", "unit", "is_alias"]
        elif kind == nixio.DimensionType.Set:
            names += ["labels"]
        for name in names:
            getattr(one, name)
        return 1

    def array(one: Any) -> int:
        names = ("label", "unit", "expansion_origin", "polynom_coefficients", "shape", "dtype")
        entity(one, *names)
        return linked(one, "sources") + sum(map(dimension, one.dimensions))

    def tag(one: Any, *arrays: str) -> int:
        entity(one, "units")
        for name in arrays:
            if (target := getattr(one, name)) is not None:
                _ = target.id
        linked(one, "references", "sources")
        found = 1
        for feature in one.features:
            for name in ("id", "link_type", "created_at", "updated_at"):
                getattr(feature, name)
            _ = feature.data.id
            found += 1
        return found

    def source(one: Any) -> int:
        return entity(one) + 0 * linked(one) + sum(map(source, one.sources))

    def prop(one: Any) -> int:
        for name in ("id", "name", "definition", "unit", "uncertainty", "reference", "dependency"):
            getattr(one, name)
        for name in ("dependency_value", "value_origin", "odml_type", "values", "data_type"):
            getattr(one, name)
        return 1

    def section(one: Any) -> int:
        entity(one, "reference", "repository")
        if (other := one.link) is not None:
            _ = other.id
        return 1 + sum(map(prop, one.props)) + sum(map(section, one.sections))

    def block(one: Any) -> int:
        found = entity(one)
        linked(one)
        found += sum(map(array, one.data_arrays))
        for each in one.tags:
            _ = each.position, each.extent
            found += tag(each)
        for each in one.multi_tags:
            found += tag(each, "positions", "extents")
        for each in one.groups:
            found += entity(each)
            linked(each, "data_arrays", "data_frames", "tags", "multi_tags", "sources")
        return found + sum(map(source, one.sources))

    def read(path: str, _: str) -> Callable[[], Told]:
        with nixio.File.open(path, nixio.FileMode.ReadOnly) as file:
            for name in ("id", "format", "version", "created_at", "updated_at"):
                getattr(file, name)
            found = 1 + sum(map(block, file.blocks)) + sum(map(section, file.sections))
        return lambda: {"found": found}

    return read


def nixio_validate() -> Job:
    """Open a file and validate it."""
    import nixio

    def validate(path: str, _: str) -> Callable[[], Told]:
        with nixio.File.open(path, nixio.FileMode.ReadOnly) as file:
            errors = file.validate()["errors"]
            assert not errors, f"nixio finds errors: {errors}"
        return dict

    return validate


def nixschema_read() -> Job:
    """Read a file into models."""
    import nixschema

    def read(path: str, _: str) -> Callable[[], Told]:
        file = nixschema.read(path)
        return lambda: {"found": sum(1 for _ in file.walk())}

    return read


def nixschema_validate() -> Job:
    """Validate a file."""
    import nixschema

    def validate(path: str, _: str) -> Callable[[], Told]:
        nixschema.validate(path)
        return dict

    return validate
