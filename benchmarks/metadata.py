"""What reading odML and making NIX of it takes, beside python-odml and nixodmlconverter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.running import CACHE, Runs, middle, number, row, seconds, spread, turned
from benchmarks.text import write

READ, CARRY = "odml", "carry"
MINE, LIBRARY, CONVERTER = "nixschema", "python-odml", "nixodmlconverter"
ROUNDS = 3
READ_SHARE, CARRY_SHARE = 1 / 3, 1 / 20
"""Targets: at most so much of the time of the others."""

SECTIONS, INSIDE = 1_374, 6
"""About as many sections and properties as a recording of a large experiment has."""
TREE = "tree of 8,244"
FLAT = 1_000, 10_000

PROPERTY = """\
<property><name>property_{0}</name><definition>What number {0} is about</definition>
<type>{1}</type>{2}<value>{3}</value></property>
"""
KINDS = (
    ("string", "", "one text"),
    ("string", "", '["one, text","another"]'),
    ("int", "", "[1,2,3]"),
    ("float", "<unit>mV</unit>", "0.25"),
    ("boolean", "", "True"),
    ("date", "", "2014-07-03"),
)


def flat(count: int) -> str:
    """One section with many properties."""
    return document(section(0, count))


def tree(sections: int) -> str:
    """Sections with few properties, ten of them in one."""
    inside = [section(one, INSIDE) for one in range(sections)]
    groups = [inside[one : one + 10] for one in range(0, sections, 10)]
    ended = "</section>\n"
    return document(
        "".join(first.removesuffix(ended) + "".join(others) + ended for first, *others in groups)
    )


def section(number: int, count: int) -> str:
    """A section with properties of each type in turn."""
    properties = "".join(PROPERTY.format(one, *KINDS[one % len(KINDS)]) for one in range(count))
    head = f"<name>section_{number}</name><type>setup/part</type>"
    return f"<section>{head}\n{properties}</section>\n"


def document(sections: str) -> str:
    """Sections as a document."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<odML version="1.1">\n{sections}</odML>\n'


class Metadata:
    """What it takes to read odML and to make NIX of it."""

    def __init__(self, runs: Runs, converter: str | None) -> None:
        """Prepare.

        Args:
            runs: takes what is measured.
            converter: an interpreter that nixodmlconverter is installed for, if there is one.
        """
        self.runs = runs
        self.others = [CONVERTER] if converter else []
        if converter:
            runs.interpreters[CONVERTER] = converter

    def measure(self, rounds: int | None) -> None:
        """Run everything."""
        CACHE.mkdir(exist_ok=True)
        small = CACHE / "small.odml"
        write(small, tree(20))
        carriers = [MINE, *self.others]
        self.runs.warm((READ,), (MINE, LIBRARY), small, small)
        self.runs.warm((CARRY,), carriers, small, small)
        for case in (TREE, *map(flat_case, FLAT)):
            given = CACHE / "metadata.odml"
            count = {flat_case(one): one for one in FLAT}.get(case)
            write(given, tree(SECTIONS) if count is None else flat(count))
            for turn in range(rounds or ROUNDS):
                for library in turned((MINE, LIBRARY) if count is None else (MINE,), turn):
                    self.runs.run(turn, READ, library, case, small, given)
                for library in turned(carriers if count is None else (MINE,), turn):
                    self.runs.run(turn, CARRY, library, case, small, given)
            given.unlink()
        small.unlink()

    def lines(self) -> Iterator[str]:
        """The figures as a table, the targets beside them."""
        yield "odML, CPU time of nixschema beside others"
        yield row("", "rounds", MINE, "other", "ratio", "range", "target")
        for job, what, other, target in (
            (READ, "read", LIBRARY, READ_SHARE),
            (CARRY, "make NIX", CONVERTER, CARRY_SHARE),
        ):
            ratios = self.ratios(job, other)
            yield row(
                f"{what}, {TREE}",
                str(len(ratios)),
                *(seconds(self.runs.middle("cpu", job, one, TREE)) for one in (MINE, other)),
                *(number(middle(ratios), 3), spread(ratios, 3), f"{target:.3f}"),
            )
        yield row("", "", *(f"{count:,} flat" for count in FLAT), "growth")
        for job, what in ((READ, "read"), (CARRY, "make NIX")):
            taken = [self.runs.middle("cpu", job, MINE, flat_case(count)) for count in FLAT]
            yield row(what, "", *map(seconds, taken), number(self.growth(job), 2))

    def ratios(self, job: str, other: str) -> list[float]:
        """Time of nixschema / that of another, for the tree."""
        return self.runs.ratios(job, TREE, (MINE, "cpu"), (other, "cpu"))

    def growth(self, job: str) -> float | None:
        """Time per property in a section with many / that with few; 1 where it is linear."""
        few, many = (self.runs.values("cpu", job, MINE, flat_case(count)) for count in FLAT)
        return middle(many[one] / few[one] * FLAT[0] / FLAT[1] for one in many if one in few)

    def document(self) -> dict[str, Any]:
        """The figures, for other programs."""
        return {
            "read_share": middle(self.ratios(READ, LIBRARY)),
            "carry_share": middle(self.ratios(CARRY, CONVERTER)),
            "growth": {job: self.growth(job) for job in (READ, CARRY)},
        }


def flat_case(count: int) -> str:
    """Name of the case of one section with so many properties."""
    return f"{count:,} in one section"
