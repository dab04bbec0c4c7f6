"""Every kind of value: what is read, what gives None, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from sonnys_data_client.types import TenderType
from sonnys_data_client.types.values import (
    UNPARSABLE,
    escaped,
    read_count,
    read_day,
    read_flag,
    read_instant,
    read_loose_text,
    read_money,
    read_number,
    read_text,
    read_unknown,
    read_whole,
    read_words,
    write_instant,
)

READERS: list[Callable[[object], Any]] = [
    read_text,
    read_loose_text,
    read_words(TenderType),
    read_money,
    read_whole,
    read_count,
    read_number,
    read_flag,
    read_instant,
    read_day,
]
JSON_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**40, max_value=10**60)
    | st.floats()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.text(st.characters())  # lone surrogates included: JSON can spell them
    | st.from_regex(r"[-+]?[0-9]{1,4}[-:., eET0-9]{0,24}Z?", fullmatch=True)
)
NOON = datetime(2020, 5, 19, 12, tzinfo=UTC)


def refusal(read: Callable[[object], object], value: object) -> str:
    """Return the message with which `read` refuses the value."""
    with pytest.raises(PydanticCustomError) as caught:
        read(value)
    assert caught.value.type == UNPARSABLE
    return caught.value.message()


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("nothing", [None, "", " ", "\t\n", "\N{NO-BREAK SPACE}"])
def test_null_and_blanks_are_none(read: Callable[[object], object], nothing: str | None) -> None:
    assert read(nothing) is None


@given(value=JSON_SCALARS | st.lists(JSON_SCALARS, max_size=2) | st.dictionaries(st.text(), JSON_SCALARS))
def test_a_reader_returns_or_refuses_any_value(value: object) -> None:
    for read in READERS:
        try:
            read(value)
        except PydanticCustomError as error:
            assert error.type == UNPARSABLE  # noqa: PT017  (a refusal is one of two right answers)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Decimal("12.1"), "12.10"),
        (Decimal("12.10"), "12.10"),
        (Decimal("12.345"), "12.345"),
        (Decimal("12.3400"), "12.34"),
        (Decimal("-0.5"), "-0.50"),
        (Decimal("1E+3"), "1000.00"),
        (Decimal("99999999999999.99"), "99999999999999.99"),
        (Decimal("-99999999999999.99"), "-99999999999999.99"),
        (Decimal("99999999999999.9999"), "99999999999999.9999"),
        (12, "12.00"),
        (0, "0.00"),
        (10**14 - 1, "99999999999999.00"),
        (12.1, "12.10"),
        (0.1 + 0.2, "0.30000000000000004"),
        ("12.1", "12.10"),
        ("1,234.50", "1234.50"),
        ("-1,234,567.5", "-1234567.50"),
        (" 7 ", "7.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("1e3", "1000.00"),
        ("99999999999999.99", "99999999999999.99"),
    ],
)
def test_money_is_exact_and_to_the_cent(value: object, digits: str) -> None:
    assert str(read_money(value)) == digits


@pytest.mark.parametrize("fine", [Decimal("1.0005"), Decimal(f"0.{'1' * 50}"), Decimal("1E-999999")])
def test_money_that_cents_cannot_hold_stays_as_it_came(fine: Decimal) -> None:
    assert read_money(fine) is fine


TOO_LARGE = [10**14, -(10**14), Decimal("99999999999999.99995"), "1e14", 1e300, Decimal("1E+999999"), Decimal("1" * 50)]


@pytest.mark.parametrize("read", [read_money, read_number])
@pytest.mark.parametrize("huge", TOO_LARGE)
def test_an_amount_beyond_its_column_is_refused(read: Callable[[object], object], huge: object) -> None:
    assert refusal(read, huge) == "too large"


def test_a_zero_is_never_too_large() -> None:
    assert read_money(Decimal("0E+99")) == 0


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        "NaN",
        "Infinity",
        "1,23",
        "1234,567",
        "1_000",
        "$5",
        "12.1.1",
        ".",
        "-",
        "1e",
        "e5",
        "1e99999",
        "١٢",
        [],
        {},
        b"1",
    ],
)
def test_what_is_not_money_is_refused(value: object) -> None:
    assert refusal(read_money, value) == "not an amount of money"


def test_a_programs_own_decimal_context_changes_nothing() -> None:
    with localcontext(Context(prec=3, traps=[Inexact])):
        assert str(read_money("1,234,567.5")) == "1234567.50"
        assert read_whole("1234567.0") == 1234567
        assert read_instant(Decimal("1589889600.25")) == NOON + timedelta(milliseconds=250)


@given(cents=st.integers(min_value=1 - 10**16, max_value=10**16 - 1))
def test_an_amount_is_the_same_in_every_spelling(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert read_money(amount) == read_money(f"{amount:,.2f}") == read_money(f"{amount:.2f}") == amount
    assert str(read_money(amount.normalize())) == f"{amount:.2f}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("MAIN", "MAIN"),
        (" kept as is ", " kept as is "),
        (12, "12"),
        (Decimal("12.50"), "12.50"),
        (1.5, "1.5"),
        ("Zoë 🚗", "Zoë 🚗"),
    ],
)
def test_text_is_kept_and_a_number_gives_its_digits(value: object, text: str) -> None:
    assert read_text(value) == text


@pytest.mark.parametrize("value", [True, False, [], {}, b"x"])
def test_what_is_not_text_is_refused(value: object) -> None:
    assert refusal(read_text, value) == "not text"


def test_half_of_a_surrogate_pair_is_refused() -> None:
    assert refusal(read_text, "Zo\ud800") == "text that is not Unicode"
    assert read_loose_text("Zo\ud800") == '"Zo\\ud800"'


def test_a_number_too_long_to_write_is_refused() -> None:
    assert refusal(read_text, 10**5000) == "too many digits"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2025-01", "2025-01"),
        ("12/27", "12/27"),
        (1227, "1227"),
        (True, "true"),
        ({"month": 1}, '{"month": 1}'),
        ([Decimal("1.5")], '["1.5"]'),
        pytest.param(10**5000, None, id="5001 digits"),
    ],
)
def test_loose_text_is_never_refused(value: object, text: str | None) -> None:
    assert read_loose_text(value) == text


@pytest.mark.parametrize(
    ("value", "number"),
    [(12, 12), ("12", 12), ("1,234", 1234), (12.0, 12), (Decimal("12.0"), 12), (-3, -3), (2**63 - 1, 2**63 - 1)],
)
def test_whole_numbers_in_every_spelling(value: object, number: int) -> None:
    assert read_whole(value) == number
    assert type(read_whole(value)) is int


@pytest.mark.parametrize("value", [True, 1.5, "1.5", Decimal("NaN"), Decimal("1E+999999999"), "twelve", [1]])
def test_what_is_not_a_whole_number_is_refused(value: object) -> None:
    assert refusal(read_whole, value) == "not a whole number"


@pytest.mark.parametrize("huge", [2**63, -(2**63) - 1, "9223372036854775808", 1e19, 10**400])
def test_a_whole_number_beyond_its_column_is_refused(huge: object) -> None:
    assert refusal(read_whole, huge) == "too large"
    assert read_count(huge) == int(huge)  # type: ignore[call-overload]


@pytest.mark.parametrize("yes", [True, 1, "1", "true", "True", " YES ", "y"])
def test_every_spelling_of_yes(yes: object) -> None:
    assert read_flag(yes) is True


@pytest.mark.parametrize("no", [False, 0, "0", "false", "No", "n"])
def test_every_spelling_of_no(no: object) -> None:
    assert read_flag(no) is False


@pytest.mark.parametrize("value", [2, -1, "maybe", 0.5])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    assert refusal(read_flag, value) == "neither true nor false"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2018-05-19T05:32:32.000Z", datetime(2018, 5, 19, 5, 32, 32, tzinfo=UTC)),
        (" 2018-05-19T05:32:32.000Z ", datetime(2018, 5, 19, 5, 32, 32, tzinfo=UTC)),
        ("2018-05-19T05:32:32.125Z", datetime(2018, 5, 19, 5, 32, 32, 125_000, tzinfo=UTC)),
        ("2020-05-19 08:45:00", datetime(2020, 5, 19, 8, 45, tzinfo=UTC)),
        ("2020-05-19T08:45:00-05:00", datetime(2020, 5, 19, 13, 45, tzinfo=UTC)),
        ("2020-05-19T08:45:00+0000", datetime(2020, 5, 19, 8, 45, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1589889600, NOON),
        ("1589889600", NOON),
        ("20200519", datetime(1970, 8, 22, 19, 15, 19, tzinfo=UTC)),  # digits are seconds, not a day
        (1589889600.25, NOON + timedelta(milliseconds=250)),
        (Decimal("1589889600.000001"), NOON + timedelta(microseconds=1)),
        (datetime(2020, 5, 19, 7, tzinfo=timezone(timedelta(hours=-5))), NOON),
    ],
)
def test_an_instant_is_aware_and_in_utc(value: object, moment: datetime) -> None:
    read = read_instant(value)
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2020-05-19",
        "2020-13-01T00:00:00Z",
        "2020-05-19T25:00:00Z",
        "yesterday at some time",
        10**12,
        Decimal("1E+999999999"),
        float("nan"),
        True,
        date(2020, 5, 19),
        [],
    ],
)
def test_what_is_not_an_instant_is_refused(value: object) -> None:
    assert refusal(read_instant, value) == "not a date and time"


NO_DATE = [
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0000-00-00T00:00:00.000Z",
    "-0001-11-30",
    "-0001-11-30 00:00:00",
    "-0001-11-30T00:00:00.000Z",
    "-001-11-30T00:00:00+00:00",
    "0001-01-01",
    "0001-01-01 00:00:00",
    "0001-01-01T00:00:00",
    "0001-01-01T06:00:00.000Z",
    "0001-01-01T00:00:00+14:00",
    " null ",
    "NULL",
]


@pytest.mark.parametrize("read", [read_instant, read_day])
@pytest.mark.parametrize("value", NO_DATE)
def test_a_date_that_was_never_set_is_none(read: Callable[[object], object], value: str) -> None:
    assert read(value) is None


def test_the_second_that_net_counts_from_is_no_date() -> None:
    assert read_instant(-62_135_596_800) is None


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-02T00:00:00+01:00",
        "9999-12-31T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        253_402_300_799,
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_an_instant_that_some_zone_cannot_hold_is_refused(value: object) -> None:
    assert refusal(read_instant, value) == "at an end of the calendar"


@pytest.mark.parametrize("value", ["0001-01-02 00:00:00", "9999-12-30T23:59:59.999999Z"])
def test_the_first_and_last_instant_exist_in_every_zone(value: str) -> None:
    moment = read_instant(value)
    assert moment is not None
    for minutes in (1 - 24 * 60, 24 * 60 - 1):
        assert moment.astimezone(timezone(timedelta(minutes=minutes))) == moment


def test_a_datetime_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    assert refusal(read_instant, naive) == "a datetime without a time zone"


@given(moment=st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.year < 9999))
def test_a_written_instant_reads_back(moment: datetime) -> None:
    assert read_instant(write_instant(moment)) == moment


def test_an_instant_is_written_as_the_api_writes_it() -> None:
    assert write_instant(NOON) == "2020-05-19T12:00:00.000Z"
    assert write_instant(NOON + timedelta(microseconds=1)) == "2020-05-19T12:00:00.000001Z"


@pytest.mark.parametrize(
    "value", ["2020-05-19", " 2020-05-19 ", date(2020, 5, 19), "2020-05-19 00:00:00", "2020-05-19T00:00Z"]
)
def test_a_day_is_read_with_or_without_its_midnight(value: object) -> None:
    assert read_day(value) == date(2020, 5, 19)


@pytest.mark.parametrize("value", ["2020-05-19 08:45:00", "2020-05", "20200519", "soon", 20200519, True, NOON, [1]])
def test_what_is_not_a_day_is_refused(value: object) -> None:
    assert refusal(read_day, value) == "not a day"


def test_hours_keep_their_digits() -> None:
    assert str(read_number("1,005.4050")) == "1005.4050"
    assert str(read_number(5.4)) == "5.4"
    assert refusal(read_number, "five") == "not a number"


@pytest.mark.parametrize("value", [None, 1.5, "Zoë 🚗", [{"a": ["\x00"]}], {"é": Decimal("1.10")}, (1, "b")])
def test_the_value_of_an_unknown_field_stays_as_it_is(value: object) -> None:
    assert read_unknown(value) is value
    assert escaped(value) == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("value", ["\ud800", ["a", ["\udfff"]], {"a": {"\ud800": 1}}, {"a": ("\ud800",)}])
def test_text_that_is_not_unicode_is_found_at_any_depth_and_can_be_escaped(value: object) -> None:
    assert refusal(read_unknown, value) == "text that is not Unicode"
    assert json.dumps(escaped(value), ensure_ascii=False).encode()
    assert read_unknown(escaped(value)) == escaped(value)
