"""What scalars say, and what is told about those that do not say it."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nixschema.text import Scalar
from nixschema.text.scalars import (
    Reason,
    boolean_of,
    core_value,
    doubt_of,
    integer_of,
    missing_space,
    number_of,
    time_of,
)
from tests.text.trees import LOOKALIKES, same


def plain(text: str) -> Scalar:
    return Scalar(text, True)


def told(found: Any) -> str:
    assert isinstance(found, Reason)
    assert found.message.isprintable()
    return found.message if found.help is None else f"{found.message} | {found.help}"


NUMBERS: dict[str, int | float] = {
    "0": 0,
    "-0": 0,
    "+12": 12,
    "0x1f": 31,
    "0xFF": 255,
    "0o17": 15,
    "007": 7,
    "1.": 1.0,
    ".5": 0.5,
    "-.5": -0.5,
    "1e3": 1e3,
    "1E+3": 1e3,
    "1.5e-3": 1.5e-3,
    "12e03": 12e3,
    "-0.0": -0.0,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "+.Inf": math.inf,
    ".nan": math.nan,
    "1/4": 0.25,
    "-1/4": -0.25,
    "1 / 3": 1 / 3,
    "0.1/3": float(Fraction(1, 30)),
    "1e3/2": 500.0,
    "123456789012345678901234567890": 123456789012345678901234567890,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    assert same(number_of(plain(text)), NUMBERS[text])
    found = integer_of(plain(text))
    if isinstance(NUMBERS[text], int):
        assert found == NUMBERS[text]
    else:
        assert isinstance(found, Reason)


@given(st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_python(number: int | float) -> None:
    assert same(number_of(plain(repr(number))), number)
    assert same(core_value(plain(repr(number))), number)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**20))
def test_fractions_are_exact(above: int, below: int) -> None:
    assert number_of(plain(f"{above}/{below}")) == float(Fraction(above, below))
    assert core_value(plain(f"{above}/{below}")) == f"{above}/{below}"


@pytest.mark.parametrize("text", [".nan", ".inf", "-.inf", "1/4"])
def test_json_has_some_numbers_between_quotes(text: str) -> None:
    quoted = Scalar(text)
    assert same(number_of(quoted, json=True), number_of(plain(text)))
    assert isinstance(number_of(quoted), Reason)
    assert isinstance(number_of(Scalar("3"), json=True), Reason)


NO_NUMBERS = {
    "0,5": "`0,5`, expected a number | write the decimal comma as a point: `0.5`",
    "1,000": (
        "`1,000`, expected a number | "
        "write it without a comma: `1000`, or `1.000` if it is a decimal comma"
    ),
    "1,000,000.5": "`1,000,000.5`, expected a number | write it without commas: `1000000.5`",
    "1.234,5": (
        "`1.234,5`, expected a number | write it without dots, and with a decimal point: `1234.5`"
    ),
    "1_000": "`1_000`, expected a number | write it without separators: `1000`",
    "10 000": "`10 000`, expected a number | write it without separators: `10000`",
    "20 kHz": (
        "`20 kHz`, expected a number | "
        "write the number alone: `20`; its unit `kHz` has a field of its own"
    ),
    "0.5mV": (
        "`0.5mV`, expected a number | "
        "write the number alone: `0.5`; its unit `mV` has a field of its own"
    ),
    "5 %": "`5 %`, expected a number | write it without the percent sign",
    "NaN": "`NaN`, expected a number | write `.nan`",
    "inf": "`inf`, expected a number | write `.inf`",
    "-Infinity": "`-Infinity`, expected a number | write `-.inf`",
    "0b101": "`0b101`, expected a number | write it as `5`",
    "1/0": "`1/0` divides by zero, expected a number",
    "1e999": "`1e999` is too large for a number | write `.inf` for infinity",
    "1e9999999999/3": "`1e9999999999/3` is too large for a number | write `.inf` for infinity",
    "12:30": "`12:30`, expected a number",
    "1.2.1": "`1.2.1`, expected a number",
    "fast": "`fast`, expected a number",
    "true": "`true`, expected a number",
    "٣": "`٣`, expected a number",
    "": "nothing is there, expected a number",
    "~": "nothing is there, expected a number",
    "a`b": "`a'b`, expected a number",
    "9" * 500: "a text of 500 characters, expected a number",
}


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number(text: str) -> None:
    assert told(number_of(plain(text))) == NO_NUMBERS[text]


def test_quoted_numbers() -> None:
    assert told(number_of(Scalar("3"))) == (
        "the text `3`, expected a number | take the quotes away"
    )
    assert told(number_of(Scalar("x"))) == "the text `x`, expected a number"
    assert told(integer_of(Scalar("3"))) == (
        "the text `3`, expected a whole number | take the quotes away"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0", "`1.0`, expected a whole number | write `1`"),
        ("1e3", "`1e3`, expected a whole number | write `1000`"),
        ("1.5", "`1.5`, expected a whole number"),
        (".nan", "`.nan`, expected a whole number"),
        ("1_000", "`1_000`, expected a whole number | write it without separators: `1000`"),
    ],
)
def test_what_is_no_whole_number(text: str, expected: str) -> None:
    assert told(integer_of(plain(text))) == expected


def test_booleans() -> None:
    for text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        assert boolean_of(plain(text)) is (text.lower() == "true")
    expected = "expected `true` or `false`"
    assert told(boolean_of(plain("yes"))) == f"`yes`, {expected} | write `true`"
    assert told(boolean_of(plain("Off"))) == f"`Off`, {expected} | write `false`"
    assert told(boolean_of(plain("tRUE"))) == f"`tRUE`, {expected}"
    assert told(boolean_of(plain(""))) == f"nothing is there, {expected}"
    assert told(boolean_of(Scalar("true"))) == (
        f"`true` between quotes, {expected} | take the quotes away"
    )


def ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(f"- {text}")[0]


CORE = [
    *(text for text in LOOKALIKES if text[0].isalnum() or text[0] in "+-.~_"),
    *("1", "-1", "+1", "0x1F", "0o7", "1.5", "-.5", "1.", "1e3", "1E-3", "no", "True", "tRUE"),
]
OTHERWISE = {
    *("2020-01-01", "2021-03-04T12:00:00Z"),  # A timestamp is no part of the core.
    *("0b11", "1_000", "1__0", "_1", "0b", "0x", "0o"),  # ruamel keeps these of YAML 1.1.
    *("-", "---", "...", "x:", "--x", "~", "null", "Null"),
}


@pytest.mark.parametrize("text", sorted(set(CORE) - OTHERWISE))
def test_core_is_what_ruamel_reads(text: str) -> None:
    assert same(core_value(plain(text)), ruamel(text))
    assert core_value(Scalar(text)) == text


@pytest.mark.parametrize("text", sorted(OTHERWISE))
def test_core_has_no_more(text: str) -> None:
    assert core_value(plain(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("007", "`007` begins with a zero, and is read as the number 7"),
        ("-01", "`-01` begins with a zero, and is read as the number -1"),
        ("12e03", "`12e03` is read as the number 12000"),
        ("1e999", "`1e999` is read as a text"),
        ("1.5e999", "`1.5e999` is too large for a number, and is read as a text"),
        ("1" * 401, "a number of 401 digits is read as a text"),
    ],
)
def test_doubts(text: str, expected: str) -> None:
    found = told(doubt_of(plain(text)))
    assert found == f"{expected} | put a text between quotes, or say what it is by `dtype`"
    assert isinstance(core_value(plain(text)), str) is ("text" in expected)
    assert doubt_of(Scalar(text)) is None


@pytest.mark.parametrize(
    "text", ["0", "-0", "10", "1.5e3", "1e+3", "1e-3", "0x07", "0.5", "e3", ""]
)
def test_no_doubts(text: str) -> None:
    assert doubt_of(plain(text)) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_of_python(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert time_of(plain(whole.isoformat())) == whole
    assert time_of(Scalar(moment.isoformat().replace("+00:00", "Z"))) == whole
    assert time_of(plain(f"{whole:%Y%m%dT%H%M%S}".zfill(15))) == whole


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.integers(-23 * 60, 23 * 60),
    st.sampled_from(["T", " ", "t"]),
)
def test_times_with_offsets(moment: datetime, minutes: int, between: str) -> None:
    zone = timezone(timedelta(minutes=minutes))
    text = moment.replace(microsecond=0, tzinfo=zone).isoformat(between)
    found = time_of(plain(text))
    assert isinstance(found, datetime)
    assert found == datetime.fromisoformat(text)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2021-03-04 12:00:00",
            "`2021-03-04 12:00:00` has no zone | "
            "put `Z` behind it for UTC, or the offset: `+01:00`",
        ),
        (
            "2021-03-04",
            "`2021-03-04`, expected a time with date and zone | write it as `2021-03-04T12:00:00Z`",
        ),
        ("2021-02-30T12:00:00Z", "`2021-02-30T12:00:00Z` is no time that there is"),
        ("0001-01-01T00:00:00+10:00", "`0001-01-01T00:00:00+10:00` is no time that there is"),
        ("2021-03-04T12:00:00+99:00", "`2021-03-04T12:00:00+99:00` is no time that there is"),
        ("", "nothing is there, expected a time with date and zone | "),
    ],
)
def test_what_is_no_time(text: str, expected: str) -> None:
    assert told(time_of(plain(text))).startswith(expected)


def test_missing_space() -> None:
    assert missing_space(plain("unit:mV")) == "write a space after the colon: `unit: mV`"
    for text in ("http://x", "mV", "a: b", ":b", "a:"):
        assert missing_space(plain(text)) is None
    assert missing_space(Scalar("unit:mV")) is None


@given(st.text(st.characters(), max_size=30) | st.text("0123456789+-.,eExo_/: TZ%'", max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    for scalar in (Scalar(text), Scalar(text, True)):
        for read in (number_of, integer_of, boolean_of, time_of, doubt_of, core_value):
            found = read(scalar)
            if isinstance(found, Reason):
                told(found)


@pytest.mark.parametrize("unit", ["1", "1,", "1.", "0", "e1", "1/", " ", "1_", "+", "1:"])
def test_long_texts_take_no_time(unit: str) -> None:
    started = time.process_time()
    for length in (390, 1_000_000):
        scalar = plain((unit * length)[:length])
        for read in (number_of, integer_of, boolean_of, time_of, doubt_of, core_value):
            read(scalar)
    assert time.process_time() - started < 1
