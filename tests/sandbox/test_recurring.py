"""What the routes of recurring accounts answer."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.sandbox import ApiAccount
from sonnys_data_client.sandbox.world import ListedRecords
from tests.sandbox.records import JOINED, RECORDS
from tests.sandbox.rig import DAY, TODAY, YESTERDAY, SandboxRig, header_of, record_rig, refusal, world_of

LIST = "/recurring/account/list"
DETAILS = "/recurring/account/details/list"
CHANGES = "/recurring/account/status-list"
MODIFIED = "/recurring/account/modifications"
SINCE_JOINED = {"startDate": JOINED, "endDate": TODAY}


def ids(path: str, /, **query: object) -> list[str]:
    return [row["id"] for row in record_rig().get(path, **query)["accounts"]]


def test_a_row_is_spelt_as_the_contract_spells_it() -> None:
    rows = record_rig().get(LIST)["accounts"]
    assert rows[0] == {
        "id": "21:1",
        "name": "Foam Unlimited",
        "balance": None,
        "signUpDate": "2026-10-14 15:00:00",
        "cancelDate": None,
        "billingSiteId": 1,
        "customerId": "41:1",
        "status": 5,
        "statusName": "Suspended",
        "billingSiteCode": "MAIN",
    }
    assert (rows[1]["statusName"], rows[1]["cancelDate"]) == ("Cancelled", "2026-10-24 00:00:00")


def test_a_range_tells_the_status_at_its_end_or_now() -> None:
    early = {"startDate": JOINED, "endDate": JOINED + DAY}
    assert [row["statusName"] for row in record_rig().get(LIST, **early)["accounts"]] == ["Active", "Active"]
    assert ids(LIST, **early, recurringAccountStatus=1) == ["21:1", "25:2"]
    now = record_rig(status_as_of="now").get(LIST, **early)["accounts"]
    assert [row["statusName"] for row in now] == ["Suspended", "Cancelled"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["21:1", "25:2"]),
        ({"recurringAccountStatus": 7}, ["25:2"]),
        ({"recurringAccountStatus": 1}, []),
        ({"customerId": "41:1"}, ["21:1"]),
        ({"itemId": "2003:1"}, ["21:1", "25:2"]),
        ({"itemId": "2001:1"}, []),
        ({"startDate": JOINED + DAY}, []),
    ],
)
def test_filters(query: dict[str, object], found: list[str]) -> None:
    assert ids(LIST, **query) == found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LIST, {"recurringAccountStatus": 0}),
        (LIST, {"recurringAccountStatus": 16}),
        (LIST, {"recurringAccountStatus": "Active"}),
        (LIST, {"customerId": "x"}),
        (LIST, {"startDate": "2026-10-14"}),
        (LIST, {"startDate": TODAY - 185 * DAY}),
        (DETAILS, {"startDate": TODAY - 32 * DAY, "endDate": TODAY}),
        (CHANGES, {"limit": 10}),
        (CHANGES, {"startDate": TODAY, "endDate": TODAY - 1}),
        (MODIFIED, {"modifications": 10}),
        (MODIFIED, {"sites": "MAIN,nowhere"}),
        (MODIFIED, {"startDate": TODAY - 185 * DAY}),
    ],
)
def test_bad_values_are_refused(path: str, query: dict[str, object]) -> None:
    assert refusal(record_rig().ask("GET", path, **query))[:2] == (422, "PayloadValidationError")


def test_details_are_about_now_whatever_the_range() -> None:
    early = {"startDate": JOINED, "endDate": JOINED + DAY}
    assert ids(DETAILS, **early, recurringAccountStatus=5) == ["21:1"]
    assert ids(DETAILS, **early, recurringAccountStatus=1) == []


def test_the_default_range_is_served_though_it_is_longer_than_a_month() -> None:
    assert ids(DETAILS) == ["21:1", "25:2"]


def test_a_detail_says_all() -> None:
    detail = record_rig().get("/recurring/account/21:1/detail")
    assert detail == {
        "id": "21:1",
        "isOnTrial": False,
        "trialAmount": 9.95,
        "billingSiteCode": "MAIN",
        "creationSiteCode": "",
        "nextBillDate": "2026-12-14",
        "tags": [
            {"id": "1:1", "number": "98001", "enabled": True},
            {"id": "2:1", "number": "98002", "enabled": False},
        ],
        "vehicles": [{"id": "3:1", "plate": "NEW1"}],
        "lastBillDate": "2026-11-14",
        "billingAmount": 32.1,
        "isSuspended": True,
        "suspendedUntil": "2026-12-01",
        "currentRecurringStatusName": "Suspended",
        "planName": "Foam Unlimited",
        "customer": {"id": "41:1", "number": "000041", "firstName": "Ann", "lastName": "Able"},
        "recurringStatuses": [
            {"status": "Active", "date": "2026-10-14T15:00:00.000Z"},
            {"status": "Suspended", "date": "2026-11-22T00:00:00.000Z"},
        ],
        "recurringBillings": [
            {
                "amountCharged": 32.1,
                "date": "2026-11-14T00:00:00.000Z",
                "lastFourCC": "XXXXXXXXXXXX4242",
                "creditCardExpirationDate": "2029-01",
            }
        ],
        "additionalTagPrice": 0.0,
    }
    assert record_rig().get(DETAILS)["accounts"][0] == detail


def test_a_cancelled_account_is_spelt_with_one_l_in_its_detail_only() -> None:
    detail = record_rig().get("/recurring/account/25:2/detail")
    assert detail["currentRecurringStatusName"] == "Cancelled"
    assert [turn["status"] for turn in detail["recurringStatuses"]] == ["Active", "Canceled"]
    assert (detail["billingAmount"], detail["suspendedUntil"]) == (None, None)


@pytest.mark.parametrize(("id", "status"), [("1:1", 404), ("x", 422), ("61:1", 404)])
def test_other_ids(id: str, status: int) -> None:
    assert refusal(record_rig().ask("GET", f"/recurring/account/{id}/detail"))[0] == status


def test_changes_of_status_are_spelt_with_low_lines() -> None:
    rows = record_rig().get(CHANGES, startDate=JOINED, endDate=TODAY)["accounts"]
    assert rows[1] == {
        "washbook_account_id": "21:1",
        "recurring_id": "31:1",
        "old_status": "Active",
        "new_status": "Suspended",
        "status_date": "2026-11-22T00:00:00.000Z",
        "employee_name": "Kim Kline",
        "site_code": "MAIN",
    }
    assert len(rows) == 2
    only = record_rig().get(CHANGES, startDate=JOINED, endDate=TODAY, recurringAccountStatus=7)["accounts"]
    assert [row["new_status"] for row in only] == ["Cancelled"]
    assert record_rig().get(CHANGES)["total"] == 0


def test_changes_of_status_are_repeated_for_an_hour() -> None:
    world = world_of([], records=RECORDS)
    rig = SandboxRig(world)
    query = {"startDate": YESTERDAY, "endDate": int(rig.now)}
    first = rig.ask("GET", CHANGES, **query).body
    world.records = ListedRecords()
    rig.now += 3599
    assert rig.ask("GET", CHANGES, **query).body == first
    rig.now += 1
    assert rig.get(CHANGES, **query)["total"] == 0


def test_modifications_are_those_of_the_range() -> None:
    rows = record_rig().get(MODIFIED, startDate=YESTERDAY, endDate=TODAY)["accounts"]
    assert [row["id"] for row in rows] == ["21:1"]
    assert rows[0]["modifications"] == [
        {"name": "Account Status Changed", "date": "2026-11-22 00:00:00", "comment": "Active to Suspended"}
    ]
    assert rows[0]["planName"] == "Foam Unlimited"
    assert ids(MODIFIED, **SINCE_JOINED, modifications=1) == ["21:1"]
    assert ids(MODIFIED, **SINCE_JOINED, sites="NORTH") == ["25:2"]
    assert ids(MODIFIED, **SINCE_JOINED, sites="NORTH,MAIN") == ["21:1", "25:2"]


def test_or_those_of_accounts_that_were_sold_in_the_range() -> None:
    rig = record_rig(modified_range="joined")
    rows = rig.get(MODIFIED, startDate=JOINED, endDate=JOINED + DAY)["accounts"]
    assert [len(row["modifications"]) for row in rows] == [2, 1]
    assert rig.get(MODIFIED, startDate=YESTERDAY, endDate=TODAY)["accounts"] == []


def test_modifications_have_two_spellings() -> None:
    rows = record_rig(modification_keys="long").get(MODIFIED, **SINCE_JOINED)["accounts"]
    assert rows[0]["modifications"][0] == {
        "modificationType": "Tag Added",
        "modificationDate": "2026-10-15 00:00:00",
        "modificationComment": None,
    }


def test_unheard_of_states_come_with_numbers_of_their_own() -> None:
    rig = record_rig(unknown_enums=True)
    rows = rig.get(LIST)["accounts"]
    assert [(row["status"], row["statusName"]) for row in rows] == [(5, "Suspended"), (16, "On Holiday")]
    assert rig.get("/recurring/account/25:2/detail")["currentRecurringStatusName"] == "On Holiday"


@pytest.mark.parametrize("path", [LIST, DETAILS, CHANGES, MODIFIED])
def test_the_header_s_site_has_its_own(path: str) -> None:
    query: dict[str, Any] = {} if path in {LIST, DETAILS} else SINCE_JOINED
    rows = record_rig().get(path, header_of("NORTH"), **query)["accounts"]
    assert [row.get("id", row.get("washbook_account_id")) for row in rows] == ["25:2"]


def test_sites_of_the_query_must_be_the_accounts_own() -> None:
    account = ApiAccount("a", "1", sites=("NORTH",))
    rig = SandboxRig(world_of([], records=RECORDS), accounts=(account,))
    keys = {"x-sonnys-api-id": "a", "x-sonnys-api-key": "1"}
    assert refusal(rig.ask("GET", MODIFIED, keys, sites="MAIN"))[:2] == (403, "NotAuthorizedSiteArgsError")
    assert refusal(record_rig().ask("GET", MODIFIED, header_of("NORTH"), sites="MAIN"))[0] == 403
    assert rig.ask("GET", MODIFIED, keys, sites="NORTH").status == 200
