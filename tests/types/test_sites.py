"""Sites: a number, and an optional code and time zone."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.errors import RowError
from sonnys_data_client.types import Site, parse_one
from tests.types.rows import WHERE

RAW = {"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"}


def test_a_site() -> None:
    site = parse_one(Site, RAW, **WHERE)
    assert site == Site(site_id=1, code="MAIN", name="Main Street", timezone="America/Chicago")
    assert site.to_api() == RAW


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_site_may_lack_code_and_zone(nothing: str | None) -> None:
    site = parse_one(Site, RAW | {"code": nothing, "timezone": nothing}, **WHERE)
    assert (site.code, site.timezone) == (None, None)


@pytest.mark.parametrize("number", [7, "7", 7.0])
def test_the_number_in_every_spelling(number: object) -> None:
    assert parse_one(Site, RAW | {"siteID": number}, **WHERE).site_id == 7


@pytest.mark.parametrize("raw", [{"code": "MAIN"}, {"siteID": None}, {"siteID": 1.5}, {"siteID": True}])
def test_a_site_without_its_number_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(RowError):
        parse_one(Site, raw, **WHERE)
