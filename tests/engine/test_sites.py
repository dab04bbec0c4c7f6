"""The site list: read once, and its zones and codes, however it is written."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine import sites
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.findings import Findings
from tests.engine.flows import NOON, play, served

POLICY = CallPolicy()
ROWS: list[Any] = [
    {"siteID": 1, "code": "MAIN", "timezone": "America/Chicago"},
    {"siteID": 2, "code": "NORTH", "timezone": None},
    {"siteID": 3, "code": "", "timezone": "America/Chicago"},
    {"siteID": 4, "code": None},
    {"siteID": 5, "code": "ODD", "timezone": "Mars/Olympus"},
    {"siteID": 6, "code": "PATH", "timezone": "../../etc/passwd"},
    {"siteID": 7, "code": "AREA", "timezone": "America"},
    "not a row",
    {"siteID": 8, "code": 8, "timezone": 8},
]


def test_the_list_is_read_once_unless_fresh_is_asked_for() -> None:
    findings = Findings()
    assert play(sites.read_sites(POLICY, findings), [served({"sites": ROWS})]).got() == ROWS
    again = play(sites.read_sites(POLICY, findings), [])
    assert (again.got(), again.sent) == (ROWS, [])
    fresh = play(sites.read_sites(POLICY, findings, fresh=True), [served({"sites": ROWS[:1]})])
    assert (fresh.result, findings.sites) == (ROWS[:1], ROWS[:1])


def test_a_list_that_is_too_old_is_read_again() -> None:
    findings = Findings(sites=ROWS, sites_at=NOON - 3600)
    assert play(sites.read_sites(POLICY, findings), []).sent == []
    assert play(sites.read_sites(POLICY, findings, age_s_max=3601), []).sent == []
    again = play(sites.read_sites(POLICY, findings, age_s_max=sites.SITES_CACHE_S), [served({"sites": ROWS[:1]})])
    assert (again.result, findings.sites_at) == (ROWS[:1], NOON)


EMPTY: list[Any] = [None, {}, {"sites": None}, {"sites": {}}, {"sites": []}]


@pytest.mark.parametrize("data", EMPTY)
def test_an_account_without_sites_is_asked_again(data: Any) -> None:
    findings = Findings()
    assert play(sites.read_sites(POLICY, findings), [served(data)]).result == []
    assert findings.sites is None


@pytest.mark.parametrize("data", [{"sites": "x"}, {"sites": {"a": 1}}, {"places": [{"code": "MAIN"}]}, "x"])
def test_another_shape_is_loud_and_not_remembered(data: Any) -> None:
    findings = Findings()
    run = play(sites.read_sites(POLICY, findings), [served(data)] * 3)
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error).startswith("GET /site/list: the reply is not what the API promises: a list `sites` was due.")
    assert findings.sites is None


CHICAGO = ZoneInfo("America/Chicago")


def test_a_list_with_fewer_sites_than_it_counts_is_asked_for_again_and_then_loud() -> None:
    short, whole = served({"sites": ROWS[:1], "total": 2}), served({"sites": ROWS[:2], "total": 2})
    assert play(sites.read_sites(POLICY, Findings()), [short, whole]).got() == ROWS[:2]
    run = play(sites.read_sites(POLICY, Findings()), [short] * 3)
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert "it counts 2 sites and has 1" in str(run.error)


def test_no_site_to_ask_for_is_loud_and_not_no_rows() -> None:
    run = play(sites.site_codes(POLICY, Findings()), [served({"sites": []})])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert "a site was due" in str(run.error)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("MAIN", CHICAGO),
        (" main ", CHICAGO),
        ("EAST", ZoneInfo("America/New_York")),
        ("NORTH", CHICAGO),
        ("ODD", CHICAGO),
        ("PATH", CHICAGO),
        ("NOWHERE", CHICAGO),
        ("", CHICAGO),
        (None, CHICAGO),
    ],
)
def test_the_zone_of_a_site_is_its_own_else_that_of_most_sites(code: str | None, zone: Any) -> None:
    rows = [*ROWS, {"code": "EAST ", "timezone": " est\t"}]
    zones = play(sites.site_zones(POLICY, Findings(sites=rows)), []).got()
    assert zones.zone(code) == zone
    assert zones.warnings(["odd", "main"]) == [
        "site 'ODD' has an unknown time zone, 'Mars/Olympus', so its days are those of America/Chicago"
    ]
    assert len(zones.warnings()) == 3


def test_where_no_site_names_a_zone_a_warning_says_that_it_is_utc() -> None:
    zones = sites.SiteZones.of([("MAIN", None), ("NORTH", ""), ("ODD", 5)])
    assert zones.zone("MAIN") is UTC
    assert zones.warnings([]) == ["no site names its time zone, so days are those of UTC"]


def test_codes_are_texts_each_once_and_the_empty_one_of_a_web_shop_comes_last() -> None:
    rows = [ROWS[2], *ROWS, ROWS[0]]
    run = play(sites.site_codes(POLICY, Findings(sites=rows)), [])
    assert run.got() == ["MAIN", "NORTH", "ODD", "PATH", "AREA", ""]


@pytest.mark.parametrize(("one", "other"), [("MAIN", " main\t"), ("", None), ("", "  "), ("STRASSE", "straße")])
def test_codes_are_compared_without_case_and_surrounding_space(one: str, other: str | None) -> None:
    assert sites.fold(one) == sites.fold(other)
    assert sites.fold(one) != sites.fold("M AIN")


def test_the_codes_on_a_list_are_those_that_somebody_may_type() -> None:
    assert sites.codes_listed(ROWS) == ["MAIN", "NORTH", "ODD", "PATH", "AREA"]
    assert sites.codes_listed(None) == []
