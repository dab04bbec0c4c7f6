"""What the routes of gift cards and washbooks answer."""

from __future__ import annotations

import pytest

from tests.sandbox.records import JOINED
from tests.sandbox.rig import DAY, TODAY, YESTERDAY, header_of, record_rig, refusal

CARDS = "/giftcard-liablilty"
BOOKS = "/washbook/account/list"
RANGE = {"startDate": YESTERDAY, "endDate": TODAY - 1}


def test_gift_cards_are_spelt_as_they_were_seen() -> None:
    cards = record_rig().get(CARDS, **RANGE)["giftcards"]
    assert cards[0] == {
        "siteCode": "MAIN",
        "completeDate": "2026-11-22 00:00:00",
        "number": "1000008",
        "value": 1249.0,
        "amountUsed": 16.05,
        "giftcardId": "71:1",
    }
    assert cards[1]["completeDate"] is None
    assert record_rig(lost_card_dates=False).get(CARDS, **RANGE)["giftcards"][1]["completeDate"] is not None
    assert record_rig(money="string").get(CARDS, **RANGE)["giftcards"][0]["value"] == "1,249.00"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["71:1", "72:2"]),
        ({"prepaidNumber": "1000006"}, ["72:2"]),
        ({"prepaidNumber": "nothing"}, []),
        ({"site": "NORTH"}, ["72:2"]),
    ],
)
def test_cards_have_filters(query: dict[str, object], found: list[str]) -> None:
    cards = record_rig().get(CARDS, **RANGE, **query)["giftcards"]
    assert [card["giftcardId"] for card in cards] == found


def test_cards_are_those_of_today_unless_asked_otherwise() -> None:
    assert record_rig().get(CARDS)["total"] == 0
    assert refusal(record_rig().ask("GET", CARDS, startDate=TODAY - 32 * DAY, endDate=TODAY))[0] == 422
    assert refusal(record_rig().ask("GET", CARDS, **RANGE, site="invalid"))[0] == 422
    assert refusal(record_rig().ask("GET", CARDS, header_of("MAIN"), **RANGE, site="NORTH"))[0] == 403


def test_washbooks_are_spelt_as_the_contract_spells_them() -> None:
    books = record_rig().get(BOOKS)["accounts"]
    assert books[0] == {
        "id": "61:1",
        "name": "Foam Wash Book of 5",
        "balance": "3",
        "signUpDate": "2026-10-14 00:00:00",
        "cancelDate": None,
        "billingSiteId": 1,
        "customerId": "41:1",
        "status": "Active",
    }
    assert (books[1]["balance"], books[1]["customerId"]) == ("999", None)
    assert record_rig(unlimited_as="900").get(BOOKS)["accounts"][1]["balance"] == "900"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["61:1", "62:2", "63:1"]),
        ({"accountStatus": "active"}, ["61:1", "62:2"]),
        ({"accountStatus": "inactive"}, ["63:1"]),
        ({"customerId": "41:1"}, ["61:1", "63:1"]),
        ({"itemId": "7009:2"}, ["62:2"]),
        ({"startDate": JOINED + 1}, []),
    ],
)
def test_books_have_filters(query: dict[str, object], found: list[str]) -> None:
    assert [book["id"] for book in record_rig().get(BOOKS, **query)["accounts"]] == found


@pytest.mark.parametrize(
    "query", [{"accountStatus": "Active"}, {"customerId": "41"}, {"itemId": "x"}, {"startDate": "2026-10-14"}]
)
def test_bad_filters_are_refused(query: dict[str, object]) -> None:
    assert refusal(record_rig().ask("GET", BOOKS, **query))[0] == 422


def test_books_older_than_six_months_may_be_out_of_reach() -> None:
    old = {"startDate": TODAY - 400 * DAY, "endDate": TODAY - 300 * DAY}
    assert record_rig().ask("GET", BOOKS, **old).status == 200
    assert refusal(record_rig(signup_history="six_months").ask("GET", BOOKS, **old))[0] == 422
    too_long = {"startDate": TODAY - 185 * DAY, "endDate": TODAY}
    assert refusal(record_rig().ask("GET", BOOKS, **too_long))[0] == 422


def test_the_detail_of_a_book() -> None:
    detail = record_rig().get("/washbook/account/61:1/detail")
    assert (detail["balance"], detail["status"], detail["customer"]["firstName"]) == (3, "Active", "Ann")
    assert detail["tags"] == [{"id": "9:1", "number": "98009", "enabled": True}]
    assert detail["recurringInfo"]["nextBillDate"] is None
    nobody = record_rig().get("/washbook/account/62:2/detail")["customer"]
    assert set(nobody.values()) == {None}


def test_the_detail_takes_a_recurring_account_too() -> None:
    detail = record_rig().get("/washbook/account/21:1/detail")
    assert (detail["balance"], detail["status"], detail["name"]) == (None, "Inactive", "Foam Unlimited")
    assert detail["recurringInfo"] == {
        "currentBillableAmount": 30.0,
        "nextBillDate": "2026-12-14",
        "lastBillDate": "2026-11-14",
        "isOnTrial": False,
        "remainingTrialPeriods": 0,
    }


@pytest.mark.parametrize(("id", "status"), [("1:1", 404), ("x", 422), ("71:1", 404)])
def test_other_ids(id: str, status: int) -> None:
    assert refusal(record_rig().ask("GET", f"/washbook/account/{id}/detail"))[0] == status


def test_the_header_s_site_has_its_own() -> None:
    north = header_of("NORTH")
    rig = record_rig()
    assert [book["id"] for book in rig.get(BOOKS, north)["accounts"]] == ["62:2"]
    assert [card["giftcardId"] for card in rig.get(CARDS, north, **RANGE)["giftcards"]] == ["72:2"]
    assert rig.ask("GET", "/washbook/account/61:1/detail", north).status == 404
    assert rig.ask("GET", "/washbook/account/21:1/detail", north).status == 404
