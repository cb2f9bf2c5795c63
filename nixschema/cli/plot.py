"""``nixschema plot``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixschema.cli.exits import CONTENT, failures_told, refuse, writing_told
from nixschema.cli.naming import named
from nixschema.cli.options import outside_option

if TYPE_CHECKING:
    from nixschema.model.entity import Model

FIGURE_SUFFIXES = (".png", ".svg", ".pdf")
"""How names of figures end."""

MOST_PIXELS = 100_000_000
"""Most pixels of a figure."""

LONGEST_SIDE = 65_535
"""Most pixels along a side of a figure."""


@click.command()
@click.argument("path", metavar="FILE")
@click.argument("entity")
@click.option(
    "-o", "--output", "target", required=True, metavar="FIGURE",
    help="The image to write; its name ends in .png, .svg or .pdf.",
)  # fmt: skip
@click.option(
    "--size", metavar="WxH",
    help="Width and height in inches. By default 8x4.5, and higher for several arrays.",
)  # fmt: skip
@click.option(
    "--dpi", type=click.IntRange(10, 2400), default=150, show_default=True, metavar="N",
    help="Pixels to the inch.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the figure where it exists.")
@outside_option
def plot(
    path: str,
    entity: str,
    target: str,
    size: str | None,
    dpi: int,
    force: bool,
    allow_outside: bool,
) -> None:
    """Draw a data array, a data frame, or what a tag marks in the arrays it refers to.

    ENTITY is a path in the file (/data/session/data_arrays/lfp), a short path (session/lfp), or an
    id. Labels and units are the file's. Needs matplotlib: pip install 'nixschema[plot]'
    """
    suffix = os.path.splitext(target)[1].lower()
    if suffix not in FIGURE_SUFFIXES:
        endings = ", ".join(FIGURE_SUFFIXES)
        raise click.UsageError(f"{target} cannot be written: names of figures end in {endings}")
    inches = None if size is None else _inches(size, dpi)
    if os.path.lexists(target) and not force:
        refuse(f"{target} exists: replace it with --force")
    _, model = named(path, entity, allow_outside=allow_outside)
    with failures_told(path):
        image = _drawn(model, inches, dpi, suffix[1:])
        with writing_told():
            from nixschema.storage.replace import replacing

            with replacing(target) as stream:
                stream.write(image)


def _inches(size: str, dpi: int) -> tuple[float, float]:
    """Width and height from a text such as ``8x4.5``.

    Raises:
        UsageError: it is none, or out of range.
    """
    try:
        width, height = (float(one) for one in size.lower().split("x"))
    except ValueError:
        raise click.UsageError(f"--size is like 8x4.5, in inches, not {size}") from None
    if not (0.5 <= width <= 200 and 0.5 <= height <= 200):
        raise click.UsageError(f"--size is from 0.5 to 200 inches each way, not {size}")
    _check_pixels(width, height, dpi)
    return width, height


def _check_pixels(width: float, height: float, dpi: int) -> None:
    """Refuse a figure that is too large for memory, or for matplotlib."""
    if width * height * dpi * dpi > MOST_PIXELS or max(width, height) * dpi > LONGEST_SIDE:
        refuse(f"a figure of {width:g}x{height:g} inches at {dpi} dpi is too large")


def _drawn(model: Model, inches: tuple[float, float] | None, dpi: int, suffix: str) -> memoryview:
    """The image of an entity."""
    import io
    import warnings

    from nixschema.errors import MissingExtra, NixError
    from nixschema.extras import needed
    from nixschema.plotting import DRAWN, size_for
    from nixschema.plotting import plot as draw

    if not isinstance(model, DRAWN):
        kinds = "data arrays, data frames, tags and multi tags"
        click.echo(f"{model!r} cannot be drawn: {kinds} can", err=True)
        sys.exit(CONTENT)
    image = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Letters that the font lacks, and the like.
        try:
            figure = needed("matplotlib.figure", "plot").Figure(layout="constrained")
            panels = draw(model, figure=figure)
        except MissingExtra as error:
            refuse(str(error))
        except (NixError, ValueError) as error:
            click.echo(str(error), err=True)
            sys.exit(CONTENT)
        inches = inches or size_for(len(panels) if isinstance(panels, list) else 1)
        _check_pixels(*inches, dpi)
        figure.set_size_inches(inches)
        figure.savefig(image, format=suffix, dpi=dpi)
    return image.getbuffer()
