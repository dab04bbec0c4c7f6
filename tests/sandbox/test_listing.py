"""How rows are cut into pages."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.sandbox import Faults, Quirks
from sonnys_data_client.sandbox.listing import page_of
from tests.sandbox.records import JOINED, RECORDS
from tests.sandbox.rig import TODAY, YESTERDAY, SandboxRig, refusal, small_world, world_of

RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1}
LISTS: dict[str, tuple[str, dict[str, object]]] = {
    "/transaction": ("transactions", {**RANGE}),
    "/customer": ("customers", {}),
    "/item": ("items", {}),
    "/giftcard-liablilty": ("giftcards", {**RANGE}),
    "/washbook/account/list": ("accounts", {}),
    "/recurring/account/list": ("accounts", {}),
    "/recurring/account/status-list": ("accounts", {"startDate": JOINED, "endDate": TODAY}),
    "/recurring/account/modifications": ("accounts", {}),
    "/recurring/account/details/list": ("accounts", {}),
    "/sales-outcome/list": ("sales", {"startDate": "2026-11-01"}),
}


def rig(**quirks: Any) -> SandboxRig:
    return SandboxRig(world_of(small_world().rows, records=RECORDS), quirks=Quirks(**quirks))


@pytest.mark.parametrize("path", LISTS)
def test_pages_are_numbered_and_end(path: str) -> None:
    key, query = LISTS[path]
    least = 100 if "status-list" in path else 1
    everything = rig().get(path, **query, limit=100)
    assert everything["total"] == len(everything[key]) or path == "/transaction"
    assert everything["total"] >= 2
    first, second = (rig().get(path, **query, limit=least, offset=n) for n in (1, 2))
    assert (first["offset"], second["offset"], first["limit"]) == (1, 2, least)
    assert [*first[key], *second[key]][:2] == everything[key][:2]
    beyond = rig().get(path, **query, limit=100, offset=99)
    assert (beyond[key], beyond["total"]) == ([], everything["total"])


@pytest.mark.parametrize("path", LISTS)
def test_totals_may_be_null_and_the_order_turned(path: str) -> None:
    key, query = LISTS[path]
    oldest, newest = (rig(order=order).get(path, **query, limit=100)[key] for order in ("oldest", "newest"))
    assert rig(totals="null").get(path, **query)["total"] is None
    if path not in {"/item", "/transaction"}:
        assert newest == oldest[::-1]
        assert len(oldest) > 1


@pytest.mark.parametrize("path", LISTS)
def test_a_bad_limit_is_refused(path: str) -> None:
    most = {"/sales-outcome/list": 500, "/recurring/account/status-list": 1000}.get(path, 100)
    query = LISTS[path][1]
    assert rig().ask("GET", path, **query, limit=most).status == 200
    assert rig().ask("GET", path, **query, limit=most + 1).status == 422
    assert rig().ask("GET", path, **query, limit=0).status == 422
    assert rig().ask("GET", path, **query, offset=0).status == 422
    assert (rig().ask("GET", path, **query, limit=99).status == 422) == ("status-list" in path)


def test_fewer_rows_may_be_granted() -> None:
    page = rig(granted_limit="fewer").get("/transaction", **RANGE, limit=100, offset=2)
    assert (page["limit"], page["offset"], len(page["transactions"]), page["total"]) == (25, 2, 25, 237)
    assert page["transactions"] == rig().get("/transaction", **RANGE, limit=25, offset=2)["transactions"]


def test_but_never_fewer_than_may_be_asked_for() -> None:
    page = rig(granted_limit="fewer").get("/recurring/account/status-list", startDate=JOINED, limit=1000)
    assert (page["limit"], len(page["accounts"])) == (100, 2)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_without_rows_may_be_not_found(path: str) -> None:
    empty = world_of([])
    query = LISTS[path][1]
    assert SandboxRig(empty).get(path, **query)["total"] == 0
    reply = SandboxRig(empty, quirks=Quirks(empty_list="404")).ask("GET", path, **query)
    assert refusal(reply)[:2] == (404, "EntityNotFoundError")
    beyond = rig(empty_list="404").get(path, **query, offset=99)
    assert beyond[LISTS[path][0]] == []


def test_the_first_page_may_come_again_and_again() -> None:
    pages = [rig(offset="ignored").get("/transaction", **RANGE, limit=100, offset=n) for n in (1, 2, 9)]
    assert [page["offset"] for page in pages] == [1, 2, 9]
    assert pages[0]["transactions"] == pages[1]["transactions"] == pages[2]["transactions"]


@pytest.mark.parametrize("path", LISTS)
def test_a_row_can_be_broken(path: str) -> None:
    key, query = LISTS[path]
    whole = rig().get(path, **query, limit=100)[key]
    broken = SandboxRig(world_of(small_world().rows, records=RECORDS), faults=Faults(bad_row=1))
    rows = broken.get(path, **query, limit=100)[key]
    assert sum(row != right for row, right in zip(rows, whole, strict=True)) == 1


def test_pages_of_rows() -> None:
    assert [list(page_of(range(5), n, 2)) for n in (1, 2, 3, 4)] == [[0, 1], [2, 3], [4], []]
