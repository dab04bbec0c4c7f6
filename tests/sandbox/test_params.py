"""Checks of parameters: whatever breaks one gets a 422, and nothing else does."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any

import pytest

from sonnys_data_client.sandbox import ApiAccount, Quirks
from sonnys_data_client.sandbox.params import oldest_start
from tests.sandbox.rig import DAY, KEYS, NOW, SUBMIT, TODAY, YESTERDAY, SandboxRig, data, refusal

LISTS = ("/transaction", "/transaction/type/wash", "/transaction/version-2")
RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1}


def second(text: str) -> int:
    return calendar.timegm(datetime.fromisoformat(text).replace(tzinfo=UTC).timetuple())


def ask(rig: SandboxRig, path: str, **query: object) -> Any:
    return rig.ask("POST" if path == SUBMIT else "GET", path, **query)


@pytest.mark.parametrize("path", [*LISTS, SUBMIT])
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"startDate": "2026-11-22"}, ["startDate"]),
        ({"endDate": "now"}, ["endDate"]),
        ({"startDate": "-5"}, ["startDate"]),
        ({"startDate": "1e9"}, ["startDate"]),
        ({"startDate": ""}, ["startDate"]),
        ({"startDate": "\u0661\u0662"}, ["startDate"]),
        (
            {"startDate": second("2026-05-22T23:59:59"), "endDate": second("2026-05-23T12:00:00")},
            ["startDate"],
        ),
        ({"startDate": TODAY, "endDate": int(NOW) + 1}, ["endDate"]),
        ({"startDate": TODAY, "endDate": TODAY - 1}, ["startDate"]),
        ({**RANGE, "limit": 0}, ["limit"]),
        ({**RANGE, "limit": 101}, ["limit"]),
        ({**RANGE, "limit": "ten"}, ["limit"]),
        ({**RANGE, "limit": "10.5"}, ["limit"]),
        ({**RANGE, "offset": 0}, ["offset"]),
        ({**RANGE, "offset": -1}, ["offset"]),
        ({**RANGE, "site": "invalid"}, ["site"]),
        ({**RANGE, "site": "main"}, ["site"]),
        (
            {"startDate": "x", "endDate": "y", "limit": 0, "offset": 0},
            ["startDate", "endDate", "limit", "offset"],
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_name(path: str, query: dict[str, object], names: list[str]) -> None:
    status, type, messages = refusal(ask(SandboxRig(), path, **query))
    assert (status, type) == (422, "PayloadValidationError")
    assert [message.split()[0] for message in messages] == names


@pytest.mark.parametrize(
    "query",
    [
        RANGE,
        {"startDate": YESTERDAY, "endDate": YESTERDAY},
        {"startDate": int(NOW) - 5, "endDate": int(NOW)},
        {"startDate": second("2026-05-23T00:00:00"), "endDate": second("2026-05-23T12:00:00")},
        {**RANGE, "limit": 1, "offset": 10**9},
        {**RANGE, "limit": "0100"},
        {**RANGE, "site": "NORTH"},
        {**RANGE, "site": ""},
        {**RANGE, "colour": "blue"},
        {},
    ],
)
@pytest.mark.parametrize("path", [*LISTS, SUBMIT])
def test_a_value_that_is_allowed_is_served(path: str, query: dict[str, object]) -> None:
    assert ask(SandboxRig(), path, **query).status == 200


def test_a_job_holds_at_most_a_day_and_a_list_31_days() -> None:
    for path, longest in ((SUBMIT, DAY), ("/transaction", 31 * DAY), ("/transaction/version-2", 31 * DAY)):
        start = TODAY - 40 * DAY
        assert ask(SandboxRig(), path, startDate=start, endDate=start + longest).status == 200
        status, _, messages = refusal(ask(SandboxRig(), path, startDate=start, endDate=start + longest + 1))
        assert status == 422
        assert "longer than" in messages[0]


@pytest.mark.parametrize("region", ["invalid", "nowhere"])
@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_region_is_refused_unless_a_site_makes_it_moot(path: str, region: str) -> None:
    rig = SandboxRig()
    assert refusal(ask(rig, path, **RANGE, region=region))[2] == ["region is not the code of a region."]
    assert ask(rig, path, **RANGE, region=region, site="MAIN").status == 200


def test_a_region_selects_its_sites() -> None:
    rig = SandboxRig()
    assert rig.get("/transaction", **RANGE, region="UPPER")["total"] == 5
    assert rig.get("/transaction", **RANGE, region="UPPER", site="MAIN")["total"] == 231
    assert rig.get("/transaction", **RANGE)["total"] == 237


def test_an_unknown_item_type_is_refused_with_those_there_are() -> None:
    status, _, messages = refusal(SandboxRig().ask("GET", "/transaction/type/rocket"))
    assert status == 422
    assert "house-account" in messages[0]


@pytest.mark.parametrize("query", [{}, {"hash": ""}])
def test_a_hash_must_be_sent(query: dict[str, str]) -> None:
    assert refusal(SandboxRig().ask("GET", "/transaction/get-job-data", **query))[::2] == (
        422,
        ["hash is required."],
    )


def test_the_site_of_the_header_restricts_lists_jobs_and_sites() -> None:
    rig = SandboxRig()
    north = {**KEYS, "x-sonnys-site-code": "NORTH"}
    assert rig.get("/transaction", north, **RANGE)["total"] == 5
    assert rig.get("/transaction", north, **RANGE, site="NORTH")["total"] == 5
    assert [site["code"] for site in rig.get("/site/list", north)["sites"]] == ["NORTH"]
    hash = data(rig.ask("POST", SUBMIT, north, **RANGE))["hash"]
    assert hash == data(rig.ask("POST", SUBMIT, **RANGE, site="NORTH"))["hash"]
    assert rig.ask("GET", "/transaction/get-job-data", north, hash=hash).status == 200
    everything = rig.submit()
    assert rig.ask("GET", "/transaction/get-job-data", north, hash=everything).status == 404
    assert rig.ask("GET", "/transaction/1000:2", north).status == 200
    assert rig.ask("GET", "/transaction/1:1", north).status == 404


@pytest.mark.parametrize(
    ("code", "type"),
    [
        ("INVALID", "BadSiteCredentialsError"),
        ("north", "BadSiteCredentialsError"),
        ("ABC", "NotAuthorizedSiteCredentialsError"),
        ("DEF", "NotAuthorizedSiteArgsError"),
    ],
)
@pytest.mark.parametrize("path", [*LISTS, "/site/list", "/transaction/1:1"])
def test_a_bad_site_code_in_the_header_is_a_403_of_its_own_type(path: str, code: str, type: str) -> None:
    assert refusal(SandboxRig().ask("GET", path, {**KEYS, "x-sonnys-site-code": code}))[:2] == (403, type)


def test_header_and_query_must_name_the_same_site() -> None:
    main = {**KEYS, "x-sonnys-site-code": "MAIN"}
    reply = SandboxRig().ask("GET", "/transaction", main, **RANGE, site="NORTH")
    assert refusal(reply)[:2] == (403, "NotAuthorizedSiteArgsError")


def test_an_account_may_be_limited_to_some_sites() -> None:
    rig = SandboxRig(accounts=(ApiAccount("a", "1", sites=("NORTH", "")),))
    keys = {"x-sonnys-api-id": "a", "x-sonnys-api-key": "1"}
    assert [site["code"] for site in rig.get("/site/list", keys)["sites"]] == ["NORTH", ""]
    assert rig.get("/transaction", keys, **RANGE)["total"] == 6
    assert rig.get("/transaction", keys, **RANGE, region="CENTRAL")["total"] == 0
    reply = rig.ask("GET", "/transaction", keys, **RANGE, site="MAIN")
    assert refusal(reply)[:2] == (403, "NotAuthorizedSiteArgsError")
    reply = rig.ask("GET", "/site/list", {**keys, "x-sonnys-site-code": "MAIN"})
    assert refusal(reply)[:2] == (403, "NotAuthorizedSiteCredentialsError")


@pytest.mark.parametrize("path", [*LISTS, SUBMIT])
def test_a_site_can_be_required(path: str) -> None:
    rig = SandboxRig(quirks=Quirks(site_required=True))
    assert refusal(ask(rig, path, **RANGE))[::2] == (422, ["site is required."])
    assert ask(rig, path, **RANGE, site="MAIN").status == 200
    assert ask(rig, path, **RANGE, site="").status == 200
    method = "POST" if path == SUBMIT else "GET"
    assert rig.ask(method, path, {**KEYS, "x-sonnys-site-code": "MAIN"}, **RANGE).status == 200


def test_an_empty_site_is_the_web_shop_or_nothing_at_all() -> None:
    assert SandboxRig().get("/transaction", **RANGE, site="")["total"] == 1
    assert SandboxRig(quirks=Quirks(empty_site="ignored")).get("/transaction", **RANGE, site="")["total"] == 237
    required = SandboxRig(quirks=Quirks(empty_site="ignored", site_required=True))
    assert ask(required, "/transaction", **RANGE, site="").status == 422


def test_a_job_may_have_to_ask_for_a_hundred_rows() -> None:
    rig = SandboxRig(quirks=Quirks(job_limit="hundred"))
    assert refusal(ask(rig, SUBMIT, **RANGE, limit=99))[2] == ["limit must be 100."]
    assert ask(rig, SUBMIT, **RANGE, limit=100).status == 200
    assert ask(rig, "/transaction", **RANGE, limit=99).status == 200


@pytest.mark.parametrize(
    ("now", "oldest"),
    [
        ("2026-11-23T12:00:00", "2026-05-23"),
        ("2026-08-31T00:00:00", "2026-02-28"),
        ("2028-08-31T23:59:59", "2028-02-29"),
        ("2026-06-15T00:00:00", "2025-12-15"),
        ("2026-12-31T05:00:00", "2026-06-30"),
    ],
)
def test_six_months_are_calendar_months(now: str, oldest: str) -> None:
    assert oldest_start(second(now)) == second(oldest)
    assert oldest_start(second(now), exact=True) == second(oldest + now[10:])


def test_the_history_may_begin_at_this_time_of_the_day() -> None:
    query = {"startDate": second("2026-05-23T11:59:59"), "endDate": second("2026-05-23T13:00:00")}
    assert ask(SandboxRig(), SUBMIT, **query).status == 200
    assert ask(SandboxRig(quirks=Quirks(history_edge="instant")), SUBMIT, **query).status == 422
    query["startDate"] += 1
    assert ask(SandboxRig(quirks=Quirks(history_edge="instant")), SUBMIT, **query).status == 200
