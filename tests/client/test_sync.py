"""The sync client with a sandbox: results, costs, threads and time zones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import Progress, SonnysClient, ThrottleLimits
from sonnys_data_client.errors import (
    ConfigurationError,
    NotFoundError,
    PayloadValidationError,
    SonnysError,
    ValidationError,
)
from sonnys_data_client.sandbox import API_KEY, Faults, Quirks, SandboxConfig, Scripted
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.client.rig import ClientRig, client_rig
from tests.days import today
from tests.sandbox.rig import NOW, TODAY, YESTERDAY, small_world, wash, world_of
from tests.waiting import PATIENCE_S

DAY = "2026-11-22"
SUBMIT, POLL = "/transaction/load-job", "/transaction/get-job-data"
SPEED = 20.0


def truth(rig: ClientRig, start: int = YESTERDAY, stop: int = TODAY, site: str | None = None) -> list[str]:
    return [row.id for row in rig.sandbox.truth(start, stop, site)]


def methods(rig: ClientRig, path: str) -> list[str]:
    return [entry.method for entry in rig.sandbox.log if entry.path == path]


# -- lists and details --------------------------------------------------------------------------------------------


def test_the_sites() -> None:
    rig = client_rig()
    sites = rig.client().sites.list()
    assert [(site.site_id, site.code, site.timezone) for site in sites] == [
        (1, "MAIN", "America/Chicago"),
        (2, "NORTH", None),
        (3, None, "America/Chicago"),
    ]
    assert rig.paths == ["/site/list"]


def test_a_list_is_read_whole_in_the_servers_order() -> None:
    rig = client_rig()
    rows = rig.client().transactions.list(startDate=DAY, endDate=DAY)
    assert [row.trans_id for row in rows] == truth(rig)
    assert rows[0].total == Decimal("1500.75")
    assert rig.queries("/transaction")[0] == {
        "startDate": str(YESTERDAY),
        "endDate": str(TODAY),
        "limit": "100",
        "offset": "1",
    }
    assert len(rig.paths) == 3


def test_lists_by_type_and_with_customers() -> None:
    rig = client_rig()
    client = rig.client()
    washes = client.transactions.list_by_type("wash", startDate=DAY, endDate=DAY, site="NORTH")
    assert len(washes) == 5
    assert client.transactions.list_by_type("giftcard", startDate=DAY, endDate=DAY) == []
    rich = rig.client(timezone=None, at=NOW + 60).transactions.list_v2(
        startDate=DAY, endDate=DAY, site="main ", region="CENTRAL"
    )
    assert {row.transaction_status for row in rich} == {"Completed"}
    assert len(rich) == len(truth(rig, YESTERDAY + 6 * 3600, TODAY + 6 * 3600, "MAIN"))
    assert rig.queries("/transaction/version-2")[0]["region"] == "CENTRAL"


def test_one_page_of_a_list() -> None:
    rig = client_rig()
    page = rig.client().transactions.list(startDate=DAY, endDate=DAY, limit=50, offset=2)
    assert [row.trans_id for row in page] == truth(rig)[50:100]
    assert len(rig.paths) == 1


def test_the_edge_second_of_a_list_belongs_to_the_next() -> None:
    rig = client_rig(world=world_of([wash(1, YESTERDAY), wash(2, TODAY - 0.5), wash(3, TODAY), wash(4, TODAY + 1)]))
    rows = rig.client().transactions.list(startDate=DAY, endDate=DAY)
    assert [row.trans_number for row in rows] == [1, 2]


def test_a_list_of_a_range_that_has_not_begun_costs_nothing() -> None:
    rig = client_rig()
    assert rig.client().transactions.list(startDate=NOW, endDate=NOW) == []
    assert rig.paths == []


def test_one_transaction_in_full() -> None:
    rig = client_rig()
    row = rig.client().transactions.get("7:1")
    assert (row.id, row.number, row.location_code) == ("7:1", 7, "MAIN")
    assert [tender.amount for tender in row.tenders] == [Decimal("1501.00")]
    assert rig.paths == ["/transaction/7:1"]


def test_any_request_is_sent_as_every_other() -> None:
    at = client_rig(faults=Faults(script=(Scripted("error_500", path="/customer"),)))
    client = at.client(site_code="MAIN")
    reply = client.request("GET", "/customer", {"limit": 5, "lastName": None})
    assert reply["data"]["limit"] == 5
    assert at.paths == ["/customer", "/customer"]
    assert at.queries("/customer")[0] == {"limit": "5"}
    total = client.request("GET", "/transaction/7:1")["data"]["total"]
    assert total == Decimal("1500.75")
    assert type(total) is Decimal


def test_what_the_api_refuses_of_any_request_is_our_error() -> None:
    client = client_rig().client()
    with pytest.raises(NotFoundError):
        client.request("GET", "/no/such/thing")
    with pytest.raises(PayloadValidationError):
        client.request("GET", "/transaction", {"limit": "many"})


def test_a_key_of_the_client_s_own_is_never_sent_in_a_url() -> None:
    at = client_rig()
    with pytest.raises(ValidationError, match="holds an API key") as caught:
        at.client().request("GET", "/customer", {"lastName": API_KEY})
    assert API_KEY not in str(caught.value)
    assert at.paths == []


# -- a day by jobs ------------------------------------------------------------------------------------------------


def test_a_day_is_loaded_whole_each_row_once_oldest_first() -> None:
    rig = client_rig(quirks=Quirks(order="newest"))
    rows = rig.client().transactions.load_job(startDate=DAY, endDate=DAY)
    assert [row.id for row in rows] == truth(rig)
    assert rows == sorted(rows, key=lambda row: row.complete_date)
    assert sorted(query["offset"] for query in rig.queries(SUBMIT)) == ["1", "2", "3"]


def test_a_smaller_limit_makes_more_pages_of_the_same_rows() -> None:
    at = client_rig()
    rows = at.client().transactions.load_job(startDate=DAY, endDate=DAY, limit=60)
    assert [row.id for row in rows] == truth(at)
    assert {query["limit"] for query in at.queries(SUBMIT)} == {"60"}
    assert sorted(query["offset"] for query in at.queries(SUBMIT)) == ["1", "2", "3", "4"]


def test_one_page_of_a_day_is_that_page_alone_as_the_server_cut_it() -> None:
    at = client_rig(job_s=0)
    client = at.client()
    page = client.transactions.load_job(startDate=DAY, endDate=DAY, limit=50, offset=2)
    assert [row.id for row in page] == truth(at)[50:100]
    assert at.paths == [SUBMIT, POLL]
    assert client.transactions.load_job(startDate=DAY, endDate=DAY, offset=9) == []


def test_a_page_of_a_day_may_hold_rows_of_the_second_after_it() -> None:
    at = client_rig(world=world_of([wash(1, YESTERDAY), wash(2, TODAY - 1), wash(3, TODAY)]))
    rows = at.client().transactions.load_job(startDate=DAY, endDate=DAY, offset=1)
    assert [row.number for row in rows] == [1, 2, 3]


def test_a_day_without_rows_is_an_empty_list() -> None:
    rig = client_rig()
    assert rig.client().transactions.load_job(startDate="2026-10-01", endDate="2026-10-01") == []


def test_today_so_far_is_the_default() -> None:
    rig = client_rig(world=world_of([wash(1, TODAY), wash(2, NOW - 10), wash(3, NOW + 5)]))
    rows = rig.client().transactions.load_job()
    assert [row.number for row in rows] == [1, 2]
    assert rig.queries(SUBMIT)[0]["startDate"] == str(TODAY)
    assert int(rig.queries(SUBMIT)[0]["endDate"]) == pytest.approx(NOW - 5, abs=1)


@pytest.mark.parametrize("status", ["405", "404"])
def test_where_post_is_not_served_get_is_found_once_and_remembered(status: Any) -> None:
    rig = client_rig(quirks=Quirks(submit_method="get", wrong_submit=status))
    client = rig.client()
    assert len(client.transactions.load_job(startDate=DAY, endDate=DAY)) == 237
    client.transactions.submit_job(startDate=DAY, endDate=DAY)
    assert methods(rig, SUBMIT).count("POST") == 1


def test_a_server_that_wants_a_site_is_asked_site_by_site() -> None:
    rig = client_rig(quirks=Quirks(site_required=True))
    client = rig.client()
    assert [row.id for row in client.transactions.load_job(startDate=DAY, endDate=DAY)] == truth(rig)
    assert rig.paths.count("/site/list") == 1
    assert rig.sandbox.log[0].status == 422
    assert {query.get("site") for query in rig.queries(SUBMIT)[1:]} == {"MAIN", "NORTH", ""}
    asked = len(rig.paths)
    client.transactions.load_job(startDate="2026-11-21", endDate="2026-11-21")
    assert all("site" in dict(entry.query) for entry in rig.sandbox.log[asked:] if entry.path == SUBMIT)
    assert rig.paths.count("/site/list") == 1


def test_a_rival_costs_time_and_no_rows() -> None:
    rig = client_rig(faults=Faults(rival=15))
    client = rig.client(at=NOW + 7)
    assert [row.id for row in client.transactions.load_job(startDate=DAY, endDate=DAY)] == truth(rig)


def test_a_job_that_fails_once_is_submitted_again() -> None:
    rig = client_rig(faults=Faults(script=(Scripted("job_fail", times=2),)))
    assert len(rig.client().transactions.load_job(startDate=DAY, endDate=DAY)) == 237


def test_progress_is_counted() -> None:
    rig = client_rig()
    progress = Progress()
    rig.client().transactions.load_job(startDate=DAY, endDate=DAY, progress=progress)
    assert (progress.rows, progress.pages_done, progress.pages_known) == (237, 3, 3)
    assert (progress.windows, progress.windows_done, progress.in_flight, progress.refusals) == (1, 1, 0, 0)
    assert progress.requests == len(rig.paths)


# -- time zones ---------------------------------------------------------------------------------------------------

CHICAGO_DAY = str(int(datetime(2026, 11, 22, tzinfo=ZoneInfo("America/Chicago")).timestamp()))


@pytest.mark.parametrize(
    ("options", "params", "start", "asks_for_sites"),
    [
        ({}, {}, CHICAGO_DAY, True),
        ({}, {"site": "MAIN"}, CHICAGO_DAY, True),
        ({}, {"site": "NORTH"}, CHICAGO_DAY, True),  # which names no zone, so it is that of most sites
        ({"site_code": "MAIN"}, {}, CHICAGO_DAY, True),
        ({"timezone": "America/Chicago"}, {}, CHICAGO_DAY, False),
        ({"timezone": UTC}, {"site": "MAIN"}, str(YESTERDAY), True),  # for its code
    ],
)
def test_a_bare_date_is_the_sites_own_day_unless_told_otherwise(
    options: dict[str, Any], params: dict[str, Any], start: str, asks_for_sites: bool
) -> None:
    rig = client_rig()
    options.setdefault("timezone", None)
    job = rig.client(**options).transactions.submit_job(startDate=date(2026, 11, 22), endDate=DAY, **params)
    assert rig.queries(SUBMIT)[0]["startDate"] == start
    assert ("/site/list" in rig.paths) is asks_for_sites
    assert job.to_dict()["stop"] - job.to_dict()["start"] == 86_400


def test_the_site_list_is_asked_for_once_and_not_for_instants() -> None:
    rig = client_rig()
    client = rig.client(timezone=None)
    client.transactions.submit_job(startDate=YESTERDAY, endDate=YESTERDAY + 60)
    assert "/site/list" not in rig.paths
    for day in ("2026-11-20", "2026-11-21"):
        client.transactions.submit_job(startDate=day, endDate=day, site="MAIN")
    assert rig.paths.count("/site/list") == 1


def test_a_day_of_25_hours_is_loaded_whole() -> None:
    first = int(datetime(2026, 11, 1, tzinfo=ZoneInfo("America/Chicago")).timestamp())
    rig = client_rig(world=world_of([wash(n, first + n * 3600) for n in range(-2, 28)]))
    rows = rig.client(timezone=None).transactions.load_job(startDate="2026-11-01", endDate="2026-11-01", site="MAIN")
    assert [row.number for row in rows] == list(range(25))
    assert {query["startDate"] for query in rig.queries(SUBMIT)} == {str(first), str(first + 86_400)}


# -- two-phase jobs -----------------------------------------------------------------------------------------------


def test_the_raw_answer_about_a_job() -> None:
    rig = client_rig(job_s=60)
    client = rig.client()
    job = client.transactions.submit_job(startDate=DAY, endDate=DAY, limit=100)
    working = client.transactions.get_job_data(job.hash)
    assert (working.status, working.rows) == ("working", [])
    passed = rig.client(at=NOW + 90).transactions.get_job_data(job.hash)
    assert (passed.status, passed.total, passed.offset, len(passed.rows)) == ("pass", 237, 1, 100)


# -- over HTTP ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxConfig(job_s=2.0), world=small_world(), speed=SPEED) as running:
        yield running


LIMITS = ThrottleLimits(20, 15 / SPEED)


def test_fifty_threads_and_two_clients_share_one_window_and_are_never_refused(server: RunningSandbox) -> None:
    seen: list[object] = []
    server.sandbox.reset()

    def work(client: SonnysClient, number: int) -> None:
        try:
            seen.append(client.transactions.get(f"{number}:1").id)
            seen.append(len(client.sites.list()))
        except SonnysError as error:
            seen.append(error)

    with (
        SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=LIMITS) as one,
        SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=LIMITS) as other,
    ):
        threads = [
            threading.Thread(target=work, args=((one, other)[number % 2], number), daemon=True) for number in range(50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert sorted(seen, key=str) == sorted([*(f"{number}:1" for number in range(50)), *[3] * 50], key=str)
    assert {entry.status for entry in server.sandbox.log} == {200}
    assert sum(period.count for period in server.sandbox.periods()) == 100
    assert max(period.count for period in server.sandbox.periods()) <= 20


def test_a_day_over_http(server: RunningSandbox) -> None:
    start = (int(server.clock.now()) // 86_400 - 10) * 86_400
    with SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=LIMITS) as client:
        assert client.transactions.load_job(startDate=start, endDate=start + 86_399) == []
        job = client.transactions.submit_job(startDate=start, endDate=start + 86_399)
        assert job.result(poll_interval=0.05) == []


def test_a_client_from_the_environment(server: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_API_ID", server.api_id)
    monkeypatch.setenv("SONNYS_API_KEY", server.api_key)
    monkeypatch.setenv("SONNYS_SITE_CODE", "MAIN")
    monkeypatch.setenv("SONNYS_BASE_URL", server.base_url)
    with SonnysClient.from_env(throttle=LIMITS, timeout=PATIENCE_S) as client:
        assert [site.code for site in client.sites.list()] == ["MAIN"]
        assert server.api_key not in f"{client} {client!r} {client.transactions!r}"
    monkeypatch.delenv("SONNYS_API_KEY")
    with pytest.raises(ConfigurationError, match=r"^SONNYS_API_KEY must be set in the environment, but is not"):
        SonnysClient.from_env()


def test_a_closed_client_says_so_at_once(server: RunningSandbox) -> None:
    client = SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=LIMITS, timezone="UTC")
    yesterday = today() - timedelta(days=1)  # today may have begun this very second
    job = client.transactions.submit_job(startDate=yesterday, endDate=yesterday)
    client.close()
    client.close()
    for call in (client.sites.list, client.transactions.load_job, job.status, job.result):
        with pytest.raises(SonnysError) as raised:
            call()
        assert str(raised.value) == (
            "This client was closed: make a new one, or make the call before its `with` block ends."
        )
