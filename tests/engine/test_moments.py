"""One end of a range: every form that callers write, and what each means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from sonnys_data_client.engine.moments import hint_for, read_moment, told
from sonnys_data_client.errors import ValidationError

pytz: Any = import_module("pytz")  # it has no types
np: Any = import_module("numpy")
pd: Any = import_module("pandas")

DAY, SECOND = date(2026, 11, 27), datetime(2026, 11, 27, 10, tzinfo=UTC)
EPOCH = int(SECOND.timestamp())


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (DAY, DAY),
        ("2026-11-27", DAY),
        (" 20261127 ", DAY),
        (20261127, DAY),
        (20261127.0, DAY),
        (np.int64(20261127), DAY),
        (np.datetime64("2026-11-27"), DAY),
        (SECOND, SECOND),
        ("2026-11-27T10:00:00Z", SECOND),
        (EPOCH, SECOND),
        (float(EPOCH), SECOND),
        (str(EPOCH), SECOND),
        (f"{EPOCH}.0", SECOND),
        (np.int64(EPOCH), SECOND),
        (np.float32(EPOCH), datetime.fromtimestamp(float(np.float32(EPOCH)), UTC)),
        (Decimal(EPOCH), SECOND),
        (np.datetime64("2026-11-27T10:00:00", "ns"), SECOND.replace(tzinfo=None)),
        (pd.Timestamp("2026-11-27T10:00:00Z"), SECOND),
        (pd.Timestamp("2026-11-27T04:00:00", tz="America/Chicago"), SECOND),
        (datetime(2026, 11, 27, 4, tzinfo=pytz.timezone("America/Chicago")), SECOND),
    ],
)
def test_what_names_a_day_or_an_instant(value: Any, meant: date) -> None:
    found = read_moment("startDate", value)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "soon",
        "NaT",
        "2026",
        "202611",
        float("nan"),
        object(),
        [],
        pd.NaT,
        pd.NA,
        np.float64("nan"),
        np.datetime64("NaT"),
        b"1",
    ],
)
def test_what_names_nothing_gets_our_error(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"must be epoch seconds, an ISO 8601 text such as '2026-03-08'"):
        read_moment("startDate", value)


def test_a_number_that_is_too_large_is_in_milliseconds() -> None:
    values: list[Any] = [EPOCH * 1000, str(EPOCH * 1000), float("inf"), -(10**400)]
    for value in values:
        with pytest.raises(ValidationError, match=r"Milliseconds must be divided by 1,000\.$"):
            read_moment("endDate", value)


def test_a_bool_of_numpy_is_in_1970_which_every_range_refuses() -> None:
    assert read_moment("startDate", np.True_) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert read_moment("startDate", 20261399) < datetime(1971, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-W48", "2026w48"])
def test_a_week_is_not_its_monday(value: str) -> None:
    with pytest.raises(ValidationError, match=r" is a week\. Give its first and its last day\.$"):
        read_moment("startDate", value)
    assert read_moment("startDate", "2026-W48-5") == DAY


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("11/27/2026", "Write the year first: 2026-11-27."),
        ("27.11.2026", "Write the year first: 2026-11-27."),
        ("3-8-2026", "Write the year first: 2026-03-08."),
        ("2026/3/8", "Write the year first: 2026-03-08."),
        ("13/13/2026", ""),
        ("soon", ""),
    ],
)
def test_a_date_for_people_gets_a_hint(text: str, hint: str) -> None:
    assert hint_for(text) == hint
    with pytest.raises(ValidationError) as caught:
        read_moment("endDate", text)
    assert caught.value.remedy == hint


def test_an_error_shows_dates_as_text() -> None:
    assert [told(value) for value in (DAY, EPOCH, "x", None)] == ["2026-11-27", EPOCH, "x", None]
