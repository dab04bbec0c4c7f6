"""The catalogue: all operations of the API, with their parameters and how to call them."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import AsyncSonnysClient, SonnysClient
from sonnys_data_client.client.catalog import catalog, find
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.types import Site, TransactionListItem, parse_rows
from tests.client.rig import client_rig
from tests.client.virtual import VirtualClient, play

DAY = "2026-11-22"

OPERATIONS = {
    "transactions": {"list", "list_by_type", "list_v2", "get"},
    "customers": {"list", "get"},
    "items": {"list"},
    "employees": {"list", "get", "clock_entries"},
    "giftcards": {"list"},
    "washbooks": {"list", "list_all", "get"},
    "recurring": {
        "list",
        "list_all",
        "get",
        "list_details",
        "list_all_details",
        "list_status_changes",
        "list_modifications",
    },
    "sites": {"list"},
    "sales_outcomes": {"list"},
}


def test_it_has_every_operation() -> None:
    found: dict[str, set[str]] = {}
    for entry in catalog():
        found.setdefault(entry.resource, set()).add(entry.name)
    assert found == OPERATIONS


def test_every_entry_is_a_method_and_so_is_its_stream() -> None:
    for client in (SonnysClient("id", "key"), AsyncSonnysClient("id", "key")):
        for entry in catalog():
            resource = getattr(client, entry.resource)
            assert callable(getattr(resource, entry.name))
            assert entry.gives_rows is (entry.streams is not None) is (entry.name != "get")
            for method in filter(None, (entry.streams, entry.paged)):
                assert callable(getattr(resource, method))


def test_every_docstring_names_every_parameter() -> None:
    for entry in catalog():
        for parameter in entry.parameters:
            watched = (
                f"`{parameter.name}`" in entry.doc or f"{parameter.name}:" in entry.doc or "As for `list`" in entry.doc
            )
            assert watched, (entry.resource, entry.name, parameter.name)
            assert parameter.help.endswith("."), parameter


def test_an_entry_says_what_it_takes() -> None:
    entry = find("transactions", "list_by_type")
    assert entry.summary == "List the transactions that have items of a type. Otherwise like `list`."
    kinds = {parameter.name: parameter.kind for parameter in entry.parameters}
    assert kinds == {
        "item_type": "choice",
        "startDate": "date",
        "endDate": "date",
        "limit": "whole",
        "offset": "whole",
        "site": "site",
        "region": "text",
    }
    (required,) = [parameter for parameter in entry.parameters if parameter.required]
    assert (required.name, required.choices[:2]) == ("item_type", ("wash", "prepaid-wash"))
    assert not any(parameter.required for parameter in find("employees", "clock_entries").parameters)


def test_an_entry_is_called_by_names() -> None:
    rig = client_rig()
    client = rig.client()
    assert find("sites", "list").call(client) == client.sites.list()
    assert find("transactions", "get").call(client, trans_id="7:1") == client.transactions.get("7:1")
    rows = list(find("transactions", "list_by_type").iter(client, item_type="wash", startDate=DAY, endDate=DAY))
    assert rows == client.transactions.list_by_type("wash", startDate=DAY, endDate=DAY)
    assert all(isinstance(row, TransactionListItem) for row in rows)
    pages = list(find("transactions", "list_by_type").pages(client, item_type="wash", startDate=DAY, endDate=DAY))
    assert [row for page in pages for row in page.rows] == rows
    raws = [raw for page in pages for raw in page.raw]
    assert parse_rows(TransactionListItem, raws, method="GET", path="/") == rows

    async def scenario(other: VirtualClient) -> None:
        assert [site.code for site in await find("sites", "list").call(other)] == ["MAIN", "NORTH"]
        sites = [row async for row in find("sites", "list").iter(other)]
        assert all(isinstance(row, Site) for row in sites)

    play(Sandbox(SandboxConfig(sites=2)), scenario)


WRONG: list[tuple[Any, str]] = [
    (
        lambda client: find("transactions", "get").call(client),
        "transactions.get needs trans_id: Transaction id.",
    ),
    (
        lambda client: find("transactions", "get").iter(client, trans_id="7:1"),
        "transactions.get gives one object: call it instead.",
    ),
    (
        lambda client: find("transactions", "get").pages(client, trans_id="7:1"),
        "transactions.get gives one object: call it instead.",
    ),
    (
        lambda client: find("sites", "list").iter(client, limit=5),
        "limit is not a parameter of this call, which takes none.",
    ),
    (lambda _: find("items", "get"), "items has no 'get': use one of list."),
    (
        lambda _: find("cars", "list"),
        (
            "There is no resource 'cars': use one of transactions, customers, items, employees, giftcards, washbooks, "
            "recurring, sites, sales_outcomes."
        ),
    ),
]


@pytest.mark.parametrize(("call", "sentence"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_wrong_gets_one_sentence(call: Any, sentence: str) -> None:
    rig = client_rig()
    with pytest.raises(ValidationError) as caught:
        call(rig.client())
    assert str(caught.value) == sentence
    assert rig.paths == []


def test_an_operation_is_checked_without_a_client() -> None:
    listed = find("transactions", "list")
    listed.check(startDate=DAY, endDate=DAY, site="MAIN", limit=100)
    for values in ({"limit": 0}, {"site": " "}, {"sites": "MAIN"}):
        with pytest.raises(ValidationError):
            listed.check(**values)
    with pytest.raises(ValidationError, match="needs trans_id"):
        find("transactions", "get").check()


def test_an_operation_says_what_a_missing_range_means_and_how_far_back_it_goes() -> None:
    entries = {(entry.resource, entry.name): entry for entry in catalog()}
    assert {(entry.unasked, entry.history) for key, entry in entries.items() if key[0] == "transactions"} == {
        ("today", True),
        ("", False),  # one transaction
    }
    assert entries["giftcards", "list"].unasked == entries["recurring", "list_status_changes"].unasked == "today"
    assert entries["washbooks", "list"].unasked.endswith(" to today, as the server chooses")
    assert [entries[key].unasked for key in (("recurring", "list_all"), ("customers", "list"), ("items", "list"))] == [
        *("", "", "")
    ]
