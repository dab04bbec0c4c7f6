"""Time zones: by every name that is written, and from libraries whose zones give wrong local times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.errors import ValidationError
from sonnys_data_client.zones import at_its_zone, read_timezone, zone_named

pytz: Any = import_module("pytz")  # it has no types

CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("America/Chicago", CHICAGO),
        ("america/chicago", CHICAGO),
        (" America/Chicago \n", CHICAGO),
        ("America/New York", "America/New_York"),
        ("CST", CHICAGO),
        ("cdt", CHICAGO),
        ("Central", CHICAGO),
        ("Central Standard Time", CHICAGO),
        ("central daylight time", CHICAGO),
        ("EST", "America/New_York"),
        ("Eastern Time", "America/New_York"),
        ("MDT", "America/Denver"),
        ("PST", "America/Los_Angeles"),
        ("us/central", "US/Central"),
        ("MST", "MST"),
        ("utc", "UTC"),
    ],
)
def test_a_name_is_read_however_it_is_written(name: str, zone: str) -> None:
    assert zone_named(name) == ZoneInfo(zone)


@pytest.mark.parametrize("wrong", ["", " ", "Mars/Olympus", "America", "../../etc/passwd", "standard time", "\0"])
def test_what_names_no_zone(wrong: str) -> None:
    assert zone_named(wrong) is None


def test_a_zone_that_keeps_time_stays_as_it_is() -> None:
    for zone in (UTC, ZoneInfo(CHICAGO), timezone(timedelta(hours=-6)), pytz.utc, pytz.FixedOffset(-360)):
        assert read_timezone(zone) is zone
    assert read_timezone("CST") == ZoneInfo(CHICAGO)
    assert read_timezone(None) is None


@pytest.mark.parametrize("name", [CHICAGO, "America/New_York", "Europe/Berlin", "Asia/Tokyo"])
def test_a_zone_of_pytz_is_read_by_its_name(name: str) -> None:
    """Attached to a time it would mean the local mean time of the nineteenth century."""
    assert read_timezone(pytz.timezone(name)) == ZoneInfo(name)


class _Nameless(tzinfo):
    """A zone that gives another offset for wall times than for instants, and has no name."""

    def utcoffset(self, moment: datetime | None, /) -> timedelta:
        del moment
        return timedelta(hours=-6, minutes=9)

    def tzname(self, moment: datetime | None, /) -> str:
        del moment
        return "local"

    def dst(self, moment: datetime | None, /) -> timedelta:
        del moment
        return timedelta()

    def fromutc(self, moment: datetime, /) -> datetime:
        return moment - timedelta(hours=6)


class _Unknowing(_Nameless):
    """A zone that does not know its offset."""

    def fromutc(self, moment: datetime, /) -> datetime:
        raise ValueError("no offset")


@pytest.mark.parametrize("wrong", ["Chicago", "America", "../x", "", 5, _Nameless(), _Unknowing()])
def test_what_is_no_time_zone_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        read_timezone(wrong)
    assert str(caught.value) == (f"timezone={wrong!r} must be the IANA name of a time zone, such as 'America/Chicago'.")


def test_a_time_with_a_zone_of_pytz_attached_is_that_wall_time() -> None:
    zone = pytz.timezone(CHICAGO)
    attached = datetime(2026, 11, 20, 6, tzinfo=zone)
    assert at_its_zone(attached) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert attached != datetime(2026, 11, 20, 12, tzinfo=UTC), "or else this test shows nothing"


@pytest.mark.parametrize("is_dst", [True, False])
def test_a_localized_time_keeps_its_offset_even_in_the_hour_that_comes_twice(is_dst: bool) -> None:
    local = pytz.timezone(CHICAGO).localize(datetime.fromisoformat("2026-11-01T01:30"), is_dst=is_dst)
    assert at_its_zone(local) == datetime(2026, 11, 1, 6 if is_dst else 7, 30, tzinfo=UTC)


def test_every_other_time_stays_as_it_is() -> None:
    gap = datetime(2026, 3, 8, 2, 30, tzinfo=ZoneInfo(CHICAGO))
    for moment in (gap, gap.replace(tzinfo=None), gap.replace(tzinfo=_Nameless())):
        assert at_its_zone(moment) is moment
