"""What the customer routes answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.rig import header_of, record_rig, refusal

BOB_ROW = {
    "customerId": "42:2",
    "firstName": "Bob",
    "lastName": "Baker",
    "phoneNumber": "2145550142",
    "customerNumber": "000041",
    "isActive": False,
    "createdDate": "2026-10-14 00:00:00",
    "modifiedDate": "2026-11-22 00:00:00",
}


def ids(**query: object) -> list[str]:
    return [row["customerId"] for row in record_rig().get("/customer", **query)["customers"]]


def test_a_row_is_spelt_as_the_contract_spells_it() -> None:
    rows = record_rig().get("/customer")["customers"]
    assert rows[1] == BOB_ROW
    assert rows[0]["modifiedDate"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["41:1", "42:2"]),
        ({"firstName": "ann"}, ["41:1"]),
        ({"lastName": "Baker"}, ["42:2"]),
        ({"firstName": "Ann", "lastName": "Baker"}, []),
        ({"status": "active"}, ["41:1"]),
        ({"status": "inactive"}, ["42:2"]),
        ({"phoneNumber": "2145550142"}, ["42:2"]),
        ({"phoneNumber": "12145550142"}, ["42:2"]),
        ({"startDate": "2026-10-14"}, ["41:1", "42:2"]),
        ({"startDate": "2026-10-15"}, []),
        ({"endDate": "2026-11-21"}, ["41:1"]),
        ({"endDate": "2026-11-22"}, ["41:1", "42:2"]),
    ],
)
def test_filters(query: dict[str, object], found: list[str]) -> None:
    assert ids(**query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"status": "Active"},
        {"phoneNumber": "214"},
        {"phoneNumber": "214-555-0142"},
        {"startDate": "14.10.2026"},
        {"startDate": "1790000000"},
        {"endDate": "2026-02-30"},
        {"endDate": ""},
    ],
)
def test_bad_filters_are_refused_by_name(query: dict[str, object]) -> None:
    status, type, messages = refusal(record_rig().ask("GET", "/customer", **query))
    assert (status, type) == (422, "PayloadValidationError")
    assert next(iter(query)) in messages[0]


def test_a_detail_says_more() -> None:
    detail = record_rig().get("/customer/42:2")
    assert detail == {
        "id": "42:2",
        "number": "000041",
        "firstName": "Bob",
        "lastName": "Baker",
        "companyName": "Baker Taxis",
        "loyaltyNumber": "77",
        "address": {
            "address1": "1 Elm Street",
            "address2": None,
            "city": "Fairview",
            "state": "TX",
            "country": "US",
            "postalCode": "75000",
        },
        "phone": "2145550142",
        "email": None,
        "birthDate": "1980-02-29",
        "isActive": False,
        "allowSms": True,
        "recurringSmsSignupDate": "2026-10-14T00:00:00.000Z",
        "loyaltySmsSignupDate": "2026-10-14T00:00:00.000Z",
        "modifyDate": "2026-11-22T00:00:00.000Z",
    }


@pytest.mark.parametrize(("unset_as", "there"), [("null", {"companyName": None}), ("empty", {"companyName": ""})])
def test_nobody_s_company_has_three_spellings(unset_as: str, there: dict[str, Any]) -> None:
    detail = record_rig(unset_as=unset_as).get("/customer/41:1")
    assert there.items() <= detail.items()
    assert "companyName" not in record_rig(unset_as="absent").get("/customer/41:1")


@pytest.mark.parametrize(("id", "status"), [("999:999", 404), ("1", 422), ("a:b", 422), ("41:2", 404)])
def test_other_ids(id: str, status: int) -> None:
    assert refusal(record_rig().ask("GET", f"/customer/{id}"))[0] == status


def test_the_site_of_the_header_is_the_customers() -> None:
    north = header_of("NORTH")
    assert [row["customerId"] for row in record_rig().get("/customer", north)["customers"]] == ["42:2"]
    assert record_rig().ask("GET", "/customer/42:2", north).status == 200
    assert record_rig().ask("GET", "/customer/41:1", north).status == 404
