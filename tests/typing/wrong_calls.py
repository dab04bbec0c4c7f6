"""What an editor must refuse: every marked line, and no other. Type checkers check this file; it is never run.

Mypy complains about a mark that is not needed, so `make types` checks the list, too.
"""

from __future__ import annotations

from sonnys_data_client import AsyncSonnysClient, FileShelf, Progress, SonnysClient, ThrottleLimits


def names(client: SonnysClient) -> None:
    transactions = client.transactions
    transactions.list(start_date="2026-03-08")  # type: ignore[call-arg]
    transactions.list(startdate="2026-03-08")  # type: ignore[call-arg]
    transactions.list(status="Completed")  # type: ignore[call-arg]
    transactions.list_v2(hash="abc")  # type: ignore[call-arg]
    transactions.load_job(region="WEST")  # type: ignore[call-arg]
    transactions.load_job(limits=10)  # type: ignore[call-arg]
    transactions.load_job(offset="2")  # type: ignore[arg-type]
    transactions.load_job(pollInterval=1.0)  # type: ignore[call-arg]
    transactions.submit_job(timeout=60)  # type: ignore[call-arg]
    transactions.export("2026-03-08", "2026-03-09", site="MAIN")  # type: ignore[call-arg]
    transactions.export(startDate="2026-03-08", endDate="2026-03-09")  # type: ignore[call-arg]
    transactions.list_all()  # type: ignore[attr-defined]
    client.sites.list(limit=10)  # type: ignore[call-arg]
    client.request("PUT", "/site/list")  # type: ignore[arg-type]
    client.request("GET", "/site/list", {"site": ["A"]})  # type: ignore[dict-item]


def types(client: SonnysClient) -> None:
    transactions = client.transactions
    transactions.list(startDate=["2026-03-08"])  # type: ignore[arg-type]
    transactions.list(site=5)  # type: ignore[arg-type]
    transactions.list(limit="100")  # type: ignore[arg-type]
    transactions.list("2026-03-08")  # type: ignore[call-arg, arg-type]
    transactions.get(45678)  # type: ignore[arg-type]
    transactions.load_job(timeout="60")  # type: ignore[arg-type]
    transactions.load_job(progress=print)  # type: ignore[arg-type]
    transactions.export("2026-03-08")  # type: ignore[call-arg]
    transactions.export("2026-03-08", None)  # type: ignore[arg-type]
    transactions.export("2026-03-08", "2026-03-09", on_gap="ignore")  # type: ignore[arg-type]
    transactions.export("2026-03-08", "2026-03-09", shelf="jobs")  # type: ignore[arg-type]
    transactions.export("2026-03-08", "2026-03-09", shelf=FileShelf)  # type: ignore[arg-type]
    transactions.job("abc")  # type: ignore[arg-type]
    SonnysClient("id")  # type: ignore[call-arg]
    SonnysClient("id", "key", timeout="5")  # type: ignore[arg-type]
    SonnysClient("id", "key", throttle=20)  # type: ignore[arg-type]
    SonnysClient.from_env(api_key="key")  # type: ignore[call-arg]
    SonnysClient.from_profile(7)  # type: ignore[arg-type]
    SonnysClient.from_profile("acme", api_key="key")  # type: ignore[call-arg]
    ThrottleLimits(limits=20)  # type: ignore[call-arg]


def resources(client: SonnysClient) -> None:
    client.customers.list(first_name="Jane")  # type: ignore[call-arg]
    client.customers.list(status="gone")  # type: ignore[arg-type]
    client.customers.get(1)  # type: ignore[arg-type]
    client.customers.get()  # type: ignore[call-arg]
    client.items.list(departmentName="Recurring Plan")  # type: ignore[arg-type]
    client.items.iter(site="MAIN")  # type: ignore[call-arg]
    client.employees.clock_entries(limit=5)  # type: ignore[call-arg]
    client.giftcards.pages(region="WEST")  # type: ignore[call-arg]
    client.recurring.list(accountStatus="active")  # type: ignore[call-arg]
    client.recurring.iter_all(startDate="2026-03-08")  # type: ignore[call-arg]
    client.recurring.list_all(recurringAccountStatus=1)  # type: ignore[call-arg]
    client.recurring.list_modifications(sites=5)  # type: ignore[arg-type]
    client.transactions.list_by_type("hot-wax")  # type: ignore[arg-type]
    client.customers.iter()[0]  # type: ignore[index]
    for page in client.washbooks.pages():
        print(page.id)  # type: ignore[attr-defined]


async def streams(client: AsyncSonnysClient) -> None:
    for row in client.customers.iter():  # type: ignore[attr-defined]
        print(row)
    await client.customers.iter()  # type: ignore[misc]
    client.recurring.list_all()[0]  # type: ignore[index]


def results(client: SonnysClient) -> None:
    transactions = client.transactions
    for row in transactions.load_job():
        print(row.amount)  # type: ignore[attr-defined]
        row.total = 5  # type: ignore[misc, assignment]
    for site in client.sites.list():
        print(site.time_zone_name)  # type: ignore[attr-defined]
    print(transactions.submit_job().rows)  # type: ignore[attr-defined]
    transactions.export("2026-03-08", "2026-03-09").report()  # type: ignore[operator]
    print(Progress().pages)  # type: ignore[attr-defined]


async def colours(client: AsyncSonnysClient, other: SonnysClient) -> None:
    for row in client.transactions.export("2026-03-08", "2026-03-09"):  # type: ignore[attr-defined]
        print(row)
    for row in await client.transactions.export("2026-03-08", "2026-03-09"):  # type: ignore[misc]
        print(row)
    with client:  # type: ignore[attr-defined]
        pass
    async with other:  # type: ignore[attr-defined]
        pass
    await other.sites.list()  # type: ignore[misc]
    client.sites.list()[0]  # type: ignore[index]
