"""What an editor knows: the type of every result. Type checkers check this file; it is never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_type

from sonnys_data_client import (
    PRODUCTION_URL,
    VENDOR_SANDBOX_URL,
    APIError,
    AsyncExport,
    AsyncJob,
    AsyncSonnysClient,
    Export,
    FileShelf,
    IncompleteExportError,
    Job,
    JobTimeoutError,
    Progress,
    RowError,
    SonnysClient,
    SonnysError,
    ThrottleLimits,
    ValidationError,
    __version__,
)
from sonnys_data_client.drivers.seams import Driver, Shelf, Throttle
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.endpoints.list_reader import ListPage
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.plan import Plan
from sonnys_data_client.resources.inbox import QuarantinedRow
from sonnys_data_client.testing import MemoryShelf, SimulatedClient, SimulatedDriver
from sonnys_data_client.throttles.process import ProcessThrottle
from sonnys_data_client.types import (
    ClockEntry,
    Customer,
    CustomerListItem,
    Employee,
    EmployeeListItem,
    Giftcard,
    Item,
    JobData,
    RecurringAccount,
    RecurringListItem,
    RecurringModified,
    RecurringStatus,
    SalesOutcome,
    Site,
    StatusChange,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
    Washbook,
    WashbookListItem,
)


def sync_calls(client: SonnysClient) -> None:
    day, moment = date(2026, 3, 8), datetime(2026, 3, 8, 12)  # noqa: DTZ001 - the client's zone is meant
    transactions = client.transactions
    assert_type(client.sites.list(), list[Site])
    assert_type(transactions.list(), list[TransactionListItem])
    assert_type(
        transactions.list(startDate=day, endDate=moment, site="A", region="B", limit=5, offset=2)[0].trans_id, str
    )
    assert_type(
        transactions.list_by_type("wash", startDate="2026-03-08", endDate=1_774_000_000), list[TransactionListItem]
    )
    assert_type(transactions.list_v2(site="A"), list[TransactionListItemV2])
    assert_type(transactions.get("1:1"), Transaction)
    assert_type(
        transactions.load_job(startDate=day, endDate=day, site="A", poll_interval=1, timeout=60, progress=Progress()),
        list[TransactionJobItem],
    )
    assert_type(transactions.load_job(startDate=day, endDate=day, limit=50, offset=2), list[TransactionJobItem])
    job = transactions.submit_job(startDate=day, endDate=day, site="A", limit=100, offset=1)
    assert_type(job, Job)
    assert_type(job.hash, str)
    assert_type(job.status(), str)
    assert_type(job.result(poll_interval=1.0, timeout=60), list[TransactionJobItem])
    assert_type(job.to_dict(), dict[str, Any])
    assert_type(transactions.job(job.to_dict()), Job)
    assert_type(transactions.get_job_data(job.hash), JobData)


def sync_resources(client: SonnysClient) -> None:
    day = date(2026, 3, 8)
    assert_type(client.customers.list(status="active", startDate=day, phoneNumber="2134567890"), list[CustomerListItem])
    assert_type(client.customers.get("1:1"), Customer)
    assert_type(client.items.list(departmentName="Wash"), list[Item])
    assert_type(client.employees.list(), list[EmployeeListItem])
    assert_type(client.employees.get(12), Employee)
    assert_type(client.employees.clock_entries(startDate=day, endDate=day, site="MAIN"), list[ClockEntry])
    assert_type(client.employees.clock_entries("12"), list[ClockEntry])
    assert_type(client.giftcards.list(site="MAIN", prepaidNumber="A1"), list[Giftcard])
    assert_type(client.washbooks.list(accountStatus="active", customerId="1:1"), list[WashbookListItem])
    assert_type(client.washbooks.list_all(since=day), list[WashbookListItem])
    assert_type(client.washbooks.get("1:1"), Washbook)
    assert_type(client.recurring.list(recurringAccountStatus=7, itemId="1:1", limit=10), list[RecurringListItem])
    assert_type(client.recurring.list(recurringAccountStatus=RecurringStatus.ACTIVE), list[RecurringListItem])
    assert_type(client.recurring.list_all(since=day, customerId="1:1"), list[RecurringListItem])
    assert_type(client.recurring.list_all_details(since=day), list[RecurringAccount])
    assert_type(client.recurring.get("1:1"), RecurringAccount)
    assert_type(client.recurring.list_details(startDate=day), list[RecurringAccount])
    assert_type(client.recurring.list_status_changes(recurringAccountStatus="Active"), list[StatusChange])
    assert_type(client.recurring.list_modifications(modifications="Tag Added", sites=["A"]), list[RecurringModified])
    assert_type(client.sales_outcomes.list(startDate=day, limit=500), list[SalesOutcome])


def sync_requests(client: SonnysClient) -> None:
    assert_type(client.request("GET", "/site/list"), dict[str, Any])
    counts: dict[str, int] = {"startDate": 1, "endDate": 2}
    assert_type(client.request("POST", "/transaction/load-job", counts), dict[str, Any])
    assert_type(client.request("GET", "/customer", params={"lastName": "Doe", "limit": 5}), dict[str, Any])


def sync_streams(client: SonnysClient) -> None:
    assert_type(client.customers.iter(status="inactive"), Iterator[CustomerListItem])
    assert_type(client.recurring.iter_all(since="2020-01-01"), Iterator[RecurringListItem])
    assert_type(client.transactions.iter_by_type("wash", site="A"), Iterator[TransactionListItem])
    for page in client.recurring.pages_status_changes(offset=2):
        assert_type(page, ListPage[StatusChange])
        assert_type(page.total, int | None)
        assert_type(page.rows[0].status_date, datetime)


async def async_resources(client: AsyncSonnysClient) -> None:
    assert_type(await client.customers.list(lastName="Doe"), list[CustomerListItem])
    assert_type(await client.customers.get("1:1"), Customer)
    assert_type(await client.employees.clock_entries(12, startDate="2026-03-08"), list[ClockEntry])
    assert_type(await client.washbooks.get("1:1"), Washbook)
    assert_type(await client.request("GET", "/site/list"), dict[str, Any])
    assert_type(client.recurring.iter_all(), AsyncIterator[RecurringListItem])
    async for row in client.items.iter():
        assert_type(row, Item)
    async for page in client.transactions.pages_v2():
        assert_type(page, ListPage[TransactionListItemV2])


def sync_exports(client: SonnysClient) -> None:
    with client.transactions.export(
        "2026-03-01", date(2026, 3, 31), sites=["A", "B"], on_gap="report", shelf=FileShelf("jobs"), max_in_flight=8
    ) as export:
        assert_type(export, Export)
        assert_type(export.plan(), Plan)
        for row in export:
            assert_type(row, TransactionJobItem)
            assert_type(row.total, Decimal)
            assert_type(row.complete_date, datetime)
    assert_type(export.report, Report)
    assert_type(export.report.complete, bool)
    assert_type(export.progress.seconds_left, float | None)
    assert_type(export.quarantine, list[QuarantinedRow])


async def async_calls(client: AsyncSonnysClient) -> None:
    day = date(2026, 3, 8)
    transactions = client.transactions
    assert_type(await client.sites.list(), list[Site])
    assert_type(await transactions.list(startDate=day, endDate=day), list[TransactionListItem])
    assert_type(await transactions.list_by_type("wash"), list[TransactionListItem])
    assert_type(await transactions.list_v2(site="A"), list[TransactionListItemV2])
    assert_type(await transactions.get("1:1"), Transaction)
    assert_type(await transactions.load_job(startDate=day, endDate=day), list[TransactionJobItem])
    assert_type(await transactions.load_job(startDate=day, endDate=day, limit=50, offset=2), list[TransactionJobItem])
    job = await transactions.submit_job(startDate=day, endDate=day)
    assert_type(job, AsyncJob)
    assert_type(await job.status(), str)
    assert_type(await job.result(), list[TransactionJobItem])
    assert_type(transactions.job(job.to_dict()), AsyncJob)
    assert_type(await transactions.get_job_data(job.hash), JobData)


async def async_exports() -> None:
    async with (
        AsyncSonnysClient.from_env(timeout=5) as client,
        client.transactions.export("2026-03-01", "2026-03-31", shelf=MemoryShelf()) as export,
    ):
        assert_type(client, AsyncSonnysClient)
        assert_type(export, AsyncExport)
        assert_type(await export.plan(), Plan)
        async for row in export:
            assert_type(row, TransactionJobItem)
    assert_type(export.report, Report)


def clients() -> None:
    with SonnysClient("id", "key", "MAIN", base_url=VENDOR_SANDBOX_URL, throttle=ThrottleLimits(10)) as client:
        assert_type(client, SonnysClient)
    assert_type(SonnysClient.from_env(throttle=ProcessThrottle(ThrottleLimits()), timezone="UTC"), SonnysClient)
    assert_type(SonnysClient.from_profile("acme", timeout=5), SonnysClient)
    assert_type(AsyncSonnysClient.from_profile(), AsyncSonnysClient)
    address: str = PRODUCTION_URL
    assert_type(__version__, str)
    del address


def errors(error: SonnysError) -> None:
    if isinstance(error, APIError):
        assert_type(error.status, int | None)
        assert_type(error.messages, tuple[str, ...])
    if isinstance(error, JobTimeoutError):
        assert_type(error.handle, dict[str, Any])
    if isinstance(error, RowError):
        assert_type(error.unparsed[0].reason, str)
    if isinstance(error, IncompleteExportError):
        assert_type(error.gaps, tuple[str, ...])
    if isinstance(error, ValidationError):
        raise error


def seams(simulated: SimulatedDriver, real: SyncDriver, client: SimulatedClient) -> None:
    drivers: list[Driver] = [simulated, real]
    shelves: list[Shelf] = [MemoryShelf(), FileShelf("jobs")]
    throttle: Throttle = ProcessThrottle(ThrottleLimits())
    as_any_other: SonnysClient = client
    del drivers, shelves, throttle, as_any_other
