"""Every format of the sample, compared with what is kept in `golden/`."""

from __future__ import annotations

import pytest

from tests.reports.golden import FOLDER, reports

REPORTS = reports()


def test_the_kept_reports_are_those_of_the_formats() -> None:
    assert sorted(REPORTS) == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_is_as_it_was(name: str) -> None:
    assert (FOLDER / name).read_bytes() == REPORTS[name].encode()
